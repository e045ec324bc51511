"""TD3.3c and TD3.3d: delete, archive, unarchive (ITI-57, §4.10): a submission that changes one status."""

from enum import Enum
from typing import Final

from lxml import etree

from kiosk.dmp import xds, xml
from kiosk.dmp.document import DocumentStatus
from kiosk.dmp.model import PatientId
from kiosk.dmp.registry import outcome
from kiosk.dmp.submission_set import SubmissionSet, opening
from kiosk.errors import AnswerUnreadable, NotOffered

PATH: Final = "/registry"
ACTION: Final = "urn:ihe:iti:2010:UpdateDocumentSet"


class StatusChange(Enum):
    """Transaction, statuses it starts from, status it leads to."""

    ARCHIVE = ("TD3.3d", (DocumentStatus.CURRENT,), DocumentStatus.ARCHIVED)
    UNARCHIVE = ("TD3.3d", (DocumentStatus.ARCHIVED,), DocumentStatus.CURRENT)
    DELETE = ("TD3.3c", (DocumentStatus.CURRENT, DocumentStatus.ARCHIVED), DocumentStatus.DELETED)
    """Irreversible, and the older versions go with it (EX_3.3-1050)."""

    def __init__(self, transaction: str, starts: tuple[DocumentStatus, ...], result: DocumentStatus) -> None:
        self.transaction = transaction
        self.starts = starts
        self.result = result

    def check_possible(self, status: DocumentStatus) -> None:
        """Raises `NotOffered`: an obsolete version follows the current one, a deleted one is no more."""
        if status not in self.starts:
            raise NotOffered(
                what="L'état de ce document ne permet pas cette action.",
                cause="Il a déjà cet état, ou c'est une ancienne version, qui suit la version en cours.",
                todo="Relancez la recherche pour voir l'état du dossier.",
                detail=f"{self.name} from {status.name}",
            )


def request(
    entry_uuid: str,
    status: DocumentStatus,
    change: StatusChange,
    submission: SubmissionSet,
    patient: PatientId,
) -> bytes:
    """`SubmitObjectsRequest` with the association that changes the status of one entry."""
    association = xds.rim(
        "Association",
        xds.slot("OriginalStatus", status.value),
        xds.slot("NewStatus", change.result.value),
        id=f"{submission.object_id}.change",
        associationType=xds.UPDATE_STATUS,
        objectType=xds.ASSOCIATION,
        sourceObject=submission.object_id,
        targetObject=entry_uuid,
    )
    return submit_objects(*opening(submission, patient), association)


def submit_objects(*objects: etree._Element) -> bytes:
    """`SubmitObjectsRequest` around the objects of a submission."""
    root = etree.Element(f"{{{xds.LCM}}}SubmitObjectsRequest", nsmap={"lcm": xds.LCM})
    root.append(xds.rim("RegistryObjectList", *objects))
    return xml.serialize(root)


def check_done(answer: etree._Element) -> None:
    """Return when the registry took the update. Raises `Refused`, or `AnswerUnreadable`."""
    if outcome(answer).partial:
        raise AnswerUnreadable(detail="update done in part")
