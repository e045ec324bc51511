"""Text hygiene: what comes from a card, a server or a file is cleaned once, where it is parsed.

A title may hold an escape sequence that talks to the terminal, a bidirectional override that turns a name
round, or markup. `clean` leaves none of them, and leaves a mark so that the tampering stays visible.
"""

import re
import unicodedata

REPLACEMENT = "\N{REPLACEMENT CHARACTER}"

_UNSAFE = re.compile(
    "[\x00-\x1f\x7f-\x9f"  # C0, DEL, C1
    "\u00ad\u034f\u061c\u180e"  # soft hyphen, joiners and marks nobody sees
    "\u200b-\u200f\u2028-\u202e\u2060-\u206f"  # zero width, line separators, bidirectional controls
    "\ufe00-\ufe0f\ufeff\ufff9-\ufffb"  # variation selectors, BOM, interlinear
    "\ud800-\udfff"  # lone surrogates
    "\U000e0000-\U000e007f]"  # tags
)
_SPACES = re.compile(r"\s+")


def clean(value: str | None, limit: int = 500) -> str:
    """One line of safe text: NFC, white space folded, controls shown as U+FFFD, at most `limit` characters."""
    if not value:
        return ""
    folded = _SPACES.sub(" ", value[: 4 * limit]).strip()
    text = _UNSAFE.sub(REPLACEMENT, unicodedata.normalize("NFC", folded))
    return text if len(text) <= limit else text[: limit - 1] + "…"


def clean_lines(value: str | None, limit: int = 100_000) -> str:
    """The same for several lines: line feeds stay, tabs become spaces."""
    if not value:
        return ""
    lines = value[:limit].replace("\r\n", "\n").replace("\r", "\n").replace("\t", "    ").split("\n")
    return "\n".join(_UNSAFE.sub(REPLACEMENT, unicodedata.normalize("NFC", line)) for line in lines)


def folded(text: str) -> str:
    """Lower case, no accents, punctuation as spaces: what was typed and what is written meet there."""
    letters = unicodedata.normalize("NFKD", text.replace("œ", "oe").replace("Œ", "OE")).casefold()
    return "".join(
        letter if letter.isalnum() else " " for letter in letters if not unicodedata.combining(letter)
    )


def grouped(digits: str, size: int = 4) -> str:
    """An identifier in groups for reading aloud: `'0833910461…'` → `'0833 9104 61…'`."""
    return " ".join(digits[i : i + size] for i in range(0, len(digits), size))


def card_birth_date(value: str) -> str:
    """A card's birth date as people read it: AAAAMMJJ, or AAMMJJ when the card keeps the century to itself.

    Lunar dates are shown as they are: `'19550600'` → `'00/06/1955'`, `'250312'` → `'12/03/25'`. What cannot be
    split is shown as it came.
    """
    if len(value) in (6, 8) and value.isdigit():
        return f"{value[-2:]}/{value[-4:-2]}/{value[:-4]}"
    return value or "inconnue"
