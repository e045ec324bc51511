"""A kiosk that deposits files one after another and is killed at a chosen point, again and again.

    depositor.py DIRECTORY URL RUNS

The first run is not killed: it counts the calls into C (disk, network, cryptography) of a whole deposit. Every
other run is a process that SIGKILLs itself at one of them, chosen evenly over that count; the last, none. A run does
what a start of the kiosk does: it asks about what is open, then deposits every file that is not there yet.
"""

import os
import random
import signal
import sys
import uuid
from datetime import UTC, datetime
from pathlib import Path

HERE = Path(__file__).parent
sys.path[:0] = [str(HERE.parent), str(HERE.parent.parent.parent)]

import dmp_peers  # noqa: E402
from cryptography.hazmat.primitives.serialization import load_pem_private_key  # noqa: E402
from deposit_bench import note, submission  # noqa: E402

from kiosk.deposit import delivery  # noqa: E402
from kiosk.deposit.outbox import Outbox  # noqa: E402
from kiosk.dmp.client import DmpClient  # noqa: E402
from kiosk.dmp.http import HttpsChannel  # noqa: E402
from kiosk.dmp.profile import HISTORICAL  # noqa: E402
from kiosk.dmp.vihf import Access  # noqa: E402
from kiosk.errors import DepositInDoubt  # noqa: E402

MARK = "p" * 64
ACCESS = Access(dmp_peers.PATIENT)


def now() -> datetime:
    return datetime.now(UTC)


def file(number: int) -> bytes:
    return b"%%PDF-1.4 file %d" % number


def is_done(outbox: Outbox, number: int) -> bool:
    content = outbox.mark(file(number))
    return outbox.open_with(MARK, (content,)) is None and outbox.sent_before(MARK, content) is not None


def run(directory: Path, url: str, files: range, kill_at: int) -> int:
    """Deposit every file; the number of calls into C that took."""
    outbox = Outbox(directory / "outbox.sqlite", b"k" * 32, now)
    channel = HttpsChannel(url, dmp_peers.card_tls(directory))
    client = DmpClient(
        HISTORICAL, dmp_peers.SOFTWARE, dmp_peers.DOCTOR, dmp_peers.RsaSigner(), channel, now, uuid.uuid4
    )
    calls = 0
    settled = {number for number in files if is_done(outbox, number)}

    def count(frame: object, event: str, argument: object) -> None:
        nonlocal calls
        if event == "c_call":
            calls += 1
            if calls == kill_at:
                os.kill(os.getpid(), signal.SIGKILL)

    sys.setprofile(count)
    for deposit in outbox.open_deposits(MARK):
        delivery.inquire(client, outbox, ACCESS, deposit)
    for number in files:
        if number in settled or is_done(outbox, number):
            continue
        document = note(content=file(number))
        prepared = delivery.begin(client, outbox, submission(document), patient_mark=MARK)
        try:
            delivery.deliver(client, outbox, prepared)
        except DepositInDoubt:
            delivery.resume(client, outbox, prepared)
    sys.setprofile(None)
    client.close()
    return calls


def main() -> None:
    directory, url, runs = Path(sys.argv[1]), sys.argv[2], int(sys.argv[3])
    keys = {path.stem: load_pem_private_key(path.read_bytes(), None) for path in directory.glob("*.key")}
    dmp_peers.key = keys.__getitem__  # type: ignore[assignment]
    whole = run(directory, url, range(1), kill_at=0)
    pick = random.Random(len(keys) + runs)  # the same points every time
    killed = 0
    for number in range(1, runs + 1):
        kill_at = (number * whole) // runs + pick.randrange(-20, 20) if number < runs else 0
        child = os.fork()
        if child == 0:
            run(directory, url, range(number + 1), max(kill_at, 1) if number < runs else 0)
            os._exit(0)
        _, status = os.waitpid(child, 0)
        killed += os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGKILL
    sys.stdout.write(f"{runs + 1} {killed}\n")


main()
