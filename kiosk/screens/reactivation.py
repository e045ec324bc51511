"""Opening a closed record again (TD1.2): with the patient's consent ticked, never preset (EX_1.2-1030)."""

from collections.abc import Iterator
from datetime import datetime
from typing import ClassVar

from textual import on, work
from textual.binding import Binding, BindingType
from textual.widget import Widget
from textual.widgets import Input

from kiosk.card.nir import sex_of
from kiosk.dmp.management import Reactivation
from kiosk.dmp.model import DmpStatus
from kiosk.record import form, lifecycle
from kiosk.record.visit import Visit
from kiosk.screens import contact
from kiosk.screens.base import KioskScreen
from kiosk.screens.dialogs import TextDialog
from kiosk.screens.widgets import Field, Line, Tick
from kiosk.text import card_birth_date

CONSENT_MISSING = (
    "Sans l'accord du patient, rien n'est envoyé : cochez « Le patient demande la réactivation… »."
)


class ReactivationScreen(KioskScreen[bool]):
    """Dismissed with True when the record is active again, by this or already; False when the user gave up."""

    heading = "Réactiver le DMP"
    keys = "Espace Cocher   Tab ou ↓ Champ suivant   F10 Réactiver   Échap Annuler   F1 Aide"
    help_text = (
        "Lisez à voix haute la phrase de consentement, puis cochez-la avec Espace : elle n'est jamais cochée "
        "d'avance. Les documents du DMP fermé redeviennent consultables par les professionnels autorisés.\n\n"
        "Redemandez au patient s'il accepte l'accès en urgence : ses choix d'avant ne sont pas repris. F10 envoie "
        "la demande, Échap revient sans rien envoyer."
    )
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("f10", "reactivate", show=False),
        Binding("escape", "give_up", show=False),
        Binding("down", "app.focus_next", show=False),
        Binding("up", "app.focus_previous", show=False),
    ]

    def __init__(self, visit: Visit) -> None:
        super().__init__()
        self._visit = visit
        self._consent_at: datetime | None = None

    def body(self) -> Iterator[Widget]:
        person = self._visit.member.beneficiary
        sex = sex_of(person.nir)
        yield Line(
            f"\n{self._visit.member.name}   né(e) le {card_birth_date(person.birth_date)}", classes="loud"
        )
        yield Line(closing_words(self._visit.status))
        yield Line("\nCONSENTEMENT", classes="section")
        yield Tick(
            "Le patient demande la réactivation de son DMP *", lambda v: "oui" if v else "non", id="consent"
        )
        yield Line("\nIDENTITÉ (carte Vitale)", classes="section")
        yield Field("Civilité *", {"M": "M", "F": "Mme"}.get(sex, ""), id="civility", width=6, max_length=3)
        yield Line("\nACCÈS EN URGENCE", classes="section")
        yield Tick("Le patient est opposé au mode bris de glace", _emergency, id="no-break-glass")
        yield Tick("Le patient est opposé au mode centre 15", _emergency, id="no-regulation")

    def on_mount(self) -> None:
        self.query_one("#consent", Tick).focus()

    @on(Tick.Changed, "#consent")
    def note_consent(self, event: Tick.Changed) -> None:
        self._consent_at = self._visit.session.now() if event.tick.value else None

    @on(Input.Changed)
    def check_while_typing(self, event: Input.Changed) -> None:
        contact.mark(self, "civility", form.check_civility(event.value))

    @work(exclusive=True)
    async def action_reactivate(self) -> None:
        if self._consent_at is None:
            self.say(CONSENT_MISSING, error=True)
            self.query_one("#consent").focus()
            return
        check = form.check_civility(self._civility)
        if check.problem:
            contact.mark(self, "civility", check)
            self.query_one("#civility").focus()
            return
        asked = self._form(self._consent_at)
        now = await self.attempt("Réactivation du DMP", lambda: lifecycle.reactivate(self._visit, asked))
        if now is None:
            return
        done = "Le DMP du patient est réactivé." if now else "Le DMP du patient était déjà actif."
        more = (
            "Les documents publiés avant sa fermeture sont de nouveau dans son dossier."
            if now
            else "Il l'était avant cette demande. Vérifiez les deux oppositions dans les données administratives."
        )
        await self.app.push_screen_wait(TextDialog(done, more))
        self.dismiss(True)

    def action_give_up(self) -> None:
        self.dismiss(False)

    @property
    def _civility(self) -> str:
        return self.query_one("#civility-field", Field).value

    def _form(self, consent_at: datetime) -> Reactivation:
        person = self._visit.member.beneficiary
        return Reactivation(
            patient=self._visit.patient,
            civility=self._civility.capitalize(),
            usual_name=person.usual_name,
            birth_name=person.birth_name,
            given_name=person.given_name,
            consent_at=consent_at,
            opposed_to_break_glass=self.query_one("#no-break-glass", Tick).value,
            opposed_to_regulation=self.query_one("#no-regulation", Tick).value,
        )


def closing_words(status: DmpStatus) -> str:
    """When the record was closed, and why in the service's words."""
    when = f" le {status.closed_at.astimezone():%d/%m/%Y}" if status.closed_at else ""
    said = f"\nMotif donné par le service : {status.closing_reason}" if status.closing_reason else ""
    return f"DMP fermé{when}.{said}"


def _emergency(opposed: bool) -> str:
    return "accès REFUSÉ" if opposed else "accès autorisé"
