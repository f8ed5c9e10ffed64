"""The part Comparison: errors beside baselines and the paper's, how far the models lie apart, what would be needed."""

from collections.abc import Iterator
from functools import partial

from annotriage.comparison.against_guess import guess_sentence
from annotriage.comparison.by_kind import MEASURES, measure_cells
from annotriage.comparison.by_way import WayErrors
from annotriage.comparison.documents import errors_plots as plots
from annotriage.comparison.explained.document import Beside, Block, FigureBlock, Heading, Paragraph
from annotriage.comparison.explained.table import TableBlock
from annotriage.comparison.results import Analysis, Comparison, Pair
from annotriage.comparison.statistical_tests.wilcoxon import fewest_rows
from annotriage.comparison.wording import LEVEL, number_or_dash, p_cell, p_text, with_sd
from annotriage.names import counted

TITLE = "Comparison"


def errors_part(found: Comparison, *, paper: bool) -> Iterator[Block]:
    """Yield the part's blocks."""
    yield Heading("Errors on test images")
    yield from (Paragraph(note) for note in found.notes)
    yield FigureBlock(
        "runs",
        f"{found.metric.upper()} of all {found.unit}",
        runs_sentence(found),
        partial(plots.runs_plot, found, paper=paper),
        hint=f"Click a {found.unit[:-1]} to see its images.",
        in_reports=False,
    )
    yield Beside((_table_2(found, paper),), (_over_runs(found),))
    said = no_better_than_a_guess(found)
    if found.against_guess:
        yield Heading(f"Against a guess that looks at no image ({found.metric.upper()})")
        yield _against_guess(found)
    if said:
        yield Paragraph(said)
    if found.cross_validated:
        yield Heading("Cross-validation: every image, by the run that had not seen it")
        yield _cross_validated(found)
    if found.by_way:
        yield Heading("By the way in which images were drawn")
        yield from (_by_way(found, model) for model in dict.fromkeys(line.model for line in found.by_way))
    for analysis in (found.over_runs, found.over_images):
        if analysis is not None:
            yield from _apart(analysis, found.metric)


def runs_sentence(found: Comparison) -> str:
    """Say what the figure of the runs shows."""
    values = found.raw[found.metric]
    means = values.mean(0)
    best = int(means.argmin())
    name, runs, one = found.metric.upper(), len(values), found.unit[:-1]
    mean, model = number_or_dash(float(means[best])), found.models[best]
    if len(found.models) == 1:
        return f"Each point is a {one} of {model}; their mean {name} is {mean}."
    if runs == 1:
        return f"Each point is a {one}, lower is better. {model} has the lowest {name}, {mean}, in this one {one}."
    sure = "whether by more than chance, the tests say"
    if found.over_runs is None:
        sure = "so few cannot say whether by more than chance"
    return (
        f"Over {counted(runs, found.unit)}, {model} has the lowest mean {name}, {mean}; {sure}. Each point is a {one}, "
        "lower is better; thin lines join those of one split."
    )


def no_better_than_a_guess(found: Comparison) -> str:
    """Name the models that are not shown to be better than a guess which looks at no image; empty: none.

    Where nothing can be tested, those whose error is no lower than the guess's.
    """
    if found.against_guess:
        return guess_sentence(found.against_guess)
    guess = found.baseline
    if guess is None:
        return ""
    means = found.raw[found.metric].mean(0).tolist()
    names = [model for model, mean in zip(found.models, means, strict=True) if mean >= guess]
    if not names:
        return ""
    return f"No better than a guess that looks at no image ({number_or_dash(guess)}): {', '.join(names)}."


def _table_2(found: Comparison, paper: bool) -> TableBlock:
    columns = ["model", "MSE", "MAE"]
    rows = [[line.model, with_sd(line.mse, line.mse_sd), with_sd(line.mae, line.mae_sd)] for line in found.table]
    rows.append(["baseline", number_or_dash(found.chosen_mean_mse), number_or_dash(found.chosen_median_mae)])
    caption = (
        f"Table 2, of {found.unit[:-1]} {found.chosen}. ± is the standard deviation over its test images: how much "
        "images differ, not how certain the mean is. Baseline: always guessing the mean (MSE), the median (MAE)."
    )
    if paper:
        columns += ["paper: MSE", "paper: MAE"]
        caption += " The paper's are of one run, on its own data and split."
        for row, line in zip(rows, (*found.table, None), strict=True):
            theirs = None if line is None else line.paper
            row += (
                ["-", "-"]
                if theirs is None
                else [with_sd(theirs.mse, theirs.mse_sd), with_sd(theirs.mae, theirs.mae_sd)]
            )
    return TableBlock("table-2", caption, tuple(columns), tuple(map(tuple, rows)))


def _over_runs(found: Comparison) -> TableBlock:
    runs, unit = found.table[0].runs, found.unit
    rows = [
        (
            line.model,
            str(line.runs),
            with_sd(line.mse_mean, line.mse_runs_sd),
            with_sd(line.mae_mean, line.mae_runs_sd),
        )
        for line in found.table
    ]
    rows.append(("baseline", "", number_or_dash(found.mean_mse), number_or_dash(found.median_mae)))
    caption = (
        f"Mean over {counted(runs, unit)}. ± is the standard deviation over {unit} (n − 1): how much {unit} differ."
    )
    if runs == 1:
        caption = f"One {unit[:-1]} only: how far another would differ is not known."
    return TableBlock(f"errors-{unit}", caption, ("model", unit, "MSE", "MAE"), tuple(rows))


def _against_guess(found: Comparison) -> TableBlock:
    tested = found.against_guess
    guess = "mean" if found.metric == "mse" else "median"
    shared = f", over {found.unit} with Nadeau and Bengio's correction" if tested[0].allows_for_sharing else ""
    caption = (
        f"Mean {found.metric.upper()} of each model minus that of always guessing the {guess} of the images learned "
        f"from, on the same test images: below 0 the model is better. Interval and p: paired t-test on the "
        f"mean{shared}; p by rank: Wilcoxon signed-rank (scipy.stats.wilcoxon). Both p after Holm for the number of "
        f"models; intervals for each model alone."
    )
    rows = tuple(
        (
            each.model,
            f"{each.rows:,} {each.unit}",
            f"{each.difference:+.4f}",
            f"{each.low:+.4f} to {each.high:+.4f}",
            p_cell(each.p),
            p_cell(each.p_ranks),
            f"{each.wins:,} of {each.rows:,}",
            each.verdict,
        )
        for each in tested
    )
    columns = ("model", "over", "mean", "95 % interval", "p", "p by rank", "better in", "than the guess")
    return TableBlock("against-guess", caption, columns, rows)


def _cross_validated(found: Comparison) -> TableBlock:
    first = found.cross_validated[0]
    columns = ("model", "MAE", "over baseline's", "95 % interval", "MSE", "Spearman", "95 % interval")
    rows = [
        (
            each.model,
            number_or_dash(each.mae),
            number_or_dash(each.mae_ratio, 3),
            _between(each.mae_ratio_95),
            number_or_dash(each.mse),
            number_or_dash(each.spearman, 3),
            _between(each.spearman_95),
        )
        for each in found.cross_validated
    ]
    rows.append(("baseline", number_or_dash(first.median_mae), "1", "", number_or_dash(first.mean_mse), "", ""))
    caption = (
        f"All {counted(first.images, 'images')}, each predicted by the one of {counted(first.folds, 'runs')} that "
        f"had not learned from it. Baseline: always the median (MAE), the mean (MSE) of what that run learned from. "
        f"Intervals: bootstrap over images (scipy.stats.bootstrap, percentiles)."
    )
    return TableBlock("cross-validation", caption, columns, tuple(rows))


def _by_way(found: Comparison, model: str) -> TableBlock:
    lines = [line for line in found.by_way if line.model == model]
    caption = (
        f"{model}, {counted(lines[0].measures.images, 'predictions')} of test images, by how all people drew them. "
        "Each way twice: asked without it (mixed), and asked for it. The median of the kind is the guess of one who "
        "knows the way and looks at no image. In the first fifth: the share of the kind's contentious images that "
        "stands in the first fifth of its ranking."
    )
    return TableBlock(f"by-way-{model}", caption, ("drawn", "asked for", *MEASURES), tuple(map(_way_row, lines)))


def _way_row(line: WayErrors) -> tuple[str, ...]:
    return (line.kind, "its way" if line.told else "mixed", *measure_cells(line.measures))


def _between(ends: tuple[float, float] | None) -> str:
    return "-" if ends is None else f"{ends[0]:.3f} to {ends[1]:.3f}"


def _apart(analysis: Analysis, metric: str) -> Iterator[Block]:
    """Yield how far the models lie apart."""
    unit, units = analysis.unit, counted(len(analysis.values), analysis.unit)
    yield Heading(f"How far the models lie apart, over {units}")
    yield from (Paragraph(note) for note in analysis.notes)
    if analysis.critical_difference is not None:
        title = "Critical-difference diagram"
        yield FigureBlock(
            f"critical-difference-{unit}", title, ranks_sentence(analysis), partial(plots.ranks_plot, analysis)
        )
        order = sorted(zip(analysis.models, analysis.mean_ranks, strict=True), key=lambda each: each[1])
        yield TableBlock(
            f"ranks-{unit}",
            f"Mean ranks over {units}; 1 is best. Ranks further apart than "
            f"{number_or_dash(analysis.critical_difference, 2)} differ (Nemenyi, 5 %; scipy.stats.studentized_range).",
            ("model", "mean rank"),
            tuple((model, f"{rank:.2f}") for model, rank in order),
        )
    yield FigureBlock(
        f"differences-{unit}",
        "Differences between models",
        differences_sentence(analysis, metric),
        partial(plots.differences_plot, analysis, metric),
        in_reports=False,
    )
    yield _pairs(analysis, metric.upper())
    yield FigureBlock(
        f"probabilities-{unit}",
        "Better, worse, or practically equal",
        rope_sentence(analysis),
        partial(plots.rope_plot, analysis),
        in_reports=False,
    )
    yield _effects(analysis)
    yield Heading(f"How many {unit} would be needed", 3)
    columns = ("pair", "difference", "needed", "there are", unit)
    yield TableBlock(f"needed-{unit}", needed_sentence(analysis), columns, tuple(needed_rows(analysis)))


def ranks_sentence(analysis: Analysis) -> str:
    """Say what the critical-difference diagram shows."""
    order = sorted(zip(analysis.mean_ranks, analysis.models, strict=True))
    apart = [pair for pair in analysis.pairs if pair.p_nemenyi is not None and pair.p_nemenyi < LEVEL]
    said = (
        f"In each of the {counted(len(analysis.values), analysis.unit)} the models are ranked, 1 is the lowest error; "
        f"a model stands at its mean rank. {order[0][1]} comes out first ({order[0][0]:.2f}). A thick bar joins models "
        "that are not told apart by Nemenyi's test at 5 %, which does not say that they are alike. "
    )
    if not apart:
        return said + "Here that is all of them."
    return said + f"Told apart are: {', '.join(f'{pair.first} and {pair.second}' for pair in apart)}."


def differences_sentence(analysis: Analysis, metric: str) -> str:
    """Say what the intervals of the differences show."""
    clear = [pair for pair in analysis.pairs if pair.low > 0 or pair.high < 0]
    said = (
        f"Left of 0 the first model is better, right of it the second: their mean difference in {metric.upper()} over "
        f"{counted(len(analysis.values), analysis.unit)}, with its 95 % interval, each pair by itself. "
    )
    if analysis.allows_for_sharing:
        said += f"The intervals allow for the images that {analysis.unit} share. "
    if not clear:
        return said + "All intervals hold 0: which model is better is not settled."
    words = "No interval holds 0."
    if len(clear) < len(analysis.pairs):
        words = f"Clear of 0: {', '.join(pair.name for pair in clear)}."
    unsure = [pair for pair in clear if pair.p_to_go_by >= LEVEL]
    if unsure and len(analysis.pairs) == 1:
        words += f" By the ranks of its {analysis.unit} it is not certain ({p_text(unsure[0].p_to_go_by)})."
    elif unsure:
        names = ", ".join(f"{pair.name} ({p_text(pair.p_to_go_by)})" for pair in unsure)
        words += f" As several pairs are tested, not certain of these: {names}."
    return said + words


def _pairs(analysis: Analysis, name: str) -> TableBlock:
    pairs, unit, corrected = analysis.pairs, analysis.unit, analysis.allows_for_sharing
    shared = f", which allows for the images that {unit} share (Nadeau and Bengio 2003)" if corrected else ""
    p_corrected = "; p, corrected: the t-test of that interval, after Holm" if corrected else ""
    with_nemenyi = pairs[0].p_nemenyi is not None
    extra = ["p, corrected"] if corrected else []
    columns = ("pair", "mean", "95 % interval", *extra, "median", "p, Wilcoxon", "p, Holm", "p, Nemenyi")
    return TableBlock(
        f"pairs-{unit}",
        f"Difference in {name}, first minus second: below 0 the first model is better. On means: the 95 % interval of "
        f"the mean difference by the t distribution{shared}, for each pair alone{p_corrected}. On ranks: p of Wilcoxon "
        "signed-rank (scipy.stats.wilcoxon), also after Holm (1979)"
        f"{', and of Nemenyi (scikit_posthocs)' if with_nemenyi else ''}.",
        columns,
        tuple(
            (
                _cell(pair),
                f"{pair.mean_difference:+.4f}",
                f"{pair.low:+.4f} to {pair.high:+.4f}",
                *([p_cell(pair.p_corrected)] if corrected else []),
                f"{pair.median_difference:+.4f}",
                p_cell(pair.wilcoxon.p),
                p_cell(pair.p_holm),
                p_cell(pair.p_nemenyi),
            )
            for pair in pairs
        ),
    )


def _cell(pair: Pair) -> str:
    return f"{pair.first} - {pair.second}"


def rope_sentence(analysis: Analysis) -> str:
    """Say what the bars of the Bayesian view show."""
    return (
        f"How probable it is, given these {counted(len(analysis.values), analysis.unit)}, that the first model is "
        "better in the mean, that the two are practically equal (their means differ by less than "
        f"{analysis.pairs[0].bayes.rope:g}), and that the second is better. Unlike a p-value, this can also say that "
        "two models are as good as each other."
    )


def _effects(analysis: Analysis) -> TableBlock:
    bayes, one = analysis.pairs[0].bayes, analysis.unit[:-1]
    caption = (
        "P: the probabilities that the first is better in the mean, that both are practically equal (their means "
        f"within {bayes.rope:g}), that the second is better ({bayes.method}; Corani and Benavoli 2015). Sizes of the "
        f"difference from −1 (the first always better) to 1: matched-pairs rank-biserial correlation, {one} by {one} "
        "(from Wilcoxon's rank sums), and Cliff's delta (from Mann-Whitney's U, without the pairing)."
    )
    columns = ("pair", "P(first)", "P(equal)", "P(second)", "rank-biserial", "Cliff's delta")
    rows = tuple(
        (
            _cell(pair),
            *(f"{share:.3f}" for share in (pair.bayes.first, pair.bayes.equal, pair.bayes.second)),
            f"{pair.rank_biserial:+.2f}",
            f"{pair.cliffs_delta:+.2f}",
        )
        for pair in analysis.pairs
    )
    return TableBlock(f"effects-{analysis.unit}", caption, columns, rows)


def needed_sentence(analysis: Analysis) -> str:
    """Say how many runs would be needed."""
    have, unit = len(analysis.values), analysis.unit
    short = [pair for pair in analysis.pairs if not _enough(pair, have) and not _nothing_to_see(pair)]
    sharing = f", with the variance that {unit} sharing images leave" if analysis.allows_for_sharing else ""
    said = (
        f"How many {unit} would show a mean difference as large as the one that was seen, four times out of five (a "
        "power of 80 %), if it is the true one: an approximation, for normal differences of one pair alone "
        f"(statsmodels TTestPower at 5 %{sharing}). With fewer than {fewest_rows(len(analysis.pairs))}, the tests by "
        "rank can find nothing. "
    )
    if analysis.allows_for_sharing:
        said += (
            f"As {unit} share their images, more of them tell less and less: where ‘no number of {unit}’ stands, only "
            "more images would show it. "
        )
    if not short:
        return said + f"There are {have:,}, which is enough for each pair that differs."
    return said + f"There are {have:,}: too few for {', '.join(pair.name for pair in short)}."


def _nothing_to_see(pair: Pair) -> bool:
    return pair.needed is None and "no number" not in pair.needed_text


def _enough(pair: Pair, have: int) -> bool:
    return pair.needed is not None and pair.needed <= have


def needed_rows(analysis: Analysis) -> list[tuple[str, ...]]:
    """Return for each pair the difference, how many are needed, how many there are, and what that means."""
    have = len(analysis.values)
    rows: list[tuple[str, ...]] = []
    for pair in analysis.pairs:
        verdict = "enough" if _enough(pair, have) else "too few"
        if _nothing_to_see(pair):
            verdict = "-"
        elif pair.needed is None:
            verdict = "more images would be"
        rows.append((_cell(pair), f"{pair.mean_difference:+.4f}", pair.needed_text, f"{have:,}", verdict))
    return rows
