"""From documents to a request that never changes: identifiers, time, wrapping and signature, once and for all."""

import hashlib
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final
from uuid import UUID

from lxml import etree

from kiosk.code import Code
from kiosk.dmp import cda, oid, xades
from kiosk.dmp.deposit import (
    NewDocument,
    PreparedDocument,
    PreparedSubmission,
    ReadyCda,
    Submission,
    is_professional,
    writer,
)
from kiosk.dmp.deposit_rules import check_submission, effective_visibility
from kiosk.dmp.document import SIGNATURE_CLASS, Visibility
from kiosk.dmp.habilitations import class_of
from kiosk.dmp.model import Actor
from kiosk.dmp.profile import ServiceProfile, Software
from kiosk.dmp.signature import Signer
from kiosk.dmp.submission_set import Entry, SubmissionSet, provide_and_register
from kiosk.errors import DocumentInvalid
from kiosk.markup import UnreadableMarkup, parse_whole
from kiosk.text import clean

MAX_CDA_BYTES: Final = 80_000_000
"""Of a document as it is sent: a file of 50 MB in base64, and its header."""

# What the registry is told about the signature of a submission set, which travels as one more document.
_SIGNATURE_CLASS: Final = Code(SIGNATURE_CLASS, "URN", "Digital Signature")
_SIGNATURE_TYPE: Final = Code("E1762", "ASTM", "Full Document")
_SIGNATURE_FORMAT: Final = Code("http://www.w3.org/2000/09/xmldsig#", "URN", "Default signature style")
_SIGNATURE_EVENT: Final = Code(xades.PURPOSE, "1.2.840.10065.1.12", "Source")


@dataclass(frozen=True, repr=False)
class _Made:
    """A document ready to leave, and what the registry is told of it."""

    prepared: PreparedDocument
    entry: Entry
    signed: xades.Signed


@dataclass(frozen=True)
class _Bench:
    """What every step of one preparation needs."""

    actor: Actor
    profile: ServiceProfile
    software: Software
    signer: Signer
    new_uuid: Callable[[], UUID]
    now: datetime

    def new_oid(self) -> str:
        return oid.of_uuid(self.new_uuid())


def prepare(
    submission: Submission,
    *,
    actor: Actor,
    profile: ServiceProfile,
    software: Software,
    signer: Signer,
    now: datetime,
    new_uuid: Callable[[], UUID],
) -> PreparedSubmission:
    """Check, wrap, describe and sign; one signature of the card.

    Raises `DocumentInvalid` before anything is signed, or `CardError`.
    """
    check_submission(submission, actor)
    bench = _Bench(actor, profile, software, signer, new_uuid, now.astimezone(UTC).replace(microsecond=0))
    ids = submission.ids
    unique_id = ids.submission if ids else bench.new_oid()
    reserved: Sequence[str] = ids.documents if ids else [""] * len(submission.documents)
    made = [
        _document(bench, submission, document, kept)
        for document, kept in zip(submission.documents, reserved, strict=True)
    ]
    signature = _signature(bench, submission, unique_id, made)
    submission_set = SubmissionSet(
        object_id=f"urn:uuid:{new_uuid()}",
        unique_id=unique_id,
        source_id=software.installation_oid,
        title=clean(submission.title),
        content_type=submission.content_type,
        author=writer(actor),
        sent_at=bench.now,
    )
    entries = [one.entry for one in made]
    return PreparedSubmission(
        access=submission.access,
        unique_id=unique_id,
        transaction="TD2.1" if is_professional(actor) else "TD2.2",
        body=provide_and_register(submission_set, submission.patient, entries, signature.entry),
        documents=tuple(one.prepared for one in made),
        signature=signature.prepared,
    )


def _document(bench: _Bench, submission: Submission, document: NewDocument | ReadyCda, kept: str) -> _Made:
    if isinstance(document, ReadyCda):
        unique_id = document.unique_id
        pieces: tuple[bytes, ...] = (document.content,)
        canonical: Iterable[bytes] = (_canonical(document.content),)
        mime_type, language, format_code = document.mime_type, document.language, document.format_code
        facility, local_id = document.facility, document.local_id
    else:
        unique_id = kept or bench.new_oid()
        replaced = document.replaces
        ids = cda.CdaIds(
            document=unique_id,
            set_id=(replaced.set_id if replaced else "") or bench.new_oid(),
            version=replaced.version + 1 if replaced else 1,
        )
        canonical = pieces = cda.wrap(document, submission.patient, bench.actor.sector, ids, bench.now)
        mime_type, language, format_code = "text/xml", "fr-FR", document.format.code
        facility, local_id = bench.actor.sector, submission.patient.local_id
    document_class = class_of(document.type_code)
    assert document_class is not None  # the rules take no type without one
    entry = Entry(
        **_file(bench, unique_id, pieces),
        mime_type=mime_type,
        language=language,
        title=clean(document.title),
        description=clean(document.description),
        class_code=document_class,
        type_code=document.type_code,
        format_code=format_code,
        visibility=effective_visibility(document.visibility, secret=submission.access.secret),
        facility=facility,
        practice_setting=document.practice_setting,
        events=document.events,
        created=document.created,
        service_start=document.service_start,
        service_stop=document.service_stop,
        authors=document.authors,
        legal_authenticator=document.legal_authenticator,
        local_id=local_id,
        replaced_entry=document.replaces.entry_uuid if document.replaces else "",
    )
    digest = xades.digest(bench.profile.signature_algorithm, canonical)
    return _Made(_prepared(entry, pieces), entry, xades.Signed(unique_id, digest))


def _signature(bench: _Bench, submission: Submission, unique_id: str, made: list[_Made]) -> _Made:
    own_id = bench.new_oid()
    content = xades.sign(
        [one.signed for one in made],
        submission=unique_id,
        signature_id=own_id,
        signer=bench.signer,
        algorithm=bench.profile.signature_algorithm,
        signed_at=bench.now,
    )
    hidden = Visibility(hidden_from_professionals=True, invisible_to_patient=True)
    author = writer(bench.actor)
    entry = Entry(
        **_file(bench, own_id, (content,)),
        mime_type="text/xml",
        language="art",
        title="Source",
        description="",
        class_code=_SIGNATURE_CLASS,
        type_code=_SIGNATURE_TYPE,
        format_code=_SIGNATURE_FORMAT,
        visibility=effective_visibility(hidden, secret=submission.access.secret),
        facility=bench.actor.sector,
        practice_setting=submission.documents[0].practice_setting,
        events=(_SIGNATURE_EVENT,),
        created=bench.now,
        service_start=bench.now,
        service_stop=None,
        authors=(author,),
        legal_authenticator=author,
        local_id=submission.patient.local_id,
    )
    return _Made(_prepared(entry, (content,)), entry, xades.Signed(own_id, b""))


def _file(bench: _Bench, unique_id: str, pieces: tuple[bytes, ...]) -> dict[str, Any]:
    """The part of an entry that its bytes decide. XDS asks for SHA-1: an integrity check, no signature."""
    sha1 = hashlib.sha1(usedforsecurity=False)
    for piece in pieces:
        sha1.update(piece)
    return {
        "object_id": f"urn:uuid:{bench.new_uuid()}",
        "content_id": f"{bench.new_uuid()}@borne",
        "unique_id": unique_id,
        "sha1": sha1.hexdigest(),
        "size": sum(map(len, pieces)),
    }


def _prepared(entry: Entry, pieces: tuple[bytes, ...]) -> PreparedDocument:
    sha256 = hashlib.sha256()
    for piece in pieces:
        sha256.update(piece)
    return PreparedDocument(entry.unique_id, entry.content_id, pieces, sha256.hexdigest())


def _canonical(content: bytes) -> bytes:
    """Inclusive C14N with comments of a whole document."""
    try:
        tree = parse_whole(content, limit=MAX_CDA_BYTES)
    except UnreadableMarkup as error:
        raise DocumentInvalid(cause="Ce CDA est illisible.", detail=str(error)) from None
    data: bytes = etree.tostring(tree, method="c14n", with_comments=True)
    return data
