"""What is drawn over images: one truth for the panel, the large view, the menus and the keys."""

from collections.abc import Iterable, Mapping, Sequence

from PySide6.QtCore import QObject, Signal

from annotriage.desktop.inspector.overlay_signs import DIFFERENCES
from annotriage.image_maps import MapSpec, offered_maps
from annotriage.scoring.colormaps import Colormap


class OverlayState(QObject):
    """Which maps are offered, which overlays are shown, and how. Setting a value to what it is already says nothing."""

    changed = Signal()
    maps_changed = Signal()
    """Other maps are offered."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._maps = offered_maps()
        self._notes: dict[str, str] = {}
        self._is_drawn = False
        self._shown: frozenset[str] = frozenset()
        self._opacity = 0.8
        self._colormap = Colormap.RED_BLUE

    @property
    def maps(self) -> tuple[MapSpec, ...]:
        """The maps that can be switched on, in the order in which they are drawn."""
        return self._maps

    def offer_maps(self, listed: Iterable[MapSpec]) -> None:
        """Offer the standard maps, and what a model's card lists."""
        maps = offered_maps(listed)
        if maps != self._maps:
            self._maps = maps
            self.maps_changed.emit()
            self.changed.emit()

    def note_of(self, name: str) -> str:
        """Return what is to be said of a map besides what it shows; empty: nothing."""
        return self._notes.get(name, "")

    def set_notes(self, notes: Mapping[str, str]) -> None:
        """Say something of maps, by their names."""
        if notes != self._notes:
            self._notes = dict(notes)
            self.changed.emit()

    @property
    def is_drawn(self) -> bool:
        """Whether people drew any of the images, so that `DIFFERENCES` can be switched on."""
        return self._is_drawn

    def offer_differences(self, drawn: bool) -> None:
        """Say whether people drew any of the images."""
        if drawn != self._is_drawn:
            self._is_drawn = drawn
            self.maps_changed.emit()
            self.changed.emit()

    @property
    def shows_differences(self) -> bool:
        """Whether it is shown where people differ."""
        return self._is_drawn and DIFFERENCES in self._shown

    @property
    def shown(self) -> frozenset[str]:
        """Names of what is switched on, maps that are not offered now included."""
        return self._shown

    def is_shown(self, name: str) -> bool:
        """Say whether a map, `ANNOTATORS`, `DIFFERENCES` or `SIDE_BY_SIDE` is switched on."""
        return name in self._shown

    def set_shown(self, name: str, shown: bool) -> None:
        """Switch a map, `ANNOTATORS`, `DIFFERENCES` or `SIDE_BY_SIDE` on or off."""
        if shown != (name in self._shown):
            self._shown ^= {name}
            self.changed.emit()

    @property
    def shown_maps(self) -> Sequence[MapSpec]:
        """The offered maps that are switched on."""
        return [spec for spec in self._maps if spec.name in self._shown]

    @property
    def shows_colours(self) -> bool:
        """Whether a map that colours the image is switched on."""
        return self.shows_differences or any(not spec.lines for spec in self.shown_maps)

    @property
    def opacity(self) -> float:
        """Opacity of the maps that colour the image, 0..1."""
        return self._opacity

    def set_opacity(self, opacity: float) -> None:
        """Draw maps so strongly; what lies outside 0..1 is taken as the nearest of both."""
        opacity = min(1.0, max(0.0, opacity))
        if opacity != self._opacity:
            self._opacity = opacity
            self.changed.emit()

    @property
    def colormap(self) -> Colormap:
        """The colours of the maps that leave them to the reader."""
        return self._colormap

    def set_colormap(self, colormap: Colormap) -> None:
        """Draw maps in other colours."""
        if colormap is not self._colormap:
            self._colormap = colormap
            self.changed.emit()
