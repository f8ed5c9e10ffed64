"""A comparison as a document."""

from annotriage.comparison.against_guess import guess_sentence
from annotriage.comparison.paper import TABLE_3
from annotriage.comparison.reports.blocks import tests_table, versions_block
from annotriage.comparison.reports.document import Block, Document, FigureBlock, Heading, Paragraph, TableBlock
from annotriage.comparison.results import Analysis, Comparison, Pair, TriageQuality
from annotriage.comparison.run_types import METRICS
from annotriage.comparison.wording import number_text, p_cell, with_sd
from annotriage.names import counted


def comparison_document(found: Comparison, *, paper: bool = True) -> Document:
    """Lay a comparison out.

    Parameters
    ----------
    found : Comparison
    paper : bool
        Whether the paper's own numbers stand beside ours.
    """
    blocks: list[Block] = [
        *_table_2(found, paper),
        *_against_guess(found),
        *_cross_validated(found),
        *(Paragraph(note) for note in found.notes),
        *_distributions(found),
    ]
    if found.table_3:
        blocks += _table_3(found, paper)
    for analysis in (found.over_runs, found.over_images):
        if analysis is not None:
            blocks += _analysis(analysis, found.metric)
    if found.triage:
        blocks += _triage(found.triage)
    blocks += versions_block(found.versions)
    return Document(f"Comparison of {', '.join(found.models)}", tuple(blocks))


def _table_2(found: Comparison, paper: bool) -> list[Block]:
    runs, unit = found.table[0].runs, found.unit
    one = f"{unit[:-1]} {found.chosen}"
    columns = ["model", f"MSE, {one}", f"MAE, {one}", f"MSE over {unit}", f"MAE over {unit}"]
    rows = []
    for line in found.table:
        row = [
            line.model,
            with_sd(line.mse, line.mse_sd),
            with_sd(line.mae, line.mae_sd),
            with_sd(line.mse_mean, line.mse_runs_sd),
            with_sd(line.mae_mean, line.mae_runs_sd),
        ]
        if paper:
            row += (
                ["-", "-"]
                if line.paper is None
                else [
                    with_sd(line.paper.mse, line.paper.mse_sd),
                    with_sd(line.paper.mae, line.paper.mae_sd),
                ]
            )
        rows.append(tuple(row))
    rows.append(
        (
            "baseline: always the mean (MSE), the median (MAE)",
            number_text(found.chosen_mean_mse),
            number_text(found.chosen_median_mae),
            number_text(found.mean_mse),
            number_text(found.median_mae),
            *(("-", "-") if paper else ()),
        )
    )
    if paper:
        columns += ["paper: MSE", "paper: MAE"]
    caption = (
        f"Table 2. Test errors: of {one} with the standard deviation over its test images, and mean with standard "
        f"deviation over {counted(runs, unit)} (n - 1)."
    )
    if runs == 1:
        caption = f"Table 2. Test errors of the one {unit[:-1]}, with the standard deviation over its test images."
    if paper:
        caption += " The paper's are of one run, on its own data and split."
    return [Heading("Errors"), TableBlock("table-2", caption, tuple(columns), tuple(rows))]


def _against_guess(found: Comparison) -> list[Block]:
    tested = found.against_guess
    if not tested:
        return []
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
    said = guess_sentence(tested)
    return [
        Heading(f"Against a guess that looks at no image ({found.metric.upper()})"),
        TableBlock("against-guess", caption, columns, rows),
        *([Paragraph(said)] if said else []),
    ]


def _cross_validated(found: Comparison) -> list[Block]:
    if not found.cross_validated:
        return []
    first = found.cross_validated[0]
    columns = ("model", "MAE", "over baseline's", "95 % interval", "MSE", "Spearman", "95 % interval")
    rows = [
        (
            each.model,
            number_text(each.mae),
            number_text(each.mae_ratio, 3),
            _between(each.mae_ratio_95),
            number_text(each.mse),
            number_text(each.spearman, 3),
            _between(each.spearman_95),
        )
        for each in found.cross_validated
    ]
    guessed = (number_text(first.median_mae), "1", "", number_text(first.mean_mse), "", "")
    rows.append(("baseline", *guessed))
    caption = (
        f"All {counted(first.images, 'images')}, each predicted by the one of {counted(first.folds, 'runs')} that "
        f"had not learned from it. Baseline: always the median (MAE), the mean (MSE) of what that run learned from. "
        f"Intervals: bootstrap over images (scipy.stats.bootstrap, percentiles)."
    )
    return [Heading("Cross-validation"), TableBlock("cross-validation", caption, columns, tuple(rows))]


def _between(ends: tuple[float, float] | None) -> str:
    return "-" if ends is None else f"{ends[0]:.3f} to {ends[1]:.3f}"


def _distributions(found: Comparison) -> list[Block]:
    from annotriage.comparison.reports import figures

    blocks: list[Block] = [Heading("Distributions")]
    if found.dice is not None:
        dice = found.dice
        blocks += tests_table("shapiro", "Whether the labels are normal.", [dice.shapiro] if dice.shapiro else [])
        blocks.append(
            FigureBlock(
                "figure-2",
                f"Figure 2. {dice.name} ({len(dice.values):,}): histogram, and Q-Q plot against a normal distribution "
                f"(scipy.stats.probplot; its points correlate with the line by {dice.r:.3f}). Points that leave the "
                "line show where the labels are not normal.",
                lambda: figures.distribution_figure(dice),
            )
        )
    blocks.append(Paragraph(found.t_tests))
    tests = [each.shapiro for each in found.run_distributions if each.shapiro is not None]
    if tests:
        rows = tuple((t.name, number_text(t.statistic), p_cell(t.p), str(t.n), t.method) for t in tests)
        caption = "Whether the errors over runs are normal. With few runs only strong departures are seen."
        blocks.append(TableBlock("shapiro-runs", caption, ("test", "statistic", "p", "n", "method"), rows))
    for number, metric in ((3, "mse"), (4, "mae")):
        if metric in found.standardised:
            raw, scores = found.raw[metric], found.standardised[metric]
            blocks.append(
                FigureBlock(
                    f"figure-{number}",
                    f"Figure {number}. {metric.upper()} of {counted(len(raw), found.unit)} a model, as they are "
                    f"(left) and z-scored model by model (right; scipy.stats.zscore). On the right all models have "
                    f"mean 0: the "
                    f"difference between them is gone by construction.",
                    lambda raw=raw, scores=scores, metric=metric: figures.runs_figure(
                        found.models, raw, scores, metric
                    ),  # type: ignore[misc]
                )
            )
    return blocks


def _table_3(found: Comparison, paper: bool) -> list[Block]:
    unit = found.unit
    caption = f"Table 3. Kruskal-Wallis over {unit}: on z-scored {unit}, as published, and on the {unit} as they are."
    columns = ["metric", "on", "statistic", "p", "n"]
    if paper:
        columns += ["paper: statistic", "paper: p"]
    rows = []
    for metric in METRICS:
        for what, test in zip(
            (f"{unit} z-scored, as published", f"{unit} as they are"), found.table_3[metric], strict=True
        ):
            row = [metric.upper(), what, number_text(test.statistic, 5), p_cell(test.p), f"{test.n:,}"]
            if paper:
                theirs = TABLE_3[metric] if what.endswith("published") else None
                row += ["-", "-"] if theirs is None else [f"{theirs.statistic}", f"{theirs.p}"]
            rows.append(tuple(row))
    published, raw = found.table_3[found.metric]
    blocks: list[Block] = [
        Heading(f"Kruskal-Wallis, as published and on the {unit} as they are"),
        TableBlock("table-3", caption, tuple(columns), tuple(rows)),
    ]
    for test in (published, raw):
        said = f"{test.name} ({found.metric.upper()}): {test.reading} Taken for granted: {test.assumption}"
        blocks += [Paragraph(f"{said} ({test.method})"), Paragraph(test.caution, caution=True)]
    return blocks


def _analysis(found: Analysis, metric: str) -> list[Block]:
    from annotriage.comparison.reports import figures

    name = metric.upper()
    blocks: list[Block] = [Heading(f"Models compared on the same {found.unit} ({name})")]
    blocks += [Paragraph(note) for note in found.notes]
    if found.friedman is not None:
        tests = [found.friedman, *([found.kruskal] if found.unit == "images" else [])]
        caption = (
            f"All models at once. Kendall's W is {number_text(found.kendalls_w, 3)} (0: no order, 1: always one order)."
        )
        blocks += tests_table(f"friedman-{found.unit}", caption, tests)
        ranks = tuple(
            (m, f"{rank:.2f}")
            for m, rank in sorted(zip(found.models, found.mean_ranks, strict=True), key=lambda x: x[1])
        )
        blocks.append(
            TableBlock(
                f"ranks-{found.unit}",
                f"Mean ranks over {counted(len(found.values), found.unit)}; 1 is best. Ranks further apart than "
                f"{number_text(found.critical_difference, 2)} differ (Nemenyi, 5 %; scipy.stats.studentized_range).",
                ("model", "mean rank"),
                ranks,
            )
        )
        blocks.append(
            FigureBlock(
                f"critical-difference-{found.unit}",
                f"Critical-difference diagram over {found.unit} (scikit_posthocs): models stand at their mean rank, 1 "
                "is best; those joined by a bar are not told apart by Nemenyi's test at 5 %.",
                lambda: figures.critical_difference_figure(found),
            )
        )
    return blocks + _pairs(found, name)


def _pairs(found: Analysis, name: str) -> list[Block]:
    pairs = found.pairs
    corrected = pairs[0].p_corrected is not None
    shared = f", which allows for the images that {found.unit} share (Nadeau and Bengio 2003)" if corrected else ""
    p_corrected = "; p, corrected: the t-test of that interval, after Holm" if corrected else ""
    tests = TableBlock(
        f"pairs-{found.unit}",
        f"Difference in {name}, first minus second: below 0 the first model is better. On means: the 95 % interval of "
        f"the mean difference by the t distribution{shared}, for each pair alone{p_corrected}. On ranks: p of Wilcoxon "
        "signed-rank (scipy.stats.wilcoxon), also after Holm (1979)"
        f"{', and of Nemenyi (scikit_posthocs)' if pairs[0].p_nemenyi is not None else ''}.",
        (
            "pair",
            "mean",
            "95 % interval",
            *(["p, corrected"] if corrected else []),
            "median",
            "p, Wilcoxon",
            "p, Holm",
            "p, Nemenyi",
        ),
        tuple(
            (
                _name(pair),
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
    bayes = pairs[0].bayes
    sizes = TableBlock(
        f"effects-{found.unit}",
        "Effect sizes, from -1 (the first always lower, so better) to 1: matched-pairs rank-biserial correlation (from "
        "Wilcoxon's rank sums) and Cliff's delta (from Mann-Whitney's U, without the pairing). Then the probabilities "
        f"that the first is better in the mean, that both are practically equal (their means within {bayes.rope:g}), "
        f"that the second is better ({bayes.method}; Corani and Benavoli 2015). Last, how many {found.unit} would show "
        f"the observed difference with a power of 80 % at 5 % (statsmodels TTestPower"
        + (f", with the variance that {found.unit} sharing images leave" if corrected else "")
        + ": an approximation, for normal differences of one pair alone), and never fewer than Wilcoxon's after Holm "
        "needs to find anything.",
        ("pair", "rank-biserial", "Cliff's delta", "P(first)", "P(equal)", "P(second)", f"{found.unit} needed"),
        tuple(
            (
                _name(pair),
                f"{pair.rank_biserial:+.2f}",
                f"{pair.cliffs_delta:+.2f}",
                *(f"{share:.3f}" for share in (pair.bayes.first, pair.bayes.equal, pair.bayes.second)),
                pair.needed_text,
            )
            for pair in pairs
        ),
    )
    return [tests, Paragraph(f"Wilcoxon takes for granted: {pairs[0].wilcoxon.assumption}"), sizes]


def _name(pair: Pair) -> str:
    return f"{pair.first} - {pair.second}"


def _triage(found: tuple[TriageQuality, ...]) -> list[Block]:
    from annotriage.comparison.reports import figures

    shown = [(k, share) for k, share in enumerate(found[0].reviewed) if round(float(share), 2) in (0.05, 0.1, 0.2, 0.5)]
    below = found[0].below
    rows = [(each.model, *(_percent(each.found[k]) for k, _ in shown)) for each in found]
    rows.append(("a perfect order", *(_percent(found[0].best[k]) for k, _ in shown)))
    rows.append(("chance", *(_percent(found[0].chance[k]) for k, _ in shown)))
    calibration = tuple(
        (
            each.model,
            number_text(each.slope, 2),
            number_text(each.intercept, 2),
            "-" if each.coverage is None else _percent(each.coverage, 1),
            "-"
            if each.coverage_low is None or each.coverage_high is None
            else f"{_percent(each.coverage_low, 1)} to {_percent(each.coverage_high, 1)}",
            number_text(each.width, 3),
        )
        for each in found
    )
    return [
        Heading("Triage"),
        TableBlock(
            "triage",
            f"Of the contentious images (true Dice below {below:g}; {found[0].contentious:,} of "
            f"{counted(found[0].images, 'test images')}, counted in every run that tested them), the share among the "
            f"first of each run's order; mean over runs.",
            ("reviewed first", *(_percent(share) for _, share in shown)),
            tuple(rows),
        ),
        FigureBlock(
            "triage-curve",
            "Share of the contentious images found against share of the images reviewed, mean over runs; the shade is "
            "from the worst to the best run. The dotted line is chance, the dashed one a perfect order.",
            lambda: figures.triage_figure(found),
        ),
        TableBlock(
            "calibration",
            "Calibration. Slope and intercept of the true on the predicted Dice (scipy.stats.linregress; 1 and 0 are "
            "perfect). Coverage of the interval with its 95 % interval (Wilson's, for images: rows of one image count "
            "as as many as they are worth, after Korn and Graubard 1998), and its mean width.",
            ("model", "slope", "intercept", "coverage", "95 % interval", "width"),
            calibration,
        ),
        FigureBlock(
            "calibration-curve",
            "Mean true Dice against mean predicted Dice, in bins of equally many images (left), and coverage of the "
            "interval in the same bins (right). On the dotted lines predictions and intervals are as they should be.",
            lambda: figures.calibration_figure(found),
        ),
    ]


def _percent(share: float, digits: int = 0) -> str:
    return "-" if share != share else f"{100 * share:.{digits}f} %"
