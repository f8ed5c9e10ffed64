"""The verdict on a run: the answer in a few words, then all of it, what it takes for granted, and the numbers."""

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QFont
from PySide6.QtWidgets import (
    QFrame,
    QLabel,
    QProgressBar,
    QWidget,
)

from annotriage.comparison.verdict import Difference, Finding, guessing_sentence
from annotriage.desktop.widgets.buttons import push_button
from annotriage.desktop.widgets.icon_label import IconLabel
from annotriage.desktop.widgets.layout import STRETCH, column, grid, grow, row, top
from annotriage.desktop.widgets.text import SignedText, heading, plain_text, text_label
from annotriage.desktop.widgets.theme import UNIT
from annotriage.trainings.reference_model import error_rows

if TYPE_CHECKING:
    from collections.abc import Sequence

    from annotriage.trainings.reference_model import ReferenceComparison
    from annotriage.trainings.results import FinishedRun

_SIGNS = {Finding.BETTER: "check", Finding.WORSE: "warning"}
_RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter


class Headline(QWidget):
    """The answer in a few words, with a sign."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._sign = IconLabel("info", 3 * UNIT)
        self._label = heading("")
        row(top(self._sign), grow(self._label), on=self)

    def say(self, words: str, sign: str = "info") -> None:
        """Show the words."""
        self._sign.set_icon(sign)
        self._label.setText(words)

    def text(self) -> str:
        """Return the words."""
        return self._label.text()


class ErrorTable(QWidget):
    """Mean errors with their standard deviations: the new model, the model in use, a guess."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._grid = grid(on=self, spacing=(UNIT, UNIT // 2), stretch=0)
        titles = (
            ("Error", "MAE: how far the predicted Dice is off, on average"),
            ("± sd", "Its standard deviation over the test images"),
            ("Squared", "MSE: the average of the squared errors, in which large misses count most"),
            ("± sd", "Its standard deviation over the test images"),
        )
        for place, (words, tip) in enumerate(titles, start=1):
            self._put(0, place, words, tip)
        line = QFrame(frameShape=QFrame.Shape.HLine)
        line.setForegroundRole(self.palette().ColorRole.Mid)
        self._grid.addWidget(line, 1, 0, 1, 5)

    def show_rows(self, rows: "Sequence[tuple[str, str, tuple[float | None, ...]]]") -> None:
        """Show rows: each a name, its tooltip, and MAE, its sd, MSE, its sd; None: not known."""
        for place in range(self._grid.count() - 1, -1, -1):
            position: tuple[int, int, int, int] = self._grid.getItemPosition(place)  # type: ignore[assignment]
            if position[0] > 1:
                item = self._grid.takeAt(place)
                if item is not None and (widget := item.widget()) is not None:
                    widget.hide()
                    widget.deleteLater()
        for line, (name, tip, values) in enumerate(rows, start=2):
            label = self._put(line, 0, name, tip)
            label.setWordWrap(True)
            # Squared errors are small: with three digits most would be alike.
            texts = [
                "–" if value is None else f"{value:.{digits}f}"
                for value, digits in zip(values, (3, 3, 4, 4), strict=True)
            ]
            label.setAccessibleName(f"{name}: " + ", ".join(texts))
            for place, text in enumerate(texts, start=1):
                cell = self._put(line, place, text, "")
                font = QFont(cell.font())
                font.setFeature(QFont.Tag("tnum"), 1)
                if place in (1, 3) and line == 2:
                    font.setWeight(QFont.Weight.DemiBold)
                cell.setFont(font)

    def texts(self) -> list[list[str]]:
        """Return what stands there, row by row."""
        found = []
        for line in range(2, self._grid.rowCount()):
            cells = [self._grid.itemAtPosition(line, place) for place in range(5)]
            widgets = [cell.widget() for cell in cells if cell is not None]
            if widgets:
                found.append([each.text() for each in widgets if isinstance(each, QLabel)])
        return found

    def _put(self, line: int, place: int, words: str, tip: str) -> QLabel:
        label = text_label(words, copies=True)
        label.setToolTip(tip)
        label.setAlignment(_RIGHT if place else Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        self._grid.addWidget(label, line, place)
        return label


class VerdictPanel(QWidget):
    """All that is to be said of a run in words and numbers."""

    pictures_wanted = Signal()
    """The images are not where they were; somebody knows where they are."""
    again_wanted = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.headline = Headline()
        self.numbers = ErrorTable()
        self._sentence = plain_text()
        self._guess = SignedText()
        self._cautions = [SignedText("warning") for _ in range(4)]
        self._bar = QProgressBar(textVisible=False)
        self._bar.setFixedHeight(UNIT)
        self._bar.setAccessibleName("Progress of comparing with the model in use")
        self._find = push_button("&Find the images…", self.pictures_wanted.emit, sign="search")
        self._again = push_button("Try &again", self.again_wanted.emit, sign="refresh")
        self._method = plain_text(faint=True)
        column(
            self._bar, self._sentence, row(self._find, self._again, STRETCH), self.numbers, *self._cautions,
            self._guess, self._method, STRETCH,
            on=self, spacing=UNIT + 4, margins=(0, 0, UNIT, 0),
        )  # fmt: skip
        self._clear()

    @property
    def sentence(self) -> str:
        """What is said of the comparison."""
        return self._sentence.text() if not self._sentence.isHidden() else ""

    @property
    def cautions(self) -> list[str]:
        """Why it may mislead."""
        return [each.text() for each in self._cautions if not each.isHidden()]

    @property
    def guess(self) -> str:
        """What is said of the run beside a guess."""
        return self._guess.text()

    def show_run(self, run: "FinishedRun", guess: Difference) -> None:
        """Show what is known of a run by itself."""
        self._clear()
        sign = "check" if guess.finding is Finding.BETTER else "warning"
        self._guess.say(guessing_sentence(guess), "info" if guess.finding is Finding.TOO_FEW else sign)
        self._show_numbers(run, None)

    def show_waiting(self, words: str, done: int, total: int) -> None:
        """Say what is being done."""
        self.headline.say(words, "info")
        self._bar.setRange(0, total)
        self._bar.setValue(done)
        self._bar.show()
        self._sentence.hide()

    def show_judgement(self, run: "FinishedRun", found: "ReferenceComparison") -> None:
        """Show the comparison with the model in use."""
        self._clear()
        verdict = found.verdict
        self.headline.say(verdict.headline, _SIGNS.get(verdict.finding, "info"))
        self._sentence.setText(verdict.sentence)
        self._sentence.show()
        for label, words in zip(self._cautions, verdict.cautions, strict=False):
            label.say(words, "warning")
            label.show()
        self._method.setText(verdict.method)
        self._method.setVisible(bool(verdict.method))
        self._show_numbers(run, found)

    def show_problem(self, headline: str, sentence: str, *, images_gone: bool = False) -> None:
        """Say why there is no comparison, and offer a way out."""
        self._clear()
        self.headline.say(headline, "warning")
        self._sentence.setText(sentence)
        self._sentence.show()
        self._find.setVisible(images_gone)
        self._again.setVisible(not images_gone)

    def _clear(self) -> None:
        for widget in (self._bar, self._sentence, self._find, self._again, self._method, *self._cautions):
            widget.hide()

    def _show_numbers(self, run: "FinishedRun", found: "ReferenceComparison | None") -> None:
        self.numbers.show_rows([(each.name, each.meaning, each.numbers) for each in error_rows(run, found)])
