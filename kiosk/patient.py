"""From a person of a Vitale card to the identifier the DMP's generation uses, or the reason there is none."""

from dataclasses import dataclass, field

from kiosk.card.insc import insc_of
from kiosk.card.model import Beneficiary, VitaleCard
from kiosk.dmp.model import PatientId
from kiosk.dmp.profile import ServiceProfile
from kiosk.errors import InscImpossible


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


def _member(profile: ServiceProfile, card: VitaleCard, person: Beneficiary) -> Member:
    root = profile.patient_roots["test" if card.test_card else "real"]
    try:
        insc = insc_of(person, card.beneficiaries)
    except InscImpossible as obstacle:
        return Member(person, profile.identifier_name, obstacle=obstacle)
    identifier = str(insc) if profile.identifier_type == "INS-C" else person.nir
    return Member(person, profile.identifier_name, patient=PatientId(root, identifier))
