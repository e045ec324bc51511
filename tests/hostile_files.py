"""Files that mean harm to whoever opens them. Each claims to be a PDF/A-1, so that all of it is read."""

import os
import zlib
from pathlib import Path

from deposit_files import pdfa
from pdf_objects import put_together, taken_apart


def hungry_pdf() -> bytes:
    """Few bytes that become 2 GB of drawing instructions."""
    objects = taken_apart(pdfa())
    number = max(objects) + 1
    packed = zlib.compress(bytes(60_000_000), 9)
    entries = b"/Filter /FlateDecode /Length %d" % len(packed)
    objects[number] = b"<< %s >>\nstream\n%s\nendstream" % (entries, packed)
    page = next(one for one, body in objects.items() if b"/Type /Page\n" in body)
    contents = b"<<\n/Contents [" + b"%d 0 R " % number * 35 + b"]\n"
    objects[page] = objects[page].replace(b"/Contents", b"/Zz").replace(b"<<\n", contents, 1)
    return put_together(objects)


def endless_pdf() -> bytes:
    """One font that is looked at 40 000 times."""
    objects = taken_apart(pdfa())
    font = next(body for body in objects.values() if b"/CIDFontType2" in body)
    last = max(objects)
    return put_together(objects | {last + 1 + count: font for count in range(40_000)})


def endless_text() -> bytes:
    """One line that fills 400 pages: its words take a minute to lay out."""
    return b"mot " * 800_000


def openers() -> list[int]:
    """Processes of this one that open files."""
    own = Path(f"/proc/{os.getpid()}/task").glob("*/children")
    pids = [int(pid) for each in own for pid in each.read_text().split()]
    return [pid for pid in pids if b"kiosk.deposit.worker" in Path(f"/proc/{pid}/cmdline").read_bytes()]
