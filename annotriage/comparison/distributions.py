"""Whether values are normal: Shapiro-Wilk and the points of a Q-Q plot."""

import numpy as np
from numpy.typing import NDArray

from annotriage.comparison.results import Distribution, Test
from annotriage.comparison.wording import LEVEL, found_text
from annotriage.names import counted

MOST_VALUES = 5000  # above it scipy's p of Shapiro-Wilk is only approximate


def distribution(name: str, values: NDArray[np.float64], names: tuple[str, ...] = ()) -> Distribution:
    """Measure how values are spread.

    Parameters
    ----------
    name : str
        What they are.
    values : ndarray
        (N,) at least two.
    names : tuple of str
        Whose values they are, N of them or none.
    """
    from scipy import stats

    (theoretical, ordered), (slope, intercept, r) = stats.probplot(values, dist="norm")
    return Distribution(
        name, values, shapiro(name, values), theoretical, ordered, float(slope), float(intercept), float(r), names
    )


def shapiro(name: str, values: NDArray[np.float64]) -> Test | None:
    """Test for a normal distribution; None below three values or where all are equal."""
    import warnings

    from scipy import stats

    if len(values) < 3 or np.ptp(values) == 0:
        return None
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)  # of more than 5000 values: said in the caution
        found = stats.shapiro(values)
    p = float(found.pvalue)
    caution = f"With more than {MOST_VALUES:,} values the p-value is approximate." if len(values) > MOST_VALUES else ""
    if len(values) < 20 and p >= LEVEL:
        caution = f"With {counted(len(values), 'values')} only strong departures would be seen."
    return Test(
        name=f"Shapiro-Wilk, {name}",
        statistic=float(found.statistic),
        p=p,
        n=len(values),
        method="scipy.stats.shapiro",
        assumption="The values are independent of each other.",
        reading=found_text(p, "They do not follow a normal distribution", "A normal distribution is not ruled out"),
        caution=caution,
    )


def about_t_tests(dice: Test | None, differences: list[Test], *, compared: bool = True, guessed: bool = False) -> str:
    """Say why t-tests are out or in.

    Parameters
    ----------
    dice : Test or None
        Shapiro-Wilk on the labels, on which the paper decides.
    differences : list of Test
        The same on the differences of models over runs, on which a paired t-test rests.
    compared : bool
        Whether models were tested against one another.
    guessed : bool
        Whether models were tested against a guess.
    """
    said = []
    if dice is not None:
        ruled_out = dice.p < LEVEL
        said.append(
            f"The paper rules t-tests out because the Dice is not normal; here it is "
            f"{'not normal either' if ruled_out else 'not shown to be other than normal'} (W = {dice.statistic:.3f}, "
            f"{'p < 0.001' if dice.p < 0.001 else f'p = {dice.p:.3f}'})."
        )
    if differences:
        bad = sum(test.p < LEVEL for test in differences)
        said.append(
            "A paired t-test rests on something else: that the differences between two models' runs are normal. "
            + (
                f"{bad:,} of {counted(len(differences), 'pairs')} {'is' if bad == 1 else 'are'} not: it is out there."
                if bad
                else f"Of {counted(len(differences), 'pairs')}, none visibly departs from it; so few runs can hardly "
                f"show it."
            )
        )
    if compared:
        said.append(
            "Kruskal-Wallis, Friedman, Nemenyi and Wilcoxon rest on ranks and hold either way. The intervals of mean "
            "differences, 'p, corrected', the Bayesian probabilities and the numbers needed are of means and rest on "
            "the t distribution: they hold as far as differences are about normal, or rows are many."
        )
    if guessed:
        said.append("Whether a model beats a guess is told by a t-test on means, with Wilcoxon's on ranks beside it.")
    return " ".join(said)
