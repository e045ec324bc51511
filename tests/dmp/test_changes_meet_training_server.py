"""Changes of visibility and status between client and training server, and what a search shows afterwards."""

import pytest
from meeting import (
    ALL_STATES,
    HIDDEN_BY_OTHERS,
    HIDDEN_NOTE,
    Meeting,
    access,
    actor,
    found,
    note,
    refused,
    titled,
    titles,
)

from kiosk.dmp.document import DocumentQuery, DocumentStatus, Visibility
from kiosk.dmp.vihf import Purpose
from kiosk.dmp.visibility import VisibilityChange
from kiosk.errors import (
    AnswerCut,
    NotOffered,
    Refused,
)

pytest_plugins = ("meeting_day",)


# --- TD3.3 ------------------------------------------------------------------------------------------------

NURSE, EMERGENCY_DOCTOR, GENERAL = "899700000051", "899700000041", "899700000021"


@pytest.fixture
def ward(meeting: Meeting) -> Meeting:
    """ANDRE's record open to a nurse and two doctors, one of them the treating one."""
    allowed = [[one, "VALIDE"] for one in (NURSE, EMERGENCY_DOCTOR, GENERAL)]
    meeting.record("ANDRE", authorizations=allowed, treating_doctors=[GENERAL])
    return meeting


def who_sees(meeting: Meeting, title: str) -> set[str]:
    """In ANDRE's record: its treating doctor, a nurse, another doctor, and one who breaks the glass."""
    seen = {
        card
        for card in ("cps-medecin", "cps-infirmier", "cps-urgentiste")
        if title in titles(meeting.login(card), access("ANDRE"))
    }
    if title in titles(meeting.login("cps-multi"), access("ANDRE", Purpose.BREAK_GLASS)):
        seen.add("break-glass")
    return seen


def test_3_3_160_050_hidden_and_shown_again_by_its_author(ward: Meeting) -> None:
    nurse, me = ward.login("cps-infirmier"), actor("cps-infirmier")
    where = access("ANDRE")
    ward.deposit(nurse, "ANDRE", me, note(me, "Pansement"))
    everybody = {"cps-medecin", "cps-infirmier", "cps-urgentiste", "break-glass"}
    assert who_sees(ward, "Pansement") == everybody
    before = titled(nurse, where, "Pansement")
    nurse.hide(where, before)
    after = titled(nurse, where, "Pansement")
    assert after.visibility == Visibility(hidden_from_professionals=True)
    assert (after.unique_id, after.logical_id) == (before.unique_id, before.logical_id)
    assert after.entry_uuid != before.entry_uuid
    assert int(after.version) == int(before.version) + 1
    assert (after.authors[0].national_id, after.hash, after.title) == (NURSE, before.hash, before.title)
    assert who_sees(ward, "Pansement") == everybody - {"cps-urgentiste"}
    (read,) = nurse.retrieve(where, [after])
    assert read.verified
    nurse.unhide(where, after)
    assert who_sees(ward, "Pansement") == everybody
    assert titled(nurse, where, "Pansement").visibility == Visibility()


def test_3_3_hidden_by_another_shown_again_by_the_treating_doctor_alone(ward: Meeting) -> None:
    """Whoever may hide may hide any document, and then sees it no more."""
    other, treating = ward.login("cps-urgentiste"), ward.login()
    where = access("ANDRE")
    entry = titled(other, where, "Radiographie du thorax")
    other.hide(where, entry)
    assert who_sees(ward, "Radiographie du thorax") == {"cps-medecin", "break-glass"}
    with pytest.raises(Refused):
        other.unhide(where, entry)
    treating.unhide(where, titled(treating, where, "Radiographie du thorax"))
    assert "cps-urgentiste" in who_sees(ward, "Radiographie du thorax")


def test_3_3_hidden_twice_is_done_already(ward: Meeting) -> None:
    client = ward.login()
    entry = titled(client, access("ANDRE"), "Radiographie du thorax")
    client.hide(access("ANDRE"), entry)
    updates = ward.transactions().count("TD3.3a")
    client.hide(access("ANDRE"), entry)
    assert ward.transactions().count("TD3.3a") == updates


@pytest.mark.parametrize(
    ("title", "change"),
    [
        ("Résultat à annoncer en consultation", VisibilityChange.SHOW_TO_PATIENT),
        ("Certificat confidentiel", VisibilityChange.SHOW_TO_REPRESENTATIVES),
    ],
)
def test_3_3_060_061_make_visible(ward: Meeting, title: str, change: VisibilityChange) -> None:
    client = ward.login("cps-urgentiste")
    entry = titled(client, access("ANDRE"), title)
    assert entry.visibility != Visibility()
    client.make_visible(access("ANDRE"), entry, change)
    assert titled(client, access("ANDRE"), title).visibility == Visibility()


def test_3_3_every_seeded_document_can_be_hidden_and_shown_again(meeting: Meeting) -> None:
    """The copy that comes back is byte for byte what the registry holds, whatever the ugly ones hold."""
    client = meeting.login()
    where = access("ANDRE")
    for entry in client.find_documents(where, DocumentQuery(include_archived=True)).entries:
        if entry.visibility.hidden_from_professionals or entry.visibility.invisible_to_patient:
            continue
        client.hide(where, entry)
        client.unhide(where, entry)
    assert not {
        entry.title for entry in found(client, where).values() if entry.visibility.hidden_from_professionals
    } - {*HIDDEN_BY_OTHERS, HIDDEN_NOTE}


def test_3_3_what_one_cannot_change(ward: Meeting) -> None:
    clerk, emergency = ward.login("cpe-accueil"), ward.login("cps-multi")
    entry = titled(ward.login(), access("ANDRE"), "Radiographie du thorax")
    for act in (clerk.hide, clerk.archive, clerk.delete):
        with pytest.raises(Refused):
            act(access("ANDRE"), entry)
    with pytest.raises(Refused):
        emergency.hide(access("ANDRE", Purpose.BREAK_GLASS), entry)
    with pytest.raises(Refused):
        emergency.delete(access("ANDRE", Purpose.BREAK_GLASS), entry)
    assert titled(ward.login(), access("ANDRE"), entry.title).visibility == Visibility()


def test_3_3_a_document_invisible_to_the_patient_is_not_hidden_besides(meeting: Meeting) -> None:
    client = meeting.login()
    entry = titled(client, access("ANDRE"), "Résultat à annoncer en consultation")
    with pytest.raises(Refused) as raised:
        client.hide(access("ANDRE"), entry)
    assert refused(raised) == "XDSRegistryMetadataError"
    meeting.order(do="parameters", cumulative=True)
    client.hide(access("ANDRE"), entry)
    both = Visibility(hidden_from_professionals=True, invisible_to_patient=True)
    assert titled(client, access("ANDRE"), entry.title).visibility == both


def test_3_3_120_140_archive_and_back(ward: Meeting) -> None:
    nurse, me = ward.login("cps-infirmier"), actor("cps-infirmier")
    where = access("ANDRE")
    ward.deposit(nurse, "ANDRE", me, note(me, "Pansement"))
    entry = titled(nurse, where, "Pansement")
    nurse.archive(where, entry)
    assert "Pansement" not in titles(nurse, where)
    archived = titled(nurse, where, "Pansement", DocumentQuery(include_archived=True))
    assert archived.status is DocumentStatus.ARCHIVED
    assert archived.entry_uuid == entry.entry_uuid
    (read,) = nurse.retrieve(where, [archived])  # 3.2-030
    assert read.verified
    with pytest.raises(NotOffered):
        nurse.archive(where, archived)
    nurse.hide(where, archived)  # a description may change while the document is archived
    archived = titled(nurse, where, "Pansement", DocumentQuery(include_archived=True))
    assert (archived.status, archived.visibility.hidden_from_professionals) == (DocumentStatus.ARCHIVED, True)
    nurse.unarchive(where, archived)
    assert titled(nurse, where, "Pansement").status is DocumentStatus.CURRENT


def test_3_3_who_archives(ward: Meeting) -> None:
    """A nurse her own; a doctor anybody's; what the patient wrote, its treating doctor alone."""
    where = access("ANDRE")
    nurse, other, treating = (ward.login(card) for card in ("cps-infirmier", "cps-urgentiste", "cps-medecin"))
    theirs = titled(nurse, where, "Radiographie du thorax")
    with pytest.raises(Refused):
        nurse.archive(where, theirs)
    other.archive(where, theirs)
    his = titled(treating, where, "Mes glycémies de l'été")
    with pytest.raises(Refused):
        other.archive(where, his)
    treating.archive(where, his)
    archived = titles(treating, where, DocumentQuery(include_archived=True)) - titles(treating, where)
    assert {theirs.title, his.title} <= archived


def test_3_3_070_deleted_by_its_author(ward: Meeting) -> None:
    nurse, me = ward.login("cps-infirmier"), actor("cps-infirmier")
    where = access("ANDRE")
    prepared = ward.deposit(nurse, "ANDRE", me, note(me, "Pansement"))
    entry = titled(nurse, where, "Pansement")
    nurse.delete(where, entry)
    assert who_sees(ward, "Pansement") == set()
    assert "Pansement" not in titles(nurse, where, ALL_STATES)
    with pytest.raises(Refused):
        nurse.retrieve(where, [entry])
    with pytest.raises(Refused):
        nurse.delete(where, entry)
    with pytest.raises(Refused):
        nurse.hide(where, entry)
    with pytest.raises(Refused) as raised:
        nurse.provide(where, prepared)  # its identifier stays taken
    assert refused(raised) == "XDSDuplicateUniqueIdInRegistry"


def test_3_3_540_deleted_without_any_right_to_read(meeting: Meeting) -> None:
    nurse, me = meeting.login("cps-infirmier"), actor("cps-infirmier")
    unique_id = meeting.deposit(nurse, "BRUNO", me).documents[0].unique_id
    with pytest.raises(Refused):
        found(nurse, access("BRUNO"))
    nurse.delete_deposited(access("BRUNO"), unique_id)
    emergency = meeting.login("cps-urgentiste")
    assert unique_id not in found(emergency, access("BRUNO", Purpose.BREAK_GLASS), ALL_STATES)


def test_3_3_an_archived_document_is_deleted_without_any_right_to_read(meeting: Meeting) -> None:
    """Its state cannot be looked up: the author only knows what he deposited."""
    doctor, me = meeting.login(), actor("cps-medecin")
    unique_id = meeting.deposit(doctor, "ANDRE", me).documents[0].unique_id
    doctor.archive(access("ANDRE"), found(doctor, access("ANDRE"))[unique_id])
    meeting.record("ANDRE", authorizations=[], treating_doctors=[])
    doctor.delete_deposited(access("ANDRE"), unique_id)
    emergency = meeting.login("cps-urgentiste")
    assert unique_id not in found(emergency, access("ANDRE", Purpose.BREAK_GLASS), ALL_STATES)


@pytest.mark.parametrize("card_id", ["cpe-cabinet", "cpe-accueil"])
def test_3_3_550_the_holder_of_a_cpe_deletes_what_is_of_her_structure(meeting: Meeting, card_id: str) -> None:
    doctor = meeting.login()
    clerk = meeting.login(card_id)
    unique_id = meeting.deposit(doctor, "ANDRE", actor("cps-medecin")).documents[0].unique_id
    if card_id == "cpe-cabinet":
        clerk.delete_deposited(access("ANDRE"), unique_id)
        assert unique_id not in found(doctor, access("ANDRE"))
        return
    with pytest.raises(Refused) as raised:
        clerk.delete_deposited(access("ANDRE"), unique_id)
    assert refused(raised) == "DMPAccessDeniedByRightsService"
    assert unique_id in found(doctor, access("ANDRE"))


def test_3_3_who_deletes(ward: Meeting) -> None:
    where = access("ANDRE")
    other, treating = ward.login("cps-urgentiste"), ward.login()
    entry = titled(other, where, "Radiographie du thorax")
    with pytest.raises(Refused) as raised:
        other.delete(where, entry)
    assert refused(raised) == "DMPAccessDeniedByRightsService"
    treating.delete(where, entry)
    assert who_sees(ward, "Radiographie du thorax") == set()


def test_3_3_a_deletion_takes_the_older_versions_along(meeting: Meeting) -> None:
    client = meeting.login()
    entry = titled(client, access("ANDRE"), "Certificat d'aptitude (corrigé)")
    client.delete(access("ANDRE"), entry)
    assert not [one for one in titles(client, access("ANDRE"), ALL_STATES) if "aptitude" in one]


def test_3_3_an_obsolete_version_is_left_alone(meeting: Meeting) -> None:
    client = meeting.login()
    entry = titled(client, access("ANDRE"), "Certificat d'aptitude", ALL_STATES)
    for act in (client.archive, client.unarchive, client.delete):
        with pytest.raises(NotOffered):
            act(access("ANDRE"), entry)
    with pytest.raises(Refused):
        client.hide(access("ANDRE"), entry)


def test_3_3_a_document_changed_meanwhile(ward: Meeting) -> None:
    """The description is read right before the change: an old list does no harm."""
    first, second = ward.login(), ward.login("cps-urgentiste")
    where = access("ANDRE")
    seen = titled(second, where, "Résultat à annoncer en consultation")
    first.make_visible(where, seen, VisibilityChange.SHOW_TO_PATIENT)
    second.hide(where, seen)
    entry = titled(first, where, seen.title)
    assert entry.visibility == Visibility(hidden_from_professionals=True)


# --- secret connection ------------------------------------------------------------------------------------


def test_0_1_210_a_secret_connection_from_deposit_to_display(meeting: Meeting) -> None:
    """EX_0.1-1100, in its six steps."""
    client, me = meeting.login(), actor("cps-medecin")
    secret, plain = access("TOM", secret=True), access("TOM")
    prepared = meeting.deposit(client, "TOM", me, note(me, "Contraception"), where=secret)
    entry = titled(client, secret, "Contraception")
    assert entry.visibility == Visibility(invisible_to_representatives=True)
    (read,) = client.retrieve(secret, [entry])
    assert read.content == b"".join(prepared.documents[0].content)
    with pytest.raises(Refused) as raised:
        client.make_visible(secret, entry, VisibilityChange.SHOW_TO_REPRESENTATIVES)
    assert refused(raised) == "XDSRegistryMetadataError"
    client.make_visible(plain, entry, VisibilityChange.SHOW_TO_REPRESENTATIVES)
    assert titled(client, plain, "Contraception").visibility == Visibility()


def test_0_1_210_its_trace_is_not_for_the_representatives(meeting: Meeting) -> None:
    client = meeting.login()
    found(client, access("TOM", secret=True))
    found(client, access("TOM"))
    every, seen = (
        meeting.order(do="history", **reader)["history"] for reader in ({}, {"for": "representative"})
    )
    assert (len(every), len(seen)) == (2, 1)  # type: ignore[arg-type]


def test_0_1_340_secret_and_break_glass(meeting: Meeting) -> None:
    client = meeting.login("cps-multi")
    where = access("TOM", Purpose.BREAK_GLASS, secret=True)
    assert "Consultation confidentielle" in titles(client, where)


def test_a_secret_connection_is_for_minors(meeting: Meeting) -> None:
    with pytest.raises(Refused):
        found(meeting.login(), access("ANDRE", secret=True))


@pytest.mark.parametrize("kind", ["cut-before", "commit-then-cut"])
@pytest.mark.parametrize("act", ["hide", "archive", "delete"])
def test_3_3_a_change_without_an_answer(meeting: Meeting, kind: str, act: str) -> None:
    """Never sent twice by itself; a new search shows what became of it."""
    client = meeting.login()
    where = access("ANDRE")
    entry = titled(client, where, "Radiographie du thorax")
    found(client, where)
    client.find_reference(where, entry.unique_id)
    meeting.order(do="fault", kind="slow", seconds=0)  # the look-up that comes before the change
    meeting.order(do="fault", kind=kind)
    with pytest.raises(AnswerCut):
        getattr(client, act)(where, entry)
    seen = found(client, where, ALL_STATES).get(entry.unique_id)
    done = seen is None or seen.status is DocumentStatus.ARCHIVED or seen.visibility.hidden_from_professionals
    assert done is (kind == "commit-then-cut")
