"""Patient identifiers: the INS-C, its key, its CX text.

Source: ASIP, « Dossier de conception INS-C, algorithme de calcul » v1.0.0 (30/10/2009). This is the service's
own computation: a client that computes another identifier for the same person does not find the record.
"""

import hashlib
import re
import unicodedata

from kiosk.training.dmp_server.names import INS_C, NIR, NIR_TEST
from kiosk.training.dmp_server.outcomes import invalid_vihf

_CX = re.compile(r"([^^&]+)\^\^\^&([0-9.]+)&ISO\^([A-Z-]+)")
_NIR = re.compile(r"[0-9]{5}([0-9]{2}|2[AB])[0-9]{6}[0-9]{2}")
"""Any first digit: TD0.4 and TD0.5 are about nobody, and whose number they carry is [unknown]."""
_LIGATURES = str.maketrans({"Œ": "OE", "Æ": "AE", "œ": "OE", "æ": "AE"})


def ins_c(given_name: str, birth_date: str, nir13: str) -> str:
    """The 22 digits. `birth_date` is AAMMJJ as on the card, `nir13` the person's own NIR without key."""
    seed = f"{_ten_letters(given_name)}{birth_date}{nir13}".encode("ascii")
    number = int.from_bytes(hashlib.sha256(seed).digest()[:8], "big")
    return f"{number:020d}{_key(number):02d}"


def is_ins_c(value: str) -> bool:
    """Twenty digits and the right key."""
    return bool(re.fullmatch(r"[0-9]{22}", value)) and int(value[20:]) == _key(int(value[:20]))


def nir_key(nir13: str) -> str:
    """The two digits of a NIR; Corsica's letters count as 19 and 18."""
    return f"{_key(int(nir13.replace('2A', '19').replace('2B', '18'))):02d}"


def is_nir(value: str) -> bool:
    """Fifteen characters and the right key."""
    return bool(_NIR.fullmatch(value)) and value[13:] == nir_key(value[:13])


def from_cx(value: str) -> tuple[str, str]:
    """Number and OID of a `resource-id`, `{INS-C}^^^&{OID}&ISO^INS-C` or `{NIR}^^^&{OID}&ISO^NH`. Raises `Fault`."""
    match = _CX.fullmatch(value)
    if match is None:
        raise invalid_vihf("L'identifiant du patient (resource-id) est mal formé.")
    number, oid, kind = match.groups()
    if (oid, kind) not in ((INS_C, "INS-C"), (NIR, "NH"), (NIR_TEST, "NH")):
        raise invalid_vihf("L'identifiant du patient (resource-id) n'est ni un INS-C ni un NIR.")
    if not (is_ins_c(number) if oid == INS_C else is_nir(number)):
        raise invalid_vihf("L'identifiant du patient (resource-id) n'a pas sa clé, ou sa clé est fausse.")
    return number, oid


def _ten_letters(given_name: str) -> str:
    """Accents stripped, capitals, A to Z only, cut or padded to ten."""
    # Ligatures spelled out: [unknown], no published vector has one.
    plain = unicodedata.normalize("NFD", given_name.translate(_LIGATURES).upper())
    return re.sub("[^A-Z]", "", plain)[:10].ljust(10)


def _key(number: int) -> int:
    return 97 - number % 97
