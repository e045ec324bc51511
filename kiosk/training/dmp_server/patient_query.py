"""The query TD0.2 and TD1.3a share: one patient by his identifier, PRPA_IN201307UV02 → PRPA_IN201308UV02."""

import copy
from datetime import datetime

from kiosk.training.dmp_server import hl7
from kiosk.training.dmp_server.hl7 import hl7 as h
from kiosk.training.dmp_server.names import HL7
from kiosk.training.dmp_server.outcomes import Refusal, invalid_message
from kiosk.training.dmp_server.xml import Element, attribute, find, find_all, text

REQUEST = "PRPA_IN201307UV02"
ANSWER = "PRPA_IN201308UV02"


def parameters(request: hl7.Interaction) -> Element:
    """The `queryByParameter` of a request, conforming. Raises `Fault`."""
    query = find(request.act, HL7, "queryByParameter")
    if query is None:
        raise invalid_message("La requête ne porte pas de paramètres.")
    hl7.check_order(query)
    query_id = find(query, HL7, "queryId")
    if (
        not (attribute(query_id, "root") and attribute(query_id, "extension"))
        or attribute(find(query, HL7, "statusCode"), "code") != "new"
    ):
        raise invalid_message("Les paramètres de la requête ne sont pas conformes.")
    return query


def asked_patient(query: Element) -> Element | None:
    """The identifier asked for, which must be the only one. Raises `Fault`."""
    asked = find_all(query, HL7, "parameterList/patientIdentifier")
    if len(asked) != 1 or text(find(asked[0], HL7, "semanticsText")) != "Patient.id":
        raise invalid_message("Les paramètres de la requête ne sont pas conformes.")
    return find(asked[0], HL7, "value")


def end(query: Element, outcome: str, *totals: Element) -> tuple[Element, Element]:
    """What closes an answer: its outcome and the question again."""
    query_id = copy.deepcopy(find(query, HL7, "queryId"))
    acknowledged = h("queryAck", query_id, h("queryResponseCode", code=outcome), *totals)
    return acknowledged, copy.deepcopy(query)


def refuse(payload: Element, refusal: Refusal, now: datetime) -> Element:
    """The same interaction, acknowledged `AE`."""
    request = hl7.read(payload)
    return hl7.answer(request, ANSWER, now, *end(parameters(request), "AE"), refusal=refusal)
