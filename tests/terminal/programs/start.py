"""The start of the kiosk, followed by a command line that loads slowly and tells what it finds.

`start.py FIFO ARGUMENTS…`: importing `kiosk.cli` waits for the FIFO, as importing Textual takes its time.
"""

import importlib.abc
import importlib.machinery
import os
import select
import sys
from pathlib import Path
from types import ModuleType

FIFO = Path(sys.argv[1])
loaded_at_the_start = set(sys.modules)


def tell(arguments: list[str]) -> int:
    names = ("TEXTUAL", "PYTHON", "SSL", "LD_", "OPENSSL", "HTTP", "NO_COLOR", "TERM", "COLORTERM", "LANG")
    kept = sorted(n for n in os.environ if n.upper().startswith(names) or n in ("ESCDELAY", "COLUMNS"))
    waiting = bool(select.select([0], [], [], 0)[0])
    sys.stdout.write(f"garde {' '.join(kept)}\r\n")
    sys.stdout.write(f"modules {' '.join(sorted(third_parties)) or 'aucun'}\r\n")
    sys.stdout.write(f"avance {os.read(0, 99) if waiting else 'rien'}\r\n")
    sys.stdout.write(f"arguments {arguments}\r\n")
    sys.stdout.flush()
    if "fails" in arguments:
        raise SystemExit(9)
    os.read(0, 1)
    return 5


class SlowCommandLine(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    def find_spec(
        self, name: str, path: object, target: object = None
    ) -> importlib.machinery.ModuleSpec | None:
        return importlib.machinery.ModuleSpec(name, self) if name == "kiosk.cli" else None

    def exec_module(self, module: ModuleType) -> None:
        third_parties.update(
            n
            for n in set(sys.modules) - loaded_at_the_start
            if n.partition(".")[0] not in sys.stdlib_module_names
        )
        FIFO.read_text()
        module.main = tell  # type: ignore[attr-defined]


third_parties: set[str] = set()
sys.meta_path.insert(0, SlowCommandLine())

from kiosk.__main__ import main  # noqa: E402

sys.exit(main(sys.argv[2:]))
