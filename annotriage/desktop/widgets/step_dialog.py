"""A dialog of several steps: the rail on the left, the step that is shown, and below it what leads on."""

from collections.abc import Sequence
from typing import NamedTuple

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QStackedWidget, QWidget
from typing_extensions import override

from annotriage.desktop.widgets.buttons import PrimaryButton, push_button
from annotriage.desktop.widgets.closing_dialog import ClosingDialog
from annotriage.desktop.widgets.layout import buttons, column, grow, row
from annotriage.desktop.widgets.question_bar import QuestionBar
from annotriage.desktop.widgets.step_rail import StepRail
from annotriage.desktop.widgets.text import RoomForLines
from annotriage.desktop.widgets.theme import UNIT


class Question(NamedTuple):
    """What is asked before a dialog closes, and its answers: to close, and to stay."""

    sentence: str
    yes: str
    no: str


class StepFoot(QWidget):
    """A sentence, and buttons of which the primary one says what it does.

    `another` is on a further button, which is hidden until it is offered.
    """

    another_wanted = Signal()
    close_wanted = Signal()
    back_wanted = Signal()
    next_wanted = Signal()

    def __init__(self, another: str = "", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._told = RoomForLines()
        self._told.setObjectName("told")
        self._told.setAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        self._told.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self._another = push_button(another, self.another_wanted.emit)
        self._another.hide()
        close = push_button("Close", self.close_wanted.emit)
        self._back = push_button("&Back", self.back_wanted.emit)
        self.next = PrimaryButton("")
        self.next.clicked.connect(lambda: self.next_wanted.emit())
        for button, name in ((self._another, "another"), (close, "close"), (self._back, "back"), (self.next, "next")):
            button.setObjectName(name)
        told = grow(self._told)
        buttons(
            told, self._another, close, self._back, self.next, on=self, margins=(3 * UNIT, UNIT, 3 * UNIT, 2 * UNIT)
        )
        shortcut = QShortcut(QKeySequence("Ctrl+Return"), self)
        shortcut.activated.connect(self.next.click)
        self.next.setToolTip(shortcut.key().toString(QKeySequence.SequenceFormat.NativeText))

    def say(self, sentence: str) -> None:
        """Say what is still missing, or what was done."""
        self._told.say(sentence)

    def offer(self, text: str, *, enabled: bool, by_enter: bool = True) -> None:
        """Let the primary button say what it does; empty: there is nothing to do."""
        self.next.setVisible(bool(text))
        self.next.setText(text)
        self.next.setEnabled(enabled)
        self.next.setDefault(by_enter)

    def offer_others(self, *, back: bool, another: bool = False) -> None:
        """Offer the step before, and to begin another dialog like this one, or not."""
        self._back.setVisible(back)
        self._another.setVisible(another)


class StepDialog(ClosingDialog):
    """Steps of which one is shown. Not modal; it is deleted once it is closed.

    A kind of it says where `go` may go and what `forward` does, and what `question` is asked before Escape or the
    button closes it: hours of work must not go with one key.
    """

    def __init__(
        self,
        titles: Sequence[str],
        stack: QStackedWidget,
        *,
        size: tuple[int, int] = (150 * UNIT, 95 * UNIT),
        another: str = "",
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowFlag(Qt.WindowType.WindowMaximizeButtonHint)
        self._size = QSize(*size)
        self._stack = stack
        self.rail = StepRail(titles)
        self.bar = QuestionBar()
        self.foot = StepFoot(another)
        row(self.rail, grow(column(self.bar, grow(stack), self.foot, spacing=0)), on=self, spacing=0)
        self.resize(self._size)
        self.rail.chosen.connect(self.go)
        self.foot.back_wanted.connect(lambda: self.go(self.step - 1))
        self.foot.close_wanted.connect(self.reject)
        self.foot.next_wanted.connect(self.forward)

    @property
    def step(self) -> int:
        """The step that is shown."""
        return self._stack.currentIndex()

    @property
    def next(self) -> PrimaryButton:
        """The button that leads on."""
        return self.foot.next

    def go(self, step: int) -> None:
        """Show a step, if one may go there."""
        self._stack.setCurrentIndex(step)
        self.rail.set_current(step)

    def forward(self) -> None:
        """Do what the button that leads on says."""
        self.go(self.step + 1)

    def question(self) -> Question | None:
        """Say what is to be asked before it is closed; None: nothing would be lost."""
        return None

    @override
    def sizeHint(self) -> QSize:
        return self._size

    @override
    def reject(self) -> None:
        question = self.question()
        if question is None:
            self.done(0)
        else:
            self.bar.ask(question.sentence, question.yes, question.no, lambda: self.done(0))
