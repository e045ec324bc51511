"""The command line as people and scripts use it: real processes, their output, their exit status."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from kiosk.card.insc_batch import compute_line

VECTORS = Path(__file__).parent / "data" / "insc.csv"


def run(*arguments: str, standard_input: str = "") -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-I", "-m", "kiosk", *arguments],
        input=standard_input,
        capture_output=True,
        text=True,
        timeout=60,
        env={**os.environ, "LANG": "C.UTF-8"},
    )


def test_insc_prints_the_22_digits() -> None:
    result = run("insc", "PHILIPPE", "610217", "1610275754289")
    assert (result.returncode, result.stdout) == (0, "0833910461279517589858\n")


def test_insc_takes_a_first_name_with_spaces_and_accents() -> None:
    assert run("insc", "jean-pierre", "231119", "1231111062689").stdout == "0811308851593128988470\n"


@pytest.mark.parametrize(
    ("traits", "reason"),
    [
        (("ANNE", "921028", "7921028411179"), "provisoire"),
        (("ANNE", "921028", "29210284111"), "malformé"),
        (("ANNE", "9210", "2921028411179"), "date de naissance"),
        (("ANNE", "921028"), "trois valeurs"),
    ],
)
def test_insc_names_what_is_wrong(traits: tuple[str, ...], reason: str) -> None:
    result = run("insc", *traits)
    assert result.returncode != 0
    assert reason in result.stderr
    assert result.stdout == ""


def test_insc_batch_answers_line_by_line() -> None:
    rows = [
        line.split(",") for line in VECTORS.read_text(encoding="utf-8").splitlines()[1:] if '"' not in line
    ]
    given = "".join(f"{row[0]};{row[1]};{row[2]}\n" for row in rows)
    result = run("insc", "--batch", "-", standard_input=given + "A;B\n;010101;\n")
    assert result.returncode == 0
    lines = result.stdout.splitlines()
    assert lines[: len(rows)] == [f"{row[4]};{row[5]}" for row in rows]
    assert lines[-2].startswith(";;")
    assert lines[-1] == ";;pas de NIR propre à la personne"


def test_a_batch_file_that_is_not_there_gets_words() -> None:
    result = run("insc", "--batch", "no-such-file")
    assert result.returncode == 2
    assert "no-such-file" in result.stderr
    assert "Traceback" not in result.stderr


@pytest.mark.parametrize("line", ["", ";", ";;", "a;b;c;d", "\x00;1;2", "é;010101;1010199999001"])
def test_no_line_of_a_batch_breaks_it(line: str) -> None:
    assert compute_line(line).count("\n") == 1


def test_without_settings_the_kiosk_says_how_to_go_on() -> None:
    result = run()
    assert result.returncode == 2
    assert "settings.toml" in result.stderr
    assert "--training" in result.stderr
    assert "BORNE-100" in result.stderr


def test_an_unknown_card_to_insert_is_named() -> None:
    result = run("training", "--insert", "no-such-card")
    assert result.returncode == 2
    assert "no-such-card" in result.stderr
    assert "cpe-accueil" in result.stderr


@pytest.mark.parametrize("path", ["accueil", "pharmacie", "urgences"])
def test_a_rehearsal_passes(path: str) -> None:
    result = run("rehearse", path, "--json")
    report = json.loads(result.stdout)
    assert result.returncode == 0
    assert report["ok"]
    assert all(step["ok"] for step in report["steps"])
    assert len(report["steps"]) >= 20


def test_the_journal_of_a_rehearsal_is_none_of_the_kiosk_s(state_home: Path) -> None:
    result = run("journal", "verify")
    assert result.returncode == 0
    assert "0 ligne" in result.stdout


def test_doctor_looks_at_seven_layers_and_exits_by_the_worst() -> None:
    result = run("doctor", "--json")
    findings = json.loads(result.stdout)
    assert [finding["layer"] for finding in findings] == [
        "Service des lecteurs",
        "Lecteur",
        "Carte",
        "Certificat et heure",
        "Réseau et DMP",
        "Imprimante",
        "Disque et mémoire",
    ]
    order = ["ok", "attention", "fault"]
    assert result.returncode == max(order.index(finding["health"]) for finding in findings)
    assert all(finding["sentence"] for finding in findings)
    assert all(finding["advice"] for finding in findings if finding["health"] != "ok")
