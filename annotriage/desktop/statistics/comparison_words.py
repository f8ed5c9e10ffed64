"""What the figures of the tab Comparison show, in sentences made from the numbers."""

import math
from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication

from annotriage.comparison.wording import LEVEL, number_text, p_text
from annotriage.desktop.counting import number_text as count_text

if TYPE_CHECKING:
    from annotriage.comparison.results import Analysis, Comparison, Pair


def _tr(text: str) -> str:
    return QCoreApplication.translate("Comparison", text)


def units_text(analysis: "Analysis", count: int | None = None) -> str:
    """Write '10 runs' or '835 images'."""
    count = len(analysis.values) if count is None else count
    words = _tr("{count} runs") if analysis.unit == "runs" else _tr("{count} images")
    return words.format(count=count_text(count))


def pair_name(pair: "Pair") -> str:
    """Write 'resnet18 − vit_b_32'."""
    return f"{pair.first} − {pair.second}"


def runs_sentence(found: "Comparison") -> str:
    """Say what the figure of the runs shows."""
    values = found.raw[found.metric]
    means = values.mean(0)
    best = int(means.argmin())
    name, runs = found.metric.upper(), len(values)
    if len(found.models) == 1:
        words = _tr("Each point is a run of {model}; their mean {metric} is {mean}. Click a run to see its images.")
        return words.format(model=found.models[0], metric=name, mean=number_text(float(means[0])))
    said = _tr(
        "Over {runs}, {model} has the lowest mean {metric}, {mean}; whether by more than chance, the tab Tests says. "
        "Each point is a run, lower is better; thin lines join the runs of one split. Click a run to see its images."
    )
    if runs == 1:
        said = _tr("Each point is a run, lower is better. {model} has the lowest {metric}, {mean}, in this one run.")
    counted = _tr("{count} runs").format(count=count_text(runs))
    words = said.format(runs=counted, model=found.models[best], metric=name, mean=number_text(float(means[best])))
    return words + _no_better_than_a_guess(found)


def _no_better_than_a_guess(found: "Comparison") -> str:
    """Name the models whose mean error is that of a guess which looks at no image, or more; empty: none."""
    guess = baseline(found)
    if guess is None:
        return ""
    means = found.raw[found.metric].mean(0).tolist()
    names = [model for model, mean in zip(found.models, means, strict=True) if round(mean, 3) >= round(guess, 3)]
    if not names:
        return ""
    words = _tr("No better than a guess that looks at no image ({guess}): {names}.")
    return " " + words.format(guess=number_text(guess), names=", ".join(names))


def baseline(found: "Comparison") -> float | None:
    """Return the error of always guessing the mean (MSE) or the median (MAE)."""
    return found.mean_mse if found.metric == "mse" else found.median_mae


def fewest_rows(analysis: "Analysis") -> int:
    """Return from how many runs on Wilcoxon's test can find anything after Holm's correction."""
    return math.floor(math.log2(len(analysis.pairs) / LEVEL)) + 2


def ranks_sentence(analysis: "Analysis") -> str:
    """Say what the critical-difference diagram shows."""
    order = sorted(zip(analysis.mean_ranks, analysis.models, strict=True))
    apart = [pair for pair in analysis.pairs if pair.p_nemenyi is not None and pair.p_nemenyi < LEVEL]
    said = _tr(
        "In each of the {units} the models are ranked, 1 is the lowest error; a model stands at its mean rank. "
        "{best} comes out first ({rank}). A thick bar joins models that are not told apart, which does not "
        "say that they are alike. "
    ).format(units=units_text(analysis), best=order[0][1], rank=f"{order[0][0]:.2f}")
    if not apart:
        return said + _tr("Here that is all of them.")
    names = ", ".join(_tr("{first} and {second}").format(first=pair.first, second=pair.second) for pair in apart)
    return said + _tr("Told apart are: {names}.").format(names=names)


def differences_sentence(analysis: "Analysis", metric: str) -> str:
    """Say what the intervals of the differences show."""
    clear = [pair for pair in analysis.pairs if pair.low > 0 or pair.high < 0]
    said = _tr(
        "Left of 0 the first model is better, right of it the second: their mean difference in {metric} over {units}, "
        "with its 95 % interval, each pair by itself. "
    ).format(metric=metric.upper(), units=units_text(analysis))
    if not clear:
        return said + _tr("All intervals hold 0: which model is better is not settled.")
    if len(clear) == len(analysis.pairs):
        words = _tr("No interval holds 0.")
    else:
        words = _tr("Clear of 0: {names}.").format(names=", ".join(map(pair_name, clear)))
    if analysis.unit == "runs":
        words += " " + _tr("As runs share images, intervals that allow for it are wider: see the note above.")
    return said + words


def rope_sentence(analysis: "Analysis") -> str:
    """Say what the bars of the Bayesian view show."""
    rope = next((pair.bayes.rope for pair in analysis.pairs if pair.bayes), 0.0)
    return _tr(
        "How probable it is, given these {units}, that the first model is better, that the two are practically equal "
        "(they differ by less than {rope}), and that the second is better. Unlike a p-value, this can also say that "
        "two models are as good as each other."
    ).format(units=units_text(analysis), rope=f"{rope:g}")


def effects_caption(analysis: "Analysis") -> str:
    """Say what the table of effect sizes holds."""
    method = next((pair.bayes.method for pair in analysis.pairs if pair.bayes), "")
    return _tr(
        "P: the probabilities of the figure ({method}; Benavoli et al. 2017). Sizes of the difference from −1 (the "
        "first always better) to 1: rank-biserial {unit} by {unit}, Cliff’s delta without that pairing."
    ).format(method=method, unit=_tr("run") if analysis.unit == "runs" else _tr("image"))


def effect_rows(analysis: "Analysis") -> tuple[list[str], list[list[str]]]:
    """Return titles and rows: probabilities and effect sizes of each pair."""
    columns = [
        _tr("pair"), _tr("P(first)"), _tr("P(equal)"), _tr("P(second)"), _tr("rank-biserial"),
        _tr("Cliff’s delta"),
    ]  # fmt: skip
    rows = []
    for pair in analysis.pairs:
        each = pair.bayes
        shares = ["–"] * 3 if each is None else [f"{share:.3f}" for share in (each.first, each.equal, each.second)]
        rows.append([pair_name(pair), *shares, signed(pair.rank_biserial, 2), signed(pair.cliffs_delta, 2)])
    return columns, rows


def needed_sentence(analysis: "Analysis") -> str:
    """Say how many runs would be needed."""
    have, fewest = len(analysis.values), fewest_rows(analysis)
    short = [pair for pair in analysis.pairs if pair.needed is not None and max(pair.needed, fewest) > have]
    said = _tr(
        "How many {unit} would show a difference as large as the one that was seen, four times out of five, if it is "
        "the true one: an approximation, for normal and independent differences of one pair alone. "
    ).format(unit=_tr("runs") if analysis.unit == "runs" else _tr("images"))
    if analysis.unit == "runs":
        said += _tr("With fewer than {fewest}, the tests here can find nothing. ").format(fewest=fewest)
    if not short:
        return said + _tr("There are {count}, which is enough for each pair that differs.").format(count=have)
    return said + _tr("There are {count}: too few for {names}.").format(
        count=have, names=", ".join(map(pair_name, short))
    )


def needed_rows(analysis: "Analysis") -> list[tuple[str, ...]]:
    """Return for each pair the difference, how many are needed, how many there are, and what that means."""
    have, fewest = len(analysis.values), fewest_rows(analysis)
    rows: list[tuple[str, ...]] = []
    for pair in analysis.pairs:
        if pair.needed is None:
            needed, verdict = "–", _tr("no difference to see")
        else:
            enough = max(pair.needed, fewest)
            needed = count_text(enough)
            verdict = _tr("enough") if enough <= have else _tr("too few")
        rows.append((pair_name(pair), signed(pair.mean_difference), needed, count_text(have), verdict))
    return rows


def signed(value: float, digits: int = 4) -> str:
    """Write a difference with its sign."""
    return f"{value:+.{digits}f}".replace("-", "−")


def pair_label(pair: "Pair") -> str:
    """Say what the mouse shows of a pair."""
    words = _tr("{name}: {mean} (95 % interval {low} to {high}); Wilcoxon after Holm {p}")
    return words.format(
        name=pair_name(pair), mean=signed(pair.mean_difference), low=signed(pair.low), high=signed(pair.high),
        p=p_text(pair.p_holm),
    )  # fmt: skip
