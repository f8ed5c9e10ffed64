"""The registry of a window's dialogs: each is open once, none is larger than the screen, and all close with it."""

from collections.abc import Callable, Hashable
from typing import TypeVar

from PySide6.QtCore import QObject, Qt
from PySide6.QtWidgets import QDialog, QWidget

from annotriage.desktop.widgets.fitting import fit

D = TypeVar("D", bound=QDialog)


class OpenDialogs(QObject):
    """The dialogs that are open, by keys; none of them blocks the window."""

    def __init__(self, window: QWidget) -> None:
        super().__init__(window)
        self._window = window
        self._dialogs: dict[Hashable, QDialog] = {}

    def show(self, key: Hashable, make: Callable[[], D]) -> D:
        """Show the dialog of a key in front of all others, after making it where it is not open yet."""
        dialog = self._dialogs.get(key)
        if dialog is None:
            dialog = make()
            dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
            self._dialogs[key] = dialog
            dialog.finished.connect(lambda: self._forget(dialog))
            dialog.destroyed.connect(lambda: self._forget(dialog))
            fit(dialog, self._window.screen())
        dialog.show()
        dialog.raise_()
        dialog.activateWindow()
        return dialog  # type: ignore[return-value]

    def get(self, key: Hashable, kind: type[D]) -> D | None:
        """Return the dialog of a key, if it is open."""
        dialog = self._dialogs.get(key)
        return dialog if isinstance(dialog, kind) else None

    def __contains__(self, key: Hashable) -> bool:
        """Say whether the dialog of a key is open."""
        return key in self._dialogs

    def rename(self, dialog: QDialog, key: Hashable) -> None:
        """Keep an open dialog under another key."""
        self._forget(dialog)
        self._dialogs[key] = dialog

    def close_all(self) -> None:
        """Close what is open, as before the window goes; what is at work there is stopped."""
        for dialog in list(self._dialogs.values()):
            dialog.close()

    def _forget(self, dialog: QDialog) -> None:
        self._dialogs = {key: each for key, each in self._dialogs.items() if each is not dialog}
