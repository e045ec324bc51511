"""The directory of professionals and structures, as lists of the service write it."""

from kiosk.training.dmp_server import names
from kiosk.training.people import HOLDERS, Holder

_LABELS = {
    "10": "Médecin",
    "21": "Pharmacien",
    "40": "Chirurgien-Dentiste",
    "50": "Sage-Femme",
    "60": "Infirmier",
}
_BY_ID = {holder.national_id: holder for holder in HOLDERS}
_STRUCTURES = {
    practice.structure_id: practice.structure_name for holder in HOLDERS for practice in holder.practices
}


def identity(actor: str) -> dict[str, str]:
    """`nationalId`, `nationalIdType`, `firstName`, `lastName` of a professional or a structure."""
    holder = _BY_ID.get(actor)
    if holder is None:
        return {
            "nationalId": actor,
            "nationalIdType": names.STRUCTURES,
            "firstName": "",
            "lastName": _STRUCTURES.get(actor, actor),
        }
    return {
        "nationalId": actor,
        "nationalIdType": names.PROFESSIONALS,
        "firstName": holder.given_name,
        "lastName": holder.family_name,
    }


def speciality(actor: str) -> tuple[str, str]:
    """Code `G15_10/SM26` and label of a professional; both empty for a structure."""
    holder = _BY_ID.get(actor)
    if holder is None or not holder.profession:
        return "", ""
    table = "G16" if holder.card_type == "01" else "G15"
    code = f"{table}_{holder.profession}"
    label = _LABELS.get(holder.profession, holder.title)
    return (f"{code}/{holder.speciality}" if holder.speciality else code), label


def practises_in(actor: str, structure: str) -> bool:
    """Whether that professional has a practice there."""
    holder: Holder | None = _BY_ID.get(actor)
    return holder is not None and structure in {practice.structure_id for practice in holder.practices}
