"""The right-hand side of the window: one image, what is predicted for it, and what was decided."""

from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QFrame, QScrollArea, QSplitter, QWidget
from typing_extensions import override

from annotriage.desktop.inspector.decision_panel import DecisionPanel
from annotriage.desktop.inspector.facts_panel import FactsPanel
from annotriage.desktop.inspector.gauge import Numbers
from annotriage.desktop.inspector.legend import Legend
from annotriage.desktop.inspector.numbers_panel import NumbersPanel
from annotriage.desktop.inspector.overlay_bar import OverlayBar
from annotriage.desktop.inspector.picture_view import PictureView
from annotriage.desktop.widgets.areas import Rule
from annotriage.desktop.widgets.layout import STRETCH, column, grow
from annotriage.desktop.widgets.named import named
from annotriage.desktop.widgets.theme import UNIT
from annotriage.triage.decisions import Decision

if TYPE_CHECKING:
    from collections.abc import Mapping

    from annotriage.desktop.inspector.image_loader import ImageLoader
    from annotriage.desktop.inspector.overlay_state import OverlayState
    from annotriage.desktop.inspector.picture_view import PreviewOf
    from annotriage.desktop.inspector.review_fields import ReviewFields
    from annotriage.images import ImageFile
    from annotriage.model_file import ModelCard
    from annotriage.triage.decisions import Review

_MIN_WIDTH = 280
_IMAGE_SHARE = 0.57
"""The most that the image takes at first of the height above the buttons."""


class InspectorPanel(QWidget):
    """Shows the current image in full beside the gallery.

    The buttons that decide, assignee and note stand at the bottom and never move; what changes in height with the image
    scrolls above.

    `preview_of`: ImageFile -> a thumbnail at hand, or None.
    """

    decided = Signal(Decision)

    def __init__(
        self,
        loader: "ImageLoader",
        overlays: "OverlayState",
        preview_of: "PreviewOf | None" = None,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.pictures = PictureView(loader, overlays, preview_of, self)
        # Made in the order in which Tab goes through them
        self._bar = named(OverlayBar(overlays, parent=self), "bar")
        self._legend = named(Legend(overlays, parent=self), "legend")
        self.numbers = NumbersPanel(self)
        self.decisions = DecisionPanel(parent=self)
        self.facts = FactsPanel(self)
        self._foot = QWidget(self)
        self._divided_by_hand = False
        self._lay_out()
        self.pictures.picture_changed.connect(self._show_picture)
        self.decisions.decided.connect(self.decided)
        self._keep_buttons_whole()
        self._show_picture()

    @property
    def fields(self) -> "ReviewFields":
        """Assignee and note of the selected images."""
        return self.decisions.fields

    @property
    def image(self) -> "ImageFile | None":
        """The image that is shown."""
        return self.pictures.image

    def set_numbers(self, numbers: Numbers) -> None:
        """Show what is predicted for the image."""
        self.numbers.set_numbers(numbers)

    def set_reviews(self, reviews: "Mapping[str, Review]") -> None:
        """Show what was said about the selected images, by their names."""
        self.decisions.set_reviews(reviews)
        self.numbers.set_selected(len(reviews))

    def set_model(self, card: "ModelCard | None", error: str = "") -> None:
        """Show the model that predicts; `error`: how good it is for the team, where that is another than for all."""
        self.facts.set_model(card, error)

    def _show_picture(self) -> None:
        image, picture = self.pictures.image, self.pictures.picture
        layers = None if picture is None else picture.layers
        self.facts.set_image(image, picture)
        self.facts.set_further({} if layers is None else layers.further)
        self._legend.set_layers(layers, image)
        if (image is None) is not self._scroll.isHidden():
            self._scroll.setVisible(image is not None)
            self._divide()
        self._foot.setVisible(image is not None)

    def _keep_buttons_whole(self) -> None:
        """Be as wide as the buttons that decide ask for, in whatever size letters are."""
        self.setMinimumWidth(max(_MIN_WIDTH, self._foot.minimumSizeHint().width()))

    @override
    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() in (QEvent.Type.FontChange, QEvent.Type.ApplicationFontChange):
            self._keep_buttons_whole()

    @override
    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._divide()

    def _divide(self) -> None:
        """Give the image what its width asks for, within its share of the height, until somebody divides by hand."""
        if not self._divided_by_hand:
            height = self.height() - self._foot.sizeHint().height()
            image = min(self.width(), round(_IMAGE_SHARE * height))
            self.splitter.setSizes([image, height - image])

    def _keep_division(self) -> None:
        self._divided_by_hand = True

    def _lay_out(self) -> None:
        inner = QWidget(self)
        # The legend comes and goes below the numbers: neither they nor the switches move then.
        column(
            self._bar, Rule(inner), self.numbers, self._bar.looks, self._legend, Rule(inner), self.facts, STRETCH,
            on=inner, margins=UNIT,
        )  # fmt: skip
        self._scroll = scroll = named(QScrollArea(self), "scroll")
        scroll.setWidget(inner)
        scroll.setWidgetResizable(True)
        scroll.setFrameShape(QFrame.Shape.NoFrame)
        scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.splitter = QSplitter(Qt.Orientation.Vertical, self)
        self.splitter.addWidget(self.pictures)
        self.splitter.addWidget(scroll)
        self.splitter.setChildrenCollapsible(False)
        self.splitter.setHandleWidth(UNIT // 2)
        self.splitter.splitterMoved.connect(self._keep_division)
        self.pictures.setMinimumHeight(16 * UNIT)
        column(Rule(self._foot), self.decisions, on=self._foot, margins=(UNIT, 0, UNIT, UNIT))
        column(grow(self.splitter), self._foot, on=self, spacing=0)
