"""What is drawn over images: one truth for the panel, the large view, the menus and the keys."""

from PySide6.QtCore import QObject, Signal

from annotriage.desktop.inspector.colormaps import Colormap


class OverlayState(QObject):
    """Which overlays are shown, and how.

    Setting a value to what it is already says nothing.

    Signals
    -------
    changed
        Any of the values did.

    Attributes
    ----------
    heatmap, border, annotators : bool
        Whether contributions, the border band and the annotators' own lines are drawn.
    side_by_side : bool
        Whether the plain image stands beside the one with overlays.
    opacity : float
        Of the contributions, 0..1.
    colormap : Colormap
        Of the contributions.
    """

    changed = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._heatmap = False
        self._border = False
        self._annotators = False
        self._side_by_side = False
        self._opacity = 0.8
        self._colormap = Colormap.RED_BLUE

    @property
    def heatmap(self) -> bool:
        """Whether contributions are drawn."""
        return self._heatmap

    def set_heatmap(self, shown: bool) -> None:
        """Draw contributions or not."""
        if shown != self._heatmap:
            self._heatmap = shown
            self.changed.emit()

    @property
    def border(self) -> bool:
        """Whether the border band is drawn."""
        return self._border

    def set_border(self, shown: bool) -> None:
        """Draw the border band or not."""
        if shown != self._border:
            self._border = shown
            self.changed.emit()

    @property
    def annotators(self) -> bool:
        """Whether the annotators' own lines are drawn."""
        return self._annotators

    def set_annotators(self, shown: bool) -> None:
        """Draw the annotators' own lines or not."""
        if shown != self._annotators:
            self._annotators = shown
            self.changed.emit()

    @property
    def side_by_side(self) -> bool:
        """Whether the plain image stands beside."""
        return self._side_by_side

    def set_side_by_side(self, beside: bool) -> None:
        """Show the plain image beside, or overlays alone."""
        if beside != self._side_by_side:
            self._side_by_side = beside
            self.changed.emit()

    @property
    def opacity(self) -> float:
        """Opacity of the contributions, 0..1."""
        return self._opacity

    def set_opacity(self, opacity: float) -> None:
        """Draw contributions so strongly; what lies outside 0..1 is taken as the nearest of both."""
        opacity = min(1.0, max(0.0, opacity))
        if opacity != self._opacity:
            self._opacity = opacity
            self.changed.emit()

    @property
    def colormap(self) -> Colormap:
        """The colours of the contributions."""
        return self._colormap

    def set_colormap(self, colormap: Colormap) -> None:
        """Draw contributions in other colours."""
        if colormap is not self._colormap:
            self._colormap = colormap
            self.changed.emit()
