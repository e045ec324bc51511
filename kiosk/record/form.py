"""The creation form's rules: what each field may hold, checked while it is typed.

Sources: form of the desk manual (consents, identity, address, contact, oppositions); lengths of protocol §5.3;
REC_1.5-1100 (mobile numbers).
"""

import calendar
import re
import unicodedata
from dataclasses import dataclass

MAX_NAME = 80
MAX_GIVEN_NAME = 60

_EMAIL = re.compile(
    r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@(?:[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?\.)+[A-Za-z]{2,63}"
)
_MISSPELT_DOMAINS = {
    "gmial.com": "gmail.com",
    "gmai.com": "gmail.com",
    "gamil.com": "gmail.com",
    "hotmial.com": "hotmail.com",
    "hotmail.fr.com": "hotmail.fr",
    "orange.com": "orange.fr",
    "wanado.fr": "wanadoo.fr",
    "laposte.fr": "laposte.net",
    "yaho.fr": "yahoo.fr",
}


@dataclass(frozen=True)
class Check:
    """The verdict on one field: `problem` forbids sending, `hint` only asks to look twice."""

    problem: str = ""
    hint: str = ""


def check_civility(text: str) -> Check:
    """`M` or `Mme`, as the messages write it; case does not count."""
    return Check() if text.strip().capitalize() in ("M", "Mme") else Check("Civilité : M ou Mme.")


def check_name(text: str, limit: int) -> Check:
    """A name that must be given."""
    return check_length(text, limit) if text.strip() else Check("Ce champ est obligatoire.")


def check_birth_date(text: str, *, today: str) -> Check:
    """`JJ/MM/AAAA`; day 00, month 00 or past 12 are lunar dates and are taken as they are on the card.

    `today` is YYYYMMDD. Sources: INS-C dossier (dates « telles que dans la carte »), protocol §5.0.
    """
    digits = date_digits(text)
    if not text.strip():
        return Check("La date de naissance est obligatoire.")
    if len(digits) != 8:
        return Check("Date attendue : JJ/MM/AAAA.")
    year, month, day = int(digits[:4]), int(digits[4:6]), int(digits[6:])
    if not year >= 1850 or digits[:4] > today[:4]:
        return Check("L'année de naissance n'est pas possible.")
    if month == 0 or month > 12 or day == 0:
        return Check(hint="Date lunaire : elle sera envoyée telle quelle.")
    if day > calendar.monthrange(year, month)[1]:
        return Check("Ce jour n'existe pas dans ce mois.")
    if digits > today:
        return Check("Cette date est dans l'avenir.")
    return Check()


def date_digits(text: str) -> str:
    """`'12/03/1984'` → `'19840312'`; an empty text when it is not a date."""
    match = re.fullmatch(r"\s*(\d{1,2})[/. -](\d{1,2})[/. -](\d{4})\s*", text) or re.fullmatch(
        r"\s*(\d{2})(\d{2})(\d{4})\s*", text
    )
    return f"{match[3]}{match[2]:0>2}{match[1]:0>2}" if match and text.isascii() else ""


def check_postal_code(text: str, country: str) -> Check:
    """Five digits in France (00 to 98, Corsica 20…); other countries: at most ten characters."""
    code = text.strip()
    if not code:
        return Check()
    if _is_france(country):
        known = re.fullmatch(r"\d{5}", code, re.ASCII) and not code.startswith(("00", "99"))
        return Check() if known else Check("Le code postal a cinq chiffres.")
    return Check() if len(code) <= 10 else Check("Code postal trop long.")


def check_phone(text: str) -> Check:
    """A French ten-digit number, or an international one beginning with +."""
    number = phone_digits(text)
    if not text.strip() or re.fullmatch(r"0[1-9]\d{8}", number) or re.fullmatch(r"\+[1-9]\d{6,14}", number):
        return Check()
    return Check("Numéro attendu : dix chiffres, ou + et l'indicatif du pays.")


def check_mobile(text: str) -> Check:
    """A mobile receives the one-time code: it begins with 06 or 07 (REC_1.5-1100)."""
    number = phone_digits(text)
    if not text.strip() or re.fullmatch(r"(0|\+33)[67]\d{8}", number):
        return Check()
    return Check("Un portable commence par 06 ou 07 et a dix chiffres : sinon le code n'arrivera pas.")


def phone_digits(text: str) -> str:
    """`'06 39 98 12 34'` → `'0639981234'`: separators out, everything else kept."""
    return re.sub(r"[\s./()-]", "", text)


def check_email(text: str) -> Check:
    """Shape of an address, with a hint on well-known misspelt domains."""
    address = text.strip()
    if not address:
        return Check()
    if len(address) > 254 or not _EMAIL.fullmatch(address) or ".." in address:
        return Check("Adresse attendue : nom@domaine.fr, sans accent ni espace.")
    domain = address.rpartition("@")[2].lower()
    meant = _MISSPELT_DOMAINS.get(domain)
    return Check(hint=f"« {domain} » : vouliez-vous dire « {meant} » ?") if meant else Check()


def check_length(text: str, limit: int) -> Check:
    """A field of free text: `limit` characters at most, nothing invisible."""
    text = unicodedata.normalize("NFC", text)
    if any(unicodedata.category(c) in ("Cc", "Cf", "Cs", "Co", "Cn") for c in text):
        return Check("Ce champ contient un caractère invisible : retapez-le.")
    return Check() if len(text) <= limit else Check(f"{limit} caractères au plus.")


def _is_france(country: str) -> bool:
    return country.strip().upper() in ("", "FRANCE", "FR")
