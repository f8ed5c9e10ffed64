"""The images of a folder as columns: numbers, decisions, and which of them to show in which order.

It holds a hundred thousand images lightly and orders them in milliseconds. It knows no screen and no store.
Axes: N images, in natural order of their names; a row is a place 0..N-1 in that order.
"""

import copy
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from annotriage.triage.alone import ALONE
from annotriage.triage.decisions import DECISIONS, NOTHING_SAID, Decision, Review
from annotriage.triage.image_filter import Filter, passing
from annotriage.triage.measured_columns import MeasuredColumns
from annotriage.triage.next_step import NEXT_STEPS, NextStepRule, next_steps
from annotriage.triage.rows_by_name import RowsByName
from annotriage.triage.sort_keys import ColumnKey, SortKey, at_rank, by_disagreement
from annotriage.triage.sorting import sorted_rows
from annotriage.triage.summary import Summary

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from annotriage.images import ImageFile
    from annotriage.scoring.prediction import Prediction
    from annotriage.scoring.team import Team
    from annotriage.triage.stored_numbers import StoredNumbers

__all__ = ["Catalogue", "Filter", "says_nothing"]

_WIDEST = 0.99
"""Width of an interval that leaves nothing out, at two decimals."""
_UNDECIDED = DECISIONS.index(Decision.UNDECIDED)
GONE = "It is no longer in the folder."
"""The problem of an image that left the folder while it was shown: its row stays until lines are ordered anew."""


def says_nothing(lower: float, upper: float) -> bool:
    """Say whether an interval of the Dice is as wide as can be, at two decimals."""
    return upper - lower >= _WIDEST


class Catalogue:
    """The images of one folder.

    Parameters
    ----------
    folder : Path
        Where the images' names begin.
    images : sequence of ImageFile
        In natural order, the unreadable ones included.

    Attributes
    ----------
    images : list of ImageFile
    disagreement, lower, upper : (N,) array of float32
        Predicted disagreement, and the interval of the Dice; NaN: not known (yet).
    unlikeness : (N,) array of float32
        How far images lie from what the model knows: above 1 they are `unlike` it; NaN: not known.
    group : (N,) array of int32
        Images that are nearly the same picture have one number; -1: no other is, or nobody asked yet: see `set_groups`.
    decision : (N,) array of uint8
        Places in `DECISIONS`.
    changed : (N,) array of bool
        Whether the file is another one than that which the decision was made on.
    control : (N,) array of bool
        Whether chance chose the image among those that the ranking did not.
    sizes, modified_ns : (N,) array of int64
        Bytes of the files, and when they were changed.
    stood_at : (2, N) array of float32
        Where there is no prediction, because the file was replaced: the disagreement and the interval's width of the
        file before it. The image stays in its place by them until it is scored again.
    problems : dict of int to str
        Row -> why the image cannot be read, or that it is a mask. Such rows are in no order.
    masks_by_name : int
        People's masks that lie among the images and are no rows, because their names tell.
    reviews : dict of str to Review
        Name -> what was said; names that are no longer in the folder are kept.
    is_outdated : bool
        An earlier version predicted some of it: see `FolderScoring.recheck_images`.
    team : Team or None
        For whom its predictions hold, as they came with the numbers of the store; None: not known.
    measured : MeasuredColumns
        What people drew.
    rule : NextStepRule
        By which the next step of an image is found.
    """

    def __init__(self, folder: Path, images: "Sequence[ImageFile]") -> None:
        self.folder = folder
        self.images = list(images)
        self._rows = RowsByName([image.name for image in self.images])
        self.sizes = np.array([image.size for image in self.images], dtype=np.int64)
        self.modified_ns = np.array([image.modified_ns for image in self.images], dtype=np.int64)
        count = len(self.images)
        self.stood_at = np.full((2, count), np.nan, dtype=np.float32)
        self.disagreement = np.full(count, np.nan, dtype=np.float32)
        self.lower = np.full(count, np.nan, dtype=np.float32)
        self.upper = np.full(count, np.nan, dtype=np.float32)
        self.unlikeness = np.full(count, np.nan, dtype=np.float32)
        self.group = np.full(count, ALONE, dtype=np.int32)
        self.decision = np.zeros(count, dtype=np.uint8)
        self.changed = np.zeros(count, dtype=bool)
        self.control = np.zeros(count, dtype=bool)
        self.problems = {row: image.problem for row, image in enumerate(self.images) if image.problem is not None}
        self.reviews: dict[str, Review] = {}
        self.masks_by_name = 0
        self.is_outdated = False
        self.team: Team | None = None
        self.measured = MeasuredColumns(self.images, self.row_of)
        self.rule = NextStepRule()
        self._folded: list[str] | None = None

    def with_images(self, images: "list[ImageFile]", rows: RowsByName) -> "Catalogue":
        """Return a copy that holds other images, whose columns and problems are not theirs yet."""
        other = copy.copy(self)
        other.images, other._rows, other._folded = images, rows, None
        other.measured = self.measured.with_images(images, other.row_of)
        return other

    @property
    def rows(self) -> RowsByName:
        """Where the images stand, by name."""
        return self._rows

    def __len__(self) -> int:
        """Count the images, the unreadable ones included."""
        return len(self.images)

    def row_of(self, name: str) -> int | None:
        """Return the row of an image; None: the folder has none of that name."""
        return self._rows.row(name)

    def short_name(self, row: int) -> str:
        """Return the name of a row's file, with its folder where another image has the same."""
        name = self.images[row].name
        return name if self._rows.is_twice(name) else name.rpartition("/")[2]

    def review_at(self, row: int) -> Review:
        """Return what was said about the image of a row."""
        return self.reviews.get(self.images[row].name, NOTHING_SAID)

    def interval_width(self) -> "NDArray[np.float32]":
        """Return the (N,) widths of the intervals; NaN: not known."""
        return self.upper - self.lower

    def unsure(self) -> "NDArray[np.bool_]":
        """Return the (N,) mask of images about which the model knows nothing: any Dice is within their interval."""
        with np.errstate(invalid="ignore"):
            mask: NDArray[np.bool_] = self.interval_width() >= _WIDEST
        return mask

    @property
    def unlike(self) -> "NDArray[np.bool_]":
        """The (N,) mask of images unlike what the model knows: their predictions must not be trusted."""
        with np.errstate(invalid="ignore"):
            mask: NDArray[np.bool_] = self.unlikeness > 1
        return mask

    def next_steps(self) -> "NDArray[np.uint8]":
        """Return the (N,) places in `NEXT_STEPS`; nothing where an image cannot be read, or nobody drew any of them."""
        if not self.measured.count.any():
            return np.zeros(len(self.images), dtype=np.uint8)
        unlike = self.unlike  # what the model says of them is no reason for anything

        def trusted(values: "NDArray[np.float32]") -> "NDArray[np.float32]":
            return np.where(unlike, np.float32(np.nan), values)

        steps = next_steps(
            dice=self.measured.dice,
            count=self.measured.count,
            on_another=self.measured.on_another,
            disagreement=trusted(self.disagreement),
            lower=trusted(self.lower),
            upper=trusted(self.upper),
            decision=self.decision,
            rule=self.rule,
        )
        return np.where(self.readable(), steps, np.uint8(0))

    def unreadable(self) -> dict[int, str]:
        """Return the rows that cannot be read, in natural order, and why."""
        masks = set(self.masks())
        return {row: self.problems[row] for row in self.left_out() if row not in masks}

    def left_out(self) -> list[int]:
        """Return the rows that cannot be read or are masks, in natural order."""
        return sorted(row for row, problem in self.problems.items() if problem is not GONE)

    def masks(self) -> list[int]:
        """Return the rows that turned out to be people's masks, in natural order."""
        if not self.problems:
            return []
        from annotriage.scoring.prediction import A_MASK  # the empty window does without the package of scoring

        return [row for row in sorted(self.problems) if self.problems[row] == A_MASK]

    def is_open(self) -> "NDArray[np.bool_]":
        """Return the (N,) mask of images still to be looked at: undecided, or decided about a file since replaced."""
        mask: NDArray[np.bool_] = (self.decision == _UNDECIDED) | self.changed
        return mask

    def gone(self) -> list[str]:
        """Return the images that are decided and no longer in the folder, in no order."""
        return [
            name
            for name, review in self.reviews.items()
            if review.decision is not Decision.UNDECIDED
            and ((row := self._rows.row(name)) is None or self.problems.get(row) is GONE)
        ]

    def set_prediction(self, row: int, prediction: "Prediction") -> None:
        """Note a prediction, or why there is none."""
        if prediction.predicted_dice is None:
            self.disagreement[row] = self.lower[row] = self.upper[row] = self.unlikeness[row] = np.nan
            if prediction.error is not None:
                self.problems[row] = prediction.error
            return
        if self.images[row].problem is None:
            self.problems.pop(row, None)
        self.disagreement[row] = 1.0 - prediction.predicted_dice
        self.lower[row] = np.nan if prediction.lower is None else prediction.lower
        self.upper[row] = np.nan if prediction.upper is None else prediction.upper
        self.unlikeness[row] = np.nan if prediction.unlikeness is None else prediction.unlikeness

    def set_groups(self, group_of: Mapping[str, int]) -> None:
        """Note which images are nearly the same picture, by name, as `FolderScoring.groups` found it."""
        self.group.fill(ALONE)
        for name, number in group_of.items():
            row = self._rows.row(name)
            if row is not None:
                self.group[row] = number

    def group_rows(self, row: int) -> list[int]:
        """Return the rows of the other images that are nearly the same picture as a row's."""
        if self.group[row] == ALONE:
            return []
        return [other for other in np.flatnonzero(self.group == self.group[row]).tolist() if other != row]

    def forget_predictions(self) -> None:
        """Drop all predictions, as when another model takes over; decisions stay."""
        for column in (self.disagreement, self.lower, self.upper, self.unlikeness, self.stood_at):
            column.fill(np.nan)
        self.problems = {row: image.problem for row, image in enumerate(self.images) if image.problem is not None}

    def set_reviews(self, reviews: Mapping[str, Review]) -> list[int]:
        """Note what was said about images; return the rows that this touches."""
        touched = []
        for name, review in reviews.items():
            if review == NOTHING_SAID:
                self.reviews.pop(name, None)
            else:
                self.reviews[name] = review
            row = self._rows.row(name)
            if row is not None:
                self.decision[row] = DECISIONS.index(review.decision)
                self.control[row] = review.control
                made_on = review.made_on
                self.changed[row] = made_on is not None and not made_on.fits(self.images[row])
                touched.append(row)
        return touched

    def set_numbers(self, numbers: "StoredNumbers") -> None:
        """Note what the store knows about images that did not change since; failures to read them are left out.

        What could not be read then is tried again: a drive, a permission or a decoder may have changed. A mask is one.
        """
        rows, known = self._unchanged(numbers.names, numbers.sizes, numbers.modified_ns)
        self.team = numbers.team
        if numbers.errors:
            from annotriage.scoring.prediction import A_MASK

            masks = {name for name, error in numbers.errors.items() if error == A_MASK}
            self.problems |= {int(row): A_MASK for row in rows if self.images[row].name in masks}
        self.disagreement[rows] = 1.0 - numbers.predicted_dice[known]
        self.lower[rows] = numbers.lower[known]
        self.upper[rows] = numbers.upper[known]
        if numbers.unlikeness is not None:
            self.unlikeness[rows] = numbers.unlikeness[known]

    def columns_of(self, numbers: "StoredNumbers") -> "NDArray[np.float32]":
        """Return the (3, N) `disagreement`, `lower` and `upper` that the store knows of images as they are now.

        It changes nothing, and may be called in a thread while others read.
        """
        rows, known = self._unchanged(numbers.names, numbers.sizes, numbers.modified_ns)
        columns = np.full((3, len(self)), np.nan, dtype=np.float32)
        columns[:, rows] = 1.0 - numbers.predicted_dice[known], numbers.lower[known], numbers.upper[known]
        return columns

    def replace_numbers(self, columns: "NDArray[np.float32]", team: "Team") -> None:
        """Take over what `columns_of` returned, which holds for another team; NaN: not known any more."""
        self.team = team
        columns = np.where(self.readable(), columns, np.float32(np.nan))
        self.disagreement[:], self.lower[:], self.upper[:] = columns

    def waiting(self) -> list[int]:
        """Return the rows that have neither a prediction nor a problem, in natural order."""
        rows: list[int] = np.flatnonzero(np.isnan(self.disagreement) & self.readable()).tolist()
        return rows

    def readable(self) -> "NDArray[np.bool_]":
        """Return the (N,) mask of images without a problem."""
        mask = np.ones(len(self.images), dtype=bool)
        mask[list(self.problems)] = False
        return mask

    def ranked(self) -> "NDArray[np.intp]":
        """Return the rows that have a prediction, the most contentious first, those that are `unlike` last."""
        rows = np.flatnonzero(~np.isnan(self.disagreement) & self.readable())
        return rows[by_disagreement(self.disagreement[rows], self.unlike[rows])]

    def ranks(self) -> "NDArray[np.int32]":
        """Return the (N,) ranks, 1 for the most contentious; 0: no prediction."""
        ranks = np.zeros(len(self.images), dtype=np.int32)
        ranked = self.ranked()
        ranks[ranked] = np.arange(1, len(ranked) + 1)
        return ranks

    def open_above(self, row: int, among: "NDArray[np.intp]") -> int:
        """Count the images among some rows that are open and predicted to be more contentious than one."""
        values, own = at_rank(self.disagreement[among]), at_rank(self.disagreement[row : row + 1])[0]
        with np.errstate(invalid="ignore"):
            higher = ~np.isnan(values) if np.isnan(own) else values > own
            unlike = self.unlike[among]
            higher = (higher & unlike) | ~(unlike | np.isnan(values)) if self.unlike[row] else higher & ~unlike
        return int(np.count_nonzero(higher & self.is_open()[among]))

    def order(
        self, key: SortKey | ColumnKey = SortKey.DISAGREEMENT, shown: Filter | None = None, *, reverse: bool = False
    ) -> "NDArray[np.intp]":
        """Return the rows to show, in order.

        See `sorted_rows`.

        Parameters
        ----------
        key : SortKey or ColumnKey
        shown : Filter or None
            None: all readable images.
        reverse : bool
            The other way round.
        """
        rows = np.flatnonzero(self.readable() if shown is None else passing(self, shown))
        return sorted_rows(self, rows, key, reverse=reverse)

    def histogram(self, bins: int = 40) -> "NDArray[np.int64]":
        """Count the predictions in `bins` equal steps of the disagreement from 0 to 1."""
        known = self.disagreement[~np.isnan(self.disagreement) & self.readable()]
        counts, _ = np.histogram(known, bins=bins, range=(0.0, 1.0))
        return counts

    def summary(self) -> Summary:
        """Count images by what is known and was decided."""
        readable = self.readable()
        masks = len(self.masks())
        steps = np.bincount(self.next_steps(), minlength=len(NEXT_STEPS)).tolist()
        by_decision = dict(zip(DECISIONS, np.bincount(self.decision[readable], minlength=len(DECISIONS)), strict=True))
        return Summary(
            total=int(readable.sum()),
            scored=int((~np.isnan(self.disagreement[readable])).sum()),
            unreadable=len(self.left_out()) - masks,
            experts=int(by_decision[Decision.EXPERT]),
            routine=int(by_decision[Decision.ROUTINE]),
            excluded=int(by_decision[Decision.EXCLUDE]),
            changed=int((self.changed & readable).sum()),
            unsure=int((self.unsure() & readable).sum()),
            unlike=int((self.unlike & readable).sum()),
            gone=len(self.gone()),
            masks=masks + self.masks_by_name,
            drawn=int(((self.measured.count > 0) & readable).sum()),
            measured=int((~np.isnan(self.measured.of_file()) & readable).sum()),
            steps=dict(zip(NEXT_STEPS, steps, strict=True)),
        )

    def names(self, rows: Iterable[int]) -> list[str]:
        """Return the names of the images of some rows."""
        return [self.images[row].name for row in rows]

    def folded_names(self) -> list[str]:
        """Return the names without capitals; made when somebody searches first."""
        if self._folded is None:
            self._folded = [image.name.casefold() for image in self.images]
        return self._folded

    def _unchanged(
        self, names: Sequence[str], sizes: "NDArray[np.int64]", modified_ns: "NDArray[np.int64]"
    ) -> "tuple[NDArray[np.intp], NDArray[np.intp]]":
        """Return rows, and places in `names`, of readable images that have the same size and time of change."""
        rows = self._rows.rows(names)
        known = np.flatnonzero(rows >= 0)
        rows = rows[known]
        same = (self.sizes[rows] == sizes[known]) & (self.modified_ns[rows] == modified_ns[known])
        same &= self.readable()[rows]
        return rows[same], known[same]
