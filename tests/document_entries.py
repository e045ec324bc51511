"""Entries of a list for tests that need no registry."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from kiosk.code import Code
from kiosk.dmp.document import Author, DocumentEntry, DocumentStatus, Visibility

_PLAIN = DocumentEntry(
    entry_uuid="urn:uuid:0",
    unique_id="2.25.1",
    repository_id="1.2.3",
    home="",
    title="Lettre",
    description="",
    class_code=Code("10", "1.2.250.1.213.1.1.4.1", "Compte rendu"),
    type_code=Code("11488-4", "2.16.840.1.113883.6.1", "CR ou fiche de consultation ou de visite"),
    format_code=Code("urn:ihe:iti:xds-sd:pdf:2008", "1.3.6.1.4.1.19376.1.2.3", "PDF"),
    mime_type="text/xml",
    created=datetime(2025, 3, 1, 9, tzinfo=UTC),
    service_start=datetime(2025, 3, 1, 8, tzinfo=UTC),
    service_stop=None,
    service_precision=12,
    submitted=None,
    authors=(Author("GIRAUD", "Camille"),),
    status=DocumentStatus.CURRENT,
    raw_status=DocumentStatus.CURRENT.value,
    visibility=Visibility(),
    confidentialities=(),
    size=1000,
    hash="",
    language="fr-FR",
    version="1",
    logical_id="",
    reference_ids=(),
    practice_setting=Code("", "", ""),
    facility_type=Code("", "", ""),
    events=(),
)


def entry(number: int = 1, **changes: Any) -> DocumentEntry:
    """An ordinary letter, but for what `changes` say; its identifiers are those of `number`."""
    return replace(_PLAIN, entry_uuid=f"urn:uuid:{number}", unique_id=f"2.25.{number}", **changes)


def coded(value: str, label: str = "") -> Code:
    return Code(value, "1.2.3", label or value)
