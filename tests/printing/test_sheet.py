"""The patient's sheets, read back by tools that did not make them: veraPDF, PDFium, fontTools."""

import re
import string
import subprocess
import sys
import traceback
import unicodedata
import zlib
from dataclasses import replace
from pathlib import Path

import pypdfium2 as pdfium
import pytest
from fontTools.ttLib import TTFont
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree
from sheet_contents import LOGIN, PASSWORD, PATIENT, a_receipt, a_sheet

from kiosk.errors import PrinterError
from kiosk.printing.code128 import modules
from kiosk.printing.model import SheetPatient
from kiosk.printing.page import Page
from kiosk.printing.sheet import CUT, creation_receipt, secrets_sheet
from kiosk.printing.spelling import spelled
from kiosk.secret import Secret

FRENCH = "ÀÂÄÆÇÉÈÊËÎÏÔÖŒÙÛÜŸàâäæçéèêëîïôöœùûüÿ«»’€"
POINT = 72 / 25.4
PAGE_HEIGHT = 297 * POINT


def words(document: bytes | bytearray, top: float = 0, bottom: float = 297) -> str:
    """Text between two heights in millimetres from the top, as PDFium extracts it."""
    with pdfium.PdfDocument(bytes(document)) as pdf:
        assert len(pdf) == 1
        page = pdf[0]
        text = page.get_textpage()
        found = text.get_text_bounded(
            left=0, right=210 * POINT, top=PAGE_HEIGHT - top * POINT, bottom=PAGE_HEIGHT - bottom * POINT
        )
        text.close()
        page.close()
        return found.replace("\x02", "-")  # PDFium's mark for a hyphen at the end of a line


def tight(text: str) -> str:
    """Without white space: line ends and gaps between groups are layout."""
    return "".join(text.split())


def letters_outside_the_margins(document: bytes | bytearray) -> list[str]:
    with pdfium.PdfDocument(bytes(document)) as pdf:
        page = pdf[0]
        text = page.get_textpage()
        outside = []
        for i in range(text.count_chars()):
            left, bottom, right, top = text.get_charbox(i)
            if left < 5 * POINT or right > 205 * POINT or bottom < 3 * POINT or top > PAGE_HEIGHT - 3 * POINT:
                outside.append(text.get_text_range(i, 1))
        text.close()
        page.close()
        return [letter for letter in outside if letter.strip()]


def streams(document: bytes | bytearray) -> list[bytes]:
    """Every stream of the file, decompressed."""
    found = []
    for match in re.finditer(rb"stream\r?\n(.*?)\r?\nendstream", bytes(document), re.DOTALL):
        try:
            found.append(zlib.decompress(match[1]))
        except zlib.error:
            found.append(match[1])
    return found


@pytest.mark.xdist_group("verapdf")
@pytest.mark.parametrize("kind", ["secrets", "secrets, real", "receipt"])
def test_the_sheet_is_valid_pdf_a_1b(kind, verapdf):
    document = {
        "secrets": lambda: secrets_sheet(a_sheet()),
        "secrets, real": lambda: secrets_sheet(a_sheet(simulation=False, renewed=True)),
        "receipt": lambda: creation_receipt(a_receipt(patient=replace(PATIENT, given_name=FRENCH))),
    }[kind]()
    assert verapdf(document) == []


def test_ex_1_5_1031_part_one_has_all_but_the_password():
    part_one = words(secrets_sheet(a_sheet()), 0, CUT)
    flat = tight(part_one)
    assert LOGIN in flat
    assert tight("p minuscule, z minuscule, r minuscule, v minuscule, chiffre 2") in flat
    assert PASSWORD not in flat
    assert tight(spelled(PASSWORD)) not in flat
    for line in (
        "ŒUVRARD Simone",
        "Nom de naissance : D'ÉTRÉVILLE",
        "14/02/1947",
        "0833 9104 6123 4567 8901 23",
        "dmp.example.org",
        "Remis le 21/11/2025 à 10 h 42 par Dr Noël BŒUF-LEROY, CENTRE HOSPITALIER DE FICTION.",
        "Une question ? 01 99 00 00 00, du lundi au vendredi, de 8 h 30 à 17 h 30.",
        "K7F3A-92",
    ):
        assert tight(line) in flat
    assert all(f"{step}." in part_one for step in (1, 2, 3))


def test_ex_1_5_1031_part_two_has_the_password_alone():
    flat = tight(words(secrets_sheet(a_sheet()), CUT, 297))
    assert PASSWORD in flat
    assert (
        tight("chiffre 9, i minuscule, chiffre 7, x minuscule, R majuscule, T majuscule, E majuscule") in flat
    )
    assert "deux-points" in flat
    assert tight("Patient : S. Œ.") in flat
    assert LOGIN not in flat
    for private in ("UVRARD", "TRÉVILLE", "Simone", "1947", "0833", PATIENT.insc):
        assert private not in flat


def test_ex_1_5_1032_new_codes_say_that_the_old_ones_are_dead():
    assert "anciens" in words(secrets_sheet(a_sheet(renewed=True)))
    assert "anciens" not in words(secrets_sheet(a_sheet()))


def test_an_exercise_says_so_on_each_part():
    exercise, real = secrets_sheet(a_sheet()), secrets_sheet(a_sheet(simulation=False))
    for top, bottom in ((60, CUT), (CUT, 297)):
        assert "SIMULATION" in tight(words(exercise, top, bottom))
        assert "SIMULATION" not in tight(words(real, top, bottom))
    assert "SIMULATION" in tight(words(creation_receipt(a_receipt())))
    assert "SIMULATION" not in tight(words(creation_receipt(a_receipt(simulation=False))))


def test_ex_1_x_1320_the_receipt_says_who_what_when_and_the_choices():
    flat = tight(words(creation_receipt(a_receipt(opposed_to_regulation=True))))
    for line in ("ŒUVRARD Simone", "créé avec votre accord le 21/11/2025 à 10 h 42", "Dr Noël BŒUF-LEROY"):
        assert tight(line) in flat
    assert tight("en cas d’urgence par un médecin : oui") in flat
    assert tight("le SAMU quand on l’appelle pour vous : non") in flat
    assert tight("a été rouvert") in tight(words(creation_receipt(a_receipt(reactivated=True))))


def test_a_missing_birth_name_leaves_no_empty_line():
    assert "naissance :" in words(secrets_sheet(a_sheet()))
    bare = words(secrets_sheet(a_sheet(patient=replace(PATIENT, birth_name="", given_name=""))))
    assert "Nom de naissance" not in bare
    assert tight("Patient : Œ.") in tight(bare)


def test_every_french_letter_is_drawn():
    for face in ("DejaVuSans.ttf", "DejaVuSans-Bold.ttf"):
        font = TTFont(Path(sys.modules["kiosk.printing"].__path__[0]) / "fonts" / face)
        names, glyphs = font.getBestCmap(), font["glyf"]
        for letter in FRENCH:
            assert names[ord(letter)] != ".notdef"
            assert glyphs[names[ord(letter)]].numberOfContours != 0
    assert FRENCH in words(creation_receipt(a_receipt(patient=replace(PATIENT, given_name=FRENCH))))


def test_a_letter_the_font_lacks_is_marked_and_not_lost(caplog):
    text = words(creation_receipt(a_receipt(patient=replace(PATIENT, usual_name="AB\N{CUNEIFORM SIGN A}CD"))))
    assert "AB\N{REPLACEMENT CHARACTER}CD" in text
    assert caplog.text == ""


def test_a_surname_of_eighty_characters_fits():
    name = "DE LA ROCHEFOUCAULD-MONTMORENCY D'ÉTRÉVILLE-SAINT-ŒUVRARD VAN DER WESTHUIZEN-LEG"
    assert len(name) == 80
    document = secrets_sheet(a_sheet(patient=replace(PATIENT, usual_name=name, birth_name=f"É{name[1:]}")))
    assert tight(name) in tight(words(document, 0, CUT))
    assert tight(f"É{name[1:]}") in tight(words(document, 0, CUT))
    unbroken = secrets_sheet(a_sheet(patient=replace(PATIENT, usual_name="W" * 80)))
    assert "W" * 80 in tight(words(unbroken, 0, CUT))
    assert letters_outside_the_margins(document) == letters_outside_the_margins(unbroken) == []


LATIN = st.text(
    st.characters(
        categories=["Lu", "Ll", "Lo"],
        max_codepoint=0x17F,
        include_characters=" '-’",
        exclude_characters="ĳĲŉ",
    ),
    max_size=80,
)


@settings(max_examples=25, deadline=None)
@given(usual=LATIN.filter(str.strip), given_name=LATIN, birth_name=LATIN, long=st.text(max_size=400))
def test_any_name_is_printed_whole_inside_the_sheet(usual, given_name, birth_name, long):
    usual, given_name, birth_name = (unicodedata.normalize("NFC", n) for n in (usual, given_name, birth_name))
    patient = SheetPatient(usual, birth_name, given_name, "19620000", PATIENT.insc)
    document = secrets_sheet(a_sheet(patient=patient, support=long, site_address=long or "x"))
    part_one = tight(words(document, 0, CUT))
    assert tight(usual + given_name) in part_one
    if tight(birth_name) != tight(usual):
        assert tight(birth_name) in part_one
    assert LOGIN in part_one
    plain = secrets_sheet(a_sheet(patient=patient))
    assert words(document, CUT, 297) == words(plain, CUT, 297)  # nothing of part one runs over the cut
    assert letters_outside_the_margins(document) == []


CODES = st.text(
    st.sampled_from(string.ascii_letters + string.digits + string.punctuation), min_size=4, max_size=32
)


@settings(max_examples=25, deadline=None)
@given(login=CODES, password=CODES)
def test_any_code_is_printed_as_it_is_on_its_own_part(login, password):
    document = secrets_sheet(a_sheet(login=Secret(login), password=Secret(password), simulation=False))
    assert login in tight(words(document, 97, 122))
    assert password in tight(words(document, CUT + 39, CUT + 55))
    assert letters_outside_the_margins(document) == []


def test_a_code_that_looks_like_a_page_count_stays_a_code():
    assert "ab{nb}cd" in tight(words(secrets_sheet(a_sheet(password=Secret("ab{nb}cd"))), CUT, 297))


def test_secrets_are_nowhere_but_in_the_page():
    document = bytes(secrets_sheet(a_sheet(number="Q")))
    for secret in (LOGIN, PASSWORD, "UVRARD", PATIENT.insc):
        for form in (
            secret.encode(),
            secret.encode("utf-16-be"),
            secret.encode("utf-16-le"),
            secret.encode().hex().encode(),
            secret.encode("utf-16-be").hex().upper().encode(),
        ):
            assert all(form not in part for part in (document, *streams(document)))


def test_metadata_says_the_kind_of_sheet_and_nothing_else():
    document = bytes(secrets_sheet(a_sheet()))
    metadata = next(part for part in streams(document) if b"xmpmeta" in part)
    packet = etree.fromstring(metadata[metadata.index(b"<x:xmpmeta") : metadata.rindex(b"<?xpacket")])
    assert [text.strip() for text in packet.itertext() if text.strip()] == [
        "1",
        "B",
        "Document des secrets du patient",
    ]
    for key in (
        b"/Author",
        b"/Producer",
        b"/Creator",
        b"/CreationDate",
        b"/ModDate",
        b"/EmbeddedFile",
        b"/AcroForm",
    ):
        assert key not in document  # no /AcroForm: EX_1.5-1080, nobody edits it
    assert b"/Info " not in document[document.rindex(b"trailer") :]


def test_the_file_identifier_is_there_and_is_no_hash_of_the_secrets():
    """ISO 19005-1 6.1.3 asks for one."""

    def identifier(**changed: object) -> bytes:
        document = bytes(secrets_sheet(a_sheet(**changed)))
        found = re.search(rb"/ID \[(<[0-9A-F]{32}>)\1\]", document[document.rindex(b"trailer") :])
        assert found
        return found[1]

    assert identifier() == identifier(password=Secret("abcdefgh"), login=Secret("abcd1234"))
    assert identifier() != identifier(number="K7F3A-94")


def test_two_sheets_of_the_same_content_are_the_same_bytes():
    assert secrets_sheet(a_sheet()) == secrets_sheet(a_sheet())


@pytest.mark.parametrize("unprintable", ["9i7x\x07RTE", "9i7xRTE\N{CUNEIFORM SIGN A}", "9i7x\u200bRTE"])
def test_a_code_that_cannot_be_printed_is_never_quoted(unprintable, caplog):
    with pytest.raises(PrinterError) as failure:
        secrets_sheet(a_sheet(password=Secret(unprintable)))
    told = "".join(traceback.format_exception(failure.value)) + failure.value.what + failure.value.detail
    assert "9i7x" not in told
    assert "RTE" not in told
    assert failure.value.__context__ is None
    assert caplog.text == ""


@pytest.mark.parametrize("finished", [True, False])
def test_what_was_drawn_is_wiped_on_leaving(finished):
    with Page() as page:
        page.code(20, 20, PASSWORD, 30, 100)
        drawn = page._pdf.pages[1].contents
        assert any(drawn)
        if finished:
            page.finish()
    assert not any(drawn)


def test_the_caller_can_wipe_the_document_and_reprs_are_mute():
    content = a_sheet()
    document = secrets_sheet(content)
    assert isinstance(document, bytearray)
    document[:] = bytes(len(document))
    for private in (LOGIN, PASSWORD, "UVRARD", PATIENT.insc):
        assert private not in repr(content) + repr(content.patient)


def test_the_bar_code_of_the_insc_is_what_another_encoder_draws():
    """Vectors drawn by the encoder of zxing-cpp, one module a character."""
    assert modules("0833910461234567890123") == (
        "110100111001000110010010100011000111101101101001000110011001000010111011011101011101100010000101100110"
        "110111101100110110011101101110101110110001100011101011"
    )
    assert modules("99989796959493929190") == (
        "1101001110010111011110111101000101111010100010111100010101111010001000101111010100011110101011110001111"
        "011011011011110110101100001001100011101011"
    )


@given(st.text().filter(lambda text: not (text.isascii() and text.isdigit() and len(text) % 2 == 0)))
def test_only_pairs_of_digits_make_a_bar_code(text):
    with pytest.raises(ValueError, match="pairs of digits"):
        modules(text)


@given(st.text(st.sampled_from(string.printable[:95]), min_size=1, max_size=20))
def test_spelling_tells_every_character_from_every_other(code):
    parts = spelled(code).split(", ")
    assert len(parts) == len(code)
    assert len(set(parts)) == len(set(code))


def test_the_network_client_does_not_load_the_layout():
    heavy = "fpdf segno PIL fontTools"
    program = (
        "import sys, kiosk.printing.printer, kiosk.printing.model\n"
        f"print([name for name in '{heavy}'.split() if name in sys.modules])"
    )
    run = subprocess.run(
        [sys.executable, "-B", "-c", program], capture_output=True, text=True, check=True, timeout=60
    )
    assert run.stdout.strip() == "[]"
