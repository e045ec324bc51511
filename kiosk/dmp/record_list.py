"""TD0.4, `patientList`: the records open to the caller, since a date."""

from datetime import datetime
from typing import Final

from lxml import etree

from kiosk.dmp import hl7, services
from kiosk.dmp.listing import ListedBy, ListedRecord
from kiosk.dmp.model import PatientId

TRANSACTION: Final = "TD0.4"
SERVICE: Final = services.PATIENTS
LIST: Final = "patientList"


def request(since: datetime | None, by: ListedBy, owner: str) -> bytes:
    """The body. `owner` is the professional for whom the holder of a CPE asks; empty for oneself."""
    start = hl7.timestamp(since) if since else None
    return services.request(SERVICE, LIST, startDate=start, dateType=by.value, psOwnerId=owner or None)


def records(answer: etree._Element) -> tuple[ListedRecord, ...]:
    """The records, in the order of the answer. Raises `Refused` or `AnswerUnreadable`."""
    output = services.output(SERVICE, LIST, answer)
    return tuple(_record(row) for row in output.iterfind("{*}patientlistData"))


def _record(row: etree._Element) -> ListedRecord:
    identifiers = (
        PatientId(services.text(one, "nationalIdType"), services.text(one, "nationalId"))
        for one in row.iterfind("{*}patientIdentifier")
    )
    return ListedRecord(
        patients=tuple(one for one in identifiers if one.root and one.extension),
        civility=services.text(row, "civility"),
        usual_name=services.text(row, "lastName"),
        birth_name=services.text(row, "patronymicalName"),
        given_name=services.text(row, "firstName"),
        birth_date=services.text(row, "dateOfBirth")[:8],
        treating_doctor=services.text(row, "MT").lower() in {"true", "1"},
        message=services.text(row, "message"),
        last_access=hl7.moment(services.text(row, "lastAccessDate")),
        last_update=hl7.moment(services.text(row, "lastUpdateDate")),
        last_document=hl7.moment(services.text(row, "lastAddDate")),
    )
