"""The patient's word before the record is read: said aloud, ticked, never preset (EX_0.2-1100)."""

from collections.abc import Iterator
from typing import ClassVar

from textual.binding import Binding, BindingType
from textual.widget import Widget

from kiosk.dmp.profile import ServiceProfile
from kiosk.memory.consents import Consent
from kiosk.record.rights import Kind, kind_of
from kiosk.record.visit import Visit
from kiosk.screens.base import KioskScreen
from kiosk.screens.widgets import Line, Tick

# The regulation imposes a text word for word; it is not public: our own words say the same. [unknown]
_TEXTS = {
    "consent": (
        "Je vais consulter votre dossier médical partagé (DMP) pour votre prise en charge.\n"
        "Mon accès y sera inscrit à mon nom ; vous pourrez le voir, et me retirer votre accord quand vous voulez."
    ),
    "default-opening": (
        "Je vais chercher dans votre DMP, avec Mon espace santé, des documents utiles à votre prise en charge.\n"
        "Mes recherches et les documents ouverts sont tracés à mon nom et vous en êtes averti aussitôt.\n"
        "Consulter sans votre accord, ou hors de l'équipe de soins, est puni par la loi."
    ),
}
_TEXTS_FOR_THE_TEAM = {
    "consent": (
        "Les professionnels de notre structure vont consulter votre dossier médical partagé (DMP) pour vous soigner.\n"
        "Chaque accès y sera inscrit ; vous pourrez le voir, et retirer votre accord quand vous voulez."
    ),
    "default-opening": (
        "Les professionnels de notre structure qui vous soignent vont chercher dans votre DMP, avec Mon espace santé, "
        "des documents utiles à votre prise en charge.\n"
        "Leurs recherches et les documents ouverts sont tracés à leur nom et vous en êtes averti aussitôt.\n"
        "Consulter sans votre accord, ou hors de l'équipe de soins, est puni par la loi."
    ),
}


def information(profile: ServiceProfile, *, for_team: bool = False) -> str:
    """What is read aloud to the patient, by generation of the service; `for_team` by who consults nothing himself."""
    return (_TEXTS_FOR_THE_TEAM if for_team else _TEXTS)[profile.texts]


class ConsentScreen(KioskScreen[bool]):
    """Dismissed with True once the patient's consent is ticked and confirmed."""

    heading = "Accord du patient pour consulter son DMP"
    keys = "Espace Cocher   F10 Confirmer   Échap Renoncer   F1 Aide"
    help_text = (
        "Lisez l'information à voix haute, posez la question, puis cochez avec Espace si le patient est d'accord. "
        "La case n'est jamais cochée d'avance. F10 note l'accord ; le DMP l'apprend quand quelqu'un veut consulter, ou "
        "tout de suite dans l'ancien service. Échap n'envoie rien.\n\n"
        "Sans accord possible et en urgence seulement : F6 sur le dossier (bris de glace)."
    )
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("f10", "confirm", show=False),
        Binding("escape", "give_up", show=False),
        Binding("down", "app.focus_next", show=False),
        Binding("up", "app.focus_previous", show=False),
    ]

    def __init__(self, visit: Visit, recorded: Consent | None) -> None:
        super().__init__()
        self._visit, self._recorded = visit, recorded
        self._for_team = kind_of(visit.session.professional) is Kind.CPE

    def body(self) -> Iterator[Widget]:
        yield Line(f"\n{self._visit.member.name}", classes="loud")
        yield Line("\nÀ dire au patient, ou à son représentant légal :", classes="section")
        yield Line(information(self._visit.session.profile, for_team=self._for_team))
        if self._recorded is not None:
            yield Line(
                f"\nAccord recueilli pour votre structure {self._recorded.moment}. "
                "Vérifiez qu'il vaut toujours.",
                classes="loud",
            )
        yield Line("")
        yield Tick(
            f"Le patient, informé, accepte que {'notre équipe' if self._for_team else 'je'} consulte son DMP *",
            lambda v: "oui" if v else "non",
            id="agrees",
        )

    def action_confirm(self) -> None:
        if not self.query_one(Tick).value:
            self.say("Sans l'accord du patient, rien n'est demandé : cochez la case après avoir posé la question.",
                     error=True)  # fmt: skip
            return
        self.dismiss(True)

    def action_give_up(self) -> None:
        self.dismiss(False)
