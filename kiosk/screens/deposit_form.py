"""What is said of one document to deposit, on one screen, checked by the rules of the DMP before it joins the lot."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import ClassVar

from textual import on, work
from textual.binding import Binding, BindingType
from textual.widget import Widget
from textual.widgets import Input

from kiosk.code import Code
from kiosk.dmp.deposit import Replaced, Rules, Writer
from kiosk.dmp.deposit_rules import TITLE_LENGTH, check_document
from kiosk.dmp.document import DocumentEntry, Visibility
from kiosk.errors import DocumentInvalid
from kiosk.record import audience, draft, form
from kiosk.record.audience import Shown
from kiosk.record.draft import Chosen, Draft, document_of, setting_choices, type_choices, usual_setting
from kiosk.record.visit import Visit
from kiosk.screens import contact
from kiosk.screens.choice import CodeField, OneOf
from kiosk.screens.deposit_opening import OpeningScreen
from kiosk.screens.deposit_preview import PreviewScreen, converted
from kiosk.screens.dialogs import ConfirmDialog, TextDialog
from kiosk.screens.widgets import Field, Line, Tick

_WIDTH = 60
_LONGEST = 400
"""Characters one may type in a title: too many are told, never cut (EX_2.1-1020)."""


@dataclass(frozen=True, repr=False)
class Start:
    """What the form begins with."""

    chosen: Chosen
    rules: Rules
    author: Writer | None = None
    """The professional a secretary deposits for."""
    replaces: DocumentEntry | None = None
    former: Draft | None = None
    """What was said before, when the document is already in the lot."""


class DepositForm(OpeningScreen[Draft | None]):
    """Dismissed with the document as described, or None."""

    heading = "Document à déposer"
    keys = "F2 Qui le verra ?  F3 Aperçu  F4 En PDF/A  F10 Mettre au lot  Échap  F1 Aide"
    help_text = (
        "Le type se choisit en tapant quelques lettres ; ceux de votre profession viennent d'abord. Le titre est ce "
        "que le patient et vos confrères liront : dites ce que le document contient.\n\n« Visible de » : ← → "
        "changent, F2 dit qui le verra vraiment. « Pas encore le patient » sert à annoncer d'abord ; rendu visible, "
        "il le restera. La borne retient votre cadre de soins."
    )
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("f2", "audience", show=False),
        Binding("f3", "preview", show=False),
        Binding("f4", "convert", show=False),
        Binding("f10", "take", show=False),
        Binding("escape", "give_up", show=False),
        Binding("down", "app.focus_next", show=False),
        Binding("up", "app.focus_previous", show=False),
    ]

    def __init__(self, visit: Visit, start: Start) -> None:
        super().__init__()
        self._visit, self._start = visit, start
        self._chosen = start.chosen
        self._actor = visit.session.actor
        self._facts = start.chosen.facts
        old = start.replaces
        self._choices = audience.offered(
            both_allowed=start.rules.hidden_and_invisible,
            replaced=old.visibility if old else None,
            secret=visit.secret,
        )
        self._asks_representatives = (
            start.rules.minor is not False
            and not visit.secret
            and (old is None or old.visibility.invisible_to_representatives)
        )
        self._proposed_title = ""

    # --- what is shown ------------------------------------------------------------------------------------

    def body(self) -> Iterator[Widget]:
        start = self._start
        yield Line(self._what(), id="what", classes="loud")
        if start.replaces is not None:
            yield Line(draft.replacing_words(start.replaces)[:76])
        yield from self._subject()
        kept = self._visit.session.memory.deposits.setting(self._actor.national_id, self._actor.sector.code)
        yield CodeField(
            "Cadre soins *",
            setting_choices(self._actor),
            start.former.setting if start.former else usual_setting(self._actor, kept),
            id="setting",
        )
        yield Line("QUI LE VERRA", classes="section")
        yield from self._visibility()
        yield Line("", id="seen")
        if start.author is not None:
            author = start.author
            yield Line(
                f"Auteurs : {author.family_name} {author.given_name} ({author.speciality.label}), et vous"
            )

    def _subject(self) -> Iterator[Widget]:
        """Type, title, description, date; a CDA says them itself."""
        facts, first = self._facts, self._start.former
        if facts is not None:
            yield Field("Type", facts.type_code.label, id="type", width=_WIDTH, locked=True)
            yield Field("Titre", facts.title, id="title-text", width=_WIDTH, locked=True)
            yield Field(
                "Acte du", f"{facts.service_start.astimezone():%d/%m/%Y}", id="day", width=12, locked=True
            )
            return
        old = self._start.replaces
        kind = first.type_code if first else self._type_of(old)
        title = first.title if first else (old.title if old else "")
        description = first.description if first else (old.description if old else "")
        yield CodeField("Type *", type_choices(self._actor), kind, id="type")
        yield Field("Titre *", title, id="title-text", width=_WIDTH, max_length=_LONGEST)
        yield Field("Description", description, id="description", width=_WIDTH, max_length=_LONGEST)
        yield Field("Acte du *", f"{self._first_day():%d/%m/%Y}", id="day", width=12, max_length=10)

    def _visibility(self) -> Iterator[Widget]:
        if self._visit.secret:
            yield Line(
                "CONNEXION SECRÈTE : non visible des représentants légaux, visible du patient et des PS.",
                classes="loud",
            )
            return
        first = self._first_visibility()
        shown = audience.shown_by(first)
        index = self._choices.index(shown) if shown in self._choices else 0
        yield OneOf("Visible de", [choice.value for choice in self._choices], index=index, id="shown")
        if self._asks_representatives:
            yield Tick("Pas visible des représentants légaux (mineur)", _yes, id="representatives")

    def on_mount(self) -> None:
        if self._asks_representatives:
            self.query_one(Tick).value = self._first_visibility().invisible_to_representatives
        start = "#setting" if self._facts is not None else "#type"
        self.query_one("#title-text" if self._start.former and self._facts is None else start).focus()
        self._tell_audience()

    def _what(self) -> str:
        return f"{self._visit.member.name} · {self._chosen.words}"

    def _first_visibility(self) -> Visibility:
        """What was chosen, or sent with the version that is replaced (EX_2.1-1190)."""
        if self._start.former is not None:
            return self._start.former.visibility
        return self._start.replaces.visibility if self._start.replaces else Visibility()

    def _first_day(self) -> date:
        if self._start.former is not None:
            return self._start.former.act_day
        old = self._start.replaces
        if old is not None and old.service_start is not None:
            return old.service_start.astimezone().date()
        return self._visit.session.local_date()

    def _type_of(self, old: DocumentEntry | None) -> Code | None:
        if old is None:
            return None
        return next((code for code in type_choices(self._actor) if code.code == old.type_code.code), None)

    # --- while typing -------------------------------------------------------------------------------------

    @on(CodeField.Chosen, "#type-choice")
    def propose_title(self) -> None:
        """From type and date, as long as nobody wrote another one."""
        code, line = self._type(), self.query_one("#title-text", Input)
        if code is not None and line.value in ("", self._proposed_title):
            self._proposed_title = f"{code.label} du {self._value('day')}"
            line.value = self._proposed_title
        self._tell_audience()

    @on(Input.Changed, "#title-text")
    @on(Input.Changed, "#day")
    @on(Input.Changed, "#description")
    def check_while_typing(self, event: Input.Changed) -> None:
        name = event.input.id or ""
        contact.mark(self, name, self._check(name))

    @on(Input.Submitted)
    def next_field(self) -> None:
        self.focus_next()

    @on(OneOf.Changed)
    @on(Tick.Changed)
    def visibility_changed(self) -> None:
        self._tell_audience()

    def _tell_audience(self) -> None:
        """Who will see it, without a key."""
        minor = self._start.rules.minor is not False
        said = audience.brief(self._type(), self._chosen_visibility(), minor=minor)
        self.query_one("#seen", Line).update(said)

    def action_audience(self) -> None:
        self.app.push_screen(TextDialog("Qui verra ce document ?", "\n".join(self._audience())))

    def _audience(self) -> tuple[str, ...]:
        return audience.audience(
            self._type(), self._chosen_visibility(), minor=self._start.rules.minor is not False
        )

    @work(exclusive=True)
    async def action_preview(self) -> None:
        if not await self.app.push_screen_wait(PreviewScreen(self._chosen.content, self._chosen.words)):
            self.dismiss(None)

    @work(exclusive=True)
    async def action_convert(self) -> None:
        """On request, and shown before it is kept."""
        if self._chosen.examined.conversion is None:
            self.say(f"{self._chosen.words} : il n'y a rien à convertir.")
            return
        if not await self.app.push_screen_wait(
            ConfirmDialog("Le convertir en PDF/A ?", draft.loss(self._chosen), yes="convertir")
        ):
            return
        made = await converted(self, self._chosen)
        if made is not None:
            self._chosen = made
            self.query_one("#what", Line).update(self._what())

    # --- the end ------------------------------------------------------------------------------------------

    @work(exclusive=True)
    async def action_take(self) -> None:
        described, old = self._described(), self._start.replaces
        if described is None:
            return
        # Its entryUUID is asked for right before signing: the rules need none.
        replaced = Replaced("", old.unique_id, visibility=old.visibility) if old else None
        try:
            document = document_of(described, self._actor, self._visit.session.now(), replaced)
            check_document(document, self._actor, self._start.rules, secret=self._visit.secret)
        except DocumentInvalid as error:
            await self.show_error(error)
            return
        self.dismiss(described)

    def action_give_up(self) -> None:
        self.dismiss(None)

    def _described(self) -> Draft | None:
        """None when a field is not right: it has the focus then."""
        setting = self.query_one("#setting-choice", CodeField).chosen
        kind, day = self._type(), self._day()
        for name, wrong in (("type", kind is None), ("setting", setting is None)):
            if wrong:
                self.query_one(f"#{name}").focus()
                self.say("Choisissez dans la liste : tapez quelques lettres, puis Entrée.", error=True)
                return None
        for name in ("title-text", "description", "day") if self._facts is None else ():
            check = self._check(name)
            if check.problem:
                contact.mark(self, name, check)
                self.query_one(f"#{name}").focus()
                return None
        assert kind is not None
        assert setting is not None
        assert day is not None
        return Draft(
            chosen=self._chosen,
            title=self._facts.title if self._facts else self._value("title-text"),
            type_code=kind,
            act_day=day,
            setting=setting,
            visibility=self._chosen_visibility(),
            description="" if self._facts else self._value("description"),
            author=self._start.author,
            replaces=self._start.replaces,
        )

    def _check(self, name: str) -> form.Check:
        text = self._value(name)
        match name:
            case "title-text":
                if not text:
                    return form.Check("Le titre est obligatoire.")
                check = form.check_length(text, TITLE_LENGTH)
                return form.Check(f"Titre : {len(text)} caractères, 128 au plus ; il ne sera pas coupé.") if (
                    len(text) > TITLE_LENGTH
                ) else check  # fmt: skip
            case "day":
                day = self._day()
                if day is None:
                    return form.Check("Date attendue : JJ/MM/AAAA.")
                future = day > self._visit.session.local_date()
                return form.Check("Cette date est dans l'avenir." if future else "")
            case _:
                return form.check_length(text, _LONGEST)

    def _type(self) -> Code | None:
        if self._facts is not None:
            return self._facts.type_code
        return self.query_one("#type-choice", CodeField).chosen

    def _day(self) -> date | None:
        if self._facts is not None:
            return self._facts.service_start.astimezone().date()
        try:
            return datetime.strptime(form.date_digits(self._value("day")), "%Y%m%d").astimezone().date()
        except ValueError:
            return None

    def _chosen_visibility(self) -> Visibility:
        if self._visit.secret:
            return audience.visibility_of(Shown.EVERYBODY, from_representatives=True)
        hidden = self._asks_representatives and self.query_one(Tick).value
        return audience.visibility_of(self._choices[self.query_one(OneOf).index], from_representatives=hidden)

    def _value(self, name: str) -> str:
        return self.query_one(f"#{name}-field", Field).value


def _yes(value: bool) -> str:
    return "oui" if value else "non"
