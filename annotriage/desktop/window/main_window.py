"""The main window: brings its parts together and knows which page is shown."""

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QSize, Qt, QTimer
from PySide6.QtGui import QCloseEvent, QDragEnterEvent, QDragLeaveEvent, QDropEvent, QGuiApplication, QKeyEvent
from PySide6.QtWidgets import QApplication, QMainWindow, QPushButton, QStackedWidget, QToolButton, QWidget
from typing_extensions import override

from annotriage.desktop.navigator import Navigator
from annotriage.desktop.review.controller import ReviewController
from annotriage.desktop.widgets.applying import apply_theme
from annotriage.desktop.widgets.layout import column, grow
from annotriage.desktop.widgets.message_bar import MessageBar
from annotriage.desktop.widgets.named import named
from annotriage.desktop.widgets.plain_texts import as_it_stands
from annotriage.desktop.widgets.theme import UNIT
from annotriage.desktop.window.actions import Actions
from annotriage.desktop.window.coverage_message import CoverageMessage
from annotriage.desktop.window.decision_messages import DecisionMessages
from annotriage.desktop.window.dialogs import Dialogs
from annotriage.desktop.window.dropping import Dropping
from annotriage.desktop.window.folder_flow import FolderFlow
from annotriage.desktop.window.folder_news import FolderNews
from annotriage.desktop.window.menus import RecentMenu, fill_menu_bar, make_model_button, make_toolbar
from annotriage.desktop.window.model_messages import ModelMessages
from annotriage.desktop.window.open_dialogs import OpenDialogs
from annotriage.desktop.window.status import StatusLine
from annotriage.desktop.window.team_choice import TeamChoice
from annotriage.desktop.window.training_windows import TrainingWindows
from annotriage.desktop.window.welcome import WelcomePage
from annotriage.names import as_unicode
from annotriage.triage.scoring_progress import Phase, Progress

if TYPE_CHECKING:
    from annotriage.desktop.crash.log_book import LogBook
    from annotriage.desktop.settings import Settings
    from annotriage.desktop.window.folder_pages import FolderPages

_FIRST_SIZE = QSize(1440, 900)
_SMALLEST = QSize(83 * UNIT, 56 * UNIT)
"""Of a laptop's screen at double size. Said by number, or each long text could make the window wider than a screen."""
_FRAME = QSize(16, 56)
"""What title bar and edges take at most; how large they are is known only once the window is there."""


class MainWindow(QMainWindow):
    """The window.

    What a folder needs is made when the first one is opened: the empty window is there at once.
    """

    def __init__(self, settings: "Settings", log: "LogBook | None" = None) -> None:
        super().__init__()
        self.setObjectName("main")
        self.setAcceptDrops(True)
        self.setMinimumSize(_SMALLEST)
        self._settings = settings
        self.review = ReviewController(self)
        self.actions_ = Actions(self)
        self.messages = MessageBar()
        self.navigator = Navigator(self)
        self.flow = FolderFlow(self, self.review, self.messages, settings, self.navigator)
        self._pages: FolderPages | None = None
        self.dialogs = OpenDialogs(self)
        self._review_dialogs = Dialogs(
            self, self.actions_, self.review, lambda: self.pages, settings, log, self.navigator, self.dialogs
        )
        self._coverage = CoverageMessage(self.review, self.messages, self.actions_.calibrate, self)
        self.training = TrainingWindows(self, self.actions_, settings, self.navigator, self.dialogs, self.messages)
        self._may_quit = False
        self._status = named(StatusLine(), "status")
        self._stack = QStackedWidget()
        self._welcome = WelcomePage()
        self._summary_soon = QTimer(self, singleShot=True, interval=100)
        central = self._make_central()
        self._make_bars()
        self._dropping = Dropping(
            central,
            self.review,
            self.actions_,
            self.flow,
            self._review_dialogs,
            self.messages,
            lambda: self.pages,
        )
        self._connect()
        self._show_folder(None)
        self._restore()

    @property
    def pages(self) -> "FolderPages":
        """What shows a folder; made at the first call."""
        if self._pages is None:
            from annotriage.desktop.window.folder_pages import FolderPages

            self._pages = FolderPages(self, self.review, self.actions_, self._settings, self.navigator)
            self._pages.large_changed.connect(self._show_large)
            self._stack.addWidget(self._pages.workspace)
            self._stack.addWidget(self._pages.large)
        return self._pages

    def open_folder(self, folder: Path) -> None:
        """Open a folder."""
        self.flow.open(folder)

    def show_image(self, path: Path) -> None:
        """Show an image: in the large view if it is of the open folder, else in a small window."""
        if self.review.folder is not None and self.pages.show_large(path):
            self.raise_()
            self.activateWindow()
            return
        from annotriage.desktop.inspector.image_viewer import ImageViewer

        self.dialogs.show("image", lambda: ImageViewer(self)).show_path(path)

    # Parts

    def _make_central(self) -> QWidget:
        self._stack.addWidget(self._welcome)
        central = QWidget()
        column(self.messages, grow(self._stack), self._status, on=central, spacing=0)
        self.setCentralWidget(central)
        return central

    def _make_bars(self) -> None:
        actions = self.actions_
        self.addActions(list(actions.all()))
        recent = RecentMenu(self._settings.recent_folders, self.open_folder)
        recent.setParent(self, recent.windowFlags())
        self._team_choice = TeamChoice(self.review, self.messages, self._settings, self)
        fill_menu_bar(self, actions, recent, self._team_choice.menu, self._settings.theme, self._set_theme)
        self._model_button = named(make_model_button(actions), "model-button")
        self._toolbar = make_toolbar(self, actions, self._model_button, self._team_choice.button)
        self._toolbar.setContextMenuPolicy(Qt.ContextMenuPolicy.PreventContextMenu)
        for action in (actions.filters, actions.inspector):
            action.setChecked(True)

    def _connect(self) -> None:
        actions, review, welcome = self.actions_, self.review, self._welcome
        actions.open.triggered.connect(self.flow.choose)
        actions.samples.triggered.connect(self.flow.open_samples)
        actions.refresh.triggered.connect(self.flow.refresh)
        actions.follow.setChecked(self._settings.follows_changes)
        review.follow(self._settings.follows_changes)
        actions.follow.toggled.connect(self._follow)
        actions.pause.triggered.connect(self._pause_or_resume)
        actions.close_folder.triggered.connect(review.close_folder)
        actions.quit.triggered.connect(self.close)
        actions.full_screen.triggered.connect(self._set_full_screen)
        welcome.open_wanted.connect(self.flow.choose)
        welcome.folder_chosen.connect(self.open_folder)
        welcome.dropped.connect(self._dropping.open_dropped)
        welcome.folder_forgotten.connect(self._forget)
        welcome.samples_wanted.connect(self.flow.open_samples)
        review.folder_changed.connect(self._show_folder)
        review.progress_changed.connect(self._show_progress)
        for changed in (review.model_changed, review.team.changed):
            changed.connect(self._show_model)
        review.images.summary_changed.connect(self._on_summary)
        review.failed.connect(self.flow.tell_failure)
        review.failed.connect(self._enable_work)
        review.listed.connect(self._enable_work)
        review.found.connect(self.flow.tell_found)
        review.journal.replaced.connect(self.flow.tell_replaced)
        review.masks_found.connect(self.flow.tell_masks)
        review.copying_changed.connect(self._status.set_copying)
        news = FolderNews(review, self.navigator, self.messages, self)
        news.counted.connect(self._status.set_arrived)
        review.measuring.finished.connect(self.flow.tell_measured)
        review.measuring.failed.connect(self.flow.tell_failure)
        self._decision_messages = DecisionMessages(review, self.messages, actions.export, self)
        self._model_messages = ModelMessages(review, self.navigator, self.messages, self)
        self._status.pause_wanted.connect(review.pause)
        self._status.resume_wanted.connect(review.resume)
        self._status.cancel_wanted.connect(review.cancel)
        self._summary_soon.timeout.connect(self._show_summary)
        self.navigator.news.connect(self._status.show_news)
        self.navigator.failed.connect(self.messages.show_message)
        self.navigator.open_folder.connect(self.open_folder)
        self.navigator.open_image.connect(self.show_image)
        self.training.status_changed.connect(self._status.set_training)
        self._status.training_wanted.connect(self.training.open_current)

    # What is shown

    def _show_folder(self, folder: Path | None) -> None:
        actions = self.actions_
        for action in (actions.refresh, actions.pause, actions.close_folder, actions.search,
                       actions.clear_filters, actions.large):  # fmt: skip
            action.setEnabled(folder is not None)
        self._enable_work()
        if folder is None:
            self.setWindowTitle("Annotriage")
            if self._pages is not None:
                self._pages.set_large(False)
            self._welcome.show_recent(self._settings.recent_folders())
            self._stack.setCurrentWidget(self._welcome)
            actions.leave.setEnabled(False)
        else:
            name = as_unicode(folder.name or str(folder))
            self.setWindowTitle(f"{name} – Annotriage")
            self.setWindowFilePath(str(folder))
            self.pages.begin_folder()
            self._stack.setCurrentWidget(self.pages.workspace)
            self.pages.workspace.show_gallery()
        self._show_progress(self.review.progress)
        self._show_summary()

    def _enable_work(self) -> None:
        """Offer what is about images where there are some."""
        listed = self.review.images.catalogue is not None
        actions = self.actions_
        for action in (actions.send, actions.export, actions.send_to_studio, actions.fetch_results,
                       actions.import_decisions, actions.outcome, actions.calibrate):  # fmt: skip
            action.setEnabled(listed)

    def _show_large(self, large: bool) -> None:
        self._stack.setCurrentWidget(self.pages.large if large else self.pages.workspace)
        self._show_bars()

    def _show_bars(self) -> None:
        """Leave an image alone on a full screen."""
        alone = self._pages is not None and self._pages.is_large and self.isFullScreen()
        self._toolbar.setVisible(not alone)
        self.menuBar().setVisible(not alone)

    def _show_progress(self, progress: Progress) -> None:
        self._status.set_progress(progress)
        going = progress.phase is Phase.SCORING
        pause = self.actions_.pause
        pause.setEnabled(going or (progress.phase in (Phase.PAUSED, Phase.STOPPED) and progress.done < progress.total))
        pause.setText("&Pause scoring" if going or not pause.isEnabled() else "&Go on scoring")
        pause.setIconText("Pause" if going or not pause.isEnabled() else "Go on")

    def _show_model(self, *_: object) -> None:
        model, team = self.review.model, self.review.team
        self._status.set_team(team.words)
        if model is None:
            self._model_button.setText("Model")
            return
        way = model.card.way(team.team.way)
        metrics = model.card.metrics if way is None else way.metrics
        error = "" if metrics is None or metrics.mae is None else f" (MAE {metrics.mae:.2f})"
        self._model_button.setText(as_it_stands(f"Model: {model.card.name}{error}"))

    def _on_summary(self) -> None:
        if not self._summary_soon.isActive():
            self._summary_soon.start()

    def _show_summary(self) -> None:
        catalogue = self.review.images.catalogue
        self._status.set_summary(None if catalogue is None else catalogue.summary())

    # What is asked for

    def _follow(self, follows: bool) -> None:
        self._settings.follows_changes = follows
        self.review.follow(follows)

    def _pause_or_resume(self) -> None:
        if self.review.progress.phase is Phase.SCORING:
            self.review.pause()
        else:
            self.review.resume()

    def _set_full_screen(self, full: bool) -> None:
        self.setWindowState(
            self.windowState() | Qt.WindowState.WindowFullScreen if full
            else self.windowState() & ~Qt.WindowState.WindowFullScreen
        )  # fmt: skip

    def _set_theme(self, choice: str) -> None:
        app = QApplication.instance()
        if isinstance(app, QApplication):
            self._settings.theme = choice  # type: ignore[assignment]
            apply_theme(app, self._settings.theme)

    def _forget(self, folder: Path) -> None:
        self._settings.forget_folder(folder)
        self._welcome.show_recent(self._settings.recent_folders())

    def _quit(self) -> None:
        self._may_quit = True
        self.close()

    # What Qt asks

    @override
    def changeEvent(self, event: QEvent) -> None:
        if event.type() == QEvent.Type.WindowStateChange:
            self.actions_.full_screen.setChecked(self.isFullScreen())
            self._show_bars()
        super().changeEvent(event)

    @override
    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        self._dropping.enter(event)

    @override
    def dragLeaveEvent(self, event: QDragLeaveEvent) -> None:
        self._dropping.leave()

    @override
    def dropEvent(self, event: QDropEvent) -> None:
        self._dropping.drop(event)

    @override
    def keyPressEvent(self, event: QKeyEvent) -> None:
        if not self._hold(event, True) and not self._press_focused(event):
            super().keyPressEvent(event)

    @override
    def keyReleaseEvent(self, event: QKeyEvent) -> None:
        if not self._hold(event, False):
            super().keyReleaseEvent(event)

    @override
    def closeEvent(self, event: QCloseEvent) -> None:
        if self.training.is_busy and not self._may_quit:
            event.ignore()
            self.training.ask_to_quit(self._quit)
            return
        if self._pages is not None:
            self._pages.keep_edits()
        self._remember()
        self.dialogs.close_all()
        self.hide()  # what is under way ends behind a window that is gone already
        if self._pages is not None:
            self._pages.stop()
        self.training.shut_down()
        self.review.shut_down()
        event.accept()

    def _press_focused(self, event: QKeyEvent) -> bool:
        """Press the button that has the keyboard with Enter, too: outside of dialogs Qt does it with Space alone."""
        focused = QApplication.focusWidget()
        is_enter = event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter)
        if not is_enter or not isinstance(focused, QPushButton | QToolButton):
            return False
        focused.click()
        return True

    def _hold(self, event: QKeyEvent, held: bool) -> bool:
        """Show the plain image while Space is held, whatever of the images has the keyboard."""
        if event.key() != Qt.Key.Key_Space or self._pages is None or self.review.folder is None:
            return False
        if not event.isAutoRepeat():
            self._pages.hold_plain(held)
        return True

    def _remember(self) -> None:
        self._settings.geometry = self.saveGeometry()
        if self._pages is not None:
            self._pages.remember()
        self._settings.save()

    def _restore(self) -> None:
        geometry = self._settings.geometry
        if geometry is None or not self.restoreGeometry(geometry):
            self.resize(_FIRST_SIZE.boundedTo(QGuiApplication.primaryScreen().availableSize() - _FRAME))
