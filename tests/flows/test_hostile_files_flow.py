"""Files that mean harm, chosen at the screen: each costs one message, and Escape ends what takes too long."""

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from deposit_desk import describe, into_lot, scan, show, sign_and_send, visit_of
from deposit_files import pdfa
from deposit_steps import FILES, choose_file
from desk import Desk, play
from hostile_files import endless_pdf, endless_text, hungry_pdf, openers

from kiosk.screens.deposit import DepositScreen

NOTHING = "Aucun document dans le lot"


@asynccontextmanager
async def chosen(desk: Desk, tmp_path: Path, name: str, content: bytes) -> AsyncIterator[None]:
    """A file of the scan folder, picked; in the end another one can be deposited as if nothing had been."""
    scan(tmp_path, name, content)
    await show(desk, DepositScreen(await visit_of(desk)))
    await desk.user.see(FILES, name)
    await desk.user.press("enter")
    yield
    await desk.user.until(lambda: not openers(), what="no process left")
    scan(tmp_path, "bon.pdf", pdfa())
    await desk.user.press("a")
    await choose_file(desk, "bon.pdf")
    await describe(desk, "Le bon")
    await into_lot(desk)
    await sign_and_send(desk)
    await desk.user.see("Déposé dans le DMP")


def test_a_file_that_eats_memory_costs_one_message(tmp_path: Path) -> None:
    async def story(desk: Desk) -> None:
        async with chosen(desk, tmp_path, "gourmand.pdf", hungry_pdf()):
            await desk.user.see(
                "Ce fichier n'a pas pu être examiné", "plus de mémoire", "DEPOT-012", within=30
            )
            await desk.user.press("enter")
            await desk.user.see(NOTHING)

    play(story, tmp_path)


def test_a_file_that_kills_its_reader_costs_one_message(tmp_path: Path) -> None:
    async def story(desk: Desk) -> None:
        async with chosen(desk, tmp_path, "sans-fin.pdf", endless_pdf()):
            await desk.user.until(lambda: bool(openers()), what="the process")
            os.kill(openers()[0], 11)
            await desk.user.see("Il a fait échouer le programme", "DEPOT-012")
            await desk.user.press("enter")
            await desk.user.see(NOTHING)

    play(story, tmp_path)


def test_escape_ends_an_examination_without_end(tmp_path: Path) -> None:
    async def story(desk: Desk) -> None:
        async with chosen(desk, tmp_path, "sans-fin.pdf", endless_pdf()):
            await desk.user.see("Examen du fichier", "Échap : abandonner")
            await desk.user.press("escape")
            await desk.user.see("Opération abandonnée à votre demande")
            assert not openers()
            await desk.user.press("enter")
            await desk.user.see(NOTHING)

    play(story, tmp_path)


def test_escape_ends_a_conversion_and_leaves_the_file_as_it_was(tmp_path: Path) -> None:
    async def story(desk: Desk) -> None:
        async with chosen(desk, tmp_path, "sans-fin.txt", endless_text()):
            await describe(desk, "Trop long")
            await desk.user.press("f4")
            await desk.user.see("Le convertir en PDF/A ?")
            await desk.user.press("o")
            await desk.user.see("Conversion en PDF/A", "Échap : abandonner")
            await desk.user.press("escape")
            await desk.user.see("Opération abandonnée à votre demande")
            assert not openers()
            await desk.user.press("enter")
            screen = await desk.user.see("PETIT ANDRE · Texte", "F10 Mettre au lot")
            assert FILES not in screen
            await desk.user.press("escape")
            await desk.user.see(NOTHING)

    play(story, tmp_path)
