"""A card that holds files: what the reader sees, and the commands every card here understands.

Answers are those of a T=0 card: data of a command that carried data is announced by 61xx and fetched with GET
RESPONSE; a card may ask for the exact length with 6Cxx. Extended commands are answered in one piece.
"""

import threading
from collections.abc import Callable
from typing import Protocol

from kiosk.training.cards import command as sw
from kiosk.training.cards.command import Command, StatusError, parse_command
from kiosk.training.cards.files import MF, Directory, Place, control_parameters
from kiosk.training.cards.tlv import tlv

Reply = tuple[bytes, int]
"""Data and status word."""


class Card(Protocol):
    """What a reader can do with a card. Any thread may call; each command is atomic."""

    @property
    def atr(self) -> bytes:
        """Answer to reset; empty for a card that stays mute."""

    def power_on(self) -> None: ...

    def power_off(self) -> None:
        """Also what removal does: everything but the PIN counter is forgotten."""

    def reset(self) -> None: ...

    def transmit(self, apdu: bytes) -> bytes:
        """One command; data and the two status bytes. Never raises."""


class FileCard:
    """SELECT, READ BINARY and GET RESPONSE over a file tree. Subclasses add commands to `_handlers`."""

    def __init__(self, atr: bytes, master: Directory, *, exact_length: bool = False) -> None:
        """`exact_length`: a READ BINARY that asks for more than is left is answered 6Cxx, not cut short."""
        self.atr = atr
        self._master = master
        self._exact_length = exact_length
        self._lock = threading.Lock()
        self._handlers: dict[int, Callable[[Command], Reply]] = {
            0xA4: self._select,
            0xB0: self._read_binary,
            0xC0: self._get_response,
        }
        self._forget()

    def power_on(self) -> None:
        self.reset()

    def power_off(self) -> None:
        self.reset()

    def reset(self) -> None:
        with self._lock:
            self._forget()

    def transmit(self, apdu: bytes) -> bytes:
        with self._lock:
            try:
                data, status = self._answer(parse_command(apdu))
            except StatusError as refusal:
                data, status = b"", refusal.status
            return data + status.to_bytes(2, "big")

    def _forget(self) -> None:
        """Volatile state, as after a reset."""
        self._place = Place((self._master,))
        self._pending = b""

    def _may_read_private(self) -> bool:
        return False

    def _answer(self, command: Command) -> Reply:
        handler = self._handlers.get(command.ins)
        if command.cla in (0x01, 0x02, 0x03):
            # A SELECT on another channel was observed to be taken for "no such application" when refused so.
            raise StatusError(sw.NOT_FOUND if command.ins == 0xA4 else sw.CHANNEL_NOT_SUPPORTED)
        if command.cla:
            raise StatusError(sw.CLASS_UNKNOWN)
        if handler is None:
            raise StatusError(sw.INSTRUCTION_UNKNOWN)
        if command.ins != 0xC0:
            self._pending = b""
        data, status = handler(command)
        if not data or command.ins == 0xC0:
            return data, status
        return self._delivered(command, data, status)

    def _delivered(self, command: Command, data: bytes, status: int) -> Reply:
        if command.extended:
            return data[: command.expected], status
        if command.data or command.expected is None:
            self._pending = data
            return b"", _length_status(0x61, len(data))
        if len(data) > command.expected:
            raise StatusError(_length_status(0x6C, len(data)))
        return data, status

    def _get_response(self, command: Command) -> Reply:
        if command.parameters:
            raise StatusError(sw.WRONG_PARAMETERS)
        if not self._pending or command.data or command.expected is None:
            raise StatusError(sw.CONDITIONS_NOT_SATISFIED)
        left = len(self._pending)
        if command.expected > left:
            raise StatusError(_length_status(0x6C, left))
        data, self._pending = self._pending[: command.expected], self._pending[command.expected :]
        return data, _length_status(0x61, len(self._pending)) if self._pending else sw.OK

    def _select(self, command: Command) -> Reply:
        if command.p2 & ~0x0C or command.p2 == 0x08:
            raise StatusError(sw.WRONG_PARAMETERS)
        place = self._named(command.p1, command.data)
        if place is None:
            raise StatusError(sw.NOT_FOUND)
        self._place = place
        if command.p2 == 0x0C:
            return b"", sw.OK
        return tlv(0x62 if command.p2 == 0x04 else 0x6F, control_parameters(place.selected)), sw.OK

    def _named(self, method: int, name: bytes) -> Place | None:
        """What a SELECT names (ISO 7816-4 table 62). Paths may begin with the MF under both 08 and 09."""
        root = Place((self._master,))
        here = Place(self._place.directories)
        if method == 0x04:
            found = self._master.application(name)
            return self._place_of(found) if found else None
        if len(name) % 2:
            raise StatusError(sw.WRONG_LENGTH)
        if method in (0x08, 0x09):
            if name[:2] == MF.to_bytes(2, "big"):
                return root.follow(name[2:])
            return (root if method == 0x08 else here).follow(name) if name else None
        if method == 0x03:
            return Place(here.directories[:-1]) if len(here.directories) > 1 and not name else None
        if method not in (0x00, 0x01, 0x02):
            raise StatusError(sw.WRONG_PARAMETERS)
        if name == MF.to_bytes(2, "big") or not (name or method):
            return root  # 3F00 names the MF under 02 as well: OpenSC asks so
        if len(name) != 2:
            raise StatusError(sw.WRONG_LENGTH)
        return here.step(int.from_bytes(name, "big"))

    def _place_of(self, wanted: Directory) -> Place:
        """Applications lie in the MF or are the MF."""
        return Place((self._master,)) if wanted is self._master else Place((self._master, wanted))

    def _read_binary(self, command: Command) -> Reply:
        if command.data:
            raise StatusError(sw.WRONG_LENGTH)
        offset = command.parameters
        if command.p1 & 0x80:
            if command.p1 & 0x60:
                raise StatusError(sw.WRONG_PARAMETERS)
            file = self._place.directory.by_short_id(command.p1 & 0x1F)
            if file is None:
                raise StatusError(sw.NOT_FOUND)
            self._place = Place(self._place.directories, file)
            offset = command.p2
        file = self._place.file
        if file is None:
            raise StatusError(sw.NO_CURRENT_FILE)
        if file.private and not self._may_read_private():
            raise StatusError(sw.SECURITY_NOT_SATISFIED)
        if offset >= len(file.content):
            raise StatusError(sw.WRONG_OFFSET)
        wanted = command.expected or 256
        data = file.content[offset : offset + wanted]
        if self._exact_length and len(data) < wanted and not command.extended:
            raise StatusError(_length_status(0x6C, len(data)))
        whatever_there_is = wanted in (256, 65_536)
        return data, sw.OK if whatever_there_is or len(data) == wanted else sw.END_OF_FILE


def _length_status(first: int, length: int) -> int:
    """`61xx` or `6Cxx`: 00 stands for 256 and more."""
    return first << 8 | min(length, 256) & 0xFF
