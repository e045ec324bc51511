"""Files to be wrapped in a CDA: plain text, RTF, PDF, pictures, each made from a few lines."""

import io
import re
from pathlib import Path

from kiosk.training.documents.draft import Patient

_FONT = Path(__file__).parents[2] / "printing" / "fonts" / "DejaVuSans.ttf"
_LINES_A_PAGE = 48
_METADATA_DATE = re.compile(rb'(xmp:(?:Modify|Metadata)Date=")[^"]{25}')


def text(lines: list[str]) -> bytes:
    return "\r\n".join(lines).encode()


def rtf(lines: list[str]) -> bytes:
    """RTF with its own escapes for what is not ASCII."""
    body = "\\par\n".join("".join(_rtf_letter(letter) for letter in line) for line in lines)
    return ("{\\rtf1\\ansi\\ansicpg1252\\deff0{\\fonttbl{\\f0 Helvetica;}}\\f0\\fs22\n" + body + "}").encode(
        "ascii"
    )


def pdf(lines: list[str]) -> bytes:
    """A PDF of a standard font, pages of 48 lines. No PDF/A: the font stays outside."""
    pages = [lines[start : start + _LINES_A_PAGE] for start in range(0, max(1, len(lines)), _LINES_A_PAGE)]
    kids = " ".join(f"{4 + 2 * number} 0 R" for number in range(len(pages)))
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        f"<< /Type /Pages /Kids [{kids}] /Count {len(pages)} >>".encode(),
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>",
    ]
    for number, page in enumerate(pages):
        drawn = b"BT /F1 11 Tf 56 785 Td 15 TL\n" + b"".join(_shown(line) for line in page) + b"ET"
        objects += [
            b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] "
            b"/Resources << /Font << /F1 3 0 R >> >> /Contents %d 0 R >>" % (5 + 2 * number),
            b"<< /Length %d >>\nstream\n%s\nendstream" % (len(drawn), drawn),
        ]
    return _assembled(objects)


def pdf_a(title: str, lines: list[str]) -> bytes:
    """A PDF/A-1b, its font inside, as a hospital sends it."""
    from datetime import UTC, datetime

    from fpdf import FPDF
    from fpdf.enums import DocumentCompliance

    class Letter(FPDF):
        def file_id(self) -> str:
            return "<0f><0f>"

    document = Letter(enforce_compliance=DocumentCompliance.PDFA_1B)
    document.set_creation_date(datetime(2025, 9, 1, tzinfo=UTC))
    document.set_title(title)
    document.set_lang("fr-FR")
    document.add_font("sans", "", _FONT)
    document.add_page()
    document.set_font("sans", size=11)
    for line in lines:
        document.multi_cell(0, 6, line or " ", new_x="LMARGIN", new_y="NEXT")
    # The library dates its metadata from the clock: the same letter must be the same bytes on every day.
    return _METADATA_DATE.sub(rb"\g<1>2025-09-01T00:00:00+00:00", bytes(document.output()))


def jpeg(caption: str) -> bytes:
    """A picture with a caption, as a wound is photographed."""
    from PIL import Image, ImageDraw

    picture = Image.new("RGB", (640, 480), (214, 176, 160))
    draw = ImageDraw.Draw(picture)
    draw.ellipse((220, 140, 430, 330), fill=(150, 60, 60), outline=(90, 30, 30), width=6)
    for step in range(11):
        draw.line((60 + step * 40, 420, 60 + step * 40, 440), fill=(0, 0, 0), width=2)
    draw.line((60, 440, 460, 440), fill=(0, 0, 0), width=2)
    draw.text((60, 450), caption, fill=(0, 0, 0))
    out = io.BytesIO()
    picture.save(out, "JPEG", quality=80)
    return out.getvalue()


def tiff(pages: list[list[str]]) -> bytes:
    """A scan: black and white, several pages."""
    from PIL import Image, ImageDraw

    images = []
    for number, lines in enumerate(pages, 1):
        page = Image.new("1", (827, 1169), 1)
        draw = ImageDraw.Draw(page)
        draw.rectangle((30, 30, 797, 1139), outline=0, width=3)
        for row, line in enumerate(lines):
            draw.text((70, 80 + 26 * row), line, fill=0)
        draw.text((380, 1100), f"page {number}", fill=0)
        images.append(page)
    out = io.BytesIO()
    images[0].save(out, "TIFF", save_all=True, append_images=images[1:], compression="group4", resolution=100)
    return out.getvalue()


def letterhead(patient: Patient, place: str, day: str) -> list[str]:
    """The first lines of every letter."""
    born = patient.birth_date
    birth = f", né(e) le {born[6:]}/{born[4:6]}/{born[:4]}" if len(born) == 8 else ""
    return [place, "", f"Le {day}", "", f"Concerne : {patient.usual_name} {patient.given_name}{birth}", ""]


def _rtf_letter(letter: str) -> str:
    if letter in "\\{}":
        return f"\\{letter}"
    if ord(letter) < 128:
        return letter
    try:
        return f"\\'{letter.encode('cp1252').hex()}"
    except UnicodeEncodeError:
        return f"\\u{ord(letter)}?"


def _shown(line: str) -> bytes:
    plain = line.encode("cp1252", "replace")
    return b"(" + plain.replace(b"\\", b"\\\\").replace(b"(", b"\\(").replace(b")", b"\\)") + b") Tj T*\n"


def _assembled(objects: list[bytes]) -> bytes:
    out = bytearray(b"%PDF-1.4\n%\xe2\xe3\xcf\xd3\n")
    places = []
    for number, one in enumerate(objects, 1):
        places.append(len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (number, one)
    table = len(out)
    out += b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
    out += b"".join(b"%010d 00000 n \n" % place for place in places)
    out += b"trailer\n<< /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % (len(objects) + 1, table)
    return bytes(out)
