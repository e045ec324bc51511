"""Answers of registry and repository: ebXML RegistryResponse and its relatives, as bytes."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from xml.sax.saxutils import escape, quoteattr

from kiosk.training.dmp_server.mtom import Attachment, Payload
from kiosk.training.dmp_server.outcomes import Refusal
from kiosk.training.dmp_server.registry_names import (
    ERROR_SEVERITY,
    FAILURE,
    QUERY,
    RIM,
    RS,
    SUCCESS,
    XDSB,
    XOP,
)
from kiosk.training.dmp_server.xml import Element


@dataclass(frozen=True, repr=False)
class Retrieved:
    """One document of an ITI-43 answer."""

    repository: str
    unique_id: str
    mime_type: str
    content: bytes


def registry_response(status: str = SUCCESS, refusals: Iterable[Refusal] = ()) -> Payload:
    return Payload(_response(status, refusals))


def query_response(
    objects: Iterable[bytes], status: str = SUCCESS, refusals: Iterable[Refusal] = ()
) -> Payload:
    return Payload(
        b"".join(
            (
                f'<query:AdhocQueryResponse xmlns:query="{QUERY}" status="{status}">'.encode(),
                _errors(refusals).encode(),
                f'<rim:RegistryObjectList xmlns:rim="{RIM}">'.encode(),
                *objects,
                b"</rim:RegistryObjectList></query:AdhocQueryResponse>",
            )
        )
    )


def retrieve_response(
    found: Iterable[Retrieved], status: str = SUCCESS, refusals: Iterable[Refusal] = ()
) -> Payload:
    responses, attachments = [], []
    for number, one in enumerate(found, 1):
        name = f"document-{number}@dmp"
        attachments.append(Attachment(name, one.content))
        responses.append(
            "<xdsb:DocumentResponse>"
            f"<xdsb:RepositoryUniqueId>{escape(one.repository)}</xdsb:RepositoryUniqueId>"
            f"<xdsb:DocumentUniqueId>{escape(one.unique_id)}</xdsb:DocumentUniqueId>"
            f"<xdsb:mimeType>{escape(one.mime_type)}</xdsb:mimeType>"
            f'<xdsb:Document><xop:Include xmlns:xop="{XOP}" href="cid:{name}"/></xdsb:Document>'
            "</xdsb:DocumentResponse>"
        )
    body = (
        f'<xdsb:RetrieveDocumentSetResponse xmlns:xdsb="{XDSB}">'.encode()
        + _response(status, refusals)
        + "".join(responses).encode()
        + b"</xdsb:RetrieveDocumentSetResponse>"
    )
    return Payload(body, tuple(attachments))


def refuse_query(request: Element, refusal: Refusal, now: datetime) -> Payload:
    return query_response((), FAILURE, [refusal])


def refuse_retrieve(request: Element, refusal: Refusal, now: datetime) -> Payload:
    return retrieve_response((), FAILURE, [refusal])


def refuse_submission(request: Element, refusal: Refusal, now: datetime) -> Payload:
    return registry_response(FAILURE, [refusal])


def _response(status: str, refusals: Iterable[Refusal]) -> bytes:
    return f'<rs:RegistryResponse xmlns:rs="{RS}" status="{status}">{_errors(refusals)}</rs:RegistryResponse>'.encode()


def _errors(refusals: Iterable[Refusal]) -> str:
    errors = "".join(
        f"<rs:RegistryError errorCode={quoteattr(one.code)} codeContext={quoteattr(one.text)} "
        f'severity="{ERROR_SEVERITY}" location="DMP"/>'
        for one in refusals
    )
    if not errors:
        return ""
    return f'<rs:RegistryErrorList xmlns:rs="{RS}" highestSeverity="{ERROR_SEVERITY}">{errors}</rs:RegistryErrorList>'
