"""The synthetic documents: deterministic, honest where they should be, ugly where they should be."""

import base64

import pytest
from lxml import etree
from raw_dmp import ANDRE, JEAN_PIERRE
from verapdf import Judge

from kiosk.training.documents import catalogue, files
from kiosk.training.documents.draft import Draft
from kiosk.training.people import VITALES, Insured

HL7 = {"h": "urn:hl7-org:v3"}
UGLY = {
    "Bombe XML",
    "Entité externe",
    "Document vide",
    "Document tronqué",
    "Ceci n'est pas un CDA",
    "Page HTML",
}


def member(nir13: str) -> Insured:
    return next(one for vitale in VITALES for one in vitale.people if one.nir13 == nir13)


def full() -> list[Draft]:
    return list(catalogue.documents_of(ANDRE, member("1551199999031")))


def ordinary() -> list[Draft]:
    return list(catalogue.documents_of(JEAN_PIERRE, member("1820799999012")))


@pytest.mark.parametrize("make", [full, ordinary])
def test_documents_are_the_same_every_time(make: object) -> None:
    assert callable(make)
    first, second = make(), make()
    assert [(one.unique_id, one.content) for one in first] == [(one.unique_id, one.content) for one in second]
    ids = [one.unique_id for one in first]
    assert len(set(ids)) == len(ids)
    assert all(len(one) <= 128 for one in ids)


def test_every_patient_has_documents_of_his_own() -> None:
    assert not {one.unique_id for one in full()} & {one.unique_id for one in ordinary()}


@pytest.mark.parametrize("make", [full, ordinary])
def test_headers_tell_the_metadata(make: object) -> None:
    assert callable(make)
    for one in make():
        if one.title in UGLY:
            continue
        cda = etree.fromstring(one.content)
        assert cda.xpath("string(h:id/@root)", namespaces=HL7) == one.unique_id
        if one.kind.type_label != "Type inconnu":
            assert cda.xpath("string(h:code/@code)", namespaces=HL7) == one.kind.type_code
        assert cda.xpath("string(h:title)", namespaces=HL7) == one.title
        assert [name for name in cda.xpath("//@*") if not name] == []


def test_a_replaced_document_comes_before_its_successor() -> None:
    for drafts in (full(), ordinary()):
        states = {one.unique_id: one.status for one in drafts}
        replaced = [one.replaces for one in drafts if one.replaces]
        assert replaced
        assert all(states[one] == "deprecated" for one in replaced)


def test_the_ugly_ones_are_ugly() -> None:
    drafts = {one.title: one for one in full()}
    assert "" in drafts
    assert max(len(title) for title in drafts) == 128
    assert any("\x9b" in title for title in drafts)
    assert b"<!ENTITY" in drafts["Bombe XML"].content
    assert drafts["Document vide"].content == b""
    with pytest.raises(etree.XMLSyntaxError):
        etree.fromstring(drafts["Document tronqué"].content)
    assert not etree.fromstring(drafts["CDA sans corps"].content).xpath("h:component", namespaces=HL7)
    assert drafts["Document d'une autre empreinte"].content_hash == "0" * 40


def bodies() -> dict[str, list[bytes]]:
    """The files within the documents that are what they say, by media type."""
    found: dict[str, list[bytes]] = {}
    for one in full():
        if one.title in UGLY or "abîmé" in one.title or "n'en est pas" in one.title:
            continue
        for body in etree.fromstring(one.content).xpath("//h:nonXMLBody/h:text", namespaces=HL7):
            found.setdefault(body.get("mediaType"), []).append(base64.b64decode(body.text))
    return found


def test_files_open() -> None:
    """By readers nobody here wrote."""
    import pypdfium2
    from PIL import Image

    files_within = bodies()
    for content in files_within["application/pdf"]:
        with pypdfium2.PdfDocument(content) as document:
            assert "PETIT ANDRE" in document[0].get_textpage().get_text_range()
    import io

    for kind, pages in (("image/jpeg", 1), ("image/tiff", 3)):
        for content in files_within[kind]:
            with Image.open(io.BytesIO(content)) as picture:
                assert getattr(picture, "n_frames", 1) == pages
                picture.load()
    assert all("PETIT" in content.decode() for content in files_within["text/plain"])


@pytest.mark.xdist_group("verapdf")
def test_what_claims_to_be_pdf_a_1b_is(verapdf: Judge) -> None:
    claimed = [content for content in bodies()["application/pdf"] if b"pdfaid" in content]
    assert claimed
    assert [verapdf(content) for content in claimed] == [[]] * len(claimed)


def test_rtf_spells_what_is_not_ascii() -> None:
    assert files.rtf(["é {Œ} \\ ł"]).endswith(rb"\'e9 \{\'8c\} \\ \u322?}")


def test_a_pdf_of_many_lines_has_many_pages() -> None:
    import pypdfium2

    with pypdfium2.PdfDocument(files.pdf([f"ligne {number} (é)" for number in range(100)])) as document:
        assert len(document) == 3
        assert "ligne 99 (é)" in document[2].get_textpage().get_text_range()
