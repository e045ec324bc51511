"""A million spoilt cards: mutated answers through everything that reads a card, where only a `CardError` may come out.

    python bench/fuzz_cards.py [--count 1200000] [--seed 1] [--workers 2]

Four readers share the count: BER-TLV, the PKCS#15 directories, the direct reading of a Vitale (its APDU answers) and
the XML of the « API de lecture Vitale »; people who come out go on to their INS-C. Prints what came of it and the
rate. The status is 1 when anything else than a `CardError` came out; the input is then printed in hexadecimal.
"""

import argparse
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterable
from concurrent.futures import ProcessPoolExecutor
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from random import Random

from kiosk.card import pkcs15, tlv
from kiosk.card.insc import insc_of
from kiosk.card.model import Beneficiary
from kiosk.card.readers import Apdu
from kiosk.card.vitale import read_vitale
from kiosk.card.vitale_xml import beneficiaries
from kiosk.errors import CardError, InscImpossible
from kiosk.training.cards.cps_content import master_file
from kiosk.training.cards.files import Directory, TransparentFile
from kiosk.training.cards.vitale import nir_key, vitale_card
from kiosk.training.people import HOLDERS, VITALES, Insured, Vitale
from kiosk.training.pki import TrainingPki

CHUNK = 10_000
_PKCS15 = {
    0x5031: pkcs15.object_directory,
    0x5032: pkcs15.token_info,
    0x7001: pkcs15.pins,
    0x7002: pkcs15.keys,
    0x7004: pkcs15.certificates,
    0x7006: pkcs15.data_objects,
}
_VITALE_CARD = VITALES[0]


@dataclass
class Outcome:
    """Of some inputs to one reader."""

    reader: str
    read: int = 0
    refused: int = 0
    escaped: Counter[str] = field(default_factory=Counter)
    example: str = ""
    seconds: float = 0.0
    slowest: float = 0.0


# --- what is mutated --------------------------------------------------------------------------------------


@cache
def _pkcs15_files() -> dict[int, bytes]:
    """The directories of an emulated CPS, written by the training box's own encoder."""
    with tempfile.TemporaryDirectory() as directory:
        master = master_file(HOLDERS[2], TrainingPki(Path(directory)).card(HOLDERS[2]))
    application = next(file for file in master.files if isinstance(file, Directory))
    return {
        file.file_id: file.content
        for file in application.files
        if isinstance(file, TransparentFile) and file.file_id in _PKCS15
    }


class Recorder:
    """A link that keeps what the emulated Vitale answers."""

    def __init__(self, vitale: Vitale) -> None:
        self._card = vitale_card(vitale)
        self.atr = self._card.atr
        self.answers: list[bytes] = []

    def transmit(self, apdu: Apdu) -> bytes:
        self.answers.append(self._card.transmit(bytes(apdu)))
        return self.answers[-1]

    def exclusive(self) -> AbstractContextManager[None]:
        return nullcontext()

    def close(self) -> None:
        """Nothing to let go."""


class Player:
    """A link that gives recorded answers, whatever is asked, and then no file."""

    def __init__(self, atr: bytes, answers: Iterable[bytes]) -> None:
        self.atr = atr
        self._answers = iter(answers)

    def transmit(self, apdu: Apdu) -> bytes:
        return next(self._answers, b"\x6a\x82")

    def exclusive(self) -> AbstractContextManager[None]:
        return nullcontext()

    def close(self) -> None:
        """Nothing to let go."""


@cache
def _vitale_answers() -> tuple[bytes, tuple[bytes, ...]]:
    recorder = Recorder(_VITALE_CARD)
    read_vitale(recorder)
    return recorder.atr, tuple(recorder.answers)


def _xml_person(person: Insured) -> str:
    own = f"{person.nir13} {nir_key(person.nir13)}" if person.nir13 else ""
    born = person.birth_date
    return (
        f"<T_AsnBeneficiaire><ident><nomUsuel>{person.usual_name}</nomUsuel>"
        f"<nomPatronymique>{person.birth_name}</nomPatronymique><prenomUsuel>{person.given_name}</prenomUsuel>"
        f"<naissance><date>{born[6:]}{born[4:6]}{born[:4]}</date><dateEnCarte>{born[2:]}</dateEnCarte></naissance>"
        f"<nir>{own}</nir><nirCertifie>{own}</nirCertifie></ident>"
        f"<amo><qualBenef>{'0' if person.insured else '6'}</qualBenef></amo></T_AsnBeneficiaire>"
    )


@cache
def _xml() -> bytes:
    people = "".join(map(_xml_person, _VITALE_CARD.people))
    head = '<?xml version="1.0" encoding="ISO-8859-1"?>'
    return f"{head}<T_AsnDonneesVitale><listeBenef>{people}</listeBenef></T_AsnDonneesVitale>".encode(
        "latin-1"
    )


def mutated(original: bytes, random: Random) -> bytes:
    """One to four changes: a bit, a byte that means something, a cut, a repeat, a move, or noise."""
    data = bytearray(original)
    for _ in range(random.randint(1, 4)):
        at = random.randrange(len(data) + 1)
        size = random.randint(0, 12)
        match random.randrange(8):
            case 0 | 1 if at < len(data):
                data[at] ^= 1 << random.randrange(8)
            case 2 | 3 if at < len(data):
                data[at] = random.choice(
                    b"\x00\x01\x1f\x30\x61\x6c\x7f\x80\x81\x82\x83\x84\x90\xff<>&;/\"'?!"
                )
            case 4:
                del data[at : at + size]
            case 5:
                data[at:at] = random.randbytes(size)
            case 6:
                data[at:at] = data[at : at + size] * random.randint(1, 3)
            case 7 if random.random() < 0.1:
                del data[at:]
    return bytes(data)


# --- the readers ------------------------------------------------------------------------------------------


def _identify(people: tuple[Beneficiary, ...]) -> None:
    for person in people:
        try:
            insc_of(person, people)
        except InscImpossible:
            continue


def _fuzz_tlv(random: Random) -> tuple[Callable[[], object], str]:
    content = mutated(random.choice([*_pkcs15_files().values(), *_vitale_answers()[1]]), random)
    padded = random.random() < 0.5
    return lambda: tlv.search(tlv.parse(content, padded=padded), 0x9B), content.hex()


def _fuzz_pkcs15(random: Random) -> tuple[Callable[[], object], str]:
    identifier, original = random.choice(list(_pkcs15_files().items()))
    content = mutated(original, random)
    return lambda: _PKCS15[identifier](content), f"{identifier:04X} {content.hex()}"


def _fuzz_vitale(random: Random) -> tuple[Callable[[], object], str]:
    atr, original = _vitale_answers()
    answers = list(original)
    for _ in range(random.randint(1, 3)):
        at = random.randrange(len(answers))
        answers[at] = mutated(answers[at], random)
    link = Player(atr, answers)
    return lambda: _identify(read_vitale(link).beneficiaries), " ".join(answer.hex() for answer in answers)


def _fuzz_xml(random: Random) -> tuple[Callable[[], object], str]:
    content = mutated(_xml(), random)
    return lambda: _identify(beneficiaries(content)), content.hex()


READERS = {
    "BER-TLV": _fuzz_tlv,
    "PKCS#15": _fuzz_pkcs15,
    "Vitale, APDU": _fuzz_vitale,
    "Vitale, XML": _fuzz_xml,
}


def fuzz(reader: str, seed: str, count: int) -> Outcome:
    """`count` inputs, the same ones for the same seed."""
    random, outcome, prepare = Random(seed), Outcome(reader), READERS[reader]
    for _ in range(count):
        run, spoilt = prepare(random)
        begin = time.perf_counter()
        try:
            run()
            outcome.read += 1
        except CardError:
            outcome.refused += 1
        except BaseException as error:
            outcome.escaped[type(error).__name__] += 1
            outcome.example = spoilt
        spent = time.perf_counter() - begin
        outcome.seconds += spent
        outcome.slowest = max(outcome.slowest, spent)
    return outcome


def main() -> int:
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("--count", type=int, default=1_200_000)
    options.add_argument("--seed", type=int, default=1)
    options.add_argument("--workers", type=int, default=2)
    chosen = options.parse_args()
    chunks = max(1, chosen.count // CHUNK)
    names = [list(READERS)[number % len(READERS)] for number in range(chunks)]
    seeds = [f"{chosen.seed}:{number}" for number in range(chunks)]
    begin = time.perf_counter()
    totals = {name: Outcome(name) for name in READERS}
    with ProcessPoolExecutor(chosen.workers) as pool:
        for part in pool.map(fuzz, names, seeds, [CHUNK] * chunks):
            total = totals[part.reader]
            total.read += part.read
            total.refused += part.refused
            total.escaped += part.escaped
            total.example = total.example or part.example
            total.seconds += part.seconds
            total.slowest = max(total.slowest, part.slowest)
    spent = time.perf_counter() - begin
    print(
        f"{'reader':<14}{'inputs':>10}{'read':>10}{'refused':>10}{'escaped':>9}{'µs each':>9}{'slowest ms':>12}"
    )
    for total in totals.values():
        inputs = total.read + total.refused + total.escaped.total()
        each = 1e6 * total.seconds / max(1, inputs)
        print(
            f"{total.reader:<14}{inputs:>10}{total.read:>10}{total.refused:>10}{total.escaped.total():>9}"
            f"{each:>9.0f}{1000 * total.slowest:>12.1f}"
        )
        if total.escaped:
            print(f"  {dict(total.escaped)}, for instance {total.example}")
    print(
        f"{chunks * CHUNK} inputs in {spent:.0f} s: {chunks * CHUNK / spent:.0f} per second, seed {chosen.seed}"
    )
    return 1 if any(total.escaped for total in totals.values()) else 0


if __name__ == "__main__":
    sys.exit(main())
