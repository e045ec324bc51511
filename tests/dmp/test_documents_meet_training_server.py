"""Documents: what the client asks of registry and repository, the training server understands, and back."""

import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from meeting import (
    ALL_STATES,
    CAST,
    CONSULTATION,
    HIDDEN_BY_OTHERS,
    HIDDEN_NOTE,
    PRESCRIPTION,
    Meeting,
    access,
    actor,
    found,
    lot,
    note,
    refused,
    titled,
    titles,
)

from kiosk.code import Code
from kiosk.dmp.deposit import PreparedSubmission
from kiosk.dmp.document import DocumentEntry, DocumentQuery, DocumentStatus
from kiosk.dmp.vihf import Purpose
from kiosk.errors import (
    DocumentAltered,
    Refused,
)

pytest_plugins = ("meeting_day",)

LOINC = "2.16.840.1.113883.6.1"
BIOLOGY = Code("11502-2", LOINC, "")
CLASSES = "1.2.250.1.213.1.1.4.1"


# --- TD3.1 ------------------------------------------------------------------------------------------------


def test_3_1_005_the_whole_record(meeting: Meeting) -> None:
    client = meeting.login()
    entries = client.find_documents(access("ANDRE"), DocumentQuery()).entries
    assert {entry.status for entry in entries} == {DocumentStatus.CURRENT}
    assert all(entry.unique_id and entry.repository_id and entry.hash for entry in entries)
    report = next(entry for entry in entries if entry.title == "Lettre de liaison : pneumopathie")
    assert (report.type_code.code, report.class_code.code) == ("11490-0", "10")
    assert report.authors[0].name == "O'BRIEN MARC"
    assert report.authors[0].institutions[0].name == "CENTRE HOSPITALIER DE FICTION"
    assert report.format_code.code == "urn:ihe:iti:xds-sd:pdf:2008"
    by_patient = {entry.title for entry in entries if entry.by_patient}
    assert "Directives anticipées" in by_patient
    assert report.title not in by_patient


def test_3_1_005_every_title_of_the_ugly_ones_arrives(meeting: Meeting) -> None:
    """What the service tells in metadata never reaches a screen as it is: controls are gone, nothing is lost."""
    result = meeting.login().find_documents(access("ANDRE"), DocumentQuery())
    assert result.unreadable == 0
    assert not any(
        ord(char) < 32 or 127 <= ord(char) < 160 for entry in result.entries for char in entry.title
    )
    assert any(len(entry.title) == 128 for entry in result.entries)


def test_3_1_040_050_states(meeting: Meeting) -> None:
    client = meeting.login()
    counts = {
        status: sum(
            entry.status is status for entry in client.find_documents(access("ANDRE"), ALL_STATES).entries
        )
        for status in DocumentStatus
    }
    archived = client.find_documents(access("ANDRE"), DocumentQuery(include_archived=True)).entries
    obsolete = client.find_documents(access("ANDRE"), DocumentQuery(include_obsolete=True)).entries
    assert {entry.status for entry in archived} == {DocumentStatus.CURRENT, DocumentStatus.ARCHIVED}
    assert {entry.status for entry in obsolete} == {DocumentStatus.CURRENT, DocumentStatus.OBSOLETE}
    assert counts[DocumentStatus.ARCHIVED] == 4
    assert counts[DocumentStatus.OBSOLETE] == 2


FILTERS = {
    "types": (
        DocumentQuery(types=(CONSULTATION, PRESCRIPTION)),
        lambda e: e.type_code.code in ("11488-4", "57833-6"),
    ),
    "classes": (
        DocumentQuery(classes=(Code("31", CLASSES, ""),)),
        lambda e: e.class_code.code == "31",
    ),
    "formats": (
        DocumentQuery(formats=(Code("urn:ihe:iti:xds-sd:pdf:2008", "1.3.6.1.4.1.19376.1.2.3", ""),)),
        lambda e: e.format_code.code == "urn:ihe:iti:xds-sd:pdf:2008",
    ),
    "practice_settings": (
        DocumentQuery(practice_settings=(Code("ETABLISSEMENT", "1.2.250.1.213.1.1.4.9", ""),)),
        lambda e: e.practice_setting.code == "ETABLISSEMENT",
    ),
    "facility_types": (
        DocumentQuery(facility_types=(Code("SA33", "1.2.250.1.71.4.2.4", ""),)),
        lambda e: e.facility_type.code == "SA33",
    ),
    "confidentialities": (
        DocumentQuery(confidentialities=(Code("MASQUE_PS", "1.2.250.1.213.1.1.4.13", ""),)),
        lambda e: e.visibility.hidden_from_professionals,
    ),
    "author": (DocumentQuery(author="NOVAK"), lambda e: e.authors[0].family_name == "NOVAK"),
    "author with an apostrophe": (
        DocumentQuery(author="O'BRIEN"),
        lambda e: e.authors[0].family_name == "O'BRIEN",
    ),
    "author by identifier": (
        DocumentQuery(author="899700000051"),
        lambda e: e.authors[0].national_id == "899700000051",
    ),
    "created": (
        DocumentQuery(
            created_from=datetime(2024, 1, 1, tzinfo=UTC), created_to=datetime(2025, 1, 1, tzinfo=UTC)
        ),
        lambda e: datetime(2024, 1, 1, tzinfo=UTC) <= e.created < datetime(2025, 1, 1, tzinfo=UTC),
    ),
    "service": (
        DocumentQuery(
            service_from=datetime(2025, 1, 1, tzinfo=UTC), service_to=datetime(2025, 7, 1, tzinfo=UTC)
        ),
        lambda e: datetime(2025, 1, 1, tzinfo=UTC) <= e.service_start < datetime(2025, 7, 1, tzinfo=UTC),
    ),
    "type and period": (
        DocumentQuery(types=(BIOLOGY,), service_from=datetime(2025, 1, 1, tzinfo=UTC)),
        lambda e: e.type_code.code == "11502-2" and e.service_start >= datetime(2025, 1, 1, tzinfo=UTC),
    ),
}


@pytest.mark.parametrize("name", FILTERS)
def test_3_1_090_to_140_filters(meeting: Meeting, name: str) -> None:
    """Each finds exactly what the whole list holds of it, and is not empty."""
    query, holds = FILTERS[name]
    client = meeting.login()
    expected = {key for key, entry in found(client, access("ANDRE")).items() if holds(entry)}
    assert expected
    assert found(client, access("ANDRE"), query).keys() == expected


def test_3_1_events_stop_time_and_author_of_a_deposit(meeting: Meeting) -> None:
    client, me = meeting.login(), actor("cps-medecin")
    fever = Code("R50", "2.16.840.1.113883.6.3", "Fièvre")
    now = datetime.now(UTC).replace(microsecond=0)
    document = note(
        me, events=(fever,), service_start=now - timedelta(days=2), service_stop=now - timedelta(days=1)
    )
    unique_id = meeting.deposit(client, "ANDRE", me, document).documents[0].unique_id
    assert found(client, access("ANDRE"), DocumentQuery(events=(fever,))).keys() == {unique_id}
    over = DocumentQuery(service_stop_from=now - timedelta(days=1), service_stop_to=now)
    assert found(client, access("ANDRE"), over).keys() == {unique_id}
    assert found(client, access("ANDRE"), replace(over, service_stop_to=now - timedelta(days=1))) == {}


def test_3_1_800_references_none_hold(meeting: Meeting) -> None:
    query = DocumentQuery(reference_ids=("ACC-1^^^&1.2.250.1.999.5&ISO^urn:ihe:iti:xds:2013:accession",))
    assert found(meeting.login(), access("ANDRE"), query) == {}


def test_3_1_the_professions_see_their_types(meeting: Meeting) -> None:
    meeting.record("ANDRE", authorizations=[["899700000051", "VALIDE"], ["899700000031", "VALIDE"]])
    seen = {
        card: {entry.type_code.code for entry in found(meeting.login(card), access("ANDRE")).values()}
        for card in ("cps-infirmier", "cps-pharmacien", "cps-medecin")
        if card != "cps-medecin"
    }
    assert "60593-1" in seen["cps-pharmacien"]
    assert "11506-3" in seen["cps-infirmier"]


@pytest.mark.parametrize("given_name", ["JEAN PIERRE", "ANDRE"])
def test_3_1_400_since(meeting: Meeting, given_name: str) -> None:
    """Nothing of the past is new, not even what claims to be of the future."""
    client, me = meeting.login(), actor("cps-medecin")
    where = access(given_name)
    before = datetime.now(UTC).replace(microsecond=0)
    assert client.find_since(where, before).entries == ()
    prepared = meeting.deposit(client, given_name, me, note(me, "Un"), note(me, "Deux"))
    new = client.find_since(where, before).entries
    assert {entry.unique_id for entry in new} == {one.unique_id for one in prepared.documents}
    assert all(entry.submitted is not None and entry.submitted >= before for entry in new)
    everything = client.find_since(where, datetime(1900, 1, 1, tzinfo=UTC), ALL_STATES).entries
    assert {e.unique_id for e in everything} >= found(client, where, ALL_STATES).keys()


def test_3_1_400_the_signature_is_nobody_s_document(meeting: Meeting) -> None:
    client, me = meeting.login(), actor("cps-medecin")
    prepared = meeting.deposit(client, "ANDRE", me)
    assert prepared.signature.unique_id not in found(client, access("ANDRE"))


def test_3_1_versions(meeting: Meeting) -> None:
    client = meeting.login()
    current = titled(client, access("ANDRE"), "Certificat d'aptitude (corrigé)")
    versions = client.find_versions(access("ANDRE"), current).entries
    assert {(one.title, one.status) for one in versions} == {
        ("Certificat d'aptitude", DocumentStatus.OBSOLETE),
        ("Certificat d'aptitude (corrigé)", DocumentStatus.CURRENT),
    }
    old = next(one for one in versions if one.status is DocumentStatus.OBSOLETE)
    assert {one.unique_id for one in client.find_versions(access("ANDRE"), old).entries} == {
        one.unique_id for one in versions
    }


def test_3_1_a_document_without_versions(meeting: Meeting) -> None:
    client = meeting.login()
    alone = titled(client, access("ANDRE"), "Échographie cardiaque")
    assert [one.unique_id for one in client.find_versions(access("ANDRE"), alone).entries] == [
        alone.unique_id
    ]


def test_3_1_ten_thousand(meeting: Meeting) -> None:
    meeting.order(do="documents", count=10_000, patient=CAST["ANDRE"].nir13)
    batches: list[int] = []
    unique: set[str] = set()

    def take(entries: list[DocumentEntry]) -> None:
        batches.append(len(entries))
        unique.update(entry.unique_id for entry in entries)

    result = meeting.login().find_documents(access("ANDRE"), ALL_STATES, take)
    assert (result.entries, result.partial, result.unreadable) == ((), False, 0)
    assert len(unique) == sum(batches) > 10_000
    assert batches[0] == 30


def test_3_1_over_the_threshold(meeting: Meeting) -> None:
    """EX_3.1-2035: deposits go on."""
    client, me = meeting.login(), actor("cps-medecin")
    meeting.order(do="threshold", searches=1)
    found(client, access("ANDRE"))
    with pytest.raises(Refused) as raised:
        found(client, access("ANDRE"))
    assert refused(raised) == "DMPAccessDeniedByExcededThreshold"
    prepared = meeting.deposit(client, "ANDRE", me)
    assert client.knows_document(access("ANDRE"), prepared.documents[0].unique_id)


def test_the_record_of_a_patient_who_blocked_or_gave_nothing(meeting: Meeting) -> None:
    for given_name in ("BRUNO", "IRENE", "VICTOR", "PAULE"):
        with pytest.raises(Refused):
            found(meeting.login(), access(given_name))
    with pytest.raises(Refused) as raised:
        found(meeting.login(), access("HENRI"))
    assert refused(raised) == "DMPClosed"
    with pytest.raises(Refused):
        found(meeting.login(), access("ELODIE"))
    with pytest.raises(Refused):
        found(meeting.login("cpe-accueil"), access("JEAN PIERRE"))


# --- break-glass, regulation ------------------------------------------------------------------------------


def test_3_1_150_break_glass_shows_what_a_treating_doctor_sees(meeting: Meeting) -> None:
    treating = titles(meeting.login(), access("ANDRE"), ALL_STATES)
    emergency = meeting.login("cps-urgentiste")
    assert titles(emergency, access("ANDRE", Purpose.BREAK_GLASS), ALL_STATES) == treating
    assert {*HIDDEN_BY_OTHERS, HIDDEN_NOTE} <= treating
    entry = titled(emergency, access("ANDRE", Purpose.BREAK_GLASS), "Consultation spécialisée")
    (document,) = emergency.retrieve(access("ANDRE", Purpose.BREAK_GLASS), [entry])
    assert document.verified


def test_3_1_150_a_nurse_in_break_glass_sees_the_types_of_her_profession(meeting: Meeting) -> None:
    meeting.record("ANDRE", authorizations=[])
    nurse, doctor = meeting.login("cps-infirmier"), meeting.login("cps-urgentiste")
    where = access("ANDRE", Purpose.BREAK_GLASS)
    hers, his = titles(nurse, where), titles(doctor, where)
    assert hers < his
    assert "Photographie d'une lésion cutanée" in hers


def test_break_glass_changes_no_authorisation_and_leaves_a_trace(meeting: Meeting) -> None:
    doctor = meeting.login("cps-urgentiste")
    found(doctor, access("BRUNO", Purpose.BREAK_GLASS))
    with pytest.raises(Refused):
        found(doctor, access("BRUNO"))
    history = meeting.order(do="history")["history"]
    assert isinstance(history, list)
    (line,) = history
    assert line["reason"] == "Patient inconscient"


@pytest.mark.parametrize("given_name", ["REMI", "GASTON"])
def test_3_1_250_a_patient_opposed_to_break_glass(meeting: Meeting, given_name: str) -> None:
    with pytest.raises(Refused) as raised:
        found(meeting.login("cps-urgentiste"), access(given_name, Purpose.BREAK_GLASS))
    assert refused(raised) == "DMPAccessForbidden"


def test_break_glass_is_not_for_who_is_allowed_nor_for_a_cpe(meeting: Meeting) -> None:
    with pytest.raises(Refused):
        found(meeting.login(), access("ANDRE", Purpose.BREAK_GLASS))
    with pytest.raises(Refused):
        found(meeting.login("cpe-accueil"), access("BRUNO", Purpose.BREAK_GLASS))


def test_3_1_240_a_regulation_centre(meeting: Meeting) -> None:
    centre = meeting.login("cps-regulateur")
    treating = titles(meeting.login(), access("ANDRE"))
    assert titles(centre, access("ANDRE", Purpose.REGULATION)) == treating
    with pytest.raises(Refused) as raised:
        found(centre, access("ODETTE", Purpose.REGULATION))
    assert refused(raised) == "DMPAccessForbidden"
    with pytest.raises(Refused):
        found(meeting.login("cps-urgentiste"), access("ANDRE", Purpose.REGULATION))


# --- TD3.2 ------------------------------------------------------------------------------------------------


def test_3_2_every_document_of_the_full_record(meeting: Meeting) -> None:
    """Archived, obsolete, hidden, hostile: what the entry announces is what comes, or nothing comes."""
    client = meeting.login()
    for entry in client.find_documents(access("ANDRE"), ALL_STATES).entries:
        if entry.title == "Document d'une autre empreinte":
            with pytest.raises(DocumentAltered):
                client.retrieve(access("ANDRE"), [entry])
            continue
        (document,) = client.retrieve(access("ANDRE"), [entry])
        assert document.verified
        assert len(document.content) == entry.size
        assert (document.unique_id, document.repository_id) == (entry.unique_id, entry.repository_id)


def test_3_2_several_at_once_and_one_withheld(meeting: Meeting) -> None:
    client = meeting.login()
    entries = list(found(client, access("ANDRE")).values())[:5]
    documents = client.retrieve(access("ANDRE"), entries)
    assert [one.unique_id for one in documents] == [one.unique_id for one in entries]
    hidden = titled(client, access("ANDRE"), "Consultation spécialisée")
    meeting.record("ANDRE", treating_doctors=[])
    documents = client.retrieve(access("ANDRE"), [*entries, hidden])
    assert [one.unique_id for one in documents] == [one.unique_id for one in entries]
    with pytest.raises(Refused) as raised:
        client.retrieve(access("ANDRE"), [hidden])
    assert refused(raised) == "XDSDocumentUniqueIdError"


def test_3_2_a_type_that_is_not_for_the_profession(meeting: Meeting) -> None:
    meeting.record("ANDRE", authorizations=[["899700000051", "VALIDE"]], treating_doctors=["899700000021"])
    nurse, doctor = meeting.login("cps-infirmier"), meeting.login()
    where = access("ANDRE")
    hers = found(nurse, where)
    others = [entry for key, entry in found(doctor, where).items() if key not in hers]
    assert others
    with pytest.raises(Refused):
        nurse.retrieve(where, others[:1])


def test_3_2_in_the_record_of_somebody_else(meeting: Meeting) -> None:
    client = meeting.login()
    entry = titled(client, access("ANDRE"), "Échographie cardiaque")
    with pytest.raises(Refused):
        client.retrieve(access("JEAN PIERRE"), [entry])


def test_3_2_without_authorisation(meeting: Meeting) -> None:
    entry = titled(meeting.login(), access("ANDRE"), "Échographie cardiaque")
    for card in ("cps-urgentiste", "cps-pharmacien", "cps-infirmier", "cpe-accueil"):
        with pytest.raises(Refused):
            meeting.login(card).retrieve(access("ANDRE"), [entry])


def described(prepared: PreparedSubmission, before: str, after: str) -> PreparedSubmission:
    """The same lot, the description of its document changed: what other programs send, and the kiosk does not."""
    assert before.encode() in prepared.body
    return replace(prepared, body=prepared.body.replace(before.encode(), after.encode(), 1))


def test_3_1_800_to_820_references(meeting: Meeting) -> None:
    """Strict, near, and one or the other."""
    client, me = meeting.login(), actor("cps-medecin")
    where, numbers = access("ANDRE"), ("ACC-1", "ACC-2", "ETU-9")
    values = [f"{number}^^^&1.2.250.1.999.5&ISO^urn:ihe:iti:xds:2013:accession" for number in numbers]
    for value in values:
        prepared = meeting.prepare(client, lot(where, "ANDRE", me, note(me, value[:5])))
        slot = (
            '<Slot name="urn:ihe:iti:xds:2013:referenceIdList"><ValueList><Value>'
            f'{value.replace("&", "&amp;")}</Value></ValueList></Slot><Slot name="sourcePatientId">'
        )
        client.provide(where, described(prepared, '<Slot name="sourcePatientId">', slot))
    assert titles(client, where, DocumentQuery(reference_ids=(values[0],))) == {"ACC-1"}
    assert titles(client, where, DocumentQuery(reference_ids=("ACC-%",))) == {"ACC-1", "ACC-2"}
    assert titles(client, where, DocumentQuery(reference_ids=(values[0], values[2]))) == {"ACC-1", "ETU-9"}
    assert titled(client, where, "ETU-9").reference_ids == (values[2],)


def test_3_1_times_given_in_part(meeting: Meeting) -> None:
    """A document of 2010, of which nobody knows more."""
    client, me = meeting.login(), actor("cps-medecin")
    where = access("ANDRE")
    prepared = meeting.prepare(client, lot(where, "ANDRE", me, note(me, "De 2010")))
    start = re.search('<Slot name="serviceStartTime">.*?</Slot>', prepared.body.decode())
    assert start is not None
    year = '<Slot name="serviceStartTime"><ValueList><Value>2010</Value></ValueList></Slot>'
    client.provide(where, described(prepared, start[0], year))
    within = DocumentQuery(
        service_from=datetime(2010, 1, 1, tzinfo=UTC), service_to=datetime(2011, 1, 1, tzinfo=UTC)
    )
    entry = titled(client, where, "De 2010", within)
    assert (entry.service_start, entry.service_precision) == (datetime(2010, 1, 1, tzinfo=UTC), 4)
