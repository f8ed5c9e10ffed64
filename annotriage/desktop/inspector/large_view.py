"""One image as large as the window allows; all else stays at the edges."""

from typing import TYPE_CHECKING

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QFont, QFontMetrics, QResizeEvent
from PySide6.QtWidgets import QBoxLayout, QLabel, QLayout, QSizePolicy, QToolButton, QWidget
from typing_extensions import override

from annotriage.desktop.inspector.decision_button import KEYS, DecisionButton, show_decisions
from annotriage.desktop.inspector.gauge import Gauge, Numbers
from annotriage.desktop.inspector.legend import Legend
from annotriage.desktop.inspector.overlay_bar import OverlayBar
from annotriage.desktop.inspector.picture_view import PictureView
from annotriage.desktop.inspector.review_slip import ReviewSlip
from annotriage.desktop.widgets.icons import icon
from annotriage.desktop.widgets.layout import STRETCH, column, grow, left, row, top
from annotriage.desktop.widgets.named import named
from annotriage.desktop.widgets.one_line import OneLineLabel, OneLineToolButton
from annotriage.desktop.widgets.text import NameLabel
from annotriage.desktop.widgets.theme import UNIT
from annotriage.scoring.team_words import beside
from annotriage.triage.decisions import Decision
from annotriage.wording import number_text

if TYPE_CHECKING:
    from collections.abc import Mapping

    from annotriage.desktop.inspector.image_loader import ImageLoader
    from annotriage.desktop.inspector.overlay_state import OverlayState
    from annotriage.desktop.inspector.picture_view import PreviewOf
    from annotriage.desktop.inspector.review_fields import ReviewFields
    from annotriage.images import ImageFile
    from annotriage.triage.decisions import Review

_NUMBER = 20
_ICON = QSize(20, 20)
_SMALLEST = QSize(600, 360)
_WITH_GAUGE = 900
"""The width from which there is room for the gauge."""
_WITH_CAPTION = 480
_LEAST_NAME = 14 * UNIT


class LargeView(QWidget):
    """The image with its name, rank and numbers above, the overlays' switches, legend and decisions below.

    Whatever is decided or written here is about the image shown.

    `preview_of`: as for `InspectorPanel`, with which all three are shared.
    """

    decided = Signal(Decision)
    close_wanted = Signal()
    """Back to the gallery."""
    higher_wanted = Signal()
    """The undecided images that rank higher are to be gone to."""

    def __init__(
        self,
        loader: "ImageLoader",
        overlays: "OverlayState",
        preview_of: "PreviewOf | None" = None,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.pictures = PictureView(loader, overlays, preview_of, self)
        self.setFocusProxy(self.pictures)
        self._name = named(NameLabel(self), "name")
        self._higher = named(OneLineToolButton(parent=self), "higher")
        self._higher.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self._higher.setToolTip("Show the images in their new order, from the first undecided one (R)")
        self._higher.hide()
        self._rank = named(OneLineLabel(parent=self), "rank")
        self._number = named(QLabel(self), "number")
        self._caption = named(QLabel("Predicted disagreement", self), "caption")
        self._gauge = named(Gauge(compact=True, parent=self), "gauge")
        self._zoom = named(QLabel(self), "zoom")
        self._zoom.setAccessibleName("Zoom")
        self._close = named(QToolButton(self), "close")
        self._close.setIcon(icon("close"))
        self._close.setIconSize(_ICON)
        self._close.setAutoRaise(True)
        self._close.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self._close.setToolTip("Back to the gallery (Esc)")
        self._close.setAccessibleName("Back to the gallery")
        self._legend = named(Legend(overlays, keep_room=True, parent=self), "legend")
        self._bar = named(OverlayBar(overlays, in_one_row=True, parent=self), "bar")
        self._buttons = {decision: named(DecisionButton(decision, self), decision.value) for decision in KEYS}
        self.slip = ReviewSlip(self)
        """Assignee and note."""
        self._lay_out()
        self.setMinimumSize(_SMALLEST)
        self._close.clicked.connect(self.close_wanted)
        self._higher.clicked.connect(self.higher_wanted)
        self.slip.left.connect(self.pictures.setFocus)
        self.pictures.picture_changed.connect(self._show_picture)
        self.pictures.zoom_changed.connect(self._show_zoom)
        for decision, button in self._buttons.items():
            button.clicked.connect(lambda _=False, made=decision: self.decided.emit(made))
        self.set_numbers(Numbers())
        self.set_reviews({})
        self._show_picture()

    @property
    def fields(self) -> "ReviewFields":
        """Assignee and note of the image."""
        return self.slip.fields

    @property
    def image(self) -> "ImageFile | None":
        """The image that is shown."""
        return self.pictures.image

    def set_numbers(self, numbers: Numbers) -> None:
        """Show what is predicted for the image."""
        disagreement = numbers.disagreement
        rank = f"rank {number_text(numbers.rank)} of {number_text(numbers.ranked)}" if numbers.rank else ""
        unlike = "unlike what the model knows" if numbers.unlike else ""
        said = numbers.with_mark(numbers.with_drawn(rank))
        self._rank.setText("  ·  ".join(part for part in (unlike, said) if part))
        rows = [f"{caption}: {value}" for caption, value in numbers.drawn]
        self._rank.setToolTip("\n".join(part for part in (numbers.unlike_words(), *rows) if part))
        self._number.setText(numbers.disagreement_words())
        caption = beside("Predicted disagreement", numbers.team)
        self._caption.setText("Not scored yet" if disagreement is None else caption)
        self._caption.setToolTip(numbers.sentence)
        self._gauge.set_numbers(numbers)

    def set_reviews(self, reviews: "Mapping[str, Review]") -> None:
        """Show what was said about the image, by its name."""
        self.slip.set_reviews(reviews)
        show_decisions(self._buttons, {review.decision for review in reviews.values()})
        for button in self._buttons.values():
            button.setEnabled(bool(reviews))

    def set_higher(self, words: str) -> None:
        """Offer to go to undecided images that rank higher; empty: there are none."""
        self._higher.setText(words)
        self._higher.setVisible(bool(words))
        self._make_way()

    def write(self, *, assignee: bool = False) -> None:
        """Let the person write the note, or the assignee, of the image, without leaving it."""
        self.slip.place(self.pictures.geometry())
        self.slip.write(assignee=assignee)

    def _show_picture(self) -> None:
        image, picture = self.pictures.image, self.pictures.picture
        self._name.set_name("" if image is None else image.name)
        self._legend.set_layers(None if picture is None else picture.layers, image)
        self._show_zoom(self.pictures.canvas.zoom)

    def _show_zoom(self, zoom: float) -> None:
        self._zoom.setText(f"{round(100 * zoom)} %" if zoom else "")

    def _lay_out(self) -> None:
        font = QFont(self.font())
        font.setPixelSize(_NUMBER)
        font.setWeight(QFont.Weight.DemiBold)
        self._number.setFont(font)
        self._zoom.setMinimumWidth(QFontMetrics(self.font()).horizontalAdvance("3200 %"))
        self._zoom.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        self._name.setMinimumWidth(_LEAST_NAME)
        above = row(
            grow(column(self._name, self.slip.line, spacing=0)), self._higher, self._rank,
            row(self._caption, self._number), self._gauge, self._zoom, self._close,
            spacing=2 * UNIT, margins=(2 * UNIT, UNIT // 2, UNIT, UNIT // 2),
        )  # fmt: skip
        for button in self._buttons.values():
            button.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        self._below = row(
            left(self._bar), STRETCH, row(*self._buttons.values(), spacing=UNIT // 2),
            margins=(2 * UNIT, 0, 2 * UNIT, UNIT),
        )  # fmt: skip
        # As high as two lines even when empty: an overlay that comes and goes must not change the image's size.
        foot = QWidget(self)
        foot.setMinimumHeight(UNIT + max(self._legend.height_of(2), self._bar.looks.sizeHint().height()))
        row(top(self._bar.looks), grow(self._legend), on=foot, spacing=2 * UNIT, margins=(2 * UNIT, UNIT // 2))
        # The foot above the buttons: a legend of many lines moves none of them.
        lines = column(above, grow(self.pictures), foot, self._below, on=self, spacing=UNIT // 2)
        lines.setSizeConstraint(QLayout.SizeConstraint.SetNoConstraint)  # narrow, it is laid out in another way

    def _width_of_one_row(self) -> int:
        """Return the width from which the decisions stand beside the switches."""
        buttons = sum(button.minimumSizeHint().width() + UNIT // 2 for button in self._buttons.values())
        return self._bar.sizeHint().width() + buttons + 6 * UNIT

    def _make_way(self) -> None:
        """Leave the gauge, then a caption out where the image's name and rank need their room."""
        words = self._higher.sizeHint().width() if self._higher.text() else 0
        self._gauge.setVisible(self.width() >= _WITH_GAUGE + words)
        self._caption.setVisible(self.width() >= _WITH_CAPTION + words)

    @override
    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        beside = self.width() >= self._width_of_one_row()
        self._below.setDirection(QBoxLayout.Direction.LeftToRight if beside else QBoxLayout.Direction.TopToBottom)
        self._make_way()
        self.slip.place(self.pictures.geometry())
