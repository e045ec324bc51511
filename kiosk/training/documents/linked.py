"""Documents that hang together: a report and its addendum, a copy in another format, a plan in its third version.

How the registry links them is IHE's (ITI TF-3, 4.2.2.2): RPLC replaces, APND completes, XFRM transforms. What a study
has in common with its report is a reference, the accession number.
"""

from collections.abc import Iterator
from dataclasses import replace

from kiosk.training.documents import cda, files, kinds
from kiosk.training.documents.authors import CLAIR, GIRAUD
from kiosk.training.documents.desk import Desk, day, drafted
from kiosk.training.documents.draft import Draft

ACCESSION = "ACC-2025-0218^^^&1.2.250.1.999.5&ISO^urn:ihe:iti:xds:2013:accession"
_PLANS = (
    ("2024-09-10", "Marche 20 minutes par jour. Kinésithérapie deux fois par semaine."),
    ("2024-12-10", "Marche 30 minutes par jour. Kinésithérapie une fois par semaine."),
    ("2025-03-11", "Marche 30 minutes par jour. Kinésithérapie arrêtée. Activité physique adaptée le jeudi."),
)


def documents(desk: Desk) -> Iterator[Draft]:
    """A document before those that hang on it."""
    yield from _study(desk)
    yield from _plans(desk)


def copy(desk: Desk, report: Draft) -> Draft:
    """The same report as a PDF, for who cannot read its format: both stay in force."""
    title = "Bilan d'entrée (copie PDF)"
    cover = replace(
        desk.cover("biologie-copie", title, report.kind, report.author, report.written),
        transforms=report.unique_id,
    )
    head = files.letterhead(desk.patient, report.author.structure_name, f"{report.written:%d/%m/%Y}")
    content = files.pdf([*head, "Copie du compte rendu structuré du même jour."])
    made = drafted(cover, kinds.PDF, cda.wrap(cover, "application/pdf", content))
    return replace(made, transforms=report.unique_id)


def _study(desk: Desk) -> Iterator[Draft]:
    report = desk.letter(
        "scanner", "Scanner thoracique : compte rendu", kinds.IMAGING, CLAIR, day("2025-02-18", 16),
        ["Pas d'embolie pulmonaire. Foyer du lobe inférieur droit."],
    )  # fmt: skip
    yield replace(report, references=(ACCESSION,))
    cover = replace(
        desk.cover(
            "scanner-suite", "Scanner thoracique : addendum", kinds.IMAGING, CLAIR, day("2025-02-20", 9)
        ),
        appends=report.unique_id,
    )
    text = files.text(["Relecture : micronodule de 3 mm du lobe moyen, à contrôler dans un an."])
    addendum = drafted(cover, kinds.TEXT, cda.wrap(cover, "text/plain", text))
    yield replace(addendum, appends=report.unique_id, references=(ACCESSION,))


def _plans(desk: Desk) -> Iterator[Draft]:
    """Three versions, each in the place of the one before; the last one alone is in force."""
    made: list[Draft] = []
    for number, (date, words) in enumerate(_PLANS, start=1):
        before, first = (made[-1].unique_id, made[0].unique_id) if made else ("", "")
        cover = replace(
            desk.cover(f"plan-{number}", "Plan personnalisé de soins", kinds.CARE_PLAN, GIRAUD, day(date)),
            version=number,
            replaces=before,
            first=first,
        )
        plan = drafted(cover, kinds.TEXT, cda.wrap(cover, "text/plain", files.text([words])))
        status = "approved" if number == len(_PLANS) else "deprecated"
        made.append(replace(plan, replaces=before, status=status, comments=f"Version {number}"))
    yield from made
