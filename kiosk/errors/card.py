"""Readers and cards. CARTE-xxx."""

from enum import Enum

from kiosk.errors.root import KioskError


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
