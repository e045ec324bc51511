"""A record as the service writes it: `registrationEvent`, its patient, his person."""

from kiosk.training.dmp_server import hl7, names
from kiosk.training.dmp_server.hl7 import hl7 as h
from kiosk.training.dmp_server.records import Address, Person, Representative, StoredRecord
from kiosk.training.dmp_server.xml import Element

_NOT_FILLED_IN = "NON_RENSEIGNE"


def subject(
    record: StoredRecord,
    person: Element | None,
    *observations: Element,
    status: str = "",
    moment: str = "",
) -> Element:
    """The whole of it; `status` and `moment` are of the event, the state of the record when left out."""
    patient = h(
        "patient",
        *identifiers(record),
        h("statusCode", code=record.state),
        person,
        *observations,
        classCode="PAT",
    )
    event = h(
        "registrationEvent",
        h("id", nullFlavor="NA"),
        h("statusCode", code=status or record.state),
        h("effectiveTime", value=moment) if moment else None,
        h("subject1", patient, typeCode="SBJ"),
        hl7.custodian(),
        classCode="REG",
        moodCode="EVN",
    )
    return h("subject", event, typeCode="SUBJ", contextConductionInd="false")


def identifiers(record: StoredRecord) -> list[Element]:
    """INS-C, and NIR where the record has one."""
    found = [h("id", root=names.INS_C, extension=record.ins_c)]
    return [*found, h("id", root=names.NIR_TEST, extension=record.nir)] if record.nir else found


def person(who: Person, *, in_full: bool = False) -> Element:
    """Identity and means of contact; `in_full` adds address, decease, representative and place of birth."""
    more: list[Element | None] = []
    if in_full:
        more = [
            h("deceasedInd", value=str(who.deceased).lower()),
            address(who.address),
            _representative(who.representative) if who.representative else None,
            h("birthPlace", address(Address(country=who.birth_country)), classCode="BIRTHPL")
            if who.birth_country
            else None,
        ]
    return h(
        "patientPerson",
        name(who),
        *_telecoms(who.telecoms),
        h("administrativeGenderCode", code=who.sex, codeSystem=names.GENDERS),
        h("birthTime", value=who.birth_date),
        *more,
        classCode="PSN",
        determinerCode="INSTANCE",
    )


def name(who: Person) -> Element:
    """A part nobody filled in is said to be so."""
    return h(
        "name",
        h("prefix", who.civility) if who.civility else None,
        h("given", who.given_name or _NOT_FILLED_IN),
        h("family", who.birth_name or _NOT_FILLED_IN, qualifier="BR"),
        h("family", who.usual_name or _NOT_FILLED_IN, qualifier="SP"),
    )


def address(where: Address) -> Element | None:
    """The parts there are; None for an address of none."""
    parts = {
        "streetAddressLine": where.street,
        "additionalLocator": where.locator,
        "postalCode": where.postal_code,
        "city": where.city,
        "country": where.country,
    }
    written = [h(tag, value) for tag, value in parts.items() if value]
    return h("addr", *written) if written else None


def account_and_attachment(record: StoredRecord, *, has_account: bool) -> tuple[Element, Element]:
    """The two observations of every answer."""
    return (
        hl7.observation("COMPTE_INTERNET_OUVERT", names.INTERNET_ACCOUNTS, has_account),
        hl7.observation("RATTACHEMENT_ENS", names.OBSERVATIONS, record.attached_to_mes),
    )


def _telecoms(telecoms: tuple[tuple[str, str], ...]) -> list[Element]:
    return [h("telecom", value=value, **({"use": use} if use else {})) for use, value in telecoms]


def _representative(who: Representative) -> Element:
    holder = h(
        "relationshipHolder1",
        h(
            "name",
            h("prefix", who.civility) if who.civility else None,
            h("family", who.family_name),
            h("given", who.given_name),
        ),
        classCode="PSN",
        determinerCode="INSTANCE",
    )
    return h(
        "personalRelationship",
        h("code", code=who.relation, codeSystem=names.RELATIONSHIPS),
        address(who.address),
        *_telecoms(who.telecoms),
        holder,
        classCode="PRS",
    )
