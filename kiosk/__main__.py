"""Start of the kiosk: quiet the terminal before anything else is loaded.

Loading Textual takes 200 ms, in which a stock program echoes what is typed and dies of Ctrl+C with a
traceback. So the terminal is made quiet, the environment is scrubbed and a first line shown with the standard
library alone, then the rest is imported.
"""

import gc
import os
import signal
import sys
import termios
from contextlib import suppress
from typing import Any

FIRST_LINE = "DMP — la borne démarre…"

PLAIN_COMMANDS = frozenset({"insc", "doctor", "journal", "rehearse", "training", "-h", "--help", "--version"})
"""Commands that talk on the command line like any other program: their terminal is left alone."""

_SCRUBBED_PREFIXES = ("TEXTUAL", "PYTHON", "LD_", "OPENSSL_", "SSL_", "RICH_", "TTY_")
_SCRUBBED = frozenset(
    {
        "SSLKEYLOGFILE",  # writes the TLS keys to a file
        "REQUESTS_CA_BUNDLE",
        "CURL_CA_BUNDLE",
        "HTTP_PROXY",
        "HTTPS_PROXY",
        "FTP_PROXY",
        "ALL_PROXY",
        "NO_PROXY",
        "ESCDELAY",
        "COLUMNS",  # freeze the size of the screen
        "LINES",
        "FORCE_COLOR",
        "CLICOLOR_FORCE",
        "UNICODE_VERSION",
        "BROWSER",
        "MALLOC_TRACE",  # writes a file
        "GCONV_PATH",  # loads a library
        "LOCPATH",
        "NLSPATH",
        "TERMINFO_DIRS",
    }
)


def scrub(environ: "os._Environ[str]") -> None:
    """Remove what would load code, log keys or move trust: the kiosk is set by its settings file alone.

    What chooses the looks stays: TERM, COLORTERM, NO_COLOR, LANG.
    """
    for name in list(environ):
        if name.upper() in _SCRUBBED or name.startswith(_SCRUBBED_PREFIXES):
            del environ[name]


def _quiet() -> list[Any] | None:
    """No echo, no signals, nothing typed ahead. The attributes to restore, `None` without a terminal."""
    try:
        before: list[Any] = termios.tcgetattr(0)
        after: list[Any] = termios.tcgetattr(0)
        after[0] &= ~(termios.IXON | termios.IXOFF)
        after[3] &= ~(termios.ECHO | termios.ECHONL | termios.ICANON | termios.ISIG | termios.IEXTEN)
        termios.tcsetattr(0, termios.TCSANOW, after)
    except termios.error:
        return None
    for number in (signal.SIGINT, signal.SIGQUIT, signal.SIGTSTP):
        signal.signal(number, signal.SIG_IGN)
    with suppress(OSError):
        os.write(1, f"{FIRST_LINE}\r\n".encode(sys.stdout.encoding, "replace"))
    return before


def main(argv: list[str] | None = None) -> int:
    """Run the kiosk or one of its commands; the exit status."""
    arguments = sys.argv[1:] if argv is None else argv
    scrub(os.environ)
    os.umask(0o077)
    plain = bool(PLAIN_COMMANDS.intersection(arguments))
    if not plain:
        gc.disable()  # a tenth of the start, to find no garbage; the supervisor enables it once all is loaded
    before = None if plain else _quiet()
    try:
        from kiosk.cli import main as run

        if before is not None:
            termios.tcflush(0, termios.TCIFLUSH)
        return run(arguments)
    finally:
        if before is not None:
            with suppress(termios.error):  # the terminal may be gone
                termios.tcflush(0, termios.TCIFLUSH)
                termios.tcsetattr(0, termios.TCSANOW, before)


if __name__ == "__main__":
    sys.exit(main())
