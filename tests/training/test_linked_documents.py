"""Documents that hang together: what the registry says of them, and what their own headers say."""

from lxml import etree
from raw_dmp import BY_CARD, Desk, Vihf
from raw_xds import (
    APPROVED,
    DEPRECATED,
    FIND_BY_REFERENCE,
    GET_RELATED,
    RPLC,
    cx,
    found,
    query,
    received,
    retrieve,
    search,
    slot,
    unique_id,
)

from kiosk.training.dmp_server.records import ins_c_of
from kiosk.training.documents.linked import ACCESSION
from kiosk.training.people import VITALES

pytest_plugins = ("dmp_desk",)

YVONNE = ins_c_of(next(one for card in VITALES for one in card.people if one.nir13 == "2420799999291"))
ASSOCIATION = "urn:ihe:iti:2007:AssociationType:"
DOCTOR = BY_CARD["cps-urgentiste"]
"""Of the hospital whose patient she is."""
HL7 = {"h": "urn:hl7-org:v3"}
BOTH = f"('{APPROVED}','{DEPRECATED}')"
PARENT = "string(h:relatedDocument[@typeCode='%s']/h:parentDocument/h:id/@root)"


def related(desk: Desk, title: str, kind: str) -> tuple[list[str], list[tuple[str, str]]]:
    """Titles that one association links to a document, and the links by title."""
    entry = found(desk, Vihf(DOCTOR, YVONNE)).titled(title)
    answer = search(
        desk,
        Vihf(DOCTOR, YVONNE),
        query(
            GET_RELATED,
            slot("$XDSDocumentEntryEntryUUID", f"'{entry.get('id')}'"),
            slot("$AssociationTypes", f"('{ASSOCIATION}{kind}')"),
        ),
    )
    names = {one.get("id"): title for one, title in zip(answer.documents, answer.titles, strict=True)}
    links = [
        (names[one.get("sourceObject")], names[one.get("targetObject")])
        for one in answer.all("//rim:Association")
    ]
    return sorted(answer.titles), links


def header(desk: Desk, title: str) -> etree._Element:
    name = unique_id(found(desk, Vihf(DOCTOR, YVONNE)).titled(title))
    return etree.fromstring(received(retrieve(desk, Vihf(DOCTOR, YVONNE), name), name))


def test_an_addendum_completes_its_report_and_both_are_in_force(desk: Desk) -> None:
    report, addendum = "Scanner thoracique : compte rendu", "Scanner thoracique : addendum"
    for title in (report, addendum):
        assert related(desk, title, "APND") == ([addendum, report], [(addendum, report)])
    parent = header(desk, addendum).xpath(PARENT % "APND", namespaces=HL7)
    assert parent == unique_id(found(desk, Vihf(DOCTOR, YVONNE)).titled(report))


def test_a_copy_says_its_original_in_another_format(desk: Desk) -> None:
    original, copy = "Bilan d'entrée (auto-présentable)", "Bilan d'entrée (copie PDF)"
    assert related(desk, original, "XFRM") == ([original, copy], [(copy, original)])
    parent = header(desk, copy).xpath(PARENT % "XFRM", namespaces=HL7)
    assert parent == unique_id(found(desk, Vihf(DOCTOR, YVONNE)).titled(original))


def test_a_plan_has_three_versions_and_one_is_in_force(desk: Desk) -> None:
    plan = "Plan personnalisé de soins"
    everything = found(desk, Vihf(DOCTOR, YVONNE), status=BOTH)
    entries = zip(everything.documents, everything.titles, strict=True)
    versions = [entry for entry, title in entries if title == plan]
    assert [one.get("status") for one in versions] == [DEPRECATED, DEPRECATED, APPROVED]
    titles, links = related(desk, plan, "RPLC")
    assert (titles, links) == ([plan, plan], [(plan, plan)]), "one replacement far"
    assert f"{ASSOCIATION}RPLC" == RPLC
    names = [unique_id(one) for one in versions]
    answer = retrieve(desk, Vihf(DOCTOR, YVONNE), *names)
    headers = [etree.fromstring(received(answer, name)) for name in names]
    assert [one.xpath("string(h:versionNumber/@value)", namespaces=HL7) for one in headers] == list("123")
    assert {one.xpath("string(h:setId/@root)", namespaces=HL7) for one in headers} == {names[0]}
    assert [one.xpath(PARENT % "RPLC", namespaces=HL7) for one in headers] == ["", names[0], names[1]]


def test_a_study_and_its_reports_share_their_accession_number(desk: Desk) -> None:
    answer = search(
        desk,
        Vihf(DOCTOR, YVONNE),
        query(
            FIND_BY_REFERENCE,
            slot("$XDSDocumentEntryPatientId", f"'{cx(YVONNE)}'"),
            slot("$XDSDocumentEntryStatus", f"('{APPROVED}')"),
            slot("$XDSDocumentEntryReferenceIdList", f"('{ACCESSION}')"),
        ),
    )
    assert sorted(answer.titles) == [
        "Images du scanner thoracique",
        "Scanner thoracique : addendum",
        "Scanner thoracique : compte rendu",
    ]
