"""The service and the way to it. DMP-xxx."""

from kiosk.errors.root import KioskError


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


class RequestTooLarge(DmpError):
    """HTTP 413: a request that the service did not even read."""

    code = "DMP-026"
    what = "Le DMP ne prend pas un envoi de cette taille : rien n'y est entré."
    cause = "Les documents du lot sont trop gros ensemble, une fois emballés."
    todo = "Déposez-les un par un, numérisés avec une résolution plus basse, ou partagez le plus gros."


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
