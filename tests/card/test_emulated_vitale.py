"""The emulated Vitale 2, read the way the public readers do; and the cards a kiosk has to turn away."""

import pytest
from raw_card import Transmits, send, status

from kiosk.training.cards.shelf import make_card, offers
from kiosk.training.cards.vitale import vitale_card
from kiosk.training.people import VITALES, Insured, Vitale
from kiosk.training.pki import TrainingPki

MF = "00A40000023F00"
VITALE = "00A404000B D250000002564954414C45"
PROBES = [
    "00A40904043F00D003",
    "01A4040C08 8025000001FF0100",
    "01A4040C07 A0000001510000",
    "00A4040C08 8025000001FF0002",
    "01A4080002D003",
]


def read_sfi(card: Transmits, sfi: int) -> bytes:
    """A file by its short identifier, then by offset until the card says there is no more."""
    content, end = send(card, f"00B0{0x80 | sfi:02X}0000")
    while end == "9000":
        piece, end = send(card, f"00B0{len(content):04X}00")
        content += piece
    assert end == "6B00"
    return content


def templates(content: bytes, tag: int) -> list[dict[int, bytes]]:
    """Templates of short objects, tags of one byte."""
    found = []
    while content:
        assert content[0] == tag
        inside, content = content[2 : 2 + content[1]], content[2 + content[1] :]
        fields = {}
        while inside:
            fields[inside[0]] = inside[2 : 2 + inside[1]]
            inside = inside[2 + inside[1] :]
        found.append(fields)
    return found


def rights(card_id: str, pki: TrainingPki) -> list[dict[int, bytes]]:
    card = make_card(card_id, pki)
    assert status(card, VITALE) == "9000"
    return templates(read_sfi(card, 2), 0x65)


def people(card_id: str, pki: TrainingPki) -> list[dict[int, bytes]]:
    card = make_card(card_id, pki)
    assert status(card, MF) == "9000"
    return templates(read_sfi(card, 2), 0x65)


def nir_is_sound(nir: bytes) -> bool:
    """A number plus its key is a multiple of 97, once 2A and 2B are 19 and 18."""
    digits = nir.decode().replace("2A", "19").replace("2B", "18")
    return (int(digits[:13]) + int(digits[13:])) % 97 == 0


def test_atr(pki: TrainingPki) -> None:
    assert make_card("vitale-seule", pki).atr.hex().upper() == "3B7513000045" + "09EA9000"


def test_wrong_length_is_told_and_select_answers_in_two_steps(pki: TrainingPki) -> None:
    card = make_card("vitale-seule", pki)
    assert card.transmit(bytes.fromhex(MF))[0] == 0x61
    assert card.transmit(bytes.fromhex("00B0820000"))[-2] == 0x6C
    assert card.transmit(bytes.fromhex("00B08200FF"))[-2] == 0x6C
    exact = card.transmit(bytes.fromhex("00B0820000"))[-1]
    assert len(card.transmit(bytes.fromhex(f"00B08200{exact:02X}"))) == exact + 2


def test_card_file_names_serial_and_nature(pki: TrainingPki) -> None:
    for card_id, serial, nature in (
        ("vitale-famille", b"1000000000000000001", b"T"),
        ("vitale-reelle", b"1000000000000000007", b"R"),
    ):
        card = make_card(card_id, pki)
        send(card, MF)
        assert templates(read_sfi(card, 1), 0xE1) == [{0x5A: serial, 0xC0: nature}]


def test_family_in_card_order_insured_first(pki: TrainingPki) -> None:
    found = people("vitale-famille", pki)
    assert [person[0x81] for person in found] == [b"ELODIE", b"JEAN PIERRE", b"CHLOE", b"HUGO"]
    assert [person[0xC1] for person in found] == [b"0", b"1", b"1", b"1"]
    assert found[0] == {
        0x80: b"BERNARD",
        0x81: b"ELODIE",
        0x82: b"19840312",
        0x83: "LACÔTE".encode("latin-1"),
        0xC1: b"0",
    }


def test_text_is_latin_1_and_oe_is_written_out(pki: TrainingPki) -> None:
    (person,) = people("vitale-seule", pki)
    assert person[0x80] == b"OEUVRARD"
    assert person[0x83] == b"D'\xc9TR\xc9VILLE"


def test_lunar_date_and_corsican_number_stay_as_they_are(pki: TrainingPki) -> None:
    assert people("vitale-corse", pki)[0][0x82] == b"19620000"
    nir = rights("vitale-corse", pki)[0][0x93]
    assert nir[:13] == b"262002A999041"
    assert nir_is_sound(nir)


@pytest.mark.parametrize("department", ["2A", "2B"])
def test_both_halves_of_corsica_have_a_sound_key(department: str) -> None:
    person = Insured("SANTONI", "", "MARIA", "19620505", f"26205{department}999041", insured=True)
    card = vitale_card(Vitale("vitale-corse", "", "1", (person,)))
    assert status(card, VITALE) == "9000"
    assert nir_is_sound(templates(read_sfi(card, 2), 0x65)[0][0x93])


def test_child_without_number_has_none(pki: TrainingPki) -> None:
    assert [0x93 in person for person in rights("vitale-famille", pki)] == [True, True, True, False]


@pytest.mark.parametrize("vitale", VITALES, ids=lambda vitale: vitale.card_id)
def test_keys_are_right_but_for_the_card_that_is_written_badly(vitale: Vitale, pki: TrainingPki) -> None:
    found = rights(vitale.card_id, pki)
    for person, own in zip(vitale.people, found, strict=True):
        assert own[0x90] == b"F"
        if person.nir13:
            assert own[0x93][:13].decode() == person.nir13
            assert len(own[0x93]) == 15
        if person.nir13 and "X" not in person.nir13:
            assert nir_is_sound(own[0x93]) is not person.wrong_key


@pytest.mark.parametrize("count", [1, 5, 9, 19])
def test_long_file_goes_on_past_the_first_block(count: int) -> None:
    names = [f"PRENOM{number:02}" for number in range(count)]
    family = tuple(Insured("NOMBREUSE", "", name, "20000101", "") for name in names)
    card = vitale_card(Vitale("vitale-longue", "", "1", family))
    send(card, MF)
    assert [person[0x81].decode() for person in templates(read_sfi(card, 2), 0x65)] == names


@pytest.mark.parametrize("probe", PROBES)
@pytest.mark.parametrize("card_id", ["carte-inconnue", "vitale-famille"])
def test_probes_of_the_middleware_find_nothing(card_id: str, probe: str, pki: TrainingPki) -> None:
    assert make_card(card_id, pki).transmit(bytes.fromhex(probe)).hex().upper() == "6A82"


def test_contactless_face_has_no_name_no_pin_no_signature(pki: TrainingPki) -> None:
    card = make_card("carte-sans-contact", pki)
    assert card.atr.hex().upper() == "3B8F80010031B86404B0ECC1739401808290000E"
    assert status(card, "00A4040C0DE828BD080F8025000001FF0020") == "9000"
    assert status(card, "00A4040C0DE828BD080F8025000001FF0010") == "6A82"
    assert status(card, "00200001") == "6D00"
    assert status(card, "002241A406800102840102") == "6D00"


def test_mute_card_gives_nothing(pki: TrainingPki) -> None:
    card = make_card("carte-muette", pki)
    card.power_on()
    assert (card.atr, card.transmit(bytes.fromhex(MF))) == (b"", b"")


def test_every_card_on_offer_can_be_made_and_no_other(pki: TrainingPki) -> None:
    for offer in offers():
        assert make_card(offer.card_id, pki)
    with pytest.raises(ValueError, match="carte inconnue"):
        make_card("cps-de-personne", pki)
