"""The part of a page that is on the screen: never more than its room, never beside the page."""

from hypothesis import given
from hypothesis import strategies as st

from kiosk.rendering.page import PagePicture
from kiosk.rendering.pane import Pane

CELL = (3, 5)


def numbered(width: int, height: int) -> PagePicture:
    """Each pixel says where it is."""
    rgb = b"".join(bytes((x, y, 7)) for y in range(height) for x in range(width))
    return PagePicture(width, height, rgb, 0, 1)


@given(
    st.integers(1, 12),
    st.integers(1, 8),
    st.integers(0, 90),
    st.integers(0, 90),
    st.lists(st.tuples(st.integers(-1, 1), st.integers(-1, 1)), max_size=6),
)
def test_what_is_seen_is_a_part_of_the_page_on_whole_cells(
    columns: int, rows: int, width: int, height: int, moves: list[tuple[int, int]]
) -> None:
    pane = Pane((columns * CELL[0], rows * CELL[1]), CELL)
    pane.show(numbered(width, height))
    for right, down in moves:
        pane.move(right, down)
    seen, cells = pane.seen()
    assert cells[0] <= columns
    assert cells[1] <= rows
    assert (seen.width, seen.height) == (cells[0] * CELL[0], cells[1] * CELL[1])
    assert len(seen.rgb) == 3 * seen.width * seen.height
    if not all(cells):
        return
    left, top, _ = seen.rgb[:3]
    for place in range(seen.width * seen.height):
        x, y = left + place % seen.width, top + place // seen.width
        expected = (x, y, 7) if x < width and y < height else (255, 255, 255)
        assert tuple(seen.rgb[3 * place : 3 * place + 3]) == expected


def test_moving_goes_to_the_end_of_the_page_and_back() -> None:
    pane = Pane((30, 20), CELL)
    pane.show(numbered(100, 90))
    for _ in range(20):
        pane.move(1, 1)
    seen, _ = pane.seen()
    assert tuple(seen.rgb[-3:]) == (99, 89, 7)
    for _ in range(20):
        pane.move(-1, -1)
    seen, _ = pane.seen()
    assert tuple(seen.rgb[:3]) == (0, 0, 7)


def test_nearer_keeps_the_middle_in_the_middle() -> None:
    pane = Pane((30, 20), CELL)
    pane.show(numbered(60, 60))
    for _ in range(20):
        pane.move(1, 1)
    pane.show(numbered(120, 120))
    seen, _ = pane.seen()
    assert tuple(seen.rgb[:3]) == (2 * 45 - 15, 2 * 50 - 10, 7)


def test_a_page_is_asked_for_whole_first_then_wide_and_never_in_too_many_pixels() -> None:
    pane = Pane((780, 360), (10, 20))
    assert pane.wanted(1) == (780, 360)
    widths = [pane.wanted(zoom)[0] for zoom in range(2, 7)]
    assert widths[:3] == [780, 1170, 1560]
    for size in ((780, 360), (3000, 2000), (20, 10)):
        for zoom in range(2, 7):
            width, height = Pane(size, (10, 20)).wanted(zoom)
            assert width * height <= 4_000_000
            assert height >= 1.4 * width, "an A4 page in full"
