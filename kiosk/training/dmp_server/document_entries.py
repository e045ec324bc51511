"""What the registry keeps of a document and of a submission set."""

from dataclasses import dataclass

from kiosk.training.dmp_server import rim
from kiosk.training.dmp_server.registry_names import APPROVED


@dataclass(frozen=True, repr=False)
class Facts:
    """What a search compares and what rights depend on; codes are `code^^scheme`."""

    codes: dict[str, list[str]]
    """By classification scheme."""
    created: str = ""
    start: str = ""
    stop: str = ""
    authors: tuple[str, ...] = ()
    """XCN texts."""
    owners: tuple[str, ...] = ()
    """Identifiers of authors and legal authenticator."""
    institutions: tuple[str, ...] = ()
    references: tuple[str, ...] = ()
    source: str = ""
    """Of a submission set: the installation it came from."""
    content_hash: str = ""
    """SHA-1, hexadecimal."""

    def bare(self, scheme: str) -> tuple[str, ...]:
        """The codes alone."""
        return tuple(code.partition("^^")[0] for code in self.codes.get(scheme, ()))


@dataclass(frozen=True, repr=False)
class Entry:
    """One document entry: one version of the metadata of one document."""

    uuid: str
    lid: str
    version: int
    ins_c: str
    unique_id: str
    status: str
    mime_type: str
    facts: Facts
    chunks: tuple[bytes, bytes]

    def xml(self) -> bytes:
        return rim.extrinsic(self.uuid, self.lid, self.version, self.status, self.mime_type, self.chunks)


@dataclass(frozen=True, repr=False)
class SubmissionSet:
    uuid: str
    unique_id: str
    ins_c: str
    submitted: str
    """UTC, YYYYMMDDhhmmss."""
    facts: Facts
    chunks: tuple[bytes, bytes]

    def xml(self) -> bytes:
        return rim.package(self.uuid, APPROVED, self.chunks)
