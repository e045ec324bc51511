"""INS-C of many people, one line each: `first_name;birth_yymmdd;nir13` → `insc;key`, or `;;reason`."""

from kiosk.card.insc import compute
from kiosk.card.nir import is_agricultural, is_nir13, is_provisional


def compute_line(line: str) -> str:
    """One line in, one line out, each with its line end."""
    parts = line.rstrip("\r\n").split(";")
    if len(parts) != 3:
        return ";;trois champs attendus : prénom;AAMMJJ;NIR13\n"
    try:
        insc = compute(parts[0], parts[1], parts[2])
    except ValueError:
        return f";;{_reason(parts[1], parts[2])}\n"
    return f"{insc.digits};{insc.key}\n"


def explain(first_name: str, birth_yymmdd: str, nir13: str) -> tuple[str, str]:
    """(22 digits, empty) or (empty, the reason in French)."""
    try:
        return str(compute(first_name, birth_yymmdd, nir13)), ""
    except ValueError:
        return "", _reason(birth_yymmdd, nir13)


def _reason(birth_yymmdd: str, nir13: str) -> str:
    if not nir13:
        return "pas de NIR propre à la personne"
    if is_agricultural(nir13):
        return "NIR d'attente agricole (555555…)"
    if is_provisional(nir13):
        return "NIR provisoire"
    if not is_nir13(nir13):
        return "NIR malformé : 13 caractères, sans clé"
    if not birth_yymmdd:
        return "date de naissance absente"
    return "date de naissance malformée : AAMMJJ"
