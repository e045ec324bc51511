"""Every theme can be read: on two colours, on sixteen, under NO_COLOR, and by tired eyes."""

import pytest
from pseudo_terminal import Look, Seat, program

from kiosk.terminal.themes import choose_theme

SCREENS = {
    "home": ("\x1bOP", "Accueil"),
    "form": ("\x1bOQ", "Valider"),
    "table": ("\x1bOR", "Compte rendu 0"),
}
POOR = {
    "console": ("linux", {}),
    "vt220": ("vt220", {}),
    "sixteen": ("xterm", {}),
    "no-colour": ("xterm-256color", {"NO_COLOR": "1", "COLORTERM": "truecolor"}),
}


@pytest.mark.parametrize(
    ("environ", "setting", "theme"),
    [
        ({"TERM": "xterm-256color"}, "auto", "kiosk-dark"),
        ({"TERM": "xterm-256color"}, "light", "kiosk-light"),
        ({"TERM": "xterm-direct"}, "contrast", "kiosk-contrast"),
        ({"TERM": "xterm", "COLORTERM": "truecolor"}, "dark", "kiosk-dark"),
        ({"TERM": "xterm-256color"}, "ansi", "kiosk-ansi"),
        ({"TERM": "linux"}, "light", "kiosk-ansi"),
        ({"TERM": "vt220"}, "auto", "kiosk-ansi"),
        ({"TERM": "xterm"}, "contrast", "kiosk-ansi"),
        ({}, "auto", "kiosk-ansi"),
        ({"TERM": "xterm-256color", "NO_COLOR": "1"}, "contrast", "kiosk-ansi"),
        ({"TERM": "xterm-256color", "NO_COLOR": ""}, "contrast", "kiosk-contrast"),
    ],
)
def test_the_theme_is_one_the_terminal_can_show(environ: dict[str, str], setting: str, theme: str) -> None:
    assert choose_theme(environ, setting) == theme


def cells(term: str, env: dict[str, str], screen: str) -> list[Look]:
    keys, text = SCREENS[screen]
    with Seat([*program("gallery"), "kiosk"], term=term, env=env) as seat:
        seat.shows("renversé")
        seat.press(keys)
        seat.shows(text)
        seat.quiet()
        return [look for row in seat.looks() for look in row]


@pytest.mark.parametrize("screen", ["form", "table"])
@pytest.mark.parametrize("terminal", POOR)
def test_without_colours_every_letter_is_in_the_terminal_s_own_two(terminal: str, screen: str) -> None:
    """Stock Textual with NO_COLOR and an ANSI theme is black on black, whole."""
    looks = cells(*POOR[terminal], screen)
    written = [look for look in looks if look.text.strip()]
    assert len(written) > 20
    assert {(look.ink[0], look.paper) for look in looks if look.ink} == {("default", "default")}
    assert {look.paper for look in looks} == {"default"}


@pytest.mark.parametrize("terminal", POOR)
def test_without_colours_the_focus_still_shows(terminal: str) -> None:
    """State is told by reverse, bold or underline: the row under the cursor differs from its neighbours."""
    term, env = POOR[terminal]
    with Seat([*program("gallery"), "kiosk"], term=term, env=env) as seat:
        seat.shows("renversé")
        for keys, text, at in (
            ("\x1bOR", "Compte rendu 0", "Compte rendu 0"),
            ("\x1bOS", "Choix 0", "Choix 0"),
        ):
            seat.press(keys)
            seat.shows(text)
            seat.quiet()
            rows = seat.looks()
            here = next(y for y, row in enumerate(rows) if at in "".join(look.text for look in row))
            assert any(look.ink and look.ink[5] for look in rows[here]), "reversed"
            assert not any(look.ink and look.ink[5] and look.text.isalnum() for look in rows[here + 1])
        seat.press("\x1bOQ")
        seat.shows("Valider")
        seat.press("abc")
        seat.shows("abc")
        field = next(row for row in seat.looks() if "abc" in "".join(look.text for look in row))
        assert any(look.ink and (look.ink[3] or look.ink[5]) for look in field), "underlined or reversed"


@pytest.mark.parametrize(
    ("setting", "ratio"),
    [("dark", 4.5), ("light", 4.5), ("contrast", 7.0)],
    ids=["dark", "light", "contrast"],
)
@pytest.mark.parametrize("screen", ["form", "table"])
def test_letters_stand_out_from_their_ground(setting: str, ratio: float, screen: str) -> None:
    """WCAG 2.2, 1.4.3 (4.5:1) and 1.4.6 (7:1 for the contrast theme)."""
    looks = cells("xterm-256color", {"COLORTERM": "truecolor", "GALLERY_THEME": setting}, screen)
    poor = {
        (look.text, look.ink[0], look.paper)
        for look in looks
        if look.text.isalnum() and contrast(*seen_colours(look)) < ratio
    }
    assert not poor


def seen_colours(look: Look) -> tuple[str, str]:
    ink, paper = str(look.ink[0]), look.paper
    return (paper, ink) if look.ink[5] else (ink, paper)


def contrast(one: str, other: str) -> float:
    high, low = sorted((luminance(one), luminance(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


def luminance(colour: str) -> float:
    channels = [int(colour[n : n + 2], 16) / 255 for n in (0, 2, 4)]
    red, green, blue = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
