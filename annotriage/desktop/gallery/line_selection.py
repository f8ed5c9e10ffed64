"""Select lines as people know it from file managers, and keep what is selected on its images when lines move."""

from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import (
    QItemSelection,
    QItemSelectionModel,
    QItemSelectionRange,
    QObject,
    QPersistentModelIndex,
    Qt,
    Slot,
)

from annotriage.desktop.review.image_model import ImageModel

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from annotriage.triage.catalogue import Catalogue

Flag = QItemSelectionModel.SelectionFlag


class LineSelection:
    """Changes a selection model line by line: single ones, ranges from an anchor, additions; all columns at once."""

    def __init__(self, model: ImageModel, selection: QItemSelectionModel) -> None:
        self._model = model
        self._selection = selection
        self._anchor = QPersistentModelIndex()

    @property
    def anchor(self) -> int:
        """The line from which a range is drawn out; it stays on its image when lines are sorted anew."""
        return self._anchor.row() if self._anchor.isValid() else max(0, self._selection.currentIndex().row())

    @anchor.setter
    def anchor(self, line: int) -> None:
        self._anchor = QPersistentModelIndex(self._model.index(line, 0))

    def is_selected(self, line: int) -> bool:
        """Say whether a line is selected."""
        return self._selection.isSelected(self._model.index(line, 0))

    def go_to(self, line: int, modifiers: Qt.KeyboardModifier) -> None:
        """Make a line current: alone, with all from the anchor to it (Shift), or without selecting it (Ctrl)."""
        anchor = self.anchor
        if modifiers & Qt.KeyboardModifier.ShiftModifier:
            added = bool(modifiers & Qt.KeyboardModifier.ControlModifier)
            self.select([(min(anchor, line), max(anchor, line))], keep=added)
            self._selection.setCurrentIndex(self._model.index(line, 0), Flag.NoUpdate)
            self.anchor = anchor
        elif modifiers & Qt.KeyboardModifier.ControlModifier:
            self._selection.setCurrentIndex(self._model.index(line, 0), Flag.NoUpdate)
        else:
            self.go_to_alone(line)

    def go_to_alone(self, line: int) -> None:
        """Make a line current, and the only one selected."""
        self._selection.setCurrentIndex(self._model.index(line, 0), Flag.ClearAndSelect | Flag.Rows)
        self.anchor = line

    def nearest_selected(self, line: int, *, downwards: bool) -> int | None:
        """Return the selected line that comes next in a direction, else the last one before; None: none is selected."""
        ranges = [(part.top(), part.bottom()) for part in self._selection.selection().toList() if part.isValid()]
        nearest = [min(max(line, top), bottom) for top, bottom in ranges]
        if not nearest:
            return None
        ahead = [each for each in nearest if (each >= line if downwards else each <= line)]
        return min(ahead or nearest, key=lambda each: abs(each - line))

    def toggle(self, line: int) -> None:
        """Make a line current and select it, or no longer."""
        self._selection.setCurrentIndex(self._model.index(line, 0), Flag.Toggle | Flag.Rows)
        self.anchor = line

    def select(
        self, ranges: list[tuple[int, int]], *, keep: bool = False, and_also: QItemSelection | None = None
    ) -> None:
        """Select ranges of lines, first to last; `keep` what is selected, or add to another selection."""
        chosen = QItemSelection() if and_also is None else QItemSelection(and_also)
        for first, last in ranges:
            chosen.select(self._model.index(first, 0), self._model.index(last, self._model.columnCount() - 1))
        self._selection.select(chosen, Flag.Select if keep else Flag.ClearAndSelect)

    def select_all(self) -> None:
        """Select all lines."""
        if self._model.rowCount():
            self.select([(0, self._model.rowCount() - 1)])

    def invert(self) -> None:
        """Select the lines that are not selected, and no others; where all are, nothing changes."""
        last = self._model.rowCount() - 1
        taken = sorted((part.top(), part.bottom()) for part in self._selection.selection().toList() if part.isValid())
        ranges, start = [], 0
        for top, bottom in taken:
            if top > start:
                ranges.append((start, top - 1))
            start = max(start, bottom + 1)
        if start <= last:
            ranges.append((start, last))
        if ranges:
            self.select(ranges)

    def lines(self, most: int) -> list[int]:
        """Return the selected lines, `most` of them at most, in order."""
        selection = self._selection.selection()
        parts = (selection.at(place) for place in range(selection.size()))
        ranges = sorted((part.top(), part.bottom()) for part in parts)
        lines: dict[int, None] = {}
        for top, bottom in ranges:
            for line in range(top, bottom + 1):
                if len(lines) >= most:
                    return list(lines)
                lines[line] = None
        return list(lines)


class KeptSelection(QObject):
    """Takes the selection away before lines move, and puts it back where its images are then.

    Qt does that by a persistent index for each cell, which takes 20 seconds for 100,000 images; and where all lines
    were selected it keeps the first and the last one only, with all that lies between them after a filter was lifted.
    """

    def __init__(self, images: ImageModel, selection: QItemSelectionModel, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._images = images
        self._selection = selection
        self._kept: tuple[Catalogue, NDArray[np.intp]] | None = None
        images.lines_moving.connect(self._take)
        images.lines_moved.connect(self._put)

    @Slot()
    def _take(self) -> None:
        catalogue = self._images.catalogue
        ranges = [(part.top(), part.bottom()) for part in self._selection.selection().toList() if part.isValid()]
        if catalogue is None or not ranges:
            self._kept = None
            return
        lines = np.concatenate([np.arange(top, bottom + 1) for top, bottom in ranges])
        self._kept = catalogue, np.unique(self._images.order[lines])
        self._selection.clearSelection()

    @Slot()
    def _put(self) -> None:
        kept, self._kept = self._kept, None
        if kept is None:
            return
        lines = self._images.lines_of(*kept)
        if not len(lines):
            return
        ends = np.flatnonzero(np.diff(lines) > 1)
        firsts, lasts = lines[np.concatenate(([0], ends + 1))], lines[np.concatenate((ends, [len(lines) - 1]))]
        chosen = QItemSelection()
        index = self._images.index
        for first, last in zip(firsts.tolist(), lasts.tolist(), strict=True):
            chosen.append(QItemSelectionRange(index(first, 0), index(last, self._images.columnCount() - 1)))
        self._selection.select(chosen, Flag.Select)
