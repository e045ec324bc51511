"""`docs/homologation.md` and `tests/homologation` tell the same story."""

import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
TABLE = (ROOT / "docs" / "homologation.md").read_text(encoding="utf-8")
CODE = r"(?:EX_GEN-|(?:EX|REC)_[0-9]+\.[0-9X]+-|LDRM-|TNR-|[0-9]+\.[0-9]+[a-z]*-)[0-9]+"
ROW = re.compile(rf"^\| ({CODE}) \| ([^|]+) \| ([^|]+) \|$", re.MULTILINE)
FAMILY = re.compile(r"^\| ([0-9]+\.[0-9]+[a-z]*) \| ([0-9 ]+) \|$", re.MULTILINE)
TEST = re.compile(r"^(?:async )?def (test_\w+)", re.MULTILINE)

CURRENT = {  # of the book in force, by family
    "0.1": 18,
    "0.10": 2,
    "0.2": 8,
    "0.3": 3,
    "0.4": 4,
    "0.5": 6,
    "0.9": 3,
    "1.3a": 3,
    "1.6": 3,
    "2.1": 23,
    "2.2": 4,
    "3.1": 21,
    "3.2": 15,
    "3.3": 14,
    "LDRM": 1,
    "TNR": 3,
}


def homologation_tests() -> list[str]:
    files = sorted((ROOT / "tests" / "homologation").glob("test_*.py"))
    return [name for file in files for name in TEST.findall(file.read_text(encoding="utf-8"))]


def code_of(test: str) -> str:
    """`'test_0_1_110_doctor'` → `'0.1-110'`, `'test_gen_1370_…'` → `'EX_GEN-1370'`, `'test_rec_0_4_1010'` too."""
    if found := re.match(r"test_(gen|ldrm|tnr)_([0-9]+)", test):
        return {"gen": "EX_GEN", "ldrm": "LDRM", "tnr": "TNR"}[found[1]] + f"-{found[2]}"
    found = re.match(r"test_((?:ex|rec)_)?([0-9]+)_([0-9]+[a-z]*|x)_([0-9]+)(?:_|$)", test)
    assert found, f"{test} is not named after a case"
    family = "X" if found[3] == "x" else found[3]
    return f"{(found[1] or '').upper()}{found[2]}.{family}-{found[4]}"


def rows() -> list[tuple[str, str, str]]:
    return [(row[1], row[2].strip(), row[3].strip()) for row in ROW.finditer(TABLE)]


def old_codes() -> Iterator[str]:
    for family in FAMILY.finditer(TABLE):
        yield from (f"{family[1]}-{number}" for number in family[2].split())


def section(title: str) -> str:
    return TABLE.split(f"\n## {title}")[1].split("\n## ")[0]


def test_the_book_in_force_is_whole() -> None:
    codes = [row[1] for row in ROW.finditer(section("En vigueur"))]
    assert Counter(code.rpartition("-")[0] for code in codes) == CURRENT
    assert len(codes) == len(set(codes)) == 131


def test_the_withdrawn_cases_are_there() -> None:
    assert len({row[1] for row in ROW.finditer(section("Retirés"))}) == 46


def test_no_code_has_two_rows() -> None:
    codes = [code for code, _, _ in rows()] + list(old_codes())
    assert [code for code, times in Counter(codes).items() if times > 1] == []


def test_no_row_is_misread() -> None:
    lines = [line for line in TABLE.splitlines() if line.startswith("| ")]
    heads = [line for line in lines if line.startswith(("| Code |", "| Famille |"))]
    assert len(lines) == len(heads) + len(rows()) + len(FAMILY.findall(TABLE))


@pytest.mark.parametrize(("code", "told", "answer"), rows(), ids=[row[0] for row in rows()])
def test_a_case_has_a_test_or_a_reason(code: str, told: str, answer: str) -> None:
    assert told
    named = re.findall(r"`(test_\w+)`", answer)
    assert named or answer == "à venir" or answer.startswith("sans objet : ")
    for prefix in named:
        assert code_of(prefix) == code
        assert any(re.fullmatch(rf"{prefix}(_\w+)?", test) for test in homologation_tests()), (
            f"no test {prefix}"
        )


@pytest.mark.parametrize("test", homologation_tests())
def test_a_test_has_its_row(test: str) -> None:
    assert code_of(test) in {code for code, _, _ in rows()} | set(old_codes())
