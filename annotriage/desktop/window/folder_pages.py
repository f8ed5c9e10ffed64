"""What shows an open folder: the workspace, the large view, and all that works behind them."""

from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QObject, QPoint, Signal
from PySide6.QtGui import QAction, QPixmap
from PySide6.QtWidgets import QWidget

from annotriage.desktop.gallery.thumbnails import ThumbnailLoader
from annotriage.desktop.inspector.image_loader import ImageLoader
from annotriage.desktop.inspector.large_view import LargeView
from annotriage.desktop.inspector.overlay_state import OverlayState
from annotriage.desktop.window.current_image import CurrentImage
from annotriage.desktop.window.decisions import Decisions
from annotriage.desktop.window.file_actions import FileActions
from annotriage.desktop.window.held_key import HeldDown, HeldKey
from annotriage.desktop.window.in_sight import InSight
from annotriage.desktop.window.menus import context_menu
from annotriage.desktop.window.people_layers import PeopleLayers
from annotriage.desktop.window.target import Target
from annotriage.desktop.window.workspace import Workspace
from annotriage.image_maps import LESION
from annotriage.names import as_unicode
from annotriage.scoring.colormaps import Colormap
from annotriage.triage.columns import sorting_of
from annotriage.triage.kept_rule import kept_rule
from annotriage.triage.scoring_progress import Phase, Progress

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from annotriage.desktop.navigator import Navigator
    from annotriage.desktop.review.controller import ReviewController
    from annotriage.desktop.settings import Settings
    from annotriage.desktop.window.actions import Actions
    from annotriage.images import ImageFile
    from annotriage.model_file import ModelFile
    from annotriage.triage.catalogue_changes import ImagesChange
    from annotriage.triage.decisions import Decision

_CALLED_BEFORE = {"border": LESION}
"""What settings of earlier versions call overlays."""


class FolderPages(QObject):
    """The pages for a folder, and what serves them."""

    large_changed = Signal(bool)
    """Whether the large view is to be shown in the workspace's place."""

    def __init__(
        self,
        window: QWidget,
        review: "ReviewController",
        actions: "Actions",
        settings: "Settings",
        navigator: "Navigator",
    ) -> None:
        super().__init__(window)
        self._window = window
        self._review = review
        self._actions = actions
        self._settings = settings
        self._navigator = navigator
        self._start_at: str | None = None
        self._left_line: int | None = None
        self._thumbnails = ThumbnailLoader(self)
        self._loader = ImageLoader(self)
        self.overlays = OverlayState(self)
        self.people = PeopleLayers(review, self._loader, self.overlays, actions, self)
        self.workspace = Workspace(
            review.images, self._thumbnails, self._loader, self.overlays, self._preview_of, actions
        )
        self.large = LargeView(self._loader, self.overlays, self._preview_of)
        gallery, selection = self.workspace.gallery, self.workspace.selection
        self.target = Target(review.images, selection, gallery.grid.lines, self)
        self.decisions = Decisions(
            review, self.target, gallery.grid.lines, actions, HeldKey(window, self), navigator, self
        )
        FileActions(review.images, self.target, actions, self)
        self._plain = HeldDown(self)
        self._plain.changed.connect(self._show_plain)
        self.current_image = CurrentImage(review, self.target, self.workspace.inspector, self.large, self)
        self.sight = InSight(review, self.target, self.decisions, self.workspace, self.large, actions, self)
        self._restore()
        self._connect()
        self._connect_image_actions()

    def begin_folder(self) -> None:
        """Get ready for another folder."""
        self.workspace.gallery.grid.follows_current = False
        self.decisions.top_follower.end()
        self._loader.clear()
        folder = self._review.folder
        self.people.begin_folder()
        if folder is not None:
            known = self._settings.recent_folder(folder)
            self._start_at = known.at
            if known.at is None:
                self.decisions.top_follower.begin()
            # The order of the last folder would hide from a new one what is most contentious in it.
            self._review.images.set_sorting(
                sorting_of(known.sort), reverse=known.sort is not None and known.sort_reversed
            )
        self._thumbnails.forget_problems()
        self.workspace.filters.choose_cutoff(None if folder is None else self._settings.recent_folder(folder).cut_off)
        self.set_large(False)

    def set_large(self, large: bool) -> None:
        """Show the current image large, or all images."""
        if large and self.current_image.current is None:
            return
        self.keep_edits()
        self.target.set_large(large)
        self._actions.leave.setEnabled(self._review.folder is not None)
        actions = self._actions
        for action in (actions.previous, actions.next, actions.first, actions.last):
            action.setEnabled(large)
        for action in (actions.select_all, actions.invert):
            action.setEnabled(not large)
        self.large_changed.emit(large)
        self.current_image.show()
        if large:
            self.large.setFocus()
        else:
            self.workspace.gallery.focus()

    @property
    def is_large(self) -> bool:
        """Whether one image is shown in the workspace's place."""
        return self.target.is_large

    def show_large(self, path: "Path") -> bool:
        """Show an image of the folder large; return whether it is of the folder and not filtered out."""
        name = self.name_of(path)
        line = None if name is None else self._review.images.line_of(name)
        if line is None:
            return False
        self._act()
        self.decisions.go_to(line)
        self.set_large(True)
        return True

    def name_of(self, path: "Path") -> str | None:
        """Return what an image of the open folder is called in it; None: the file lies elsewhere."""
        folder = self._review.folder
        if folder is None:
            return None
        # The file itself may be a link to elsewhere.
        for place, top in ((path, folder), (path.parent.resolve() / path.name, folder.resolve())):
            if place.is_relative_to(top):
                return as_unicode(place.relative_to(top).as_posix())
        return None

    def select_images(self, names: "Sequence[str]") -> list[str]:
        """Select images in the list, and return those that are not shown there."""
        lines = {name: line for name in names if (line := self._review.images.line_of(name)) is not None}
        if lines:
            self._act()
            self.set_large(False)
            self.decisions.select_lines(sorted(lines.values()))
        return [name for name in names if name not in lines]

    def hold_plain(self, held: bool) -> None:
        """Leave the overlays away while a key is held."""
        (self._plain.press if held else self._plain.release)()

    def _show_plain(self, plain: bool) -> None:
        (self.large if self.is_large else self.workspace.inspector).pictures.show_plain(plain)

    def keep_edits(self) -> None:
        """Keep what is being typed."""
        for view in (self.workspace.inspector, self.large):
            view.fields.keep_edits()

    def stop(self) -> None:
        """End the threads."""
        self.decisions.top_follower.end()
        self._loader.stop()
        self._thumbnails.stop()

    def remember(self) -> None:
        """Note in the settings how things look now."""
        settings, gallery = self._settings, self.workspace.gallery
        settings.view = gallery.view
        settings.tile_size = gallery.grid.tile_size
        settings.sort_key = self._review.images.sort_key
        settings.sort_reversed = self._review.images.reversed
        settings.overlays = sorted(self.overlays.shown)
        settings.overlay_opacity = self.overlays.opacity
        settings.colormap = str(self.overlays.colormap)
        self._remember_work()
        settings.window_state = self.workspace.splitter.saveState()

    def _remember_work(self) -> None:
        folder, catalogue = self._review.folder, self._review.images.catalogue
        if folder is not None and catalogue is not None:
            images, current = self._review.images, self.current_image.current
            self._settings.remember_work(
                folder,
                catalogue.summary().settled,
                self.workspace.filters.chosen_cutoff,
                at=None if current is None else current.name,
                sort=images.sort_key,
                sort_reversed=images.reversed,
            )

    # Within

    def _act(self) -> None:
        """Let the grid and the current image be led by the person from now on."""
        self.workspace.gallery.grid.follows_current = True
        self.decisions.top_follower.end()

    def _restore(self) -> None:
        settings, gallery = self._settings, self.workspace.gallery
        gallery.show_view(settings.view)
        gallery.grid.set_tile_size(settings.tile_size)
        self._review.images.set_sorting(settings.sort_key, reverse=settings.sort_reversed)
        self._review.images.set_rule(kept_rule())
        for name in settings.overlays:
            self.overlays.set_shown(_CALLED_BEFORE.get(name, name), True)
        self.overlays.set_opacity(settings.overlay_opacity)
        if settings.colormap in list(Colormap):
            self.overlays.set_colormap(Colormap(settings.colormap))
        state = settings.window_state
        if state is None or not self.workspace.splitter.restoreState(state):
            self.workspace.divide(self._window.width())

    def _connect(self) -> None:
        review, workspace, panel = self._review, self.workspace, self.workspace.inspector
        workspace.gallery.large_wanted.connect(lambda: self.set_large(True))
        workspace.gallery.visible_changed.connect(review.score_first)
        workspace.gallery.menu_wanted.connect(self._show_menu)
        workspace.refresh_wanted.connect(self._actions.refresh.trigger)
        panel.decided.connect(self._on_panel_decided)
        self.large.decided.connect(self.decisions.decide)
        for fields in (panel.fields, self.large.fields):
            fields.assignee_changed.connect(lambda name, of=fields: self.decisions.set_assignee(of.names, name))
            fields.note_changed.connect(lambda note, of=fields: self.decisions.set_note(of.names, note))
        self.large.close_wanted.connect(lambda: self.set_large(False))
        self._thumbnails.cache_unusable.connect(self._navigator.failed)
        review.folder_closing.connect(self.keep_edits)
        review.folder_closing.connect(self._remember_work)
        review.listed.connect(self._on_listed)
        review.progress_changed.connect(self._show_listing)
        review.model_changed.connect(self._offer_maps)
        review.team.changed.connect(self._note_maps)
        review.predicted.connect(self._on_predicted)
        review.arrived.connect(self._on_arrived)
        review.images.lines_moving.connect(self._note_line)
        review.images.order_changed.connect(self._keep_current)
        for view in (workspace.gallery.gallery.grid, workspace.gallery.gallery.table):
            for part in (view, view.viewport(), view.verticalScrollBar()):
                part.installEventFilter(self)

    def _connect_image_actions(self) -> None:
        actions = self._actions
        actions.large.triggered.connect(lambda: self.set_large(True))
        actions.leave.triggered.connect(self._leave)
        actions.previous.triggered.connect(lambda: self.decisions.step(-1))
        actions.next.triggered.connect(lambda: self.decisions.step(1))
        actions.first.triggered.connect(lambda: self.decisions.go_to(0))
        actions.last.triggered.connect(lambda: self.decisions.go_to(self._review.images.rowCount() - 1))
        actions.next_undecided.triggered.connect(self.decisions.go_to_open)
        actions.select_all.triggered.connect(self.workspace.gallery.grid.lines.select_all)
        actions.invert.triggered.connect(self.workspace.gallery.grid.lines.invert)
        actions.note.triggered.connect(lambda: self._write(assignee=False))
        actions.assign.triggered.connect(lambda: self._write(assignee=True))
        actions.overlay_switched.connect(self.overlays.set_shown)
        self.overlays.changed.connect(self._show_overlays)
        self._show_overlays()
        zooms: dict[QAction, str] = {
            actions.zoom_in: "zoom_in", actions.zoom_out: "zoom_out", actions.fit: "fit",
            actions.actual_size: "actual_size",
        }  # fmt: skip
        for action, method in zooms.items():
            action.triggered.connect(self._zoom(method))
        self.set_large(False)

    def _zoom(self, method: str) -> "Callable[[], None]":
        def zoom() -> None:
            view = self.large if self.is_large else self.workspace.inspector
            getattr(view.pictures.canvas, method)()

        return zoom

    def _offer_maps(self, model: "ModelFile | None") -> None:
        """Offer what another model lays over images."""
        self.overlays.offer_maps(() if model is None else model.card.all_maps)
        self._actions.offer_maps(self.overlays.maps)
        self._loader.set_maps(self.overlays.maps)
        self._show_overlays()

    def _note_maps(self) -> None:
        """Say of maps that they are of another prediction than the one shown."""
        team = self._review.team
        self.overlays.set_notes({spec.name: note for spec in self.overlays.maps if (note := team.map_note(spec.name))})

    def _show_overlays(self) -> None:
        for name, action in self._actions.overlays.items():
            action.setChecked(self.overlays.is_shown(name))

    def _preview_of(self, image: "ImageFile") -> QPixmap | None:
        return self._thumbnails.pixmap(image, self.workspace.gallery.grid.tile_size)

    def _on_listed(self, complete: bool) -> None:
        if complete:
            self.workspace.gallery.focus()
            self._loader.forget_problems()  # a folder that was lost is perhaps found again
        self._keep_current()

    def _show_listing(self, progress: Progress) -> None:
        listing = progress.phase is Phase.LISTING and self._review.folder is not None
        failed = progress.phase is Phase.STOPPED and self._review.images.catalogue is None
        gallery = self.workspace.gallery.gallery
        gallery.set_listing(str(self._review.folder) if listing else None, failed=failed)

    def _note_line(self) -> None:
        """Remember where the current image is that left the folder: the one in its place follows it."""
        line = self.target.current
        is_gone = line is not None and self._review.images.is_gone(line)
        self._left_line = line if is_gone else None
        if is_gone:
            self.decisions.top_follower.note_exchange()

    def _keep_current(self) -> None:
        """Choose an image where none is current, at first the one of last time: none takes the place of another."""
        images = self._review.images
        if self.target.current is None and images.rowCount():
            line = self._left_line if self._start_at is None else images.line_of(self._start_at)
            self._start_at = None
            self.decisions.go_to(0 if line is None else min(line, images.rowCount() - 1))
        if self.is_large and self.target.current is None:
            self.set_large(False)  # all that was shown is decided

    def _on_arrived(self, change: "ImagesChange") -> None:
        """Let a key that was meant for the file before decide nothing about the one in its place."""
        current = self.current_image.current
        if current is not None and any(image.name == current.name for image in change.changed):
            self.decisions.top_follower.note_exchange()

    def _on_predicted(self, names: list[str]) -> None:
        """Read the maps of what is shown, or decoded ahead, once they are there."""
        new = self.current_image.near() & set(names)
        if new:
            self._loader.forget_maps(new)

    def _on_panel_decided(self, decision: "Decision") -> None:
        self.workspace.gallery.grid.follows_current = True
        self.workspace.gallery.note_activity()
        self.decisions.decide(decision)

    def _leave(self) -> None:
        """Go one step back: to all images, to the images with the keyboard, out of the full screen."""
        gallery = self.workspace.gallery
        if self.is_large:
            self.set_large(False)
        elif not gallery.has_focus():
            self.workspace.show_gallery()
        elif self._window.isFullScreen():
            self._actions.full_screen.trigger()

    def _write(self, *, assignee: bool) -> None:
        """Let the person write the note, or the assignee, of the target's images."""
        self.current_image.show_reviews_now()
        if self.is_large:
            self.large.write(assignee=assignee)
            return
        self._actions.inspector.setChecked(True)
        fields = self.workspace.inspector.fields
        (fields.focus_assignee if assignee else fields.focus_note)()

    def _show_menu(self, place: QPoint) -> None:
        menu = context_menu(self.workspace, self._actions)
        menu.aboutToHide.connect(menu.deleteLater)
        menu.popup(place)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Notice the first key or click on an image."""
        # Of a key that is a shortcut, such as those that decide, nothing but the override comes.
        if event.type() in (QEvent.Type.KeyPress, QEvent.Type.ShortcutOverride, QEvent.Type.MouseButtonPress):
            self.workspace.gallery.grid.follows_current = True
        return False
