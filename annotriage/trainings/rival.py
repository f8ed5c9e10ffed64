"""The model in use on the test images of a new one: what it predicts there, and the verdict. No Qt here."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from threading import Event
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from annotriage.comparison.verdict import Difference, Verdict, judge, judge_against_guessing
from annotriage.errors import AnnotriageError
from annotriage.model_file.exposure import exposure_of
from annotriage.names import counted, stem_of
from annotriage.trainings.results import FinishedRun, Results

if TYPE_CHECKING:
    from annotriage.model_file import LibraryEntry, ModelFile, ModelLibrary

Floats = NDArray[np.float64]


class ImagesGoneError(AnnotriageError):
    """None of the test images is where it was."""


@dataclass(frozen=True, slots=True, eq=False)
class Judgement:
    """A new model beside another one.

    Attributes
    ----------
    name : str
        The other model's.
    words : str
        What sentences call it: "the model in use (bundled)".
    predicted : ndarray
        (N,) Dice that it predicts for the run's test images, in their order; NaN where it could not.
    mse, mse_sd, mae, mae_sd : float
        Of it, over the images that it has predicted; standard deviations over images.
    unread : tuple of str
        Test images that could not be read.
    verdict : Verdict
    """

    name: str
    words: str
    predicted: Floats
    mse: float
    mse_sd: float
    mae: float
    mae_sd: float
    unread: tuple[str, ...]
    verdict: Verdict


@dataclass(frozen=True, slots=True, eq=False)
class PreparedRun:
    """A run with all that is shown of it.

    Attributes
    ----------
    run : FinishedRun
    model : ModelFile or None
        None: its file is missing or damaged.
    problem : str
        Why there is no model; may be empty.
    level : float
        Share of the images that its intervals are meant to hold.
    entries : list of LibraryEntry
        The library's models.
    guess : Difference
        Beside always guessing the median.
    groups : mapping of str to str or None
        Which images are of one patient; None: not known.
    """

    run: FinishedRun
    model: "ModelFile | None"
    problem: str
    level: float
    entries: "list[LibraryEntry]"
    guess: Difference
    groups: Mapping[str, str] | None


@dataclass(frozen=True, slots=True)
class TestImage:
    """A test image's numbers.

    Attributes
    ----------
    name : str
    true, predicted : float
        Dice.
    lower, upper : float
        The interval; NaN: there is none.
    other : float
        What the model in use predicts; NaN: not known.
    """

    name: str
    true: float
    predicted: float
    lower: float
    upper: float
    other: float

    __test__ = False  # not pytest's


def tested_image(run: FinishedRun, place: int, other: Judgement | None) -> TestImage:
    """Return the numbers of a run's test image, by its place among them."""
    images = run.images
    return TestImage(
        name=images.names[place],
        true=float(images.dice[place]),
        predicted=float(np.clip(images.predicted[place], 0, 1)),
        lower=float(images.lower[place]),
        upper=float(images.upper[place]),
        other=float("nan") if other is None else float(other.predicted[place]),
    )


def prepare(run: FinishedRun, results: Results, library: "ModelLibrary") -> PreparedRun:
    """Read all that is shown of a run; takes most of a second at the first call."""
    # What figures need of it as well, in whichever thread this is.
    import scipy.stats  # noqa: F401

    from annotriage.model_file import open_model_file

    model, problem = None, ""
    try:
        if run.file is None:
            problem = (
                f"There is no model file in {run.folder}: it was moved or deleted. Train the run again to get one."
            )
        else:
            model = open_model_file(run.file)
    except AnnotriageError as error:
        problem = str(error)
    groups = groups_of(run, results.clinical, results.columns)
    images = run.images
    return PreparedRun(
        run=run,
        model=model,
        problem=problem,
        level=0.9 if model is None else model.card.interval.level,
        entries=library.list(),
        guess=judge_against_guessing(
            images.dice, images.predicted, images.known, groups=_group_keys(images.names, groups)
        ),
        groups=groups,
    )


def _group_keys(names: Sequence[str], groups: Mapping[str, str] | None) -> list[str] | None:
    """Return the patient or lesion of each image; of whom it is not known, each is of one of its own."""
    return None if groups is None else [groups.get(stem := stem_of(name)) or f"alone: {stem}" for name in names]


def rival_of(
    model: "ModelFile | None", library: "ModelLibrary", entries: "list[LibraryEntry]"
) -> "tuple[ModelFile, str]":
    """Find the model to compare a new one with, and what to call it: the one in use, else one that ships.

    Parameters
    ----------
    model : ModelFile or None
        The new one.
    library : ModelLibrary
    entries : list of LibraryEntry
        Its models.

    Raises
    ------
    AnnotriageError
        There is none but the new model itself.
    """
    from annotriage.trainings.installing import installed_as

    own = None if model is None else installed_as(model, entries)
    in_use = library.default()
    default = next((entry for entry in entries if entry.default), None)
    if own is None or default is None or own.name != default.name:
        return in_use, f"the model in use ({in_use.card.name})"
    for entry in entries:
        if entry.bundled and entry.problem is None and entry.name != own.name:
            other = library.find(entry.name)
            return other, f"the model that ships with Annotriage ({other.card.name})"
    raise AnnotriageError("The new model is the one in use, and there is no other one to compare it with.")


def predict(
    rival: "ModelFile", run: FinishedRun, pictures: Path, report: Callable[[int, int], None], stop: Event
) -> "tuple[Floats, tuple[str, ...]] | None":
    """Let a model predict a run's test images.

    Parameters
    ----------
    rival : ModelFile
    run : FinishedRun
    pictures : Path
        The folder of the images.
    report : callable
        Gets how many are done, and of how many.
    stop : Event
        Once set, no further image is begun, and nothing is returned.

    Returns
    -------
    tuple or None
        (N,) predicted Dice, NaN where an image cannot be read, and the names of these images.

    Raises
    ------
    ImagesGoneError
        None of the images can be read.
    AnnotriageError
        The model cannot be computed.
    """
    from annotriage.scoring.scorer import Scorer

    names = run.images.names
    predicted = np.full(len(names), np.nan)
    unread = []
    report(0, len(names))
    scorer = Scorer(rival, heatmaps=False)
    for place, said in enumerate(scorer.score((pictures / name for name in names), stop=stop)):
        if said.predicted_dice is None:
            unread.append(names[place])
        else:
            predicted[place] = said.predicted_dice
        report(place + 1, len(names))
    if stop.is_set():
        return None
    if len(unread) == len(names):
        raise ImagesGoneError(
            f"None of the {counted(len(names), 'test images')} can be read in {pictures}: moved or deleted. Say where "
            f"they are now."
        )
    return predicted, tuple(unread)


def judge_run(
    run: FinishedRun,
    rival: "ModelFile",
    words: str,
    predicted: Floats,
    unread: tuple[str, ...],
    groups: Mapping[str, str] | None,
    pictures: Path,
) -> Judgement:
    """Compare a run with what another model predicts for its test images.

    Parameters
    ----------
    run, rival, words, predicted, unread
        See `Judgement`.
    groups : mapping of str to str or None
        An image's stem to its patient or lesion; None: not known.
    pictures : Path
        The folder of the images.
    """
    images = run.images
    known = ~np.isnan(predicted)
    names = [name for name, there in zip(images.names, known, strict=True) if there]
    true = images.dice[known]
    files = [pictures / name for name in names]
    verdict = judge(
        true,
        images.predicted[known],
        predicted[known],
        name=words,
        groups=_group_keys(names, groups),
        met=exposure_of(rival.card, files, str(run.split.get("table_sha256", "")), run.split, run.recipe),
    )
    cautions = list(verdict.cautions)
    if unread:
        cautions.append(
            f"Left out of this comparison: {len(unread):,} of {counted(len(images.names), 'test images')}, which "
            f"could not be read ({', '.join(unread[:3])}{', …' if len(unread) > 3 else ''})."
        )
    if groups is None and run.split.get("grouped_by"):
        cautions.append(
            "Which test images are of one patient could not be read again; each is counted as one of its own, so that "
            "a difference may seem surer than it is."
        )
    absolute, squared = np.abs(predicted[known] - true), (predicted[known] - true) ** 2
    return Judgement(
        name=rival.card.name,
        words=words,
        predicted=predicted,
        mse=float(squared.mean()),
        mse_sd=_sd(squared),
        mae=float(absolute.mean()),
        mae_sd=_sd(absolute),
        unread=unread,
        verdict=replace(verdict, cautions=tuple(cautions)),
    )


def groups_of(run: FinishedRun, clinical: Path | None, columns: Sequence[str] = ()) -> Mapping[str, str] | None:
    """Read which of a run's images are of one patient or lesion; None: not known, or nobody kept them together."""
    from annotriage.datasets.clinical import read_groups
    from annotriage.datasets.columns import CLINICAL, chosen_columns

    if clinical is None or not run.split.get("grouped_by"):
        return None
    try:
        chosen = {role: column for role, column in chosen_columns(columns).items() if role in CLINICAL}
        return read_groups(clinical, chosen)
    except AnnotriageError:
        return None


def _sd(values: Floats) -> float:
    return float(values.std(ddof=1)) if len(values) > 1 else 0.0
