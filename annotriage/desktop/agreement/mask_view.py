"""One image with everybody's contours and the map of where they differ."""

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QSizePolicy,
    QSlider,
    QToolButton,
    QWidget,
)

from annotriage.desktop.agreement.mask_legend import MaskLegend
from annotriage.desktop.agreement.mask_picture import MaskPicture, load_mask_picture
from annotriage.desktop.background import Job
from annotriage.desktop.inspector.image_canvas import ImageCanvas
from annotriage.desktop.inspector.overlay_signs import ANNOTATORS
from annotriage.desktop.inspector.overlay_state import OverlayState
from annotriage.desktop.inspector.view import View
from annotriage.desktop.widgets.buttons import push_button
from annotriage.desktop.widgets.icons import icon
from annotriage.desktop.widgets.layout import STRETCH, column, grow, row
from annotriage.desktop.widgets.named import named
from annotriage.desktop.widgets.text import NameLabel, text_label
from annotriage.desktop.widgets.theme import UNIT
from annotriage.image_maps import HEATMAP

if TYPE_CHECKING:
    from annotriage.agreement.agreement_run import Measured
    from annotriage.agreement.photographs import Photographs

_OPACITY = 0.6
"""Of the map at first: what lies below must be seen, too."""


class MaskView(QWidget):
    """Shows one measured image at a time; reads it in a thread."""

    shown = Signal(object)  # it is on the screen
    photographs_wanted = Signal()  # the person wants to say where the photographs are

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._photographs: Photographs | None = None
        self._wanted: Measured | None = None
        self.mask_picture: MaskPicture | None = None
        self._job: Job | None = None
        self.overlays = OverlayState(self)
        self.overlays.set_shown(ANNOTATORS, True)
        self.overlays.set_shown(HEATMAP, True)
        self.overlays.set_opacity(_OPACITY)
        self._view = View(self)
        self._view.keeps_zoom = False
        self.canvas = ImageCanvas(self._view, self.overlays)
        self._name = named(NameLabel(), "name")
        self._contours = named(self._toggle("annotators", "&Contours"), "contours")
        self._map = named(self._toggle("heatmap", "&Disagreement"), "map")
        self._opacity = QSlider(Qt.Orientation.Horizontal)
        self.legend = MaskLegend()
        self._problem = text_label(wraps=True)
        self._source = named(text_label(wraps=True, faint=True), "source")
        tip = "Say in which folder the photographs are"
        self._choose = named(push_button("&Photographs…", tip=tip), "choose")
        self._lay_out()
        self._connect()
        self._show()

    def set_photographs(self, photographs: "Photographs") -> None:
        """Say where photographs are; what is shown is read anew."""
        self._photographs = photographs
        wanted, self._wanted = self._wanted, None
        self.show_image(wanted)

    def show_image(self, measured: "Measured | None") -> None:
        """Show an image; None: nothing."""
        if measured is self._wanted:
            return
        self._wanted = measured
        if measured is None:
            self.mask_picture = None
            self._show()
        elif self._job is None:
            self._load(measured)

    def close_jobs(self) -> None:
        """Forget what is under way."""
        self._wanted = None
        if self._job is not None:
            self._job.forget()
            self._job = None

    # Building

    def _toggle(self, sign: str, text: str) -> QToolButton:
        button = QToolButton()
        button.setCheckable(True)
        button.setChecked(True)
        button.setAutoRaise(True)
        button.setIcon(icon(sign))
        button.setText(text)
        button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        return button

    def _lay_out(self) -> None:
        self._opacity.setRange(0, 100)
        self._opacity.setValue(round(100 * self.overlays.opacity))
        self._opacity.setFixedWidth(9 * UNIT)
        self._opacity.setAccessibleName("How strongly the disagreement is drawn")
        self._opacity.setToolTip(self._opacity.accessibleName())
        self._name.setMinimumWidth(6 * UNIT)
        self.canvas.setMinimumSize(24 * UNIT, 16 * UNIT)
        self._source.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        above = row(self._contours, self._map, self._opacity, STRETCH, spacing=UNIT // 2)
        below = row(grow(self._source), self._choose)
        column(self._name, above, grow(self.canvas), self.legend, self._problem, below, on=self)

    def _connect(self) -> None:
        self._contours.toggled.connect(lambda shown: self.overlays.set_shown(ANNOTATORS, shown))
        self._map.toggled.connect(lambda shown: self.overlays.set_shown(HEATMAP, shown))
        self._opacity.valueChanged.connect(lambda value: self.overlays.set_opacity(value / 100))
        self.overlays.changed.connect(self._explain)
        self._choose.clicked.connect(self.photographs_wanted)

    # What happens

    def _load(self, measured: "Measured") -> None:
        photographs = self._photographs
        if photographs is not None:
            self._job = Job(lambda: load_mask_picture(measured, photographs), self._take, self._failed)

    def _take(self, loaded: MaskPicture) -> None:
        self._job = None
        if self._wanted is loaded.measured:
            self.mask_picture = loaded
            self._view.begin_image()
            self._show()
            self.shown.emit(loaded)
        elif self._wanted is not None:  # another one was chosen meanwhile; those between are passed over
            self._load(self._wanted)

    def _failed(self, sentence: str) -> None:
        self._job = None
        self.mask_picture = None
        self.canvas.set_picture(None)
        self.canvas.set_message("This image cannot be shown", sentence)

    # What it shows

    def _show(self) -> None:
        shown = self.mask_picture
        for widget in (self._contours, self._map, self._opacity, self._choose):
            widget.setEnabled(shown is not None)
        if shown is None:
            self._name.set_name("")
            self.canvas.set_message("No image chosen", "Choose one in the list to see everybody’s contours.")
            self.canvas.set_picture(None)
        else:
            problem = shown.picture.problem
            self._name.set_name(shown.measured.image)
            self.canvas.set_message(*("", "") if problem is None else ("Nothing to be seen", problem))
            self.canvas.set_picture(shown.picture)
        said = shown is not None and shown.picture.problem == shown.measured.error
        self._problem.setText("" if shown is None or said else shown.measured.error)
        self._problem.setVisible(bool(self._problem.text()))
        self._source.setText(self._source_text(shown))
        self._choose.setVisible(bool(self._source.text()) and shown is not None and shown.photograph is None)
        self._explain()

    def _source_text(self, shown: MaskPicture | None) -> str:
        if shown is None or not shown.measured.rows:
            return ""
        if shown.photograph is None:
            return "Its photograph was not found: the masks lie on grey."
        return f"Photograph: {shown.photograph.parent.name}/{shown.photograph.name}"

    def _explain(self) -> None:
        shown = self.mask_picture
        layers = None if shown is None else shown.picture.layers
        self.legend.explain(None if shown is None else shown.measured, layers, self.overlays)
        self._opacity.setEnabled(shown is not None and self.overlays.is_shown(HEATMAP))
