"""Texts are shown as they stand: what a file is called, or says, is never taken for a page with pictures and links.

Qt guesses whether the text of a label or a tool tip is rich, and a rich one opens the files that it names: on Windows
even those of a stranger's server. So whatever is left to a guess is plain here; what is meant to be rich says so.
"""

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtWidgets import QApplication, QLabel, QMessageBox

_GUESSED = Qt.TextFormat.AutoText
_POLISH = QEvent.Type.Polish


def as_it_stands(text: str) -> str:
    """Return the text of a button, an action or a tab that shows just this: its & underlines nothing."""
    return text.replace("&", "&&")


class PlainTexts(QObject):
    """Makes each label and tool tip of the program plain before it is shown."""

    def __init__(self, app: QApplication) -> None:
        super().__init__(app)
        app.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Look at what is about to be shown for the first time; Qt makes its tool tips anew each time."""
        if event.type() is _POLISH:
            if isinstance(watched, (QLabel, QMessageBox)) and watched.textFormat() == _GUESSED:
                watched.setTextFormat(Qt.TextFormat.PlainText)
        return False
