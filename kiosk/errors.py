"""Everything that can go wrong, in words a help desk can read aloud.

    KioskError
    ├─ SettingsError                       BORNE-1xx
    ├─ JournalError                        BORNE-2xx
    ├─ Cancelled                           BORNE-300
    ├─ BoxNotStarted                       BORNE-400
    ├─ CardError                           CARTE-xxx
    │  ├─ ReaderServiceAbsent  ReaderAbsent  ReaderBusy  CardModuleUnusable
    │  ├─ CardRemoved  CardMute  CardUnknown  CardAnswerInvalid  ContactlessRefused
    │  ├─ WrongCard  TwoProfessionalCards  TestCardRefused  RealCardRefused  VitaleSwapped
    │  ├─ CertificateExpired  CertificateNotYetValid  CertificateUnusable  NoActivity
    │  ├─ InscImpossible                   a `cause_id` that says which of the reasons
    │  │  └─ InsImpossible
    │  ├─ VitaleApiAbsent  VitaleApiRefused  VitaleApiSilent  VitaleApiCrashed
    │  └─ PinError
    │     └─ PinMalformed  PinWrong  PinBlocked  PinRequired  PinNotEntered
    ├─ DmpError                            DMP-xxx
    │  ├─ TransportError
    │  │  └─ ServerUnreachable  ServerTooSlow  AnswerCut  ServerNotTrusted  ClientCertificateRefused
    │  ├─ AnswerUnreadable  ClockWrong  NotOffered  DocumentAltered  ParametersUnusable
    │  └─ Refused                          the server's own code and text, verbatim
    │     └─ StructureRefused  ServiceFailed
    ├─ PrinterError                        IMPR-xxx
    │  └─ PrinterUnreachable  PrinterNotReady  PrintAborted  PrintOutcomeUnknown  SheetNotComposed
    └─ DocumentError                       DOC-xxx
       └─ DocumentNotShown                 one leaf, a `fault` that says which of the reasons

An error says what happened, the probable cause, what to do now, and carries a support code that never
changes. Screens only show it. `detail` is technical and holds no name, number or serial: it may be logged.
"""

from enum import Enum
from typing import ClassVar


class KioskError(Exception):
    """Root of the tree. Every leaf sets the four texts; a raiser may make one of them more precise."""

    code: ClassVar[str] = "BORNE-000"
    what: str = "La borne a rencontré une erreur inattendue."
    cause: str = "Un défaut du programme."
    todo: str = "Recommencez ; si l'erreur revient, donnez ce code à l'assistance."

    def __init__(
        self,
        *,
        what: str = "",
        cause: str = "",
        todo: str = "",
        detail: str = "",
        server_code: str = "",
        server_text: str = "",
    ) -> None:
        self.what = what or self.what
        self.cause = cause or self.cause
        self.todo = todo or self.todo
        self.detail = detail
        self.server_code = server_code
        self.server_text = server_text
        super().__init__(f"{self.code} {detail}".strip())


class SettingsError(KioskError):
    code = "BORNE-100"
    what = "Un réglage de la borne est absent ou incorrect."
    cause = "Le fichier de réglages n'a pas la forme attendue."
    todo = "Corrigez la ligne indiquée, puis relancez la borne."


class JournalError(KioskError):
    code = "BORNE-200"
    what = "Le journal ne peut pas être écrit : l'action n'a pas été faite."
    cause = "Le disque est plein ou en lecture seule."
    todo = "Prévenez l'assistance ; aucun acte tracé n'est possible tant que le journal est fermé."


class BoxNotStarted(KioskError):
    code = "BORNE-400"
    what = "La boîte d'entraînement n'a pas démarré."
    cause = "Un port est pris, le disque est plein, ou l'installation est incomplète."
    todo = "Relancez ./run ; si l'erreur revient, lancez dmp-kiosk training pour lire le détail."


class Cancelled(KioskError):
    code = "BORNE-300"
    what = "Opération abandonnée à votre demande."
    cause = "Vous avez appuyé sur Échap."
    todo = "Recommencez quand vous voulez."


class GlassNotNeeded(KioskError):
    code = "BORNE-310"
    what = "Le bris de glace n'est pas ouvert ici."
    cause = "Vous avez déjà accès à ce dossier, ou votre carte ne le permet pas."
    todo = "Ouvrez le dossier en mode normal, ou recueillez l'accord du patient."


class ConsentNotKept(KioskError):
    code = "BORNE-312"
    what = "L'accord du patient n'a pas pu être enregistré sur ce poste."
    cause = "Le disque est plein ou protégé en écriture."
    todo = "Rien n'a été envoyé au DMP. Libérez le disque, ou prévenez l'assistance."


class GlassMended(KioskError):
    code = "BORNE-311"
    what = "L'accès en bris de glace est terminé."
    cause = "Il dure trente minutes au plus, pour un seul patient."
    todo = "Refermez le dossier. Si l'urgence dure, demandez un nouvel accès avec son motif."


# --- cards ------------------------------------------------------------------------------------------------


class CardError(KioskError):
    code = "CARTE-000"
    what = "La carte n'a pas répondu comme prévu."
    cause = "La carte est mal insérée, sale ou abîmée."
    todo = "Retirez la carte, essuyez la puce, réinsérez-la."


class ReaderServiceAbsent(CardError):
    code = "CARTE-010"
    what = "Le service des lecteurs de cartes ne répond pas."
    cause = "Le service pcscd est arrêté ou n'est pas installé sur ce poste."
    todo = "Attendez quelques secondes ; sinon demandez à l'assistance de démarrer pcscd."


class ReaderAbsent(CardError):
    code = "CARTE-011"
    what = "Aucun lecteur de cartes n'est branché."
    cause = "Le câble du lecteur est débranché, ou la session distante ne transmet pas le lecteur."
    todo = "Rebranchez le lecteur : la borne le retrouve seule."


class ReaderBusy(CardError):
    code = "CARTE-012"
    what = "Le lecteur est occupé par un autre programme."
    cause = "Un autre logiciel garde la carte pour lui."
    todo = "Fermez l'autre logiciel, puis réinsérez la carte."


class CardModuleUnusable(CardError):
    """The PKCS#11 module of the professional card. `cause` names its file and says why."""

    code = "CARTE-013"
    what = "Le module de lecture des cartes professionnelles ne fonctionne pas."
    cause = "La Cryptolib CPS est absente, abîmée, ou d'une autre architecture que ce poste."
    todo = "Faites réinstaller la Cryptolib CPS de l'ANS par l'assistance."


class CardRemoved(CardError):
    code = "CARTE-020"
    what = "La carte a été retirée."
    cause = "La carte a quitté le lecteur pendant la lecture."
    todo = "Réinsérez la carte et laissez-la en place."


class CardMute(CardError):
    code = "CARTE-021"
    what = "La carte ne répond pas."
    cause = "Elle est insérée à l'envers, ou sa puce est abîmée."
    todo = "Puce vers le lecteur, réinsérez la carte ; sinon essayez une autre carte."


class CardGivenUp(CardError):
    code = "CARTE-026"
    what = "Attente de la carte abandonnée."
    cause = "La carte, son lecteur ou son pilote ne répondait pas, et vous avez appuyé sur Échap."
    todo = "Retirez la carte, attendez quelques secondes, puis remettez-la."


class CardUnknown(CardError):
    code = "CARTE-022"
    what = "Carte non reconnue."
    cause = "Ce n'est ni une carte CPS ou CPE, ni une carte Vitale."
    todo = "Insérez votre carte professionnelle."


class CardAnswerInvalid(CardError):
    code = "CARTE-023"
    what = "La carte a donné une réponse illisible."
    cause = "La carte est d'un modèle inconnu de la borne, ou abîmée."
    todo = "Réinsérez la carte ; si l'erreur revient, donnez ce code à l'assistance."


class ContactlessRefused(CardError):
    code = "CARTE-024"
    what = "La carte est lue sans contact : cela ne suffit pas."
    cause = "La face sans contact ne donne ni l'identité ni la signature."
    todo = "Insérez la carte dans la fente du lecteur."


class WrongCard(CardError):
    code = "CARTE-030"
    what = "C'est une carte Vitale."
    cause = "Une carte professionnelle est attendue d'abord."
    todo = "Insérez votre carte CPS ou CPE ; la carte Vitale viendra ensuite, ou rendez-la."


class TwoProfessionalCards(CardError):
    code = "CARTE-031"
    what = "Deux cartes professionnelles sont présentes."
    cause = "La borne ne choisit pas à votre place."
    todo = "Ne laissez que la vôtre."


class TestCardRefused(CardError):
    code = "CARTE-032"
    what = "CARTE DE TEST refusée."
    cause = "Cette borne est reliée au service réel."
    todo = "Utilisez une carte réelle, ou une borne d'entraînement."


class RealCardRefused(CardError):
    code = "CARTE-033"
    what = "Carte réelle refusée."
    cause = "Cette borne est reliée à un service de test : une identité réelle n'y a pas sa place."
    todo = "Utilisez une carte de test."


class VitaleSwapped(CardError):
    code = "CARTE-034"
    what = "La carte Vitale présente n'est plus celle de ce patient : rien n'a été envoyé."
    cause = "La carte a été échangée après la lecture."
    todo = "Remettez la carte de ce patient, ou revenez en arrière et choisissez dans la nouvelle carte."


class CertificateExpired(CardError):
    code = "CARTE-040"
    what = "Votre carte professionnelle a expiré."
    cause = "La date de fin de validité de ses certificats est passée."
    todo = "Demandez votre nouvelle carte à l'ANS ; celle-ci ne peut plus servir."


class CertificateNotYetValid(CardError):
    code = "CARTE-041"
    what = "Votre carte professionnelle n'est pas encore valable."
    cause = "Ses certificats commencent plus tard, ou l'horloge du poste est fausse."
    todo = "Vérifiez la date du poste ; sinon attendez la date indiquée."


class CertificateUnusable(CardError):
    code = "CARTE-042"
    what = "La carte ne porte pas les certificats attendus."
    cause = "Il manque le certificat d'authentification ou de signature."
    todo = "Essayez une autre carte professionnelle."


class NoActivity(CardError):
    """A CPE or CPA without a structure; holders of other cards declare theirs (`kiosk.attachment`)."""

    code = "CARTE-043"
    what = "Cette carte ne porte aucune situation d'exercice."
    cause = "Elle n'est rattachée à aucune structure."
    todo = (
        "Faites mettre la carte à jour par votre employeur, ou utilisez une carte rattachée à une structure."
    )


class PinError(CardError):
    code = "CARTE-050"


class PinMalformed(PinError):
    code = "CARTE-051"
    what = "Le code porteur a quatre chiffres."
    cause = "Le code tapé est trop court, trop long, ou n'est pas fait de chiffres."
    todo = "Retapez-le : la carte n'a rien compté."


class PinWrong(PinError):
    """The card refused the PIN. `tries_left` is the card's own count."""

    code = "CARTE-052"
    what = "Code porteur faux."
    cause = "Le code tapé n'est pas celui de cette carte."
    todo = "Retapez votre code."

    def __init__(self, tries_left: int) -> None:
        self.tries_left = tries_left
        super().__init__(detail=f"tries_left={tries_left}")


class PinBlocked(PinError):
    code = "CARTE-053"
    what = "Votre carte est bloquée."
    cause = "Trois codes faux ont été présentés."
    todo = "Débloquez-la avec votre code de déblocage dans l'outil de l'ANS : la borne ne le fait jamais."


class PinRequired(PinError):
    code = "CARTE-054"
    what = "La carte redemande le code porteur."
    cause = "Un autre programme a réinitialisé la carte."
    todo = "Retirez la carte, réinsérez-la, retapez votre code."


class PinNotEntered(PinError):
    """On the reader's own keypad. No try was spent."""

    code = "CARTE-055"
    what = "Aucun code n'a été présenté à la carte."
    cause = "La saisie sur le clavier du lecteur n'est pas allée à son terme."
    todo = "Appuyez sur Entrée pour recommencer : la carte n'a rien compté."


class InscCause(Enum):
    """Why no INS-C can be computed for one person of a Vitale card. Each has its own texts below."""

    NO_OWN_NIR = "no-own-nir"
    AGRICULTURAL = "provisional-agricultural"
    PROVISIONAL = "provisional"
    MALFORMED = "malformed-nir"
    WRONG_KEY = "wrong-nir-key"
    NO_BIRTH_DATE = "no-birth-date"
    BAD_BIRTH_DATE = "malformed-birth-date"
    CONTRADICTION = "nir-contradicts-birth-date"
    SHARED = "nir-of-another-person"


_INSC_TEXTS: dict[InscCause, tuple[str, str]] = {
    InscCause.NO_OWN_NIR: (
        "La carte ne porte pas de numéro de sécurité sociale propre à cette personne.",
        "Faites mettre la carte à jour sur une borne Vitale ; si le numéro manque encore, la caisse "
        "d'assurance maladie doit le faire certifier.",
    ),
    InscCause.AGRICULTURAL: (
        "Le numéro de cette personne est un numéro d'attente du régime agricole (555555…).",
        "La MSA doit attribuer le numéro définitif ; mettez ensuite la carte à jour.",
    ),
    InscCause.PROVISIONAL: (
        "Le numéro de cette personne est provisoire : il commence par 3, 4, 7 ou 8.",
        "Attendez le numéro définitif de l'Insee, puis mettez la carte à jour sur une borne Vitale.",
    ),
    InscCause.MALFORMED: (
        "Le numéro lu pour cette personne n'a pas la forme d'un numéro de sécurité sociale.",
        "Faites mettre la carte à jour ; si le défaut reste, demandez une nouvelle carte à la caisse.",
    ),
    InscCause.WRONG_KEY: (
        "La clé du numéro de sécurité sociale est fausse : la carte a été mal écrite.",
        "Faites mettre la carte à jour ; si le défaut reste, demandez une nouvelle carte à la caisse.",
    ),
    InscCause.NO_BIRTH_DATE: (
        "La carte ne donne pas la date de naissance de cette personne.",
        "Faites compléter l'état civil par la caisse d'assurance maladie, puis mettez la carte à jour.",
    ),
    InscCause.BAD_BIRTH_DATE: (
        "La date de naissance lue sur la carte n'est pas une date.",
        "Faites corriger l'état civil par la caisse d'assurance maladie, puis mettez la carte à jour.",
    ),
    InscCause.CONTRADICTION: (
        "Le numéro lu ne s'accorde pas avec la date de naissance : c'est sans doute celui d'un proche.",
        "Vérifiez que vous avez choisi la bonne personne ; sinon utilisez sa propre carte Vitale.",
    ),
    InscCause.SHARED: (
        "Le numéro lu est aussi celui d'une autre personne de la carte, sans doute l'assuré.",
        "Utilisez la carte Vitale de cette personne, ou faites certifier son propre numéro par la caisse.",
    ),
}


class InscImpossible(CardError):
    """No INS-C for this person, and why. Nothing else of the card is in doubt."""

    code = "CARTE-060"
    what = "L'INS-C de cette personne ne peut pas être calculé."

    def __init__(self, cause_id: InscCause) -> None:
        self.cause_id = cause_id
        cause, todo = _INSC_TEXTS[cause_id]
        super().__init__(cause=cause, todo=todo, detail=cause_id.value)


class InsImpossible(InscImpossible):
    """No number of this person's own that opens a record of today's service, and why."""

    code = "CARTE-061"
    what = "Cette personne n'a pas d'INS qui ouvre un DMP."

    def __init__(self, cause_id: InscCause) -> None:
        super().__init__(cause_id)
        if cause_id is InscCause.PROVISIONAL:
            self.what = "Accès au DMP interdit avec un numéro d'attente (NIA)."
            self.cause = (
                "Le numéro de cette personne commence par 3, 4, 7 ou 8 : l'Insee ne l'a pas encore certifié."
            )
            self.todo = (
                "La borne l'a noté dans son journal et n'interroge pas le DMP. Attendez le numéro définitif, puis "
                "mettez la carte à jour sur une borne Vitale."
            )


class VitaleApiAbsent(CardError):
    code = "CARTE-070"
    what = "L'API de lecture Vitale n'est pas utilisable sur ce poste."
    cause = "La bibliothèque du GIE SESAM-Vitale n'est pas installée."
    todo = "Demandez à l'assistance de l'installer, ou de corriger son chemin dans les réglages."


class VitaleApiRefused(CardError):
    """The library answered an error. `server_code` is its own code, in hexadecimal as its makers write it."""

    code = "CARTE-071"
    what = "L'API de lecture Vitale n'a pas pu lire la carte."
    cause = "Elle donne le code ci-dessous, dont la signification n'est pas publique."
    todo = "Laissez la carte professionnelle en place, réinsérez la carte Vitale, puis recommencez."


class VitaleApiSilent(CardError):
    code = "CARTE-072"
    what = "L'API de lecture Vitale ne répond pas."
    cause = "Le lecteur est bloqué, ou occupé par un autre programme."
    todo = (
        "Retirez la carte Vitale, réinsérez-la, puis recommencez ; sinon débranchez et rebranchez le lecteur."
    )


class VitaleApiCrashed(CardError):
    code = "CARTE-073"
    what = "L'API de lecture Vitale s'est arrêtée brutalement."
    cause = "Un défaut de cette bibliothèque ou du pilote du lecteur ; la borne n'est pas touchée."
    todo = "Recommencez ; si l'erreur revient, donnez ce code à l'assistance."


# --- DMP --------------------------------------------------------------------------------------------------


class DmpError(KioskError):
    code = "DMP-000"
    what = "Le service DMP n'a pas pu répondre."
    cause = "Une erreur du service ou du réseau."
    todo = "Recommencez dans un instant."


class TransportError(DmpError):
    code = "DMP-010"


class ServerUnreachable(TransportError):
    """No connection: nothing was sent."""

    code = "DMP-011"
    what = "Le service DMP est injoignable."
    cause = "Le réseau est coupé, ou le service est arrêté."
    todo = "Vérifiez le réseau, puis recommencez : rien n'a été envoyé."


class ServerTooSlow(TransportError):
    """The deadline passed after the request may have left: the outcome is unknown."""

    code = "DMP-012"
    what = "Le service DMP ne répond pas assez vite."
    cause = "Le service est surchargé ou le réseau très lent."
    todo = "Recommencez : la borne vérifiera d'abord ce qui a été fait."


class AnswerCut(TransportError):
    """The connection broke after the request left: the outcome is unknown."""

    code = "DMP-013"
    what = "La réponse du service DMP s'est interrompue."
    cause = "La connexion a été coupée au milieu de la réponse."
    todo = "Recommencez : la borne vérifiera d'abord ce qui a été fait."


class ServerNotTrusted(TransportError):
    code = "DMP-014"
    what = "Le serveur ne prouve pas qu'il est le DMP : rien n'a été envoyé."
    cause = "Son certificat est expiré, ne porte pas son nom, ou vient d'une autorité inconnue."
    todo = "N'insistez pas ; donnez ce code à l'assistance."


class ClientCertificateRefused(TransportError):
    code = "DMP-015"
    what = "Le DMP refuse le certificat de votre carte."
    cause = "La carte est révoquée, expirée, ou n'est pas admise par ce service."
    todo = "Essayez une autre carte ; sinon appelez l'ANS."


class AnswerUnreadable(DmpError):
    code = "DMP-020"
    what = "La réponse du service DMP est illisible."
    cause = "Le service a renvoyé autre chose qu'une réponse du DMP."
    todo = "Recommencez dans un instant ; sinon donnez ce code à l'assistance."


class ClockWrong(DmpError):
    code = "DMP-021"
    what = "L'heure de ce poste est fausse : le DMP refuse la signature."
    cause = "L'horloge du poste et celle du service diffèrent."
    todo = "Faites remettre le poste à l'heure (synchronisation NTP)."


class NotOffered(DmpError):
    """The service's profile has no such transaction, or no such identifier: nothing was sent."""

    code = "DMP-022"
    what = "Ce service DMP n'offre pas cette fonction."
    cause = "Elle n'existe pas dans la génération du DMP à laquelle cette borne est reliée."
    todo = "Si vous en avez besoin, faites vérifier les réglages de la borne par l'assistance."


class DocumentAltered(DmpError):
    """What came does not have the hash the registry tells: nothing of it is shown or kept."""

    code = "DMP-023"
    what = "Le document reçu n'est pas celui qui a été déposé : il n'est pas affiché."
    cause = "Son empreinte n'est pas celle que le DMP annonce : il a été abîmé ou modifié en route."
    todo = "Ouvrez-le de nouveau ; si l'erreur revient, donnez ce code à l'assistance."


class ParametersUnusable(DmpError):
    """The public parameter file could not be fetched or makes no sense; the last good copy holds."""

    code = "DMP-024"
    what = "Les paramètres publics du DMP n'ont pas pu être relus."
    cause = "Le fichier reçu n'est pas un fichier de paramètres du DMP."
    todo = "La borne continue avec les derniers connus ; si cela dure, donnez ce code à l'assistance."


class Refused(DmpError):
    """The DMP understood and said no. `server_code` and `server_text` are always shown (PRE_ERR)."""

    code = "DMP-100"
    what = "Le DMP a refusé la demande."
    cause = "Voir le motif du service ci-dessous."
    todo = "Si le motif n'est pas clair, donnez le code du service à l'assistance."


class StructureRefused(Refused):
    """The service does not know the caller's structure: no request of this session can succeed."""

    code = "DMP-101"
    what = "Le DMP ne connaît pas votre structure."
    cause = "Elle est absente de son annuaire, ou inactive, ou n'est pas de ce secteur d'activité."
    todo = "Choisissez la situation d'exercice de cette structure, ou appelez l'ANS pour la corriger."


class ServiceFailed(Refused):
    """A fault the service puts down to itself (SOAP `Receiver`): whether it did what was asked is not known."""

    code = "DMP-102"
    what = "Le DMP n'a pas pu traiter la demande."
    cause = "Il a rencontré une erreur interne."
    todo = "Recommencez dans un instant ; si l'erreur revient, donnez le code du service à l'assistance."


# --- deposit of documents ---------------------------------------------------------------------------------


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


# --- printer ----------------------------------------------------------------------------------------------


class PrinterError(KioskError):
    code = "IMPR-000"
    what = "L'impression n'a pas pu se faire."
    cause = "L'imprimante a renvoyé une erreur."
    todo = "Vérifiez l'imprimante, puis recommencez."


class PrinterUnreachable(PrinterError):
    code = "IMPR-010"
    what = "L'imprimante ne répond pas."
    cause = "Elle est éteinte ou débranchée du réseau."
    todo = "Allumez-la, attendez qu'elle soit prête, puis recommencez."


class PrinterNotReady(PrinterError):
    code = "IMPR-011"
    what = "L'imprimante n'est pas prête."
    cause = "Elle manque de papier, est en pause ou ne sait pas imprimer ce document."
    todo = "Remettez du papier A4, puis recommencez."


class PrintAborted(PrinterError):
    code = "IMPR-012"
    what = "L'imprimante a abandonné le travail."
    cause = "Bourrage, manque de papier ou arrêt pendant l'impression."
    todo = "Regardez si une feuille est sortie, puis répondez à la question."


class PrintOutcomeUnknown(PrinterError):
    code = "IMPR-013"
    what = "La borne ne sait pas si la feuille est sortie."
    cause = "L'imprimante a cessé de répondre après avoir reçu le document."
    todo = "Regardez l'imprimante, puis répondez à la question."


class SheetNotComposed(PrinterError):
    """Nothing was sent to the printer. `detail` is one word, never text of the sheet."""

    code = "IMPR-014"
    what = "La feuille n'a pas pu être composée."
    cause = "Un code ou un nom contient un caractère qui ne s'imprime pas."
    todo = "Donnez ce code à l'assistance."


# --- documents --------------------------------------------------------------------------------------------


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
