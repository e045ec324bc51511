"""May this caller come in? The VIHF confronted with the card of the TLS channel and the directory."""

import re
from dataclasses import dataclass
from datetime import datetime

from cryptography import x509

from kiosk.training.dmp_server import signature, vihf
from kiosk.training.dmp_server.authority import CardAuthority, national_id
from kiosk.training.dmp_server.names import KNOW_HOW, PROFESSIONS, TRAINEES
from kiosk.training.dmp_server.outcomes import invalid_vihf
from kiosk.training.dmp_server.vihf import Vihf
from kiosk.training.dmp_server.xml import Element
from kiosk.training.people import HOLDERS, Holder

DOCTOR = "10"
_PHARMACIST = "21"
_CPF, _CPE = "01", "02"
_DIRECTORY = {holder.national_id: holder for holder in HOLDERS}
_STRUCTURES = frozenset(
    (practice.structure_id, practice.sector) for holder in HOLDERS for practice in holder.practices
)
"""The structures that exist, each with its sector: those where somebody of the cast practises."""


@dataclass(frozen=True)
class Caller:
    """Who calls, admitted: the holder of the card, in one practice, for one patient."""

    holder: Holder
    vihf: Vihf

    @property
    def is_cpe(self) -> bool:
        return self.holder.card_type == _CPE

    @property
    def is_doctor(self) -> bool:
        return self.holder.profession == DOCTOR


def holder_of(certificate: x509.Certificate) -> Holder | None:
    """The professional of the directory whose card this is."""
    return _DIRECTORY.get(national_id(certificate))


def admit(assertion: Element, channel: x509.Certificate, authority: CardAuthority, now: datetime) -> Caller:
    """Check everything the VIHF says of its author but the structure. Raises `Fault`.

    `channel` is the certificate the TLS client authenticated with.
    """
    signed, signer = signature.verify(assertion, authority, now)
    claims = vihf.read(signed, now)
    identity = national_id(signer)
    if identity != national_id(channel):
        raise invalid_vihf("Le VIHF et le canal TLS ne viennent pas de la même carte.")
    if claims.name_id != identity:
        raise invalid_vihf("Le NameID du VIHF n'est pas l'identifiant national du certificat.")
    if not _names(claims.issuer, identity):
        raise invalid_vihf("L'émetteur du VIHF n'est pas le titulaire du certificat.")
    holder = holder_of(signer)
    if holder is None:
        raise invalid_vihf("Ce professionnel n'est pas connu de l'annuaire.")
    caller = Caller(holder, claims)
    _check_roles(caller)
    _check_subject(caller)
    return caller


def practises_there(caller: Caller) -> bool:
    """Whether structure and sector of the VIHF are one practice of the holder.

    Whose card has none (in training, substitute) declares it: the structure must exist, in that sector. [likely]
    """
    claimed = (caller.vihf.structure_id, caller.vihf.sector)
    if not caller.holder.practices:
        return claimed in _STRUCTURES
    return claimed in {(practice.structure_id, practice.sector) for practice in caller.holder.practices}


def _names(issuer: str, identity: str) -> bool:
    """Whether a distinguished name, in any of the orders seen, has that common name."""
    return bool(re.search(rf"(?:^|[,+;])\s*CN\s*=\s*{re.escape(identity)}\s*(?:$|[,+;])", issuer))


def _check_roles(caller: Caller) -> None:
    profession, *speciality = caller.vihf.roles
    if caller.is_cpe:
        if profession.system in (PROFESSIONS, TRAINEES):
            raise invalid_vihf("Le porteur d'une CPE n'a pas de profession de santé.")
        return
    system = TRAINEES if caller.holder.card_type == _CPF else PROFESSIONS
    if (profession.code, profession.system) != (caller.holder.profession, system):
        raise invalid_vihf("La profession du VIHF n'est pas celle du certificat.")
    if profession.code in (DOCTOR, _PHARMACIST) and not speciality:
        raise invalid_vihf("La spécialité est obligatoire dans le VIHF des médecins et des pharmaciens.")
    if profession.code == DOCTOR and speciality[0].system != KNOW_HOW:
        raise invalid_vihf("La spécialité d'un médecin est un savoir-faire (R01).")


def _check_subject(caller: Caller) -> None:
    """A CPE without a name is told apart by its structure and its number (PDT-INF-617). [likely: how it is checked]"""
    if not caller.is_cpe or caller.holder.family_name:
        return
    if not caller.vihf.subject.startswith(f"{caller.holder.employer} "):
        raise invalid_vihf("Le porteur d'une CPE sans nom se désigne par sa structure (attribut subject-id).")
