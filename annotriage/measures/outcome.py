"""Whether a triage found what people turned out to disagree about, of those images that two or more have drawn.

Who sends the first of a ranking to a second reader measures mostly these. So the first and the rest are estimated
apart, each from its own measured images, and then put together: what was measured in one says nothing about the other.
Within each, the measured images are taken for a random choice, which the document says. Where chance chose some of the
rest to be drawn twice (a control sample), these alone stand for those of the rest that nobody measured: what else is
measured there was drawn twice for a reason.

Estimates of how many are contentious have 95 % intervals: of the images that are not measured, so many as a
beta-binomial with Jeffreys' prior gives (Brown, Cai, DasGupta 2001, Statistical Science 16(2)), drawn 20,000 times.
Errors are bootstrapped within each part, and their intervals widened where images are few.
Whether predictions are off is asked in three ways (error, lean, intervals): of these a sentence warns only where the
wider interval of all three together (Bonferroni) leaves no doubt.
"""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from annotriage.measures.coverage_alarm import CoverageAlarm
from annotriage.measures.intervals import inside, share_interval
from annotriage.measures.thresholds import CONTENTIOUS_BELOW, INTERVAL_LEVEL

FEWEST = 5
"""Measured images of a part, below which nothing is estimated from them."""
DRAWS = 20_000
_RESAMPLES, _AT_ONCE = 2000, 100
"""Of a bootstrap; so many at once, so that memory stays bounded."""
_LEVEL = 0.95
_QUESTIONS = 3
_JOINT = 1 - (1 - _LEVEL) / _QUESTIONS


@dataclass(frozen=True, slots=True)
class Estimate:
    """A value with its 95 % interval.

    Attributes
    ----------
    value, low, high : float
    surely_low, surely_high : float
        The interval that holds it together with those of the other questions; NaN: it is none of them.
    """

    value: float
    low: float
    high: float
    surely_low: float = float("nan")
    surely_high: float = float("nan")


@dataclass(frozen=True, slots=True)
class Part:
    """One part of the images: the first of the ranking, or the rest.

    Attributes
    ----------
    images : int
        All of them.
    measured : int
        Those that two or more people drew.
    contentious : int
        Those of the measured that people drew apart.
    sample, sample_contentious : int or None
        The same of the measured ones that chance chose, which stand for all that are not measured; None: all measured
        ones do.
    """

    images: int
    measured: int
    contentious: int
    sample: int | None = None
    sample_contentious: int | None = None

    @property
    def standing(self) -> tuple[int, int]:
        """How many measured images stand for those that are not, and how many of them are contentious."""
        if self.sample is None or self.sample_contentious is None:
            return self.measured, self.contentious
        return self.sample, self.sample_contentious

    @property
    def is_known(self) -> bool:
        """Whether enough is measured to say something of all of them."""
        return self.standing[0] >= FEWEST or self.measured >= self.images


@dataclass(frozen=True, slots=True)
class TriageOutcome:
    """What came of a triage.

    Attributes
    ----------
    below : float
        Images whose measured Dice is below this are contentious.
    front, rest : Part
        The most contentious by prediction, and the others.
    found : Estimate or None
        Share 0..1 of all contentious images that stand in front; None: too little is measured.
    chance : Estimate or None
        The same for a random choice of as many images: the share that they are, and between which ends 95 % of such
        choices lie.
    missed : Estimate or None
        Contentious images in the rest that no second person has drawn.
    error : Estimate or None
        Mean absolute error of the predicted Dice: of all images where both parts are known (weighted by how many images
        each has), else of the measured ones.
    error_is_of_all : bool
    bias : Estimate or None
        Mean of predicted minus measured Dice, as `error`.
    held : int
        Measured images whose Dice lies within the predicted interval.
    held_of : int
        Measured images with an interval.
    held_share : Estimate or None
        The share, with Wilson's interval.
    outlines_saved : int
        Images that no second person has drawn.
    hours_saved : Estimate or None
        Hours that second outlines of these would have taken; None: how long an outline takes is not known.
    timed : int
        Outlines whose time is known.
    card_error : float or None
        The mean absolute error that the model's card states.
    level : float
        The share of images whose Dice the interval is meant to hold.
    fitted : int
        Measured images that predictions were calibrated on: they say nothing of errors and intervals, and are left out
        of these.
    alarm : CoverageAlarm or None
        Whether intervals are left more often than they may be; None: it was not asked.
    learned_from : int
        Measured images that the model learned from, as far as its card tells.
    predicted_for : str
        For whom was predicted, in words; empty: the model does not tell.
    """

    below: float
    front: Part
    rest: Part
    found: Estimate | None
    chance: Estimate | None
    missed: Estimate | None
    error: Estimate | None
    error_is_of_all: bool
    bias: Estimate | None
    held: int
    held_of: int
    held_share: Estimate | None
    outlines_saved: int
    hours_saved: Estimate | None
    timed: int
    card_error: float | None
    level: float
    fitted: int = 0
    alarm: CoverageAlarm | None = None
    learned_from: int = 0
    predicted_for: str = ""


def triage_outcome(
    predicted: NDArray[np.floating],
    lower: NDArray[np.floating],
    upper: NDArray[np.floating],
    measured: NDArray[np.floating],
    in_front: NDArray[np.bool_],
    *,
    control: NDArray[np.bool_] | None = None,
    seconds: NDArray[np.floating] | None = None,
    below: float = CONTENTIOUS_BELOW,
    card_error: float | None = None,
    level: float = INTERVAL_LEVEL,
    fitted: NDArray[np.bool_] | None = None,
    alarm: CoverageAlarm | None = None,
    seed: int = 0,
) -> TriageOutcome:
    """Compare what was predicted of N images with what was measured of some of them.

    Parameters
    ----------
    predicted : (N,) array
        Predicted Dice, 0..1.
    lower, upper : (N,) array
        Its interval; NaN: none.
    measured : (N,) array
        Mean Dice of the people who drew the image; NaN: fewer than two did.
    in_front : (N,) array of bool
        The images that the ranking has in front.
    control : (N,) array of bool or None
        The images that chance chose among those that are not in front; None, or none of the measured rest: all measured
        ones stand for the rest.
    seconds : (M,) array or None
        How long outlines took, of which that is known; at least `FEWEST`.
    below : float
        Images whose measured Dice is below this are contentious.
    card_error : float or None
        The mean absolute error that the model's card states.
    level : float
        The share of images whose Dice the interval is meant to hold.
    fitted : (N,) array of bool, or None
        Which images predictions were calibrated on.
    alarm : CoverageAlarm or None
        What a watch over the same images says.
    seed : int
        Of what is drawn.
    """
    draws = np.random.default_rng(seed)
    known = ~np.isnan(measured)
    contentious = known & (np.where(known, measured, 1.0) < below)
    parts = [
        Part(int(part.sum()), int((part & known).sum()), int((part & contentious).sum()))
        for part in (in_front, ~in_front)
    ]
    drawn = known & ~in_front & (np.zeros(len(known), np.bool_) if control is None else control)
    if drawn.any():
        parts[1] = replace(parts[1], sample=int(drawn.sum()), sample_contentious=int((drawn & contentious).sum()))
    front, rest = parts
    found = chance = missed = None
    if front.is_known and rest.is_known:
        totals = [part.contentious + _unseen(part, draws) for part in parts]
        found, chance = _found(parts, totals), _chance(parts)
        missed = Estimate(_scaled(rest) - rest.contentious, *_ends(totals[1] - rest.contentious))
    elif rest.is_known:
        missed = Estimate(_scaled(rest) - rest.contentious, *_ends(_unseen(rest, draws)))
    judged = known if fitted is None else known & ~fitted
    off = np.where(judged, predicted - np.where(judged, measured, 0.0), np.nan)
    judges = [
        replace(
            part,
            measured=int((place & judged).sum()),
            sample=None if part.sample is None else int((place & judged & drawn).sum()),
        )
        for part, place in zip(parts, (in_front, ~in_front), strict=True)
    ]
    both = all(part.is_known for part in judges)
    weights = _weights(judged, in_front, judges, drawn) if both else judged.astype(np.float64)
    error, bias = _errors(off, weights, [judged & in_front, judged & ~in_front], draws)
    with_interval = judged & ~np.isnan(lower) & ~np.isnan(upper)
    hits = inside(measured[with_interval], lower[with_interval], upper[with_interval])
    held_share = None
    if len(hits) >= FEWEST:
        held_share = Estimate(float(hits.mean()), *share_interval(hits), *share_interval(hits, _JOINT))
    times = np.array([]) if seconds is None else np.asarray(seconds, np.float64)
    saved = int((~known).sum())
    return TriageOutcome(
        below,
        front,
        rest,
        found,
        chance,
        missed,
        error,
        both,
        bias,
        int(hits.sum()),
        len(hits),
        held_share,
        saved,
        _hours(times, saved, draws),
        len(times),
        card_error,
        level,
        int((known & ~judged).sum()),
        alarm,
    )


def _ends(drawn: NDArray[np.floating], level: float = _LEVEL) -> tuple[float, float]:
    low, high = np.nanpercentile(drawn, (50 * (1 - level), 50 * (1 + level)))
    return float(low), float(high)


def _unseen(part: Part, draws: np.random.Generator) -> NDArray[np.float64]:
    """Draw how many contentious images there are among those of a part that are not measured: (DRAWS,)."""
    measured, contentious = part.standing
    share = draws.beta(contentious + 0.5, measured - contentious + 0.5, DRAWS)
    drawn: NDArray[np.float64] = draws.binomial(part.images - part.measured, share).astype(np.float64)
    return drawn


def _scaled(part: Part) -> float:
    """Return how many contentious images a part has, if those that are not measured are like the measured ones."""
    measured, contentious = part.standing
    unseen = part.images - part.measured
    return part.contentious + (unseen * contentious / measured if measured else 0.0)


def _found(parts: list[Part], totals: list[NDArray[np.float64]]) -> Estimate | None:
    front, rest = (_scaled(part) for part in parts)
    if front + rest == 0:
        return None
    with np.errstate(invalid="ignore"):
        shares = totals[0] / (totals[0] + totals[1])
    return Estimate(front / (front + rest), *_ends(shares))


def _chance(parts: list[Part]) -> Estimate | None:
    from scipy.stats import hypergeom

    images, front = sum(part.images for part in parts), parts[0].images
    contentious = round(sum(_scaled(part) for part in parts))
    if not contentious or not images:
        return None
    low, high = hypergeom(images, contentious, front).interval(_LEVEL)
    return Estimate(front / images, float(low) / contentious, float(high) / contentious)


def _weights(
    known: NDArray[np.bool_], in_front: NDArray[np.bool_], parts: list[Part], drawn: NDArray[np.bool_]
) -> NDArray[np.float64]:
    """Return the (N,) images that each measured one stands for."""
    each = [1 + (part.images - part.measured) / part.standing[0] if part.standing[0] else 1.0 for part in parts]
    stands = drawn | in_front if drawn.any() else known
    return np.where(known, np.where(stands, np.where(in_front, each[0], each[1]), 1.0), 0.0)


def _errors(
    off: NDArray[np.float64],
    weights: NDArray[np.float64],
    strata: list[NDArray[np.bool_]],
    draws: np.random.Generator,
) -> tuple[Estimate | None, Estimate | None]:
    """Return mean absolute and mean error, with percentile intervals of a bootstrap within each part."""
    parts = [np.flatnonzero(each & ~np.isnan(off)) for each in strata]
    places = np.concatenate(parts)
    if len(places) < FEWEST:
        return None, None
    middle = [float(np.average(values[places], weights=weights[places])) for values in (np.abs(off), off)]
    means = np.concatenate([_resampled(off, weights, parts, draws) for _ in range(_RESAMPLES // _AT_ONCE)])
    error, bias = (
        Estimate(value, *_widened(value, each, of, _LEVEL), *_widened(value, each, of, _JOINT))
        for value, each, of in (
            (value, each, [(values[rows], weights[rows]) for rows in parts])
            for value, each, values in zip(middle, means.T, (np.abs(off), off), strict=True)
        )
    )
    return replace(error, low=max(0.0, error.low), surely_low=max(0.0, error.surely_low)), bias


def _widened(
    value: float, means: NDArray[np.float64], parts: list[tuple[NDArray[np.float64], NDArray[np.float64]]], level: float
) -> tuple[float, float]:
    """Return the ends of a bootstrap, widened for few images: it knows neither Student's t nor the n - 1 of a variance.

    Degrees of freedom of parts together are Satterthwaite's (1946, Biometrics Bulletin 2(6)).
    """
    from scipy.stats import norm, t

    low, high = _ends(means, level)
    spread = [
        (float(weight.sum() ** 2 * values.var() / (len(values) - 1)), len(values))
        for values, weight in parts
        if len(values) > 1
    ]
    total = sum(each for each, _ in spread)
    if total < 1e-12:
        return low, high
    freedom = total**2 / sum(each**2 / (count - 1) for each, count in spread)
    of_bootstrap = sum(each * (count - 1) / count for each, count in spread)
    end = (1 + level) / 2
    factor = float(t.ppf(end, freedom) / norm.ppf(end)) * float((total / of_bootstrap) ** 0.5)
    return value - factor * (value - low), value + factor * (high - value)


def _resampled(
    off: NDArray[np.float64], weights: NDArray[np.float64], parts: list[NDArray[np.intp]], draws: np.random.Generator
) -> NDArray[np.float64]:
    """Return mean absolute and mean error of so many resamples: (_AT_ONCE, 2)."""
    drawn = np.concatenate([draws.choice(rows, (_AT_ONCE, len(rows))) for rows in parts if len(rows)], axis=1)
    share = weights[drawn] / weights[drawn].sum(axis=1, keepdims=True)
    return np.stack([(np.abs(off[drawn]) * share).sum(axis=1), (off[drawn] * share).sum(axis=1)], axis=1)


def _hours(seconds: NDArray[np.float64], outlines: int, draws: np.random.Generator) -> Estimate | None:
    if len(seconds) < FEWEST:
        return None
    means = draws.choice(seconds, (_RESAMPLES, len(seconds))).mean(1)
    low, high = _ends(means)
    return Estimate(*(outlines * each / 3600 for each in (float(seconds.mean()), low, high)))
