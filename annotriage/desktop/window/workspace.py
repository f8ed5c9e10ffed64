"""A folder at work: filters, the gallery and the unreadable images, the inspector."""

from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QItemSelectionModel, Qt, Signal
from PySide6.QtGui import QPixmap
from PySide6.QtWidgets import QFrame, QScrollArea, QSplitter, QTabWidget, QWidget
from typing_extensions import override

from annotriage.desktop.gallery.filter_panel import FilterPanel
from annotriage.desktop.gallery.line_selection import KeptSelection
from annotriage.desktop.inspector.inspector_panel import InspectorPanel
from annotriage.desktop.widgets.layout import row
from annotriage.desktop.widgets.named import named
from annotriage.desktop.widgets.theme import UNIT
from annotriage.desktop.window.gallery_page import GalleryPage
from annotriage.desktop.window.unreadable import UnreadablePage

if TYPE_CHECKING:
    from annotriage.desktop.gallery.thumbnails import ThumbnailLoader
    from annotriage.desktop.inspector.image_loader import ImageLoader
    from annotriage.desktop.inspector.overlay_state import OverlayState
    from annotriage.desktop.inspector.picture_view import PreviewOf
    from annotriage.desktop.review.image_model import ImageModel
    from annotriage.desktop.window.actions import Actions
    from annotriage.images import ImageFile

_FILTERS = 28 * UNIT
_LEAST_FILTERS = 25 * UNIT
_LEAST_GALLERY = 20 * UNIT
"""A column of tiles. However long a text in the gallery is, it asks for no more."""
_INSPECTOR = (44 * UNIT, 96 * UNIT)
_INSPECTOR_SHARE = 0.27
"""The inspector takes so much of the width at first, between a least and a most."""


class Workspace(QWidget):
    """The page of the window that shows a folder."""

    refresh_wanted = Signal()
    """The folder is to be looked through again."""

    def __init__(
        self,
        images: "ImageModel",
        thumbnails: "ThumbnailLoader",
        loader: "ImageLoader",
        overlays: "OverlayState",
        preview_of: "PreviewOf",
        actions: "Actions",
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.selection = QItemSelectionModel(images, self)
        """Shared by all views: the current image and those selected."""
        KeptSelection(images, self.selection, self)
        self.filters = FilterPanel(images)
        self.gallery = GalleryPage(images, self.selection, thumbnails, actions)
        self.unreadable = UnreadablePage(images)
        self.inspector = InspectorPanel(loader, overlays, preview_of)
        self._tabs = named(QTabWidget(), "tabs")
        self._tabs.setDocumentMode(True)
        self._tabs.tabBar().setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self._tabs.addTab(self.gallery, "Images")
        self._tabs.addTab(self.unreadable, "")
        self._tabs.setMinimumWidth(_LEAST_GALLERY)
        self._side = QScrollArea()
        self._side.setWidget(self.filters)
        self._side.setWidgetResizable(True)
        self._side.setFrameShape(QFrame.Shape.NoFrame)
        self._side.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._side.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.splitter = QSplitter(Qt.Orientation.Horizontal)
        """Its state is worth remembering."""
        self.splitter.setObjectName("workspace")
        for widget in (self._side, self._tabs, self.inspector):
            self.splitter.addWidget(widget)
        self.splitter.setStretchFactor(0, 0)
        self.splitter.setStretchFactor(1, 1)
        self.splitter.setStretchFactor(2, 0)
        self.splitter.setChildrenCollapsible(False)
        row(self.splitter, on=self)
        self.unreadable.title_changed.connect(self._show_unreadable)
        self.unreadable.measure_wanted.connect(actions.measure_agreement.trigger)
        self.unreadable.refresh_wanted.connect(self.refresh_wanted)
        self.gallery.reasons_wanted.connect(lambda: self._tabs.setCurrentWidget(self.unreadable))
        self.filters.search_done.connect(self.gallery.focus)
        self.filters.rule_wanted.connect(actions.next_step.trigger)
        self.inspector.fields.editing_left.connect(self.gallery.focus)
        self._side.setVisible(actions.filters.isChecked())
        self.inspector.setVisible(actions.inspector.isChecked())
        actions.filters.toggled.connect(self._side.setVisible)
        actions.inspector.toggled.connect(self.inspector.setVisible)
        actions.search.triggered.connect(self._search)
        actions.clear_filters.triggered.connect(self.filters.clear)
        self._actions = actions
        self._thumbnails = thumbnails
        self._show_unreadable("")
        self._keep_filters_whole()

    def divide(self, width: int) -> None:
        """Share out a width between filters, gallery and inspector."""
        inspector = min(max(round(_INSPECTOR_SHARE * width), _INSPECTOR[0]), _INSPECTOR[1])
        self.splitter.setSizes([_FILTERS, max(width - _FILTERS - inspector, _FILTERS), inspector])

    def show_gallery(self) -> None:
        """Show the images, not those that cannot be read."""
        self._tabs.setCurrentWidget(self.gallery)
        self.gallery.focus()

    def thumbnail(self, image: "ImageFile", size: int) -> QPixmap | None:
        """Return an image's thumbnail of a size; None: it is being made."""
        return self._thumbnails.pixmap(image, size)

    def _keep_filters_whole(self) -> None:
        """Be as wide as the filters ask for, in whatever size letters are: nothing scrolls sideways there."""
        asked = self.filters.minimumSizeHint().width() + self._side.verticalScrollBar().sizeHint().width()
        self._side.setMinimumWidth(max(_LEAST_FILTERS, asked))

    @override
    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() in (QEvent.Type.FontChange, QEvent.Type.ApplicationFontChange):
            self._keep_filters_whole()

    def _search(self) -> None:
        self._actions.filters.setChecked(True)
        self._tabs.setCurrentWidget(self.gallery)
        self.filters.focus_search()

    def _show_unreadable(self, title: str) -> None:
        place = self._tabs.indexOf(self.unreadable)
        self._tabs.setTabText(place, title or "Unreadable (0)")
        needed = bool(title) or self._tabs.currentWidget() is self.unreadable
        self._tabs.setTabVisible(place, needed)
        self._tabs.tabBar().setVisible(needed)
        # The keyboard would go no further than to tabs that are not shown.
        self._tabs.setFocusPolicy(Qt.FocusPolicy.TabFocus if needed else Qt.FocusPolicy.NoFocus)
