"""A dialog that asks what to do, does it in a thread behind a bar, and says what came of it."""

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QPlainTextEdit, QProgressBar, QSizePolicy, QWidget

from annotriage.desktop.background import LongJob
from annotriage.desktop.widgets.buttons import PrimaryButton, push_button
from annotriage.desktop.widgets.closing_dialog import ClosingDialog
from annotriage.desktop.widgets.layout import STRETCH, Item, Stretch, buttons, column, grow
from annotriage.desktop.widgets.text import text_label
from annotriage.desktop.widgets.theme import UNIT

_MOST_PROBLEMS = 500


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of it: a sentence, where it is (None: nowhere), lines to read, and what could not be done, and why."""

    sentence: str
    place: Path | None = None
    details: list[str] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)


class JobDialog(ClosingDialog):
    """Not modal: other work goes on. Closing stops what runs, and deletes the dialog.

    A kind of it calls `begin`, says in `show_news` how far it is and in `show_outcome` what follows from it.
    """

    def __init__(self, *, what: str, problems: str, place: str, sign: str = "", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.outcome: Outcome | None = None
        self._job: LongJob | None = None
        self._form = QWidget()
        self.hint = text_label(wraps=True, faint=True)
        self.bar = QProgressBar(textVisible=False)
        self.bar.setFixedHeight(UNIT)
        self.bar.setAccessibleName(f"Progress of {what}")
        self.told = text_label(wraps=True, heavy=True, copies=True)
        self.details = text_label(wraps=True, copies=True)
        self.problems = QPlainTextEdit(readOnly=True, tabChangesFocus=True)
        self.problems.setAccessibleName(problems)
        self.problems.setMinimumHeight(8 * UNIT)
        self.place_button = push_button(place, self.show_place, sign=sign)
        self.close_button = push_button("Close", self._close_or_stop)
        self.start = PrimaryButton("")
        self.start.setDefault(True)
        names = ("hint", "bar", "told", "details", "problems", "start", "close_button", "place_button")
        for name in names:
            getattr(self, name).setObjectName(name.removesuffix("_button"))

    @property
    def running(self) -> bool:
        """Whether something is being done."""
        return self._job is not None

    @property
    def stopping(self) -> bool:
        """Whether it was asked to end, and has not yet."""
        return self._job is not None and self._job.stopping.is_set()

    def lay_out(self, form: QWidget, *, above: Item = None, width: int) -> None:
        """Put the parts in their places, the form below what is said first."""
        self._form = form
        form.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        below = buttons(self.place_button, STRETCH, self.close_button, self.start)
        column(
            above, form, self.hint, self.bar, self.told, self.details, grow(self.problems), Stretch(0), below,
            on=self, margins=2 * UNIT,
        )  # fmt: skip
        self.forget_outcome()
        self.resize(width, self.sizeHint().height())

    def begin(self, work: Callable[[LongJob], Outcome], words: str) -> None:
        """Do it; `work` is called in a thread, and `words` stand there until it tells something."""
        self.outcome = None
        self.bar.setRange(0, 0)
        self.told.setText(words)
        self._job = LongJob(work, self._end, lambda sentence: self._end(Outcome(sentence)), self.show_news)
        self._show_running()

    def show_news(self, news: Any) -> None:
        """Say how far it is."""

    def show_outcome(self, outcome: Outcome) -> None:
        """Do what follows from what came of it."""

    def show_place(self) -> None:
        """Show where it is."""

    def check(self) -> None:
        """Say what stands in the way, and whether it can begin."""

    def forget_outcome(self) -> None:
        """Say no more what came of it: something else is asked for."""
        if not self.running:
            self.outcome = None
            for widget in (self.bar, self.told, self.details, self.problems, self.place_button):
                widget.hide()

    def stop(self, seconds: float = 2.0) -> None:
        """Stop what is being done and wait for it, as when the program ends."""
        if self._job is not None:
            self._job.stopping.set()
            self._job.wait(seconds)

    def shut_down(self) -> None:
        """Stop what is being done, and hear nothing of it."""
        if self._job is not None:
            self._job.stop()
            self._job = None

    def _end(self, outcome: Outcome) -> None:
        self._job = None
        self.outcome = outcome
        self.told.setText(outcome.sentence)
        self.details.setText("\n".join(outcome.details))
        self.problems.setPlainText("\n".join(outcome.problems[:_MOST_PROBLEMS]))
        self._show_running()
        layout = self.layout()
        if layout is not None:
            layout.activate()
            self.resize(self.width(), max(self.height(), layout.totalHeightForWidth(self.width())))
        (self.place_button if outcome.place is not None else self.close_button).setFocus()
        self.show_outcome(outcome)

    def _show_running(self) -> None:
        running, outcome = self.running, self.outcome
        self._form.setEnabled(not running)
        self.bar.setVisible(running)
        self.told.show()
        self.details.setVisible(outcome is not None and bool(outcome.details))
        self.problems.setVisible(outcome is not None and bool(outcome.problems))
        self.place_button.setVisible(outcome is not None and outcome.place is not None)
        self.close_button.setText("Stop" if running else "Close")
        self.close_button.setEnabled(True)
        self.check()

    def _close_or_stop(self) -> None:
        if self._job is not None:
            self._job.stopping.set()
            self.told.setText("Stopping…")
            self.close_button.setEnabled(False)
        else:
            self.reject()
