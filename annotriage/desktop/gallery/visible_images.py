"""Tell which images can be seen, once scrolling comes to a rest."""

from collections.abc import Callable

from PySide6.QtCore import QObject, QTimer, Signal, Slot

_REST_MS = 100


class VisibleImages(QObject):
    """Watches a view that scrolls; `names`: of the images seen now, the most central first."""

    changed = Signal(list)  # other images are seen than before

    def __init__(self, names: Callable[[], list[str]], parent: QObject) -> None:
        super().__init__(parent)
        self._names = names
        self._told: list[str] = []
        self._rest = QTimer(self, singleShot=True, interval=_REST_MS)
        self._rest.timeout.connect(self._tell)

    def look_again(self) -> None:
        """Look once nothing has moved for a tenth of a second."""
        self._rest.start()

    @Slot()
    def _tell(self) -> None:
        names = self._names()
        if names != self._told:
            self._told = names
            self.changed.emit(names)
