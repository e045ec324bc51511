"""A deposit of 1 and of 10 MB, against `curl` sending the very same bytes over the same TLS to the same server.

    python bench/deposit.py [--runs 5]

The kiosk's own time is told apart: to build and sign a lot (card key in a file), and to send it and read the answer.
`curl` sends the recorded request again, with the same client certificate, on a new connection as the kiosk does; the
server refuses the repeated message after having read all of it, so that the answer is not the same: the transfer is.
"""

import argparse
import os
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from figure import Figure, table

sys.path[:0] = [str(Path(__file__).parents[1] / "tests"), str(Path(__file__).parents[1] / "tests" / "dmp")]
from meeting import Meeting, access, actor, lot, note  # noqa: E402

from kiosk.box import Box, training_box  # noqa: E402
from kiosk.settings import state_directory  # noqa: E402
from kiosk.training.pki import TrainingPki  # noqa: E402

_CARD = "cps-medecin"
_LINE = "Ligne fictive d'un document d'entraînement, sans aucun patient réel.\n"


@dataclass(frozen=True)
class Deposit:
    """Seconds of one deposit."""

    prepared: float
    sent: float
    curl: float
    bytes_sent: int


def deposit(box: Box, megabytes: int, scratch: Path) -> Deposit:
    """One document of that size, by the client and then by curl."""
    authority = state_directory() / "training" / "authority"
    meeting = Meeting(SimpleNamespace(url=box.dmp_url), box.directory, TrainingPki(authority))  # type: ignore[arg-type]
    client = meeting.login(_CARD)
    where, who = access("ANDRE"), actor(_CARD)
    client.test_existence(where)
    content = (f"{time.time()}\n" + _LINE * (megabytes * 1_000_000 // len(_LINE.encode()))).encode()
    start = time.perf_counter()
    prepared = client.prepare(lot(where, "ANDRE", who, note(who, content=content)))
    built = time.perf_counter() - start
    kept: dict[str, Any] = {}
    post = client._caller._channel.post

    def recording(path: str, content_type: str, body: Any, **options: Any) -> Any:
        kept.update(url=client._caller._channel.url(path), type=content_type, body=b"".join(body))
        return post(path, content_type, body, **options)

    client._caller._channel.post = recording  # type: ignore[method-assign]
    start = time.perf_counter()
    client.provide(where, prepared)
    sent = time.perf_counter() - start
    meeting.close()
    (scratch / "body").write_bytes(kept["body"])
    certificate = authority / "cards" / f"{_CARD}-valid-authentication.pem"
    command = ["curl", "--silent", "--output", "/dev/null", "--write-out", "%{time_total} %{size_upload}"]
    command += ["--cert", str(certificate), "--key", str(certificate.with_suffix(".key")), "--tls-max", "1.2"]
    command += [
        "--cacert",
        str(box.server_roots),
        "--header",
        f"Content-Type: {kept['type']}",
        "--header",
        "Expect:",
    ]
    command += ["--data-binary", f"@{scratch / 'body'}", kept["url"]]
    told = subprocess.run(command, check=True, capture_output=True, text=True).stdout.split()
    return Deposit(built, sent, float(told[0]), int(float(told[1])))


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--runs", type=int, default=5)
    options = parser.parse_args()
    found = []
    with tempfile.TemporaryDirectory(prefix="dmp-kiosk-bench-") as state:
        os.environ["XDG_STATE_HOME"] = state
        with training_box((_CARD,)) as process:
            box = process.ready()
            for megabytes in (1, 10):
                deposit(box, megabytes, Path(state))
                runs = [deposit(box, megabytes, Path(state)) for _ in range(options.runs)]
                curl = tuple(each.curl for each in runs)
                found += [
                    Figure(f"{megabytes} Mo : lot fait et signé", "s", tuple(r.prepared for r in runs)),
                    Figure(
                        f"{megabytes} Mo : envoyé, répondu", "s", tuple(r.sent for r in runs), "curl", curl
                    ),
                    Figure(f"{megabytes} Mo : octets envoyés", "o", tuple(float(r.bytes_sent) for r in runs)),
                ]
    print(f"load {os.getloadavg()[0]:.2f}  runs {options.runs}")
    print(table(found))
    return 0


if __name__ == "__main__":
    sys.exit(main())
