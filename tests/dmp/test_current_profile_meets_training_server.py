"""The service of today: every transaction it still has, asked by NIR, and what of the NIR goes over the wire.

The records are the cast's: one person, one record, whichever identifier opens it.
"""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from uuid import uuid4

import pytest
from lxml import etree
from meeting import (
    ALL_STATES,
    CARDS,
    CAST,
    Meeting,
    actor,
    colleague,
    deposit_patient,
    found,
    lot,
    note,
    titled,
    titles,
)
from meeting import access as by_ins_c
from wire import envelope_of, vihf_of

from kiosk.card.nir import nir_key
from kiosk.dmp.client import DmpClient
from kiosk.dmp.deposit import DepositPatient, LocalId, PreparedSubmission, Replaced, writer
from kiosk.dmp.document import ANYTHING, DocumentEntry, DocumentStatus, Visibility
from kiosk.dmp.listing import AuthorizationFilter, ListedBy, RegulationSearch
from kiosk.dmp.management import AuthorizationChange, ChannelAction, Closing, Reactivation
from kiosk.dmp.model import Authorization, OtpChannel, PatientId, RecordState
from kiosk.dmp.profile import CURRENT, NIA, ServiceProfile
from kiosk.dmp.vihf import Access, Purpose
from kiosk.dmp.visibility import VisibilityChange
from kiosk.errors import NotOffered, Refused

pytest_plugins = ("meeting_day",)

NIR_TEST = "1.2.250.1.213.1.4.10"
RESOURCE_ID = "urn:oasis:names:tc:xacml:2.0:resource:resource-id"
NS = {
    "h": "urn:hl7-org:v3",
    "rim": "urn:oasis:names:tc:ebxml-regrep:xsd:rim:3.0",
}
OF_DOCUMENT = "urn:uuid:58a6f841-87b3-4a3e-92fd-a8ffeff98427"
OF_SUBMISSION = "urn:uuid:6b5aea1a-874d-4603-a4bc-96a0a7b38446"
VERSIONS = ("3.0", "4.0")


def nir(given_name: str) -> PatientId:
    person = CAST[given_name]
    return PatientId(NIR_TEST, person.nir13 + nir_key(person.nir13))


def cx(given_name: str) -> str:
    """As protocol §3 writes a NIR."""
    return f"{nir(given_name).extension}^^^&{NIR_TEST}&ISO^NH"


def access(given_name: str, purpose: Purpose = Purpose.NORMAL, *, secret: bool = False) -> Access:
    return replace(by_ins_c(given_name, purpose, secret=secret), patient=nir(given_name))


def with_ins(given_name: str, **changes: object) -> DepositPatient:
    """The patient with the traits of an INS: the birthplace as the number says it."""
    number = nir(given_name)
    traits = {"patient": number, "birth_place": number.extension[5:10]} | changes
    return replace(deposit_patient(given_name), **traits)  # type: ignore[arg-type]


def of_today(meeting: Meeting, card_id: str = "cps-medecin", profile: ServiceProfile = CURRENT) -> DmpClient:
    return meeting.login(card_id, profile=profile)


def deposit(
    meeting: Meeting,
    client: DmpClient,
    given_name: str,
    card_id: str,
    *documents: object,
    where: Access | None = None,
    **changes: object,
) -> PreparedSubmission:
    """Prepared, sent and taken, all by NIR."""
    patient = with_ins(given_name)
    where = where or access(given_name)
    me = actor(card_id)
    submission = lot(where, given_name, me, *documents, **({"patient": patient} | changes))  # type: ignore[arg-type]
    prepared = meeting.prepare(client, submission)
    client.provide(where, prepared)
    return prepared


# --- who is named in the VIHF -----------------------------------------------------------------------------


@pytest.mark.parametrize("version", VERSIONS)
def test_the_assertion_names_the_nir_and_the_version_of_the_profile(meeting: Meeting, version: str) -> None:
    client = of_today(meeting, profile=replace(CURRENT, vihf_version=version))
    assert client.test_existence(access("ANDRE")).state is RecordState.ACTIVE
    vihf = vihf_of(meeting.requests()[-1])
    assert vihf.attribute(RESOURCE_ID) == [cx("ANDRE")]
    assert vihf.attribute("VIHF_Version") == [version]


def test_a_call_about_nobody_names_a_number_of_the_same_kind(meeting: Meeting) -> None:
    of_today(meeting).list_records(None, ListedBy.AUTHORIZATION)
    [named] = vihf_of(meeting.requests()[-1]).attribute(RESOURCE_ID)
    number, _, rest = named.partition("^^^")
    assert rest == f"&{NIR_TEST}&ISO^NH"
    assert len(number) == 15
    assert nir_key(number[:13]) == number[13:]


def test_0_2_080_a_waiting_number_is_asked_about_nowhere(meeting: Meeting) -> None:
    client = of_today(meeting)
    where = Access(PatientId(NIA, nir("ANDRE").extension))
    calls: tuple[Callable[[], object], ...] = (
        lambda: client.test_existence(where),
        lambda: client.read_administrative_data(where),
        lambda: client.set_authorization(where, AuthorizationChange.DECLARE),
        lambda: client.list_authorizations(where, AuthorizationFilter.ALL),
        lambda: client.find_documents(where, ANYTHING),
        lambda: client.knows_document(where, "1.2.250.1.999.1.1"),
    )
    for call in calls:
        with pytest.raises(NotOffered) as raised:
            call()
        assert "numéro d'attente (NIA)" in raised.value.what
    assert meeting.transactions() == []


def test_an_ins_c_opens_nothing_any_more(meeting: Meeting) -> None:
    with pytest.raises(NotOffered):
        of_today(meeting).test_existence(by_ins_c("ANDRE"))
    assert meeting.transactions() == []


# --- TD0.2, TD0.3, TD1.3a, TD1.6 --------------------------------------------------------------------------

STATES = {
    "ANDRE": (RecordState.ACTIVE, Authorization.VALID),
    "BRUNO": (RecordState.ACTIVE, Authorization.NONE),
    "IRENE": (RecordState.ACTIVE, Authorization.EXPIRED),
    "VICTOR": (RecordState.ACTIVE, Authorization.FORBIDDEN),
    "TOM": (RecordState.ACTIVE, Authorization.VALID),
    "AMINATA": (RecordState.ACTIVE, Authorization.VALID),
}


@pytest.mark.parametrize("given_name", STATES)
def test_0_2_every_answer(meeting: Meeting, given_name: str) -> None:
    status = of_today(meeting).test_existence(access(given_name))
    assert (status.state, status.authorization) == STATES[given_name]
    query = "//h:queryByParameter/h:parameterList/h:patientIdentifier/h:value"
    [asked] = envelope_of(meeting.requests()[-1]).xpath(query, namespaces=NS)
    assert (asked.get("root"), asked.get("extension")) == (NIR_TEST, nir(given_name).extension)


def test_0_2_020_closed_and_010_none_and_attached(meeting: Meeting) -> None:
    client = of_today(meeting)
    closed = client.test_existence(access("HENRI"))
    assert (closed.state, closed.closed_at) == (
        RecordState.CLOSED,
        datetime(2025, 3, 14, 10, 15, tzinfo=UTC),
    )
    assert client.test_existence(access("MALO")).state is RecordState.NONE
    assert client.test_existence(access("JULIE")).attached_to_mes


def test_0_2_a_record_of_the_first_version_is_not_reached_by_nir(meeting: Meeting) -> None:
    """Protocol §3: it has an INS-C only."""
    assert of_today(meeting).test_existence(access("BERTHE")).state is RecordState.NONE
    assert meeting.login().test_existence(by_ins_c("BERTHE")).state is RecordState.ACTIVE


def test_one_person_has_one_record_whichever_identifier_opens_it(meeting: Meeting) -> None:
    client = of_today(meeting)
    client.set_authorization(access("BRUNO"), AuthorizationChange.DECLARE)
    assert meeting.login().test_existence(by_ins_c("BRUNO")).authorization is Authorization.VALID


def test_0_3_declare_and_give_up(meeting: Meeting) -> None:
    client = of_today(meeting)
    client.set_authorization(access("BRUNO"), AuthorizationChange.DECLARE)
    assert client.test_existence(access("BRUNO")).authorization is Authorization.VALID
    client.set_authorization(access("BRUNO"), AuthorizationChange.GIVE_UP)
    assert client.test_existence(access("BRUNO")).authorization is Authorization.NONE


def test_0_3_treating_doctor_may_be_given_up_and_no_more_become(meeting: Meeting) -> None:
    client = of_today(meeting)
    with pytest.raises(NotOffered):
        client.set_authorization(access("BRUNO"), AuthorizationChange.BECOME_TREATING_DOCTOR)
    assert client.test_existence(access("ROGER")).treating_doctor
    client.set_authorization(access("ROGER"), AuthorizationChange.STOP_TREATING_DOCTOR)
    status = client.test_existence(access("ROGER"))
    assert (status.authorization, status.treating_doctor) == (Authorization.VALID, False)


def test_1_3a_oppositions_and_modes(meeting: Meeting) -> None:
    client = of_today(meeting, "cps-urgentiste")
    client.set_authorization(access("REMI"), AuthorizationChange.DECLARE)
    assert client.read_administrative_data(access("REMI")).opposed_to_break_glass
    assert not client.read_administrative_data(access("BRUNO", Purpose.BREAK_GLASS)).opposed_to_break_glass
    with pytest.raises(Refused) as raised:
        client.read_administrative_data(access("GASTON", Purpose.BREAK_GLASS))
    assert raised.value.server_code == "DMPAccessForbidden"


def test_1_6_who_is_allowed(meeting: Meeting) -> None:
    listed = of_today(meeting).list_authorizations(access("ANDRE"), AuthorizationFilter.BLOCKED)
    assert [one.national_id for one in listed] == [CARDS["cps-infirmier"].national_id]


# --- TD0.4, TD0.5 -----------------------------------------------------------------------------------------


def test_0_4_every_record_listed_opens_by_its_nir(meeting: Meeting) -> None:
    client = of_today(meeting)
    listed = {one.given_name: one for one in client.list_records(None, ListedBy.AUTHORIZATION)}
    assert nir("ANDRE") in listed["ANDRE"].patients
    [usable] = [one for one in listed["ANDRE"].patients if CURRENT.accepts(one.root)]
    assert client.test_existence(Access(usable)).state is RecordState.ACTIVE


def test_0_5_a_candidate_is_opened_by_his_nir(meeting: Meeting) -> None:
    client = of_today(meeting, "cps-regulateur")
    (one,) = client.search_patients(RegulationSearch(family_name="PETIT", given_name="ANDRE")).patients
    assert one.patient == nir("ANDRE")
    where = Access(one.patient, Purpose.REGULATION)
    assert client.test_existence(where).state is RecordState.ACTIVE
    assert client.find_documents(where, ANYTHING).entries


def test_0_5_510_a_record_of_the_first_version_is_not_found(meeting: Meeting) -> None:
    result = of_today(meeting, "cps-regulateur").search_patients(RegulationSearch(family_name="ARCHIVE"))
    assert result.patients == ()


# --- what is withdrawn ------------------------------------------------------------------------------------


def test_what_was_withdrawn_leaves_nothing_on_the_wire(meeting: Meeting) -> None:
    client = of_today(meeting)
    who, person = nir("KARIM"), CAST["KARIM"]
    names = ("M", person.usual_name, person.usual_name, person.given_name)
    data = client.read_administrative_data(access("KARIM"))
    sent = meeting.transactions()
    calls: tuple[Callable[[], object], ...] = (
        lambda: client.reactivate_record(Reactivation(who, *names, datetime.now(UTC), False, False)),
        lambda: client.update_administrative_data(who, data),
        lambda: client.close_record(Closing(who, *names, "À sa demande")),
        lambda: client.set_otp_channel(who, OtpChannel.SMS, "0639980281", ChannelAction.ADD),
        lambda: client.renew_internet_access(who),
        lambda: client.create_internet_access(who, OtpChannel.SMS, "0639980281"),
    )
    for call in calls:
        with pytest.raises(NotOffered):
            call()
    assert meeting.transactions() == sent


# --- documents --------------------------------------------------------------------------------------------


def test_3_1_the_same_record_as_by_ins_c(meeting: Meeting) -> None:
    mine, theirs = of_today(meeting), meeting.login()
    assert found(mine, access("ANDRE"), ALL_STATES) == found(theirs, by_ins_c("ANDRE"), ALL_STATES)


def test_3_1_the_query_names_the_patient_as_the_vihf_does(meeting: Meeting) -> None:
    client = of_today(meeting)
    client.find_documents(access("ANDRE"), ANYTHING)
    client.find_since(access("ANDRE"), datetime(2020, 1, 1, tzinfo=UTC))
    asked = [
        str(value.text)
        for request in meeting.requests()
        for value in envelope_of(request).xpath(
            "//rim:Slot[contains(@name, 'PatientId')]/rim:ValueList/rim:Value", namespaces=NS
        )
    ]
    assert set(asked) == {f"'{cx('ANDRE')}'"}
    assert len(asked) >= 2


def test_3_1_400_since(meeting: Meeting) -> None:
    client = of_today(meeting)
    before = datetime.now(UTC).replace(microsecond=0)
    prepared = deposit(meeting, client, "JEAN PIERRE", "cps-medecin")
    new = client.find_since(access("JEAN PIERRE"), before).entries
    assert [one.unique_id for one in new] == [prepared.documents[0].unique_id]


def test_3_2_every_document_of_the_full_record(meeting: Meeting) -> None:
    client = of_today(meeting)
    for entry in found(client, access("ANDRE"), ALL_STATES).values():
        if entry.title == "Document d'une autre empreinte":
            continue
        (document,) = client.retrieve(access("ANDRE"), [entry])
        assert document.verified


def test_2_1_the_nir_in_metadata_and_cda(meeting: Meeting) -> None:
    """`patientId` of lot and document, `sourcePatientId`, `id` of the CDA's patient: all under the NIR's OID."""
    client = of_today(meeting)
    prepared = deposit(meeting, client, "ANDRE", "cps-medecin")
    request = envelope_of(meeting.requests()[-1])
    for scheme in (OF_DOCUMENT, OF_SUBMISSION):
        values = request.xpath(
            f"//rim:ExternalIdentifier[@identificationScheme='{scheme}']/@value", namespaces=NS
        )
        assert set(values) == {cx("ANDRE")}
    slot = "//rim:Slot[@name='sourcePatientId']/rim:ValueList/rim:Value/text()"
    assert set(request.xpath(slot, namespaces=NS)) == {cx("ANDRE")}
    (entry,) = [
        one
        for one in found(client, access("ANDRE")).values()
        if one.unique_id == prepared.documents[0].unique_id
    ]
    (read,) = client.retrieve(access("ANDRE"), [entry])
    cda = etree.fromstring(read.content)
    [place] = cda.xpath("//h:birthplace/h:place/h:addr/h:county/text()", namespaces=NS)
    assert place == nir("ANDRE").extension[5:10]
    [who] = cda.xpath("/*/h:recordTarget/h:patientRole/h:id", namespaces=NS)
    assert (who.get("root"), who.get("extension")) == (NIR_TEST, nir("ANDRE").extension)


def test_2_1_a_local_number_beside_the_nir(meeting: Meeting) -> None:
    client = of_today(meeting)
    local = LocalId("1.2.250.1.999.1.7", "IPP^1&2")
    patient = with_ins("ANDRE", local_id=local)
    deposit(meeting, client, "ANDRE", "cps-medecin", patient=patient)
    request = envelope_of(meeting.requests()[-1])
    slot = "//rim:Slot[@name='sourcePatientId']/rim:ValueList/rim:Value/text()"
    assert "IPP\\S\\1\\T\\2^^^&1.2.250.1.999.1.7&ISO^PI" in request.xpath(slot, namespaces=NS)


def test_2_1_in_an_emergency_and_in_secret(meeting: Meeting) -> None:
    emergency = of_today(meeting, "cps-urgentiste")
    where = access("BRUNO", Purpose.BREAK_GLASS)
    prepared = deposit(meeting, emergency, "BRUNO", "cps-urgentiste", where=where)
    assert prepared.documents[0].unique_id in found(emergency, where)
    doctor = of_today(meeting)
    hidden = note(actor("cps-medecin"), visibility=Visibility(invisible_to_representatives=True))
    where = access("TOM", secret=True)
    prepared = deposit(meeting, doctor, "TOM", "cps-medecin", hidden, where=where)
    assert prepared.documents[0].unique_id in found(doctor, where)


@pytest.mark.parametrize("card_id", ["cpe-accueil", "cpe-cabinet", "cpe-anonyme"])
def test_2_2_the_holder_of_a_cpe(meeting: Meeting, card_id: str) -> None:
    clerk, me = of_today(meeting, card_id), actor(card_id)
    doctor = replace(colleague("cps-medecin"), structure_id=me.structure_id, structure_name=me.structure_name)
    document = note(me, f"Lettre {uuid4()}", authors=(doctor, writer(me)), legal_authenticator=doctor)
    prepared = deposit(meeting, clerk, "ANDRE", card_id, document)
    assert prepared.transaction == "TD2.2"
    unique_id = prepared.documents[0].unique_id
    assert clerk.knows_document(access("ANDRE"), unique_id)
    assert document.title in titles(of_today(meeting), access("ANDRE"))
    clerk.delete_deposited(access("ANDRE"), unique_id)
    assert document.title not in titles(of_today(meeting), access("ANDRE"))


def test_2_1_140_replaced_whatever_identifier_the_first_version_had(meeting: Meeting) -> None:
    """The cast's documents were deposited under the INS-C."""
    client, me = of_today(meeting), actor("cps-medecin")
    where = access("ANDRE")
    old = titled(client, where, "Protocole de soins ALD 8")
    replaced = Replaced(client.find_reference(where, old.unique_id), old.unique_id)
    prepared = deposit(
        meeting, client, "ANDRE", "cps-medecin", note(me, "Protocole, suite", replaces=replaced)
    )
    current = found(client, where)[prepared.documents[0].unique_id]
    versions = client.find_versions(where, current).entries
    assert {(one.title, one.status) for one in versions} == {
        ("Protocole de soins ALD 8", DocumentStatus.OBSOLETE),
        ("Protocole, suite", DocumentStatus.CURRENT),
    }


@pytest.mark.parametrize("title", ["Radiographie du thorax", "Deposited today"])
def test_3_3_every_change(meeting: Meeting, title: str) -> None:
    """Of a document known under the INS-C, and of one deposited under the NIR."""
    client, me = of_today(meeting), actor("cps-medecin")
    where = access("ANDRE")
    deposit(meeting, client, "ANDRE", "cps-medecin", note(me, "Deposited today"))

    def now() -> DocumentEntry:
        return titled(client, where, title, ALL_STATES)

    client.hide(where, now())
    assert now().visibility == Visibility(hidden_from_professionals=True)
    client.unhide(where, now())
    assert now().visibility == Visibility()
    client.archive(where, now())
    assert now().status is DocumentStatus.ARCHIVED
    client.unarchive(where, now())
    assert now().status is DocumentStatus.CURRENT


def test_3_3_made_visible_and_deleted(meeting: Meeting) -> None:
    client, me = of_today(meeting), actor("cps-medecin")
    where = access("ANDRE")
    deposit(
        meeting, client, "ANDRE", "cps-medecin",
        note(me, "Annonce", visibility=Visibility(invisible_to_patient=True)),
    )  # fmt: skip
    client.make_visible(where, titled(client, where, "Annonce"), VisibilityChange.SHOW_TO_PATIENT)
    entry = titled(client, where, "Annonce")
    assert entry.visibility == Visibility()
    client.delete(where, entry)
    assert "Annonce" not in titles(client, where, ALL_STATES)


def test_over_the_threshold_deposits_go_on(meeting: Meeting) -> None:
    """EX_3.1-2035."""
    client = of_today(meeting)
    meeting.order(do="threshold", searches=1)
    found(client, access("ANDRE"))
    with pytest.raises(Refused):
        found(client, access("ANDRE"))
    prepared = deposit(meeting, client, "ANDRE", "cps-medecin")
    assert client.knows_document(access("ANDRE"), prepared.documents[0].unique_id)
