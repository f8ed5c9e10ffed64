"""How the team draws: asked once, in words, where it is not known; and to be changed beside the name of the model."""

from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Qt
from PySide6.QtGui import QActionGroup
from PySide6.QtWidgets import QMenu, QToolButton, QWidget

from annotriage.desktop.widgets.icons import icon
from annotriage.desktop.widgets.message_bar import Answer
from annotriage.desktop.widgets.named import named
from annotriage.desktop.widgets.one_line import OneLineToolButton
from annotriage.desktop.widgets.plain_texts import as_it_stands
from annotriage.measures.ways import MIXED
from annotriage.scoring.team_words import QUESTION, WHY_ASKED, figures_in_short, figures_text

if TYPE_CHECKING:
    from pathlib import Path

    from annotriage.desktop.review.controller import ReviewController
    from annotriage.desktop.settings import Settings
    from annotriage.desktop.widgets.message_bar import MessageBar
    from annotriage.model_file import WayOfDrawing

_MOST_ANSWERS = 3
"""Ways that have a button of their own in the question, besides mixed ones; the others are in a menu."""
_ASKED = f"{QUESTION} {WHY_ASKED}"


class TeamChoice(QObject):
    """The question, the menu and the button, which are there only where the model knows ways of drawing."""

    def __init__(
        self, review: "ReviewController", messages: "MessageBar", settings: "Settings", parent: QWidget
    ) -> None:
        super().__init__(parent)
        self._review, self._messages, self._settings = review, messages, settings
        self._asked: set[Path] = set()
        self.menu = named(QMenu("How your team &draws", parent), "ways")
        self.menu.setToolTipsVisible(True)
        self.button = named(OneLineToolButton(), "team-button")
        """Says for whom predictions hold."""
        self.button.setIcon(icon("annotators"))
        self.button.setAutoRaise(True)
        self.button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self.button.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self.button.setMenu(self.menu)
        self._group = QActionGroup(self)
        review.team.changed.connect(self._show)
        review.team.unknown.connect(self._ask)
        review.team.noted.connect(lambda sentence: messages.show_message(sentence, problem=False))
        review.folder_changed.connect(lambda _: messages.withdraw(_ASKED))
        self._show()

    def _choose(self, way: str) -> None:
        self._settings.last_way = way
        self._review.team.choose(way)

    def _show(self) -> None:
        """Show for whom predictions hold, and for whom they can."""
        team = self._review.team
        knows_ways = bool(team.ways)
        self.menu.clear()
        for way in team.ways:
            action = self.menu.addAction(f"{as_it_stands(_title(way))}\t{as_it_stands(_error(way))}")
            action.setData(way.key)
            action.setCheckable(True)
            action.setChecked(way.key == team.team.way)
            action.setToolTip(figures_text(way))
            action.triggered.connect(lambda _=False, key=way.key: self._choose(key))
            self._group.addAction(action)
        self.menu.menuAction().setEnabled(knows_ways)
        self.button.setVisible(knows_ways)
        self.button.setText(f"Drawn: {as_it_stands(team.words)}")
        self.button.setToolTip(f"Predicted for a team that draws so. {team.sentence}\nClick to choose another way.")
        self.button.setAccessibleName(f"How your team draws: {team.words}")
        if not knows_ways or team.is_settled:
            self._messages.withdraw(_ASKED)

    def _ask(self) -> None:
        """Ask how the team draws; once a folder, as long as the window is there."""
        folder, ways = self._review.folder, list(self._review.team.ways)
        if folder is None or folder in self._asked:
            return
        self._asked.add(folder)
        last = self._settings.last_way
        # The last choice is offered first; mixed ones, which are predicted for until somebody says more, last.
        ways.sort(key=lambda way: (way.key == MIXED, way.key != last))
        *others, mixed = ways
        answers = [
            Answer(
                f"{_title(way)}, as last time" if way.key == last else _title(way),
                partial(self._choose, way.key),
                figures_text(way),
            )
            for way in (*others[:_MOST_ANSWERS], mixed, *others[_MOST_ANSWERS:])
        ]
        shown = len(others[:_MOST_ANSWERS]) + 1
        self._messages.ask(_ASKED, answers[:shown], more=answers[shown:], more_words="Another way")


def _title(way: "WayOfDrawing") -> str:
    return way.words[:1].upper() + way.words[1:]


def _error(way: "WayOfDrawing") -> str:
    return figures_in_short(way).split(", rank")[0]
