"""Whether a new model is better than another on the same test images, and by more than chance."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from annotriage.model_file.exposure import Exposure, Met
from annotriage.names import counted

Floats = NDArray[np.float64]

FEWEST = 20
"""Images (or patients, where they are known) below which nothing is said.

Of two models that are alike, an interval of 95 % calls one better 5 times in 100. Measured on errors of a real run, it
was 11 times with 10 images, 7 with 20 and 6 with 50 and more; where images of one patient were drawn as if they were
independent, 26.
"""
FEW = 50
"""Images (or patients) below which only large differences show."""
HARDLY_NOTICED = 0.005
"""A smaller difference of the MAE makes none in practice: half a hundredth of Dice."""
RESAMPLES = 9999
MOST_FOR_BCA = 500
LEVEL = 0.95
_UNSEEN = Met(Exposure.UNSEEN)


class Finding(StrEnum):
    """What a comparison on the same images comes to."""

    BETTER = "better"
    WORSE = "worse"
    NO_DIFFERENCE = "no difference that is more than chance"
    TOO_FEW = "too few images"
    SAME = "the same errors"


@dataclass(frozen=True, slots=True)
class Difference:
    """Mean errors of two models on the same images.

    Attributes
    ----------
    new, other : float
        Mean errors.
    low, high : float
        95 % interval of new - other, below 0 where the new model has the smaller errors; NaN: not computed.
    finding : Finding
    """

    new: float
    other: float
    low: float
    high: float
    finding: Finding

    @property
    def difference(self) -> float:
        """New minus other: below 0 the new model has the smaller errors."""
        return self.new - self.other


@dataclass(frozen=True, slots=True)
class Verdict:
    """The answer, its numbers, and what it takes for granted.

    Attributes
    ----------
    finding : Finding
        By the MAE, the one measure that was settled on before anybody looked.
    mae, mse : Difference
    images : int
        Test images that both models have predicted.
    groups : int or None
        Patients or lesions among them, where these are known.
    headline, sentence : str
        A few words, and all of it in words.
    cautions : tuple of str
        Why it may mislead, the most important first.
    method : str
        How the interval was computed.
    """

    finding: Finding
    mae: Difference
    mse: Difference
    images: int
    groups: int | None
    headline: str
    sentence: str
    cautions: tuple[str, ...]
    method: str


def judge(
    true: Floats,
    new: Floats,
    other: Floats,
    *,
    name: str = "the model in use",
    groups: Sequence[str] | None = None,
    met: Met = _UNSEEN,
    seed: int = 0,
) -> Verdict:
    """Compare a new model with another one on the images that both have predicted.

    Parameters
    ----------
    true : ndarray
        (N,) Dice, 0..1.
    new, other : ndarray
        (N,) predicted Dice of the two models; clamped to 0..1 here, as every screen shows it.
    name : str
        What the sentence calls the other model.
    groups : sequence of str, optional
        N patients or lesions; images of one are no independent evidence, and are drawn together. None: not known.
    met : Met
        Whether the other model has learned from these images.
    seed : int
        Of the bootstrap.

    Raises
    ------
    ValueError
        The arrays differ in length, are empty, or hold what is no number.
    """
    y, p, q = (np.asarray(values, np.float64) for values in (true, new, other))
    p, q = np.clip(p, 0, 1), np.clip(q, 0, 1)
    if not len(y) or not len(y) == len(p) == len(q):
        raise ValueError("as many predictions of both models as labels are needed, and at least one")
    if not np.isfinite([y, p, q]).all():
        raise ValueError("labels and predictions have to be numbers")
    mae = paired_difference(np.abs(p - y), np.abs(q - y), groups, seed)
    mse = paired_difference((p - y) ** 2, (q - y) ** 2, groups, seed)
    known = None if groups is None else len(set(groups))
    return Verdict(
        finding=mae.finding,
        mae=mae,
        mse=mse,
        images=len(y),
        groups=known,
        headline=_headline(mae.finding, name, met, what=_units_called(len(y), known)),
        sentence=f"{_lead(mae, len(y), name, _units_called(len(y), known))} {_about_mse(mae, mse)}".strip(),
        cautions=tuple(_cautions(mae, len(y), known, name, met)),
        method=_method(len(y) if known is None else known, known is not None) if mae.low < mae.high else "",
    )


def judge_against_guessing(
    true: Floats, new: Floats, known: Floats, *, groups: Sequence[str] | None = None, seed: int = 0
) -> Difference:
    """Compare a model's absolute errors with those of always guessing the median of `known`, the labels learned from.

    Other parameters as of `judge`.
    """
    y, p = np.asarray(true, np.float64), np.clip(np.asarray(new, np.float64), 0, 1)
    guess = float(np.median(known if len(known) else y))
    return paired_difference(np.abs(p - y), np.abs(y - guess), groups, seed)


def guessing_sentence(found: Difference) -> str:
    """Say whether a model has learned more than the usual Dice."""
    numbers = f"off by {found.new:.3f} on average, always guessing the median by {found.other:.3f}"
    if found.finding is Finding.BETTER:
        return f"It is better than a guess that looks at no image, and by more than chance: {numbers}."
    if found.finding is Finding.WORSE:
        return (
            f"It is worse than a guess that looks at no image: {numbers}. Do not rely on it; train longer, or look "
            "for mistakes in the labels."
        )
    if found.finding is Finding.NO_DIFFERENCE:
        return (
            f"That it is better than a guess that looks at no image is not shown: {numbers}, which may be chance. "
            "More labelled images, a longer training or another recipe may help."
        )
    if found.finding is Finding.SAME:
        return f"It makes the same errors as a guess that looks at no image: {numbers}. It has learned nothing."
    return f"Whether it is better than a guess cannot be said from so few test images: {numbers}."


def paired_difference(new: Floats, other: Floats, groups: Sequence[str] | None = None, seed: int = 0) -> Difference:
    """Bootstrap the difference of two models' mean errors on the same images.

    Images are drawn with both their errors; where groups are known, whole groups are drawn and the mean is still that
    over images (the ratio of two sums, Cameron, Gelbach and Miller 2008). BCa (Efron 1987), of many rows percentiles.

    Parameters
    ----------
    new, other : ndarray
        (N,) errors, image by image.
    groups : sequence of str, optional
        N names.
    seed : int
    """
    from scipy import stats

    differences = np.asarray(new, np.float64) - np.asarray(other, np.float64)
    means = float(np.mean(new)), float(np.mean(other))
    nan = float("nan")
    if not differences.any():
        return Difference(*means, 0.0, 0.0, Finding.SAME)
    sums, counts = _units(differences, groups)
    if len(sums) < FEWEST:
        return Difference(*means, nan, nan, Finding.TOO_FEW)
    if np.ptp(sums / counts) < 1e-12:  # a constant difference leaves a bootstrap nothing to draw
        low = high = float(differences.mean())
    else:
        found = stats.bootstrap(
            (sums, counts),
            lambda total, images, axis=-1: total.sum(axis=axis) / images.sum(axis=axis),
            paired=True,
            vectorized=True,
            n_resamples=RESAMPLES,
            batch=500,
            confidence_level=LEVEL,
            method="BCa" if len(sums) <= MOST_FOR_BCA else "percentile",
            rng=np.random.default_rng(seed),
        ).confidence_interval
        low, high = float(found.low), float(found.high)
    finding = Finding.BETTER if high < 0 else Finding.WORSE if low > 0 else Finding.NO_DIFFERENCE
    return Difference(*means, low, high, finding)


def _units(differences: Floats, groups: Sequence[str] | None) -> tuple[Floats, Floats]:
    """Return what is drawn: the sum of the differences of each image or group, and how many images it has."""
    if groups is None:
        return differences, np.ones(len(differences))
    _, group = np.unique(np.asarray(groups), return_inverse=True)
    sums, counts = np.bincount(group, differences), np.bincount(group)
    return sums.astype(np.float64), counts.astype(np.float64)


# In words


def _units_called(images: int, groups: int | None) -> str:
    """Return what there are too few of, where there are: patients, if the images themselves would do."""
    return "test images" if groups is None or images < FEWEST else "patients or lesions"


def _headline(finding: Finding, name: str, met: Met, *, what: str) -> str:
    if finding is Finding.WORSE and met.exposure in (Exposure.SEEN, Exposure.MAYBE):
        surely = "" if met.exposure is Exposure.SEEN else "probably "
        return f"Worse here than {name}, which has {surely}seen some of these images"
    return {
        Finding.BETTER: f"Better than {name}",
        Finding.WORSE: f"Worse than {name}",
        Finding.NO_DIFFERENCE: f"No difference from {name} that is more than chance",
        Finding.TOO_FEW: f"Too few {what} to compare",
        Finding.SAME: f"The same errors as {name}",
    }[finding]


def _lead(mae: Difference, images: int, name: str, what: str) -> str:
    on = f"On the same {counted(images, 'test images')}" if images > 1 else "On the one test image"
    if mae.finding is Finding.SAME:
        told = "It is the same model." if images >= FEWEST else "So few cannot tell the two apart."
        return f"{on} the new model makes exactly the errors of {name}: {mae.new:.3f} on average. {told}"
    numbers = f"{on} the new model is off by {mae.new:.3f} on average, {name} by {mae.other:.3f}"
    if mae.finding is Finding.TOO_FEW:
        return f"{numbers}. So few {what} cannot tell a difference from chance."
    if mae.finding is Finding.NO_DIFFERENCE:
        return (
            f"{numbers}. That difference may be chance: anything from {_amount(mae.low)} to {_amount(mae.high)} fits "
            "these images (95\u00a0% interval)."
        )
    near, far = sorted((abs(mae.low), abs(mae.high)))
    more = "less" if mae.finding is Finding.BETTER else "more"
    size = ", but so little that it will hardly be noticed" if abs(mae.difference) < HARDLY_NOTICED else ""
    return f"{numbers}. That is more than chance (95\u00a0% interval: {near:.3f} to {far:.3f} {more}){size}."


def _amount(difference: float) -> str:
    if round(abs(difference), 3) == 0:
        return "nothing"
    return f"{abs(difference):.3f} {'less' if difference < 0 else 'more'}"


def _about_mse(mae: Difference, mse: Difference) -> str:
    """Say what squared errors find where it is not the same."""
    if mse.finding is mae.finding or Finding.SAME in (mae.finding, mse.finding):
        return ""
    found = {
        Finding.BETTER: "better",
        Finding.WORSE: "worse",
        Finding.NO_DIFFERENCE: "no different by more than chance",
    }.get(mse.finding)
    if found is None:
        return ""
    return (
        f"By squared errors, in which the few large misses count most, it is {found} ({mse.new:.3f}, {mse.other:.3f})."
    )


def _cautions(mae: Difference, images: int, groups: int | None, name: str, met: Met) -> list[str]:
    said = []
    if met.exposure in (Exposure.SEEN, Exposure.MAYBE) and mae.finding is not Finding.SAME:
        seen = f"{name[0].upper()}{name[1:]} learned from "
        if met.exposure is Exposure.SEEN:
            seen += f"{met.images:,} of the {counted(images, 'test images')}"
        else:
            seen += "the same table of labels, so it has probably seen some of these test images"
        if mae.finding is Finding.BETTER:
            said.append(f"{seen}; the new model has not, and is better all the same.")
        else:
            said.append(
                f"{seen}, and looks better here than it will on new ones. The new model has seen none: the comparison "
                "is not fair to it."
            )
    elif met.exposure is Exposure.UNKNOWN and mae.finding is not Finding.SAME:
        said.append(
            f"That {name} has seen none of these test images is taken for granted: it learned from another table of "
            "labels. If some are in both, it looks better here than it is."
        )
    units = images if groups is None else groups
    if mae.finding not in (Finding.SAME, Finding.TOO_FEW) and units < FEW:
        what = "test images" if groups is None else "patients or lesions in the test images"
        said.append(f"Only {counted(units, what)}: none but large differences can show.")
    if mae.finding is Finding.TOO_FEW:
        what = "test images" if groups is None else "patients or lesions among them"
        said.append(f"At least {FEWEST} {what} are needed, better {2 * FEW}: label more images and train again.")
    return said


def _method(units: int, grouped: bool) -> str:
    kind = "BCa" if units <= MOST_FOR_BCA else "percentile"
    drawn = counted(units, "patients or lesions" if grouped else "test images")
    return (
        f"Paired bootstrap of the difference of the mean errors ({kind}, {RESAMPLES:,} draws of {drawn}; "
        "scipy.stats.bootstrap), 95 % interval."
    )
