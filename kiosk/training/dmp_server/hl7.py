"""The HL7 v3 transmission wrapper: read a request, write the acknowledged answer.

The schemas fix the order of elements and the service refuses another one [likely]: `check_order` holds the
sequences of the parts that are read here.
"""

import copy
import re
import uuid
from dataclasses import dataclass
from datetime import datetime

from kiosk.training.dmp_server.names import (
    ACT_REASONS,
    DMP,
    DMP_MESSAGES,
    HL7,
    INTERACTIONS,
)
from kiosk.training.dmp_server.outcomes import Refusal, invalid_message
from kiosk.training.dmp_server.xml import Element, attribute, element, find, text

TIMESTAMP = re.compile("[0-9]{14}")
_ORDERS = {
    "message": "id creationTime securityText versionCode interactionId profileId processingCode "
    "processingModeCode acceptAckCode attachmentText receiver respondTo sender attentionLine "
    "controlActProcess",
    "controlActProcess": "id code text effectiveTime priorityCode reasonCode languageCode overseer "
    "authorOrPerformer dataEnterer informationRecipient subject reasonOf queryByParameter",
    "queryByParameter": "queryId statusCode modifyCode responseElementGroupId responseModalityCode "
    "responsePriorityCode initialQuantity initialQuantityCode executionAndDeliveryTime matchCriterionList "
    "parameterList",
    "registrationRequest": "id code statusCode effectiveTime subject1 author",
    "patient": "id addr telecom statusCode effectiveTime confidentialityCode patientPerson "
    "providerOrganization subjectOf",
    "patientPerson": "id name telecom administrativeGenderCode birthTime deceasedInd addr contactParty "
    "personalRelationship birthPlace",
    "contactParty": "id code addr telecom contactPerson",
    "administrativeObservation": "id code text statusCode effectiveTime value",
    "parameterList": "livingSubjectAdministrativeGender livingSubjectBirthTime livingSubjectName patientAddress "
    "patientIdentifier",
    "personalRelationship": "id code addr telecom relationshipHolder1",
    "addr": "streetAddressLine additionalLocator postalCode city country",
    "assignedEntity": "id code addr telecom assignedPerson representedOrganization",
}


@dataclass(frozen=True)
class Interaction:
    """One request, its wrapper checked."""

    name: str
    message_root: str
    message_extension: str
    processing: str
    sender: Element
    act: Element
    """`controlActProcess`."""


def reason(payload: Element) -> str:
    """The reason of the control act: what tells apart the transactions that share an interaction."""
    code = find(payload, HL7, "controlActProcess/reasonCode")
    return attribute(code, "code") if attribute(code, "codeSystem") == ACT_REASONS else ""


def read(payload: Element) -> Interaction:
    """Check the wrapper. Raises `Fault`."""
    check_order(payload, "message")
    name = payload.tag.removeprefix(f"{{{HL7}}}")
    identifier = find(payload, HL7, "id")
    interaction = find(payload, HL7, "interactionId")
    sender, act = find(payload, HL7, "sender/device"), find(payload, HL7, "controlActProcess")
    processing = attribute(find(payload, HL7, "processingCode"), "code")
    if (
        payload.get("ITSVersion") != "XML_1.0"
        or not (attribute(identifier, "root") and attribute(identifier, "extension"))
        or not TIMESTAMP.fullmatch(attribute(find(payload, HL7, "creationTime"), "value"))
        or (attribute(interaction, "root"), attribute(interaction, "extension")) != (INTERACTIONS, name)
        or processing not in ("P", "D", "T")
        or attribute(find(payload, HL7, "processingModeCode"), "code") != "T"
        or attribute(find(payload, HL7, "acceptAckCode"), "code") != "AL"
        or attribute(find(payload, HL7, "receiver/device/id"), "root") != DMP
        or sender is None
        or not attribute(find(sender, HL7, "id"), "root")
        or act is None
    ):
        raise invalid_message(f"L'en-tête du message {name} n'est pas conforme au schéma.")
    check_order(act, "controlActProcess")
    return Interaction(
        name, attribute(identifier, "root"), attribute(identifier, "extension"), processing, sender, act
    )


def check_order(parent: Element, sequence: str = "") -> None:
    """The known children of `parent` stand in the order of the schema. Raises `Fault`."""
    tag = parent.tag.removeprefix(f"{{{HL7}}}")
    order = _ORDERS[sequence or tag].split()
    names = [child.tag.removeprefix(f"{{{HL7}}}") for child in parent]
    ranks = [order.index(name) for name in names if name in order]
    if ranks != sorted(ranks):
        raise invalid_message(f"Les éléments de {tag} ne sont pas dans l'ordre du schéma.")


def answer(
    request: Interaction,
    name: str,
    now: datetime,
    *act: Element | None,
    attention: tuple[Element, ...] = (),
    refusal: Refusal | None = None,
    of_2008: bool = False,
) -> Element:
    """The interaction `name` in answer to `request`; `act` is the content of its control act.

    The edition of 2008, which the search without an identifier speaks, has the outcome in an element.
    """
    detail = None if refusal is None else _detail(refusal)
    outcome = "AE" if refusal else "AA"
    target = hl7("id", root=request.message_root, extension=request.message_extension)
    return element(
        HL7,
        name,
        hl7("id", root=DMP_MESSAGES, extension=str(uuid.uuid4())),
        hl7("creationTime", value=now.strftime("%Y%m%d%H%M%S")),
        hl7("interactionId", root=INTERACTIONS, extension=name),
        hl7("processingCode", code=request.processing),
        hl7("processingModeCode", code="T"),
        hl7("acceptAckCode", code="NE"),
        hl7("receiver", copy.deepcopy(request.sender), typeCode="RCV"),
        hl7("sender", _this_device(), typeCode="SND"),
        *attention,
        hl7(
            "acknowledgement",
            hl7("typeCode", code=outcome) if of_2008 else None,
            hl7("targetMessage", target),
            detail,
            **({} if of_2008 else {"typeCode": outcome}),
        ),
        hl7("controlActProcess", *act, classCode="CACT", moodCode="EVN"),
        ITSVersion="XML_1.0",
    )


def hl7(tag: str, *children: Element | str | None, **attributes: str) -> Element:
    """One HL7 v3 element."""
    return element(HL7, tag, *children, **attributes)


def boolean(value: bool) -> Element:
    """A `BL` value."""
    return hl7("value", type_="BL", value=str(value).lower())


def observation(code: str, system: str, value: bool) -> Element:
    """One `subjectOf` of a patient."""
    body = (hl7("code", code=code, codeSystem=system), boolean(value))
    return hl7(
        "subjectOf",
        hl7("administrativeObservation", *body, classCode="OBS", moodCode="EVN"),
        typeCode="SBJ",
    )


def custodian() -> Element:
    """The DMP as keeper of a registration."""
    return hl7("custodian", hl7("assignedEntity", hl7("id", root=DMP), classCode="ASSIGNED"), typeCode="CST")


def name_part(name: Element | None, tag: str, qualifier: str = "") -> str:
    """The first `tag` of a person's name with that qualifier."""
    for part in () if name is None else name.iterfind(f"{{{HL7}}}{tag}"):
        if not qualifier or qualifier in attribute(part, "qualifier").split():
            return text(part)
    return ""


def _detail(refusal: Refusal) -> Element:
    return hl7(
        "acknowledgementDetail", hl7("code", code=refusal.code), hl7("text", refusal.text), typeCode="E"
    )


def _this_device() -> Element:
    return hl7(
        "device", hl7("id", root=DMP), hl7("softwareName", "DMP"), classCode="DEV", determinerCode="INSTANCE"
    )
