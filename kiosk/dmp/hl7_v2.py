"""Values that XDS borrows from HL7 v2: identifiers, people and structures packed in one line."""

from kiosk.dmp.deposit import DepositPatient, LocalId, Writer
from kiosk.dmp.hl7 import STRUCTURES

_ESCAPES = str.maketrans({"\\": "\\E\\", "^": "\\S\\", "&": "\\T\\", "~": "\\R\\", "|": "\\F\\"})


def escaped(text: str) -> str:
    """Text with HL7's own separators escaped: `'R&D'` → `'R\\\\T\\\\D'`."""
    return text.translate(_ESCAPES)


def local_patient(identifier: LocalId) -> str:
    """CX of this site's own register."""
    return f"{escaped(identifier.extension)}^^^&{identifier.root}&ISO^PI"


def person(writer: Writer) -> str:
    """XCN, family name first; empty when nothing is said of anybody.

    A card's identifier is a national one (`IDNPS`), a CPE's too [likely]; any other is internal (`EI`).
    """
    named = f"{escaped(writer.national_id)}^{escaped(writer.family_name)}^{escaped(writer.given_name)}"
    if not writer.national_id:
        return named.rstrip("^")
    kind = "IDNPS" if writer.is_national else "EI"
    return f"{named}^^^^^^&{escaped(writer.id_root)}&ISO^D^^^{kind}"


def structure(writer: Writer) -> str:
    """XON; the name alone, which may be empty, without an identifier."""
    name = escaped(writer.structure_name)
    if not writer.structure_id:
        return name
    return f"{name}^^^^^&{STRUCTURES}&ISO^IDNST^^^{escaped(writer.structure_id)}"


def speciality(writer: Writer) -> str:
    """Profession and speciality of an author; empty when unknown."""
    code = writer.speciality
    return f"{escaped(code.code)}^{escaped(code.label)}^{escaped(code.system)}" if code.code else ""


def source_patient_info(patient: DepositPatient) -> list[str]:
    """sourcePatientInfo, one PID field a value; never an empty one, which the service refuses."""
    birth, used = escaped(patient.birth_name), escaped(patient.usual_name or patient.birth_name)
    first, given = escaped(patient.first_name), escaped(patient.given_names)
    fields = [
        f"PID-5|{birth}^{first}^{given}^^^^L",
        f"PID-5|{used}^{escaped(patient.used_first_name or patient.first_name)}^^^^^D",
        f"PID-7|{patient.birth_date}",
        f"PID-8|{patient.sex}",
    ]
    if patient.birth_place:
        fields.append(f"PID-11|^^^^^^BDL^^{escaped(patient.birth_place)}")  # [likely] which component
    return fields
