"""What a deposit starts from: types, settings, the patient, who will see it, and what this workstation remembers."""

from dataclasses import replace
from datetime import UTC, date, datetime
from itertools import product
from pathlib import Path

import pytest
from deposit_files import TEXT, pdfa, picture, plain_pdf

from kiosk.card.model import Beneficiary
from kiosk.card.nomenclature import profession, sector, speciality
from kiosk.code import Code
from kiosk.deposit.outbox import Outbox
from kiosk.dmp.deposit import BodyFormat, Rules, Writer
from kiosk.dmp.deposit_rules import check_visibility, is_offered
from kiosk.dmp.document import Visibility
from kiosk.dmp.model import Actor, Authorization, DmpStatus, PatientId, PatientTraits, RecordState
from kiosk.dmp.nomenclature import CodeSet, known
from kiosk.errors import DocumentInvalid, FileUnfit
from kiosk.memory.deposits import MOST_WRITERS, DepositMemory
from kiosk.parameters.file import Parameters
from kiosk.patient import Member
from kiosk.record import audience, draft
from kiosk.record.audience import Shown

PATIENT = PatientId("1.2.250.1.213.1.4.2", "1643733673627476497974")


def actor(code: str = "10", know_how: str = "", place: str = "SA07") -> Actor:
    return Actor(
        national_id="899700000021",
        family_name="GIRAUD",
        given_name="CAMILLE",
        profession=profession(code),
        speciality=speciality(know_how, code) if know_how else None,
        structure_id="499700000001001",
        structure_name="CABINET MEDICAL DES ACACIAS",
        sector=sector(place),
    )


SECRETARY = Actor(
    "30B0099981/CPET00013", "AGENDA", "NADIA", Code("SECRETARIAT_MEDICAL", "1.2.250.1.213.1.1.4.6", "Secrétariat"),
    None, "499700000001001", "CABINET MEDICAL DES ACACIAS", sector("SA07"),
)  # fmt: skip


@pytest.mark.parametrize(
    ("who", "first"),
    [
        (actor("10", "SM26"), "11488-4"),
        (actor("10", "SM03"), "11502-2"),
        (actor("10", "SM74"), "18748-4"),
        (actor("21"), "60593-1"),
        (actor("60"), "11506-3"),
        (actor("50"), "11488-4"),
        (SECRETARY, "11488-4"),
    ],
)
def test_the_types_of_the_profession_come_first_and_every_type_once(who: Actor, first: str) -> None:
    choices = draft.type_choices(who)
    assert choices[0].code == first
    assert len(choices) == len(set(choices))
    assert set(choices) == set(draft.offered_types())
    assert all(is_offered(code) for code in choices)


def test_every_usual_type_may_be_deposited() -> None:
    for row in draft.rows("usual_types.csv"):
        for one in row["types"].split():
            code = known(CodeSet.TYPE, one)
            assert code is not None
            assert is_offered(code), one


def test_the_setting_chosen_last_is_proposed_as_long_as_it_fits_the_sector() -> None:
    who = actor(place="SA07")
    assert draft.usual_setting(who, "").code == "AMBULATOIRE"
    assert draft.usual_setting(who, "DEPISTAGE").code == "DEPISTAGE"
    assert draft.usual_setting(who, "ETABLISSEMENT").code == "AMBULATOIRE"


def member(**changes: object) -> Member:
    fields: dict[str, object] = {
        "rank": 1,
        "usual_name": "PETIT",
        "birth_name": "",
        "given_name": "ANDRE",
        "birth_date": "19550914",
        "nir": "155099999900123",
        "insured": True,
    }
    return Member(Beneficiary(**(fields | changes)), "INS-C", PATIENT)  # type: ignore[arg-type]


def status(birth_name: str = "PETIT", birth_date: str = "19550914") -> DmpStatus:
    traits = PatientTraits(birth_name, "PETIT", "ANDRE", birth_date, "M")
    return DmpStatus(RecordState.ACTIVE, Authorization.VALID, traits=traits)


def test_the_patient_is_the_cards_completed_by_the_dmp() -> None:
    patient = draft.patient_of(member(birth_date="550914"), status("GRAND"))
    assert (patient.birth_name, patient.usual_name, patient.first_name) == ("GRAND", "PETIT", "ANDRE")
    assert (patient.birth_date, patient.sex, patient.patient) == ("19550914", "M", PATIENT)


def with_nir(nir: str) -> Member:
    return replace(member(nir=nir), identifier_name="INS", patient=PatientId("1.2.250.1.213.1.4.10", nir))


@pytest.mark.parametrize(
    ("nir", "place"),
    [
        ("155099999900123", "99999"),  # abroad
        ("279035121518989", "51215"),
        ("184032A00400142", "2A004"),
        ("284039710500188", "97105"),
    ],
)
def test_the_birthplace_of_an_ins_is_what_the_number_says(nir: str, place: str) -> None:
    assert draft.patient_of(with_nir(nir), status()).birth_place == place


def test_no_birthplace_is_made_of_what_is_no_number_of_the_civil_register() -> None:
    assert draft.patient_of(member(), status()).birth_place == ""
    for number in ("384037511200188", "0833910461279517589858", ""):
        assert draft.patient_of(with_nir(number), status()).birth_place == ""


def test_the_card_goes_before_the_dmp_and_a_name_not_filled_is_none() -> None:
    assert draft.patient_of(member(birth_name="LACARTE"), status("LEDMP")).birth_name == "LACARTE"
    assert draft.patient_of(member(), status("NON_RENSEIGNE")).birth_name == "PETIT"


@pytest.mark.parametrize("said", ["", "1955", "19550101"])
def test_a_century_nobody_knows_stops_the_deposit(said: str) -> None:
    with pytest.raises(DocumentInvalid):
        draft.patient_of(member(birth_date="550914"), status(birth_date=said))


def test_files_are_chosen_by_content_and_converted_on_request() -> None:
    patient = draft.patient_of(member(), status())
    for content, body, words in (
        (TEXT, BodyFormat.TEXT, "Texte"),
        (pdfa(), BodyFormat.PDF, "PDF/A"),
        (picture("JPEG"), BodyFormat.JPEG, "JPEG"),
    ):
        chosen = draft.choose(content, patient)
        assert (chosen.examined.format, chosen.words, chosen.examined.obstacle) == (body, words, "")
    plain = draft.choose(plain_pdf(), patient)
    assert plain.examined.obstacle
    made = draft.convert(plain)
    assert (made.words, made.converted, made.examined.obstacle) == ("PDF/A", True, "")
    assert draft.convert(plain).content == made.content
    with pytest.raises(FileUnfit):
        draft.choose(b"", patient)


# --- who will see it --------------------------------------------------------------------------------------


@pytest.mark.parametrize("before", [None, Visibility(), Visibility(invisible_to_patient=True)])
@pytest.mark.parametrize("both", [False, True])
def test_every_choice_offered_is_one_the_rules_take(both: bool, before: Visibility | None) -> None:
    rules = Rules(hidden_and_invisible=both)
    choices = audience.offered(both_allowed=both, replaced=before, secret=False)
    for shown in Shown:
        chosen = audience.visibility_of(shown, from_representatives=False)
        try:
            check_visibility(chosen, rules, replaces=before)
        except DocumentInvalid:
            assert shown not in choices
        else:
            assert shown in choices


def test_a_secret_connection_leaves_no_choice() -> None:
    assert audience.offered(both_allowed=True, replaced=None, secret=True) == (Shown.EVERYBODY,)


@pytest.mark.parametrize("flags", list(product((False, True), repeat=3)))
def test_a_choice_says_what_it_stands_for(flags: tuple[bool, bool, bool]) -> None:
    visibility = Visibility(*flags)
    shown = audience.shown_by(visibility)
    assert audience.visibility_of(shown, from_representatives=flags[2]) == visibility
    assert (audience.words(visibility) == "visible de tous") is not any(flags)
    told = "\n".join(audience.audience(known(CodeSet.TYPE, "11488-4"), visibility, minor=True))
    assert ("Les autres professionnels : non" in told) is flags[0]
    assert ("Le patient : non" in told) is flags[1]
    assert ("représentants légaux : non" in told) is flags[2]
    assert all(len(line) <= 78 for line in audience.brief(None, visibility, minor=True).split("\n"))


def test_the_matrix_answers_who_reads_a_type() -> None:
    told = "\n".join(audience.audience(known(CodeSet.TYPE, "89233-1"), Visibility(), minor=False))
    assert "Les professionnels autorisés dans ce DMP : médecins, sages-femmes." in told
    assert "représentants" not in told
    assert "selon le type" in "\n".join(audience.audience(Code("X", "Y", "Z"), Visibility(), minor=False))


def test_minors_are_known_by_age_and_parameters() -> None:
    today = date(2026, 11, 21)
    assert draft.rules_of(member(birth_date="20160101"), today, Parameters()).minor is True
    assert draft.rules_of(member(), today, Parameters()).minor is False
    assert (
        draft.rules_of(member(birth_date="20160101"), today, Parameters(manages_minors=False)).minor is False
    )


# --- what the workstation remembers -----------------------------------------------------------------------


def a_writer(number: int) -> Writer:
    return Writer(
        f"8997000{number:05}", f"NOM{number}", "PRÉNOM", Code("G15_10", "1.2", "Médecin"), "S1", "CABINET"
    )


def test_writers_come_back_the_last_used_first_for_the_same_secretary_and_structure(tmp_path: Path) -> None:
    memory = DepositMemory(tmp_path / "m.sqlite", bytes(32))
    assert memory.writers("me", "S1", "CABINET") == ()
    for number in (*range(MOST_WRITERS + 2), 3):
        memory.remember_writer("me", a_writer(number))
    kept = memory.writers("me", "S1", "CABINET")
    assert len(kept) == MOST_WRITERS
    assert kept[0] == a_writer(3)
    assert memory.writers("me", "S2", "AUTRE") == ()
    assert memory.writers("you", "S1", "CABINET") == ()


def test_settings_and_senders_are_of_one_person_who_is_not_named(tmp_path: Path) -> None:
    memory = DepositMemory(tmp_path / "m.sqlite", bytes(32))
    memory.remember_setting("899700000021", "SA07", "DEPISTAGE")
    memory.remember_sender("2.25.1", "899700000021")
    assert memory.setting("899700000021", "SA07") == "DEPISTAGE"
    assert memory.setting("899700000021", "SA01") == ""
    assert memory.setting("899700000031", "SA07") == ""
    assert memory.sent_by("2.25.1", "899700000021")
    assert not memory.sent_by("2.25.1", "899700000031")
    assert not memory.sent_by("2.25.2", "899700000021")
    assert b"899700000021" not in (tmp_path / "m.sqlite").read_bytes()
    assert (tmp_path / "m.sqlite").stat().st_mode & 0o077 == 0


def test_a_damaged_memory_is_an_empty_one(tmp_path: Path) -> None:
    (tmp_path / "m.sqlite").write_bytes(b"not a database at all, by far" * 100)
    memory = DepositMemory(tmp_path / "m.sqlite", bytes(32))
    assert memory.setting("me", "SA07") == ""
    assert memory.writers("me", "S1", "CABINET") == ()


def test_an_outbox_without_deposits_has_none_that_arrived(tmp_path: Path) -> None:
    outbox = Outbox(tmp_path / "o.sqlite", bytes(32), lambda: datetime.now(UTC))
    assert outbox.arrived("m" * 64) == ()
