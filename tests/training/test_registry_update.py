"""TD3.3a to TD3.3d: hide, show, delete, archive."""

from typing import Any

import pytest
from raw_dmp import ANDRE, BY_CARD, PURPOSE, Desk, Vihf, purpose
from raw_xds import (
    APPROVED,
    ARCHIVED,
    CONFIDENTIALITY,
    DELETED,
    DEPRECATED,
    FAILURE,
    GET_ASSOCIATIONS,
    GET_DOCUMENTS,
    GET_SETS,
    HAS_MEMBER,
    SUCCESS,
    UPDATE,
    Deposit,
    Document,
    change_status,
    change_visibility,
    codes,
    found,
    minor,
    query,
    retrieve,
    search,
    slot,
    unique_id,
)

from kiosk.training.people import Holder

pytest_plugins = ("dmp_desk",)

SECRET = "urn:oasis:names:tc:xspa:1.0:resource:patient:hl7:confidentiality-code"
ALL = f"('{APPROVED}','{DEPRECATED}','{ARCHIVED}','{DELETED}')"
RIGHT = "DMPAccessDeniedByRightsService"


def entry(desk: Desk, holder: Holder, title: str, status: str = f"('{APPROVED}')") -> Any:
    return found(desk, Vihf(holder, ANDRE), status=status).titled(title)


def authorise(desk: Desk, *actors: str, treating: tuple[str, ...] = ()) -> None:
    desk.control(
        do="record",
        nir13="1551199999031",
        authorizations=[[one, "VALIDE"] for one in actors],
        treating_doctors=list(treating),
    )


def visible(desk: Desk, vihf: Vihf, one: Any, *restrictions: str, **how: Any) -> list[str]:
    """Error codes of a change of visibility; none when it was made."""
    answer = change_visibility(desk, vihf, one, restrictions, **how)
    assert answer.status == 200
    assert answer.outcome == (FAILURE if answer.errors else SUCCESS)
    return answer.errors


def status(desk: Desk, vihf: Vihf, uuid: str, before: str, after: str) -> list[str]:
    answer = change_status(desk, vihf, uuid, before, after)
    assert answer.status == 200
    assert answer.outcome == (FAILURE if answer.errors else SUCCESS)
    return answer.errors


def test_hide_somebody_else_s_document_and_show_it_again(desk: Desk, doctor: Holder) -> None:
    """3.3-160 and 3.3-050: entry id and version change, lid and unique id stay."""
    before = entry(desk, doctor, "Radiographie du thorax")
    assert visible(desk, Vihf(doctor, ANDRE), before, "MASQUE_PS") == []
    after = entry(desk, doctor, "Radiographie du thorax")
    assert codes(after, CONFIDENTIALITY) == ["N", "MASQUE_PS"]
    assert after.get("id") != before.get("id")
    assert (after.get("lid"), unique_id(after)) == (before.get("lid"), unique_id(before))
    assert after.find("{*}VersionInfo").get("versionName") == "2"
    assert visible(desk, Vihf(doctor, ANDRE), after) == []
    assert codes(entry(desk, doctor, "Radiographie du thorax"), CONFIDENTIALITY) == ["N"]
    wanted = slot("$XDSDocumentEntryEntryUUID", f"('{before.get('id')}')")
    assert search(desk, Vihf(doctor, ANDRE), query(GET_DOCUMENTS, wanted)).documents == []


def test_links_follow_the_new_entry(desk: Desk, doctor: Holder) -> None:
    before = entry(desk, doctor, "Certificat d'aptitude (corrigé)")
    visible(desk, Vihf(doctor, ANDRE), before, "MASQUE_PS")
    after = entry(desk, doctor, "Certificat d'aptitude (corrigé)")
    wanted = slot("$uuid", f"('{after.get('id')}')")
    links = search(desk, Vihf(doctor, ANDRE), query(GET_ASSOCIATIONS, wanted))
    kinds = sorted(one.get("associationType").rpartition(":")[2] for one in links.all("//rim:Association"))
    assert kinds == ["HasMember", "HasMember", "RPLC"]
    sets = search(desk, Vihf(doctor, ANDRE), query(GET_SETS, wanted))
    assert len(sets.all("//rim:RegistryPackage")) == 2
    assert len(sets.all(f"//rim:Association[@associationType='{HAS_MEMBER}']")) == 2


def test_who_shows_again(desk: Desk, doctor: Holder) -> None:
    """The treating doctor any, others their own."""
    authorise(desk, "899700000021", "899700000051", treating=("899700000021",))
    nurse = BY_CARD["cps-infirmier"]
    mine = entry(desk, nurse, "Photographie de la plaie du pied")
    assert visible(desk, Vihf(nurse, ANDRE), mine, "MASQUE_PS") == []
    assert visible(desk, Vihf(nurse, ANDRE), entry(desk, nurse, "Photographie de la plaie du pied")) == []
    theirs = entry(desk, doctor, "Photographie d'une lésion cutanée")
    assert visible(desk, Vihf(nurse, ANDRE), theirs) == ["XDSMetadataUpdateError"]  # which she does not see
    assert visible(desk, Vihf(doctor, ANDRE), theirs) == []


def test_nothing_is_hidden_or_shown_in_an_emergency(desk: Desk) -> None:
    attributes = {PURPOSE: [purpose("bris_de_glace")], "Mode_Acces_Raison": ["Coma"]}
    vihf = Vihf(BY_CARD["cps-urgentiste"], ANDRE, attributes=attributes)
    emergency = found(desk, vihf)
    for title, codes_after in (
        ("Radiographie du thorax", ("MASQUE_PS",)),
        ("Consultation spécialisée", ()),
        ("Résultat à annoncer en consultation", ()),
    ):
        answer = change_visibility(desk, vihf, emergency.titled(title), codes_after)
        assert (answer.status, answer.subcode) == (500, f"soap:{RIGHT}")


def test_make_visible_is_one_way(desk: Desk, doctor: Holder) -> None:
    """3.3-060 and 3.3-061."""
    for title, code in (
        ("Résultat à annoncer en consultation", "INVISIBLE_PATIENT"),
        ("Certificat confidentiel", "INVISIBLE_REPRESENTANTS_LEGAUX"),
    ):
        unseen = entry(desk, doctor, title)
        assert codes(unseen, CONFIDENTIALITY) == ["N", code]
        assert visible(desk, Vihf(doctor, ANDRE), unseen) == []
        seen = entry(desk, doctor, title)
        assert codes(seen, CONFIDENTIALITY) == ["N"]
        assert visible(desk, Vihf(doctor, ANDRE), seen, code) == ["XDSRegistryMetadataError"]


def test_a_secret_connection_keeps_secrets(desk: Desk, doctor: Holder) -> None:
    """A minor's document stays unseen by his parents; out of a secret connection it may be shown."""
    child = minor(desk, doctor)
    unseen = found(desk, Vihf(doctor, child)).titled("Consultation confidentielle")
    attributes = {SECRET: ["INVISIBLE_REPRESENTANTS_LEGAUX^1.2.250.1.213.1.1.4.13"]}
    secret = Vihf(doctor, child, attributes=attributes)
    assert visible(desk, secret, unseen) == ["XDSRegistryMetadataError"]
    assert visible(desk, Vihf(doctor, child), unseen) == []


def test_restrictions_do_not_add_up(desk: Desk, doctor: Holder) -> None:
    unseen = entry(desk, doctor, "Résultat à annoncer en consultation")
    errors = visible(desk, Vihf(doctor, ANDRE), unseen, "INVISIBLE_PATIENT", "MASQUE_PS")
    assert errors == ["XDSRegistryMetadataError"]


@pytest.mark.parametrize(
    ("change", "code"),
    [
        (("Radiographie du thorax", "Radiographie"), "XDSRegistryMetadataError"),
        (("CLAIR^HUGUES", "CLAIR^H"), "XDSRegistryMetadataError"),
        (('mimeType="text/xml"', 'mimeType="text/plain"'), "XDSRegistryMetadataError"),
        (("18748-4", "11488-4"), "XDSRegistryMetadataError"),
        (("PID-8|M", "PID-8|F"), "XDSRegistryMetadataError"),
        ((' lid="urn:uuid:', ' lid="urn:x:'), "XDSMetadataUpdateError"),
    ],
)
def test_nothing_else_changes(desk: Desk, doctor: Holder, change: tuple[str, str], code: str) -> None:
    one = entry(desk, doctor, "Radiographie du thorax")
    assert visible(desk, Vihf(doctor, ANDRE), one, "MASQUE_PS", change=change) == [code]
    assert codes(entry(desk, doctor, "Radiographie du thorax"), CONFIDENTIALITY) == ["N"]


def test_what_the_registry_added_may_stay_away(desk: Desk, doctor: Holder) -> None:
    """A client may leave out the repository id that it never sent."""
    one = entry(desk, doctor, "Radiographie du thorax")
    (added,) = one.xpath("*[local-name()='Slot'][@name='repositoryUniqueId']")
    one.remove(added)
    assert visible(desk, Vihf(doctor, ANDRE), one, "MASQUE_PS") == []


def test_a_version_that_is_past(desk: Desk, doctor: Holder) -> None:
    one = entry(desk, doctor, "Radiographie du thorax")
    assert visible(desk, Vihf(doctor, ANDRE), one, "MASQUE_PS") == []
    assert visible(desk, Vihf(doctor, ANDRE), one, "MASQUE_PS") == ["XDSMetadataVersionError"]
    current = entry(desk, doctor, "Radiographie du thorax")
    assert visible(desk, Vihf(doctor, ANDRE), current, "MASQUE_PS") == ["XDSMetadataUpdateError"]


def test_archive_and_back(desk: Desk, doctor: Holder) -> None:
    """3.3-120 and 3.3-140, on the document of somebody else: he is a doctor."""
    one = entry(desk, doctor, "Radiographie du thorax")
    answer = change_status(desk, Vihf(doctor, ANDRE), one.get("id"), APPROVED, ARCHIVED)
    assert answer.outcome == SUCCESS
    assert answer.get("//a:Action") == f"{UPDATE}-Response"
    assert "Radiographie du thorax" not in found(desk, Vihf(doctor, ANDRE)).titles
    assert entry(desk, doctor, "Radiographie du thorax", f"('{ARCHIVED}')").get("id") == one.get("id")
    assert retrieve(desk, Vihf(doctor, ANDRE), unique_id(one)).outcome == SUCCESS
    assert status(desk, Vihf(doctor, ANDRE), one.get("id"), ARCHIVED, APPROVED) == []
    assert entry(desk, doctor, "Radiographie du thorax").get("status") == APPROVED


def test_who_archives(desk: Desk, doctor: Holder) -> None:
    authorise(desk, "899700000021", "899700000051")
    nurse = BY_CARD["cps-infirmier"]
    theirs = entry(desk, nurse, "Radiographie du thorax").get("id")
    own = entry(desk, nurse, "Photographie de la plaie du pied").get("id")
    patient = entry(desk, doctor, "Mes glycémies de l'été").get("id")
    assert status(desk, Vihf(nurse, ANDRE), theirs, APPROVED, ARCHIVED) == [RIGHT]
    assert status(desk, Vihf(nurse, ANDRE), own, APPROVED, ARCHIVED) == []
    assert status(desk, Vihf(doctor, ANDRE), theirs, APPROVED, ARCHIVED) == []
    assert status(desk, Vihf(doctor, ANDRE), patient, APPROVED, ARCHIVED) == [RIGHT]
    authorise(desk, treating=("899700000021",))
    assert status(desk, Vihf(doctor, ANDRE), patient, APPROVED, ARCHIVED) == []


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (ARCHIVED, APPROVED),
        (APPROVED, APPROVED),
        (APPROVED, DEPRECATED),
        (DEPRECATED, APPROVED),
        (APPROVED, "urn:x"),
    ],
)
def test_impossible_transitions(desk: Desk, doctor: Holder, before: str, after: str) -> None:
    one = entry(desk, doctor, "Radiographie du thorax")
    assert status(desk, Vihf(doctor, ANDRE), one.get("id"), before, after) == ["XDSMetadataUpdateError"]


def test_an_obsolete_version_has_no_state_to_change(desk: Desk, doctor: Holder) -> None:
    old = entry(desk, doctor, "Certificat d'aptitude", ALL)
    assert status(desk, Vihf(doctor, ANDRE), old.get("id"), DEPRECATED, DELETED) == ["XDSMetadataUpdateError"]
    unknown = "urn:uuid:00000000-0000-0000-0000-000000000000"
    assert status(desk, Vihf(doctor, ANDRE), unknown, APPROVED, DELETED) == ["XDSMetadataUpdateError"]


def test_a_deletion_takes_the_old_versions_along(desk: Desk, doctor: Holder) -> None:
    old = entry(desk, doctor, "Certificat d'aptitude", ALL)
    one = entry(desk, doctor, "Certificat d'aptitude (corrigé)")
    assert status(desk, Vihf(doctor, ANDRE), one.get("id"), APPROVED, DELETED) == []
    for gone in (old, one):
        answer = retrieve(desk, Vihf(doctor, ANDRE), unique_id(gone))
        assert answer.errors == ["XDSDocumentUniqueIdError"]
    assert not [title for title in found(desk, Vihf(doctor, ANDRE)).titles if "aptitude" in title]
    assert status(desk, Vihf(doctor, ANDRE), one.get("id"), DELETED, APPROVED) == ["XDSMetadataUpdateError"]


@pytest.mark.parametrize("card", ["cps-urgentiste", "cps-pharmacien", "cps-infirmier"])
def test_an_author_deletes_without_authorisation(desk: Desk, card: str) -> None:
    """3.3-540: none, expired, and blocked; found again by a reference search."""
    holder = BY_CARD[card]
    one = Document(holder, ANDRE, holder.practices[0].structure_id, type_code="57828-6", class_code="42")
    assert Deposit(Vihf(holder, ANDRE), [one], one.structure).send(desk).outcome == SUCCESS
    wanted = query(GET_DOCUMENTS, slot("$XDSDocumentEntryUniqueId", f"('{one.unique}')"), returns="ObjectRef")
    uuid = search(desk, Vihf(holder, ANDRE), wanted).get("//rim:ObjectRef/@id")
    assert status(desk, Vihf(holder, ANDRE), uuid, APPROVED, DELETED) == []


def test_who_deletes(desk: Desk, doctor: Holder, clerk: Holder) -> None:
    """The author; the structure for the holder of a CPE; the treating doctor; nobody else."""
    authorise(desk, "899700000021")
    radio = entry(desk, doctor, "Radiographie du thorax").get("id")
    patient = entry(desk, doctor, "Mes glycémies de l'été").get("id")
    discharge = entry(desk, doctor, "Lettre de liaison : pneumopathie").get("id")
    for uuid in (radio, patient):
        assert status(desk, Vihf(doctor, ANDRE), uuid, APPROVED, DELETED) == [RIGHT]
        assert status(desk, Vihf(clerk, ANDRE), uuid, APPROVED, DELETED) == [RIGHT]
    assert status(desk, Vihf(clerk, ANDRE), discharge, APPROVED, DELETED) == []
    authorise(desk, treating=("899700000021",))
    for uuid in (radio, patient):
        assert status(desk, Vihf(doctor, ANDRE), uuid, APPROVED, DELETED) == []


def test_the_holder_of_a_cpe_changes_nothing_else(desk: Desk, doctor: Holder, clerk: Holder) -> None:
    one = entry(desk, doctor, "Lettre de liaison : pneumopathie")
    answer = change_status(desk, Vihf(clerk, ANDRE), one.get("id"), APPROVED, ARCHIVED)
    assert (answer.status, answer.subcode) == (500, f"soap:{RIGHT}")
    answer = change_visibility(desk, Vihf(clerk, ANDRE), one, ("MASQUE_PS",))
    assert (answer.status, answer.subcode) == (500, f"soap:{RIGHT}")
