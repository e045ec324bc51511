"""Structured clinical content: the medical summary (VSM) and the vaccinations."""

from datetime import datetime
from xml.sax.saxutils import escape, quoteattr

from kiosk.training.documents.cda import Section, paragraphs, table

_LOINC = "2.16.840.1.113883.6.1"
_ICD_10 = "2.16.840.1.113883.6.3"
_ACT_CODES = "2.16.840.1.113883.5.4"
_CIS = "1.2.250.1.213.2.3.1"

_PROBLEMS = (
    ("E11", "Diabète de type 2", "2012"),
    ("I10", "Hypertension artérielle essentielle", "2009"),
    ("N18.3", "Maladie rénale chronique, stade 3", "2023"),
)
_ALLERGIES = (
    ("Pénicillines", "Urticaire géante", "1998"),
    ("Produits de contraste iodés", "Malaise", "2016"),
)
_TREATMENTS = (
    ("Metformine 1 000 mg", "1 comprimé matin et soir", "depuis 2012"),
    ("Ramipril 5 mg", "1 comprimé le matin", "depuis 2019"),
    ("Atorvastatine 20 mg", "1 comprimé le soir", "depuis 2015"),
    ("Acide acétylsalicylique 75 mg", "1 sachet à midi", "depuis 2020"),
)
_VACCINES = (
    ("20051012", "REVAXIS", "Diphtérie, tétanos, poliomyélite", "A9912", "rappel"),
    ("20151109", "REVAXIS", "Diphtérie, tétanos, poliomyélite", "K2207", "rappel"),
    ("20211018", "INFLUVAC TETRA", "Grippe saisonnière", "X41B", "1"),
    ("20221024", "INFLUVAC TETRA", "Grippe saisonnière", "X77C", "1"),
    ("20240122", "PREVENAR 20", "Pneumocoque", "HH5512", "1"),
)


def summary(version: int) -> list[Section]:
    """VSM: what a colleague must know at a glance. The first version lacks the kidney disease."""
    problems = _PROBLEMS if version > 1 else _PROBLEMS[:2]
    return [
        Section(
            "11450-4",
            "Pathologies en cours",
            table(
                ("Pathologie", "Code CIM-10", "Depuis"),
                [(label, code, since) for code, label, since in problems],
            ),
            "".join(_problem(code, label, since) for code, label, since in problems),
        ),
        Section(
            "48765-2",
            "Allergies et intolérances",
            table(("Substance", "Réaction", "Année"), [*_ALLERGIES]),
            "".join(_allergy(*one) for one in _ALLERGIES),
        ),
        Section(
            "10160-0",
            "Traitements au long cours",
            table(("Médicament", "Posologie", "Période"), [*_TREATMENTS]),
            "".join(_treatment(*one[:2]) for one in _TREATMENTS),
        ),
        Section(
            "11348-0",
            "Antécédents",
            paragraphs("Appendicectomie (1971).", "Infarctus du myocarde (2020), stent."),
        ),
        Section("29762-2", "Facteurs de risque", paragraphs("Tabac : arrêt en 2020, 30 paquets-années.")),
        Section(
            "",
            "Points de vigilance",
            paragraphs("Pas d'anti-inflammatoire : rein fragile.", "Vit seul, appeler sa fille."),
        ),
    ]


def vaccinations() -> list[Section]:
    """The history the DMP itself compiles."""
    return [
        Section(
            "11369-6",
            "Vaccinations",
            table(
                ("Date", "Vaccin", "Protège de", "Lot", "Rang"),
                [(f"{day[6:]}/{day[4:6]}/{day[:4]}", *rest) for day, *rest in _VACCINES],
            ),
            "".join(_vaccination(*one) for one in _VACCINES),
        )
    ]


def vaccination(number: int, at: datetime) -> list[Section]:
    """A note: one vaccination."""
    _, name, target, lot, rank = _VACCINES[number % len(_VACCINES)]
    day = at.strftime("%Y%m%d")
    shown = at.strftime("%d/%m/%Y")
    return [
        Section(
            "11369-6",
            "Vaccination",
            table(("Date", "Vaccin", "Protège de", "Lot", "Rang"), [(shown, name, target, lot, rank)]),
            _vaccination(day, name, target, lot, rank),
        )
    ]


def reimbursements() -> list[Section]:
    rows = [
        ("03/09/2025", "Consultation", "30,00 €"),
        ("04/09/2025", "Pharmacie", "41,27 €"),
        ("11/09/2025", "Biologie", "28,90 €"),
    ]
    return [Section("", "Soins remboursés", table(("Date", "Nature", "Montant"), [*rows]))]


def _problem(code: str, label: str, since: str) -> str:
    return (
        '<entry><observation classCode="OBS" moodCode="EVN">'
        f'<code code="55607006" codeSystem="2.16.840.1.113883.6.96"/><statusCode code="completed"/>'
        f'<effectiveTime><low value="{since}"/></effectiveTime>'
        f'<value xsi:type="CD" code="{code}" codeSystem="{_ICD_10}" displayName={quoteattr(label)}/>'
        "</observation></entry>"
    )


def _allergy(substance: str, reaction: str, since: str) -> str:
    return (
        '<entry><observation classCode="OBS" moodCode="EVN">'
        f'<code code="ALG" codeSystem="{_ACT_CODES}"/><statusCode code="completed"/>'
        f'<effectiveTime><low value="{since}"/></effectiveTime>'
        f'<value xsi:type="CD" nullFlavor="UNK"><originalText>{escape(reaction)}</originalText></value>'
        '<participant typeCode="CSM"><participantRole classCode="MANU"><playingEntity classCode="MMAT">'
        f"<name>{escape(substance)}</name></playingEntity></participantRole></participant></observation></entry>"
    )


def _treatment(name: str, dosage: str) -> str:
    return (
        '<entry><substanceAdministration classCode="SBADM" moodCode="INT">'
        f'<text>{escape(dosage)}</text><statusCode code="active"/>{_product(name)}</substanceAdministration></entry>'
    )


def _vaccination(day: str, name: str, target: str, lot: str, rank: str) -> str:
    return (
        '<entry><substanceAdministration classCode="SBADM" moodCode="EVN">'
        f'<text>{escape(target)}, {escape(rank)}</text><statusCode code="completed"/>'
        f'<effectiveTime value="{day}"/>{_product(name, lot)}</substanceAdministration></entry>'
    )


def _product(name: str, lot: str = "") -> str:
    number = f"<lotNumberText>{escape(lot)}</lotNumberText>" if lot else ""
    return (
        "<consumable><manufacturedProduct><manufacturedMaterial>"
        f'<code nullFlavor="UNK" codeSystem="{_CIS}"/><name>{escape(name)}</name>{number}'
        "</manufacturedMaterial></manufacturedProduct></consumable>"
    )
