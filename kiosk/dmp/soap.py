"""SOAP 1.2 over HTTP with WS-Addressing 1.0 and one SAML assertion (no timestamp, no body signature)."""

from collections.abc import Callable, Iterator
from http import HTTPStatus
from typing import Final
from xml.sax.saxutils import escape

from lxml import etree

from kiosk.dmp import faults, xml
from kiosk.errors import AnswerUnreadable, DmpError, RequestTooLarge
from kiosk.markup import UnreadableMarkup, UntrustedStream

SOAP: Final = "http://www.w3.org/2003/05/soap-envelope"
WSA: Final = "http://www.w3.org/2005/08/addressing"
WSSE: Final = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-secext-1.0.xsd"

_NAMES = {"s": SOAP, "a": WSA}
_FOREIGN = "RelatesTo is not our MessageID"
_RECEIVER = "Receiver"
_MAX_ELEMENT = 8_000_000
"""Bytes of one streamed element: a description of a document has a few thousand."""

# `mustUnderstand` stands on Action and ReplyTo only: on Security the service answers a MustUnderstand fault.
_ENVELOPE = (
    f'<soap:Envelope xmlns:soap="{SOAP}" xmlns:wsa="{WSA}"><soap:Header>'
    '<wsa:Action soap:mustUnderstand="true">%(action)s</wsa:Action>'
    "<wsa:MessageID>%(message_id)s</wsa:MessageID>"
    "<wsa:To>%(to)s</wsa:To>"
    f'<wsa:ReplyTo soap:mustUnderstand="true"><wsa:Address>{WSA}/anonymous</wsa:Address></wsa:ReplyTo>'
    f'<wsse:Security xmlns:wsse="{WSSE}">'
)
_AFTER_ASSERTION = b"</wsse:Security></soap:Header><soap:Body>"
_AFTER_BODY = b"</soap:Body></soap:Envelope>"

_STATUS_CAUSES = {
    401: "Le service n'a pas reconnu ce poste.",
    403: "Le service refuse ce poste ou ce réseau.",
    404: "L'adresse du service dans les réglages n'est pas la bonne.",
    502: "Le service est arrêté derrière sa passerelle.",
    503: "Le service est en maintenance ou surchargé.",
    504: "Le service ne répond pas derrière sa passerelle.",
}


def content_type(action: str) -> str:
    """HTTP Content-Type of a request."""
    return f'application/soap+xml; charset=UTF-8; action="{action}"'


def envelope(*, action: str, to: str, message_id: str, assertion: bytes, body: bytes) -> bytes:
    """The request. `assertion` and `body` are serialised elements, spliced byte for byte: a signed element
    that is parsed and appended gets its prefixes rewritten and its signature dies."""
    head = _ENVELOPE % {"action": escape(action), "to": escape(to), "message_id": escape(message_id)}
    return b"".join((head.encode(), assertion, _AFTER_ASSERTION, body, _AFTER_BODY))


def payload(data: bytes, *, status: int, message_id: str) -> etree._Element:
    """The one element in the body of an answer.

    `status` is the HTTP status: it only explains an answer that is no SOAP (a proxy's page). A fault comes
    with 500 or 400 and raises what `kiosk.dmp.faults` says of it. An answer that does not relate to
    `message_id` belongs to another call, maybe another patient: `AnswerUnreadable`.
    """
    try:
        root = xml.parse(data)
    except AnswerUnreadable as error:
        raise _no_answer(status, error.detail) from None
    return _content(root, status, message_id)


class Stream:
    """The same for a long answer, read as it comes: every `tag` element goes to `take`, then is let go.

    `take` gets none before the answer is known to relate to `message_id`.
    """

    def __init__(self, message_id: str, tag: str, take: Callable[[etree._Element], None]) -> None:
        self._message_id = message_id
        self._take = take
        self._markup = UntrustedStream(tag, self._related, element_limit=_MAX_ELEMENT)
        self._failure = ""

    def feed(self, block: bytes) -> None:
        """The next bytes of the body. What cannot be parsed is told by `payload`, which knows the HTTP status."""
        if self._failure:
            return
        try:
            self._markup.feed(block)
        except UnreadableMarkup as error:
            self._failure = str(error)

    def payload(self, *, status: int) -> etree._Element:
        """The one element in the body, without what was handed over. Raises as the function `payload`."""
        try:
            if self._failure:
                raise UnreadableMarkup(self._failure)
            root = self._markup.close()
        except UnreadableMarkup as error:
            raise _no_answer(status, str(error)) from None
        return _content(root, status, self._message_id)

    def _related(self, element: etree._Element) -> None:
        if _relations(element.getroottree().getroot()) != [self._message_id]:
            raise AnswerUnreadable(detail=_FOREIGN)
        self._take(element)


def _content(root: etree._Element, status: int, message_id: str) -> etree._Element:
    body = root.find("s:Body", _NAMES)
    if root.tag != f"{{{SOAP}}}Envelope" or body is None:
        raise _no_answer(status, "no SOAP 1.2 envelope")
    related = _relations(root)
    fault = body.find("s:Fault", _NAMES)
    # A server that could not read our headers cannot relate its fault to them.
    if related != [message_id] and (fault is None or related):
        raise AnswerUnreadable(detail=_FOREIGN)
    if fault is not None:
        raise _refusal(fault)
    if len(body) != 1:
        raise AnswerUnreadable(detail=f"{len(body)} elements in the body")
    return body[0]


def _relations(root: etree._Element) -> list[str]:
    return [_text(element) for element in root.iterfind("s:Header/a:RelatesTo", _NAMES)]


def _no_answer(status: int, detail: str) -> DmpError:
    if status == HTTPStatus.REQUEST_ENTITY_TOO_LARGE:
        return RequestTooLarge(detail=f"HTTP {status}")
    return AnswerUnreadable(cause=_STATUS_CAUSES.get(status, ""), detail=f"HTTP {status}, {detail}")


def _refusal(fault: etree._Element) -> DmpError:
    party = next((_text(value) for value in _values(fault.find("s:Code", _NAMES))), "")
    own_failure = party.rpartition(":")[2] == _RECEIVER
    return faults.refusal(_code(fault), _reason(fault), own_failure=own_failure)


def _code(fault: etree._Element) -> str:
    """The innermost subcode, else the code, without prefix: the DMP puts its codes in SOAP's namespace."""
    values = [_text(value) for value in _values(fault.find("s:Code", _NAMES))]
    return values[-1].rpartition(":")[2] if values else ""


def _values(code: etree._Element | None) -> Iterator[etree._Element]:
    while code is not None:
        value = code.find("s:Value", _NAMES)
        if value is not None:
            yield value
        code = code.find("s:Subcode", _NAMES)


def _reason(fault: etree._Element) -> str:
    texts = fault.findall("s:Reason/s:Text", _NAMES)
    french = [
        text for text in texts if (text.get("{http://www.w3.org/XML/1998/namespace}lang") or "")[:2] == "fr"
    ]
    return _text((french or texts)[0]) if texts else ""


def _text(element: etree._Element) -> str:
    return (element.text or "").strip()
