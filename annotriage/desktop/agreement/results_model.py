"""The measured images as Qt shows them."""

from typing import TYPE_CHECKING, Any

import numpy as np
from PySide6.QtCore import QModelIndex, QObject, QPersistentModelIndex, Qt
from typing_extensions import override

from annotriage.agreement.agreement_run import Measure, ResultColumn, Results
from annotriage.desktop.widgets.ordered_table import OrderedModel

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

_Index = QModelIndex | QPersistentModelIndex
_RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter


class ResultsModel(OrderedModel):
    """Images in the order of a column, those of least agreement first at the beginning."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._results = Results()
        self._count = 0
        self._numbers: list[NDArray[np.float64]] = [np.empty(0) for _ in Measure]

    @property
    def results(self) -> Results:
        """What is shown."""
        return self._results

    @property
    def count(self) -> int:
        """How many images were there when `renew` was last called; lines may be fewer."""
        return self._count

    def set_results(self, results: Results) -> None:
        """Show other results; nothing of them until `renew` and `set_order`."""
        self._results = results
        self.renew()
        self.set_order(np.empty(0, dtype=np.int64))

    def renew(self) -> None:
        """Look at what was measured meanwhile."""
        self._count = len(self._results)
        self._numbers = [self._results.numbers(measure, self._count) for measure in Measure]

    def numbers(self, measure: Measure) -> "NDArray[np.float64]":
        """Return the values of all images."""
        return self._numbers[measure]

    def order(self, column: ResultColumn, *, reverse: bool, only_problems: bool, text: str) -> "NDArray[np.int64]":
        """Return the rows to show, in order; what has no value comes last either way."""
        return self._results.order(self._numbers, column, reverse=reverse, only_problems=only_problems, text=text)

    def text(self, rows: "Sequence[int]") -> str:
        """Return rows as a table for a spreadsheet, with titles."""
        titles = [str(self.headerData(column, Qt.Orientation.Horizontal)) for column in ResultColumn]
        lines = ["\t".join(titles)]
        lines += ["\t".join(self._cell(row, column) for column in ResultColumn) for row in rows]
        return "\n".join(lines)

    @override
    def columnCount(self, parent: _Index = QModelIndex()) -> int:  # noqa: B008
        return 0 if parent.isValid() else len(ResultColumn)

    @override
    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if orientation != Qt.Orientation.Horizontal:
            return None
        match role:
            case Qt.ItemDataRole.DisplayRole:
                return (
                    "Image", "Masks", "Mean Dice", "Least Dice",
                    "Jaccard", "HD95 rel.", "Kappa", "Problem",
                )[section]  # fmt: skip
            case Qt.ItemDataRole.TextAlignmentRole if self._is_number(section):
                return _RIGHT
            case Qt.ItemDataRole.ToolTipRole:
                return (
                    "The image’s name",
                    "How many masks were compared",
                    "Dice of all pairs of masks on average: 1 is the same, 0 is nothing in common",
                    "Dice of the pair that agrees least",
                    "Jaccard index of all pairs on average",
                    "95 % Hausdorff distance between outlines on average, divided by the image’s diagonal",
                    "Fleiss’ kappa over the pixels: agreement beyond chance",
                    "What is wrong with the masks",
                )[section]
        return None

    @override
    def data(self, index: _Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        row, column = self.row_at(index.row()), ResultColumn(index.column())
        match role:
            case Qt.ItemDataRole.DisplayRole:
                return self._cell(row, column)
            case Qt.ItemDataRole.TextAlignmentRole if self._is_number(column):
                return _RIGHT
            case Qt.ItemDataRole.ToolTipRole if not self._is_number(column):
                return self._cell(row, column)
        return None

    def _cell(self, row: int, column: ResultColumn) -> str:
        return self._results.cell(self._numbers, row, column)

    def _is_number(self, column: int) -> bool:
        return ResultColumn.IMAGE < column < ResultColumn.ERROR
