"""Replacements: versions follow one another, and what was shown stays shown."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest
from meeting import (
    Meeting,
    access,
    actor,
    colleague,
    found,
    lot,
    note,
    refused,
    replacement,
    titled,
    titles,
)

from kiosk.dmp.deposit import (
    Replaced,
    writer,
)
from kiosk.dmp.document import DocumentStatus, Visibility
from kiosk.errors import (
    DocumentInvalid,
    Refused,
)

pytest_plugins = ("meeting_day",)


def test_2_1_140_three_replacements_and_no_hiding_again(meeting: Meeting) -> None:
    client, me = meeting.login(), actor("cps-medecin")
    where = access("ANDRE")
    unseen = Visibility(invisible_to_patient=True)
    prepared = meeting.deposit(client, "ANDRE", me, note(me, "Version 1", visibility=unseen))
    current = found(client, where)[prepared.documents[0].unique_id]
    for version, visibility in ((2, unseen), (3, unseen), (4, Visibility())):
        document = note(
            me,
            f"Version {version}",
            visibility=visibility,
            replaces=replacement(client, where, current, version - 1),
        )
        prepared = meeting.deposit(client, "ANDRE", me, document)
        current = found(client, where)[prepared.documents[0].unique_id]
        assert current.visibility == visibility
    versions = client.find_versions(where, current).entries
    assert {(one.title, one.status) for one in versions} == {
        ("Version 1", DocumentStatus.OBSOLETE),
        ("Version 2", DocumentStatus.OBSOLETE),
        ("Version 3", DocumentStatus.OBSOLETE),
        ("Version 4", DocumentStatus.CURRENT),
    }
    assert [one for one in titles(client, where) if one.startswith("Version")] == ["Version 4"]
    hidden_again = note(me, visibility=unseen, replaces=replacement(client, where, current, 4))
    with pytest.raises(DocumentInvalid):
        client.prepare(lot(where, "ANDRE", me, hidden_again))
    believed = replace(replacement(client, where, current, 4), visibility=unseen)
    with pytest.raises(Refused) as raised:
        meeting.deposit(client, "ANDRE", me, replace(hidden_again, replaces=believed))
    assert refused(raised) == "XDSRegistryMetadataError"


def test_2_2_140_a_replacement_by_a_cpe(meeting: Meeting) -> None:
    """Without any right to search: the identifier comes from the deposit, the entry from TD3.1b."""
    clerk, me = meeting.login("cpe-cabinet"), actor("cpe-cabinet")
    doctor = colleague("cps-medecin")
    first = note(me, "Courrier", authors=(doctor, writer(me)), legal_authenticator=doctor)
    old = meeting.deposit(clerk, "ANDRE", me, first).documents[0].unique_id
    replaced = Replaced(clerk.find_reference(access("ANDRE"), old), old)
    meeting.deposit(clerk, "ANDRE", me, replace(first, title="Courrier corrigé", replaces=replaced))
    reader = meeting.login()
    assert "Courrier corrigé" in titles(reader, access("ANDRE"))
    assert "Courrier" not in titles(reader, access("ANDRE"))


def test_a_replacement_by_another(meeting: Meeting) -> None:
    client, other = meeting.login(), meeting.login("cps-urgentiste")
    entry = titled(client, access("ANDRE"), "Protocole de soins ALD 8")
    him = actor("cps-urgentiste")
    with pytest.raises(Refused) as raised:
        meeting.deposit(other, "ANDRE", him, note(him, replaces=replacement(other, access("ANDRE"), entry)))
    assert refused(raised) == "XDSRegistryMetadataError"
    assert titled(client, access("ANDRE"), "Protocole de soins ALD 8").unique_id == entry.unique_id


def test_what_was_replaced_is_replaced_no_more(meeting: Meeting) -> None:
    client, me = meeting.login(), actor("cps-medecin")
    entry = titled(client, access("ANDRE"), "Protocole de soins ALD 8")
    replaced = replacement(client, access("ANDRE"), entry)
    meeting.deposit(client, "ANDRE", me, note(me, "Protocole, suite", replaces=replaced))
    with pytest.raises(Refused) as raised:
        meeting.deposit(client, "ANDRE", me, note(me, "Protocole, autre suite", replaces=replaced))
    assert refused(raised) == "XDSReplaceFailed"


def test_of_two_replacements_at_once_one_wins(meeting: Meeting) -> None:
    first, second, me = meeting.login(), meeting.login(), actor("cps-medecin")
    where = access("ANDRE")
    replaced = replacement(first, where, titled(first, where, "Protocole de soins ALD 8"))
    lots = [
        (client, meeting.prepare(client, lot(where, "ANDRE", me, note(me, "Suite", replaces=replaced))))
        for client in (first, second)
    ]
    with ThreadPoolExecutor(2) as posts:
        done = [posts.submit(client.provide, where, prepared) for client, prepared in lots]
        failures = [one.exception(60) for one in done]
    (failure,) = [one for one in failures if one is not None]
    assert isinstance(failure, Refused)
    assert failure.server_code == "XDSReplaceFailed"
    assert titled(first, where, "Suite").status is DocumentStatus.CURRENT
