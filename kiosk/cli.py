"""The command line, stable: every sub-command loads only what it needs."""

import argparse
import os
import sys
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

from kiosk import __version__
from kiosk.errors import KioskError, SettingsError
from kiosk.rehearsals import PATHS
from kiosk.settings import POSTS, PROFILES

if TYPE_CHECKING:
    from kiosk.box import Box

USAGE_ERROR = 2


def main(argv: Sequence[str]) -> int:
    """Run one command; returns its exit status. Errors of the kiosk are told in words on standard error."""
    arguments = _parser().parse_args(argv)
    command: Callable[[argparse.Namespace], int] = arguments.command
    try:
        return command(arguments)
    except KioskError as error:
        told = [error.what, f"Cause probable : {error.cause}", f"À faire : {error.todo}"]
        detail = f" ({error.detail})" if error.detail else ""
        print(*told, f"Code d'assistance : {error.code}{detail}", sep="\n", file=sys.stderr)
        return USAGE_ERROR


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="dmp-kiosk",
        description="Borne DMP en mode terminal. Sans commande : la borne, selon son fichier de réglages.",
    )
    parser.add_argument("--version", action="version", version=f"dmp-kiosk {__version__}")
    parser.add_argument("--training", action="store_true", help="entraînement, sur une boîte simulée")
    parser.add_argument(
        "--insert", metavar="CARTE", action="append", default=[],
        help="entraînement : carte déjà dans un lecteur (plusieurs fois possible)",
    )  # fmt: skip
    parser.add_argument("--box", metavar="DOSSIER", type=Path, help="entraînement : boîte déjà lancée")
    parser.add_argument(
        "--readers", type=int, choices=(1, 2), default=2, help="entraînement : nombre de lecteurs du poste"
    )
    parser.add_argument("--post", choices=POSTS, default=POSTS[0], help="entraînement : métier du poste")
    parser.add_argument(
        "--profile", choices=PROFILES, default=PROFILES[0],
        help="entraînement : génération du service DMP (current : celui d'aujourd'hui)",
    )  # fmt: skip
    parser.add_argument("--theme", default="", help="thème d'affichage, au lieu de celui du terminal")
    parser.set_defaults(command=_kiosk)
    commands = parser.add_subparsers(title="commandes", metavar="")

    insc = commands.add_parser("insc", help="calcule un INS-C")
    insc.add_argument("--batch", metavar="FICHIER", help="prénom;AAMMJJ;NIR13 par ligne, - = entrée standard")
    insc.add_argument("traits", nargs="*", metavar="PRÉNOM AAMMJJ NIR13")
    insc.set_defaults(command=_insc)

    doctor = commands.add_parser("doctor", help="vérifie les sept couches du poste")
    doctor.add_argument("--json", action="store_true")
    doctor.add_argument("--report", metavar="FICHIER", type=Path, help="l'écrit aussi, pour l'assistance")
    doctor.set_defaults(command=_doctor)

    rehearse = commands.add_parser("rehearse", help="joue un parcours complet sur une boîte neuve")
    rehearse.add_argument("path", choices=tuple(PATHS))
    rehearse.add_argument("--json", action="store_true")
    rehearse.set_defaults(command=_rehearse)

    training = commands.add_parser("training", help="la boîte d'entraînement seule")
    training.add_argument("--directory", type=Path, help="où placer ses prises (défaut : un dossier neuf)")
    training.add_argument("--authority", type=Path, help="où garder ses certificats")
    training.add_argument("--port", type=int, default=0, help="port HTTPS du serveur DMP")
    training.add_argument("--insert", metavar="CARTE", action="append", default=[])
    training.add_argument("--tied", action="store_true", help=argparse.SUPPRESS)
    training.set_defaults(command=_training)

    journal = commands.add_parser("journal", help="le journal de la borne")
    journal.add_argument("action", choices=("verify", "show"))
    journal.add_argument("--training", action="store_true", help="le journal de l'entraînement")
    journal.set_defaults(command=_journal)
    return parser


def _kiosk(arguments: argparse.Namespace) -> int:
    _check_cards(arguments.insert)
    if not (arguments.training or arguments.insert or arguments.box):
        from kiosk.launch import run_real

        return run_real(arguments.theme)
    from kiosk.box import read_box, training_box

    if arguments.box:
        box = read_box(arguments.box)
        return _train(lambda: box, arguments)
    with training_box(tuple(arguments.insert)) as process:
        return _train(process.ready, arguments)


def _train(box: "Callable[[], Box]", arguments: argparse.Namespace) -> int:
    """The box is starting already: Textual and the rest are imported beside it, not before it."""
    from kiosk.launch import run_training

    return run_training(box, arguments.readers, arguments.theme, arguments.post, arguments.profile)


def _insc(arguments: argparse.Namespace) -> int:
    from kiosk.card.insc_batch import compute_line, explain

    if arguments.batch is not None:
        with _lines(arguments.batch) as lines:
            sys.stdout.writelines(compute_line(line) for line in lines)
        return 0
    if len(arguments.traits) != 3:
        print("Il faut trois valeurs : PRÉNOM AAMMJJ NIR13 (sans clé).", file=sys.stderr)
        return USAGE_ERROR
    insc, reason = explain(*arguments.traits)
    print(insc or f"INS-C impossible : {reason}", file=sys.stdout if insc else sys.stderr)
    return 0 if insc else 1


def _check_cards(wanted: list[str]) -> None:
    """Raises `SettingsError` naming the cards there are, when one is asked for that is not."""
    if not wanted:
        return
    from kiosk.training.people import card_ids

    unknown = [card for card in wanted if card not in card_ids()]
    if unknown:
        raise SettingsError(
            what=f"Carte d'entraînement inconnue : {', '.join(unknown)}",
            cause="Ce nom n'est pas celui d'une carte du tiroir.",
            todo=f"Choisissez parmi : {', '.join(card_ids())}",
        )


def _lines(name: str) -> AbstractContextManager[TextIO]:
    """A file of traits, `-` for standard input. Raises `SettingsError` when it cannot be read."""
    if name == "-":
        return nullcontext(sys.stdin)
    try:
        return open(name, encoding="utf-8")
    except OSError as error:
        raise SettingsError(
            what=f"Le fichier {name} ne peut pas être lu.",
            cause=error.strerror or type(error).__name__,
            todo="Vérifiez son nom et ses droits.",
        ) from None


def _doctor(arguments: argparse.Namespace) -> int:
    from kiosk.doctor import examine

    return examine(as_json=arguments.json, report=arguments.report)


def _rehearse(arguments: argparse.Namespace) -> int:
    from kiosk.rehearsal import rehearse

    return rehearse(arguments.path, as_json=arguments.json)


def _training(arguments: argparse.Namespace) -> int:
    import tempfile

    from kiosk.settings import state_directory
    from kiosk.training.box import run_box

    _check_cards(arguments.insert)
    directory = arguments.directory or Path(tempfile.mkdtemp(prefix="dmp-kiosk-"))
    authority = arguments.authority or state_directory() / "training" / "authority"
    if not arguments.tied:
        print(
            f"Boîte d'entraînement (simulation). Dans un autre terminal : ./run --box {directory}", flush=True
        )
    os.umask(0o077)
    return run_box(
        directory, authority, insert=tuple(arguments.insert), port=arguments.port, tied=arguments.tied
    )


def _journal(arguments: argparse.Namespace) -> int:
    from kiosk.journal import Journal, describe
    from kiosk.settings import journal_file

    journal = Journal(journal_file(training=arguments.training))
    if arguments.action == "show":
        for row in journal.rows():
            print(describe(row))
        return 0
    verdict = journal.verify()
    print(verdict.sentence)
    return 0 if verdict.intact else 1
