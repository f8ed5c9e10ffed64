"""The titles above the table: each stands where the values below it stand."""

from typing_extensions import override

from annotriage.desktop.look.theme import UNIT
from annotriage.desktop.look.titles import Titles
from annotriage.desktop.review.cells import Column

NUMBERS = (Column.RANK, Column.DICE, Column.INTERVAL)
"""Columns whose values stand on the right."""


class TableHeader(Titles):
    """The titles of the images' table."""

    tall = 4 * UNIT
    margin = UNIT

    @override
    def stands_on_the_right(self, section: int) -> bool:
        return section in NUMBERS
