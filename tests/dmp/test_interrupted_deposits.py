"""One deposit and one document, whatever breaks between the client and the training server."""

from datetime import UTC, datetime
from pathlib import Path

import pytest
from meeting import (
    Meeting,
    access,
    actor,
    lot,
    note,
    refused,
    replacement,
    titled,
)

from kiosk.deposit.delivery import begin, deliver, resume
from kiosk.deposit.outbox import Outbox, State
from kiosk.dmp.client import DmpClient
from kiosk.dmp.deposit import (
    NewDocument,
    PreparedSubmission,
)
from kiosk.dmp.document import DocumentStatus
from kiosk.errors import (
    DepositInDoubt,
    FileUnfit,
    Refused,
)

pytest_plugins = ("meeting_day",)


@pytest.fixture
def outbox(tmp_path: Path) -> Outbox:
    return Outbox(tmp_path / "outbox" / "deposits.sqlite", bytes(32), lambda: datetime.now(UTC))


def started(meeting: Meeting, client: DmpClient, outbox: Outbox, document: NewDocument) -> PreparedSubmission:
    submission = lot(access("ANDRE"), "ANDRE", actor("cps-medecin"), document)
    prepared = begin(client, outbox, submission, patient_mark="patient")
    meeting.signed.append(prepared)
    return prepared


@pytest.mark.parametrize(
    ("fault", "sent"),
    [("cut-before", 2), ("commit-then-cut", 1), ("cut", 1), ("garbage", 2), ("html-503", 2)],
)
def test_2_1_no_answer_and_no_double(meeting: Meeting, outbox: Outbox, fault: str, sent: int) -> None:
    client = meeting.login()
    document = note(actor("cps-medecin"), "Une seule fois")
    prepared = started(meeting, client, outbox, document)
    meeting.order(do="fault", kind=fault)
    with pytest.raises(DepositInDoubt):
        deliver(client, outbox, prepared)
    (open_,) = outbox.open_deposits()
    assert open_.state is State.DOUBT
    resume(client, outbox, prepared)
    assert outbox.open_deposits() == ()
    assert titled(client, access("ANDRE"), "Une seule fois").unique_id == prepared.documents[0].unique_id
    requests = [b"ProvideAndRegisterDocumentSetRequest" in one for one in meeting.requests()]
    assert requests.count(True) == sent


@pytest.mark.parametrize("fault", ["cut-before", "commit-then-cut"])
def test_2_1_a_kiosk_that_died_in_doubt(meeting: Meeting, outbox: Outbox, fault: str) -> None:
    """Signed again by another session under the same identifiers: still one document."""
    document = note(actor("cps-medecin"), "Une seule fois")
    before = started(meeting, meeting.login(), outbox, document)
    meeting.order(do="fault", kind=fault)
    with pytest.raises(DepositInDoubt):
        deliver(meeting.login(), outbox, before)
    client = meeting.login()
    if fault == "commit-then-cut":
        with pytest.raises(FileUnfit):
            started(meeting, client, outbox, document)
    else:
        again = started(meeting, client, outbox, document)
        assert again.documents[0].unique_id == before.documents[0].unique_id
        deliver(client, outbox, again)
    assert outbox.open_deposits() == ()
    assert titled(client, access("ANDRE"), "Une seule fois").unique_id == before.documents[0].unique_id


@pytest.mark.parametrize("code", ["DMPClosed", "XDSRegistryMetadataError"])
def test_2_1_a_refusal_is_no_doubt(meeting: Meeting, outbox: Outbox, code: str) -> None:
    client = meeting.login()
    prepared = started(meeting, client, outbox, note(actor("cps-medecin")))
    meeting.order(do="fault", kind="ack-error", code=code)
    with pytest.raises(Refused) as raised:
        deliver(client, outbox, prepared)
    assert refused(raised) == code
    assert outbox.open_deposits() == ()
    assert not client.knows_document(access("ANDRE"), prepared.documents[0].unique_id)


def test_2_1_a_replacement_without_an_answer(meeting: Meeting, outbox: Outbox) -> None:
    client, me = meeting.login(), actor("cps-medecin")
    entry = titled(client, access("ANDRE"), "Protocole de soins ALD 8")
    document = note(me, "Protocole, suite", replaces=replacement(client, access("ANDRE"), entry))
    prepared = started(meeting, client, outbox, document)
    meeting.order(do="fault", kind="commit-then-cut")
    with pytest.raises(DepositInDoubt):
        deliver(client, outbox, prepared)
    resume(client, outbox, prepared)
    assert outbox.open_deposits() == ()
    versions = client.find_versions(access("ANDRE"), entry).entries
    assert {one.status for one in versions} == {DocumentStatus.CURRENT, DocumentStatus.OBSOLETE}
    assert len(versions) == 2
