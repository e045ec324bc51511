"""Deposits of documents. DEPOT-xxx."""

from kiosk.errors.root import KioskError


class DepositError(KioskError):
    code = "DEPOT-000"
    what = "Le document n'a pas été déposé."
    cause = "La borne n'a pas pu le préparer."
    todo = "Recommencez ; si l'erreur revient, donnez ce code à l'assistance."


class FileUnfit(DepositError):
    """A file that cannot go to the DMP as it is; the raiser says why. Nothing was signed or sent."""

    code = "DEPOT-010"
    what = "Ce fichier ne peut pas être déposé."
    cause = "Son contenu n'est pas d'un format que le DMP accepte."
    todo = "Choisissez un PDF/A-1, une image JPEG ou TIFF, un texte, un RTF ou un CDA."


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
