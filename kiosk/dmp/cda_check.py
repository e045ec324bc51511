"""A CDA another program made (VSM, biology…): whether it may go out, and what the registry must be told of it.

It is sent byte for byte, so whatever is wrong with it is for its maker to correct. Checked: its header
(`cda_header`); patient, author, dates, identifiers against the open record; a style sheet it carries must stand
alone and hold no script (EX_2.1-1115). Not checked: the schematrons of the ANS as a whole, which need its own tool
(EX_2.1-1071). What the registry is told is what the document says (CI-SIS, header of a CDA to XDS metadata).
"""

from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Final

from lxml import etree

from kiosk.code import Code
from kiosk.dmp import hl7
from kiosk.dmp.cda_header import EVENT, FACILITY, ROLE, SETTING, check_header, check_patient
from kiosk.dmp.cda_style import XSL, check_stylesheet, unfit
from kiosk.dmp.deposit import DepositPatient, LocalId, ReadyCda, Replaced, Writer
from kiosk.dmp.document import Visibility
from kiosk.dmp.nomenclature import CodeSet, known, labelled, rows
from kiosk.dmp.oid import is_oid
from kiosk.dmp.prepare import MAX_CDA_BYTES
from kiosk.dmp.profile import INS_C, NIA
from kiosk.dmp.xml import HL7
from kiosk.markup import UnreadableMarkup, parse_whole
from kiosk.text import clean


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
    practice_setting: Code
    facility: Code
    local_id: LocalId | None
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
    check_header(root)
    check_patient(root, patient)
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
        service_start=_moment(root, f"{EVENT}/h:effectiveTime/h:low/@value", "date de l'acte"),
        service_stop=hl7.moment(hl7.value(root, f"{EVENT}/h:effectiveTime/h:high/@value")),
        practice_setting=_labelled(root, CodeSet.PRACTICE, SETTING),
        facility=_labelled(root, CodeSet.FACILITY, FACILITY),
        local_id=_local_id(root),
        authors=tuple(_author(author) for author in hl7.find(root, "h:author")),
        legal_authenticator=_writer(_one(root, "h:legalAuthenticator/h:assignedEntity", "signataire")),
        replaced=hl7.value(root, "h:relatedDocument[@typeCode='RPLC']/h:parentDocument/h:id/@root"),
    )


def ready(
    content: bytes,
    facts: CdaFacts,
    *,
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
        practice_setting=facts.practice_setting,
        facility=facts.facility,
        local_id=facts.local_id,
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
_NATIONAL: Final = frozenset(
    {INS_C, NIA, "1.2.250.1.213.1.4.8", "1.2.250.1.213.1.4.10", "1.2.250.1.213.1.4.11"}
)
"""A patient's identifiers that are not a register's own."""


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
    code, system = _needed(hl7.value(root, "h:code/@code"), "type"), hl7.value(root, "h:code/@codeSystem")
    held = known(CodeSet.TYPE, code)
    if held is not None and held.system != system:
        raise unfit("Son type n'est pas du système de codes que la nomenclature donne.", "type system")
    return labelled(CodeSet.TYPE, code, system, hl7.value(root, "h:code/@displayName"))


def _format(root: etree._Element) -> Code:
    """By what a level 1 body wraps; else by the model the document follows, its type saying nothing of it.

    Source: table ASS_A11 of the ANS (29/06/2026; for the models .59, .61 and .62, 10/02/2026), as far as J60
    (27/09/2024) lists its codes for the DMP. J60 puts the codes of the ANS in a system of its own, which the file
    follows; the interface reference names the system of IHE for all of them [likely].
    """
    media = hl7.value(root, "h:component/h:nonXMLBody/h:text/@mediaType")
    models = {str(element.get("root")) for element in hl7.find(root, "h:templateId")}
    keys = {media} if media else models
    for row in rows("cda_formats.csv"):
        if row["key"] in keys:
            return Code(row["format"], row["system"], row["label"])
    raise unfit("Le DMP ne prend pas, ou la borne ne connaît pas, le modèle de ce CDA.", "format")


def _labelled(root: etree._Element, which: CodeSet, path: str) -> Code:
    code, system, label = (
        hl7.value(root, f"{path}/@{name}") for name in ("code", "codeSystem", "displayName")
    )
    return labelled(which, code, system, label)


def _local_id(root: etree._Element) -> LocalId | None:
    """The patient in the register of the maker: what is under no national root."""
    for element in hl7.find(root, f"{ROLE}/h:id[@extension]"):
        own = LocalId(hl7.value(element, "@root"), hl7.value(element, "@extension"))
        if own.root not in _NATIONAL and is_oid(own.root) and own.extension:
            return own
    return None


def _author(author: etree._Element) -> Writer:
    role = hl7.value(author, "h:functionCode/@displayName")
    return replace(_writer(_one(author, "h:assignedAuthor", "auteur désigné")), role=role)


def _writer(assigned: etree._Element) -> Writer:
    """Who an `assigned…` element names; what CDA leaves optional may be empty."""
    code = Code(
        hl7.value(assigned, "h:code/@code"),
        hl7.value(assigned, "h:code/@codeSystem"),
        hl7.value(assigned, "h:code/@displayName"),
    )
    name, place = "h:assignedPerson/h:name", "h:representedOrganization"
    return Writer(
        national_id=hl7.value(assigned, "h:id/@extension"),
        id_root=hl7.value(assigned, "h:id/@root"),
        family_name=hl7.value(assigned, f"{name}/h:family"),
        given_name=hl7.value(assigned, f"{name}/h:given"),
        speciality=code,
        structure_id=hl7.value(assigned, f"{place}/h:id[@root='{hl7.STRUCTURES}']/@extension"),
        structure_name=hl7.value(assigned, f"{place}/h:name"),
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
