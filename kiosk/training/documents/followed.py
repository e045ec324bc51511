"""The full record: a patient followed for years, with a document of every kind and every state."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

from kiosk.training.documents import biology, cda, clinical, files, kinds
from kiosk.training.documents.authors import (
    CLAIR,
    DA_COSTA,
    GIRAUD,
    LEFEVRE,
    MARLOT,
    NOVAK,
    O_BRIEN,
    SERVAL,
    patient_himself,
)
from kiosk.training.documents.desk import Desk, day, drafted
from kiosk.training.documents.draft import Draft

NIR13 = "1551199999031"
_HIDDEN, _NOT_FOR_PATIENT, _NOT_FOR_GUARDIANS = (
    "MASQUE_PS",
    "INVISIBLE_PATIENT",
    "INVISIBLE_REPRESENTANTS_LEGAUX",
)
_REPORTS = 14
_CONSULTATIONS = (
    ("2023-02-06", "Suivi du diabète", "Bon état général. Pieds sans lésion. HbA1c à contrôler."),
    ("2023-06-12", "Renouvellement", "Tension 148/86. Marche 30 minutes par jour."),
    ("2023-10-09", "Suivi du diabète", "Fond d'œil demandé. Poids stable : 84 kg."),
    ("2024-02-05", "Toux fébrile", "Auscultation claire. Repos, contrôle si la fièvre dure."),
    ("2024-06-10", "Suivi du diabète", "Œdèmes discrets des chevilles le soir. Créatinine à surveiller."),
    ("2024-11-04", "Vaccination et suivi", "Grippe faite ce jour. Tension 142/84."),
    ("2025-03-03", "Suivi du diabète", "HbA1c en baisse. Même traitement."),
    ("2025-07-07", "Douleur du genou", "Gonarthrose droite. Pas d'anti-inflammatoire : rein fragile."),
)


def documents(desk: Desk) -> Iterator[Draft]:
    """Every document of the full record, a replaced one before the one that replaces it."""
    yield from _biology(desk)
    yield from _summaries(desk)
    yield from _vaccinations(desk)
    yield from _consultations(desk)
    yield from _treatments(desk)
    yield from _hospital(desk)
    yield from _pictures(desk)
    yield from _restricted(desk)
    yield from _from_the_patient(desk)


def _biology(desk: Desk) -> Iterator[Draft]:
    for number in range(_REPORTS):
        at = day("2022-03-14", 7) + timedelta(days=91 * number)
        yield desk.structured(
            f"biologie-{number}", f"Bilan sanguin du {at:%d/%m/%Y}", kinds.BIOLOGY, SERVAL, at + timedelta(hours=6),
            biology.sections(number, at, desk.patient.ins_c), kinds.LAB,
        )  # fmt: skip


def _summaries(desk: Desk) -> Iterator[Draft]:
    at = day("2024-06-10")
    old = desk.structured(
        "vsm-1", "Volet de synthèse médicale", kinds.SUMMARY, GIRAUD, at, clinical.summary(1), kinds.VSM
    )
    yield replace(old, status="deprecated")
    cover = replace(
        desk.cover("vsm-2", "Volet de synthèse médicale", kinds.SUMMARY, GIRAUD, day("2025-03-03")),
        version=2,
        replaces=old.unique_id,
    )
    new = drafted(cover, kinds.VSM, cda.structure(cover, clinical.summary(2)))
    yield replace(new, replaces=old.unique_id, comments="Ajout de la maladie rénale")


def _vaccinations(desk: Desk) -> Iterator[Draft]:
    yield desk.structured(
        "vaccins", "Historique des vaccinations", kinds.VACCINATIONS, GIRAUD, day("2025-01-20"),
        clinical.vaccinations(), kinds.IMMUNISATIONS,
    )  # fmt: skip
    for number, (date, author) in enumerate(
        (("2021-10-18", LEFEVRE), ("2022-10-24", DA_COSTA), ("2024-01-22", GIRAUD))
    ):
        at = day(date)
        yield desk.structured(
            f"vaccin-{number}", "Note de vaccination", kinds.VACCINATION, author, at,
            clinical.vaccination(number + 2, at), kinds.IMMUNISATIONS,
        )  # fmt: skip


def _consultations(desk: Desk) -> Iterator[Draft]:
    for number, (date, title, body) in enumerate(_CONSULTATIONS):
        form = ("text", "rtf", "pdf")[number % 3]
        yield desk.letter(
            f"consultation-{number}", f"Consultation : {title.lower()}", kinds.CONSULTATION, GIRAUD, day(date, 10),
            [body, "", "Prochain rendez-vous dans quatre mois."], form,
        )  # fmt: skip
    nurse = "Pansement du pied droit refait. Plaie propre, 8 mm sur 5. Glycémie capillaire : 1,42 g/L."
    for number in range(4):
        yield desk.letter(
            f"soins-{number}", "Suivi de soins infirmiers", kinds.NURSING, LEFEVRE,
            day("2025-05-05", 8) + timedelta(days=7 * number), [nurse],
        )  # fmt: skip


def _treatments(desk: Desk) -> Iterator[Draft]:
    lines = [
        "METFORMINE 1 000 mg : 1 comprimé matin et soir",
        "RAMIPRIL 5 mg : 1 comprimé le matin",
        "",
        "Pour 3 mois.",
    ]
    for number in range(6):
        at = day("2024-03-04", 11) + timedelta(days=91 * number)
        order = desk.letter(
            f"ordonnance-{number}", f"Ordonnance du {at:%d/%m/%Y}", kinds.PRESCRIPTION, GIRAUD, at, lines,
            "pdf" if number % 2 else "text",
        )  # fmt: skip
        analyses = desk.letter(
            f"analyses-{number}", "Prescription de biologie", kinds.LAB_ORDER, GIRAUD, at,
            ["HbA1c, créatinine, ionogramme, NFS. À jeun."],
        )  # fmt: skip
        yield replace(order, batch=f"lot-{number}")
        yield replace(analyses, batch=f"lot-{number}")
        yield desk.letter(
            f"dispensation-{number}", "Délivrance en pharmacie", kinds.DISPENSATION, DA_COSTA, at + timedelta(hours=5),
            ["METFORMINE 1 000 mg : 3 boîtes", "RAMIPRIL 5 mg : 3 boîtes (générique délivré)"],
        )  # fmt: skip
    yield desk.letter(
        "bilan-officine", "Bilan partagé de médication", kinds.MEDICATION_REVIEW, DA_COSTA, day("2025-04-15"),
        ["Observance bonne. Prise du soir oubliée deux fois par semaine : pilulier proposé."], "pdf",
    )  # fmt: skip
    yield desk.letter(
        "protocole", "Protocole de soins ALD 8", kinds.CARE_PLAN, GIRAUD, day("2022-05-02"),
        ["Diabète de type 2. Suivi annuel : fond d'œil, cardiologue, néphrologue."], "pdf",
    )  # fmt: skip
    yield desk.structured(
        "remboursements", "Données de remboursement", kinds.REIMBURSEMENTS, GIRAUD, day("2025-09-12"),
        clinical.reimbursements(), kinds.TEXT,
    )  # fmt: skip


def _hospital(desk: Desk) -> Iterator[Draft]:
    stay = [
        "Hospitalisé du 18 au 24 août 2025 pour une pneumopathie aiguë.",
        "",
        "À l'arrivée : 39,2 °C, saturation 91 % en air ambiant, CRP 164 mg/L.",
        "Amoxicilline contre-indiquée (allergie) : lévofloxacine sept jours.",
        "Évolution favorable, apyrexie au troisième jour.",
        "",
        "À la sortie : même traitement qu'à l'entrée.",
        "À faire : radiographie de contrôle à six semaines, créatinine à quinze jours.",
    ]
    at = day("2025-08-24", 15)
    head = files.letterhead(desk.patient, O_BRIEN.structure_name, f"{at:%d/%m/%Y}")
    title = "Lettre de liaison : pneumopathie"
    yield desk.file(
        "sortie", title, kinds.DISCHARGE, O_BRIEN, at, "application/pdf", files.pdf_a(title, [*head, *stay])
    )
    yield desk.letter(
        "urgences",
        "Passage aux urgences du 18/08/2025",
        kinds.EMERGENCY,
        O_BRIEN,
        day("2025-08-18", 21),
        stay[2:4],
        "pdf",
    )
    yield desk.letter(
        "operation", "Compte rendu opératoire : pose d'un stent", kinds.SURGERY, NOVAK, day("2020-11-03", 14),
        ["Voie radiale droite, un stent actif. Suites simples."] * 60, "pdf",
    )  # fmt: skip
    yield desk.letter(
        "coeur", "Échographie cardiaque", kinds.IMAGING, NOVAK, day("2024-12-02", 14),
        ["Fraction d'éjection 52 %. Pas de valvulopathie."], "rtf",
    )  # fmt: skip
    yield desk.letter(
        "radio", "Radiographie du thorax", kinds.IMAGING, CLAIR, day("2025-08-18", 22),
        ["Foyer systématisé de la base droite. Pas d'épanchement."], "pdf",
    )  # fmt: skip


def _pictures(desk: Desk) -> Iterator[Draft]:
    yield desk.file(
        "plaie", "Photographie de la plaie du pied", kinds.PICTURE, LEFEVRE, day("2025-05-05", 9), "image/jpeg",
        files.jpeg("pied droit, 05/05/2025, echelle 1 cm"),
    )  # fmt: skip
    hidden = desk.file(
        "lesion", "Photographie d'une lésion cutanée", kinds.PICTURE, NOVAK, day("2025-02-11"), "image/jpeg",
        files.jpeg("thorax, 11/02/2025"),
    )  # fmt: skip
    yield replace(hidden, restrictions=(_HIDDEN,))
    pages = [
        [f"Dossier de {desk.patient.usual_name}", f"Courrier {number}", "Patient vu ce jour."]
        for number in (1, 2, 3)
    ]
    yield desk.file(
        "archive-papier", "Dossier papier numérisé", kinds.CONSULTATION, GIRAUD, day("2019-04-01"), "image/tiff",
        files.tiff(pages),
    )  # fmt: skip


def _restricted(desk: Desk) -> Iterator[Draft]:
    hidden = desk.letter(
        "suivi-psy", "Consultation spécialisée", kinds.CONSULTATION, MARLOT, day("2024-09-16", 16),
        ["Troubles du sommeil depuis le décès de son épouse. Entretiens mensuels."],
    )  # fmt: skip
    yield replace(hidden, restrictions=(_HIDDEN,))
    own = desk.letter(
        "note-masquee", "Avis demandé au confrère", kinds.REFERRAL, GIRAUD, day("2024-09-02", 12),
        ["Merci de recevoir ce patient pour une aide psychologique."],
    )  # fmt: skip
    yield replace(own, restrictions=(_HIDDEN,))
    unseen = desk.letter(
        "annonce", "Résultat à annoncer en consultation", kinds.CONSULTATION, NOVAK, day("2025-09-15", 17),
        ["Nodule pulmonaire de 11 mm : à annoncer de vive voix avant de rendre visible."],
    )  # fmt: skip
    yield replace(unseen, restrictions=(_NOT_FOR_PATIENT,))
    guarded = desk.letter(
        "tutelle",
        "Certificat confidentiel",
        kinds.CERTIFICATE,
        GIRAUD,
        day("2018-05-14"),
        ["Ne pas communiquer aux proches."],
    )
    yield replace(guarded, restrictions=(_NOT_FOR_GUARDIANS,))
    archived = desk.letter(
        "ancien-rtf",
        "Consultation de 2015",
        kinds.CONSULTATION,
        GIRAUD,
        day("2015-06-01"),
        ["Entorse bénigne."],
        "rtf",
    )
    yield replace(archived, status="archived")
    for number in range(3):
        old = desk.letter(
            f"ancien-{number}", f"Suivi de {2016 + number}", kinds.CONSULTATION, GIRAUD, day(f"{2016 + number}-05-12"),
            ["Sans particularité."],
        )  # fmt: skip
        yield replace(old, status="archived")
    first = desk.letter(
        "certificat-1",
        "Certificat d'aptitude",
        kinds.CERTIFICATE,
        GIRAUD,
        day("2025-01-13"),
        ["Apte à la randonnée."],
    )
    yield replace(first, status="deprecated")
    second = desk.letter(
        "certificat-2", "Certificat d'aptitude (corrigé)", kinds.CERTIFICATE, GIRAUD, day("2025-01-14"),
        ["Apte à la randonnée sous 1 500 mètres."],
    )  # fmt: skip
    yield replace(second, replaces=first.unique_id)


def _from_the_patient(desk: Desk) -> Iterator[Draft]:
    author = patient_himself(desk.patient)
    yield desk.letter(
        "volontes", "Volontés et droits du patient", kinds.WISHES, author, day("2024-01-08", 18),
        ["Personne de confiance : Jeanne PETIT, ma fille, 06 39 98 00 31.", "Personne à prévenir : la même.",
         "Don d'organes : favorable."],
    )  # fmt: skip
    yield desk.letter(
        "mes-notes", "Mes glycémies de l'été", kinds.FROM_PATIENT, author, day("2025-09-01", 19),
        ["1er août : 1,38", "8 août : 1,51", "15 août : 1,44"],
    )  # fmt: skip
    yield desk.letter(
        "directives", "Directives anticipées", kinds.DIRECTIVES, author, day("2024-01-08", 19),
        ["Je ne souhaite pas de réanimation en cas de maladie incurable en phase terminale."],
    )  # fmt: skip
    yield desk.letter(
        "mon-ordonnance", "Ordonnance photographiée", kinds.TREATMENT_FROM_PATIENT, author, day("2025-06-20", 20),
        ["Collyre : une goutte matin et soir."],
    )  # fmt: skip
