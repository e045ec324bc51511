"""One day of a kiosk with every transaction of both generations in it, each accepted and, where it can be, refused."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import deposit_files
import pytest
from meeting import (
    ALL_STATES,
    CAST,
    PRESCRIPTION,
    Meeting,
    access,
    actor,
    colleague,
    deposit_patient,
    found,
    note,
    patient,
    replacement,
    titled,
)

from kiosk.card.nir import nir_key
from kiosk.code import Code
from kiosk.dmp.deposit import BodyFormat, LocalId, writer
from kiosk.dmp.document import DocumentQuery, Visibility
from kiosk.dmp.listing import AuthorizationFilter, ListedBy, RegulationSearch
from kiosk.dmp.management import AuthorizationChange, ChannelAction, Closing, Reactivation
from kiosk.dmp.model import Address, CardTraits, Creation, LegalRepresentative, OtpChannel, PatientId
from kiosk.dmp.profile import CURRENT
from kiosk.dmp.vihf import Access, Purpose
from kiosk.dmp.visibility import VisibilityChange
from kiosk.errors import Refused

HOME = Address("12 RUE DE L'ÉGLISE", "BÂT. B", "99100", "FICTION", "FRANCE")
FATHER = Code("FTH", "2.16.840.1.113883.1.11.19579", "Père")
GUARDIAN = LegalRepresentative(FATHER, "M", "VALLON", "LOUIS", HOME, mobile="0639980777")
EVENT = Code("DEQP003", "1.2.250.1.213.2.5", "Électrocardiographie sur au moins 12 dérivations")


def live(meeting: Meeting) -> None:
    existence_and_authorisation(meeting)
    lists(meeting)
    management(meeting)
    deposits(meeting)
    documents(meeting)
    of_today(meeting)


def existence_and_authorisation(meeting: Meeting) -> None:
    doctor = meeting.login()
    meeting.record("REMI", state="terminated")  # nobody said why
    for given_name in ("ANDRE", "HENRI", "REMI", "ELODIE", "VICTOR"):
        doctor.test_existence(access(given_name))
    doctor.set_authorization(access("BRUNO"), AuthorizationChange.DECLARE)
    doctor.list_authorizations(access("ANDRE"), AuthorizationFilter.ALL)
    for given_name in ("ANDRE", "TOM", "AMINATA", "KARIM"):
        doctor.read_administrative_data(access(given_name))
    meeting.login("cps-urgentiste").test_existence(access("BRUNO", Purpose.BREAK_GLASS))
    refusal(lambda: doctor.set_authorization(access("ELODIE"), AuthorizationChange.DECLARE))


def lists(meeting: Meeting) -> None:
    meeting.login().list_records(None, ListedBy.AUTHORIZATION)
    centre = meeting.login("cps-regulateur")
    centre.search_patients(RegulationSearch(family_name="PETIT", given_name="ANDRE"))
    centre.search_patients(
        RegulationSearch("PETIT", "ANDRE", birth_date="19551101", sex="M", postal_code="75012", city="PARIS")
    )
    refusal(lambda: meeting.login().search_patients(RegulationSearch(family_name="PETIT")))


def management(meeting: Meeting) -> None:
    clerk, doctor = meeting.login("cpe-accueil"), meeting.login()
    clerk.create_record(creation("SIMONE"))
    clerk.create_record(creation("MALO", representative=GUARDIAN))
    refusal(lambda: clerk.create_record(creation("ANDRE")))
    doctor.create_internet_access(patient("SIMONE"), OtpChannel.SMS, "0639980012")
    doctor.renew_internet_access(patient("SIMONE"))
    doctor.set_otp_channel(patient("KARIM"), OtpChannel.EMAIL, "karim@example.org", ChannelAction.ADD)
    clerk.reactivate_record(Reactivation(*traits("HENRI"), datetime.now(UTC), True, False))
    refusal(lambda: clerk.reactivate_record(Reactivation(*traits("ANDRE"), datetime.now(UTC), True, False)))
    data = doctor.read_administrative_data(access("TOM"))
    doctor.update_administrative_data(patient("TOM"), replace(data, address=HOME, representative=GUARDIAN))
    closing = Closing(*traits("JEAN PIERRE"), "À sa demande")
    doctor.close_record(closing)
    refusal(lambda: doctor.close_record(closing))


def deposits(meeting: Meeting) -> None:
    doctor, me = meeting.login(), actor("cps-medecin")
    for body in BodyFormat:
        meeting.deposit(doctor, "ANDRE", me, note(me, f"En {body.name}", format=body, content=content(body)))
    several = (
        note(me, "Ordonnance", type_code=PRESCRIPTION),
        note(me, "Masquée", visibility=Visibility(hidden_from_professionals=True)),
        note(me, "Annonce", visibility=Visibility(invisible_to_patient=True)),
    )
    meeting.deposit(doctor, "ANDRE", me, *several)
    whole = replace(
        deposit_patient("ANDRE"),
        birth_name="PETIT-D'ORÉAC",
        used_first_name="ANDRÉ-LOUIS",
        birth_place="75112",
        address=HOME,
        phone="0639980100",
        local_id=LocalId("1.2.250.1.999.1.7", "IPP^1&2"),
    )
    detailed = note(
        me,
        "Complet",
        description="Avec tout ce qu'un document peut dire",
        authors=(replace(writer(me), prefix="MME", suffix="DR"), colleague("cps-infirmier")),
        events=(EVENT,),
        service_stop=datetime.now(UTC).replace(microsecond=0),
    )
    meeting.deposit(doctor, "ANDRE", me, detailed, patient=whole)
    old = titled(doctor, access("ANDRE"), "Protocole de soins ALD 8")
    suite = note(me, "Protocole, suite", replaces=replacement(doctor, access("ANDRE"), old))
    meeting.deposit(doctor, "ANDRE", me, suite)
    for card_id in ("cpe-cabinet", "cpe-anonyme"):  # TD2.2, and one whose card names no person
        clerk, who = meeting.login(card_id), actor(card_id)
        answers = replace(
            colleague("cps-medecin"), structure_id=who.structure_id, structure_name=who.structure_name
        )
        letter = note(who, "Courrier", authors=(answers, writer(who)), legal_authenticator=answers)
        meeting.deposit(clerk, "ANDRE", who, letter)
    refusal(lambda: meeting.deposit(doctor, "CHLOE", me))  # a closed record


def documents(meeting: Meeting) -> None:
    doctor, where = meeting.login(), access("ANDRE")
    everything = list(found(doctor, where, ALL_STATES).values())
    doctor.retrieve(where, everything[:3])
    doctor.find_documents(where, criteria())
    doctor.find_documents(
        where, DocumentQuery(reference_ids=("ACC-1^^^&1.2.3&ISO^urn:ihe:iti:xds:2013:accession",))
    )
    doctor.find_since(where, datetime(2020, 1, 1, tzinfo=UTC))  # hundreds of identifiers in one query
    doctor.find_versions(where, titled(doctor, where, "Protocole, suite"))
    letter = titled(doctor, where, "Ordonnance")
    doctor.hide(where, letter)
    doctor.unhide(where, titled(doctor, where, "Ordonnance"))
    doctor.make_visible(where, titled(doctor, where, "Annonce"), VisibilityChange.SHOW_TO_PATIENT)
    doctor.archive(where, titled(doctor, where, "Complet"))
    doctor.unarchive(where, titled(doctor, where, "Complet", ALL_STATES))
    doctor.delete(where, titled(doctor, where, "Complet"))
    meeting.order(do="threshold", searches=0)
    refusal(lambda: doctor.find_documents(where, ALL_STATES))
    meeting.order(do="threshold", searches=None)
    meeting.order(do="fault", kind="soap-fault", times=1)
    refusal(lambda: doctor.find_documents(where, ALL_STATES))


def of_today(meeting: Meeting) -> None:
    nir = CAST["ANDRE"].nir13
    where = Access(PatientId("1.2.250.1.213.1.4.10", nir + nir_key(nir)))
    me = actor("cps-medecin")
    for version in ("3.0", "4.0"):
        doctor = meeting.login(profile=replace(CURRENT, vihf_version=version))
        doctor.test_existence(where)
        doctor.list_records(None, ListedBy.AUTHORIZATION)
        identified = replace(deposit_patient("ANDRE"), patient=where.patient, birth_place="75112")
        meeting.deposit(doctor, "ANDRE", me, where=where, patient=identified)


def content(body: BodyFormat) -> bytes:
    match body:
        case BodyFormat.PDF:
            return deposit_files.pdfa()
        case BodyFormat.RTF:
            return deposit_files.RTF
        case BodyFormat.TEXT:
            return deposit_files.TEXT
        case _:
            return deposit_files.picture(body.name)


def criteria() -> DocumentQuery:
    """Every one there is."""
    code, moment = (EVENT,), datetime(2024, 1, 1, tzinfo=UTC)
    return DocumentQuery(
        classes=code, types=code, practice_settings=code, facility_types=code, events=code,
        confidentialities=code, formats=code, author="PETIT", include_archived=True, include_obsolete=True,
        created_from=moment, created_to=moment + timedelta(days=1),
        service_from=moment, service_to=moment, service_stop_from=moment, service_stop_to=moment,
    )  # fmt: skip


def creation(given_name: str, representative: LegalRepresentative | None = None) -> Creation:
    who, civility, usual_name, birth_name, _ = traits(given_name)
    person = CAST[given_name]
    return Creation(
        patient=who,
        card=CardTraits(person.usual_name, person.birth_name, given_name, person.birth_date[2:]),
        civility=civility,
        usual_name=usual_name,
        birth_name=birth_name,
        given_name=given_name,
        birth_date=person.birth_date,
        sex="F" if person.nir13[0] == "2" else "M",
        birth_country="FRANCE",
        address=HOME,
        email="quelqu.un@example.org",
        phone="0139980012",
        mobile="0639980012",
        consent_at=datetime.now(UTC),
        opposed_to_break_glass=False,
        opposed_to_regulation=True,
        representative=representative,
    )


def traits(given_name: str) -> tuple[PatientId, str, str, str, str]:
    person = CAST[given_name]
    civility = "Mme" if person.nir13[0] == "2" else "M"
    names = person.usual_name, person.birth_name or person.usual_name
    return patient(given_name), civility, *names, person.given_name


def refusal(act: Callable[[], object]) -> None:
    """What the service answers to something it does not do."""
    with pytest.raises(Refused):
        act()
