"""Values that XDS borrows from HL7 v2: identifiers, people and structures packed in one line."""

from kiosk.dmp.deposit import DepositPatient, LocalId, Writer

_PEOPLE = "1.2.250.1.71.4.2.1"
_STRUCTURES = "1.2.250.1.71.4.2.2"
_ESCAPES = str.maketrans({"\\": "\\E\\", "^": "\\S\\", "&": "\\T\\", "~": "\\R\\", "|": "\\F\\"})


def escaped(text: str) -> str:
    """Text with HL7's own separators escaped: `'R&D'` → `'R\\\\T\\\\D'`."""
    return text.translate(_ESCAPES)


def local_patient(identifier: LocalId) -> str:
    """CX of this site's own register."""
    return f"{escaped(identifier.extension)}^^^&{identifier.root}&ISO^PI"


def person(writer: Writer) -> str:
    """XCN, family name first. A card's identifier is a national one (`IDNPS`), a CPE's too [likely]."""
    names = f"{escaped(writer.family_name)}^{escaped(writer.given_name)}"
    return f"{escaped(writer.national_id)}^{names}^^^^^^&{_PEOPLE}&ISO^D^^^IDNPS"


def structure(writer: Writer) -> str:
    """XON."""
    return f"{escaped(writer.structure_name)}^^^^^&{_STRUCTURES}&ISO^IDNST^^^{escaped(writer.structure_id)}"


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
