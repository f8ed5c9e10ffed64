"""The window's dialogs about the open folder, the models and the program, each a function that makes it."""

from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject

from annotriage.desktop.window.measured_offer import MeasuredOffer

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from PySide6.QtWidgets import QDialog, QWidget

    from annotriage.agreement.mask_set import MaskRow
    from annotriage.desktop.crash.log_book import LogBook
    from annotriage.desktop.dialogs.import_dialog import ImportDialog
    from annotriage.desktop.labelling.results_dialog import ResultsDialog
    from annotriage.desktop.navigator import Navigator
    from annotriage.desktop.review.controller import ReviewController
    from annotriage.desktop.settings import Settings
    from annotriage.desktop.window.actions import Actions
    from annotriage.desktop.window.folder_pages import FolderPages
    from annotriage.desktop.window.open_dialogs import OpenDialogs
    from annotriage.images import ImageFile
    from annotriage.scoring.team import Team
    from annotriage.triage.budget import Known
    from annotriage.triage.catalogue import Catalogue
    from annotriage.triage.next_step import NextStepRule
    from annotriage.triage.send_preview import Accuracy


class Dialogs(QObject):
    """Makes the dialogs that actions open. Their code is loaded when they are first asked for."""

    def __init__(
        self,
        window: "QWidget",
        actions: "Actions",
        review: "ReviewController",
        pages: "Callable[[], FolderPages]",
        settings: "Settings",
        log: "LogBook | None",
        navigator: "Navigator",
        open_dialogs: "OpenDialogs",
    ) -> None:
        super().__init__(window)
        self._window = window
        self._actions = actions
        self._review = review
        self._pages = pages
        self._settings = settings
        self._log = log
        self._navigator = navigator
        self._open = open_dialogs
        self._measured_offer = MeasuredOffer(review, self)
        makers = {
            actions.send: self._send,
            actions.export: self._export,
            actions.import_decisions: self._import,
            actions.fetch: self._fetch,
            actions.send_to_studio: self._send_to_studio,
            actions.measure_agreement: self._agreement,
            actions.next_step: self._next_step,
            actions.outcome: self._outcome,
            actions.calibrate: self._calibrate,
            actions.models: self._models,
            actions.guide: self._guide,
            actions.keys: self._keys,
            actions.log: self._log_view,
            actions.about: self._about,
        }
        for action, make in makers.items():
            action.triggered.connect(partial(self._show, make))
        actions.fetch_results.triggered.connect(self._fetch_results_again)
        actions.log.setEnabled(log is not None)
        review.model_changed.connect(self._show_model)

    def import_list(self, path: "Path") -> None:
        """Show what a list of decisions would change."""
        self._open.show(self._import.__name__, self._import).open_list(path)

    def _show(self, make: "Callable[[], QDialog]", *_: object) -> None:
        self._open.show(make.__name__, make)

    def _send(self) -> "QDialog":
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
            known=self._known_of_features(),
            accuracy=self._accuracy(),
        )
        dialog.send_wanted.connect(pages.decisions.send)
        return dialog

    def _known_of_features(self) -> "Callable[[Catalogue], Known] | None":
        """Return what reads how different the images of a folder are, in any thread; None: the model does not tell."""
        from annotriage.triage.budget import Known, features_of

        model, store = self._review.model, self._review.resources.store
        if model is None or model.card.features is None:
            return None
        key = model.key

        def known(catalogue: "Catalogue") -> Known:
            return Known(features_of(catalogue, store().numbers(catalogue.folder, key, features=True)))

        return known

    def _accuracy(self) -> "Accuracy | None":
        """Return how good the predictions are; None: no model is open."""
        from annotriage.scoring.team import EVERYBODY
        from annotriage.triage.send_preview import accuracy_of

        model, catalogue = self._review.model, self._review.images.catalogue
        if model is None or catalogue is None:
            return None
        return accuracy_of(model.card, catalogue.team or EVERYBODY)

    def _export(self) -> "QDialog":
        from annotriage.desktop.dialogs.export_dialog import ExportDialog

        workspace = self._pages().workspace
        dialog = ExportDialog(
            self._review.images,
            workspace.selection,
            self._settings,
            card=lambda: self._review.resources.model().card,
            maps_of=self._review.resources.maps_of,
            cutoff=workspace.filters.cutoff,
            parent=self._window,
        )
        dialog.finished_export.connect(self._navigator.news)
        return dialog

    def _import(self) -> "ImportDialog":
        from annotriage.desktop.dialogs.import_dialog import ImportDialog

        dialog = ImportDialog(self._review.images, self._window)
        dialog.apply_wanted.connect(self._pages().decisions.apply_imported)
        return dialog

    def _fetch(self) -> "QDialog":
        from annotriage.desktop.fetching.fetch_dialog import FetchDialog

        dialog = FetchDialog(self._window)
        dialog.open_wanted.connect(self._navigator.open_folder)
        return dialog

    def _send_to_studio(self) -> "QDialog":
        from annotriage.desktop.labelling.send_dialog import SendToStudioDialog

        dialog = SendToStudioDialog(self._review.images, self._review.resources, self._settings, self._window)
        dialog.results_wanted.connect(self._actions.fetch_results.trigger)
        dialog.news.connect(self._navigator.news)
        self._close_with_folder(dialog)
        return dialog

    def _fetch_results_again(self) -> None:
        """Show the dialog, which fetches at once where it can, and fetches again where it is open."""
        self._open.show(self._fetch_results.__name__, self._fetch_results).fetch_again()

    def _fetch_results(self) -> "ResultsDialog":
        from annotriage.desktop.labelling.results_dialog import ResultsDialog

        catalogue = self._review.images.catalogue
        assert catalogue is not None  # its action is off without one
        folder, resources = catalogue.folder, self._review.resources
        dialog = ResultsDialog(folder, self._readable, resources.store, self._settings, self._window)
        dialog.arrived.connect(self._show_drawn)
        dialog.outcome_wanted.connect(self._actions.outcome.trigger)
        dialog.news.connect(self._navigator.news)
        self._close_with_folder(dialog)
        return dialog

    def _readable(self) -> "list[ImageFile]":
        """Return the images that are open, but for those that cannot be read and those that are masks."""
        catalogue = self._review.images.catalogue
        return [] if catalogue is None else [image for image in catalogue.images if image.problem is None]

    def _show_drawn(self, whole: bool) -> None:
        """Show what was measured of annotations that were fetched, and at last everybody's contours, too."""
        self._review.measuring.show_stored()
        if whole:
            self._review.measuring.begin_soon()

    def _close_with_folder(self, dialog: "QDialog") -> None:
        """Close a dialog that is about the open folder once another one is opened: what it does there goes on later."""
        self._review.folder_changed.connect(dialog.close)

    def _agreement(self) -> "QDialog":
        from annotriage.desktop.agreement.dialog import AgreementDialog

        dialog = AgreementDialog(self._review.folder, self._window)
        dialog.matched.connect(self._show_masks)
        dialog.measured.connect(partial(self._measured_offer.offer, dialog))
        catalogue = self._review.images.catalogue
        if catalogue is not None and catalogue.summary().masks:
            dialog.choose([catalogue.folder])  # masks lie there; photographs beside them are left out
        return dialog

    def _next_step(self) -> "QDialog":
        from annotriage.desktop.dialogs.next_step_dialog import NextStepDialog

        dialog = NextStepDialog(self._review, self._window)
        dialog.rule_changed.connect(self._keep_rule)
        return dialog

    def _outcome(self) -> "QDialog":
        from annotriage.desktop.dialogs.outcome_dialog import OutcomeDialog

        resources = self._review.resources

        def team(folder: "Path") -> "tuple[Team, frozenset[bytes]]":
            from annotriage.triage.coverage_watch import team_of_folder

            return team_of_folder(resources.model(), resources.store(), folder)

        card = lambda: resources.model().card  # noqa: E731
        return OutcomeDialog(self._review.images, card, self._settings, self._window, team=team)

    def _calibrate(self) -> "QDialog":
        from annotriage.desktop.dialogs.calibrate_dialog import CalibrateDialog

        dialog = CalibrateDialog(self._review, self._settings, self._window)
        dialog.changed.connect(lambda: self._review.team.choose(None))
        self._close_with_folder(dialog)
        return dialog

    def _keep_rule(self, rule: "NextStepRule") -> None:
        from annotriage.errors import AnnotriageError
        from annotriage.triage.kept_rule import keep_rule

        try:
            keep_rule(rule)
        except AnnotriageError as error:
            self._review.failed.emit(str(error))

    def _show_masks(self, rows: "list[MaskRow]") -> None:
        """Draw the masks that were measured on the images of the open folder, too."""
        if self._review.folder is not None:
            self._pages().people.show_masks(rows)

    def _models(self) -> "QDialog":
        from annotriage.desktop.dialogs.models_dialog import ModelsDialog

        current = None if self._review.model is None else self._review.model.path.stem
        dialog = ModelsDialog(current if self._review.folder else None, parent=self._window)
        dialog.model_chosen.connect(self._review.use_model)
        for changed in (self._navigator.model_installed, self._navigator.default_model_changed):
            changed.connect(dialog.reload)
        dialog.removed.connect(self._navigator.model_removed)
        dialog.library_changed.connect(self._navigator.library_changed)
        return dialog

    def _show_model(self) -> None:
        """Mark the model that is in use by now, where the models are listed."""
        if self._models.__name__ not in self._open:
            return
        from annotriage.desktop.dialogs.models_dialog import ModelsDialog

        listed, model = self._open.get(self._models.__name__, ModelsDialog), self._review.model
        if listed is not None and (model is not None or self._review.folder is None):  # none until the next one is open
            listed.set_current(None if model is None or self._review.folder is None else model.path.stem)

    def _guide(self) -> "QDialog":
        from annotriage.desktop.guide.guide_dialog import GuideDialog

        return GuideDialog(self._window)

    def _keys(self) -> "QDialog":
        from annotriage.desktop.dialogs.shortcuts import ShortcutsDialog, keys_of_the_views

        return ShortcutsDialog([*self._actions.groups(), *keys_of_the_views()], self._window)

    def _log_view(self) -> "QDialog":
        from annotriage.desktop.crash.log_view import LogDialog

        assert self._log is not None  # its action is off without one
        return LogDialog(self._log, self._window)

    def _about(self) -> "QDialog":
        from annotriage.desktop.dialogs.about import AboutDialog

        return AboutDialog(self._window)
