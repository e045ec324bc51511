"""Readers with a cable to pull and, if wanted, a keypad: `tests/card/reader_driver.c` under the real pcscd.

vsmartcard's own driver shows one reader with two slots that never leaves. Here each slot is a reader of its own,
which pcscd loses and finds again as it does a USB one, except that it is told to look (SIGUSR1, « recheck ») where
udev would tell it.
"""

import shutil
import subprocess
from pathlib import Path

from peers import DRIVER, Pcscd

SOURCE = Path(__file__).parent / "card" / "reader_driver.c"


class PluggableReaders(Pcscd):
    """`with PluggableReaders(pki) as peer:` two empty readers, both plugged in."""

    ports = (35963, 35965)
    """The driver listens on two ports for each reader, though one is used."""

    def __init__(self, pki: Path) -> None:
        super().__init__(pki)
        self.readers = ("Lecteur gauche 00 00", "Lecteur droit 01 00")

    def unplug(self, slot: int) -> None:
        """Pull the cable; returns when the daemon has let the reader go."""
        self._note(slot, "unplugged").touch()
        self._recheck()

    def unplug_after(self, slot: int, commands: int) -> None:
        """The cable comes off in the middle of a command: that many more are served. Then call `unplug`."""
        self._note(slot, "serves").write_text(str(commands))

    def plug(self, slot: int) -> None:
        """Plug in again, with the card that lies in it; returns when the daemon shows the reader."""
        for what in ("unplugged", "serves"):
            self._note(slot, what).unlink(missing_ok=True)
        self._recheck()
        if slot in self._inside:
            self.insert(slot, self._inside[slot])

    def key_in(self, slot: int, what: str | None) -> None:
        """Give the reader a keypad and tell what its user does (see the driver); None takes the keypad away."""
        if what is None:
            self._note(slot, "pad").unlink(missing_ok=True)
        else:
            self._note(slot, "pad").write_text(what)

    def asked(self, slot: int) -> bytes:
        """The last structure the keypad was given."""
        return self._note(slot, "asked").read_bytes()

    def _note(self, slot: int, what: str) -> Path:
        return self._directory / f"{self.ports[slot]}.{what}"

    def _recheck(self) -> None:
        self._order("kill -USR1 $daemon")

    def _write_configuration(self) -> None:
        readers = self._configuration / "readers"
        readers.mkdir()
        for slot, name in enumerate(self.readers):
            # Each reader its own copy of both libraries: vsmartcard keeps its connections in static variables.
            vpcd, driver = self._configuration / f"vpcd-{slot}.so", self._configuration / f"driver-{slot}.so"
            shutil.copy(DRIVER, vpcd)
            compiler = ["gcc", "-std=c11", "-Wall", "-Wextra", "-Werror", "-shared", "-fPIC", "-I/usr/include/PCSC"]
            subprocess.run([*compiler, f'-DVPCD="{vpcd}"', str(SOURCE), "-o", str(driver), "-ldl"], check=True)
            (readers / f"reader-{slot}").write_text(
                f'FRIENDLYNAME "{name[:-6]}"\nDEVICENAME /dev/null:{self.ports[slot]}\n'
                f"LIBPATH {driver}\nCHANNELID {self.ports[slot]}\n"
            )
