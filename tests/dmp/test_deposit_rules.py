"""What may not be deposited, with a cause and a next step, before anything is signed."""

from dataclasses import replace
from datetime import timedelta

import pytest
from deposit_bench import AMBULATORY, HOSPITAL, ME, WOMAN, by_secretary, made, note, submission
from dmp_peers import DOCTOR, NOW, PATIENT, SECRETARY, RsaSigner
from hypothesis import given
from hypothesis import strategies as st

from kiosk.code import Code
from kiosk.dmp.deposit import Replaced, ReservedIds, Rules, writer
from kiosk.dmp.deposit_rules import (
    TITLE_LENGTH,
    check_title,
    check_visibility,
    content_type_of,
    offered_types,
    settings_of,
)
from kiosk.dmp.document import Visibility
from kiosk.dmp.model import PatientId
from kiosk.dmp.nomenclature import CodeSet, codes
from kiosk.dmp.vihf import Access
from kiosk.errors import DocumentInvalid

HIDDEN = Visibility(hidden_from_professionals=True)
INVISIBLE = Visibility(invisible_to_patient=True)
BOTH = Visibility(hidden_from_professionals=True, invisible_to_patient=True)
NOT_PARENTS = Visibility(invisible_to_representatives=True)


def refusal(what) -> DocumentInvalid:
    signer = RsaSigner()
    with pytest.raises(DocumentInvalid) as raised:
        made(what, signer=signer)
    assert signer.signatures == 0
    assert raised.value.cause != DocumentInvalid.cause
    assert raised.value.todo != DocumentInvalid.todo
    return raised.value


def test_ex_2_1_1010_types_that_are_never_offered() -> None:
    offered = {code.code for code in offered_types()}
    assert not offered & {"REMB", "11369-6", "EXPPAT_1", "EXPPAT_2", "EXPPAT_3", "74465-6", "E1762"}
    assert not [code for code in offered if code.startswith("DOCPAT")]
    assert {"11488-4", "60591-5", "11502-2", "57833-6", "CERT_DECL", "87273-9"} <= offered


@pytest.mark.parametrize("code", ["REMB", "DOCPAT01", "11369-6", "EXPPAT_2", "74465-6", "nothing"])
def test_ex_2_1_1010_a_forbidden_type_is_refused(code: str) -> None:
    refusal(submission(note(type_code=Code(code, "1.2.250.1.213.1.1.4.12", "Type interdit"))))


@given(st.text(max_size=300))
def test_ex_2_1_1020_a_title_is_taken_as_it_is_or_refused(title: str) -> None:
    if title.strip() and len(title) <= TITLE_LENGTH:
        check_title(title)
    else:
        with pytest.raises(DocumentInvalid):
            check_title(title)


def test_ex_2_1_1020_a_long_title_is_never_cut() -> None:
    title = "é" * TITLE_LENGTH
    assert title.encode() in made(submission(note(title=title))).body
    refusal(submission(note(title=title + "x")))


def test_ex_2_1_1050_not_hidden_from_everybody() -> None:
    check_visibility(HIDDEN, Rules())
    check_visibility(INVISIBLE, Rules())
    refusal(submission(note(visibility=BOTH)))
    made(submission(note(visibility=BOTH), rules=Rules(hidden_and_invisible=True)))


def test_2_1_600_invisible_to_the_representatives_of_a_minor_only() -> None:
    made(submission(note(visibility=NOT_PARENTS), rules=Rules(minor=True)))
    refusal(submission(note(visibility=NOT_PARENTS), rules=Rules(minor=False)))


@pytest.mark.parametrize("hiding", [INVISIBLE, NOT_PARENTS])
def test_2_1_140_what_was_shown_cannot_be_hidden_again_by_a_new_version(hiding: Visibility) -> None:
    shown = Replaced("urn:uuid:1", "2.25.7")
    refusal(submission(note(visibility=hiding, replaces=shown)))
    made(submission(note(visibility=hiding, replaces=replace(shown, visibility=hiding))))
    made(submission(note(replaces=replace(shown, visibility=hiding))))
    made(submission(note(visibility=HIDDEN, replaces=shown)))


def test_ex_2_1_2005_a_vaccination_note_is_visible_to_all() -> None:
    vaccination = Code("87273-9", "2.16.840.1.113883.6.1", "Note de vaccination")
    made(submission(note(type_code=vaccination)))
    refusal(submission(note(type_code=vaccination, visibility=HIDDEN)))
    refusal(submission(note(type_code=vaccination), access=Access(PATIENT, secret=True)))


def test_ex_2_1_1140_a_professional_is_an_author_or_signs() -> None:
    other = replace(ME, national_id="899700000099")
    made(submission(note(authors=(other,))))
    made(submission(note(legal_authenticator=other)))
    refusal(submission(note(authors=(other,), legal_authenticator=other)))
    refusal(submission(note(authors=())))


def test_ex_2_1_1140_the_structure_of_an_employee_is_that_of_an_author() -> None:
    made(by_secretary(), actor=SECRETARY)
    elsewhere = submission(note(practice_setting=HOSPITAL), actor=SECRETARY)
    with pytest.raises(DocumentInvalid):
        made(elsewhere, actor=SECRETARY)


def test_ex_gen_1377_the_practice_setting_goes_with_the_sector() -> None:
    refusal(submission(note(practice_setting=HOSPITAL)))
    assert settings_of(Code("SA07", "", ""))[0] == AMBULATORY
    assert settings_of(Code("SA01", "", ""))[0] == HOSPITAL
    assert settings_of(Code("SA99", "", "")) == ()


def test_every_setting_of_the_table_is_in_the_nomenclature_and_so_is_its_sector() -> None:
    for sector in codes(CodeSet.FACILITY):
        assert all(setting in codes(CodeSet.PRACTICE) for setting in settings_of(sector))


def test_the_content_type_of_a_hospital_is_external_care() -> None:
    assert content_type_of(SECRETARY.sector).code == "07"
    assert content_type_of(Code("SA07", "1.2.250.1.71.4.2.4", "Cabinet individuel")).code == "SA07"


def test_an_act_ends_after_it_began() -> None:
    refusal(submission(note(service_stop=NOW)))
    refusal(submission(note(service_stop=NOW - timedelta(hours=1))))


def test_a_replaced_version_has_an_oid() -> None:
    refusal(submission(note(replaces=Replaced("urn:uuid:1", "urn:uuid:1"))))


def test_mistakes_of_the_program_are_not_told_to_the_user() -> None:
    other = replace(WOMAN, patient=PatientId(PATIENT.root, "1" * 22))
    with pytest.raises(ValueError, match="another"):
        made(submission(patient=other))
    with pytest.raises(ValueError, match="reserved"):
        made(submission(ids=ReservedIds("2.25.1", ())))
    with pytest.raises(ValueError, match="time zone"):
        made(submission(note(created=NOW.replace(tzinfo=None))))


@pytest.mark.parametrize("trait", ["birth_name", "first_name", "given_names", "birth_date"])
def test_a_patient_of_whom_a_trait_is_missing_is_refused(trait: str) -> None:
    refusal(submission(patient=replace(WOMAN, **{trait: ""})))


def test_with_an_ins_the_birthplace_is_one_of_them() -> None:
    for root in ("1.2.250.1.213.1.4.8", "1.2.250.1.213.1.4.10", "1.2.250.1.213.1.4.11"):
        patient = replace(WOMAN, patient=PatientId(root, "284037511200188"))
        made(submission(patient=patient, access=Access(patient.patient)))
        without = replace(patient, birth_place="")
        wrong = refusal(submission(patient=without, access=Access(patient.patient)))
        assert "lieu de naissance" in wrong.cause
    made(submission(patient=replace(WOMAN, birth_place="")))


@pytest.mark.parametrize("field", ["family_name", "given_name", "structure_id", "structure_name"])
def test_an_author_who_is_not_whole_is_refused(field: str) -> None:
    someone = replace(ME, national_id="899700000099", **{field: ""})
    refusal(submission(note(authors=(ME, someone))))
    refusal(submission(note(legal_authenticator=someone)))


def test_an_author_whose_profession_has_no_code_is_refused() -> None:
    unknown = Code("93", "1.2.250.1.71.1.2.7", "Psychologue")
    someone = writer(replace(DOCTOR, profession=unknown, speciality=None))
    assert "Psychologue" in refusal(submission(note(authors=(someone,), legal_authenticator=someone))).cause


def test_nothing_at_all_is_refused() -> None:
    refusal(replace(submission(), documents=()))
