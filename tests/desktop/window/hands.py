"""Hands and eyes of a person in front of the window."""

from pathlib import Path
from typing import TypeVar

from PySide6.QtCore import QMimeData, QPoint, Qt, QUrl
from PySide6.QtGui import QAction, QDragEnterEvent, QDropEvent
from PySide6.QtWidgets import QAbstractButton, QApplication, QLabel, QMenu, QWidget
from pytestqt.qtbot import QtBot

from annotriage.desktop.gallery.gallery import Gallery
from annotriage.desktop.inspector.editors import AssigneeBox, NoteEdit
from annotriage.desktop.inspector.inspector_panel import InspectorPanel
from annotriage.desktop.review.controller import ReviewController
from annotriage.desktop.review.image_model import ImageModel
from annotriage.desktop.window.actions import Actions
from annotriage.desktop.window.main_window import MainWindow
from annotriage.desktop.window.workspace import Workspace
from annotriage.triage.decisions import Decision, Review
from annotriage.triage.journal import ReviewJournal
from annotriage.triage.scoring_progress import Phase
from annotriage.triage.store import SessionStore

NONE = Qt.KeyboardModifier.NoModifier
CTRL = Qt.KeyboardModifier.ControlModifier
SHIFT = Qt.KeyboardModifier.ShiftModifier
W = TypeVar("W", bound=QWidget)


class Hands:
    """Presses keys, clicks, and reads what stands on the screen.

    Attributes
    ----------
    window : MainWindow
    """

    def __init__(self, window: MainWindow, qtbot: QtBot) -> None:
        self.window = window
        self.qtbot = qtbot

    # Parts of the window

    @property
    def review(self) -> ReviewController:
        return self.window.review

    @property
    def images(self) -> ImageModel:
        return self.window.review.images

    @property
    def actions(self) -> Actions:
        return self.window.actions_

    @property
    def workspace(self) -> Workspace:
        return self.window.pages.workspace

    @property
    def gallery(self) -> Gallery:
        return self.workspace.gallery.gallery

    @property
    def panel(self) -> InspectorPanel:
        return self.workspace.inspector

    @property
    def note(self) -> NoteEdit:
        return self.panel.findChild(NoteEdit)

    @property
    def assignee(self) -> AssigneeBox:
        return self.panel.findChild(AssigneeBox)

    # What the eyes see

    def names(self) -> list[str]:
        """Return the images shown, in order."""
        return [self.images.image(line).name for line in range(self.images.rowCount())]

    def current(self) -> str | None:
        """Return the image that is looked at."""
        index = self.workspace.selection.currentIndex()
        return self.images.image(index.row()).name if index.isValid() else None

    def decision(self, name: str) -> Decision:
        """Return what the window shows as decided for an image."""
        return self.said(name).decision

    def said(self, name: str) -> Review:
        """Return all that the window shows as said about an image."""
        catalogue = self.images.catalogue
        assert catalogue is not None
        row = catalogue.row_of(name)
        assert row is not None
        return catalogue.review_at(row)

    def undecided(self) -> set[str]:
        """Return the shown images without a decision."""
        return {name for name in self.names() if self.decision(name) is Decision.UNDECIDED}

    def words(self, part: QWidget | None = None) -> str:
        """Return all texts of labels and buttons that are seen."""
        place = part or self.window
        labels = [label.text() for label in place.findChildren(QLabel) if label.isVisible()]
        buttons = [button.text() for button in place.findChildren(QAbstractButton) if button.isVisible()]
        return "\n".join([*labels, *buttons])

    def messages(self) -> list[str]:
        """Return the messages above the images."""
        return self.window.messages.sentences()

    def seen(self, name: str) -> bool:
        """Return whether an image stands on the screen in the grid."""
        line = self.images.line_of(name)
        return line is not None and self.gallery.grid.isVisible() and line in self.gallery.grid.visible_lines()

    def button(self, text: str, part: QWidget | None = None) -> QAbstractButton:
        """Return the one button seen whose text or accessible name begins like this."""
        found = [
            each
            for each in (part or self.window).findChildren(QAbstractButton)
            if each.isVisible()
            and (each.text().replace("&", "").startswith(text) or each.accessibleName().startswith(text))
        ]
        assert len(found) == 1, f"{text}: {len(found)} buttons"
        return found[0]

    def dialog(self, kind: type[W]) -> W:
        """Wait for a dialog and return it."""

        def found() -> list[W]:
            return [each for each in self.window.findChildren(kind) if each.isVisible()]

        self.qtbot.waitUntil(lambda: len(found()) == 1)
        return found()[0]

    # What the hands do

    def key(self, key: Qt.Key, modifiers: Qt.KeyboardModifier = NONE) -> None:
        """Press a key where the keyboard is now."""
        self.qtbot.keyClick(self._keyboard(), key, modifiers)

    def type(self, text: str) -> None:
        """Type where the keyboard is now."""
        for letter in text:
            self.qtbot.keyClick(self._keyboard(), letter)

    def press(self, key: Qt.Key) -> None:
        """Press a key down and keep it down."""
        self.qtbot.keyPress(self._keyboard(), key)

    def release(self, key: Qt.Key) -> None:
        """Let a key go."""
        self.qtbot.keyRelease(self._keyboard(), key)

    def click_on(self, name: str, modifiers: Qt.KeyboardModifier = NONE) -> None:
        """Click on an image in the grid."""
        line = self.images.line_of(name)
        assert line is not None
        grid = self.gallery.grid
        place = grid.visualRect(self.images.index(line, 0)).center()
        assert grid.viewport().rect().contains(place), f"{name} is not seen"
        self.qtbot.mouseClick(grid.viewport(), Qt.MouseButton.LeftButton, modifiers, place)

    def menu(self, *path: str) -> QAction:
        """Go through menus and return the item at the end of the way."""
        menu: QMenu | None = None
        actions = self.window.menuBar().actions()
        action = None
        for text in path:
            # A path may be shortened in the item; its tool tip has it whole.
            found = [
                each for each in actions if each.toolTip() == text or each.text().replace("&", "").startswith(text)
            ]
            assert len(found) == 1, f"{text} in {[each.text() for each in actions]}"
            action = found[0]
            menu = action.menu()  # type: ignore[assignment]
            if isinstance(menu, QMenu):
                menu.aboutToShow.emit()
                actions = menu.actions()
        assert action is not None
        return action

    def drop(self, *paths: Path, on: QWidget | None = None) -> None:
        """Drag files over the window and let them go."""
        data = QMimeData()
        data.setUrls([QUrl.fromLocalFile(str(path)) for path in paths])
        how = (Qt.DropAction.CopyAction, data, Qt.MouseButton.LeftButton, NONE)
        over = QDragEnterEvent(QPoint(99, 99), *how)
        over.ignore()
        target = on or self.window
        QApplication.sendEvent(target, over)
        assert over.isAccepted()
        QApplication.sendEvent(target, QDropEvent(QPoint(99, 99), *how))

    # What takes a while

    def wait_until_scored(self) -> None:
        """Wait for the end of scoring, and for the order that follows."""
        self.qtbot.waitUntil(lambda: self.review.progress.phase is Phase.DONE)
        self.images.reorder()
        self.qtbot.waitUntil(lambda: self.current() is not None and self.panel.fields.names == (self.current(),))

    def wait_for(self, name: str, decision: Decision) -> None:
        """Wait until the window shows a decision as made."""
        self.qtbot.waitUntil(lambda: self.decision(name) is decision)

    def wait_for_words(self, text: str, part: QWidget | None = None) -> None:
        """Wait until something can be read."""
        self.qtbot.waitUntil(lambda: text in self.words(part))

    def close(self) -> None:
        """Close the window."""
        self.window.close()

    def _keyboard(self) -> QWidget:
        if not self.window.isActiveWindow():  # no window manager does it when a dialog is gone
            self.window.activateWindow()
            self.qtbot.waitUntil(self.window.isActiveWindow)
        focused = self.window.focusWidget()
        return focused if focused is not None else self.window


def stored(folder: Path) -> dict[str, Review]:
    """Return what the disk holds about a folder."""
    with SessionStore() as store:
        return ReviewJournal(store, folder).reviews()


def undo(hands: Hands) -> None:
    """Take the last action back by key."""
    hands.qtbot.waitUntil(hands.actions.undo.isEnabled)  # told just after what was recorded
    hands.key(Qt.Key.Key_Z, CTRL)


def redo(hands: Hands) -> None:
    """Do by key what was taken back."""
    hands.qtbot.waitUntil(hands.actions.redo.isEnabled)
    hands.key(Qt.Key.Key_Z, CTRL | SHIFT)
