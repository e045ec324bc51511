"""Holders as certificates name them: CPS, CPF, CPE with and without a name, CPA, the older authority."""

import datetime as dt

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID, ObjectIdentifier
from hypothesis import given
from hypothesis import strategies as st

from kiosk.card.certificates import identity_of, load_certificate, use_of
from kiosk.card.holder import professional_of
from kiosk.card.model import CardType, KeyUse
from kiosk.card.nomenclature import profession, sector, speciality
from kiosk.errors import CardAnswerInvalid, CertificateUnusable

KEY = rsa.generate_private_key(public_exponent=65537, key_size=2048)
START = dt.datetime(2025, 1, 1, tzinfo=dt.UTC)

C, T, O, OU = NameOID.COUNTRY_NAME, NameOID.TITLE, NameOID.ORGANIZATION_NAME, NameOID.ORGANIZATIONAL_UNIT_NAME  # noqa: E741
SN, GN, CN = NameOID.SURNAME, NameOID.GIVEN_NAME, NameOID.COMMON_NAME

Rdn = list[tuple[ObjectIdentifier, str]]


def certificate(
    *rdns: Rdn, issuer: str = "ANS", extensions: tuple[x509.ExtensionType, ...] = (), key: object = KEY
) -> x509.Certificate:
    subject = x509.Name(
        [
            x509.RelativeDistinguishedName([x509.NameAttribute(oid, value) for oid, value in rdn])
            for rdn in rdns
        ]
    )
    builder = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(
            x509.Name([x509.NameAttribute(O, issuer), x509.NameAttribute(CN, "AC IGC-SANTE FORT PERSONNES")])
        )
        .public_key(key.public_key())  # type: ignore[attr-defined]
        .serial_number(1)
        .not_valid_before(START)
        .not_valid_after(START + dt.timedelta(days=10))
    )
    for extension in extensions:
        builder = builder.add_extension(extension, False)
    return builder.sign(KEY, hashes.SHA256())


def person(number: str, family: str = "GIRAUD", given_name: str = "CAMILLE") -> Rdn:
    return [(SN, family), (GN, given_name), (CN, number)]


def test_cps() -> None:
    identity = identity_of(
        certificate([(C, "FR")], [(T, "Médecin")], person("810000000064", "ÉTRÉVILLE", "NOËL"))
    )
    assert identity.national_id == "810000000064"
    assert (identity.family_name, identity.given_name) == ("ÉTRÉVILLE", "NOËL")
    assert identity.profession == profession("10")
    assert (identity.card_type, identity.test_card) == (CardType.CPS, False)
    assert (identity.structure_name, identity.structure_id) == ("", "")


@pytest.mark.parametrize(
    ("title", "code"),
    [("Médecin", "10"), ("MEDECIN", "10"), ("Pharmacien", "21"), ("Chirurgien-Dentiste", "40"), ("Sage-Femme", "50"),
     ("Sage-femme", "50"), ("Infirmier", "60"), ("Masseur-Kinésithérapeute", "70"), ("Orthophoniste", "91")],
)  # fmt: skip
def test_profession_by_title(title: str, code: str) -> None:
    found = identity_of(certificate([(T, title)], person("899700000021"))).profession
    assert (found.code, found.system) == (code, "1.2.250.1.71.1.2.7")


def test_cpf() -> None:
    identity = identity_of(certificate([(T, "Médecin en formation")], person("899700000071")))
    assert identity.card_type is CardType.CPF
    assert (identity.profession.code, identity.profession.system) == ("10", "1.2.250.1.71.1.2.8")


def test_unknown_profession_is_shown_as_it_came() -> None:
    found = identity_of(certificate([(T, "Rebouteux")], person("899700000021"))).profession
    assert (found.code, found.label) == ("Rebouteux", "Rebouteux")


def test_profession_in_an_extension_when_the_title_is_silent() -> None:
    extension = x509.UnrecognizedExtension(ObjectIdentifier("1.2.250.1.71.1.2.7"), b"\x13\x0260")
    assert identity_of(certificate(person("899700000021"), extensions=(extension,))).profession == profession(
        "60"
    )


def test_nominative_cpe() -> None:
    identity = identity_of(
        certificate(
            [(C, "FR")],
            [(O, "CH DE FICTION")],
            [(OU, "10B0099991")],
            person("30B0099991/CPET00011", "MARCHAND", "LEA"),
        )
    )
    assert identity.card_type is CardType.CPE
    assert (identity.family_name, identity.given_name) == ("MARCHAND", "LEA")
    assert (identity.structure_name, identity.structure_id) == ("CH DE FICTION", "10B0099991")
    assert identity.profession.code == "SECRETARIAT_MEDICAL"
    assert not identity.anonymous


def test_0_1_121_anonymous_cpe_is_named_after_its_employer() -> None:
    identity = identity_of(
        certificate([(O, "CLINIQUE L'ÉTOILE & CIE")], [(OU, "10B0099991")], [(CN, "30B0099991/CPET0001")])
    )
    assert identity.card_type is CardType.CPE
    assert (identity.family_name, identity.given_name) == ("CLINIQUE L'ÉTOILE CIE", "B CPET")
    assert identity.anonymous


def test_anonymous_cpe_whose_number_has_no_letter() -> None:
    identity = identity_of(certificate([(O, "CH 2 FICTION")], [(CN, "3760021832/000000018")]))
    assert (identity.family_name, identity.given_name) == ("CH FICTION", "CPE")


def test_cpa() -> None:
    assert identity_of(certificate([(CN, "500000000029751/CPAT0001")])).card_type is CardType.CPA


def test_older_authority_writes_the_profession_in_ou() -> None:
    identity = identity_of(
        certificate([(C, "FR")], [(O, "TEST")], [(OU, "Médecin")], person("00B7010446"), issuer="TEST")
    )
    assert (identity.profession, identity.test_card, identity.structure_name) == (profession("10"), True, "")


@pytest.mark.parametrize(
    ("issuer", "number", "expected"),
    [("ANS", "810000000064", False), ("ANS", "899700000021", True), ("TEST", "810000000064", True),
     ("ANS - TEST", "810000000064", True), ("ATTESTATIONS", "810000000064", False)],
)  # fmt: skip
def test_category(issuer: str, number: str, expected: bool) -> None:
    assert identity_of(certificate([(T, "Médecin")], person(number), issuer=issuer)).test_card is expected


def test_nobody() -> None:
    with pytest.raises(CertificateUnusable):
        identity_of(certificate([(C, "FR")]))


def test_two_certificates_of_two_people() -> None:
    doctor, other = (
        certificate([(T, "Médecin")], person(number)) for number in ("899700000021", "899700000022")
    )
    assert professional_of(dict.fromkeys(KeyUse, doctor), b"", "0000000021").national_id == "899700000021"
    with pytest.raises(CardAnswerInvalid):
        professional_of({KeyUse.AUTHENTICATION: doctor, KeyUse.SIGNATURE: other}, b"", "0000000021")


@pytest.mark.parametrize(
    ("title", "info", "code"),
    [
        ("Médecin", b"\x80\x0210SM26", "SM26"),
        ("Médecin", b"SM26\x00\x00\xff", "SM26"),
        ("Médecin", b"10SM99", "SM99"),
        ("Médecin", b"1210", ""),
        ("Médecin", b"", ""),
        ("Pharmacien", b"21   A", "A"),
        ("Pharmacien", b"21  DA", "DA"),
        ("Pharmacien", b"21A   ", "A"),
        ("Pharmacien", b"OFFICINE", ""),
        ("Infirmier", b"SA0860    ", ""),
        ("Infirmier", b"6080", ""),
        ("Infirmier", b"60SI04", "SI04"),
        ("Médecin en formation", b"10SM26", ""),
    ],
)
def test_speciality_at_the_end_of_cps_info_ps(title: str, info: bytes, code: str) -> None:
    made = certificate([(T, title)], person("899700000021"))
    found = professional_of(dict.fromkeys(KeyUse, made), info, "0000000021").speciality
    assert (found.code if found else "") == code


CLIENT = x509.ExtendedKeyUsage([ExtendedKeyUsageOID.CLIENT_AUTH, ExtendedKeyUsageOID.SMARTCARD_LOGON])
NON_REPUDIATION = x509.KeyUsage(False, True, False, False, False, False, False, False, False)


@pytest.mark.parametrize(
    ("label", "extensions", "use"),
    [
        ("Certificat d'Authentification CPS", (), KeyUse.AUTHENTICATION),
        ("Certificat de Signature CPS", (), KeyUse.SIGNATURE),
        ("", (CLIENT,), KeyUse.AUTHENTICATION),
        ("", (NON_REPUDIATION,), KeyUse.SIGNATURE),
        ("Certificat Technique CPS", (), None),
    ],
)
def test_use(label: str, extensions: tuple[x509.ExtensionType, ...], use: KeyUse | None) -> None:
    assert use_of(label, certificate(person("1"), extensions=extensions)) is use


def test_padded_file() -> None:
    made = certificate(person("899700000021"))
    assert load_certificate(made.public_bytes(Encoding.DER) + bytes(100)) == made


def test_forbidden_serial_number() -> None:
    content = DER.replace(bytes.fromhex("020101"), bytes.fromhex("020100"), 1)
    with pytest.raises(CertificateUnusable):
        load_certificate(content)


def test_only_rsa() -> None:
    made = certificate(person("1"), key=ec.generate_private_key(ec.SECP256R1()))
    with pytest.raises(CertificateUnusable):
        load_certificate(made.public_bytes(Encoding.DER))


DER = certificate(
    [(T, "Médecin")], person("899700000021"), extensions=(CLIENT, NON_REPUDIATION)
).public_bytes(Encoding.DER)


@given(st.lists(st.tuples(st.integers(0, len(DER) - 1), st.integers(0, 255)), min_size=1, max_size=5))
def test_mutated(changes: list[tuple[int, int]]) -> None:
    content = bytearray(DER)
    for position, value in changes:
        content[position] = value
    try:
        made = load_certificate(bytes(content))
        use_of("", made)
        identity_of(made)
    except (CertificateUnusable, CardAnswerInvalid):
        return


def test_nomenclatures() -> None:
    assert sector("SA33").label == "Pharmacie d'officine"
    assert sector("SA99").label == "SA99"
    assert speciality("SM26", "10").system == "1.2.250.1.71.4.2.5"
    assert speciality("SM26", "10").label == "Qualifié en Médecine générale (SM)"
    assert speciality("A", "21") == speciality("A", "21")
    assert speciality("A", "21").label == "Pharmacien titulaire d'officine"
    assert speciality("SM99", "10").label == "SM99"
