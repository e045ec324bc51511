"""One visit at the desk, by keys and cards only, on the terminal of a running kiosk: what each step takes."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from alone import CARD, PIN
from memory import Memory, memory, only_child
from terminal import Terminal

from kiosk.box import Box
from kiosk.card.tray import TrayContents, insert, remove

INVITATION = "Insérez votre carte CPS ou CPE"
FAMILY = "vitale-famille"
ANSWERS = ("Pas de DMP", "DMP · autorisé", "DMP fermé", "pas de NIR propre")
"""One for each person of `FAMILY`."""
MOBILE = "0639981234"
_ENTER, _SPACE, _DOWN, F10 = "\r", " ", "\x1b[B", "\x1b[21~"


@dataclass(frozen=True)
class Visit:
    """Seconds from the act to the bytes that completed the screen; MiB."""

    card_to_pin: float
    pin_to_home: float
    vitale_to_answers: float
    creation: float
    """From the family to « créé »: only what the user waits for, between a key and its effect."""
    creation_keys: int
    paper: float
    """From « créé » to the question whether the sheet came out."""
    all_keys: int
    """From the family to the sheet handed over, typed text apart."""
    card_out_to_blank: float
    blank_to_invitation: float
    session: Memory
    """At « créé »."""
    session_printed: Memory
    """At its largest: after the sheet."""
    supervisor: Memory


def visit(terminal: Terminal, box: Box) -> Visit:
    """Card in, PIN, Vitale, creation with an internet account, sheet, card out. The invitation is on the screen."""
    with ThreadPoolExecutor(1) as hand:

        def move(act: Callable[[], TrayContents]) -> float:
            """Move a card; the moment it was asked for."""
            now = terminal.now()
            hand.submit(act)
            return now

        start = move(lambda: insert(box.directory, CARD))
        card_to_pin = terminal.see("Saisissez votre code porteur") - start
        terminal.type(PIN)
        terminal.see("• • • •")
        start = terminal.press(_ENTER)
        pin_to_home = terminal.see("Mode d'accès : NORMAL") - start
        start = move(lambda: insert(box.directory, FAMILY))
        vitale_to_answers = terminal.see(*ANSWERS) - start

        terminal.keys_pressed = 0
        creation = _create(terminal)
        creation_keys = terminal.keys_pressed
        session = memory(only_child(terminal.pid))
        paper = _print(terminal)
        all_keys = terminal.keys_pressed
        session_printed, supervisor = memory(only_child(terminal.pid)), memory(terminal.pid)

        start = move(lambda: remove(box.directory, card_id=CARD))
        blank = terminal.see_nothing()
        invitation = terminal.see(INVITATION)
        move(lambda: remove(box.directory, card_id=FAMILY))
        return Visit(
            card_to_pin,
            pin_to_home,
            vitale_to_answers,
            creation,
            creation_keys,
            paper,
            all_keys,
            blank - start,
            invitation - blank,
            session,
            session_printed,
            supervisor,
        )


def _create(terminal: Terminal) -> float:
    """The shortest way the screens offer to a new record with an internet account."""
    waited = terminal.wait_after(_ENTER, "CONSENTEMENTS")
    waited += terminal.wait_after(_SPACE, "[x] Le patient m'autorise")
    terminal.press(_DOWN)
    waited += terminal.wait_after(_SPACE, "[x] Le patient veut activer")
    waited += terminal.wait_after(F10, "Le compte internet demande un portable")
    terminal.type(MOBILE)
    terminal.see(MOBILE)
    return waited + terminal.wait_after(F10, "Le DMP du patient a été créé.")


def _print(terminal: Terminal) -> float:
    waited = terminal.wait_after(_ENTER, "Où le patient recevra-t-il son code")
    waited += terminal.wait_after(_ENTER, "La feuille est-elle sortie ?")
    terminal.press("o")
    terminal.see(*ANSWERS[1:], "Personne(s) présente(s)")
    return waited
