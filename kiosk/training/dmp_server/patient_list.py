"""TD0.4: the records open to the caller, or for a CPE to a professional of its structure.

The patient of the VIHF plays no part: the samples carry one, and any will do.
"""

from kiosk.training.dmp_server import directory, hl7, names, specific
from kiosk.training.dmp_server.authorisations import VALID, Authorisation
from kiosk.training.dmp_server.call import Call
from kiosk.training.dmp_server.outcomes import INVALID_DATA, Refusal
from kiosk.training.dmp_server.records import StoredRecord
from kiosk.training.dmp_server.xml import Element

_AUTHORISED, _DOCUMENT = "LASTAUTORIZATION", "LASTDOC"
_NOT_FILLED_IN = "NON_RENSEIGNE"


def answer(call: Call) -> Element:
    """`startDate`, `dateType` and `psOwnerId`, each optional. Raises `Refusal`."""
    start = specific.parameter(call.payload, "startDate")
    kind = specific.parameter(call.payload, "dateType") or _AUTHORISED
    if kind not in (_AUTHORISED, _DOCUMENT) or (start and not hl7.TIMESTAMP.fullmatch(start)):
        raise Refusal(INVALID_DATA, "La date ou le type de date de la liste est incorrect.")
    actor = _actor(call)
    items = []
    for one in call.store.authorisations_of(actor):
        record = call.store.find(one.ins_c) if one.state(call.now) == VALID else None
        if record is None or record.state != "active":
            continue
        moment = record.last_document_at if kind == _DOCUMENT else one.since
        if moment and moment >= start:
            items.append(_item(call, one, record))
    return specific.output(call.payload, *items)


def _actor(call: Call) -> str:
    """Whose authorisations. Raises `Refusal`.

    A CPE names a professional of its structure, or nobody: then those given to the structure are meant. [unknown]
    """
    owner = specific.parameter(call.payload, "psOwnerId")
    own = call.caller.holder.national_id
    structure = call.caller.vihf.structure_id
    if not call.caller.is_cpe:
        if owner not in ("", own):
            raise Refusal(INVALID_DATA, "Un professionnel ne liste que ses propres autorisations.")
        return own
    if owner and not directory.practises_in(owner, structure):
        raise Refusal(INVALID_DATA, "Ce professionnel n'exerce pas dans la structure de la CPE.")
    return owner or structure


def _item(call: Call, one: Authorisation, record: StoredRecord) -> Element:
    person = record.person
    identifiers = {names.INS_C: record.ins_c, **({names.NIR_TEST: record.nir} if record.nir else {})}
    optional = {"patronymicalName": person.birth_name} if person.birth_name else {}
    civility = {"civility": person.civility} if person.civility else {}
    return specific.group(
        call.payload,
        "patientlistData",
        *(
            specific.group(
                call.payload,
                "patientIdentifier",
                *specific.fields(call.payload, nationalId=number, nationalIdType=root),
            )
            for root, number in identifiers.items()
        ),
        *specific.fields(
            call.payload,
            lastName=person.usual_name or person.birth_name or _NOT_FILLED_IN,
            **optional,
            firstName=person.given_name or _NOT_FILLED_IN,
            **civility,
            dateOfBirth=person.birth_date,
            MT=str(one.treating_doctor).lower(),
            message="",  # [unknown]: no sample says what it holds
            lastAccessDate=call.store.last_access(record.ins_c, one.actor) or one.since,
            lastUpdateDate=record.updated_at or one.since,
            lastAddDate=record.last_document_at,
        ),
    )
