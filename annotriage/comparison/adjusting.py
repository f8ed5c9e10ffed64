"""Whether a difference between groups remains once it is allowed for how their images were drawn.

Which tools and people drew an image decides much of its Dice. Where one group's images were drawn otherwise than
another's, a plain comparison shows that as if it were the lesions'.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from annotriage.comparison.groupings import MISSING, Grouping
from annotriage.comparison.wording import LEVEL, p_text

FEWEST_ALIKE = 5
RARE = "(rare)"
FACTORS = {
    "tool": "the drawing tools",
    "skill": "the annotators' skills",
    "annotators": "the number of annotators",
}
"""How the masks of an image were drawn, and how that is called in sentences."""
_PLURAL = ("tool", "skill")
METHOD = "statsmodels OLS of the mean Dice, HC3 standard errors"

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Effect:
    """How far a group's mean Dice lies from the first group's.

    Attributes
    ----------
    group, reference : str
    value, low, high : float
        Difference of mean Dice with its 95 % interval.
    p : float
    """

    group: str
    reference: str
    value: float
    low: float
    high: float
    p: float


@dataclass(frozen=True, slots=True)
class Adjusted:
    """A comparison of groups, plain and with factors allowed for, on the same images.

    Attributes
    ----------
    factors : tuple of str
        What is allowed for; empty where all of it is the same in all images.
    images : int
        Images that are compared in both ways.
    left_out : int
        Images whose factors are not known.
    plain, adjusted : tuple of Effect
        One for each group but the first. `adjusted` is empty where it cannot be told.
    p_plain, p_adjusted : float
        Of all groups together (Wald's test).
    reading : str
        What that says.
    """

    factors: tuple[str, ...]
    images: int
    left_out: int
    plain: tuple[Effect, ...]
    adjusted: tuple[Effect, ...]
    p_plain: float
    p_adjusted: float
    reading: str

    @property
    def explained_away(self) -> bool:
        """Whether a difference is seen that is not seen any more once the factors are allowed for."""
        return bool(self.factors) and self.p_plain < LEVEL and not self.p_adjusted < LEVEL


def adjusted_for(
    groups: Sequence[str], names: Sequence[str], dice: Floats, factors: Mapping[str, Grouping]
) -> Adjusted | None:
    """Compare groups with and without allowing for factors.

    A linear model of the mean Dice: the group, and each factor's values as categories. Standard errors are those of
    MacKinnon and White (1985, HC3), which do not ask for one variance.

    Parameters
    ----------
    groups : sequence of str
        (N,) the group of each image.
    names : sequence of str
        The groups that are compared; the first is what the others are compared with.
    dice : ndarray
        (N,) mean Dice.
    factors : mapping of str to Grouping
        What to allow for: the value of each of the N images, by what it is called.

    Returns
    -------
    Adjusted or None
        None where no factor is known of the images that are compared.
    """
    of_group = np.array(groups, dtype=object)
    compared = np.isin(of_group, names)
    used = {
        factor: np.array(grouping.groups, dtype=object)
        for factor, grouping in factors.items()
        if sum(value != MISSING for value in np.array(grouping.groups)[compared]) >= FEWEST_ALIKE * len(names)
    }
    if not used:
        return None
    kept = compared.copy()
    for values in used.values():
        kept &= values != MISSING
    for values in used.values():
        values[kept] = _pooled(values[kept])
    for values in used.values():
        kept &= values != MISSING
    present = [name for name in names if (of_group[kept] == name).sum() >= FEWEST_ALIKE]
    kept &= np.isin(of_group, present)
    of_group, response = of_group[kept], dice[kept]
    if len(present) < 2 or np.ptp(response) == 0:
        return None
    alike = {factor: values[kept][0] for factor, values in used.items() if len(set(values[kept].tolist())) == 1}
    used = {factor: values for factor, values in used.items() if factor not in alike}
    columns = [values[kept] for values in used.values()]
    background = _independent([np.ones(len(response)), *(one for values in columns for one in _coded(values))])
    plain, p_plain = _fitted(present, of_group, response, background[:1])
    adjusted, p_adjusted = _fitted(present, of_group, response, background) if used else ((), float("nan"))
    factor_names = tuple(used)
    return Adjusted(
        factors=factor_names,
        images=len(response),
        left_out=int(compared.sum()) - len(response),
        plain=plain,
        adjusted=adjusted,
        p_plain=p_plain,
        p_adjusted=p_adjusted,
        reading=" ".join(
            [
                *([_reading(factor_names, plain, adjusted, p_plain, p_adjusted)] if factor_names else []),
                *(_nothing_to_allow_for(factor, value) for factor, value in alike.items()),
            ]
        ),
    )


def _nothing_to_allow_for(factor: str, value: str) -> str:
    """Say that a factor is the same in all images: allowing for it would change nothing, and prove nothing."""
    called = FACTORS.get(factor, factor)
    are = "are" if factor in _PLURAL else "is"
    return f"Of all images that are compared, {called} {are} the same ({value}): there is nothing to allow for."


def _pooled(values: NDArray[np.object_]) -> NDArray[np.object_]:
    """Put values that few images have together; where these are few as well, they count as not known."""
    counts = Counter(values.tolist())
    rare = [value for value, count in counts.items() if count < FEWEST_ALIKE]
    together = sum(counts[value] for value in rare)
    return np.array(
        [(RARE if together >= FEWEST_ALIKE else MISSING) if value in rare else value for value in values], object
    )


def _coded(values: NDArray[np.object_]) -> list[Floats]:
    return [(values == level).astype(np.float64) for level in sorted(set(values.tolist()))[1:]]


def _independent(columns: Sequence[Floats]) -> list[Floats]:
    """Return the columns that are no sums of those before them."""
    kept: list[Floats] = []
    for column in columns:
        if np.linalg.matrix_rank(np.column_stack([*kept, column])) > len(kept):
            kept.append(column)
    return kept


def _fitted(
    names: Sequence[str], of_group: NDArray[np.object_], response: Floats, background: Sequence[Floats]
) -> tuple[tuple[Effect, ...], float]:
    """Return the groups' effects and their common p; none where they cannot be told from the background."""
    from statsmodels.regression.linear_model import OLS

    coded = [(of_group == name).astype(np.float64) for name in names[1:]]
    design = [*background, *coded]
    if len(_independent(design)) < len(design) or len(design) >= len(response):
        return (), float("nan")
    fit = OLS(response, np.column_stack(design)).fit(cov_type="HC3")
    first = len(background)
    if not np.isfinite(fit.bse[first:]).all():  # a value that one image alone has leaves it no error of its own
        fit = OLS(response, np.column_stack(design)).fit(cov_type="HC1")
    ends = fit.conf_int()
    effects = tuple(
        Effect(name, names[0], *(float(x) for x in (fit.params[k], ends[k][0], ends[k][1], fit.pvalues[k])))
        for k, name in enumerate(names[1:], first)
    )
    restriction = np.eye(len(design))[first:]
    return effects, float(fit.wald_test(restriction, scalar=True).pvalue)


def _reading(
    factors: Sequence[str], plain: Sequence[Effect], adjusted: Sequence[Effect], p_plain: float, p_adjusted: float
) -> str:
    called = [FACTORS.get(factor, factor) for factor in factors]
    drawn = " and ".join([", ".join(called[:-1]), called[-1]] if len(called) > 1 else called)
    once = f"once {drawn} {'are' if len(called) > 1 or factors[0] in _PLURAL else 'is'} allowed for"
    if not adjusted:
        return f"Nothing can be said with {drawn} allowed for: a group has values of these that no other has."
    if p_plain < LEVEL and p_adjusted < LEVEL:
        return f"A difference remains {once} ({p_text(p_adjusted)})."
    if p_plain < LEVEL:
        several = len(plain) > 1
        subject = f"The difference{'s' * several} ({p_text(p_plain)})"
        before, after = (max(abs(each.value) for each in effects) for effects in (plain, adjusted))
        if after < before / 2:
            away = "go" if several else "goes"
            return (
                f"{subject} {away} along with how the images were drawn: {once}, none is seen ({p_text(p_adjusted)})."
            )
        return (
            f"{subject} {'are' if several else 'is'} not seen any more {once} ({p_text(p_adjusted)}), though up to "
            f"{after:.3f} of {before:.3f} is left: that may be chance, or too few images to show it."
        )
    if p_adjusted < LEVEL:
        return f"A difference is seen only {once} ({p_text(p_adjusted)})."
    return f"No difference is seen, and none {once} ({p_text(p_adjusted)})."
