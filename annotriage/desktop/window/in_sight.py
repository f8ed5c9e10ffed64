"""Keeps in sight what a key decides about: the number of images, and what ranks higher than the one looked at."""

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer

from annotriage.desktop.window.higher_ranks import HigherRanks, higher_text, short_higher_text
from annotriage.desktop.window.on_screen import bring_onto_screen, is_on_screen
from annotriage.wording import images_text

if TYPE_CHECKING:
    from annotriage.desktop.inspector.large_view import LargeView
    from annotriage.desktop.review.controller import ReviewController
    from annotriage.desktop.window.actions import Actions
    from annotriage.desktop.window.decisions import Decisions
    from annotriage.desktop.window.target import Target
    from annotriage.desktop.window.workspace import Workspace
    from annotriage.triage.decisions import Review


class InSight(QObject):
    """Tells the gallery, the large view and the menus how many images a decision is about."""

    def __init__(
        self,
        review: "ReviewController",
        target: "Target",
        decisions: "Decisions",
        workspace: "Workspace",
        large: "LargeView",
        actions: "Actions",
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._images = review.images
        self._target = target
        self._decisions = decisions
        self._workspace = workspace
        self._large = large
        self._actions = actions
        self._decision_actions = (actions.expert, actions.routine, actions.exclude, actions.undecided, actions.note)
        self._words = {action: action.text() for action in self._decision_actions}
        self._soon = QTimer(self, singleShot=True, interval=0)
        self._soon.timeout.connect(self._show_number)
        self.higher = HigherRanks(review.images, target, self)
        self.higher.changed.connect(self._show_higher)
        target.changed.connect(self._soon.start)
        target.in_sight = self._bring
        review.journal.recorded.connect(self._on_recorded)
        large.higher_wanted.connect(actions.new_ranking.trigger)
        actions.new_ranking.triggered.connect(self._go_higher)

    def _bring(self) -> bool:
        """Return whether the target is on the screen, as an image or as a number of images; if not, bring it there."""
        if self._is_seen():
            return True
        workspace = self._workspace
        if not self._target.is_large and not workspace.inspector.isVisible():
            view = workspace.gallery.gallery.view
            workspace.show_gallery()
            view.scrollTo(view.currentIndex())
            if self._target.count() > 1 and not workspace.gallery.bar.about.is_whole:
                self._actions.inspector.setChecked(True)  # there is room for their number
        bring_onto_screen(workspace.window())
        return False

    def _is_seen(self) -> bool:
        panel, gallery = self._workspace.inspector, self._workspace.gallery
        if self._target.is_large:
            return is_on_screen(self._large.pictures)
        several = self._target.count() > 1
        if several and self._soon.isActive():
            self._soon.stop()
            self._show_number()
        if panel.isVisible():
            return is_on_screen(panel.decisions if several else panel.pictures)
        if several:
            return is_on_screen(gallery.bar.about) and gallery.bar.about.is_whole
        viewport = gallery.gallery.view.viewport()
        tile = gallery.gallery.view.visualRect(gallery.gallery.view.currentIndex())
        seen, whole = tile.intersected(viewport.rect()), tile.size().boundedTo(viewport.size())
        most = 2 * seen.width() * seen.height() >= whole.width() * whole.height() > 0
        return most and is_on_screen(viewport, seen)

    def _show_number(self) -> None:
        count = self._target.count()
        several = count > 1
        self._workspace.gallery.set_about(f"{images_text(count)} selected" if several else "")
        for action, words in self._words.items():
            said = f"{words} for {images_text(count)}"
            action.setText(said if several else words)

    def _on_recorded(self, label: str, reviews: "dict[str, Review]", what: str) -> None:
        """Let the number stand where the eye is, after a decision about several images as before it."""
        if len(reviews) < 2:
            return
        self._soon.stop()
        self._show_number()
        said = {
            "did": "Done: {what}",
            "undid": "Taken back: {what}",
            "redid": "Done again: {what}",
        }[what]
        self._workspace.gallery.set_about(said.format(what=label), said.format(what=images_text(len(reviews))))

    def _show_higher(self, count: int) -> None:
        words = higher_text(count) if count else ""
        self._workspace.gallery.set_higher(words, short_higher_text(count))
        self._large.set_higher(words)

    def _go_higher(self) -> None:
        """Sort by what is known now, and go to the first undecided image that ranks higher, if there is any."""
        self.higher.count_now()
        go = self.higher.count > 0
        self._workspace.gallery.order_anew()
        if go and (line := self._images.next_open(None)) is not None:
            self._decisions.go_to(line)
        self.higher.count_now()
