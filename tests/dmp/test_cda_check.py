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

from kiosk.code import Code
from kiosk.dmp import cda_check
from kiosk.dmp.deposit import LocalId, PreparedSubmission, Replaced
from kiosk.dmp.document import Visibility
from kiosk.dmp.model import PatientId
from kiosk.dmp.nomenclature import CodeSet, known, rows
from kiosk.dmp.oid import is_oid
from kiosk.dmp.vihf import Access
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
<templateId root="2.16.840.1.113883.2.8.2.1"/><templateId root="1.2.250.1.213.1.1.1.1"/>
<templateId root="1.2.250.1.213.1.1.1.13"/><id root="1.2.250.1.999.9.1.77"/>
<code code="SYNTH" codeSystem="1.2.250.1.213.1.1.4.12" displayName="Synthèse"/>
<title>Volet de synthèse médicale</title><effectiveTime value="20260301101500+0100"/>
<confidentialityCode code="N" codeSystem="2.16.840.1.113883.5.25"/><languageCode code="fr-FR"/>
<setId root="1.2.250.1.999.9.1.70"/><versionNumber value="1"/>
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
<componentOf><encompassingEncounter><effectiveTime><low value="20260301100000+0100"/></effectiveTime>
<location><healthCareFacility><code code="SA07" codeSystem="1.2.250.1.71.4.2.4"/></healthCareFacility></location>
</encompassingEncounter></componentOf>
<component><structuredBody><component><section><title>Allergies</title><text>Aucune</text></section></component>
</structuredBody></component></ClinicalDocument>"""
XSL = 'xmlns:xsl="http://www.w3.org/1999/XSL/Transform"'


def read(text: str = SUMMARY, **patient: object) -> cda_check.CdaFacts:
    return cda_check.read(text.encode(), replace(WOMAN, **patient))  # type: ignore[arg-type]


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
    assert facts.type_code.code == "SYNTH"
    assert facts.format_code == Code(
        "urn:asip:ci-sis:vsm:2012", "1.2.250.1.213.1.1.4.2.282", "Synthèse médicale"
    )
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
    ready = cda_check.ready(SUMMARY.encode(), facts, visibility=Visibility(invisible_to_patient=True))
    prepared = made(submission(ready))
    assert cda_of(prepared) == SUMMARY.encode()
    assert prepared.documents[0].unique_id == facts.unique_id
    root = etree.fromstring(prepared.body)
    (entry,) = root.xpath("(//rim:ExtrinsicObject)[1]", namespaces=NS)
    assert entry.get("mimeType") == "text/xml"
    assert "SYNTH" in entry.xpath("rim:Classification/@nodeRepresentation", namespaces=NS)
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
        ('<setId root="1.2.250.1.999.9.1.70"/>', "", "header: missing"),
        ('<versionNumber value="1"/>', "", "header: missing"),
        ('<setId root="1.2.250.1.999.9.1.70"/>', '<setId nullFlavor="UNK"/>', "version"),
        (
            '<setId root="1.2.250.1.999.9.1.70"/><versionNumber value="1"/>',
            '<versionNumber value="1"/><setId root="1.2.250.1.999.9.1.70"/>',
            "header: order",
        ),
        ('<templateId root="2.16.840.1.113883.2.8.2.1"/>', "", "models"),
        ('<templateId root="1.2.250.1.213.1.1.1.13"/>', "", "models"),
        ("1.2.250.1.213.1.1.1.13", "1.2.250.1.213.1.1.1.58", "format"),
        ('codeSystem="1.2.250.1.213.1.1.4.12"', 'codeSystem="2.16.840.1.113883.6.1"', "type system"),
        ('<standardIndustryClassCode code="AMBULATOIRE" codeSystem="1.2.250.1.213.1.1.4.9"/>', "", "setting"),
        ('<code code="SA07" codeSystem="1.2.250.1.71.4.2.4"/>', "", "facility"),
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
    refused(wrapped("  "), "empty body")


def wrapped(content: str = "JVBERg==") -> str:
    """The same header around a file, whose models are its own."""
    text = f'<nonXMLBody><text mediaType="application/pdf" representation="B64">{content}</text></nonXMLBody>'
    changed = re.sub("<structuredBody>.*</structuredBody>", text, SUMMARY, flags=re.DOTALL)
    return changed.replace("1.2.250.1.213.1.1.1.13", "1.3.6.1.4.1.19376.1.2.20")


def test_a_wrapped_file_follows_three_models_and_no_other() -> None:
    assert read(wrapped()).format_code.code == "urn:ihe:iti:xds-sd:pdf:2008"
    refused(wrapped().replace("1.3.6.1.4.1.19376.1.2.20", "1.3.6.1.4.1.19376.1.2.24"), "models")
    refused(wrapped().replace("<id root", '<templateId root="1.2.3"/><id root', 1), "models")


def test_an_act_without_a_performer_is_refused() -> None:
    refused(re.sub("<performer.*</performer>", "", SUMMARY, flags=re.DOTALL), "performer")


@pytest.mark.parametrize(
    ("model", "type_code", "system", "code"),
    [
        ("1.2.250.1.213.1.1.1.51", "60591-5", "1.3.6.1.4.1.19376.1.2.3", "urn:ihe:pcc:ips:2020"),
        ("1.2.250.1.213.1.1.1.20", "SYNTH", "1.2.250.1.213.1.1.4.2.282", "urn:asip:ci-sis:pps-paerpa:2017"),
        ("1.2.250.1.213.1.1.1.29", "11490-0", "1.2.250.1.213.1.1.4.2.282", "urn:asip:ci-sis:ldl-ses:2017"),
        (
            "1.2.250.1.213.1.1.1.52",
            "PRESC-BIO",
            "1.2.250.1.213.1.1.4.2.282",
            "urn:ans:ci-sis:bio-ep-bio:2022",
        ),
        ("1.2.250.1.213.1.1.1.39", "57833-6", "1.3.6.1.4.1.19376.1.2.3", "urn:ihe:pharm:pre:2010"),
        ("1.2.250.1.213.1.1.1.55", "11502-2", "1.3.6.1.4.1.19376.1.2.3", "urn:ihe:lab:xd-lab:2008"),
    ],
)
def test_the_format_follows_the_model_and_never_the_type(
    model: str, type_code: str, system: str, code: str
) -> None:
    held = known(CodeSet.TYPE, type_code)
    assert held is not None
    text = changed("1.2.250.1.213.1.1.1.13", model)
    text = text.replace(
        '"SYNTH" codeSystem="1.2.250.1.213.1.1.4.12"', f'"{type_code}" codeSystem="{held.system}"'
    )
    found = read(text).format_code
    assert (found.code, found.system) == (code, system)
    assert found.label not in ("", code)


def test_a_structured_document_whose_model_nobody_knows_is_refused_whatever_its_type() -> None:
    text = changed("1.2.250.1.213.1.1.1.13", "1.2.250.1.999.1")
    for type_code, system in (("SYNTH", "1.2.250.1.213.1.1.4.12"), ("11502-2", "2.16.840.1.113883.6.1")):
        typed = text.replace(
            '"SYNTH" codeSystem="1.2.250.1.213.1.1.4.12"', f'"{type_code}" codeSystem="{system}"'
        )
        refused(typed, "format")


# --- what the registry is told is what the document says ------------------------------------------------------


def sent(text: str) -> PreparedSubmission:
    patient = replace(WOMAN, local_id=None)
    ready = cda_check.ready(text.encode(), cda_check.read(text.encode(), patient), visibility=Visibility())
    return made(submission(ready, patient=patient))


def told(prepared: PreparedSubmission, path: str) -> list[str]:
    """Of the entry of the document."""
    found = etree.fromstring(prepared.body).xpath(f"(//rim:ExtrinsicObject)[1]/{path}", namespaces=NS)
    return [str(one) for one in found]


def slot(prepared: PreparedSubmission, name: str) -> list[str]:
    return told(prepared, f"descendant::rim:Slot[@name='{name}']/rim:ValueList/rim:Value/text()")


def test_the_sector_is_the_documents_and_not_the_cards() -> None:
    elsewhere = changed('code="SA07"', 'code="SA25"')
    facility = "urn:uuid:f33fb8ac-18af-42cc-ae0e-ed0b0bdb91e1"
    path = f"rim:Classification[@classificationScheme='{facility}']/@nodeRepresentation"
    assert told(sent(SUMMARY), path) == ["SA07"]
    assert told(sent(elsewhere), path) == ["SA25"]
    assert read(elsewhere).facility.label == "Laboratoire de biologie médicale"


def test_an_internal_identifier_keeps_its_root_and_does_not_make_its_bearer_the_card_holder() -> None:
    own = '<id root="1.2.250.1.999.7.9" extension="899700000021"/>'
    national = '<id root="1.2.250.1.71.4.2.1" extension="899700000021"/>'
    head, _, tail = SUMMARY.partition(national)
    prepared = sent(head + own.replace("899700000021", "INT-7") + tail)
    assert slot(prepared, "authorPerson") == ["INT-7^GIRAUD^CAMILLE^^^^^^&1.2.250.1.999.7.9&ISO^D^^^EI"]
    assert slot(prepared, "legalAuthenticator")[0].endswith("&1.2.250.1.71.4.2.1&ISO^D^^^IDNPS")
    with pytest.raises(DocumentInvalid, match="card holder"):
        sent(SUMMARY.replace(national, own))


def test_the_role_of_an_author_goes_out_in_its_own_words() -> None:
    role = '<functionCode code="PCP" codeSystem="2.16.840.1.113883.5.88" displayName="Médecin traitant"/>'
    assert slot(sent(changed("<author><time", f"<author>{role}<time")), "authorRole") == ["Médecin traitant"]
    assert slot(sent(SUMMARY), "authorRole") == []


def test_an_author_of_whom_no_profession_and_no_structure_is_said_sends_no_empty_value() -> None:
    code = '<code code="G15_10/SM26" codeSystem="1.2.250.1.213.1.1.4.5" displayName="Médecin - MG"/>\n'
    bare = changed(f"{ORG.format(setting='')}</assignedAuthor>", "</assignedAuthor>").replace(code, "", 1)
    prepared = sent(bare)
    assert slot(prepared, "authorInstitution") == slot(prepared, "authorSpecialty") == []
    assert slot(prepared, "authorPerson")[0].startswith("899700000021^GIRAUD^CAMILLE")


def test_the_patient_in_the_makers_register_is_told() -> None:
    ins_c = '<id root="1.2.250.1.213.1.4.2" extension="0833910461279517589858"/>'
    own = '<id root="1.2.250.1.999.7.3" extension="IPP&amp;9"/>'
    prepared = sent(changed(ins_c, ins_c + own))
    assert read(changed(ins_c, ins_c + own)).local_id == LocalId("1.2.250.1.999.7.3", "IPP&9")
    assert slot(prepared, "sourcePatientId") == ["IPP\\T\\9^^^&1.2.250.1.999.7.3&ISO^PI"]
    assert slot(sent(SUMMARY), "sourcePatientId")[0].startswith("0833910461279517589858^^^")


# --- the traits of an INS -----------------------------------------------------------------------------------

INS = PatientId("1.2.250.1.213.1.4.10", "284037511200188")
TRAITS = """<name><family qualifier="BR">LACÔTE</family><given>ÉLODIE ANNE</given>
<given qualifier="BR">ÉLODIE</given></name><administrativeGenderCode code="F" codeSystem="2.16.840.1.113883.5.1"/>
<birthTime value="19840312"/><birthplace><place><addr><county>75112</county></addr></place></birthplace>"""


def of_an_ins(traits: str = TRAITS) -> str:
    text = changed(
        'root="1.2.250.1.213.1.4.2" extension="0833910461279517589858"',
        f'root="{INS.root}" extension="{INS.extension}"',
    )
    return text.replace('<name><family>LACÔTE</family></name><birthTime value="19840312"/>', traits)


def test_with_an_ins_all_its_traits_are_said() -> None:
    facts = read(of_an_ins(), patient=INS)
    ready = cda_check.ready(of_an_ins().encode(), facts, visibility=Visibility())
    made(submission(ready, patient=replace(WOMAN, patient=INS), access=Access(INS)))


@pytest.mark.parametrize(
    ("trait", "word"),
    [
        ('<family qualifier="BR">LACÔTE</family>', "nom de naissance"),
        ("<given>ÉLODIE ANNE</given>", "liste des prénoms"),
        ('<given qualifier="BR">ÉLODIE</given>', "premier prénom"),
        ('<administrativeGenderCode code="F" codeSystem="2.16.840.1.113883.5.1"/>', "sexe"),
        ('<birthTime value="19840312"/>', "date de naissance"),
        ("<county>75112</county>", "lieu de naissance"),
    ],
)
def test_a_trait_of_the_ins_that_is_missing_is_named(trait: str, word: str) -> None:
    assert trait in TRAITS
    with pytest.raises(DocumentInvalid, match="INS traits") as raised:
        read(of_an_ins(TRAITS.replace(trait, "")), patient=INS)
    assert word in raised.value.cause


def test_a_replacement_must_be_the_one_that_was_chosen() -> None:
    related = '<relatedDocument typeCode="RPLC"><parentDocument><id root="2.25.9"/></parentDocument></relatedDocument>'
    facts = read(changed("<componentOf>", related + "<componentOf>"))
    assert facts.replaced == "2.25.9"
    right = Replaced("urn:uuid:1", "2.25.9")
    common = {"visibility": Visibility()}
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
def test_a_style_sheet_elsewhere_is_for_plain_documents_only(href: str) -> None:
    """As every example of the ANS names one: the document does not present itself, and goes as it is."""
    instruction = f'<?xml-stylesheet type="text/xsl" href="{href}"?>'
    plain = changed("<ClinicalDocument ", f"{instruction}<ClinicalDocument ")
    assert read(plain).mime_type == "text/xml"
    refused(with_sheet("", instruction), "stylesheet")
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


def test_the_table_of_formats_gives_each_model_one_code_with_its_system_and_its_label() -> None:
    table = rows("cda_formats.csv")
    assert len({row["key"] for row in table}) == len(table)
    for row in table:
        own = row["format"].startswith(("urn:asip:", "urn:ans:"))
        assert row["system"] == ("1.2.250.1.213.1.1.4.2.282" if own else "1.3.6.1.4.1.19376.1.2.3")
        assert row["label"]
        assert is_oid(row["key"]) or "/" in row["key"]
        held = known(CodeSet.FORMAT, row["format"])
        assert held is None or held == Code(row["format"], row["system"], row["label"])
