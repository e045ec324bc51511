"""Remembers the attachments of a workstation's users until their end dates, in one JSON file.

Nobody is named in it: a card is a keyed hash of its serial under the site's key, as patients are in the journal.
What is no longer valid is dropped whenever the file is written; a damaged file counts as empty, since all that is
lost is typing.
"""

import fcntl
import hashlib
import hmac
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

from kiosk.attachment import NAME_LENGTH, Attachment
from kiosk.code import Code
from kiosk.text import clean

MOST = 8
"""Attachments kept for one card, the last used first: with « another one » they fit the digits of a menu."""

_LARGEST = 1024 * 1024
"""Bytes; more than that was not written here."""


@dataclass(frozen=True)
class AttachmentStore:
    """The file at `path`, made at the first `remember`. Several kiosks may share it."""

    path: Path
    site_key: bytes = field(repr=False)

    def of(self, card_serial: str, today: date) -> tuple[Attachment, ...]:
        """What is remembered for that card and still valid, the last used first. Raises nothing."""
        return _live(self._read().get(self._mark(card_serial), ()), today)

    def remember(
        self, card_serial: str, attachment: Attachment, today: date, *, instead_of: Attachment | None = None
    ) -> None:
        """Keep it, first in its card's list, in the place of any other of the same structure. Raises `OSError`."""
        mark = self._mark(card_serial)
        with self._locked():
            cards = {card: _live(kept, today) for card, kept in self._read().items()}
            others = [
                kept
                for kept in cards.get(mark, ())
                if kept.structure_id != attachment.structure_id and kept != instead_of
            ]
            cards[mark] = (attachment, *others)[:MOST]
            self._write(cards)

    def _mark(self, card_serial: str) -> str:
        return hmac.new(self.site_key, b"card " + card_serial.encode(), hashlib.sha256).hexdigest()

    def _read(self) -> dict[str, tuple[Attachment, ...]]:
        try:
            with self.path.open("rb") as file:
                return parse(file.read(_LARGEST))
        except OSError:
            return {}

    def _write(self, cards: dict[str, tuple[Attachment, ...]]) -> None:
        """Whole or not at all, readable by the owner only."""
        draft = self.path.with_name(f"{self.path.name}.new")
        draft.unlink(missing_ok=True)
        with open(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as file:
            json.dump({card: [_fields(one) for one in kept] for card, kept in cards.items() if kept}, file)
            file.flush()
            os.fsync(file.fileno())
        draft.replace(self.path)

    @contextmanager
    def _locked(self) -> Iterator[None]:
        """One writer at a time, among processes and threads: the lock belongs to the open file."""
        self.path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        lock = os.open(
            self.path.with_name(f"{self.path.name}.lock"), os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600
        )
        try:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield
        finally:
            os.close(lock)


def parse(content: bytes) -> dict[str, tuple[Attachment, ...]]:
    """Attachments by card mark; anything that is not as it was written is left out."""
    try:
        cards = json.loads(content)
    except (ValueError, RecursionError):
        return {}
    if not isinstance(cards, dict):
        return {}
    return {card: tuple(_attachments(kept)) for card, kept in cards.items() if isinstance(kept, list)}


def _attachments(kept: list[Any]) -> Iterator[Attachment]:
    for fields in kept:
        try:
            speciality = fields["speciality"]
            yield Attachment(
                structure_id=_text(fields["structure_id"]),
                structure_name=_text(fields["structure_name"]),
                sector=_code(fields["sector"]),
                speciality=None if speciality is None else _code(speciality),
                until=date.fromisoformat(fields["until"]),
            )
        except (KeyError, TypeError, ValueError):
            continue


def _fields(attachment: Attachment) -> dict[str, Any]:
    speciality = attachment.speciality
    return {
        "structure_id": attachment.structure_id,
        "structure_name": attachment.structure_name,
        "sector": _triple(attachment.sector),
        "speciality": _triple(speciality) if speciality else None,
        "until": attachment.until.isoformat(),
    }


def _triple(code: Code) -> list[str]:
    return [code.code, code.system, code.label]


def _code(value: Any) -> Code:
    code, system, label = value
    return Code(_text(code), _text(system), _text(label))


def _text(value: Any) -> str:
    """A text that says something. Raises `ValueError`."""
    text = clean(value, NAME_LENGTH * 3) if isinstance(value, str) else ""
    if not text:
        raise ValueError
    return text


def _live(kept: tuple[Attachment, ...], today: date) -> tuple[Attachment, ...]:
    return tuple(attachment for attachment in kept if attachment.until >= today)
