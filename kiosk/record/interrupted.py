"""Deposits that a session left open: told to their professional at the next login, settled with the DMP when the
patient's record is open again. A kiosk that was killed finds them in the outbox.
"""

from dataclasses import dataclass
from typing import Final

from kiosk.deposit import delivery
from kiosk.deposit.outbox import Deposit
from kiosk.errors import OutboxUnwritable
from kiosk.record.depositing import Traced
from kiosk.record.visit import Visit
from kiosk.session import Session


@dataclass(frozen=True)
class Settled:
    """What became of one deposit that a session left open."""

    deposit: Deposit
    arrived: bool

    @property
    def sentence(self) -> str:
        return f"{_what(self.deposit)} {_FATES[self.arrived]}"


_FATES: Final = {
    True: "est bien arrivé dans le DMP : rien à refaire.",
    False: "n'est pas dans le DMP. Refaites-le avec le même fichier, ou oubliez-le.",
}


def told_at_login(session: Session) -> tuple[str, ...]:
    """What this professional left open from here, one sentence each; nobody knows whose patient it was."""
    who = session.actor.national_id
    try:
        open_now = session.memory.outbox.open_deposits()
    except OutboxUnwritable as error:
        return (f"{error.what} {error.todo}",)
    return tuple(
        f"{_what(deposit)} s'est interrompu : rouvrez le dossier du patient, « Déposer » dira ce qu'il est devenu."
        for deposit in open_now
        if session.memory.deposits.sent_by(deposit.submission, who)
    )


def left_open(visit: Visit) -> tuple[Deposit, ...]:
    """Deposits into this record that no session saw the end of."""
    return visit.session.memory.outbox.open_deposits(visit.session.mark_of(visit.patient))


def settle(visit: Visit) -> tuple[Settled, ...]:
    """Ask the DMP what became of each; blocks. What did not arrive stays open until it is done again or forgotten."""
    service, outbox = Traced(visit), visit.session.memory.outbox
    return tuple(
        Settled(deposit, delivery.inquire(service, outbox, visit.access, deposit))
        for deposit in left_open(visit)
    )


def forget(visit: Visit, settled: Settled) -> None:
    """The user does not want it any more; the DMP has just said that it is not there."""
    for deposit in left_open(visit):
        if deposit.submission == settled.deposit.submission and not deposit.uncertain:
            delivery.give_up(visit.session.memory.outbox, deposit)


def _what(deposit: Deposit) -> str:
    count = len(deposit.documents)
    documents = f"{count} documents" if count > 1 else "1 document"
    return f"Le dépôt du {deposit.begun.astimezone():%d/%m/%Y à %H:%M} ({documents})"
