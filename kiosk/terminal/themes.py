"""Which colours: decided before the application starts, because Textual picks its filters only once.

Three themes for terminals of 256 colours and more, one for all others. `kiosk-ansi` draws with the
terminal's own two colours, and tells state by reverse, bold and underline: it reads the same in sixteen
colours, in two, and under `NO_COLOR`.
"""

from collections.abc import Mapping
from typing import Final

from textual.theme import Theme

DARK: Final = "kiosk-dark"
LIGHT: Final = "kiosk-light"
CONTRAST: Final = "kiosk-contrast"
ANSI: Final = "kiosk-ansi"

_NAMES: Final = {"dark": DARK, "light": LIGHT, "contrast": CONTRAST, "ansi": ANSI, "auto": DARK}

THEMES: Final = (
    Theme(
        name=DARK,
        primary="#5fafff",
        secondary="#87d7d7",
        warning="#ffd75f",
        error="#ff8787",
        success="#87d787",
        accent="#ffd75f",
        foreground="#e4e4e4",
        background="#121212",
        surface="#1c1c1c",
        panel="#262626",
        variables={
            "text": "#e4e4e4",
            "text-muted": "#b2b2b2",
            "text-disabled": "#949494",
            "block-cursor-background": "#5fafff",
            "block-cursor-foreground": "#121212",
            "block-cursor-blurred-background": "#303030",
            "block-cursor-blurred-foreground": "#e4e4e4",
            "input-selection-background": "#005f87",
            "input-selection-foreground": "#ffffff",
            "scrollbar": "#5f5f5f",
            "scrollbar-background": "#1c1c1c",
        },
    ),
    Theme(
        name=LIGHT,
        dark=False,
        primary="#005faf",
        secondary="#005f5f",
        warning="#875f00",
        error="#af0000",
        success="#005f00",
        accent="#5f00af",
        foreground="#121212",
        background="#eeeeee",
        surface="#ffffff",
        panel="#dadada",
        variables={
            "text": "#121212",
            "text-muted": "#444444",
            "text-disabled": "#626262",
            "block-cursor-background": "#005faf",
            "block-cursor-foreground": "#ffffff",
            "block-cursor-blurred-background": "#c6c6c6",
            "block-cursor-blurred-foreground": "#121212",
            "input-selection-background": "#afd7ff",
            "input-selection-foreground": "#121212",
            "scrollbar": "#8a8a8a",
            "scrollbar-background": "#dadada",
        },
    ),
    Theme(
        name=CONTRAST,
        primary="#ffff00",
        secondary="#00ffff",
        warning="#ffff00",
        error="#ffffff",
        success="#ffffff",
        accent="#ffff00",
        foreground="#ffffff",
        background="#000000",
        surface="#000000",
        panel="#000000",
        boost="#000000",
        variables={
            "text": "#ffffff",
            "text-muted": "#ffffff",
            "text-disabled": "#d0d0d0",
            "foreground-muted": "#ffffff",
            "foreground-disabled": "#d0d0d0",
            "border": "#ffff00",
            "border-blurred": "#ffffff",
            "block-cursor-background": "#ffff00",
            "block-cursor-foreground": "#000000",
            "block-cursor-blurred-background": "#ffffff",
            "block-cursor-blurred-foreground": "#000000",
            "input-cursor-background": "#ffff00",
            "input-cursor-foreground": "#000000",
            "input-selection-background": "#ffffff",
            "input-selection-foreground": "#000000",
            "footer-key-foreground": "#ffff00",
            "scrollbar": "#ffffff",
            "scrollbar-background": "#000000",
        },
    ),
    Theme(
        name=ANSI,
        ansi=True,
        primary="ansi_default",
        secondary="ansi_default",
        warning="ansi_default",
        error="ansi_default",
        success="ansi_default",
        accent="ansi_default",
        foreground="ansi_default",
        background="ansi_default",
        surface="ansi_default",
        panel="ansi_default",
        boost="ansi_default",
        variables={
            **dict.fromkeys(
                (
                    "text-muted",
                    "text-disabled",
                    "foreground-muted",
                    "background-muted",
                    "primary-muted",
                    "secondary-muted",
                    "warning-muted",
                    "error-muted",
                    "success-muted",
                    "accent-muted",
                    "block-cursor-foreground",
                    "block-cursor-background",
                    "block-hover-background",
                    "border",
                    "border-blurred",
                    "scrollbar",
                    "scrollbar-hover",
                    "scrollbar-active",
                    "scrollbar-background",
                    "scrollbar-background-hover",
                    "scrollbar-background-active",
                    "link-color",
                    "link-color-hover",
                    "link-background-hover",
                    "footer-key-foreground",
                    "input-selection-background",
                    "input-selection-foreground",
                    "screen-selection-background",
                    "screen-selection-foreground",
                ),
                "ansi_default",
            ),
            "ansi-background": "ansi_default",
            "ansi-foreground": "ansi_default",
            "block-cursor-text-style": "reverse",
            "block-cursor-blurred-text-style": "underline",
            "input-cursor-text-style": "reverse",
            "button-focus-text-style": "bold reverse",
            "footer-key-text-style": "bold",
        },
    ),
)


def choose_theme(environ: Mapping[str, str], setting: str = "auto") -> str:
    """The theme for this terminal. `setting` is auto, dark, light, contrast or ansi.

    A wish for colours is granted only where the terminal has 256 of them (TERM, COLORTERM); `NO_COLOR`, set
    and not empty, wins over everything (https://no-color.org). Raises `KeyError` for an unknown setting.
    """
    wished = _NAMES[setting]
    term, colours = environ.get("TERM", ""), environ.get("COLORTERM", "").lower()
    rich = colours in ("truecolor", "24bit") or term.endswith(("-256color", "-direct", "-truecolor"))
    return wished if rich and not environ.get("NO_COLOR") else ANSI
