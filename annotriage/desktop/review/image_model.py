"""The images of the open folder for Qt's views: filtered, sorted, and calm while predictions arrive."""

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, Qt, QTimer, Signal
from typing_extensions import override

from annotriage.desktop.review.shown_lines import ShownLines
from annotriage.desktop.review.spoken import spoken_text
from annotriage.scoring.team_words import beside
from annotriage.triage.catalogue import Catalogue, Filter
from annotriage.triage.catalogue_changes import try_again, with_change, without_gone
from annotriage.triage.columns import table_columns
from annotriage.triage.decisions import Review
from annotriage.triage.image_filter import passing
from annotriage.triage.next_step import NextStepRule
from annotriage.triage.sort_keys import ColumnKey, SortKey
from annotriage.wording import cutoff_text

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from annotriage.images import ImageFile
    from annotriage.scoring.prediction import Prediction
    from annotriage.scoring.team import Team
    from annotriage.triage.catalogue_changes import ImagesChange
    from annotriage.triage.measured import MeasuredImage

Index = QModelIndex | QPersistentModelIndex
_NO_ROWS = np.zeros(0, dtype=np.intp)


class ImageModel(ShownLines, QAbstractTableModel):
    """The images to show, in order. A *line* is a place in that order, a *row* a place in the catalogue.

    Predictions and decisions appear in place at once; the order changes only when `reorder` is called, so that nothing
    jumps away under the mouse.
    """

    order_changed = Signal()
    """Lines were filtered or sorted anew."""
    lines_moving = Signal()
    lines_moved = Signal()
    """Just before and just after images get other lines, unless another folder is shown."""
    stale_changed = Signal(bool)
    """Whether `reorder` might change something."""
    summary_changed = Signal()
    """Numbers of images by what is known and was decided changed."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.columns = table_columns()
        self._catalogue = None
        self._order = _NO_ROWS
        self._lines: NDArray[np.intp] = _NO_ROWS  # row -> line, -1: not shown
        self._ranks = self._steps = None
        self._rule = NextStepRule()
        self._key: SortKey | ColumnKey = SortKey.DISAGREEMENT
        self._reverse = False
        self._filter = Filter()
        self._cutoff = None
        self.team_words = ""
        self._stale = False
        self._would_move: bool | None = None  # not tried since something came in
        self._has_unsorted = False
        self._summary_later = QTimer(self, singleShot=True, interval=0)
        self._summary_later.timeout.connect(self.summary_changed)
        self._moving = False

    @property
    def catalogue(self) -> Catalogue | None:
        """The open folder's images; None: no folder is open."""
        return self._catalogue

    @property
    def sort_key(self) -> SortKey | ColumnKey:
        """What lines are sorted by."""
        return self._key

    @property
    def reversed(self) -> bool:
        """Whether lines are sorted the other way round."""
        return self._reverse

    @property
    def filter(self) -> Filter:
        """Which images are shown."""
        return self._filter

    @property
    def stale(self) -> bool:
        """Whether `reorder` might change something."""
        return self._stale

    @property
    def moves_when_sorted(self) -> bool:
        """Whether `reorder` might move images: files' names and dates change only as images come."""
        return self._has_unsorted or not self._key.is_of_files

    @property
    def cutoff(self) -> float | None:
        """The review cut-off of the predicted disagreement: numbers beside it are written with as many digits."""
        return self._cutoff

    @property
    def lines_are_moving(self) -> bool:
        """Whether images are just getting other lines: what is selected is not where it belongs."""
        return self._moving

    @property
    def order(self) -> "NDArray[np.intp]":
        """The rows shown, in order."""
        return self._order

    def line_of(self, name: str) -> int | None:
        """Return the line of an image; None: it is not shown."""
        row = None if self._catalogue is None else self._catalogue.row_of(name)
        line = -1 if row is None or row >= len(self._lines) else int(self._lines[row])
        return None if line < 0 else line

    def lines_of(self, catalogue: Catalogue, rows: "NDArray[np.intp]") -> "NDArray[np.intp]":
        """Return the lines, in order, at which some rows of this or an earlier catalogue are shown now."""
        mine = self._catalogue
        if mine is None:
            return _NO_ROWS
        if mine is not catalogue:
            found = (mine.row_of(catalogue.images[row].name) for row in rows.tolist())
            rows = np.array([row for row in found if row is not None], dtype=np.intp)
        lines = self._lines[rows]
        return np.sort(lines[lines >= 0])

    def open_above(self, line: int) -> int:
        """Count the open images shown that rank higher than a line's; none where lines are sorted otherwise."""
        if self._catalogue is None or self._key is not SortKey.DISAGREEMENT or self._reverse:
            return 0
        return self._catalogue.open_above(int(self._order[line]), self._order)

    def set_catalogue(self, catalogue: Catalogue | None) -> None:
        """Show another folder, or the same one listed anew: then the selection stays on its images."""
        before = self._catalogue
        if catalogue is not None:
            catalogue.rule = self._rule
        if before is None or catalogue is None or before.folder != catalogue.folder:
            self.beginResetModel()
            self._catalogue = catalogue
            self._sort()
            self.endResetModel()
        else:
            self._exchange(catalogue)
        self._set_stale(False)
        self.order_changed.emit()
        self.summary_changed.emit()

    def set_predictions(self, predictions: "Iterable[tuple[str, Prediction]]") -> None:
        """Show predictions, by the images' names; the order stays as it is."""
        catalogue = self._catalogue
        if catalogue is None:
            return
        rows = []
        for name, prediction in predictions:
            row = catalogue.row_of(name)
            if row is not None:
                catalogue.set_prediction(row, prediction)
                rows.append(row)
        self._ranks = self._steps = None
        self._emit_changed(rows)
        if rows:
            self._set_stale(True)
            self.summary_changed.emit()

    def replace_numbers(
        self, numbers: "NDArray[np.float32]", team: "Team", since: "Iterable[tuple[str, Prediction]]" = ()
    ) -> None:
        """Show another team's numbers (`Catalogue.columns_of`), and what was predicted since they were read, sorted."""
        if self._catalogue is not None:
            self._catalogue.replace_numbers(numbers, team)
            self.set_predictions(since)
            self.reorder()
            self.summary_changed.emit()

    def set_team_words(self, words: str) -> None:
        """Say beside numbers for whom they hold; empty: the model knows no ways of drawing."""
        if words != self.team_words:
            self.team_words = words
            self.headerDataChanged.emit(Qt.Orientation.Horizontal, 0, len(self.columns) - 1)

    def holds(self, image: "ImageFile") -> bool:
        """Say whether an image is still the same file."""
        row = None if self._catalogue is None else self._catalogue.row_of(image.name)
        return row is not None and self._catalogue is not None and self._catalogue.images[row] == image

    def take_in(self, change: "ImagesChange") -> None:
        """Show what came, changed and went; all that is shown stays where it is, and what comes stands at the end."""
        if self._catalogue is None:
            return
        catalogue, moved = with_change(self._catalogue, change)
        order = moved[self._order]
        come = catalogue.rows.rows([image.name for image, _ in change.new] + [image.name for image in change.changed])
        is_new = passing(catalogue, self._filter)
        is_new[order] = False
        come = np.unique(come[is_new[come]])
        if len(come):
            self.beginInsertRows(QModelIndex(), len(order), len(order) + len(come) - 1)
        self._catalogue, self._ranks, self._steps = catalogue, None, None
        self._set_order(np.concatenate([order, come]))
        if len(come):
            self.endInsertRows()
            self._has_unsorted = True
        touched = [image.name for image in change.changed] + change.gone
        self._emit_changed(row for row in catalogue.rows.rows(touched).tolist() if row >= 0)
        self._set_stale(True)
        self.order_changed.emit()
        self._summary_later.start()  # what counts anew takes a frame of its own

    def try_again(self) -> None:
        """Let what could not be read wait to be scored once more, as when a drive is back."""
        if self._catalogue is not None:
            try_again(self._catalogue)
            self.summary_changed.emit()

    def set_reviews(self, reviews: Mapping[str, Review]) -> None:
        """Show what was said about images, by their names; the order stays as it is."""
        if self._catalogue is None:
            return
        self._steps = None
        self._emit_changed(self._catalogue.set_reviews(reviews))
        if self._key in (SortKey.DECISION, SortKey.ASSIGNEE) or isinstance(self._key, ColumnKey):
            self._set_stale(True)
        self.summary_changed.emit()

    def set_measured(self, measured: "Mapping[str, MeasuredImage | None]") -> None:
        """Show what people drew of some images, by their names, None: nothing; the order stays as it is."""
        if self._catalogue is not None:
            self._on_measured(self._catalogue.measured.set(measured))

    def replace_measured(self, measured: "Mapping[str, MeasuredImage]") -> None:
        """Show what people drew, and that nothing else is known; the order stays as it is."""
        if self._catalogue is not None:
            self._on_measured(self._catalogue.measured.replace(measured))

    @property
    def rule(self) -> NextStepRule:
        """By which the next step of an image is found."""
        return self._rule

    def set_rule(self, rule: NextStepRule) -> None:
        """Find next steps by another rule: it was asked for, so that lines are sorted and filtered by it at once."""
        if rule == self._rule:
            return
        self._rule = rule
        if self._catalogue is not None:
            self._catalogue.rule, self._steps = rule, None
            self._emit_changed(range(len(self._catalogue)))
            self.reorder()
            self.summary_changed.emit()

    def set_sorting(self, key: SortKey | ColumnKey, *, reverse: bool = False) -> None:
        """Sort by something else."""
        self._key, self._reverse = key, reverse
        self.reorder()

    def set_cutoff(self, cutoff: float) -> None:
        """Write numbers so that it is seen on which side of a cut-off they lie."""
        before, self._cutoff = self._cutoff, cutoff
        shown = {cutoff_text(each) for each in (before, cutoff) if each is not None}
        if len(self._order) and any(len(text) > len("0.00") for text in shown) and before != cutoff:
            self.dataChanged.emit(self.index(0, 0), self.index(len(self._order) - 1, len(self.columns) - 1))

    def set_filter(self, shown: Filter) -> None:
        """Show other images."""
        if shown != self._filter:
            self._filter = shown
            self.reorder()

    def reorder(self) -> None:
        """Filter and sort by what is known now; the selection stays on its images."""
        if self._catalogue is not None:
            self._exchange(without_gone(self._catalogue))
        self._set_stale(False)
        self.order_changed.emit()

    def sort_on_trial(self) -> bool:
        """Return whether an image would move now; where none would, what came in is as it was, or moves nothing.

        Images that turned out to be unreadable go, which moves none of the others.
        """
        if not self._stale or self._catalogue is None:
            return False
        if self._would_move is None:
            order = self._sorted()
            if np.array_equal(order, self._order):
                self._set_stale(False)
                return False
            kept = self._order[self._catalogue.readable()[self._order]]
            self._would_move = not np.array_equal(order, kept)
        return self._would_move

    @override
    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008
        return 0 if parent.isValid() else len(self._order)

    @override
    def columnCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008
        return 0 if parent.isValid() else len(self.columns)

    @override
    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if not index.isValid() or index.row() >= len(self._order):
            return None
        line, column = index.row(), self.columns[index.column()]
        match role:
            case Qt.ItemDataRole.DisplayRole:
                return column.cell(self, line)
            case Qt.ItemDataRole.TextAlignmentRole if column.on_the_right:
                return Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
            case Qt.ItemDataRole.ToolTipRole:
                return self.image(line).name
            case Qt.ItemDataRole.AccessibleTextRole:
                return spoken_text(self, line)
        return None

    @override
    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if orientation != Qt.Orientation.Horizontal or not 0 <= section < len(self.columns):
            return None
        column = self.columns[section]
        match role:
            case Qt.ItemDataRole.DisplayRole:
                is_named = bool(self.team_words) and column.key == "disagreement"
                return f"{column.title}\n{self.team_words}" if is_named else column.title
            case Qt.ItemDataRole.ToolTipRole:
                return beside(column.tip, self.team_words if column.is_predicted else "") or None
            case Qt.ItemDataRole.TextAlignmentRole if column.on_the_right:
                return Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
        return None

    def _exchange(self, catalogue: Catalogue) -> None:
        """Sort anew; what views hold on to (current image, selection) goes along with the images."""
        self._moving = True
        self.lines_moving.emit()
        self.layoutAboutToBeChanged.emit()
        kept = self.persistentIndexList()
        names = [self.image(index.row()).name for index in kept]
        self._catalogue = catalogue
        self._sort()
        lines = [self.line_of(name) for name in names]
        new = [
            QModelIndex() if line is None else self.index(line, index.column())
            for line, index in zip(lines, kept, strict=True)
        ]
        self.changePersistentIndexList(kept, new)
        self.layoutChanged.emit()
        self._moving = False
        self.lines_moved.emit()

    def _sorted(self) -> "NDArray[np.intp]":
        """Return the rows as they are filtered and sorted by what is known now."""
        catalogue = self._catalogue
        return _NO_ROWS if catalogue is None else catalogue.order(self._key, self._filter, reverse=self._reverse)

    def _sort(self) -> None:
        catalogue = self._catalogue
        if catalogue is None:
            self._order = self._lines = _NO_ROWS
            self._ranks = self._steps = None
            return
        self._ranks = self._steps = None
        self._has_unsorted = False
        self._set_order(self._sorted())

    def _set_order(self, order: "NDArray[np.intp]") -> None:
        self._order = order
        self._lines = np.full(0 if self._catalogue is None else len(self._catalogue), -1, dtype=np.intp)
        self._lines[order] = np.arange(len(order))

    def _on_measured(self, rows: Sequence[int]) -> None:
        self._steps = None
        self._emit_changed(rows)
        if rows:
            if isinstance(self._key, ColumnKey) or self._filter.is_of_people:
                self._set_stale(True)
            self.summary_changed.emit()

    def _emit_changed(self, rows: Iterable[int]) -> None:
        lines = self._lines[np.fromiter(rows, dtype=np.intp)]
        lines = lines[lines >= 0]
        if len(lines):
            # One signal for all: views ask again only for what they show.
            last = len(self.columns) - 1
            self.dataChanged.emit(self.index(int(lines.min()), 0), self.index(int(lines.max()), last))

    def _set_stale(self, stale: bool) -> None:
        self._would_move = None
        if stale != self._stale:
            self._stale = stale
            self.stale_changed.emit(stale)
