"""The Issuer of the assertion: the subject of the signature certificate as the DMP writes it.

RFC 2253 order (last RDN first). `GIVENNAME`, `SURNAME` and `T` are spelled so; a type without a name here is
written by its number and its DER value in hexadecimal. The values of one multi-valued RDN keep their order in
the certificate: an IGC-Santé CPS ends in one RDN that holds surname, given name and national identifier.
"""

import re

from cryptography import x509
from cryptography.x509.oid import NameOID

_NAMES = {
    NameOID.COMMON_NAME: "CN",
    NameOID.SURNAME: "SURNAME",
    NameOID.GIVEN_NAME: "GIVENNAME",
    NameOID.TITLE: "T",
    NameOID.SERIAL_NUMBER: "SERIALNUMBER",
    NameOID.ORGANIZATIONAL_UNIT_NAME: "OU",
    NameOID.ORGANIZATION_NAME: "O",
    NameOID.LOCALITY_NAME: "L",
    NameOID.STATE_OR_PROVINCE_NAME: "ST",
    NameOID.COUNTRY_NAME: "C",
}
_SPECIAL = re.compile(r'[,+"\\<>;]|^[# ]|(?<=.) $')


def subject(certificate: x509.Certificate) -> str:
    """`'GIVENNAME=ANNE + CN=899700… + SURNAME=…, T=Médecin, C=FR'`."""
    rdns = reversed(certificate.subject.rdns)
    return ", ".join(" + ".join(_written(attribute) for attribute in rdn) for rdn in rdns)


def _written(attribute: x509.NameAttribute[str | bytes]) -> str:
    name = _NAMES.get(attribute.oid)
    if name is None or isinstance(attribute.value, bytes):
        return f"{attribute.oid.dotted_string}=#{_der_value(attribute).hex().upper()}"
    escaped = _SPECIAL.sub(lambda found: "\\" + found.group(), attribute.value)
    return f"{name}={escaped}"


def _der_value(attribute: x509.NameAttribute[str | bytes]) -> bytes:
    """The value with its own ASN.1 type: what follows the OID in Name ⊃ RDN ⊃ AttributeTypeAndValue."""
    name = x509.Name([attribute]).public_bytes()
    pair = _content(_content(_content(name)))
    return pair[2 + pair[1] :]


def _content(der: bytes) -> bytes:
    long_form = der[1] & 0x7F if der[1] & 0x80 else 0
    return der[2 + long_form :]
