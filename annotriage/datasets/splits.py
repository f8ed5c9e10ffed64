"""Split labelled images so that every part has the same spread of Dice and no patient is in two of them."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from annotriage.errors import AnnotriageError
from annotriage.names import counted

MOST_BINS = 10


@dataclass(frozen=True, slots=True)
class Split:
    """The three parts of the labelled images, as sorted lists of stems. Every image is in exactly one."""

    train: list[str]
    validation: list[str]
    test: list[str]


def split_images(
    stems: Sequence[str],
    dice: ArrayLike,
    groups: Mapping[str, str] | None = None,
    fractions: tuple[float, float, float] = (0.7, 0.15, 0.15),
    seed: int = 0,
) -> Split:
    """Split images into training, validation and test.

    The result depends on the seed and on what is given for each image, not on the order of the images.

    Parameters
    ----------
    stems : sequence of str
        N different images.
    dice : array_like
        (N,) their mean Dice, which is spread over the parts alike.
    groups : mapping of str to str, optional
        Stem to group; a group stays together. Images that are not in it are on their own.
    fractions : tuple of three floats
        Sizes of training, validation and test; each above 0, in all 1.
    seed : int
        Of the random order in which groups are placed, and of where those of several images may go, 0 or above.

    Returns
    -------
    Split

    Raises
    ------
    AnnotriageError
        The fractions are wrong, or there are fewer than three groups.
    ValueError
        `stems` and `dice` do not belong together.
    """
    if len(fractions) != 3 or not all(0 < each < 1 for each in fractions) or abs(sum(fractions) - 1) > 1e-6:
        raise AnnotriageError(
            f"The fractions of training, validation and test are {', '.join(f'{each:g}' for each in fractions)}; "
            "each must be above 0 and their sum 1."
        )
    return Split(*_parts(stems, dice, groups, fractions, seed))


def fold_split(
    stems: Sequence[str],
    dice: ArrayLike,
    groups: Mapping[str, str] | None,
    folds: int,
    fold: int,
    validation: float,
    seed: int = 0,
) -> Split:
    """Split images for one run of a cross-validation: one fold is the test part, the others are learned from.

    Parameters
    ----------
    stems, dice, groups, seed
        As for `split_images`; the same for all runs of one cross-validation.
    folds : int
        Number of folds, 2 or above.
    fold : int
        Which one is the test part, from 1 to `folds`. Over all of them, every image is tested once.
    validation : float
        Share of validation in the images that are learned from, above 0 and below 1.

    Returns
    -------
    Split

    Raises
    ------
    AnnotriageError
        There are fewer groups than folds, or too few in the other folds for a training and a validation part.
    ValueError
        `fold` is not one of `folds`, or `stems` and `dice` do not belong together.
    """
    if not 1 <= fold <= folds:
        raise ValueError(f"fold {fold} is not one of {folds}")
    test = k_folds(stems, dice, groups, folds, seed)[fold - 1]
    away = set(test)
    rest = [row for row, stem in enumerate(stems) if stem not in away]
    learned = [stems[row] for row in rest]
    values = np.asarray(dice, np.float64)[rest]
    train, validate = _parts(learned, values, groups, (1 - validation, validation), seed)
    return Split(train, validate, test)


def k_folds(
    stems: Sequence[str], dice: ArrayLike, groups: Mapping[str, str] | None, k: int, seed: int = 0
) -> list[list[str]]:
    """Split images into `k` parts of about one size, with the guarantees of `split_images`.

    Parameters
    ----------
    stems, dice, groups, seed
        As for `split_images`.
    k : int
        Number of parts, 2 or above.

    Returns
    -------
    list of list of str
        The stems of each part, sorted.

    Raises
    ------
    AnnotriageError
        There are fewer groups than `k`.
    ValueError
        `k` is below 2, or `stems` and `dice` do not belong together.
    """
    if k < 2:
        raise ValueError("at least two folds are needed")
    return _parts(stems, dice, groups, (1 / k,) * k, seed)


def dice_bins(dice: ArrayLike, bins: int) -> NDArray[np.intp]:
    """Return the bin (0..bins-1) of each Dice, the bins holding about equally many; equal values share one.

    Parameters
    ----------
    dice : array_like
        (N,) values.
    bins : int
        How many bins; some stay empty where values repeat.
    """
    values = np.asarray(dice, np.float64)
    edges = np.quantile(values, np.arange(1, bins) / bins)
    return np.searchsorted(edges, values, side="right")


def _parts(
    stems: Sequence[str],
    dice: ArrayLike,
    groups: Mapping[str, str] | None,
    fractions: Sequence[float],
    seed: int,
) -> list[list[str]]:
    values = np.asarray(dice, np.float64)
    if values.shape != (len(stems),) or len(set(stems)) != len(stems) or not np.isfinite(values).all():
        raise ValueError("each image needs one stem of its own and one finite Dice")
    order = sorted(range(len(stems)), key=lambda row: stems[row])
    members: dict[tuple[bool, str], list[int]] = defaultdict(list)
    for row in order:
        key = None if groups is None else groups.get(stems[row])
        # True and False keep an image without a group apart from a group that bears its name.
        members[(False, stems[row]) if key is None else (True, key)].append(row)
    together = sorted(members.values(), key=lambda rows: stems[rows[0]])
    if len(together) < len(fractions):
        raise AnnotriageError(
            f"{counted(len(stems), 'images')} of {counted(len(together), 'different patients or lesions')} cannot be "
            f"split into {counted(len(fractions), 'parts')}: more labelled images are needed."
        )
    bins = int(np.clip(len(stems) * min(fractions), 1, MOST_BINS))
    in_bin = dice_bins(values, bins)
    counts = np.array([np.bincount(in_bin[rows], minlength=bins) for rows in together], np.float64)
    part_of = _place(counts, np.asarray(fractions, np.float64), seed)
    parts: list[list[str]] = [[] for _ in fractions]
    for part, rows in zip(part_of, together, strict=True):
        parts[part].extend(stems[row] for row in rows)
    return [sorted(part) for part in parts]


def _place(counts: NDArray[np.float64], fractions: NDArray[np.float64], seed: int) -> list[int]:
    """Return the part of each group, given its images in each bin (G, B).

    Groups are placed one by one, large ones first, wherever chi-squared between what each part holds and what it
    should hold grows least. For single images that is Webster's method of apportionment, in every bin and in all. It
    counts half of what is added, and with it every group that is alone in its size would go to the same part whatever
    the seed, mostly to training. For groups of several images that half is therefore drawn between nothing and all,
    and only those that are twice as large as others surely come before them.
    """
    counts = np.column_stack([counts, counts.sum(1)])  # the last column: how many in all
    wanted = np.outer(fractions, counts.sum(0)) + 1e-9
    weight = np.ones(counts.shape[1])
    weight[-1] = counts.shape[1] - 1
    have = np.zeros_like(wanted)
    part_of = [0] * len(counts)
    random = np.random.default_rng(seed)
    shuffled = random.permutation(len(counts))
    size = counts[shuffled, -1]
    order = np.where(size > 1, size * random.uniform(0.5, 1, len(size)), 0)
    for group in shuffled[np.argsort(-order, kind="stable")]:
        added = counts[group]
        share = np.ones(len(fractions)) if added[-1] == 1 else 2 * random.random(len(fractions))
        growth = ((2 * have * added + share[:, None] * added**2) / wanted * weight).sum(1)
        part_of[group] = int(np.argmin(growth))
        have[part_of[group]] += added
    for part in range(len(fractions)):
        if part not in part_of:  # few groups: the smallest of the part that has most of them moves over
            fullest = max(range(len(fractions)), key=part_of.count)
            part_of[min((g for g, p in enumerate(part_of) if p == fullest), key=lambda g: counts[g, -1])] = part
    return part_of
