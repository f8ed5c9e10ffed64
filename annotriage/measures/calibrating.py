"""Fit a `Calibration` to a team's own measured agreement, and find out whether it helps.

Shift and slope are Huber's M-estimate (1964, Annals of Mathematical Statistics 35(1)) on the logit, by reweighted least
squares: a pair of which one drew something else has a Dice near 0 and pulls no more than others. Few images know the
slope badly, so that 30 more are taken to say 1, and 5 more that the shift is 0. Chosen among 31 estimators (Huber's,
least absolute errors on the logit and on the Dice; five weights of the slope, two of the shift) by the mean error on
the rest of the images when 30, 60 or 120 of one way of drawing are drawn from the 835 labelled ones, 120 times each.

Intervals come from the same images: what was measured of an image is compared with a fit that had not met its group
(jackknife; Barber, Candes, Ramdas, Tibshirani 2021, Annals of Statistics 49(1); in folds where groups are many). What
is said of the whole (error, coverage, whether it helps) is cross-validated once more around all of it, the choice of
the way of drawing included.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from annotriage.errors import AnnotriageError
from annotriage.measures.calibration import FEWEST_IMAGES, LEAST_SLOPE, MOST_SHIFT, MOST_SLOPE, Calibration, logit
from annotriage.measures.intervals import conformal_factors, inside, share_interval
from annotriage.measures.thresholds import INTERVAL_LEVEL
from annotriage.names import counted

SAY_ONE, SAY_ZERO = 30.0, 5.0
"""As how many images, whose logits spread by 1, it weighs that the slope is 1; as how many that the shift is 0."""
_HUBER = 1.345
_ROUNDS, _STILL = 40, 1e-6
_FOLDS, _INNER, _MANY = 10, 40, 1000
_RESAMPLES = 2000
Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class Answer:
    """What a model says of N images for one way of drawing.

    Attributes
    ----------
    dice, spread : ndarray
        (N,) predicted Dice, 0..1, and its spread > 0.
    ends : ndarray
        (N, 2) ends of the interval as it is without a calibration.
    """

    dice: Floats
    spread: Floats
    ends: Floats


@dataclass(frozen=True, slots=True)
class Quality:
    """How good predictions are on the measured images: mean absolute error, share and mean width of the intervals."""

    mae: float
    coverage: float
    width: float


@dataclass(frozen=True, slots=True)
class Fit:
    """A calibration, and what it brings, cross-validated.

    Attributes
    ----------
    calibration : Calibration
        Fitted to all images.
    before, after : Quality
        Of what the team reads without it, and with one that had not met the image's group.
    gain, gain_low, gain_high : float
        Mean absolute error before minus after, with a paired 95 % bootstrap interval over groups.
    mends : bool
        Whether intervals surely held too few before (95 % interval), and hold more now.
    groups : int
        Patients, lesions or images that were kept together.
    way_was_known : bool
        False: the way of drawing is the one that fits best.
    """

    calibration: Calibration
    before: Quality
    after: Quality
    gain: float
    gain_low: float
    gain_high: float
    mends: bool
    groups: int
    way_was_known: bool

    @property
    def lessens(self) -> bool:
        """Whether the error is shown to be smaller with it."""
        return self.gain_low > 0

    @property
    def helps(self) -> bool:
        """Whether anything is shown to be better with it, and the error not to be worse."""
        return self.gain_high >= 0 and (self.lessens or self.mends)


def refuse_too_few(images: int) -> None:
    """Refuse to fit anything to fewer than `FEWEST_IMAGES` measured images.

    Raises
    ------
    AnnotriageError
    """
    if images < FEWEST_IMAGES:
        raise AnnotriageError(
            f"A calibration takes at least {FEWEST_IMAGES} images with a prediction that two or more people drew; here "
            f"{'is' if images == 1 else 'are'} {counted(images, 'images')}. Let two people draw "
            f"{counted(FEWEST_IMAGES - images, 'more images')}, chosen at random."
        )


def fit_calibration(
    measured: NDArray[np.floating],
    answers: Mapping[str, Answer],
    *,
    model: str,
    now: str,
    way: str | None = None,
    groups: NDArray[np.integer] | None = None,
    level: float = INTERVAL_LEVEL,
    seed: int = 0,
) -> Fit:
    """Fit a calibration to N measured images.

    Parameters
    ----------
    measured : ndarray
        (N,) mean pairwise Dice of the team, 0..1.
    answers : mapping of str to Answer
        Key of a way of drawing -> what the model says for it.
    model : str
        The model's key.
    now : str
        The way whose answer the team reads without a calibration.
    way : str or None
        How the team draws; None: the way is taken that fits best.
    groups : ndarray or None
        (N,) numbers of what must stay together (patients, lesions); None: each image stands alone.
    level : float
        Share of the images whose Dice the interval is to hold.
    seed : int
        Of folds and bootstrap.

    Returns
    -------
    Fit

    Raises
    ------
    AnnotriageError
        There are fewer than `FEWEST_IMAGES` images, or all are of so few patients that none can be kept apart.
    """
    y = np.asarray(measured, np.float64)
    refuse_too_few(len(y))
    _, together = np.unique(np.arange(len(y)) if groups is None else np.asarray(groups), return_inverse=True)
    number = int(together.max()) + 1
    if number < _FOLDS:
        raise AnnotriageError(
            f"The {counted(len(y), 'images')} are of {counted(number, 'patients')} only: a calibration takes images of "
            f"{_FOLDS} or more, so that it can be tried on others."
        )
    tried = dict(answers) if way is None else {way: answers[way]}
    rng = np.random.default_rng(seed)
    after = np.empty((len(y), 3))
    for out in _left_out(together, _FOLDS, rng):
        kept = ~out
        part = {key: _rows(answer, kept) for key, answer in tried.items()}
        found = _fitted(y[kept], part, together[kept], model, level, rng)
        chosen = tried[found.way]
        after[out] = found.applied(chosen.dice[out], chosen.spread[out])
    calibration = _fitted(y, tried, together, model, level, rng)
    said = np.column_stack([answers[now].dice, answers[now].ends])
    gains = np.abs(said[:, 0] - y) - np.abs(after[:, 0] - y)
    low, high = _resampled(gains, together, rng)
    before, then = _quality(y, said), _quality(y, after)
    held = inside(y, said[:, 1], said[:, 2])
    mends = share_interval(held)[1] < level and then.coverage > before.coverage
    return Fit(calibration, before, then, float(gains.mean()), low, high, mends, number, way is not None)


def shift_and_slope(x: Floats, y: Floats, kept: NDArray[np.bool_]) -> tuple[Floats, Floats]:
    """Fit F times, each time to some of N images.

    Parameters
    ----------
    x, y : ndarray
        (N,) logits of predicted and measured Dice.
    kept : ndarray
        (F, N) which images each fit knows; none knows nothing.

    Returns
    -------
    (ndarray, ndarray)
        (F,) shift and slope: see `Calibration`.
    """
    known = kept.sum(1)
    centre = (kept @ x) / known
    about = x[None] - centre[:, None]
    shift, slope = np.zeros(len(kept)), np.ones(len(kept))
    for _ in range(_ROUNDS):
        off = y[None] - (centre + shift)[:, None] - slope[:, None] * about
        # The spread of residuals by their median, which a tenth of odd pairs does not move much.
        ordered = np.sort(np.where(kept, np.abs(off), np.inf), axis=1)
        scale = np.maximum(1.4826 * ordered[np.arange(len(kept)), known // 2], 1e-3)
        weight = kept * np.minimum(1, _HUBER * scale[:, None] / np.maximum(np.abs(off), 1e-12))
        each = weight.sum(1) / known
        rest = y[None] - centre[:, None] - about  # what is left when the slope is 1 and the shift 0
        one, both, two = weight.sum(1) + SAY_ZERO * each, (weight * about).sum(1), (weight * about**2).sum(1)
        two = two + SAY_ONE * each
        left, right = (weight * rest).sum(1), (weight * about * rest).sum(1)
        whole = one * two - both**2
        new = (left * two - right * both) / whole, 1 + (right * one - left * both) / whole
        moved = np.max(np.abs(new[0] - shift) + np.abs(new[1] - slope))
        shift, slope = new
        if moved < _STILL:
            break
    slope = np.clip(slope, LEAST_SLOPE, MOST_SLOPE)
    return np.clip(shift + centre * (1 - slope), -MOST_SHIFT, MOST_SHIFT), slope


def _fitted(
    y: Floats,
    answers: Mapping[str, Answer],
    together: NDArray[np.intp],
    model: str,
    level: float,
    rng: np.random.Generator,
) -> Calibration:
    """Fit to all of some images: the way of drawing that leaves the least error, shift, slope and factors."""
    left_out = _left_out(together, _INNER if len(y) <= _MANY else _FOLDS, rng)
    kept = np.concatenate([np.ones((1, len(y)), np.bool_), ~left_out])
    best: tuple[float, Calibration] | None = None
    for way, answer in answers.items():
        x = logit(answer.dice)
        shifts, slopes = shift_and_slope(x, logit(y), kept)
        said = 1 / (1 + np.exp(-(shifts[:, None] + slopes[:, None] * x[None])))
        error = float(np.abs(said[0] - y).mean())
        if best is None or error < best[0] - 1e-9:
            unmet = said[1:][left_out.argmax(0), np.arange(len(y))]
            factors = conformal_factors(y, unmet, answer.spread, level)
            best = error, Calibration(model, way, float(shifts[0]), float(slopes[0]), factors, len(y))
    assert best is not None
    return best[1]


def _left_out(together: NDArray[np.intp], folds: int, rng: np.random.Generator) -> NDArray[np.bool_]:
    """Return (F, N) which images each fold leaves out: all of a group in the same one, each once, none empty."""
    present, place = np.unique(together, return_inverse=True)
    number = min(folds, len(present))
    fold = np.arange(len(present)) % number
    rng.shuffle(fold)
    left: NDArray[np.bool_] = fold[place][None] == np.arange(number)[:, None]
    return left


def _rows(answer: Answer, kept: NDArray[np.bool_]) -> Answer:
    return replace(answer, dice=answer.dice[kept], spread=answer.spread[kept], ends=answer.ends[kept])


def _quality(y: Floats, said: Floats) -> Quality:
    held = inside(y, said[:, 1], said[:, 2])
    return Quality(float(np.abs(said[:, 0] - y).mean()), float(held.mean()), float((said[:, 2] - said[:, 1]).mean()))


def _resampled(gains: Floats, together: NDArray[np.intp], rng: np.random.Generator) -> tuple[float, float]:
    """Return the ends of a 95 % percentile bootstrap interval of the mean, whole groups drawn."""
    sums, sizes = np.bincount(together, gains), np.bincount(together)
    means = []
    for _ in range(_RESAMPLES // 100):
        drawn = rng.integers(0, len(sums), (100, len(sums)))
        means.append(sums[drawn].sum(1) / sizes[drawn].sum(1))
    low, high = np.percentile(np.concatenate(means), (2.5, 97.5))
    return float(low), float(high)
