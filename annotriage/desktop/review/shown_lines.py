"""What is known and was said of the images that are shown, line by line."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from annotriage.triage.catalogue import GONE, Catalogue, says_nothing
from annotriage.triage.decisions import DECISIONS, NOTHING_SAID, Decision, Review
from annotriage.triage.next_step import NEXT_STEPS, NextStep
from annotriage.wording import dice_text, disagreement_text, measured_text, unlike_text

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from annotriage.images import ImageFile
    from annotriage.triage.ranking import ReviewedImage


class ShownLines:
    """Images in an order: a *line* is a place in it, a *row* a place in the catalogue. An `ImageModel` is such."""

    _catalogue: Catalogue | None
    _order: "NDArray[np.intp]"
    _ranks: "NDArray[np.int32] | None"  # None: not counted since a prediction came
    _steps: "NDArray[np.uint8] | None"  # None: not found out since anything came in
    _cutoff: float | None
    team_words: str
    """For whom predictions hold, in few words; empty: the model knows no ways of drawing."""

    @property
    def ranked(self) -> int:
        """How many images have a rank."""
        return int(self._ranks_now().max(initial=0))

    def name(self, line: int) -> str:
        """Return the name of a line's image."""
        return self.image(line).name

    def image(self, line: int) -> "ImageFile":
        """Return the image of a line."""
        assert self._catalogue is not None
        return self._catalogue.images[int(self._order[line])]

    def rank(self, line: int) -> int:
        """Return the rank of a line's image by what is known now, 1 for the most contentious; 0: no prediction yet."""
        return int(self._ranks_now()[self._order[line]])

    def disagreement(self, line: int) -> float | None:
        """Return the predicted disagreement 0..1 of a line's image; None: not known yet."""
        assert self._catalogue is not None
        value = float(self._catalogue.disagreement[self._order[line]])
        return None if np.isnan(value) else value

    def short_name(self, line: int) -> str:
        """Return the name of a line's file, with its folder where another image has the same."""
        assert self._catalogue is not None
        return self._catalogue.short_name(int(self._order[line]))

    def disagreement_text(self, line: int) -> str:
        """Write the predicted disagreement of a line's image; empty: not known yet."""
        disagreement = self.disagreement(line)
        return "" if disagreement is None else disagreement_text(disagreement, self._cutoff)

    def interval(self, line: int) -> tuple[float, float] | None:
        """Return the interval of the predicted Dice, 0..1; None: not known yet."""
        assert self._catalogue is not None
        row = self._order[line]
        lower, upper = float(self._catalogue.lower[row]), float(self._catalogue.upper[row])
        return None if np.isnan(lower) or np.isnan(upper) else (lower, upper)

    def decision(self, line: int) -> Decision:
        """Return the decision of a line's image."""
        assert self._catalogue is not None
        return DECISIONS[int(self._catalogue.decision[self._order[line]])]

    def is_changed(self, line: int) -> bool:
        """Say whether a line's image is another file than the one that was decided about."""
        assert self._catalogue is not None
        return bool(self._catalogue.changed[self._order[line]])

    def is_gone(self, line: int) -> bool:
        """Say whether a line's image left the folder since it was shown."""
        assert self._catalogue is not None
        return self._catalogue.problems.get(int(self._order[line])) is GONE

    def mark(self, line: int) -> str:
        """Return what stands on a line's picture besides its decision; empty: nothing."""
        if self.is_gone(line):
            return "gone"
        if self.is_changed(line):
            return "changed"
        if self.unlike_text(line):
            return "unlike"
        if self.next_step(line).is_surprising:
            return "surprising"
        interval = self.interval(line)
        return "?" if interval is not None and says_nothing(*interval) else ""

    def unlike_text(self, line: int) -> str:
        """Say how far a line's image is from what the model knows; empty: it is like that, or it is not known."""
        assert self._catalogue is not None
        return unlike_text(float(self._catalogue.unlikeness[self._order[line]]))

    def review(self, line: int) -> Review:
        """Return what was said about a line's image."""
        assert self._catalogue is not None
        return self._catalogue.review_at(int(self._order[line]))

    def measured(self, line: int) -> float | None:
        """Return the measured Dice of a line's image, 0..1; None: fewer than two people drew it, or another file."""
        assert self._catalogue is not None
        row, measured = self._order[line], self._catalogue.measured
        value = float(measured.dice[row])
        return None if np.isnan(value) or measured.on_another[row] else value

    def readers(self, line: int) -> int:
        """Return how many people drew a line's image."""
        assert self._catalogue is not None
        return int(self._catalogue.measured.count[self._order[line]])

    def next_step(self, line: int) -> NextStep:
        """Return what comes next for a line's image."""
        return NEXT_STEPS[int(self._steps_now()[self._order[line]])]

    def is_drawn_on_another(self, line: int) -> bool:
        """Say whether people drew another file than the one that is there."""
        assert self._catalogue is not None
        return bool(self._catalogue.measured.on_another[self._order[line]])

    def drawn_texts(self, line: int) -> tuple[str, ...]:
        """Return what stands on a line's picture about what people drew, from long to short; empty: nothing.

        That one person drew it says nothing of agreement, and stands in the table.
        """
        count = self.readers(line)
        if count < 2:
            return ()
        if self.is_drawn_on_another(line):
            return "drawn on another file", "another file"
        dice, disagreement = self.measured(line), self.disagreement(line)
        if dice is None:
            return f"drawn by {count}, not compared", f"by {count}, not compared", f"by {count}"
        drawn = f"drawn {measured_text(dice)} by {count}"
        if disagreement is None:
            return (drawn,)
        predicted = dice_text(1 - disagreement, self._cutoff)
        return f"Dice {predicted} · {drawn}", f"{predicted} · {drawn}", drawn, f"Dice {measured_text(dice)}"

    def reviewed(self, line: int) -> "ReviewedImage":
        """Return all that is known and was said of a line's image."""
        from annotriage.triage.exports.reviewed import reviewed_image

        assert self._catalogue is not None
        row = int(self._order[line])
        return reviewed_image(self._catalogue, row, int(self._ranks_now()[row]), self.next_step(line))

    def reviews_of(self, lines: Sequence[int]) -> dict[str, Review]:
        """Return what was said about the images of many lines, by their names."""
        assert self._catalogue is not None
        images, said = self._catalogue.images, self._catalogue.reviews
        names = [images[row].name for row in self._order[np.asarray(lines, dtype=np.intp)].tolist()]
        return {name: said.get(name, NOTHING_SAID) for name in names}

    def next_open(self, line: int | None, *, around: bool = True) -> int | None:
        """Return the next line after one whose image is still to be looked at, as `Catalogue.is_open` says.

        Parameters
        ----------
        line : int or None
            None: above the first.
        around : bool
            Go on from the top where there is none below.

        Returns
        -------
        int or None
            None: there is none.
        """
        if self._catalogue is None:
            return None
        lines = np.flatnonzero(self._catalogue.is_open()[self._order])
        below = lines[lines > (-1 if line is None else line)]
        found = below if len(below) or not around else lines
        return int(found[0]) if len(found) else None

    def _steps_now(self) -> "NDArray[np.uint8]":
        if self._steps is None:
            self._steps = np.zeros(0, dtype=np.uint8) if self._catalogue is None else self._catalogue.next_steps()
        return self._steps

    def _ranks_now(self) -> "NDArray[np.int32]":
        if self._ranks is None:
            self._ranks = np.zeros(0, dtype=np.int32) if self._catalogue is None else self._catalogue.ranks()
        return self._ranks
