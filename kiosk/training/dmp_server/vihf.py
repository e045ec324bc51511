"""The VIHF: the SAML 2.0 assertion that says who calls, from where, why, and for which patient.

This module reads the signed copy and checks its form; `admission` confronts it with card and directory.
"""

import re
from dataclasses import dataclass
from datetime import datetime, timedelta

from kiosk.training.dmp_server import identifiers
from kiosk.training.dmp_server.names import CONFIDENTIALITIES, HL7, INS_C, PURPOSES, SAML, SECTORS
from kiosk.training.dmp_server.outcomes import EXPIRED_VIHF, Fault, invalid_vihf
from kiosk.training.dmp_server.xml import Element, attribute, find, find_all, is_a, text

TOLERANCE = timedelta(minutes=5)  # [unknown]: the service publishes no limit

_SUBJECT_NAME = "urn:oasis:names:tc:SAML:1.1:nameid-format:X509SubjectName"
_SMARTCARD = "urn:oasis:names:tc:SAML:2.0:ac:classes:SmartcardPKI"
_ROLE = "urn:oasis:names:tc:xacml:2.0:subject:role"
_SUBJECT_ID = "urn:oasis:names:tc:xspa:1.0:subject:subject-id"
_RESOURCE = "urn:oasis:names:tc:xacml:2.0:resource:resource-id"
_PURPOSE = "urn:oasis:names:tc:xspa:1.0:subject:purposeofuse"
_CONFIDENTIALITY = "urn:oasis:names:tc:xspa:1.0:resource:patient:hl7:confidentiality-code"
_SECRET = f"INVISIBLE_REPRESENTANTS_LEGAUX^{CONFIDENTIALITIES}"
_REASON = "Mode_Acces_Raison"  # [likely]: the function is sure, the attribute's name is not
_VERSIONS = ("1.0", "2.0", "3.0", "4.0")
_INSTANT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z", re.ASCII)
NORMAL, BREAK_GLASS, REGULATION = "normal", "bris_de_glace", "centre_15"
_PURPOSE_CODES = (NORMAL, BREAK_GLASS, REGULATION)


@dataclass(frozen=True)
class Coded:
    """One HL7 CE value."""

    code: str
    system: str


@dataclass(frozen=True)
class Vihf:
    """What a well-formed assertion says; nothing of it is believed yet."""

    issuer: str
    name_id: str
    structure_id: str
    sector: str
    roles: tuple[Coded, ...]
    """Profession, then speciality where there is one."""
    purpose: str
    """`normal`, `bris_de_glace` or `centre_15`."""
    patient: str
    """Identifier of `resource-id`: an INS-C, or a NIR of fifteen characters."""
    subject: str = ""
    """`NOM PRENOM`, empty when the assertion does not say: only some callers must."""
    patient_root: str = INS_C
    """OID that says which."""
    reason: str = ""
    """Why the glass is broken, in the professional's words; empty in the other modes."""
    secret: bool = False
    """The access is hidden from the legal representatives of the patient, a minor."""


def read(assertion: Element, now: datetime) -> Vihf:
    """Read a verified assertion in DIRECTE mode. Raises `Fault`."""
    _check_clock(assertion, now)
    if assertion.get("Version") != "2.0":
        raise invalid_vihf("Le VIHF n'est pas une assertion SAML 2.0.")
    issuer = find(assertion, SAML, "Issuer")
    if attribute(issuer, "Format") != _SUBJECT_NAME or not text(issuer):
        raise invalid_vihf("L'émetteur du VIHF doit être un nom de sujet X.509 (attribut Format).")
    if text(find(assertion, SAML, "AuthnStatement/AuthnContext/AuthnContextClassRef")) != _SMARTCARD:
        raise invalid_vihf("En mode direct, l'authentification du VIHF est SmartcardPKI.")
    attributes = _attributes(assertion)
    _check_constants(attributes)
    purpose = _purpose(attributes)
    patient, patient_root = identifiers.from_cx(_one(attributes, _RESOURCE))
    return Vihf(
        issuer=text(issuer),
        name_id=text(find(assertion, SAML, "Subject/NameID")),
        structure_id=_one(attributes, "Identifiant_Structure"),
        sector=_sector(_one(attributes, "Secteur_Activite")),
        roles=_roles(attributes),
        purpose=purpose,
        patient=patient,
        patient_root=patient_root,
        subject=_one(attributes, _SUBJECT_ID) if _SUBJECT_ID in attributes else "",
        reason=_one(attributes, _REASON) if purpose == BREAK_GLASS else "",
        secret=_secret(attributes),
    )


def _check_clock(assertion: Element, now: datetime) -> None:
    issued = _instant(attribute(assertion, "IssueInstant"))
    login = _instant(attribute(find(assertion, SAML, "AuthnStatement"), "AuthnInstant"))
    conditions = find(assertion, SAML, "Conditions")
    not_before = attribute(conditions, "NotBefore")
    not_after = attribute(conditions, "NotOnOrAfter")
    if (
        abs(now - issued) > TOLERANCE
        or login > now + TOLERANCE
        or (not_before and _instant(not_before) > now + TOLERANCE)
        or (not_after and _instant(not_after) <= now)
    ):
        raise Fault("VIHF expiré", EXPIRED_VIHF)


def _instant(value: str) -> datetime:
    """A UTC `xs:dateTime`, milliseconds allowed."""
    try:
        if _INSTANT.fullmatch(value):
            return datetime.fromisoformat(value)
    except ValueError:
        pass
    raise invalid_vihf("Une date du VIHF manque ou n'est pas en temps universel.")


def _attributes(assertion: Element) -> dict[str, list[Element]]:
    """The values of each attribute by its name; a name said twice is refused."""
    found: dict[str, list[Element]] = {}
    for one in find_all(assertion, SAML, "AttributeStatement/Attribute"):
        name = attribute(one, "Name")
        if name in found:
            raise invalid_vihf(f"L'attribut {name} figure deux fois dans le VIHF.")
        found[name] = find_all(one, SAML, "AttributeValue")
    return found


def _one(attributes: dict[str, list[Element]], name: str) -> str:
    """The text of an attribute that must have one value."""
    values = attributes.get(name, [])
    if len(values) != 1 or not text(values[0]):
        raise invalid_vihf(f"L'attribut {name} du VIHF manque ou est vide.")
    return text(values[0])


def _check_constants(attributes: dict[str, list[Element]]) -> None:
    if _one(attributes, "VIHF_Version") not in _VERSIONS:
        raise invalid_vihf("La version du VIHF n'est pas connue.")
    if _one(attributes, "Authentification_mode") != "DIRECTE":
        raise invalid_vihf("Ce service n'admet que le mode d'authentification DIRECTE.")
    if _one(attributes, "Ressource_URN") != "urn:dmp":
        raise invalid_vihf("La ressource visée par le VIHF n'est pas le DMP.")
    for name in ("LPS_Nom", "LPS_Version", "LPS_ID_HOMOLOGATION_DMP"):
        _one(attributes, name)


def _sector(value: str) -> str:
    """`SA07` of `SA07^1.2.250.1.71.4.2.4`."""
    code, _, oid = value.partition("^")
    if oid != SECTORS or not code:
        raise invalid_vihf("Le secteur d'activité du VIHF est mal formé.")
    return code


def _purpose(attributes: dict[str, list[Element]]) -> str:
    values = attributes.get(_PURPOSE, [])
    purpose = _coded(values[0], "PurposeOfUse") if len(values) == 1 else None
    if purpose is None or purpose.system != PURPOSES or purpose.code not in _PURPOSE_CODES:
        raise invalid_vihf("Le mode d'accès (purposeofuse) du VIHF manque ou n'est pas connu.")
    return purpose.code


def _secret(attributes: dict[str, list[Element]]) -> bool:
    if _CONFIDENTIALITY not in attributes:
        return False
    if _one(attributes, _CONFIDENTIALITY) != _SECRET:
        raise invalid_vihf("Le code de confidentialité du VIHF n'est pas connu.")
    return True


def _roles(attributes: dict[str, list[Element]]) -> tuple[Coded, ...]:
    roles = tuple(_coded(value, "Role") for value in attributes.get(_ROLE, []))
    if not 1 <= len(roles) <= 2:
        raise invalid_vihf("Le VIHF doit porter un rôle : la profession, puis la spécialité.")
    return roles


def _coded(value: Element, tag: str) -> Coded:
    """The CE inside an AttributeValue."""
    inner = find(value, HL7, tag)
    if inner is None or len(value) != 1 or not is_a(inner, "CE"):
        raise invalid_vihf(f"La valeur codée {tag} du VIHF est mal formée.")
    coded = Coded(attribute(inner, "code"), attribute(inner, "codeSystem"))
    if not coded.code or not coded.system:
        raise invalid_vihf(f"La valeur codée {tag} du VIHF est incomplète.")
    return coded
