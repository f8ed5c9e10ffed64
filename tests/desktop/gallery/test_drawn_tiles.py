"""What people drew, on tiles: words at the picture's lower edge, as much as there is room for, and a diamond."""

import numpy as np
import pytest
from PySide6.QtGui import QImage, QPainter, QPixmap

from annotriage.desktop.gallery.tile_painter import Tile, TilePainter
from annotriage.triage.decisions import Decision

WORDS = ("Dice 0.62 · drawn 0.55 by 2", "0.62 · drawn 0.55 by 2", "drawn 0.55 by 2", "Dice 0.55")


def painted(size: int, **more: object) -> np.ndarray:
    painter = TilePainter(size)
    image = QImage(painter.width, painter.height, QImage.Format.Format_RGB32)
    image.fill(0)
    pixmap = QPixmap(size, size)
    pixmap.fill("red")
    tile = Tile(0, 0, "a.jpg", 3, 0.38, (0.5, 0.7), Decision.UNDECIDED, pixmap, "0.38", **more)  # type: ignore[arg-type]
    with QPainter(image) as canvas:
        painter.paint(canvas, [tile])
    return np.array(image.constBits()).reshape(painter.height, painter.width, 4)[..., :3].copy()


def changed(before: np.ndarray, after: np.ndarray) -> tuple[int, int, int, int]:
    """Return the first and last row, the first and last column that differ."""
    rows, columns = np.nonzero((before != after).any(axis=2))
    return int(rows.min()), int(rows.max()), int(columns.min()), int(columns.max())


@pytest.mark.parametrize("size", [96, 192, 384])
def test_the_words_stand_within_the_picture_whatever_its_size(qapp: object, size: int) -> None:
    first, last, left, right = changed(painted(size), painted(size, drawn=WORDS))
    assert size // 2 < first and last <= 8 + size and left >= 8 and right <= 8 + size


def test_the_initials_of_the_assignee_have_their_room(qapp: object) -> None:
    before, after = painted(192, assignee="Ann Moss"), painted(192, assignee="Ann Moss", drawn=WORDS)
    alone = painted(192)
    marks = changed(alone, before)
    words = changed(before, after)
    assert words[3] < marks[2]


def test_what_has_no_room_is_not_written(qapp: object) -> None:
    assert not (painted(96) != painted(96, drawn=(WORDS[0] * 2,))).any()


def test_the_diamond_stands_where_people_disagree(qapp: object) -> None:
    for dice in (0.0, 0.25, 1.0):
        first, last, left, right = changed(painted(192), painted(192, measured=dice))
        assert abs((left + right) / 2 - (8 + 192 * (1 - dice))) <= 2
        assert last - first <= 12 and first > 8 + 192
