"""The « API de lecture Vitale » through its three C functions: a stub library built here, in a real process.

The stub (stub_apilec.c) knows the prototypes and nothing of the real library.
"""

import os
import select
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from vitale_documents import certified, document, person

from kiosk.card.model import VitaleCard
from kiosk.card.vitale_api import VitaleModule, VitaleReading, find_module
from kiosk.errors import (
    Cancelled,
    CardAnswerInvalid,
    ReaderBusy,
    VitaleApiAbsent,
    VitaleApiCrashed,
    VitaleApiRefused,
    VitaleApiSilent,
)

NIR = "2840399999011"
FAMILY = document(
    person("ÉLODIE", birth="LACÔTE", date="12031984", own_nir=certified(NIR), quality="0"),
    person("HUGO", date="15092015", insured_nir=certified(NIR), quality="6"),
)
PATIENCE = 30.0
"""Seconds a test waits for another process before it fails."""
FAR_AWAY = 10 * PATIENCE
"""A deadline that cannot be what ended a reading."""

Build = Callable[..., Path]


@pytest.fixture(scope="session")
def build(tmp_path_factory: pytest.TempPathFactory) -> Build:
    """Compiles the stub, with other flags if asked."""
    directory = tmp_path_factory.mktemp("stub")

    def compiled(*flags: str) -> Path:
        library = directory / f"libstub{''.join(flags)}.so"
        if not library.exists():
            source = Path(__file__).with_name("stub_apilec.c")
            subprocess.run(
                ["gcc", "-shared", "-fPIC", "-Wall", "-Werror", *flags, "-o", library, source], check=True
            )
        return library

    return compiled


class Stub:
    """The stub in its place, told what to do through the environment."""

    def __init__(self, library: Path, directory: Path, environment: pytest.MonkeyPatch) -> None:
        self.module = VitaleModule(library, directory / "conf")
        self.directory, self._environment = directory, environment
        fifo = directory / "alive"
        os.mkfifo(fifo)
        self.alive = os.open(fifo, os.O_RDONLY | os.O_NONBLOCK)
        self.answer(FAMILY)
        environment.setenv("STUB_TRACE", str(directory / "trace"))
        environment.setenv("STUB_ALIVE", str(fifo))
        environment.setenv("STUB_ALONE", str(directory / "alone"))

    def answer(self, content: bytes) -> None:
        (self.directory / "document").write_bytes(content)
        self._environment.setenv("STUB_DOCUMENT", str(self.directory / "document"))

    def does(self, words: str) -> None:
        self._environment.setenv("STUB_DO", words)

    def reading(self, *, deadline: float = PATIENCE, test_cards: bool = True) -> VitaleReading:
        return VitaleReading(self.module, test_cards=test_cards, deadline=deadline)

    def read(self) -> VitaleCard:
        return self.reading().result()

    def hung(self) -> bool:
        """Whether the library has begun to hang, waiting for it."""
        return self._said() == b"!"

    def gone(self) -> bool:
        """Whether the process that hung has ended, waiting for it."""
        return self._said() == b""

    def _said(self) -> bytes | None:
        return os.read(self.alive, 9) if select.select([self.alive], [], [], PATIENCE)[0] else None

    @property
    def calls(self) -> list[str]:
        return (self.directory / "trace").read_text().splitlines()


@pytest.fixture
def stub(build: Build, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Stub]:
    made = Stub(build(), tmp_path, monkeypatch)
    yield made
    os.close(made.alive)


class Running:
    """A call in a thread of its own; its result or its exception."""

    def __init__(self, reading: VitaleReading) -> None:
        self.outcome: object = None
        self._thread = threading.Thread(target=self._run, args=(reading,), daemon=True)
        self._thread.start()

    def _run(self, reading: VitaleReading) -> None:
        try:
            self.outcome = reading.result()
        except Exception as error:
            self.outcome = error

    def end(self) -> object:
        self._thread.join(PATIENCE)
        assert not self._thread.is_alive()
        return self.outcome


# --- it reads ---------------------------------------------------------------------------------------------


def test_a_family(stub: Stub) -> None:
    card = stub.read()
    assert [(one.given_name, one.birth_name, one.birth_date, one.nir, one.insured) for one in card.beneficiaries] == [
        ("ÉLODIE", "LACÔTE", "19840312", certified(NIR).replace(" ", ""), True),
        ("HUGO", "", "20150915", "", False),
    ]  # fmt: skip
    assert stub.calls == [f"init {stub.directory}/conf/ 0 0", "read - 5 65536", "end - 0 0"]
    assert NIR not in repr(card)


@pytest.mark.parametrize("test_cards", [True, False])
def test_the_card_s_nature_is_the_station_s(stub: Stub, test_cards: bool) -> None:
    assert stub.reading(test_cards=test_cards).result().test_card is test_cards


def test_another_card_has_another_serial(stub: Stub) -> None:
    first, again = stub.read(), stub.read()
    stub.answer(FAMILY.replace(b"HUGO", b"LUCA"))
    assert first.serial == again.serial != stub.read().serial


def test_a_larger_buffer_is_given_when_it_is_asked_for(stub: Stub) -> None:
    stub.answer(document(*(person(f"P{number}") for number in range(400))))
    assert len(stub.read().beneficiaries) == 400
    size = (stub.directory / "document").stat().st_size
    assert size > 65536
    assert stub.calls[1:] == ["read - 5 65536", f"read - 5 {size}", "end - 0 0"]


def test_a_library_that_always_asks_for_more_is_stopped(stub: Stub) -> None:
    stub.does("greedy")
    with pytest.raises(VitaleApiRefused):
        stub.read()
    assert [call.split()[-1] for call in stub.calls[1:-1]] == ["65536", "131072", "262144", "524288"]


def test_what_the_library_prints_goes_nowhere(stub: Stub, capfd: pytest.CaptureFixture[str]) -> None:
    stub.does("noise")
    assert len(stub.read().beneficiaries) == 2
    assert capfd.readouterr() == ("", "")


def test_two_readings_are_one_after_the_other(stub: Stub) -> None:
    readings = [Running(stub.reading()) for _ in range(4)]
    assert all(isinstance(reading.end(), VitaleCard) for reading in readings)
    assert [call.split()[0] for call in stub.calls] == ["init", "read", "end"] * 4


# --- it refuses -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("words", "code", "step", "cause", "todo"),
    [
        ("init=F101", "F101", "Hn_Init", "lecteur", "Débranchez"),
        ("init=1", "0001", "Hn_Init", "pas publique", "api_lec.ini"),
        ("read=FF21 state=3", "FF21", "état de la carte 3", "code porteur", "professionnelle"),
        ("read=1234 state=-2", "1234", "état de la carte -2", "pas publique", "réinsérez"),
        ("bare", "0009", "retour 9", "pas publique", "réinsérez"),
    ],
)
def test_an_error_is_shown_as_it_came(
    stub: Stub, words: str, code: str, step: str, cause: str, todo: str
) -> None:
    stub.does(words)
    with pytest.raises(VitaleApiRefused, match="CARTE-071") as caught:
        stub.read()
    assert caught.value.server_code == code
    assert step in caught.value.server_text
    assert cause in caught.value.cause
    assert todo in caught.value.todo
    assert ("end - 0 0" in stub.calls) is ("init" not in words)


@pytest.mark.parametrize("content", [b"", b"<listeBenef/>", FAMILY[:-20], b"<!DOCTYPE a><a/>"])
def test_a_document_that_is_none(stub: Stub, content: bytes) -> None:
    stub.answer(content)
    with pytest.raises(CardAnswerInvalid):
        stub.read()


# --- it breaks --------------------------------------------------------------------------------------------


def test_a_crash_is_an_error_and_the_next_reading_works(stub: Stub) -> None:
    stub.does("crash")
    with pytest.raises(VitaleApiCrashed, match=f"CARTE-073 status=-{int(signal.SIGSEGV)}"):
        stub.read()
    (stub.directory / "alone").unlink()
    stub.does("")
    assert len(stub.read().beneficiaries) == 2


def test_a_crash_once_the_card_is_read_costs_nothing(stub: Stub) -> None:
    stub.does("crash-at-end")
    assert len(stub.read().beneficiaries) == 2


def test_a_library_that_never_answers_is_ended(stub: Stub) -> None:
    stub.does("hang")
    with pytest.raises(VitaleApiSilent, match="CARTE-072"):
        stub.reading(deadline=0.5).result()


def test_a_library_that_never_ends_has_answered_all_the_same(stub: Stub) -> None:
    stub.does("hang-at-end")
    reading = Running(stub.reading(deadline=FAR_AWAY))
    assert stub.hung()
    assert isinstance(reading.end(), VitaleCard)
    assert stub.gone()


def test_a_reading_is_given_up_while_the_library_hangs(stub: Stub) -> None:
    stub.does("hang")
    reading = stub.reading(deadline=FAR_AWAY)
    running = Running(reading)
    assert stub.hung()
    reading.cancel()
    assert isinstance(running.end(), Cancelled)
    assert stub.gone()


def test_a_reading_given_up_before_it_began_starts_nothing(stub: Stub) -> None:
    reading = stub.reading()
    reading.cancel()
    with pytest.raises(Cancelled):
        reading.result()
    assert not (stub.directory / "trace").exists()


def test_a_reading_behind_another_one_waits_no_longer_than_its_own_deadline(stub: Stub) -> None:
    stub.does("hang")
    first = stub.reading(deadline=FAR_AWAY)
    running = Running(first)
    assert stub.hung()
    with pytest.raises(ReaderBusy):
        stub.reading(deadline=0.1).result()
    first.cancel()
    running.end()


def test_a_workstation_that_starts_no_process(stub: Stub, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "executable", str(stub.directory / "absent"))
    with pytest.raises(VitaleApiCrashed) as caught:
        stub.read()
    assert "lancer" in caught.value.cause


SESSION = """
import sys
from pathlib import Path
from kiosk.card.vitale_api import VitaleModule, VitaleReading
VitaleReading(VitaleModule(Path(sys.argv[1]), Path("/")), test_cards=True, deadline=60).result()
"""


@pytest.fixture
def session(stub: Stub) -> Iterator["subprocess.Popen[bytes]"]:
    stub.does("hang")
    with subprocess.Popen([sys.executable, "-I", "-c", SESSION, stub.module.library]) as process:
        yield process
        process.kill()


def test_the_library_s_process_ends_with_the_session(stub: Stub, session: "subprocess.Popen[bytes]") -> None:
    assert stub.hung()
    session.kill()
    assert stub.gone()


# --- it is not there --------------------------------------------------------------------------------------


@pytest.mark.parametrize("system", ["linux", "win32", "darwin", "plan9"])
def test_not_installed(system: str) -> None:
    with pytest.raises(VitaleApiAbsent, match="CARTE-070") as caught:
        find_module(system=system)
    assert "assistance" in caught.value.todo


def test_usual_place_is_named(tmp_path: Path) -> None:
    with pytest.raises(VitaleApiAbsent) as caught:
        find_module(system="win32")
    assert "api_lec64.dll" in caught.value.cause
    with pytest.raises(VitaleApiAbsent) as caught:
        find_module(tmp_path / "absente.so")
    assert "absente.so" in caught.value.cause


def test_the_place_that_is_told(build: Build, tmp_path: Path) -> None:
    library = build()
    assert find_module(library, system="linux") == VitaleModule(library, library.parent)
    assert find_module(library, tmp_path) == VitaleModule(library, tmp_path)
    usual = find_module(library, system="darwin")
    assert usual.configuration == Path("/Library/Application Support/santesocial/apilec")


def test_a_file_that_is_no_library(tmp_path: Path) -> None:
    (tmp_path / "api.so").write_text("MZ")
    module = find_module(tmp_path / "api.so")
    with pytest.raises(VitaleApiAbsent) as caught:
        VitaleReading(module, test_cards=True).result()
    assert "ne se charge pas" in caught.value.cause


def test_a_library_without_the_functions(build: Build, tmp_path: Path) -> None:
    module = find_module(build("-DWITHOUT_INIT"), tmp_path)
    with pytest.raises(VitaleApiAbsent) as caught:
        VitaleReading(module, test_cards=True).result()
    assert "fonctions" in caught.value.cause
