"""The ground the screens stand on: one terminal, from the card session's first key to its last cell.

    themes.py   which colours, decided before the application starts
    filter.py   last line of defence: no control character leaves a widget
    grid.py     what Textual draws, as cells
    paint.py    the fewest bytes that turn one screen into the next
    output.py   the thread that sends them
    picture.py  the one thing sent beside the cells: a page image, checked byte by byte
    question.py whether the terminal draws such images, by its own answers
    keys.py     bytes from the keyboard, decoded leniently, answers of the terminal dropped
    order.py    one key at a time: a letter after Tab lands in the next field
    driver.py   the Textual driver made of these
    app.py      the application nothing escapes from

Textual is pinned exactly: `app.py` and `driver.py` lean on private parts of it, each guarded by a test on a
real pseudo-terminal.
"""

from kiosk.terminal.app import LockedApp
from kiosk.terminal.themes import choose_theme

__all__ = ["LockedApp", "choose_theme"]
