"""How healthy a table of labels is before anything is trained on it: what matches, and what it can teach."""

import math
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from annotriage.datasets.clinical import Groups, read_groups
from annotriage.datasets.columns import CLINICAL, SAMPLE_ROWS, ColumnMapping, guess_columns
from annotriage.datasets.labels import LabelTable, read_labels
from annotriage.datasets.match import WITHOUT_LABEL, match_labels
from annotriage.errors import AnnotriageError
from annotriage.images import ImageFile
from annotriage.names import counted, stem_of
from annotriage.tables import Problem, read_table
from annotriage.wording import share_text

FEW = 200
"""Below this many labelled images the test part is so small that its figures say little."""
NO_SPREAD = 0.03
"""A standard deviation of the Dice below this leaves nearly nothing to learn."""
MOSTLY = 0.5
"""A share above this is most."""


class Doubt(StrEnum):
    """What is no mistake in a table and yet makes a training worth less."""

    FEW_IMAGES = "few_images"
    NO_SPREAD = "no_spread"
    SINGLE_PAIRS = "single_pairs"
    NO_GROUPS = "no_groups"
    ONE_LARGE_GROUP = "one_large_group"
    ONLY_ENDS = "only_ends"


@dataclass(frozen=True, slots=True)
class LabelHealth:
    """What a table of labels and a folder of images come to together; N images are matched.

    Attributes
    ----------
    images : int
        Image files that look readable.
    unreadable : list of str
        Names of image files that cannot be read.
    labels : int
        Usable rows of the table.
    dice : ndarray
        (N,) float64, 0..1: the mean Dice of the images that a training learns from.
    left_out : list of Problem
        Rows and images that are not used, and why. Images without a label are not among them.
    without_label : list of str
        Names of readable images that the table does not know.
    annotators : dict of int to int
        How many people drew -> how many of the N images; empty where the table does not say.
    groups : int
        Different patients or lesions among the N images; N where nothing is known of them.
    largest_group : int
        Images in the largest of them.
    grouped_by : list of str
        ``lesion_id``, ``patient_id``: what the clinical metadata have.
    masks : int
        Of the N images, how many have an expert mask.
    further_masks : int
        Images without a label, of patients without a labelled image, that have one: what a mask stage learns from.
    obstacles : list of str
        Sentences: what keeps a training from starting.
    doubts : list of Doubt
        What makes it worth less.
    """

    images: int
    unreadable: list[str]
    labels: int
    dice: NDArray[np.float64]
    left_out: list[Problem]
    without_label: list[str]
    annotators: dict[int, int] = field(default_factory=dict)
    groups: int = 0
    largest_group: int = 0
    grouped_by: list[str] = field(default_factory=list)
    masks: int = 0
    further_masks: int = 0
    obstacles: list[str] = field(default_factory=list)
    doubts: list[Doubt] = field(default_factory=list)

    @property
    def matched(self) -> int:
        """N: images with a label."""
        return len(self.dice)

    @property
    def median(self) -> float:
        """The median Dice; NaN without images."""
        return float(np.median(self.dice)) if self.matched else math.nan

    @property
    def median_mae(self) -> float:
        """Mean absolute error of always predicting the median, on these same images; NaN without images."""
        return float(np.abs(self.dice - self.median).mean()) if self.matched else math.nan

    @property
    def mean_mse(self) -> float:
        """Mean squared error of always predicting the mean, on these same images; NaN without images."""
        return float(self.dice.var()) if self.matched else math.nan

    def problem_rows(self) -> list[tuple[str, str]]:
        """Return all that is left out, then the remarks, a row a name: what is wrong, and the name."""
        problems = sorted([*self.left_out, Problem(WITHOUT_LABEL, self.without_label)], key=lambda each: each.remark)
        return [(noted(problem), name) for problem in problems for name in problem.names]


def noted(problem: Problem) -> str:
    """Return what a problem says; of a remark, that it is one."""
    return f"note: {problem.what}" if problem.remark else problem.what


def read_columns(path: Path) -> ColumnMapping:
    """Guess what the columns of a table are.

    Raises
    ------
    AnnotriageError
        The file cannot be read, or is no table.
    """
    table = read_table(Path(path))
    return guess_columns(table.columns, table.rows[:SAMPLE_ROWS])


def check_labels(
    path: Path,
    images: Sequence[ImageFile],
    columns: Mapping[str, str] | None = None,
    *,
    clinical: Path | None = None,
    masks: Collection[str] = (),
    fewest: int = 3,
) -> LabelHealth:
    """Bring labels and images together as a training would, and say what comes of it.

    Parameters
    ----------
    path : Path
        The metrics table.
    images : sequence of ImageFile
        What `annotriage.images.find_images` found.
    columns : mapping of str to str, optional
        Role to column, where the user chose it: see `annotriage.datasets.labels.read_labels`; ``count`` as well.
    clinical : Path, optional
        Metadata with the ids of patients or lesions.
    masks : collection of str
        Stems of the images that have an expert mask.
    fewest : int
        Labelled images that a training needs at least.

    Raises
    ------
    AnnotriageError
        The table cannot be read, or no usable row is in it.
    """
    chosen = dict(columns or {})
    of_patients = {role: chosen.pop(role) for role in CLINICAL if role in chosen}
    table = read_labels(path, columns={role: name for role, name in chosen.items() if role != "count"} or None)
    obstacles: list[str] = []
    matched_labels, dice, problems, without = _matched(table, images, obstacles)
    if table.rows and dice and len(dice) < fewest:
        obstacles.append(
            f"Only {counted(len(dice), 'images have a label')}; at least {fewest} are needed to train, validate and "
            "test."
        )
    groups = Groups()
    try:
        groups = read_groups(clinical, of_patients)
    except AnnotriageError as error:
        obstacles.append(str(error))
    problems += groups.problems
    sizes = group_sizes(matched_labels, groups)
    if clinical is not None and len(groups):
        problems += groups.told(matched_labels)
    if 0 < len(sizes) < 3 <= len(dice):
        obstacles.append(
            f"All labelled images are of {counted(len(sizes), 'patients or lesions')}; they cannot be split into "
            "images to train, to validate and to test."
        )
    known_masks = {stem.casefold() for stem in masks}
    values = np.array(dice, np.float64)
    annotators = annotators_of(path, chosen, set(matched_labels.values()))
    return LabelHealth(
        images=sum(image.problem is None for image in images),
        unreadable=[image.name for image in images if image.problem is not None],
        labels=len(table.rows),
        dice=values,
        left_out=problems,
        without_label=without,
        annotators=annotators,
        groups=len(sizes),
        largest_group=max(sizes, default=0),
        grouped_by=groups.grouped_by,
        masks=sum(stem_of(stem).casefold() in known_masks for stem in matched_labels),
        further_masks=_further_masks(without, known_masks, groups, matched_labels),
        obstacles=obstacles,
        doubts=doubts_of(values, annotators, sizes, groups, clinical),
    )


def _matched(
    table: LabelTable, images: Sequence[ImageFile], obstacles: list[str]
) -> tuple[dict[str, str], list[float], list[Problem], list[str]]:
    """Return stem to the table's name of the labelled images, their Dice, what is left out, images without a label."""
    try:
        matched = match_labels(table, images)
    except AnnotriageError:
        names = [image.name for image in images if image.problem is None]
        labels = [label.image for label in table.rows]
        examples = f" The table names {labels[0]}" + (f", the folder has {names[0]}." if names else ".")
        obstacles.append("No label has an image that can be read: are these the images of this table?" + examples)
        return {}, [], [*table.problems, Problem("labels without an image", labels)], names
    without = next((problem.names for problem in matched.problems if problem.what == WITHOUT_LABEL), [])
    problems = [problem for problem in matched.problems if problem.what != WITHOUT_LABEL]
    stems = {label.stem: label.image for label in matched.labels}
    return stems, [label.dice for label in matched.labels], problems, without


def group_sizes(stems: Collection[str], groups: Groups) -> list[int]:
    """Return how many images each patient or lesion has; an image that is in no group is one of its own."""
    known = Counter(groups[stem] for stem in stems if stem in groups)
    return [*known.values(), *(1 for stem in stems if stem not in groups)]


def annotators_of(path: Path, chosen: Mapping[str, str], names: set[str]) -> dict[int, int]:
    """Return how many people drew -> how many images, where the table has a column for it."""
    table = read_table(Path(path))
    mapping = guess_columns(table.columns, table.rows[:SAMPLE_ROWS]).corrected(chosen)
    image, count = mapping.column("image"), mapping.column("count")
    if image is None or count is None:
        return {}
    image_at, count_at = table.columns.index(image), table.columns.index(count)
    people: dict[str, int] = {}
    wanted = {name.casefold() for name in names}
    for row in table.rows:
        value = table.number(row, count_at)
        key = row[image_at].replace("\\", "/").removeprefix("./").casefold()
        if key in wanted and value is not None and math.isfinite(value) and value >= 0:
            people[key] = round(value)
    return dict(sorted(Counter(people.values()).items()))


def _further_masks(without: list[str], masks: set[str], groups: Groups, stems: Mapping[str, str]) -> int:
    together = {groups[stem] for stem in stems if stem in groups}
    return sum(stem_of(name).casefold() in masks and groups.get(stem_of(name), "") not in together for name in without)


def doubts_of(
    dice: NDArray[np.floating],
    annotators: Mapping[int, int],
    sizes: Sequence[int],
    groups: Groups,
    clinical: Path | None,
) -> list[Doubt]:
    """Return what makes a training on these labels worth less.

    Parameters
    ----------
    dice : ndarray
        (N,) of the labelled images.
    annotators : mapping of int to int
        How many people drew -> how many images; empty: not known.
    sizes : sequence of int
        Images of each patient or lesion: see `group_sizes`.
    groups : Groups
    clinical : Path or None
        The metadata that were named.
    """
    found = []
    if not len(dice):
        return []
    if len(dice) < FEW:
        found.append(Doubt.FEW_IMAGES)
    if float(dice.std()) < NO_SPREAD:
        found.append(Doubt.NO_SPREAD)
    elif set(dice.tolist()) <= {0.0, 1.0}:
        found.append(Doubt.ONLY_ENDS)
    if annotators and annotators.get(2, 0) > MOSTLY * sum(annotators.values()):
        found.append(Doubt.SINGLE_PAIRS)
    if clinical is not None and len(groups) and not groups.grouped_by:
        found.append(Doubt.NO_GROUPS)
    if max(sizes, default=0) > MOSTLY * len(dice) and len(dice) > 1:
        found.append(Doubt.ONE_LARGE_GROUP)
    return found


def doubt_sentence(
    doubt: Doubt, dice: NDArray[np.floating], annotators: Mapping[int, int], sizes: Sequence[int]
) -> str:
    """Say what a doubt means for the person who trains; parameters as for `doubts_of`."""
    match doubt:
        case Doubt.FEW_IMAGES:
            return (
                f"These are few: below {FEW} images with a label the figures of the result are mostly chance, and a "
                "small gain cannot be told from none."
            )
        case Doubt.NO_SPREAD:
            return (
                f"The Dice hardly differs between these images (standard deviation {float(np.std(dice)):.3f}): there "
                "is nearly nothing to learn. Is this the right column?"
            )
        case Doubt.ONLY_ENDS:
            return (
                "Every label is 0 or 1 and none lies between: that is a yes or no rather than how much people agree. "
                "Is this the right column?"
            )
        case Doubt.SINGLE_PAIRS:
            share = annotators.get(2, 0) / max(sum(annotators.values()), 1)
            return (
                f"{share_text(share)} of these images were drawn by two people only: such a label is one pair’s Dice "
                "and partly luck, which limits how near any model can come."
            )
        case Doubt.NO_GROUPS:
            return (
                "The clinical metadata have no ids of patients or lesions: images of one patient may be in training "
                "and test alike, and the result may look better than it is."
            )
        case Doubt.ONE_LARGE_GROUP:
            return (
                f"{counted(max(sizes), 'images are')} of one patient or lesion and stay together: the parts to train "
                "and to test will have odd sizes."
            )
