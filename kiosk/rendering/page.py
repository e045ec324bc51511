"""A document once read: plain values that a screen lays out, and a picture of a page for those that have one.

Nothing here knows where the document came from. Every text is clean (`kiosk.text`).
"""

from dataclasses import dataclass
from enum import Enum


class Kind(Enum):
    """What was found inside, by its content."""

    PDF = "PDF"
    PICTURE = "Image"
    RTF = "Texte enrichi"
    TEXT = "Texte"
    CDA = "Document structuré"
    SUMMARY = "Volet de synthèse médicale"
    BIOLOGY = "Biologie"
    VACCINATION = "Vaccinations"
    PRESCRIPTION = "Prescription"
    DICOM = "Référence d'imagerie"


class Style(Enum):
    """How a run of text stands out. Its words say the same: a style never carries a meaning alone."""

    PLAIN = ""
    STRONG = "strong"
    ABNORMAL = "abnormal"
    MUTED = "muted"


class Align(Enum):
    LEFT = "left"
    RIGHT = "right"


@dataclass(frozen=True, repr=False)
class Span:
    text: str
    style: Style = Style.PLAIN


@dataclass(frozen=True, repr=False)
class Field:
    """One line of the header."""

    label: str
    value: str
    style: Style = Style.PLAIN


@dataclass(frozen=True, repr=False)
class Heading:
    text: str
    level: int = 1
    """1 for a part of the document, 2 and more inside one."""


@dataclass(frozen=True, repr=False)
class Paragraph:
    spans: tuple[Span, ...]
    """May hold line feeds."""
    bullet: str = ""
    """« • », « 1. » … in front of the first line; the others are set under the text."""
    indent: int = 0
    """In cells."""


@dataclass(frozen=True, repr=False)
class Cell:
    text: str
    style: Style = Style.PLAIN


@dataclass(frozen=True, repr=False)
class Column:
    title: str
    align: Align = Align.LEFT


@dataclass(frozen=True, repr=False)
class Table:
    columns: tuple[Column, ...]
    rows: tuple[tuple[Cell, ...], ...]
    """Each as long as `columns`; `ValueError` otherwise."""
    caption: str = ""

    def __post_init__(self) -> None:
        if any(len(row) != len(self.columns) for row in self.rows):
            raise ValueError("rows and columns differ")


@dataclass(frozen=True, repr=False)
class Preformatted:
    """Lines whose spaces count."""

    text: str


@dataclass(frozen=True, repr=False)
class Illustration:
    """Where a picture stands in the text."""

    page: int
    """Index among `Rendered.pages`, or -1 when the picture is absent from the document."""
    label: str


Block = Heading | Paragraph | Table | Preformatted | Illustration


@dataclass(frozen=True, repr=False)
class Result:
    """One figure of a biology report, for tables and curves."""

    code: str
    """LOINC, or the laboratory's own when there is no other; never empty."""
    code_system: str
    name: str
    date: str
    """HL7 timestamp as the report has it: `'20260321091500+0100'`, or shorter."""
    value: str
    """Decimal with a point: `'5.4'`; free text when `number` is None."""
    number: float | None
    unit: str
    low: float | None = None
    high: float | None = None
    bounds: str = ""
    """As people read them: `'3,5 à 5,1'`."""
    interpretation: str = ""
    """`'Élevé'`, `'Bas'`… empty when normal or unsaid."""
    comparator: str = ""
    """`'<'` or `'>'` when the value is a limit."""
    previous: bool = False
    """An earlier result that the report repeats beside its own."""


@dataclass(frozen=True, repr=False)
class Rendered:
    kind: Kind
    title: str
    header: tuple[Field, ...]
    blocks: tuple[Block, ...]
    pages: tuple[str, ...] = ()
    """A label for each page or image that `picture` can draw."""
    warnings: tuple[str, ...] = ()
    """Sentences to read before the document."""
    results: tuple[Result, ...] = ()
    by_patient: bool = False
    """Written or deposited by the patient, not by a professional (EX_3.1-1040)."""


@dataclass(frozen=True, repr=False)
class PagePicture:
    """One page in colours, `width` × `height` pixels, three bytes each, row by row."""

    width: int
    height: int
    rgb: bytes
    page: int
    pages: int
