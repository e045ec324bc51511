"""veraPDF, the judge of PDF/A: one process that is told a path a line, and answers with the path of its report."""

import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

_PROGRAM = ["-cp", Path(sys.prefix, "jars", "greenfield-apps.jar"), "org.verapdf.apps.GreenfieldCliWrapper"]
_OPTIONS = ["--flavour", "1b", "--format", "text", "--verbose", "--disableerrormessages", "--loglevel", "0"]

Judge = Callable[[bytes], list[str]]
"""The rules of PDF/A-1b that a document breaks, as `6.3.4-1`: a clause of ISO 19005-1 and veraPDF's number."""


@contextmanager
def judge() -> Iterator[Judge]:
    """Takes a second to start; a document, some hundredths of one."""
    with TemporaryDirectory(prefix="verapdf-") as name:
        # Its settings, reports and logs stay in there. It begins by judging what that directory holds: nothing.
        java = ["java", "-XX:TieredStopAtLevel=1", f"-Duser.home={name}", f"-Djava.io.tmpdir={name}"]
        command = [*java, *_PROGRAM, "--servermode", *_OPTIONS, name]
        with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
            orders, answers = process.stdin, process.stdout
            assert orders is not None
            assert answers is not None
            assert answers.readline(), "veraPDF does not start"

            def rules_broken(document: bytes) -> list[str]:
                file = Path(name, "document.pdf")
                file.write_bytes(document)
                print(file, file=orders, flush=True)
                report = Path(answers.readline().strip())
                verdict, *rules = report.read_text().splitlines()
                report.unlink()
                outcome = verdict.partition(" ")[0]
                assert (outcome, bool(rules)) in (("PASS", False), ("FAIL", True)), verdict
                return [rule.split()[1] for rule in rules]

            yield rules_broken
