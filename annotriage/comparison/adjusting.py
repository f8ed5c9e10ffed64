"""Whether a difference between groups remains once it is allowed for how their images were drawn.

Which tools and people drew an image decides much of its Dice. Where one group's images were drawn otherwise than
another's, a plain comparison shows that as if it were the lesions'.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from annotriage.comparison.adjusting_fits import Fit, Rows, regression, within_strata
from annotriage.comparison.adjusting_results import PATIENT, Adjusted, Effect, Strata
from annotriage.comparison.adjusting_words import reading
from annotriage.comparison.groupings import MISSING, Grouping
from annotriage.comparison.jackknife import Difference

FEWEST_ALIKE = 5
RARE = "(rare)"
Floats = NDArray[np.float64]


def adjusted_for(
    groups: Sequence[str],
    names: Sequence[str],
    dice: Floats,
    factors: Mapping[str, Grouping],
    *,
    clusters: Sequence[str] | None = None,
    images: Sequence[str] | None = None,
) -> Adjusted | None:
    """Compare groups with and without allowing for factors.

    Plainly; within strata of images whose factors are all the same (difference of means, weighed by the stratum's
    images; ranks in van Elteren's weights); and by a linear model with each factor's values as categories. All errors
    leave out one cluster at a time (`annotriage.comparison.jackknife`).

    Parameters
    ----------
    groups : sequence of str
        (N,) the group of each image, or pair of masks.
    names : sequence of str
        The groups that are compared: the second with the first, or of more, all others with the largest.
    dice : ndarray
        (N,) Dice.
    factors : mapping of str to Grouping
        What to allow for: the value of each of the N images, by what it is called. ``patient`` compares within each.
    clusters : sequence of str, optional
        (N,) the lesion or patient of each; without it, each image is taken for independent.
    images : sequence of str, optional
        (N,) of pairs of masks, the image of each. An image counts once, by all its pairs together.

    Returns
    -------
    Adjusted or None
        None where no two groups are left to compare.
    """
    of_group = np.array(groups, dtype=object)
    compared = np.isin(of_group, names)
    used = {
        factor: np.array(grouping.groups, dtype=object)
        for factor, grouping in factors.items()
        if sum(value != MISSING for value in np.array(grouping.groups)[compared]) >= FEWEST_ALIKE * len(names)
    }
    kept = compared.copy()
    for values in used.values():
        kept &= values != MISSING
    exact = {factor: values.copy() for factor, values in used.items()}
    for factor, values in used.items():
        if factor != PATIENT:
            values[kept] = _pooled(values[kept])
    for values in used.values():
        kept &= values != MISSING
    present = [name for name in names if (of_group[kept] == name).sum() >= FEWEST_ALIKE]
    kept &= np.isin(of_group, present)
    if len(present) < 2 or np.ptp(dice[kept]) == 0:
        return None
    alike = {factor: values[kept][0] for factor, values in used.items() if len(set(values[kept].tolist())) == 1}
    used = {factor: values[kept] for factor, values in used.items() if factor not in alike}
    ordered = _reference_first(present, of_group[kept])
    rows = _rows(of_group[kept], ordered, dice[kept], kept, clusters, images)
    plain = regression(rows)
    fit = regression(rows, [used[each] for each in used if each != PATIENT], used.get(PATIENT)) if used else plain
    by_ranks = within_strata(rows, np.full(len(rows.y), "", object)).deltas
    f_adjusted, p_adjusted = fit.all_together() if used else (float("nan"), float("nan"))
    strata = _strata(rows, ordered, [exact[factor][kept] for factor in used]) if used else None
    found = Adjusted(
        factors=tuple(used),
        unit="images" if images is None else "pairs",
        number=len(rows.y),
        left_out=int(compared.sum()) - len(rows.y),
        clusters=int(rows.clusters.max()) + 1,
        cluster="image" if clusters is None else "lesion or patient",
        independent=_independent(rows, ordered) if images is None and rows.clusters.max() + 1 < len(rows.y) else (),
        plain=_effects(plain, ordered),
        adjusted=tuple(each for each in _effects(fit, ordered) if each.told) if used else (),
        plain_deltas=_deltas(by_ranks, ordered),
        f_adjusted=f_adjusted,
        p_plain=plain.all_together()[1],
        p_adjusted=p_adjusted,
        p_ranks=by_ranks.all_together()[1],
        strata=strata,
        alike=alike,
        lost=tuple(name for name in names if name not in present),
        pairs=tuple(
            _effect(first, second, fit.difference(ordered.index(first), ordered.index(second)))
            for first, second in combinations(present, 2)
        ),
    )
    return replace(found, reading=reading(found))


def _reference_first(present: Sequence[str], of_group: NDArray[np.object_]) -> list[str]:
    """Let several groups be compared with the largest, which shares most strata with others; two stay as they are."""
    if len(present) == 2:
        return list(present)
    counts = Counter(of_group.tolist())
    largest = max(present, key=lambda name: counts[name])
    return [largest, *(name for name in present if name != largest)]


def _independent(rows: Rows, present: Sequence[str]) -> tuple[Effect, ...]:
    """Compare as if images were independent: statsmodels' least squares with MacKinnon and White's HC3 (1985)."""
    from statsmodels.regression.linear_model import OLS

    columns = [np.ones(len(rows.y)), *((rows.groups == at).astype(np.float64) for at in range(1, rows.names))]
    fit = OLS(rows.y, np.column_stack(columns)).fit(cov_type="HC3")
    ends = fit.conf_int()
    return tuple(
        Effect(name, present[0], *(float(x) for x in (fit.params[at], ends[at][0], ends[at][1], fit.pvalues[at])))
        for at, name in enumerate(present)
        if at
    )


def _rows(
    of_group: NDArray[np.object_],
    present: Sequence[str],
    dice: Floats,
    kept: NDArray[np.bool_],
    clusters: Sequence[str] | None,
    images: Sequence[str] | None,
) -> Rows:
    place = {name: at for at, name in enumerate(present)}
    number = np.arange(len(of_group))
    of_cluster, weights = number, np.ones(len(of_group))
    if images is not None:
        of_image = _codes(np.array(images, dtype=object)[kept])
        of_cluster, weights = of_image, 1 / np.bincount(of_image)[of_image]
    if clusters is not None:
        of_cluster = _codes(np.array(clusters, dtype=object)[kept])
    return Rows(dice, np.array([place[name] for name in of_group]), of_cluster, weights)


def _codes(names: NDArray[np.object_]) -> NDArray[np.int64]:
    return np.unique(names.astype(str), return_inverse=True)[1].ravel().astype(np.int64)


def _strata(rows: Rows, present: Sequence[str], factors: Sequence[NDArray[np.object_]]) -> Strata:
    names = np.array(["\0".join(values) for values in zip(*factors, strict=True)], dtype=object)
    found = within_strata(rows, names)
    f_ranks, p_ranks = found.deltas.all_together()
    return Strata(
        effects=tuple(each for each in _effects(found.means, present) if each.told),
        deltas=_deltas(found.deltas, present),
        p=found.means.all_together()[1],
        f_ranks=f_ranks,
        p_ranks=p_ranks,
        strata=found.strata,
        usable=found.usable,
        outside=int((~found.inside).sum()),
    )


def _effects(fit: Fit, present: Sequence[str]) -> tuple[Effect, ...]:
    return tuple(_effect(name, present[0], fit.difference(at)) for at, name in enumerate(present) if at)


def _deltas(fit: Fit, present: Sequence[str]) -> tuple[Effect, ...]:
    """Return Cliff's deltas; no interval leaves -1 to 1."""
    return tuple(
        replace(each, low=max(each.low, -1.0), high=min(each.high, 1.0)) for each in _effects(fit, present) if each.told
    )


def _effect(group: str, reference: str, difference: Difference) -> Effect:
    return Effect(group, reference, difference.value, difference.low, difference.high, difference.p)


def _pooled(values: NDArray[np.object_]) -> NDArray[np.object_]:
    """Put values that few images have together; where these are few as well, they count as not known."""
    counts = Counter(values.tolist())
    rare = [value for value, count in counts.items() if count < FEWEST_ALIKE]
    together = sum(counts[value] for value in rare)
    return np.array(
        [(RARE if together >= FEWEST_ALIKE else MISSING) if value in rare else value for value in values], object
    )
