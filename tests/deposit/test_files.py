"""Files as people bring them: told by their content, refused with a cause and a next step, converted on request."""

import io
import struct
from contextlib import suppress

import pypdfium2 as pdfium
import pytest
from fpdf import FPDF
from hypothesis import example, given, settings
from hypothesis import strategies as st
from PIL import Image
from verapdf import Judge

from kiosk.deposit.conversion import to_pdfa
from kiosk.deposit.examination import examine
from kiosk.deposit.files import MAX_BYTES, MAX_PAGES, Conversion, Examined
from kiosk.dmp.deposit import BodyFormat
from kiosk.errors import FileUnfit


def plain_pdf(pages: int = 1, text: str = "Bonjour", **options: object) -> bytes:
    """A PDF that claims nothing."""
    document = FPDF()
    for name, value in options.items():
        getattr(document, name)(**value)  # type: ignore[arg-type]
    document.set_font("helvetica")
    for _ in range(pages):
        document.add_page()
        document.cell(text=text)
    return bytes(document.output())


def picture(kind: str, mode: str = "RGB", frames: int = 1, size: tuple[int, int] = (120, 80)) -> bytes:
    written = io.BytesIO()
    first, *others = [Image.new(mode, size) for _ in range(frames)]
    options = {"save_all": True, "append_images": others} if others else {}
    first.save(written, kind, **options)
    return written.getvalue()


def refused(content: bytes) -> FileUnfit:
    with pytest.raises(FileUnfit) as raised:
        examine(content)
    assert raised.value.cause != FileUnfit.cause
    assert raised.value.todo != FileUnfit.todo
    return raised.value


@pytest.mark.parametrize("content", [b"", b" \r\n\t", b"\n" * 100])
def test_ex_gen_1060_an_empty_file_is_refused(content: bytes) -> None:
    assert refused(content).detail == "empty"


def test_a_file_that_is_too_large_is_refused_with_its_size() -> None:
    error = refused(b"%PDF-1.4" + bytes(MAX_BYTES))
    assert "50 Mo" in error.cause


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (picture("JPEG"), BodyFormat.JPEG),
        (picture("TIFF"), BodyFormat.TIFF),
        (picture("TIFF", "1", frames=3), BodyFormat.TIFF),
        (rb"{\rtf1\ansi Bonjour \'e9 \{ \}}", BodyFormat.RTF),
        (rb"{\rtf1 \\\{ \\{\b \\}}", BodyFormat.RTF),
        (b"Compte rendu : tout va bien.\n", BodyFormat.TEXT),
        ("Été\n".encode("cp1252"), BodyFormat.TEXT),
        ("Été".encode("utf-16"), BodyFormat.TEXT),
        (b'<?xml version="1.0"?><ClinicalDocument xmlns="urn:hl7-org:v3"/>', None),
        (b'\xef\xbb\xbf<h:ClinicalDocument xmlns:h="urn:hl7-org:v3"/>', None),
    ],
)
def test_the_content_tells_what_a_file_is(content: bytes, expected: BodyFormat | None) -> None:
    examined = examine(content)
    assert examined.format is expected
    assert examined.obstacle == ""
    assert examined.is_cda is (expected is None)


def test_a_text_goes_out_as_utf_8() -> None:
    assert examine("Été à l'œil".encode("cp1252")).content == "Été à l'œil".encode()
    assert examine("Été".encode("utf-16")).content == "Été".encode()
    assert examine(b"\xef\xbb\xbf" + "Été".encode()).content == "Été".encode()


@pytest.mark.parametrize(
    "content",
    [
        b"\x7fELF\x02\x01\x01\x00",
        b"PK\x03\x04word/document.xml\x00\x00",
        b"\x89PNG\r\n\x1a\n\x00\x00",
        b"GIF89a\x00\x01",
        b"<html><body>Bonjour</body></html>",
        b"<?xml version='1.0'?><other/>",
        b"%!PS-Adobe-3.0\x00",
        b"\xff\xd8\xff\xe0 cut",
        picture("JPEG", size=(400, 400))[:500],
        picture("TIFF", size=(400, 400))[:200],
        rb"{\rtf1 never closed",
        rb"{\rtf1}}",
        rb"{\rtf1 \}",
        rb"{\rtf1 \\\}",
        rb"{\rtf1}}{",
        b"%PDF-1.4\nnothing follows",
    ],
)
def test_other_and_damaged_files_are_refused(content: bytes) -> None:
    refused(content)


def test_a_pdf_that_claims_nothing_is_told_and_can_be_converted() -> None:
    examined = examine(plain_pdf(pages=2))
    assert examined.format is BodyFormat.PDF
    assert examined.pages == 2
    assert "PDF/A-1" in examined.obstacle
    assert examined.conversion is Conversion.PAGES


def test_an_encrypted_pdf_is_refused() -> None:
    locked = plain_pdf(set_encryption={"owner_password": "o", "user_password": "u"})
    assert refused(locked).detail == "encrypted"
    readable = plain_pdf(set_encryption={"owner_password": "o"})
    assert refused(readable).detail == "encrypted"


def test_a_pdf_a_of_another_part_is_not_part_one() -> None:
    made = to_pdfa(examine(b"Bonjour"), "Titre").replace(b"<pdfaid:part>1", b"<pdfaid:part>2")
    examined = examine(made)
    assert "PDF/A-1" in examined.obstacle
    assert examined.conversion is Conversion.PAGES


def test_too_many_pages() -> None:
    assert refused(plain_pdf(pages=MAX_PAGES + 1)).detail == "too many pages"


def test_a_picture_of_too_many_points() -> None:
    bomb = picture("TIFF", "1", size=(8_000, 8_000))
    assert refused(bomb).detail == "too many pixels"


@pytest.mark.xdist_group("verapdf")
@pytest.mark.parametrize(
    ("content", "pages"),
    [
        (
            ("Compte rendu\n\n" + "Été, œil, 37 °C, € — ligne assez longue pour être coupée. " * 20).encode(),
            1,
        ),
        (b"ligne\n" * 200, 4),
        (picture("JPEG"), 1),
        (picture("JPEG", "L", size=(800, 1200)), 1),
        (picture("JPEG", "CMYK"), 1),
        (picture("TIFF", "1", frames=3), 3),
        (picture("TIFF", "RGBA"), 1),
        (picture("TIFF", "P"), 1),
        (plain_pdf(pages=2), 2),
    ],
)
def test_what_is_converted_is_valid_pdf_a_1b(content: bytes, pages: int, verapdf: Judge) -> None:
    made = to_pdfa(examine(content), "Compte rendu <é> & suite")
    assert verapdf(made) == []
    again = examine(made)
    assert (again.obstacle, again.conversion, again.pages) == ("", None, pages)


def test_a_converted_text_keeps_its_words() -> None:
    made = to_pdfa(examine("Température 37 °C\nœdème, « guillemets »\x0c".encode()), "Titre")
    with pdfium.PdfDocument(made) as document:
        page = document[0]
        text = page.get_textpage()
        found = text.get_text_bounded()
        text.close()
        page.close()
    assert "Température 37 °C" in found
    assert "œdème, « guillemets »" in found


def test_a_photo_is_turned_upright_and_loses_its_metadata() -> None:
    written = io.BytesIO()
    exif = Image.Exif()
    exif[0x0112] = 6  # turned a quarter
    exif[0x013B] = "CAMILLE GIRAUD"
    Image.new("RGB", (300, 200)).save(written, "JPEG", exif=exif, comment="CAMILLE")
    assert b"CAMILLE" in written.getvalue()
    made = to_pdfa(examine(written.getvalue()), "Photo")
    assert b"CAMILLE" not in made
    with pdfium.PdfDocument(made) as document:
        width, height = document.get_page_size(0)
    assert height > width


@pytest.mark.parametrize(
    ("mode", "points"),
    [
        ("I;16", struct.pack("<3H", 0, 32_896, 65_535)),
        ("I;16", struct.pack("<3H", 0, 2_056, 4_095)),  # 12 bits, as detectors give them
        ("I", struct.pack("=3i", 0, 128, 255)),
        ("F", struct.pack("=3f", 0, 0.5, 1)),
    ],
)
def test_a_picture_of_many_greys_keeps_them(mode: str, points: bytes) -> None:
    written = io.BytesIO()
    Image.frombytes(mode, (3, 1), points).resize((300, 100), Image.Resampling.NEAREST).save(written, "TIFF")
    with pdfium.PdfDocument(to_pdfa(examine(written.getvalue()), "Radio")) as document:
        page = document[0]
        shown = page.render().to_pil().convert("L")
        page.close()
    middle = shown.height // 2
    dark, grey, light = (shown.getpixel((shown.width * part // 6, middle)) for part in (1, 3, 5))
    assert (dark < 8, 120 < grey < 136, light > 247) == (True, True, True)


@pytest.mark.parametrize("text", [b"ligne\n" * 30_000, b"mot " * 2_000_000], ids=["lines", "one line"])
def test_a_text_too_long_to_be_converted(text: bytes) -> None:
    with pytest.raises(FileUnfit) as raised:
        to_pdfa(examine(text), "Titre")
    assert "500 pages" in raised.value.cause


def test_a_document_too_heavy_once_converted() -> None:
    noise = Image.effect_noise((1240, 1754), 200)
    document = FPDF()
    for _ in range(45):
        document.add_page()
        document.image(noise, 0, 0, 210, 297)
    with pytest.raises(FileUnfit) as raised:
        to_pdfa(examine(bytes(document.output())), "Titre")
    assert "50 Mo" in raised.value.cause


def test_a_conversion_is_only_made_of_what_can_be_converted() -> None:
    with pytest.raises(ValueError, match="nothing to convert"):
        to_pdfa(examine(to_pdfa(examine(b"Bonjour"), "Titre")), "Titre")


SAMPLES = [plain_pdf(), picture("JPEG"), picture("TIFF"), rb"{\rtf1 x}", b"<ClinicalDocument/>", b"text"]


@settings(max_examples=150, deadline=None)
@given(st.data())
def test_any_bytes_are_examined_or_refused(data: st.DataObject) -> None:
    mutated = bytearray(data.draw(st.sampled_from(SAMPLES)))
    for _ in range(data.draw(st.integers(0, 4))):
        start = data.draw(st.integers(0, len(mutated)))
        mutated[start : start + data.draw(st.integers(0, 40))] = data.draw(st.binary(max_size=8))
    with suppress(FileUnfit):
        assert isinstance(examine(bytes(mutated)), Examined)


@settings(max_examples=150, deadline=None)
@given(st.text(max_size=60))
@example("a\x0cb\x1b[2J")
@example("\u202e\u200bé\U0001f600")
def test_any_text_is_drawn_or_refused(text: str) -> None:
    with suppress(FileUnfit):
        examined = examine(b"texte " + text.encode())
        if examined.conversion is Conversion.TEXT:
            assert to_pdfa(examined, text).startswith(b"%PDF-1.")
