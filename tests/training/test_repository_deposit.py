"""TD2.1 and TD2.2: a signed lot is kept whole, or refused with a reason."""

import hashlib
import http.client
from collections.abc import Callable
from typing import Any

import pytest
from raw_dmp import ANDRE, BY_CARD, CHLOE, ELODIE, JEAN_PIERRE, Desk, Vihf, envelope, headers, sign
from raw_xds import (
    APPROVED,
    CONFIDENTIALITY,
    DEPOSIT,
    DEPRECATED,
    FAILURE,
    GET_DOCUMENTS,
    HAS_MEMBER,
    SIGNS,
    SUCCESS,
    Deposit,
    Document,
    codes,
    found,
    minor,
    post,
    query,
    received,
    retrieve,
    search,
    slot,
    text,
    unique_id,
    xades,
)

from kiosk.training.people import Holder

pytest_plugins = ("dmp_desk",)

CABINET = "499700000001001"
SECRET = "urn:oasis:names:tc:xspa:1.0:resource:patient:hl7:confidentiality-code"


def document(holder: Holder, patient: str = ANDRE, **changes: Any) -> Document:
    return Document(holder, patient, CABINET, **changes)


def lot(
    holder: Holder, *documents: Document, patient: str = ANDRE, vihf: Vihf | None = None, **changes: Any
) -> Deposit:
    return Deposit(
        vihf or Vihf(holder, patient), list(documents or (document(holder, patient),)), CABINET, **changes
    )


def kept(desk: Desk, holder: Holder, one: Document) -> Any:
    """The entry of a document, by its unique id; None when there is none."""
    wanted = slot("$XDSDocumentEntryUniqueId", f"('{one.unique}')")
    answer = search(desk, Vihf(holder, one.patient), query(GET_DOCUMENTS, wanted))
    assert answer.outcome == SUCCESS
    return answer.documents[0] if answer.documents else None


def refused(desk: Desk, deposit: Deposit, code: str) -> str:
    """The words of a refusal, after which nothing was kept."""
    answer = deposit.send(desk)
    assert (answer.status, answer.outcome, answer.errors) == (200, FAILURE, [code])
    assert answer.context
    for one in deposit.documents:
        if one.unique and deposit.vihf.patient == ANDRE:
            assert kept(desk, BY_CARD["cps-medecin"], one) is None
    return answer.context


def test_a_deposit_is_found_and_read(desk: Desk, doctor: Holder) -> None:
    one = document(doctor, restrictions=("INVISIBLE_PATIENT",))
    answer = lot(doctor, one).send(desk)
    assert (answer.status, answer.outcome, answer.errors) == (200, SUCCESS, [])
    assert answer.get("//a:Action") == f"{DEPOSIT}Response"
    entry = kept(desk, doctor, one)
    assert (entry.get("status"), text(entry, "rim:Name//@value")) == (APPROVED, one.title)
    assert codes(entry, CONFIDENTIALITY) == ["N", "INVISIBLE_PATIENT"]
    assert text(entry, "rim:Slot[@name='hash']//rim:Value") == hashlib.sha1(one.cda()).hexdigest()
    assert text(entry, "rim:Slot[@name='size']//rim:Value") == str(len(one.cda()))
    assert one.title in found(desk, Vihf(doctor, ANDRE)).titles
    assert received(retrieve(desk, Vihf(doctor, ANDRE), one.unique), one.unique) == one.cda()


def test_two_documents_of_one_lot_and_their_signature(desk: Desk, doctor: Holder) -> None:
    first, second = document(doctor, title="Premier"), document(doctor, title="Second")
    deposit = lot(doctor, first, second)
    assert deposit.send(desk).outcome == SUCCESS
    wanted = slot("$XDSSubmissionSetUniqueId", f"'{deposit.set_unique}'")
    answer = search(desk, Vihf(doctor, ANDRE), query("urn:uuid:e8e3cb2c-e39c-46b9-99e4-c12f57260b83", wanted))
    assert sorted(answer.titles) == ["Premier", "Second", "Source"]
    assert len(answer.all(f"//rim:Association[@associationType='{HAS_MEMBER}']")) == 3
    (signs,) = answer.all(f"//rim:Association[@associationType='{SIGNS}']")
    assert signs.get("targetObject") == answer.get("//rim:RegistryPackage/@id")
    assert "Source" not in found(desk, Vihf(doctor, ANDRE)).titles


@pytest.mark.parametrize("card", ["cps-pharmacien", "cps-urgentiste", "cps-infirmier"])
def test_no_authorisation_is_needed(desk: Desk, doctor: Holder, card: str) -> None:
    """Expired, none, and blocked by the patient."""
    holder = BY_CARD[card]
    one = Document(holder, ANDRE, holder.practices[0].structure_id, type_code="57828-6", class_code="42")
    assert Deposit(Vihf(holder, ANDRE), [one], one.structure).send(desk).outcome == SUCCESS
    assert kept(desk, doctor, one) is not None


def test_the_holder_of_a_cpe_deposits_for_the_structure(desk: Desk, clerk: Holder) -> None:
    """TD2.2: written by a doctor of the hospital, sent by the reception."""
    writer = BY_CARD["cps-urgentiste"]
    one = Document(writer, ANDRE, "10B0099991")
    deposit = Deposit(Vihf(clerk, ANDRE), [one], "10B0099991")
    assert deposit.send(desk).outcome == SUCCESS
    elsewhere = Document(BY_CARD["cps-medecin"], ANDRE, CABINET)
    words = refused(desk, Deposit(Vihf(clerk, ANDRE), [elsewhere], "10B0099991"), "XDSRegistryMetadataError")
    assert "structure" in words


def test_a_patient_without_a_record(desk: Desk, doctor: Holder) -> None:
    refused(desk, lot(doctor, patient=CHLOE), "DMPClosed")
    refused(desk, lot(doctor, patient=ELODIE), "DMPNotFound")


def test_the_same_lot_twice(desk: Desk, doctor: Holder) -> None:
    one = document(doctor)
    deposit = lot(doctor, one)
    deposit.signature = xades(desk.keys(doctor), deposit.set_unique, [one])
    assert deposit.send(desk).outcome == SUCCESS
    again = deposit.send(desk)
    assert (again.outcome, again.errors) == (FAILURE, ["XDSDuplicateUniqueIdInRegistry"])
    assert found(desk, Vihf(doctor, ANDRE)).titles.count(one.title) == 1


def test_the_same_document_in_another_lot(desk: Desk, doctor: Holder) -> None:
    one = document(doctor)
    one.content = one.cda()
    assert lot(doctor, one).send(desk).outcome == SUCCESS
    again = lot(doctor, one).send(desk)
    assert (again.outcome, again.errors) == (FAILURE, ["XDSDuplicateUniqueIdInRegistry"])
    changed = document(doctor, unique=one.unique, title="Autre contenu")
    other = lot(doctor, changed).send(desk)
    assert (other.outcome, other.errors) == (FAILURE, ["XDSNonIdenticalHash"])


def test_after_a_cut_the_client_can_ask(desk: Desk, doctor: Holder) -> None:
    """The lot was kept, the answer lost: a search by unique id tells, a second deposit is refused."""
    one = document(doctor)
    deposit = lot(doctor, one)
    desk.control(do="fault", kind="commit-then-cut")
    with pytest.raises(http.client.RemoteDisconnected):
        deposit.send(desk)
    assert kept(desk, doctor, one) is not None
    again = deposit.send(desk)
    assert again.errors == ["XDSDuplicateUniqueIdInRegistry"]


WRONG: list[tuple[str, Callable[[Document], object], str]] = [
    ("no title", lambda one: setattr(one, "title", ""), "XDSRegistryMetadataError"),
    ("long title", lambda one: setattr(one, "title", "é" * 129), "XDSRegistryMetadataError"),
    ("unknown type", lambda one: setattr(one, "type_code", "00000-0"), "XDSRegistryMetadataError"),
    ("class of another type", lambda one: setattr(one, "class_code", "42"), "XDSRegistryMetadataError"),
    ("both restrictions", lambda one: setattr(one, "restrictions", ("MASQUE_PS", "INVISIBLE_PATIENT")),
     "XDSRegistryMetadataError"),
    ("unknown restriction", lambda one: setattr(one, "restrictions", ("SECRET",)), "XDSRegistryMetadataError"),
    ("no N", lambda one: setattr(one, "with_normal", False), "XDSRegistryMetadataError"),
    ("wrong hash", lambda one: setattr(one, "announced", ("0" * 40, "")), "XDSRepositoryMetadataError"),
    ("wrong size", lambda one: setattr(one, "announced", ("", "12")), "XDSRepositoryMetadataError"),
    ("other patient in the CDA", lambda one: setattr(one, "cda_patient", JEAN_PIERRE), "XDSPatientIdDoesNotMatch"),
    ("other id in the CDA", lambda one: setattr(one, "cda_unique", "1.2.3"), "XDSRegistryMetadataError"),
    ("other author in the CDA", lambda one: setattr(one, "cda_author", "899700000041"), "XDSRegistryMetadataError"),
    ("not a CDA", lambda one: setattr(one, "content", b"<html/>"), "XDSRegistryMetadataError"),
    ("not XML", lambda one: setattr(one, "content", b"\x00\x01"), "XDSRegistryMetadataError"),
    ("not the announced type", lambda one: setattr(one, "media_type", "application/pdf"), "XDSRegistryMetadataError"),
    ("no creation time", lambda one: one.slots.update(creationTime=""), "XDSRegistryMetadataError"),
    ("no legal authenticator", lambda one: one.slots.update(legalAuthenticator=""), "XDSRegistryMetadataError"),
    ("no start", lambda one: one.slots.update(serviceStartTime=""), "XDSRegistryMetadataError"),
    ("local time", lambda one: one.slots.update(creationTime=slot("creationTime", "2025-01-01")),
     "XDSRegistryMetadataError"),
    ("stop before start", lambda one: one.slots.update(serviceStopTime=slot("serviceStopTime", "2001")),
     "XDSRegistryMetadataError"),
    ("empty patient information", lambda one: one.slots.update(sourcePatientInfo=slot("sourcePatientInfo")),
     "XDSRegistryMetadataError"),
    ("no PID-5", lambda one: one.slots.update(sourcePatientInfo=slot("sourcePatientInfo", "PID-8|M")),
     "XDSRegistryMetadataError"),
    ("empty repository", lambda one: one.slots.update(repositoryUniqueId=slot("repositoryUniqueId", "")),
     "XDSRegistryMetadataError"),
    ("patient's document", lambda one: one.__dict__.update(type_code="EXPPAT_2", class_code="90"),
     "XDSRegistryMetadataError"),
    ("reimbursements", lambda one: one.__dict__.update(type_code="REMB", class_code="60"), "XDSRegistryMetadataError"),
    ("vaccination history", lambda one: one.__dict__.update(type_code="11369-6", class_code="52"),
     "XDSRegistryMetadataError"),
    ("hidden vaccination note",
     lambda one: one.__dict__.update(type_code="87273-9", class_code="52", restrictions=("MASQUE_PS",)),
     "XDSRegistryMetadataError"),
    ("id with an extension", lambda one: setattr(one, "unique", "1.2.3^4"), "XDSRegistryMetadataError"),
    ("long id", lambda one: setattr(one, "unique", "1.2." + "9" * 125), "XDSRegistryMetadataError"),
    ("replaces nothing", lambda one: setattr(one, "replaces", "urn:uuid:00000000-0000-0000-0000-000000000000"),
     "XDSReplaceFailed"),
]  # fmt: skip


@pytest.mark.parametrize(("change", "code"), [row[1:] for row in WRONG], ids=[row[0] for row in WRONG])
def test_wrong_documents(desk: Desk, doctor: Holder, change: Callable[[Document], object], code: str) -> None:
    one = document(doctor)
    change(one)
    deposit = lot(doctor, one)
    if one.unique != document(doctor).unique and not one.unique.startswith("2.25."):
        deposit.signature = xades(desk.keys(doctor), deposit.set_unique, [one])
        answer = deposit.send(desk)
        assert (answer.outcome, answer.errors) == (FAILURE, [code])
    else:
        refused(desk, deposit, code)


@pytest.mark.parametrize(
    ("before", "after", "code"),
    [
        ('source="none"', "", ""),
        (HAS_MEMBER, "urn:x", "XDSRegistryMetadataError"),
        (SIGNS, "urn:x", "XDSRegistryMetadataError"),
        ("urn:uuid:a54d6aa5-d40d-43f9-88c5-b4633d873bdd", "urn:uuid:x", "XDSRegistryMetadataError"),
        ("submissionTime", "submissionDate", "XDSRegistryMetadataError"),
        ("urn:uuid:aa543740-bdda-424e-8c96-df4873be8500", "urn:uuid:x", "XDSRegistryMetadataError"),
        ("urn:uuid:554ac39e-e3fe-47fe-b233-965d2a147832", "urn:uuid:x", "XDSRegistryMetadataError"),
        ("urn:uuid:6b5aea1a-874d-4603-a4bc-96a0a7b38446", "urn:uuid:x", "XDSPatientIdDoesNotMatch"),
        ("urn:uuid:58a6f841-87b3-4a3e-92fd-a8ffeff98427", "urn:uuid:x", "XDSPatientIdDoesNotMatch"),
        ("urn:uuid:7edca82f-054d-47f2-a032-9b2a5b5186c1", "urn:uuid:x", "XDSRegistryMetadataError"),
        ('mimeType="text/xml"', 'mimeType=""', "XDSRegistryMetadataError"),
        ("E1762", "11488-4", "XDSRegistryMetadataError"),
        ("cid:0%40test", "cid:absent", "XDSMissingDocument"),
        ('<x:Document id="signature">', '<x:Document id="another">', "XDSMissingDocument"),
    ],
)
def test_wrong_lots(desk: Desk, doctor: Holder, before: str, after: str, code: str) -> None:
    deposit = lot(doctor, change=(before, after))
    if code:
        refused(desk, deposit, code)
    else:
        assert deposit.send(desk).outcome == SUCCESS


def test_a_file_nobody_described(desk: Desk, doctor: Holder) -> None:
    deposit = lot(doctor, change=("</x:Provide", '<x:Document id="more">QQ==</x:Document></x:Provide'))
    refused(desk, deposit, "XDSMissingDocumentMetadata")


def test_files_in_place_and_ids_of_another_case(desk: Desk, doctor: Holder) -> None:
    """Official samples hold both: base64 in the message, a Document/@id of another case."""
    one = document(doctor)
    deposit = lot(doctor, one, change=(f'<x:Document id="{one.id}">', f'<x:Document id="{one.id.upper()}">'))
    assert deposit.send(desk).outcome == SUCCESS


def test_a_deposit_is_multipart(desk: Desk, doctor: Holder) -> None:
    request, _ = lot(doctor).body(desk)
    data = envelope(headers(DEPOSIT), sign(Vihf(doctor, ANDRE), desk.keys(doctor)), request)
    answer = post(desk, doctor, "application/soap+xml", data)
    assert (answer.status, answer.subcode) == (500, "soap:DMPInvalidMessage")


def test_a_deposit_in_somebody_else_s_name(desk: Desk, doctor: Holder) -> None:
    one = document(BY_CARD["cps-multi"])
    words = refused(desk, lot(doctor, one), "XDSRegistryMetadataError")
    assert "auteur" in words


def test_signatures_that_lie(desk: Desk, doctor: Holder) -> None:
    """Another card, the wrong key of the right card, a digest of something else, a value of nothing."""
    keys, other = desk.keys(doctor), desk.keys(BY_CARD["cps-multi"])
    one = document(doctor)

    def signed(**how: Any) -> Deposit:
        deposit = lot(doctor, one)
        one.content = one.cda()
        deposit.signature = xades(
            how.pop("keys", keys), deposit.set_unique, how.pop("documents", [one]), **how
        )
        return deposit

    authentication = {"key": keys.authentication_key, "certificate": keys.authentication_certificate}
    refused(desk, signed(**authentication), "DMPInvalidCertificate")
    refused(desk, signed(keys=other), "DMPInvalidCertificate")
    for how in (
        {"key": other.signature_key},
        {"documents": []},
        {"documents": [document(doctor, unique=one.unique, title="Un autre")]},
        {"documents": [one, document(doctor)]},
        {"change": ("AA==", "AAA=")},
        {"after": ("<SigningTime>2", "<SigningTime>1")},
        {"after": ('Id="IHEManifest"', 'Id="Manifest"')},
        {"after": ("1.2.840.10065.1.12.1.14", "1.2.840.10065.1.12.1.1")},
        {"after": ("<SignatureValue>", "<SignatureValue>AAAA")},
        {"after": ("#rsa-sha256", "#rsa-sha512")},
        {"after": ("<Signature ", "<Sig ")},
    ):
        refused(desk, signed(**how), "DMPInvalidSignature")
    assert signed().send(desk).outcome == SUCCESS


def test_a_replacement(desk: Desk, doctor: Holder) -> None:
    """2.1-140: the old version is obsolete, what was made visible stays so."""
    first = document(doctor, restrictions=("INVISIBLE_PATIENT",))
    assert lot(doctor, first).send(desk).outcome == SUCCESS
    old = kept(desk, doctor, first)
    second = document(doctor, title="Version corrigée", replaces=old.get("id"))
    assert lot(doctor, second).send(desk).outcome == SUCCESS
    assert kept(desk, doctor, first).get("status") == DEPRECATED
    new = kept(desk, doctor, second)
    again = document(doctor, replaces=old.get("id"))
    refused(desk, lot(doctor, again), "XDSReplaceFailed")
    hidden = document(doctor, replaces=new.get("id"), restrictions=("INVISIBLE_PATIENT",))
    assert "invisible" in refused(desk, lot(doctor, hidden), "XDSRegistryMetadataError")
    masked = document(doctor, replaces=new.get("id"), restrictions=("MASQUE_PS",))
    assert lot(doctor, masked).send(desk).outcome == SUCCESS


def test_only_an_author_replaces(desk: Desk, doctor: Holder) -> None:
    target = found(desk, Vihf(doctor, ANDRE)).titled("Radiographie du thorax")
    one = document(doctor, replaces=target.get("id"))
    assert "auteur" in refused(desk, lot(doctor, one), "XDSRegistryMetadataError")


def test_a_secret_connection(desk: Desk, doctor: Holder) -> None:
    """What a minor keeps from his parents carries the code, or is not taken."""
    attributes = {SECRET: ["INVISIBLE_REPRESENTANTS_LEGAUX^1.2.250.1.213.1.1.4.13"]}
    child, code = minor(desk, doctor), ("INVISIBLE_REPRESENTANTS_LEGAUX",)

    def secret(**changes: Any) -> Deposit:
        return lot(
            doctor, document(doctor, child, **changes), vihf=Vihf(doctor, child, attributes=attributes)
        )

    refused(desk, secret(), "XDSRegistryMetadataError")
    note = {"type_code": "87273-9", "class_code": "52"}
    refused(desk, secret(restrictions=code, **note), "XDSRegistryMetadataError")
    assert secret(restrictions=code).send(desk).outcome == SUCCESS


def test_a_large_document(desk: Desk, doctor: Holder) -> None:
    """Twelve megabytes of text node: beyond what a parser takes by default."""
    one = document(doctor, body=bytes(range(256)) * 36_000)
    one.content = one.cda()
    assert lot(doctor, one).send(desk).outcome == SUCCESS
    assert received(retrieve(desk, Vihf(doctor, ANDRE), one.unique), one.unique) == one.content


def test_a_deposit_in_a_record_opened_today(desk: Desk, doctor: Holder) -> None:
    """A record a professional just made holds what was deposited since, no document of the cast."""
    desk.control(
        do="record", nir13="1820799999012", state="active", authorizations=[["899700000021", "VALIDE"]]
    )
    one = Document(doctor, JEAN_PIERRE, CABINET)
    assert Deposit(Vihf(doctor, JEAN_PIERRE), [one], CABINET).send(desk).outcome == SUCCESS
    assert unique_id(found(desk, Vihf(doctor, JEAN_PIERRE)).titled(one.title)) == one.unique
