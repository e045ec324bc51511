"""What a workstation remembers between sessions: keyed marks, codes and dates, never a name or a document."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from kiosk.deposit.outbox import Outbox
from kiosk.memory.attachments import AttachmentStore
from kiosk.memory.consents import ConsentStore
from kiosk.memory.deposits import DepositMemory
from kiosk.memory.last_visits import LastVisitStore


@dataclass(frozen=True)
class Memory:
    """One file each, made when it is first written to."""

    attachments: AttachmentStore
    consents: ConsentStore
    last_visits: LastVisitStore
    deposits: DepositMemory
    outbox: Outbox


def memory_in(directory: Path, site_key: bytes, clock: Callable[[], datetime]) -> Memory:
    """What lies in `directory`. `site_key`: 32 bytes, of the marks; `clock`: UTC."""
    return Memory(
        attachments=AttachmentStore(directory / "attachments.json", site_key),
        consents=ConsentStore(directory / "consents.sqlite", site_key),
        last_visits=LastVisitStore(directory / "last_visits.sqlite", site_key),
        deposits=DepositMemory(directory / "deposits.sqlite", site_key),
        outbox=Outbox(directory / "outbox.sqlite", site_key, clock),
    )
