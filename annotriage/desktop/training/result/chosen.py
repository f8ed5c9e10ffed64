"""The test image that was clicked: as it is, what pulls its prediction, and its numbers."""

import math

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QSizePolicy, QToolButton, QVBoxLayout, QWidget
from typing_extensions import override

from annotriage.desktop.training.result.heatmaps import Look, Looks
from annotriage.desktop.training.result.tiles import TestImage, draw_look
from annotriage.desktop.widgets.icons import icon
from annotriage.desktop.widgets.text import bold, plain_text
from annotriage.desktop.widgets.theme import UNIT

_SIDE, _SMALL_SIDE = 17 * UNIT, 11 * UNIT


class LookView(QWidget):
    """Paints an image and its heatmap side by side."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._look: Look | None = None
        self._side = _SIDE
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.setAccessibleName("The image, and what pulls its prediction")

    def show_look(self, look: Look | None) -> None:
        """Show a look; None: it is being made."""
        self._look = look
        self.update()

    def set_side(self, side: int) -> None:
        """Set how tall it is."""
        self._side = side
        self.setFixedSize(self.sizeHint())

    @override
    def sizeHint(self) -> QSize:
        return QSize(2 * self._side + UNIT, self._side)

    @override
    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        side = self._side
        draw_look(
            painter, self._look, [QRectF(place * (side + UNIT), 0, side, side) for place in range(2)], self.font()
        )


class ChosenImage(QWidget):
    """Hidden until an image is chosen.

    Signals
    -------
    opened : str
        The image of this name is to be shown large.
    closed
        It is not looked at any more.
    """

    opened = Signal(str)
    closed = Signal()

    def __init__(self, looks: Looks, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._looks = looks
        self._image: TestImage | None = None
        self._view = LookView()
        self._name, self._numbers = bold(plain_text()), plain_text()
        self._note = plain_text("Right: red pulls towards disagreement, blue towards agreement.", faint=True)
        self._open = QPushButton(icon("zoom-in"), "Show it &large")
        self._open.setAccessibleName("Show it large")
        self._open.setToolTip(self._open.text().replace("&", ""))
        self._open.setAutoDefault(False)
        self._close = QToolButton(autoRaise=True)
        self._close.setIcon(icon("close"))
        self._close.setToolTip("Hide the image")
        self._close.setAccessibleName(self._close.toolTip())
        words = QVBoxLayout()
        words.setSpacing(0)
        for label in (self._name, self._numbers, self._note):
            words.addWidget(label)
        words.addStretch(1)
        ways = QVBoxLayout()
        ways.addWidget(self._close, 0, Qt.AlignmentFlag.AlignRight)
        ways.addStretch(1)
        ways.addWidget(self._open)
        line = QHBoxLayout(self)
        line.setContentsMargins(0, UNIT, 0, 0)
        line.setSpacing(2 * UNIT)
        line.addWidget(self._view, 0, Qt.AlignmentFlag.AlignTop)
        line.addLayout(words, 1)
        line.addLayout(ways)
        self._open.clicked.connect(self._on_open)
        self._close.clicked.connect(self._on_close)
        looks.ready.connect(self._take_look)
        self.hide()

    @property
    def image(self) -> TestImage | None:
        """The image that is shown."""
        return self._image

    def set_small(self, small: bool) -> None:
        """Take less room, for small windows."""
        self._view.set_side(_SMALL_SIDE if small else _SIDE)
        self._open.setText("" if small else "Show it &large")
        self._note.setVisible(not small)
        self.setToolTip(self._note.text() if small else "")

    def text(self) -> str:
        """Return what is said of the image."""
        return f"{self._name.text()}\n{self._numbers.text()}"

    def show_image(self, image: TestImage | None, other: str = "") -> None:
        """Show an image and its numbers.

        Parameters
        ----------
        image : TestImage or None
            None: hide.
        other : str
            What the model in use is called.
        """
        self._image = image
        self.setVisible(image is not None)
        if image is None:
            return
        lines = [f"People: {image.true:.2f}"]
        predicted = f"Predicted: {image.predicted:.2f}"
        if not math.isnan(image.lower):
            ends = f"{image.lower:.2f} to {image.upper:.2f}"
            predicted += f" ({ends})"
        lines.append(predicted)
        if not math.isnan(image.other):
            words = "{model}: {predicted}"
            lines.append(words.format(model=other[:1].upper() + other[1:], predicted=f"{image.other:.2f}"))
        self._name.setText(image.name)
        self._numbers.setText("\n".join(lines))
        self._show_look(self._looks.look(image.name, first=True))

    @override
    def minimumSizeHint(self) -> QSize:
        # As it is when small: else a window in which it is large could not be made smaller.
        return QSize(2 * _SMALL_SIDE + 24 * UNIT, _SMALL_SIDE + UNIT)

    def _take_look(self, name: str) -> None:
        if self._image is not None and self._image.name == name:
            self._show_look(self._looks.look(name))

    def _show_look(self, look: Look | None) -> None:
        self._view.show_look(look)
        self._open.setEnabled(look is None or look.picture is not None)

    def _on_open(self) -> None:
        if self._image is not None:
            self.opened.emit(self._image.name)

    def _on_close(self) -> None:
        self.show_image(None)
        self.closed.emit()
