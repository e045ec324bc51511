"""What the metadata of a deposit must say, before its files are looked at.

Sources: protocol 4.2 to 4.5 and 4.8, requirements 2.1-1010 to 2.1-1260. Most breaches are `XDSRegistryMetadataError`,
the code IHE gives to metadata that is missing, inconsistent or not of the affinity domain.
"""

import re

from kiosk.training.dmp_server.call import Call
from kiosk.training.dmp_server.document_facts import facts_of
from kiosk.training.dmp_server.document_rights import document_types
from kiosk.training.dmp_server.outcomes import Refusal
from kiosk.training.dmp_server.registry_names import (
    AUTHOR,
    CLASS,
    CONFIDENTIALITY,
    FACILITY,
    FORMAT,
    HAS_MEMBER,
    HIDDEN,
    HL7_CONFIDENTIALITY,
    NOT_FOR_GUARDIANS,
    NOT_FOR_PATIENT,
    PATIENT,
    PRACTICE,
    RESTRICTIONS,
    RESTRICTIONS_SYSTEM,
    SET_AUTHOR,
    SET_CONTENT,
    SET_PATIENT,
    SET_SOURCE,
    SET_UNIQUE,
    SIGNATURE_TYPE,
    SIGNS,
    STABLE_DOCUMENT,
    TYPE,
    UNIQUE,
    VACCINATION_NOTE,
)
from kiosk.training.dmp_server.rim import OID, RegistryObject, Submission

_LONGEST_TITLE = _LONGEST_OID = 128
_DATE = re.compile(r"[0-9]{4}([0-9]{2}){0,5}")
_REQUIRED_SLOTS = (
    "creationTime",
    "languageCode",
    "legalAuthenticator",
    "serviceStartTime",
    "sourcePatientId",
)
_REQUIRED_CODES = (
    (CLASS, "classCode"),
    (TYPE, "typeCode"),
    (FORMAT, "formatCode"),
    (FACILITY, "healthcareFacilityTypeCode"),
    (PRACTICE, "practiceSettingCode"),
    (CONFIDENTIALITY, "confidentialityCode"),
)
_FORBIDDEN_CLASSES = ("60", "90")
_FORBIDDEN_TYPES = ("DOCPAT", "EXPPAT", "REMB", "11369-6")


def is_signature(entry: RegistryObject) -> bool:
    return entry.code(TYPE) == SIGNATURE_TYPE


def check_set(call: Call, submission: Submission) -> RegistryObject:
    """The submission set, its metadata checked. Raises `Refusal`."""
    if len(submission.sets) != 1:
        raise wrong("un lot de soumission et un seul est attendu")
    one = submission.sets[0]
    _check_twice(one)
    if not _DATE.fullmatch(one.slot("submissionTime")):
        raise wrong("submissionTime du lot")
    if not one.id:
        raise wrong("identifiant du lot")
    if not one.code(SET_CONTENT) or not one.coded(SET_CONTENT)[0].system:
        raise wrong("contentTypeCode du lot")
    if not any(author.values("authorPerson") for author in one.coded(SET_AUTHOR)):
        raise wrong("auteur du lot")
    _check_oid(one.identifier(SET_UNIQUE), "uniqueId du lot")
    _check_oid(one.identifier(SET_SOURCE), "sourceId du lot")
    if not call.names_patient(one.identifier(SET_PATIENT)):
        raise mismatch("Le patient du lot n'est pas celui du VIHF.")
    return one


def check_documents(call: Call, submission: Submission) -> RegistryObject:
    """Every document entry, and how all hang together; the entry of the signature. Raises `Refusal`."""
    ids = [one.id for one in submission.documents]
    if len({*ids, submission.sets[0].id}) != len(ids) + 1 or "" in ids:
        raise wrong("identifiants des documents")
    unique_ids = [one.identifier(UNIQUE) for one in submission.documents]
    if len(set(unique_ids)) != len(unique_ids):
        raise Refusal("XDSDuplicateUniqueIdInRegistry", "Deux documents du lot ont le même uniqueId.")
    signatures = [one for one in submission.documents if is_signature(one)]
    others = [one for one in submission.documents if not is_signature(one)]
    if not others:
        raise wrong("le lot ne porte aucun document")
    if len(signatures) != 1:
        raise wrong("le lot doit être signé, une fois")
    for one in submission.documents:
        _check_entry(call, one)
    for one in others:
        _check_document(call, one)
    _check_links(submission, signatures[0])
    return signatures[0]


def check_author(call: Call, entry: RegistryObject) -> None:
    """EX_2.1-1140: only an author deposits. Raises `Refusal`."""
    facts = facts_of(entry)
    if call.caller.is_cpe:
        if call.caller.vihf.structure_id not in facts.institutions:
            raise wrong("la structure de l'auteur ne correspond pas à l'utilisateur du VIHF")
    elif call.caller.holder.national_id not in facts.owners:
        raise wrong("l'utilisateur du VIHF n'est ni auteur ni responsable légal du document")


def check_restrictions(call: Call, entry: RegistryObject) -> frozenset[str]:
    """The visibility codes of an entry. Raises `Refusal`."""
    codes = [(one.code, one.system) for one in entry.coded(CONFIDENTIALITY)]
    restrictions = {code for code, system in codes if system == RESTRICTIONS_SYSTEM}
    if ("N", HL7_CONFIDENTIALITY) not in codes:
        raise wrong("confidentialityCode : le code N est toujours présent")
    if not restrictions <= set(RESTRICTIONS) or len(codes) != len(set(codes)):
        raise wrong("confidentialityCode inconnu ou répété")
    if {HIDDEN, NOT_FOR_PATIENT} <= restrictions and not call.cumulative and not is_signature(entry):
        raise wrong("un document ne peut être à la fois masqué aux professionnels et invisible au patient")
    return frozenset(restrictions)


def wrong(what: str) -> Refusal:
    return Refusal("XDSRegistryMetadataError", f"Métadonnées incorrectes : {what}.")


def mismatch(text: str) -> Refusal:
    return Refusal("XDSPatientIdDoesNotMatch", text)


def _check_entry(call: Call, entry: RegistryObject) -> None:
    """What holds for a signature too."""
    _check_twice(entry)
    if entry.object_type != STABLE_DOCUMENT:
        raise wrong("objectType d'un document")
    if not entry.mime_type:
        raise wrong("mimeType")
    for scheme, name in _REQUIRED_CODES:
        values = entry.coded(scheme)
        if not values or not all(one.code and one.system for one in values):
            raise wrong(f"{name} manque, ou n'a pas son système de codes")
        if len(values) > 1 and scheme != CONFIDENTIALITY:
            raise wrong(f"{name} figure deux fois")
    if not any(author.values("authorPerson") for author in entry.coded(AUTHOR)):
        raise wrong("author : authorPerson manque")
    _check_oid(entry.identifier(UNIQUE), "uniqueId du document")
    if not call.names_patient(entry.identifier(PATIENT)):
        raise mismatch("Le patient d'un document n'est pas celui du VIHF.")
    if entry.has_slot("sourcePatientInfo") and not any(entry.values("sourcePatientInfo")):
        raise wrong("sourcePatientInfo est vide")
    if entry.has_slot("repositoryUniqueId") and not entry.slot("repositoryUniqueId"):
        raise wrong("repositoryUniqueId est vide")
    check_restrictions(call, entry)


def _check_document(call: Call, entry: RegistryObject) -> None:
    for name in _REQUIRED_SLOTS:
        if not entry.slot(name):
            raise wrong(f"{name} manque")
    if not any(value.startswith("PID-5|") for value in entry.values("sourcePatientInfo")):
        raise wrong("sourcePatientInfo : PID-5 est obligatoire")
    if not entry.title.strip() or len(entry.title) > _LONGEST_TITLE:
        raise wrong("le titre manque, ou dépasse 128 caractères")
    for name in ("creationTime", "serviceStartTime", "serviceStopTime"):
        if entry.slot(name) and not _DATE.fullmatch(entry.slot(name)):
            raise wrong(f"{name} n'est pas une date")
    stop = entry.slot("serviceStopTime")
    if stop and stop < entry.slot("serviceStartTime"):
        raise wrong("serviceStopTime précède serviceStartTime")
    _check_type(entry)
    check_author(call, entry)
    restrictions = check_restrictions(call, entry)
    if call.caller.vihf.secret:
        if entry.code(TYPE) == VACCINATION_NOTE:
            raise wrong("une note de vaccination ne peut être envoyée en connexion secrète")
        if NOT_FOR_GUARDIANS not in restrictions:
            raise wrong("en connexion secrète, un document est invisible aux représentants légaux")
    elif entry.code(TYPE) == VACCINATION_NOTE and restrictions:
        raise wrong("une note de vaccination n'a pas de restriction de visibilité")


def _check_type(entry: RegistryObject) -> None:
    type_code, class_code = entry.code(TYPE), entry.code(CLASS)
    if class_code in _FORBIDDEN_CLASSES or type_code.startswith(_FORBIDDEN_TYPES):
        raise wrong("ce type de document ne peut être déposé par un professionnel")
    known = document_types().get(type_code)
    if known is None:
        raise wrong("typeCode inconnu")
    if known.class_code and known.class_code != class_code:
        raise wrong("classCode ne correspond pas à typeCode")


def _check_links(submission: Submission, signature: RegistryObject) -> None:
    owner = submission.sets[0].id
    links = {(one.kind, one.source, one.target) for one in submission.associations}
    for one in submission.documents:
        if (HAS_MEMBER, owner, one.id) not in links:
            raise wrong("un document n'est pas rattaché au lot (HasMember)")
    if (SIGNS, signature.id, owner) not in links:
        raise wrong("la signature n'est pas rattachée au lot (signs)")


def _check_oid(value: str, what: str) -> None:
    if not OID.fullmatch(value) or len(value) > _LONGEST_OID:
        raise wrong(f"{what} : un OID de 128 caractères au plus est attendu")


def _check_twice(entry: RegistryObject) -> None:
    if entry.repeated:
        raise wrong("une métadonnée figure deux fois")
