"""From a person of a Vitale card to the identifier the DMP's generation uses, or the reason there is none."""

from dataclasses import dataclass, field

from kiosk.card.insc import insc_of, nir_of
from kiosk.card.model import Beneficiary, VitaleCard
from kiosk.dmp.model import PatientId
from kiosk.dmp.profile import NIA, ServiceProfile
from kiosk.errors import InscCause, InscImpossible, InsImpossible


@dataclass(frozen=True)
class Member:
    """One person of the card. Exactly one of `patient` and `obstacle` is set."""

    beneficiary: Beneficiary = field(repr=False)
    identifier_name: str
    """`INS-C` or `INS`, as people call it."""
    patient: PatientId | None = field(default=None, repr=False)
    obstacle: InscImpossible | None = None

    @property
    def name(self) -> str:
        return f"{self.beneficiary.usual_name} {self.beneficiary.given_name}"


@dataclass(frozen=True)
class Family:
    """Everybody on one Vitale card, as read at one insertion."""

    serial: str = field(repr=False)
    """Of the card: to notice that it was exchanged between reading and use."""
    members: tuple[Member, ...]


def identify(profile: ServiceProfile, card: VitaleCard) -> Family:
    """Work out everybody's identifier. The NIR used is the person's own, in both generations."""
    return Family(card.serial, tuple(_member(profile, card, person) for person in card.beneficiaries))


def waiting_numbers(family: Family) -> tuple[PatientId, ...]:
    """The waiting numbers (NIA) of the people whom today's service would know by a NIR: to be written down,
    never to be asked about (0.2-080).
    """
    return tuple(
        PatientId(NIA, member.beneficiary.nir.strip())
        for member in family.members
        if isinstance(member.obstacle, InsImpossible) and member.obstacle.cause_id is InscCause.PROVISIONAL
    )


def _member(profile: ServiceProfile, card: VitaleCard, person: Beneficiary) -> Member:
    root = profile.patient_roots["test" if card.test_card else "real"]
    try:
        identifier = _identifier(profile, card, person)
    except InscImpossible as obstacle:
        return Member(person, profile.identifier_name, obstacle=obstacle)
    return Member(person, profile.identifier_name, patient=PatientId(root, identifier))


def _identifier(profile: ServiceProfile, card: VitaleCard, person: Beneficiary) -> str:
    if profile.identifier_name == "INS-C":
        return str(insc_of(person, card.beneficiaries))
    try:
        nir = nir_of(person, card.beneficiaries)
    except InscImpossible as obstacle:
        raise InsImpossible(obstacle.cause_id) from None
    return nir.number + nir.key
