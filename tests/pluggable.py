"""Readers with a cable to pull and, if wanted, a keypad: `tests/card/reader_driver.c` under the real pcscd.

Each reader has a driver of its own. What a serial driver cannot show is udev taking the reader off pcscd's list:
an unplugged reader stays there as « unavailable », the state a USB one is in until udev has spoken.
"""

import shutil
import subprocess
from pathlib import Path

from peers import DRIVER, Pcscd

SOURCE = Path(__file__).parent / "card" / "reader_driver.c"
COMPILER = ("gcc", "-std=c11", "-Wall", "-Wextra", "-Werror", "-shared", "-fPIC", "-I/usr/include/PCSC")


class PluggableReaders(Pcscd):
    """`with PluggableReaders(pki) as peer:` two empty readers, both plugged in."""

    ports = (35963, 35965)
    """The driver listens on two ports for each reader, though one is used."""

    def __init__(self, pki: Path) -> None:
        super().__init__(pki)
        self.readers = ("Lecteur gauche 00 00", "Lecteur droit 00 00")

    def insert(self, slot: int, card_id: str, *, wait: bool = True) -> None:
        """As above; with `wait`, what is inside is first seen to leave: vsmartcard shows no swap it did not look at."""
        if wait and slot in self._inside:
            self.remove(slot)
        super().insert(slot, card_id, wait=wait)

    def unplug(self, slot: int) -> None:
        """Pull the cable."""
        self._note(slot, "unplugged").touch()

    def unplug_after(self, slot: int, commands: int) -> None:
        """The cable comes off in the middle of a command: that many more are served."""
        self._note(slot, "serves").write_text(str(commands))

    def plug(self, slot: int) -> None:
        """Plug in again, with the card that lies in it."""
        for what in ("serves", "unplugged"):
            self._note(slot, what).unlink(missing_ok=True)

    def key_in(self, slot: int, what: str | None) -> None:
        """Give the reader a keypad and tell what its user does (see the driver); None takes the keypad away."""
        if what is None:
            self._note(slot, "pad").unlink(missing_ok=True)
        else:
            self._note(slot, "pad").write_text(what)

    def asked(self, slot: int) -> bytes:
        """The last structure the keypad was given."""
        return self._note(slot, "asked").read_bytes()

    def offer(self, *slots: int) -> None:
        """The readers the daemon knows when it starts next: a session that comes back with other ones."""
        for slot in range(len(self.readers)):
            self._entry(slot).unlink(missing_ok=True)
        for slot in slots:
            self._write_entry(slot)

    def _note(self, slot: int, what: str) -> Path:
        return self._directory / f"{self.ports[slot]}.{what}"

    def _entry(self, slot: int) -> Path:
        return self._configuration / "readers" / f"reader-{slot}"

    def _write_entry(self, slot: int) -> None:
        self._entry(slot).write_text(
            f'FRIENDLYNAME "{self.readers[slot][:-6]}"\nDEVICENAME /dev/null:{self.ports[slot]}\n'
            f"LIBPATH {self._configuration}/driver-{slot}.so\nCHANNELID {self.ports[slot]}\n"
        )

    def _write_configuration(self) -> None:
        (self._configuration / "readers").mkdir()
        for slot in range(len(self.readers)):
            # Each reader its own copy of both libraries: vsmartcard keeps its connections in static variables.
            vpcd, driver = self._configuration / f"vpcd-{slot}.so", self._configuration / f"driver-{slot}.so"
            shutil.copy(DRIVER, vpcd)
            subprocess.run(
                [*COMPILER, f'-DVPCD="{vpcd}"', str(SOURCE), "-o", str(driver), "-ldl"], check=True
            )
            self._write_entry(slot)
