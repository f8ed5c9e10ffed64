"""The gallery: the grid or the table, or what to do where there is nothing to show."""

from enum import StrEnum
from typing import TYPE_CHECKING

from PySide6.QtCore import QItemSelectionModel, QModelIndex, QPoint, Signal, Slot
from PySide6.QtWidgets import QStackedWidget, QWidget

from annotriage.desktop.gallery.grid_view import GridView
from annotriage.desktop.gallery.table_view import TableView
from annotriage.desktop.widgets.message_page import MessagePage
from annotriage.desktop.widgets.named import named
from annotriage.triage.decision_words import decided_text, done_text
from annotriage.triage.decisions import Decision
from annotriage.wording import images_text, number_text

if TYPE_CHECKING:
    from annotriage.desktop.gallery.thumbnails import ThumbnailLoader
    from annotriage.desktop.review.image_model import ImageModel


class GalleryState(StrEnum):
    """What the gallery shows."""

    IMAGES = "images"
    LISTING = "listing"
    NO_FOLDER = "no folder"
    EMPTY = "empty"
    NOTHING_MATCHES = "nothing matches"
    DONE = "done"


class Gallery(QStackedWidget):
    """Grid and table of the same images with the same selection."""

    activated = Signal(QModelIndex)  # show this image large
    visible_changed = Signal(list)  # names of the images seen, the most central first
    menu_wanted = Signal(QPoint)  # a context menu for the selection at this place of the screen
    clear_filters_wanted = Signal()
    open_wanted = Signal()  # open another folder
    reasons_wanted = Signal()  # show why images cannot be read
    export_wanted = Signal()  # write down what was decided
    measure_wanted = Signal()  # measure how much the masks agree that lie here
    state_changed = Signal(GalleryState)

    def __init__(
        self,
        images: "ImageModel",
        selection: QItemSelectionModel,
        thumbnails: "ThumbnailLoader",
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._images = images
        self._listing: str | None = None
        self._failed = False
        self._state = GalleryState.IMAGES
        self.grid = GridView(images, selection, thumbnails, self)
        self.table = TableView(images, selection, thumbnails, self)
        self._message = named(MessagePage(self), "message")
        self._message.pressed.connect(self._act)
        self._message.second_pressed.connect(self._act_second)
        self._view: GridView | TableView = self.grid
        for view in (self.grid, self.table):
            view.activated.connect(self.activated)
            view.visible_changed.connect(self.visible_changed)
            view.menu_wanted.connect(self.menu_wanted)
            self.addWidget(view)
        self.addWidget(self._message)
        images.order_changed.connect(self._look)
        images.summary_changed.connect(self._look_if_empty)
        self._look()

    @property
    def view(self) -> GridView | TableView:
        """The grid or the table, whichever was chosen."""
        return self._view

    @property
    def state(self) -> GalleryState:
        """What is shown."""
        return self._state

    def show_grid(self) -> None:
        """Show images as tiles."""
        self._choose(self.grid)

    def show_table(self) -> None:
        """Show images as lines."""
        self._choose(self.table)

    def set_listing(self, folder: str | None, *, failed: bool = False) -> None:
        """Say that the images of a folder are being listed; None: that is done, or `failed`."""
        self._listing = folder
        self._failed = failed
        self._look()

    def _choose(self, view: GridView | TableView) -> None:
        self._view = view
        self._show_state()

    @Slot()
    def _look(self) -> None:
        images = self._images
        if images.rowCount():
            state = GalleryState.IMAGES
        elif self._listing is not None:
            state = GalleryState.LISTING
        elif images.catalogue is None:
            state = GalleryState.NO_FOLDER
        else:
            anything = len(images.catalogue) > len(images.catalogue.problems)
            state = GalleryState.NOTHING_MATCHES if anything else GalleryState.EMPTY
            if anything and Decision.UNDECIDED in images.filter.decisions and not images.catalogue.summary().left:
                state = GalleryState.DONE
        changed, self._state = state is not self._state, state
        if state is not GalleryState.IMAGES:
            self._message.say(*self._words(), second=self._second())
        self._show_state()
        if changed:
            self.state_changed.emit(state)

    @Slot()
    def _look_if_empty(self) -> None:
        # While scoring, numbers change many times a second; only where there is nothing can that matter here.
        if not self._images.rowCount():
            self._look()

    def _show_state(self) -> None:
        shown = self._view if self._state is GalleryState.IMAGES else self._message
        others = shown is not self.currentWidget()
        self.setCurrentWidget(shown)  # the keyboard's focus goes along
        self.setFocusProxy(shown)
        focused = self.window().focusWidget()
        if others and self.isVisible() and (focused is None or not focused.isVisible()):
            shown.setFocus()  # else no key would lead anywhere

    def _words(self) -> tuple[str, str, str]:
        """Return the title, the sentence and the button of a state."""
        match self._state:
            case GalleryState.LISTING:
                return "Looking for images", self._listing or "", ""
            case GalleryState.NOTHING_MATCHES:
                text = "All images of this folder are filtered out."
                title = "No image matches the filters"
                if self._images.filter.decisions == {Decision.UNDECIDED} and self._images.catalogue is not None:
                    summary = self._images.catalogue.summary()
                    title = "Nothing is left to decide here"
                    text = f"Hidden by the other filters, and undecided: {images_text(summary.undecided)}."
                    if summary.changed:
                        text = f"Changed since decided, and to be looked at again: {images_text(summary.changed)}." + (
                            f"\n{text}" if summary.undecided else ""
                        )
                return title, text, "Clear filters"
            case GalleryState.EMPTY:
                return self._words_of_empty()
            case GalleryState.DONE:
                assert self._images.catalogue is not None
                summary = self._images.catalogue.summary()
                return done_text(summary), decided_text(summary), "Export …"
            case GalleryState.NO_FOLDER if self._failed:
                text = "What stands in the way, and what to do, is said above."
                return "The images could not be listed", text, "Open another folder …"
            case _:
                text = "Drop a folder of lesion images here, or open one."
                return "No folder is open", text, "Open a folder …"

    def _words_of_empty(self) -> tuple[str, str, str]:
        catalogue = self._images.catalogue
        assert catalogue is not None
        button = "Open another folder …"
        unreadable, masks = len(catalogue.unreadable()), catalogue.summary().masks
        if masks:
            text = (
                "{folder} holds {count} masks, and nothing else that can be read: outlines that people drew. There is "
                "nothing to predict; how much they agree can be measured."
            )
            title = "These are masks, not photographs"
            text = text.format(count=number_text(masks), folder=catalogue.folder)
            return title, text, "Measure agreement …"
        if unreadable:
            text = "All {count} image files in {folder} are unreadable; each is listed with its reason."
            if unreadable == 1:
                text = "The one image file in {folder} is unreadable; it is listed with its reason."
            title = "None of these images can be read"
            return (
                title,
                text.format(count=f"{unreadable:,}", folder=catalogue.folder),
                "Show the reasons",
            )
        from annotriage.images.pillow import readable_formats

        *most, last = readable_formats()
        text = "There is no {formats} or {last} file in {folder} or the folders below it."
        text = text.format(formats=", ".join(most), last=last, folder=catalogue.folder)
        return "This folder has no images", text, button

    def _second(self) -> str:
        """Return what else can be done in a state; empty: nothing."""
        if self._state is GalleryState.DONE:
            return "Show all images"
        return "Show the reasons" if self._holds_masks() else ""

    def _holds_masks(self) -> bool:
        """Return whether there is nothing to show because masks lie here."""
        catalogue = self._images.catalogue
        return self._state is GalleryState.EMPTY and catalogue is not None and catalogue.summary().masks > 0

    @Slot()
    def _act_second(self) -> None:
        if self._state is GalleryState.DONE:
            self.clear_filters_wanted.emit()
        else:
            self.reasons_wanted.emit()

    @Slot()
    def _act(self) -> None:
        if self._state is GalleryState.DONE:
            self.export_wanted.emit()
        elif self._state is GalleryState.NOTHING_MATCHES:
            self.clear_filters_wanted.emit()
        elif self._holds_masks():
            self.measure_wanted.emit()
        elif self._state is GalleryState.EMPTY and self._images.catalogue and self._images.catalogue.problems:
            self.reasons_wanted.emit()
        else:
            self.open_wanted.emit()
