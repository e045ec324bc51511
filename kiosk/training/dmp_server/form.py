"""The parts of an administrative form sent by a professional: what may be in them, and what is kept."""

import re
from typing import NoReturn

from kiosk.training.dmp_server import hl7, names
from kiosk.training.dmp_server.names import HL7
from kiosk.training.dmp_server.outcomes import INVALID_DATA, Refusal
from kiosk.training.dmp_server.records import Address, Person, Representative
from kiosk.training.dmp_server.xml import Element, attribute, find, find_all, is_a, text

_RELATIONS = (
    *("FTH", "MTH", "STPFTH", "STPMTH", "GRFTH", "GRMTH", "GGRFTH", "GGRMTH"),
    *("AUNT", "UNCLE", "BRO", "SIS", "RESPRSN"),
)
_CIVILITY, _SURNAME, _GIVEN = 5, 80, 60
"""Longest values, in characters."""


def person(found: Element, *, birth_name: str = "") -> Person:
    """The identity a form gives; `birth_name` when it may leave that out. Raises `Refusal`."""
    hl7.check_order(found)
    name = find(found, HL7, "name")
    sex = attribute(find(found, HL7, "administrativeGenderCode"), "code")
    birth_date = attribute(find(found, HL7, "birthTime"), "value")
    if sex not in ("M", "F", "U"):
        refuse("le sexe du patient")
    if not re.fullmatch("[0-9]{8}", birth_date):
        refuse("la date de naissance du patient")
    birth_name = (
        _short(hl7.name_part(name, "family", "BR"), _SURNAME, "le nom de naissance du patient") or birth_name
    )
    given_name = _short(hl7.name_part(name, "given"), _GIVEN, "le prénom du patient")
    if not birth_name or not given_name:
        refuse("les noms du patient")
    return Person(
        civility=_short(hl7.name_part(name, "prefix"), _CIVILITY, "la civilité du patient"),
        usual_name=_short(hl7.name_part(name, "family", "SP"), _SURNAME, "le nom d'usage du patient"),
        birth_name=birth_name,
        given_name=given_name,
        birth_date=birth_date,
        sex=sex,
        telecoms=telecoms(found),
        address=address(find(found, HL7, "addr")),
        birth_country=text(find(found, HL7, "birthPlace/addr/country")),
        representative=representative(found),
    )


def telecoms(parent: Element) -> tuple[tuple[str, str], ...]:
    """Telephones and mail addresses of a person. Raises `Refusal`."""
    found = [(attribute(one, "use"), attribute(one, "value")) for one in find_all(parent, HL7, "telecom")]
    for _, value in found:
        if value and not value.startswith(("tel:", "mailto:")):
            refuse("un moyen de contact du patient")
    return tuple(telecom for telecom in found if telecom[1])


def address(found: Element | None) -> Address:
    if found is None:
        return Address()
    hl7.check_order(found)
    return Address(
        street=" ".join(text(line) for line in find_all(found, HL7, "streetAddressLine")),
        locator=text(find(found, HL7, "additionalLocator")),
        postal_code=text(find(found, HL7, "postalCode")),
        city=text(find(found, HL7, "city")),
        country=text(find(found, HL7, "country")),
    )


def representative(parent: Element) -> Representative | None:
    """The first legal representative named, each being well-formed. Raises `Refusal`."""
    found = []
    for relation in find_all(parent, HL7, "personalRelationship"):
        hl7.check_order(relation)
        code = find(relation, HL7, "code")
        name = find(relation, HL7, "relationshipHolder1/name")
        if (
            attribute(code, "codeSystem") != names.RELATIONSHIPS
            or attribute(code, "code") not in _RELATIONS
            or not hl7.name_part(name, "family")
        ):
            refuse("le représentant légal")
        found.append(
            Representative(
                attribute(code, "code"),
                hl7.name_part(name, "prefix"),
                hl7.name_part(name, "family"),
                hl7.name_part(name, "given"),
                telecoms(relation),
                address(find(relation, HL7, "addr")),
            )
        )
    return found[0] if found else None


def is_true(observation: Element | None, *, absent: bool = False) -> bool:
    """A `BL` observation; `absent` when there is none. Raises `Refusal`."""
    if observation is None:
        return absent
    value = find(observation, HL7, "value")
    if value is None or not is_a(value, "BL") or attribute(value, "value") not in ("true", "false"):
        refuse("la valeur d'une observation administrative")
    return attribute(value, "value") == "true"


def required(part: Element | None, what: str) -> Element:
    if part is None:
        refuse(what)
    return part


def refuse(what: str) -> NoReturn:
    raise Refusal(INVALID_DATA, f"Donnée absente ou incorrecte : {what}.")


def _short(value: str, limit: int, what: str) -> str:
    if len(value) > limit:
        refuse(what)
    return value
