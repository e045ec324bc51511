"""The header of a CDA made elsewhere: what the French checker would refuse, told before anything is signed.

Sources: the CDA R2 schema for the order; for the rest the ANS checker, whose oldest rules (`modeleEntete_fr`,
`documentationOf_fr`) hold for both generations, and whose « structuration minimale » asks for setId, versionNumber,
the performer, three models and the traits of the INS.
"""

import re
from typing import Final

from lxml import etree

from kiosk.dmp import hl7
from kiosk.dmp.cda_style import unfit
from kiosk.dmp.deposit import DepositPatient
from kiosk.dmp.profile import INS_C
from kiosk.dmp.xml import HL7
from kiosk.errors import DocumentInvalid

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

EVENT: Final = "h:documentationOf[1]/h:serviceEvent"
PERFORMER: Final = f"{EVENT}/h:performer/h:assignedEntity"
SETTING: Final = f"{PERFORMER}/h:representedOrganization/h:standardIndustryClassCode"
FACILITY: Final = "h:componentOf/h:encompassingEncounter/h:location/h:healthCareFacility/h:code"
ROLE: Final = "h:recordTarget/h:patientRole"

_OPTIONAL: Final = frozenset(
    {"copyTime", "dataEnterer", "informant", "informationRecipient", "authenticator"}
    | {"participant", "inFulfillmentOf", "relatedDocument", "authorization"}
)
_FRENCH: Final = frozenset({"2.16.840.1.113883.2.8.2.1", "1.2.250.1.213.1.1.1.1"})
_WRAPPED: Final = _FRENCH | {"1.3.6.1.4.1.19376.1.2.20"}
_MODELS: Final = 3
_NAME: Final = f"{ROLE}/h:patient/h:name"
_INS_TRAITS: Final = {
    "nom de naissance": f"{_NAME}/h:family[@qualifier='BR']",
    "premier prénom de naissance": f"{_NAME}/h:given[@qualifier='BR']",
    "liste des prénoms de naissance": f"{_NAME}/h:given[not(@qualifier)]",
    "date de naissance": f"{ROLE}/h:patient/h:birthTime/@value",
    "sexe": f"{ROLE}/h:patient/h:administrativeGenderCode/@code",
    "code du lieu de naissance": f"{ROLE}/h:patient/h:birthplace/h:place/h:addr/h:county",
}


def check_header(root: etree._Element) -> None:
    """Raises `DocumentInvalid`."""
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
    _check_models(root)
    if not hl7.value(root, "h:setId/@root") or not hl7.value(root, "h:versionNumber/@value"):
        raise unfit("Il ne dit pas de quel document il est une version, ni laquelle.", "version")
    if hl7.value(root, "h:confidentialityCode/@code") != "N":  # REC_2.1-1100
        raise unfit(
            "Il se dit confidentiel : un document partagé est de confidentialité normale.", "confidentiality"
        )
    effective = hl7.value(root, "h:effectiveTime/@value")
    if not re.search(r"[+-][0-9]{4}$", effective):
        raise unfit("Sa date n'a pas de fuseau horaire.", "effectiveTime")
    if len(hl7.find(root, PERFORMER)) != 1:
        raise unfit("Il doit nommer un et un seul exécutant de l'acte.", "performer")
    if not hl7.value(root, f"{SETTING}/@code"):
        raise unfit("Il ne dit pas le cadre de soins de l'exécutant.", "practice setting")
    if not hl7.value(root, f"{FACILITY}/@code"):
        raise unfit("Il ne dit pas dans quel secteur d'activité l'acte a eu lieu.", "facility")


def check_patient(root: etree._Element, patient: DepositPatient) -> None:
    """That it is of the open record, and says what its identifier asks for. Raises `DocumentInvalid`."""
    ids = {(element.get("root"), element.get("extension")) for element in hl7.find(root, f"{ROLE}/h:id")}
    if (patient.patient.root, patient.patient.extension) not in ids:
        raise DocumentInvalid(
            cause="Ce CDA n'est pas celui du patient dont le dossier est ouvert.",
            todo="Vérifiez le patient, puis le fichier.",
            detail="another patient",
        )
    born = hl7.value(root, f"{ROLE}/h:patient/h:birthTime/@value")[:8]
    if born and born != patient.birth_date[: len(born)]:
        raise DocumentInvalid(
            cause="La date de naissance du CDA n'est pas celle du patient.",
            todo="Vérifiez le patient, puis le fichier.",
            detail="another birth date",
        )
    if patient.patient.root == INS_C:
        return
    missing = [what for what, path in _INS_TRAITS.items() if not hl7.value(root, path)]
    if missing:
        raise unfit(f"Il manque aux traits de l'INS du patient : {', '.join(missing)}.", "INS traits")


def _check_models(root: etree._Element) -> None:
    """A wrapped file follows three models and no other; anything else, those of every French document and its own."""
    models = [str(element.get("root")) for element in hl7.find(root, "h:templateId")]
    if hl7.find(root, "h:component/h:nonXMLBody"):
        fits = sorted(models) == sorted(_WRAPPED)
    else:
        fits = len(models) >= _MODELS and set(models) >= _FRENCH
    if not fits:
        raise unfit("Il ne nomme pas les modèles de document que le DMP attend.", "models")


def _is_hl7(element: etree._Element) -> bool:
    return etree.QName(element).namespace == HL7
