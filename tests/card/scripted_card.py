"""A card that answers from a list: for what no emulated card does."""

from contextlib import AbstractContextManager, nullcontext

from kiosk.card.readers import Apdu


class ScriptedCard:
    """Each command must be the next one of the script, and gets its answer (hexadecimal, blanks allowed)."""

    atr = bytes.fromhex("3B751300004509EA9000")

    def __init__(self, *script: tuple[str, str]) -> None:
        self._script = [(bytes.fromhex(command), bytes.fromhex(answer)) for command, answer in script]

    def transmit(self, apdu: Apdu) -> bytes:
        command, answer = self._script.pop(0)
        assert bytes(apdu) == command
        return answer

    def exclusive(self) -> AbstractContextManager[None]:
        return nullcontext()

    def close(self) -> None:
        assert not self._script


class FiledCard:
    """Short files by selection: `{"": {sfi: content}, "AID": {…}}`, read by T=0 rules (6Cxx)."""

    atr = bytes.fromhex("3B751300004509EA9000")

    def __init__(self, files: dict[str, dict[int, bytes]]) -> None:
        self._files = files
        self._selected: dict[int, bytes] = {}

    def transmit(self, apdu: Apdu) -> bytes:
        if apdu[1] == 0xA4:
            name = bytes(apdu[5:]).hex().upper()
            if name == "3F00":
                name = ""
            if name not in self._files:
                return b"\x6a\x82"
            self._selected = self._files[name]
            return b"\x90\x00"
        content = self._selected.get(apdu[2] & 0x1F)
        if content is None:
            return b"\x6a\x82"
        return content + b"\x90\x00" if apdu[4] == len(content) else bytes([0x6C, len(content)])

    def exclusive(self) -> AbstractContextManager[None]:
        return nullcontext()

    def close(self) -> None:
        """Nothing to let go."""
