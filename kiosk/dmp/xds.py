"""XDS.b in ebRIM 3.0: namespaces, identifiers of the metadata (IHE ITI TF-3, §4.2), and its smallest parts."""

from typing import Final

from lxml import etree

from kiosk.dmp import xml

RIM: Final = "urn:oasis:names:tc:ebxml-regrep:xsd:rim:3.0"
RS: Final = "urn:oasis:names:tc:ebxml-regrep:xsd:rs:3.0"
QUERY: Final = "urn:oasis:names:tc:ebxml-regrep:xsd:query:3.0"
LCM: Final = "urn:oasis:names:tc:ebxml-regrep:xsd:lcm:3.0"
XDSB: Final = "urn:ihe:iti:xds-b:2007"
XOP: Final = "http://www.w3.org/2004/08/xop/include"

NAMES: Final = {"rim": RIM, "rs": RS, "query": QUERY, "lcm": LCM, "xdsb": XDSB, "xop": XOP}

SUBMISSION_SET: Final = "urn:uuid:a54d6aa5-d40d-43f9-88c5-b4633d873bdd"
SUBMISSION_AUTHOR: Final = "urn:uuid:a7058bb9-b4e4-4307-ba5b-e3f0ab85e12d"
SUBMISSION_CONTENT_TYPE: Final = "urn:uuid:aa543740-bdda-424e-8c96-df4873be8500"
SUBMISSION_PATIENT: Final = "urn:uuid:6b5aea1a-874d-4603-a4bc-96a0a7b38446"
SUBMISSION_SOURCE: Final = "urn:uuid:554ac39e-e3fe-47fe-b233-965d2a147832"
SUBMISSION_UNIQUE_ID: Final = "urn:uuid:96fdda7c-d067-4183-912e-bf5ee74998a8"

DOCUMENT: Final = "urn:uuid:7edca82f-054d-47f2-a032-9b2a5b5186c1"
AUTHOR: Final = "urn:uuid:93606bcf-9494-43ec-9b4e-a7748d1a838d"
CLASS: Final = "urn:uuid:41a5887f-8865-4c09-adf7-e362475b143a"
CONFIDENTIALITY: Final = "urn:uuid:f4f85eac-e6cb-4883-b524-f2705394840f"
FORMAT: Final = "urn:uuid:a09d5840-386c-46f2-b5ad-9c3699a4309d"
FACILITY: Final = "urn:uuid:f33fb8ac-18af-42cc-ae0e-ed0b0bdb91e1"
PRACTICE: Final = "urn:uuid:cccf5598-8b07-4b77-a05e-ae952c785ead"
TYPE: Final = "urn:uuid:f0306f51-975f-434e-a61c-c59651d33983"
EVENT: Final = "urn:uuid:2c6b8cb7-8b2a-4051-b291-b1ae6a575ef4"
DOCUMENT_PATIENT: Final = "urn:uuid:58a6f841-87b3-4a3e-92fd-a8ffeff98427"
DOCUMENT_UNIQUE_ID: Final = "urn:uuid:2e82c1f6-a085-4c72-9da3-8640a32e42ab"

HAS_MEMBER: Final = "urn:oasis:names:tc:ebxml-regrep:AssociationType:HasMember"
REPLACES: Final = "urn:ihe:iti:2007:AssociationType:RPLC"
APPENDS: Final = "urn:ihe:iti:2007:AssociationType:APND"
TRANSFORMS: Final = "urn:ihe:iti:2007:AssociationType:XFRM"
SIGNS: Final = "urn:ihe:iti:2007:AssociationType:signs"
UPDATE_STATUS: Final = "urn:ihe:iti:2010:AssociationType:UpdateAvailabilityStatus"
ASSOCIATION: Final = "urn:oasis:names:tc:ebxml-regrep:ObjectType:RegistryObject:Association"

REFERENCE_IDS: Final = "urn:ihe:iti:xds:2013:referenceIdList"

RESTRICTIONS: Final = "1.2.250.1.213.1.1.4.13"
"""Code system of the three restrictions of visibility."""
HIDDEN: Final = "MASQUE_PS"
INVISIBLE_PATIENT: Final = "INVISIBLE_PATIENT"
INVISIBLE_REPRESENTATIVES: Final = "INVISIBLE_REPRESENTANTS_LEGAUX"


def rim(tag: str, /, *content: etree._Element | None, **attributes: str) -> etree._Element:
    """An ebRIM element, in its default namespace; `None` children are left out."""
    nsmap: dict[str | None, str] = {None: RIM}
    made = etree.Element(f"{{{RIM}}}{tag}", nsmap=nsmap)  # type: ignore[arg-type]
    for key, value in attributes.items():
        made.set(key, xml.legal(value))
    for part in content:
        if part is not None:
            made.append(part)
    return made


def slot(name: str, *values: str) -> etree._Element | None:
    """A Slot; nothing at all without values: the service refuses empty ones."""
    present = [value for value in values if value]
    if not present:
        return None
    elements = [rim("Value") for _ in present]
    for element, value in zip(elements, present, strict=True):
        element.text = xml.legal(value)
    return rim("Slot", rim("ValueList", *elements), name=name)


def cx(identifier: str, root: str, kind: str) -> str:
    """An identifier in CX form: `'{id}^^^&{oid}&ISO^{kind}'`."""
    return f"{identifier}^^^&{root}&ISO^{kind}"
