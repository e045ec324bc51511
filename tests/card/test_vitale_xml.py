"""The XML of the « API de lecture Vitale », from hand-written documents; nothing but `CardAnswerInvalid` comes out."""

import contextlib

import pytest
from card_bench import Bench
from hypothesis import given, settings
from hypothesis import strategies as st
from vitale_documents import HEAD, certified, document, person

from kiosk.card.model import Beneficiary
from kiosk.card.vitale import read_vitale
from kiosk.card.vitale_xml import MAX_BYTES, beneficiaries
from kiosk.errors import CardAnswerInvalid
from kiosk.training.people import VITALES

MOTHER, CHILD = "2840399999011", "2080299999013"


def only(content: str) -> Beneficiary:
    (read,) = beneficiaries(document(content))
    return read


def test_everything_that_is_used() -> None:
    read = only(
        person("ÉLODIE", birth="LACÔTE", date="12031984", own_nir=certified(MOTHER), quality="0"),
    )
    assert read == Beneficiary(
        rank=1,
        usual_name="BERNARD",
        birth_name="LACÔTE",
        given_name="ÉLODIE",
        birth_date="19840312",
        nir="284039999901138",
        insured=True,
    )


def as_the_api_writes(read: Beneficiary) -> str:
    """The same person; the API's `date` of a lunar birth is the 1st of January."""
    day, month, year = read.birth_date[6:], read.birth_date[4:6], read.birth_date[:4]
    lunar = bool(day) and not ("01" <= month <= "12" and "01" <= day <= "31")
    return person(
        read.given_name,
        usual=read.usual_name,
        birth=read.birth_name or read.usual_name,
        date=f"0101{year}" if lunar else day + month + year,
        on_card=read.birth_date[2:],
        own_nir=f"{read.nir[:13]} {read.nir[13:]}".strip(),
        quality="0" if read.insured else "6",
    )


@pytest.mark.parametrize("card_id", [vitale.card_id for vitale in VITALES])
def test_both_ways_of_reading_give_the_same_people(card_id: str, bench: Bench) -> None:
    direct = read_vitale(bench.link(card_id)).beneficiaries
    assert beneficiaries(document(*map(as_the_api_writes, direct))) == direct


@pytest.mark.parametrize(
    ("usual", "birth", "expected"),
    [
        ("BERNARD", "LACÔTE", ("BERNARD", "LACÔTE")),
        ("BERNARD", "BERNARD", ("BERNARD", "")),
        ("BERNARD", "", ("BERNARD", "")),
        ("", "LACÔTE", ("LACÔTE", "")),
        ("O'BRIEN-D'ÉTRÉVILLE", "DE LA TOUR", ("O'BRIEN-D'ÉTRÉVILLE", "DE LA TOUR")),
        ("", "", ("", "")),
    ],
)
def test_usual_and_birth_name(usual: str, birth: str, expected: tuple[str, str]) -> None:
    read = only(person(usual=usual, birth=birth))
    assert (read.usual_name, read.birth_name) == expected


@pytest.mark.parametrize(
    ("date", "on_card", "expected"),
    [
        ("12031984", "", "19840312"),
        ("12031984", "840312", "19840312"),
        ("", "840312", "840312"),  # no century on the card: the kiosk does not guess it
        ("01011962", "620000", "19620000"),  # lunar: the card's own day and month, the century of `date`
        ("01011955", "551350", "19551350"),
        ("12032025", "250312", "20250312"),
        ("12031984", "250312", "250312"),  # two years: the card's own, without a century
        ("00001962", "", "19620000"),
        ("", "", ""),
        ("1984-03-12", "", "?"),
        ("120384", "", "?"),
        ("", "12031984", "?"),
        ("12031984", "12/03/84", "?"),
        ("12O31984", "", "?"),
    ],
)
def test_birth_date(date: str, on_card: str, expected: str) -> None:
    assert only(person(date=date, on_card=on_card)).birth_date == expected


@pytest.mark.parametrize(
    ("own", "quality", "expected"),
    [
        (certified(CHILD), "0", CHILD),
        (certified(CHILD), "6", CHILD),
        (certified(CHILD), "", CHILD),
        ("", "0", MOTHER),
        ("", "00", MOTHER),
        ("", "6", ""),  # a child never gets the insured's number
        ("", "", ""),  # nor does somebody whose quality is not told
        ("", "assuré", ""),
        ("  ", "1", ""),
    ],
)
def test_whose_number(own: str, quality: str, expected: str) -> None:
    read = only(person(own_nir=own, insured_nir=certified(MOTHER), quality=quality))
    assert read.nir[:13] == expected
    assert MOTHER not in repr(read)
    assert CHILD not in repr(read)


def test_two_insured_people_get_no_number_that_is_not_certified() -> None:
    people = beneficiaries(
        document(
            person("ANNE", insured_nir=certified(MOTHER), quality="0"),
            person("LUC", insured_nir=certified(MOTHER), own_nir=certified(CHILD), quality="0"),
        )
    )
    assert [one.nir[:13] for one in people] == ["", CHILD]
    assert not any(one.insured for one in people)


def test_order_is_the_card_s() -> None:
    people = beneficiaries(document(person("B", quality="1"), person("A", quality="0"), person("C")))
    assert [(one.rank, one.given_name, one.insured) for one in people] == [
        (1, "B", False),
        (2, "A", True),
        (3, "C", False),
    ]


@pytest.mark.parametrize(
    "content",
    [
        "<T_AsnBeneficiaire/>",
        "<T_AsnBeneficiaire><ident/></T_AsnBeneficiaire>",
        "<T_AsnBeneficiaire><ident><naissance/></ident><amo/></T_AsnBeneficiaire>",
        "<T_AsnBeneficiaire><cmu/><amc/><inconnu><ident/></inconnu></T_AsnBeneficiaire>",
    ],
)
def test_missing_parts_are_empty(content: str) -> None:
    assert only(content) == Beneficiary(1, "", "", "", "", "", False)


def test_namespace_and_root_do_not_matter() -> None:
    inside = document(person(), head="").decode("latin-1")
    named = inside.replace("<T_AsnDonneesVitale>", '<v:x xmlns:v="urn:x" xmlns="urn:y">').replace(
        "</T_AsnDonneesVitale>", "</v:x>"
    )
    bare = inside.removeprefix("<T_AsnDonneesVitale>").removesuffix("</T_AsnDonneesVitale>")
    assert beneficiaries(named.encode()) == beneficiaries(bare.encode()) == beneficiaries(inside.encode())


@pytest.mark.parametrize("head", ["", '<?xml version="1.0"?>', HEAD, HEAD + "\n"])
def test_latin_1_even_when_it_is_not_said(head: str) -> None:
    assert beneficiaries(document(person("ZOÉ"), head=head))[0].given_name == "ZOÉ"


def test_another_encoding_that_is_said() -> None:
    told = HEAD.replace("ISO-8859-1", "UTF-8")
    content = document(person("ZOÉ"), head=told).decode("latin-1").encode()
    assert beneficiaries(content)[0].given_name == "ZOÉ"


def test_c_string_with_its_end() -> None:
    assert beneficiaries(document(person()) + b"\0\0") == beneficiaries(document(person()))


def test_controls_in_a_name_are_shown() -> None:
    assert "\x9b" not in only(person("\x9b31mROUGE")).given_name
    assert only(person("\x9b31mROUGE")).given_name == "\N{REPLACEMENT CHARACTER}31mROUGE"


@pytest.mark.parametrize(
    "wrong",
    [
        b"",
        b"\0",
        b"<listeBenef>",
        b"<listeBenef/>",
        b"<T_AsnBeneficiaire/>",
        HEAD.encode(),
        document(person()).replace(b"ISO-8859-1", b"EBCDIC-RIEN"),
        document(),
        b"<!DOCTYPE x>" + document(person(), head=""),
        b'<!DOCTYPE x [<!ENTITY a "b">]>' + document(person("PLACE"), head="").replace(b"PLACE", b"&a;"),
        b'<!DOCTYPE x SYSTEM "file:///etc/passwd">' + document(person(), head=""),
        document(person("PLACE")).replace(b"PLACE", b"&inconnue;"),
        document(person("\x1b[31m")),
        document(person("A" * MAX_BYTES)),
        b"<a>" * 5000 + document(person(), head="") + b"</a>" * 5000,
    ],
    ids=range(15),
)
def test_refused(wrong: bytes) -> None:
    with pytest.raises(CardAnswerInvalid) as caught:
        beneficiaries(wrong)
    assert "PLACE" not in caught.value.detail


SAMPLE = document(
    person("ÉLODIE", birth="LACÔTE", date="12031984", own_nir=certified(MOTHER), quality="0"),
    person("CHLOE", on_card="080229", insured_nir=certified(MOTHER), quality="6"),
)
NAMES = ["listeBenef", "T_AsnBeneficiaire", "ident", "amo", "naissance", "date", "dateEnCarte", "qualBenef", "nir",
         "nirCertifie", "nomUsuel", "prenomUsuel", "autre"]  # fmt: skip


@settings(max_examples=400)
@given(st.binary(max_size=400))
def test_any_bytes(data: bytes) -> None:
    with contextlib.suppress(CardAnswerInvalid):
        beneficiaries(data)


@settings(max_examples=600)
@given(st.data())
def test_mutated(data: st.DataObject) -> None:
    mutated = bytearray(SAMPLE)
    for _ in range(data.draw(st.integers(1, 6))):
        at = data.draw(st.integers(0, len(mutated)))
        mutated[at : at + data.draw(st.integers(0, 9))] = data.draw(st.binary(max_size=9))
    with contextlib.suppress(CardAnswerInvalid):
        for one in beneficiaries(bytes(mutated)):
            assert one.birth_date in ("", "?") or (one.birth_date.isdigit() and len(one.birth_date) in (6, 8))
            assert not set(one.usual_name + one.given_name) & set(map(chr, range(32)))


TREES = st.recursive(
    st.sampled_from(["", "0", "6", "12031984", "840312", "2840399999011 38", "ZOÉ", " ", "\x85"]),
    lambda inner: st.lists(st.tuples(st.sampled_from(NAMES), inner), max_size=4).map(
        lambda parts: "".join(f"<{name}>{content}</{name}>" for name, content in parts)
    ),
    max_leaves=15,
)


@settings(max_examples=300)
@given(st.lists(TREES, min_size=1, max_size=4))
def test_any_tree_of_known_names(people: list[str]) -> None:
    read = beneficiaries(document(*(f"<T_AsnBeneficiaire>{tree}</T_AsnBeneficiaire>" for tree in people)))
    assert [one.rank for one in read] == list(range(1, len(people) + 1))
    assert sum(one.insured for one in read) <= 1
