"""CDA documents made by other programs: what is read of them, and what keeps them from going out."""

import re
from base64 import b64encode
from contextlib import suppress
from dataclasses import replace
from hashlib import sha256

import pytest
from deposit_bench import AMBULATORY, NS, WOMAN, cda_of, made, submission
from dmp_peers import NOW, PATIENT
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree

from kiosk.dmp import cda_check
from kiosk.dmp.deposit import Replaced
from kiosk.dmp.document import Visibility
from kiosk.dmp.model import PatientId
from kiosk.errors import DocumentInvalid

ORG = """<representedOrganization><id root="1.2.250.1.71.4.2.2" extension="499700000001001"/>
<name>CABINET MEDICAL DES ACACIAS</name>{setting}</representedOrganization>"""
WHO = """<id root="1.2.250.1.71.4.2.1" extension="899700000021"/>
<code code="G15_10/SM26" codeSystem="1.2.250.1.213.1.1.4.5" displayName="Médecin - MG"/>
<assignedPerson><name><prefix>MME</prefix><given>CAMILLE</given><family>GIRAUD</family></name></assignedPerson>
"""
SUMMARY = f"""<?xml version="1.0" encoding="UTF-8"?>
<!-- made by a practice software -->
<ClinicalDocument xmlns="urn:hl7-org:v3">
<realmCode code="FR"/><typeId root="2.16.840.1.113883.1.3" extension="POCD_HD000040"/>
<templateId root="1.2.250.1.213.1.1.1.1"/><id root="1.2.250.1.999.9.1.77"/>
<code code="60591-5" codeSystem="2.16.840.1.113883.6.1" displayName="Synthèse médicale"/>
<title>Volet de synthèse médicale</title><effectiveTime value="20260301101500+0100"/>
<confidentialityCode code="N" codeSystem="2.16.840.1.113883.5.25"/><languageCode code="fr-FR"/>
<recordTarget><patientRole><id root="1.2.250.1.213.1.4.2" extension="0833910461279517589858"/>
<patient><name><family>LACÔTE</family></name><birthTime value="19840312"/></patient></patientRole></recordTarget>
<author><time value="20260301101500+0100"/><assignedAuthor>{WHO}{
    ORG.format(setting="")
}</assignedAuthor></author>
<custodian><assignedCustodian/></custodian>
<legalAuthenticator><time value="20260301101500+0100"/><signatureCode code="S"/>
<assignedEntity>{WHO}{ORG.format(setting="")}</assignedEntity></legalAuthenticator>
<documentationOf><serviceEvent><effectiveTime><low value="20260301100000+0100"/><high value="20260301101000+0100"/>
</effectiveTime><performer typeCode="PRF"><assignedEntity>{WHO}{
    ORG.format(setting='<standardIndustryClassCode code="AMBULATOIRE" codeSystem="1.2.250.1.213.1.1.4.9"/>')
}</assignedEntity></performer></serviceEvent></documentationOf>
<componentOf><encompassingEncounter/></componentOf>
<component><structuredBody><component><section><title>Allergies</title><text>Aucune</text></section></component>
</structuredBody></component></ClinicalDocument>"""
XSL = 'xmlns:xsl="http://www.w3.org/1999/XSL/Transform"'


def read(text: str = SUMMARY, **patient: str) -> cda_check.CdaFacts:
    return cda_check.read(text.encode(), replace(WOMAN, **patient))


def refused(text: str, part: str = "") -> DocumentInvalid:
    with pytest.raises(DocumentInvalid) as raised:
        read(text)
    assert raised.value.cause
    assert part in raised.value.detail
    return raised.value


def changed(before: str, after: str) -> str:
    assert before in SUMMARY
    return SUMMARY.replace(before, after)


def with_sheet(content: str, instruction: str = '<?xml-stylesheet type="text/xsl" href="#view"?>') -> str:
    sheet = f'<xsl:stylesheet {XSL} id="view" version="1.0">{content}</xsl:stylesheet></ClinicalDocument>'
    return SUMMARY.replace("<ClinicalDocument ", instruction + "<ClinicalDocument ").replace(
        "</section></component>\n</structuredBody></component></ClinicalDocument>",
        "</section></component>\n</structuredBody></component>" + sheet,
    )


def test_what_a_summary_says_of_itself() -> None:
    facts = read()
    assert facts.unique_id == "1.2.250.1.999.9.1.77"
    assert facts.title == "Volet de synthèse médicale"
    assert (facts.type_code.code, facts.type_code.label) == ("60591-5", "Synthèse médicale")
    assert facts.mime_type == "text/xml"
    assert facts.created.isoformat() == "2026-03-01T09:15:00+00:00"
    assert facts.service_start.isoformat() == "2026-03-01T09:00:00+00:00"
    assert facts.service_stop is not None
    assert facts.service_stop.isoformat() == "2026-03-01T09:10:00+00:00"
    assert facts.practice_setting == AMBULATORY
    (author,) = facts.authors
    assert (author.national_id, author.family_name, author.given_name) == (
        "899700000021",
        "GIRAUD",
        "CAMILLE",
    )
    assert author.structure_id == "499700000001001"
    assert facts.legal_authenticator.national_id == "899700000021"


def test_it_goes_out_byte_for_byte_with_the_digest_of_its_canonical_form() -> None:
    facts = read()
    ready = cda_check.ready(
        SUMMARY.encode(), facts, practice_setting=AMBULATORY, visibility=Visibility(invisible_to_patient=True)
    )
    prepared = made(submission(ready))
    assert cda_of(prepared) == SUMMARY.encode()
    assert prepared.documents[0].unique_id == facts.unique_id
    root = etree.fromstring(prepared.body)
    (entry,) = root.xpath("(//rim:ExtrinsicObject)[1]", namespaces=NS)
    assert entry.get("mimeType") == "text/xml"
    assert "60591-5" in entry.xpath("rim:Classification/@nodeRepresentation", namespaces=NS)
    canonical = etree.tostring(
        etree.fromstring(SUMMARY.encode()).getroottree(), method="c14n", with_comments=True
    )
    assert b"made by a practice software" in canonical
    assert b64encode(sha256(canonical).digest()) in prepared.signature.content[0]


def test_what_the_kiosk_makes_itself_passes() -> None:
    prepared = made()
    facts = cda_check.read(cda_of(prepared), WOMAN)
    assert facts.unique_id == prepared.documents[0].unique_id
    assert facts.created == NOW
    assert facts.format_code.code == "urn:ihe:iti:xds-sd:pdf:2008"


def test_a_document_of_another_patient_is_refused() -> None:
    with pytest.raises(DocumentInvalid, match="another patient"):
        cda_check.read(SUMMARY.encode(), replace(WOMAN, patient=PatientId(PATIENT.root, "1" * 22)))
    with pytest.raises(DocumentInvalid, match="another birth date"):
        read(birth_date="19840313")


@pytest.mark.parametrize(
    ("before", "after", "part"),
    [
        ('<typeId root="2.16.840.1.113883.1.3" extension="POCD_HD000040"/>', "", "header: missing"),
        ("<custodian><assignedCustodian/></custodian>", "", "header: missing"),
        ('<realmCode code="FR"/>', "", "header: missing"),
        (
            '<languageCode code="fr-FR"/>',
            '<languageCode code="fr-FR"/><versionNumber value="1"/><setId root="2.25.1"/>',
            "header: order",
        ),
        ("<custodian>", "<surprise/><custodian>", "header: order"),
        ("POCD_HD000040", "POCD_HD000041", "typeId"),
        ('code="N"', 'code="R"', "confidentiality"),
        (
            '20260301101500+0100"/>\n<confidentialityCode',
            '20260301101500"/>\n<confidentialityCode',
            "effectiveTime",
        ),
        ('<id root="1.2.250.1.999.9.1.77"/>', '<id root="1.2.250.1.999.9.1" extension="77"/>', "id"),
        ('<id root="1.2.250.1.999.9.1.77"/>', '<id root="urn:uuid:77"/>', "id"),
        ("<structuredBody>", "<otherBody>", "illisible"),
        ('<low value="20260301100000+0100"/>', "", "time"),
    ],
)
def test_a_header_that_is_not_as_it_must_be(before: str, after: str, part: str) -> None:
    text = changed(before, after)
    if part == "illisible":
        text = text.replace("</structuredBody>", "</otherBody>")
        part = "body"
    refused(text, part)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "not xml",
        "<ClinicalDocument/>",
        '<html xmlns="http://www.w3.org/1999/xhtml"/>',
        SUMMARY[:-40],
        SUMMARY.replace("<ClinicalDocument", "<!DOCTYPE x [<!ENTITY a 'b'>]><ClinicalDocument", 1),
    ],
)
def test_what_is_no_cda(text: str) -> None:
    refused(text)


def test_an_empty_body_is_refused() -> None:
    empty = re.sub(
        "<structuredBody>.*</structuredBody>",
        '<nonXMLBody><text mediaType="application/pdf" representation="B64">  </text></nonXMLBody>',
        SUMMARY,
        flags=re.DOTALL,
    )
    refused(empty, "empty body")


def test_a_replacement_must_be_the_one_that_was_chosen() -> None:
    related = '<relatedDocument typeCode="RPLC"><parentDocument><id root="2.25.9"/></parentDocument></relatedDocument>'
    facts = read(changed("<componentOf>", related + "<componentOf>"))
    assert facts.replaced == "2.25.9"
    right = Replaced("urn:uuid:1", "2.25.9")
    common = {"practice_setting": AMBULATORY, "visibility": Visibility()}
    assert cda_check.ready(b"x", facts, replaces=right, **common).replaces == right
    for wrong in (None, Replaced("urn:uuid:1", "2.25.8")):
        with pytest.raises(DocumentInvalid):
            cda_check.ready(b"x", facts, replaces=wrong, **common)
    with pytest.raises(DocumentInvalid):
        cda_check.ready(b"x", read(), replaces=right, **common)


# --- EX_2.1-1115: self-presenting documents -----------------------------------------------------------------

BODY = (
    '<xsl:template match="/"><html xmlns="http://www.w3.org/1999/xhtml"><body>{}</body></html></xsl:template>'
)


def test_a_style_sheet_that_stands_alone_is_taken() -> None:
    facts = read(with_sheet(BODY.format('<p style="color:red"><a href="#top">haut</a></p>')))
    assert facts.mime_type == "application/xslt+xml"


def test_the_document_inside_its_style_sheet_is_read_too() -> None:
    inside = SUMMARY.partition("-->\n")[2]
    facts = read(f'<xsl:stylesheet {XSL} version="1.0"><xsl:template match="/"/>{inside}</xsl:stylesheet>')
    assert facts.unique_id == "1.2.250.1.999.9.1.77"
    assert facts.mime_type == "application/xslt+xml"


@pytest.mark.parametrize(
    "content",
    [
        BODY.format("<script>alert(1)</script>"),
        BODY.format('<p onclick="x()">a</p>'),
        BODY.format('<img src="http://example.org/a.png"/>'),
        BODY.format('<img src="//example.org/a.png"/>'),
        BODY.format('<a href="javascript:x()">a</a>'),
        BODY.format('<iframe src="#a"/>'),
        BODY.format('<p style="background:url(http://example.org)">a</p>'),
        BODY.format("<style>@import 'a.css';</style>"),
        BODY.format("<xsl:value-of select=\"document('http://example.org')\"/>"),
        BODY.format('<xsl:element name="script">x</xsl:element>'),
        BODY.format('<p><xsl:attribute name="onload">x</xsl:attribute></p>'),
        '<xsl:import href="other.xsl"/>',
        '<xsl:include href="other.xsl"/>',
    ],
)
def test_a_style_sheet_with_a_script_or_something_external_is_refused(content: str) -> None:
    refused(with_sheet(content), "stylesheet")


@pytest.mark.parametrize("href", ["http://example.org/a.xsl", "cda.xsl", "file:///etc/a.xsl"])
def test_a_style_sheet_elsewhere_is_refused(href: str) -> None:
    refused(with_sheet("", f'<?xml-stylesheet type="text/xsl" href="{href}"?>'), "stylesheet")
    refused(changed("<ClinicalDocument ", '<?xml-stylesheet href="#view"?><ClinicalDocument '), "stylesheet")


@settings(max_examples=200, deadline=None)
@given(st.data())
def test_any_document_is_read_or_refused(data: st.DataObject) -> None:
    mutated = bytearray(
        data.draw(st.sampled_from([SUMMARY.encode(), with_sheet("").encode(), cda_of(made())]))
    )
    for _ in range(data.draw(st.integers(1, 3))):
        start = data.draw(st.integers(0, len(mutated) - 1))
        mutated[start : start + data.draw(st.integers(0, 30))] = data.draw(st.binary(max_size=6))
    with suppress(DocumentInvalid):
        cda_check.read(bytes(mutated), WOMAN)
