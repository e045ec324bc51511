"""Files of every other format, made in memory."""

import io
import struct
from pathlib import Path

from fpdf import FPDF
from PIL import Image, ImageDraw

import kiosk.printing

_FONT = Path(kiosk.printing.__file__).parent / "fonts" / "DejaVuSans.ttf"


def pdf(*pages: str, password: str = "") -> bytes:
    """A page for each text; an empty text is a page that is only a drawing."""
    document = FPDF()
    document.add_font("sans", "", _FONT)
    if password:
        document.set_encryption("owner", password)
    for text in pages:
        document.add_page()
        document.set_font("sans", size=12)
        if text:
            document.multi_cell(0, 6, text)
        document.set_fill_color(200, 0, 0)
        document.rect(20, 150, 170, 100, style="F")
    return bytes(document.output())


def image(kind: str = "JPEG", size: tuple[int, int] = (400, 600), *, mode: str = "RGB") -> bytes:
    """Left half dark, right half white."""
    picture = Image.new(mode, size, "white")
    ImageDraw.Draw(picture).rectangle((0, 0, size[0] // 2 - 1, size[1]), fill="black")
    file = io.BytesIO()
    picture.save(file, kind, compression="group4" if kind == "TIFF" and mode == "1" else None)
    return file.getvalue()


def tiff(frames: int, size: tuple[int, int] = (64, 96)) -> bytes:
    """Fax pages, as scanners make them."""
    pages = [Image.new("1", size, 1) for _ in range(frames)]
    file = io.BytesIO()
    pages[0].save(file, "TIFF", compression="group4", save_all=True, append_images=pages[1:])
    return file.getvalue()


def dicom(**elements: str) -> bytes:
    """An explicit little endian object with a few elements by keyword."""
    tags = {
        "StudyDate": (0x0008, 0x0020, b"DA"),
        "Modality": (0x0008, 0x0060, b"CS"),
        "InstitutionName": (0x0008, 0x0080, b"LO"),
        "StudyDescription": (0x0008, 0x1030, b"LO"),
        "PatientName": (0x0010, 0x0010, b"PN"),
    }
    found = b""
    for name, value in elements.items():
        group, element, kind = tags[name]
        data = value.encode("latin-1")
        data += b" " * (len(data) % 2)
        found += struct.pack("<HH2sH", group, element, kind, len(data)) + data
    return bytes(128) + b"DICM" + found
