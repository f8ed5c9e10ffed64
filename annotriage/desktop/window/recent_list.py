"""The folders that were open before, each a button."""

from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import QEvent, QRect, QSize, Qt, Signal
from PySide6.QtGui import QColor, QEnterEvent, QKeyEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QAbstractButton, QWidget
from typing_extensions import override

from annotriage.desktop.background import Job
from annotriage.desktop.settings import RecentFolder
from annotriage.desktop.widgets.buttons import tool_button
from annotriage.desktop.widgets.icons import pixmap
from annotriage.desktop.widgets.layout import STRETCH, column, grow, row
from annotriage.desktop.widgets.text import text_label
from annotriage.desktop.widgets.theme import UNIT, current_theme
from annotriage.names import as_unicode
from annotriage.wording import images_text, number_text

_ICON = 20


class RecentList(QWidget):
    """Recent folders, the last one first; those that are gone are greyed and can be taken off."""

    chosen = Signal(Path)
    """A folder is to be opened."""
    forgotten = Signal(Path)
    """A folder is to be taken off the list."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._rows: dict[Path, _Row] = {}
        self._looking: Job | None = None
        self._column = column(text_label("Recent folders", heavy=True), UNIT, STRETCH, on=self, spacing=0)

    def show_folders(self, folders: Sequence[RecentFolder]) -> None:
        """Show these folders, and find out in a thread which of them are still there."""
        for each in self._rows.values():
            self._column.removeWidget(each)
            each.hide()
            each.deleteLater()
        self._rows = {}
        for folder in folders:
            each = _Row(folder)
            each.opened.connect(self.chosen)
            each.forgotten.connect(self.forgotten)
            self._rows[folder.path] = each
            self._column.insertWidget(self._column.count() - 1, each)
        self.setVisible(bool(folders))
        self._look()

    def buttons(self) -> list[QWidget]:
        """Return what the keyboard goes through, in order."""
        return [button for each in self._rows.values() for button in (each.button, each.remove)]

    def _look(self) -> None:
        if self._looking is not None:
            self._looking.forget()
        paths = list(self._rows)
        # A folder on a drive that does not answer can take minutes to look at; nobody waits for the thread.
        self._looking = Job(lambda: [path for path in paths if not _is_folder(path)], self._mark_missing)

    def _mark_missing(self, missing: list[Path]) -> None:
        for path in missing:
            if path in self._rows:
                self._rows[path].mark_missing()

    def stop_looking(self) -> None:
        """Forget the thread that looks for the folders."""
        if self._looking is not None:
            self._looking.forget()


class _Row(QWidget):
    """A folder's button and, where the folder is gone, one that takes it off the list."""

    opened = Signal(Path)
    forgotten = Signal(Path)

    def __init__(self, folder: RecentFolder) -> None:
        super().__init__()
        self._folder = folder
        self.button = _FolderButton(folder)
        self.button.clicked.connect(lambda: self.opened.emit(folder.path))
        self.button.remove_pressed.connect(lambda: self.forgotten.emit(folder.path))
        self.remove = tool_button(
            "close", f"Take {self.button.title()} off the list", lambda: self.forgotten.emit(folder.path)
        )
        self.remove.hide()
        row(grow(self.button), self.remove, on=self, spacing=UNIT // 2)

    def mark_missing(self) -> None:
        """Show that the folder is not there."""
        self.button.mark_missing()
        self.remove.show()


class _FolderButton(QAbstractButton):
    """Name, path and number of images of a folder; Delete asks to take it off the list."""

    remove_pressed = Signal()

    def __init__(self, folder: RecentFolder) -> None:
        super().__init__()
        self._folder = folder
        self._missing = False
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self._name()

    def title(self) -> str:
        """Return the folder's own name."""
        return as_unicode(self._folder.path.name or str(self._folder.path))

    def mark_missing(self) -> None:
        """Grey it: the folder is not there."""
        self._missing = True
        self.setEnabled(False)
        self._name()
        self.update()

    def _fact(self) -> str:
        if self._missing:
            return "not found"
        images, decided = self._folder.images, self._folder.decided
        if images is None:
            return ""
        if not decided:
            return images_text(images)
        if decided >= images:
            return f"{images_text(images)}, all decided"
        return f"{images_text(images)}, {number_text(decided)} decided"

    def _name(self) -> None:
        path = _shown(self._folder.path)
        self.setAccessibleName(", ".join(part for part in (self.title(), self._fact(), path) if part))
        self.setToolTip(path if self._missing else f"{path}\nDelete takes it off the list.")

    @override
    def sizeHint(self) -> QSize:
        return QSize(40 * UNIT, 2 * self.fontMetrics().height() + 2 * UNIT)

    @override
    def minimumSizeHint(self) -> QSize:
        return QSize(24 * UNIT, self.sizeHint().height())

    @override
    def paintEvent(self, event: QPaintEvent) -> None:
        theme = current_theme()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        box = self.rect().adjusted(1, 1, -1, -1)
        if self.isEnabled() and (self.underMouse() or self.isDown()):
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(theme.trough if self.isDown() else theme.field)
            painter.drawRoundedRect(box, 4, 4)
        if self.hasFocus():
            painter.setPen(QPen(theme.accent, 2))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(box, 4, 4)
        text, faint = QColor(theme.text), QColor(theme.faint_text)
        if self._missing:
            text.setAlphaF(0.55)
            faint.setAlphaF(0.7)
        inside = box.adjusted(UNIT, UNIT // 2, -UNIT, -UNIT // 2)
        drawn = pixmap("open-folder", _ICON, text, ratio=self.devicePixelRatioF())
        painter.drawPixmap(inside.left(), inside.center().y() - _ICON // 2, drawn)
        inside.setLeft(inside.left() + _ICON + UNIT + UNIT // 2)
        self._draw_text(painter, inside, text, faint)

    def _draw_text(self, painter: QPainter, inside: QRect, text: QColor, faint: QColor) -> None:
        metrics = self.fontMetrics()
        fact = self._fact()
        upper = QRect(inside.left(), inside.top(), inside.width(), inside.height() // 2)
        lower = QRect(inside.left(), upper.bottom() + 1, inside.width(), inside.height() - upper.height())
        painter.setPen(faint)
        painter.drawText(upper, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, fact)
        path = metrics.elidedText(_shown(self._folder.path), Qt.TextElideMode.ElideMiddle, lower.width())
        painter.drawText(lower, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, path)
        upper.setRight(upper.right() - metrics.horizontalAdvance(fact) - (UNIT if fact else 0))
        painter.setPen(text)
        name = metrics.elidedText(self.title(), Qt.TextElideMode.ElideMiddle, upper.width())
        painter.drawText(upper, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, name)

    @override
    def keyPressEvent(self, event: QKeyEvent) -> None:
        match event.key():
            case Qt.Key.Key_Delete | Qt.Key.Key_Backspace:
                self.remove_pressed.emit()
            case Qt.Key.Key_Return | Qt.Key.Key_Enter:
                self.click()
            case _:
                super().keyPressEvent(event)

    @override
    def enterEvent(self, event: QEnterEvent) -> None:
        super().enterEvent(event)
        self.update()

    @override
    def leaveEvent(self, event: QEvent) -> None:
        super().leaveEvent(event)
        self.update()


def _is_folder(path: Path) -> bool:
    try:
        return path.is_dir()
    except (OSError, ValueError):
        return False


def _shown(path: Path) -> str:
    """Return a path as people write it, with ~ for their own folder, and with marks for what is no text."""
    home = Path.home()
    text = str(Path("~") / path.relative_to(home)) if path.is_relative_to(home) else str(path)
    return as_unicode(text)
