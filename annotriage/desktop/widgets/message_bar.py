"""Messages above the images: what went wrong and what to do; they wait to be read and block nothing."""

import logging
from collections.abc import Callable, Sequence
from typing import NamedTuple

from PySide6.QtCore import QEvent, Qt
from PySide6.QtWidgets import QFrame, QLabel, QMenu, QSizePolicy, QWidget
from typing_extensions import override

from annotriage.desktop.widgets.buttons import tool_button
from annotriage.desktop.widgets.icon_label import IconLabel
from annotriage.desktop.widgets.layout import STRETCH, column, grow, row
from annotriage.desktop.widgets.one_line import OneLineButton, breakable
from annotriage.desktop.widgets.plain_texts import as_it_stands
from annotriage.desktop.widgets.theme import UNIT, current_theme

_log = logging.getLogger(__name__)
_MOST = 3
"""Messages that stand at once; the oldest makes way."""


class Answer(NamedTuple):
    """What a button says, what it does, and what its tip says."""

    text: str
    do: Callable[[], None]
    tip: str = ""


class MessageBar(QWidget):
    """The messages that were not read away yet, the newest below."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._lines = column(on=self, spacing=0)
        self._messages: list[_Message] = []
        self.hide()

    def show_message(
        self, sentence: str, *, action: str = "", do: Callable[[], None] | None = None, problem: bool = True
    ) -> None:
        """Show a message, maybe with a button that mends it; one that stands already is not repeated.

        `action` stands on the button, `do` is what it does; without a problem, it is but worth knowing.
        """
        self._show(sentence, [] if do is None else [Answer(action, do)], problem=problem)

    def ask(
        self, sentence: str, answers: Sequence[Answer], *, more: Sequence[Answer] = (), more_words: str = ""
    ) -> None:
        """Show a question that may wait, with a button for each answer; `more` of them are in a menu."""
        self._show(sentence, answers, problem=False, more=more, more_words=more_words)

    def _show(
        self,
        sentence: str,
        answers: Sequence[Answer],
        *,
        problem: bool,
        more: Sequence[Answer] = (),
        more_words: str = "",
    ) -> None:
        if any(message.sentence == sentence for message in self._messages):
            return
        _log.log(logging.WARNING if problem else logging.INFO, "%s", sentence)
        message = _Message(sentence, problem, self)
        message.offer(answers, more, more_words)
        message.dismissed = lambda: self._drop(message)
        self._messages.append(message)
        self._lines.addWidget(message)
        if len(self._messages) > _MOST:
            self._drop(self._messages[0])
        self.show()

    def withdraw(self, sentence: str) -> None:
        """Take a message away that is no longer true."""
        for message in [each for each in self._messages if each.sentence == sentence]:
            self._drop(message)

    def clear(self) -> None:
        """Take all messages away, as when another folder is opened."""
        for message in list(self._messages):
            self._drop(message)

    def sentences(self) -> list[str]:
        """Return what stands there now."""
        return [message.sentence for message in self._messages]

    def _drop(self, message: "_Message") -> None:
        if message in self._messages:
            self._messages.remove(message)
            self._lines.removeWidget(message)
            message.deleteLater()
        self.setVisible(bool(self._messages))


class _Message(QFrame):
    """One message."""

    def __init__(self, sentence: str, problem: bool, parent: QWidget) -> None:
        super().__init__(parent)
        self.sentence = sentence
        self._problem = problem
        self.dismissed: Callable[[], None] = lambda: None
        sign = IconLabel("warning" if problem else "info", 2 * UNIT)
        text = QLabel(breakable(sentence))
        text.setTextFormat(Qt.TextFormat.PlainText)
        text.setWordWrap(True)
        text.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        text.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self._close = tool_button("close", "Dismiss this message", lambda: self.dismissed())
        self._text = text
        self._line = row(sign, grow(text), self._close)
        self._lines = column(self._line, on=self, spacing=UNIT // 2, margins=(2 * UNIT, UNIT, UNIT, UNIT))
        self.setAccessibleName(sentence)
        self._colour()

    def offer(self, answers: Sequence[Answer], more: Sequence[Answer], more_words: str) -> None:
        """Offer answers: one beside the sentence, several below it, where long ones have room."""
        buttons = [self._button(answer) for answer in answers]
        if more:
            button = OneLineButton(as_it_stands(more_words))
            button.setMenu(menu := QMenu(button))
            menu.setToolTipsVisible(True)
            for answer in more:
                action = menu.addAction(as_it_stands(answer.text))
                action.setToolTip(answer.tip)
                action.triggered.connect(lambda _=False, do=answer.do: self._answer(do))
            buttons.append(button)
        if len(buttons) == 1:
            self._line.insertWidget(self._line.indexOf(self._close), buttons[0])
        elif buttons:
            policy = self._text.sizePolicy()
            policy.setHeightForWidth(True)  # a question is short: it is as high as its lines, however narrow it gets
            self._text.setSizePolicy(policy)
            self._lines.addLayout(row(3 * UNIT, *buttons, STRETCH))

    def _button(self, answer: Answer) -> OneLineButton:
        button = OneLineButton(as_it_stands(answer.text))
        button.setToolTip(answer.tip)
        button.clicked.connect(lambda: self._answer(answer.do))
        return button

    def _answer(self, do: Callable[[], None]) -> None:
        do()
        self.dismissed()

    @override
    def changeEvent(self, event: QEvent) -> None:
        if event.type() == QEvent.Type.PaletteChange:
            self._colour()
        super().changeEvent(event)

    def _colour(self) -> None:
        theme = current_theme()
        palette = self.palette()
        colour = theme.warning if self._problem else theme.field
        if palette.color(self.backgroundRole()) != colour:
            palette.setColor(self.backgroundRole(), colour)
            self.setAutoFillBackground(True)
            self.setPalette(palette)
