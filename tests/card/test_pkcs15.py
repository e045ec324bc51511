"""PKCS#15 directories, written here by hand from ISO 7816-15, read by the kiosk; then mutated."""

import contextlib
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kiosk.card.pkcs15 import (
    DataObject,
    FilePath,
    KeyObject,
    PinObject,
    certificates,
    data_objects,
    keys,
    object_directory,
    pins,
    token_info,
)
from kiosk.errors import CardAnswerInvalid


def der(tag: int, *parts: bytes) -> bytes:
    value = b"".join(parts)
    size = len(value)
    head = (
        bytes([size])
        if size < 0x80
        else bytes([0x81, size])
        if size < 0x100
        else b"\x82" + size.to_bytes(2, "big")
    )
    return bytes([tag]) + head + value


def sequence(*parts: bytes) -> bytes:
    return der(0x30, *parts)


def number(value: int) -> bytes:
    return der(0x02, value.to_bytes(value.bit_length() // 8 + 1, "big"))


def label(text: str) -> bytes:
    return der(0x0C, text.encode())


def path(hexa: str, *rest: bytes) -> bytes:
    return sequence(der(0x04, bytes.fromhex(hexa)), *rest)


ODF = (
    der(0xA0, path("7002"))
    + der(0xA1, path("7003"))
    + der(0xA4, path("3F0000017004"))
    + der(0xA7, path("7006"))
    + der(0xA8, path("7001"))
    + bytes(20)
)

TOKEN = sequence(number(0), der(0x04, bytes.fromhex("8025000001")), label("ASIP"), der(0x80, b"CPS3v3-0000000021"),
                 der(0x03, b"\x04\x30"))  # fmt: skip


def pin_entry(flags: str, *attributes: bytes) -> bytes:
    return sequence(
        sequence(label("Code porteur"), der(0x03, bytes.fromhex("0780"))),
        sequence(der(0x04, b"\x01")),
        der(0xA1, sequence(der(0x03, bytes.fromhex(flags)), der(0x0A, b"\x01"), *attributes)),
    )


AODF = (
    pin_entry("022C", number(4), number(8), number(8), der(0x80, b"\x01"), der(0x04, b"\xff"), path("3F00"))
    + pin_entry("012E", number(8), number(8), der(0x80, b"\x02"))  # unblockingPin: not the holder's
)

PRKDF = sequence(
    sequence(label("CPS_PRIV_AUT"), der(0x03, bytes.fromhex("0780")), der(0x04, b"\x01")),
    sequence(
        der(0x04, b"id-aut"), der(0x03, bytes.fromhex("0520")), der(0x03, bytes.fromhex("03B8")), number(0x82)
    ),
    der(0xA0, sequence()),
    der(0xA1, sequence(path("3F000001"), number(2048))),
) + sequence(
    sequence(label("CPS_PRIV_SIG")),
    sequence(der(0x04, b"id-sig"), der(0x03, bytes.fromhex("060040")), number(1)),
    der(0xA1, sequence(path("3F000001"), number(2048))),
)

CDF = sequence(
    sequence(label("Certificat d'Authentification CPS")),
    sequence(der(0x04, b"id-aut")),
    der(0xA1, sequence(path("7010"))),
) + sequence(
    sequence(label("Certificat de Signature CPS"), der(0x03, bytes.fromhex("0640"))),
    sequence(der(0x04, b"id-sig"), der(0x01, b"\xff")),
    der(0xA1, sequence(path("3F0000017011", number(16), der(0x80, b"\x04\x00")))),
)

DODF = sequence(
    sequence(label("CPS_INFO_PS")), sequence(label("CPS")), der(0xA1, path("D100"))
) + sequence(
    sequence(label("CPS_ACTIVITY_09_PS"), der(0x03, bytes.fromhex("0780")), der(0x04, b"\x01")),
    sequence(label("CPS")),
    der(0xA1, path("D128")),
)  # fmt: skip


def test_object_directory() -> None:
    odf = object_directory(ODF)
    assert odf.private_keys == (FilePath(b"\x70\x02"),)
    assert odf.certificates == (FilePath(bytes.fromhex("3F0000017004")),)
    assert odf.data_objects == (FilePath(b"\x70\x06"),)
    assert odf.authentication == (FilePath(b"\x70\x01"),)


def test_relative_and_absolute_paths() -> None:
    directory = bytes.fromhex("3F000001")
    assert FilePath(b"\x70\x04").within(directory) == FilePath(bytes.fromhex("3F0000017004")).within(
        directory
    )


def test_token_info() -> None:
    info = token_info(TOKEN)
    assert (info.label, info.serial) == ("CPS3v3-0000000021", bytes.fromhex("8025000001"))
    assert "8025" not in repr(info)


def test_the_holder_s_pin_only() -> None:
    assert pins(AODF) == (PinObject(reference=1, min_length=4, max_length=8, stored_length=8, pad=0xFF),)


def test_pin_without_padding_and_with_a_high_number() -> None:
    entry = pin_entry("0208", number(4), number(4), der(0x80, b"\x81"))
    assert pins(entry) == (PinObject(reference=0x81, min_length=4, max_length=4, stored_length=0, pad=0xFF),)


def test_keys() -> None:
    assert keys(PRKDF) == (KeyObject(b"id-aut", 0x82, 2048), KeyObject(b"id-sig", 1, 2048))


def test_certificates() -> None:
    authentication, signature = certificates(CDF)
    assert authentication.label == "Certificat d'Authentification CPS"
    assert authentication.object_id == b"id-aut"
    assert authentication.file == FilePath(b"\x70\x10")
    assert signature.file == FilePath(bytes.fromhex("3F0000017011"), 16, 1024)


def test_data_objects() -> None:
    assert data_objects(DODF + b"\xff" * 9) == (
        DataObject("CPS_INFO_PS", False, FilePath(b"\xd1\x00")),
        DataObject("CPS_ACTIVITY_09_PS", True, FilePath(b"\xd1\x28")),
    )


READERS: list[tuple[Callable[[bytes], object], bytes]] = [
    (object_directory, ODF),
    (token_info, TOKEN),
    (pins, AODF),
    (keys, PRKDF),
    (certificates, CDF),
    (data_objects, DODF),
]


@given(
    st.sampled_from(READERS), st.lists(st.tuples(st.integers(0), st.integers(0, 255)), min_size=1, max_size=6)
)
def test_mutated(reader: tuple[Callable[[bytes], object], bytes], changes: list[tuple[int, int]]) -> None:
    read, original = reader
    content = bytearray(original)
    for position, value in changes:
        content[position % len(content)] = value
    with contextlib.suppress(CardAnswerInvalid):
        read(bytes(content))


@given(st.sampled_from(READERS), st.integers(0))
def test_cut(reader: tuple[Callable[[bytes], object], bytes], length: int) -> None:
    read, original = reader
    with contextlib.suppress(CardAnswerInvalid):
        read(original[: length % len(original)])


@given(st.sampled_from(READERS), st.binary(max_size=200))
def test_any_bytes(reader: tuple[Callable[[bytes], object], bytes], content: bytes) -> None:
    with contextlib.suppress(CardAnswerInvalid):
        reader[0](content)


@pytest.mark.parametrize("wrong", [path("70"), path(""), path("00" * 18), sequence()])
def test_path_that_leads_nowhere(wrong: bytes) -> None:
    with pytest.raises(CardAnswerInvalid):
        object_directory(der(0xA0, wrong))
