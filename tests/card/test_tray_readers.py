"""The card tray seen as readers, and its drawers."""

import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from card_bench import Bench
from snapshots import Watch

from kiosk import errors
from kiosk.card import tray as drawers
from kiosk.card.model import CardKind
from kiosk.card.readers import Snapshot
from kiosk.card.tray import TrayReaders
from kiosk.training.people import HOLDERS, UNKNOWN_CARDS, VITALES


@pytest.fixture
def watch(box: Path) -> Iterator[Watch]:
    made = Watch()
    readers = TrayReaders(box)
    readers.watch(made)
    yield made
    readers.close()


def kinds(snapshot: Snapshot) -> list[CardKind | None]:
    return [slot.kind for slot in snapshot.slots]


def test_drawers(box: Path) -> None:
    contents = drawers.list_cards(box)
    assert {card.card_id for card in contents.cards} == {c.card_id for c in (*HOLDERS, *VITALES)} | {
        card_id for card_id, _ in UNKNOWN_CARDS
    }
    assert all(card.purpose and card.kind in ("professional", "vitale", "other") for card in contents.cards)
    assert [(slot.card_id, slot.count) for slot in contents.slots] == [("", 0), ("", 0)]
    assert drawers.insert(box, "cps-medecin").slots[0].card_id == "cps-medecin"
    assert drawers.insert(box, "vitale-seule").slots[1].card_id == "vitale-seule"
    with pytest.raises(errors.CardError):
        drawers.insert(box, "cps-multi")
    with pytest.raises(errors.CardError):
        drawers.insert(box, "no-such-card", 0)
    assert drawers.remove(box, card_id="cps-medecin").slots[0].card_id == ""
    assert drawers.remove(box, slot=1).slots[1].count == 2


def test_first_snapshot_comes_at_once(watch: Watch) -> None:
    snapshot = watch.wait(lambda s: s.service_ok)
    assert kinds(snapshot) == [None, None]
    assert len(watch.seen) == 1


@pytest.mark.parametrize(
    ("card_id", "kind"),
    [
        ("cps-medecin", CardKind.PROFESSIONAL),
        ("cpe-accueil", CardKind.PROFESSIONAL),
        ("vitale-famille", CardKind.VITALE),
        ("carte-inconnue", CardKind.UNKNOWN),
        ("carte-muette", CardKind.MUTE),
        ("carte-sans-contact", CardKind.CONTACTLESS),
    ],
)
def test_recognition(card_id: str, kind: CardKind, box: Path, watch: Watch) -> None:
    drawers.insert(box, card_id, 1)
    snapshot = watch.wait(lambda s: kinds(s) == [None, kind])
    assert bool(snapshot.slots[1].atr) is (kind is not CardKind.MUTE)
    drawers.remove(box, slot=1)
    assert watch.wait(lambda s: kinds(s) == [None, None]).slots[1].count == 2


def test_l3_pulled_and_reinserted_is_seen(box: Path, watch: Watch) -> None:
    drawers.insert(box, "cps-medecin", 0)
    before = watch.wait(lambda s: kinds(s)[0] is CardKind.PROFESSIONAL).slots[0]
    drawers.insert(box, "cps-medecin", 0)
    after = watch.wait(lambda s: s.slots[0].count == before.count + 2 and s.slots[0].kind is not None).slots[
        0
    ]
    assert after != before
    assert after.kind is before.kind


def test_mute_card_cannot_be_opened(bench: Bench) -> None:
    with pytest.raises(errors.CardMute):
        bench.link("carte-muette")


def test_empty_and_missing_drawers(bench: Bench) -> None:
    with pytest.raises(errors.CardRemoved):
        bench.readers.connect(drawers.list_cards(bench.directory).slots[0].name)
    with pytest.raises(errors.ReaderAbsent):
        bench.readers.connect("Tiroir 9")


BOX = """
import sys
from pathlib import Path
from kiosk.training.pki import TrainingPki
from kiosk.training.tray import CardTray
CardTray(Path(sys.argv[1]), TrainingPki(Path(sys.argv[2]))).start()
sys.stdin.read()
"""


@contextmanager
def box_process(directory: Path, keys: Path) -> Iterator[None]:
    """A tray in a process of its own, killed at the end."""
    command = [sys.executable, "-c", BOX, str(directory), str(keys)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, cwd=Path(__file__).parents[2]) as box:
        try:
            yield
        finally:
            box.kill()


def test_box_comes_is_killed_and_comes_back(tmp_path_factory: pytest.TempPathFactory) -> None:
    directory, keys = tmp_path_factory.mktemp("late"), tmp_path_factory.mktemp("keys")
    watch, readers = Watch(), TrayReaders(directory)
    readers.watch(watch)
    watch.wait(lambda s: not s.service_ok)
    for _ in range(2):
        with pytest.raises(errors.ReaderServiceAbsent):
            drawers.list_cards(directory)
        with pytest.raises(errors.ReaderServiceAbsent):
            readers.connect("Tiroir 1")
        with box_process(directory, keys):
            watch.wait(lambda s: s.service_ok)
            drawers.insert(directory, "carte-inconnue")
            watch.wait(lambda s: kinds(s) == [CardKind.UNKNOWN, None])
        watch.wait(lambda s: not s.service_ok)
    readers.close()
    assert not any(thread.name == "tray-watcher" for thread in threading.enumerate())


@pytest.mark.parametrize(
    "line", [b"\n", b"[]\n", b"{}\n", b'{"slots":3}\n', b'{"slots":[{"name":1}]}\n', b"\xff\n"]
)
def test_a_box_that_talks_nonsense(line: bytes, tmp_path_factory: pytest.TempPathFactory) -> None:
    directory = tmp_path_factory.mktemp("odd")
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(directory / "tray.sock"))
        listener.listen()
        watch, readers = Watch(), TrayReaders(directory)
        readers.watch(watch)
        connection, _ = listener.accept()
        connection.sendall(line)
        watch.wait(lambda s: not s.service_ok)
        connection.close()
        readers.close()


def test_closing_at_any_moment_does_not_hang(tmp_path_factory: pytest.TempPathFactory) -> None:
    directory = tmp_path_factory.mktemp("close")
    with box_process(directory, tmp_path_factory.mktemp("keys")):
        first = Watch()
        readers = TrayReaders(directory)
        readers.watch(first)
        first.wait(lambda s: s.service_ok)
        readers.close()
        for _ in range(30):
            readers = TrayReaders(directory)
            readers.watch(lambda _: None)
            readers.close()
    assert not any(thread.name == "tray-watcher" for thread in threading.enumerate())
