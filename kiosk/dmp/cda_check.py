"""A CDA another program made (VSM, biology…): whether it may go out, and what the registry must be told of it.

It is sent byte for byte, so whatever is wrong with it is for its maker to correct. Checked: its header, in the
order the schema wants; patient, author, dates, identifiers against the open record; a style sheet it carries must
stand alone and hold no script (EX_2.1-1115). Not checked: the schematrons of the ANS, which need its own tool
(EX_2.1-1071).
"""

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from lxml import etree

from kiosk.code import Code
from kiosk.dmp import hl7
from kiosk.dmp.cda_style import XSL, check_stylesheet, unfit
from kiosk.dmp.deposit import DepositPatient, ReadyCda, Replaced, Writer
from kiosk.dmp.document import Visibility
from kiosk.dmp.nomenclature import CodeSet, labelled, rows
from kiosk.dmp.oid import is_oid
from kiosk.dmp.prepare import MAX_CDA_BYTES
from kiosk.dmp.xml import HL7
from kiosk.errors import DocumentInvalid
from kiosk.markup import UnreadableMarkup, parse_whole
from kiosk.text import clean

HEADER_ORDER: Final = (
    "realmCode",
    "typeId",
    "templateId",
    "id",
    "code",
    "title",
    "effectiveTime",
    "confidentialityCode",
    "languageCode",
    "setId",
    "versionNumber",
    "copyTime",
    "recordTarget",
    "author",
    "dataEnterer",
    "informant",
    "custodian",
    "informationRecipient",
    "legalAuthenticator",
    "authenticator",
    "participant",
    "inFulfillmentOf",
    "documentationOf",
    "relatedDocument",
    "authorization",
    "componentOf",
    "component",
)
"""Children of ClinicalDocument in CDA R2."""

_OPTIONAL: Final = frozenset(
    {
        "copyTime",
        "setId",
        "versionNumber",
        "dataEnterer",
        "informant",
        "informationRecipient",
        "authenticator",
    }
    | {"participant", "inFulfillmentOf", "relatedDocument", "authorization"}
)


@dataclass(frozen=True, repr=False)
class CdaFacts:
    """What the document says of itself."""

    unique_id: str
    title: str
    type_code: Code
    format_code: Code
    mime_type: str
    language: str
    created: datetime
    service_start: datetime
    service_stop: datetime | None
    practice_setting: Code | None
    authors: tuple[Writer, ...]
    legal_authenticator: Writer
    replaced: str
    """uniqueId of the version it says to replace; empty when it replaces none."""


def read(content: bytes, patient: DepositPatient) -> CdaFacts:
    """Check a CDA against the record it is meant for. Raises `DocumentInvalid` with what is wrong."""
    try:
        tree = parse_whole(content, limit=MAX_CDA_BYTES)
    except UnreadableMarkup as error:
        raise unfit("Ce CDA est illisible : ce n'est pas du XML bien formé.", str(error)) from None
    root = _document(tree)
    _check_header(root)
    _check_patient(root, patient)
    _check_body(root)
    self_presenting = check_stylesheet(tree)
    return CdaFacts(
        unique_id=_unique_id(root),
        title=_needed(clean(_text(root, "h:title"), 1000), "titre"),
        type_code=_type(root),
        format_code=_format(root),
        mime_type="application/xslt+xml" if self_presenting else "text/xml",
        language=hl7.value(root, "h:languageCode/@code"),
        created=_moment(root, "h:effectiveTime/@value", "date"),
        service_start=_moment(root, f"{_EVENT}/h:effectiveTime/h:low/@value", "date de l'acte"),
        service_stop=hl7.moment(hl7.value(root, f"{_EVENT}/h:effectiveTime/h:high/@value")),
        practice_setting=_setting(root),
        authors=tuple(_writer(author) for author in hl7.find(root, "h:author/h:assignedAuthor")),
        legal_authenticator=_writer(_one(root, "h:legalAuthenticator/h:assignedEntity", "signataire")),
        replaced=hl7.value(root, "h:relatedDocument[@typeCode='RPLC']/h:parentDocument/h:id/@root"),
    )


def ready(
    content: bytes,
    facts: CdaFacts,
    *,
    practice_setting: Code,
    visibility: Visibility,
    replaces: Replaced | None = None,
) -> ReadyCda:
    """The document with what only the user knows. Raises `DocumentInvalid` when it replaces another version."""
    if facts.replaced != (replaces.unique_id if replaces else ""):
        raise unfit(
            "Le document qu'il dit remplacer n'est pas celui que vous avez choisi.", "relatedDocument"
        )
    return ReadyCda(
        content=content,
        unique_id=facts.unique_id,
        title=facts.title,
        type_code=facts.type_code,
        format_code=facts.format_code,
        created=facts.created,
        service_start=facts.service_start,
        service_stop=facts.service_stop,
        authors=facts.authors,
        legal_authenticator=facts.legal_authenticator,
        practice_setting=facts.practice_setting or practice_setting,
        visibility=visibility,
        language=facts.language or "fr-FR",
        mime_type=facts.mime_type,
        replaces=replaces,
    )


def _document(tree: etree._ElementTree) -> etree._Element:
    """The CDA: the root, or what a self-presenting file holds inside its style sheet."""
    root = tree.getroot()
    found = list(root.iter(_CDA))
    if len(found) != 1 or (root is not found[0] and etree.QName(root).namespace != XSL):
        raise unfit("Ce fichier n'est pas un document CDA R2.", "root element")
    return found[0]


_CDA: Final = f"{{{HL7}}}ClinicalDocument"
_EVENT: Final = "h:documentationOf[1]/h:serviceEvent"


def _check_header(root: etree._Element) -> None:
    names = [etree.QName(child).localname for child in root if isinstance(child.tag, str) and _is_hl7(child)]
    missing = [name for name in HEADER_ORDER if name not in names and name not in _OPTIONAL]
    if missing:
        raise unfit(f"Il manque dans son en-tête : {', '.join(missing)}.", "header: missing")
    ranks = [HEADER_ORDER.index(name) for name in names if name in HEADER_ORDER]
    if len(ranks) != len(names) or ranks != sorted(ranks):
        raise unfit("Son en-tête n'est pas dans l'ordre que le schéma CDA impose.", "header: order")
    type_id = (hl7.value(root, "h:typeId/@root"), hl7.value(root, "h:typeId/@extension"))
    if type_id != ("2.16.840.1.113883.1.3", "POCD_HD000040"):
        raise unfit("Ce n'est pas un CDA de la version 2.", "typeId")
    if hl7.value(root, "h:confidentialityCode/@code") != "N":  # REC_2.1-1100
        raise unfit(
            "Il se dit confidentiel : un document partagé est de confidentialité normale.", "confidentiality"
        )
    effective = hl7.value(root, "h:effectiveTime/@value")
    if not re.search(r"[+-][0-9]{4}$", effective):
        raise unfit("Sa date n'a pas de fuseau horaire.", "effectiveTime")


def _is_hl7(element: etree._Element) -> bool:
    return etree.QName(element).namespace == HL7


def _check_patient(root: etree._Element, patient: DepositPatient) -> None:
    ids = {
        (element.get("root"), element.get("extension"))
        for element in hl7.find(root, "h:recordTarget/h:patientRole/h:id")
    }
    if (patient.patient.root, patient.patient.extension) not in ids:
        raise DocumentInvalid(
            cause="Ce CDA n'est pas celui du patient dont le dossier est ouvert.",
            todo="Vérifiez le patient, puis le fichier.",
            detail="another patient",
        )
    born = hl7.value(root, "h:recordTarget/h:patientRole/h:patient/h:birthTime/@value")[:8]
    if born and born != patient.birth_date[: len(born)]:
        raise DocumentInvalid(
            cause="La date de naissance du CDA n'est pas celle du patient.",
            todo="Vérifiez le patient, puis le fichier.",
            detail="another birth date",
        )


def _check_body(root: etree._Element) -> None:
    component = _one(root, "h:component", "corps")
    bodies = [etree.QName(child).localname for child in component if isinstance(child.tag, str)]
    if bodies not in (["structuredBody"], ["nonXMLBody"]):
        raise unfit("Il n'a pas de corps.", "body")
    if bodies == ["nonXMLBody"] and not "".join(_text(component, "h:nonXMLBody/h:text").split()):
        raise unfit("Son corps est vide.", "empty body")


def _unique_id(root: etree._Element) -> str:
    unique_id = hl7.value(root, "h:id/@root")
    if not is_oid(unique_id) or hl7.value(root, "h:id/@extension"):
        raise unfit("Son identifiant n'est pas un OID pur d'au plus 128 caractères.", "id")
    return unique_id


def _type(root: etree._Element) -> Code:
    code, system = hl7.value(root, "h:code/@code"), hl7.value(root, "h:code/@codeSystem")
    return labelled(CodeSet.TYPE, _needed(code, "type"), system, hl7.value(root, "h:code/@displayName"))


def _format(root: etree._Element) -> Code:
    """By what a level 1 body wraps; else by model: the template the document follows, or its type.

    The codes of the structured models are [likely]: their table (A11) was not at hand.
    """
    media = hl7.value(root, "h:component/h:nonXMLBody/h:text/@mediaType")
    models = {str(element.get("root")) for element in hl7.find(root, "h:templateId")}
    keys = {media} if media else models | {hl7.value(root, "h:code/@code")}
    for row in rows("cda_formats.csv"):
        if row["key"] in keys:
            return labelled(CodeSet.FORMAT, row["format"], "1.3.6.1.4.1.19376.1.2.3", row["label"])
    raise unfit("La borne ne connaît pas le modèle de ce CDA.", "format")


def _setting(root: etree._Element) -> Code | None:
    path = f"{_EVENT}/h:performer/h:assignedEntity/h:representedOrganization/h:standardIndustryClassCode"
    code = hl7.value(root, f"{path}/@code")
    return labelled(CodeSet.PRACTICE, code, "", hl7.value(root, f"{path}/@displayName")) if code else None


def _writer(assigned: etree._Element) -> Writer:
    code = Code(
        hl7.value(assigned, "h:code/@code"),
        hl7.value(assigned, "h:code/@codeSystem"),
        hl7.value(assigned, "h:code/@displayName"),
    )
    name = "h:assignedPerson/h:name"
    return Writer(
        national_id=hl7.value(assigned, "h:id/@extension"),
        family_name=hl7.value(assigned, f"{name}/h:family"),
        given_name=hl7.value(assigned, f"{name}/h:given"),
        speciality=code,
        structure_id=hl7.value(assigned, "h:representedOrganization/h:id/@extension"),
        structure_name=hl7.value(assigned, "h:representedOrganization/h:name"),
    )


def _one(root: etree._Element, path: str, what: str) -> etree._Element:
    found = hl7.find(root, path)
    if len(found) != 1:
        raise unfit(f"Il doit avoir un et un seul {what}.", what)
    return found[0]


def _moment(root: etree._Element, path: str, what: str) -> datetime:
    moment = hl7.moment(hl7.value(root, path))
    if moment is None:
        raise unfit(f"Sa {what} manque ou ne se lit pas.", "time")
    return moment.astimezone(UTC)


def _text(element: etree._Element, path: str) -> str:
    found = hl7.find(element, path)
    return "".join(map(str, found[0].itertext())) if found else ""


def _needed(value: str, what: str) -> str:
    if not value:
        raise unfit(f"Son {what} manque.", what)
    return value
