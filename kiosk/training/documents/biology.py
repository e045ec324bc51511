"""Biology reports, CDA level 3: each result with its LOINC code, unit, usual bounds and flag, at its own date."""

import random
from dataclasses import dataclass
from datetime import datetime
from xml.sax.saxutils import escape, quoteattr

from kiosk.training.documents.cda import Section, stamp, table

_LOINC = "2.16.840.1.113883.6.1"
_REPORT_ENTRY = "1.3.6.1.4.1.19376.1.3.1"
_OBSERVATION = "1.3.6.1.4.1.19376.1.3.1.6"
_INTERPRETATIONS = "2.16.840.1.113883.5.83"


@dataclass(frozen=True)
class Analyte:
    code: str
    """LOINC."""
    label: str
    unit: str
    """UCUM."""
    low: float | None
    high: float | None
    decimals: int
    start: float
    """Where the patient's curve begins."""
    drift: float
    """Change from one report to the next."""
    noise: float


_GLYCAEMIA = (
    Analyte("4548-4", "Hémoglobine glyquée (HbA1c)", "%", 4.0, 6.0, 1, 8.9, -0.14, 0.25),
    Analyte("14749-6", "Glucose (plasma)", "mmol/L", 3.9, 6.1, 1, 9.4, -0.15, 0.5),
)
_KIDNEY = (
    Analyte("14682-9", "Créatinine (plasma)", "umol/L", 60, 110, 0, 92, 3.2, 4),
    Analyte(
        "62238-1", "Débit de filtration glomérulaire (CKD-EPI)", "mL/min/{1.73_m2}", 60, None, 0, 74, -2.1, 2
    ),
    Analyte("2823-3", "Potassium (plasma)", "mmol/L", 3.5, 5.0, 1, 4.3, 0.06, 0.25),
    Analyte("2951-2", "Sodium (plasma)", "mmol/L", 136, 145, 0, 139, 0, 1.5),
)
_BLOOD = (
    Analyte("718-7", "Hémoglobine", "g/dL", 13.0, 17.0, 1, 13.6, -0.09, 0.3),
    Analyte("6690-2", "Leucocytes", "10*3/uL", 4.0, 10.0, 1, 7.2, 0, 0.9),
    Analyte("777-3", "Plaquettes", "10*3/uL", 150, 400, 0, 231, 0, 18),
    Analyte("1988-5", "Protéine C réactive (CRP)", "mg/L", None, 5, 0, 3, 0.2, 2),
)
_LIPIDS = (
    Analyte("14647-2", "Cholestérol total", "mmol/L", None, 5.2, 2, 5.9, -0.11, 0.2),
    Analyte("39469-2", "Cholestérol LDL", "mmol/L", None, 3.0, 2, 3.6, -0.12, 0.15),
)
_CHAPTERS = (
    ("18719-5", "Biochimie : glycémie", _GLYCAEMIA, 1),
    ("18719-5", "Biochimie : fonction rénale", _KIDNEY, 1),
    ("18723-7", "Hématologie", _BLOOD, 2),
    ("18719-5", "Biochimie : lipides", _LIPIDS, 3),
)
"""LOINC code of the chapter, title, analytes, and in one report out of how many."""


def sections(number: int, at: datetime, seed: str) -> list[Section]:
    """The results of report `number` (from 0) of one patient, sampled at `at`."""
    return [
        _chapter(code, title, [(one, _value(one, number, seed)) for one in analytes], at)
        for code, title, analytes, every in _CHAPTERS
        if number % every == 0
    ]


def _value(analyte: Analyte, number: int, seed: str) -> float:
    noise = random.Random(f"{seed}/{analyte.code}/{number}").uniform(-1, 1)  # noqa: S311 - invented results
    return round(max(0.1, analyte.start + analyte.drift * number + analyte.noise * noise), analyte.decimals)


def _flag(analyte: Analyte, value: float) -> str:
    if analyte.low is not None and value < analyte.low:
        return "L"
    if analyte.high is not None and value > analyte.high:
        return "H"
    return "N"


def _chapter(code: str, title: str, results: list[tuple[Analyte, float]], at: datetime) -> Section:
    rows = [
        (
            one.label,
            _shown(one, value),
            one.unit,
            _bounds(one),
            {"N": "", "H": "élevé", "L": "bas"}[_flag(one, value)],
        )
        for one, value in results
    ]
    narrative = table(("Analyse", "Résultat", "Unité", "Valeurs usuelles", "Commentaire"), rows)
    observations = "".join(_observation(one, value, at) for one, value in results)
    entry = (
        f'<entry typeCode="DRIV"><templateId root="{_REPORT_ENTRY}"/><act classCode="ACT" moodCode="EVN">'
        f'<code code="{code}" codeSystem="{_LOINC}" displayName={quoteattr(title)}/><statusCode code="completed"/>'
        f"{observations}</act></entry>"
    )
    return Section(code, title, narrative, entry)


def _observation(analyte: Analyte, value: float, at: datetime) -> str:
    unit = quoteattr(analyte.unit)
    low = "" if analyte.low is None else f'<low value="{analyte.low}" unit={unit}/>'
    high = "" if analyte.high is None else f'<high value="{analyte.high}" unit={unit}/>'
    return (
        '<entryRelationship typeCode="COMP"><observation classCode="OBS" moodCode="EVN">'
        f'<templateId root="{_OBSERVATION}"/>'
        f'<code code="{analyte.code}" codeSystem="{_LOINC}" displayName={quoteattr(analyte.label)}/>'
        f'<statusCode code="completed"/><effectiveTime value="{stamp(at)}"/>'
        f'<value xsi:type="PQ" value="{_shown(analyte, value)}" unit={unit}/>'
        f'<interpretationCode code="{_flag(analyte, value)}" codeSystem="{_INTERPRETATIONS}"/>'
        f"<referenceRange><observationRange><text>{escape(_bounds(analyte))}</text>"
        f'<value xsi:type="IVL_PQ">{low}{high}</value>'
        f'<interpretationCode code="N" codeSystem="{_INTERPRETATIONS}"/></observationRange></referenceRange>'
        "</observation></entryRelationship>"
    )


def _shown(analyte: Analyte, value: float) -> str:
    return f"{value:.{analyte.decimals}f}"


def _bounds(analyte: Analyte) -> str:
    if analyte.low is None:
        return f"< {analyte.high}"
    return f"> {analyte.low}" if analyte.high is None else f"{analyte.low} – {analyte.high}"
