"""Page images in the terminal's own graphics: there when they may be, gone on every way out, silent elsewhere."""

import io
import os
import re
import signal
import subprocess
from collections.abc import Mapping
from pathlib import Path

import pytest
from fpdf import FPDF
from picture_terminal import KITTY, MLTERM, TMUX, XTERM, Drawn, PictureSeat
from PIL import Image, ImageChops, ImageStat
from pseudo_terminal import program

import kiosk.printing
from kiosk.terminal.picture import MOST_BYTES

SIXEL_AND_KITTY = pytest.mark.parametrize("answers", [XTERM, KITTY], ids=["xterm", "kitty"])
PAGES, COVER, UNCOVER, FALL, CARD_OUT, STOP = "\x1bOQ", "\x1bOR", "\x1bOS", "\x1b[15~", "\x1b[17~", "\x1b[18~"
HELP, BACK, ESCAPE, REPAINT = "\x1bOP", "\x1b[21~", "\x1b", "\x0c"
FONT = Path(kiosk.printing.__file__).parent / "fonts" / "DejaVuSans.ttf"
READER_ROWS = range(3, 23)
"""Of the page on 24 rows: below the page's number, above the keys."""


def letter(*texts: str) -> bytes:
    """A page for each text: the text, a red line under it, a grey frame."""
    document = FPDF(format="A4")
    document.add_font("sans", "", FONT)
    document.set_font("sans", size=11)
    for text in texts:
        document.add_page()
        document.multi_cell(0, 6, text)
        document.set_draw_color(200, 0, 0)
        document.set_line_width(2)
        document.line(20, 200, 190, 200)
        document.set_draw_color(128)
        document.rect(10, 220, 190, 60)
    return bytes(document.output())


@pytest.fixture
def document(tmp_path: Path) -> Path:
    file = tmp_path / "letter.pdf"
    lines = "\n".join(f"Compte rendu {n} : sans particularite, revoir dans un an." for n in range(25))
    file.write_bytes(letter(lines, "Deuxieme page"))
    return file


@pytest.fixture
def photograph(tmp_path: Path) -> Path:
    """Nothing compresses it."""
    file = tmp_path / "noise.png"
    noise = [Image.effect_noise((600, 750), 90) for _ in "RGB"]
    Image.merge("RGB", noise).save(file)
    return file


def seated(
    document: Path, answers: Mapping[str, str], setting: str = "auto", **options: object
) -> PictureSeat:
    argv = [*program("pages"), str(document.parent), str(document), setting]
    return PictureSeat(argv, answers, **options)  # type: ignore[arg-type]


def open_pages(seat: PictureSeat) -> None:
    """The first page, in whatever way it comes."""
    seat.shows("Bureau")
    seat.press(PAGES)
    seat.shows("Page 1 · 1 sur 2")
    seat.quiet()


def the_picture(seat: PictureSeat) -> Drawn:
    (drawn,) = seat.pictures
    return drawn


def by_poppler(document: Path, size: tuple[int, int], page: int = 1) -> Image.Image:
    """The page drawn by somebody else, in that many pixels."""
    scale = ["-scale-to-x", str(size[0]), "-scale-to-y", str(size[1])]
    command = ["pdftoppm", "-png", "-f", str(page), "-l", str(page), *scale, os.fspath(document)]
    png = subprocess.run(command, capture_output=True, check=True).stdout
    return Image.open(io.BytesIO(png)).convert("RGB")


def difference(one: Image.Image, other: Image.Image) -> float:
    """Mean over squares of three pixels and over channels, 0 to 255: two programs soften edges in two ways."""
    return sum(ImageStat.Stat(ImageChops.difference(one.reduce(3), other.reduce(3))).mean) / 3


def session_pid(seat: PictureSeat) -> int:
    found = re.search(r"séance (\d+)", seat.text())
    assert found
    return int(found[1])


# --- what is shown ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("answers", [XTERM, MLTERM, KITTY], ids=["xterm", "mlterm", "kitty"])
def test_the_picture_is_the_page_once_inside_its_place(document: Path, answers: dict[str, str]) -> None:
    with seated(document, answers) as seat:
        open_pages(seat)
        drawn = the_picture(seat)
        assert seat.glass.ever == 1
        assert {y for _, y in drawn.cells} <= set(READER_ROWS)
        image = drawn.image
        assert image.width == 10 * len({x for x, _ in drawn.cells})
        assert image.height == 20 * len({y for _, y in drawn.cells})
        height = 360  # 18 rows: A4 is 254.6 pixels wide
        page = by_poppler(document, (255, height))
        assert difference(image.crop((0, 0, 255, height)), page) < 6
        assert difference(image.crop((0, 0, 255, height)), by_poppler(document, (255, height), 2)) > 6
        assert image.crop((256, 0, *image.size)).getextrema() == ((255, 255),) * 3, "white beyond the paper"


@SIXEL_AND_KITTY
def test_nearer_and_moved_it_is_that_part_of_the_page(document: Path, answers: dict[str, str]) -> None:
    with seated(document, answers) as seat:
        open_pages(seat)
        seat.press("+")
        seat.shows("largeur de l'écran × 1")
        seat.quiet()
        for _ in range(5):
            seat.press("\x1b[A")
            seat.quiet()
        image = the_picture(seat).image
        height = round(image.width * 297 / 210)
        top = by_poppler(document, (image.width, height)).crop((0, 0, *image.size))
        assert difference(image, top) < 8
        seat.press("\x1b[B")
        seat.quiet()
        assert difference(the_picture(seat).image, top) > 8


@SIXEL_AND_KITTY
def test_turning_the_page_leaves_one_picture(document: Path, answers: dict[str, str]) -> None:
    with seated(document, answers) as seat:
        open_pages(seat)
        seat.press("\x1b[6~")
        seat.shows("Page 2 · 2 sur 2")
        seat.quiet()
        assert (
            difference(the_picture(seat).image.crop((0, 0, 255, 360)), by_poppler(document, (255, 360), 2))
            < 6
        )


@pytest.mark.parametrize(("answers", "whole", "wide"), [(XTERM, 24_000, 64_000), (KITTY, 4_000, 24_000)])
def test_a_page_of_text_is_light(document: Path, answers: dict[str, str], whole: int, wide: int) -> None:
    with seated(document, answers) as seat:
        open_pages(seat)
        assert len(the_picture(seat).data) < whole
        seat.press("+")
        seat.shows("largeur de l'écran × 1")
        seat.quiet()
        assert len(the_picture(seat).data) < wide


def test_what_is_too_heavy_for_the_line_comes_in_half_blocks(photograph: Path) -> None:
    with seated(photograph, XTERM, cell=(20, 40)) as seat:
        half_blocks(seat)


def test_a_fitting_photograph_is_shown_with_fewer_colours(photograph: Path) -> None:
    with seated(photograph, KITTY) as seat:
        open_pages(seat)
        seat.press("+")
        seat.shows("largeur de l'écran × 1")
        seat.quiet()
        assert len(the_picture(seat).data) <= MOST_BYTES


def test_drawing_everything_again_draws_the_picture_again(document: Path) -> None:
    with seated(document, XTERM) as seat:
        open_pages(seat)
        before = the_picture(seat).cells.copy()
        seat.scribble()
        assert the_picture(seat).cells != before
        seat.press(REPAINT)
        seat.until(lambda _: [drawn.cells for drawn in seat.pictures] == [before], "the whole picture")
        assert "segmentation" not in seat.text()


# --- gone on every way out ----------------------------------------------------------------------------------


@SIXEL_AND_KITTY
@pytest.mark.parametrize(
    ("way", "then"),
    [
        (BACK, "Bureau"),
        (ESCAPE, "Bureau"),
        (HELP, "Entrée : fermer"),
        (COVER, "Écran verrouillé"),
        (FALL, "Bureau"),
        (CARD_OUT, "Bureau"),
    ],
    ids=["F10", "Escape", "dialog", "lock", "crash", "card out"],
)
def test_no_way_out_leaves_it(document: Path, answers: dict[str, str], way: str, then: str) -> None:
    """Gone before the first letter of what comes next: seen at every byte."""
    with seated(document, answers) as seat:
        open_pages(seat)
        assert seat.pictures
        begin = len(seat.received)
        seat.press(way)
        seat.shows(then)
        seat.quiet()
        assert not seat.pictures
        watcher = seat.watcher(bytes(seat.received[:begin]))
        assert watcher.pictures
        for at in range(begin, len(seat.received)):
            watcher.feed(seat.received[at : at + 1])
            assert not (watcher.pictures and then[:4] in watcher.text())


@SIXEL_AND_KITTY
@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGSEGV, signal.SIGTERM], ids=lambda s: s.name)
def test_a_killed_session_s_picture_goes_with_it(
    document: Path, answers: dict[str, str], how: signal.Signals
) -> None:
    with seated(document, answers) as seat:
        open_pages(seat)
        assert seat.pictures
        os.kill(session_pid(seat), how)
        seat.shows("Bureau")
        assert not seat.pictures


def test_the_wipe_itself_leaves_none(document: Path) -> None:
    """On no screen of the terminal's, before the next session has drawn anything."""
    with seated(document, XTERM) as seat:
        open_pages(seat)
        begin = len(seat.received)
        os.kill(session_pid(seat), signal.SIGKILL)
        seat.shows("Bureau")
        wiped = seat.received.index(b"\x1b[?1049l", begin)
        assert seat.watcher(bytes(seat.received[:begin])).pictures
        assert not seat.watcher(bytes(seat.received[:wiped])).pictures


@SIXEL_AND_KITTY
def test_a_dialog_beside_it_takes_it_away_too(document: Path, answers: dict[str, str]) -> None:
    with seated(document, answers, size=(240, 24)) as seat:
        open_pages(seat)
        assert max(x for x, _ in the_picture(seat).cells) < 40
        seat.press(HELP)
        seat.shows("Entrée : fermer")
        assert min(line.index("Aide") for line in seat.text().splitlines() if "| Aide" in line) > 40
        seat.until(lambda _: not seat.pictures, "no picture")


@SIXEL_AND_KITTY
def test_the_end_of_the_kiosk_leaves_none(document: Path, answers: dict[str, str]) -> None:
    with seated(document, answers) as seat:
        open_pages(seat)
        seat.press(STOP)
        assert seat.exit_status() == 0
        assert not seat.pictures
        assert not seat.text().strip()


@SIXEL_AND_KITTY
def test_it_comes_back_when_what_covered_it_goes(document: Path, answers: dict[str, str]) -> None:
    with seated(document, answers) as seat:
        open_pages(seat)
        before, cells, text = the_picture(seat), the_picture(seat).cells.copy(), seat.text()
        for cover, uncover in ((COVER, UNCOVER), (HELP, "\r")):
            seat.press(cover)
            seat.until(lambda _: not seat.pictures, "no picture")
            seat.press(uncover)
            seat.until(lambda _: seat.pictures, "the picture")
            seat.quiet()
            assert (the_picture(seat).data, the_picture(seat).cells) == (before.data, cells)
            assert seat.text() == text


@SIXEL_AND_KITTY
def test_a_resized_screen_has_a_picture_of_its_size(document: Path, answers: dict[str, str]) -> None:
    with seated(document, answers) as seat:
        open_pages(seat)
        before = the_picture(seat)
        seat.resize(60, 16)
        seat.until(lambda _: seat.pictures[-1:] not in ([], [before]), "another picture")
        seat.quiet()
        assert {y for _, y in seat.pictures[-1].cells} <= set(range(3, 15))


@SIXEL_AND_KITTY
def test_what_a_smaller_screen_hid_does_not_come_back_with_a_larger_one(
    document: Path, answers: dict[str, str]
) -> None:
    with seated(document, answers) as seat:
        open_pages(seat)
        seat.resize(60, 16)
        seat.quiet()
        seat.press(BACK)
        seat.shows("Bureau")
        seat.resize(80, 24)
        seat.until(lambda _: not seat.pictures, "no picture")


# --- a slow line --------------------------------------------------------------------------------------------


def half_way(seat: PictureSeat) -> None:
    """Some of a heavy picture has come; the rest waits in a line nobody reads."""
    seat.shows("Bureau")
    seat.press(PAGES)
    seat.until(
        lambda _: len(re.findall(rb"\x1bP|\x1b_Ga=T", seat.received)) == 1, "the beginning of a picture"
    )


@SIXEL_AND_KITTY
def test_killed_half_way_nothing_of_it_stays(photograph: Path, answers: dict[str, str]) -> None:
    with seated(photograph, answers) as seat:
        half_way(seat)
        os.kill(session_pid(seat), signal.SIGKILL)
        seat.shows("Bureau")
        seat.quiet()
        assert seat.glass.cut, "it had all come: this proves nothing"
        assert not seat.pictures
        assert not seat.glass.uploading
        assert seat.text().strip().startswith("séance")


@SIXEL_AND_KITTY
def test_left_half_way_nothing_of_it_stays(photograph: Path, answers: dict[str, str]) -> None:
    with seated(photograph, answers) as seat:
        half_way(seat)
        seat.press(ESCAPE)
        seat.shows("Bureau")
        seat.quiet()
        assert not seat.pictures
        assert not seat.glass.uploading
        assert typed(seat) == "fin"


def test_words_say_that_it_is_coming_until_it_is_there(document: Path) -> None:
    never_arrives = {question: answer for question, answer in XTERM.items() if question != "\x1b[5n"}
    with seated(document, never_arrives) as seat:
        seat.shows("Bureau")
        seat.press(PAGES)
        seat.shows("L'image arrive au terminal…")
        seat.until(lambda _: seat.pictures, "the picture")
        seat.press("\x1b[0n")
        seat.until(lambda seat: "L'image arrive" not in seat.text(), "no words")
        assert seat.pictures


# --- terminals that cannot, and sites that do not want ------------------------------------------------------


def half_blocks(seat: PictureSeat) -> None:
    open_pages(seat)
    seat.shows("▀▀▀")
    assert seat.glass.ever == 0
    assert b"\x1bP" not in seat.received
    assert b"\x1b_Ga=T" not in seat.received


def typed(seat: PictureSeat) -> str:
    """What stands in the field of the desk once « fin » was typed."""
    seat.press("fin")
    seat.shows("fin")
    found = re.search(r"Saisie +\[([^\]]*)\]", seat.text())
    assert found
    return found[1].strip(" _")


def without(answers: Mapping[str, str], *questions: str) -> dict[str, str]:
    return {question: answer for question, answer in answers.items() if question not in questions}


@pytest.mark.parametrize(
    ("answers", "knows_pixels"),
    [
        ({}, True),
        (TMUX, True),
        ({"\x1b[c": "\x1b[?6c"}, True),
        ({"\x1b[c": "\x1b[?64;1;2;6;9;15;22c", "\x1b[>c": "\x1b[>41;379;0c"}, True),
        (XTERM, False),
        (without(XTERM, "\x1b[>c"), True),
        (MLTERM | {"\x1b[16t": "\x1b[6;0;0t"}, True),
        (MLTERM | {"\x1b[16t": "\x1b[6;99999;99999t"}, True),
        (XTERM | {"\x1b[?1;1;0S": "\x1b[?1;0;4S"}, True),
        (XTERM | {"\x1b[?2;1;0S": "\x1b[?2;0;3;3S"}, True),
        (KITTY | {next(q for q in KITTY if "a=q" in q): "\x1b_Gi=31;ENOTSUPPORTED\x1b\\"}, True),
        (XTERM | {"\x1b[c": "\x1b[?\x1b[c4;;c"}, True),
        (XTERM | {"\x1b[c": "\x1b]4;c\x1b\\" + "4" * 3000}, True),
        (dict.fromkeys(XTERM, "\x1b_Gi=31;OK\x1b\\\x1b[6;20;10t"), True),
    ],
    ids=[
        "silent", "tmux", "console", "xterm without", "no size", "no model", "empty cells", "huge cells",
        "four colours", "three pixels", "kitty refuses", "garbage", "long garbage", "wrong answers",
    ],
)  # fmt: skip
def test_half_blocks_where_the_answers_do_not_say_otherwise(
    document: Path, answers: dict[str, str], knows_pixels: bool
) -> None:
    with seated(document, answers, knows_pixels=knows_pixels) as seat:
        half_blocks(seat)
        seat.press(BACK)
        seat.shows("Bureau")
        seat.quiet()
        assert typed(seat).removeprefix("4" * 49)[-3:] == "fin"


@pytest.mark.parametrize("answers", [XTERM, KITTY], ids=["xterm", "kitty"])
def test_a_late_answer_is_not_typed(document: Path, answers: dict[str, str]) -> None:
    with seated(document, answers, late=True) as seat:
        half_blocks(seat)
        seat.press(BACK)
        seat.shows("Bureau")
        seat.speak()
        seat.quiet()
        assert typed(seat) == "fin"
        assert seat.glass.ever == 0


def test_nor_is_one_that_a_slow_line_brings_in_two(document: Path) -> None:
    with seated(document, KITTY, late=True) as seat:
        half_blocks(seat)
        seat.press(BACK)
        seat.shows("Bureau")
        for piece in ("\x1b[", "6;20;10t", "\x1b[?6", "2;c", "\x1b_Gi=3", "1;OK\x1b\\"):
            seat.press(piece)
            seat.quiet()
        assert typed(seat) == "fin"


def test_a_terminal_that_did_not_answer_is_not_asked_again(document: Path) -> None:
    with seated(document, {}) as seat:
        half_blocks(seat)
        assert seat.glass.questions == ["\x1b[16t", "\x1b[14t", "\x1b[c"]
        seat.press(BACK)
        seat.shows("Bureau")
        half_blocks(seat)
        assert len(seat.glass.questions) == 3


def test_a_simple_terminal_is_asked_nothing_it_might_print(document: Path) -> None:
    with seated(document, {"\x1b[c": "\x1b[?1;2c"}) as seat:
        half_blocks(seat)
        assert b"\x1b_" not in seat.received
        assert b"\x1b[>" not in seat.received


@SIXEL_AND_KITTY
def test_nothing_is_asked_before_a_page_is(document: Path, answers: dict[str, str]) -> None:
    with seated(document, answers) as seat:
        seat.shows("Bureau")
        seat.quiet()
        assert not seat.glass.questions


@SIXEL_AND_KITTY
def test_a_site_that_wants_half_blocks_has_them_without_a_question(
    document: Path, answers: dict[str, str]
) -> None:
    with seated(document, answers, "demi-blocs") as seat:
        half_blocks(seat)
        assert not seat.glass.questions


def test_sixteen_colours_of_text_do_not_forbid_a_picture(document: Path) -> None:
    with seated(document, KITTY, term="xterm-16color") as seat:
        open_pages(seat)
        assert the_picture(seat).kind == "kitty"
