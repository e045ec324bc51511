"""A kiosk that fails in one of several ways while it knows a PIN: `crash.py HOW`."""

import asyncio
import sys
from typing import ClassVar

from textual import work
from textual.app import ComposeResult
from textual.widgets import Static

from kiosk.ending import SessionCrashed
from kiosk.terminal import LockedApp

HOW = sys.argv[1]
PIN = "CANARI-4711"


def fail(pin: str) -> None:
    copy = {"pin": pin, "patient": "CANARI SOPHIE"}
    raise ValueError(f"refused: {copy}")


class Fails(LockedApp[None]):
    BINDINGS: ClassVar = [("x", "fail", "")]

    def compose(self) -> ComposeResult:
        yield Static("prête", markup=False)
        if HOW == "compose":
            fail(PIN)

    async def action_fail(self) -> None:
        match HOW:
            case "handler":
                fail(PIN)
            case "thread":
                self.in_a_thread()
            case "task":
                self.forgotten = asyncio.create_task(self.later())
                self.forgotten.add_done_callback(lambda _: setattr(self, "forgotten", None))
            case "callback":
                asyncio.get_running_loop().call_soon(fail, PIN)
            case "panic":
                self.panic(f"{PIN} was refused")

    @work(thread=True)
    def in_a_thread(self) -> None:
        fail(PIN)

    async def later(self) -> None:
        fail(PIN)


try:
    Fails().run()
except SessionCrashed as end:
    sys.stdout.write(f"code {end.crash.code} {end.crash.kind} {end.crash.place}\r\n")
    sys.exit(70)
