"""What the panel's tabs share: a column of figures and numbers, built piece by piece, and what stands there before."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QFrame, QProgressBar, QScrollArea, QStackedWidget, QVBoxLayout, QWidget
from typing_extensions import override

from annotriage.desktop.widgets.areas import SideBySide
from annotriage.desktop.widgets.message_page import MessagePage
from annotriage.desktop.widgets.numbers_table import NumbersTable
from annotriage.desktop.widgets.text import Caution, heading, plain_text
from annotriage.desktop.widgets.theme import UNIT

if TYPE_CHECKING:
    from annotriage.comparison.explained.evidence import Evidence
    from annotriage.comparison.reports.document import TableBlock
    from annotriage.desktop.charts.chart import Chart
    from annotriage.desktop.charts.figure_frame import FigureFrame

AS_PUBLISHED, AS_IT_SHOULD_BE_READ = "As published", "As it should be read"
"""Headings above what the paper did, and above what can be relied on."""
_WIDEST = 150 * UNIT
_FIGURE = 46 * UNIT
_MESSAGE, _LOADING, _COLUMN = range(3)


class StatisticsTab(QWidget):
    """A tab that shows evidence. It is built when it is first seen, and a piece at a time, so that nothing waits.

    A kind of it overrides `build`, which puts pieces in by the `add_` methods and yields after each.

    Signals
    -------
    image_wanted : Path
        An image is to be shown large.
    folder_wanted : Path
        A run's folder, or the folder of its table, is to be shown.
    built
        All pieces are there.
    """

    image_wanted = Signal(Path)
    folder_wanted = Signal(Path)
    built = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._evidence: Evidence | None = None
        self._waiting = False
        self._steps: Iterator[None] | None = None
        self._timer = QTimer(self, interval=0)
        self._message = MessagePage()
        self._loading = MessagePage()
        self._bar = QProgressBar(textVisible=False)
        self._area = QScrollArea()
        self._stack = QStackedWidget()
        self._column = QVBoxLayout()
        self._timer.timeout.connect(self._build_next)
        self._lay_out()
        self.show_nothing()

    # What is shown

    @property
    def evidence(self) -> "Evidence | None":
        """What is shown, or will be when the tab is seen."""
        return self._evidence

    @property
    def building(self) -> bool:
        """Whether pieces are still being put in."""
        return self._steps is not None

    def show_result(self, evidence: "Evidence") -> None:
        """Show evidence, at once or when the tab is first seen."""
        self._stop()
        self._evidence, self._waiting = evidence, True
        if self.isVisible():
            self._begin()

    def show_nothing(self) -> None:
        """Say that there are no runs yet."""
        self._forget()
        self._message.say(
            "No runs yet",
            (
                "Add finished runs on the left: the folder of a training, one that holds many (an experiment), or a "
                "table of runs."
            ),
        )
        self._stack.setCurrentIndex(_MESSAGE)

    def show_loading(self, what: str) -> None:
        """Say what is being done."""
        self._forget()
        self._loading.say(what, "")
        self._stack.setCurrentIndex(_LOADING)

    def show_problem(self, words: str, title: str = "") -> None:
        """Say why there is nothing to see, and what to do."""
        self._forget()
        self._message.say(title or "This cannot be shown", words)
        self._stack.setCurrentIndex(_MESSAGE)

    def build(self, evidence: "Evidence") -> Iterator[None]:
        """Put the pieces in; yield after each of them, so that the window can do something else."""
        raise NotImplementedError

    def close_jobs(self) -> None:
        """Stop and forget what is under way."""
        self._stop()

    # Pieces

    def add(self, widget: QWidget) -> None:
        """Put anything below what is there."""
        self._column.addWidget(widget)

    def add_heading(self, text: str, *, small: bool = False) -> None:
        """Begin a section."""
        if self._column.count() and not small:
            self._column.addSpacing(2 * UNIT)
        self._column.addWidget(heading(text, small=small))

    def add_sentence(self, text: str, *, caution: bool = False) -> None:
        """Put sentences in; a caution stands out."""
        self._column.addWidget(Caution(text) if caution else plain_text(text))

    def add_figure(self, chart: "Chart", text: str, *, height: int = _FIGURE) -> "FigureFrame":
        """Put a figure in, with the sentence that says what it shows."""
        frame = framed(chart, text, height=height)
        self._column.addWidget(frame)
        return frame

    def add_table(
        self, caption: str, columns: Sequence[str], rows: Sequence[Sequence[str]], *, left: Sequence[int] = ()
    ) -> NumbersTable:
        """Put numbers in."""
        table = NumbersTable(caption, columns, rows, left=left)
        self._column.addWidget(table)
        return table

    def add_block(self, block: "TableBlock") -> NumbersTable:
        """Put a table of the report in."""
        return self.add_table(block.caption, block.columns, block.rows)

    def add_side_by_side(self, left_title: str, left: QWidget, right_title: str, right: QWidget) -> None:
        """Put two things beside each other: as published, and as it should be read."""
        self._column.addWidget(SideBySide(left_title, left, right_title, right))

    # Building

    def _lay_out(self) -> None:
        self._bar.setRange(0, 0)
        self._bar.setMaximumWidth(40 * UNIT)
        self._bar.setFixedHeight(UNIT)
        loading = QWidget()
        lines = QVBoxLayout(loading)
        lines.addWidget(self._loading, 1)
        lines.addWidget(self._bar, 0, Qt.AlignmentFlag.AlignHCenter)
        lines.addStretch(1)
        self._area.setFrameShape(QFrame.Shape.NoFrame)
        self._area.setWidgetResizable(True)
        self._area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        for page in (self._message, loading, self._area):
            self._stack.addWidget(page)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(self._stack)

    @override
    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        if self._waiting:
            self._begin()

    def _begin(self) -> None:
        assert self._evidence is not None
        self._waiting = False
        page = QWidget()
        inside = QWidget()
        inside.setMaximumWidth(_WIDEST)
        self._column = QVBoxLayout(inside)
        self._column.setContentsMargins(3 * UNIT, 2 * UNIT, 3 * UNIT, 4 * UNIT)
        self._column.setSpacing(2 * UNIT)
        outer = QVBoxLayout(page)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(inside)
        outer.addStretch(1)
        self._area.setWidget(page)  # which deletes the one before
        self._stack.setCurrentIndex(_COLUMN)
        self._steps = self.build(self._evidence)
        self._timer.start()

    def _build_next(self) -> None:
        if self._steps is None:
            self._timer.stop()
            return
        try:
            next(self._steps)
        except StopIteration:
            self._stop()
            self.built.emit()
        except BaseException:
            self._stop()
            raise

    def _stop(self) -> None:
        self._timer.stop()
        self._steps = None

    def _forget(self) -> None:
        self._stop()
        self._evidence, self._waiting = None, False


def framed(chart: "Chart", text: str, *, height: int = _FIGURE) -> "FigureFrame":
    """Return a figure as tall as figures in tabs are."""
    from annotriage.desktop.charts.figure_frame import FigureFrame

    chart.setFixedHeight(height)
    return FigureFrame(chart, text)
