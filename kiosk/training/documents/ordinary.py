"""The record of everybody else: a dozen documents, the same kinds for each, chosen by a rule."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta

from kiosk.training.documents import biology, cda, clinical, kinds
from kiosk.training.documents.authors import (
    DA_COSTA,
    GIRAUD,
    LEFEVRE,
    MARLOT,
    O_BRIEN,
    SERVAL,
    patient_himself,
)
from kiosk.training.documents.desk import Desk, day, drafted
from kiosk.training.documents.draft import Draft

_MAJORITY = timedelta(days=18 * 365)
_REPORTS = 3


def documents(desk: Desk) -> Iterator[Draft]:
    """A day of shift that depends on the patient keeps two records from looking alike."""
    shift = timedelta(days=int(desk.patient.ins_c[:4]) % 60)
    minor = desk.patient.birth_date > f"{date.today() - _MAJORITY:%Y%m%d}"
    for number in range(_REPORTS):
        at = day("2024-10-07", 7) + shift + timedelta(days=120 * number)
        yield desk.structured(
            f"biologie-{number}", f"Bilan sanguin du {at:%d/%m/%Y}", kinds.BIOLOGY, SERVAL, at + timedelta(hours=5),
            biology.sections(number, at, desk.patient.ins_c), kinds.LAB,
        )  # fmt: skip
    if not minor:
        yield from _summaries(desk, shift)
    yield desk.structured(
        "vaccins", "Historique des vaccinations", kinds.VACCINATIONS, GIRAUD, day("2025-02-03") + shift,
        clinical.vaccinations(), kinds.IMMUNISATIONS,
    )  # fmt: skip
    yield desk.letter(
        "ordonnance", "Ordonnance", kinds.PRESCRIPTION, GIRAUD, day("2025-06-16") + shift,
        ["PARACÉTAMOL 500 mg : un comprimé si douleur, trois par jour au plus."],
    )  # fmt: skip
    yield desk.letter(
        "dispensation", "Délivrance en pharmacie", kinds.DISPENSATION, DA_COSTA, day("2025-06-16", 17) + shift,
        ["PARACÉTAMOL 500 mg : une boîte."],
    )  # fmt: skip
    yield desk.letter(
        "sortie", "Lettre de liaison à la sortie", kinds.DISCHARGE, O_BRIEN, day("2025-04-28", 15) + shift,
        ["Hospitalisation de jour. Bilan rassurant. Retour au domicile."], "pdf",
    )  # fmt: skip
    yield desk.letter(
        "soins", "Suivi de soins infirmiers", kinds.NURSING, LEFEVRE, day("2025-07-21", 8) + shift,
        ["Ablation des fils. Cicatrice souple."], "rtf",
    )  # fmt: skip
    kept = desk.letter(
        "confidentiel", "Consultation confidentielle", kinds.CONSULTATION, GIRAUD if minor else MARLOT,
        day("2025-05-19", 16) + shift, ["Entretien seul à seul, à la demande du patient."],
    )  # fmt: skip
    yield replace(kept, restrictions=("INVISIBLE_REPRESENTANTS_LEGAUX" if minor else "MASQUE_PS",))
    old = desk.letter(
        "ancien", "Consultation ancienne", kinds.CONSULTATION, GIRAUD, day("2017-03-06"), ["Angine."]
    )
    yield replace(old, status="archived")
    yield desk.letter(
        "volontes", "Volontés et droits du patient", kinds.WISHES, patient_himself(desk.patient), day("2024-03-04", 18),
        ["Personne à prévenir : 06 39 98 00 99."],
    )  # fmt: skip


def _summaries(desk: Desk, shift: timedelta) -> Iterator[Draft]:
    old = desk.structured(
        "vsm-1", "Volet de synthèse médicale", kinds.SUMMARY, GIRAUD, day("2023-11-06") + shift, clinical.summary(1),
        kinds.VSM,
    )  # fmt: skip
    yield replace(old, status="deprecated")
    cover = replace(
        desk.cover("vsm-2", "Volet de synthèse médicale", kinds.SUMMARY, GIRAUD, day("2025-03-10") + shift),
        version=2,
        replaces=old.unique_id,
    )
    yield replace(
        drafted(cover, kinds.VSM, cda.structure(cover, clinical.summary(2))), replaces=old.unique_id
    )
