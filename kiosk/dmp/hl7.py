"""What the HL7 v3 messages (NE2009) of the DMP share: wrapper, correlation, acknowledgement."""

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any, Final
from uuid import UUID

from lxml import etree

from kiosk.dmp import faults
from kiosk.dmp.profile import Software
from kiosk.dmp.xml import HL7, node, serialize, text_node
from kiosk.errors import AnswerUnreadable, DmpError
from kiosk.text import clean

INTERACTIONS: Final = "2.16.840.1.113883.1.6"
REASONS: Final = "1.2.250.1.213.1.1.4.11"
OBSERVATIONS: Final = "1.2.250.1.213.4.1.2.3"
PROFESSIONALS: Final = "1.2.250.1.71.4.2.1"
STRUCTURES: Final = "1.2.250.1.71.4.2.2"
AUTHOR_SPECIALITIES: Final = "1.2.250.1.213.1.1.4.5"

_DMP: Final = "1.2.250.1.213.4.1.1.1"
_MESSAGES: Final = ".10"
_QUERIES: Final = ".11"

_NAMES = {"h": HL7}
_TIME = re.compile(r"([0-9]{8}(?:[0-9]{2}){0,3})(?:\.[0-9]+)?(Z|[+-][0-9]{2}:?[0-9]{2})?")


@dataclass(frozen=True)
class Frame:
    """What makes one message that one: who sends it, its identifiers, its time."""

    software: Software
    message_id: UUID
    query_id: UUID
    """Only queries carry it."""
    created: datetime


def message(interaction: str, *control_act: etree._Element, frame: Frame) -> bytes:
    """One interaction, serialised: transmission wrapper around the content of its control act."""
    software = frame.software
    root = node(
        interaction,
        node("id", root=software.installation_oid + _MESSAGES, extension=str(frame.message_id)),
        node("creationTime", value=timestamp(frame.created)),
        node("interactionId", root=INTERACTIONS, extension=interaction),
        node("processingCode", code="P"),
        node("processingModeCode", code="T"),
        node("acceptAckCode", code="AL"),
        _party("receiver", "RCV", _DMP, "DMP"),
        _party("sender", "SND", software.installation_oid, software.name),
        node("controlActProcess", *control_act, classCode="CACT", moodCode="EVN"),
        ITSVersion="XML_1.0",
    )
    return serialize(root)


def reason(code: str, label: str) -> etree._Element:
    """Why a control act is done: its `reasonCode`."""
    return node("reasonCode", code=code, codeSystem=REASONS, displayName=label)


def query(frame: Frame, *parameters: etree._Element | None) -> etree._Element:
    """The `queryByParameter` of a control act."""
    return node(
        "queryByParameter",
        node("queryId", root=frame.software.installation_oid + _QUERIES, extension=str(frame.query_id)),
        node("statusCode", code="new"),
        node("parameterList", *parameters),
    )


def timestamp(moment: datetime) -> str:
    """UTC, `YYYYMMDDhhmmss`."""
    return moment.astimezone(UTC).strftime("%Y%m%d%H%M%S")


def moment(value: str) -> datetime | None:
    """A time of a message, in UTC unless it says otherwise; `None` when it is no time or has no day."""
    found = _TIME.fullmatch(value)
    if found is None:
        return None
    digits, offset = found.groups()
    try:
        return datetime.strptime(digits.ljust(14, "0") + (offset or "+0000"), "%Y%m%d%H%M%S%z").astimezone(
            UTC
        )
    except (ValueError, OverflowError):
        return None


def find(element: etree._Element, path: str) -> list[etree._Element]:
    """Elements by XPath, prefix `h`."""
    return list(_evaluate(element, path))


def value(element: etree._Element, path: str) -> str:
    """The first attribute or element text the XPath gives, cleaned; empty when there is none."""
    first = next(iter(_evaluate(element, path)), "")
    return clean(str(first) if isinstance(first, str) else first.text)


def boolean(element: etree._Element, path: str) -> bool | None:
    """An HL7 BL; `None` when absent or not one."""
    return {"true": True, "1": True, "false": False, "0": False}.get(value(element, path))


def check_correlation(answer: etree._Element, frame: Frame) -> None:
    """Raise `AnswerUnreadable` when the answer names another message or another query than ours."""
    branch = frame.software.installation_oid
    _check_id(answer, "h:acknowledgement/h:targetMessage/h:id", branch + _MESSAGES, frame.message_id)
    _check_id(answer, "h:controlActProcess/h:queryAck/h:queryId", branch + _QUERIES, frame.query_id)


def check_acknowledged(answer: etree._Element) -> None:
    """Return when the answer is accepted (AA); raise the server's refusal, or `AnswerUnreadable`."""
    # The PDQ interactions carry the type as a child element.
    code = value(answer, "h:acknowledgement/@typeCode | h:acknowledgement/h:typeCode/@code")
    if code in {"AE", "AR"}:
        raise refusal(answer)
    if code != "AA":
        raise AnswerUnreadable(detail="no acknowledgement")


def query_response(answer: etree._Element) -> str:
    """What became of a query: `OK`, `NF`… Raises the server's refusal when it says it failed."""
    response = value(answer, "h:controlActProcess/h:queryAck/h:queryResponseCode/@code")
    if response in {"AE", "QE"}:
        raise refusal(answer)
    return response


def refusal(answer: etree._Element) -> DmpError:
    """The error the acknowledgement's detail stands for."""
    detail = "h:acknowledgement/h:acknowledgementDetail"
    return faults.refusal(value(answer, f"{detail}/h:code/@code"), value(answer, f"{detail}/h:text"))


def _check_id(answer: etree._Element, path: str, root: str, ours: UUID) -> None:
    for element in find(answer, path):
        named = (element.get("root"), (element.get("extension") or "").lower())
        if named != (root, str(ours)):
            raise AnswerUnreadable(detail="the answer is about another message")


def _party(name: str, code: str, root: str, software_name: str) -> etree._Element:
    device = node(
        "device",
        node("id", root=root),
        text_node("softwareName", software_name),
        classCode="DEV",
        determinerCode="INSTANCE",
    )
    return node(name, device, typeCode=code)


def _evaluate(element: etree._Element, path: str) -> Any:
    return _compiled(path)(element)


@lru_cache(maxsize=128)
def _compiled(path: str) -> etree.XPath:
    return etree.XPath(path, namespaces=_NAMES)
