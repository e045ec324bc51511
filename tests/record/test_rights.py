"""What the screens offer: the cells that matter, written by hand from the public tables, and what always holds."""

import csv
from dataclasses import replace
from datetime import UTC, datetime
from importlib.resources import files

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kiosk.card.model import CardType, Professional
from kiosk.card.nomenclature import A00, G15, G16
from kiosk.code import Code
from kiosk.dmp.model import Authorization, DmpStatus, RecordState
from kiosk.dmp.profile import CURRENT, HISTORICAL
from kiosk.record.rights import (
    Action,
    Kind,
    Mode,
    Situation,
    Verdict,
    break_glass_offered,
    decide,
    kind_of,
)

OTHER = Situation(Kind.OTHER)
DOCTOR = Situation(Kind.DOCTOR)
TREATING = Situation(Kind.DOCTOR, treating_doctor=True)
CPE = Situation(Kind.CPE)
EVERYBODY = (OTHER, DOCTOR, TREATING, CPE)

situations = st.builds(Situation, st.sampled_from(Kind), st.sampled_from(Mode), st.booleans())
actions = st.sampled_from(Action)
profiles = st.sampled_from((HISTORICAL, CURRENT))

# One letter a person, in the order of EVERYBODY: offered, tried, own documents, refused.
NORMAL = {
    Action.CHECK_STATUS: "oooo",
    Action.DECLARE: "oooo",
    Action.GIVE_UP: "tttt",
    Action.BECOME_TREATING_DOCTOR: "rorr",
    Action.STOP_TREATING_DOCTOR: "rror",
    Action.DASHBOARD: "ottt",
    Action.SEARCH_WITHOUT_INS: "rrrr",
    Action.CREATE: "oooo",
    Action.REACTIVATE: "otto",
    Action.READ_ADMINISTRATIVE: "oooo",
    Action.UPDATE_ADMINISTRATIVE: "oooo",
    Action.CLOSE: "ottr",
    Action.OPEN_ACCOUNT: "oooo",
    Action.ADD_CHANNEL: "otto",
    Action.RENEW_ACCOUNT: "otto",
    Action.LIST_AUTHORIZATIONS: "ottr",
    Action.DEPOSIT: "oooo",
    Action.SEARCH_DOCUMENTS: "ooor",
    Action.READ_DOCUMENT: "ooor",
    Action.READ_HIDDEN: "wwor",
    Action.READ_DELETED: "rrrr",
    Action.HIDE: "ooor",
    Action.UNHIDE: "wwor",
    Action.MAKE_VISIBLE: "ooor",
    Action.ARCHIVE: "woor",
    Action.UNARCHIVE: "woor",
    Action.DELETE: "wttt",
}
BREAK_GLASS = {  # a PS who is no doctor, a doctor
    Action.CHECK_STATUS: "oo",
    Action.DECLARE: "rr",
    Action.CREATE: "rr",
    Action.READ_ADMINISTRATIVE: "oo",
    Action.UPDATE_ADMINISTRATIVE: "rr",
    Action.OPEN_ACCOUNT: "rr",
    Action.LIST_AUTHORIZATIONS: "rr",
    Action.DEPOSIT: "oo",
    Action.SEARCH_DOCUMENTS: "oo",
    Action.READ_DOCUMENT: "oo",
    Action.READ_HIDDEN: "tt",
    Action.HIDE: "rr",
    Action.UNHIDE: "rr",
    Action.MAKE_VISIBLE: "rr",
    Action.ARCHIVE: "rt",
    Action.UNARCHIVE: "rt",
    Action.DELETE: "ww",
}
REGULATION = {
    Action.SEARCH_WITHOUT_INS: "tt",
    Action.READ_ADMINISTRATIVE: "tt",
    Action.SEARCH_DOCUMENTS: "tt",
    Action.READ_DOCUMENT: "tt",
    Action.READ_HIDDEN: "tt",
    Action.DECLARE: "rr",
    Action.CREATE: "rr",
    Action.CLOSE: "rr",
}
_LETTERS = {"o": Verdict.OFFERED, "t": Verdict.TRIED, "w": Verdict.OWN, "r": Verdict.REFUSED}

RECORD = {  # what changes the record itself, its account, or who may open it
    Action.DECLARE,
    Action.GIVE_UP,
    Action.BECOME_TREATING_DOCTOR,
    Action.STOP_TREATING_DOCTOR,
    Action.CREATE,
    Action.REACTIVATE,
    Action.UPDATE_ADMINISTRATIVE,
    Action.CLOSE,
    Action.OPEN_ACCOUNT,
    Action.ADD_CHANNEL,
    Action.RENEW_ACCOUNT,
    Action.LIST_AUTHORIZATIONS,
}


def cells(table: dict[Action, str], people: tuple[Situation, ...]) -> list[object]:
    return [
        pytest.param(action, person, _LETTERS[letter], id=f"{action.name}-{person.kind.value}-{index}")
        for action, letters in table.items()
        for index, (person, letter) in enumerate(zip(people, letters, strict=True))
    ]


@pytest.mark.parametrize(("action", "situation", "verdict"), cells(NORMAL, EVERYBODY))
def test_in_normal_mode(action: Action, situation: Situation, verdict: Verdict) -> None:
    assert decide(action, situation, HISTORICAL).verdict is verdict


@pytest.mark.parametrize(("action", "situation", "verdict"), cells(BREAK_GLASS, (OTHER, DOCTOR)))
def test_in_break_glass(action: Action, situation: Situation, verdict: Verdict) -> None:
    assert decide(action, replace(situation, mode=Mode.BREAK_GLASS), HISTORICAL).verdict is verdict


@pytest.mark.parametrize(("action", "situation", "verdict"), cells(REGULATION, (OTHER, DOCTOR)))
def test_in_regulation(action: Action, situation: Situation, verdict: Verdict) -> None:
    assert decide(action, replace(situation, mode=Mode.REGULATION), HISTORICAL).verdict is verdict


# --- one document -----------------------------------------------------------------------------------------


def test_own_documents_only() -> None:
    decision = decide(Action.UNHIDE, OTHER, HISTORICAL)
    assert decision.offered
    assert decision.for_document(own=True, by_patient=False).verdict is Verdict.OFFERED
    refused = decision.for_document(own=False, by_patient=False)
    assert refused.verdict is Verdict.REFUSED
    assert "auteur" in refused.why


def test_what_the_patient_deposited_is_archived_by_the_treating_doctor_alone() -> None:
    by_doctor = decide(Action.ARCHIVE, DOCTOR, HISTORICAL)
    assert by_doctor.for_document(own=False, by_patient=False).offered
    assert not by_doctor.for_document(own=False, by_patient=True).offered
    assert "patient" in by_doctor.for_document(own=False, by_patient=True).why
    assert decide(Action.ARCHIVE, TREATING, HISTORICAL).for_document(own=False, by_patient=True).offered


# --- the service ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("person", EVERYBODY)
@pytest.mark.parametrize(
    "action",
    [
        Action.CREATE,
        Action.REACTIVATE,
        Action.UPDATE_ADMINISTRATIVE,
        Action.CLOSE,
        Action.OPEN_ACCOUNT,
        Action.ADD_CHANNEL,
        Action.RENEW_ACCOUNT,
        Action.BECOME_TREATING_DOCTOR,
    ],
)
def test_today_s_service_has_withdrawn_it(action: Action, person: Situation) -> None:
    decision = decide(action, person, CURRENT)
    assert not decision.offered
    assert "service DMP" in decision.why


def test_the_withdrawn_creation_is_named() -> None:
    told = decide(Action.CREATE, CPE, CURRENT).why.splitlines()[0]
    assert told == "Le service DMP de cette borne n'offre plus la création par un professionnel."


def test_a_cpe_deposits_by_its_own_transaction() -> None:
    without_td22 = replace(HISTORICAL, transactions=HISTORICAL.transactions - {"TD2.2"})
    assert not decide(Action.DEPOSIT, CPE, without_td22).offered
    assert decide(Action.DEPOSIT, DOCTOR, without_td22).offered
    without_td21 = replace(HISTORICAL, transactions=HISTORICAL.transactions - {"TD2.1"})
    assert decide(Action.DEPOSIT, CPE, without_td21).offered


def test_why_names_who_what_and_the_rule() -> None:
    why = decide(Action.CLOSE, CPE, HISTORICAL).why
    assert why.startswith("Un porteur de CPE ne peut pas fermer un DMP.\nRègle : ")
    assert "NORMAL" in why
    assert "CPS" in why
    assert "BRIS DE GLACE" in decide(Action.HIDE, replace(DOCTOR, mode=Mode.BREAK_GLASS), HISTORICAL).why


# --- what always holds ------------------------------------------------------------------------------------


@given(actions, situations, profiles)
def test_every_refusal_is_explained_in_two_lines_of_76_columns(action, situation, profile) -> None:
    decision = decide(action, situation, profile)
    lines = decision.why.splitlines()
    assert len(lines) <= 2
    assert all(len(line) <= 76 for line in lines)
    assert lines or decision.verdict is Verdict.OFFERED


@given(actions, situations, profiles, st.booleans(), st.booleans())
def test_so_is_one_document(action, situation, profile, own, by_patient) -> None:
    decision = decide(action, situation, profile).for_document(own=own, by_patient=by_patient)
    lines = decision.why.splitlines()
    assert decision.verdict is not Verdict.OWN
    assert all(len(line) <= 76 for line in lines)
    assert len(lines) <= 2
    assert lines or decision.verdict is not Verdict.REFUSED


@given(
    st.sampled_from(
        [a for a in Action if a.name.startswith(("SEARCH_DOC", "READ_DOC", "READ_HID", "READ_DEL"))]
    ),
    st.sampled_from(Mode),
    st.booleans(),
    profiles,
)
def test_a_cpe_never_reads_documents(action, mode, treating, profile) -> None:
    assert not decide(action, Situation(Kind.CPE, mode, treating), profile).offered


@given(st.sampled_from(sorted(RECORD, key=lambda a: a.name)), situations, profiles)
def test_break_glass_and_regulation_manage_nothing(action, situation, profile) -> None:
    for mode in (Mode.BREAK_GLASS, Mode.REGULATION):
        assert not decide(action, replace(situation, mode=mode), profile).offered


@given(actions, profiles)
def test_the_treating_doctor_never_breaks_glass_and_a_cpe_has_one_mode(action, profile) -> None:
    assert not decide(action, replace(TREATING, mode=Mode.BREAK_GLASS), profile).offered
    for mode in (Mode.BREAK_GLASS, Mode.REGULATION):
        assert not decide(action, replace(CPE, mode=mode), profile).offered


@given(actions, situations)
def test_nothing_is_offered_that_the_service_does_not_have(action, situation) -> None:
    nothing = replace(HISTORICAL, transactions=frozenset())
    assert decide(action, situation, nothing).offered <= (action is Action.AUTHENTICATE)


def test_every_action_has_its_row_and_every_row_its_action() -> None:
    text = (files("kiosk") / "data" / "rights.csv").read_text(encoding="utf-8")
    rows = list(csv.DictReader(text.splitlines(), delimiter=";"))
    assert [f"{row['transaction']} {row['role']}" for row in rows] != []
    assert {f"{row['transaction']} {row['role']}" for row in rows} == {action.value for action in Action}
    assert len(rows) == len(Action) == 29
    assert len({action.label for action in Action}) == len(Action)


# --- who ---------------------------------------------------------------------------------------------------


def professional(card_type: CardType, profession: Code) -> Professional:
    start, end = datetime(2026, 1, 1, tzinfo=UTC), datetime(2029, 1, 1, tzinfo=UTC)
    return Professional(
        national_id="899700000021",
        family_name="GIRAUD",
        given_name="CAMILLE",
        profession=profession,
        speciality=None,
        card_type=card_type,
        test_card=True,
        card_serial="0",
        valid_from=start,
        valid_until=end,
    )


@pytest.mark.parametrize(
    ("card_type", "code", "system", "kind"),
    [
        (CardType.CPS, "10", G15, Kind.DOCTOR),
        (CardType.CPF, "10", G16, Kind.DOCTOR),
        (CardType.CPS, "21", G15, Kind.OTHER),
        (CardType.CPS, "40", G15, Kind.OTHER),
        (CardType.CPF, "60", G16, Kind.OTHER),
        (CardType.CPS, "10", A00, Kind.OTHER),
        (CardType.CPS, "", "", Kind.OTHER),
        (CardType.CPE, "SECRETARIAT_MEDICAL", A00, Kind.CPE),
        (CardType.CPE, "10", G15, Kind.CPE),
        (CardType.CPA, "", A00, Kind.CPE),
    ],
)
def test_who_is_who(card_type: CardType, code: str, system: str, kind: Kind) -> None:
    assert kind_of(professional(card_type, Code(code, system, code))) is kind


# --- break-glass ------------------------------------------------------------------------------------------

ACTIVE = RecordState.ACTIVE


@pytest.mark.parametrize("authorization", [Authorization.NONE, Authorization.EXPIRED])
@pytest.mark.parametrize("person", [OTHER, DOCTOR])
def test_break_glass_is_offered_where_access_is_missing(person, authorization) -> None:
    assert break_glass_offered(DmpStatus(ACTIVE, authorization), person).verdict is Verdict.OFFERED


@pytest.mark.parametrize("authorization", [Authorization.FORBIDDEN, Authorization.UNKNOWN])
def test_break_glass_is_tried_where_the_texts_are_silent(authorization) -> None:
    assert break_glass_offered(DmpStatus(ACTIVE, authorization), DOCTOR).verdict is Verdict.TRIED


@pytest.mark.parametrize(
    ("status", "person"),
    [
        (DmpStatus(ACTIVE, Authorization.VALID), DOCTOR),
        (DmpStatus(ACTIVE, Authorization.NONE, treating_doctor=True), DOCTOR),
        (DmpStatus(ACTIVE, Authorization.NONE), TREATING),
        (DmpStatus(ACTIVE, Authorization.NONE), CPE),
        (DmpStatus(RecordState.NONE), DOCTOR),
        (DmpStatus(RecordState.CLOSED, Authorization.NONE), DOCTOR),
        (DmpStatus(ACTIVE, Authorization.NONE), replace(DOCTOR, mode=Mode.BREAK_GLASS)),
        (DmpStatus(ACTIVE, Authorization.NONE), replace(DOCTOR, mode=Mode.REGULATION)),
    ],
)
def test_break_glass_is_not_offered(status: DmpStatus, person: Situation) -> None:
    decision = break_glass_offered(status, person)
    assert not decision.offered
    assert decision.why
    assert all(len(line) <= 76 for line in decision.why.splitlines())
    assert len(decision.why.splitlines()) <= 2
