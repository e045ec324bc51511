"""Documents: what the client asks of registry and repository, the training server understands, and back."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from meeting import (
    ALL_STATES,
    CAST,
    CONSULTATION,
    PRESCRIPTION,
    Meeting,
    access,
    actor,
    colleague,
    found,
    lot,
    note,
    patient,
    titled,
    titles,
)

from kiosk.code import Code
from kiosk.dmp.client import DmpClient
from kiosk.dmp.deposit import BodyFormat, Replaced, Rules, writer
from kiosk.dmp.document import DocumentEntry, DocumentQuery, DocumentStatus, Visibility
from kiosk.dmp.profile import CURRENT
from kiosk.dmp.vihf import Access, Purpose
from kiosk.dmp.visibility import VisibilityChange
from kiosk.errors import DocumentAltered, DocumentInvalid, NotOffered, Refused

pytest_plugins = ("meeting_day",)

LOINC = "2.16.840.1.113883.6.1"
BIOLOGY = Code("11502-2", LOINC, "")
CLASSES = "1.2.250.1.213.1.1.4.1"
HIDDEN_NOTE = "Avis demandé au confrère"
HIDDEN_BY_OTHERS = {"Consultation spécialisée", "Photographie d'une lésion cutanée"}


def refused(raised: pytest.ExceptionInfo[Refused]) -> str:
    return raised.value.server_code


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
    assert not any(ord(char) < 32 or 127 <= ord(char) < 160 for entry in result.entries for char in entry.title)
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


def test_3_1_400_since(meeting: Meeting) -> None:
    client, me = meeting.login(), actor("cps-medecin")
    where = access("JEAN PIERRE")
    before = datetime.now(UTC).replace(microsecond=0)
    assert client.find_since(where, before).entries == ()
    prepared = meeting.deposit(client, "JEAN PIERRE", me, note(me, "Un"), note(me, "Deux"))
    new = client.find_since(where, before).entries
    assert {entry.unique_id for entry in new} == {one.unique_id for one in prepared.documents}
    assert all(entry.submitted is not None and entry.submitted >= before for entry in new)
    everything = client.find_since(where, datetime(1990, 1, 1, tzinfo=UTC), ALL_STATES).entries
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
    assert [one.unique_id for one in client.find_versions(access("ANDRE"), alone).entries] == [alone.unique_id]


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


# --- TD2.1, TD2.2 -----------------------------------------------------------------------------------------

PROFESSIONALS = (
    "cps-medecin",
    "cps-multi",
    "cps-pharmacien",
    "cps-urgentiste",
    "cps-infirmier",
    "cps-regulateur",
    "cps-biologiste",
    "cps-sage-femme",
    "cps-dentiste",
    "cps-remplacant",
    "cpf-interne",
)


@pytest.mark.parametrize("card_id", PROFESSIONALS)
def test_2_1_010_a_deposit_by_each_card(meeting: Meeting, card_id: str) -> None:
    """Without any authorisation of the patient; another doctor then reads the bytes that were sent."""
    client, me = meeting.login(card_id), actor(card_id)
    document = note(me, f"Note : « {card_id} » & <co>")
    prepared = meeting.deposit(client, "BRUNO", me, document)
    unique_id = prepared.documents[0].unique_id
    assert client.knows_document(access("BRUNO"), unique_id)
    reader = meeting.login("cps-multi")
    meeting.record("BRUNO", authorizations=[["899700000022", "VALIDE"]])
    entry = found(reader, access("BRUNO"))[unique_id]
    assert entry.title == document.title
    assert entry.authors[0].national_id == me.national_id
    assert entry.authors[0].institutions[0].id == me.structure_id
    assert entry.facility_type.code == me.sector.code
    assert (entry.created, entry.service_start) == (document.created, document.service_start)
    (read,) = reader.retrieve(access("BRUNO"), [entry])
    assert read.content == b"".join(prepared.documents[0].content)
    assert read.verified


@pytest.mark.parametrize("practice", range(5))
def test_2_1_in_each_situation_of_one_card(meeting: Meeting, practice: int) -> None:
    client, me = meeting.login("cps-multi", practice=practice), actor("cps-multi", practice)
    prepared = meeting.deposit(client, "BRUNO", me)
    assert client.knows_document(access("BRUNO"), prepared.documents[0].unique_id)


FILES = {
    BodyFormat.TEXT: "Température 39,2 °C.\r\n".encode(),
    BodyFormat.RTF: b"{\\rtf1\\ansi Vu ce jour.\\par}\r\n",
    BodyFormat.PDF: b"%PDF-1.4\r\nanything\r\n%%EOF\n",
    BodyFormat.JPEG: b"\xff\xd8\xff\xe0 anything \xff\xd9",
    BodyFormat.TIFF: b"II*\0 anything",
}


@pytest.mark.parametrize("body", BodyFormat)
def test_2_1_011_each_format(meeting: Meeting, body: BodyFormat) -> None:
    client, me = meeting.login(), actor("cps-medecin")
    prepared = meeting.deposit(client, "ANDRE", me, note(me, format=body, content=FILES[body]))
    entry = found(client, access("ANDRE"))[prepared.documents[0].unique_id]
    assert entry.format_code.code == body.value[1]
    (read,) = client.retrieve(access("ANDRE"), [entry])
    assert read.content == b"".join(prepared.documents[0].content)


def test_2_1_020_several_documents_in_one_lot(meeting: Meeting) -> None:
    client, me = meeting.login(), actor("cps-medecin")
    documents = [
        note(me, "Ordonnance", type_code=PRESCRIPTION),
        note(me, "Compte rendu", visibility=Visibility(hidden_from_professionals=True)),
        note(me, "Annonce", visibility=Visibility(invisible_to_patient=True)),
    ]
    prepared = meeting.deposit(client, "ANDRE", me, *documents)
    entries = found(client, access("ANDRE"))
    mine = [entries[one.unique_id] for one in prepared.documents]
    assert [one.title for one in mine] == ["Ordonnance", "Compte rendu", "Annonce"]
    assert [one.visibility for one in mine] == [one.visibility for one in documents]
    assert [one.class_code.code for one in mine] == ["42", "10", "10"]
    assert len(client.retrieve(access("ANDRE"), mine)) == 3


def test_2_1_a_large_document(meeting: Meeting) -> None:
    client, me = meeting.login(), actor("cps-medecin")
    content = b"%PDF-1.4\n" + bytes(range(256)) * 32_768
    prepared = meeting.deposit(client, "ANDRE", me, note(me, format=BodyFormat.PDF, content=content))
    entry = found(client, access("ANDRE"))[prepared.documents[0].unique_id]
    (read,) = client.retrieve(access("ANDRE"), [entry])
    assert read.content == b"".join(prepared.documents[0].content)


@pytest.mark.parametrize("given_name", ["MARIE-AÏCHA-ÉLÉONORE-ANNE", "AMINATA", "BERTHE", "TOM", "DENISE"])
def test_2_1_for_patients_of_every_name_and_age(meeting: Meeting, given_name: str) -> None:
    client, me = meeting.login(), actor("cps-medecin")
    prepared = meeting.deposit(client, given_name, me)
    assert prepared.documents[0].unique_id in found(client, access(given_name))


def test_2_1_in_an_emergency(meeting: Meeting) -> None:
    client, me = meeting.login("cps-urgentiste"), actor("cps-urgentiste")
    where = access("BRUNO", Purpose.BREAK_GLASS)
    prepared = meeting.deposit(client, "BRUNO", me, where=where)
    assert prepared.documents[0].unique_id in found(client, where)


@pytest.mark.parametrize("card_id", ["cpe-accueil", "cpe-cabinet", "cpe-anonyme"])
def test_2_2_010_the_holder_of_a_cpe(meeting: Meeting, card_id: str) -> None:
    """2.1-950: A writes, the secretary sends; both are authors, the secretary the author of the lot."""
    clerk, me = meeting.login(card_id), actor(card_id)
    doctor = replace(
        colleague("cps-medecin"), structure_id=me.structure_id, structure_name=me.structure_name
    )
    document = note(me, authors=(doctor, writer(me)), legal_authenticator=doctor)
    prepared = meeting.deposit(clerk, "ANDRE", me, document)
    assert prepared.transaction == "TD2.2"
    assert meeting.transactions()[-1] == "TD2.2"
    reader = meeting.login()
    entry = found(reader, access("ANDRE"))[prepared.documents[0].unique_id]
    assert [one.national_id for one in entry.authors] == [doctor.national_id, me.national_id]
    (read,) = reader.retrieve(access("ANDRE"), [entry])
    assert read.verified
    assert clerk.knows_document(access("ANDRE"), prepared.documents[0].unique_id)


def test_2_1_refused_by_the_record(meeting: Meeting) -> None:
    client, me = meeting.login(), actor("cps-medecin")
    for given_name, code in (("HENRI", "DMPClosed"), ("ELODIE", None)):
        with pytest.raises(Refused) as raised:
            meeting.deposit(client, given_name, me)
        assert code is None or refused(raised) == code


def test_2_1_twice(meeting: Meeting) -> None:
    client, me = meeting.login(), actor("cps-medecin")
    prepared = meeting.deposit(client, "ANDRE", me)
    with pytest.raises(Refused) as raised:
        client.provide(access("ANDRE"), prepared)
    assert refused(raised) == "XDSDuplicateUniqueIdInRegistry"
    assert [key for key in found(client, access("ANDRE")) if key == prepared.documents[0].unique_id]


@pytest.mark.parametrize("allowed", [False, True])
def test_ex_2_1_1050_hidden_twice(meeting: Meeting, allowed: bool) -> None:
    """The rule of the service's parameters, whatever the kiosk believes of them."""
    meeting.order(do="parameters", cumulative=allowed)
    client, me = meeting.login(), actor("cps-medecin")
    both = Visibility(hidden_from_professionals=True, invisible_to_patient=True)
    document = note(me, visibility=both)
    lax = Rules(hidden_and_invisible=True)
    if allowed:
        prepared = meeting.deposit(client, "ANDRE", me, document, rules=lax)
        assert found(client, access("ANDRE"))[prepared.documents[0].unique_id].visibility == both
        return
    with pytest.raises(Refused) as raised:
        meeting.deposit(client, "ANDRE", me, document, rules=lax)
    assert refused(raised) == "XDSRegistryMetadataError"
    with pytest.raises(DocumentInvalid):
        client.prepare(lot(access("ANDRE"), "ANDRE", me, document))


def test_2_1_in_the_name_of_somebody_else(meeting: Meeting) -> None:
    client, me = meeting.login(), actor("cps-medecin")
    other = colleague("cps-urgentiste")
    with pytest.raises(DocumentInvalid):
        client.prepare(lot(access("ANDRE"), "ANDRE", me, note(me, authors=(other,), legal_authenticator=other)))
    document = note(me, authors=(other,))  # who answers for a document is one of its authors to the rule
    prepared = meeting.deposit(client, "ANDRE", me, document)
    assert prepared.documents[0].unique_id in found(client, access("ANDRE"))


# --- replacement ------------------------------------------------------------------------------------------


def replacement(client: DmpClient, where: Access, old: DocumentEntry, version: int = 1) -> Replaced:
    """What the screens gather of the version to be replaced, its technical identifier right before."""
    return Replaced(
        entry_uuid=client.find_reference(where, old.unique_id),
        unique_id=old.unique_id,
        version=version,
        visibility=old.visibility,
    )


def test_2_1_140_three_replacements_and_no_hiding_again(meeting: Meeting) -> None:
    client, me = meeting.login(), actor("cps-medecin")
    where = access("ANDRE")
    unseen = Visibility(invisible_to_patient=True)
    prepared = meeting.deposit(client, "ANDRE", me, note(me, "Version 1", visibility=unseen))
    current = found(client, where)[prepared.documents[0].unique_id]
    for version, visibility in ((2, unseen), (3, unseen), (4, Visibility())):
        document = note(
            me,
            f"Version {version}",
            visibility=visibility,
            replaces=replacement(client, where, current, version - 1),
        )
        prepared = meeting.deposit(client, "ANDRE", me, document)
        current = found(client, where)[prepared.documents[0].unique_id]
        assert current.visibility == visibility
    versions = client.find_versions(where, current).entries
    assert {(one.title, one.status) for one in versions} == {
        ("Version 1", DocumentStatus.OBSOLETE),
        ("Version 2", DocumentStatus.OBSOLETE),
        ("Version 3", DocumentStatus.OBSOLETE),
        ("Version 4", DocumentStatus.CURRENT),
    }
    assert [one for one in titles(client, where) if one.startswith("Version")] == ["Version 4"]
    hidden_again = note(me, visibility=unseen, replaces=replacement(client, where, current, 4))
    with pytest.raises(DocumentInvalid):
        client.prepare(lot(where, "ANDRE", me, hidden_again))
    believed = replace(replacement(client, where, current, 4), visibility=unseen)
    with pytest.raises(Refused) as raised:
        meeting.deposit(client, "ANDRE", me, replace(hidden_again, replaces=believed))
    assert refused(raised) == "XDSRegistryMetadataError"


def test_2_2_140_a_replacement_by_a_cpe(meeting: Meeting) -> None:
    """Without any right to search: the identifier comes from the deposit, the entry from TD3.1b."""
    clerk, me = meeting.login("cpe-cabinet"), actor("cpe-cabinet")
    doctor = colleague("cps-medecin")
    first = note(me, "Courrier", authors=(doctor, writer(me)), legal_authenticator=doctor)
    old = meeting.deposit(clerk, "ANDRE", me, first).documents[0].unique_id
    replaced = Replaced(clerk.find_reference(access("ANDRE"), old), old)
    meeting.deposit(clerk, "ANDRE", me, replace(first, title="Courrier corrigé", replaces=replaced))
    reader = meeting.login()
    assert "Courrier corrigé" in titles(reader, access("ANDRE"))
    assert "Courrier" not in titles(reader, access("ANDRE"))


def test_a_replacement_by_another(meeting: Meeting) -> None:
    client, other = meeting.login(), meeting.login("cps-urgentiste")
    entry = titled(client, access("ANDRE"), "Protocole de soins ALD 8")
    him = actor("cps-urgentiste")
    with pytest.raises(Refused) as raised:
        meeting.deposit(
            other, "ANDRE", him, note(him, replaces=replacement(other, access("ANDRE"), entry))
        )
    assert refused(raised) == "XDSRegistryMetadataError"
    assert titled(client, access("ANDRE"), "Protocole de soins ALD 8").unique_id == entry.unique_id


def test_what_was_replaced_is_replaced_no_more(meeting: Meeting) -> None:
    client, me = meeting.login(), actor("cps-medecin")
    entry = titled(client, access("ANDRE"), "Protocole de soins ALD 8")
    replaced = replacement(client, access("ANDRE"), entry)
    meeting.deposit(client, "ANDRE", me, note(me, "Protocole, suite", replaces=replaced))
    with pytest.raises(Refused) as raised:
        meeting.deposit(client, "ANDRE", me, note(me, "Protocole, autre suite", replaces=replaced))
    assert refused(raised) == "XDSReplaceFailed"
