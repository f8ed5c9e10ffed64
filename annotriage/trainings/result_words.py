"""What the figures of a result show, in sentences, and the numbers behind them."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from annotriage.measures.intervals import inside, interval_images, share_interval, too_few_sentence
from annotriage.measures.thresholds import CONTENTIOUS_BELOW
from annotriage.measures.triage import share_found
from annotriage.trainings.results import cross_validated
from annotriage.wording import images_text, number_text, share_text

if TYPE_CHECKING:
    from annotriage.comparison.results import TriageQuality
    from annotriage.comparison.run_types import ImageErrors
    from annotriage.trainings.reference_model import ReferenceComparison
    from annotriage.trainings.results import FinishedRun, Results

Floats = NDArray[np.float64]
_BINS = 5
_FEWEST_IN_BIN = 8


@dataclass(frozen=True, slots=True, eq=False)
class Coverage:
    """How often the intervals hold what people really agreed on.

    Attributes
    ----------
    names : list of str
        All images first, then by what was predicted.
    shares, lows, highs : ndarray
        Share of the images inside, with its 95 % Wilson interval.
    counts : list of int
        Images of each.
    level : float
        What was meant.
    width : float
        Mean width of the intervals.
    """

    names: list[str]
    shares: Floats
    lows: Floats
    highs: Floats
    counts: list[int]
    level: float
    width: float


def coverage_of(images: "ImageErrors", level: float) -> Coverage | None:
    """Count in how many images the true Dice lies inside; None: the run has no intervals."""
    if not (np.isfinite(images.lower).all() and np.isfinite(images.upper).all()):
        return None
    held = inside(images.dice, images.lower, images.upper)
    count = int(np.clip(len(held) // _FEWEST_IN_BIN, 1, _BINS))
    bins = np.array_split(np.argsort(images.predicted, kind="stable"), count) if count > 1 else []
    names = [f"all {images_text(len(held))}"]
    rows = [np.arange(len(held)), *bins]
    for each in bins:
        said = np.clip(images.predicted[each], 0, 1)
        names.append(f"predicted {said.min():.2f} to {said.max():.2f}")
    ends = np.array([share_interval(held[each]) for each in rows])
    return Coverage(
        names=names,
        shares=np.array([held[each].mean() for each in rows]),
        lows=ends[:, 0],
        highs=ends[:, 1],
        counts=[len(each) for each in rows],
        level=level,
        width=float((images.upper - images.lower).mean()),
    )


def worse_words(run: "FinishedRun", found: "ReferenceComparison | None") -> str:
    """Say why a model should not become the one in use; empty: nothing known speaks against it.

    Parameters
    ----------
    run : FinishedRun
    found : ReferenceComparison or None
        Its comparison with another model on the same images; None: not made (yet).
    """
    own = run.run.mae
    if found is not None and own > found.mae:
        words = "On the test images it is farther off than {other}: a mean error of {own} against {theirs}."
        return words.format(other=found.words, own=f"{own:.3f}", theirs=f"{found.mae:.3f}")
    guess = float(run.images.baseline("mae").mean())
    if own >= guess:
        words = "On the test images it is no nearer than a guess: a mean error of {own} against {guess}."
        return words.format(own=f"{own:.3f}", guess=f"{guess:.3f}")
    return ""


def coverage_sentence(found: Coverage | None) -> str:
    """Say how far the intervals can be believed."""
    if found is None:
        return "This run has no intervals."
    share, low, high = float(found.shares[0]), float(found.lows[0]), float(found.highs[0])
    words = (
        f"Of the test images ({found.counts[0]:,}), {share_text(share)} lie inside the predicted interval (95 "
        f"% interval: {share_text(low)} to {share_text(high)}); it is meant to hold {share_text(found.level)}."
    )
    if high < found.level:
        words += " That is too few: take the intervals for too narrow."
    elif low > found.level:
        words += " That is more than meant: the intervals are wider than they need be."
    else:
        words += " The two fit each other."
    return words + f" On average it is {found.width:.2f} wide."


def scatter_sentence(images: "ImageErrors") -> str:
    """Say how prediction and truth go together."""
    from scipy import stats

    close = float((images.absolute <= 0.1).mean())
    words = "Each point is a test image; on the line the prediction is right. {close} are off by 0.10 or less."
    words = words.format(close=share_text(close))
    if len(images.dice) > 2 and np.ptp(images.dice) > 0 and np.ptp(images.predicted) > 0:
        rank = float(stats.spearmanr(images.predicted, images.dice).statistic)
        words += f" Spearman's rank correlation: {rank:.2f} (a guess: 0, perfect: 1)."
    else:
        words += " It predicts nearly the same for all images."
    return words


def errors_sentence(images: "ImageErrors") -> str:
    """Say which way it errs, and where."""
    errors = np.clip(images.predicted, 0, 1) - images.dice
    bias, spread = float(errors.mean()), float(errors.std(ddof=1)) if len(errors) > 1 else 0.0
    sure = 1.96 * spread / np.sqrt(len(errors))
    words = "Above 0, people agree less than predicted. "
    if abs(bias) <= sure:
        words += f"On average it errs neither way by more than chance ({bias:+.3f})."
    elif bias > 0:
        words += f"On average it predicts {bias:.3f} too much agreement."
    else:
        words += f"On average it predicts {-bias:.3f} too little agreement."
    largest = int(np.argmax(np.abs(errors)))
    return words + " " + f"The largest error is {abs(float(errors[largest])):.2f}, in {images.names[largest]}."


def triage_sentence(found: "TriageQuality", other: tuple[str, Floats] | None) -> str:
    """Say what reviewing the first fifth of the ranking finds.

    Parameters
    ----------
    found : TriageQuality
    other : tuple or None
        What the other model is called, and the share that it finds at each step.
    """
    if not found.contentious:
        return f"No test image is contentious (people's Dice below {found.below:g}): nothing can be said of triage."
    at = int(np.argmin(np.abs(found.reviewed - 0.2)))
    words = (
        f"Who looks at the 20 % that the model ranks first finds {share_text(float(found.found[at]))} of the "
        f"contentious images (people's Dice below {found.below:g}: {found.contentious}); by chance it would "
        f"be 20 %, with a perfect ranking {share_text(float(found.best[at]))}."
    )
    if other is not None:
        words += f" With {other[0]} it is {share_text(float(other[1][at]))}."
    if found.contentious < 20:
        words += " There are so few of them that one image more or less moves the curve."
    return words


def contentious_found(
    run: "FinishedRun", other: "ReferenceComparison | None"
) -> "tuple[TriageQuality, tuple[str, Floats] | None]":
    """Return what reviewing the first of a run's ranking finds, and what the other model's finds, with its name."""
    from annotriage.comparison.triage_quality import triage_quality

    images = run.images
    found = triage_quality(run.run.model, [images], CONTENTIOUS_BELOW)
    if other is None or not found.contentious:
        return found, None
    there = ~np.isnan(other.predicted)
    share = share_found(images.dice[there], other.predicted[there], CONTENTIOUS_BELOW, found.reviewed)
    return found, None if np.isnan(share).any() else (other.words, share)


def intervals_sentence(run: "FinishedRun", found: Coverage | None, level: float) -> str:
    """Say how far a run's intervals can be believed, and whether they rest on too few images."""
    said = coverage_sentence(found)
    few = "" if found is None else too_few_sentence(interval_images(run.split, run.recipe), level)
    return f"{said} {few}".rstrip()


FIGURES = ("Predicted and true", "Errors", "How often the interval holds", "Contentious images found")


def figure_sentences(run: "FinishedRun", level: float, other: "ReferenceComparison | None") -> list[tuple[str, str]]:
    """Return what each of the `FIGURES` of a result shows, behind its title."""
    found, theirs = contentious_found(run, other)
    sentences = (
        scatter_sentence(run.images),
        errors_sentence(run.images),
        intervals_sentence(run, coverage_of(run.images, level), level),
        triage_sentence(found, theirs),
    )
    return list(zip(FIGURES, sentences, strict=True))


def runs_notes(results: "Results") -> list[str]:
    """Say what is not seen in any single run: cross-validations, and what is not finished."""
    lines = [
        f"{model}, cross-validated: {images_text(count)}, each tested once, mean error {off:.3f} "
        f"(a guess: {guess:.3f})."
        for model, count, off, guess in cross_validated(results)
    ]
    if results.unfinished > 1:
        lines.append(f"{number_text(results.unfinished)} of the planned runs are not finished.")
    elif results.unfinished:
        lines.append("One of the planned runs is not finished.")
    return lines
