"""Decisions by key and button: for their target, then on to the next image; undo goes back to where it was."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Qt, QTimer

from annotriage.desktop.widgets.applying import motion_allowed
from annotriage.desktop.window.top_image_follower import TopImageFollower
from annotriage.triage.decision_words import decision_text, recorded_text, taken_back_text, unchanged_text
from annotriage.triage.decisions import DECISIONS, Decision, Review
from annotriage.wording import images_text

if TYPE_CHECKING:
    from annotriage.desktop.gallery.line_selection import LineSelection
    from annotriage.desktop.navigator import Navigator
    from annotriage.desktop.review.controller import ReviewController
    from annotriage.desktop.window.actions import Actions
    from annotriage.desktop.window.held_key import HeldKey
    from annotriage.desktop.window.target import Target
    from annotriage.triage.journal import Label

_AWAY_AFTER = 120
"""Milliseconds that a decided image still stands before a filter takes it away."""


class Decisions(QObject):
    """Turns keys into decisions about their target."""

    def __init__(
        self,
        review: "ReviewController",
        target: "Target",
        lines: "LineSelection",
        actions: "Actions",
        held: "HeldKey",
        navigator: "Navigator",
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._review = review
        self._images = review.images
        self._target = target
        self._lines = lines
        self._actions = actions
        self._held = held
        self._news = navigator.news
        by_decision = {
            Decision.EXPERT: actions.expert,
            Decision.ROUTINE: actions.routine,
            Decision.EXCLUDE: actions.exclude,
            Decision.UNDECIDED: actions.undecided,
        }
        for decision, action in by_decision.items():
            action.triggered.connect(lambda _=False, decision=decision: self._on_key(decision))
        actions.undo.triggered.connect(review.journal.undo)
        actions.redo.triggered.connect(review.journal.redo)
        review.journal.undo_changed.connect(self._show_undo)
        review.journal.recorded.connect(self._on_recorded)
        review.journal.not_recorded.connect(lambda _, names: self._go_back(names))
        review.journal.replaced.connect(self._go_back)
        self.top_follower = TopImageFollower(review.images, target, self.go_to, self)
        self._is_back = False
        self._left = ("", 0)  # the image decided last, and how many were passed over after it
        self._soon = QTimer(self, singleShot=True, interval=_AWAY_AFTER if motion_allowed() else 0)
        self._soon.timeout.connect(self._filter_anew)
        self._show_undo(None, None)

    def names(self) -> list[str]:
        """Return the images that a decision is about now."""
        return self._target.names()

    def decide(self, decision: Decision) -> None:
        """Decide for the target, and move on to the image after it; what is not in sight is only shown."""
        names = self._target.names()
        if not names:
            return
        if not self.top_follower.is_settled():
            self._news.emit("Nothing is decided: another image came a moment ago. Press again to decide.")
            return
        if not self._target.in_sight():
            self._news.emit("Nothing is decided: this image was out of sight. Press again to decide.")
            return
        self._is_back = False
        what = decision_text(decision)
        if self._holds_already(decision):
            self._news.emit(unchanged_text(self._named(what, len(names)), names))
        self._review.journal.decide(names, decision, self._label(what))
        self._move_on(names[-1])

    def _on_key(self, decision: Decision) -> None:
        if not self._held.is_repeat:  # it would decide images faster than an eye sees them
            self.decide(decision)

    def set_note(self, names: Sequence[str], note: str) -> None:
        """Write a note to images."""
        self._review.journal.set_note(names, note, self._label("Note"))

    def set_assignee(self, names: Sequence[str], assignee: str) -> None:
        """Say who is to segment images."""
        self._review.journal.set_assignee(names, assignee, self._label("Assignee"))

    def send(self, names: Sequence[str], assignee: str, control: Sequence[str] = ()) -> None:
        """Send images to experts, as one action; some of them are the control sample."""
        said = "Send {images} to experts" + (f", {len(control):,} of them a control sample" if control else "")
        self._review.journal.decide(
            names,
            Decision.EXPERT,
            lambda count: said.format(images=images_text(count)),
            assignee=assignee or None,
            control=control,
        )

    def apply_imported(self, reviews: "Mapping[str, Review]") -> None:
        """Say all that a list of decisions says, as one action."""
        said = "Import decisions for {images}"
        self._review.journal.record(reviews, lambda count: said.format(images=images_text(count)))

    def go_to(self, line: int) -> None:
        """Make a line the current one, alone."""
        if 0 <= line < self._images.rowCount():
            self._lines.go_to(line, Qt.KeyboardModifier.NoModifier)

    def step(self, by: int) -> None:
        """Go to the next or previous image."""
        current, last = self._target.current, self._images.rowCount() - 1
        self.go_to(0 if current is None else min(max(current + by, 0), last))

    def go_to_open(self) -> None:
        """Go to the next image still to be looked at, from the top again where there is none below."""
        line = self._images.next_open(self._target.current)
        if line is None:
            self._news.emit("All images shown here are decided.")
        else:
            self.go_to(line)

    def _holds_already(self, decision: Decision) -> bool:
        """Say whether all of the target is decided like this: nothing is written down then, and nobody told of it."""
        catalogue = self._images.catalogue
        if catalogue is None:
            return False
        rows = self._images.order[self._target.lines()]
        return bool(((catalogue.decision[rows] == DECISIONS.index(decision)) & ~catalogue.changed[rows]).all())

    def _label(self, what: str) -> "Label":
        """Name an action by what it says and how many images it turns out to change."""
        return lambda count: self._named(what, count)

    def _named(self, what: str, count: int) -> str:
        return what if count == 1 else f"{what} for {images_text(count)}"

    def _move_on(self, last: str) -> None:
        """Go to the next image that is still to be looked at: the same key must not overwrite what is decided."""
        line = self._images.line_of(last)
        if line is None:
            return
        if Decision.UNDECIDED not in self._images.filter.decisions:
            self.go_to(min(line + 1, self._images.rowCount() - 1))  # decided ones are gone through on purpose
            return
        following = self._images.next_open(line, around=False)
        self.go_to(line if following is None else following)
        self._left = (last, 0 if following is None else following - line - 1)

    def _go_back(self, names: Sequence[str]) -> None:
        """Return to what could not be decided; of several keys in a row, to what the first one was about."""
        lines = sorted(line for name in names if (line := self._images.line_of(name)) is not None)
        if not self._is_back and lines:
            self._is_back = True
            self.select_lines(lines)

    def _on_recorded(self, label: str, reviews: dict[str, Review], what: str, before: dict[str, Review]) -> None:
        if what == "did":
            keys = self._actions.undo.shortcut().toString()
            self._news.emit(" ".join(part for part in (recorded_text(label, reviews, before, keys),
                                                      self._what_follows(reviews)) if part))  # fmt: skip
        else:
            self._news.emit(taken_back_text(label, reviews, redone=what != "undid"))
        shown = self._images.filter
        filtered = len(shown.decisions) < len(DECISIONS) or bool(shown.text) or shown.changed
        if what == "did":
            if filtered:
                self._soon.start()
            return
        if filtered:
            self._filter_anew()  # what comes back must be there to be gone to
        self._show(reviews)

    def _what_follows(self, reviews: dict[str, Review]) -> str:
        """Say why the image that came next is not the one below; nothing where it is."""
        last, passed = self._left
        if last not in reviews:
            return ""
        self._left = ("", 0)
        if passed:
            return f"Passed over, as decided: {images_text(passed)}."
        line = self._images.line_of(last)
        if line is None or self._images.next_open(line, around=False) is not None:
            return ""
        if self._images.next_open(line) is None:
            return "All images shown here are decided."
        key = self._actions.next_undecided.shortcut().toString()
        return f"None below is undecided: {key} goes on from the top."

    def _filter_anew(self) -> None:
        """Let go of what no longer passes the filter; the one in its place becomes the current one."""
        line = self._target.current
        name = None if line is None else self._images.image(line).name
        self._images.reorder()
        if line is not None and name is not None and self._images.line_of(name) is None:
            self.go_to(min(line, self._images.rowCount() - 1))

    def _show(self, reviews: dict[str, Review]) -> None:
        """Go to where something was taken back or done again: to one image, however many there are."""
        lines = [line for name in reviews if (line := self._images.line_of(name)) is not None]
        if lines and self._target.current not in lines:
            self.go_to(min(lines))
        elif lines and self._target.current is not None:
            self.go_to(self._target.current)  # alone: what else was selected is no longer

    def select_lines(self, lines: Sequence[int]) -> None:
        """Select some lines, in order, and make the first the current one."""
        if not lines:
            return
        self.go_to(lines[0])
        if len(lines) > 1:
            self._lines.select(_ranges(lines))

    def _show_undo(self, undo: str | None, redo: str | None) -> None:
        self._actions.undo.setEnabled(undo is not None)
        self._actions.redo.setEnabled(redo is not None)
        self._actions.undo.setText(f"&Undo: {undo}" if undo else "&Undo")
        self._actions.redo.setText(f"&Redo: {redo}" if redo else "&Redo")


def _ranges(lines: Sequence[int]) -> list[tuple[int, int]]:
    """Bring sorted lines to ranges, first to last."""
    ranges: list[tuple[int, int]] = []
    for line in lines:
        if ranges and ranges[-1][1] == line - 1:
            ranges[-1] = (ranges[-1][0], line)
        else:
            ranges.append((line, line))
    return ranges
