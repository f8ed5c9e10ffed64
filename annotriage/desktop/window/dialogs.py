"""Opens the window's dialogs, each at most once, and connects them to the folder under review."""

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtWidgets import QDialog, QWidget

from annotriage.desktop.widgets.fitting import fit

if TYPE_CHECKING:
    from collections.abc import Callable

    from annotriage.agreement.mask_set import MaskRow
    from annotriage.desktop.crash.log_book import LogBook
    from annotriage.desktop.review.controller import ReviewController
    from annotriage.desktop.settings import Settings
    from annotriage.desktop.window.actions import Actions
    from annotriage.desktop.window.folder_pages import FolderPages


class Dialogs(QObject):
    """The dialogs of a window. Their code is loaded when they are first asked for; none of them blocks the window.

    Signals
    -------
    model_removed : str
        A model was deleted from the library.
    library_changed
        The library of models did.
    news : str
        What was just done.
    folder_wanted : Path
        A folder of images came, and is to be opened.

    Parameters
    ----------
    window : QWidget
    actions : Actions
    review : ReviewController
    pages : callable
        Returns the pages for a folder; asked for only by what is about its images.
    settings : Settings
    log : LogBook or None
    """

    model_removed = Signal(str)
    library_changed = Signal()
    news = Signal(str)
    folder_wanted = Signal(Path)

    def __init__(
        self,
        window: QWidget,
        actions: "Actions",
        review: "ReviewController",
        pages: "Callable[[], FolderPages]",
        settings: "Settings",
        log: "LogBook | None",
    ) -> None:
        super().__init__(window)
        self._window = window
        self._actions = actions
        self._review = review
        self._pages = pages
        self._settings = settings
        self._log = log
        self._open: dict[str, QDialog] = {}
        actions.send.triggered.connect(self.send)
        actions.export.triggered.connect(self.export)
        actions.import_decisions.triggered.connect(self.import_decisions)
        actions.fetch.triggered.connect(self.fetch)
        actions.measure_agreement.triggered.connect(self.measure_agreement)
        actions.models.triggered.connect(self.models)
        actions.guide.triggered.connect(self.guide)
        actions.keys.triggered.connect(self.keys)
        actions.log.triggered.connect(self.show_log)
        actions.about.triggered.connect(self.about)
        actions.log.setEnabled(log is not None)
        review.model_changed.connect(self._show_model)

    def send(self) -> None:
        """Ask which images go to experts."""

        def make() -> QDialog:
            from annotriage.desktop.dialogs.send_dialog import SendDialog
            from annotriage.triage.selection import DEFAULT_SHARE

            pages = self._pages()
            workspace = pages.workspace
            dialog = SendDialog(
                self._review.images,
                workspace.filters.cutoff,
                workspace.thumbnail,
                self._window,
                share=DEFAULT_SHARE if workspace.filters.chosen_cutoff is None else None,
            )
            dialog.send_wanted.connect(pages.deciding.send)
            return dialog

        self._show("send", make)

    def export(self) -> None:
        """Ask what to export, and do it."""

        def make() -> QDialog:
            from annotriage.desktop.dialogs.export_dialog import ExportDialog

            workspace = self._pages().workspace
            dialog = ExportDialog(
                self._review.images,
                workspace.selection,
                self._settings,
                card=lambda: self._review.workplace.model().card,
                maps_of=self._review.workplace.maps_of,
                cutoff=workspace.filters.cutoff,
                parent=self._window,
            )
            dialog.finished_export.connect(self.news)
            return dialog

        self._show("export", make)

    def import_decisions(self) -> None:
        """Ask for a list of decisions, and apply it."""

        def make() -> QDialog:
            from annotriage.desktop.dialogs.import_dialog import ImportDialog

            dialog = ImportDialog(self._review.images, self._window)
            dialog.apply_wanted.connect(self._pages().deciding.apply_imported)
            return dialog

        self._show("import", make)

    def import_list(self, path: Path) -> None:
        """Show what a list of decisions would change."""
        from annotriage.desktop.dialogs.import_dialog import ImportDialog

        self.import_decisions()
        dialog = self._open.get("import")
        if isinstance(dialog, ImportDialog):
            dialog.open_list(path)

    def fetch(self) -> None:
        """Ask what images to fetch, and from where."""

        def make() -> QDialog:
            from annotriage.desktop.fetching.fetch_dialog import FetchDialog

            dialog = FetchDialog(self._window)
            dialog.open_wanted.connect(self.folder_wanted)
            return dialog

        self._show("fetch", make)

    def measure_agreement(self) -> None:
        """Measure how much people's masks agree."""

        def make() -> QDialog:
            from annotriage.desktop.agreement.dialog import AgreementDialog

            dialog = AgreementDialog(self._review.folder, self._window)
            dialog.matched.connect(self._show_masks)
            catalogue = self._review.images.catalogue
            if catalogue is not None and catalogue.summary().masks:
                dialog.choose([catalogue.folder])  # masks lie there; photographs beside them are left out
            return dialog

        self._show("agreement", make)

    def _show_masks(self, rows: "list[MaskRow]") -> None:
        """Draw the masks that were measured on the images of the open folder, too."""
        if self._review.folder is not None:
            self._pages().show_masks(rows)

    def models(self) -> None:
        """Show the models."""

        def make() -> QDialog:
            from annotriage.desktop.dialogs.models_dialog import ModelsDialog

            current = None if self._review.model is None else self._review.model.path.stem
            dialog = ModelsDialog(current if self._review.folder else None, parent=self._window)
            dialog.model_chosen.connect(self._review.use_model)
            dialog.removed.connect(self.model_removed)
            dialog.library_changed.connect(self.library_changed)
            return dialog

        self._show("models", make)

    def refresh_models(self) -> None:
        """List the models anew where they are listed: another one came."""
        from annotriage.desktop.dialogs.models_dialog import ModelsDialog

        dialog = self._open.get("models")
        if isinstance(dialog, ModelsDialog):
            dialog.reload()

    def _show_model(self) -> None:
        """Mark the model that is in use by now, where the models are listed."""
        listed, model = self._open.get("models"), self._review.model
        if listed is None:
            return
        from annotriage.desktop.dialogs.models_dialog import ModelsDialog

        assert isinstance(listed, ModelsDialog)
        if self._review.folder is None:
            listed.set_current(None)
        elif model is not None:  # it is none only until the next one is open
            listed.set_current(model.path.stem)

    def guide(self) -> None:
        """Show the user guide."""

        def make() -> QDialog:
            from annotriage.desktop.guide.guide_dialog import GuideDialog

            return GuideDialog(self._window)

        self._show("guide", make)

    def keys(self) -> None:
        """List all keys."""

        def make() -> QDialog:
            from annotriage.desktop.dialogs.shortcuts import ShortcutsDialog, keys_of_the_views

            return ShortcutsDialog([*self._actions.groups(), *keys_of_the_views()], self._window)

        self._show("keys", make)

    def show_log(self) -> None:
        """Show the log."""
        log = self._log
        if log is None:
            return

        def make() -> QDialog:
            from annotriage.desktop.crash.log_view import LogDialog

            return LogDialog(log, self._window)

        self._show("log", make)

    def about(self) -> None:
        """Say what the program is and who made its parts."""

        def make() -> QDialog:
            from annotriage.desktop.dialogs.about import AboutDialog

            return AboutDialog(self._window)

        self._show("about", make)

    def close_all(self) -> None:
        """Close what is open, as before the window goes; an export that is being written is stopped."""
        for dialog in list(self._open.values()):
            dialog.close()

    def _show(self, name: str, make: "Callable[[], QDialog]") -> None:
        dialog = self._open.get(name)
        if dialog is None:
            dialog = make()
            dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
            dialog.destroyed.connect(lambda: self._open.pop(name, None))
            self._open[name] = dialog
            fit(dialog, self._window.screen())
        dialog.show()
        dialog.raise_()
        dialog.activateWindow()
