"""TD3.3: hide, show, archive, delete: what is sent, and that nothing else of a description changes."""

import copy
from pathlib import Path

import pytest
from dmp_peers import DOCTOR, NOW, PATIENT, SECRETARY
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree
from registry_bench import (
    ACCESS,
    APPROVED,
    ARCHIVED,
    CONFIDENTIALITY,
    CX,
    DELETED,
    DEPRECATED,
    NAMES,
    RIM,
    Bench,
    answer,
    entry,
    error,
    found,
    oid_of,
    read,
    registered,
    slot,
    uuid_of,
    values,
)

from kiosk.code import Code
from kiosk.dmp import visibility
from kiosk.dmp.deposit import writer
from kiosk.dmp.document import Visibility
from kiosk.dmp.submission_set import SubmissionSet
from kiosk.dmp.visibility import VisibilityChange, obstacle
from kiosk.errors import AnswerCut, AnswerUnreadable, NotOffered, Refused

REFERENCE = f'<ObjectRef xmlns="{RIM}" id="{uuid_of(1)}"/>'
DONE = answer(registered())


def objects(request: etree._Element) -> list[etree._Element]:
    assert request.tag == f"{{{NAMES['lcm']}}}SubmitObjectsRequest"
    return list(request.findall("rim:RegistryObjectList/rim:*", NAMES))


def confidentialities(element: etree._Element) -> list[str]:
    found_ = element.findall(f"rim:Classification[@classificationScheme='{CONFIDENTIALITY}']", NAMES)
    return [one.get("nodeRepresentation", "") for one in found_]


# --- status -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("act", "before", "after"),
    [
        ("archive", APPROVED, ARCHIVED),
        ("unarchive", ARCHIVED, APPROVED),
        ("delete", APPROVED, DELETED),
        ("delete", ARCHIVED, DELETED),
    ],
)
def test_3_3_070_120_140_a_change_of_status(tmp_path: Path, act: str, before: str, after: str):
    with Bench(tmp_path, answer(found(REFERENCE)), DONE).running() as it:
        getattr(it.client, act)(ACCESS, read(entry(1, status=before)))
    assert it.actions == ["RegistryStoredQuery", "UpdateDocumentSet"]
    asked, sent = it.sent(0), it.sent(1)
    assert asked.find("query:ResponseOption", NAMES).get("returnType") == "ObjectRef"
    assert values(asked, "$XDSDocumentEntryUniqueId") == [f"('{oid_of(1)}')"]
    package, classification, association = objects(sent)
    assert package.tag == f"{{{RIM}}}RegistryPackage"
    assert classification.get("classificationNode") == "urn:uuid:a54d6aa5-d40d-43f9-88c5-b4633d873bdd"
    assert classification.get("classifiedObject") == package.get("id")
    assert association.get("associationType") == "urn:ihe:iti:2010:AssociationType:UpdateAvailabilityStatus"
    assert association.get("sourceObject") == package.get("id")
    assert association.get("targetObject") == uuid_of(1)
    assert values(association, "OriginalStatus") == [before]
    assert values(association, "NewStatus") == [after]
    head, _ = it.server.requests[1]
    assert head.startswith(b"POST /si-dmp-server/v2/services/registry HTTP/1.1")
    assert b'action="urn:ihe:iti:2010:UpdateDocumentSet"' in head


def test_the_submission_set_says_who_and_when(tmp_path: Path):
    with Bench(tmp_path, answer(found(REFERENCE)), DONE).running() as it:
        it.client.archive(ACCESS, read(entry(1)))
    package = objects(it.sent())[0]
    assert values(package, "submissionTime") == ["20260302081530"]
    assert values(package, "authorPerson") == [
        "899700000021^GIRAUD^CAMILLE^^^^^^&1.2.250.1.71.4.2.1&ISO^D^^^IDNPS"
    ]
    assert values(package, "authorInstitution") == [
        "CABINET MEDICAL DES ACACIAS^^^^^&1.2.250.1.71.4.2.2&ISO^IDNST^^^499700000001001"
    ]
    kinds = {e.get("classificationScheme"): e for e in package.findall("rim:Classification", NAMES)}
    content_type = kinds["urn:uuid:aa543740-bdda-424e-8c96-df4873be8500"]
    assert content_type.get("nodeRepresentation")
    identifiers = {
        e.get("identificationScheme"): e.get("value")
        for e in package.findall("rim:ExternalIdentifier", NAMES)
    }
    assert identifiers["urn:uuid:6b5aea1a-874d-4603-a4bc-96a0a7b38446"] == CX
    assert identifiers["urn:uuid:554ac39e-e3fe-47fe-b233-965d2a147832"] == "1.2.250.1.999.7"
    assert identifiers["urn:uuid:96fdda7c-d067-4183-912e-bf5ee74998a8"].startswith("2.25.")


def test_3_3_540_one_s_own_document_is_deleted_without_any_right_to_read(tmp_path: Path):
    """No consultation: a reference by the identifier kept from the deposit, then the deletion."""
    with Bench(tmp_path, answer(found(REFERENCE)), DONE, actor=SECRETARY).running() as it:
        it.client.delete_deposited(ACCESS, oid_of(1))
    assert it.sent(0).find("query:ResponseOption", NAMES).get("returnType") == "ObjectRef"
    assert values(it.sent(1), "NewStatus") == [DELETED]


@pytest.mark.parametrize(
    ("act", "status"),
    [
        ("archive", ARCHIVED),
        ("unarchive", APPROVED),
        ("archive", DEPRECATED),
        ("delete", DELETED),
        ("delete", "urn:x"),
    ],
)
def test_what_cannot_be_is_not_sent(tmp_path: Path, act: str, status: str):
    with Bench(tmp_path, DONE).running() as it, pytest.raises(NotOffered):
        getattr(it.client, act)(ACCESS, read(entry(1, status=status)))
    assert it.server.handshakes == []


def test_a_document_that_is_gone(tmp_path: Path):
    with Bench(tmp_path, answer(found()), DONE).running() as it, pytest.raises(Refused) as raised:
        it.client.delete(ACCESS, read(entry(1)))
    assert "n'est plus dans le DMP" in raised.value.what
    assert len(it.server.requests) == 1


def test_among_several_references_the_current_description_is_changed(tmp_path: Path):
    old = f'<ObjectRef xmlns="{RIM}" id="urn:uuid:old"/>'
    whole = found(entry(1, status=DEPRECATED), entry(1, version="2"), entry(1, version="1"))
    with Bench(tmp_path, answer(found(old, REFERENCE)), answer(whole), DONE).running() as it:
        it.client.archive(ACCESS, read(entry(1)))
    assert objects(it.sent())[2].get("targetObject") == uuid_of(1)


def test_a_refusal_of_the_registry(tmp_path: Path):
    refused = answer(registered("Failure", error("XDSRegistryMetadataError", "auteur modifié")))
    with Bench(tmp_path, answer(found(REFERENCE)), refused).running() as it, pytest.raises(Refused) as raised:
        it.client.archive(ACCESS, read(entry(1)))
    assert (raised.value.server_code, raised.value.server_text) == (
        "XDSRegistryMetadataError",
        "auteur modifié",
    )


def test_an_update_is_never_sent_twice(tmp_path: Path):
    def cut(request: bytes) -> bytes:
        return b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\nConnection: close\r\n\r\n<"

    with Bench(tmp_path, answer(found(REFERENCE)), cut).running() as it, pytest.raises(AnswerCut):
        it.client.delete(ACCESS, read(entry(1)))
    assert it.actions == ["RegistryStoredQuery", "UpdateDocumentSet"]


@pytest.mark.parametrize("body", ["<x/>", registered("PartialSuccess")])
def test_no_answer_is_no_success(tmp_path: Path, body: str):
    with (
        Bench(tmp_path, answer(found(REFERENCE)), answer(body)).running() as it,
        pytest.raises(AnswerUnreadable),
    ):
        it.client.archive(ACCESS, read(entry(1)))


# --- visibility -------------------------------------------------------------------------------------------


def test_3_3_160_hiding_a_document(tmp_path: Path):
    current = entry(1, version="4")
    with Bench(tmp_path, answer(found(current)), DONE).running() as it:
        it.client.hide(ACCESS, read(current))
    assert it.actions == ["RegistryStoredQuery", "UpdateDocumentSet"]
    assert it.sent(0).find("query:ResponseOption", NAMES).get("returnType") == "LeafClass"
    package, _, changed, association = objects(it.sent(1))
    assert confidentialities(changed) == ["N", "MASQUE_PS"]
    assert changed.get("lid") == uuid_of(1)
    assert not changed.get("id").startswith("urn:uuid:")
    assert association.get("associationType") == "urn:oasis:names:tc:ebxml-regrep:AssociationType:HasMember"
    assert association.get("sourceObject") == package.get("id")
    assert association.get("targetObject") == changed.get("id")
    assert values(association, "SubmissionSetStatus") == ["Original"]
    assert values(association, "PreviousVersion") == ["4"]
    (added,) = [e for e in changed if e.get("nodeRepresentation") == "MASQUE_PS"]
    assert values(added, "codingScheme") == ["1.2.250.1.213.1.1.4.13"]


@pytest.mark.parametrize(
    ("restriction", "change"),
    [
        ("MASQUE_PS", VisibilityChange.UNHIDE),
        ("INVISIBLE_PATIENT", VisibilityChange.SHOW_TO_PATIENT),
        ("INVISIBLE_REPRESENTANTS_LEGAUX", VisibilityChange.SHOW_TO_REPRESENTATIVES),
    ],
)
def test_3_3_050_060_061_lifting_a_restriction(tmp_path: Path, restriction: str, change: VisibilityChange):
    current = entry(1, restrictions=(restriction,))
    with Bench(tmp_path, answer(found(current)), DONE).running() as it:
        if change is VisibilityChange.UNHIDE:
            it.client.unhide(ACCESS, read(current))
        else:
            it.client.make_visible(ACCESS, read(current), change)
    assert confidentialities(objects(it.sent())[2]) == ["N"]


def test_showing_to_the_representatives_leaves_other_restrictions(tmp_path: Path):
    current = entry(1, restrictions=("INVISIBLE_PATIENT", "INVISIBLE_REPRESENTANTS_LEGAUX"))
    with Bench(tmp_path, answer(found(current)), DONE).running() as it:
        it.client.make_visible(ACCESS, read(current), VisibilityChange.SHOW_TO_REPRESENTATIVES)
    assert confidentialities(objects(it.sent())[2]) == ["N", "INVISIBLE_PATIENT"]


def test_what_is_done_already_is_not_asked_again(tmp_path: Path):
    """The answer to the first attempt was lost: trying again finds it done."""
    current = entry(1, restrictions=("MASQUE_PS",))
    with Bench(tmp_path, answer(found(current)), DONE).running() as it:
        it.client.hide(ACCESS, read(entry(1)))
    assert it.actions == ["RegistryStoredQuery"]


def stripped(element: etree._Element) -> list[object]:
    """Everything a description says, but for identifiers of its parts and its confidentiality codes."""
    own = copy.deepcopy(element)
    for one in own.findall(f"rim:Classification[@classificationScheme='{CONFIDENTIALITY}']", NAMES):
        own.remove(one)
    for one in own.iter():
        for name in ("id", "lid", "classifiedObject", "registryObject"):
            one.attrib.pop(name, None)
    return [(one.tag, dict(one.attrib), one.text) for one in own.iter()]


VALUES = st.text(
    st.characters(min_codepoint=32, max_codepoint=0x2FF, blacklist_characters="\x7f"), min_size=1, max_size=30
)


@given(
    VALUES,
    st.sampled_from(list(VisibilityChange)),
    st.sets(st.sampled_from(["MASQUE_PS", "INVISIBLE_PATIENT"])),
)
def test_ex_3_3_nothing_but_the_confidentiality_changes(
    text: str, change: VisibilityChange, restrictions: set[str]
):
    described = entry(1, title=text, restrictions=tuple(sorted(restrictions)))
    described = described.replace(
        "</ExtrinsicObject>", slot("urn:dmp:new", text, "  two ") + "</ExtrinsicObject>"
    )
    source = etree.fromstring(described)
    changed = objects(etree.fromstring(update_of(source, change)))[2]
    assert stripped(changed) == stripped(etree.fromstring(described))
    assert etree.tostring(source) == etree.tostring(etree.fromstring(described))
    ids = [e.get("id") for e in changed.iter() if e.get("id")]
    assert len(ids) == len(set(ids))
    owners = {e.get("classifiedObject") or e.get("registryObject") for e in changed if e.get("id")}
    assert owners == {changed.get("id")}
    wanted = (
        set(restrictions) | {change.restriction} if change.sets else set(restrictions) - {change.restriction}
    )
    assert set(confidentialities(changed)) == {"N"} | wanted


def update_of(source: etree._Element, change: VisibilityChange) -> bytes:
    submission = SubmissionSet(
        object_id="SubmissionSet01",
        unique_id="2.25.1",
        source_id="1.2.3",
        title="",
        content_type=Code("SA07", "1.2.250.1.71.4.2.4", "Cabinet individuel"),
        author=writer(DOCTOR),
        sent_at=NOW,
    )
    return visibility.request(source, change, submission, PATIENT)


def test_an_older_description_keeps_the_identity_of_the_first(tmp_path: Path):
    second = entry(2).replace(f'lid="{uuid_of(2)}"', f'lid="{uuid_of(1)}"')
    with Bench(tmp_path, answer(found(second)), DONE).running() as it:
        it.client.hide(ACCESS, read(second))
    assert objects(it.sent())[2].get("lid") == uuid_of(1)


def test_a_description_without_codes_or_version_gets_n(tmp_path: Path):
    bare = etree.fromstring(entry(1))
    for one in [*bare.findall("rim:Classification", NAMES), *bare.findall("rim:VersionInfo", NAMES)]:
        bare.remove(one)
    with Bench(tmp_path, answer(found(etree.tostring(bare, encoding="unicode"))), DONE).running() as it:
        it.client.hide(ACCESS, read(entry(1)))
    changed = objects(it.sent())[2]
    assert confidentialities(changed) == ["N", "MASQUE_PS"]
    tags = [e.tag.rpartition("}")[2] for e in changed]
    assert tags.index("ExternalIdentifier") > max(i for i, tag in enumerate(tags) if tag == "Classification")


@pytest.mark.parametrize(
    ("change", "present", "secret", "both", "offered"),
    [
        (VisibilityChange.HIDE, Visibility(), False, False, True),
        (VisibilityChange.HIDE, Visibility(hidden_from_professionals=True), False, True, False),
        (VisibilityChange.HIDE, Visibility(invisible_to_patient=True), False, False, False),
        (VisibilityChange.HIDE, Visibility(invisible_to_patient=True), False, True, True),
        (VisibilityChange.UNHIDE, Visibility(), False, True, False),
        (VisibilityChange.SHOW_TO_PATIENT, Visibility(invisible_to_patient=True), True, False, True),
        (
            VisibilityChange.SHOW_TO_REPRESENTATIVES,
            Visibility(invisible_to_representatives=True),
            False,
            False,
            True,
        ),
        (
            VisibilityChange.SHOW_TO_REPRESENTATIVES,
            Visibility(invisible_to_representatives=True),
            True,
            False,
            False,
        ),
    ],
)
def test_ex_0_1_1100_what_the_screens_do_not_offer(
    change: VisibilityChange, present: Visibility, secret: bool, both: bool, offered: bool
):
    reason = obstacle(change, present, secret=secret, both_allowed=both)
    assert (reason == "") is offered


def test_no_change_hides_a_document_from_its_patient():
    assert [change.name for change in VisibilityChange if change.sets] == ["HIDE"]
