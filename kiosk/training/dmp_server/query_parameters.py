"""Parameters of a stored query: quoting, lists, numbers, partial dates (IHE ITI TF-2 3.18.4.1.2.3)."""

import re
from dataclasses import dataclass

from kiosk.training.dmp_server.outcomes import Refusal
from kiosk.training.dmp_server.registry_names import RIM
from kiosk.training.dmp_server.xml import Element, attribute, find, find_all

_QUOTED = re.compile(r"'((?:[^']|'')*)'")
_LIST = re.compile(r"\s*\(\s*('(?:[^']|'')*'\s*(?:,\s*'(?:[^']|'')*'\s*)*)\)\s*")
_DATE = re.compile(r"[0-9]{4}([0-9]{2}){0,5}")
_LOWEST = "00000101000000"


@dataclass(frozen=True, repr=False)
class Parameters:
    """The slots of one query, in order; a name may come back."""

    query: str
    slots: tuple[tuple[str, tuple[str, ...]], ...]
    """Name, raw values."""

    def raw(self, name: str) -> tuple[str, ...]:
        return tuple(value for slot, values in self.slots if slot == name for value in values)

    def single(self, name: str) -> str:
        """One quoted value or a bare number; empty when absent. Raises `Refusal`."""
        values = self.raw(name)
        if not values:
            return ""
        if len(values) > 1:
            raise _wrong(name, "une seule valeur est attendue")
        quoted = _QUOTED.fullmatch(values[0].strip())
        if quoted:
            return quoted[1].replace("''", "'")
        if values[0].strip().isdigit():
            return values[0].strip()
        raise _wrong(name, "une valeur simple s'écrit entre apostrophes")

    def required(self, name: str) -> str:
        """Raises `Refusal` when it is absent or empty."""
        value = self.single(name)
        if not value:
            raise missing(name)
        return value

    def any_of(self, name: str) -> list[str]:
        """Every value of a list, all slots together. Raises `Refusal`."""
        return [value for alternatives in self.all_of(name) for value in alternatives]

    def all_of(self, name: str) -> list[list[str]]:
        """One list of alternatives per slot of that name: each slot must hold. Raises `Refusal`."""
        return [
            [one for value in values for one in _values(name, value)]
            for slot, values in self.slots
            if slot == name
        ]

    def period(self, name: str) -> tuple[str, str]:
        """Bounds of a `…From`, `…To` pair, completed to fourteen digits; from included, to excluded."""
        bounds = []
        for end in ("From", "To"):
            value = self.single(f"{name}{end}")
            if value and not _DATE.fullmatch(value):
                raise _wrong(f"{name}{end}", "une date s'écrit AAAAMMJJhhmmss")
            bounds.append(completed(value) if value else "")
        return bounds[0], bounds[1]


def read(query: Element) -> Parameters:
    """Read an `AdhocQuery`."""
    slots = tuple(
        (
            attribute(slot, "name"),
            tuple((value.text or "").strip() for value in find_all(slot, RIM, "ValueList/Value")),
        )
        for slot in find_all(query, RIM, "Slot")
    )
    return Parameters(attribute(query, "id"), slots)


def query_of(request: Element) -> Element | None:
    return find(request, RIM, "AdhocQuery")


def completed(date: str) -> str:
    """The first second a partial date may mean."""
    return date[:14] + _LOWEST[len(date[:14]) :]


def within(date: str, bounds: tuple[str, str]) -> bool:
    """Whether a stored date lies in the period; a date that is not there lies in none that has a bound."""
    begin, end = bounds
    if not begin and not end:
        return True
    full = completed(date) if date else ""
    return bool(full) and (not begin or full >= begin) and (not end or full < end)


def missing(name: str) -> Refusal:
    return Refusal("XDSStoredQueryMissingParam", f"Paramètre obligatoire absent (parameterName={name})")


def _values(name: str, value: str) -> list[str]:
    """`('a','b')`; a lone `'a'` is taken too."""
    inside = _LIST.fullmatch(value)
    if inside is None and _QUOTED.fullmatch(value.strip()) is None:
        if re.fullmatch(r"\s*\(\s*\)\s*", value):
            return []
        raise _wrong(name, "une liste s'écrit ('a','b')")
    return [one.replace("''", "'") for one in _QUOTED.findall(inside[1] if inside else value)]


def _wrong(name: str, why: str) -> Refusal:
    return Refusal("XDSRegistryError", f"Paramètre {name} mal formé : {why}.")
