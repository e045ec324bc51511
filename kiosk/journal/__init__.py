"""The audit trail: who did what, when, from where, for which patient's mark, with which result.

One SQLite file, one row before each traced act (`intent`) and one after (`outcome`). A row holds the hash of
the row before it, so that a changed, removed or inserted row is found at its number. No name and no
identifier in clear: the patient is a keyed hash, the professional a national id (EX_AIR-090 to -120).

The supervisor alone writes; a session asks for a row through `JournalLink` and waits until it is on disk:
an act that must be traced and cannot be is not done. A chain does not protect against who can rewrite the
whole file: `verify` therefore takes a head that was kept elsewhere (log host, daily sheet).

    entry.py   what one row holds
    file.py    the SQLite file, its chain and its verification
    link.py    from a session to the supervisor that writes
    mark.py    the patient's mark and the site's key
"""

from kiosk.journal.entry import Entry, Row, describe
from kiosk.journal.file import Journal, JournalVerdict
from kiosk.journal.link import JournalLink
from kiosk.journal.mark import patient_mark, site_key

__all__ = [
    "Entry",
    "Journal",
    "JournalLink",
    "JournalVerdict",
    "Row",
    "describe",
    "patient_mark",
    "site_key",
]
