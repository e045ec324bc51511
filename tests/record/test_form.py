"""The creation form's field rules."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kiosk.record import form

TODAY = "20261121"


@pytest.mark.parametrize("text", ["12/03/1984", "12031984", "1/1/2000", " 29/02/2008 ", "12.03.1984"])
def test_a_true_date_is_taken(text: str) -> None:
    assert form.check_birth_date(text, today=TODAY) == form.Check()


@pytest.mark.parametrize("text", ["00/00/1962", "00/06/1955", "15/00/1955", "31/42/1961", "01/13/1960"])
def test_a_lunar_date_is_taken_as_it_is_and_said(text: str) -> None:
    check = form.check_birth_date(text, today=TODAY)
    assert not check.problem
    assert "lunaire" in check.hint


@pytest.mark.parametrize(
    "text", ["", "31/02/2001", "29/02/2007", "22/11/2026", "01/01/1700", "1984", "12/03/84", "é"]
)
def test_a_date_that_cannot_be_is_refused(text: str) -> None:
    assert form.check_birth_date(text, today=TODAY).problem


def test_a_date_is_turned_round_for_the_wire() -> None:
    assert form.date_digits("7/2/1947") == "19470207"


@pytest.mark.parametrize(("code", "country", "good"), [
    ("79000", "FRANCE", True), ("20000", "", True), ("97400", "France", True), ("7900", "FRANCE", False),
    ("00100", "FRANCE", False), ("7900O", "FRANCE", False), ("1050", "BELGIQUE", True), ("", "FRANCE", True),
])  # fmt: skip
def test_postal_codes(code: str, country: str, good: bool) -> None:
    assert bool(form.check_postal_code(code, country).problem) is not good


@pytest.mark.parametrize(("number", "mobile", "phone"), [
    ("06 39 98 12 34", True, True), ("0739981234", True, True), ("+33639981234", True, True),
    ("0139981234", False, True), ("063998123", False, False), ("06399812345", False, False), ("", True, True),
    ("+32470123456", False, True),
])  # fmt: skip
def test_rec_1_5_1100_telephones(number: str, mobile: bool, phone: bool) -> None:
    assert bool(form.check_mobile(number).problem) is not mobile
    assert bool(form.check_phone(number).problem) is not phone


@pytest.mark.parametrize(("address", "good"), [
    ("simone@example.org", True), ("s.o'b+dmp@mail.example.fr", True), ("simone@example", False),
    ("simoné@example.org", False), ("a b@example.org", False), ("@example.org", False), ("a..b@example.org", False),
])  # fmt: skip
def test_addresses(address: str, good: bool) -> None:
    assert bool(form.check_email(address).problem) is not good


def test_a_misspelt_domain_is_pointed_out_but_allowed() -> None:
    check = form.check_email("simone@gmial.com")
    assert not check.problem
    assert "gmail.com" in check.hint


@given(st.text(max_size=40))
def test_no_text_breaks_a_rule(text: str) -> None:
    for check in (form.check_email, form.check_mobile, form.check_phone):
        assert isinstance(check(text), form.Check)
    form.check_birth_date(text, today=TODAY)
    form.check_postal_code(text, text)
    form.check_length(text, 10)
