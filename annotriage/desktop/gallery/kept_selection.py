"""Keep what is selected on its images when lines move.

Qt does that by a persistent index for each cell, which takes 20 seconds for 100,000 images; and where all lines were
selected it keeps the first and the last one only, with all that lies between them after a filter was lifted.
"""

from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import QItemSelection, QItemSelectionModel, QItemSelectionRange, QObject, Slot

from annotriage.desktop.review.cells import Column
from annotriage.desktop.review.image_model import ImageModel

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from annotriage.triage.catalogue import Catalogue

_LAST = len(Column) - 1
Flag = QItemSelectionModel.SelectionFlag


class KeptSelection(QObject):
    """Takes the selection away before lines move, and puts it back where its images are then.

    Parameters
    ----------
    images : ImageModel
    selection : QItemSelectionModel
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
            chosen.append(QItemSelectionRange(index(first, 0), index(last, _LAST)))
        self._selection.select(chosen, Flag.Select)
