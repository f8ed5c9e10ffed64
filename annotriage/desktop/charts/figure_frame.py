"""A chart in its frame: the title above it, the sentence that says what it shows, buttons to take it along."""

import re
from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtGui import QFont
from PySide6.QtWidgets import QFileDialog, QHBoxLayout, QLabel, QSizePolicy, QToolButton, QVBoxLayout, QWidget

from annotriage.desktop.charts.chart import Chart
from annotriage.desktop.charts.saving import ENDINGS
from annotriage.desktop.widgets.icons import icon
from annotriage.desktop.widgets.theme import UNIT
from annotriage.errors import AnnotriageError

_TITLE = 15
"""Pixels of the title's letters."""


class FigureFrame(QWidget):
    """A chart with its title, what it shows in a sentence, and buttons that copy and save it."""

    def __init__(self, chart: Chart, sentence: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.chart = chart
        self._title = QLabel(chart.title)
        self._sentence = QLabel(wordWrap=True)
        self._said = QLabel(wordWrap=True)
        self.copy_button = self._button("copy", "Copy the figure")
        self.save_button = self._button("export", "Save the figure…")
        self._lay_out()
        self.set_sentence(sentence)
        self.copy_button.clicked.connect(self.copy)
        self.save_button.clicked.connect(self._ask_save)

    @property
    def sentence(self) -> str:
        """What is said of the figure."""
        return self._sentence.text()

    @property
    def said(self) -> str:
        """What came of copying or saving it; empty: nothing was done."""
        return self._said.text() if not self._said.isHidden() else ""

    def set_sentence(self, sentence: str) -> None:
        """Say what the figure shows."""
        self._sentence.setText(sentence)
        self._sentence.setVisible(bool(sentence))
        self.chart.set_description(sentence)

    def copy(self) -> None:
        """Put the figure on the clipboard."""
        self.chart.copy()
        self._say("The figure is on the clipboard.")

    def save(self, path: Path) -> None:
        """Write the figure, or say why not."""
        try:
            self.chart.save(path)
        except AnnotriageError as error:
            self._say(str(error))
        else:
            self._say(f"Saved: {path}")

    def _button(self, name: str, words: str) -> QToolButton:
        button = QToolButton()
        button.setIcon(icon(name))
        button.setAutoRaise(True)
        button.setToolTip(words)
        button.setAccessibleName(f"{words} ({self.chart.title})" if self.chart.title else words)
        button.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        return button

    def _lay_out(self) -> None:
        font = QFont(self._title.font())
        font.setPixelSize(_TITLE)
        font.setWeight(QFont.Weight.DemiBold)
        self._title.setFont(font)
        self._title.setWordWrap(True)
        self._title.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        for label in (self._title, self._sentence, self._said):
            label.setTextFormat(Qt.TextFormat.PlainText)
            label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self._said.hide()
        head = QHBoxLayout()
        head.setSpacing(UNIT // 2)
        head.addWidget(self._title, 1)
        head.addWidget(self.copy_button)
        head.addWidget(self.save_button)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(UNIT)
        column.addLayout(head)
        column.addWidget(self._sentence)
        column.addWidget(self.chart, 1)
        column.addWidget(self._said)

    def _say(self, words: str) -> None:
        self._said.setText(words)
        self._said.show()

    def _ask_save(self) -> None:
        name = re.sub(r"[^\w.]+", "-", self.chart.title.lower()).strip("-.") or "figure"
        kinds = ";;".join(f"{ending[1:].upper()} (*{ending})" for ending in ENDINGS)
        found, kind = QFileDialog.getSaveFileName(self, "Save the figure", f"{name}{ENDINGS[0]}", kinds)
        if found:
            path = Path(found)
            chosen = next((ending for ending in ENDINGS if f"*{ending}" in kind), ENDINGS[0])
            self.save(path if path.suffix.lower() in ENDINGS else path.with_name(path.name + chosen))
