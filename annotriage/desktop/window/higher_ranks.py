"""What ranks higher than the image that is looked at: counted as predictions arrive, gone to when asked for."""

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer, Signal

from annotriage.wording import number_text

if TYPE_CHECKING:
    from annotriage.desktop.review.image_model import ImageModel
    from annotriage.desktop.window.target import Target

_COUNT_EVERY = 150
"""Milliseconds between two counts, while predictions come by the dozen a second."""


def higher_text(count: int) -> str:
    """Offer to go to undecided images that rank higher."""
    said = "{count} undecided rank higher: go there"
    one = "1 undecided ranks higher: go there"
    return one if count == 1 else said.format(count=number_text(count))


def short_higher_text(count: int) -> str:
    """Offer the same where there is little room."""
    said = "{count} rank higher"
    one = "1 ranks higher"
    return one if count == 1 else said.format(count=number_text(count))


class HigherRanks(QObject):
    """Counts the undecided images shown that rank higher than the current one."""

    changed = Signal(int)
    """How many there are now."""

    def __init__(self, images: "ImageModel", target: "Target", parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._images = images
        self._target = target
        self.count = 0
        self._soon = QTimer(self, singleShot=True, interval=_COUNT_EVERY)
        self._soon.timeout.connect(self.count_now)
        images.summary_changed.connect(self._count_soon)
        images.order_changed.connect(self._count_soon)
        target.changed.connect(self._count_soon)

    def count_now(self) -> None:
        """Count now."""
        line = self._target.current
        count = 0 if line is None else self._images.open_above(line)
        if count != self.count:
            self.count = count
            self.changed.emit(count)

    def _count_soon(self) -> None:
        if not self._soon.isActive():
            self._soon.start()
