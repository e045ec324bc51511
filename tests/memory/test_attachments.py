"""What a holder declares in place of a situation d'exercice: rules of the form, and what the workstation remembers."""

import json
import os
import stat
import threading
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kiosk import attachment
from kiosk.attachment import ID_KINDS, Attachment
from kiosk.card import nomenclature
from kiosk.card.model import Activity, CardType, Professional
from kiosk.memory.attachments import MOST, AttachmentStore, parse
from kiosk.record.form import Check

FINESS, SIRET, RPPS, SIREN = ID_KINDS
TODAY = date(2026, 11, 21)
CARD_END = date(2029, 11, 20)
HOSPITAL = Attachment(
    "10B0099991", "CENTRE HOSPITALIER DE FICTION", nomenclature.sector("SA01"),
    nomenclature.speciality("SM26", "10"), TODAY + timedelta(days=30),
)  # fmt: skip
SERIAL, OTHER_SERIAL = "0000000081", "0000000082"
KEY = bytes(range(32))


def professional(**changes: object) -> Professional:
    usual = Professional(
        "899700000082", "RELÈVE", "AYA", nomenclature.profession("10"), None, CardType.CPS, True, SERIAL,
        datetime(2026, 1, 1, tzinfo=UTC), datetime(2029, 11, 20, tzinfo=UTC),
    )  # fmt: skip
    return replace(usual, **changes)  # type: ignore[arg-type]


# --- who declares what ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("card_type", "activities", "expected"),
    [
        (CardType.CPS, (), True),
        (CardType.CPF, (), True),
        (CardType.CPE, (), False),
        (CardType.CPA, (), False),
        (CardType.CPS, (Activity(9, "X", "10B0099991", nomenclature.sector("SA01")),), False),
    ],
)
def test_only_people_in_training_and_substitutes_declare(
    card_type: CardType, activities: tuple[Activity, ...], expected: bool
) -> None:
    assert attachment.may_declare(professional(card_type=card_type), activities) is expected


@pytest.mark.parametrize(
    ("code", "system", "on_card", "asked"),
    [
        ("10", nomenclature.G15, "", True),
        ("10", nomenclature.G16, "", True),
        ("21", nomenclature.G15, "", True),
        ("10", nomenclature.G15, "SM26", False),
        ("60", nomenclature.G15, "", False),
        ("50", nomenclature.G16, "", False),
    ],
)
def test_the_speciality_is_asked_of_doctors_and_pharmacists_whose_card_says_none(
    code: str, system: str, on_card: str, asked: bool
) -> None:
    speciality = nomenclature.speciality(on_card, code) if on_card else None
    who = professional(profession=nomenclature.profession(code, system), speciality=speciality)
    assert attachment.must_give_speciality(who) is asked


def test_specialities_offered_are_those_of_the_profession() -> None:
    doctors, pharmacists = nomenclature.specialities("10"), nomenclature.specialities("21")
    assert {code.system for code in doctors} == {nomenclature.R01}
    assert {"SM26", "SM54"} <= {code.code for code in doctors}
    assert not {"SI01", "SCD01", "CAPA02"} & {code.code for code in doctors}
    assert {code.system for code in pharmacists} == {nomenclature.G05}
    assert {code.code for code in nomenclature.sectors()} >= {"SA01", "SA07", "SA33", "SA69"}


# --- the form's rules -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("kind", "text", "whole"),
    [
        (FINESS, "0B0099991", "10B0099991"),
        (FINESS, " 2a0 000 014 ", "12A0000014"),
        (FINESS, "750712184", "1750712184"),
        (SIRET, "732 829 320 00074", "373282932000074"),
        (SIREN, "732829320", "2732829320"),
        (RPPS, "99700000001001", "499700000001001"),
    ],
)
def test_numbers_are_taken_and_get_the_digit_of_their_register(
    kind: attachment.IdKind, text: str, whole: str
) -> None:
    assert attachment.check_number(kind, text) == Check()
    assert kind.digit + attachment.bare_number(text) == whole
    assert attachment.kind_of(whole) is kind


@pytest.mark.parametrize(
    ("kind", "text", "told"),
    [
        (FINESS, "", "obligatoire"),
        (FINESS, "75071218", "9 caractères attendus (8 tapés)"),
        (FINESS, "10B0099991", "Sans le premier 1"),
        (SIRET, "373282932000074", "Sans le premier 3"),
        (SIRET, "7328293200007A", "14 chiffres attendus"),
        (RPPS, "99700000001", "14 chiffres attendus (11 tapés)"),
        (SIREN, "73282932000074", "9 chiffres attendus (14 tapés)"),
        (SIREN, "٧٣٢٨٢٩٣٢٠", "9 chiffres attendus"),
    ],
)
def test_a_number_that_cannot_be_says_what_is_wrong(kind: attachment.IdKind, text: str, told: str) -> None:
    assert told in attachment.check_number(kind, text).problem


def test_a_false_key_asks_to_look_twice_and_forbids_nothing() -> None:
    """La Poste has establishments whose SIRET does not satisfy the key."""
    check = attachment.check_number(SIRET, "73282932000075")
    assert not check.problem
    assert "clé" in check.hint


@pytest.mark.parametrize("days", [0, 30, 365])
def test_an_end_date_within_the_year_is_taken(days: int) -> None:
    end = TODAY + timedelta(days=days)
    for text in (f"{end:%d/%m/%Y}", f"{end:%d%m%Y}"):
        assert attachment.check_end(text, today=TODAY, card_end=CARD_END) == Check()
        assert attachment.parse_end(text) == end


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "obligatoire"),
        ("demain", "JJ/MM/AAAA"),
        ("31/02/2027", "JJ/MM/AAAA"),
        ("00/00/2027", "JJ/MM/AAAA"),
        ("01/01/0000", "JJ/MM/AAAA"),
        ("20/11/2026", "passée"),
        ("21/11/2029", "Votre carte expire le 20/11/2029"),
    ],
)
def test_an_end_date_that_cannot_be(text: str, told: str) -> None:
    assert told in attachment.check_end(text, today=TODAY, card_end=CARD_END).problem


def test_a_far_end_date_asks_to_look_twice() -> None:
    check = attachment.check_end("20/11/2028", today=TODAY, card_end=CARD_END)
    assert (check.problem, bool(check.hint)) == ("", True)


@given(st.text(max_size=40), st.sampled_from(ID_KINDS))
def test_whatever_is_typed_gets_a_verdict(text: str, kind: attachment.IdKind) -> None:
    attachment.check_number(kind, text)
    attachment.check_name(text)
    check = attachment.check_end(text, today=TODAY, card_end=CARD_END)
    assert check.problem or attachment.parse_end(text)


# --- what the workstation remembers -----------------------------------------------------------------------


@pytest.fixture
def store(tmp_path: Path) -> AttachmentStore:
    return AttachmentStore(tmp_path / "state" / "attachments.json", KEY)


def test_remembered_for_that_card_alone_until_its_end(store: AttachmentStore) -> None:
    assert store.of(SERIAL, TODAY) == ()
    store.remember(SERIAL, HOSPITAL, TODAY)
    assert store.of(SERIAL, HOSPITAL.until) == (HOSPITAL,)
    assert store.of(SERIAL, HOSPITAL.until + timedelta(days=1)) == ()
    assert store.of(OTHER_SERIAL, TODAY) == ()


def test_another_site_s_key_finds_nothing(store: AttachmentStore) -> None:
    store.remember(SERIAL, HOSPITAL, TODAY)
    assert AttachmentStore(store.path, bytes(32)).of(SERIAL, TODAY) == ()


def test_the_file_names_no_card_and_belongs_to_its_owner(store: AttachmentStore) -> None:
    before = os.umask(0)
    try:
        store.remember(SERIAL, HOSPITAL, TODAY)
    finally:
        os.umask(before)
    assert SERIAL not in store.path.read_text()
    assert stat.S_IMODE(store.path.stat().st_mode) == 0o600
    assert stat.S_IMODE(store.path.parent.stat().st_mode) == 0o700


def test_the_last_used_comes_first_and_a_structure_only_once(store: AttachmentStore) -> None:
    other = replace(HOSPITAL, structure_id="10B0099993")
    longer = replace(HOSPITAL, until=HOSPITAL.until + timedelta(days=5))
    store.remember(SERIAL, HOSPITAL, TODAY)
    store.remember(SERIAL, other, TODAY)
    store.remember(SERIAL, longer, TODAY)
    assert store.of(SERIAL, TODAY) == (longer, other)


def test_a_correction_takes_the_place_of_what_was_wrong(store: AttachmentStore) -> None:
    wrong = replace(HOSPITAL, structure_id="10B0099999")
    store.remember(SERIAL, wrong, TODAY)
    store.remember(SERIAL, HOSPITAL, TODAY, instead_of=wrong)
    assert store.of(SERIAL, TODAY) == (HOSPITAL,)


def test_not_more_than_a_menu_holds(store: AttachmentStore) -> None:
    for number in range(MOST + 3):
        store.remember(SERIAL, replace(HOSPITAL, structure_id=f"10B00999{number:02}"), TODAY)
    kept = store.of(SERIAL, TODAY)
    assert len(kept) == MOST
    assert kept[0].structure_id == f"10B00999{MOST + 2:02}"


def test_what_is_over_leaves_the_file_when_anybody_writes(store: AttachmentStore) -> None:
    store.remember(SERIAL, HOSPITAL, TODAY)
    later = HOSPITAL.until + timedelta(days=1)
    store.remember(OTHER_SERIAL, replace(HOSPITAL, until=later), later)
    assert len(json.loads(store.path.read_text())) == 1


@pytest.mark.parametrize("content", [b"", b"\xff\x00", b"[]", b"{", b'{"x": 1}', b"[" * 100_000])
def test_a_damaged_file_counts_as_empty_and_is_written_anew(store: AttachmentStore, content: bytes) -> None:
    store.path.parent.mkdir()
    store.path.write_bytes(content)
    assert store.of(SERIAL, TODAY) == ()
    store.remember(SERIAL, HOSPITAL, TODAY)
    assert store.of(SERIAL, TODAY) == (HOSPITAL,)


def test_a_disk_that_refuses_is_told_and_what_was_there_stays(store: AttachmentStore) -> None:
    store.remember(SERIAL, HOSPITAL, TODAY)
    (store.path.parent / "attachments.json.new").mkdir()  # where the draft would be written
    with pytest.raises(OSError, match="attachments"):
        store.remember(SERIAL, replace(HOSPITAL, structure_id="10B0099993"), TODAY)
    assert store.of(SERIAL, TODAY) == (HOSPITAL,)


def test_two_kiosks_that_write_at_once_lose_nothing(store: AttachmentStore) -> None:
    together = threading.Barrier(6)

    def write(serial: str) -> None:
        together.wait(10)
        AttachmentStore(store.path, KEY).remember(serial, HOSPITAL, TODAY)

    threads = [threading.Thread(target=write, args=(f"{n:010}",)) for n in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert all(store.of(f"{n:010}", TODAY) == (HOSPITAL,) for n in range(6))


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=4), inner, max_size=4),
)
FIELDS = st.fixed_dictionaries(
    {
        "structure_id": JSON | st.just("10B0099991"),
        "structure_name": JSON | st.just("HOPITAL"),
        "sector": JSON | st.just(["SA01", nomenclature.R02, "Public"]),
        "speciality": JSON,
        "until": JSON | st.just("2027-05-31"),
    }
)


@given(
    st.binary(max_size=200) | st.dictionaries(st.text(max_size=4), st.lists(JSON | FIELDS)).map(json.dumps)
)
def test_any_file_gives_whole_attachments_or_none(content: bytes | str) -> None:
    raw = content if isinstance(content, bytes) else content.encode()
    for kept in parse(raw).values():
        for one in kept:
            assert one.structure_id
            assert one.structure_name
            assert one.sector.code
            assert isinstance(one.until, date)
