"""Whether people agree less on some lesions than on others: the paper's Table 4, Figure 5, and other groupings."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from annotriage.comparison.adjusting import FACTORS, adjusted_for
from annotriage.comparison.analysis import cliffs_delta
from annotriage.comparison.group_results import Diagnosis, EffectInterval, Group, GroupPair
from annotriage.comparison.groupings import MISSING, Grouping, group_images
from annotriage.comparison.libraries import need_libraries, versions
from annotriage.comparison.paper import TABLE_4
from annotriage.comparison.results import Test
from annotriage.comparison.statistical_tests import listed
from annotriage.comparison.statistical_tests.compared import GroupsCompared
from annotriage.comparison.statistical_tests.effect_intervals import effect_intervals
from annotriage.comparison.statistical_tests.kruskal_groups import compared_in_pairs, kruskal
from annotriage.comparison.statistical_tests.mann_whitney import mann_whitney
from annotriage.comparison.statistical_tests.median_difference import median_difference
from annotriage.comparison.statistical_tests.point_biserial import point_biserial
from annotriage.datasets.labels import LabelTable, read_labels
from annotriage.errors import AnnotriageError
from annotriage.names import stem_of

FEWEST_IN_GROUP = 5
MOST_NAMED = 10
"""Groups that a sentence names."""
BENIGN, MALIGNANT = "benign", "malignant"

Floats = NDArray[np.float64]


def diagnosis(
    labels: Path | LabelTable,
    clinical: Path | None = None,
    by: str = "diagnosis",
    *,
    masks: Path | None = None,
    columns: Mapping[str, str] | None = None,
    adjust: Sequence[str] | None = None,
) -> Diagnosis:
    """Compare the mean Dice of groups of images, plainly and with how they were drawn allowed for.

    Parameters
    ----------
    labels : Path or LabelTable
        The metrics table.
    clinical : Path, optional
        ISIC metadata: CSV, or folder of JSON files.
    by, masks
        As for `annotriage.comparison.groupings.group_images`.
    columns : mapping of str to str, optional
        Role to column of the metrics table, as for `annotriage.datasets.labels.read_labels`, and of the metadata.
    adjust : sequence of str, optional
        What to allow for: ``tool``, ``skill``, ``annotators``, or any column of the files. Without it, all of the first
        three that are known.

    Returns
    -------
    Diagnosis

    Raises
    ------
    AnnotriageError
        A file cannot be read, there is nothing to group by, or fewer than two groups have enough images.
    """
    need_libraries()
    table = labels if isinstance(labels, LabelTable) else read_labels(labels, columns=columns)
    stems = [stem_of(row.image) for row in table.rows]
    dice = np.array([row.dice for row in table.rows], np.float64)
    grouping = group_images(stems, by, clinical=clinical, labels=table.path, masks=masks, columns=columns)
    notes = [f"Of the metrics table: {problem}." for problem in table.problems]
    if grouping.note:
        notes.append(grouping.note)
    notes.append(
        "Several images of one patient or lesion count as independent, which makes p-values and intervals somewhat too "
        "optimistic. Nothing here says anything about a single lesion."
    )
    factors = {}
    for factor in [each for each in FACTORS if each != by] if adjust is None else adjust:
        try:
            factors[factor] = group_images(
                stems, factor, clinical=clinical, labels=table.path, masks=masks, columns=columns
            )
        except AnnotriageError:
            if adjust is not None:
                raise
    differ = any(len({*factor.groups} - {MISSING}) > 1 for factor in factors.values())
    if not differ and adjust is None:
        notes.append(
            "How the images were drawn is not allowed for: tools and people decide much of the Dice, and where they "
            "differ between groups, so does the Dice. A table with a line a mask (image, annotator, tool, skill_level) "
            "would tell: --masks."
        )
    names = [row.image for row in table.rows]
    return compare_groups(grouping, dice, names, factors=factors, notes=tuple(notes), clinical=clinical)


def compare_groups(
    grouping: Grouping,
    dice: Floats,
    names: Sequence[str] = (),
    *,
    factors: Mapping[str, Grouping] | None = None,
    notes: tuple[str, ...] = (),
    clinical: Path | None = None,
) -> Diagnosis:
    """Compare the Dice of groups that are known already; see `diagnosis`.

    Parameters
    ----------
    grouping : Grouping
        Of N images.
    dice : ndarray
        (N,) their mean Dice.
    names : sequence of str
        N names of the images, or none.
    factors : mapping of str to Grouping, optional
        What to allow for, of the same N images.
    notes : tuple of str
        What is said below the result.
    clinical : Path, optional
        The metadata, which may say which images show the same lesion or patient.
    """
    if not np.isfinite(dice).all():
        raise ValueError("every image needs a Dice that is a number")
    counts = Counter(grouping.groups)
    is_diagnosis = {BENIGN, MALIGNANT} <= set(counts)
    wanted = [BENIGN, MALIGNANT] if is_diagnosis else grouping.order
    used = [name for name in wanted if counts[name] >= FEWEST_IN_GROUP]
    of_image = np.array(grouping.groups)
    groups = tuple(
        Group(
            name,
            dice[of_image == name],
            tuple(each for each, of in zip(names, grouping.groups, strict=False) if of == name),
        )
        for name in used
    )
    left_out = {name: counts[name] for name in [*grouping.order, MISSING] if name not in used and counts[name]}
    _check(grouping, groups, left_out)
    correlation = difference = None
    intervals: tuple[EffectInterval, ...] = ()
    pairs: tuple[GroupPair, ...] = ()
    adjusted = adjusted_for(grouping.groups, used, dice, factors or {})
    if len(groups) == 2:
        correlation = point_biserial(*groups)
        intervals = effect_intervals(*groups)
        tests: tuple[Test, ...] = (mann_whitney(*groups),)
        effect, name = cliffs_delta(groups[0].dice, groups[1].dice), "Cliff's delta"
        difference = median_difference(*groups)
    else:
        test = kruskal(groups)
        tests, name = (test,), "epsilon squared"
        effect = test.statistic / (test.n - 1)
        pairs = compared_in_pairs(groups)
    if adjusted is not None and adjusted.explained_away:
        correlation, tests = _cautioned(correlation), tuple(_cautioned(test) for test in tests)
    found = Diagnosis(
        by=grouping.by,
        source=grouping.source,
        images=len(dice),
        groups=groups,
        left_out=left_out,
        point_biserial=correlation,
        tests=tests,
        effect=effect,
        effect_name=name,
        difference=difference,
        intervals=intervals,
        pairs=pairs,
        adjusted=adjusted,
        paper=TABLE_4 if is_diagnosis else None,
        notes=notes,
        versions=versions(),
    )
    explained = (test(GroupsCompared(found, clinical)) for test in listed.GROUP_TESTS)
    return replace(found, explained=tuple(each for each in explained if each is not None))


def _check(grouping: Grouping, groups: tuple[Group, ...], left_out: dict[str, int]) -> None:
    if len(groups) < 2:
        few = [f"{name} {count}" for name, count in left_out.items()]
        told = ", ".join(few[:MOST_NAMED]) + (f" and {len(few) - MOST_NAMED:,} more" if len(few) > MOST_NAMED else "")
        have = ", ".join(f"{group.name} {len(group.dice)}" for group in groups) or "none"
        raise AnnotriageError(
            f"Fewer than two groups by {grouping.by} ({grouping.source}) have {FEWEST_IN_GROUP} labelled images: "
            f"{have}; left out: {told or 'none'}. Group by something else, or give more images."
        )
    if np.ptp(np.concatenate([group.dice for group in groups])) == 0:
        raise AnnotriageError("All images have the same Dice: there is nothing to compare. Check the metrics table.")


_T = TypeVar("_T", Test, Test | None)


def _cautioned(test: _T) -> _T:
    if test is None:
        return test
    caution = "It allows for nothing else: see what remains once it is allowed for how the images were drawn."
    return replace(test, caution=f"{caution} {test.caution}".strip())
