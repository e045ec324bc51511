"""One visit with a card of a given pace, on the terminal of a session that watches itself (`watched.py`)."""

import json
import os
import sys
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

from alone import CARD, PIN, ask_dmp
from terminal import Terminal
from visit import ANSWERS, F10, FAMILY, INVITATION, MOBILE

from kiosk.box import Box
from kiosk.card import tray
from kiosk.card.tray import CardCount

CALL_MS, SIGNATURE_MS = 150, 500
"""Of a slow card: for each command or call, and to sign besides."""
_DOWN, _UP, _ENTER, _SPACE = "\x1b[B", "\x1b[A", "\r", " "
_SECOND_PERSON = "> 2 BERNARD JEAN PIERRE"
_FIRST_PERSON = "> 1 BERNARD ELODIE"
_IDLE_SECONDS = 10.0
"""About as long as the cards work in a slow session."""


class NotingTerminal(Terminal):
    """Notes when something was drawn."""

    def __init__(self, argv: list[str], environ: Mapping[str, str]) -> None:
        self.drawn: list[float] = []
        super().__init__(argv, environ)

    def read_for(self, seconds: float) -> None:
        """Look at the screen and do nothing."""
        end = self.now() + seconds
        while (left := end - self.now()) > 0:
            self._read(left)

    def _read(self, timeout: float) -> float | None:
        came = super()._read(timeout)
        if came is not None:
            self.drawn.append(came)
        return came


@dataclass(frozen=True)
class Backend:
    """One way to the professional card."""

    name: str
    module: Path | None
    """Its PKCS#11 module; None for APDUs."""
    environ: Mapping[str, str]


@dataclass(frozen=True)
class Played:
    """One session. Seconds, unless said otherwise."""

    told: float
    """Insertion → « Lecture de la carte »."""
    read: float
    """Insertion → PIN asked for."""
    login: float
    """PIN → home."""
    answers: float
    """Vitale card → three answers of the DMP, TLS and three VIHF among them."""
    created: float
    """F10 → « créé »."""
    steps: dict[str, CardCount]
    """What the cards of the tray did in each step."""
    signatures: Counter[str]
    """Signatures by key, counted in the kiosk."""
    drawing_gap: float
    """The longest time nothing was drawn while a card was at work."""
    loop_gap: float
    """The longest time the loop did not come round while a card was at work."""
    worst: str
    """What the card was doing then."""
    idle_drawing_gap: float
    idle_loop_gap: float
    """The same two over `_IDLE_SECONDS` before any card: what the machine itself does to them."""
    anywhere: float
    """The longest time the loop did not come round in the whole session: a screen being built."""
    echoes: tuple[float, ...]
    """From a key to its effect on the screen, while the DMP and the card were at work."""


def play(box: Box, backend: Backend, *, slow: bool) -> Played:
    """One session on a box that is left as it was."""
    tray.pace(box.directory, *((CALL_MS, SIGNATURE_MS) if slow else (0, 0)))
    notes_file = box.directory / "watched.json"
    command = [sys.executable, "-I", str(Path(__file__).with_name("watched.py")), str(box.directory)]
    command += [str(notes_file), *([str(backend.module)] if backend.module else [])]
    pace = {"SLOW_CALL_MS": str(CALL_MS), "SLOW_SIGNATURE_MS": str(SIGNATURE_MS)} if slow else {}
    steps: dict[str, CardCount] = {}

    @contextmanager
    def step(name: str) -> Iterator[None]:
        before = tray.count(box.directory)
        yield
        after = tray.count(box.directory)
        steps[name] = CardCount(
            after.commands - before.commands,
            after.authentications - before.authentications,
            after.signatures - before.signatures,
        )

    terminal = NotingTerminal(command, {**_environ(), **backend.environ, **pace})
    with terminal:
        start = terminal.see(INVITATION)
        terminal.read_for(_IDLE_SECONDS if slow else 0.0)
        idle = [("idle", start, terminal.now())]
        with step("carte → code demandé"):
            start = terminal.now()
            tray.insert(box.directory, CARD)
            told = terminal.see("Lecture de la carte…") - start if slow else 0.0
            read = terminal.see("Saisissez votre code porteur") - start
        with step("code → accueil"):
            terminal.type(PIN)
            terminal.see("• • • •")
            login = terminal.wait_after(_ENTER, "Mode d'accès : NORMAL")
        with step("Vitale et trois TD0.2"):
            start = terminal.now()
            tray.insert(box.directory, FAMILY)
            terminal.see("BERNARD ELODIE")
            echoes = _echoes(terminal) if slow else ()
            answers = terminal.see(*ANSWERS) - start
        with step("création"):
            created = _create(terminal)
        with step("compte internet"):
            terminal.wait_after(_ENTER, "Où le patient recevra-t-il son code")
            terminal.wait_after(_ENTER, "La feuille est-elle sortie ?")
        with step("famille, trois TD0.2 encore"):
            terminal.press("o")
            terminal.see("DMP · non autorisé", *ANSWERS[1:])
        tray.remove(box.directory, card_id=CARD)
        terminal.end()
    tray.remove(box.directory, card_id=FAMILY)
    ask_dmp(box, "reset")
    notes = json.loads(notes_file.read_text(encoding="utf-8"))
    work = [(name, begin, end) for name, begin, end in notes["work"]]
    drawing_gap, _ = longest_gap(terminal.drawn, work)
    loop_gap, worst = longest_gap(notes["beats"], work)
    return Played(
        told=told,
        read=read,
        login=login,
        answers=answers,
        created=created,
        steps=steps,
        signatures=Counter(name for name, _, _ in work if name.startswith("sign")),
        drawing_gap=drawing_gap,
        loop_gap=loop_gap,
        worst=worst,
        idle_drawing_gap=longest_gap(terminal.drawn, idle)[0],
        idle_loop_gap=longest_gap(notes["beats"], idle)[0],
        anywhere=max(after - before for before, after in pairwise(notes["beats"])),
        echoes=echoes,
    )


def longest_gap(moments: list[float], work: list[tuple[str, float, float]]) -> tuple[float, str]:
    """The longest time between two moments, as far as it lies within one operation of a card, and which."""
    longest, during = 0.0, ""
    for before, after in pairwise(moments):
        for name, begin, end in work:
            gap = min(after, end) - max(before, begin)
            if gap > longest:
                longest, during = gap, name
    return longest, during


def _echoes(terminal: NotingTerminal) -> tuple[float, ...]:
    """The cursor down and up again, six keys a second, until the DMP has answered for everybody."""
    found: list[float] = []
    while "interrogation" in terminal.text():
        for key, effect in ((_DOWN, _SECOND_PERSON), (_UP, _FIRST_PERSON)):
            found.append(terminal.wait_after(key, effect))
            terminal.read_for(1 / 6)
    return tuple(found)


def _create(terminal: Terminal) -> float:
    terminal.wait_after(_ENTER, "CONSENTEMENTS")
    terminal.wait_after(_SPACE, "[x] Le patient m'autorise")
    terminal.press(_DOWN)
    terminal.wait_after(_SPACE, "[x] Le patient veut activer")
    terminal.wait_after(F10, "Le compte internet demande un portable")
    terminal.type(MOBILE)
    terminal.see(MOBILE)
    return terminal.wait_after(F10, "Le DMP du patient a été créé.")


def _environ() -> dict[str, str]:
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "XDG_STATE_HOME") if name in os.environ}
    return {**kept, "LANG": "C.UTF-8", "TERM": "xterm-256color"}
