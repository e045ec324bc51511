"""Documents that cannot be shown. DOC-xxx."""

from enum import Enum

from kiosk.errors.root import KioskError


class DocumentError(KioskError):
    code = "DOC-000"
    what = "Ce document n'a pas pu être traité."
    cause = "Son contenu n'est pas celui que la borne attend."
    todo = "Demandez le document à son auteur."


class DocumentFault(Enum):
    """Why a document cannot be shown. Each has its own texts below."""

    EMPTY = "empty"
    UNKNOWN_FORMAT = "unknown-format"
    DAMAGED = "damaged"
    PROTECTED = "protected"
    TOO_LARGE = "too-large"
    TOO_HEAVY = "too-heavy"
    TOO_SLOW = "too-slow"
    CRASHED = "crashed"
    NOT_STARTED = "not-started"
    NOT_CONFINED = "not-confined"


_ASK_AUTHOR = "Demandez à l'auteur de le déposer à nouveau, ou lisez-le sur un autre poste."
_DOCUMENT_TEXTS: dict[DocumentFault, tuple[str, str]] = {
    DocumentFault.EMPTY: ("Le document est vide.", "Demandez à l'auteur de le déposer à nouveau."),
    DocumentFault.UNKNOWN_FORMAT: ("Son format n'est pas de ceux du DMP.", _ASK_AUTHOR),
    DocumentFault.DAMAGED: ("Le document est abîmé, ou n'est pas ce qu'il annonce.", _ASK_AUTHOR),
    DocumentFault.PROTECTED: ("Le document est protégé par un mot de passe.", _ASK_AUTHOR),
    DocumentFault.TOO_LARGE: ("Le document dépasse la taille que la borne accepte.", _ASK_AUTHOR),
    DocumentFault.TOO_HEAVY: ("Le document demande trop de mémoire pour être affiché.", _ASK_AUTHOR),
    DocumentFault.TOO_SLOW: (
        "Le document est trop long à mettre en page.",
        "Recommencez une fois ; sinon lisez-le sur un autre poste.",
    ),
    DocumentFault.CRASHED: (
        "Le document a fait échouer le programme qui le lit ; la borne n'est pas touchée.",
        _ASK_AUTHOR,
    ),
    DocumentFault.NOT_STARTED: (
        "Le poste n'a pas pu lancer le programme qui lit les documents.",
        "Recommencez ; si l'erreur revient, donnez ce code à l'assistance.",
    ),
    DocumentFault.NOT_CONFINED: (
        "Le noyau de ce poste ne permet pas d'isoler la lecture des documents.",
        "Donnez ce code à l'assistance : il faut un noyau Linux avec seccomp ou Landlock.",
    ),
}


class DocumentNotShown(DocumentError):
    """The document stays as it is in the DMP; nothing else of the record is in doubt."""

    code = "DOC-010"
    what = "Ce document n'a pas pu être affiché."

    def __init__(self, fault: DocumentFault) -> None:
        self.fault = fault
        cause, todo = _DOCUMENT_TEXTS[fault]
        super().__init__(cause=cause, todo=todo, detail=fault.value)
