"""What is said of a folder that changes by itself: a count below the images, and a message while it is out of reach."""

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer, Signal

from annotriage.desktop.window.folder_flow import gone_text
from annotriage.triage.decisions import Decision
from annotriage.wording import number_text

if TYPE_CHECKING:
    from annotriage.desktop.navigator import Navigator
    from annotriage.desktop.review.controller import ReviewController
    from annotriage.desktop.widgets.message_bar import MessageBar
    from annotriage.triage.catalogue_changes import ImagesChange

_QUIET_MS = 8000
"""Milliseconds without anything new after which it is counted from the beginning."""
_LOST = "{folder} is out of reach: is its drive unplugged? Nothing is lost, and it goes on once it is back."


class FolderNews(QObject):
    """Counts what comes while it comes, and says when the folder is away and when it is back."""

    counted = Signal(str)
    """What came, changed and went of late, in words that stand beside others; empty: nothing."""

    def __init__(
        self, review: "ReviewController", navigator: "Navigator", messages: "MessageBar", parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._review = review
        self._navigator = navigator
        self._messages = messages
        self._away = self._told_gone = ""
        self._decided_gone: set[str] = set()
        self._quiet = QTimer(self, singleShot=True, interval=_QUIET_MS)
        self._quiet.timeout.connect(self._begin)
        self._begin()
        review.arrived.connect(self._on_arrived)
        review.away_changed.connect(self._on_away)
        review.folder_changed.connect(self._begin)
        review.folder_changed.connect(self._decided_gone.clear)

    def _begin(self) -> None:
        self._new: set[str] = set()
        self._changed: set[str] = set()
        self._gone: set[str] = set()
        self.counted.emit("")

    def _on_arrived(self, change: "ImagesChange") -> None:
        new, gone = {image.name for image, _ in change.new}, set(change.gone)
        self._gone = (self._gone | gone) - new
        self._new = (self._new | new) - gone
        self._changed = (self._changed | {image.name for image in change.changed}) - self._gone - self._new
        parts = [
            f"{number_text(len(self._new))} new {'image' if len(self._new) == 1 else 'images'}" if self._new else "",
            f"{number_text(len(self._changed))} changed" if self._changed else "",
            f"{number_text(len(self._gone))} gone" if self._gone else "",
        ]
        self.counted.emit(", ".join(part for part in parts if part))
        self._quiet.start()
        self._tell_decided(gone, new)

    def _tell_decided(self, gone: set[str], new: set[str]) -> None:
        """Say of how many images that went something was decided, in one message for all of them."""
        catalogue = self._review.images.catalogue
        reviews = {} if catalogue is None else catalogue.reviews
        decided = {name for name in gone if name in reviews and reviews[name].decision is not Decision.UNDECIDED}
        now = (self._decided_gone | decided) - new
        if now == self._decided_gone:
            return
        self._decided_gone = now
        self._messages.withdraw(self._told_gone)
        self._told_gone = gone_text(len(now))
        if now:
            self._messages.show_message(self._told_gone, problem=False)

    def _on_away(self, away: str | None) -> None:
        if away is not None:
            self._away = _LOST.format(folder=self._review.folder)
            self._messages.show_message(self._away)
        elif self._away:
            self._messages.withdraw(self._away)
            self._away = ""
            if self._review.is_followed:
                self._navigator.news.emit("The folder is back.")
