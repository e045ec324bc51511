"""A person in the HL7 messages, written and read the same way: names, telecoms, address, representative."""

import re
from collections.abc import Iterable

from lxml import etree

from kiosk.code import Code
from kiosk.dmp import hl7
from kiosk.dmp.model import Address, LegalRepresentative, PatientTraits
from kiosk.dmp.xml import group, node, text_node
from kiosk.text import clean

_RELATIONSHIPS = "2.16.840.1.113883.1.11.19579"
_TELEPHONE_NOISE = re.compile(r"[\s.\-]")

# --- written ----------------------------------------------------------------------------------------------


def name(civility: str, families: Iterable[etree._Element | None], given: str) -> etree._Element | None:
    return group("name", text_node("prefix", civility), *families, text_node("given", given))


def families(usual: str, birth: str) -> list[etree._Element | None]:
    return [text_node("family", usual, qualifier="SP"), text_node("family", birth, qualifier="BR")]


def telecoms(phone: str, mobile: str, email: str) -> list[etree._Element]:
    """In the order of the messages: telephone at home, mobile, electronic mail; what is empty is left out."""
    home, moving = (_TELEPHONE_NOISE.sub("", number) for number in (phone, mobile))
    made = [
        node("telecom", use="HP", value=f"tel:{home}") if home else None,
        node("telecom", use="MC", value=f"tel:{moving}") if moving else None,
        node("telecom", value=f"mailto:{email}") if email else None,
    ]
    return [telecom for telecom in made if telecom is not None]


def address(written: Address) -> etree._Element | None:
    return group(
        "addr",
        *(text_node("streetAddressLine", line) for line in written.lines.splitlines()),
        text_node("additionalLocator", written.complement),
        text_node("postalCode", written.postal_code),
        text_node("city", written.city),
        text_node("country", written.country),
    )


def birth_place(country: str) -> etree._Element | None:
    return group("birthPlace", address(Address(country=country)), classCode="BIRTHPL")


def representative(who: LegalRepresentative | None) -> etree._Element | None:
    """The `personalRelationship` of a minor or a protected adult."""
    if who is None:
        return None
    own = name(who.civility, [text_node("family", who.family_name)], who.given_name)
    holder = node("relationshipHolder1", own, classCode="PSN", determinerCode="INSTANCE")
    code = node(
        "code",
        code=who.relationship.code,
        codeSystem=who.relationship.system or _RELATIONSHIPS,
        displayName=who.relationship.label,
    )
    contact = telecoms(who.phone, who.mobile, who.email)
    return node("personalRelationship", code, address(who.address), *contact, holder, classCode="PRS")


# --- read -------------------------------------------------------------------------------------------------


def read_traits(person: etree._Element) -> PatientTraits:
    """The identity in a `patientPerson`; what is missing is empty."""
    return PatientTraits(
        birth_name=hl7.value(person, "h:name/h:family[@qualifier='BR']"),
        usual_name=hl7.value(person, "h:name/h:family[@qualifier='SP' or not(@qualifier)]"),
        given_name=hl7.value(person, "h:name/h:given"),
        birth_date=hl7.value(person, "h:birthTime/@value")[:8],
        sex=hl7.value(person, "h:administrativeGenderCode/@code"),
    )


def read_address(holder: etree._Element) -> Address:
    """The first `addr` of an element; empty when there is none."""
    found = hl7.find(holder, "h:addr[1]/h:streetAddressLine")
    return Address(
        lines="\n".join(line for line in (clean(element.text) for element in found) if line),
        complement=hl7.value(holder, "h:addr[1]/h:additionalLocator"),
        postal_code=hl7.value(holder, "h:addr[1]/h:postalCode"),
        city=hl7.value(holder, "h:addr[1]/h:city"),
        country=hl7.value(holder, "h:addr[1]/h:country"),
    )


def read_telecoms(holder: etree._Element) -> tuple[str, str, str]:
    """Telephone, mobile and e-mail: the first of each. A number that does not say its use is a telephone."""
    phone = mobile = email = ""
    for element in hl7.find(holder, "h:telecom"):
        scheme, _, value = clean(element.get("value")).partition(":")
        if scheme.lower() == "mailto":
            email = email or value
        elif scheme.lower() == "tel" and "MC" in (element.get("use") or "").split():
            mobile = mobile or value
        elif scheme.lower() == "tel":
            phone = phone or value
    return phone, mobile, email


def read_representative(person: etree._Element) -> LegalRepresentative | None:
    """The first `personalRelationship`; `None` when nobody acts for the patient."""
    found = hl7.find(person, "h:personalRelationship")
    if not found:
        return None
    code = hl7.value(found[0], "h:code/@code")
    holder = "h:relationshipHolder1/h:name"
    phone, mobile, email = read_telecoms(found[0])
    return LegalRepresentative(
        relationship=Code(
            code,
            hl7.value(found[0], "h:code/@codeSystem") or _RELATIONSHIPS,
            hl7.value(found[0], "h:code/@displayName") or code,
        ),
        civility=hl7.value(found[0], f"{holder}/h:prefix"),
        family_name=hl7.value(found[0], f"{holder}/h:family"),
        given_name=hl7.value(found[0], f"{holder}/h:given"),
        address=read_address(found[0]),
        phone=phone,
        mobile=mobile,
        email=email,
    )
