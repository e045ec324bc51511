"""« Personne(s) présente(s) sur la carte Vitale » : everybody on the card, and the DMP's answer for each."""

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import ClassVar

from textual import on, work
from textual.binding import Binding, BindingType
from textual.widget import Widget

from kiosk.dmp.model import Authorization, DmpStatus, PatientId, RecordState
from kiosk.dmp.profile import INS_C
from kiosk.errors import (
    ClientCertificateRefused,
    InscCause,
    InsImpossible,
    KioskError,
    Refused,
    StructureRefused,
)
from kiosk.patient import Family, Member
from kiosk.screens.base import KioskScreen
from kiosk.screens.dialogs import ConfirmDialog, ErrorDialog, TextDialog, error_text
from kiosk.screens.widgets import Line, Menu, MenuItem
from kiosk.session import Session, identified
from kiosk.text import card_birth_date, grouped

_OBSTACLES = {
    InscCause.NO_OWN_NIR: "pas de NIR propre sur la carte",
    InscCause.AGRICULTURAL: "NIR d'attente agricole",
    InscCause.PROVISIONAL: "NIR provisoire",
    InscCause.MALFORMED: "NIR malformé",
    InscCause.WRONG_KEY: "clé du NIR fausse",
    InscCause.NO_BIRTH_DATE: "date de naissance absente",
    InscCause.BAD_BIRTH_DATE: "date de naissance illisible",
    InscCause.CONTRADICTION: "NIR d'une autre personne ?",
    InscCause.SHARED: "NIR d'un proche",
}
"""The cause in a few words; Enter on the line opens the whole of it."""
_INS_OBSTACLES = _OBSTACLES | {InscCause.PROVISIONAL: "numéro d'attente (NIA), accès interdit"}

NO_RECORD = (
    "Ce patient n'a pas de DMP.\n\n"
    "Le service l'ouvre lui-même avec Mon espace santé, sauf si le patient s'y est opposé : rien à créer ici. "
    "Le patient peut se renseigner au 3422 ou sur monespacesante.fr."
)

Answer = DmpStatus | KioskError | None
"""None while the DMP has not answered yet."""


@dataclass(frozen=True)
class Chosen:
    """One person of the card, and what the DMP said."""

    member: Member
    status: DmpStatus
    emergency: bool = False
    """Whether the user wants the emergency door."""


class FamilyScreen(KioskScreen[Chosen | None]):
    """Dismissed with the chosen person, or None to go back. Statuses fill in as they arrive."""

    heading = "Personne(s) présente(s) sur la carte Vitale"
    keys = "↑↓ Choisir  Entrée/chiffre Ouvrir  F5 Redemander  F6 Bris de glace  F10 Retour"
    help_text = (
        "Une ligne par personne de la carte : nom, date de naissance, puis INS-C ou INS et réponse du DMP.\n\n"
        "L'INS-C se calcule avec le numéro de sécurité sociale propre à la personne ; l'INS, dans le service "
        "d'aujourd'hui, est ce numéro lui-même, que le téléservice INSi doit encore qualifier. Celui d'un parent "
        "ne sert jamais pour son enfant. S'il manque, Entrée dit pourquoi et que faire.\n\n"
        "F6 ouvre en urgence le dossier de la personne choisie, sans son accord."
    )
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("f10,escape", "back", show=False),
        Binding("f5", "ask_again", show=False),
        Binding("f6", "emergency", show=False),
    ]

    def __init__(self, session: Session, family: Family, cursor: int = 0) -> None:
        """`cursor`: index of the person somebody comes back from."""
        super().__init__()
        self._session, self._family, self._cursor = session, family, cursor
        self._answers: dict[int, Answer] = {}

    def body(self) -> Iterator[Widget]:
        notice = self.app.station.vitale_notice
        yield Line(f"Attention : {notice}." if notice else "")
        yield Menu([], cursor=self._cursor, id="members")

    def on_mount(self) -> None:
        self._draw()
        self.query_one(Menu).focus()
        self.ask()

    @work(exclusive=True, group="statuses")
    async def ask(self) -> None:
        """One TD0.2 for each person with an identifier, in card order, over one connection."""
        for member in self._family.members:
            if member.patient is None:
                continue
            answer: Answer
            try:
                with self.counting("Interrogation du DMP"):
                    answer = await asyncio.to_thread(self._session.existence, member)
            except KioskError as error:
                answer = error
            self._answers[member.beneficiary.rank] = answer
            self._draw()
            if isinstance(answer, ClientCertificateRefused | StructureRefused):
                await self._caller_refused(answer)
                break
        self.app.refresh_states()

    async def _caller_refused(self, error: KioskError) -> None:
        """The DMP refuses the professional: it would say the same of every person, so nobody else is asked about."""
        self._answers = {member.beneficiary.rank: error for member in self._family.members}
        self._draw()
        if not self.is_current:
            return
        if not isinstance(error, StructureRefused) or self._session.attachment is None:
            await self.show_error(error)
            return
        error.todo = "Vérifiez le numéro de la structure, son type et son secteur d'activité."
        if await self.app.push_screen_wait(
            ConfirmDialog(error.what, error_text(error), yes="corriger le rattachement", no="plus tard")
        ):
            self.app.correct_attachment()

    def action_ask_again(self) -> None:
        self._answers.clear()
        self._draw()
        self.ask()

    def action_back(self) -> None:
        self.dismiss(None)

    @on(Menu.Chosen)
    def open(self, event: Menu.Chosen) -> None:
        self._open(event.index)

    def action_emergency(self) -> None:
        self._open(self.query_one(Menu).cursor, emergency=True)

    def _open(self, index: int, *, emergency: bool = False) -> None:
        member = self._family.members[index]
        if member.obstacle is not None:
            self.app.push_screen(ErrorDialog(member.obstacle))
            return
        answer = self._answers.get(member.beneficiary.rank)
        if answer is None:
            self.say("Le DMP n'a pas encore répondu pour cette personne.")
        elif isinstance(answer, KioskError):
            self.app.push_screen(ErrorDialog(answer))
        elif answer.state is RecordState.NONE and not self._session.profile.offers("TD1.1"):
            self.app.push_screen(TextDialog(member.name, NO_RECORD))
        elif answer.state is RecordState.NONE and (emergency or self._session.regulation):
            self.app.push_screen(
                TextDialog(member.name, "Ce patient n'a pas de DMP : il n'y a rien à ouvrir.")
            )
        else:
            self.dismiss(Chosen(member, answer, emergency))

    def _draw(self) -> None:
        items = [MenuItem(self._label(member)) for member in self._family.members]
        for menu in self.query(Menu):  # none any more when an answer comes after the screen was left
            menu.replace(items)

    def _label(self, member: Member) -> str:
        person = member.beneficiary
        quality = "assuré" if person.insured else "ayant droit"
        name = f"{person.usual_name} {person.given_name}"
        if person.birth_name and person.birth_name != person.usual_name:
            name += f" (né(e) {person.birth_name})"
        first = f"{name[:44]:<44} {card_birth_date(person.birth_date)}  {quality}"
        if member.obstacle is not None:
            words = _INS_OBSTACLES if isinstance(member.obstacle, InsImpossible) else _OBSTACLES
            return f"{first}\n  {member.identifier_name} impossible : {words[member.obstacle.cause_id]}"
        answer = self._answers.get(person.rank)
        shown = "DMP : interrogation…" if answer is None else short(answer)
        return f"{first}\n  {member.identifier_name} {_read_aloud(identified(member))}  {shown}"


def _read_aloud(patient: PatientId) -> str:
    """The identifier in the groups people say it in; those of a NIR are its parts."""
    number = patient.extension
    if patient.root == INS_C:
        return grouped(number)
    cuts = (0, 1, 3, 5, 7, 10, 13, len(number))
    return " ".join(number[start:end] for start, end in pairwise(cuts))


def short(answer: DmpStatus | KioskError) -> str:
    """The DMP's answer in one phrase."""
    if isinstance(answer, KioskError):
        refused = isinstance(answer, Refused | ClientCertificateRefused)
        return f"DMP : {'refus' if refused else 'sans réponse'} ({answer.code})"
    match answer.state:
        case RecordState.NONE:
            return "Pas de DMP"
        case RecordState.CLOSED:
            closed = answer.closed_at
            return f"DMP fermé le {closed.astimezone():%d/%m/%Y}" if closed else "DMP fermé"
        case RecordState.ACTIVE:
            return f"DMP · {access_words(answer)}"
        case _:
            return f"DMP : état « {answer.raw_state} »"


def access_words(status: DmpStatus) -> str:
    match status.authorization:
        case Authorization.VALID:
            return "autorisé · médecin traitant" if status.treating_doctor else "autorisé"
        case Authorization.NONE:
            return "non autorisé"
        case Authorization.EXPIRED:
            return "autorisation expirée"
        case Authorization.FORBIDDEN:
            return "accès bloqué par le patient"
        case _:
            return f"autorisation « {status.raw_authorization} »"
