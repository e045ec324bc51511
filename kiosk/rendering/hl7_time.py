"""HL7 timestamps as people read them."""

import re

_TIMESTAMP = re.compile(r"(\d{4})(\d{2})?(\d{2})?(?:(\d{2})(\d{2})(\d{2})?)?(?:\.\d+)?([+-]\d{2,4})?")


def readable(timestamp: str | None) -> str:
    """`'20260321091500+0100'` → `'21/03/2026 09:15'`, `'202603'` → `'03/2026'`. What is no date stays as it is.

    The hour is the producer's own, never converted (EX_3.2-1090).
    """
    found = _TIMESTAMP.fullmatch((timestamp or "").strip())
    if found is None:
        return (timestamp or "").strip()
    year, month, day, hour, minute = found.group(1, 2, 3, 4, 5)
    date = "/".join(part for part in (day, month, year) if part)
    return f"{date} {hour}:{minute}" if hour and day else date


def sortable(timestamp: str) -> str:
    """The digits alone, so that texts compare as moments of one place do."""
    return re.sub(r"\D.*", "", timestamp).ljust(14, "0")
