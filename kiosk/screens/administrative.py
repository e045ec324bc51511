"""What the record says of its patient beside documents: the two oppositions first, then address and contact (TD1.3a).

The identity and the legal representative that the service returns are shown only where the workstation's settings
ask for them (EX_1.3-1020).
"""

from collections.abc import Iterator
from typing import ClassVar

from textual import work
from textual.binding import Binding, BindingType
from textual.widget import Widget

from kiosk.dmp.management import AdministrativeData, LegalRepresentative
from kiosk.errors import KioskError
from kiosk.record.refusals import gone
from kiosk.record.rights import Action, Mode
from kiosk.record.visit import Visit
from kiosk.screens.administrative_form import AdministrativeForm, Edited
from kiosk.screens.base import KioskScreen
from kiosk.screens.dialogs import TextDialog
from kiosk.screens.reading import Reading
from kiosk.screens.widgets import Line
from kiosk.text import card_birth_date, grouped

UNKNOWN = "non indiqué par le service"
NOT_FILLED = "non renseigné"


class AdministrativeScreen(KioskScreen[bool]):
    """Dismissed with True when the record turned out to be closed: the existence test must be asked again."""

    heading = "Données administratives et oppositions"
    keys = "↑↓ Lire la suite   F2 Modifier   F5 Relire   F10 Retour   F1 Aide"
    help_text = (
        "Ce que le DMP sait du patient : peut-on ouvrir son dossier en urgence, a-t-il un compte internet, où le "
        "joindre. Ces données viennent du DMP, pas de la carte.\n\nF2 ouvre la modification de l'adresse, du contact "
        "et des deux oppositions ; rien ne part avant que vous ayez relu la liste de ce qui change. Quand ce n'est "
        "pas possible, F2 dit pourquoi."
    )
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("f2", "edit", show=False),
        Binding("f5", "read", show=False),
        Binding("f10,escape", "leave", show=False),
    ]

    def __init__(self, visit: Visit) -> None:
        super().__init__()
        self._visit = visit
        self._data: AdministrativeData | None = None

    def body(self) -> Iterator[Widget]:
        yield Line(self._visit.member.name, classes="loud")
        yield Reading(id="data")
        if why := read_only(self._visit):
            yield Line(why, classes="loud")

    def on_mount(self) -> None:
        self.action_read()

    @work(exclusive=True)
    async def action_read(self) -> None:
        await self._read()

    @work(exclusive=True)
    async def action_edit(self) -> None:
        decision = self._visit.decide(Action.UPDATE_ADMINISTRATIVE)
        if not decision.offered:
            await self.app.push_screen_wait(TextDialog("Modifier : pourquoi pas ?", decision.why))
            return
        if self._data is None:
            return
        match await self.app.push_screen_wait(AdministrativeForm(self._visit, self._data)):
            case Edited.SAVED:
                if await self._read():
                    self.say("Modification enregistrée dans le DMP : voici ce qu'il en dit maintenant.")
            case Edited.GONE:
                self.dismiss(True)
            case Edited.NOTHING:
                self.say("Rien n'a été envoyé.")

    def action_leave(self) -> None:
        self.dismiss(False)

    async def _read(self) -> bool:
        """TD1.3a. Leaves the screen when there is nothing to show: what could not be read is not guessed."""
        try:
            data = await self.work("Lecture du DMP", self._visit.administrative_data)
        except KioskError as error:
            await self.show_error(error)
            if self._data is None or gone(error):
                self.dismiss(gone(error))
            return False
        self._data = data
        self.query_one(Reading).show(facts(data, identity=self.app.station.shows_identity))
        return True


def read_only(visit: Visit) -> str:
    """Why nothing can be changed, in one line; empty when it can."""
    if visit.mode is not Mode.NORMAL:
        return f"{visit.mode.value.capitalize()} : consultation seule, rien ne peut être modifié."
    decision = visit.decide(Action.UPDATE_ADMINISTRATIVE)
    return "" if decision.offered else f"Consultation seule. {decision.why.splitlines()[0]}"


def facts(data: AdministrativeData, *, identity: bool) -> list[str]:
    """The data as read aloud; `identity` adds who the service says the patient is, and the representative."""
    lines = [
        "ACCÈS EN URGENCE",
        f"Accès en urgence (bris de glace) : {opposition(data.opposed_to_break_glass)}",
        f"Accès du centre 15 (régulation) : {opposition(data.opposed_to_regulation)}",
        "",
        "COMPTE",
        f"Compte internet du patient : {_either(data.internet_account, 'ouvert', 'aucun')}",
        f"Mon espace santé : {_either(data.attached_to_mes, 'DMP rattaché', 'DMP non rattaché')}",
        "",
        "COORDONNÉES",
        *_address_lines(data),
        f"E-mail : {data.email or NOT_FILLED}",
        f"Tél. fixe : {spoken(data.phone)}   Portable : {spoken(data.mobile)}",
    ]
    if data.deceased:
        lines = ["Le service signale le décès du patient.", "", *lines]
    if identity:
        lines += ["", "IDENTITÉ SELON LE DMP", *_identity_lines(data)]
        lines += ["", "REPRÉSENTANT LÉGAL", *_representative_lines(data.representative)]
    return lines


def opposition(opposed: bool | None) -> str:
    """An opposition as the patient would say it."""
    return _either(opposed, "REFUSÉ par le patient", "autorisé par le patient")


def spoken(number: str) -> str:
    """A telephone number by pairs, for reading aloud."""
    return (grouped(number, 2) if number.isdigit() and len(number) == 10 else number) or NOT_FILLED


def _either(value: bool | None, yes: str, no: str) -> str:
    return {True: yes, False: no, None: UNKNOWN}[value]


def _address_lines(data: AdministrativeData | LegalRepresentative) -> list[str]:
    where = data.address
    town = f"{where.postal_code} {where.city}".strip()
    parts = [*where.lines.splitlines(), where.complement, town, where.country]
    return [f"Adresse : {', '.join(part for part in parts if part) or NOT_FILLED}"]


def _identity_lines(data: AdministrativeData) -> list[str]:
    born = card_birth_date(data.birth_date) if data.birth_date else NOT_FILLED
    sex = {"M": "masculin", "F": "féminin", "U": "inconnu"}.get(data.sex, data.sex)
    return [
        f"Civilité : {_filled(data.civility)}   Nom : {_filled(data.usual_name)}",
        f"Nom de naissance : {_filled(data.birth_name)}",
        f"Prénom : {_filled(data.given_name)}",
        f"Né(e) le : {born}   Sexe : {_filled(sex)}   Pays de naissance : {_filled(data.birth_country)}",
    ]


def _representative_lines(who: LegalRepresentative | None) -> list[str]:
    if who is None:
        return ["aucun"]
    return [
        f"{_filled(who.relationship.label)} : {who.civility} {_filled(who.family_name)} {_filled(who.given_name)}",
        *_address_lines(who),
        f"E-mail : {who.email or NOT_FILLED}",
        f"Tél. fixe : {spoken(who.phone)}   Portable : {spoken(who.mobile)}",
    ]


def _filled(value: str) -> str:
    """The service writes `NON_RENSEIGNE` where it has no name (case 1.3a-200)."""
    return NOT_FILLED if value in ("", "NON_RENSEIGNE") else value
