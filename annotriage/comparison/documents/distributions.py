"""The part Distributions: how labels and errors are spread, and what that allows."""

from collections.abc import Iterator
from functools import partial

import numpy as np
from numpy.typing import NDArray

from annotriage.comparison.distributions import shapiro
from annotriage.comparison.documents import distributions_plots as plots
from annotriage.comparison.documents.blocks import tests_table
from annotriage.comparison.explained.document import Beside, Block, FigureBlock, Heading, Paragraph
from annotriage.comparison.explained.explained import Check, Explained, Number
from annotriage.comparison.explained.table import TableBlock
from annotriage.comparison.results import Comparison, Distribution, Test
from annotriage.comparison.wording import LEVEL, number_or_dash, p_cell
from annotriage.names import counted

TITLE = "Distributions"
_FIGURES = (("mse", 3), ("mae", 4))


def distributions_part(found: Comparison) -> Iterator[Block]:
    """Yield the part's blocks: figures 2, 3 and 4, as published and as they should be read."""
    yield Heading("How the labels are spread")
    if found.dice is None:
        yield Paragraph("These runs do not say on which images they were tested, so no labels are known.")
    else:
        yield from _labels(found.dice)
    yield from _t_tests(found)
    for metric, number in _FIGURES:
        yield from _runs(found, metric, number)


def _labels(dice: Distribution) -> Iterator[Block]:
    histogram, quantiles = partial(plots.histogram, dice), partial(plots.quantiles, dice)
    yield FigureBlock("figure-2", f"Figure 2. {dice.name}", spread_sentence(dice), histogram)
    title = "Figure 2. Q-Q plot against a normal distribution"
    yield FigureBlock("figure-2-quantiles", title, quantiles_sentence(dice), quantiles)
    values = dice.values
    quarters = np.quantile(values, (0, 0.25, 0.5, 0.75, 1))
    columns = ("", *"images mean sd min quartile median quartile max".split())
    cells = (f"{each:.4f}" for each in (values.mean(), values.std(ddof=1), *quarters))
    yield TableBlock("labels", "The labels in numbers.", columns, ((dice.name, f"{len(values):,}", *cells),))


def spread_sentence(dice: Distribution) -> str:
    """Say what the histogram of the labels shows."""
    values = dice.values
    low, tenth, middle = (float(each) for each in np.quantile(values, (0.0, 0.1, 0.5)))
    words = (
        f"Half of the {counted(len(values), 'images')} have a mean Dice above {middle:.2f}, one in ten has one below "
        f"{tenth:.2f}; the lowest is {low:.2f}."
    )
    if dice.shapiro is None:
        return words
    if dice.shapiro.p >= LEVEL:
        return f"{words} That they depart from the dashed bell of a normal distribution is not seen."
    if values.mean() < middle:
        return (
            f"{words} The bars crowd near 1 and trail off to the left, unlike the dashed bell of a normal distribution."
        )
    return f"{words} The bars do not follow the bell-shaped line of a normal distribution."


def quantiles_sentence(dice: Distribution) -> str:
    """Say what the Q-Q plot shows."""
    words = "If the Dice were normal, all points (an image each) would lie on the dashed line"
    leave = "that they do not is not seen here"
    if dice.shapiro is not None and dice.shapiro.p < LEVEL:
        leave = "here they leave it"
    return f"{words}; {leave} (correlation {dice.r:.3f}, scipy.stats.probplot)."


def _t_tests(found: Comparison) -> Iterator[Block]:
    """Yield why t-tests are out or in: by the labels, as the paper has it, and by what they rest on."""
    yield Heading("Whether t-tests may be used")
    known = None if found.dice is None else found.dice.shapiro
    labels = [] if known is None else [labels_test(known)]
    differences = [each for each in [differences_test(found)] if each is not None]
    said = "here that is not seen."
    if found.dice is None:
        said = "here none is known."
    elif known is not None and known.p < LEVEL:
        said = "here it is not, either."
    paper = f"The paper rules t-tests out because the Dice of its images is not normal; {said}"
    yield Beside((Paragraph(paper), *labels), (Paragraph(found.t_tests), *differences))
    caption = "Whether the labels, and the differences between two models' runs, are normal."
    yield from tests_table("shapiro", caption, [*labels, *differences])


def labels_test(test: Test) -> Explained:
    """Return Shapiro-Wilk on the labels in words."""
    independent = Check(
        "The values are independent of each other.",
        None,
        "Which images show one lesion or patient is not known here; a comparison of groups of images counts them.",
        (test.name,),
    )
    asks = (
        "Asks whether the values could come from a bell-shaped (normal) distribution. A small p says that they hardly "
        "could; with many images small departures are enough for that, so look at the Q-Q plot, too."
    )
    says = f"{test.reading} W = {test.statistic:.4f}, p = {p_cell(test.p)}, n = {test.n:,}."
    return Explained(test.name, asks, says, test.caution, (independent,), test.method, (_number(test),))


def _number(test: Test) -> Number:
    return Number(test.name, test.statistic, test.p, test.n, test.method)


def differences_test(found: Comparison) -> Explained | None:
    """Return Shapiro-Wilk on the differences between models in words; None where there are none."""
    tests = [] if found.over_runs is None else [pair.shapiro for pair in found.over_runs.pairs if pair.shapiro]
    if not tests:
        return None
    said = "; ".join(
        f"{test.name.removeprefix('Shapiro-Wilk, ')}: W = {test.statistic:.3f}, p = {test.p:.3f}" for test in tests
    )
    independent = Check(
        "Runs are independent of each other.",
        False,
        "They draw their splits from the same images, so p-values are somewhat too optimistic.",
        ("Shapiro-Wilk",),
    )
    return Explained(
        "Shapiro-Wilk, differences between two models' runs",
        "Asks the same of what a paired t-test rests on: by how much two models differ, run by run. With so few runs "
        "only strong departures are seen, so a large p is no proof.",
        f"{said}.",
        tests[0].caution,
        (independent,),
        tests[0].method,
        tuple(map(_number, tests)),
    )


def _runs(found: Comparison, metric: str, number: int) -> Iterator[Block]:
    """Yield one metric over the runs, z-scored and as it is."""
    name, values, scores = metric.upper(), found.raw[metric], found.standardised.get(metric)
    hint = "Click a point to see the folder of its run."
    yield Heading(f"{name} over {found.unit}")
    title = f"Figure {number}. {name} of the {found.unit}"
    draw = partial(plots.runs, found.runs, values, name)
    raw = FigureBlock(f"figure-{number}", title, raw_sentence(found, metric), draw, hint=hint)
    if scores is None:
        yield raw
        yield Paragraph(
            f"{counted(len(values), found.unit)} of each model are too few to z-score or to test how they are spread: "
            "three are needed, and with fewer than ten hardly anything shows."
        )
    else:
        published = (
            f"Each model's {name} z-scored by itself, as the paper has it (scipy.stats.zscore): all models have mean 0 "
            "and standard deviation 1, so that which one is better cannot be seen any more."
        )
        title = f"Figure {number}. {name}, z-scored by model"
        draw = partial(plots.runs, found.runs, scores, "z-score", "+.2f")
        yield Beside((FigureBlock(f"figure-{number}-z-scores", title, published, draw, hint=hint),), (raw,))
    yield _numbers(found, metric, scores)


def raw_sentence(found: Comparison, metric: str) -> str:
    """Say what the runs as they are show."""
    values = found.raw[metric]
    means = values.mean(0)
    best = int(np.argmin(means))
    runs, unit, name = len(values), found.unit, metric.upper()
    if values.shape[1] == 1:
        return f"The {name} of {counted(runs, unit)} of {found.models[0]}: {float(means[0]):.4f} in the mean."
    wins = int((values.argmin(1) == best).sum())
    return (
        f"The {name} as it is: lower is better. {found.models[best]} has the lowest in the mean, "
        f"{float(means[best]):.4f}, and is the best in {wins:,} of {counted(runs, unit)}. Whether that is more than "
        "chance, the tests say."
    )


def _numbers(found: Comparison, metric: str, scores: NDArray[np.float64] | None) -> TableBlock:
    units, rows = found.unit, []
    for column, model in enumerate(found.models):
        values = found.raw[metric][:, column]
        sd = f"{values.std(ddof=1):.4f}" if len(values) > 1 else "-"
        row = [model, str(len(values)), f"{values.mean():.4f}", sd, f"{values.min():.4f}", f"{values.max():.4f}"]
        if scores is not None:
            test, z = shapiro(model, values), scores[:, column]
            row += [f"{abs(z.mean()):.2f}", f"{z.std():.2f}"]  # rounding may leave a minus before 0
            row += [number_or_dash(test.statistic if test else None), p_cell(test.p if test else None)]
        rows.append(tuple(row))
    columns: tuple[str, ...] = ("model", units, "mean", "sd", "min", "max")
    caption = f"{metric.upper()} over {units}; sd: standard deviation (n - 1)."
    if scores is not None:
        columns += ("z: mean", "z: sd", "Shapiro W", "Shapiro p")
        caption += (
            " After z-scoring (scipy.stats.zscore, n), every mean is 0 and every standard deviation 1. Shapiro-Wilk "
            f"(scipy.stats.shapiro) asks whether the {units} are normal; with few of them only strong departures are "
            "seen."
        )
    return TableBlock(f"spread-{metric}", caption, columns, tuple(rows))
