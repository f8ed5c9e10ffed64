"""The window's menus and toolbar, made of its actions."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QAction, QActionGroup
from PySide6.QtWidgets import QMainWindow, QMenu, QSizePolicy, QToolBar, QToolButton, QWidget

from annotriage.desktop.widgets.applying import THEME_CHOICES, ThemeChoice
from annotriage.desktop.widgets.icons import icon
from annotriage.desktop.widgets.layout import panel, row
from annotriage.desktop.widgets.one_line import OneLineToolButton
from annotriage.desktop.widgets.plain_texts import as_it_stands
from annotriage.desktop.widgets.theme import UNIT
from annotriage.desktop.window.tool_buttons import tool_button

if TYPE_CHECKING:
    from annotriage.desktop.settings import RecentFolder
    from annotriage.desktop.window.actions import Actions


_LONGEST_PATH = 60 * UNIT


class RecentMenu(QMenu):
    """The folders that were open before."""

    def __init__(self, folders: "Callable[[], Sequence[RecentFolder]]", chosen: Callable[[Path], None]) -> None:
        super().__init__("Open &recent")
        self._folders = folders
        self._chosen = chosen
        self.setToolTipsVisible(True)
        self.aboutToShow.connect(self._fill)

    def _fill(self) -> None:
        self.clear()
        for folder in self._folders():
            path = self.fontMetrics().elidedText(str(folder.path), Qt.TextElideMode.ElideMiddle, _LONGEST_PATH)
            action = self.addAction(as_it_stands(path))
            action.setToolTip(str(folder.path))
            action.triggered.connect(lambda _=False, path=folder.path: self._chosen(path))
        if self.isEmpty():
            self.addAction("No folder was open before").setEnabled(False)


def fill_menu_bar(
    window: QMainWindow,
    actions: "Actions",
    recent: RecentMenu,
    ways: QMenu,
    theme: ThemeChoice,
    set_theme: Callable[[str], None],
) -> None:
    """Put all actions into the menus of a window; `ways` are those in which the team may draw."""
    bar = window.menuBar()
    folder = bar.addMenu("&Folder")
    folder.addAction(actions.open)
    folder.addMenu(recent)
    _add(folder, actions.samples, actions.fetch, None, actions.refresh, actions.follow, actions.pause, None,
         actions.export, actions.import_decisions, None, actions.send_to_studio, actions.fetch_results,
         actions.measure_agreement, actions.next_step,
         actions.outcome, actions.calibrate, None, actions.close_folder, actions.quit)  # fmt: skip
    decide = bar.addMenu("&Decide")
    _add(decide, actions.undo, actions.redo, None, actions.expert, actions.routine, actions.exclude, actions.undecided,
         actions.note, actions.assign, None, actions.select_all, actions.invert, actions.send)  # fmt: skip
    image = bar.addMenu("&Image")
    _add(image, actions.large, actions.previous, actions.next, actions.first, actions.last,
         actions.next_undecided, None, *actions.maps.values(),
         actions.annotators, actions.differences, actions.side_by_side, None, actions.zoom_in, actions.zoom_out,
         actions.fit, actions.actual_size, None, actions.show_in_folder, actions.copy_name,
         actions.copy_path)  # fmt: skip
    view = bar.addMenu("&View")
    _add(view, actions.grid, actions.table, actions.larger_tiles, actions.smaller_tiles, None)
    sort = view.addMenu("&Sort by")
    _add(sort, *actions.sort.values(), None, actions.sort_reversed)
    _add(view, actions.new_ranking, None, actions.search, actions.clear_filters, None, actions.filters,
         actions.inspector, None)  # fmt: skip
    view.addMenu(_theme_menu(window, theme, set_theme))
    _add(view, actions.full_screen)
    models = bar.addMenu("&Models")
    _add(models, actions.models)
    models.addMenu(ways)
    _add(models, None, actions.train, actions.trainings, None, actions.statistics)
    _add(bar.addMenu("&Help"), actions.guide, actions.keys, actions.log, None, actions.about)


def context_menu(parent: QWidget, actions: "Actions") -> QMenu:
    """Return the menu for the selected images."""
    menu = QMenu(parent)
    _add(menu, actions.large, None, actions.expert, actions.routine, actions.exclude, actions.undecided, None,
         actions.note, actions.assign, None, actions.show_in_folder, actions.copy_name, actions.copy_path, None,
         actions.select_all, actions.invert, None, actions.export)  # fmt: skip
    return menu


def make_toolbar(window: QMainWindow, actions: "Actions", *at_the_end: QToolButton) -> QToolBar:
    """Put the toolbar into a window; buttons that name the model and for whom it predicts stand at its right end."""
    toolbar = QToolBar("Toolbar")
    toolbar.setObjectName("toolbar")
    toolbar.setMovable(False)
    toolbar.setIconSize(QSize(20, 20))
    layout = toolbar.layout()
    if layout is not None:  # its own margins: those of the bar would be counted twice below
        layout.setContentsMargins(UNIT // 2, UNIT // 2, UNIT // 2, UNIT // 2)
    for action in (actions.open, actions.pause, actions.send, actions.export):
        toolbar.addWidget(tool_button(action, text=True))
    toolbar.addSeparator()
    for action in (actions.undo, actions.redo):
        toolbar.addWidget(tool_button(action))
    space = QWidget()
    space.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
    toolbar.addWidget(space)
    toolbar.addWidget(panel(row(*at_the_end, spacing=0)))  # of its own, so that a button can be hidden
    window.addToolBar(toolbar)
    return toolbar


def make_model_button(actions: "Actions") -> QToolButton:
    """Return the button that names the model and opens the list of models."""
    button = OneLineToolButton()
    button.setIcon(icon("model"))
    button.setText("Model")
    button.setAutoRaise(True)
    button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
    button.setToolTip(actions.models.toolTip())
    button.clicked.connect(actions.models.trigger)
    return button


def _theme_menu(parent: QWidget, theme: ThemeChoice, set_theme: Callable[[str], None]) -> QMenu:
    menu = QMenu("C&olours", parent)
    group = QActionGroup(menu)
    words = {"system": "As the &system", "light": "&Light", "dark": "&Dark"}
    for choice in THEME_CHOICES:
        action = QAction(words[choice], menu, checkable=True, checked=choice == theme)
        action.triggered.connect(lambda _=False, choice=choice: set_theme(choice))
        group.addAction(action)
        menu.addAction(action)
    return menu


def _add(menu: QMenu, *actions: QAction | None) -> None:
    for action in actions:
        if action is None:
            menu.addSeparator()
        else:
            menu.addAction(action)
