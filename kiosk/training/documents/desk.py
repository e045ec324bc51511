"""Making drafts for one patient: the small language the catalogues are written in."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from kiosk.training.documents import cda, files, kinds
from kiosk.training.documents.cda import Cover, Section
from kiosk.training.documents.draft import Author, Draft, Kind, Patient, oid

_TEMPLATES = {kinds.LAB: "1.3.6.1.4.1.19376.1.3.3", kinds.VSM: "1.2.250.1.213.1.1.1.13"}
"""Model of a structured document by its format (ASS_A11 of the ANS)."""
_STRUCTURED_TEMPLATE = "1.3.6.1.4.1.19376.1.5.3.1.1.1"
_FILES: dict[str, tuple[str, str, Callable[[list[str]], bytes]]] = {
    "text": ("text/plain", kinds.TEXT, files.text),
    "rtf": ("text/rtf", kinds.RTF, files.rtf),
    "pdf": ("application/pdf", kinds.PDF, files.pdf),
}


@dataclass(frozen=True, repr=False)
class Desk:
    """Whose documents are made."""

    patient: Patient

    def cover(
        self, name: str, title: str, kind: Kind, author: Author, written: datetime, template: str = ""
    ) -> Cover:
        """`name` gives the unique id: one name, one document."""
        cover = Cover(oid(self.patient.ins_c, name), kind, title, written, author, self.patient)
        return replace(cover, template=template) if template else cover

    def structured(
        self,
        name: str,
        title: str,
        kind: Kind,
        author: Author,
        written: datetime,
        sections: list[Section],
        code: str,
    ) -> Draft:
        template = _TEMPLATES.get(code, _STRUCTURED_TEMPLATE)
        cover = self.cover(name, title, kind, author, written, template)
        return drafted(cover, code, cda.structure(cover, sections))

    def letter(
        self,
        name: str,
        title: str,
        kind: Kind,
        author: Author,
        written: datetime,
        lines: list[str],
        form: str = "text",
    ) -> Draft:
        """A letter as plain text, RTF or PDF."""
        media_type, code, make = _FILES[form]
        cover = self.cover(name, title, kind, author, written)
        head = files.letterhead(
            self.patient, author.structure_name or "Mon espace santé", f"{written:%d/%m/%Y}"
        )
        signed = [*head, *lines, "", f"{author.title} {author.given} {author.family}".strip()]
        return drafted(cover, code, cda.wrap(cover, media_type, make(signed)))

    def file(
        self,
        name: str,
        title: str,
        kind: Kind,
        author: Author,
        written: datetime,
        media_type: str,
        content: bytes,
    ) -> Draft:
        """A file made elsewhere."""
        codes = {"application/pdf": kinds.PDF, "image/jpeg": kinds.JPEG, "image/tiff": kinds.TIFF}
        cover = self.cover(name, title, kind, author, written)
        return drafted(cover, codes.get(media_type, kinds.TEXT), cda.wrap(cover, media_type, content))


def drafted(cover: Cover, code: str, content: bytes) -> Draft:
    return Draft(cover.unique_id, cover.title, cover.kind, cover.author, cover.written, code, content)


def day(text: str, hour: int = 9) -> datetime:
    """`2025-03-14` in the morning, UTC."""
    return datetime.fromisoformat(text).replace(hour=hour, minute=12, tzinfo=UTC)
