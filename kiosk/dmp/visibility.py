"""TD3.3a and TD3.3b: who may see a document (ITI-57, §4.11).

The registry takes back the whole description, in which nothing but the confidentiality codes may have changed.
"""

import copy
from enum import Enum
from typing import Final

from lxml import etree

from kiosk.dmp import xds
from kiosk.dmp.document import Visibility
from kiosk.dmp.model import PatientId
from kiosk.dmp.nomenclature import CodeSet, labelled
from kiosk.dmp.status_change import submit_objects
from kiosk.dmp.submission_set import SubmissionSet, coded, opening

_NEW_ENTRY: Final = "Document01"
_FIRST_VERSION: Final = "1"
"""What a description without VersionInfo is taken for. [likely]"""


class VisibilityChange(Enum):
    """Transaction, restriction, and whether it is set. None hides a document from the patient: nobody may."""

    HIDE = ("TD3.3a", xds.HIDDEN, True)
    UNHIDE = ("TD3.3a", xds.HIDDEN, False)
    SHOW_TO_PATIENT = ("TD3.3b", xds.INVISIBLE_PATIENT, False)
    """Irreversible (EX_3.3-1040)."""
    SHOW_TO_REPRESENTATIVES = ("TD3.3b", xds.INVISIBLE_REPRESENTATIVES, False)
    """Irreversible (EX_3.3-1045)."""

    def __init__(self, transaction: str, restriction: str, sets: bool) -> None:
        self.transaction = transaction
        self.restriction = restriction
        self.sets = sets


def obstacle(change: VisibilityChange, visibility: Visibility, *, secret: bool, both_allowed: bool) -> str:
    """Why the screens do not offer a change, in French; empty when they do.

    `both_allowed` is the service's parameter `cumul-invisible_patient-masque_ps`; `secret` a connection that
    leaves no trace for the representatives, in which what they do not see stays so (EX_0.1-1100).
    """
    present = {
        xds.HIDDEN: visibility.hidden_from_professionals,
        xds.INVISIBLE_PATIENT: visibility.invisible_to_patient,
        xds.INVISIBLE_REPRESENTATIVES: visibility.invisible_to_representatives,
    }
    if present[change.restriction] is change.sets:
        return "Ce document est déjà dans cet état."
    if change is VisibilityChange.HIDE and visibility.invisible_to_patient and not both_allowed:
        return "Un document non visible par le patient ne peut pas être aussi masqué aux professionnels."
    if change is VisibilityChange.SHOW_TO_REPRESENTATIVES and secret:
        return "En connexion secrète, un document reste non visible par les représentants légaux."
    return ""


def is_done(source: etree._Element, change: VisibilityChange) -> bool:
    """Whether the registry holds the document so already: a change whose outcome was unknown had gone through."""
    return any(_code(e) == change.restriction for e in _confidentialities(source)) is change.sets


def request(
    source: etree._Element, change: VisibilityChange, submission: SubmissionSet, patient: PatientId
) -> bytes:
    """`SubmitObjectsRequest` with the new version of `source`, the ExtrinsicObject as the registry gave it."""
    version = source.find("rim:VersionInfo", xds.NAMES)
    previous = "" if version is None else version.get("versionName", "")
    association = xds.rim(
        "Association",
        xds.slot("SubmissionSetStatus", "Original"),
        xds.slot("PreviousVersion", previous or _FIRST_VERSION),
        id=f"{submission.object_id}.member",
        associationType=xds.HAS_MEMBER,
        objectType=xds.ASSOCIATION,
        sourceObject=submission.object_id,
        targetObject=_NEW_ENTRY,
    )
    return submit_objects(*opening(submission, patient), _changed(source, change), association)


def _changed(source: etree._Element, change: VisibilityChange) -> etree._Element:
    """The same description under a new id, with or without one restriction.

    Its parts follow it to the new id, and take ids of this message: theirs name parts of the former version.
    """
    made = copy.deepcopy(source)
    made.tail = None
    made.set("lid", source.get("lid") or source.get("id") or "")
    made.set("id", _NEW_ENTRY)
    for element in _confidentialities(made):
        if not change.sets and _code(element) == change.restriction:
            made.remove(element)
    present = {_code(element) for element in _confidentialities(made)}
    for code in ("N", *([change.restriction] if change.sets else [])):
        if code not in present:  # a restriction never stands without N
            _add(made, code)
    parts = made.findall("rim:Classification", xds.NAMES) + made.findall("rim:ExternalIdentifier", xds.NAMES)
    for number, part in enumerate(parts, start=1):
        owner = "classifiedObject" if part.tag.endswith("}Classification") else "registryObject"
        part.set(owner, _NEW_ENTRY)
        part.set("id", f"{_NEW_ENTRY}.{number}")
    return made


def _add(entry: etree._Element, code: str) -> None:
    """One more confidentiality code, beside the others, where the schema wants classifications."""
    made = coded(_NEW_ENTRY, xds.CONFIDENTIALITY, labelled(CodeSet.CONFIDENTIALITY, code, "", ""))
    classifications = entry.findall("rim:Classification", xds.NAMES)
    if classifications:
        classifications[-1].addnext(made)
    else:
        first = entry.find("rim:ExternalIdentifier", xds.NAMES)
        entry.insert(len(entry) if first is None else entry.index(first), made)


def _confidentialities(entry: etree._Element) -> list[etree._Element]:
    found = entry.iterfind("rim:Classification", xds.NAMES)
    return [element for element in found if element.get("classificationScheme") == xds.CONFIDENTIALITY]


def _code(element: etree._Element) -> str:
    return element.get("nodeRepresentation", "")
