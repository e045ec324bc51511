"""EX_2.1-1190: which documents are in the DMP already, which may go, and who sees them, without a key pressed."""

from pathlib import Path

from access_steps import open_first
from deposit_desk import scan
from deposit_files import pdfa
from deposit_steps import DEPOSIT, FILES, deposit_through_hub
from desk import Desk, play


def line_of(desk: Desk, name: str) -> str:
    return next((line for line in desk.user.screen().splitlines() if name in line), "")


def test_ex_2_1_1190_what_is_in_the_dmp_is_marked_where_files_are_chosen(tmp_path: Path) -> None:
    """By another session too, later that day: what is remembered is the workstation's."""

    async def first(desk: Desk) -> None:
        await desk.log_in("cps-medecin")
        await open_first(desk, "vitale-suivi")
        await deposit_through_hub(desk, tmp_path, "Masqué", shown="pas les autres PS", content=pdfa("Un"))

    async def later(desk: Desk) -> None:
        scan(tmp_path, "nouveau.pdf", pdfa("Deux"))
        await desk.log_in("cps-medecin")
        await open_first(desk, "vitale-suivi")
        await desk.choose(DEPOSIT)
        await desk.user.see(FILES, "scan.pdf", "nouveau.pdf", "déjà au DMP")
        assert "déjà au DMP le " in line_of(desk, "scan.pdf")
        assert line_of(desk, "scan.pdf").rstrip().endswith(", masqué PS")
        assert "DMP" not in line_of(desk, "nouveau.pdf")

    play(first, tmp_path)
    play(later, tmp_path)
