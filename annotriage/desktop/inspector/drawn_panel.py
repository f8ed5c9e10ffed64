"""What people drew of an image, beside what was predicted: how much they agree, who they are, what comes next."""

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QGridLayout, QLabel, QWidget

from annotriage.desktop.widgets.named import named
from annotriage.desktop.widgets.text import text_label
from annotriage.desktop.widgets.theme import UNIT

if TYPE_CHECKING:
    from collections.abc import Sequence


class DrawnPanel(QWidget):
    """Captions and values; hidden where nobody drew the image."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._rows: Sequence[tuple[str, str]] = ()
        self._labels: list[tuple[QLabel, QLabel]] = []
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setHorizontalSpacing(UNIT)
        self._grid.setVerticalSpacing(UNIT // 4)
        self._grid.setColumnStretch(1, 1)
        self.hide()

    def show_rows(self, rows: "Sequence[tuple[str, str]]") -> None:
        """Show other rows; none: hide."""
        if rows == self._rows:
            return
        self._rows = rows
        while len(self._labels) < len(rows):
            self._labels.append(self._added(len(self._labels)))
        for place, pair in enumerate(self._labels):
            caption, value = rows[place] if place < len(rows) else ("", "")
            for label, text in zip(pair, (caption, value), strict=True):
                label.setText(text)
                label.setVisible(place < len(rows))
            pair[1].setAccessibleName(f"{caption}: {value}")
        self.setVisible(bool(rows))

    def _added(self, place: int) -> tuple[QLabel, QLabel]:
        caption, value = text_label(faint=True), named(text_label(wraps=True, copies=True), f"drawn {place}")
        self._grid.addWidget(caption, place, 0, Qt.AlignmentFlag.AlignTop)
        self._grid.addWidget(value, place, 1)
        return caption, value
