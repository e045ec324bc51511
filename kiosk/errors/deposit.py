"""Deposits of documents. DEPOT-xxx."""

from enum import Enum

from kiosk.errors.root import KioskError


class DepositError(KioskError):
    code = "DEPOT-000"
    what = "Le document n'a pas été déposé."
    cause = "La borne n'a pas pu le préparer."
    todo = "Recommencez ; si l'erreur revient, donnez ce code à l'assistance."


class FileFault(Enum):
    """What makes a file unfit by itself. Each has its own texts below, some with numbers to put in."""

    EMPTY = "empty"
    TOO_LARGE = "too large"
    TOO_MANY_PAGES = "too many pages"
    TOO_MANY_PIXELS = "too many pixels"
    PROTECTED = "encrypted"
    DAMAGED_PDF = "damaged pdf"
    DAMAGED_JPEG = "damaged jpeg"
    DAMAGED_TIFF = "damaged tiff"
    CUT_RTF = "cut rtf"
    NO_CDA = "xml, not a CDA"
    UNKNOWN_FORMAT = "unknown format"
    PAGE_NOT_DRAWN = "page not drawn"
    FRAME_NOT_READ = "frame not read"
    TOO_LARGE_CONVERTED = "too large converted"
    TOO_LONG_CONVERTED = "too long converted"


_SPLIT = "Partagez-le en plusieurs documents."
_EXPORT = "Exportez-le en PDF/A-1 depuis le logiciel qui l'a fait."
_SCAN = "Numérisez ou exportez-la de nouveau."
_FILE_TEXTS: dict[FileFault, tuple[str, str]] = {
    FileFault.EMPTY: ("Le fichier est vide.", "Choisissez le bon fichier, ou numérisez de nouveau."),
    FileFault.TOO_LARGE: (
        "Le fichier fait {} Mo ; la borne en admet {}.",
        "Numérisez avec une résolution plus basse, ou partagez-le en plusieurs documents.",
    ),
    FileFault.TOO_MANY_PAGES: ("Ce document a {} pages ; la borne en admet {}.", _SPLIT),
    FileFault.TOO_MANY_PIXELS: (
        "Cette image a trop de points.",
        "Numérisez avec une résolution plus basse.",
    ),
    FileFault.PROTECTED: (
        "Ce PDF est protégé par un mot de passe.",
        "Demandez à son auteur un PDF sans protection.",
    ),
    FileFault.DAMAGED_PDF: (
        "Ce PDF est abîmé ou n'en est pas un : il ne s'ouvre pas.",
        "Exportez-le de nouveau depuis le logiciel qui l'a fait.",
    ),
    FileFault.DAMAGED_JPEG: ("Cette image JPEG est abîmée : elle ne se lit pas.", _SCAN),
    FileFault.DAMAGED_TIFF: ("Cette image TIFF est abîmée : elle ne se lit pas.", _SCAN),
    FileFault.CUT_RTF: ("Ce RTF est incomplet.", "Exportez-le de nouveau depuis son logiciel."),
    FileFault.NO_CDA: (
        "C'est une page web ou un fichier XML, pas un document CDA.",
        "Exportez-le en PDF/A-1 ou en CDA depuis son logiciel.",
    ),
    FileFault.UNKNOWN_FORMAT: (
        "Ce fichier n'est ni un PDF, ni une image JPEG ou TIFF, ni un texte, ni un RTF, ni un CDA.",
        _EXPORT,
    ),
    FileFault.PAGE_NOT_DRAWN: ("Une page de ce PDF ne s'affiche pas.", _EXPORT),
    FileFault.FRAME_NOT_READ: ("Une page de cette image est abîmée.", "Numérisez-la de nouveau."),
    FileFault.TOO_LARGE_CONVERTED: ("Une fois converti, il dépasserait {} Mo.", _SPLIT),
    FileFault.TOO_LONG_CONVERTED: ("Une fois converti, il dépasserait {} pages.", _SPLIT),
}


class FileUnfit(DepositError):
    """A file that cannot go to the DMP as it is, by a fault or as the raiser says. Nothing was signed or sent."""

    code = "DEPOT-010"
    what = "Ce fichier ne peut pas être déposé."
    cause = "Son contenu n'est pas d'un format que le DMP accepte."
    todo = "Choisissez un PDF/A-1, une image JPEG ou TIFF, un texte, un RTF ou un CDA."

    def __init__(
        self,
        fault: FileFault | None = None,
        *numbers: int,
        cause: str = "",
        todo: str = "",
        detail: str = "",
    ) -> None:
        """`numbers`: what the text of the fault asks for. Raises `IndexError` when there are fewer."""
        self.fault, self.numbers = fault, numbers
        if fault is not None:
            cause, todo = _FILE_TEXTS[fault]
            cause, detail = cause.format(*numbers), fault.value
        super().__init__(cause=cause, todo=todo, detail=detail)


class OpeningFault(Enum):
    """Why the confined process could not open a file. Each has its own texts below."""

    TOO_SLOW = "too-slow"
    TOO_HEAVY = "too-heavy"
    CRASHED = "crashed"
    NOT_STARTED = "not-started"
    NOT_CONFINED = "not-confined"


_OPENING_TEXTS: dict[OpeningFault, tuple[str, str]] = {
    OpeningFault.TOO_SLOW: (
        "Il demande plus de temps que la borne n'en donne à un fichier.",
        "Exportez-le en PDF/A-1 depuis le logiciel qui l'a fait, ou partagez-le en plusieurs documents.",
    ),
    OpeningFault.TOO_HEAVY: (
        "Il demande plus de mémoire que la borne n'en donne à un fichier.",
        "Numérisez avec une résolution plus basse, ou partagez-le en plusieurs documents.",
    ),
    OpeningFault.CRASHED: (
        "Il a fait échouer le programme qui l'ouvre ; la borne n'est pas touchée, rien n'a été envoyé.",
        "Exportez-le de nouveau depuis le logiciel qui l'a fait, ou numérisez le document.",
    ),
    OpeningFault.NOT_STARTED: (
        "Le poste n'a pas pu lancer le programme qui ouvre les fichiers.",
        "Recommencez ; si l'erreur revient, donnez ce code à l'assistance.",
    ),
    OpeningFault.NOT_CONFINED: (
        "Le noyau de ce poste ne permet pas d'isoler l'ouverture des fichiers.",
        "Donnez ce code à l'assistance : il faut un noyau Linux avec seccomp ou Landlock.",
    ),
}


class FileNotOpened(DepositError):
    """A file that outlived its reader's patience, memory or life. Nothing was signed or sent."""

    code = "DEPOT-012"
    what = "Ce fichier n'a pas pu être examiné."

    def __init__(self, fault: OpeningFault, *, what: str = "") -> None:
        self.fault = fault
        cause, todo = _OPENING_TEXTS[fault]
        super().__init__(what=what, cause=cause, todo=todo, detail=fault.value)


class FileUnreadable(DepositError):
    """A file that is gone, closed to the kiosk, or still being written; the raiser says which."""

    code = "DEPOT-011"
    what = "Ce fichier ne peut pas être lu."
    cause = "Il n'est plus là, ou un autre logiciel l'écrit encore."
    todo = "Relisez la liste, puis choisissez-le de nouveau."


class DocumentInvalid(DepositError):
    """What was said about the document breaks a rule of the DMP. Nothing was signed or sent."""

    code = "DEPOT-020"
    what = "Ce document ne peut pas être déposé ainsi."
    cause = "Une des informations qui l'accompagnent n'est pas admise."
    todo = "Corrigez-la, puis recommencez."


class OutboxUnwritable(DepositError):
    """The durable record of what is being sent: without it nothing is sent."""

    code = "DEPOT-030"
    what = "Le registre des dépôts ne peut pas être écrit : rien n'a été envoyé."
    cause = "Le disque est plein ou en lecture seule."
    todo = "Prévenez l'assistance ; aucun dépôt n'est possible tant que ce registre est fermé."


class DepositInDoubt(DepositError):
    """The request left and nobody knows what came of it: to be asked of the DMP, by unique id."""

    code = "DEPOT-031"
    what = "La borne ne sait pas encore si le document est arrivé."
    cause = "La liaison avec le DMP s'est interrompue pendant l'envoi."
    todo = "Recommencez : la borne demandera d'abord au DMP, et n'enverra pas deux fois le document."
