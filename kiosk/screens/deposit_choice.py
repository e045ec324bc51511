"""From « which file ? » to a file in memory that may go out: read, not sent already, examined, converted if need be."""

import asyncio
from functools import partial

from kiosk.deposit import source
from kiosk.deposit.child import Apart
from kiosk.dmp.document import DocumentEntry
from kiosk.record import draft
from kiosk.record.draft import Chosen
from kiosk.record.known_documents import Known
from kiosk.record.known_files import KnownFiles
from kiosk.record.visit import Visit
from kiosk.screens.base import Result
from kiosk.screens.deposit_files import FilesScreen
from kiosk.screens.deposit_opening import OpeningScreen
from kiosk.screens.deposit_preview import converted
from kiosk.screens.dialogs import ConfirmDialog, TextDialog


async def chosen_file(
    screen: OpeningScreen[Result],
    visit: Visit,
    known: KnownFiles,
    lot: tuple[Chosen, ...],
    replaces: DocumentEntry | None,
) -> Chosen | None:
    """Asked of the user over `screen`; None when there is none. `lot`: what is chosen already.

    Of a file that the DMP has already, the list is shown again unless the user wants it all the same (EX_2.1-1190).
    """
    while True:
        file = await screen.app.push_screen_wait(FilesScreen(known))
        if file is None:
            return None
        content = await screen.attempt("Lecture du fichier", partial(source.read, file))
        if content is None:
            return None
        if any(one.file == content for one in lot):
            await screen.app.push_screen_wait(TextDialog("Ce fichier est déjà dans ce lot", _IN_THE_LOT))
            continue
        there = await asyncio.to_thread(known.of_chosen, content)
        if there is None or await _wanted(screen, known, there, replaces):
            return await _examined(screen, visit, content)


async def _wanted(
    screen: OpeningScreen[Result], known: KnownFiles, there: Known, replaces: DocumentEntry | None
) -> bool:
    """Whether a file that the DMP has goes on: as a new version, or once the DMP says that it is gone.

    The file of the very version that is replaced may come again with other words: the form sees to that.
    """
    if replaces is not None and replaces.unique_id == there.unique_id:
        return True
    if replaces is not None or not there.sure:
        return await screen.app.push_screen_wait(
            ConfirmDialog(
                "Ce fichier a déjà été envoyé au DMP", there.sentence, yes="le choisir", no="un autre fichier"
            )
        )
    if not await screen.app.push_screen_wait(
        ConfirmDialog(
            "Ce fichier est déjà au DMP",
            f"{there.sentence}\n\n{_UNCHANGED}",
            yes="le demander au DMP",
            no="un autre fichier",
        )
    ):
        return False
    answer = await screen.attempt("Y est-il encore ? Question au DMP", partial(known.still_known, there))
    if answer:
        await screen.app.push_screen_wait(TextDialog("Le DMP connaît toujours ce document", _STILL_KNOWN))
    return answer is False


async def _examined(screen: OpeningScreen[Result], visit: Visit, content: bytes) -> Chosen | None:
    """What it is; a PDF that is no PDF/A-1 is converted if the user wants it."""

    def take(apart: Apart) -> Chosen:
        return draft.choose(content, draft.patient_of(visit.member, visit.status), apart)

    chosen = await screen.open_apart("Examen du fichier", take)
    if chosen is None or not chosen.examined.obstacle:
        return chosen
    question = ConfirmDialog(
        "Ce PDF n'est pas un PDF/A-1 : le DMP n'en veut pas tel quel",
        f"{chosen.examined.obstacle}\n\nLa borne peut le convertir. {draft.loss(chosen)}",
        yes="convertir",
        no="ne pas le déposer",
    )
    return await converted(screen, chosen) if await screen.app.push_screen_wait(question) else None


_IN_THE_LOT = (
    "Le DMP ne le reçoit qu'une fois. Pour changer ce que vous en avez dit : Entrée, sur sa ligne du lot."
)
_UNCHANGED = (
    "Un fichier inchangé n'y entre pas deux fois. Pour en donner une nouvelle version : Échap, D, puis R. S'il n'y est "
    "plus, le DMP peut le dire, et le fichier se dépose alors de nouveau."
)
_STILL_KNOWN = (
    "Choisissez un autre fichier, ou remplacez ce document par sa nouvelle version : Échap, D, puis R."
)
