"""What the « API de lecture Vitale » answers: everybody on the card, as an XML document in ISO-8859-1.

    T_AsnDonneesVitale / listeBenef / T_AsnBeneficiaire [one per person]
        ident   nomUsuel  nomPatronymique  prenomUsuel  nir (the insured's)  nirCertifie (the person's own)
                naissance / date JJMMAAAA, dateEnCarte AAMMJJ
        amo     qualBenef, 0 for the insured

[likely] throughout: read in public integrations and in the GIE's own mapping tables (API 6.xx, facturation
hospitalière RG_BS601 to RG_BS620), never against a card. Namespaces are not looked at, any part may be missing, and
whatever the bytes are the only error is `CardAnswerInvalid`.
"""

import re
from typing import Final

from lxml import etree

from kiosk.card.model import Beneficiary
from kiosk.errors import CardAnswerInvalid
from kiosk.markup import UnreadableMarkup, parse_untrusted
from kiosk.text import clean

MAX_BYTES: Final = 1_000_000
"""Nineteen people, the most a card holds, take a few dozen kilobytes."""

_DECLARED = re.compile(rb"\s*<\?xml[^>]{0,80}\bencoding\b")
_INSURED = frozenset({"0", "00"})
_JJMMAAAA = re.compile("[0-9]{8}")
_AAMMJJ = re.compile("[0-9]{6}")
_NO_KNOWN_FORM = "?"
"""Stands for a date in neither form: eight unknown digits handed on would be taken for AAAAMMJJ."""


def beneficiaries(document: bytes) -> tuple[Beneficiary, ...]:
    """Everybody in the document, in its order. Raises `CardAnswerInvalid`, also when there is nobody."""
    people = _people(_parsed(document))
    if not people:
        raise CardAnswerInvalid(detail="vitale: nobody in the document")
    qualities = [_text(person, "amo/qualBenef") for person in people]
    # Two insured people cannot be: then nobody is, and nobody gets a NIR that is not certified as theirs.
    alone = sum(quality in _INSURED for quality in qualities) == 1
    return tuple(
        _beneficiary(rank, person, alone and quality in _INSURED)
        for rank, (person, quality) in enumerate(zip(people, qualities, strict=True), start=1)
    )


def _parsed(document: bytes) -> etree._Element:
    document = document.rstrip(b"\0")  # a C string may come with its end
    encoding = None if _DECLARED.match(document) else "ISO-8859-1"
    try:
        return parse_untrusted(document, limit=MAX_BYTES, encoding=encoding)
    except UnreadableMarkup as error:
        raise CardAnswerInvalid(detail=f"vitale: {error}") from None


def _people(root: etree._Element) -> list[etree._Element]:
    """One list, wherever it is; a list inside a person is none."""
    group = next(root.iter("{*}listeBenef"), None)
    return [] if group is None else group.findall("{*}T_AsnBeneficiaire")


def _beneficiary(rank: int, person: etree._Element, insured: bool) -> Beneficiary:
    usual, birth = _text(person, "ident/nomUsuel"), _text(person, "ident/nomPatronymique")
    return Beneficiary(
        rank=rank,
        usual_name=usual or birth,
        birth_name=birth if usual != birth and usual else "",
        given_name=_text(person, "ident/prenomUsuel"),
        birth_date=_birth_date(
            _text(person, "ident/naissance/date"), _text(person, "ident/naissance/dateEnCarte")
        ),
        nir=_nir(person, "nirCertifie") or (_nir(person, "nir") if insured else ""),
        insured=insured,
    )


def _birth_date(date: str, on_card: str) -> str:
    """AAAAMMJJ when the century is known, else AAMMJJ; day and month always as they are on the card.

    `dateEnCarte` is the card's own; the API gives it when the card has no century. `date` is made for people: for
    a lunar date it says the 1st of January, so when both are there it lends its century only, and only when the
    years agree. [unknown]: whether `date` ever comes alone for a lunar date; it would then enter the INS-C as the
    1st of January, and nothing in the document would tell.
    """
    century = date[4:6] if _JJMMAAAA.fullmatch(date) else ""
    if _AAMMJJ.fullmatch(on_card):
        return century + on_card if date[6:] == on_card[:2] else on_card
    if century and not on_card:
        return date[4:] + date[2:4] + date[:2]
    return _NO_KNOWN_FORM if date or on_card else ""


def _nir(person: etree._Element, name: str) -> str:
    """`2840399999011 26` without its space. A wrong form or key stays, for `kiosk.card.insc` to name."""
    return "".join(_text(person, f"ident/{name}").split())


def _text(person: etree._Element, path: str) -> str:
    steps = "/".join(f"{{*}}{step}" for step in path.split("/"))
    return clean(person.findtext(steps), 100)
