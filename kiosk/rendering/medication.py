"""Drugs and vaccines out of `substanceAdministration` entries, for documents whose text is missing or poor."""

from collections.abc import Iterator
from dataclasses import dataclass

from lxml import etree

from kiosk.rendering.cda_header import person
from kiosk.rendering.hl7_time import readable, sortable
from kiosk.rendering.page import Cell, Column, Style, Table
from kiosk.rendering.xml import HL7, attribute, child, children, label, text, xsi_type


@dataclass(frozen=True, repr=False)
class Medication:
    drug: str
    date: str
    """HL7 timestamp of the start, or of the one administration."""
    end: str
    dose: str
    route: str
    lot: str
    rank: str
    """`'2'` for the second dose of a series."""
    by: str
    done: bool
    """False when the entry says it was not given or not taken."""


def medications(section: etree._Element) -> list[Medication]:
    """Those of a section's own entries, in order."""
    return [_medication(each) for entry in children(section, "entry") for each in _outermost(entry)]


def prescription_table(found: list[Medication]) -> Table:
    columns = tuple(map(Column, ("Médicament", "Dose", "Voie", "Du", "Au")))
    return Table(
        columns,
        tuple(
            (
                Cell(each.drug, Style.STRONG),
                Cell(each.dose),
                Cell(each.route),
                Cell(readable(each.date)),
                Cell(readable(each.end)),
            )
            for each in found
        ),
    )


def vaccination_table(found: list[Medication]) -> Table:
    """The latest first."""
    columns = tuple(map(Column, ("Date", "Vaccin", "Rang", "Lot", "Vaccinateur", "")))
    ordered = sorted(found, key=lambda each: sortable(each.date), reverse=True)
    return Table(
        columns,
        tuple(
            (
                Cell(readable(each.date)),
                Cell(each.drug, Style.STRONG),
                Cell(each.rank),
                Cell(each.lot),
                Cell(each.by),
                Cell("" if each.done else "NON FAIT", Style.PLAIN if each.done else Style.ABNORMAL),
            )
            for each in ordered
        ),
    )


def _outermost(entry: etree._Element) -> Iterator[etree._Element]:
    """Nested ones are the steps of a split dose: they belong to the outer one."""
    for each in entry.iter(f"{{{HL7}}}substanceAdministration"):
        if next(each.iterancestors(f"{{{HL7}}}substanceAdministration"), None) is None:
            yield each


def _medication(entry: etree._Element) -> Medication:
    material = child(entry, "consumable", "manufacturedProduct", "manufacturedMaterial")
    times = list(children(entry, "effectiveTime"))
    start, end = "", ""
    for time in times:
        if xsi_type(time) in ("PIVL_TS", "EIVL_TS", "SXPR_TS"):
            continue
        start = start or attribute(time, "value") or attribute(child(time, "low"), "value")
        end = end or attribute(child(time, "high"), "value")
    performer = child(entry, "performer", "assignedEntity")
    return Medication(
        drug=label(child(material, "code")) or text(child(material, "name")) or "produit non précisé",
        date=start,
        end=end,
        dose=_dose(entry, times),
        route=label(child(entry, "routeCode")),
        lot=text(child(material, "lotNumberText")),
        rank=_rank(entry),
        by=person(child(performer, "assignedPerson")),
        done=entry.get("negationInd") != "true",
    )


def _dose(entry: etree._Element, times: list[etree._Element]) -> str:
    quantity = child(entry, "doseQuantity")
    amounts = dict.fromkeys(
        filter(None, map(_amount, (quantity, child(quantity, "low"), child(quantity, "high"))))
    )
    words = " à ".join(amounts)
    for time in times:
        period = child(time, "period")
        if period is not None and attribute(period, "value"):
            words = f"{words} tous les {_amount(period)}".strip()
    return words


_UNITS = {"d": "jour(s)", "h": "heure(s)", "wk": "semaine(s)", "mo": "mois", "{tbl}": "comprimé(s)"}


def _amount(quantity: etree._Element | None) -> str:
    value, unit = attribute(quantity, "value"), attribute(quantity, "unit")
    return (
        f"{value.replace('.', ',')} {_UNITS.get(unit, unit if unit != '1' else '')}".strip() if value else ""
    )


_RANK_CODE = "30973-2"
"""LOINC « dose number » of a vaccination entry."""


def _rank(entry: etree._Element) -> str:
    for observation in children(entry, "entryRelationship", "observation"):
        if attribute(child(observation, "code"), "code") == _RANK_CODE:
            value = child(observation, "value")
            return attribute(value, "value") or text(value)
    return attribute(child(entry, "repeatNumber"), "value")
