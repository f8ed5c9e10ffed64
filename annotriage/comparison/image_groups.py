"""Whether people agree less on some lesions than on others: the paper's Table 4, Figure 5, and other groupings."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import combinations
from pathlib import Path
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from annotriage.comparison.adjusting import adjusted_for
from annotriage.comparison.adjusting_results import DRAWN, PATIENT, Adjusted
from annotriage.comparison.adjusting_words import PLAIN, about_clusters, not_allowed_for
from annotriage.comparison.analysis import cliffs_delta
from annotriage.comparison.group_results import Diagnosis, EffectInterval, Group, GroupPair
from annotriage.comparison.groupings import FROM_MASKS, MISSING, Grouping, group_images
from annotriage.comparison.holm import holm
from annotriage.comparison.libraries import need_libraries, versions
from annotriage.comparison.pair_groups import PairTable, compare_pairs
from annotriage.comparison.paper import TABLE_4
from annotriage.comparison.results import Test
from annotriage.comparison.statistical_tests import listed
from annotriage.comparison.statistical_tests.compared import GroupsCompared
from annotriage.comparison.statistical_tests.effect_intervals import effect_intervals
from annotriage.comparison.statistical_tests.group_checks import lesions_and_patients
from annotriage.comparison.statistical_tests.kruskal_groups import compared_in_pairs, kruskal
from annotriage.comparison.statistical_tests.mann_whitney import mann_whitney
from annotriage.comparison.statistical_tests.median_difference import median_difference
from annotriage.comparison.statistical_tests.point_biserial import point_biserial
from annotriage.datasets.labels import Label, LabelTable, read_labels
from annotriage.errors import AnnotriageError
from annotriage.names import stem_of

FEWEST_IN_GROUP = 5
MOST_NAMED = 10
"""Groups that a sentence names."""
BENIGN, MALIGNANT = "benign", "malignant"

Floats = NDArray[np.float64]


def diagnosis(
    labels: Path | LabelTable | None,
    clinical: Path | None = None,
    by: str = "diagnosis",
    *,
    masks: Path | None = None,
    pairs: Path | None = None,
    columns: Mapping[str, str] | None = None,
    adjust: Sequence[str] | None = None,
    where_known: Sequence[str] = DRAWN,
) -> Diagnosis:
    """Compare the mean Dice of groups of images, plainly and with how they were drawn allowed for.

    Parameters
    ----------
    labels : Path, LabelTable or None
        The metrics table; None: each image's mean Dice is that of its `pairs`.
    clinical : Path, optional
        ISIC metadata: CSV, or folder of JSON files.
    by, masks
        As for `annotriage.comparison.groupings.group_images`.
    pairs : Path, optional
        A table with a line a pair of masks, as `annotriage agree --pairs` and IMA++ write it: groups are compared by
        pairs, too, each with its own tools.
    columns : mapping of str to str, optional
        Role to column of the metrics table, as for `annotriage.datasets.labels.read_labels`, and of the metadata.
    adjust : sequence of str, optional
        What to allow for: ``tool``, ``skill``, ``annotators``, ``patient``, or any column of the files. Without it, all
        of `where_known` that are known.
    where_known : sequence of str

    Returns
    -------
    Diagnosis

    Raises
    ------
    AnnotriageError
        A file cannot be read, there is nothing to group by, something to allow for is not known, or fewer than two
        groups have enough images.
    """
    need_libraries()
    of_pairs = None if pairs is None else PairTable.read(pairs)
    table = labels
    if table is None:
        table = _labels_of(of_pairs)
    elif not isinstance(table, LabelTable):
        table = read_labels(table, columns=columns)
    stems = [stem_of(row.image) for row in table.rows]
    dice = np.array([row.dice for row in table.rows], np.float64)
    together = lesions_and_patients(clinical, columns)

    def grouped(by: str) -> Grouping:
        if by == PATIENT:
            return _patients(stems, together, clinical)
        if by in FROM_MASKS and masks is None and of_pairs is not None:
            return of_pairs.grouping(stems, by)
        path = None if labels is None else table.path
        return group_images(stems, by, clinical=clinical, labels=path, masks=masks, columns=columns)

    grouping = grouped(by)
    notes = [f"Of the metrics table: {problem}." for problem in table.problems]
    if grouping.note:
        notes.append(grouping.note)
    notes.append(about_clusters(stems, together))
    factors: dict[str, Grouping] = {}
    unknown: list[str] = []
    for factor in dict.fromkeys(where_known if adjust is None else adjust):
        if factor == by and adjust is not None:
            raise AnnotriageError(f"Groups by {by} are compared: {by} cannot be allowed for as well. Leave it out.")
        try:
            if factor != by:
                factors[factor] = grouped(factor)
        except AnnotriageError:
            if adjust is not None:
                raise
            unknown.append(factor)
    differ = any(len({*factor.groups} - {MISSING}) > 1 for factor in factors.values())
    if adjust is None:
        notes += not_allowed_for(unknown, differ=differ, by=by)
    names = [row.image for row in table.rows]
    return compare_groups(grouping, dice, names, factors=factors, notes=tuple(notes), together=together, pairs=of_pairs)


def _labels_of(pairs: PairTable | None) -> LabelTable:
    if pairs is None:
        raise AnnotriageError("There is nothing to compare: give a metrics table by --labels, or of pairs by --pairs.")
    rows = [Label(image, image, dice) for image, dice in pairs.mean_dice().items()]
    return LabelTable(rows, [], "", pairs.path)


def _patients(stems: Sequence[str], together: Mapping[str, str], clinical: Path | None) -> Grouping:
    if not together:
        raise AnnotriageError(
            "Nothing here says the patient of the images: give clinical data with a column lesion_id or patient_id."
        )
    groups = [together.get(stem) or MISSING for stem in stems]
    return Grouping(PATIENT, f"lesion_id, patient_id of {clinical}", groups, sorted(set(groups) - {MISSING}))


def compare_groups(
    grouping: Grouping,
    dice: Floats,
    names: Sequence[str] = (),
    *,
    factors: Mapping[str, Grouping] | None = None,
    notes: tuple[str, ...] = (),
    together: Mapping[str, str] | None = None,
    pairs: PairTable | None = None,
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
    together : mapping of str to str, optional
        Image to what it shares with others of its lesion or patient.
    pairs : PairTable, optional
        The pairs of masks, by which the groups are compared, too.
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
    each_two: tuple[GroupPair, ...] = ()
    together, factors = together or {}, factors or {}
    stems = [stem_of(name) for name in names] if names else [str(at) for at in range(len(dice))]
    clusters = [together.get(stem) or stem for stem in stems] if together else None
    adjusted = adjusted_for(grouping.groups, used, dice, factors, clusters=clusters)
    in_pairs: Adjusted | None = None
    if pairs is not None:
        in_pairs, remarks = compare_pairs(pairs, grouping, stems, used, factors, clusters)
        notes = (*notes, *remarks)
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
        each_two = _each_two(groups, adjusted)
    if adjusted is not None and adjusted.needs_caution:
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
        pairs=each_two,
        adjusted=adjusted,
        in_pairs=in_pairs,
        paper=TABLE_4 if is_diagnosis else None,
        notes=notes,
        versions=versions(),
    )
    explained = (test(GroupsCompared(found, together)) for test in listed.GROUP_TESTS)
    return replace(found, explained=tuple(each for each in explained if each is not None))


def _each_two(groups: tuple[Group, ...], adjusted: Adjusted | None) -> tuple[GroupPair, ...]:
    """Compare each two of several groups by Dunn's test, and put the adjusted difference beside it, if there is one."""
    pairs = compared_in_pairs(groups)
    known = {} if adjusted is None or not adjusted.factors else {(e.group, e.reference): e for e in adjusted.pairs}
    corrected = dict(zip(known, holm([each.p for each in known.values()]), strict=True))
    found = []
    for pair, (first, second) in zip(pairs, combinations(groups, 2), strict=True):
        two = pair.first, pair.second
        pair = replace(pair, delta=cliffs_delta(first.dice, second.dice), adjusted=known.get(two))
        found.append(replace(pair, p_adjusted=corrected.get(two, pair.p_adjusted)))
    return tuple(found)


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
    return replace(test, caution=f"{PLAIN} {test.caution}".strip())
