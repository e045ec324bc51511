"""The file tree of an emulated card (ISO 7816-4 §7): directories, transparent files, and how they are named."""

from dataclasses import dataclass, field

from kiosk.training.cards.tlv import tlv

MF = 0x3F00


@dataclass(frozen=True)
class TransparentFile:
    """An elementary file: bytes, read by offset."""

    file_id: int
    content: bytes = field(repr=False)
    private: bool = False
    """Readable only while the PIN is verified."""
    sfi: int | None = None
    """Short identifier, 1 to 30."""


@dataclass(frozen=True)
class Directory:
    """MF or DF."""

    file_id: int
    files: tuple["TransparentFile | Directory", ...] = ()
    aid: bytes = b""

    def child(self, file_id: int) -> "TransparentFile | Directory | None":
        return next((file for file in self.files if file.file_id == file_id), None)

    def by_short_id(self, sfi: int) -> TransparentFile | None:
        return next((f for f in self.files if isinstance(f, TransparentFile) and f.sfi == sfi), None)

    def application(self, name: bytes) -> "Directory | None":
        """This directory or one inside whose AID begins with `name` (ISO 7816-4 §8.2.1.2: right truncation)."""
        if name and self.aid.startswith(name):
            return self
        for file in self.files:
            found = file.application(name) if isinstance(file, Directory) else None
            if found:
                return found
        return None


@dataclass(frozen=True)
class Place:
    """What is selected: directories from the MF down, and the current elementary file if there is one."""

    directories: tuple[Directory, ...]
    file: TransparentFile | None = None

    @property
    def directory(self) -> Directory:
        return self.directories[-1]

    @property
    def selected(self) -> "TransparentFile | Directory":
        return self.file or self.directory

    def step(self, file_id: int) -> "Place | None":
        """One identifier further: a child of the current directory."""
        child = self.directory.child(file_id)
        if child is None:
            return None
        if isinstance(child, Directory):
            return Place((*self.directories, child))
        return Place(self.directories, child)

    def follow(self, path: bytes) -> "Place | None":
        """Along identifiers of two bytes each; None where nothing is. An EF ends the path."""
        place = self
        for at in range(0, len(path), 2):
            further = place.step(int.from_bytes(path[at : at + 2], "big")) if not place.file else None
            if further is None:
                return None
            place = further
        return place


def control_parameters(file: TransparentFile | Directory) -> bytes:
    """Objects of an FCP: `80` size, `82` descriptor, `83` identifier, `84` AID, `8A` life cycle (05 activated), `A1`
    who may read (IAS-ECC: contact rules `8C`, one access mode, one condition).
    """
    identifier = tlv(0x83, file.file_id.to_bytes(2, "big"))
    alive = tlv(0x8A, b"\x05")
    if isinstance(file, TransparentFile):
        size = tlv(0x80, len(file.content).to_bytes(2, "big"))
        return size + tlv(0x82, b"\x01") + identifier + alive + _read_rule(file.private)
    name = tlv(0x84, file.aid) if file.aid else b""
    return tlv(0x82, b"\x38") + identifier + name + alive + _read_rule(False)


def _read_rule(private: bool) -> bytes:
    """Mode 01 (read) under condition 00 (always) or 11 (holder authenticated). [likely] OpenSC wants it."""
    return tlv(0xA1, tlv(0x8C, b"\x01", b"\x11" if private else b"\x00"))
