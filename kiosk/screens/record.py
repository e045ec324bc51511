"""One person's record: what the DMP said, the one next step, and everything else that may be done with it."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from contextlib import suppress
from datetime import datetime
from typing import ClassVar

from textual import on, work
from textual.binding import Binding, BindingType
from textual.widget import Widget

from kiosk.dmp.management import AuthorizationChange
from kiosk.dmp.model import Authorization, DmpStatus, RecordState
from kiosk.doubt import UNKNOWN
from kiosk.errors import ConsentNotKept, KioskError, Refused
from kiosk.memory.consents import Consent
from kiosk.record.desk import PatientDesk
from kiosk.record.handover import Handover
from kiosk.record.rights import Action
from kiosk.record.visit import Visit
from kiosk.screens.account import ChooseChannel
from kiosk.screens.administrative import AdministrativeScreen
from kiosk.screens.base import KioskScreen
from kiosk.screens.break_glass import BreakGlassScreen
from kiosk.screens.channel import ChannelScreen
from kiosk.screens.closing import ClosingScreen
from kiosk.screens.consent import ConsentScreen
from kiosk.screens.deposit import DepositScreen
from kiosk.screens.dialogs import ConfirmDialog, TextDialog, error_text
from kiosk.screens.documents import DocumentsScreen
from kiosk.screens.family import access_words
from kiosk.screens.paper import PaperScreen
from kiosk.screens.professionals import ProfessionalsScreen
from kiosk.screens.reactivation import ReactivationScreen, closing_words
from kiosk.screens.web_access import WebAccessScreen
from kiosk.screens.widgets import Line, Menu, MenuItem
from kiosk.text import card_birth_date

ALTERNATIVES = (
    "Vous pouvez encore : appeler le SAMU (15), appeler le médecin traitant ou la personne de confiance, "
    "chercher sur le patient ses ordonnances, sa carte de groupe sanguin ou ses directives anticipées."
)
"""What the law leaves when the emergency door stays shut."""


class RecordScreen(KioskScreen[None]):
    """Stays as long as the record is open; leaving it ends a break-glass access."""

    heading = "Dossier du patient"
    keys = "↑↓ ou chiffre Choisir   F5 Redemander   F6 Bris de glace   F10 Fermer   F1 Aide"
    help_text = (
        "La ligne choisie d'avance est l'étape la plus utile maintenant. Une action grisée dit pourquoi elle n'est "
        "pas possible : choisissez-la.\n\nF6 ouvre le dossier en urgence, sans l'accord du patient : motif et "
        "confirmation, et le patient en sera averti. F10 ferme le dossier ; le bris de glace finit avec lui."
    )
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("f10,escape", "close_record", show=False),
        Binding("f5", "ask_again", show=False),
        Binding("f6", "break_glass", show=False),
    ]

    def __init__(self, visit: Visit, *, emergency: bool = False) -> None:
        """`emergency`: the user came through the emergency door; it is opened at once."""
        super().__init__()
        self._visit, self._emergency = visit, emergency
        self._recorded: Consent | None = None
        self._opposed: datetime | None = None
        """Since when the patient wants no new document of the structure."""
        self._actions: dict[str, Callable[[], Awaitable[None]]] = {
            "documents": self._documents,
            "deposit": self._deposit,
            "oppose": lambda: self._oppose(opposed=True),
            "accept": lambda: self._oppose(opposed=False),
            "web": self._web,
            "agree": self._agree,
            "treating": lambda: self._change(AuthorizationChange.BECOME_TREATING_DOCTOR),
            "not-treating": lambda: self._change(AuthorizationChange.STOP_TREATING_DOCTOR),
            "give-up": self._give_up,
            "administrative": self._administrative,
            "professionals": self._professionals,
            "account": self._account,
            "codes": self._codes,
            "channel": self._channel,
            "reactivate": self._reactivate,
            "close": self._close,
        }

    def body(self) -> Iterator[Widget]:
        person = self._visit.member.beneficiary
        yield Line(
            f"{self._visit.member.name}   né(e) le {card_birth_date(person.birth_date)}", classes="loud"
        )
        yield Line("", id="facts")
        yield Menu([], id="actions")

    def on_mount(self) -> None:
        self._draw()
        self.query_one(Menu).focus()
        self._look_up_consent()
        if self._emergency:
            self.action_break_glass()
        elif self.app.station.search_on_opening and self._visit.open:
            self._do("documents")

    @work(exclusive=True, group="consent")
    async def _look_up_consent(self) -> None:
        """What the patient said to somebody of the structure."""
        recorded = await asyncio.to_thread(self._visit.recorded_consent)
        opposed = self._opposed
        with suppress(ConsentNotKept):  # told when somebody wants to deposit
            opposed = await asyncio.to_thread(self._visit.opposed_since)
        if self.is_attached and (recorded, opposed) != (self._recorded, self._opposed):
            self._recorded, self._opposed = recorded, opposed
            self._draw()

    # --- what is shown ------------------------------------------------------------------------------------

    def _draw(self) -> None:
        self.query_one("#facts", Line).update(facts(self._visit) + self._word())
        self._replace_menu(self._items())
        self.app.draw_status()

    def _replace_menu(self, items: list[MenuItem]) -> None:
        """The cursor stays on its action; when that is gone, it goes to the first one that is possible."""
        menu = self.query_one(Menu)
        here = menu.items[menu.cursor].key if menu.items else ""
        menu.replace(items)
        possible = next((n for n, item in enumerate(items) if not item.why_not), 0)
        menu.cursor = next((n for n, item in enumerate(items) if item.key == here), possible)

    @property
    def _waiting(self) -> bool:
        """Whether the patient's word is written down here and the DMP knows of none."""
        return self._recorded is not None and self._visit.status.authorization is not Authorization.VALID

    def _word(self) -> str:
        said = ""
        if self._recorded is not None and self._waiting:
            said += f"\nAccord recueilli pour votre structure {self._recorded.moment}"
        if self._opposed is not None:
            since = f"{self._opposed.astimezone():%d/%m/%Y}"
            said += f"\nLe patient s'oppose aux dépôts de votre structure (dit le {since})"
        return said

    def _items(self) -> list[MenuItem]:
        if self._visit.status.state is RecordState.ACTIVE:
            return self._active_items()
        if self._visit.status.state is RecordState.CLOSED:
            return [self._item("Réactiver le DMP", "reactivate", Action.REACTIVATE)]
        return [
            self._item("Données administratives et oppositions", "administrative", Action.READ_ADMINISTRATIVE)
        ]

    def _active_items(self) -> list[MenuItem]:
        status = self._visit.status
        asks = "" if self._visit.open else " (avec l'accord du patient)"
        items = [self._item(f"Documents du DMP{asks}", "documents", Action.SEARCH_DOCUMENTS)]
        items.append(self._item("Déposer des documents", "deposit", Action.DEPOSIT))
        if status.authorization is not Authorization.VALID:
            words = "Recueillir l'accord du patient"
            items.append(self._item(words, "agree", Action.DECLARE))
        if status.treating_doctor:
            items.append(
                self._item("Ne plus être médecin traitant", "not-treating", Action.STOP_TREATING_DOCTOR)
            )
        else:
            items.append(
                self._item("Devenir médecin traitant DMP", "treating", Action.BECOME_TREATING_DOCTOR)
            )
        if status.authorization is Authorization.VALID or self._waiting:
            items.append(self._item("Le patient retire son accord", "give-up", Action.GIVE_UP))
        items.append(
            self._item("Données administratives et oppositions", "administrative", Action.READ_ADMINISTRATIVE)
        )
        items.append(
            self._item("Professionnels autorisés ou bloqués", "professionals", Action.LIST_AUTHORIZATIONS)
        )
        if status.internet_account:
            items.append(
                self._item("Compte internet : imprimer de nouveaux codes", "codes", Action.RENEW_ACCOUNT)
            )
            items.append(
                self._item("Compte internet : canal du code à usage unique", "channel", Action.ADD_CHANNEL)
            )
        else:
            items.append(
                self._item("Activer le compte internet et imprimer ses codes", "account", Action.OPEN_ACCOUNT)
            )
        if self._opposed is None:
            items.append(self._item("Le patient s'oppose aux dépôts", "oppose", Action.DEPOSIT))
        else:
            items.append(self._item("Le patient accepte de nouveau les dépôts", "accept", Action.DEPOSIT))
        if self.app.station.web_url:
            items.append(MenuItem("DMP sur le web : lien à ouvrir ailleurs", "web"))
        items.append(self._item("Fermer le DMP à la demande du patient", "close", Action.CLOSE))
        return items

    def _item(self, label: str, key: str, action: Action) -> MenuItem:
        decision = self._visit.decide(action)
        why_not = "" if decision.offered else decision.why
        return MenuItem(label if decision.offered else f"{label} — pourquoi ?", key, why_not)

    # --- what is done -------------------------------------------------------------------------------------

    @on(Menu.Chosen)
    def choose(self, event: Menu.Chosen) -> None:
        if event.item.why_not:
            self.app.push_screen(TextDialog("Pourquoi ?", event.item.why_not))
        else:
            self._do(event.item.key)

    @work(exclusive=True, group="record")
    async def _do(self, key: str) -> None:
        await self._actions[key]()
        if self.is_attached:
            self._draw()
            self._look_up_consent()
            self._heed_end()

    @work(exclusive=True, group="record")
    async def action_ask_again(self) -> None:
        if await self._existence() is not None:
            self._draw()
            self._heed_end()

    def action_close_record(self) -> None:
        self.dismiss(None)

    @work(exclusive=True, group="record")
    async def action_break_glass(self) -> None:
        """F6: never where access exists."""
        decision = self._visit.break_glass_offered()
        if not decision.offered:
            await self.app.push_screen_wait(TextDialog("Bris de glace : pourquoi pas ?", decision.why))
            return
        reason = await self.app.push_screen_wait(BreakGlassScreen(self._visit))
        if reason is None:
            return
        if not await self.succeeds("Inscription au journal", lambda: self._visit.break_glass(reason)):
            return
        self.app.glass_broken()
        self._draw()
        await self._show_documents()

    async def _documents(self) -> None:
        """The existence test first, always; then the patient's word where it is missing; then the list."""
        if await self._existence() is None or self._visit.status.state is not RecordState.ACTIVE:
            return
        if not self._visit.open and not await self._agreed():
            return
        await self._show_documents()

    async def _show_documents(self) -> None:
        refusal = await self.app.push_screen_wait(DocumentsScreen(self._visit))
        if self._visit.over is not None:
            self._heed_end()
            return
        if refusal is None:
            return
        if self._visit.glass is not None:  # the emergency door stayed shut
            await self.succeeds("Fin de l'accès", lambda: self._visit.leave(refusal.server_code))
            self._draw()
            await self.app.push_screen_wait(
                TextDialog(refusal.what, f"{error_text(refusal)}\n\n{ALTERNATIVES}")
            )
            return
        await self.show_error(refusal)
        await self._existence()

    def _heed_end(self) -> None:
        """A break-glass access that ended by itself is told at once."""
        if self._visit.over is not None:
            self.app.watch_glass()

    async def _deposit(self) -> None:
        """The existence test comes before every deposit too (test 0.2-040)."""
        if await self._existence() is not None and self._visit.status.state is RecordState.ACTIVE:
            await self.app.push_screen_wait(DepositScreen(self._visit))

    async def _oppose(self, *, opposed: bool) -> None:
        """At any moment, and as easily taken back (EX_0.2-1100)."""
        question, detail = _OPPOSITION[opposed]
        if await self.app.push_screen_wait(ConfirmDialog(question, detail)):
            await self.succeeds("Enregistrement", lambda: self._visit.oppose_deposits(opposed=opposed))

    async def _web(self) -> None:
        await self.app.push_screen_wait(WebAccessScreen(self._visit))

    async def _agree(self) -> None:
        """The patient's word, on its own: the DMP is told when somebody wants to consult, in the service of today."""
        await self._agreed(now=self._visit.session.profile.authorizes_on_consent)

    async def _agreed(self, *, now: bool = True) -> bool:
        visit = self._visit
        if visit.status.authorization is Authorization.FORBIDDEN:
            await self.app.push_screen_wait(TextDialog("Accès bloqué par le patient", _BLOCKED))
            return False
        recorded = await asyncio.to_thread(visit.recorded_consent)
        if not await self.app.push_screen_wait(ConsentScreen(visit, recorded)):
            return False
        if not now:
            kept = await self.succeeds("Enregistrement de l'accord", visit.record_consent)
            if kept:
                self.say("Accord enregistré : il vaudra quand un professionnel de la structure consultera.")
            return kept
        return await self._done("Déclaration de l'autorisation", visit.declare)

    async def _give_up(self) -> None:
        visit = self._visit
        told = f"Vous n'aurez plus accès au DMP de {visit.member.name}. L'autorisation est supprimée tout de suite."
        detail = _NOT_SENT if self._waiting else told
        if await self.app.push_screen_wait(
            ConfirmDialog("Le patient retire son accord ?", detail, yes="retirer l'accès")
        ):
            await self._done("Retrait de l'autorisation", visit.withdraw)

    async def _change(self, change: AuthorizationChange) -> None:
        """Become or stop being the treating doctor in the DMP."""
        question, detail = _TREATING[change]
        if await self.app.push_screen_wait(ConfirmDialog(question, detail)):
            await self._done("Demande au DMP", lambda: self._visit.change_authorization(change))

    async def _administrative(self) -> None:
        if await self.app.push_screen_wait(AdministrativeScreen(self._visit)):
            await self._existence()

    async def _professionals(self) -> None:
        if await self.app.push_screen_wait(ProfessionalsScreen(self._visit)):
            await self._existence()

    async def _account(self) -> None:
        choice = await self.app.push_screen_wait(ChooseChannel("", ""))
        if choice is not None:
            desk = PatientDesk(
                self.app.station, self._visit.session, self._visit.member, choice.channel, choice.address
            )
            await self.app.push_screen_wait(PaperScreen(Handover(desk, secret=True)))
            await self._existence()

    async def _codes(self) -> None:
        desk = PatientDesk(self.app.station, self._visit.session, self._visit.member)
        await self.app.push_screen_wait(PaperScreen(Handover(desk, secret=True, renew=True)))

    async def _channel(self) -> None:
        if await self.app.push_screen_wait(ChannelScreen(self._visit)):
            await self._existence()

    async def _reactivate(self) -> None:
        if await self.app.push_screen_wait(ReactivationScreen(self._visit)):
            await self._existence()

    async def _close(self) -> None:
        if await self.app.push_screen_wait(ClosingScreen(self._visit)):
            await self._existence()

    async def _done(self, doing: str, act: Callable[[], object]) -> bool:
        """`succeeds`; after a refusal or a lost answer, the existence test tells how the record is now."""
        try:
            await self.work(doing, act)
        except KioskError as error:
            await self.show_error(error)
            if isinstance(error, (Refused, *UNKNOWN)):
                await self._existence()
            return False
        return True

    async def _existence(self) -> DmpStatus | None:
        return await self.attempt("Test d'existence", self._visit.test_existence)


def facts(visit: Visit) -> str:
    """What the DMP said, in words, one fact after the other."""
    status = visit.status
    match status.state:
        case RecordState.CLOSED:
            return closing_words(status)
        case RecordState.ACTIVE:
            parts = [f"DMP actif · {access_words(status)}"]
            for known, name in (
                (status.internet_account, "compte internet"),
                (status.attached_to_mes, "Mon espace santé"),
            ):
                if known is not None:
                    parts.append(f"{name} : {'oui' if known else 'non'}")
            lines = [" · ".join(parts), f"Mode d'accès : {visit.session.access_mode}"]
            if visit.secret:
                lines.append("CONNEXION SECRÈTE : invisible pour les représentants légaux")
            return "\n".join(lines)
        case _:
            return f"Le service a répondu un état inconnu de la borne : « {status.raw_state} »."


_NOT_SENT = (
    "L'accord noté pour votre structure est effacé. Qui s'en est déjà servi perd son autorisation dès qu'il rouvre ce "
    "dossier sur ce poste."
)

_OPPOSITION = {
    True: (
        "Le patient s'oppose aux dépôts ?",
        "Aucun nouveau document de votre structure n'entrera dans son DMP depuis ce poste. Ceux qui y sont restent, et "
        "peuvent être remplacés ou retirés. Il peut changer d'avis à tout moment.",
    ),
    False: (
        "Le patient accepte de nouveau les dépôts ?",
        "Les professionnels de votre structure pourront de nouveau déposer dans son DMP.",
    ),
}

_BLOCKED = (
    "Le patient a bloqué votre accès à son DMP : vous ne pouvez pas vous déclarer autorisé.\n"
    "Lui seul, ou son médecin traitant, peut lever ce blocage (Mon espace santé, 3422)."
)

_TREATING = {
    AuthorizationChange.BECOME_TREATING_DOCTOR: (
        "Devenir médecin traitant dans ce DMP ?",
        "Le patient est d'accord : vous verrez aussi les documents masqués aux professionnels et pourrez gérer le "
        "dossier.\nCela ne vaut pas déclaration de médecin traitant auprès de l'assurance maladie.",
    ),
    AuthorizationChange.STOP_TREATING_DOCTOR: (
        "Ne plus être médecin traitant dans ce DMP ?",
        "Vous gardez votre autorisation ordinaire ; les documents masqués ne vous seront plus montrés.",
    ),
}
