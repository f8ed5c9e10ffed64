"""The tests between models, each in two sentences for people who are no statisticians."""

from typing import TYPE_CHECKING

from annotriage.comparison.against_guess import guess_sentence
from annotriage.comparison.analysis import fewest_rows
from annotriage.comparison.explained import tests_checks as checks
from annotriage.comparison.explained.comparison_words import one_of, pair_name, several_of
from annotriage.comparison.explained.explained import Explained
from annotriage.comparison.paper import TABLE_3
from annotriage.comparison.wording import LEVEL, number_text, p_cell, p_text
from annotriage.names import counted

if TYPE_CHECKING:
    from annotriage.comparison.explained.evidence import Evidence
    from annotriage.comparison.results import Analysis, Comparison, Pair, Test


def _numbers(test: "Test", letter: str) -> str:
    return f"{test.reading} {letter} = {test.statistic:.4g}, n = {test.n:,}."


def published_test(evidence: "Evidence") -> Explained:
    """Explain Kruskal-Wallis on z-scored runs, as the paper has it."""
    found = evidence.found
    test = found.published
    assert test is not None and found.over_runs is not None
    says = _numbers(test, "H")
    if evidence.paper:
        theirs = TABLE_3[found.metric]
        says += f" The paper has H = {theirs.statistic}, p = {theirs.p}."
    made = (
        checks.values_are_independent(found.over_runs, test.name),
        checks.difference_left(found.raw[found.metric], found.standardised[found.metric], test.name),
    )
    return Explained(
        title="Kruskal-Wallis on z-scored runs",
        asks=("Each model’s runs are first shifted to a mean of 0 and stretched to a spread of 1; then it asks whether "
            "the values of some model tend to be higher than those of the others. A p below 0.05 would be a sign of "
            "that; but models that were all shifted to 0 can hardly differ."),
        says=says, caution=test.caution, checks=made, method=test.method,
    )  # fmt: skip


def kruskal_test(analysis: "Analysis") -> Explained:
    """Explain Kruskal-Wallis on the values as they are."""
    test = analysis.kruskal
    made = (checks.values_are_independent(analysis, test.name), checks.alike_spread(analysis, test.name))
    return Explained(
        title=f"Kruskal-Wallis on {several_of(analysis.unit)} as they are",
        asks=("It puts the errors of all models into one order, from the smallest to the largest, and asks whether "
            "some model’s stand higher in it than those of the others. A p below 0.05 is taken as a sign "
            "that some model’s do; a larger one is no proof that they do not."),
        says=_numbers(test, "H"), caution=test.caution, checks=made, method=test.method,
    )  # fmt: skip


def friedman_test(analysis: "Analysis", evidence: "Evidence") -> Explained:
    """Explain Friedman's test."""
    test = analysis.friedman
    assert test is not None
    made = (
        checks.rows_are_independent(analysis, evidence.runs, test.name), checks.enough_rows(analysis, test.name)
    )  # fmt: skip
    within = f"each {one_of(analysis.unit)}"
    says = _numbers(test, "χ²") + (
        f" Kendall’s W = {number_text(analysis.kendalls_w, 2)}: 0 is no common order of the models, 1 the "
        "same order every time."
    )
    return Explained(
        title="Friedman",
        asks=(f"Within {within}, where all models were tested on the same images, it ranks them from the best to the "
            "worst, and asks whether some model ranks better more often than chance would have it. A p below 0.05 is "
            "taken as a sign that the models differ; which of them, the tests of two models say."),
        says=says, checks=made, method=test.method,
    )  # fmt: skip


def wilcoxon_test(analysis: "Analysis", evidence: "Evidence") -> Explained:
    """Explain Wilcoxon's test of each pair, with Holm's correction."""
    pairs = analysis.pairs
    test = pairs[0].wilcoxon
    apart = [pair for pair in pairs if pair.p_holm < LEVEL]
    if apart:
        named = "; ".join(f"{pair_name(pair)} ({p_text(pair.p_holm)})" for pair in apart)
        says = f"After the correction these differ: {named}."
    else:
        says = "After the correction no two models are seen to differ."
    made = (
        checks.rows_are_independent(analysis, evidence.runs, test.name),
        checks.lean_to_no_side(pairs, analysis, test.name),
    )
    row = "{one} by {one}".format(one=one_of(analysis.unit))
    return Explained(
        title="Wilcoxon signed-rank, corrected after Holm",
        asks=(
            f"For two models it looks at the difference of their errors {row}, and asks whether it leans to one side. "
            "As several pairs are tested, Holm’s correction raises each p, so that chance alone finds a difference "
            "anywhere in at most 1 of 20 such tables."
        ),
        says=says,
        caution=few_rows(analysis),
        checks=made,
        method=f"{test.method}, corrected after Holm (1979)",
    )


def few_rows(analysis: "Analysis") -> str:
    """Say where no p of Wilcoxon could be small enough, however much the models differ."""
    n, pairs = len(analysis.values), len(analysis.pairs)
    if n >= fewest_rows(pairs):
        return ""
    smallest = 2.0 ** (1 - n) * pairs
    return (
        f"With {n} {analysis.unit} the smallest p that this test can give is {min(smallest, 1.0):.3f} after "
        "the correction: it cannot find anything, however far the models lie apart. Train more of them."
    )


def nemenyi_words(analysis: "Analysis") -> str:
    """Explain Nemenyi's test, which follows Friedman's."""
    return (
        "Nemenyi’s test follows Friedman’s: it compares the mean ranks of every two models, and asks for more where "
        "there are more pairs. Where p is below 0.05 (mean ranks further apart than "
        f"{number_text(analysis.critical_difference, 2)}), the two are said to differ; a larger p does not "
        "say that they are alike (scikit_posthocs)."
    )


def nemenyi_rows(analysis: "Analysis") -> tuple[list[str], list[list[str]]]:
    """Return titles and rows of the p-values of each two models."""
    assert analysis.nemenyi is not None
    rows = [
        [model, *("–" if i == j else p_cell(float(p)) for j, p in enumerate(line))]
        for i, (model, line) in enumerate(zip(analysis.models, analysis.nemenyi, strict=True))
    ]
    return ["p", *analysis.models], rows


def wilcoxon_rows(analysis: "Analysis") -> tuple[list[str], list[list[str]]]:
    """Return titles and rows: each pair's test, and whether a t-test could have been used."""
    columns = [
        "pair", "W", "p", "p, Holm", "rank-biserial", "differs", "Shapiro-Wilk p",
        "differences normal",
    ]  # fmt: skip
    corrected = analysis.pairs[0].p_corrected is not None
    if corrected:
        columns.append("p, corrected")
    rows: list[list[str]] = []
    for pair in analysis.pairs:
        normal = pair.shapiro
        rows.append(
            [
                pair_name(pair), f"{pair.wilcoxon.statistic:g}", p_cell(pair.wilcoxon.p), p_cell(pair.p_holm),
                f"{pair.rank_biserial:+.2f}".replace("-", "−"),
                "yes" if pair.p_holm < LEVEL else "not seen",
                "–" if normal is None else p_cell(normal.p),
                "–" if normal is None else "no" if normal.p < LEVEL else "not ruled out",
                *([p_cell(pair.p_corrected)] if corrected else []),
            ]
        )  # fmt: skip
    return columns, rows


def in_short(found: "Comparison") -> str:
    """Say in a few sentences what all the tests come to."""
    said = [_short(analysis) for analysis in (found.over_runs, found.over_images) if analysis is not None]
    guessed = guess_sentence(found.against_guess)
    if found.against_guess and not guessed:
        guessed = "All models are better than a guess that looks at no image."
        if len(found.models) == 1:
            guessed = f"{found.models[0]} is better than a guess that looks at no image."
    return " ".join([*said, *([guessed] if guessed else [])])


def _short(analysis: "Analysis") -> str:
    what = f"Over {several_of(analysis.unit)}"
    apart = [pair for pair in analysis.pairs if pair.p_holm < LEVEL]
    if apart:
        better = ", ".join(_better(pair) for pair in apart)
        return f"{what}, {better}.{_that_remain(apart)}"
    if not few_rows(analysis):
        return f"{what}, no two models are seen to differ; that they are alike is not shown by that."
    words = (
        f"{what}, {counted(len(analysis.values), analysis.unit)} are too few for the tests of two models by rank "
        "to find anything."
    )
    if analysis.friedman is not None and analysis.friedman.p < LEVEL:
        words += f" That not all models are alike is seen (Friedman, {p_text(analysis.friedman.p)})."
    return words


def _better(pair: "Pair") -> str:
    first = pair.rank_biserial < 0
    return f"{pair.first if first else pair.second} is better than {pair.second if first else pair.first}"


def _that_remain(apart: "list[Pair]") -> str:
    """Say which differences are still seen once the images that runs share are allowed for."""
    if apart[0].p_corrected is None:
        return ""
    rest = [pair for pair in apart if pair.p_corrected is not None and pair.p_corrected < LEVEL]
    if len(rest) == len(apart):
        return " This holds also when the images that runs share are allowed for."
    if not rest:
        return " Once the images that runs share are allowed for, none of it is certain."
    return f" Once the images that runs share are allowed for, of this remains: {', '.join(map(_better, rest))}."


def check_ahead(evidence: "Evidence") -> None:
    """Check in this thread what tests take for granted, so that the window's need not."""
    if evidence.found.published is not None:
        published_test(evidence)
    for analysis in (evidence.found.over_runs, evidence.found.over_images):
        if analysis is not None:
            kruskal_test(analysis)
            wilcoxon_test(analysis, evidence)
