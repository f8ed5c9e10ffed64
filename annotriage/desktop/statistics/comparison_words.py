"""What the figures of the tab Comparison show, in sentences made from the numbers."""

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
        "Each point is a run, lower is better; thin lines join the runs of one split. Over {runs}, {model} has the "
        "lowest mean {metric}, {mean}. Click a run to see its images."
    )
    if runs == 1:
        said = _tr("Each point is a run, lower is better. {model} has the lowest {metric}, {mean}, in this one run.")
    counted = _tr("{count} runs").format(count=count_text(runs))
    return said.format(runs=counted, model=found.models[best], metric=name, mean=number_text(float(means[best])))


def ranks_sentence(analysis: "Analysis") -> str:
    """Say what the critical-difference diagram shows."""
    order = sorted(zip(analysis.mean_ranks, analysis.models, strict=True))
    apart = [pair for pair in analysis.pairs if pair.p_nemenyi is not None and pair.p_nemenyi < LEVEL]
    said = _tr(
        "In each of the {units} the models are ranked, 1 is the lowest error; a model stands at its mean rank. "
        "{best} comes out first ({rank}). Models under one thick bar cannot be told apart. "
    ).format(units=units_text(analysis), best=order[0][1], rank=f"{order[0][0]:.2f}")
    if not apart:
        return said + _tr("Here that is all of them.")
    names = ", ".join(_tr("{first} and {second}").format(first=pair.first, second=pair.second) for pair in apart)
    return said + _tr("Told apart are: {names}.").format(names=names)


def differences_sentence(analysis: "Analysis", metric: str) -> str:
    """Say what the intervals of the differences show."""
    clear = [pair for pair in analysis.pairs if pair.low > 0 or pair.high < 0]
    said = _tr(
        "How much {metric} the first model has more than the second, on average over {units}, with its 95 % interval: "
        "left of 0 the first is better. "
    ).format(metric=metric.upper(), units=units_text(analysis))
    if not clear:
        return said + _tr("All intervals hold 0: which model is better is not settled.")
    if len(clear) == len(analysis.pairs):
        return said + _tr("No interval holds 0.")
    words = _tr("Clear of 0: {names}.")
    return said + words.format(names=", ".join(map(pair_name, clear)))


def rope_sentence(analysis: "Analysis") -> str:
    """Say what the bars of the Bayesian view show."""
    rope = next((pair.bayes.rope for pair in analysis.pairs if pair.bayes), 0.0)
    return _tr(
        "How probable it is, given these {units}, that the first model is better, that the two are practically equal "
        "(they differ by less than {rope}), and that the second is better. Unlike a p-value, this can also say that "
        "two models are as good as each other."
    ).format(units=units_text(analysis), rope=f"{rope:g}")


def needed_sentence(analysis: "Analysis") -> str:
    """Say how many runs would be needed."""
    have = len(analysis.values)
    short = [pair for pair in analysis.pairs if pair.needed is not None and pair.needed > have]
    said = _tr(
        "How many {unit} would show a difference as large as the one that was seen, four times out of five: an "
        "approximation, for normal differences. "
    ).format(unit=_tr("runs") if analysis.unit == "runs" else _tr("images"))
    if not short:
        return said + _tr("There are {count}, which is enough for each pair that differs.").format(count=have)
    return said + _tr("There are {count}: too few for {names}.").format(
        count=have, names=", ".join(map(pair_name, short))
    )


def needed_rows(analysis: "Analysis") -> list[tuple[str, ...]]:
    """Return for each pair the difference, how many are needed, how many there are, and what that means."""
    have = len(analysis.values)
    rows: list[tuple[str, ...]] = []
    for pair in analysis.pairs:
        if pair.needed is None:
            needed, verdict = "–", _tr("no difference to see")
        else:
            needed = count_text(pair.needed)
            verdict = _tr("enough") if pair.needed <= have else _tr("too few")
        rows.append((pair_name(pair), signed(pair.mean_difference), needed, count_text(have), verdict))
    return rows


def signed(value: float) -> str:
    """Write a difference with its sign."""
    return f"{value:+.4f}".replace("-", "−")


def pair_label(pair: "Pair") -> str:
    """Say what the mouse shows of a pair."""
    words = _tr("{name}: {mean} (95 % interval {low} to {high}); Wilcoxon after Holm {p}")
    return words.format(
        name=pair_name(pair), mean=signed(pair.mean_difference), low=signed(pair.low), high=signed(pair.high),
        p=p_text(pair.p_holm),
    )  # fmt: skip
