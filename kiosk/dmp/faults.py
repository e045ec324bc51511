"""From the DMP's refusals to words: what happened, why, what to do.

The complete list of DMP codes is not public [unknown]: this table holds the codes and reasons met in the
field, and any other keeps the general words of `Refused`. The server's own code and text always go along
(PRE_ERR).
"""

import re
import unicodedata
from dataclasses import dataclass

from kiosk.errors import ClockWrong, DmpError, Refused, ServiceFailed, StructureRefused
from kiosk.text import clean


@dataclass(frozen=True)
class Wording:
    what: str
    cause: str
    todo: str


_CARD_STRUCTURE = "Choisissez la situation d'exercice de cette structure, ou appelez l'ANS pour la corriger."
_SUPPORT = "Donnez ce code à l'assistance."

_BY_CODE = {
    "NF": Wording(
        "Ce patient n'a pas de DMP.",
        "Aucun dossier ne porte son identifiant.",
        "Refaites le test d'existence, et relisez la carte Vitale si le doute reste.",
    ),
    "DMPFound": Wording(
        "Ce patient a déjà un DMP ouvert.",
        "Le dossier a été créé ou réactivé entre-temps, ici ou ailleurs.",
        "Refaites le test d'existence : le dossier s'affichera.",
    ),
    "DMPClosed": Wording(
        "Le DMP de ce patient est fermé.",
        "Le patient a demandé la fermeture de son dossier.",
        "Aucun document ne peut y être lu ni déposé.",
    ),
    "DMPAccessForbidden": Wording(
        "Le patient s'oppose à cet accès.",
        "Il a refusé l'accès en urgence ou par un centre de régulation.",
        "Demandez son accord au patient, ou renoncez à l'accès.",
    ),
    "DMPAccessDeniedByRightsService": Wording(
        "Vous n'avez pas le droit de faire cette action.",
        "Votre profession ou votre rôle ne l'autorise pas dans le DMP.",
        "Demandez à un professionnel habilité de la faire.",
    ),
    "DMPAccessDeniedByExcededThreshold": Wording(
        "Le DMP refuse de nouvelles recherches pour le moment.",
        "Trop de recherches ont été faites en peu de temps.",
        "Attendez avant de chercher de nouveau ; les dépôts restent possibles.",
    ),
    "DMPTooManyResult": Wording(
        "Trop de dossiers correspondent à la recherche.",
        "Les critères sont trop larges.",
        "Précisez le nom, la date de naissance ou la commune.",
    ),
    "DMPIdentityCertificationFailure": Wording(
        "L'identité du patient n'a pas pu être certifiée.",
        "Les traits lus ne correspondent pas à la base de référence.",
        "Vérifiez la carte Vitale et son bénéficiaire.",
    ),
    "DMPPatientAccessAlreadyExists": Wording(
        "Ce patient a déjà un accès internet à son DMP.",
        "L'accès a été ouvert lors d'une visite précédente.",
        "Proposez de renouveler ses codes.",
    ),
    "DMPPatientAccessOTPAlreadyExists": Wording(
        "Ce canal de réception du code est déjà enregistré.",
        "Le patient l'a donné lors d'une visite précédente.",
        "Proposez de modifier le numéro ou l'adresse.",
    ),
    "DMPInvalidCertificate": Wording(
        "Le DMP refuse le certificat de signature de votre carte.",
        "La demande n'est pas signée avec le certificat attendu.",
        "Essayez une autre carte ; sinon donnez ce code à l'assistance.",
    ),
    "DMPFragmentCVAError": Wording(
        "Cette vaccination est déjà dans le carnet du patient.",
        "Le même vaccin y figure à la même date.",
        "Vérifiez le carnet de vaccination avant de recommencer.",
    ),
    "XDSUnknownPatientId": Wording(
        "Le DMP ne connaît pas cet identifiant de patient.",
        "Le patient n'a pas de DMP, ou son identifiant a changé.",
        "Relisez la carte Vitale et refaites le test d'existence.",
    ),
    "XDSPatientIdDoesNotMatch": Wording(
        "Le document et le dossier ne portent pas le même patient.",
        "L'identifiant du document n'est pas celui du dossier ouvert.",
        "N'insistez pas : relisez la carte Vitale.",
    ),
    "XDSDocumentUniqueIdError": Wording(
        "Le DMP ne trouve pas ce document.",
        "Il a été supprimé ou remplacé depuis la recherche.",
        "Relancez la recherche pour voir l'état du dossier.",
    ),
    "XDSMetadataVersionError": Wording(
        "Ce document a été modifié entre-temps.",
        "Quelqu'un en a changé la visibilité ou l'état depuis la recherche.",
        "Relancez la recherche, puis recommencez.",
    ),
    "XDSMetadataUpdateError": Wording(
        "Le DMP ne peut pas faire ce changement.",
        "Le document n'est plus dans l'état que montre la liste.",
        "Relancez la recherche, puis recommencez.",
    ),
    "XDSRegistryMetadataError": Wording(
        "Le DMP refuse la description du document.",
        "Une de ses informations n'est pas admise, ou ne peut plus changer.",
        _SUPPORT,
    ),
    "XDSTooManyResults": Wording(
        "Trop de documents correspondent à la recherche.",
        "Les critères sont trop larges.",
        "Précisez la période ou le type de document.",
    ),
    "XDSRegistryBusy": Wording(
        "Le DMP est surchargé.",
        "Trop de demandes lui arrivent en même temps.",
        "Recommencez dans un instant.",
    ),
    "XDSRepositoryBusy": Wording(
        "Le DMP est surchargé.",
        "Trop de demandes lui arrivent en même temps.",
        "Recommencez dans un instant.",
    ),
}

# Reasons of SOAP faults, in the server's French, compared without case nor accents.
_BY_TEXT = (
    (
        re.compile(r"(ps|professionnel).*structure.*\b(lie|rattache|associe)|\blien\b.*structure"),
        Wording(
            "Le DMP ne vous rattache pas à cette structure.", "Le lien n'est pas déclaré.", _CARD_STRUCTURE
        ),
    ),
    (
        re.compile(r"specialite"),
        Wording(
            "Le DMP attend votre spécialité.",
            "La carte n'en donne pas, et elle est obligatoire pour les médecins et les pharmaciens.",
            "Faites mettre à jour votre carte auprès de l'ANS.",
        ),
    ),
    (
        re.compile(r"authorinstitution|institution.*auteur"),
        Wording(
            "L'auteur n'est pas celui qui est connecté.", "Sa structure diffère de la vôtre.", _CARD_STRUCTURE
        ),
    ),
    (
        re.compile(r"sourcepatientinfo|pid-5"),
        Wording("Le DMP attend le nom du patient.", "Il manque à la description du document.", _SUPPORT),
    ),
    (
        re.compile(r"resource-id"),
        Wording(
            "Le DMP ne comprend pas l'identifiant du patient.",
            "Il est incomplet, ou n'est pas d'une nature admise par ce service.",
            "Relisez la carte Vitale ; sinon donnez ce code à l'assistance.",
        ),
    ),
    (
        re.compile(r"personne morale"),
        Wording("Le DMP n'a pas reconnu votre établissement.", "Son certificat a été refusé.", _SUPPORT),
    ),
    (
        re.compile(r"mon espace sante|\bens\b"),
        Wording(
            "Ce DMP est rattaché à Mon espace santé.",
            "Son titulaire le gère lui-même ; un professionnel ne le peut plus.",
            "Proposez au patient de faire la demande dans Mon espace santé.",
        ),
    ),
    (
        re.compile(r"deja.*medecin traitant|medecin traitant.*deja"),
        Wording(
            "Vous êtes déjà médecin traitant de ce patient dans le DMP.",
            "La déclaration a été faite lors d'une visite précédente.",
            "Refaites le test d'existence : le statut s'affichera.",
        ),
    ),
    (
        re.compile(r"\bpas\b.*medecin traitant"),
        Wording(
            "Vous n'êtes pas médecin traitant de ce patient dans le DMP.",
            "Le statut n'a pas été déclaré, ou a été retiré.",
            "Refaites le test d'existence : le statut s'affichera.",
        ),
    ),
    (
        re.compile(r"(bloque|interdit).*(patient|titulaire)|(patient|titulaire).*(bloque|interdit)"),
        Wording(
            "Le patient vous a bloqué l'accès à son DMP.",
            "Il l'a décidé lui-même, ou par son médecin traitant.",
            "Lui seul peut lever ce blocage : parlez-en avec lui.",
        ),
    ),
    (
        re.compile(
            r"autorisation.*(inexist|n.existe pas|absente|expire|perime)"
            r"|(aucune|pas d.|pas l.|sans|absence d.) ?autorisation|pas autorise a acceder"
        ),
        Wording(
            "Vous n'avez pas d'autorisation sur ce DMP.",
            "Le patient n'en a pas donné, ou elle a expiré.",
            "Demandez l'accord du patient, puis déclarez-vous autorisé.",
        ),
    ),
    (re.compile(r"trop de (resultat|dossier|patient|reponse)"), _BY_CODE["DMPTooManyResult"]),
    (
        re.compile(r"canal.*(inexist|n.existe pas|introuvable|inconnu)|(aucun|pas de) canal"),
        Wording(
            "Ce canal de réception du code n'est pas enregistré.",
            "Le patient ne l'a jamais donné, ou l'a retiré.",
            "Proposez de l'ajouter.",
        ),
    ),
    (re.compile(r"(dossier|dmp).*(inexist|n.existe pas|introuvable)"), _BY_CODE["NF"]),
    (
        re.compile(r"message addressing property"),
        Wording("Le DMP juge la demande incomplète.", "Il manque un en-tête d'adressage.", _SUPPORT),
    ),
)

_VIHF_EXPIRED = re.compile(r"vihf.*(expire|perime)|(expire|perime).*vihf")
_STRUCTURE = re.compile(r"structure .*(introuvable|inactive)")
_CODE = re.compile(r"[A-Za-z][A-Za-z0-9_.-]{0,79}")


def refusal(code: str, text: str, *, own_failure: bool = False) -> DmpError:
    """The error to raise for a refusal with this code and this text, either of which may be empty.

    `own_failure`: the service blames itself; of a code or text nobody knows, that makes a `ServiceFailed`.
    The code goes to `detail`, which may be logged, only if it looks like one; the text never does.
    """
    server_code, server_text = clean(code, 80), clean(text)
    detail = server_code if _CODE.fullmatch(server_code) else ""
    plain = _plain(server_text)
    if _VIHF_EXPIRED.search(plain):
        return ClockWrong(detail=detail, server_code=server_code, server_text=server_text)
    if server_code not in _BY_CODE and _STRUCTURE.search(plain):
        return StructureRefused(detail=detail, server_code=server_code, server_text=server_text)
    wording = _BY_CODE.get(server_code) or next((w for pattern, w in _BY_TEXT if pattern.search(plain)), None)
    if wording is None:
        kind = ServiceFailed if own_failure else Refused
        return kind(detail=detail, server_code=server_code, server_text=server_text)
    return Refused(
        what=wording.what,
        cause=wording.cause,
        todo=wording.todo,
        detail=detail,
        server_code=server_code,
        server_text=server_text,
    )


def _plain(text: str) -> str:
    """Lower case, accents removed."""
    return "".join(c for c in unicodedata.normalize("NFD", text.lower()) if not unicodedata.combining(c))
