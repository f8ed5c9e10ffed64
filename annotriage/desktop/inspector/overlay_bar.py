"""The switches of the overlays beside an image."""

from typing import TYPE_CHECKING

from PySide6.QtCore import QSize, Qt
from PySide6.QtWidgets import QComboBox, QGridLayout, QLabel, QSizePolicy, QSlider, QToolButton, QWidget

from annotriage.desktop.inspector.legend import colormap_text
from annotriage.desktop.inspector.overlay_signs import ANNOTATORS, DIFFERENCES, SIDE_BY_SIDE, map_sign
from annotriage.desktop.widgets.icons import icon
from annotriage.desktop.widgets.layout import grow, row
from annotriage.desktop.widgets.theme import UNIT
from annotriage.scoring.colormaps import Colormap

if TYPE_CHECKING:
    from annotriage.desktop.inspector.overlay_state import OverlayState

_ICON, _SMALL_ICON = QSize(20, 20), QSize(16, 16)


class OverlayBar(QWidget):
    """Buttons for what is drawn over images, and how strongly; always in step with the `OverlayState`.

    `in_one_row`: for the large view; else the buttons stand in two rows.
    """

    def __init__(self, overlays: "OverlayState", *, in_one_row: bool = False, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._overlays = overlays
        self._in_one_row = in_one_row
        self._buttons: dict[str, QToolButton] = {}
        self.looks = QWidget(self)
        """Opacity and colours of the heatmap, there while it is switched on; to be placed elsewhere."""
        self._opacity_label = QLabel("Opacity", self.looks)
        self._opacity = QSlider(Qt.Orientation.Horizontal, self.looks)
        self._opacity.setFocusPolicy(Qt.FocusPolicy.TabFocus)  # dragged, it leaves the arrow keys to the images
        self._opacity.setRange(0, 100)
        self._opacity.setPageStep(10)
        self._opacity.setMinimumWidth(7 * UNIT)
        self._opacity.setAccessibleName("Opacity of what colours the image")
        self._opacity.valueChanged.connect(lambda percent: overlays.set_opacity(percent / 100))
        self._opacity_label.setBuddy(self._opacity)
        self._colours = QComboBox(self.looks)
        self._colours.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self._colours.setAccessibleName("Colours of the heatmap")
        for colormap in Colormap:
            self._colours.addItem(colormap_text(colormap), colormap)
        self._colours.activated.connect(lambda place: overlays.set_colormap(list(Colormap)[place]))
        self._lay_out()
        self._make_buttons()
        overlays.maps_changed.connect(self._make_buttons)
        overlays.changed.connect(self._show)
        self._show()

    def _make_buttons(self) -> None:
        """Make a switch for each map, in the place of those of another model, and those beside."""
        for button in self._buttons.values():
            self._grid.removeWidget(button)
            button.hide()
            button.deleteLater()
        self._buttons = {}
        for spec in self._overlays.maps:
            sign = map_sign(spec)
            self._add_button(spec.name, sign.icon, spec.on_switches, sign.key, f"Show {spec.shows or spec.title}")
        words = "Show the contours of people’s masks, beside the images or measured"
        self._add_button(ANNOTATORS, "annotators", "Annotators", "M", words)
        if self._overlays.is_drawn:
            self._add_button(DIFFERENCES, "differences", "Differences", "D", "Show where people’s masks differ")
        self._add_button(SIDE_BY_SIDE, "side-by-side", "Side by side", "S", "Show the plain image beside")
        columns = len(self._buttons) if self._in_one_row else 2
        for place, button in enumerate(self._buttons.values()):
            self._grid.addWidget(button, place // columns, place % columns)

    def _add_button(self, name: str, icon_name: str, text: str, key: str, tip: str) -> None:
        """Make a switch that shows its icon, its words and its key."""
        button = QToolButton(self)
        button.setObjectName(f"show {name}")
        button.setCheckable(True)
        button.setChecked(self._overlays.is_shown(name))
        button.setIcon(icon(icon_name))
        button.setText(f"{text}  {key}" if key else text)
        button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        button.setAccessibleName(text)
        button.setToolTip(f"{tip} ({key})" if key else tip)
        button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        button.setIconSize(_ICON)
        if not self._in_one_row:
            button.setIconSize(_SMALL_ICON)
            button.setText(" ".join(button.text().split()))
            button.setSizePolicy(QSizePolicy.Policy.Minimum, QSizePolicy.Policy.Fixed)
        button.clicked.connect(lambda shown: self._overlays.set_shown(name, shown))
        self._buttons[name] = button

    def _lay_out(self) -> None:
        row(self._opacity_label, grow(self._opacity), self._colours, on=self.looks)
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setSpacing(UNIT // 2)
        if self._in_one_row:
            self._opacity.setFixedWidth(12 * UNIT)
            self.looks.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
            self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        else:
            self._grid.setColumnStretch(0, 1)
            self._grid.setColumnStretch(1, 1)

    def _show(self) -> None:
        overlays = self._overlays
        for name, button in self._buttons.items():
            button.setChecked(overlays.is_shown(name))
        self._opacity.blockSignals(True)  # its steps are coarser than what a setting may hold
        self._opacity.setValue(round(100 * overlays.opacity))
        self._opacity.blockSignals(False)
        self._colours.setCurrentIndex(list(Colormap).index(overlays.colormap))
        self._colours.setVisible(any(not spec.colours for spec in overlays.shown_maps))
        self.looks.setVisible(overlays.shows_colours)
