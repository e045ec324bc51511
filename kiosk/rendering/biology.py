"""Biology results out of the entries of a CDA: values, units, bounds and what the laboratory says of them."""

import math
from typing import Final

from lxml import etree

from kiosk.rendering.hl7_time import readable
from kiosk.rendering.page import Align, Block, Cell, Column, Heading, Result, Style, Table
from kiosk.rendering.xml import HL7, attribute, child, children, label, text, xsi_type

LABORATORY_OBSERVATION: Final = "1.3.6.1.4.1.19376.1.3.1.6"
"""IHE PaLM template of one result."""

_LOINC: Final = "2.16.840.1.113883.6.1"
_WORDS: Final = {
    "H": "ÉLEVÉ",
    "L": "BAS",
    "HH": "TRÈS ÉLEVÉ",
    "LL": "TRÈS BAS",
    "H>": "TRÈS ÉLEVÉ",
    "L<": "TRÈS BAS",
    "HU": "TRÈS ÉLEVÉ",
    "LU": "TRÈS BAS",
    ">": "ÉLEVÉ",
    "<": "BAS",
    "A": "ANORMAL",
    "AA": "TRÈS ANORMAL",
    "R": "RÉSISTANT",
    "I": "INTERMÉDIAIRE",
    "POS": "POSITIF",
}
"""HL7 observation interpretation (2.16.840.1.113883.5.83) that calls for attention. Normal and sensitive do not."""
ABOVE, BELOW = "au-dessus des bornes", "au-dessous des bornes"
"""Found by the kiosk, when the laboratory did not interpret a result that leaves its own bounds."""

References = dict[str, str]
"""ID of a piece of narrative → its words."""


def references(root: etree._Element) -> References:
    """Every identified piece of the narrative."""
    return {identifier: text(each) for each in root.iter(f"{{{HL7}}}*") if (identifier := each.get("ID"))}


def results(section: etree._Element, said: References, *, any_observation: bool) -> list[Result]:
    """The results in a section's own entries, in the report's order.

    `any_observation` also takes observations that do not name the laboratory template, as old reports do.
    """
    found = []
    for entry in children(section, "entry"):
        for observation in entry.iter(f"{{{HL7}}}observation"):
            marked = any(
                each.get("root") == LABORATORY_OBSERVATION for each in children(observation, "templateId")
            )
            if marked or any_observation:
                result = _result(observation, said)
                if result is not None:
                    found.append(result)
    return found


def abnormal(results: list[Result]) -> list[Result]:
    """This report's own: an earlier result that was abnormal is no news."""
    return [each for each in results if each.interpretation and not each.previous]


def heading_blocks(results: list[Result]) -> list[Block]:
    """What comes first in a report: the abnormal results, or that there is none."""
    if not results:
        return []
    unusual = abnormal(results)
    own = [each for each in results if not each.previous]
    if not unusual:
        return [Heading("Aucun résultat signalé anormal")]
    return [Heading(f"Résultats anormaux ({len(unusual)} sur {len(own)})"), table(unusual)]


def table(results: list[Result]) -> Table:
    """Name, value, unit, bounds, and in words whether it leaves them."""
    columns = (
        Column("Examen"),
        Column("Résultat", Align.RIGHT),
        Column("Unité"),
        Column("Bornes"),
        Column("Interprétation"),
    )
    rows = []
    for each in results:
        style = Style.ABNORMAL if each.interpretation else Style.PLAIN
        value = f"{each.comparator} {french(each.value)}".strip()
        rows.append(
            (
                Cell(f"{each.name}, antérieur du {readable(each.date)}" if each.previous else each.name),
                Cell(value, style),
                Cell(each.unit),
                Cell(each.bounds),
                Cell(each.interpretation, style),
            )
        )
    return Table(columns, tuple(rows), _dates(results))


def french(number: str) -> str:
    """`'5.4'` → `'5,4'`; anything but a number as it is."""
    return number.replace(".", ",") if _number(number) is not None else number


def _dates(results: list[Result]) -> str:
    dates = list(dict.fromkeys(readable(each.date) for each in results if each.date and not each.previous))
    return f"Résultats du {dates[0]}" if len(dates) == 1 else ""


def _result(observation: etree._Element, said: References) -> Result | None:
    code, value = child(observation, "code"), child(observation, "value")
    if code is None or value is None or value.get("nullFlavor"):
        return None
    number, shown, unit, comparator = _value(value)
    if not shown:
        return None
    identifier, system = _identified(code)
    name = _worded(code, said) or label(code)
    if not name:
        return None
    low, high, bounds, bounds_unit = _bounds(observation)
    codes = [attribute(each, "code") for each in children(observation, "interpretationCode")]
    interpretation = ", ".join(dict.fromkeys(_WORDS[each] for each in codes if each in _WORDS))
    if not any(codes) and number is not None and bounds_unit in ("", unit):
        interpretation = _compared(number, comparator, low, high)
    return Result(
        identifier or name,
        system,
        name,
        _moment(observation),
        shown,
        number,
        unit,
        low,
        high,
        bounds,
        interpretation,
        comparator,
        _is_previous(observation),
    )


def _is_previous(observation: etree._Element) -> bool:
    """Referred to by another observation."""
    relation = observation.getparent()
    if relation is None or relation.get("typeCode") != "REFR":
        return False
    around = relation.getparent()
    return around is not None and around.tag == observation.tag


def _identified(code: etree._Element) -> tuple[str, str]:
    """The LOINC code, even when it comes as a translation; else the first one."""
    codes = [
        (attribute(each, "code"), attribute(each, "codeSystem"))
        for each in (code, *children(code, "translation"))
    ]
    coded = [each for each in codes if each[0]]
    loinc = [each for each in coded if each[1] == _LOINC]
    return next(iter(loinc or coded), ("", ""))


def _worded(code: etree._Element, said: References) -> str:
    """How the laboratory names it in its own text."""
    original = child(code, "originalText")
    reference = attribute(child(original, "reference"), "value").removeprefix("#")
    return said.get(reference, "") or text(original)


def _value(value: etree._Element) -> tuple[float | None, str, str, str]:
    """Number, text, unit, comparator."""
    unit = attribute(value, "unit")
    match xsi_type(value):
        case "PQ" | "INT" | "REAL":
            shown = attribute(value, "value")
            return _number(shown), shown, "" if unit == "1" else unit, ""
        case "IVL_PQ" | "IVL_INT" | "IVL_REAL":
            return _interval(value)
        case "CD" | "CE" | "CV" | "CO":
            return None, label(value), "", ""
        case "RTO" | "RTO_PQ_PQ":
            parts = [attribute(child(value, each), "value") for each in ("numerator", "denominator")]
            return None, " / ".join(filter(None, parts)), "", ""
        case "BL":
            return None, {"true": "oui", "false": "non"}.get(attribute(value, "value"), ""), "", ""
        case "TS":
            return None, readable(attribute(value, "value")), "", ""
    return None, text(value) or attribute(value, "value"), unit, ""


def _interval(value: etree._Element) -> tuple[float | None, str, str, str]:
    """« < 5 » is an interval with one end."""
    low, high = child(value, "low"), child(value, "high")
    ends = [attribute(each, "value") for each in (low, high)]
    unit = attribute(low, "unit") or attribute(high, "unit")
    if all(ends):
        return None, " à ".join(map(french, ends)), unit, ""
    shown = ends[0] or ends[1]
    return _number(shown), shown, unit, (">" if ends[0] else "<") if shown else ""


def _bounds(observation: etree._Element) -> tuple[float | None, float | None, str, str]:
    """Low, high, as people read them, their unit. The range said normal when there are several."""
    ranges = list(children(observation, "referenceRange", "observationRange"))
    normal = [each for each in ranges if attribute(child(each, "interpretationCode"), "code") in ("N", "")]
    chosen = next(iter(normal or ranges), None)
    value = child(chosen, "value")
    low, high = child(value, "low"), child(value, "high")
    ends = [attribute(low, "value"), attribute(high, "value")]
    shown = [french(_shortened(end)) for end in ends]
    unit = attribute(low, "unit") or attribute(high, "unit")
    if all(ends):
        words = f"{shown[0]} à {shown[1]}"
    elif ends[0]:
        words = f"≥ {shown[0]}"
    elif ends[1]:
        words = f"≤ {shown[1]}"
    else:
        words = text(child(chosen, "text")) or (text(value) if value is not None else "")
    return _number(ends[0]), _number(ends[1]), words, unit


def _shortened(number: str) -> str:
    """`'63.000000'` → `'63'`: bounds come with the zeros of a database."""
    if _number(number) is None or "." not in number or "e" in number.lower():
        return number
    return number.rstrip("0").removesuffix(".")


def _compared(number: float, comparator: str, low: float | None, high: float | None) -> str:
    """A limit (« < 5 ») says nothing about the bound on its own side."""
    if high is not None and number > high and comparator != "<":
        return ABOVE
    if low is not None and number < low and comparator != ">":
        return BELOW
    return ""


def _moment(observation: etree._Element) -> str:
    """When it was found, else when its battery or the sampling was."""
    element: etree._Element | None = observation
    while element is not None and element.tag != f"{{{HL7}}}section":
        time = child(element, "effectiveTime")
        found = attribute(time, "value") or attribute(child(time, "low"), "value")
        if found:
            return found
        element = element.getparent()
    return ""


def _number(value: str) -> float | None:
    try:
        number = float(value)
    except ValueError:
        return None
    return number if math.isfinite(number) else None
