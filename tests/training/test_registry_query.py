"""TD3.1 and TD3.1b: stored queries against the documents of the cast."""

import pytest
from raw_dmp import ANDRE, BY_CARD, CHLOE, ELODIE, JEAN_PIERRE, PURPOSE, Desk, Vihf, purpose
from raw_xds import (
    APPROVED,
    ARCHIVED,
    CONFIDENTIALITY,
    DEPRECATED,
    FAILURE,
    FIND_BY_REFERENCE,
    FIND_DOCUMENTS,
    FIND_SETS,
    GET_ALL,
    GET_ASSOCIATIONS,
    GET_BOTH,
    GET_DOCUMENTS,
    GET_RELATED,
    GET_SET_AND_CONTENTS,
    GET_SETS,
    HAS_MEMBER,
    RPLC,
    SUCCESS,
    TYPE,
    codes,
    cx,
    find_documents,
    found,
    query,
    search,
    slot,
    text,
    unique_id,
)

from kiosk.training.people import Holder

pytest_plugins = ("dmp_desk",)

LOINC, CLASSES = "2.16.840.1.113883.6.1", "1.2.250.1.213.1.1.4.1"
BIOLOGY = slot("$XDSDocumentEntryTypeCode", f"('11502-2^^{LOINC}')")


def listed(*values: str) -> str:
    return "(" + ",".join(f"'{one}'" for one in values) + ")"


def test_a_search_answers_whole_entries(desk: Desk, doctor: Holder) -> None:
    answer = found(desk, Vihf(doctor, ANDRE), BIOLOGY)
    assert answer.headers.get_content_type() == "application/soap+xml"
    assert len(answer.documents) == 14
    entry = answer.documents[0]
    assert entry.get("status") == APPROVED
    assert entry.get("id") == entry.get("lid")
    assert text(entry, "rim:VersionInfo/@versionName") == "1"
    assert [child.tag.rpartition("}")[2] for child in entry if child.tag.endswith(("Slot", "Info", "Name"))][
        -2:
    ] == [
        "Name",
        "VersionInfo",
    ]
    for name in ("hash", "size", "repositoryUniqueId", "creationTime", "sourcePatientInfo"):
        assert text(entry, f"rim:Slot[@name='{name}']/rim:ValueList/rim:Value")
    assert codes(entry, CONFIDENTIALITY) == ["N"]
    owners = {str(one) for one in entry.xpath("*/@classifiedObject | */@registryObject")}
    assert owners == {entry.get("id")}


def test_a_reference_search_answers_identifiers(desk: Desk, doctor: Holder) -> None:
    entry = found(desk, Vihf(doctor, ANDRE), BIOLOGY).documents[0]
    wanted = slot("$XDSDocumentEntryUniqueId", listed(unique_id(entry)))
    answer = search(desk, Vihf(doctor, ANDRE), query(GET_DOCUMENTS, wanted, returns="ObjectRef"))
    assert [one.get("id") for one in answer.all("//rim:ObjectRef")] == [entry.get("id")]
    assert not answer.documents


@pytest.mark.parametrize("card", ["cpe-accueil", "cps-pharmacien", "cps-infirmier", "cps-urgentiste"])
def test_a_reference_search_needs_no_authorisation(desk: Desk, doctor: Holder, card: str) -> None:
    """Before a replacement or a deletion, by anybody: here blocked, expired, unknown or no professional."""
    entry = found(desk, Vihf(doctor, ANDRE), BIOLOGY).documents[0]
    wanted = slot("$XDSDocumentEntryUniqueId", listed(unique_id(entry)))
    answer = search(desk, Vihf(BY_CARD[card], ANDRE), query(GET_DOCUMENTS, wanted, returns="ObjectRef"))
    assert [one.get("id") for one in answer.all("//rim:ObjectRef")] == [entry.get("id")]


def test_the_holder_of_a_cpe_does_not_search(desk: Desk, clerk: Holder) -> None:
    answer = search(desk, Vihf(clerk, JEAN_PIERRE), find_documents(JEAN_PIERRE))
    assert (answer.status, answer.subcode) == (500, "soap:DMPAccessDeniedByRightsService")


def test_states_are_asked_for(desk: Desk, doctor: Holder) -> None:
    vihf = Vihf(doctor, ANDRE)
    current = found(desk, vihf)
    archived = found(desk, vihf, status=listed(ARCHIVED))
    old = found(desk, vihf, status=listed(DEPRECATED))
    everything = found(desk, vihf, status=listed(APPROVED, DEPRECATED, ARCHIVED))
    assert {one.get("status") for one in archived.documents} == {ARCHIVED}
    assert sorted(archived.titles) == [
        "Consultation de 2015",
        "Suivi de 2016",
        "Suivi de 2017",
        "Suivi de 2018",
    ]
    assert sorted(old.titles) == ["Certificat d'aptitude", "Volet de synthèse médicale"]
    assert len(everything.documents) == sum(len(one.documents) for one in (current, archived, old))


def test_the_treating_doctor_sees_what_is_hidden(desk: Desk) -> None:
    """André's doctor is his treating doctor; the nurse of the hospital comes by breaking the glass."""
    answer = found(desk, Vihf(BY_CARD["cps-medecin"], ANDRE))
    hidden = [one for one in answer.documents if "MASQUE_PS" in codes(one, CONFIDENTIALITY)]
    assert len(hidden) == 3
    assert "Consultation spécialisée" in answer.titles


def test_what_is_hidden_is_for_its_author_and_emergencies(desk: Desk, doctor: Holder) -> None:
    desk.control(do="record", nir13="1551199999031", authorizations=[["899700000021", "VALIDE"]])
    titles = found(desk, Vihf(doctor, ANDRE)).titles
    assert "Avis demandé au confrère" in titles  # his own
    assert "Consultation spécialisée" not in titles
    attributes = {PURPOSE: [purpose("bris_de_glace")], "Mode_Acces_Raison": ["Coma"]}
    emergency = found(desk, Vihf(BY_CARD["cps-urgentiste"], ANDRE, attributes=attributes))
    assert "Consultation spécialisée" in emergency.titles


def test_each_profession_has_its_types(desk: Desk) -> None:
    """The published matrix: a speech therapist sees no biology; here a nurse sees no work stoppage, no referral."""
    desk.control(
        do="record",
        nir13="1551199999031",
        authorizations=[["899700000051", "VALIDE"], ["899700000031", "VALIDE"]],
    )
    nurse = found(desk, Vihf(BY_CARD["cps-infirmier"], ANDRE))
    seen = {code for one in nurse.documents for code in codes(one, TYPE)}
    assert {"11502-2", "57833-6", "EXPPAT_3"} <= seen
    assert not seen & {"96349-6", "99999-0"}
    pharmacist = found(desk, Vihf(BY_CARD["cps-pharmacien"], ANDRE))
    seen = {code for one in pharmacist.documents for code in codes(one, TYPE)}
    assert "EXPPAT_3" not in seen
    assert {"11502-2", "60593-1"} <= seen


def test_without_authorisation_nothing_is_found(desk: Desk) -> None:
    for card in ("cps-urgentiste", "cps-pharmacien", "cps-infirmier"):
        answer = search(desk, Vihf(BY_CARD[card], ANDRE), find_documents(ANDRE))
        assert (answer.status, answer.outcome) == (200, FAILURE)
        assert answer.errors[0].startswith("DMPAuthorization")
        assert not answer.documents


@pytest.mark.parametrize(("patient", "code"), [(CHLOE, "DMPClosed"), (ELODIE, "DMPNotFound")])
def test_closed_and_missing_records(desk: Desk, doctor: Holder, patient: str, code: str) -> None:
    answer = search(desk, Vihf(doctor, patient), find_documents(patient))
    assert (answer.outcome, answer.errors) == (FAILURE, [code])
    assert answer.context


def test_an_objection_to_emergency_access(desk: Desk) -> None:
    desk.control(do="record", nir13="1551199999031", opposed_to_break_glass=True)
    attributes = {PURPOSE: [purpose("bris_de_glace")], "Mode_Acces_Raison": ["Coma"]}
    answer = search(
        desk, Vihf(BY_CARD["cps-urgentiste"], ANDRE, attributes=attributes), find_documents(ANDRE)
    )
    assert (answer.outcome, answer.errors) == (FAILURE, ["DMPAccessForbidden"])


@pytest.mark.parametrize(
    ("more", "count"),
    [
        ([slot("$XDSDocumentEntryClassCode", f"('43^^{CLASSES}')")], 6),
        ([slot("$XDSDocumentEntryTypeCode", f"('60593-1^^{LOINC}','11502-2^^{LOINC}')")], 20),
        ([slot("$XDSDocumentEntryTypeCode", f"('60593-1^^{LOINC}'", f"'11502-2^^{LOINC}')")], None),
        ([slot("$XDSDocumentEntryTypeCode", f"('60593-1^^{LOINC}')", f"('11502-2^^{LOINC}')")], 20),
        ([slot("$XDSDocumentEntryTypeCode", "('60593-1^^1.2.3')")], 0),
        ([BIOLOGY, slot("$XDSDocumentEntryServiceStartTimeFrom", "20250101000000")], 2),
        ([BIOLOGY, slot("$XDSDocumentEntryServiceStartTimeFrom", "2025")], 2),
        ([BIOLOGY, slot("$XDSDocumentEntryServiceStartTimeTo", "2023")], 4),
        ([BIOLOGY, slot("$XDSDocumentEntryCreationTimeFrom", "202403"),
          slot("$XDSDocumentEntryCreationTimeTo", "202407")], 2),
        ([slot("$XDSDocumentEntryAuthorPerson", "('899700000051%')")], 6),
        ([slot("$XDSDocumentEntryAuthorPerson", "('%LEFÈVRE%')")], 6),
        ([slot("$XDSDocumentEntryConfidentialityCode", "('MASQUE_PS^^1.2.250.1.213.1.1.4.13')")], 3),
        (
            [
                slot("$XDSDocumentEntryConfidentialityCode", "('N^^2.16.840.1.113883.5.25')"),
                slot("$XDSDocumentEntryConfidentialityCode", "('INVISIBLE_PATIENT^^1.2.250.1.213.1.1.4.13')"),
            ],
            1,
        ),
        ([slot("$XDSDocumentEntryFormatCode", "('urn:ihe:iti-fr:xds-sd:tiff:2010^^1.3.6.1.4.1.19376.1.2.3')")], 1),
        ([slot("$XDSDocumentEntryHealthcareFacilityTypeCode", "('SA33^^1.2.250.1.71.4.2.4')")], 8),
        ([slot("$XDSDocumentEntryPracticeSettingCode", "('EXP_PATIENT^^1.2.250.1.213.1.1.4.6')")], 4),
        ([slot("$XDSDocumentEntryEventCodeList", "('X^^1.2')")], 0),
        ([slot("$XDSDocumentEntryServiceStopTimeFrom", "2010")], 0),
    ],
)  # fmt: skip
def test_criteria(desk: Desk, doctor: Holder, more: list[str], count: int | None) -> None:
    """Counted by hand in the catalogue of the full record; reports come every 91 days from 14 March 2022."""
    answer = search(desk, Vihf(doctor, ANDRE), find_documents(ANDRE, *more))
    if count is None:
        assert (answer.outcome, answer.errors) == (FAILURE, ["XDSRegistryError"])
    else:
        assert (answer.outcome, len(answer.documents)) == (SUCCESS, count)


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (find_documents(JEAN_PIERRE), "XDSPatientIdDoesNotMatch"),
        (find_documents(ANDRE).replace("'" + cx(ANDRE).replace("&", "&amp;") + "'", cx(ANDRE).replace("&", "&amp;")),
         "XDSPatientIdDoesNotMatch"),
        (query(FIND_DOCUMENTS, slot("$XDSDocumentEntryPatientId", f"('{cx(ANDRE)}')"),
               slot("$XDSDocumentEntryStatus", listed(APPROVED))), "XDSPatientIdDoesNotMatch"),
        (query(FIND_DOCUMENTS, slot("$XDSDocumentEntryStatus", listed(APPROVED))), "XDSStoredQueryMissingParam"),
        (query(FIND_DOCUMENTS, slot("$XDSDocumentEntryPatientId", f"'{cx(ANDRE)}'")), "XDSStoredQueryMissingParam"),
        (query(FIND_BY_REFERENCE, slot("$XDSDocumentEntryPatientId", f"'{cx(ANDRE)}'")), "XDSStoredQueryMissingParam"),
        (query(GET_DOCUMENTS), "XDSStoredQueryMissingParam"),
        (query(GET_DOCUMENTS, slot("$XDSDocumentEntryUniqueId", "()")), "XDSStoredQueryMissingParam"),
        (query(GET_ASSOCIATIONS), "XDSStoredQueryMissingParam"),
        (query(GET_SET_AND_CONTENTS), "XDSStoredQueryMissingParam"),
        (query(GET_RELATED, slot("$XDSDocumentEntryUniqueId", "'1.2'")), "XDSStoredQueryMissingParam"),
        (query("urn:uuid:00000000-0000-0000-0000-000000000000"), "XDSUnknownStoredQuery"),
        (find_documents(ANDRE, returns="Everything"), "XDSRegistryError"),
        (find_documents(ANDRE, slot("$XDSDocumentEntryCreationTimeFrom", "2025-01-01")), "XDSRegistryError"),
        (find_documents(ANDRE, status=APPROVED), "XDSRegistryError"),
        (query(GET_DOCUMENTS, slot("$XDSDocumentEntryUniqueId", listed(*map(str, range(21))))), "XDSRegistryError"),
        (query(GET_DOCUMENTS, slot("$XDSDocumentEntryEntryUUID", listed(*map(str, range(89))))), "XDSRegistryError"),
        (query(GET_ASSOCIATIONS, slot("$uuid", listed(*map(str, range(1001))))), "XDSRegistryError"),
    ],
)  # fmt: skip
def test_wrong_queries(desk: Desk, doctor: Holder, body: str, code: str) -> None:
    answer = search(desk, Vihf(doctor, ANDRE), body)
    assert (answer.status, answer.outcome, answer.errors) == (200, FAILURE, [code])


@pytest.mark.parametrize(("name", "count"), [("UniqueId", 20), ("EntryUUID", 88)])
def test_the_most_identifiers_of_a_query(desk: Desk, doctor: Holder, name: str, count: int) -> None:
    answer = search(
        desk,
        Vihf(doctor, ANDRE),
        query(
            GET_DOCUMENTS,
            slot(f"$XDSDocumentEntry{name}", listed(*(f"1.2.{number}" for number in range(count)))),
        ),
    )
    assert (answer.outcome, answer.documents) == (SUCCESS, [])


def test_documents_of_another_patient_stay_there(desk: Desk, doctor: Holder) -> None:
    other = found(desk, Vihf(doctor, JEAN_PIERRE)).documents[0]
    for wanted in (
        slot("$XDSDocumentEntryUniqueId", listed(unique_id(other))),
        slot("$XDSDocumentEntryEntryUUID", listed(other.get("id"))),
    ):
        for returns in ("LeafClass", "ObjectRef"):
            answer = search(desk, Vihf(doctor, ANDRE), query(GET_DOCUMENTS, wanted, returns=returns))
            assert answer.outcome == SUCCESS
            assert not answer.all("//rim:ExtrinsicObject | //rim:ObjectRef")


def sets_since(patient: str, since: str) -> str:
    return query(
        FIND_SETS,
        slot("$XDSSubmissionSetPatientId", f"'{cx(patient)}'"),
        slot("$XDSSubmissionSetStatus", listed(APPROVED)),
        slot("$XDSSubmissionSetSubmissionTimeFrom", since),
    )


def test_documents_deposited_since_a_day(desk: Desk, doctor: Holder) -> None:
    """FindSubmissionSets, GetAssociations, then GetDocuments: the only way to search by date of deposit."""
    vihf = Vihf(doctor, ANDRE)
    sets = search(desk, vihf, sets_since(ANDRE, "20250820000000"))
    assert sets.outcome == SUCCESS
    uuids = [str(one) for one in sets.all("//rim:RegistryPackage/@id")]
    links = search(desk, Vihf(doctor, ANDRE), query(GET_ASSOCIATIONS, slot("$uuid", listed(*uuids))))
    members = [
        str(one) for one in links.all(f"//rim:Association[@associationType='{HAS_MEMBER}']/@targetObject")
    ]
    answer = search(
        desk, Vihf(doctor, ANDRE), query(GET_DOCUMENTS, slot("$XDSDocumentEntryEntryUUID", listed(*members)))
    )
    assert sorted(answer.titles) == [
        "Données de remboursement", "Lettre de liaison : pneumopathie", "Mes glycémies de l'été",
        "Résultat à annoncer en consultation",
    ]  # fmt: skip


def test_documents_of_one_submission(desk: Desk, doctor: Holder) -> None:
    """A prescription and its orders for biology came together."""
    vihf = Vihf(doctor, ANDRE)
    orders = found(desk, vihf, slot("$XDSDocumentEntryTypeCode", "('PRESC-BIO^^1.2.250.1.213.1.1.4.12')"))
    first = orders.documents[0]
    sets = search(desk, Vihf(doctor, ANDRE), query(GET_SETS, slot("$uuid", listed(first.get("id")))))
    (owner,) = sets.all("//rim:RegistryPackage")
    whole = search(
        desk,
        Vihf(doctor, ANDRE),
        query(GET_SET_AND_CONTENTS, slot("$XDSSubmissionSetEntryUUID", f"'{owner.get('id')}'")),
    )
    assert len(whole.all("//rim:RegistryPackage")) == 1
    assert len(whole.all(f"//rim:Association[@associationType='{HAS_MEMBER}']")) == 2
    assert sorted(codes(one, TYPE)[0] for one in whole.documents) == ["57833-6", "PRESC-BIO"]
    unique = text(
        owner,
        "rim:ExternalIdentifier[@identificationScheme='urn:uuid:96fdda7c-d067-4183-912e-bf5ee74998a8']/@value",
    )
    again = search(
        desk,
        Vihf(doctor, ANDRE),
        query(GET_SET_AND_CONTENTS, slot("$XDSSubmissionSetUniqueId", f"'{unique}'")),
    )
    assert len(again.documents) == 2


@pytest.mark.parametrize("kinds", [(RPLC,), ("RPLC",)])
def test_versions_of_a_document(desk: Desk, doctor: Holder, kinds: tuple[str, ...]) -> None:
    entry = found(desk, Vihf(doctor, ANDRE)).titled("Certificat d'aptitude (corrigé)")
    answer = search(
        desk,
        Vihf(doctor, ANDRE),
        query(
            GET_RELATED,
            slot("$XDSDocumentEntryEntryUUID", f"'{entry.get('id')}'"),
            slot("$AssociationTypes", listed(*kinds)),
        ),
    )
    assert sorted(answer.titles) == ["Certificat d'aptitude", "Certificat d'aptitude (corrigé)"]
    (link,) = answer.all("//rim:Association")
    assert (link.get("associationType"), link.get("sourceObject")) == (RPLC, entry.get("id"))
    both = search(
        desk,
        Vihf(doctor, ANDRE),
        query(GET_BOTH, slot("$XDSDocumentEntryEntryUUID", listed(entry.get("id")))),
    )
    assert len(both.documents) == 1
    assert len(both.all("//rim:Association")) == 2


def test_everything_of_a_patient(desk: Desk, doctor: Holder) -> None:
    answer = search(
        desk,
        Vihf(doctor, JEAN_PIERRE),
        query(
            GET_ALL,
            slot("$patientId", f"'{cx(JEAN_PIERRE)}'"),
            slot("$XDSDocumentEntryStatus", listed(APPROVED, ARCHIVED, DEPRECATED)),
            slot("$XDSSubmissionSetStatus", listed(APPROVED)),
            slot("$XDSFolderStatus", listed(APPROVED)),
        ),
    )
    assert answer.outcome == SUCCESS
    known = {one.get("id") for one in answer.all("//rim:ExtrinsicObject | //rim:RegistryPackage")}
    links = answer.all("//rim:Association")
    assert len(links) >= len(answer.documents)
    assert {one.get("sourceObject") for one in links} | {one.get("targetObject") for one in links} <= known


def test_the_threshold_stops_searches_alone(desk: Desk, doctor: Holder) -> None:
    entry = found(desk, Vihf(doctor, ANDRE)).documents[0]
    assert desk.control(do="threshold", searches=2) == {"ok": True}
    found(desk, Vihf(doctor, ANDRE))
    found(desk, Vihf(doctor, ANDRE))
    refused = search(desk, Vihf(doctor, ANDRE), find_documents(ANDRE))
    assert (refused.outcome, refused.errors) == (FAILURE, ["DMPAccessDeniedByExcededThreshold"])
    wanted = slot("$XDSDocumentEntryUniqueId", listed(unique_id(entry)))
    reference = search(desk, Vihf(doctor, ANDRE), query(GET_DOCUMENTS, wanted, returns="ObjectRef"))
    assert reference.outcome == SUCCESS
    desk.control(do="threshold", searches=None)
    found(desk, Vihf(doctor, ANDRE))


def test_a_record_is_filled_on_order(desk: Desk, doctor: Holder) -> None:
    before = len(found(desk, Vihf(doctor, JEAN_PIERRE)).documents)
    assert desk.control(do="documents", count=300, patient="1820799999012") == {"ok": True}
    answer = found(desk, Vihf(doctor, JEAN_PIERRE))
    assert len(answer.documents) == before + 300
    assert len({unique_id(one) for one in answer.documents}) == before + 300
    desk.control(do="documents", count=10, patient="1820799999012")
    assert len(found(desk, Vihf(doctor, JEAN_PIERRE)).documents) == before + 310
    desk.control(do="reset")
    assert len(found(desk, Vihf(doctor, JEAN_PIERRE)).documents) == before
    assert list(desk.control(do="documents", count=1, patient="1")) == ["error"]


def test_a_refusal_ordered_by_the_trainer(desk: Desk, doctor: Holder) -> None:
    desk.control(
        do="fault", kind="ack-error", code="DMPAccessDeniedByExcededThreshold", text="Trop de recherches"
    )
    answer = search(desk, Vihf(doctor, ANDRE), find_documents(ANDRE))
    assert (answer.outcome, answer.errors) == (FAILURE, ["DMPAccessDeniedByExcededThreshold"])
    assert answer.context == "Trop de recherches"


def test_a_search_leaves_a_trace(desk: Desk, doctor: Holder) -> None:
    found(desk, Vihf(doctor, ANDRE))
    last = desk.control(do="history")["history"][-1]
    assert (last["ins_c"], last["transaction"], last["actor"]) == (ANDRE, "TD3.1", doctor.national_id)
