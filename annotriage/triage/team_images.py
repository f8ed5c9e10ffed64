"""Images of which a team's agreement is measured: from tables, or from what was measured of a folder."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import numpy as np

from annotriage.errors import AnnotriageError
from annotriage.images.fingerprint import fingerprint, unpacked
from annotriage.measures.ways import MIXED, WAYS
from annotriage.tables import Problem

if TYPE_CHECKING:
    from annotriage.datasets.labels import LabelTable
    from annotriage.images import ImageFile
    from annotriage.model_file import ModelCard
    from annotriage.triage.catalogue import Catalogue

Value = TypeVar("Value")
MET = "images that the model learned from"


@dataclass(frozen=True, slots=True)
class TeamImages:
    """Images of which a team's agreement is measured.

    Attributes
    ----------
    images : list of ImageFile
    dice : list of float
        Mean pairwise Dice of each, 0..1.
    groups : list of str or None
        Which lesion or patient each shows; None: not known.
    source : str
        Where it was read, in words.
    way : str or None
        How the pairs drew, where the tables say it.
    problems : list of Problem
        What was left out.
    """

    images: "list[ImageFile]"
    dice: list[float]
    groups: list[str] | None
    source: str
    way: str | None = None
    problems: list[Problem] | None = None

    def without_met(self, card: "ModelCard") -> "TeamImages":
        """Leave out the images that a model learned from: it knows those better than any that will come."""
        if card.data.learned is None:
            return self
        learned = unpacked(card.data.learned)
        return self.where([fingerprint(image.path) not in learned for image in self.images], MET)

    def where(self, kept: Sequence[bool], why_not: str) -> "TeamImages":
        """Keep some of the images, and name the others among the problems."""
        out = [image.name for image, stays in zip(self.images, kept, strict=True) if not stays]
        if not out:
            return self

        def rows(values: Iterable[Value]) -> list[Value]:
            return [value for value, stays in zip(values, kept, strict=True) if stays]

        return replace(
            self,
            images=rows(self.images),
            dice=rows(self.dice),
            groups=None if self.groups is None else rows(self.groups),
            problems=[*(self.problems or []), Problem(why_not, out)],
        )


def images_of_tables(
    folder: Path,
    labels: Path | None,
    pairs: Path | None = None,
    *,
    clinical: Path | None = None,
    columns: Mapping[str, str] | None = None,
    way: str | None = None,
) -> TeamImages:
    """Read what a team measured from tables.

    Parameters
    ----------
    folder : Path
        Of the images.
    labels : Path or None
        Metrics table: see `annotriage.datasets.labels.read_labels`.
    pairs : Path or None
        A table of pairs with their tools, of which those count that drew in one way.
    clinical : Path or None
        ISIC metadata, which tell images of one patient.
    columns : mapping of str to str, optional
        Role to column, as `read_labels` and `annotriage.datasets.clinical.read_groups` take them.
    way : str or None
        How the team draws; None: in the way of which `pairs` have most images.

    Raises
    ------
    AnnotriageError
        A table cannot be read, no table is given, or nothing in them is of an image of the folder.
    """
    from annotriage.agreement.masks_among import without_masks
    from annotriage.datasets.clinical import read_groups
    from annotriage.datasets.labels import read_labels
    from annotriage.datasets.match import match_labels
    from annotriage.images import find_images

    table = None if labels is None else read_labels(labels, columns=columns)
    if pairs is not None:
        table, way = _labels_of_pairs(pairs, way, table)
    if table is None:
        raise AnnotriageError("Name what people agreed on: a table of labels, or of pairs.")
    matched = match_labels(table, without_masks(find_images(folder)))
    groups = read_groups(clinical, columns)
    stems = [label.stem for label in matched.labels]
    return TeamImages(
        matched.images,
        [label.dice for label in matched.labels],
        None if clinical is None else [groups.get(stem, f"image {stem}") for stem in stems],
        " and ".join(path.name for path in (labels, pairs) if path is not None),
        way,
        [*matched.problems, *groups.problems, *(groups.told(stems) if clinical is not None else [])],
    )


def images_of_catalogue(catalogue: "Catalogue") -> TeamImages:
    """Take what people drew of the images of a folder, those that are excluded left out."""
    from annotriage.triage.decisions import DECISIONS, Decision

    dice = catalogue.measured.of_file()
    excluded = catalogue.decision == DECISIONS.index(Decision.EXCLUDE)
    rows = np.flatnonzero(~np.isnan(dice) & catalogue.readable() & ~excluded).tolist()
    return TeamImages(
        [catalogue.images[row] for row in rows],
        [float(dice[row]) for row in rows],
        None,
        f"what was measured of {catalogue.folder.name or catalogue.folder}",
    )


def _labels_of_pairs(path: Path, way: str | None, table: "LabelTable | None") -> "tuple[LabelTable, str]":
    """Return the mean Dice of the pairs that drew in one way, of the images of a table where there is one."""
    from annotriage.agreement.pairs_table import dice_by_way
    from annotriage.datasets.labels import Label, LabelTable
    from annotriage.names import key_of, stem_of

    found = dice_by_way(path)
    way = max(found, key=lambda key: len(found[key])) if way is None else way
    if way == MIXED:
        raise AnnotriageError(f"{path} tells pairs apart by how they drew: leave it out to calibrate for all together.")
    if way not in found:
        drew = ", ".join(f"{key} ({WAYS[key]})" for key in sorted(found))
        raise AnnotriageError(f"No pair in {path} drew {WAYS.get(way, way)}; pairs there drew: {drew}.")
    wanted = None if table is None else {key_of(row.image) for row in table.rows}
    rows, not_wanted = [], []
    for image, dice in found[way].items():
        if wanted is None or key_of(image) in wanted:
            rows.append(Label(image, stem_of(image), float(np.mean(dice))))
        else:
            not_wanted.append(image)
    problems = [] if table is None else list(table.problems)
    others = sorted({image for images in found.values() for image in images} - set(found[way]))
    if others:
        problems.append(Problem(f"images of which no pair drew {WAYS[way]}", others))
    if not_wanted:
        problems.append(Problem(f"images that {table.path if table else path} does not name", not_wanted))
    if not rows:
        raise AnnotriageError(
            f"No image of {table.path if table else path} has a pair in {path} that drew {WAYS[way]}."
        )
    return LabelTable(rows, problems, "" if table is None else table.sha256, path), way
