"""A chart in its frame: the title above it, the sentence that says what it shows, buttons to take it along."""

import re
from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFileDialog, QSizePolicy, QWidget

from annotriage.desktop.charts.chart import Chart
from annotriage.desktop.charts.saving import ENDINGS
from annotriage.desktop.widgets.buttons import tool_button
from annotriage.desktop.widgets.layout import column, grow, row
from annotriage.desktop.widgets.text import text_label
from annotriage.desktop.widgets.theme import UNIT
from annotriage.errors import AnnotriageError

_TITLE = 15
"""Pixels of the title's letters."""


class FigureFrame(QWidget):
    """A chart with its title, what it shows in a sentence, and buttons that copy and save it."""

    def __init__(self, chart: Chart, sentence: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.chart = chart
        self._title = text_label(chart.title, wraps=True, heavy=True, copies=True, size=_TITLE)
        self._sentence = text_label(wraps=True, copies=True)
        self._said = text_label(wraps=True, copies=True)
        named = f" ({chart.title})" if chart.title else ""
        self.copy_button = tool_button("copy", "Copy the figure", self.copy, name=f"Copy the figure{named}")
        self.save_button = tool_button("export", "Save the figure…", self._ask_save, name=f"Save the figure…{named}")
        self._lay_out()
        self.set_sentence(sentence)

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

    def _lay_out(self) -> None:
        self._title.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        self._said.hide()
        for button in (self.copy_button, self.save_button):
            button.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        head = row(grow(self._title), self.copy_button, self.save_button, spacing=UNIT // 2)
        column(head, self._sentence, grow(self.chart), self._said, on=self)

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
