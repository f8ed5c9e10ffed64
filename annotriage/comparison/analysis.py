"""Tests on a table of errors whose rows all models share: the sound way to compare models on the same splits."""

import math
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from annotriage.comparison.distributions import shapiro
from annotriage.comparison.results import Analysis, Bayes, Pair, Test
from annotriage.comparison.shared_images import corrected_p, wider
from annotriage.comparison.wording import LEVEL, found_text
from annotriage.errors import AnnotriageError

Floats = NDArray[np.float64]
RESAMPLES = 2000
MOST_FOR_BCA = 500
MOST_PAIRS = 10  # more are too slow for the Bayesian test, and nobody reads them
SIGNED_RANK_DRAWS = 12_000
"""Of all pairs together, but 1,000 to 4,000 a pair: a draw costs the square of the runs."""
SIGN_DRAWS = 20_000
POWER = 0.8
FEW_FOR_BOOTSTRAP = 10


def analyse(
    values: Floats,
    models: tuple[str, ...],
    unit: str,
    rope: float,
    *,
    rows: tuple[str, ...] | None = None,
    groups: list[str] | None = None,
    ratio: float | None = None,
    seed: int = 0,
) -> Analysis:
    """Run all tests.

    Parameters
    ----------
    values : ndarray
        (N, K) errors, a row a run or an image, N and K at least 2.
    models : tuple of str
        K names.
    unit : str
        "runs" or "images".
    rope : float
        Differences smaller than this make no difference in practice.
    rows : tuple of str, optional
        N names of runs or images; their numbers when left out.
    groups : list of str, optional
        N names of splits; the bootstrap draws whole groups. None: each row is one.
    ratio : float, optional
        Test images for each image learned from, of runs whose splits are drawn from the same images.
    seed : int
        Of bootstrap and Bayesian draws.

    Raises
    ------
    AnnotriageError
        Two models make the same errors everywhere.
    """
    from scipy import stats

    for i, j in combinations(range(len(models)), 2):
        if not np.any(values[:, i] - values[:, j]):
            raise AnnotriageError(
                f"{models[i]} and {models[j]} have the same errors in all {len(values)} {unit}: it is the same model "
                "given twice. Leave one out."
            )
    ranks = stats.rankdata(values, axis=1)
    friedman, w, difference, nemenyi = _friedman(values, models, unit)
    return Analysis(
        unit=unit,
        models=models,
        rows=rows or tuple(str(number) for number in range(1, len(values) + 1)),
        values=values,
        mean_ranks=tuple(float(rank) for rank in ranks.mean(0)),
        kruskal=kruskal_raw(values, unit),
        friedman=friedman,
        kendalls_w=w,
        critical_difference=difference,
        nemenyi=nemenyi,
        pairs=_pairs(values, models, unit, rope, nemenyi, groups, ratio, seed),
        notes=_notes(models, unit, len(values), ratio),
    )


def _notes(models: tuple[str, ...], unit: str, rows: int, ratio: float | None) -> tuple[str, ...]:
    notes = []
    if len(models) == 2:
        notes.append("Friedman and Nemenyi need three models; for two, the paired Wilcoxon test stands for them.")
    if math.comb(len(models), 2) > MOST_PAIRS:
        notes.append("With so many models, the Bayesian view is given only for the pairs with the best of them.")
    if unit == "runs":
        note = (
            "Runs draw their splits from the same images, so they are not independent of each other: p-values over "
            "runs are too small, intervals too narrow and probabilities too sure."
        )
        if ratio is not None:
            note += (
                f" By Nadeau and Bengio's correction (2003), the interval of a mean difference is "
                f"{math.sqrt(wider(rows, ratio)):.1f} times as wide; the column 'p, corrected' allows for it."
            )
        if rows < FEW_FOR_BOOTSTRAP:
            note += f" Bootstrap intervals from only {rows} runs tend to be too narrow anyway."
        notes.append(note)
    else:
        notes.append(
            "A row is an image: its error is averaged over the runs that tested it. This asks whether the models "
            "differ on images like these as trained here; the tests over runs ask whether they would differ when "
            "trained anew. With many images even differences without meaning are seen: read the effect sizes."
        )
    return tuple(notes)


def kruskal_raw(values: Floats, unit: str) -> Test:
    """Kruskal-Wallis on the values as they are."""
    from scipy import stats

    found = stats.kruskal(*values.T)
    p = float(found.pvalue)
    return Test(
        name=f"Kruskal-Wallis on {unit} as they are",
        statistic=float(found.statistic),
        p=p,
        n=values.size,
        method="scipy.stats.kruskal",
        assumption=f"All values are independent; that the models share their {unit} is not used.",
        reading=found_text(p, "At least one model's errors lie elsewhere", "No difference between models is seen"),
        caution=f"Models share their {unit}, which this test ignores: it can overlook differences that Friedman finds.",
    )


def kruskal_standardised(values: Floats) -> Test:
    """Kruskal-Wallis after z-scoring each model's runs, as the paper has it, with the caution that belongs to it."""
    from scipy import stats

    found = stats.kruskal(*standardised(values).T)
    p = float(found.pvalue)
    return Test(
        name="Kruskal-Wallis on z-scored runs, as published",
        statistic=float(found.statistic),
        p=p,
        n=values.size,
        method="scipy.stats.kruskal on scipy.stats.zscore of each model's runs",
        assumption="All values are independent, and z-scoring leaves the difference between models in place.",
        reading=found_text(p, "At least one model's z-scores lie elsewhere", "No difference is seen in the z-scores"),
        caution=(
            "The second assumption fails: z-scoring each model's runs by itself gives every model mean 0 and variance "
            "1, which removes the very difference in location that the test looks for. It says nothing about which "
            "model is better; look at Friedman and Wilcoxon below."
        ),
    )


def standardised(values: Floats) -> Floats:
    """Return (N, K) z-scores, each model by itself."""
    from scipy import stats

    scores: Floats = stats.zscore(values, axis=0)
    return scores


def _friedman(
    values: Floats, models: tuple[str, ...], unit: str
) -> tuple[Test | None, float | None, float | None, Floats | None]:
    from scipy import stats

    n, k = values.shape
    if k < 3:
        return None, None, None, None
    import scikit_posthocs

    found = stats.friedmanchisquare(*values.T)
    p = float(found.pvalue)
    test = Test(
        name="Friedman",
        statistic=float(found.statistic),
        p=p,
        n=n,
        method="scipy.stats.friedmanchisquare",
        assumption=f"The {unit} are independent of each other; within one, models are compared by rank.",
        reading=found_text(p, "The models differ", "No difference between the models is seen"),
        caution=f"With {n} {unit} of {k} models the p-value is approximate." if n <= 10 and k <= 6 else "",
    )
    nemenyi = np.asarray(scikit_posthocs.posthoc_nemenyi_friedman(values), np.float64)
    q = float(stats.studentized_range.ppf(1 - LEVEL, k, np.inf)) / math.sqrt(2)
    return test, test.statistic / (n * (k - 1)), q * math.sqrt(k * (k + 1) / (6 * n)), nemenyi


def _pairs(
    values: Floats,
    models: tuple[str, ...],
    unit: str,
    rope: float,
    nemenyi: Floats | None,
    groups: list[str] | None,
    ratio: float | None,
    seed: int,
) -> tuple[Pair, ...]:
    from statsmodels.stats.multitest import multipletests

    places = list(combinations(range(len(models)), 2))
    best = int(np.argmin(values.mean(0)))
    looked_at = len(places) if len(places) <= MOST_PAIRS else len(models) - 1
    raw = [_wilcoxon(values[:, i] - values[:, j], unit) for i, j in places]
    corrected = multipletests([test.p for test, _ in raw], method="holm")[1]
    resampled: list[float | None] = [None] * len(places)
    if ratio is not None:
        # A constant difference leaves a t-test nothing to divide by; it must not spoil the correction of the others.
        each = np.nan_to_num([corrected_p(values[:, i] - values[:, j], ratio) for i, j in places])
        resampled = multipletests(each, method="holm")[1].tolist()
    pairs = []
    for (i, j), (test, biserial), holm, shared in zip(places, raw, corrected, resampled, strict=True):
        a, b = values[:, i], values[:, j]
        low, high = interval_of_mean(a - b, groups, seed)
        bayesian = len(places) <= MOST_PAIRS or best in (i, j)
        pairs.append(
            Pair(
                first=models[i],
                second=models[j],
                mean_difference=float((a - b).mean()),
                median_difference=float(np.median(a - b)),
                low=low,
                high=high,
                wilcoxon=test,
                p_holm=float(holm),
                p_corrected=shared,
                p_nemenyi=None if nemenyi is None else float(nemenyi[i, j]),
                rank_biserial=biserial,
                cliffs_delta=cliffs_delta(a, b),
                shapiro=shapiro(f"{models[i]} - {models[j]}", a - b),
                bayes=_bayes(a, b, unit, rope, seed, looked_at) if bayesian else None,
                needed=needed(a - b),
            )
        )
    return tuple(pairs)


def _wilcoxon(differences: Floats, unit: str) -> tuple[Test, float]:
    """Return the two-sided test and the matched-pairs rank-biserial correlation."""
    from scipy import stats

    found = stats.wilcoxon(differences)
    test = Test(
        name="Wilcoxon signed-rank",
        statistic=float(found.statistic),
        p=float(found.pvalue),
        n=len(differences),
        method="scipy.stats.wilcoxon",
        assumption=f"The {unit} are independent; differences are spread alike to both sides of their middle.",
        reading=found_text(float(found.pvalue), "The two models differ", "No difference is seen"),
    )
    positive = float(stats.wilcoxon(differences, alternative="greater").statistic)  # sum of the positive ranks
    count = np.count_nonzero(differences)
    return test, 2 * positive / (float(count) * (count + 1) / 2) - 1


def cliffs_delta(a: Floats, b: Floats) -> float:
    """How much more often `a` is above `b` than below, over all couples: from Mann-Whitney's U."""
    from scipy import stats

    return 2 * float(stats.mannwhitneyu(a, b).statistic) / (len(a) * len(b)) - 1


def interval_of_mean(differences: Floats, groups: list[str] | None, seed: int) -> tuple[float, float]:
    """95 % bootstrap interval of the mean difference: BCa, of many rows percentiles; whole groups are drawn."""
    from scipy import stats

    if groups is not None and 1 < len(set(groups)) < len(groups):
        names = np.array(groups)
        differences = np.array([differences[names == name].mean() for name in dict.fromkeys(groups)])
    if np.ptp(differences) < 1e-15:
        return float(differences.mean()), float(differences.mean())
    # BCa's jackknife is quadratic in the rows: percentiles where there are many, with which the two agree.
    bca = 3 <= len(differences) <= MOST_FOR_BCA
    found = stats.bootstrap(
        (differences,),
        np.mean,
        n_resamples=RESAMPLES if bca else RESAMPLES // 2,
        method="BCa" if bca else "percentile",
        vectorized=True,
        rng=np.random.default_rng(seed),
    ).confidence_interval
    return float(found.low), float(found.high)


def _bayes(a: Floats, b: Floats, unit: str, rope: float, seed: int, pairs: int) -> Bayes:
    """Benavoli et al. by their own package: signed-rank on runs, sign test on images, whose number it can bear."""
    import baycomp

    if unit == "runs":
        kind, draws = baycomp.SignedRankTest, max(1000, min(4000, SIGNED_RANK_DRAWS // pairs))
    else:
        kind, draws = baycomp.SignTest, SIGN_DRAWS
    # Its left counts b - a below -rope: there b is lower, so the second model is better.
    second, equal, first = kind(a, b, rope, nsamples=draws, random_state=seed).probs()
    return Bayes(float(first), float(equal), float(second), rope, f"baycomp.{kind.__name__}, {draws:,} draws")


def needed(differences: Floats) -> int | None:
    """How many rows a paired t-test would need to see this difference (80 % power, 5 %); None where there is none.

    An approximation: it takes the differences for normal and the observed effect for the true one.
    """
    from statsmodels.stats.power import TTestPower

    sd = float(differences.std(ddof=1))
    effect = abs(float(differences.mean())) / sd if sd else math.inf
    if effect < 1e-3:
        return None
    if effect > 3:
        return 3
    return math.ceil(float(TTestPower().solve_power(effect_size=effect, alpha=LEVEL, power=POWER)))
