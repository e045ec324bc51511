"""Documents that few records hold: a child's certificate, a report with its own style sheet, a reference of images,
and documents that hang together.
"""

import struct
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

from kiosk.training.documents import biology, kinds, linked
from kiosk.training.documents.authors import CLAIR, GIRAUD, SERVAL
from kiosk.training.documents.cda import Section, paragraphs, table
from kiosk.training.documents.desk import Desk, day, drafted
from kiosk.training.documents.draft import Draft

HOSPITAL_NIR13 = "2420799999291"
"""Who has all but the first: the patient of the hospital."""
_EIGHTH_DAY = timedelta(days=8)
_MAJORITY = timedelta(days=18 * 366)
_SHEET_BEGIN = (
    b'<?xml version="1.0" encoding="UTF-8"?><?xml-stylesheet type="text/xsl" href="#"?>'
    b'<xsl:stylesheet version="1.0" xmlns:xsl="http://www.w3.org/1999/XSL/Transform">'
)
_SHEET_END = (
    b'<xsl:template match="/"><html><body><h1>MIS EN PAGE PAR LA FEUILLE DE STYLE</h1></body></html></xsl:template>'
    b"</xsl:stylesheet>"
)


def of_child(desk: Desk) -> Iterator[Draft]:
    """Structured certificate of the eighth day (CS8); nothing for somebody of age, or not yet eight days old."""
    birth = desk.patient.birth_date
    if birth <= f"{date.today() - _MAJORITY:%Y%m%d}":
        return
    examined = datetime.strptime(birth, "%Y%m%d").replace(hour=10, tzinfo=UTC) + _EIGHTH_DAY
    if examined > datetime.now(UTC):
        return
    measures = (("Poids", "3 420 g"), ("Taille", "51 cm"), ("Périmètre crânien", "35 cm"))
    sections = [
        Section("8716-3", "Mensurations", table(("Mesure", "Valeur"), measures)),
        Section("11369-6", "Vaccinations", paragraphs("BCG : non indiqué.")),
        Section("29545-1", "Examen clinique", paragraphs("Examen normal. Dépistage auditif fait.")),
    ]
    yield desk.structured(
        "cs8", "Certificat de santé du 8e jour", kinds.CERTIFICATE, GIRAUD, examined, sections, kinds.CHILD
    )


def documents(desk: Desk) -> Iterator[Draft]:
    """A biology report that brings its own style sheet, the reference of a scanner's images (KOS), their company."""
    at = day("2025-02-18", 8)
    report = desk.structured(
        "biologie-presentable", "Bilan d'entrée (auto-présentable)", kinds.BIOLOGY, SERVAL, at,
        biology.sections(0, at, desk.patient.ins_c), kinds.LAB,
    )  # fmt: skip
    inside = report.content.partition(b"?>\n")[2]
    report = replace(report, content=_SHEET_BEGIN + inside + _SHEET_END, mime_type="application/xslt+xml")
    yield report
    yield linked.copy(desk, report)
    cover = desk.cover("images", "Images du scanner thoracique", kinds.IMAGES, CLAIR, day("2025-02-18", 15))
    content = images("CT", "SCANNER THORACIQUE", CLAIR.structure_name, cover.written)
    yield replace(
        drafted(cover, kinds.KOS, content), mime_type="application/dicom", references=(linked.ACCESSION,)
    )
    yield from linked.documents(desk)


def images(modality: str, study: str, place: str, at: datetime) -> bytes:
    """The outermost elements of a key object selection, explicit little endian (DICOM PS3.10)."""
    elements = (
        (0x0008, 0x0020, b"DA", f"{at:%Y%m%d}"),
        (0x0008, 0x0060, b"CS", modality),
        (0x0008, 0x0080, b"LO", place),
        (0x0008, 0x1030, b"LO", study),
    )
    found = bytes(128) + b"DICM"
    for group, element, kind, value in elements:
        data = value.encode("latin-1")
        data += b" " * (len(data) % 2)
        found += struct.pack("<HH2sH", group, element, kind, len(data)) + data
    return found
