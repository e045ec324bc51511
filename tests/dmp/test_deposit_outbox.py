"""The outbox on disk, and deliveries through a repository that breaks in every way."""

import sqlite3
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import pytest
from deposit_bench import Repository, made, note, submission
from dmp_peers import DOCTOR, PATIENT, SOFTWARE, Clock, RsaSigner, Uuids, card_tls, peer, server_context

from kiosk.deposit import delivery
from kiosk.deposit.outbox import Outbox, State
from kiosk.dmp.client import DmpClient
from kiosk.dmp.deposit import Replaced
from kiosk.dmp.document import Visibility
from kiosk.dmp.http import HttpsChannel
from kiosk.dmp.profile import HISTORICAL
from kiosk.dmp.vihf import Access
from kiosk.errors import DepositInDoubt, FileUnfit, OutboxUnwritable, Refused, ServerUnreachable

ACCESS = Access(PATIENT)
MARK = "m" * 64
OTHER_MARK = "o" * 64


@pytest.fixture
def outbox(tmp_path: Path) -> Outbox:
    return Outbox(tmp_path / "state" / "outbox.sqlite", b"k" * 32, Clock())


@contextmanager
def desk(directory: Path, repository: Repository):
    with peer(server_context(directory), repository.script) as server:
        channel = HttpsChannel(server.url(), card_tls(directory))
        client = DmpClient(HISTORICAL, SOFTWARE, DOCTOR, RsaSigner(), channel, Clock(), Uuids())
        try:
            yield client
        finally:
            client.close()


def states(outbox: Outbox) -> list[str]:
    """As a tool that is not ours reads them."""
    with sqlite3.connect(outbox.path) as database:
        found = [state for (state,) in database.execute("SELECT state FROM deposit ORDER BY begun")]
    database.close()
    return found


def test_nothing_open_before_the_first_deposit(outbox: Outbox) -> None:
    assert outbox.open_deposits() == ()
    assert outbox.sent_before(MARK, outbox.mark(b"x")) is None
    assert not outbox.path.exists()


def test_a_deposit_that_goes_well(outbox: Outbox, tmp_path: Path) -> None:
    repository = Repository()
    with desk(tmp_path, repository) as client:
        prepared = delivery.begin(client, outbox, submission(), patient_mark=MARK)
        assert states(outbox) == ["PREPARED"]
        assert repository.provided == 0
        delivery.deliver(client, outbox, prepared)
    assert states(outbox) == ["DONE"]
    assert outbox.open_deposits() == ()


def test_the_outbox_holds_no_patient_data(outbox: Outbox, tmp_path: Path) -> None:
    with desk(tmp_path, Repository()) as client:
        prepared = delivery.begin(client, outbox, submission(), patient_mark=MARK)
        delivery.deliver(client, outbox, prepared)
    files = [file.read_bytes() for file in outbox.path.parent.iterdir()]
    assert files
    for word in (
        "LACÔTE",
        "BERNARD",
        "ÉLODIE",
        "0833910461279517589858",
        "19840312",
        "consultation",
        "GIRAUD",
    ):
        assert not any(word.encode() in content for content in files)
    assert outbox.path.stat().st_mode & 0o077 == 0
    assert repr(outbox).find("kkkk") < 0


def test_ex_gen_1060_the_same_file_is_not_sent_twice(outbox: Outbox, tmp_path: Path) -> None:
    with desk(tmp_path, Repository()) as client:
        prepared = delivery.begin(client, outbox, submission(), patient_mark=MARK)
        delivery.deliver(client, outbox, prepared)
        with pytest.raises(FileUnfit) as raised:
            delivery.begin(client, outbox, submission(note(title="Autre titre")), patient_mark=MARK)
        assert raised.value.detail == "unchanged"
        delivery.begin(client, outbox, submission(), patient_mark=OTHER_MARK)
        replaced = Replaced("urn:uuid:1", prepared.documents[0].unique_id)
        delivery.begin(client, outbox, submission(note(replaces=replaced)), patient_mark=MARK)


def test_a_deleted_document_may_be_deposited_again(outbox: Outbox, tmp_path: Path) -> None:
    with desk(tmp_path, Repository()) as client:
        prepared = delivery.begin(client, outbox, submission(), patient_mark=MARK)
        delivery.deliver(client, outbox, prepared)
        outbox.withdrawn(prepared.documents[0].unique_id)
        delivery.begin(client, outbox, submission(), patient_mark=MARK)


@pytest.mark.parametrize("trouble", ["cut", "lost", "fault"])
def test_a_doubt_is_settled_by_asking(trouble: str, outbox: Outbox, tmp_path: Path) -> None:
    repository = Repository(troubles=[trouble])
    with desk(tmp_path, repository) as client:
        prepared = delivery.begin(client, outbox, submission(), patient_mark=MARK)
        with pytest.raises(DepositInDoubt):
            delivery.deliver(client, outbox, prepared)
        assert states(outbox) == ["DOUBT"]
        delivery.resume(client, outbox, prepared)
    assert states(outbox) == ["DONE"]
    assert repository.files == [note().content]
    assert repository.provided == (2 if trouble == "lost" else 1)


def test_a_duplicate_that_is_our_own_first_copy_is_a_success(outbox: Outbox, tmp_path: Path) -> None:
    """The first copy lands after the question: the second is refused, and the record holds one."""
    repository = Repository(troubles=["cut"])
    with desk(tmp_path, repository) as client:
        prepared = delivery.begin(client, outbox, submission(), patient_mark=MARK)
        with pytest.raises(DepositInDoubt):
            delivery.deliver(client, outbox, prepared)
        delivery.deliver(client, outbox, prepared)
    assert states(outbox) == ["DONE"]
    assert repository.provided == 2
    assert repository.files == [note().content]


def test_a_duplicate_of_somebody_else_stays_a_refusal(outbox: Outbox, tmp_path: Path) -> None:
    with desk(tmp_path, Repository(troubles=["XDSDuplicateUniqueIdInRegistry"])) as client:
        prepared = delivery.begin(client, outbox, submission(), patient_mark=MARK)
        with pytest.raises(Refused):
            delivery.deliver(client, outbox, prepared)
    assert states(outbox) == ["REFUSED"]


def test_a_refusal_ends_it_and_says_why(outbox: Outbox, tmp_path: Path) -> None:
    with desk(tmp_path, Repository(troubles=["DMPClosed"])) as client:
        prepared = delivery.begin(client, outbox, submission(), patient_mark=MARK)
        with pytest.raises(Refused):
            delivery.deliver(client, outbox, prepared)
        assert outbox.open_deposits() == ()
        again = delivery.begin(client, outbox, submission(), patient_mark=MARK)
    assert again.unique_id != prepared.unique_id


def test_what_never_left_can_be_sent_later(outbox: Outbox, tmp_path: Path) -> None:
    with desk(tmp_path, Repository()) as client:
        prepared = delivery.begin(client, outbox, submission(), patient_mark=MARK)
    channel = HttpsChannel("https://localhost:1/x", card_tls(tmp_path))
    away = DmpClient(HISTORICAL, SOFTWARE, DOCTOR, RsaSigner(), channel, Clock(), Uuids())
    with pytest.raises(ServerUnreachable):
        delivery.deliver(away, outbox, prepared)
    away.close()
    assert states(outbox) == ["PREPARED"]
    repository = Repository()
    with desk(tmp_path, repository) as client:
        delivery.resume(client, outbox, prepared)
    assert states(outbox) == ["DONE"]
    assert repository.files == [note().content]


@pytest.mark.parametrize(("trouble", "arrived"), [("cut", True), ("lost", False)])
def test_at_the_next_start_the_dmp_says_whether_it_arrived(
    trouble: str, arrived: bool, outbox: Outbox, tmp_path: Path
) -> None:
    repository = Repository(troubles=[trouble])
    with desk(tmp_path, repository) as client:
        prepared = delivery.begin(client, outbox, submission(), patient_mark=MARK)
        with pytest.raises(DepositInDoubt):
            delivery.deliver(client, outbox, prepared)
        assert outbox.open_deposits(OTHER_MARK) == ()
        (deposit,) = outbox.open_deposits(MARK)
        assert deposit.state is State.DOUBT
        assert delivery.inquire(client, outbox, ACCESS, deposit) is arrived
        assert bool(outbox.open_deposits()) is not arrived
        if not arrived:
            again = delivery.begin(client, outbox, submission(), patient_mark=MARK)
            assert again.unique_id == prepared.unique_id
            assert [d.unique_id for d in again.documents] == [d.unique_id for d in prepared.documents]
            delivery.deliver(client, outbox, again)
    assert states(outbox) == ["DONE"]
    assert repository.files == [note().content]


@pytest.mark.parametrize(("trouble", "arrived"), [("cut", True), ("lost", False)])
def test_beginning_again_after_a_doubt_asks_first(
    trouble: str, arrived: bool, outbox: Outbox, tmp_path: Path
) -> None:
    repository = Repository(troubles=[trouble])
    with desk(tmp_path, repository) as client:
        prepared = delivery.begin(client, outbox, submission(), patient_mark=MARK)
        with pytest.raises(DepositInDoubt):
            delivery.deliver(client, outbox, prepared)
        if arrived:
            with pytest.raises(FileUnfit):
                delivery.begin(client, outbox, submission(), patient_mark=MARK)
        else:
            again = delivery.begin(client, outbox, submission(), patient_mark=MARK)
            assert again.unique_id == prepared.unique_id
    assert states(outbox) == ["DONE" if arrived else "PREPARED"]


def test_visibilities_sent_are_kept_for_the_next_version(outbox: Outbox, tmp_path: Path) -> None:
    """EX_2.1-1190."""
    hidden = note(visibility=Visibility(hidden_from_professionals=True), title="Second", content=b"%PDF-2")
    with desk(tmp_path, Repository()) as client:
        delivery.begin(client, outbox, submission(note(), hidden), patient_mark=MARK)
    (deposit,) = outbox.open_deposits()
    assert [kept.restrictions for kept in deposit.documents] == [(), ("MASQUE_PS",)]


def test_an_uncertain_deposit_cannot_be_given_up(outbox: Outbox, tmp_path: Path) -> None:
    with desk(tmp_path, Repository(troubles=["lost"])) as client:
        prepared = delivery.begin(client, outbox, submission(), patient_mark=MARK)
        (deposit,) = outbox.open_deposits()
        with pytest.raises(DepositInDoubt):
            delivery.deliver(client, outbox, prepared)
        (uncertain,) = outbox.open_deposits()
        with pytest.raises(ValueError, match="settled by the DMP"):
            delivery.give_up(outbox, uncertain)
    delivery.give_up(outbox, deposit)
    assert states(outbox) == ["REFUSED"]


def test_nothing_is_sent_when_the_outbox_cannot_be_written(tmp_path: Path) -> None:
    blocked = tmp_path / "a file"
    blocked.write_text("not a directory")
    outbox = Outbox(blocked / "outbox.sqlite", b"k" * 32, Clock())
    repository = Repository()
    with desk(tmp_path, repository) as client, pytest.raises(OutboxUnwritable):
        delivery.begin(client, outbox, submission(), patient_mark=MARK)
    with desk(tmp_path, repository) as client, pytest.raises(OutboxUnwritable):
        delivery.deliver(client, outbox, made())
    assert repository.provided == 0


def test_a_damaged_outbox_is_told(outbox: Outbox) -> None:
    outbox.path.parent.mkdir()
    outbox.path.write_bytes(b"this is no database" * 100)
    with pytest.raises(OutboxUnwritable):
        outbox.open_deposits()


def test_settled_deposits_are_forgotten_after_a_while(tmp_path: Path) -> None:
    clock = Clock()
    outbox = Outbox(tmp_path / "outbox.sqlite", b"k" * 32, clock)
    with desk(tmp_path, Repository()) as client:
        done = delivery.begin(client, outbox, submission(), patient_mark=MARK)
        delivery.deliver(client, outbox, done)
        delivery.begin(client, outbox, submission(note(content=b"%PDF-x")), patient_mark=MARK)
    outbox.forget(timedelta(days=1))
    assert states(outbox) == ["DONE", "PREPARED"]
    clock.advance(days=2)
    outbox.forget(timedelta(days=1))
    assert states(outbox) == ["PREPARED"]


def test_marks_tell_contents_apart_and_need_the_key(tmp_path: Path) -> None:
    one, other = (Outbox(tmp_path / "x", key * 32, Clock()) for key in (b"a", b"b"))
    assert one.mark(b"x") == one.mark(b"x") != one.mark(b"y")
    assert one.mark(b"x") != other.mark(b"x")
