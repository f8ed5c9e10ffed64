"""The second step: who drew which mask of which image, to check and to correct."""

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QKeyEvent, QKeySequence, QShortcut
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QHBoxLayout,
    QLabel,
    QWidget,
)
from typing_extensions import override

from annotriage.agreement.agreement_words import counts_text, looks_text, masks_text
from annotriage.agreement.match_table import MatchColumn, MatchTable
from annotriage.desktop.agreement.match_model import MatchModel
from annotriage.desktop.background import Job
from annotriage.desktop.widgets.buttons import push_button
from annotriage.desktop.widgets.layout import STRETCH, column, grow, row
from annotriage.desktop.widgets.named import named
from annotriage.desktop.widgets.ordered_table import LinesView
from annotriage.desktop.widgets.search_line import SearchLine
from annotriage.desktop.widgets.text import bold, caption_of, text_label
from annotriage.desktop.widgets.theme import UNIT

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

_WAIT_MS = 150
_MOST_NAMES = 200


class _MatchView(LinesView):
    """Space uses the selected masks or leaves them out, whatever cell is current."""

    space_pressed = Signal()

    @override
    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Space and self.state() != self.State.EditingState:
            self.space_pressed.emit()
        else:
            super().keyPressEvent(event)


class MatchPage(QWidget):
    """The table of masks, with what helps to find and mend the wrong rows."""

    corrected = Signal()  # something in the table was changed

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.model = MatchModel(self)
        self.view = _MatchView(self.model, "Masks, their images and who drew them")
        self._column, self._reverse = MatchColumn.NOTE, False
        self._job: Job | None = None
        self._again = False
        self._summary = named(bold(text_label(size=18)), "summary")
        self._search = named(SearchLine("Search image, annotator or file"), "search")
        self._only_looks = QCheckBox("Only rows that need a &look")
        self._selected = named(QLabel(), "selected")
        self._annotator = named(QComboBox(editable=True), "annotator")
        self.with_distances = QCheckBox("Measure how far the &outlines lie apart (takes about twice as long)")
        self.resample = QCheckBox("&Bring masks of different sizes to the largest")  # how to measure
        self._later = QTimer(self, singleShot=True, interval=_WAIT_MS)
        self._lay_out()
        self._connect()

    def show_table(self, table: MatchTable) -> None:
        """Show what was found; what needs a look comes first."""
        self.model.set_table(table)
        self._only_looks.setChecked(False)
        self._search.clear()
        self._column, self._reverse = MatchColumn.NOTE, False
        self.view.show_sorting(self._column, self._reverse)
        self._annotator.clear()
        self._annotator.addItems(table.names()[:_MOST_NAMES])
        self._annotator.setCurrentText("")
        self._arrange()
        self._show_state()

    def close_jobs(self) -> None:
        """Forget what is under way."""
        if self._job is not None:
            self._job.forget()
            self._job = None

    # Building

    def _lay_out(self) -> None:
        for place, width in (
            (MatchColumn.USE, 6),
            (MatchColumn.IMAGE, 23),
            (MatchColumn.ANNOTATOR, 16),
            (MatchColumn.FILE, 30),
        ):
            self.view.setColumnWidth(place, width * UNIT)
        self.with_distances.setChecked(True)
        self.resample.setToolTip(
            "Otherwise images whose masks have different sizes are not measured, and listed as problems."
        )
        column(
            self._summary,
            row(grow(self._search), self._only_looks, spacing=2 * UNIT),
            grow(self.view),
            self._hand(),
            UNIT,
            row(self.with_distances, self.resample, STRETCH, spacing=3 * UNIT),
            on=self,
            margins=(3 * UNIT, 2 * UNIT, 3 * UNIT, UNIT),
        )

    def _hand(self) -> QHBoxLayout:
        """Return what can be done with the selected rows."""
        self._use = push_button("&Use")
        self._leave = named(push_button("&Leave out"), "leave")
        self._undo = named(push_button("Un&do", self.model.undo, sign="undo"), "undo")
        self._set = named(push_button("&Set", self._set_annotator), "set")
        self._annotator.setAccessibleName("Annotator of the selected rows")
        self._annotator.setMinimumWidth(16 * UNIT)
        self._annotator.setInsertPolicy(QComboBox.InsertPolicy.NoInsert)
        drawn = caption_of("Drawn &by", self._annotator)
        return row(
            self._selected, STRETCH, self._use, self._leave, UNIT, drawn, self._annotator, self._set, UNIT, self._undo
        )

    def _connect(self) -> None:
        self._later.timeout.connect(self._arrange)
        self._search.textChanged.connect(self._later.start)
        self._only_looks.toggled.connect(self._arrange)
        self.view.sort_wanted.connect(self._sort)
        self.view.space_pressed.connect(self._toggle)
        self.view.selectionModel().selectionChanged.connect(self._show_selection)
        self.model.modelReset.connect(self._show_selection)
        self.model.corrected.connect(self._show_state)
        self.model.corrected.connect(self.corrected)
        self.model.busy_changed.connect(self._show_busy)
        self._use.clicked.connect(lambda: self.model.set_used(self.view.selected_rows(), True))
        self._leave.clicked.connect(lambda: self.model.set_used(self.view.selected_rows(), False))
        edit = self._annotator.lineEdit()
        assert edit is not None
        edit.returnPressed.connect(self._set_annotator)
        QShortcut(QKeySequence.StandardKey.Undo, self, self.model.undo)

    # What happens

    def _sort(self, column: int, reverse: bool) -> None:
        self._column, self._reverse = MatchColumn(column), reverse
        self._arrange()

    def _arrange(self) -> None:
        """Find the order in a thread; what is asked for meanwhile comes next."""
        if self._job is not None:
            self._again = True
            return
        table, column, reverse = self.model.table, self._column, self._reverse
        text, only_looks = self._search.text(), self._only_looks.isChecked()
        self._job = Job(
            lambda: (table, table.order(column, reverse=reverse, text=text, only_looks=only_looks)), self._show_order
        )

    def _show_order(self, answer: "tuple[MatchTable, NDArray[np.int64]]") -> None:
        self._job = None
        table, order = answer
        if table is self.model.table:
            self.view.reorder(lambda: self.model.set_order(order))
            if self.view.current_row < 0 and len(order):
                self.view.go_to(0)
        else:
            self._again = True
        if self._again:
            self._again = False
            self._arrange()

    def _toggle(self) -> None:
        rows = self.view.selected_rows()
        if rows:
            self.model.set_used(rows, not self.model.table.rows[rows[0]].used)

    def _set_annotator(self) -> None:
        self.model.set_annotator(self.view.selected_rows(), self._annotator.currentText())

    # What it says

    def _show_state(self) -> None:
        table = self.model.table
        matched = table.matched()
        self._summary.setText(f"{counts_text(matched.images, matched.annotators)}, {looks_text(matched.looks)}")
        self._only_looks.setEnabled(bool(matched.looks) or self._only_looks.isChecked())
        self._undo.setEnabled(table.can_undo)
        self._show_selection()

    def _show_busy(self, busy: bool) -> None:
        self.setEnabled(not busy)
        if not busy:
            self.view.setFocus()

    def _show_selection(self) -> None:
        count = self.view.selected_count()
        shown = f"{masks_text(self.model.rowCount())} shown"
        selected = f"{count:,} selected"
        self._selected.setText(f"{shown}, {selected}" if count else shown)
        for widget in (self._use, self._leave, self._set, self._annotator):
            widget.setEnabled(count > 0)
