"""On which Vitale cards each patient was read: his record is not changed while somebody else's lies in the reader."""

from collections.abc import Callable
from typing import Final

from kiosk.card.model import VitaleCard
from kiosk.card.readers import SlotState
from kiosk.dmp.model import PatientId
from kiosk.errors import CardRemoved, VitaleSwapped
from kiosk.patient import Family

BY_THE_CARD: Final = frozenset({"TD1.1", "TD1.2", "TD1.3b", "TD1.4", "TD1.5a", "TD1.5b", "TD1.5d"})
"""The acts that change a patient's record itself, made because he is there and asks for them."""


class PatientCards:
    """Of one session; dies with it."""

    def __init__(self, read: Callable[[SlotState], VitaleCard]) -> None:
        self._read = read
        self._serials: dict[str, set[str]] = {}
        """Of the cards, by patient."""
        self.slot: SlotState | None = None
        """Where a Vitale card lies now; told by whoever watches the readers."""

    def note(self, family: Family) -> None:
        """Everybody on a card that was just read."""
        for member in family.members:
            if member.patient is not None:
                self._serials.setdefault(member.patient.extension, set()).add(family.serial)

    def check(self, act: str, patient: PatientId) -> None:
        """Raises `VitaleSwapped` when the act needs the patient and the card in the reader is none of his (INSi 1.03).

        A card that merely left is no swap (L5); nor is there one for a patient who was found without a card.
        """
        known = self._serials.get(patient.extension)
        if act not in BY_THE_CARD or self.slot is None or not known:
            return
        try:
            present = self._read(self.slot)
        except CardRemoved:
            return
        if present.serial not in known:
            raise VitaleSwapped()
