"""Deposit: choose files, say what they are, sign them with the card, send them as one lot (TD2.1, TD2.2)."""

import asyncio
from collections.abc import Iterator
from functools import partial
from typing import ClassVar

from textual import on, work
from textual.binding import Binding, BindingType
from textual.widget import Widget

from kiosk.dmp.deposit import Rules, Writer
from kiosk.dmp.document import DocumentEntry
from kiosk.errors import DepositInDoubt, KioskError
from kiosk.record import audience, draft, interrupted
from kiosk.record.depositing import Depositing, was_given_up
from kiosk.record.draft import Chosen, Draft
from kiosk.record.known_files import KnownFiles
from kiosk.record.visit import Visit
from kiosk.rendering.width import padded
from kiosk.screens.deposit_author import AuthorScreen, ChooseAuthor
from kiosk.screens.deposit_choice import chosen_file
from kiosk.screens.deposit_form import DepositForm, Start
from kiosk.screens.deposit_opening import OpeningScreen
from kiosk.screens.deposited import DepositedScreen
from kiosk.screens.dialogs import ConfirmDialog, TextDialog
from kiosk.screens.rows import Rows
from kiosk.screens.widgets import Line


class DraftRows(Rows[Draft]):
    """Title, format, who will see it."""

    def line(self, item: Draft, width: int) -> str:
        seen = audience.words(item.visibility)
        title = item.title if len(item.title) <= 36 else f"{item.title[:35]}…"
        return f"{padded(title, 36)} {item.chosen.words[:14]:<14} {seen}"


class DepositScreen(OpeningScreen[bool]):
    """Dismissed with True when something was deposited: a list of documents must be asked again then."""

    heading = "Déposer des documents — DMP"
    keys = "A Ajouter  Entrée Modifier  Suppr Retirer  F10 Signer et envoyer  Échap  F1 Aide"
    help_text = (
        "A ajoute un fichier au lot, Entrée revient sur ce que vous en avez dit, Suppr le retire. F10 montre une "
        "dernière fois le lot : O le fait signer par votre carte et l'envoie.\n\nSi la liaison se coupe, la borne "
        "demande au DMP ce qu'il a reçu avant d'envoyer de nouveau : rien n'arrive deux fois, rien ne se perd. D : vos "
        "dépôts faits ici, à remplacer ou à dépublier."
    )
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("a", "add", show=False),
        Binding("delete,backspace", "take_out", show=False),
        Binding("d", "deposited", show=False),
        Binding("f10", "send", show=False),
        Binding("escape", "leave", show=False),
    ]

    def __init__(self, visit: Visit, replaces: DocumentEntry | None = None) -> None:
        """`replaces`: the document of the DMP whose next version is deposited, alone in its lot."""
        super().__init__()
        self._visit, self._replaces = visit, replaces
        self._drafts: list[Draft] = []
        self._known = KnownFiles(visit)
        self._author: Writer | None = None
        self._story: Depositing | None = None
        """A lot that was signed, and is not settled."""

    def body(self) -> Iterator[Widget]:
        yield Line(self._visit.member.name, classes="loud")
        yield Line("", id="about")
        yield Line(f"  {'Titre':<36} {'Format':<14} Visibilité", classes="section")
        yield DraftRows(id="drafts", empty="Aucun document dans le lot. A : choisir un fichier.")

    def on_mount(self) -> None:
        self.query_one(DraftRows).focus()
        self._draw()
        self.begin()

    @work(exclusive=True, group="deposit")
    async def begin(self) -> None:
        """What another session left open comes first; then the file."""
        left = await self.attempt("Registre des dépôts", lambda: interrupted.left_open(self._visit))
        if left:
            await self._settle()
        if await self._opposed():
            return
        if not self._needs_author or await self._name_author():
            await self._add()

    @work(exclusive=True, group="deposit")
    async def action_add(self) -> None:
        if not await self._may_change():
            return
        if self._replaces is not None and self._drafts:
            self.say("Un remplacement part seul : retirez d'abord ce document pour en choisir un autre.")
            return
        if await self._opposed():
            return
        if not self._needs_author or self._author is not None or await self._name_author():
            await self._add()

    @on(Rows.Chosen)
    @work(exclusive=True, group="deposit")
    async def change(self) -> None:
        if not await self._may_change():
            return
        at = self.query_one(DraftRows).cursor
        former = self._drafts[at]
        changed = await self._describe(former.chosen, former)
        if changed is not None:
            self._drafts[at] = changed
            self._draw()
            await self._remember_setting(changed)

    @work(exclusive=True, group="deposit")
    async def action_take_out(self) -> None:
        if not await self._may_change():
            return
        rows = self.query_one(DraftRows)
        if rows.chosen is not None and await self.app.push_screen_wait(
            ConfirmDialog("Retirer ce document du lot ?", rows.chosen.title, yes="retirer")
        ):
            del self._drafts[rows.cursor]
            self._draw()

    @work(exclusive=True, group="deposit")
    async def action_send(self) -> None:
        if not self._drafts:
            self.say("Le lot est vide : A pour choisir un fichier.")
            return
        if self._story is None or self._story.prepared is None:
            if not await self.app.push_screen_wait(self._last_question()):
                return
            self._story = Depositing(self._visit, tuple(self._drafts), self._rules())
        if await self._delivered(self._story):
            await self._tell_done()
            self.dismiss(True)
        self._draw()

    @work(exclusive=True, group="deposit")
    async def action_deposited(self) -> None:
        replaced = await self.app.push_screen_wait(DepositedScreen(self._visit))
        if replaced is not None:
            await self.app.push_screen_wait(DepositScreen(self._visit, replaced))

    @work(exclusive=True, group="deposit")
    async def action_leave(self) -> None:
        story = self._story
        if story is not None and await asyncio.to_thread(lambda: story.uncertain):
            question = ConfirmDialog("Partir sans savoir ?", _UNCERTAIN, yes="partir", no="rester")
        elif self._drafts:
            question = ConfirmDialog(
                "Abandonner ce lot ?", "Rien n'en a été envoyé au DMP.", yes="abandonner", no="rester"
            )
        else:
            self.dismiss(False)
            return
        if await self.app.push_screen_wait(question):
            if story is not None:
                await self.succeeds("Registre des dépôts", story.let_go)
            self.dismiss(False)

    @property
    def _needs_author(self) -> bool:
        return draft.needs_author(self._visit.session.actor)

    async def _opposed(self) -> bool:
        """Whether the patient wants no new document; a new version of one that is there may go out (2.1-970)."""
        if self._replaces is not None:
            return False
        opposed = await self.attempt("Registre des accords", lambda: self._visit.opposed_since() is not None)
        if opposed:
            await self.app.push_screen_wait(TextDialog("Le patient s'oppose aux dépôts", _OPPOSED))
        return opposed is not False

    # --- one document -------------------------------------------------------------------------------------

    async def _add(self) -> None:
        lot = tuple(one.chosen for one in self._drafts)
        chosen = await chosen_file(self, self._visit, self._known, lot, self._replaces)
        if chosen is None:
            return
        described = await self._describe(chosen, None)
        if described is not None:
            self._drafts.append(described)
            self._draw()
            await self._remember_setting(described)

    async def _describe(self, chosen: Chosen, former: Draft | None) -> Draft | None:
        start = Start(chosen, self._rules(), self._author, self._replaces, former)
        return await self.app.push_screen_wait(DepositForm(self._visit, start))

    async def _remember_setting(self, described: Draft) -> None:
        actor, memory = self._visit.session.actor, self._visit.session.memory.deposits
        try:
            await asyncio.to_thread(
                memory.remember_setting, actor.national_id, actor.sector.code, described.setting.code
            )
        except OSError:
            self.say("Ce cadre de soins n'a pas pu être retenu sur ce poste.")

    async def _name_author(self) -> bool:
        """For whom a secretary deposits, asked once for the whole lot."""
        session = self._visit.session
        actor, memory = session.actor, session.memory.deposits
        known = await asyncio.to_thread(
            memory.writers, actor.national_id, actor.structure_id, actor.structure_name
        )
        answer: Writer | str | None = "another"
        if known:
            answer = await self.app.push_screen_wait(ChooseAuthor(known))
        if isinstance(answer, str):
            answer = await self.app.push_screen_wait(AuthorScreen(actor))
        if answer is None:
            self.say("Sans le nom du professionnel qui l'a écrit, aucun document ne peut être déposé.")
            return False
        self._author = answer
        try:
            await asyncio.to_thread(memory.remember_writer, actor.national_id, answer)
        except OSError:
            self.say("Ce professionnel n'a pas pu être retenu sur ce poste.")
        self._draw()
        return True

    # --- the lot ------------------------------------------------------------------------------------------

    async def _delivered(self, story: Depositing) -> bool:
        """Every step until the DMP holds the lot. A doubt is cleared up once without asking the user."""
        try:
            await self._take_steps(story)
        except DepositInDoubt as doubt:
            if was_given_up(doubt):
                await self.show_error(doubt)
                return False
            return await self._once_more(story)
        except KioskError as error:
            await self.show_error(error)
            return False
        return True

    async def _once_more(self, story: Depositing) -> bool:
        """The same, once more, with whatever goes wrong shown."""
        try:
            await self._take_steps(story)
        except KioskError as error:
            await self.show_error(error)
            return False
        return True

    async def _take_steps(self, story: Depositing) -> None:
        for doing, act in story.steps():
            await self.work(doing, act)

    async def _may_change(self) -> bool:
        """Not while something may have arrived: what was signed is what is sent again."""
        story = self._story
        if story is None:
            return True
        if await asyncio.to_thread(lambda: story.uncertain):
            self.say(
                "Ce lot est peut-être arrivé : F10 le demande au DMP et le renvoie s'il le faut.", error=True
            )
            return False
        return await self.succeeds("Registre des dépôts", story.let_go)

    async def _settle(self) -> None:
        """Ask the DMP about what another session left open, tell it, and let go of what is not wanted."""
        visit = self._visit
        settled = await self.attempt(
            "Un dépôt s'était interrompu : question au DMP", lambda: interrupted.settle(visit)
        )
        for one in settled or ():
            if one.arrived:
                await self.app.push_screen_wait(TextDialog("Dépôt interrompu", one.sentence))
            elif await self.app.push_screen_wait(
                ConfirmDialog("Dépôt interrompu", one.sentence, yes="l'oublier", no="le refaire")
            ):
                await self.succeeds("Registre des dépôts", partial(interrupted.forget, visit, one))

    async def _tell_done(self) -> None:
        lines = [f"« {one.title} » : {audience.words(one.visibility)}" for one in self._drafts]
        if self._story is not None and self._story.unnoted:
            lines += ["", _UNNOTED]
        await self.app.push_screen_wait(TextDialog("Déposé dans le DMP", "\n".join(lines)))

    def _last_question(self) -> ConfirmDialog:
        count = len(self._drafts)
        lines = [
            f"{one.title}\n   {one.type_code.label} · {audience.words(one.visibility)}"
            for one in self._drafts
        ]
        return ConfirmDialog(
            f"Signer et envoyer {count} document{'s' if count > 1 else ''} au DMP de {self._visit.member.name} ?",
            "\n".join(lines),
            yes="signer et envoyer",
            no="revenir au lot",
        )

    def _rules(self) -> Rules:
        today = self._visit.session.local_date()
        return draft.rules_of(self._visit.member, today, self.app.station.parameters.current())

    def _draw(self) -> None:
        if not self.is_attached:
            return
        about = []
        if self._replaces is not None:
            about.append(draft.replacing_words(self._replaces))
        if self._author is not None:
            about.append(f"Pour {self._author.family_name} {self._author.given_name}")
        if self._visit.secret:
            about.append("CONNEXION SECRÈTE")
        if self._story is not None and self._story.prepared is not None:
            about.append("Envoi à reprendre : F10")
        self.query_one("#about", Line).update(" · ".join(about))
        self.query_one(DraftRows).show(tuple(self._drafts))


_OPPOSED = (
    "Aucun nouveau document de votre structure ne peut entrer dans son DMP. Ce qui y est déjà peut être remplacé "
    "depuis la liste des documents, ou retiré (D). S'il change d'avis, dites-le dans le dossier du patient."
)
_UNNOTED = (
    "Le registre des dépôts de ce poste n'a pas pu le noter (disque plein ?) : prévenez l'assistance. À la prochaine "
    "ouverture de ce dossier, la borne demandera au DMP ce qu'il a reçu."
)
_UNCERTAIN = (
    "Ce lot a été signé et la borne ne sait pas s'il est arrivé. Elle s'en souvient : la prochaine fois que vous "
    "ouvrirez ce dossier pour déposer, elle demandera au DMP."
)
