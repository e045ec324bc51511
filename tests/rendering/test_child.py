"""Documents read in the confined child: every format, and those that mean harm."""

import base64
import os
import threading
from collections.abc import Iterator
from pathlib import Path

import cda_documents as cda
import document_files as files
import pytest

from kiosk.errors import Cancelled, DocumentFault, DocumentNotShown
from kiosk.rendering.child import Rendering
from kiosk.rendering.layout import header_lines, lines, text_of
from kiosk.rendering.page import Kind, Rendered

ENDLESS = rb"{\rtf1 " + rb"{\field{\*\fldinst{ HYPERLINK " * 40_000 + rb"}"
"""An RTF on which looking for links takes minutes."""


def body(rendered: Rendered, width: int = 80) -> str:
    return "\n".join(map(text_of, lines(rendered, width)))


def fault_of(document: bytes, **options: float) -> DocumentFault:
    with pytest.raises(DocumentNotShown) as refusal:
        Rendering(document, **options).read()
    return refusal.value.fault


@pytest.fixture(autouse=True)
def _no_child_left() -> Iterator[None]:
    yield
    children = Path(f"/proc/{os.getpid()}/task/{os.getpid()}/children").read_text().split()
    assert not [
        pid for pid in children if b"kiosk.rendering.worker" in Path(f"/proc/{pid}/cmdline").read_bytes()
    ]


def test_a_pdf_gives_its_text_and_any_page_as_a_picture() -> None:
    rendering = Rendering(files.pdf("Élève fatigué, œdème du genou", "Conclusion : repos"))
    read = rendering.read()
    assert read.kind is Kind.PDF
    assert "Page 1 sur 2\nÉlève fatigué, œdème du genou" in body(read)
    assert "Page 2 sur 2\nConclusion : repos" in body(read)
    assert read.pages == ("Page 1", "Page 2")
    drawn = rendering.picture(1, 210, 297)
    assert (drawn.width, drawn.height, drawn.page, drawn.pages) == (210, 297, 1, 2)
    middle = 3 * (200 * drawn.width + 100)
    assert drawn.rgb[middle : middle + 3] == bytes((200, 0, 0))
    assert drawn.rgb[:3] == b"\xff\xff\xff"


def test_a_scanned_pdf_says_that_it_has_no_text() -> None:
    read = Rendering(files.pdf("", "")).read()
    assert "ce PDF est une image" in body(read)
    assert "[ Page 2 : image sans texte ]" in body(read)


def test_a_pdf_with_a_password_says_so() -> None:
    assert fault_of(files.pdf("Secret", password="tests")) is DocumentFault.PROTECTED


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "TIFF"])
def test_a_picture_is_drawn_as_it_is(kind: str) -> None:
    rendering = Rendering(files.image(kind))
    assert rendering.read().kind is Kind.PICTURE
    drawn = rendering.picture(0, 40, 1000)
    assert (drawn.width, drawn.height) == (40, 60)
    left, right = drawn.rgb[3 * 40 * 30 + 3 * 5], drawn.rgb[3 * 40 * 30 + 3 * 35]
    assert left < 30
    assert right > 225


def test_a_fax_of_500_pages_opens_and_its_last_page_is_drawn() -> None:
    rendering = Rendering(files.tiff(500))
    assert len(rendering.read().pages) == 500
    assert rendering.picture(499, 32, 48).page == 499


def test_pages_beyond_the_limit_are_said_to_be_missing() -> None:
    read = Rendering(files.tiff(501)).read()
    assert len(read.pages) == 500
    assert "500 premières pages" in body(read)


def test_an_rtf_gives_its_text_and_says_that_pictures_are_left_out() -> None:
    document = rb"{\rtf1\ansi\ansicpg1252{\fonttbl{\f0\fcharset0 Arial;}}\f0 H\'f4pital, s\u339?ur\par Fin{\pict 00}}"
    read = Rendering(document).read()
    assert "Hôpital, sœur\nFin" in body(read)
    assert "images de ce document ne sont pas affichées" in body(read)


@pytest.mark.parametrize(
    "document",
    ["Été à l'hôpital".encode(), "Été à l'hôpital".encode("cp1252"), "Été à l'hôpital".encode("utf-16")],
    ids=["utf-8", "windows", "utf-16"],
)
def test_a_text_is_read_in_its_encoding(document: bytes) -> None:
    assert "Été à l'hôpital" in body(Rendering(document).read())


def test_a_dicom_reference_is_explained() -> None:
    document = files.dicom(StudyDate="20260321", Modality="CT", InstitutionName="HOPITAL DES ESSAIS")
    read = Rendering(cda.carrying(document, "application/dicom", title="Scanner")).read()
    header = "\n".join(map(text_of, header_lines(read.header, 80)))
    assert "il dit où sont les images" in body(read)
    assert "Date de l'examen : 21/03/2026" in header
    assert "HOPITAL DES ESSAIS" in header


CARRIED = {
    "application/pdf": (files.pdf("Texte porté"), "Texte porté"),
    "text/rtf": (rb"{\rtf1\ansi Texte port\'e9}", "Texte porté"),
    "text/plain": ("Texte porté".encode(), "Texte porté"),
    "image/jpeg": (files.image(), "[ Image ]"),
    "image/tiff": (files.tiff(2), "[ Page 2 sur 2 ]"),
}


@pytest.mark.parametrize("media_type", CARRIED)
def test_a_level_1_cda_shows_its_header_and_what_it_carries(media_type: str) -> None:
    document, expected = CARRIED[media_type]
    read = Rendering(cda.carrying(document, media_type, title="Compte rendu")).read()
    header = "\n".join(map(text_of, header_lines(read.header, 80)))
    assert expected in body(read)
    assert "SPECIMEN ALICE ROSE (nom utilisé : EXEMPLE)" in header
    assert read.title == "Compte rendu"


def test_the_announced_media_type_is_not_believed() -> None:
    read = Rendering(cda.carrying(files.pdf("Vrai contenu"), "image/jpeg")).read()
    assert "Vrai contenu" in body(read)


def test_the_pages_a_cda_carries_are_drawn() -> None:
    document = cda.carrying(files.pdf("", ""), "application/pdf")
    assert Rendering(document).picture(1, 100, 100).pages == 2


def test_pictures_inside_a_structured_body_have_their_place() -> None:
    value = '<value mediaType="{}" representation="B64">{}</value>'
    media = '<entry><observationMedia ID="{}">' + value + "</observationMedia></entry>"
    jpeg, pdf = (base64.b64encode(each).decode() for each in (files.image(), files.pdf("", "")))
    section = cda.section(
        "Électrophorèse",
        '<paragraph>Tracé</paragraph><renderMultiMedia referencedObject="m1 m9"/>',
        entries=media.format("m1", "image/jpeg", jpeg) + media.format("m2", "application/pdf", pdf),
    )
    rendering = Rendering(cda.structured(section))
    read = rendering.read()
    assert "Tracé\n\n[ Image jointe 1 ]\n\n[ Image absente du document ]\n\n[ Image jointe 2 ]" in body(read)
    assert read.pages == ("Image jointe 1", "Image jointe 2, page 1 sur 2", "Image jointe 2, page 2 sur 2")
    assert rendering.picture(0, 40, 60).width == 40
    assert rendering.picture(2, 100, 100).page == 1


def test_a_self_presenting_document_is_read_without_its_style_sheet() -> None:
    read = Rendering(cda.self_presenting(cda.summary())).read()
    assert "apporte sa propre mise en page, que la borne n'exécute" in body(read)
    assert "Pénicilline" in body(read)
    assert "FABRIQUÉ" not in body(read)
    assert Path("/etc/hostname").read_text().strip() not in body(read)


def test_a_damaged_body_leaves_the_header() -> None:
    read = Rendering(cda.carrying(b"%PDF-1.4 and nothing of a PDF", "application/pdf", title="Lettre")).read()
    assert "le corps n'a pas pu être lu" in body(read)
    assert any(field.label == "Patient" for field in read.header)


@pytest.mark.parametrize(
    ("body_xml", "said"),
    [
        ("", "n'a pas de corps"),
        ("<structuredBody/>", "n'a pas de corps"),
        ("<nonXMLBody><text mediaType='text/plain'/></nonXMLBody>", "n'a pas de corps"),
        (
            "<nonXMLBody><text><reference value='http://ailleurs.example'/></text></nonXMLBody>",
            "qu'une adresse",
        ),
    ],
)
def test_a_cda_without_body_shows_its_header(body_xml: str, said: str) -> None:
    read = Rendering(cda.cda(body_xml)).read()
    assert said in body(read)
    assert any(field.value.startswith("SPECIMEN") for field in read.header)


LAUGHS = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 12))


@pytest.mark.parametrize(
    ("document", "fault"),
    [
        (b"", DocumentFault.EMPTY),
        (b" \n", DocumentFault.EMPTY),
        (b"%PDF-1.7 no", DocumentFault.DAMAGED),
        (files.pdf("cut")[:300], DocumentFault.DAMAGED),
        (files.image()[:200], DocumentFault.DAMAGED),
        (b"\x00\x01\x02\x03", DocumentFault.UNKNOWN_FORMAT),
        (b"PK\x03\x04\x00\x00", DocumentFault.UNKNOWN_FORMAT),
        (b"<html><p>Bonjour</p></html>", DocumentFault.UNKNOWN_FORMAT),
        (b"<ClinicalDocument", DocumentFault.DAMAGED),
        (f'<!DOCTYPE a [<!ENTITY l0 "lol">{LAUGHS}]><a>&l11;</a>'.encode(), DocumentFault.DAMAGED),
        (b'<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/hostname">]><a>&x;</a>', DocumentFault.DAMAGED),
        ('<!DOCTYPE a [<!ENTITY x "y">]><a>&x;</a>'.encode("utf-16"), DocumentFault.DAMAGED),
        (b'<!DOCTYPE a SYSTEM "http://127.0.0.1:9/a.dtd"><a/>', DocumentFault.DAMAGED),
        (b"{\\rtf1 }", DocumentFault.EMPTY),
        (bytes(65_000_000), DocumentFault.TOO_LARGE),
    ],
    ids=lambda value: getattr(value, "value", None) or repr(value)[:30],
)
def test_a_document_that_is_not_one_costs_a_message(document: bytes, fault: DocumentFault) -> None:
    assert fault_of(document) is fault


def test_a_picture_cut_short_is_not_drawn_half() -> None:
    with pytest.raises(DocumentNotShown) as refusal:
        Rendering(files.image()[:-500]).picture(0, 10, 10)
    assert refusal.value.fault is DocumentFault.DAMAGED


def test_a_picture_of_too_many_points_is_refused_before_it_is_decoded() -> None:
    assert fault_of(files.image("PNG", (10_000, 10_000), mode="1")) is DocumentFault.TOO_HEAVY


def test_a_document_that_eats_memory_kills_only_its_child() -> None:
    elements = b"<a>" + b"<b/>" * 12_000_000 + b"</a>"
    assert fault_of(elements) is not DocumentFault.TOO_SLOW


def test_a_document_that_takes_for_ever_is_ended() -> None:
    assert fault_of(ENDLESS, deadline=1.0) is DocumentFault.TOO_SLOW


def test_escape_gives_up_a_document_that_takes_for_ever() -> None:
    rendering = Rendering(ENDLESS)
    outcome: list[BaseException] = []

    def read() -> None:
        try:
            rendering.read()
        except Cancelled as given_up:
            outcome.append(given_up)

    reading = threading.Thread(target=read)
    reading.start()
    rendering.cancel()
    reading.join(10)
    assert [type(each) for each in outcome] == [Cancelled]
    with pytest.raises(Cancelled):
        rendering.read()


def test_a_child_that_dies_is_reported() -> None:
    """The kernel's killer, or a fault in a C library: the same from here."""
    rendering = Rendering(ENDLESS)
    outcome: list[DocumentFault] = []

    def read() -> None:
        try:
            rendering.read()
        except DocumentNotShown as refusal:
            outcome.append(refusal.fault)

    reading = threading.Thread(target=read)
    reading.start()
    process = None
    while process is None:
        process = rendering._process
    process.kill()
    reading.join(10)
    assert outcome == [DocumentFault.CRASHED]


def test_a_document_of_50_megabytes_opens() -> None:
    text = ("Une ligne de compte rendu, et encore une.\n" * 1_200_000).encode()
    read = Rendering(text).read()
    assert "sa fin n'est pas affichée" in body(read)
    heavy = cda.carrying(files.pdf("Lourd") + b"\n%" + b"0" * 34_000_000, "application/pdf")
    assert 45_000_000 < len(heavy) < 50_000_000
    assert "Lourd" in body(Rendering(heavy).read())


def test_nothing_of_the_document_is_in_its_repr_or_in_the_command_line() -> None:
    rendering = Rendering(cda.summary())
    read = rendering.read()
    for value in (rendering, read, read.blocks[0], read.header[0]):
        assert "SPECIMEN" not in repr(value)
        assert "Pénicilline" not in repr(value)
