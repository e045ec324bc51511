"""The VIHF: a signed SAML 2.0 assertion that says who calls, for whom and why (direct authentication)."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from enum import Enum
from typing import Final
from uuid import UUID

from lxml import etree

from kiosk.code import Code
from kiosk.dmp import distinguished_name, xml
from kiosk.dmp.model import Actor, PatientId
from kiosk.dmp.profile import INS_C, ServiceProfile, Software
from kiosk.dmp.signature import Signer, placeholder, sign_enveloped

SAML: Final = "urn:oasis:names:tc:SAML:2.0:assertion"

EARLIER: Final = timedelta(seconds=30)
"""NotBefore: how far the server's clock may be behind ours."""
LIFE: Final = timedelta(minutes=5)
"""NotOnOrAfter. The service's own limit is not public. [unknown]"""
_LAST_USE: Final = LIFE - timedelta(seconds=60)  # a call that starts later could end after NotOnOrAfter

_SUBJECT_NAME = "urn:oasis:names:tc:SAML:1.1:nameid-format:X509SubjectName"
_SMARTCARD = "urn:oasis:names:tc:SAML:2.0:ac:classes:SmartcardPKI"
_ROLE = "urn:oasis:names:tc:xacml:2.0:subject:role"
_SUBJECT_ID = "urn:oasis:names:tc:xspa:1.0:subject:subject-id"
_RESOURCE_ID = "urn:oasis:names:tc:xacml:2.0:resource:resource-id"
_CONFIDENTIALITY = "urn:oasis:names:tc:xspa:1.0:resource:patient:hl7:confidentiality-code"
_HIDDEN_FROM_REPRESENTATIVES = "INVISIBLE_REPRESENTANTS_LEGAUX^1.2.250.1.213.1.1.4.13"  # [likely]: as a text
_PURPOSE_OF_USE = "urn:oasis:names:tc:xspa:1.0:subject:purposeofuse"
_PURPOSE_SYSTEM = "1.2.250.1.213.1.1.4.248"
_BREAK_GLASS_REASON = "Mode_Acces_Raison"  # [likely]: the name is a homonym seen elsewhere

_SYSTEM_NAMES = {
    "1.2.250.1.71.1.2.7": "G15",
    "1.2.250.1.71.1.2.8": "G16",
    "1.2.250.1.71.4.2.5": "R01",
    "1.2.250.1.71.4.2.6": "G05",
}


class Purpose(Enum):
    """Mode of access (TRE_R248): code and label."""

    NORMAL = ("normal", "Accès normal")
    BREAK_GLASS = ("bris_de_glace", "Accès en bris de glace")
    REGULATION = ("centre_15", "Accès par un centre de régulation médicale")

    @property
    def code(self) -> Code:
        code, label = self.value
        return Code(code, _PURPOSE_SYSTEM, label)


@dataclass(frozen=True)
class Access:
    """Whose record is opened, and in which mode."""

    patient: PatientId
    purpose: Purpose = Purpose.NORMAL
    reason: str = field(default="", repr=False)
    """Why the glass was broken, as the professional typed it; empty in any other mode."""
    secret: bool = False
    """« Connexion secrète » of a minor: the legal representatives see no trace of it (EX_0.1-1100)."""


class Assertions:
    """The signed assertions of one card session: one per access, kept for its life.

    A further call on the same record costs no card signature. Not thread-safe: owned by the session's worker.
    """

    def __init__(
        self,
        profile: ServiceProfile,
        software: Software,
        actor: Actor,
        signer: Signer,
        clock: Callable[[], datetime],
        new_uuid: Callable[[], UUID],
    ) -> None:
        self._profile = profile
        self._software = software
        self._actor = actor
        self._signer = signer
        self._clock = clock
        self._new_uuid = new_uuid
        self._authenticated_at = clock()
        self._kept: dict[Access, tuple[datetime, bytes]] = {}

    def holds(self, access: Access) -> bool:
        """Whether the next `get` needs no signature."""
        issued, _ = self._kept.get(access, (None, b""))
        return issued is not None and issued <= self._clock() < issued + _LAST_USE

    def get(self, access: Access) -> bytes:
        """The assertion, ready to be spliced; signs when none is kept or it grows old. Raises `CardError`."""
        if not self.holds(access):
            now = self._clock()
            root = self._unsigned(access, now)
            signed = sign_enveloped(root, self._signer, self._profile.signature_algorithm, id_attribute="ID")
            self._kept[access] = (now, signed)
        return self._kept[access][1]

    def forget(self, access: Access) -> None:
        """Sign again at the next `get`: the server refused the one kept."""
        self._kept.pop(access, None)

    def clear(self) -> None:
        self._kept.clear()

    def _unsigned(self, access: Access, now: datetime) -> etree._Element:
        context = _saml("AuthnContext", _saml("AuthnContextClassRef", _SMARTCARD))
        return _saml(
            "Assertion",
            _saml("Issuer", distinguished_name.subject(self._signer.certificate), Format=_SUBJECT_NAME),
            placeholder(),
            _saml("Subject", _saml("NameID", self._actor.national_id)),
            _saml("Conditions", NotBefore=_instant(now - EARLIER), NotOnOrAfter=_instant(now + LIFE)),
            _saml("AuthnStatement", context, AuthnInstant=_instant(self._authenticated_at)),
            _saml("AttributeStatement", *self._attributes(access)),
            ID=f"_{self._new_uuid()}",
            IssueInstant=_instant(now),
            Version="2.0",
        )

    def _attributes(self, access: Access) -> list[etree._Element]:
        actor, software = self._actor, self._software
        roles = [_coded("Role", actor.profession)]
        if actor.speciality is not None:
            roles.append(_coded("Role", actor.speciality))
        attributes = (
            _attribute("Identifiant_Structure", actor.structure_id),
            _attribute("Secteur_Activite", f"{actor.sector.code}^{actor.sector.system}"),
            _attribute(_SUBJECT_ID, _subject(actor)),
            _attribute(_ROLE, *roles),
            _attribute("VIHF_Version", self._profile.vihf_version),
            _attribute("Authentification_mode", "DIRECTE"),
            _attribute(_RESOURCE_ID, resource_id(access.patient)),
            _attribute("Ressource_URN", "urn:dmp"),
            _attribute(_PURPOSE_OF_USE, _coded("PurposeOfUse", access.purpose.code)),
            _attribute(_CONFIDENTIALITY, _HIDDEN_FROM_REPRESENTATIVES if access.secret else ""),
            _attribute(_BREAK_GLASS_REASON, access.reason),
            _attribute("LPS_ID", software.installation_oid),
            _attribute("LPS_Nom", software.name),
            _attribute("LPS_Version", software.version),
            _attribute("LPS_ID_HOMOLOGATION_DMP", software.homologation),
        )
        return [attribute for attribute in attributes if attribute is not None]


def _subject(actor: Actor) -> str:
    """`'NOM PRENOM'` of a CPE without a name, empty for all others: direct authentication names them by their card.

    [likely]: PDT-INF-617 asks for name, given name and service; how the service goes in is not public.
    """
    return f"{actor.family_name} {actor.given_name}" if actor.anonymous else ""


def resource_id(patient: PatientId) -> str:
    """The patient in CX form: `'{id}^^^&{oid}&ISO^INS-C'`, or `…^NH` for a NIR."""
    return f"{patient.extension}^^^&{patient.root}&ISO^{'INS-C' if patient.root == INS_C else 'NH'}"


def nobody(profile: ServiceProfile, nature: str) -> PatientId:
    """Whom an assertion names when a call is about no patient (TD0.4, TD0.5): a number that nobody bears.

    The attribute is mandatory and the samples of these calls carry one; which, is [unknown]. All zeros with
    its key keeps the form the service checks, and involves no patient in a call that is not about him.
    `nature` is that of the cards: `real`, `test`, `demo`.
    """
    root = profile.patient_roots[nature]
    return PatientId(root, "0" * (20 if root == INS_C else 13) + "97")


def _saml(name: str, *content: etree._Element | str, **attributes: str) -> etree._Element:
    made = etree.Element(f"{{{SAML}}}{name}", nsmap={"saml2": SAML})
    for key, value in attributes.items():
        made.set(key, value)
    for part in content:
        if isinstance(part, str):
            made.text = xml.legal(part)
        else:
            made.append(part)
    return made


def _attribute(name: str, *values: etree._Element | str) -> etree._Element | None:
    """An attribute of the statement; none at all for an empty text."""
    if values == ("",):
        return None
    return _saml("Attribute", *(_saml("AttributeValue", value) for value in values), Name=name)


def _coded(name: str, code: Code) -> etree._Element:
    """An HL7 CE value."""
    return xml.node(
        name,
        xsi_type="CE",
        code=code.code,
        codeSystem=code.system,
        codeSystemName=_SYSTEM_NAMES.get(code.system, ""),
        displayName=code.label,
    )


def _instant(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
