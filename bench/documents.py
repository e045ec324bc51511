"""The list of documents and the reader: first screenful, memory, each format, beside bare expat and http.client.

    python bench/documents.py [--runs 3]

A real kiosk on a real pseudo-terminal, with a training box on the loopback. The status is 1 when an aim is missed.
"""

import argparse
import http.client
import os
import ssl
import sys
import tempfile
import time
from dataclasses import dataclass, field
from statistics import median
from urllib.parse import urlsplit
from xml.parsers import expat

from alone import Request, ask_dmp, requests_seen
from figure import Figure, table
from memory import memory, only_child
from terminal import Terminal
from visit import F10

from kiosk.box import Box, training_box
from kiosk.card.tray import insert, remove
from kiosk.dmp.soap import content_type
from kiosk.settings import state_directory
from kiosk.training.people import VITALES

CARD = "cps-medecin"
SMALL_RECORD, FULL_RECORD = "vitale-pharmacie", "vitale-suivi"
ALREADY_THERE = 10
"""Documents of the small record at the start of the day."""
COUNTS = (20, 1_000, 10_000)
_OWN = 1.0
"""Seconds the kiosk may add to what the service alone takes: consent, existence, signatures, screen."""
FORMATS = {
    "CDA biologie": ("bilan 09/06/2025", "Résultats anormaux"),
    "CDA VSM": ("volet synthese", "ALLERGIES"),
    "CDA vaccinations": ("historique vaccinations", "Vaccin"),
    "texte": ("toux febrile", "Auscultation"),
    "RTF": ("douleur genou", "Gonarthrose"),
    "PDF": ("liaison pneumopathie", "Amoxicilline"),
    "JPEG": ("photographie plaie", "pas de texte à lire"),
    "TIFF de plusieurs pages": ("papier numerise", "pas de texte à lire"),
}
"""What is typed in the filter, and what says that the document is there."""
_ENTER, _ESCAPE = "\r", "\x1b"


@dataclass
class Round:
    """Seconds and MiB, by number of documents or by format."""

    screenful: dict[int, float] = field(default_factory=dict)
    whole: dict[int, float] = field(default_factory=dict)
    parsed: dict[int, float] = field(default_factory=dict)
    """Bare expat over the bytes of the same answer."""
    asked: dict[int, float] = field(default_factory=dict)
    """The same request by http.client alone."""
    before: dict[int, float] = field(default_factory=dict)
    after: dict[int, float] = field(default_factory=dict)
    """Resident memory of the session, before the list and with it."""
    opened: dict[str, float] = field(default_factory=dict)
    retrieved: dict[str, float] = field(default_factory=dict)
    """The same TD3.2 by http.client alone."""


def one_round(box: Box) -> Round:
    found = Round()
    nir13 = next(vitale for vitale in VITALES if vitale.card_id == SMALL_RECORD).people[0].nir13
    for count in COUNTS:
        ask_dmp(box, "reset")
        ask_dmp(box, "documents", count=count - ALREADY_THERE, patient=nir13)
        with _session(box, SMALL_RECORD) as terminal:
            session = only_child(terminal.pid)
            found.before[count] = memory(session).resident
            start = _open_list(terminal)
            found.screenful[count] = terminal.see("document(s)", "> P") - start
            found.whole[count] = terminal.see(f"· {count} document(s)") - start
            found.after[count] = memory(session).resident
            _leave(terminal, box, SMALL_RECORD)
        found.asked[count], answer = _ask_again(box, "TD3.1")
        start = time.perf_counter()
        expat.ParserCreate().Parse(answer, True)
        found.parsed[count] = time.perf_counter() - start
    ask_dmp(box, "reset")
    with _session(box, FULL_RECORD) as terminal:
        _open_list(terminal)
        terminal.see("· 92 document(s)")
        for name, (words, shown) in FORMATS.items():
            terminal.press("f")
            terminal.type(words)
            terminal.see("· 1 sur 92")
            found.opened[name] = terminal.wait_after(_ENTER, shown)
            found.retrieved[name], _ = _ask_again(box, "TD3.2")
            terminal.press(F10)
            terminal.see("· 1 sur 92")
            terminal.press(_ESCAPE)
            terminal.see("· 92 document(s)")
        _leave(terminal, box, FULL_RECORD)
    return found


def _session(box: Box, vitale: str) -> Terminal:
    """Logged in, the record of the first person of the card open."""
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "XDG_STATE_HOME") if name in os.environ}
    environ = {**kept, "LANG": "C.UTF-8", "TERM": "xterm-256color"}
    terminal = Terminal(
        [sys.executable, "-I", "-m", "kiosk", "--training", f"--box={box.directory}"], environ
    )
    terminal.see("Insérez votre carte")
    insert(box.directory, CARD)
    terminal.see("Saisissez votre code porteur")
    terminal.type("1234")
    terminal.see("• • • •")
    terminal.press(_ENTER)
    terminal.see("Mode d'accès : NORMAL")
    insert(box.directory, vitale)
    terminal.see("Personne(s) présente(s)", "DMP ·")
    terminal.press(_ENTER)
    terminal.see("Dossier du patient")
    return terminal


def _open_list(terminal: Terminal) -> float:
    """Through the patient's word where it is missing; the moment the list was asked for."""
    if "autorisé" in terminal.text() and "non autorisé" not in terminal.text():
        return terminal.press("1")
    terminal.wait_after("1", "[ ] Le patient, informé, accepte")
    terminal.wait_after(" ", "[x]")
    return terminal.press(F10)


def _leave(terminal: Terminal, box: Box, vitale: str) -> None:
    """The record is left, the cards come out, the operator goes."""
    remove(box.directory, card_id=CARD)
    terminal.see("Insérez votre carte")
    remove(box.directory, card_id=vitale)
    terminal.press(F10)
    terminal.end()


def _ask_again(box: Box, transaction: str) -> tuple[float, bytes]:
    """The last such request by `http.client` alone: its seconds, its XML part."""
    request: Request = [each for each in requests_seen(box) if each.transaction.startswith(transaction)][-1]
    context = ssl.create_default_context(cafile=str(box.server_roots))
    context.maximum_version = ssl.TLSVersion.TLSv1_2
    authority = state_directory() / "training" / "authority" / "cards"
    certificate = authority / f"{CARD}-valid-authentication.pem"
    context.load_cert_chain(certificate, certificate.with_suffix(".key"))
    place = urlsplit(box.dmp_url)
    connection = http.client.HTTPSConnection(place.hostname or "", place.port, context=context)
    connection.connect()
    start = time.perf_counter()
    headers = {"Content-Type": content_type(request.action)}
    connection.request("POST", request.path, request.renewed(), headers)
    body = connection.getresponse().read()
    seconds = time.perf_counter() - start
    connection.close()
    return seconds, body[body.index(b"<") : body.rindex(b">") + 1]


def figures(rounds: list[Round]) -> list[Figure]:
    found = []
    for count in COUNTS:
        parsed = tuple(each.parsed[count] for each in rounds)
        asked = tuple(each.asked[count] for each in rounds)
        found += [
            Figure(f"{count} documents : premier écran", "s", tuple(r.screenful[count] for r in rounds),
                   "http.client seul", asked, median(asked) + _OWN),
            Figure(f"{count} documents : liste entière", "s", tuple(r.whole[count] for r in rounds),
                   "http.client seul", asked),
            Figure(f"{count} documents : la réponse lue par expat seul", "s", parsed),
            Figure(f"{count} documents : mémoire en plus", "Mio",
                   tuple(r.after[count] - r.before[count] for r in rounds), "", (), 60),
        ]  # fmt: skip
    for name in FORMATS:
        found.append(Figure(f"ouvrir : {name}", "s", tuple(r.opened[name] for r in rounds), "http.client seul",
                            tuple(r.retrieved[name] for r in rounds), 1.0))  # fmt: skip
    return found


def main() -> int:
    parser = argparse.ArgumentParser(description="Liste et lecture des documents, sur un vrai terminal.")
    parser.add_argument("--runs", type=int, default=3)
    runs = parser.parse_args().runs
    with tempfile.TemporaryDirectory(prefix="dmp-kiosk-bench-") as state:
        os.environ["XDG_STATE_HOME"] = state
        with training_box() as process:
            box = process.ready()
            found = figures([one_round(box) for _ in range(runs)])
    print(table(found))
    return int(any(each.held is False for each in found))


if __name__ == "__main__":
    sys.exit(main())
