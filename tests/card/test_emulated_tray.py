"""The card tray's protocol as it is on the sockets, without the kiosk's own client."""

import json
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from raw_card import status

from kiosk.training.people import HOLDERS, UNKNOWN_CARDS, VITALES
from kiosk.training.pki import TrainingPki
from kiosk.training.tray import CardTray

SECONDS = 20
GET_ATR = b"\x04"
CPS_ATR = bytes.fromhex("3BAC00402A001225006480000310009000")
RIGHT_PIN = "0020000108 31323334FFFFFFFF"
WRONG_PIN = "0020000108 34333231FFFFFFFF"


class Control:
    """One connection to `tray.sock`."""

    def __init__(self, directory: Path) -> None:
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self._socket.settimeout(SECONDS)
        self._socket.connect(str(directory / "tray.sock"))
        self._lines = self._socket.makefile("rwb")

    def ask(self, **request: object) -> dict[str, Any]:
        self._lines.write(json.dumps(request).encode() + b"\n")
        self._lines.flush()
        return self.next()

    def next(self) -> dict[str, Any]:
        answer = json.loads(self._lines.readline())
        assert isinstance(answer, dict)
        return answer

    def at_end(self) -> bool:
        return self._lines.readline() == b""

    def close(self) -> None:
        self._lines.close()
        self._socket.close()


class Slot:
    """A reader's end of the framing."""

    def __init__(self, directory: Path, number: int) -> None:
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self._socket.settimeout(SECONDS)
        self._socket.connect(str(directory / f"slot-{number}.sock"))

    def order(self, payload: bytes) -> None:
        self._socket.sendall(len(payload).to_bytes(2, "big") + payload)

    def transmit(self, payload: bytes) -> bytes:
        self.order(payload)
        head = self._socket.recv(2, socket.MSG_WAITALL)
        size = int.from_bytes(head, "big")
        return self._socket.recv(size, socket.MSG_WAITALL) if size else b""

    def at_end(self) -> bool:
        try:
            return self._socket.recv(1) == b""
        except ConnectionResetError:  # it ended with an order of ours unread
            return True

    def close(self) -> None:
        self._socket.close()


@contextmanager
def reading(directory: Path, number: int) -> Iterator[Slot]:
    slot = Slot(directory, number)
    try:
        yield slot
    finally:
        slot.close()


@pytest.fixture
def control(box: Path) -> Iterator[Control]:
    made = Control(box)
    yield made
    made.close()


def slots(answer: dict[str, Any]) -> list[tuple[str | None, int]]:
    return [(slot["card"], slot["count"]) for slot in answer["slots"]]


def test_list_names_every_card_of_the_cast_and_two_drawers(control: Control) -> None:
    answer = control.ask(do="list")
    kinds = {card["id"]: card["kind"] for card in answer["cards"]}
    assert kinds == (
        {holder.card_id: "professional" for holder in HOLDERS}
        | {vitale.card_id: "vitale" for vitale in VITALES}
        | {card_id: "other" for card_id, _ in UNKNOWN_CARDS}
    )
    assert all(card["purpose"] for card in answer["cards"])
    assert answer["slots"] == [
        {"name": "Tiroir 1", "card": None, "count": 0},
        {"name": "Tiroir 2", "card": None, "count": 0},
    ]


def test_insert_takes_the_first_empty_drawer_and_swaps_only_where_told(control: Control) -> None:
    assert slots(control.ask(do="insert", card="cps-medecin")) == [("cps-medecin", 1), (None, 0)]
    assert slots(control.ask(do="insert", card="vitale-seule")) == [("cps-medecin", 1), ("vitale-seule", 1)]
    assert "error" in control.ask(do="insert", card="vitale-suivi")
    swapped = control.ask(do="insert", card="vitale-suivi", slot=1)
    assert slots(swapped) == [("cps-medecin", 1), ("vitale-suivi", 3)]
    assert slots(control.ask(do="remove", card="cps-medecin")) == [(None, 2), ("vitale-suivi", 3)]
    assert slots(control.ask(do="remove", slot=1)) == [(None, 2), (None, 4)]


@pytest.mark.parametrize(
    "request_",
    [
        {"do": "insert", "card": "cps-de-personne"},
        {"do": "insert", "card": "cps-medecin", "slot": 2},
        {"do": "insert", "card": "cps-medecin", "slot": -1},
        {"do": "insert", "card": "cps-medecin", "slot": "0"},
        {"do": "insert", "card": "cps-medecin", "slot": True},
        {"do": "insert"},
        {"do": "remove", "slot": 0},
        {"do": "remove", "card": "cps-medecin"},
        {"do": "remove"},
        {"do": "eject"},
        {},
    ],
)
def test_what_cannot_be_done_is_said_and_changes_nothing(
    control: Control, request_: dict[str, object]
) -> None:
    assert list(control.ask(**request_)) == ["error"]
    assert slots(control.ask(do="list")) == [(None, 0), (None, 0)]


def test_one_card_is_in_one_drawer(control: Control) -> None:
    control.ask(do="insert", card="cps-medecin")
    assert "error" in control.ask(do="insert", card="cps-medecin")
    assert slots(control.ask(do="insert", card="cps-medecin", slot=0)) == [("cps-medecin", 3), (None, 0)]


def test_watch_tells_at_once_and_after_every_change(box: Path, control: Control) -> None:
    watcher = Control(box)
    assert slots(watcher.ask(do="watch")) == [(None, 0), (None, 0)]
    control.ask(do="insert", card="cps-medecin")
    assert slots(watcher.next()) == [("cps-medecin", 1), (None, 0)]
    control.ask(do="insert", card="cps-multi", slot=0)
    assert slots(watcher.next()) == [("cps-multi", 3), (None, 0)]
    control.ask(do="remove", slot=0)
    assert slots(watcher.next()) == [(None, 4), (None, 0)]
    watcher.close()


def test_slot_socket_lives_as_long_as_the_card_is_inside(box: Path, control: Control) -> None:
    path = box / "slot-0.sock"
    assert not path.exists()
    control.ask(do="insert", card="cps-medecin")
    assert path.stat().st_mode & 0o777 == 0o600
    with reading(box, 0) as slot:
        assert slot.transmit(GET_ATR) == CPS_ATR
        control.ask(do="remove", slot=0)
        assert not path.exists()
        assert slot.at_end()


def test_power_and_reset_have_no_answer(box: Path, control: Control) -> None:
    control.ask(do="insert", card="cps-medecin")
    with reading(box, 0) as slot:
        assert status(slot, RIGHT_PIN) == "9000"
        for order in (b"\x01", b"\x00", b"\x02"):
            slot.order(order)
        assert slot.transmit(GET_ATR) == CPS_ATR
        assert status(slot, "00200001") == "63C3"


def test_anything_else_is_a_command(box: Path, control: Control) -> None:
    control.ask(do="insert", card="cps-medecin")
    with reading(box, 0) as slot:
        for payload in (b"", b"\x03", b"\x05", b"\x04\x04"):
            assert slot.transmit(payload) == b"\x67\x00"


def test_readers_of_one_card_share_its_state(box: Path, control: Control) -> None:
    control.ask(do="insert", card="cps-medecin")
    with reading(box, 0) as one, reading(box, 0) as other:
        assert status(one, RIGHT_PIN) == "9000"
        assert status(other, "00200001") == "9000"
        one.close()
        assert status(other, "00200001") == "9000"


def test_removal_forgets_the_pin_and_not_the_counter(box: Path, control: Control) -> None:
    control.ask(do="insert", card="cps-multi")
    with reading(box, 0) as slot:
        assert status(slot, RIGHT_PIN) == "9000"
    control.ask(do="remove", slot=0)
    control.ask(do="insert", card="cps-multi", slot=1)
    with reading(box, 1) as slot:
        assert status(slot, "00200001") == "63C3"
        assert status(slot, WRONG_PIN) == "63C2"
    control.ask(do="insert", card="cps-medecin", slot=1)
    control.ask(do="insert", card="cps-multi", slot=1)
    with reading(box, 1) as slot:
        assert status(slot, "00200001") == "63C2"


def test_mute_card_has_a_slot_and_no_atr(box: Path, control: Control) -> None:
    control.ask(do="insert", card="carte-muette")
    with reading(box, 0) as slot:
        assert slot.transmit(GET_ATR) == b""
        assert slot.transmit(bytes.fromhex("00A40000023F00")) == b""


def test_stop_leaves_nothing_open(tmp_path: Path, pki: TrainingPki) -> None:
    tray = CardTray(tmp_path, pki)
    tray.start()
    tray.insert("cps-medecin")
    watcher = Control(tmp_path)
    watcher.ask(do="watch")
    with reading(tmp_path, 0) as slot:
        tray.stop()
        assert slot.at_end()
    assert watcher.at_end()
    watcher.close()
    assert not list(tmp_path.glob("*.sock"))


def test_a_new_tray_takes_over_what_a_killed_one_left(tmp_path: Path, pki: TrainingPki) -> None:
    for name in ("tray.sock", "slot-0.sock"):
        left_over = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        left_over.bind(str(tmp_path / name))
        left_over.close()
    tray = CardTray(tmp_path, pki)
    tray.start()
    tray.insert("vitale-seule")
    with reading(tmp_path, 0) as slot:
        assert slot.transmit(GET_ATR)[0] == 0x3B
    tray.stop()
