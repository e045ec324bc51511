"""Whether a card may be used here and now: right kind, right world, within its dates.

Test and real never mix (EX_GEN-1430, dictionary G01). Clock and world come as arguments.
"""

from collections.abc import Iterable
from datetime import datetime

from kiosk.card.model import CardKind, Professional, VitaleCard
from kiosk.card.readers import SlotState, Snapshot
from kiosk.errors import (
    CardMute,
    CardUnknown,
    CertificateExpired,
    CertificateNotYetValid,
    ContactlessRefused,
    ReaderAbsent,
    ReaderServiceAbsent,
    RealCardRefused,
    TestCardRefused,
    TwoProfessionalCards,
    WrongCard,
)


def professional_slot(snapshot: Snapshot) -> SlotState | None:
    """The slot with the one professional card; None while there is no card at all.

    Raises the error that tells the user what is in the way. A Vitale card beside a professional card is
    welcome; alone it is the wrong card; two professional cards are never chosen between (L9).
    """
    if not snapshot.service_ok:
        raise ReaderServiceAbsent(detail=snapshot.cause)
    if not snapshot.slots:
        raise ReaderAbsent
    found = _of_kind(snapshot.slots, CardKind.PROFESSIONAL)
    if len(found) > 1:
        raise TwoProfessionalCards
    if found:
        return found[0]
    for kind, error in (
        (CardKind.CONTACTLESS, ContactlessRefused),
        (CardKind.VITALE, WrongCard),
        (CardKind.MUTE, CardMute),
    ):
        if _of_kind(snapshot.slots, kind):
            raise error
    unknown = _of_kind(snapshot.slots, CardKind.UNKNOWN)
    if unknown:
        atr = unknown[0].atr.hex().upper()
        raise CardUnknown(todo=f"{CardUnknown.todo} Pour l'assistance : ATR {atr}.")
    return None


def vitale_slot(snapshot: Snapshot) -> SlotState | None:
    """The slot with a Vitale card, the first one if there are several; None when there is none."""
    found = _of_kind(snapshot.slots, CardKind.VITALE)
    return found[0] if found else None


def admit_professional(holder: Professional, *, now: datetime, production: bool) -> None:
    """Raises `TestCardRefused`, `RealCardRefused`, `CertificateExpired` or `CertificateNotYetValid`.

    Checked before the PIN is asked: an expired card costs nobody a try.
    """
    _admit_category(holder.test_card, production)
    if now > holder.valid_until:
        raise CertificateExpired(
            cause=f"La validité de ses certificats s'est achevée le {holder.valid_until:%d/%m/%Y}."
        )
    if now < holder.valid_from:
        raise CertificateNotYetValid(
            cause=f"Ses certificats commencent le {holder.valid_from:%d/%m/%Y}, ou l'horloge du poste est fausse."
        )


def admit_vitale(card: VitaleCard, *, production: bool) -> None:
    """Raises `TestCardRefused` or `RealCardRefused` (EX_GEN-1430)."""
    _admit_category(card.test_card, production)


def _admit_category(test_card: bool, production: bool) -> None:
    if test_card and production:
        raise TestCardRefused
    if not test_card and not production:
        raise RealCardRefused


def _of_kind(slots: Iterable[SlotState], kind: CardKind) -> list[SlotState]:
    return [slot for slot in slots if slot.kind is kind]
