"""Where everything of a result stands: the verdict at the top, words beside figures, the ways out below."""

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QLabel, QPushButton, QSplitter, QVBoxLayout, QWidget
from typing_extensions import override

from annotriage.desktop.training.result.chosen import ChosenImage
from annotriage.desktop.training.result.figures import Figures
from annotriage.desktop.training.result.model_actions import WaysOut
from annotriage.desktop.training.result.tiles import ImageGroups
from annotriage.desktop.training.result.verdict import VerdictPanel
from annotriage.desktop.widgets.areas import ColumnArea, RoomyTabs
from annotriage.desktop.widgets.text import plain_text
from annotriage.desktop.widgets.theme import UNIT

if TYPE_CHECKING:
    from annotriage.desktop.training.result.heatmaps import Looks
    from annotriage.model_file import ModelLibrary

_SMALL_HEIGHT, _SMALL_WIDTH = 90 * UNIT, 112 * UNIT


class ResultView(QWidget):
    """The parts of a result; who fills them is `annotriage.desktop.training.result.page.ResultPage`."""

    def __init__(self, library: "ModelLibrary", looks: "Looks", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._narrow: bool | None = None
        self.verdict = VerdictPanel()
        self.figures = Figures(self)
        self.groups = ImageGroups(looks)
        self.chosen = ChosenImage(looks)
        self.ways = WaysOut(library)
        self.runs = QComboBox()
        self.statistics = QPushButton("Compare the runs in the &statistics")
        self.tabs = RoomyTabs()
        self._run_label = QLabel("&Run")
        self._note = QLabel(wordWrap=True)
        self._lay_out()

    @property
    def note(self) -> str:
        """What is said of runs that are not shown."""
        return self._note.text()

    def show_several(self, several: bool, note: str) -> None:
        """Offer a choice among runs or not, and say what there is to say of the others."""
        for widget in (self._run_label, self.runs, self.statistics):
            widget.setVisible(several)
        self._note.setText(note)
        self._note.setVisible(bool(note))

    def _lay_out(self) -> None:
        self._run_label.setBuddy(self.runs)
        self.runs.setToolTip(
            "The run with the smallest error on its validation images comes first. Do not choose by the test "
            "error: the best of many is partly luck."
        )
        self.statistics.setAutoDefault(False)
        self._note.setTextFormat(Qt.TextFormat.PlainText)
        top = QHBoxLayout()
        top.setSpacing(UNIT)
        top.addWidget(self.verdict.headline, 1)
        choice = QHBoxLayout()
        choice.setSpacing(UNIT)
        choice.addWidget(self._run_label)
        choice.addWidget(self.runs)
        choice.addWidget(self.statistics)
        choice.addStretch(1)
        words = ColumnArea(self.verdict)
        words.setMinimumWidth(34 * UNIT)
        self.tabs.setDocumentMode(True)
        self._add_tab(self.figures.scatter, "Predicted and true")
        self._add_tab(self.figures.errors, "Errors")
        self._add_tab(self.figures.coverage, "Interval")
        self._add_tab(self.figures.triage, "Triage")
        self._add_tab(
            self.groups, "Best and worst",
            ("Right of each image: red pulls towards disagreement, blue towards agreement; grey is where the model "
                "takes little notice."),
        )  # fmt: skip
        right = QWidget()
        column = QVBoxLayout(right)
        column.setContentsMargins(UNIT, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.tabs, 1)
        column.addWidget(self.chosen)
        self._splitter = splitter = QSplitter()
        splitter.addWidget(words)
        splitter.addWidget(right)
        splitter.setChildrenCollapsible(False)
        splitter.setStretchFactor(0, 0)
        splitter.setStretchFactor(1, 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(3 * UNIT, 2 * UNIT, 3 * UNIT, UNIT)
        column.setSpacing(UNIT)
        column.addLayout(top)
        column.addLayout(choice)
        column.addWidget(self._note)
        column.addWidget(splitter, 1)
        column.addWidget(self.ways)

    def _add_tab(self, widget: QWidget, title: str, words: str = "") -> None:
        page = QWidget()
        column = QVBoxLayout(page)
        column.setContentsMargins(0, UNIT, 0, 0)
        if words:
            column.addWidget(plain_text(words, faint=True))
        column.addWidget(widget, 1)
        self.tabs.addTab(page, title)

    @override
    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        narrow = self.width() < _SMALL_WIDTH
        self.chosen.set_small(narrow or self.height() < _SMALL_HEIGHT)
        if narrow is not self._narrow:
            self._narrow = narrow
            words = (36 if narrow else 42) * UNIT
            self._splitter.setSizes([words, max(self.width() - words, words)])
