"""Messages about decisions that come and go with what is true: one could not be written down; all are made."""

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject

from annotriage.triage.decision_words import decided_text, done_text
from annotriage.triage.decisions import Decision

if TYPE_CHECKING:
    from PySide6.QtGui import QAction

    from annotriage.desktop.review.controller import ReviewController
    from annotriage.desktop.widgets.message_bar import MessageBar


class DecisionMessages(QObject):
    """Takes the message of a failed decision away when the next one works, and says when the last one is made."""

    def __init__(
        self, review: "ReviewController", messages: "MessageBar", export: "QAction", parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._review = review
        self._messages = messages
        self._export = export
        self._failures: set[str] = set()
        self._done = ""
        review.journal.not_recorded.connect(lambda sentence, _: self._failures.add(sentence))
        review.journal.recorded.connect(self._on_recorded)
        review.folder_changed.connect(lambda _: self._withdraw())

    def _on_recorded(self, label: str, reviews: object, what: str) -> None:
        self._withdraw()
        catalogue, shown = self._review.images.catalogue, self._review.images.filter
        if catalogue is None or shown.decisions == {Decision.UNDECIDED}:
            return  # in a list of what is undecided, its place says that it is done
        summary = catalogue.summary()
        if summary.decided and not summary.left and what != "undid":
            self._done = f"{done_text(summary)}: {decided_text(summary)}"
            self._messages.show_message(self._done, action="Export…", do=self._export.trigger, problem=False)

    def _withdraw(self) -> None:
        for sentence in (*self._failures, self._done):
            self._messages.withdraw(sentence)
        self._failures.clear()
        self._done = ""
