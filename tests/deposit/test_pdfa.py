"""Whether a file is a PDF/A-1: a valid one, taken apart and put together again with one thing changed.

Each change is forbidden by a clause of ISO 19005-1, which its test names, and veraPDF judges them as well.
"""

import re
import zlib
from collections.abc import Callable

import pdf_fonts
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from pdf_objects import put_together, taken_apart
from verapdf import Judge

from kiosk.deposit.conversion import to_pdfa
from kiosk.deposit.examination import examine
from kiosk.deposit.pdfa import examine as judge

VALID = to_pdfa(examine("Bonjour à tous".encode()), "Titre")
PROGRAM = "programme"
ACTION = "action"
ATTACHED = "joint"
ANNOTATION = "annotation"
COMPRESSION = "compression"
LAYERS = "calques"
TRANSPARENCY = "transparence"
PICTURE = "image"
DRAWING = "dessins"
FONT = "police"
METADATA = "métadonnées"
STRUCTURE = "structure"


def stream(data: bytes, entries: bytes = b"") -> bytes:
    return b"<< %s /Length %d >>\nstream\n%s\nendstream" % (entries, len(data), data)


def body(document: bytes, mark: bytes) -> bytes:
    (found,) = (one for one in taken_apart(document).values() if mark in one)
    return found


def inflated(one: bytes) -> bytes:
    return zlib.decompress(one.partition(b"stream\n")[2].removesuffix(b"\nendstream"))


def changed(mark: bytes, change: Callable[[bytes], bytes], document: bytes = VALID) -> bytes:
    """The file, the one object that holds `mark` being another."""
    objects = taken_apart(document)
    (number,) = (number for number, one in objects.items() if mark in one.partition(b"stream\n")[0])
    before, objects[number] = objects[number], change(objects[number])
    assert objects[number] != before
    return put_together(objects)


def with_entry(mark: bytes, entry: bytes) -> bytes:
    return changed(mark, lambda one: one.replace(b"<<\n", b"<<\n" + entry + b"\n", 1))


def with_object(mark: bytes, entry: bytes, added: bytes) -> bytes:
    """`entry` names the added object as `%d 0 R`."""
    objects = taken_apart(VALID)
    last = max(objects) + 1
    (number,) = (number for number, one in objects.items() if mark in one.partition(b"stream\n")[0])
    objects[number] = objects[number].replace(b"<<\n", b"<<\n" + entry % last + b"\n", 1)
    objects[last] = added
    return put_together(objects)


def shown(words: bytes, document: bytes) -> bytes:
    """The page ends with these instructions."""
    (number,) = re.findall(rb"/Contents (\d+) 0 R", document)
    objects = taken_apart(document)
    objects[int(number)] = stream(inflated(objects[int(number)]) + b" " + words)
    return put_together(objects)


def drawing(instructions: bytes, entries: bytes = b"") -> bytes:
    form = stream(instructions, b"/Type /XObject /Subtype /Form /BBox [0 0 9 9] " + entries)
    return shown(b"/Fm Do", with_object(b"/ProcSet", b"/XObject << /Fm %d 0 R >>", form))


def picture(entries: bytes) -> bytes:
    head = b"/Type /XObject /Subtype /Image /Width 1 /Height 1 "
    added = stream(b"\0" * 4, head + entries)
    return shown(b"/Im Do", with_object(b"/ProcSet", b"/XObject << /Im %d 0 R >>", added))


def state(entries: bytes) -> bytes:
    return shown(b"/Gs gs", with_entry(b"/ProcSet", b"/ExtGState << /Gs << %s >> >>" % entries))


def annotation(entries: bytes) -> bytes:
    return with_entry(b"/Type /Page\n", b"/Annots [<< /Type /Annot /Rect [0 0 9 9] %s >>]" % entries)


def with_metadata(change: Callable[[bytes], bytes]) -> bytes:
    old = body(VALID, b"/Subtype /XML").partition(b"stream\n")[2].removesuffix(b"\nendstream")
    new = change(old)
    assert new != old
    return changed(b"/Subtype /XML", lambda _: stream(new, b"/Type /Metadata /Subtype /XML"))


def with_information(entries: bytes) -> bytes:
    return put_together(taken_apart(VALID), b"/Info << %s >>" % entries)


def described(added: bytes) -> bytes:
    """A property that nobody predefined, and what describes it."""
    return with_metadata(
        lambda old: old.replace(
            b"</rdf:RDF>",
            b'<rdf:Description rdf:about="" xmlns:own="http://own.example/" '
            b'xmlns:pdfaExtension="http://www.aiim.org/pdfa/ns/extension/" '
            b'xmlns:pdfaSchema="http://www.aiim.org/pdfa/ns/schema#" '
            b'xmlns:pdfaProperty="http://www.aiim.org/pdfa/ns/property#">'
            b"<own:service>Cardiologie</own:service>" + added + b"</rdf:Description></rdf:RDF>",
        )
    )


SCHEMA = (
    b'<pdfaExtension:schemas><rdf:Bag><rdf:li rdf:parseType="Resource"><pdfaSchema:schema>Own</pdfaSchema:schema>'
    b"<pdfaSchema:namespaceURI>http://own.example/</pdfaSchema:namespaceURI><pdfaSchema:prefix>own</pdfaSchema:prefix>"
    b'<pdfaSchema:property><rdf:Seq><rdf:li rdf:parseType="Resource"><pdfaProperty:name>service</pdfaProperty:name>'
    b"<pdfaProperty:valueType>Text</pdfaProperty:valueType><pdfaProperty:category>external</pdfaProperty:category>"
    b"<pdfaProperty:description>Service</pdfaProperty:description></rdf:li></rdf:Seq></pdfaSchema:property>"
    b"</rdf:li></rdf:Bag></pdfaExtension:schemas>"
)


@pytest.mark.xdist_group("verapdf")
@pytest.mark.parametrize(
    "document",
    [
        VALID,
        put_together(taken_apart(VALID)),
        VALID.removesuffix(b"\n"),
        VALID.removesuffix(b"\n") + b"\r\n",
        pdf_fonts.compact(),
        pdf_fonts.truetype(),
        with_information(b"/Title (Titre)"),
        with_information(b"/Title <FEFF00540069007400720065> /Trapped /False"),
        drawing(
            b"q 1 0 0 rg 0.5 g 0 0 9 9 re f /Span << /ActualText (0 0 0 1 k) >> BDC EMC /Perceptual ri Q"
        ),
        drawing(b"q " * 28 + b"Q " * 28),
        drawing(b"q BI /W 1 /H 1 /BPC 8 /CS /G ID \xff EI Q"),
        picture(b"/ColorSpace /DeviceRGB /BitsPerComponent 8 /Interpolate false"),
        annotation(b"/Subtype /Link /F 4 /C [1 0 0] /A << /S /URI /URI (https://example.fr) >>"),
        state(b"/ca 1 /CA 1.0 /BM /Normal /SMask /None /TR2 /Default"),
        with_entry(b"/Type /Catalog", b"/Names << /Dests << /Names [(a) [null /Fit]] >> >>"),
        described(SCHEMA),
        with_metadata(
            lambda old: re.sub(
                rb"<pdfaid:part>.*</pdfaid:conformance>", b"", old.replace(b"\n", b"")
            ).replace(b"xmlns:pdfaid=", b"pdfaid:part='1' pdfaid:conformance='A' xmlns:pdfaid=")
        ),
    ],
)
def test_what_pdf_a_1_allows(document: bytes, verapdf: Judge) -> None:
    assert judge(document).faults == ()
    assert verapdf(document) == []


FORBIDDEN = {
    STRUCTURE: {
        "6.1.2 version": VALID.replace(b"%PDF-1", b"%PDF-2", 1),
        "6.1.2 something before the header": b"\n" + VALID,
        "6.1.2 no bytes above 127": VALID.replace(b"%\xe9\xeb\xf1\xbf", b"%abcd", 1),
        "6.1.3 no identifier": VALID.replace(b"/ID [", b"/Ix [", 1),
        "6.1.3 two ends of line": VALID + b"\n",
        "6.1.3 something after the end": VALID + b"x",
        "6.1.4 two spaces": VALID.replace(b"xref\n0 ", b"xref\n0  "),
        "6.1.6 odd digits": with_entry(b"/Type /Page\n", b"/Zz <ABC>"),
        "6.1.7 length": re.sub(b"/Length \\d", b"/Length 9", VALID),
        "6.1.8 spacing": VALID.replace(b"\nendobj", b" endobj", 1),
        "6.1.12 name": with_entry(b"/Type /Page\n", b"/" + b"n" * 128 + b" 1"),
        "6.1.12 integer": with_entry(b"/Type /Page\n", b"/Zz 2147483648"),
        "6.1.12 real": with_entry(b"/Type /Page\n", b"/Zz 32768.5"),
        "6.1.4 object stream": with_object(b"/ProcSet", b"/Zz %d 0 R", stream(b"", b"/Type /ObjStm")),
        "a tree of something else": changed(b"/Kids", lambda one: one.replace(b"/Pages", b"/Pagez")),
        "a page is missing": changed(b"/Kids", lambda one: one.replace(b"/Count 1", b"/Count 2")),
        "a key twice": with_entry(
            b"/ProcSet", b"/Font << /F1 << /Type /Font /Subtype /Type1 /BaseFont /Helvetica >> >> /Zz"
        ),
    },
    COMPRESSION: {
        "6.1.10 LZW": picture(b"/Filter /LZWDecode"),
        "6.1.10 LZW in disguise": picture(b"/Filter [/L#5aWDecode]"),
        "JPEG 2000 came with PDF 1.5": picture(b"/Filter /JPXDecode"),
    },
    ATTACHED: {
        "6.1.11": with_entry(b"/Type /Catalog", b"/Names << /EmbeddedFiles << /Names [] >> >>"),
        "6.1.7 outside the file": picture(b"/F (elsewhere.bin)"),
    },
    LAYERS: {
        "6.1.13": with_entry(b"/Type /Catalog", b"/OCProperties << /OCGs [] >>"),
    },
    DRAWING: {
        "6.2.3 other intent": changed(
            b"/Type /Catalog", lambda one: one.replace(b"/GTS_PDFA1", b"/GTS_PDFX"), drawing(b"0 g")
        ),
        "6.2.2 ICC 4": changed(
            b"/Alternate", lambda one: stream(inflated(one)[:8] + b"\x04" + inflated(one)[9:], b"/N 3")
        ),
        "6.2.2 no profile": changed(b"/Alternate", lambda _: stream(b"no profile" * 20, b"/N 3")),
        "6.2.3 components": changed(b"/Alternate", lambda one: one.replace(b"/N 3", b"/N 4")),
        "6.2.3 CMYK": drawing(b"0 0 0 1 k 0 0 9 9 re f"),
        "6.2.3 CMYK after a comment": drawing(b"0 0 0 1 % ink\nK"),
        "6.2.3 CMYK by name": drawing(b"/DeviceCMYK cs 0 0 0 1 sc"),
        "6.2.3 CMYK within": drawing(b"BI /W 1 /H 1 /BPC 8 /CS /CMYK ID \x00abc EI"),
        "6.2.3 CMYK picture": picture(b"/ColorSpace /DeviceCMYK /BitsPerComponent 8"),
        "6.2.3 CMYK ink": picture(b"/ColorSpace [/Separation /Spot /DeviceCMYK null]"),
        "6.2.7": shown(
            b"/Ps Do",
            with_object(
                b"/ProcSet", b"/XObject << /Ps %d 0 R >>", stream(b"", b"/Type /XObject /Subtype /PS")
            ),
        ),
        "6.2.8": state(b"/TR /Identity"),
        "6.2.10 operator": drawing(b"1 2 add"),
        "6.1.12 depth": drawing(b"q " * 29 + b"Q " * 29),
        "a string without end": drawing(b"(never closed"),
    },
    PICTURE: {
        "6.2.4 16 bits": picture(b"/ColorSpace /DeviceGray /BitsPerComponent 16"),
        "6.2.4 interpolation": picture(b"/ColorSpace /DeviceGray /Interpolate true"),
        "6.2.9": picture(b"/ColorSpace /DeviceGray /Intent /Vivid"),
        "6.2.4 alternates": picture(b"/ColorSpace /DeviceGray /Alternates []"),
    },
    FONT: {
        "6.3.4 not inside": changed(b"/FontFile2", lambda one: one.replace(b"/FontFile2", b"/Zz")),
        "6.3.4 damaged": changed(b"/Length1", lambda _: stream(b"no font" * 50)),
        "6.3.4 Helvetica": drawing(
            b"BT /F 9 Tf (x) Tj ET",
            b"/Resources << /Font << /F << /Type /Font /Subtype /Type1 /BaseFont /Helvetica >> >> >>",
        ),
        "6.3.6 width": changed(b"/W [", lambda one: one.replace(b"686", b"786")),
        "6.3.5 no CIDSet": changed(b"/CIDSet", lambda one: one.replace(b"/CIDSet", b"/Zz")),
        "6.3.3 no map": changed(b"/W [", lambda one: one.replace(b"/CIDToGIDMap", b"/Zz")),
        "6.3.3 CMap outside": changed(b"/Type0", lambda one: one.replace(b"Identity-H", b"UniJIS-UCS2-H")),
    },
    TRANSPARENCY: {
        "6.4 group": with_entry(b"/Type /Page\n", b"/Group << /S /Transparency >>"),
        "6.4 alpha": state(b"/ca 0.5"),
        "6.4 blend": state(b"/BM [/Multiply]"),
        "6.4 mask": state(b"/SMask << /S /Luminosity >>"),
    },
    ANNOTATION: {
        "6.5.2": annotation(b"/Subtype /FileAttachment /F 4"),
        "6.5.3 not printed": annotation(b"/Subtype /Link"),
        "6.5.3 hidden": annotation(b"/Subtype /Link /F 6"),
        "6.5.3 two looks": annotation(b"/Subtype /Stamp /F 4 /AP << /N null /D null >>"),
        "6.9 a field without looks": annotation(b"/Subtype /Widget /FT /Tx /F 4"),
        "6.9": with_entry(b"/Type /Catalog", b"/AcroForm << /NeedAppearances true >>"),
    },
    ACTION: {
        "6.6.1 launch": annotation(b"/Subtype /Link /F 4 /A << /S /Launch /F (a) >>"),
        "6.6.1 named": annotation(b"/Subtype /Link /F 4 /A << /S /Named /N /Print >>"),
        "6.6.1 next": annotation(b"/Subtype /Link /F 4 /A << /S /URI /Next [<< /S /Hide >>] >>"),
        "6.6.2": with_entry(b"/Type /Page\n", b"/AA << /O << /S /GoTo >> >>"),
    },
    PROGRAM: {
        "6.6.1 program": annotation(b"/Subtype /Link /F 4 /A << /S /JavaScript /JS (x) >>"),
    },
    METADATA: {
        "6.7.2": changed(b"/Type /Catalog", lambda one: one.replace(b"/Metadata", b"/Zz")),
        "6.7.3 title": with_information(b"/Title (Autre)"),
        "6.7.3 producer": with_information(b"/Producer (Un logiciel)"),
        "6.7.3 date": with_information(b"/CreationDate (D:20251121104200Z)"),
        "6.7.5": with_metadata(lambda old: b"<?xpacket begin='' bytes='9' id='x'?>" + old),
        "6.7.9 not XML": with_metadata(lambda old: old.replace(b"</rdf:RDF>", b"")),
        "6.7.9 words between elements": with_metadata(lambda old: old.replace(b"<rdf:Alt>", b"x<rdf:Alt>")),
        "6.7.9 type": with_metadata(lambda old: old.replace(b"rdf:Alt", b"rdf:Seq")),
        "6.7.9 a property nobody described": described(b""),
        "6.7.8": described(SCHEMA.replace(b"external", b"other")),
        "6.7.11 level": with_metadata(lambda old: old.replace(b">B<", b">U<")),
        "6.7.11 name space": with_metadata(lambda old: old.replace(b"pdfa/ns/id/", b"pdfa/ns/id")),
    },
}

UNSEEN = {"6.1.2 version", "6.1.4 object stream", "6.6.2", "6.7.3 date", "6.7.5"}
"""What veraPDF lets pass."""


@pytest.mark.parametrize(
    ("word", "document"),
    [
        pytest.param(word, document, id=clause)
        for word, documents in FORBIDDEN.items()
        for clause, document in documents.items()
    ],
)
def test_what_pdf_a_1_forbids(word: str, document: bytes) -> None:
    report = judge(document)
    assert any(word in fault for fault in report.faults), report.faults


@pytest.mark.xdist_group("verapdf")
@pytest.mark.parametrize(
    ("clause", "document"),
    [
        pytest.param(clause.partition(" ")[0], document, id=clause)
        for documents in FORBIDDEN.values()
        for clause, document in documents.items()
        if clause.startswith("6.") and clause not in UNSEEN
    ],
)
def test_the_clause_that_forbids_it(clause: str, document: bytes, verapdf: Judge) -> None:
    broken = verapdf(document)
    assert any(rule.startswith((f"{clause}-", f"{clause}.")) for rule in broken), broken


def test_dates_are_compared_as_moments() -> None:
    told = with_metadata(
        lambda old: old.replace(
            b"</rdf:RDF>",
            b'<rdf:Description rdf:about="" xmlns:xmp="http://ns.adobe.com/xap/1.0/" '
            b'xmp:CreateDate="2025-11-21T11:42:00+01:00"/></rdf:RDF>',
        )
    )
    for date in (b"D:20251121104200Z", b"D:20251121054200-05'00'"):
        same = put_together(taken_apart(told), b"/Info << /CreationDate (%s) >>" % date)
        assert judge(same).faults == ()


def test_a_later_edition_within_the_file_is_the_one_that_counts() -> None:
    """Editors append: the table at the end replaces an object of before."""
    catalog = body(VALID, b"/Type /Catalog")
    number = next(number for number, one in taken_apart(VALID).items() if one == catalog)
    start = len(VALID)
    edited = VALID + b"%d 0 obj\n%s\nendobj\n" % (
        number,
        catalog.replace(b"<<\n", b"<< /OCProperties << >>\n", 1),
    )
    table = b"xref\n%d 1\n%010d 00000 n \n" % (number, start)
    before = int(re.findall(rb"startxref\n(\d+)", VALID)[0])
    trailer = b"trailer\n<< /Size 99 /Root %d 0 R /Prev %d /ID [<00> <00>] >>\n" % (number, before)
    whole = edited + table + trailer + b"startxref\n%d\n%%%%EOF\n" % len(edited)
    (fault,) = judge(whole).faults
    assert LAYERS in fault


@given(st.integers(0, len(VALID) - 2))
@example(VALID.index(b"xref"))
@example(len(VALID) - 6)
def test_a_file_cut_anywhere_is_no_pdf_a(place: int) -> None:
    report = judge(VALID[:place])
    assert report.faults or not report.pages


@given(st.integers(0, VALID.rindex(b"xref\n0")), st.binary(min_size=1, max_size=3))
@example(VALID.index(b" 0 R"), b"\0")
def test_what_is_inserted_before_the_table_moves_what_it_leads_to(place: int, inserted: bytes) -> None:
    report = judge(VALID[:place] + inserted + VALID[place:])
    assert report.faults or not report.pages


@given(st.data())
def test_any_damage_is_judged(data: st.DataObject) -> None:
    """Whatever the answer, there is one."""
    damaged = bytearray(VALID)
    for _ in range(data.draw(st.integers(1, 5))):
        damaged[data.draw(st.integers(0, len(damaged) - 1))] = data.draw(st.integers(0, 255))
    judge(bytes(damaged))


@given(
    st.recursive(
        st.sampled_from([b"1 ", b"(x)", b"/N ", b"<41>", b"null "]),
        lambda inner: st.lists(inner).map(lambda some: b"[%s]" % b"".join(some)),
        max_leaves=300,
    )
)
def test_any_value_of_a_dictionary_is_read(value: bytes) -> None:
    assert judge(with_entry(b"/Type /Page\n", b"/Zz " + value)).faults == ()


def test_what_is_nested_without_end_is_refused() -> None:
    (fault,) = judge(with_entry(b"/Type /Page\n", b"/Zz " + b"[" * 5_000 + b"]" * 5_000)).faults
    assert STRUCTURE in fault
