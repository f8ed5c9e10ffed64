"""The titles above the table: each stands where the values below it stand."""

from typing_extensions import override

from annotriage.desktop.review.cells import Column
from annotriage.desktop.widgets.sortable_header import Titles
from annotriage.desktop.widgets.theme import UNIT

NUMBERS = (Column.RANK, Column.DICE, Column.INTERVAL)
"""Columns whose values stand on the right."""


class TableHeader(Titles):
    """The titles of the images' table."""

    tall = 4 * UNIT
    margin = UNIT

    @override
    def stands_on_the_right(self, section: int) -> bool:
        return section in NUMBERS
