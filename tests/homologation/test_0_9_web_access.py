"""TD0.9: the Web DMP is a link to open on another device; the kiosk opens no browser."""

import asyncio
from pathlib import Path

from access_steps import open_first
from desk import Desk, play
from document_steps import insured

from kiosk.screens.web_access import QrCode
from kiosk.training.dmp_server.records import ins_c_of

ANDRE = "1551199999031"
WEB = "DMP sur le web : lien à ouvrir ailleurs"
INS_C_OID = "1.2.250.1.213.1.4.2"


def address_on(screen: str) -> str:
    """The address, put together again from the lines it stands on."""
    lines = screen.splitlines()
    column = next(line.index("https://") for line in lines if "https://" in line)
    first = next(n for n, line in enumerate(lines) if "https://" in line)
    found = ""
    for line in lines[first:]:
        part = line[column:].strip()
        if not part:
            return found
        found += part
    return found


async def link(desk: Desk, page: str) -> str:
    """From the hub to a link; back to the hub's list of pages."""
    await desk.choose(WEB)
    await desk.user.see("Quelle page ouvrir sur un autre appareil ?")
    await desk.choose(page)
    screen = await desk.user.see("Entrée : fermer", "https://")
    assert desk.user.app.screen.query_one(QrCode).fits
    return address_on(screen)


async def traced(desk: Desk) -> list[tuple[str, bool]]:
    """(page, whether a patient is named) of the journal's links."""
    rows = await asyncio.to_thread(lambda: list(desk.journal.rows()))
    return [(row.entry.reference, bool(row.entry.patient)) for row in rows if row.entry.act == "TD0.9"]


def test_0_9_010_the_dashboard_names_no_patient(tmp_path: Path) -> None:
    async def story(desk: Desk) -> None:
        await desk.log_in("cps-medecin")
        await open_first(desk, "vitale-suivi")
        sent = await desk.transactions()
        address = await link(desk, "Mon tableau de bord")
        assert address.endswith("/AccesDirect/TableauDeBord")
        assert await traced(desk) == [("TableauDeBord", False)]
        assert await desk.transactions() == sent, "a link asks nothing of the service"

    play(story, tmp_path)


def test_0_9_040_the_record_of_a_patient_by_his_ins(tmp_path: Path) -> None:
    async def story(desk: Desk) -> None:
        await desk.log_in("cps-medecin")
        await open_first(desk, "vitale-suivi")
        address = await link(desk, "Le DMP du patient")
        assert address.startswith("https://")
        assert address.endswith(f"/AccesDirect/DossierPatient/{ins_c_of(insured(ANDRE))}/{INS_C_OID}")
        assert await traced(desk) == [("DossierPatient", True)]

    play(story, tmp_path)


def test_0_9_040_a_closed_record_leaves_the_dashboard_alone(tmp_path: Path) -> None:
    async def story(desk: Desk) -> None:
        await desk.log_in("cps-medecin")
        screen = await open_first(desk, "vitale-fermee")
        assert "Le DMP du patient" not in screen
        assert "DMP sur le web" not in screen

    play(story, tmp_path)
