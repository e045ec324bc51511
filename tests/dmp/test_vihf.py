"""The VIHF, judged by xmlsec1 and by the reference's list of attributes."""

import datetime
from dataclasses import replace

import pytest
from cryptography import x509
from cryptography.x509.oid import NameOID
from dmp_peers import (
    DOCTOR,
    NOW,
    PATIENT,
    SECRETARY,
    SOFTWARE,
    Clock,
    RsaSigner,
    Uuids,
    certificate,
    name,
    pem,
    xmlsec1_verifies,
)
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from lxml import etree

from kiosk.code import Code
from kiosk.dmp import distinguished_name, soap, xml
from kiosk.dmp.model import Actor, PatientId
from kiosk.dmp.profile import CURRENT, HISTORICAL, ServiceProfile, SignatureAlgorithm, Software
from kiosk.dmp.vihf import Access, Assertions, Purpose, nobody, resource_id
from kiosk.errors import CardRemoved

NS = {
    "saml2": "urn:oasis:names:tc:SAML:2.0:assertion",
    "ds": "http://www.w3.org/2000/09/xmldsig#",
    "h": "urn:hl7-org:v3",
}
XSI_TYPE = "{http://www.w3.org/2001/XMLSchema-instance}type"
ACCESS = Access(PATIENT)


def assertions(
    actor: Actor = DOCTOR,
    *,
    profile: ServiceProfile = HISTORICAL,
    software: Software = SOFTWARE,
    signer: RsaSigner | None = None,
    clock: Clock | None = None,
) -> Assertions:
    return Assertions(profile, software, actor, signer or RsaSigner(), clock or Clock(), Uuids())


def enveloped(assertion: bytes, body: bytes = b"<a xmlns='urn:x'/>") -> bytes:
    return soap.envelope(
        action="urn:a", to="https://localhost/x", message_id="urn:uuid:1", assertion=assertion, body=body
    )


def values(root: etree._Element, attribute: str) -> list[etree._Element]:
    return root.findall(f".//saml2:Attribute[@Name='{attribute}']/saml2:AttributeValue", NS)


def text(root: etree._Element, attribute: str) -> str | None:
    (value,) = values(root, attribute)
    return value.text


# --- signature --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("actor", [DOCTOR, SECRETARY])
@pytest.mark.parametrize("profile", [HISTORICAL, CURRENT])
def test_xmlsec1_accepts_the_assertion_alone_and_in_its_envelope(tmp_path, actor, profile):
    signed = assertions(actor, profile=profile).get(ACCESS)
    assert xmlsec1_verifies(signed, tmp_path)
    assert xmlsec1_verifies(enveloped(signed), tmp_path)


def test_the_signature_covers_the_content(tmp_path):
    signed = assertions().get(ACCESS)
    assert not xmlsec1_verifies(signed.replace(b"DIRECTE", b"INDIRECTE"), tmp_path)
    assert not xmlsec1_verifies(enveloped(signed.replace(b"SA07", b"SA01")), tmp_path)


def test_an_envelope_that_binds_the_same_namespaces_otherwise_does_no_harm(tmp_path):
    body = b'<h:a xmlns:h="urn:hl7-org:v3" xmlns:dsig="http://www.w3.org/2000/09/xmldsig#"><dsig:b/></h:a>'
    assert xmlsec1_verifies(enveloped(assertions().get(ACCESS), body), tmp_path)


def test_sha1_only_when_the_profile_says_so(tmp_path):
    old = replace(HISTORICAL, signature_algorithm=SignatureAlgorithm.RSA_SHA1)
    signed = assertions(profile=old).get(ACCESS)
    assert b"xmldsig#rsa-sha1" in signed
    assert xmlsec1_verifies(signed, tmp_path)
    assert b"sha1" not in assertions().get(ACCESS)


def test_the_form_of_the_signature():
    signer = RsaSigner()
    root = xml.parse(assertions(signer=signer).get(ACCESS))
    assert [etree.QName(child).localname for child in root] == [
        "Issuer",
        "Signature",
        "Subject",
        "Conditions",
        "AuthnStatement",
        "AttributeStatement",
    ]
    (signature,) = root.findall("ds:Signature", NS)
    assert signature.get("Id") is None
    assert signature.prefix == "ds"
    assert signature.find("ds:SignedInfo/ds:CanonicalizationMethod", NS).get("Algorithm") == (
        "http://www.w3.org/2001/10/xml-exc-c14n#"
    )
    assert signature.find("ds:SignedInfo/ds:SignatureMethod", NS).get("Algorithm") == (
        "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256"
    )
    (reference,) = signature.findall("ds:SignedInfo/ds:Reference", NS)
    assert reference.get("URI") == "#" + root.get("ID")
    assert [t.get("Algorithm") for t in reference.findall("ds:Transforms/ds:Transform", NS)] == [
        "http://www.w3.org/2000/09/xmldsig#enveloped-signature",
        "http://www.w3.org/2001/10/xml-exc-c14n#",
    ]
    assert reference.find("ds:DigestMethod", NS).get("Algorithm") == "http://www.w3.org/2001/04/xmlenc#sha256"
    (leaf,) = signature.findall("ds:KeyInfo/ds:X509Data/ds:X509Certificate", NS)
    assert "".join(leaf.text.split()) in "".join(pem(signer.certificate).decode().split())
    assert len(signature.find("ds:KeyInfo", NS)) == 1


# --- content ----------------------------------------------------------------------------------------------


def test_identity_times_and_context():
    clock = Clock()
    made = assertions(clock=clock)
    clock.advance(minutes=10)  # the professional logged in ten minutes ago
    root = xml.parse(made.get(ACCESS))
    assert root.get("Version") == "2.0"
    assert root.get("ID").startswith("_")
    assert root.get("IssueInstant") == "2026-03-02T08:25:30Z"
    issuer = root.find("saml2:Issuer", NS)
    assert issuer.get("Format") == "urn:oasis:names:tc:SAML:1.1:nameid-format:X509SubjectName"
    name_id = root.find("saml2:Subject/saml2:NameID", NS)
    assert (name_id.text, dict(name_id.attrib)) == ("899700000021", {})
    conditions = root.find("saml2:Conditions", NS)
    assert conditions.get("NotBefore") == "2026-03-02T08:25:00Z"
    assert conditions.get("NotOnOrAfter") == "2026-03-02T08:30:30Z"
    statement = root.find("saml2:AuthnStatement", NS)
    assert statement.get("AuthnInstant") == "2026-03-02T08:15:30Z"
    assert statement.findtext("saml2:AuthnContext/saml2:AuthnContextClassRef", namespaces=NS) == (
        "urn:oasis:names:tc:SAML:2.0:ac:classes:SmartcardPKI"
    )


def test_attributes_of_a_doctor():
    root = xml.parse(assertions().get(ACCESS))
    assert [a.get("Name") for a in root.iterfind(".//saml2:Attribute", NS)] == [
        "Identifiant_Structure",
        "Secteur_Activite",
        "urn:oasis:names:tc:xacml:2.0:subject:role",
        "VIHF_Version",
        "Authentification_mode",
        "urn:oasis:names:tc:xacml:2.0:resource:resource-id",
        "Ressource_URN",
        "urn:oasis:names:tc:xspa:1.0:subject:purposeofuse",
        "LPS_ID",
        "LPS_Nom",
        "LPS_Version",
        "LPS_ID_HOMOLOGATION_DMP",
    ]
    assert text(root, "Identifiant_Structure") == "499700000001001"
    assert text(root, "Secteur_Activite") == "SA07^1.2.250.1.71.4.2.4"
    assert text(root, "VIHF_Version") == "2.0"
    assert text(root, "Authentification_mode") == "DIRECTE"
    assert text(root, "urn:oasis:names:tc:xacml:2.0:resource:resource-id") == (
        "0833910461279517589858^^^&1.2.250.1.213.1.4.2&ISO^INS-C"
    )
    assert text(root, "Ressource_URN") == "urn:dmp"


def test_ex_gen_1180_name_and_version_are_those_of_the_software():
    root = xml.parse(assertions().get(ACCESS))
    assert text(root, "LPS_Nom") == "Borne DMP"
    assert text(root, "LPS_Version") == "1.0.0"
    assert text(root, "LPS_ID") == "1.2.250.1.999.7"


def test_ex_gen_1490_the_homologation_number_goes_to_the_dmp_and_to_no_repr():
    assert text(xml.parse(assertions().get(ACCESS)), "LPS_ID_HOMOLOGATION_DMP") == "XXX-000000-0000"
    assert "000000" not in repr(SOFTWARE)


def test_roles_are_profession_then_speciality():
    role = "urn:oasis:names:tc:xacml:2.0:subject:role"
    first, second = (value.find("h:Role", NS) for value in values(xml.parse(assertions().get(ACCESS)), role))
    assert (first.get("code"), first.get("codeSystem"), first.get("displayName")) == (
        "10",
        "1.2.250.1.71.1.2.7",
        "Médecin",
    )
    assert (second.get("code"), second.get("codeSystem")) == ("SM26", "1.2.250.1.71.4.2.5")
    assert first.get(XSI_TYPE) == second.get(XSI_TYPE) == "CE"
    assert first.prefix is None
    (only,) = values(xml.parse(assertions(SECRETARY).get(ACCESS)), role)
    assert only.find("h:Role", NS).get("code") == "SECRETARIAT_MEDICAL"


def test_0_1_121_only_a_cpe_without_a_name_says_who_it_is_in_the_subject_id():
    subject = "urn:oasis:names:tc:xspa:1.0:subject:subject-id"
    nameless = replace(
        SECRETARY, family_name="CENTRE HOSPITALIER DE FICTION", given_name="B CPET", anonymous=True
    )
    assert (
        text(xml.parse(assertions(nameless).get(ACCESS)), subject) == "CENTRE HOSPITALIER DE FICTION B CPET"
    )
    for actor in (DOCTOR, SECRETARY):
        assert values(xml.parse(assertions(actor).get(ACCESS)), subject) == []


@pytest.mark.parametrize(
    ("code", "dictionary"),
    [
        (Code("10", "1.2.250.1.71.1.2.8", "Médecin en formation"), "G16"),
        (Code("21", "1.2.250.1.71.1.2.7", "Pharmacien"), "G15"),
        (Code("A", "1.2.250.1.71.4.2.6", "Pharmacien titulaire d'officine"), "G05"),
        (Code("SECRETARIAT_MEDICAL", "1.2.250.1.213.1.1.4.6", "Secrétariat médical"), None),
    ],
)
def test_roles_name_their_dictionary_when_it_has_a_short_name(code, dictionary):
    role = "urn:oasis:names:tc:xacml:2.0:subject:role"
    actor = replace(DOCTOR, profession=code, speciality=None)
    (only,) = values(xml.parse(assertions(actor).get(ACCESS)), role)
    found = only.find("h:Role", NS)
    assert (found.get("code"), found.get("codeSystem")) == (code.code, code.system)
    assert found.get("codeSystemName") == dictionary


def test_ins_nir_in_the_current_profile():
    patient = PatientId("1.2.250.1.213.1.4.11", "255069999999934")
    root = xml.parse(assertions(profile=CURRENT).get(Access(patient)))
    assert text(root, "urn:oasis:names:tc:xacml:2.0:resource:resource-id") == (
        "255069999999934^^^&1.2.250.1.213.1.4.11&ISO^NH"
    )
    assert text(root, "VIHF_Version") == "3.0"


def test_break_glass_states_its_purpose_and_its_reason():
    access = Access(PATIENT, Purpose.BREAK_GLASS, "Patient inconscient")
    root = xml.parse(assertions().get(access))
    (value,) = values(root, "urn:oasis:names:tc:xspa:1.0:subject:purposeofuse")
    purpose = value.find("h:PurposeOfUse", NS)
    assert (purpose.get("code"), purpose.get("codeSystem"), purpose.get("displayName")) == (
        "bris_de_glace",
        "1.2.250.1.213.1.1.4.248",
        "Accès en bris de glace",
    )
    assert text(root, "Mode_Acces_Raison") == "Patient inconscient"
    assert "inconscient" not in repr(access)


def test_a_regulation_centre_states_its_purpose_and_no_reason():
    root = xml.parse(assertions().get(Access(PATIENT, Purpose.REGULATION)))
    (value,) = values(root, "urn:oasis:names:tc:xspa:1.0:subject:purposeofuse")
    purpose = value.find("h:PurposeOfUse", NS)
    assert (purpose.get("code"), purpose.get("codeSystem"), purpose.get("displayName")) == (
        "centre_15",
        "1.2.250.1.213.1.1.4.248",
        "Accès par un centre de régulation médicale",
    )
    assert values(root, "Mode_Acces_Raison") == []


SECRECY = "urn:oasis:names:tc:xspa:1.0:resource:patient:hl7:confidentiality-code"


def test_ex_0_1_1100_a_secret_connection_is_hidden_from_the_legal_representatives():
    made = assertions()
    root = xml.parse(made.get(Access(PATIENT, secret=True)))
    assert text(root, SECRECY) == "INVISIBLE_REPRESENTANTS_LEGAUX^1.2.250.1.213.1.1.4.13"
    assert values(xml.parse(made.get(ACCESS)), SECRECY) == []


def test_xmlsec1_accepts_a_secret_break_glass_with_its_reason(tmp_path):
    access = Access(PATIENT, Purpose.BREAK_GLASS, "Détresse & <coma> à l'arrivée", secret=True)
    signed = assertions().get(access)
    assert xmlsec1_verifies(enveloped(signed), tmp_path)
    root = xml.parse(signed)
    assert text(root, "Mode_Acces_Raison") == "Détresse & <coma> à l'arrivée"
    assert text(root, SECRECY) == "INVISIBLE_REPRESENTANTS_LEGAUX^1.2.250.1.213.1.1.4.13"
    tampered = signed.replace(b"INVISIBLE_REPRESENTANTS_LEGAUX", b"INVISIBLE_PATIENT")
    assert not xmlsec1_verifies(enveloped(tampered), tmp_path)


def test_the_resource_says_ins_c_or_nh_by_the_root_of_the_number():
    assert resource_id(PATIENT) == "0833910461279517589858^^^&1.2.250.1.213.1.4.2&ISO^INS-C"
    nir = PatientId("1.2.250.1.213.1.4.8", "255069999999934")
    assert resource_id(nir) == "255069999999934^^^&1.2.250.1.213.1.4.8&ISO^NH"


@pytest.mark.parametrize(
    ("profile", "nature", "root", "digits"),
    [
        (HISTORICAL, "real", "1.2.250.1.213.1.4.2", 20),
        (HISTORICAL, "test", "1.2.250.1.213.1.4.2", 20),
        (CURRENT, "real", "1.2.250.1.213.1.4.8", 13),
        (CURRENT, "test", "1.2.250.1.213.1.4.10", 13),
        (CURRENT, "demo", "1.2.250.1.213.1.4.11", 13),
    ],
)
def test_a_call_about_no_patient_names_a_number_that_is_well_formed_and_nobodys(
    profile, nature, root, digits
):
    patient = nobody(profile, nature)
    number, key = patient.extension[:-2], patient.extension[-2:]
    assert (patient.root, len(number)) == (root, digits)
    assert int(number) == 0
    assert int(key) == 97 - int(number) % 97
    assert profile.accepts(patient.root)


def test_no_attribute_and_no_element_is_empty():
    bare = replace(SECRETARY, profession=Code("AUTRE", "1.2.250.1.213.1.1.4.6", ""))
    made = assertions(bare, software=replace(SOFTWARE, homologation=""))
    for element in xml.parse(made.get(ACCESS)).iter():
        assert all(element.attrib.values())
        assert len(element) or element.attrib or (element.text or "").strip()


# --- life -------------------------------------------------------------------------------------------------


def test_a_second_call_costs_no_signature():
    signer, clock = RsaSigner(), Clock()
    made = assertions(signer=signer, clock=clock)
    first = made.get(ACCESS)
    clock.advance(minutes=3)
    assert made.holds(ACCESS)
    assert made.get(ACCESS) == first
    assert signer.signatures == 1


@pytest.mark.parametrize("later", [{"minutes": 4, "seconds": 1}, {"days": 1}, {"seconds": -1}])
def test_an_old_assertion_or_a_clock_set_back_is_signed_again(later):
    signer, clock = RsaSigner(), Clock()
    made = assertions(signer=signer, clock=clock)
    first = made.get(ACCESS)
    clock.advance(**later)
    assert not made.holds(ACCESS)
    assert made.get(ACCESS) != first
    assert signer.signatures == 2


def test_another_patient_or_another_purpose_is_another_assertion():
    signer = RsaSigner()
    made = assertions(signer=signer)
    other = PatientId(PATIENT.root, "1495343046986174527806")
    accesses = [
        ACCESS,
        Access(other),
        Access(PATIENT, Purpose.BREAK_GLASS, "Urgence"),
        Access(PATIENT, Purpose.BREAK_GLASS, "Coma"),
        Access(PATIENT, Purpose.REGULATION),
        Access(PATIENT, secret=True),
    ]
    assert len({made.get(access) for access in accesses}) == 6
    assert signer.signatures == 6


def test_the_cards_error_passes_and_nothing_is_kept():
    class Gone(RsaSigner):
        def sign(self, digest_info: bytes) -> bytes:
            raise CardRemoved

    made = assertions(signer=Gone())
    with pytest.raises(CardRemoved):
        made.get(ACCESS)
    assert not made.holds(ACCESS)


# --- Issuer -----------------------------------------------------------------------------------------------


def issuer(*rdns: dict[x509.ObjectIdentifier, str]) -> str:
    return distinguished_name.subject(certificate(name(*rdns), "signature", "content_commitment"))


def test_issuer_of_a_cps():
    written = issuer(
        {NameOID.COUNTRY_NAME: "FR"},
        {NameOID.TITLE: "Médecin"},
        {
            NameOID.SURNAME: "MARTIN-DE-LA-FONTAINE",
            NameOID.GIVEN_NAME: "ANNE",
            NameOID.COMMON_NAME: "899700296140",
        },
    )
    assert written == "GIVENNAME=ANNE + CN=899700296140 + SURNAME=MARTIN-DE-LA-FONTAINE, T=Médecin, C=FR"


def test_issuer_of_a_structure():
    written = issuer(
        {NameOID.COUNTRY_NAME: "FR"},
        {NameOID.STATE_OR_PROVINCE_NAME: "Paris (75)"},
        {NameOID.ORGANIZATION_NAME: "HOPITAL DE FICTION"},
        {NameOID.ORGANIZATIONAL_UNIT_NAME: "10B0099991"},
        {NameOID.COMMON_NAME: "30B0099991/CPET00011"},
    )
    assert written == "CN=30B0099991/CPET00011, OU=10B0099991, O=HOPITAL DE FICTION, ST=Paris (75), C=FR"


def test_issuer_escapes_and_spells_an_unknown_type_by_its_number():
    written = issuer(
        {NameOID.ORGANIZATION_NAME: ' A, B + "C" <D>; E\\ '},
        {NameOID.PSEUDONYM: "ÉLÉ"},
        {NameOID.COMMON_NAME: "#1"},
    )
    assert written == ('CN=\\#1, 2.5.4.65=#0C05C3894CC389, O=\\ A\\, B \\+ \\"C\\" \\<D\\>\\; E\\\\\\ ')


@settings(max_examples=40, deadline=None)
@given(st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1, max_size=200))
def test_any_organisation_name_comes_back_from_the_issuer(organisation):
    """A reader that knows RFC 4514 reads what was in the certificate."""
    written = issuer({NameOID.ORGANIZATION_NAME: organisation})
    (attribute,) = x509.Name.from_rfc4514_string(written)
    assert attribute.value == organisation


# --- anything a card may hold -----------------------------------------------------------------------------

FREE = st.text(max_size=40) | st.sampled_from(
    ["É & <b>", "]]>", "\x00\x1b[2J", "\ufffe", "a\r\nb", "'\"", "œ😀"]
)
CODES = st.builds(Code, FREE, FREE, FREE)


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    actor=st.builds(Actor, FREE, FREE, FREE, CODES, st.none() | CODES, FREE, FREE, CODES),
    reason=FREE,
    label=FREE,
)
def test_whatever_the_card_says_the_assertion_stays_whole_and_verified(tmp_path, actor, reason, label):
    software = replace(SOFTWARE, name=label)
    signed = assertions(actor, software=software).get(Access(PATIENT, Purpose.BREAK_GLASS, reason))
    document = enveloped(signed)
    root = xml.parse(document).find(".//saml2:Assertion", NS)
    assert root.find("saml2:Subject/saml2:NameID", NS) is not None
    assert xmlsec1_verifies(document, tmp_path)


def test_utc_is_written_whatever_the_zone():
    paris = Clock(NOW.astimezone(datetime.timezone(datetime.timedelta(hours=1))))
    assert xml.parse(assertions(clock=paris).get(ACCESS)).get("IssueInstant") == "2026-03-02T08:15:30Z"
