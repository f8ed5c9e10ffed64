"""What the figures of the tab Comparison show, in sentences made from the numbers."""

from typing import TYPE_CHECKING

from annotriage.comparison.against_guess import guess_sentence
from annotriage.comparison.analysis import fewest_rows
from annotriage.comparison.wording import LEVEL, number_text, p_text
from annotriage.wording import number_text as count_text

if TYPE_CHECKING:
    from annotriage.comparison.results import Analysis, Comparison, Pair


def units_text(analysis: "Analysis", count: int | None = None) -> str:
    """Write '10 runs' or '835 images'."""
    count = len(analysis.values) if count is None else count
    return counted(count, analysis.unit)


def counted(count: int, unit: str) -> str:
    """Write '10 runs', '1 fold' or '835 images'."""
    one, several = {
        "runs": ("1 run", "{count} runs"),
        "folds": ("1 fold", "{count} folds"),
        "images": ("1 image", "{count} images"),
    }[unit]
    return one if count == 1 else several.format(count=count_text(count))


def one_of(unit: str) -> str:
    """Write 'run', 'fold' or 'image'."""
    return {"runs": "run", "folds": "fold", "images": "image"}[unit]


def several_of(unit: str) -> str:
    """Write 'runs', 'folds' or 'images'."""
    return {"runs": "runs", "folds": "folds", "images": "images"}[unit]


def pair_name(pair: "Pair") -> str:
    """Write 'resnet18 − vit_b_32'."""
    return f"{pair.first} − {pair.second}"


def runs_sentence(found: "Comparison") -> str:
    """Say what the figure of the runs shows."""
    values = found.raw[found.metric]
    means = values.mean(0)
    best = int(means.argmin())
    name, runs, one = found.metric.upper(), len(values), one_of(found.unit)
    if len(found.models) == 1:
        words = (
            f"Each point is a {one} of {found.models[0]}; their mean {name} is "
            f"{number_text(float(means[0]))}. Click one to see its images."
        )
        return words + no_better_than_a_guess(found)
    said = (
        "Over {runs}, {model} has the lowest mean {metric}, {mean}; whether by more than chance, the tab Tests says. "
        "Each point is a {one}, lower is better; thin lines join those of one split. Click a {one} to see its images."
    )
    if found.over_runs is None and runs > 1:
        said = (
            "Over {runs}, {model} has the lowest mean {metric}, {mean}; so few cannot say whether by more than chance. "
            "Each point is a {one}, lower is better; thin lines join those of one split. Click a {one} to see its "
            "images."
        )
    if runs == 1:
        said = "Each point is a {one}, lower is better. {model} has the lowest {metric}, {mean}, in this one {one}."
    words = said.format(
        runs=counted(runs, found.unit), one=one, model=found.models[best], metric=name,
        mean=number_text(float(means[best])),
    )  # fmt: skip
    return words + no_better_than_a_guess(found)


def no_better_than_a_guess(found: "Comparison") -> str:
    """Name the models that are not shown to be better than a guess which looks at no image; empty: none.

    Where nothing can be tested, those whose error is no lower than the guess's.
    """
    if found.against_guess:
        said = guess_sentence(found.against_guess)
        return said and " " + said.replace("(-", "(−")
    guess = baseline(found)
    if guess is None:
        return ""
    means = found.raw[found.metric].mean(0).tolist()
    names = [model for model, mean in zip(found.models, means, strict=True) if mean >= guess]
    if not names:
        return ""
    words = "No better than a guess that looks at no image ({guess}): {names}."
    return " " + words.format(guess=number_text(guess), names=", ".join(names))


def baseline(found: "Comparison") -> float | None:
    """Return the error of always guessing the mean (MSE) or the median (MAE)."""
    return found.mean_mse if found.metric == "mse" else found.median_mae


def ranks_sentence(analysis: "Analysis") -> str:
    """Say what the critical-difference diagram shows."""
    order = sorted(zip(analysis.mean_ranks, analysis.models, strict=True))
    apart = [pair for pair in analysis.pairs if pair.p_nemenyi is not None and pair.p_nemenyi < LEVEL]
    said = (
        f"In each of the {units_text(analysis)} the models are ranked, 1 is the lowest error; a model "
        f"stands at its mean rank. {order[0][1]} comes out first ({order[0][0]:.2f}). A thick bar joins "
        "models that are not told apart, which does not say that they are alike. "
    )
    if not apart:
        return said + "Here that is all of them."
    names = ", ".join(f"{pair.first} and {pair.second}" for pair in apart)
    return said + f"Told apart are: {names}."


def differences_sentence(analysis: "Analysis", metric: str) -> str:
    """Say what the intervals of the differences show."""
    clear = [pair for pair in analysis.pairs if pair.low > 0 or pair.high < 0]
    said = (
        f"Left of 0 the first model is better, right of it the second: their mean difference in "
        f"{metric.upper()} over {units_text(analysis)}, with its 95 % interval, each pair by itself. "
    )
    if pairs_allow_for_sharing(analysis):
        said += f"The intervals allow for the images that {several_of(analysis.unit)} share. "
    if not clear:
        return said + "All intervals hold 0: which model is better is not settled."
    if len(clear) == len(analysis.pairs):
        words = "No interval holds 0."
    else:
        words = f"Clear of 0: {', '.join(map(pair_name, clear))}."
    unsure = [pair for pair in clear if corrected_p(pair) >= LEVEL]
    if unsure and len(analysis.pairs) == 1:
        words += (
            " "
            + f"By the ranks of its {several_of(analysis.unit)} it is not certain ({p_text(corrected_p(unsure[0]))})."
        )
    elif unsure:
        words += " As several pairs are tested, not certain of these: {names}.".format(
            names=", ".join(f"{pair_name(pair)} ({p_text(corrected_p(pair))})" for pair in unsure)
        )
    return said + words


def pairs_allow_for_sharing(analysis: "Analysis") -> bool:
    """Whether intervals allow for the images that runs share."""
    return analysis.pairs[0].p_corrected is not None


def corrected_p(pair: "Pair") -> float:
    """Return the p to go by: of the mean where shared images are allowed for, else Wilcoxon's; after Holm."""
    return pair.p_holm if pair.p_corrected is None else pair.p_corrected


def rope_sentence(analysis: "Analysis") -> str:
    """Say what the bars of the Bayesian view show."""
    return (
        f"How probable it is, given these {units_text(analysis)}, that the first model is better in the "
        "mean, that the two are practically equal (their means differ by less than "
        f"{analysis.pairs[0].bayes.rope:g}), and that the second is better. Unlike a p-value, this can also "
        "say that two models are as good as each other."
    )


def effects_caption(analysis: "Analysis") -> str:
    """Say what the table of effect sizes holds."""
    return (
        "P: the probabilities of the figure ({method}; Corani and Benavoli 2015). Sizes of the difference from −1 (the "
        "first always better) to 1: rank-biserial {unit} by {unit}, Cliff’s delta without that pairing."
    ).format(method=analysis.pairs[0].bayes.method, unit=one_of(analysis.unit))


def effect_rows(analysis: "Analysis") -> tuple[list[str], list[list[str]]]:
    """Return titles and rows: probabilities and effect sizes of each pair."""
    columns = [
        "pair", "P(first)", "P(equal)", "P(second)", "rank-biserial",
        "Cliff’s delta",
    ]  # fmt: skip
    rows = []
    for pair in analysis.pairs:
        shares = [f"{share:.3f}" for share in (pair.bayes.first, pair.bayes.equal, pair.bayes.second)]
        rows.append([pair_name(pair), *shares, signed(pair.rank_biserial, 2), signed(pair.cliffs_delta, 2)])
    return columns, rows


def needed_sentence(analysis: "Analysis") -> str:
    """Say how many runs would be needed."""
    have, unit = len(analysis.values), several_of(analysis.unit)
    short = [pair for pair in analysis.pairs if not _enough(pair, have) and not _nothing_to_see(pair)]
    said = (
        f"How many {unit} would show a mean difference as large as the one that was seen, four times out of five, if "
        "it is the true one: an approximation, for normal differences of one pair alone. With fewer than "
        f"{fewest_rows(len(analysis.pairs))}, the tests by rank can find nothing. "
    )
    if pairs_allow_for_sharing(analysis):
        said += (
            f"As {unit} share their images, more of them tell less and less: where ‘no number of {unit}’ stands, only "
            "more images would show it. "
        )
    if not short:
        return said + f"There are {have}, which is enough for each pair that differs."
    return said + f"There are {have}: too few for {', '.join(map(pair_name, short))}."


def _nothing_to_see(pair: "Pair") -> bool:
    return pair.needed is None and "no number" not in pair.needed_text


def _enough(pair: "Pair", have: int) -> bool:
    return pair.needed is not None and pair.needed <= have


def needed_rows(analysis: "Analysis") -> list[tuple[str, ...]]:
    """Return for each pair the difference, how many are needed, how many there are, and what that means."""
    have = len(analysis.values)
    rows: list[tuple[str, ...]] = []
    for pair in analysis.pairs:
        verdict = "enough" if _enough(pair, have) else "too few"
        if _nothing_to_see(pair):
            verdict = "–"
        elif pair.needed is None:
            verdict = "more images would be"
        rows.append((pair_name(pair), signed(pair.mean_difference), pair.needed_text, count_text(have), verdict))
    return rows


def signed(value: float, digits: int = 4) -> str:
    """Write a difference with its sign."""
    return f"{value:+.{digits}f}".replace("-", "−")


def pair_label(pair: "Pair") -> str:
    """Say what the mouse shows of a pair."""
    words = "{name}: {mean} (95 % interval {low} to {high}); after Holm {p}"
    return words.format(
        name=pair_name(pair), mean=signed(pair.mean_difference), low=signed(pair.low), high=signed(pair.high),
        p=p_text(corrected_p(pair)),
    )  # fmt: skip
