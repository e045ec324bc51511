"""What the administrative form sends: the whole as it came, but for what was typed over it."""

from dataclasses import fields, replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kiosk.code import Code
from kiosk.dmp.management import AdministrativeData, LegalRepresentative
from kiosk.dmp.model import Address
from kiosk.record import form, relationships
from kiosk.screens.administrative import AdministrativeScreen, facts, spoken
from kiosk.screens.administrative_form import AdministrativeForm, changes, edited, first_values
from kiosk.screens.base import KioskScreen
from kiosk.screens.channel import ChannelScreen
from kiosk.screens.closing import ClosingScreen
from kiosk.screens.creation import CreationScreen
from kiosk.screens.reactivation import ReactivationScreen
from kiosk.screens.representative import RepresentativeScreen

texts = st.text(st.characters(blacklist_categories=("Cc", "Cs")), max_size=90).map(str.strip)
oppositions = st.sampled_from([True, False, None])
addresses = st.builds(
    Address,
    lines=st.lists(texts.filter(bool), max_size=3).map("\n".join),
    complement=texts,
    postal_code=texts,
    city=texts,
    country=texts,
)
representatives = st.none() | st.builds(
    LegalRepresentative,
    relationship=st.just(Code("MTH", "2.16.840.1.113883.1.11.19579", "Mère")),
    civility=texts,
    family_name=texts,
    given_name=texts,
    address=addresses,
)
records = st.builds(
    AdministrativeData,
    civility=texts,
    usual_name=texts | st.just("NON_RENSEIGNE"),
    birth_name=texts,
    given_name=texts,
    birth_date=st.sampled_from(["19840312", "19620000", "1962", ""]),
    sex=st.sampled_from(["M", "F", "U", ""]),
    birth_country=texts,
    address=addresses,
    email=texts,
    phone=texts,
    mobile=texts,
    representative=representatives,
    opposed_to_break_glass=oppositions,
    opposed_to_regulation=oppositions,
    deceased=oppositions,
    internet_account=oppositions,
    attached_to_mes=oppositions,
)


def as_typed(data: AdministrativeData) -> dict[str, str]:
    """A form nobody touched: what its fields give back."""
    return {name: value.strip() for name, value in first_values(data).items()}


@given(records)
def test_a_form_nobody_touched_changes_nothing(data: AdministrativeData) -> None:
    after = edited(
        data,
        as_typed(data),
        opposed_to_break_glass=data.opposed_to_break_glass,
        opposed_to_regulation=data.opposed_to_regulation,
    )
    assert after == data
    assert changes(data, after) == []


@given(records, oppositions, oppositions)
def test_one_new_number_and_the_oppositions_are_all_that_changes(
    data: AdministrativeData, break_glass: bool | None, regulation: bool | None
) -> None:
    typed = as_typed(data) | {"mobile": "06 39 98 12 34"}
    after = edited(data, typed, opposed_to_break_glass=break_glass, opposed_to_regulation=regulation)
    touched = {"mobile", "opposed_to_break_glass", "opposed_to_regulation"}
    for field in fields(data):
        if field.name not in touched:
            assert getattr(after, field.name) == getattr(data, field.name)
    assert form.phone_digits(after.mobile) == "0639981234"
    told = {change.label for change in changes(data, after)}
    assert ("Bris de glace" in told) == (data.opposed_to_break_glass is not break_glass)
    assert ("Centre 15" in told) == (data.opposed_to_regulation is not regulation)
    assert told <= {"Portable", "Bris de glace", "Centre 15"}


def test_a_street_of_several_lines_stays_so_until_it_is_typed_over() -> None:
    data = _record(address=Address("Bâtiment B\n12 rue des Essais", "", "99100", "FICTION", "FRANCE"))
    typed = as_typed(data)
    assert typed["street"] == "Bâtiment B, 12 rue des Essais"
    moved = edited(data, typed | {"city": "NIORT"}, opposed_to_break_glass=False, opposed_to_regulation=False)
    assert moved.address == replace(data.address, city="NIORT")
    [change] = changes(data, moved)
    assert str(change) == "Ville : FICTION → NIORT"
    retyped = edited(
        data, typed | {"street": "1 quai Neuf"}, opposed_to_break_glass=False, opposed_to_regulation=False
    )
    assert retyped.address.lines == "1 quai Neuf"


def test_an_emptied_field_is_told_as_empty() -> None:
    data = _record(email="a@example.org")
    after = edited(
        data, as_typed(data) | {"email": ""}, opposed_to_break_glass=False, opposed_to_regulation=False
    )
    assert [str(change) for change in changes(data, after)] == ["E-mail : a@example.org → (vide)"]


def test_what_the_service_does_not_say_is_not_guessed() -> None:
    told = facts(_record(opposed_to_break_glass=None, internet_account=None), identity=False)
    assert "Accès en urgence (bris de glace) : non indiqué par le service" in told
    assert "Compte internet du patient : non indiqué par le service" in told


@given(records)
def test_identity_and_representative_are_told_only_when_asked_for(data: AdministrativeData) -> None:
    named = replace(
        data,
        usual_name="XYZZYNOM",
        given_name="XYZZYPRENOM",
        representative=LegalRepresentative(
            Code("MTH", "", "XYZZYMERE"), "Mme", "XYZZYREP", "XYZZYREP", Address()
        ),
    )
    assert not [line for line in facts(named, identity=False) if "XYZZY" in line]
    assert len([line for line in facts(named, identity=True) if "XYZZY" in line]) == 3


@pytest.mark.parametrize(
    ("number", "aloud"),
    [
        ("0639981234", "06 39 98 12 34"),
        ("+33639981234", "+33639981234"),
        ("", "non renseigné"),
    ],
)
def test_numbers_are_read_by_pairs(number: str, aloud: str) -> None:
    assert spoken(number) == aloud


@pytest.mark.parametrize(
    ("text", "accepted"), [("M", True), ("mme", True), (" Mme ", True), ("Mlle", False), ("", False)]
)
def test_civility(text: str, accepted: bool) -> None:
    assert (form.check_civility(text) == form.Check()) is accepted


@pytest.mark.parametrize(
    ("text", "accepted"), [("NOM", True), ("  ", False), ("N" * 80, True), ("N" * 81, False)]
)
def test_a_name_that_must_be_given(text: str, accepted: bool) -> None:
    assert (form.check_name(text, form.MAX_NAME) == form.Check()) is accepted


def test_every_relationship_of_the_creation_message_has_a_french_label() -> None:
    known = relationships.relationships()
    assert {code.code for code in known} == {
        "FTH", "MTH", "STPFTH", "STPMTH", "GRFTH", "GRMTH", "GGRFTH", "GGRMTH", "AUNT", "UNCLE", "BRO", "SIS",
        "RESPRSN",
    }  # fmt: skip
    assert {code.system for code in known} == {"2.16.840.1.113883.1.11.19579"}
    assert all(code.label and code.label != code.code for code in known)
    assert (relationships.civility("MTH"), relationships.civility("FTH")) == ("Mme", "M")
    assert relationships.civility("RESPRSN") == relationships.civility("INCONNU") == ""


@pytest.mark.parametrize(
    "screen",
    [
        AdministrativeScreen,
        AdministrativeForm,
        ReactivationScreen,
        ClosingScreen,
        ChannelScreen,
        CreationScreen,
        RepresentativeScreen,
    ],
)
def test_the_keys_fit_on_their_line_and_there_is_help(screen: type[KioskScreen[object]]) -> None:
    assert len(screen.keys) <= 80
    assert screen.help_text


def _record(**known: object) -> AdministrativeData:
    empty = AdministrativeData(
        "M", "LIEN", "LIEN", "KARIM", "19850930", "M", "", Address(), "", "", "", None, False, False
    )
    return replace(empty, **known)  # type: ignore[arg-type]
