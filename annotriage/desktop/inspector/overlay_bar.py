"""The switches of the overlays beside an image."""

from typing import TYPE_CHECKING

from PySide6.QtCore import QSize, Qt
from PySide6.QtWidgets import QComboBox, QGridLayout, QHBoxLayout, QLabel, QSizePolicy, QSlider, QToolButton, QWidget

from annotriage.desktop.inspector.colormaps import Colormap
from annotriage.desktop.inspector.legend import colormap_text
from annotriage.desktop.widgets.icons import icon
from annotriage.desktop.widgets.theme import UNIT

if TYPE_CHECKING:
    from annotriage.desktop.inspector.overlay_state import OverlayState

_ICON, _SMALL_ICON = QSize(20, 20), QSize(16, 16)


class OverlayBar(QWidget):
    """Buttons for what is drawn over images, and how strongly; always in step with the `OverlayState`.

    Parameters
    ----------
    overlays : OverlayState
    in_one_row : bool
        For the large view; else the buttons stand in two rows.

    Attributes
    ----------
    looks : QWidget
        Opacity and colours of the heatmap, there while it is switched on; to be placed elsewhere.
    """

    def __init__(self, overlays: "OverlayState", *, in_one_row: bool = False, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._overlays = overlays
        self._heatmap = self._button("heatmap", "Heatmap", "H")
        self._heatmap.setToolTip("Show what pulls the prediction where (H)")
        self._heatmap.clicked.connect(overlays.set_heatmap)
        self._border = self._button("border-band", "Border", "B")
        self._border.setToolTip("Show where people may draw the border differently (B)")
        self._border.clicked.connect(overlays.set_border)
        self._annotators = self._button("annotators", "Annotators", "M")
        self._annotators.setToolTip("Show the contours of people’s masks, beside the images or measured (M)")
        self._annotators.clicked.connect(overlays.set_annotators)
        self._beside = self._button("side-by-side", "Side by side", "S")
        self._beside.setToolTip("Show the plain image beside (S)")
        self._beside.clicked.connect(overlays.set_side_by_side)
        self.looks = QWidget(self)
        self._opacity_label = QLabel("Opacity", self.looks)
        self._opacity = QSlider(Qt.Orientation.Horizontal, self.looks)
        self._opacity.setFocusPolicy(Qt.FocusPolicy.TabFocus)  # dragged, it leaves the arrow keys to the images
        self._opacity.setRange(0, 100)
        self._opacity.setPageStep(10)
        self._opacity.setMinimumWidth(7 * UNIT)
        self._opacity.setAccessibleName("Opacity of the heatmap")
        self._opacity.valueChanged.connect(lambda percent: overlays.set_opacity(percent / 100))
        self._opacity_label.setBuddy(self._opacity)
        self._colours = QComboBox(self.looks)
        self._colours.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self._colours.setAccessibleName("Colours of the heatmap")
        for colormap in Colormap:
            self._colours.addItem(colormap_text(colormap), colormap)
        self._colours.activated.connect(lambda place: overlays.set_colormap(list(Colormap)[place]))
        self._lay_out(in_one_row)
        overlays.changed.connect(self._show)
        self._show()

    def _button(self, icon_name: str, text: str, key: str) -> QToolButton:
        """Make a switch that shows its icon, its words and its key."""
        button = QToolButton(self)
        button.setCheckable(True)
        button.setIcon(icon(icon_name))
        button.setIconSize(_ICON)
        button.setText(f"{text}  {key}")
        button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        button.setAccessibleName(text)
        button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        return button

    def _lay_out(self, in_one_row: bool) -> None:
        looks = QHBoxLayout(self.looks)
        looks.setContentsMargins(0, 0, 0, 0)
        looks.setSpacing(UNIT)
        looks.addWidget(self._opacity_label)
        looks.addWidget(self._opacity, 1)
        looks.addWidget(self._colours)
        buttons = QGridLayout(self)
        buttons.setContentsMargins(0, 0, 0, 0)
        buttons.setSpacing(UNIT // 2)
        columns = 4 if in_one_row else 2
        for place, button in enumerate((self._heatmap, self._border, self._annotators, self._beside)):
            buttons.addWidget(button, place // columns, place % columns)
        if in_one_row:
            self._opacity.setFixedWidth(12 * UNIT)
            self.looks.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
            self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
            return
        for column in range(columns):
            buttons.setColumnStretch(column, 1)
        for button in (self._heatmap, self._border, self._annotators, self._beside):
            button.setIconSize(_SMALL_ICON)
            button.setText(" ".join(button.text().split()))
            button.setSizePolicy(QSizePolicy.Policy.Minimum, QSizePolicy.Policy.Fixed)

    def _show(self) -> None:
        overlays = self._overlays
        self._heatmap.setChecked(overlays.heatmap)
        self._border.setChecked(overlays.border)
        self._annotators.setChecked(overlays.annotators)
        self._beside.setChecked(overlays.side_by_side)
        self._opacity.blockSignals(True)  # its steps are coarser than what a setting may hold
        self._opacity.setValue(round(100 * overlays.opacity))
        self._opacity.blockSignals(False)
        self._colours.setCurrentIndex(list(Colormap).index(overlays.colormap))
        self.looks.setVisible(overlays.heatmap)
