"""The part of a page's picture that holds on the screen, in pixels: nearer, further, moved over the page."""

from kiosk.rendering.graphics import part
from kiosk.rendering.page import PagePicture

_MOST_PIXELS = 4_000_000
"""Of one page: an A4 sheet at 197 dots an inch."""


class Pane:
    """`size` is the room on the screen and `cell` a cell of it: width and height in pixels."""

    def __init__(self, size: tuple[int, int], cell: tuple[int, int]) -> None:
        self.size, self.cell = size, cell
        self._left = self._top = 0
        self._picture = PagePicture(0, 0, b"", 0, 0)

    def wanted(self, zoom: int) -> tuple[int, int]:
        """The size to ask the page in: whole for 1, else `zoom` halves of the width, however long the page."""
        if zoom == 1:
            return self.size
        width = min(self.size[0] * zoom // 2, round((_MOST_PIXELS / 1.5) ** 0.5))
        return width, _MOST_PIXELS // width

    def show(self, picture: PagePicture) -> None:
        """What stood in the middle stays there, whatever the size of the picture."""
        old, width, height = self._picture, *self.size
        across = (self._left + width / 2) / old.width if old.width else 0.0
        down = (self._top + height / 2) / old.height if old.height else 0.0
        self._picture = picture
        self._place(round(across * picture.width - width / 2), round(down * picture.height - height / 2))

    def move(self, right: int, down: int) -> None:
        """By thirds of the width and halves of the height, as far as the page goes."""
        self._place(self._left + right * self.size[0] // 3, self._top + down * self.size[1] // 2)

    def seen(self) -> tuple[PagePicture, tuple[int, int]]:
        """What is on the screen, up to the end of its last cells, and how many columns and rows that is."""
        width = min(self._picture.width - self._left, self.size[0])
        height = min(self._picture.height - self._top, self.size[1])
        columns, rows = -(-width // self.cell[0]), -(-height // self.cell[1])
        return part(self._picture, self._left, self._top, (columns * self.cell[0], rows * self.cell[1])), (
            columns,
            rows,
        )

    def _place(self, left: int, top: int) -> None:
        self._left = max(0, min(left, self._picture.width - self.size[0]))
        self._top = max(0, min(top, self._picture.height - self.size[1]))
