"""Whether a model is better than a guess that looks at no image: tested, not read off two means."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from annotriage.comparison.holm import holm
from annotriage.comparison.mean_difference import mean_difference
from annotriage.comparison.wording import LEVEL, p_text, signed

Floats = NDArray[np.float64]
Verdict = Literal["better", "not shown", "worse"]


@dataclass(frozen=True, slots=True)
class AgainstGuess:
    """A model's errors minus those of the guess, on the same test images; below 0 the model is better.

    Attributes
    ----------
    model, unit : str
        What a row is: "runs", "folds" or "images".
    rows : int
    error, guess : float
        Mean errors of the model and of the guess.
    difference, low, high : float
        Mean difference with its 95 % interval, of this model alone.
    p : float
        Of a paired t-test on that mean, after Holm for the number of models.
    p_ranks : float
        Of Wilcoxon's signed-rank test, after Holm.
    wins : int
        Rows in which the model's error is below the guess's.
    allows_for_sharing : bool
        Whether interval and `p` allow for the images that runs share.
    """

    model: str
    unit: str
    rows: int
    error: float
    guess: float
    difference: float
    low: float
    high: float
    p: float
    p_ranks: float
    wins: int
    allows_for_sharing: bool

    @property
    def verdict(self) -> Verdict:
        """What the test on the mean says."""
        if not self.p < LEVEL:
            return "not shown"
        return "better" if self.difference < 0 else "worse"


def against_guess(
    models: Sequence[str],
    errors: Floats,
    guesses: Floats,
    unit: str,
    groups: list[str] | None = None,
    ratio: float | None = None,
) -> tuple[AgainstGuess, ...]:
    """Test each model against the guess.

    Parameters
    ----------
    models : sequence of str
        K names.
    errors, guesses : ndarray
        (N, K) of the models, and of the guess on the same test images; N at least 2.
    unit : {"runs", "folds", "images"}
    groups, ratio
        As of `annotriage.comparison.analysis.analyse`.
    """
    from scipy import stats

    columns = (errors - guesses).T
    means = [mean_difference(column, groups, ratio) for column in columns]
    ranks = [float(stats.wilcoxon(column).pvalue) if column.any() else 1.0 for column in columns]
    p, p_ranks = (holm(each) for each in ([m.p() for m in means], ranks))
    return tuple(
        AgainstGuess(
            model=model,
            unit=unit,
            rows=len(errors),
            error=float(errors[:, k].mean()),
            guess=float(guesses[:, k].mean()),
            difference=means[k].mean,
            low=means[k].interval()[0],
            high=means[k].interval()[1],
            p=p[k],
            p_ranks=p_ranks[k],
            wins=int((columns[k] < 0).sum()),
            allows_for_sharing=ratio is not None,
        )
        for k, model in enumerate(models)
    )


def decisive(tested: Sequence[AgainstGuess]) -> list[AgainstGuess]:
    """Return the test of each model that says most of other images: the first one that there is of it."""
    kept: dict[str, AgainstGuess] = {}
    for each in tested:
        kept.setdefault(each.model, each)
    return list(kept.values())


def guess_sentence(tested: Sequence[AgainstGuess]) -> str:
    """Say which models are not shown to be better than the guess; empty where all are, or where nothing was tested."""
    shown = decisive(tested)
    said = []
    for verdict, words in (
        ("worse", "Worse than a guess that looks at no image"),
        ("not shown", "Not shown to be better than a guess that looks at no image"),
    ):
        these = [each for each in shown if each.verdict == verdict]
        if these:
            names = ", ".join(f"{each.model} ({signed(each.difference)}, {p_text(each.p)})" for each in these)
            said.append(f"{words}: {names}.")
    return " ".join(said)
