"""What is dropped on the window, each by its kind: a folder opens, a list is imported, an image is gone to."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QRect, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent
from PySide6.QtWidgets import QWidget
from typing_extensions import override

from annotriage.desktop.dropped import dropped_paths
from annotriage.desktop.widgets.drop_place import paint_drop_place
from annotriage.desktop.widgets.theme import UNIT, current_theme
from annotriage.triage.drops import Drop, DropKind, understand
from annotriage.wording import images_text

if TYPE_CHECKING:
    from PySide6.QtGui import QDragEnterEvent, QDropEvent

    from annotriage.desktop.review.controller import ReviewController
    from annotriage.desktop.widgets.message_bar import MessageBar
    from annotriage.desktop.window.actions import Actions
    from annotriage.desktop.window.dialogs import Dialogs
    from annotriage.desktop.window.folder_flow import FolderFlow
    from annotriage.desktop.window.folder_pages import FolderPages


class Dropping(QObject):
    """Takes what is dropped on the window, and says before what that does."""

    def __init__(
        self,
        over: QWidget,
        review: "ReviewController",
        actions: "Actions",
        flow: "FolderFlow",
        dialogs: "Dialogs",
        messages: "MessageBar",
        pages: "Callable[[], FolderPages]",
    ) -> None:
        super().__init__(over)
        self._review = review
        self._actions = actions
        self._flow = flow
        self._dialogs = dialogs
        self._messages = messages
        self._pages = pages
        self._wanted: list[Path] = []
        self.feedback = DropFeedback(over)
        review.listed.connect(self._go_on)

    def enter(self, event: "QDragEnterEvent") -> None:
        """Say what letting go does, for whatever lies on this machine."""
        paths = dropped_paths(event.mimeData())
        if event.source() is not None or not paths:
            return
        event.acceptProposedAction()
        drop = understand(paths, has_folder=self._review.folder is not None)
        self.feedback.show_sentence(drop.sentence, useful=drop.kind is not DropKind.NOTHING)

    def leave(self) -> None:
        """Say nothing more: it was dragged away again."""
        self.feedback.leave()

    def drop(self, event: "QDropEvent") -> None:
        """Do it."""
        self.feedback.leave()
        paths = dropped_paths(event.mimeData())
        if paths:
            event.acceptProposedAction()
            self.open_dropped(paths)

    def open_dropped(self, paths: Sequence[Path]) -> None:
        """Do what dropping these does."""
        drop = understand(paths, has_folder=self._review.folder is not None)
        self.forget()
        match drop.kind:
            case DropKind.FOLDER:
                self._flow.open(drop.paths[0])
            case DropKind.LIST:
                self._dialogs.import_list(drop.paths[0])
            case DropKind.IMAGES:
                self._take_images(drop)
            case DropKind.NOTHING:
                self._messages.show_message(drop.sentence)

    def _take_images(self, drop: Drop) -> None:
        if self._review.folder is None or any(self._pages().name_of(path) is None for path in drop.paths):
            self._wanted = list(drop.paths)
            self._flow.open(drop.paths[0].parent)
            return
        catalogue = self._review.images.catalogue
        names = [self._pages().name_of(path) for path in drop.paths]
        self._wanted = list(drop.paths)
        if catalogue is None or any(name is None or catalogue.row_of(name) is None for name in names):
            self._flow.refresh()  # they may be newer than the list
        else:
            self._go_on(True)

    def _go_on(self, complete: bool) -> None:
        """Go to the images, as soon as they are listed."""
        if not self._wanted:
            return
        names = [self._pages().name_of(path) for path in self._wanted]
        here = [name for name in names if name is not None]
        left = self._pages().select_images(here)
        if left and not complete:
            return
        self.forget()
        if left:
            self._tell_left(left)

    def _tell_left(self, names: Sequence[str]) -> None:
        catalogue = self._review.images.catalogue
        row = None if catalogue is None else catalogue.row_of(names[0])
        if catalogue is None or row is None:
            text = "{name} is no image for this list: a mask or an overlay among images is left out."
            self._messages.show_message(text.format(name=names[0]))
        elif row in catalogue.problems:
            text = "{name} cannot be read: {reason}"
            self._messages.show_message(text.format(name=names[0], reason=catalogue.problems[row]))
        else:
            text = "{images} not shown: the filters leave them out."
            if len(names) == 1:
                text = "{name} is not shown: the filters leave it out."
            self._messages.show_message(
                text.format(images=images_text(len(names)), name=names[0]),
                action="Clear filters",
                do=lambda: self._without_filters(names),
                problem=False,
            )

    def _without_filters(self, names: Sequence[str]) -> None:
        self._actions.clear_filters.trigger()
        self._pages().select_images(names)

    def forget(self) -> None:
        """Go to none of them: another folder was asked for."""
        self._wanted = []


class DropFeedback(QWidget):
    """A sheet over a widget with a sentence in its middle; the mouse goes through it."""

    def __init__(self, over: QWidget) -> None:
        super().__init__(over)
        self._over = over
        self.sentence = ""
        """What it says; empty while it is not there."""
        self._useful = True
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.hide()

    def show_sentence(self, sentence: str, *, useful: bool) -> None:
        """Appear with a sentence; `useful` says whether letting go does anything."""
        self.sentence, self._useful = sentence, useful
        self.setAccessibleName(sentence)
        self.setGeometry(self._over.rect())
        self.raise_()
        self.show()
        self.update()

    def leave(self) -> None:
        """Go away."""
        self.sentence = ""
        self.hide()

    @override
    def paintEvent(self, event: QPaintEvent) -> None:
        theme = current_theme()
        painter = QPainter(self)
        sheet = QColor(theme.surround)
        sheet.setAlphaF(0.45)
        painter.fillRect(self.rect(), sheet)
        font = self.font()
        font.setPixelSize(16)
        painter.setFont(font)
        room = self.rect().adjusted(8 * UNIT, 0, -8 * UNIT, 0)
        flags = int(Qt.AlignmentFlag.AlignCenter) | int(Qt.TextFlag.TextWordWrap)
        words: QRect = painter.fontMetrics().boundingRect(room, flags, self.sentence)
        painter.setPen(theme.line)
        painter.setBrush(theme.panel)
        painter.drawRoundedRect(words.adjusted(-2 * UNIT, -UNIT, 2 * UNIT, UNIT), 4, 4)
        painter.setPen(theme.text)
        painter.drawText(words, flags, self.sentence)
        painter.end()
        paint_drop_place(self, theme.faint_text, over=self._useful, invitation="")
