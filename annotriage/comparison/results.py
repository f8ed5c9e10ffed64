"""What a comparison finds: every number beside the method that gave it and what that takes for granted."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from annotriage.comparison.against_guess import AgainstGuess
from annotriage.comparison.by_way import WayErrors
from annotriage.comparison.cross_validation import CrossValidation
from annotriage.comparison.explained.explained import Explained
from annotriage.comparison.pairing import RunTable
from annotriage.comparison.paper import PaperModel

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Test:
    """One test.

    Attributes
    ----------
    name : str
    statistic, p : float
    n : int
        Runs, images or values that it has seen.
    method : str
        The function that computed it.
    assumption : str
        What it takes for granted, in words.
    reading : str
        What the result says, for people who are no statisticians.
    caution : str
        Why it may mislead; empty where nothing is known.
    """

    name: str
    statistic: float
    p: float
    n: int
    method: str
    assumption: str
    reading: str
    caution: str = ""

    __test__ = False  # not pytest's


@dataclass(frozen=True, slots=True)
class Bayes:
    """Posterior probabilities of the mean difference: the first is better, both are equal, the second is better."""

    first: float
    equal: float
    second: float
    rope: float
    method: str


@dataclass(frozen=True, slots=True)
class Pair:
    """Two models compared row by row; differences are first minus second, so that below 0 the first is better.

    Attributes
    ----------
    first, second : str
    mean_difference, median_difference : float
    low, high : float
        95 % interval of the mean difference; it allows for the images that runs share, where that is known.
    wilcoxon : Test
        With the raw p.
    p_holm : float
        The same corrected for the number of pairs.
    p_corrected : float or None
        Of the t-test that allows for the images that runs share (Nadeau and Bengio 2003), corrected after Holm; None
        over images, and where it is not known how many images runs share.
    p_nemenyi : float or None
        Post-hoc of Friedman; None for two models.
    rank_biserial : float
        Matched pairs, -1..1; below 0 the first model has the lower errors.
    cliffs_delta : float
        -1..1, without the pairing.
    shapiro : Test or None
        Whether the differences are normal, on which a paired t-test would rest.
    bayes : Bayes
    needed : int or None
        Runs (or images) needed to see a difference of this size with a power of 80 %, never fewer than the tests could
        find anything with; None where there is no difference to see, or where no number of runs would do.
    needed_text : str
        The same in words.
    """

    first: str
    second: str
    mean_difference: float
    median_difference: float
    low: float
    high: float
    wilcoxon: Test
    p_holm: float
    p_corrected: float | None
    p_nemenyi: float | None
    rank_biserial: float
    cliffs_delta: float
    shapiro: Test | None
    bayes: Bayes
    needed: int | None
    needed_text: str

    @property
    def name(self) -> str:
        """How sentences call it: 'resnet18 − vit_b_32'."""
        return f"{self.first} − {self.second}"

    @property
    def p_to_go_by(self) -> float:
        """Of the mean where the images that runs share are allowed for, else Wilcoxon's; after Holm."""
        return self.p_holm if self.p_corrected is None else self.p_corrected


@dataclass(frozen=True, slots=True, eq=False)
class Analysis:
    """All tests on one table of errors.

    Attributes
    ----------
    unit : str
        What a row is: "runs", "folds" (of a cross-validation) or "images".
    models : tuple of str
    rows : tuple of str
        N names: of runs (seed or number) or of images.
    values : ndarray
        (N, K) errors.
    mean_ranks : tuple of float
        1 is best.
    kruskal : Test
        On the values as they are.
    friedman : Test or None
        None for two models, where it would be a sign test: see their Wilcoxon.
    kendalls_w : float or None
        Effect size of Friedman, 0..1.
    critical_difference : float or None
        Mean ranks that lie further apart differ (Nemenyi, 5 %).
    nemenyi : ndarray or None
        (K, K) p of the post-hoc test.
    pairs : tuple of Pair
    notes : tuple of str
        What holds for all of it: how rows were made, what was left out and why.
    explained : tuple of Explained
        Its tests in words, each with the checks of what it takes for granted.
    """

    unit: str
    models: tuple[str, ...]
    rows: tuple[str, ...]
    values: Floats
    mean_ranks: tuple[float, ...]
    kruskal: Test
    friedman: Test | None
    kendalls_w: float | None
    critical_difference: float | None
    nemenyi: Floats | None
    pairs: tuple[Pair, ...]
    notes: tuple[str, ...]
    explained: tuple[Explained, ...] = ()

    @property
    def allows_for_sharing(self) -> bool:
        """Whether what is said of means allows for the images that runs share."""
        return self.pairs[0].p_corrected is not None


@dataclass(frozen=True, slots=True, eq=False)
class Distribution:
    """How values are spread, beside a normal distribution.

    Attributes
    ----------
    name : str
    values : ndarray
    shapiro : Test or None
        None below three values.
    theoretical, ordered : ndarray
        Points of the Q-Q plot.
    slope, intercept, r : float
        Its line, and how straight the points are.
    names : tuple of str
        Whose values they are; empty where that is not known.
    """

    name: str
    values: Floats
    shapiro: Test | None
    theoretical: Floats
    ordered: Floats
    slope: float
    intercept: float
    r: float
    names: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ModelLine:
    """A line of Table 2.

    Attributes
    ----------
    model : str
    runs : int
    mse, mae : float
        Of the chosen run.
    mse_sd, mae_sd : float or None
        Over its test images.
    mse_mean, mae_mean : float
        Over all runs.
    mse_runs_sd, mae_runs_sd : float or None
        Over all runs; None for one.
    paper : PaperModel or None
        The paper's own line.
    """

    model: str
    runs: int
    mse: float
    mse_sd: float | None
    mae: float
    mae_sd: float | None
    mse_mean: float
    mse_runs_sd: float | None
    mae_mean: float
    mae_runs_sd: float | None
    paper: PaperModel | None = None


@dataclass(frozen=True, slots=True, eq=False)
class TestedImages:
    """The test images of one model, each once.

    Attributes
    ----------
    names : tuple of str
        (N,)
    runs : ndarray
        (N,) how many runs tested it.
    dice : ndarray
        (N,) true Dice.
    predicted, lower, upper : ndarray
        (N,) predicted Dice, clamped to 0..1, and the ends of its interval, mean over these runs; NaN without intervals.
    inside : ndarray
        (N,) share of these runs in whose interval the true Dice lies; NaN without intervals.
    """

    names: tuple[str, ...]
    runs: NDArray[np.intp]
    dice: Floats
    predicted: Floats
    lower: Floats
    upper: Floats
    inside: Floats

    __test__ = False  # not pytest's


@dataclass(frozen=True, slots=True, eq=False)
class TriageQuality:
    """How well a model's order finds contentious images, and how far its numbers can be believed.

    Attributes
    ----------
    model : str
    runs, images, contentious : int
        Test images are counted in every run that tested them.
    below : float
        Images whose true Dice is below this are contentious.
    reviewed : ndarray
        (S,) shares of the images looked at, most contentious first.
    found : ndarray
        (S,) mean share of the contentious among them, over runs.
    found_low, found_high : ndarray
        (S,) least and most over runs.
    best : ndarray
        (S,) what a perfect order would find.
    chance : ndarray
        (S,) what chance finds: `reviewed`, in whole images.
    bins_predicted, bins_true : ndarray
        (B,) mean predicted and mean true Dice of bins of equally many images.
    slope, intercept : float
        Of true on predicted Dice; 1 and 0 are perfect. NaN where all predictions are one.
    coverage : float or None
        Share of the images whose true Dice lies in its interval.
    coverage_low, coverage_high : float or None
        95 % interval of the share: Wilson's, for images, not for rows of one image.
    bins_coverage : ndarray
        (B,) the same by bin; empty without intervals.
    width : float or None
        Mean width of the intervals.
    tested : TestedImages or None
        The images themselves.
    """

    model: str
    runs: int
    images: int
    contentious: int
    below: float
    reviewed: Floats
    found: Floats
    found_low: Floats
    found_high: Floats
    best: Floats
    chance: Floats
    bins_predicted: Floats
    bins_true: Floats
    slope: float
    intercept: float
    coverage: float | None
    coverage_low: float | None
    coverage_high: float | None
    bins_coverage: Floats
    width: float | None
    tested: TestedImages | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Comparison:
    """Everything that `annotriage.comparison.comparing.compare` finds.

    Attributes
    ----------
    metric : str
        What the tests are on: ``mse`` or ``mae``.
    models : tuple of str
    chosen : str
        The run that Table 2 shows.
    table : tuple of ModelLine
    mean_mse, median_mae : float or None
        Baselines that look at no image, mean over the runs.
    chosen_mean_mse, chosen_median_mae : float or None
        The same on the chosen run's test images.
    dice : Distribution or None
        Of the labels; None where no run has its images.
    t_tests : str
        Why t-tests are out or in.
    raw, standardised : dict of str to ndarray
        For each metric, (N, K) runs as they are, and z-scored model by model.
    run_distributions : tuple of Distribution
        The metric over each model's runs.
    published : Test or None
        Kruskal-Wallis on z-scored runs, with its caution.
    table_3 : dict of str to tuple of Test
        The same for each metric, and Kruskal-Wallis on its runs as they are; empty where there are too few runs.
    over_runs, over_images : Analysis or None
    against_guess : tuple of AgainstGuess
        Each model against the guess that looks at no image: over runs, then over images; what cannot be tested is left
        out.
    unit : str
        What a row of the tables is called: "runs", or "folds" of a cross-validation.
    triage : tuple of TriageQuality
    cross_validated : tuple of CrossValidation
        One a model; empty where the runs are no whole cross-validation.
    by_way : tuple of WayErrors
        Of all models whose runs know ways of drawing.
    notes : tuple of str
        What could not be done, a sentence each.
    versions : dict of str to str
    runs : RunTable
        What was compared: row by row in the order of ``raw``; they know their folder and their test images.
    """

    metric: str
    models: tuple[str, ...]
    chosen: str
    table: tuple[ModelLine, ...]
    mean_mse: float | None
    median_mae: float | None
    chosen_mean_mse: float | None
    chosen_median_mae: float | None
    dice: Distribution | None
    t_tests: str
    raw: dict[str, Floats]
    standardised: dict[str, Floats]
    run_distributions: tuple[Distribution, ...]
    published: Test | None
    table_3: dict[str, tuple[Test, Test]]
    over_runs: Analysis | None
    over_images: Analysis | None
    against_guess: tuple[AgainstGuess, ...]
    unit: str
    triage: tuple[TriageQuality, ...]
    cross_validated: tuple[CrossValidation, ...]
    by_way: tuple[WayErrors, ...]
    notes: tuple[str, ...]
    versions: dict[str, str]
    runs: RunTable

    @property
    def baseline(self) -> float | None:
        """The error of always guessing the mean (MSE) or the median (MAE)."""
        return self.mean_mse if self.metric == "mse" else self.median_mae
