"""Where files to deposit come from: the scan folder, what is plugged in, or a path that was typed. Read only.

Only regular files are listed and read, told by their content. No link is followed below a place, nor a special file
opened; a file that another program is still writing, or that is gone, is told instead of being sent in part.
"""

import os
import re
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import Enum
from pathlib import Path
from typing import Final

from kiosk.deposit.files import MAX_BYTES
from kiosk.errors import FileUnreadable
from kiosk.text import clean

MOST: Final = 200
"""Files shown of one place, the newest ones."""
_LOOKED_AT: Final = 5_000
"""Entries of a place that are looked at: a whole disk is no scan folder."""
_DEEPEST: Final = 4
"""Folders within folders."""
_HEAD: Final = 4096
_MOUNTS: Final = Path("/proc/self/mountinfo")
_PLUGGED: Final = ("/media/", "/run/media/")

_FILE: Final = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
_FOLDER: Final = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC

_CDA = re.compile(rb"<(?:[A-Za-z_][\w.-]*:)?ClinicalDocument[\s/>]")
_CONTROLS = re.compile(rb"[\x00-\x08\x0b\x0e-\x1f]")


class Kind(Enum):
    """What a file is, by its first bytes; the value is what the list says."""

    PDF = "PDF"
    JPEG = "JPEG"
    TIFF = "TIFF"
    RTF = "RTF"
    CDA = "CDA"
    TEXT = "Texte"


@dataclass(frozen=True, repr=False)
class Place:
    """A folder to choose from."""

    label: str
    path: Path


@dataclass(frozen=True, repr=False)
class SourceFile:
    """One file as the list showed it. Its name may say who the patient is: it goes no further than the screen."""

    place: Place
    parts: tuple[str, ...]
    """Path below the place."""
    kind: Kind
    size: int
    changed: datetime
    """UTC."""
    stamp: tuple[int, int, int] = field(default=(0, 0, 0))
    """Inode, size, nanoseconds of the last change: what tells that it is not the same any more."""

    @property
    def name(self) -> str:
        """Safe to show."""
        return clean("/".join(self.parts), 200)


@dataclass(frozen=True, repr=False)
class Listing:
    """The files of one place, the newest first."""

    place: Place
    files: tuple[SourceFile, ...]
    others: int = 0
    """Files of another format, or empty: counted, not shown."""
    more: bool = False
    """Whether there are more files than a list shows."""


def places(folder: Path | None, mounts: Path = _MOUNTS) -> tuple[Place, ...]:
    """The scan folder of the settings, then every medium plugged in now."""
    found = [] if folder is None else [Place("Dossier de numérisation", folder)]
    return (*found, *(Place(f"Clé « {clean(path.name, 30)} »", path) for path in _plugged(mounts)))


def listing(place: Place) -> Listing:
    """Raises `FileUnreadable` when the place cannot be read."""
    entries: list[tuple[tuple[str, ...], os.stat_result]] = []
    try:
        with _folder(place.path) as top:
            for parts, status in _walk(top, ()):
                entries.append((parts, status))
                if len(entries) >= _LOOKED_AT:
                    break
            entries.sort(key=lambda one: one[1].st_mtime_ns, reverse=True)
            files, others = _told(place, top, entries)
    except OSError as error:
        raise _gone(
            cause="Le dossier n'existe pas ou n'est pas ouvert à la borne.",
            todo="Rebranchez la clé, ou faites vérifier le réglage [deposit] folder.",
            error=error,
        ) from None
    shown = tuple(files[:MOST])
    return Listing(place, shown, others, more=len(files) > MOST or len(entries) >= _LOOKED_AT)


def typed(text: str, *, closed: tuple[Path, ...] = ()) -> SourceFile:
    """The file at a path that somebody typed. Raises `FileUnreadable`.

    `closed`: folders of the kiosk itself, whose files are nobody's document.
    """
    path = Path(text.strip())
    try:
        if not path.is_absolute():
            raise FileNotFoundError
        folder = path.parent.resolve(strict=True)
        if any(folder.is_relative_to(own.resolve()) for own in closed):
            raise PermissionError
        place = Place("Chemin saisi", folder)
        with _folder(folder) as top:
            status = os.stat(path.name, dir_fd=top, follow_symlinks=False)
            if not stat.S_ISREG(status.st_mode):
                raise FileNotFoundError
            files, _ = _told(place, top, [((path.name,), status)])
    except (OSError, ValueError) as error:
        raise _gone(
            cause="Il n'y a pas de fichier lisible à ce chemin.",
            todo="Tapez le chemin complet, par exemple /media/cle/compte-rendu.pdf.",
            error=error,
        ) from None
    if not files:
        raise FileUnreadable(
            cause="Ce fichier est vide, ou d'un format que le DMP n'accepte pas.",
            todo="Exportez-le en PDF/A-1 depuis le logiciel qui l'a fait.",
            detail="kind",
        )
    return files[0]


def read(file: SourceFile) -> bytes:
    """The whole file, as it stood in the list. Raises `FileUnreadable` when it is gone or still changing."""
    try:
        with _folder(file.place.path) as top, _below(top, file.parts[:-1]) as folder:
            descriptor = os.open(file.parts[-1], _FILE, dir_fd=folder)
            with open(descriptor, "rb") as opened:
                before = os.fstat(descriptor)
                if not stat.S_ISREG(before.st_mode):
                    raise FileNotFoundError
                content = opened.read(MAX_BYTES + 1)
                after = os.fstat(descriptor)
    except OSError as error:
        raise _gone(
            cause="Le fichier n'est plus là : il a été déplacé, ou la clé retirée.",
            todo="Rebranchez la clé, puis F5 pour relire la liste.",
            error=error,
        ) from None
    whole = len(content) == after.st_size or len(content) > MAX_BYTES
    if not whole or not (_stamp(before) == _stamp(after) == file.stamp):
        raise FileUnreadable(
            cause="Le fichier a changé depuis la liste : un autre logiciel l'écrit encore.",
            todo="Attendez la fin de la numérisation, puis F5 pour relire la liste.",
            detail="changing",
        )
    return content


def kind_of(head: bytes) -> Kind | None:
    """By the first bytes of a file; None for what the DMP does not take."""
    if b"%PDF-" in head[:1024]:
        return Kind.PDF
    if head.startswith(b"\xff\xd8\xff"):
        return Kind.JPEG
    if head.startswith((b"II*\0", b"MM\0*")):
        return Kind.TIFF
    if head.lstrip().startswith(b"{\\rtf"):
        return Kind.RTF
    wide = head.startswith((b"\xff\xfe", b"\xfe\xff"))
    text = head.replace(b"\0", b"")[2:] if wide else head.removeprefix(b"\xef\xbb\xbf")
    if text.lstrip().startswith(b"<"):
        return Kind.CDA if _CDA.search(text) else None
    return Kind.TEXT if text.strip() and not _CONTROLS.search(text) else None


def _told(
    place: Place, top: int, entries: list[tuple[tuple[str, ...], os.stat_result]]
) -> tuple[list[SourceFile], int]:
    """The files of a known kind, in the order given, one more than are shown at most; how many were left out."""
    files: list[SourceFile] = []
    others = 0
    for parts, status in entries:
        if len(files) > MOST:
            break
        kind = _kind_at(top, parts) if status.st_size else None
        if kind is None:
            others += 1
            continue
        changed = datetime.fromtimestamp(status.st_mtime, UTC)
        files.append(SourceFile(place, parts, kind, status.st_size, changed, _stamp(status)))
    return files, others


def _kind_at(top: int, parts: tuple[str, ...]) -> Kind | None:
    """None too for a file that cannot be opened or vanished meanwhile."""
    with suppress(OSError), _below(top, parts[:-1]) as folder:
        file = os.open(parts[-1], _FILE, dir_fd=folder)
        with open(file, "rb") as opened:
            return kind_of(opened.read(_HEAD))
    return None


def _walk(folder: int, above: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], os.stat_result]]:
    """Regular files below an open folder; hidden ones, links and other file systems' surprises left out."""
    with os.scandir(folder) as entries:
        for entry in entries:
            if entry.name.startswith("."):
                continue
            with suppress(OSError):
                status = entry.stat(follow_symlinks=False)
                if stat.S_ISREG(status.st_mode):
                    yield (*above, entry.name), status
                elif stat.S_ISDIR(status.st_mode) and len(above) < _DEEPEST:
                    with _below(folder, (entry.name,)) as inner:
                        yield from _walk(inner, (*above, entry.name))


@contextmanager
def _folder(path: Path) -> Iterator[int]:
    """The place itself may be a link: its administrator, or the system, made it."""
    descriptor = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        yield descriptor
    finally:
        os.close(descriptor)


@contextmanager
def _below(top: int, parts: tuple[str, ...]) -> Iterator[int]:
    """A folder below an open one, one step after the other, through no link."""
    current = os.dup(top)
    try:
        for part in parts:
            following = os.open(part, _FOLDER, dir_fd=current)
            os.close(current)
            current = following
        yield current
    finally:
        os.close(current)


def _stamp(status: os.stat_result) -> tuple[int, int, int]:
    return status.st_ino, status.st_size, status.st_mtime_ns


def _plugged(mounts: Path) -> list[Path]:
    """Mount points under the folders where systems mount what is plugged in (proc(5), mountinfo: field 5)."""
    try:
        text = mounts.read_text(encoding="utf-8", errors="surrogateescape")
    except OSError:
        return []
    found = []
    for line in text.splitlines():
        fields = line.split(" ")
        if len(fields) > 4:
            point = re.sub(r"\\([0-7]{3})", lambda octal: chr(int(octal[1], 8)), fields[4])
            if point.startswith(_PLUGGED):
                found.append(Path(point))
    return found


def _gone(*, cause: str, todo: str, error: Exception) -> FileUnreadable:
    return FileUnreadable(cause=cause, todo=todo, detail=type(error).__name__)
