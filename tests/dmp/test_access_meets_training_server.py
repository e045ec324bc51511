"""Access to records: what the client asks, the training server understands, and the answers come back whole."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from meeting import CARDS, CAST, Meeting, access, patient, refused

from kiosk.code import Code
from kiosk.dmp.listing import AuthorizationFilter, ListedBy, RegulationSearch
from kiosk.dmp.management import (
    AuthorizationChange,
    ChannelAction,
    Closing,
    Reactivation,
)
from kiosk.dmp.model import Address, Authorization, LegalRepresentative, OtpChannel, RecordState
from kiosk.dmp.vihf import Purpose
from kiosk.errors import Refused

pytest_plugins = ("meeting_day",)


# --- TD0.3 ------------------------------------------------------------------------------------------------


def test_0_3_010_declare_and_give_up(meeting: Meeting) -> None:
    client = meeting.login()
    where = access("BRUNO")
    assert client.test_existence(where).authorization is Authorization.NONE
    client.set_authorization(where, AuthorizationChange.DECLARE)
    assert client.test_existence(where).authorization is Authorization.VALID
    client.set_authorization(where, AuthorizationChange.GIVE_UP)
    assert client.test_existence(where).authorization is Authorization.NONE


def test_0_3_an_expired_authorisation_is_declared_again(meeting: Meeting) -> None:
    """EX_0.3-1010."""
    client = meeting.login()
    where = access("IRENE")
    assert client.test_existence(where).authorization is Authorization.EXPIRED
    client.set_authorization(where, AuthorizationChange.DECLARE)
    assert client.test_existence(where).authorization is Authorization.VALID


def test_0_3_treating_doctor(meeting: Meeting) -> None:
    client = meeting.login()
    where = access("BRUNO")
    client.set_authorization(where, AuthorizationChange.BECOME_TREATING_DOCTOR)
    status = client.test_existence(where)
    assert (status.authorization, status.treating_doctor) == (Authorization.VALID, True)
    with pytest.raises(Refused, match="DMP"):
        client.set_authorization(where, AuthorizationChange.BECOME_TREATING_DOCTOR)
    client.set_authorization(where, AuthorizationChange.STOP_TREATING_DOCTOR)
    status = client.test_existence(where)
    assert (status.authorization, status.treating_doctor) == (Authorization.VALID, False)


def test_0_3_the_holder_of_a_cpe_declares_for_the_structure(meeting: Meeting) -> None:
    clerk = meeting.login("cpe-cabinet")
    clerk.set_authorization(access("BRUNO"), AuthorizationChange.DECLARE)
    assert clerk.test_existence(access("BRUNO")).authorization is Authorization.VALID
    with pytest.raises(Refused):
        clerk.set_authorization(access("BRUNO"), AuthorizationChange.BECOME_TREATING_DOCTOR)


def test_0_3_what_is_refused(meeting: Meeting) -> None:
    nurse = meeting.login("cps-infirmier")
    with pytest.raises(Refused) as raised:
        nurse.set_authorization(access("BRUNO"), AuthorizationChange.BECOME_TREATING_DOCTOR)
    assert refused(raised) == "DMPAccessDeniedByRightsService"
    with pytest.raises(Refused) as raised:
        nurse.set_authorization(access("BRUNO", Purpose.BREAK_GLASS), AuthorizationChange.DECLARE)
    assert refused(raised) == "DMPAccessDeniedByRightsService"
    with pytest.raises(Refused) as raised:
        nurse.set_authorization(access("HENRI"), AuthorizationChange.DECLARE)
    assert refused(raised) == "DMPClosed"
    with pytest.raises(Refused):
        meeting.login().set_authorization(access("VICTOR"), AuthorizationChange.DECLARE)


# --- TD0.4, TD1.6 -----------------------------------------------------------------------------------------


def test_0_4_records_open_to_me(meeting: Meeting) -> None:
    client = meeting.login()
    listed = {
        one.given_name: one
        for one in client.list_records(datetime(2020, 1, 1, tzinfo=UTC), ListedBy.AUTHORIZATION)
    }
    assert {"JEAN PIERRE", "ANDRE", "ROGER"} <= listed.keys()
    assert not {"IRENE", "VICTOR", "BRUNO"} & listed.keys()
    andre = listed["ANDRE"]
    assert patient("ANDRE") in andre.patients
    assert (andre.usual_name, andre.birth_date) == ("PETIT", CAST["ANDRE"].birth_date)
    assert andre.treating_doctor
    assert not listed["JEAN PIERRE"].treating_doctor
    recent = client.list_records(datetime(2026, 9, 1, tzinfo=UTC), ListedBy.DOCUMENT)
    assert {one.given_name for one in recent} == {"KARIM"}
    assert recent[0].last_document == datetime(2026, 9, 11, 6, 30, tzinfo=UTC)


def test_0_4_since_a_new_authorisation(meeting: Meeting) -> None:
    client = meeting.login()
    before = datetime.now(UTC) - timedelta(seconds=2)
    client.set_authorization(access("BRUNO"), AuthorizationChange.DECLARE)
    listed = client.list_records(before, ListedBy.AUTHORIZATION)
    assert "BRUNO" in {one.given_name for one in listed}


def test_0_4_by_a_cpe_for_a_professional_of_its_structure(meeting: Meeting) -> None:
    clerk = meeting.login("cpe-cabinet")
    listed = clerk.list_records(None, ListedBy.AUTHORIZATION, CARDS["cps-medecin"].national_id)
    assert {"ANDRE", "JEAN PIERRE"} <= {one.given_name for one in listed}
    with pytest.raises(Refused):
        clerk.list_records(None, ListedBy.AUTHORIZATION, CARDS["cps-pharmacien"].national_id)
    own = {one.given_name for one in clerk.list_records(None, ListedBy.AUTHORIZATION)}
    assert own == {"KARIM"}


def test_0_4_several_hundred_records(meeting: Meeting) -> None:
    doctor = CARDS["cps-medecin"].national_id
    meeting.order(do="crowd", count=500, actor=doctor)
    assert len(meeting.login().list_records(None, ListedBy.AUTHORIZATION)) > 500


def test_1_6_who_is_allowed_and_who_is_blocked(meeting: Meeting) -> None:
    client = meeting.login()
    everybody = {
        one.national_id: one for one in client.list_authorizations(access("ANDRE"), AuthorizationFilter.ALL)
    }
    doctor, pharmacist, nurse = (
        everybody[CARDS[card].national_id] for card in ("cps-medecin", "cps-pharmacien", "cps-infirmier")
    )
    assert doctor.treating_doctor
    assert not doctor.blocked
    assert doctor.specialities == ("Médecin",)
    assert nurse.blocked
    assert not pharmacist.blocked
    blocked = client.list_authorizations(access("ANDRE"), AuthorizationFilter.BLOCKED)
    assert [one.national_id for one in blocked] == [CARDS["cps-infirmier"].national_id]
    active = client.list_authorizations(access("ANDRE"), AuthorizationFilter.ACTIVE)
    assert [one.national_id for one in active] == [CARDS["cps-medecin"].national_id]
    structures = client.list_authorizations(access("JEAN PIERRE"), AuthorizationFilter.ALL)
    assert {one.is_structure for one in structures} == {True, False}


def test_1_6_is_not_for_the_holder_of_a_cpe(meeting: Meeting) -> None:
    with pytest.raises(Refused) as raised:
        meeting.login("cpe-accueil").list_authorizations(access("JEAN PIERRE"), AuthorizationFilter.ALL)
    assert refused(raised) == "DMPAccessDeniedByRightsService"


# --- TD0.5 ------------------------------------------------------------------------------------------------


def test_0_5_a_regulation_centre_searches(meeting: Meeting) -> None:
    client = meeting.login("cps-regulateur")
    result = client.search_patients(RegulationSearch(family_name="PETIT", given_name="ANDRE"))
    (one,) = result.patients
    assert (one.usual_name, one.birth_date, one.sex) == ("PETIT", "19551130", "M")
    assert one.likeness == 100
    assert one.patient == patient("ANDRE")
    assert client.search_patients(RegulationSearch(family_name="PERSONNE")).patients == ()
    near = client.search_patients(
        RegulationSearch(family_name="PETTIT", approximate_name=True, birth_date="19551130", sex="M")
    )
    assert [found.usual_name for found in near.patients] == ["PETIT"]


def test_0_5_too_many_and_opposed(meeting: Meeting) -> None:
    client = meeting.login("cps-regulateur")
    with pytest.raises(Refused) as raised:
        client.search_patients(RegulationSearch(family_name="MARTIN"))
    assert refused(raised) == "DMPTooManyResult"
    in_town = RegulationSearch(family_name="MARTIN", given_name="JEANNE", city="ESSAI-LES-BAINS")
    assert len(client.search_patients(in_town).patients) == 1
    assert client.search_patients(RegulationSearch(family_name="QUINZE")).patients == ()


def test_0_5_only_a_regulation_centre(meeting: Meeting) -> None:
    with pytest.raises(Refused):
        meeting.login("cps-medecin").search_patients(RegulationSearch(family_name="PETIT"))


# --- TD1.2 to TD1.4 ---------------------------------------------------------------------------------------


def again(given_name: str) -> Reactivation:
    person = CAST[given_name]
    return Reactivation(
        patient(given_name),
        "Mme" if person.nir13[0] == "2" else "M",
        person.usual_name,
        person.birth_name or person.usual_name,
        person.given_name,
        datetime.now(UTC),
        opposed_to_break_glass=True,
        opposed_to_regulation=False,
    )


def test_1_2_reactivation(meeting: Meeting) -> None:
    client = meeting.login("cpe-accueil")
    client.reactivate_record(again("HENRI"))
    assert client.test_existence(access("HENRI")).state is RecordState.ACTIVE
    client.set_authorization(access("HENRI"), AuthorizationChange.DECLARE)
    data = client.read_administrative_data(access("HENRI"))
    assert (data.opposed_to_break_glass, data.opposed_to_regulation) == (True, False)
    with pytest.raises(Refused) as raised:
        client.reactivate_record(again("HENRI"))
    assert refused(raised) == "DMPFound"


@pytest.mark.parametrize(
    "given_name",
    ["ANDRE", "DENISE", "MARCEL", "TOM", "FERNAND", "AMINATA", "MARIE-AÏCHA-ÉLÉONORE-ANNE", "KARIM"],
)
def test_1_3a_what_the_record_says(meeting: Meeting, given_name: str) -> None:
    data = meeting.login().read_administrative_data(access(given_name))
    assert data.opposed_to_break_glass is False
    assert data.opposed_to_regulation is False
    if given_name == "MARCEL":
        assert data.deceased
    if given_name == "TOM":
        assert data.representative is not None
        assert (data.representative.relationship.code, data.representative.family_name) == ("MTH", "VALLON")
    if given_name == "KARIM":
        assert data.mobile == "0639980281"
        assert data.email == "karim.lien@example.org"
        assert (data.address.postal_code, data.address.city) == ("99200", "SIMULACRE")
        assert data.internet_account
    if given_name == "AMINATA":
        assert data.birth_date == "19581300"


def test_1_3a_oppositions_and_modes(meeting: Meeting) -> None:
    client = meeting.login("cps-urgentiste")
    for given_name in ("REMI", "ODETTE"):
        client.set_authorization(access(given_name), AuthorizationChange.DECLARE)
    assert client.read_administrative_data(access("REMI")).opposed_to_break_glass
    assert client.read_administrative_data(access("ODETTE")).opposed_to_regulation
    assert not client.read_administrative_data(access("BRUNO", Purpose.BREAK_GLASS)).opposed_to_break_glass
    with pytest.raises(Refused) as raised:
        client.read_administrative_data(access("GASTON", Purpose.BREAK_GLASS))
    assert refused(raised) == "DMPAccessForbidden"
    with pytest.raises(Refused) as raised:
        client.read_administrative_data(access("ELODIE"))
    assert refused(raised) == "NF"


@pytest.mark.parametrize("given_name", ["KARIM", "TOM", "ANDRE"])
def test_1_3b_written_back_whole(meeting: Meeting, given_name: str) -> None:
    client = meeting.login()
    before = client.read_administrative_data(access(given_name))
    changed = replace(
        before,
        address=Address("3 RUE DE L'ÎLE", "BÂT. B", "99100", "FICTION", "FRANCE"),
        mobile="0639980999",
        opposed_to_break_glass=True,
    )
    client.update_administrative_data(patient(given_name), changed)
    assert client.read_administrative_data(access(given_name)) == changed


def test_1_3b_a_new_representative(meeting: Meeting) -> None:
    client = meeting.login()
    before = client.read_administrative_data(access("TOM"))
    father = Code("FTH", "2.16.840.1.113883.1.11.19579", "Père")
    home = Address("1 RUE DU PÈRE", "", "99100", "FICTION", "FRANCE")
    guardian = LegalRepresentative(father, "M", "VALLON", "LOUIS", home, mobile="0639980777")
    client.update_administrative_data(patient("TOM"), replace(before, representative=guardian))
    after = client.read_administrative_data(access("TOM")).representative
    assert after is not None
    assert (after.relationship.code, after.given_name, after.mobile) == ("FTH", "LOUIS", "0639980777")


def test_1_4_closing(meeting: Meeting) -> None:
    client = meeting.login()
    person = CAST["JEAN PIERRE"]
    form = Closing(
        patient("JEAN PIERRE"), "M", person.usual_name, person.usual_name, person.given_name, "À sa demande"
    )
    client.close_record(form)
    status = client.test_existence(access("JEAN PIERRE"))
    assert status.state is RecordState.CLOSED
    assert status.closed_at is not None
    assert abs(status.closed_at - datetime.now(UTC)) < timedelta(minutes=2)
    with pytest.raises(Refused) as raised:
        client.close_record(form)
    assert refused(raised) == "DMPClosed"


# --- TD1.5 ------------------------------------------------------------------------------------------------


def test_1_5b_channels(meeting: Meeting) -> None:
    client = meeting.login()
    who = patient("KARIM")
    client.set_otp_channel(who, OtpChannel.SMS, "0639980281", ChannelAction.ADD)
    with pytest.raises(Refused) as raised:
        client.set_otp_channel(who, OtpChannel.SMS, "0639980281", ChannelAction.ADD)
    assert refused(raised) == "DMPPatientAccessOTPAlreadyExists"
    client.set_otp_channel(who, OtpChannel.EMAIL, "karim.lien@example.org", ChannelAction.ADD)
    client.set_otp_channel(who, OtpChannel.SMS, "0639980282", ChannelAction.CHANGE)
    client.set_otp_channel(who, OtpChannel.SMS, "0639980282", ChannelAction.REMOVE)
    with pytest.raises(Refused):
        client.set_otp_channel(who, OtpChannel.SMS, "0639980282", ChannelAction.CHANGE)


def test_1_5_without_an_account(meeting: Meeting) -> None:
    with pytest.raises(Refused):
        meeting.login().renew_internet_access(patient("JEAN PIERRE"))
