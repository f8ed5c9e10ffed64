"""Where the tiles of a grid lie: arithmetic alone, the same for ten images and for a hundred thousand."""

from dataclasses import dataclass
from functools import cached_property

from PySide6.QtCore import QPoint, QRect

from annotriage.desktop.widgets.theme import UNIT

GAP = UNIT // 2
"""Least pixels between tiles."""


@dataclass(frozen=True)
class GridLayout:
    """Tiles row by row from left to right, the space that is left between them spread evenly.

    Places are in pixels of the whole grid: (0, 0) is its top left corner, wherever it is scrolled to. A line is a
    tile's place in the order, a row is a row of tiles.
    """

    count: int  # tiles
    width: int  # pixels to lie in
    tile_width: int
    tile_height: int

    @cached_property
    def columns(self) -> int:
        """Tiles side by side."""
        return max(1, (self.width - GAP) // (self.tile_width + GAP))

    @cached_property
    def rows(self) -> int:
        """Rows of tiles."""
        return -(-self.count // self.columns)

    @cached_property
    def pitch(self) -> int:
        """Pixels from a row to the next."""
        return self.tile_height + GAP

    @cached_property
    def height(self) -> int:
        """Pixels of all rows and the space around them."""
        return self.rows * self.pitch + GAP

    @cached_property
    def lefts(self) -> list[int]:
        """Left edges of the columns."""
        space = max(0, self.width - self.columns * self.tile_width)
        return [column * self.tile_width + space * (column + 1) // (self.columns + 1) for column in range(self.columns)]

    def top_of(self, line: int) -> int:
        """Return the upper edge of a tile."""
        return GAP + line // self.columns * self.pitch

    def rect(self, line: int) -> QRect:
        """Return the place of a tile."""
        return QRect(self.lefts[line % self.columns], self.top_of(line), self.tile_width, self.tile_height)

    def line_at(self, point: QPoint) -> int:
        """Return the tile that covers a point; -1: none does."""
        row = (point.y() - GAP) // self.pitch
        # Columns lie nearly evenly: at most one left of the estimate
        column = min(self.columns - 1, max(0, point.x() * self.columns // max(1, self.width)))
        for candidate in (column, column - 1, column + 1):
            line = row * self.columns + candidate
            if 0 <= candidate < self.columns and 0 <= line < self.count and self.rect(line).contains(point):
                return line
        return -1

    def lines_between(self, top: int, bottom: int) -> range:
        """Return the tiles that may be seen between two heights."""
        first = max(0, (top - GAP) // self.pitch)
        last = max(0, (bottom - GAP) // self.pitch)
        return range(min(self.count, first * self.columns), min(self.count, (last + 1) * self.columns))

    def ranges_in(self, rect: QRect) -> list[tuple[int, int]]:
        """Return the tiles that touch a rectangle, as first and last lines of neighbours."""
        inside = [
            column
            for column, left in enumerate(self.lefts)
            if left <= rect.right() and left + self.tile_width > rect.left()
        ]
        # The gap above a row of tiles belongs to none.
        first, within = divmod(max(0, rect.top() - GAP), self.pitch)
        first += within >= self.tile_height
        last = min(self.rows - 1, (rect.bottom() - GAP) // self.pitch)
        if not inside or last < first:
            return []
        if len(inside) == self.columns:
            return [(first * self.columns, min(self.count, (last + 1) * self.columns) - 1)]
        rows = ((row * self.columns + inside[0], row * self.columns + inside[-1]) for row in range(first, last + 1))
        return [(left, min(right, self.count - 1)) for left, right in rows if left < self.count]

    def most_central(self, lines: range, middle: int) -> list[int]:
        """Return tiles, those nearest to a height first."""
        return sorted(lines, key=lambda line: abs(self.top_of(line) + self.pitch // 2 - middle))
