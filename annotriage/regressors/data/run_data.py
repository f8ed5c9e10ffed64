"""What a training run learns from: labels, images, groups and masks brought together, and every mismatch named."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from annotriage.agreement.masks_among import images_and_masks
from annotriage.datasets.clinical import Groups, read_groups
from annotriage.datasets.columns import CLINICAL
from annotriage.datasets.label_health import annotators_of, doubt_sentence, doubts_of, group_sizes
from annotriage.datasets.labels import read_labels
from annotriage.datasets.match import WITHOUT_LABEL, match_labels
from annotriage.datasets.splits import Split, fold_split, split_images
from annotriage.errors import AnnotriageError
from annotriage.images import find_images
from annotriage.names import counted, stem_of
from annotriage.regressors.data.pairs import PairTable, read_pair_table
from annotriage.regressors.data.without_label import masks_by_stem, unlabelled_images
from annotriage.regressors.recipes.recipe import Recipe
from annotriage.tables import Problem

FEWEST_LABELLED = 20  # below this a split has not one image a Dice bin, and no measure means anything


@dataclass(slots=True)
class RunData:
    """One row an image; labelled images first, then those without a label that may be learned from.

    Attributes
    ----------
    stems : list of str
        The images' keys.
    names : list of str
        What tables show: the path below the image folder.
    paths : list of Path
    targets : ndarray
        (N, 1 + T) float32: the Dice and the further targets; NaN where unknown.
    masks : dict
        Row to mask file.
    split : Split
        Of the labelled images.
    problems : list of Problem
        What was left out, with counts and names.
    table_sha256 : str
        Of the labels' file.
    grouped_by : list of str
        What keeps images together: empty without metadata.
    columns : list of str
        Which columns of the labels' table were read, and why these.
    doubts : list of str
        Sentences: what makes a training on these labels worth less.
    pairs : PairTable or None
        Pairs of people with their tools, of images that are at hand and of others.
    """

    stems: list[str]
    names: list[str]
    paths: list[Path]
    targets: NDArray[np.float32]
    masks: dict[int, Path]
    split: Split
    problems: list[Problem]
    table_sha256: str
    grouped_by: list[str]
    further_mean: NDArray[np.float64] = field(init=False)
    further_sd: NDArray[np.float64] = field(init=False)
    groups: Mapping[str, str] = field(default_factory=dict)
    columns: list[str] = field(default_factory=list)
    doubts: list[str] = field(default_factory=list)
    pairs: PairTable | None = None

    def __post_init__(self) -> None:
        """Measure the further targets' location and scale on the training images."""
        further = self.targets[self.rows(self.split.train), 1:].astype(np.float64)
        with np.errstate(invalid="ignore"):
            known = ~np.isnan(further)
            count = np.maximum(known.sum(0), 1)
            self.further_mean = np.where(known, further, 0).sum(0) / count
            variance = (np.where(known, further - self.further_mean, 0) ** 2).sum(0) / count
        self.further_sd = np.maximum(np.sqrt(variance), 1e-6)

    def standardised(self) -> NDArray[np.float32]:
        """Return the targets (N, 1 + T) with the further ones brought to mean 0 and standard deviation 1."""
        further = (self.targets[:, 1:] - self.further_mean) / self.further_sd
        return np.column_stack([self.targets[:, :1], further]).astype(np.float32)

    @property
    def labelled(self) -> list[int]:
        """Rows with a Dice."""
        return np.flatnonzero(~np.isnan(self.targets[:, 0])).tolist()

    @property
    def unlabelled(self) -> list[int]:
        """Rows without a Dice."""
        return np.flatnonzero(np.isnan(self.targets[:, 0])).tolist()

    def rows_below(self, folder: Path) -> list[int]:
        """Rows whose images lie in a folder, or below it."""
        return [k for k, path in enumerate(self.paths) if path.is_relative_to(folder)]

    def rows(self, stems: list[str]) -> list[int]:
        """Rows of the given images, in the order given."""
        where = {stem: k for k, stem in enumerate(self.stems)}
        return [where[stem] for stem in stems]

    def keep_split(self, split: Split) -> bool:
        """Take over how an earlier process has split the same images; return whether that is sound."""
        parts = (split.train, split.validation, split.test)
        sides: dict[str, int] = {}
        for side, part in enumerate(parts):
            for stem in part:
                if sides.setdefault(self.groups.get(stem, f"image {stem}"), side) != side:
                    return False  # metadata that were not known then
        ours = (self.split.train, self.split.validation, self.split.test)
        if sorted(stem for part in parts for stem in part) != sorted(stem for part in ours for stem in part):
            return False
        self.split = split
        self.__post_init__()
        return True

    def drop(self, rows: set[int]) -> None:
        """Take rows out: images that turned out to be unreadable."""
        keep = [k for k in range(len(self.stems)) if k not in rows]
        gone = {self.stems[k] for k in rows}
        new_row = {old: new for new, old in enumerate(keep)}
        self.stems = [self.stems[k] for k in keep]
        self.names = [self.names[k] for k in keep]
        self.paths = [self.paths[k] for k in keep]
        self.targets = self.targets[keep]
        self.masks = {new_row[k]: path for k, path in self.masks.items() if k in new_row}
        self.split = Split(
            *([s for s in part if s not in gone] for part in (self.split.train, self.split.validation, self.split.test))
        )


def gather(
    recipe: Recipe,
    images: Path | Sequence[Path],
    labels: Path,
    clinical: Path | None,
    masks: Path | Sequence[Path] | None,
    columns: Mapping[str, str] | None = None,
    pairs: Path | None = None,
) -> RunData:
    """Bring labels, images, groups, masks and pairs together.

    Parameters
    ----------
    recipe : Recipe
        Its further targets, split and stages say what is needed.
    images : Path or sequence of Path
        Folders, searched with their subfolders. The labels are those of the first one's images; the images of others
        have none, whatever they are called.
    labels : Path
        Metrics table.
    clinical : Path, optional
        ISIC metadata (CSV, or folder of JSON files) with patient and lesion ids.
    masks : Path or sequence of Path, optional
        Folders of expert masks, one an image.
    columns : mapping of str to str, optional
        Role to the table's column, where the user chose it: see `annotriage.datasets.labels.read_labels`.
    pairs : Path, optional
        Table of pairs with their tools: see `annotriage.regressors.data.pairs.read_pair_table`.

    Raises
    ------
    AnnotriageError
        Nothing, or too little, is left to learn from; or the recipe needs masks and there are none.
    """
    first, *further = [images] if isinstance(images, Path) else images
    mask_folders = [masks] if isinstance(masks, Path) else list(masks or ())
    if recipe.mask_head.enabled and not mask_folders:
        raise AnnotriageError(
            f"The recipe {recipe.name} learns to outline lesions from expert masks. Name their folder with --masks, or "
            "set mask_head.enabled = false and take mask_stage out of the recipe."
        )
    table = read_labels(labels, recipe.further_targets, columns)
    pair_table = None if pairs is None else read_pair_table(pairs)
    found, lying_masks = images_and_masks(find_images(first))
    matched = match_labels(table, found)
    learns_unlabelled = recipe.mask_stage is not None or (
        recipe.distillation is not None and recipe.distillation.unlabelled
    )
    problems = [problem for problem in matched.problems if not (learns_unlabelled and problem.what == WITHOUT_LABEL)]
    if lying_masks:
        problems.append(Problem("masks among the images, left out", [file.name for file in lying_masks]))
    if len(matched.labels) < FEWEST_LABELLED:
        raise AnnotriageError(
            f"Only {counted(len(matched.labels), 'images')} of {first} "
            f"{'has' if len(matched.labels) == 1 else 'have'} a label in {labels}; at least {FEWEST_LABELLED} are "
            f"needed to train, validate and test. {_told(problems)}"
        )
    groups = read_groups(clinical, {role: name for role, name in (columns or {}).items() if role in CLINICAL})
    problems += groups.problems
    stems = [label.stem for label in matched.labels]
    if clinical is None:
        what = "labelled images without a lesion or patient id (no metadata); each counts as a lesion of its own"
        problems.append(Problem(what, stems[:], remark=True))
    else:
        problems += groups.told(stems)
    dice = np.array([label.dice for label in matched.labels], np.float32)
    split = _split(recipe, stems, dice, groups)
    refuse_too_few_to_train(len(split.train), len(stems))
    targets = [
        [label.dice, *(label.further.get(name, np.nan) for name in recipe.further_targets)] for label in matched.labels
    ]
    names, paths = [file.name for file in matched.images], [file.path for file in matched.images]

    mask_files: dict[int, Path] = {}
    taken = list(stems)
    if learns_unlabelled:
        others, told = unlabelled_images(found, further, stems, {row.stem for row in table.rows}, groups)
        problems += told
        stems += [stem_of(name) for name in others]
        names += others
        paths += others.values()
        targets += [[np.nan] * (1 + len(recipe.further_targets)) for _ in others]
    elif further:
        what = "folders of images without a label; not used, as this recipe learns from labels alone"
        problems.append(Problem(what, [str(folder) for folder in further]))
    if mask_folders:
        by_stem, twice = masks_by_stem(mask_folders)
        problems += [Problem("images with more than one mask, none of which is used", twice)] if twice else []
        mask_files = {k: by_stem[stem] for k, stem in enumerate(stems) if stem in by_stem}
        usable = sum(bool(np.isnan(targets[k][0])) for k in mask_files)
        if recipe.mask_stage is not None and usable < FEWEST_LABELLED:
            raise AnnotriageError(
                f"Only {counted(usable, 'images without an agreement label have')} a mask in "
                f"{', '.join(map(str, mask_folders))}; the recipe's mask_stage "
                f"needs at least {FEWEST_LABELLED}. Masks are found by the image's name, as in "
                "ISIC_0000000_segmentation.png."
            )
    doubts = _doubts(labels, columns, [label.image for label in matched.labels], taken, dice, groups, clinical)
    if pair_table is not None:
        doubts += pair_table.remarks
        problems += _told_of_pairs(pair_table, taken)
    return RunData(
        stems,
        names,
        paths,
        np.array(targets, np.float32),
        mask_files,
        split,
        problems,
        table.sha256,
        groups.grouped_by,
        groups,
        [str(each) for each in table.columns],
        doubts,
        pair_table,
    )


def _told_of_pairs(pairs: PairTable, labelled: Sequence[str]) -> list[Problem]:
    """Name the images whose pairs are used for the tool's part alone, and labelled ones of which no pair is known."""
    there = {stem.casefold() for stem in labelled}
    known = dict.fromkeys(pairs.stems)
    without = {stem.casefold() for stem in known}
    found = [
        ("images of the table of pairs are not at hand: they tell what the tools do, no more",
         [stem for stem in known if stem.casefold() not in there]),
        ("labelled images without a pair whose tools are known; they are learned from as mixed",
         [stem for stem in labelled if stem.casefold() not in without]),
    ]  # fmt: skip
    return [Problem(what, names, remark=True) for what, names in found if names]


def refuse_too_few_to_train(train: int, labelled: int) -> None:
    """Refuse a training part from which nothing can be learned: networks standardise by the spread between images.

    Raises
    ------
    AnnotriageError
        It has fewer than two images.
    """
    if train < 2:
        raise AnnotriageError(
            f"Of {counted(labelled, 'labelled images')} {'only one is' if train else 'none are'} left to train on, "
            f"which teaches nothing. Label more images, or give the training part a larger share (split.train)."
        )


def _split(recipe: Recipe, stems: list[str], dice: NDArray[np.float32], groups: Mapping[str, str]) -> Split:
    """Split the labelled images as the recipe wants it: by shares, or for one run of a cross-validation."""
    how, seed = recipe.split, recipe.split_seed
    if how.folds is not None and how.fold is not None:
        return fold_split(stems, dice, groups, how.folds, how.fold, how.validation_of_learned, seed)
    return split_images(stems, dice, groups, (how.train, how.validation, how.test), seed)


def _doubts(
    labels: Path,
    columns: Mapping[str, str] | None,
    names: list[str],
    stems: list[str],
    dice: NDArray[np.float32],
    groups: Groups,
    clinical: Path | None,
) -> list[str]:
    """Say what the window says of such labels on its page."""
    annotators = annotators_of(labels, columns or {}, set(names))
    sizes = group_sizes(stems, groups)
    found = doubts_of(dice, annotators, sizes, groups, clinical)
    return [doubt_sentence(doubt, dice, annotators, sizes) for doubt in found]


def _told(problems: list[Problem]) -> str:
    return " ".join(f"{problem.what}: {len(problem.names)} ({', '.join(problem.names[:3])})." for problem in problems)
