"""Which function answers which action: one row a transaction."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime

from kiosk.training.dmp_server import (
    administrative,
    administrative_update,
    authorisation_list,
    closing,
    creation,
    existence,
    habilitations,
    hl7,
    internet_account,
    patient_list,
    patient_query,
    reactivation,
    registration,
    registry_answers,
    registry_query,
    registry_update,
    repository_deposit,
    repository_retrieve,
    search,
    specific,
)
from kiosk.training.dmp_server.admission import Caller
from kiosk.training.dmp_server.call import Call
from kiosk.training.dmp_server.mtom import Payload
from kiosk.training.dmp_server.names import HABILITATIONS, HL7, PATIENTS
from kiosk.training.dmp_server.outcomes import Refusal, addressing_fault, invalid_message
from kiosk.training.dmp_server.xml import Element

BASE_PATH = "/si-dmp-server/v2/services"
Answers = Callable[[Call], Element | Payload]
Refuses = Callable[[Element, Refusal, datetime], Element | Payload]
_PATIENTS = f"{PATIENTS}:PatientSpecificEndPoint"
_HABILITATIONS = f"{HABILITATIONS}:HabilitationsEndPoint"
_UPDATE = "urn:ihe:iti:2010:UpdateDocumentSet"
_QUERY, _CHANGE, _CHANGED = patient_query.REQUEST, registration.REQUEST, "PRPA_IN201314ResponseUV02"


@dataclass(frozen=True)
class Transaction:
    """One row."""

    code: str
    """`TD0.2`: the key of the rights too."""
    path: str
    action: str
    answer_action: str
    payload: str
    """Qualified name of the body's child."""
    answer: Answers
    refuse: Refuses
    reason: str = ""
    """HL7 v3 alone: the reason that tells transactions of one interaction apart."""
    matches: Callable[[Element], bool] | None = None
    """Documents: what else tells transactions of one action apart; the first row that matches answers."""
    about_patient: bool = True
    """False for lists and searches: the patient of the VIHF plays no part."""


def _patients(
    code: str, interaction: str, answers: str, answer: Answers, refuse: Refuses, reason: str
) -> Transaction:
    """A row of GestionDossierPatientPartage."""
    tag, path = f"{{{HL7}}}{interaction}", "/patients"
    return Transaction(code, path, f"{HL7}:{interaction}", f"{HL7}:{answers}", tag, answer, refuse, reason)


def _specific(code: str, path: str, endpoint: str, operation: str, answer: Answers) -> Transaction:
    """A row of one of the DMP's own services."""
    action = f"{endpoint}:{operation}"
    tag = f"{{{endpoint.rpartition(':')[0]}}}{operation}"
    return Transaction(code, path, action, f"{action}Response", tag, answer, specific.refuse)


TRANSACTIONS = (
    _patients("TD0.2", _QUERY, patient_query.ANSWER, existence.answer, patient_query.refuse, "TEST_EXST"),
    _patients("TD1.3a", _QUERY, patient_query.ANSWER, administrative.answer, patient_query.refuse, "CNSLT_DATA"),
    _patients("TD1.1", creation.REQUEST, "PRPA_IN201311ResponseUV02", creation.answer, creation.refuse, "CREA_RD"),
    _patients("TD1.2", _CHANGE, _CHANGED, reactivation.answer, registration.refuse, "REAC"),
    _patients("TD1.3b", _CHANGE, _CHANGED, administrative_update.answer, registration.refuse, "MODIF_DATA"),
    _patients("TD1.4", _CHANGE, _CHANGED, closing.answer, registration.refuse, "FERM"),
    Transaction(
        "TD0.5", "/patientsPDQ", f"{HL7}:{search.REQUEST}", f"{HL7}:{search.ANSWER}",
        f"{{{HL7}}}{search.REQUEST}", search.answer, search.refuse, about_patient=False,
    ),
    replace(
        _specific("TD0.4", "/patientsSpecific", _PATIENTS, "patientList", patient_list.answer),
        about_patient=False,
    ),
    _specific("TD1.5a", "/patientsSpecific", _PATIENTS, "createPatientAccess", internet_account.create),
    _specific("TD1.5b", "/patientsSpecific", _PATIENTS, "patientOTPUpdate", internet_account.change_channel),
    _specific("TD1.5d", "/patientsSpecific", _PATIENTS, "updatePatientAccess", internet_account.renew),
    _specific("TD0.3", "/habilitations", _HABILITATIONS, "setAuthorization", habilitations.answer),
    _specific("TD1.6", "/habilitations", _HABILITATIONS, "listAuthorizationByPatient", authorisation_list.answer),
    Transaction(
        "TD3.1b", "/registry", "urn:ihe:iti:2007:RegistryStoredQuery",
        "urn:ihe:iti:2007:RegistryStoredQueryResponse", registry_query.REQUEST, registry_query.answer,
        registry_answers.refuse_query, matches=registry_query.is_reference_search,
    ),
    Transaction(
        "TD3.1", "/registry", "urn:ihe:iti:2007:RegistryStoredQuery",
        "urn:ihe:iti:2007:RegistryStoredQueryResponse", registry_query.REQUEST, registry_query.answer,
        registry_answers.refuse_query,
    ),
    Transaction(
        "TD3.2", "/repository", "urn:ihe:iti:2007:RetrieveDocumentSet",
        "urn:ihe:iti:2007:RetrieveDocumentSetResponse", repository_retrieve.REQUEST,
        repository_retrieve.answer, registry_answers.refuse_retrieve,
    ),
    Transaction(
        "TD2.1", "/repository", "urn:ihe:iti:2007:ProvideAndRegisterDocumentSet-b",
        "urn:ihe:iti:2007:ProvideAndRegisterDocumentSet-bResponse", repository_deposit.REQUEST,
        repository_deposit.answer, registry_answers.refuse_submission,
    ),
    Transaction(
        "TD3.3c", "/registry", _UPDATE, f"{_UPDATE}-Response", registry_update.REQUEST,
        registry_update.answer_deletion, registry_answers.refuse_submission, matches=registry_update.is_deletion,
    ),
    Transaction(
        "TD3.3d", "/registry", _UPDATE, f"{_UPDATE}-Response", registry_update.REQUEST,
        registry_update.answer_archiving, registry_answers.refuse_submission, matches=registry_update.is_archiving,
    ),
    Transaction(
        "TD3.3a", "/registry", _UPDATE, f"{_UPDATE}-Response", registry_update.REQUEST,
        registry_update.answer_visibility, registry_answers.refuse_submission,
    ),
)  # fmt: skip

PATHS = frozenset(BASE_PATH + row.path for row in TRANSACTIONS)
MULTIPART_PATHS = frozenset({f"{BASE_PATH}/repository"})
"""Where messages are MTOM."""


def find(path: str, action: str, payload: Element) -> Transaction:
    """The row of a request posted to `path`. Raises `Fault`."""
    service = path.removeprefix(BASE_PATH)
    offered = [row for row in TRANSACTIONS if (row.path, row.action) == (service, action)]
    if not offered:
        raise addressing_fault("ActionNotSupported", "The action cannot be processed at the receiver")
    offered = [row for row in offered if row.payload == payload.tag]
    if not offered:
        raise invalid_message("Le corps du message ne correspond pas à son action.")
    for row in offered:
        if row.matches is not None and not row.matches(payload):
            continue
        if not row.reason or row.reason == hl7.reason(payload):
            return row
    raise invalid_message("Le motif du message (reasonCode) manque ou n'est pas pris en charge.")


def seen_from(transaction: Transaction, caller: Caller) -> Transaction:
    """A deposit (TD2.1) has another name when the holder of a CPE makes it."""
    by_cpe = transaction.code == "TD2.1" and caller.is_cpe
    return replace(transaction, code="TD2.2") if by_cpe else transaction
