"""Printing a sheet for the patient: progress to the job's end, then the human question."""

from collections.abc import Callable, Iterator

from textual import work
from textual.widget import Widget

from kiosk.errors import KioskError
from kiosk.printing.model import PrintProgress, PrintState
from kiosk.record.handover import Handover, Tell
from kiosk.screens.base import KioskScreen
from kiosk.screens.dialogs import ConfirmDialog, ErrorDialog
from kiosk.screens.retry import AskRetry, Retry
from kiosk.screens.widgets import Line

_OUTCOMES = {
    PrintState.COMPLETED: "L'imprimante dit que la feuille est sortie.",
    PrintState.ABORTED: "L'imprimante a abandonné le travail.",
    PrintState.CANCELED: "L'impression a été annulée ; la feuille est peut-être sortie quand même.",
    PrintState.UNKNOWN: "L'imprimante ne répond plus : la borne ne sait pas si la feuille est sortie.",
}


class PaperScreen(KioskScreen[bool]):
    """Dismissed with True once somebody said that the sheet was handed over."""

    heading = "Impression"
    keys = "Échap Annuler l'impression"
    help_text = (
        "La borne vérifie l'imprimante avant de demander les codes, suit l'impression jusqu'au bout, puis vous "
        "demande si la feuille est sortie.\n\nSi elle est illisible : une seule réimpression, puis de nouveaux codes."
    )

    def __init__(self, handover: Handover) -> None:
        super().__init__()
        self._handover = handover

    def body(self) -> Iterator[Widget]:
        what = (
            "Document des secrets (identifiant et mot de passe)"
            if self._handover.secret
            else "Accusé de création"
        )
        yield Line(f"\n{what}\n", classes="loud")
        yield Line("", id="step")
        if self._handover.secret:
            yield Line("\nLes codes ne sont jamais affichés : ils ne sont que sur la feuille.")

    def on_mount(self) -> None:
        self.run()

    @work(exclusive=True)
    async def run(self) -> None:
        act: Callable[[Tell], PrintProgress] = self._handover.first_print
        while True:
            progress = await self._print(act)
            if progress is not None and await self._handed_over(progress):
                self._handover.answer(True)
                self.dismiss(True)
                return
            if progress is not None:
                self._handover.answer(False)
            match await self.app.push_screen_wait(AskRetry(self._handover, printed=progress is not None)):
                case Retry.SAME:
                    act = self._handover.reprint
                case Retry.NEW_CODES:
                    act = self._handover.new_codes
                case Retry.AGAIN:
                    pass
                case Retry.GIVE_UP:
                    self._handover.wipe()
                    self.dismiss(False)
                    return

    async def _print(self, act: Callable[[Tell], PrintProgress]) -> PrintProgress | None:
        try:
            return await self.work("Impression", lambda: act(self._tell))
        except KioskError as error:
            await self.app.push_screen_wait(ErrorDialog(error))
            return None

    async def _handed_over(self, progress: PrintProgress) -> bool:
        return await self.app.push_screen_wait(
            ConfirmDialog(
                "La feuille est-elle sortie ?",
                f"{_OUTCOMES[progress.state]}\nEst-elle sortie, lisible, et remise au patient en main propre ?",
                yes="oui, elle est remise",
                no="non",
            )
        )

    def _tell(self, text: str) -> None:
        self.app.call_from_thread(self.query_one("#step", Line).update, text)

    def cancel_work(self) -> None:
        """Escape while printing: ask the printer to stop, the service too if it is being asked."""
        super().cancel_work()
        self._handover.cancel()
        self.say("Annulation demandée à l'imprimante…")
