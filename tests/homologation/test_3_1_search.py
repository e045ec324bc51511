"""TD3.1: the documents of a record, by every criterion of the book; how many there are is counted beside the kiosk."""

import time
from collections.abc import Awaitable, Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from access_steps import acts, break_glass, of_today, open_first, outcomes
from desk import Desk, play
from document_steps import (
    APPROVED,
    ARCHIVED,
    DEPRECATED,
    FIND_DOCUMENTS,
    FIND_SETS,
    GET_ASSOCIATIONS,
    GET_DOCUMENTS,
    GIRAUD,
    LIST,
    O_BRIEN,
    O_BRIEN_IN_EMERGENCY,
    Reader,
    catalogue,
    complete,
    count_is,
    enter,
    insured,
    last_query,
    open_list,
    point,
    queries,
    rows,
    search,
    sent_at,
    shown_to,
    turn,
    utc,
)
from wire import vihf_of

from kiosk.memory.last_visits import LastVisitStore
from kiosk.screens.document_rows import details
from kiosk.training.dmp_server.records import ins_c_of
from kiosk.training.documents.draft import Draft

ANDRE, BRUNO = "1551199999031", "1810899999221"
INS_C = ins_c_of(insured(ANDRE))
Criterion = Callable[[Desk, list[Draft], Reader], Awaitable[None]]


@pytest.fixture
def paris(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The workstation lives in French time, the service in UTC."""
    monkeypatch.setenv("TZ", "Europe/Paris")
    time.tzset()
    yield
    monkeypatch.undo()
    time.tzset()


def as_treating_doctor(criterion: Criterion, tmp_path: Path) -> None:
    async def story(desk: Desk) -> None:
        await open_list(desk, "cps-medecin")
        await criterion(desk, catalogue(ANDRE), GIRAUD)

    play(story, tmp_path)


def as_another_doctor(criterion: Criterion, tmp_path: Path) -> None:
    async def story(desk: Desk) -> None:
        await open_list(desk, "cps-urgentiste")
        await criterion(desk, catalogue(ANDRE), O_BRIEN)

    play(story, tmp_path)


def in_regulation(criterion: Criterion, tmp_path: Path) -> None:
    """A regulation centre sees what is hidden: the mode exists only where the patient allows it."""

    async def story(desk: Desk) -> None:
        await desk.present_pin("cps-regulateur")
        await desk.user.see("Mode d'accès : RÉGULATION")
        await enter(desk, "vitale-suivi")
        await criterion(desk, catalogue(ANDRE), Reader("899700000042", sees_hidden=True))
        assert {vihf_of(request).purpose for request in await desk.requests("TD3.1")} == {"centre_15"}

    play(story, tmp_path, post="régulation")


# --- criteria, each as the book asks for it ---------------------------------------------------------------------


async def nothing_asked(desk: Desk, drafts: list[Draft], reader: Reader) -> None:
    """Approved documents only, and of each who made it, its type and what is hidden."""
    expected = shown_to(reader, drafts)
    await count_is(desk, expected)
    [query] = await queries(desk)
    assert (query.which, query.return_type) == (FIND_DOCUMENTS, "LeafClass")
    assert query["Status"] == [APPROVED]
    assert set(query.slots) == {"$XDSDocumentEntryPatientId", "$XDSDocumentEntryStatus"}
    by_id = {draft.unique_id: draft for draft in expected}
    for entry in rows(desk).items:
        draft = by_id[entry.unique_id]
        said = " ".join(details(entry))
        assert ("Fait par le patient" in said) == (draft.author.specialty == "PATIENT")
        assert ("masqué aux professionnels" in said) == ("MASQUE_PS" in draft.restrictions)
        assert entry.type_code.code == draft.kind.type_code


async def with_archived(desk: Desk, drafts: list[Draft], reader: Reader) -> None:
    await search(desk, archived="x")
    await count_is(desk, shown_to(reader, drafts, "approved", "archived"))
    assert (await last_query(desk))["Status"] == [APPROVED, ARCHIVED]
    assert "avec archivés" in desk.user.screen()


async def with_obsolete(desk: Desk, drafts: list[Draft], reader: Reader) -> None:
    await search(desk, obsolete="x")
    await count_is(desk, shown_to(reader, drafts, "approved", "deprecated"))
    assert (await last_query(desk))["Status"] == [APPROVED, DEPRECATED]
    assert "avec anciennes versions" in desk.user.screen()


async def of_one_type(desk: Desk, drafts: list[Draft], reader: Reader) -> None:
    await search(desk, type="15507-7")
    await count_is(desk, [one for one in shown_to(reader, drafts) if one.kind.type_code == "15507-7"])
    assert (await last_query(desk))["TypeCode"] == ["15507-7^^2.16.840.1.113883.6.1"]


async def of_two_types(desk: Desk, drafts: list[Draft], reader: Reader) -> None:
    await search(desk, type="CERT_DECL", other_type="34874-8")
    wanted = ("CERT_DECL", "34874-8")
    await count_is(desk, [one for one in shown_to(reader, drafts) if one.kind.type_code in wanted])
    asked = [code.partition("^")[0] for code in (await last_query(desk))["TypeCode"]]
    assert asked == list(wanted)


async def from_2010(desk: Desk, drafts: list[Draft], reader: Reader) -> None:
    await search(desk, act_from="2010")
    await count_is(desk, [one for one in shown_to(reader, drafts) if one.written.year >= 2010])
    query = await last_query(desk)
    assert query["ServiceStartTimeFrom"] == ["20100101000000"]
    assert query["ServiceStartTimeTo"] == []


async def until_2010(desk: Desk, drafts: list[Draft], reader: Reader) -> None:
    """The whole of 2010: the interface's « to » is the first second that is not asked for."""
    await search(desk, act_to="2010")
    await count_is(desk, [one for one in shown_to(reader, drafts) if one.written.year <= 2010])
    query = await last_query(desk)
    assert query["ServiceStartTimeTo"] == ["20110101000000"]
    assert query["ServiceStartTimeFrom"] == []


async def between_two_days(desk: Desk, drafts: list[Draft], reader: Reader) -> None:
    """Both days are included: the first and the last document lie on them."""
    await search(desk, act_from="05/02/2024", act_to="02/12/2024")
    begin, end = utc(2024, 2, 5), utc(2024, 12, 3)
    expected = [one for one in shown_to(reader, drafts) if begin <= one.written < end]
    days = sorted(one.written.date() for one in expected)
    assert (days[0], days[-1]) == (begin.date(), utc(2024, 12, 2).date())
    await count_is(desk, expected)


async def of_a_type_and_a_period(desk: Desk, drafts: list[Draft], reader: Reader) -> None:
    await search(desk, type="11502-2", act_from="2024", act_to="06/2025")
    begin, end = utc(2024, 1, 1), utc(2025, 7, 1)
    expected = [
        one
        for one in shown_to(reader, drafts)
        if one.kind.type_code == "11502-2" and begin <= one.written < end
    ]
    await count_is(desk, expected)
    assert {"TypeCode", "ServiceStartTimeFrom", "ServiceStartTimeTo"} <= {
        slot.removeprefix("$XDSDocumentEntry") for slot in (await last_query(desk)).slots
    }


# --- the book in force --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("who", [as_treating_doctor, as_another_doctor])
def test_3_1_005_without_a_criterion(who: Callable[[Criterion, Path], None], tmp_path: Path) -> None:
    who(nothing_asked, tmp_path)


def test_3_1_005_a_treating_doctor_is_shown_more() -> None:
    """What makes the two stories above two: the numbers differ."""
    drafts = catalogue(ANDRE)
    assert len(shown_to(GIRAUD, drafts)) > len(shown_to(O_BRIEN, drafts))


def test_3_1_010_one_search_when_the_record_opens_and_none_for_looking(tmp_path: Path) -> None:
    async def story(desk: Desk) -> None:
        await open_list(desk)
        sent = await desk.transactions()
        assert sent.count("TD3.1") == 1
        for key in ("a", "a", "s", "0", "f3", "f3", "f3", "f3", "down", "pagedown", "up"):
            await desk.user.press(key)
        await desk.user.press("slash")
        await desk.user.type("bilan")
        await desk.user.press("escape")
        await desk.user.press("f2")
        await desk.user.see("Chercher des documents")
        await desk.user.press("f10")
        await complete(desk)
        await desk.user.press("f10")
        await desk.user.see("Dossier du patient")
        assert await desk.transactions() == sent

    play(story, tmp_path)


def test_3_1_010_identifiers_are_asked_for_in_the_numbers_the_service_bears(tmp_path: Path) -> None:
    """Twenty unique ids or eighty-eight entryUUIDs a query; a record of hundreds shows the second."""

    async def story(desk: Desk) -> None:
        await desk.dmp(do="documents", count=200, patient=ANDRE)
        await open_list(desk)
        await search(desk, choose={"deposit": "entre deux dates"}, sent_from="1990")
        asked = [query for query in await queries(desk) if query.which == GET_DOCUMENTS]
        assert len(asked) > 1
        assert all(len(query["UniqueId"]) <= 20 and len(query["EntryUUID"]) <= 88 for query in asked)
        assert sum(len(query["EntryUUID"]) for query in asked) > 200

    play(story, tmp_path)


def test_3_1_040_archived_documents_too(tmp_path: Path) -> None:
    as_treating_doctor(with_archived, tmp_path)


def test_3_1_050_older_versions_too(tmp_path: Path) -> None:
    as_treating_doctor(with_obsolete, tmp_path)


def test_3_1_090_one_type(tmp_path: Path) -> None:
    as_treating_doctor(of_one_type, tmp_path)


def test_3_1_100_several_types(tmp_path: Path) -> None:
    as_treating_doctor(of_two_types, tmp_path)


@pytest.mark.parametrize("who", [as_treating_doctor, as_another_doctor])
def test_3_1_110_acts_from_a_date(who: Callable[[Criterion, Path], None], tmp_path: Path) -> None:
    who(from_2010, tmp_path)


def test_3_1_110_a_day_begins_at_midnight_where_the_workstation_is(tmp_path: Path, paris: None) -> None:
    async def story(desk: Desk) -> None:
        await open_list(desk)
        await search(desk, act_from="01/07/2024", act_to="31/12/2024")
        query = await last_query(desk)
        assert query["ServiceStartTimeFrom"] == ["20240630220000"]
        assert query["ServiceStartTimeTo"] == ["20241231230000"]

    play(story, tmp_path)


def test_3_1_120_acts_until_a_date(tmp_path: Path) -> None:
    as_treating_doctor(until_2010, tmp_path)


def test_3_1_130_acts_between_two_dates(tmp_path: Path) -> None:
    as_treating_doctor(between_two_days, tmp_path)


def test_3_1_140_a_type_and_a_period(tmp_path: Path) -> None:
    as_treating_doctor(of_a_type_and_a_period, tmp_path)


def test_3_1_145_reimbursements_of_a_period(tmp_path: Path) -> None:
    async def story(desk: Desk) -> None:
        await open_list(desk)
        await search(desk, type="REMB", act_from="2025", act_to="2025")
        expected = [one for one in shown_to(GIRAUD, catalogue(ANDRE)) if one.kind.type_code == "REMB"]
        assert len(expected) == 1
        await count_is(desk, expected)

    play(story, tmp_path)


def test_3_1_150_in_break_glass_all_that_a_treating_doctor_sees(tmp_path: Path) -> None:
    async def story(desk: Desk) -> None:
        await desk.log_in("cps-urgentiste")
        await desk.family("vitale-urgence")
        await break_glass(desk)
        drafts = catalogue(BRUNO)
        expected = shown_to(O_BRIEN_IN_EMERGENCY, drafts)
        assert len(expected) > len(shown_to(O_BRIEN, drafts)), "something is hidden in this record"
        await count_is(desk, expected)
        [request] = await desk.requests("TD3.1")
        assert vihf_of(request).purpose == "bris_de_glace"
        done = await acts(desk)
        assert done.index(("BREAK_GLASS", "intent")) < done.index(("TD3.1", "intent"))

    play(story, tmp_path)


def test_3_1_250_break_glass_against_the_patient_s_opposition_is_explained(tmp_path: Path) -> None:
    async def story(desk: Desk) -> None:
        await desk.log_in("cps-urgentiste")
        await desk.family("vitale-glace")
        await break_glass(desk)
        await desk.user.see("Le patient s'oppose à cet accès.", "DMPAccessForbidden")
        assert await outcomes(desk, "TD3.1") == ["DMPAccessForbidden"]

    play(story, tmp_path)


def test_3_1_399_by_date_of_submission(tmp_path: Path) -> None:
    """Since a day, then between two: the second is part of the first."""

    async def story(desk: Desk) -> None:
        await open_list(desk)
        drafts = catalogue(ANDRE)
        shown = shown_to(GIRAUD, drafts)
        since = [one for one in shown if sent_at(one, drafts) >= utc(2025, 6, 1)]
        await search(desk, choose={"deposit": "entre deux dates"}, sent_from="01/06/2025")
        await count_is(desk, since)
        until = [one for one in since if sent_at(one, drafts) < utc(2025, 8, 25)]
        assert 0 < len(until) < len(since)
        await search(desk, sent_to="24/08/2025")
        await count_is(desk, until)

    play(story, tmp_path)


def test_3_1_400_since_my_last_visit(tmp_path: Path, paris: None) -> None:
    """From local time to UTC, then sets, what they hold, and those documents."""
    visited = datetime(2025, 8, 18, 23, 30).astimezone(UTC)
    store = LastVisitStore(tmp_path / "last_visits.sqlite", bytes(32))
    store.record(GIRAUD.national_id, INS_C, visited)

    async def story(desk: Desk) -> None:
        await open_list(desk)
        await search(desk, choose={"deposit": "depuis ma visite (18/08/2025)"})
        drafts = catalogue(ANDRE)
        await count_is(desk, [one for one in shown_to(GIRAUD, drafts) if sent_at(one, drafts) >= visited])
        first, sets, entries = (await queries(desk))[-3:]
        assert [first.which, sets.which, entries.which] == [FIND_SETS, GET_ASSOCIATIONS, GET_DOCUMENTS]
        assert first["SubmissionSetSubmissionTimeFrom"] == ["20250818213000"]

    play(story, tmp_path)


def test_3_1_400_this_visit_is_the_last_one_of_the_next_time(tmp_path: Path) -> None:
    async def first(desk: Desk) -> None:
        await open_list(desk)
        await desk.user.press("f2")
        await desk.user.see("Chercher des documents")
        await turn(desk, "deposit", "depuis ma visite")
        await desk.user.press("f5")
        await desk.user.see("C'est votre première visite sur ce poste : tout est nouveau.")
        assert (await desk.transactions()).count("TD3.1") == 1

    async def second(desk: Desk) -> None:
        await open_list(desk)
        await desk.user.press("f2")
        await desk.user.see(f"depuis ma visite ({datetime.now().astimezone():%d/%m/%Y})")

    play(first, tmp_path)
    play(second, tmp_path)


# --- cases the book has withdrawn ---------------------------------------------------------------------------------


def test_3_1_030_documents_filed_under_an_older_identifier(tmp_path: Path) -> None:
    """The service of today is asked by INS; the documents say INS-C in their own patient id."""

    async def story(desk: Desk) -> None:
        of_today(desk)
        await open_list(desk)
        await count_is(desk, shown_to(GIRAUD, catalogue(ANDRE)))
        [patient] = (await last_query(desk))["PatientId"]
        assert patient.startswith(ANDRE)

    play(story, tmp_path)


def test_3_1_160_without_a_criterion_in_regulation(tmp_path: Path) -> None:
    in_regulation(nothing_asked, tmp_path)


def test_3_1_161_archived_in_regulation(tmp_path: Path) -> None:
    in_regulation(with_archived, tmp_path)


def test_3_1_162_older_versions_in_regulation(tmp_path: Path) -> None:
    in_regulation(with_obsolete, tmp_path)


def test_3_1_163_one_type_in_regulation(tmp_path: Path) -> None:
    in_regulation(of_one_type, tmp_path)


def test_3_1_164_several_types_in_regulation(tmp_path: Path) -> None:
    in_regulation(of_two_types, tmp_path)


def test_3_1_165_from_a_date_in_regulation(tmp_path: Path) -> None:
    in_regulation(from_2010, tmp_path)


def test_3_1_166_until_a_date_in_regulation(tmp_path: Path) -> None:
    in_regulation(until_2010, tmp_path)


def test_3_1_167_between_two_dates_in_regulation(tmp_path: Path) -> None:
    in_regulation(between_two_days, tmp_path)


def test_3_1_168_a_type_and_a_period_in_regulation(tmp_path: Path) -> None:
    in_regulation(of_a_type_and_a_period, tmp_path)


def test_3_1_401_since_the_last_visit_in_regulation(tmp_path: Path) -> None:
    visited = utc(2025, 8, 18, 12)
    store = LastVisitStore(tmp_path / "last_visits.sqlite", bytes(32))
    store.record("899700000042", INS_C, visited)

    async def since(desk: Desk, drafts: list[Draft], reader: Reader) -> None:
        await search(desk, choose={"deposit": "depuis ma visite"})
        await count_is(desk, [one for one in shown_to(reader, drafts) if sent_at(one, drafts) >= visited])

    in_regulation(since, tmp_path)


def test_3_1_211_a_closed_record_is_not_searched(tmp_path: Path) -> None:
    """Closed between the existence test and the search: the service says so, and the hub shows the state."""

    async def story(desk: Desk) -> None:
        await desk.log_in("cps-medecin")
        await open_first(desk, "vitale-suivi")
        await desk.dmp(do="record", nir13=ANDRE, state="terminated", closed_at="20261101100000")
        await desk.choose("Documents du DMP")
        await desk.user.see("Dossier du patient", "DMP fermé")
        assert "TD3.1" not in await desk.transactions()
        assert LIST not in desk.user.screen()

    play(story, tmp_path)


def test_3_1_211_the_service_refuses_a_search_in_a_record_closed_meanwhile(tmp_path: Path) -> None:
    async def story(desk: Desk) -> None:
        await open_list(desk)
        await point(desk, "Délivrance en pharmacie")
        await desk.dmp(do="fault", kind="slow", seconds=0)  # the existence test
        await desk.dmp(do="fault", kind="ack-error", code="DMPClosed", text="Le DMP est fermé")
        await desk.user.press("f5")
        await desk.user.see("DMPClosed", "À faire")
        assert (await outcomes(desk, "TD3.1"))[-1] == "DMPClosed"

    play(story, tmp_path)
