"""A dialog that ends its work in one place, however it is closed."""

from PySide6.QtGui import QCloseEvent
from PySide6.QtWidgets import QDialog
from typing_extensions import override


class ClosingDialog(QDialog):
    """Calls `shut_down` whether its button, Escape, the title bar or the end of the program closes it.

    Qt's own dialog passes `done` by when it is closed while it is hidden, and asks `reject` when the title bar's button
    is pressed, which here means: close.
    """

    def shut_down(self) -> None:
        """Stop threads and drop their answers; may be called twice."""

    @override
    def closeEvent(self, event: QCloseEvent) -> None:
        self.done(0)
        event.accept()

    @override
    def done(self, result: int) -> None:
        self.shut_down()
        super().done(result)
