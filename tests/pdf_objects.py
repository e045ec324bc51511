"""PDF files taken apart into their objects, and put together from objects."""

import re

Objects = dict[int, bytes]


def taken_apart(document: bytes) -> Objects:
    return {
        int(found[1]): found[2]
        for found in re.finditer(rb"\n(\d+) 0 obj\n(.*?)\nendobj(?=\n)", document, re.DOTALL)
    }


def put_together(objects: Objects, trailer: bytes = b"") -> bytes:
    """With a table of its own. `trailer` ends its dictionary."""
    written = bytearray(b"%PDF-1.4\n%\xe9\xeb\xf1\xbf\n")
    table = b"0000000000 65535 f \n"
    for number in range(1, max(objects) + 1):
        table += b"%010d 00000 n \n" % len(written)
        written += b"%d 0 obj\n%s\nendobj\n" % (number, objects.get(number, b"null"))
    root = next(number for number, body in objects.items() if b"/Type /Catalog" in body)
    start = len(written)
    written += b"xref\n0 %d\n%s" % (max(objects) + 1, table)
    written += b"trailer\n<< /Size %d /Root %d 0 R /ID [<00> <00>] %s >>\n" % (
        max(objects) + 1,
        root,
        trailer,
    )
    return bytes(written + b"startxref\n%d\n%%%%EOF\n" % start)
