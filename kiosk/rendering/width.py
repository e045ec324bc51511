"""How wide text is on a terminal, and where to break it."""

import unicodedata


def cells(text: str) -> int:
    """Columns a text takes on one line."""
    if text.isascii():
        return len(text)
    return sum(_cell(character) for character in text)


def _cell(character: str) -> int:
    if unicodedata.combining(character):
        return 0
    return 2 if unicodedata.east_asian_width(character) in "WF" else 1


def padded(text: str, width: int, *, right: bool = False) -> str:
    """Spaces up to `width`; a text already wider is left as it is."""
    space = " " * max(width - cells(text), 0)
    return space + text if right else text + space


def wrapped(text: str, width: int) -> list[str]:
    """Lines of at most `width` cells, broken between words, in words when one alone is wider.

    Line feeds break; several spaces inside a line stay. An empty text has no line.
    """
    if not text:
        return []
    laid: list[str] = []
    for line in text.split("\n"):
        laid += _broken(line.rstrip(), width)
    return laid


def _broken(line: str, width: int) -> list[str]:
    if cells(line) <= width:
        return [line]
    laid: list[str] = []
    while cells(line) > width:
        end = _fitting(line, width)
        space = line.rfind(" ", 0, end + 1)
        if space > 0 and line[:space].strip():
            laid.append(line[:space].rstrip())
            line = line[space + 1 :].lstrip(" ")
        else:
            laid.append(line[:end])
            line = line[end:]
    if line:
        laid.append(line)
    return laid


def _fitting(line: str, width: int) -> int:
    """How many characters hold in `width` cells; at least one."""
    used = 0
    for place, character in enumerate(line):
        used += _cell(character)
        if used > width:
            return max(place, 1)
    return len(line)
