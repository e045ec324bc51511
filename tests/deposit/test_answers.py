"""Anything the process that opens files may say is taken for what it is, or refused: it may not be ours any more."""

import json
from contextlib import suppress

import deposit_files as files
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from kiosk.deposit import wire
from kiosk.deposit.child import answered
from kiosk.deposit.examination import examine
from kiosk.deposit.files import MAX_PAGES, Conversion, Examined, Obstacle
from kiosk.dmp.deposit import BodyFormat
from kiosk.errors import DepositError, FileFault, FileNotOpened, FileUnfit, OpeningFault

ASKED = [
    files.pdfa(),
    files.plain_pdf(),
    files.picture("JPEG"),
    files.picture("TIFF"),
    files.RTF,
    files.TEXT,
    b"<ClinicalDocument/>",
]
WORDS = [
    "examined",
    "made",
    "unfit",
    "trouble",
    *(one.value for one in FileFault),
    *(one.value for one in OpeningFault),
    *(one.name for one in Obstacle),
    *(one.value for one in Obstacle),
]
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8) | st.sampled_from(WORDS),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=3), inner, max_size=2),
    max_leaves=8,
)
FAULTS = st.sampled_from([one.value for one in FileFault])
NAMES = st.lists(st.sampled_from(list(Obstacle.__members__)), max_size=3)
LIKELY = st.one_of(
    st.tuples(st.just("examined"), st.integers(-1, 600), NAMES),
    st.tuples(st.just("made")),
    st.tuples(st.just("unfit"), FAULTS, st.lists(st.integers(-1, 10**10), max_size=3)),
    st.tuples(st.just("trouble"), st.sampled_from([one.value for one in OpeningFault])),
)
CONTENT = st.sampled_from([b"", b"texte", b"%PDF-1.4", b"\xff\xfe", b"a\0b", "Été".encode()]) | st.binary(
    max_size=9
)


@st.composite
def answers(draw: st.DrawFn) -> bytes:
    """Near a true one."""
    values, content = draw(st.lists(JSON, max_size=5) | LIKELY.map(list)), draw(CONTENT)
    size = len(content) + draw(st.sampled_from([0, 0, 0, 0, 1, -1]))
    return json.dumps([size, *values]).encode() + draw(st.sampled_from([b"\n", b"\n", b"\n", b""])) + content


def taken(answer: bytes, asked: bytes) -> Examined | bytes | None:
    """What the session would make of it; None when it refuses."""
    with suppress(FileUnfit, FileNotOpened, wire.UnreadableAnswer):
        return wire.examined(*answered(answer, "examined"), asked)
    with suppress(FileUnfit, FileNotOpened, wire.UnreadableAnswer):
        return wire.made(*answered(answer, "made"))
    return None


@given(answers() | st.binary(max_size=60), st.sampled_from(ASKED))
@example(b"[" * 4_000 + b"\n", ASKED[0])
@example(b"[0," * 1_300 + b"\n", ASKED[0])
@example(b"[NaN]\n", ASKED[0])
@example(b"9" * 4_000 + b"\n", ASKED[0])
@example(b'[0,"unfit","too large",[true,1]]\n', ASKED[0])
@example(b'[0,"unfit","too large",[]]\n', ASKED[0])
@example(b'[0,"unfit",["too large"],[1,1]]\n', ASKED[0])
@example(b'[0,"unfit",{},{}]\n', ASKED[0])
@example(b'[true,"examined",1,[]]\nx', ASKED[5])
@example(b'[0,"examined",true,[]]\n', ASKED[0])
@example(b'[0,"examined",1,["FONTS",["FONTS"]]]\n', ASKED[0])
def test_an_answer_is_something_the_session_knows_or_none(answer: bytes, asked: bytes) -> None:
    found = taken(answer, asked)
    if isinstance(found, Examined):
        assert found.format is examine(asked).format, "told by the session, not by the answer"
        assert 1 <= found.pages <= MAX_PAGES
        assert set(found.obstacle.split(". ")) <= {
            "",
            *(str(one).removesuffix(".") for one in Obstacle),
            *map(str, Obstacle),
        }
        assert not found.obstacles or found.conversion is Conversion.PAGES
        if found.content is not asked:
            assert found.format is BodyFormat.TEXT
            assert not set(found.content.decode()) & set(map(chr, range(9)))
    elif found is not None:
        assert found.startswith(b"%PDF-") or b"%PDF-" in found[:1024]


@given(answers() | st.binary(max_size=60))
def test_what_goes_wrong_is_told_in_the_words_of_the_session(answer: bytes) -> None:
    told: DepositError | None = None
    try:
        answered(answer, "examined")
    except (FileUnfit, FileNotOpened) as error:
        told = error
    if isinstance(told, FileNotOpened):
        assert told.cause == FileNotOpened(told.fault).cause
    elif isinstance(told, FileUnfit):
        assert told.fault is not None
        assert told.cause == FileUnfit(told.fault, *told.numbers).cause
        assert all(0 <= number < 10**9 for number in told.numbers)


@given(st.sampled_from(ASKED), st.integers(0, 10**6))
def test_an_answer_cut_anywhere_is_none(asked: bytes, place: int) -> None:
    whole = b"".join(wire.found(examine(asked), b""))
    with pytest.raises(FileNotOpened):
        answered(whole[: place % len(whole)], "examined")


@pytest.mark.parametrize("content", ASKED)
def test_what_is_sent_is_what_arrives(content: bytes) -> None:
    examined = examine(content)
    arrived = wire.examined(*answered(b"".join(wire.found(examined, content)), "examined"), content)
    assert arrived == examined
    if examined.conversion is not None:
        question = b"".join(wire.to_convert(examined, "Titre « é »"))
        assert wire.asked_to_convert(*wire.opened(question)) == (examined, "Titre « é »")


@pytest.mark.parametrize("fault", FileFault)
def test_every_fault_arrives_with_its_numbers(fault: FileFault) -> None:
    sent = FileUnfit(fault, 700, 500)
    with pytest.raises(FileUnfit) as arrived:
        answered(b"".join(wire.unfitted(sent)), "examined")
    assert vars(arrived.value) == vars(sent)
    assert "{" not in sent.cause + sent.todo
