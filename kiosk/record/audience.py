"""« Qui verra ce document ? »: a type and its restrictions, told person by person, in words.

Drawn from the public matrix of habilitations and the visibility rules (EX_2.1-1050); the service applies its own.
"""

from dataclasses import replace
from enum import Enum

from kiosk.code import Code
from kiosk.dmp.document import Visibility
from kiosk.dmp.habilitations import readers_of


class Shown(Enum):
    """To whom a document is shown, in one choice; the value is the word of the form."""

    EVERYBODY = "tous"
    NOT_TO_PROFESSIONALS = "pas les autres PS"
    NOT_TO_PATIENT = "pas encore le patient"
    NEITHER = "aucun des deux"
    """Only where the service's parameter lets both restrictions stand together."""


_OF = {
    Shown.EVERYBODY: Visibility(),
    Shown.NOT_TO_PROFESSIONALS: Visibility(hidden_from_professionals=True),
    Shown.NOT_TO_PATIENT: Visibility(invisible_to_patient=True),
    Shown.NEITHER: Visibility(hidden_from_professionals=True, invisible_to_patient=True),
}


def offered(*, both_allowed: bool, replaced: Visibility | None, secret: bool) -> tuple[Shown, ...]:
    """The choices a deposit has; in a secret connection only the representatives are left out (EX_2.1-1050).

    `replaced`: what the version to be replaced was; what it showed the patient is never hidden again.
    """
    if secret:
        return (Shown.EVERYBODY,)
    may_hide_from_patient = replaced is None or replaced.invisible_to_patient
    choices = [Shown.EVERYBODY, Shown.NOT_TO_PROFESSIONALS]
    if may_hide_from_patient:
        choices += [Shown.NOT_TO_PATIENT, *([Shown.NEITHER] if both_allowed else [])]
    return tuple(choices)


def visibility_of(shown: Shown, *, from_representatives: bool) -> Visibility:
    """The restrictions a choice stands for."""
    return replace(_OF[shown], invisible_to_representatives=from_representatives)


def shown_by(visibility: Visibility) -> Shown:
    """The choice some restrictions stand for, the representatives aside."""
    bare = replace(visibility, invisible_to_representatives=False)
    return next(shown for shown, restrictions in _OF.items() if restrictions == bare)


def words(visibility: Visibility) -> str:
    """In a few words, for a line of a list: `'visible de tous'`."""
    hidden = [
        name
        for restricted, name in (
            (visibility.hidden_from_professionals, "masqué aux autres PS"),
            (visibility.invisible_to_patient, "pas encore visible du patient"),
            (visibility.invisible_to_representatives, "pas des représentants légaux"),
        )
        if restricted
    ]
    return ", ".join(hidden) or "visible de tous"


def audience(document_type: Code | None, visibility: Visibility, *, minor: bool) -> tuple[str, ...]:
    """One sentence for each kind of reader."""
    lines = [_patient(visibility)]
    if minor or visibility.invisible_to_representatives:
        lines.append(_representatives(visibility))
    lines += ["Vous : oui, vous en êtes l'auteur.", "Le médecin traitant DMP du patient : oui."]
    if visibility.hidden_from_professionals:
        lines.append(
            "Les autres professionnels : non ; en urgence (bris de glace, centre 15), seulement si le patient l'a "
            "permis."
        )
        return tuple(lines)
    readers = readers_of(document_type) if document_type else None
    if readers is None:
        return (*lines, "Les autres professionnels autorisés dans ce DMP : selon le type de document.")
    lines.append(f"Les professionnels autorisés dans ce DMP : {', '.join(readers.groups)}.")
    if readers.others:
        lines.append(f"Pas pour ce type de document : {', '.join(readers.others)}.")
    return tuple(lines)


def brief(document_type: Code | None, visibility: Visibility, *, minor: bool) -> str:
    """The same in two lines, for the form."""
    first = f"Patient : {'pas encore' if visibility.invisible_to_patient else 'oui'}"
    if minor or visibility.invisible_to_representatives:
        hidden = visibility.invisible_to_representatives
        first += f" · Représentants : {'non' if hidden else 'oui'}"
    first += " · Vous et médecin traitant : oui"
    readers = readers_of(document_type) if document_type else None
    if visibility.hidden_from_professionals:
        second = "Autres professionnels : non (F2 : en urgence ?)"
    elif readers is None:
        second = "Autres professionnels autorisés : selon le type du document"
    else:
        many = len(readers.groups)
        named = ", ".join(readers.groups[:2])
        second = f"Autres professionnels autorisés : {named}" + (
            f" et {many - 2} autres groupes (F2)" if many > 2 else ""
        )
    return f"{first}\n{second}"


def _patient(visibility: Visibility) -> str:
    if visibility.invisible_to_patient:
        return "Le patient : non, jusqu'à ce qu'un professionnel le lui rende visible, par exemple après l'annonce."
    return "Le patient : oui, dans Mon espace santé ; ce qu'il a vu ne peut plus lui être caché."


def _representatives(visibility: Visibility) -> str:
    if visibility.invisible_to_representatives:
        return "Ses représentants légaux : non, tant qu'un professionnel ne le leur rend pas visible."
    return "Ses représentants légaux : oui ; ce qu'ils ont vu ne peut plus leur être caché."
