"""What the Distributions tab says."""

from typing import TYPE_CHECKING

import numpy as np

from annotriage.comparison.explained.comparison_words import counted
from annotriage.comparison.explained.explained import Explained
from annotriage.wording import images_text, number_text

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from annotriage.comparison.results import Comparison, Distribution, Test

_LEVEL = 0.05
"""As `annotriage.comparison.wording.LEVEL`."""


def spread_sentence(dice: "Distribution") -> str:
    """Say what the histogram of the labels shows."""
    values = dice.values
    low, tenth, middle = (float(each) for each in np.quantile(values, (0.0, 0.1, 0.5)))
    words = (
        f"Half of the {images_text(len(values))} have a mean Dice above {middle:.2f}, one in ten has one "
        f"below {tenth:.2f}; the lowest is "
        f"{low:.2f}."
    )
    if dice.shapiro is None:
        return words
    if dice.shapiro.p >= _LEVEL:
        return f"{words} That they depart from the dashed bell of a normal distribution is not seen."
    if values.mean() < middle:
        shape = "The bars crowd near 1 and trail off to the left, unlike the dashed bell of a normal distribution."
    else:
        shape = "The bars do not follow the bell-shaped line of a normal distribution."
    return f"{words} {shape}"


def quantiles_sentence(dice: "Distribution") -> str:
    """Say what the Q-Q plot shows."""
    words = "If the Dice were normal, all points (an image each) would lie on the dashed line"
    if dice.shapiro is not None and dice.shapiro.p < _LEVEL:
        return words + "; " + f"here they leave it (correlation {dice.r:.3f})."
    return words + "; " + f"that they do not is not seen here (correlation {dice.r:.3f})."


def published_sentence(metric: str) -> str:
    """Say what z-scored runs show."""
    return (
        f"Each model's {metric.upper()} z-scored by itself, as the paper has it: all models have mean 0 and "
        "standard deviation 1, so that which one is better cannot be seen any more."
    )


def raw_sentence(models: "tuple[str, ...]", values: "NDArray[np.float64]", metric: str, unit: str = "runs") -> str:
    """Say what the runs as they are show."""
    means = values.mean(0)
    best = int(np.argmin(means))
    runs, count = values.shape
    if count == 1:
        words = "The {metric} of {runs} of {model}: {mean:.4f} in the mean."
        return words.format(metric=metric.upper(), runs=counted(runs, unit), model=models[0], mean=float(means[0]))
    wins = int((values.argmin(1) == best).sum())
    words = (
        "The {metric} as it is: lower is better. {model} has the lowest in the mean, {mean:.4f}, and is the best in "
        "{wins} of {runs}. Whether that is more than chance, the tab Tests says."
    )
    return words.format(
        metric=metric.upper(),
        model=models[best],
        mean=float(means[best]),
        wins=number_text(wins),
        runs=counted(runs, unit),
    )


def too_few_sentence(runs: int, unit: str = "runs") -> str:
    """Say why nothing is z-scored or tested."""
    return (
        f"{counted(runs, unit)} of each model are too few to z-score or to test how they are spread: three are needed, "
        "and with fewer than ten hardly anything shows."
    )


def labels_test(test: "Test") -> Explained:
    """Return Shapiro-Wilk on the labels in words."""
    from annotriage.comparison.explained.explained import Check

    independent = Check(
        "The values are independent of each other.",
        None,
        "Which images show one lesion or patient is not known here; the tab Diagnosis counts them.",
        (test.name,),
    )
    return Explained(test.name, _asks_images(), _says(test), test.caution, (independent,), test.method)


def differences_test(found: "Comparison") -> Explained | None:
    """Return Shapiro-Wilk on the differences between models in words; None where there are none."""
    from annotriage.comparison.explained.explained import Check

    pairs = [] if found.over_runs is None else [pair.shapiro for pair in found.over_runs.pairs if pair.shapiro]
    if not pairs:
        return None
    said = "; ".join(
        f"{test.name.removeprefix('Shapiro-Wilk, ')}: W = {test.statistic:.3f}, p = {test.p:.3f}" for test in pairs
    )
    independent = Check(
        "Runs are independent of each other.",
        False,
        "They draw their splits from the same images, so p-values are somewhat too optimistic.",
        ("Shapiro-Wilk",),
    )
    return Explained(
        "Shapiro-Wilk, differences between two models' runs",
        (
            "Asks the same of what a paired t-test rests on: by how much two models differ, run by run. With so few "
            "runs only strong departures are seen, so a large p is no proof."
        ),
        f"{said}.",
        pairs[0].caution,
        (independent,),
        pairs[0].method,
    )


def _asks_images() -> str:
    return (
        "Asks whether the values could come from a bell-shaped (normal) distribution. A small p says that they hardly "
        "could; with many images small departures are enough for that, so look at the Q-Q plot, too."
    )


def _says(test: "Test") -> str:
    from annotriage.comparison.wording import p_cell

    words = "W = {w:.4f}, p = {p}, n = {count}."
    return f"{test.reading} " + words.format(w=test.statistic, p=p_cell(test.p), count=number_text(test.n))


def why_t_tests(found: "Comparison") -> tuple[str, str]:
    """Return how the paper decides on t-tests, and how that should be read."""
    out = found.dice is not None and found.dice.shapiro is not None and found.dice.shapiro.p < _LEVEL
    if found.dice is None:
        paper = "The paper rules t-tests out because the Dice of its images is not normal; here none is known."
    elif out:
        paper = "The paper rules t-tests out because the Dice of its images is not normal; here it is not, either."
    else:
        paper = "The paper rules t-tests out because the Dice of its images is not normal; here that is not seen."
    return paper, found.t_tests
