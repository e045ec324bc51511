"""ippeveprinter, CUPS' reference IPP printer, as a peer on the loopback.

It will not start without DNS-SD: it gets a private message bus and an avahi of its own, in a network namespace
where there is nothing but a loopback, so that no test printer is announced to the real network.
"""

import os
import signal
import socket
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

SECONDS = 20.0

_BUS = """<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
 "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig><type>system</type><listen>unix:path={socket}</listen><auth>EXTERNAL</auth>
<policy context="default"><allow user="*"/><allow own="*"/><allow send_type="method_call"/>
<allow send_destination="*"/><allow receive_type="*"/></policy></busconfig>
"""
_AVAHI = """[server]
host-name=borne-test
use-ipv4=yes
use-ipv6=no
allow-interfaces=lo
enable-dbus=yes
[wide-area]
enable-wide-area=no
[publish]
publish-hinfo=no
publish-workstation=no
"""
# avahi gives its run-time directory to the user avahi: in here that is whoever runs the tests.
_PRIVATE_AVAHI = """set -e
ip link set lo up
mount -t tmpfs none /run
mount --bind "$1/passwd" /etc/passwd
mount --bind "$1/group" /etc/group
exec avahi-daemon -f "$1/avahi.conf" --no-drop-root --no-chroot --no-rlimits
"""
_PAPER = """ATTR keyword media-ready iso_a4_210x297mm
ATTR keyword media-supported iso_a4_210x297mm,na_letter_8.5x11in
ATTR keyword media-default na_letter_8.5x11in
ATTR mimeMediaType document-format-supported application/pdf
ATTR mimeMediaType document-format-default application/pdf
"""


class Peer:
    """A process whose output is read all along, and that does not outlive the tests."""

    def __init__(self, command: list[str], **environment: str) -> None:
        self._lines: list[str] = []
        self._ended = False
        self._more = threading.Condition()
        self.process = subprocess.Popen(
            ["setpriv", "--pdeathsig", "KILL", *command],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
            env={**os.environ, **environment},
        )
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def wait_for(self, text: str) -> None:
        with self._more:
            self._more.wait_for(lambda: self._has(text) or self._ended, SECONDS)
            assert self._has(text), "\n".join(self._lines)

    def kill(self) -> None:
        """At once, with the scripts it started."""
        os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait(SECONDS)

    def stop(self) -> None:
        if self.process.poll() is None:
            os.killpg(self.process.pid, signal.SIGCONT)
            os.killpg(self.process.pid, signal.SIGTERM)
            try:
                self.process.wait(SECONDS)
            except subprocess.TimeoutExpired:
                self.kill()
        self._reader.join(SECONDS)
        assert self.process.stdout is not None
        self.process.stdout.close()

    def _has(self, text: str) -> bool:
        return any(text in line for line in self._lines)

    def _read(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            with self._more:
                self._lines.append(line.rstrip())
                self._more.notify_all()
        with self._more:
            self._ended = True
            self._more.notify_all()


@contextmanager
def message_bus(directory: Path) -> Iterator[str]:
    """A private system bus with avahi on it; its address."""
    address = directory / "bus"
    (directory / "bus.conf").write_text(_BUS.format(socket=address))
    (directory / "avahi.conf").write_text(_AVAHI)
    (directory / "passwd").write_text(f"avahi:x:{os.getuid()}:{os.getgid()}::/:/bin/false\n")
    (directory / "group").write_text(f"avahi:x:{os.getgid()}:\n")
    bus = Peer(
        [
            "dbus-daemon",
            f"--config-file={directory / 'bus.conf'}",
            "--nofork",
            "--nopidfile",
            "--print-address",
        ]
    )
    try:
        bus.wait_for("unix:path=")
        avahi = Peer(
            [
                "unshare",
                "--map-current-user",
                "--keep-caps",
                "-mn",
                "sh",
                "-c",
                _PRIVATE_AVAHI,
                "sh",
                str(directory),
            ],
            DBUS_SYSTEM_BUS_ADDRESS=f"unix:path={address}",
        )
        try:
            avahi.wait_for("Server startup complete")
            yield f"unix:path={address}"
        finally:
            avahi.stop()
    finally:
        bus.stop()


@dataclass(frozen=True)
class EvePrinter:
    uri: str
    secure_uri: str
    directory: Path
    peer: Peer
    gate: int

    @property
    def certificate(self) -> Path:
        """PEM the printer made for itself; there after the first TLS handshake."""
        return self.directory / "keys" / "localhost.crt"

    @property
    def printed(self) -> Path:
        """The document of the last job its script got."""
        return self.directory / "printed.pdf"

    @property
    def ticket(self) -> dict[str, str]:
        """What the printer told its script about the job, e.g. `IPP_MEDIA`."""
        lines = (self.directory / "ticket").read_text().splitlines()
        return dict(line.split("=", 1) for line in lines if line.startswith("IPP_"))

    def open_gate(self) -> None:
        """Let a script that does `read line < gate` go on, whether it is there already or not."""
        os.write(self.gate, b"\n")


@contextmanager
def eve_printer(
    bus: str, directory: Path, script: str = "", *, paper: str | None = _PAPER
) -> Iterator[EvePrinter]:
    """A running printer. `script` (sh) is what it does with each job; it starts in `directory` by keeping it.

    `paper=None` leaves what is loaded to ippeveprinter: Letter and envelopes, no A4.
    """
    directory.mkdir(exist_ok=True)
    (directory / "keys").mkdir()
    os.mkfifo(directory / "gate")
    gate = os.open(directory / "gate", os.O_RDWR)
    command = directory / "print.sh"
    command.write_text(f'#!/bin/sh\ncd "{directory}"\nenv >ticket\ncp "$1" printed.pdf\n{script}\n')
    command.chmod(0o700)
    media = ["-f", "application/pdf"]
    if paper is not None:
        (directory / "printer.conf").write_text(paper)
        media = ["-a", str(directory / "printer.conf")]
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    peer = Peer(
        ["ippeveprinter", "-v", "-p", str(port), "-n", "localhost", "--no-web-forms", "-d", str(directory),
         "-K", str(directory / "keys"), "-c", str(command), *media, "-r", "off", f"Borne {port}"],
        DBUS_SYSTEM_BUS_ADDRESS=bus,
    )  # fmt: skip
    try:
        peer.wait_for("printer-uri-supported=")
        yield EvePrinter(
            f"ipp://localhost:{port}/ipp/print", f"ipps://localhost:{port}/ipp/print", directory, peer, gate
        )
    finally:
        peer.stop()
        os.close(gate)
