"""The model in use on the test images of a new one: what it predicts there, and the verdict."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from threading import Event
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from annotriage.comparison.verdict import Verdict, judge
from annotriage.errors import AnnotriageError
from annotriage.model_file.exposure import exposure_of
from annotriage.names import counted
from annotriage.trainings.results import FinishedRun, PreparedRun, group_keys

if TYPE_CHECKING:
    from annotriage.model_file import LibraryEntry, ModelFile, ModelLibrary

Floats = NDArray[np.float64]


class ImagesGoneError(AnnotriageError):
    """None of the test images is where it was."""


@dataclass(frozen=True, slots=True, eq=False)
class ReferenceComparison:
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


def tested_image(run: FinishedRun, place: int, other: ReferenceComparison | None) -> TestImage:
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


def reference_model(
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


class ReferenceComparer:
    """Lets the model in use predict the test images of runs, and remembers what it predicted."""

    def __init__(self, library: "ModelLibrary") -> None:
        self._library = library
        self._known: dict[tuple[Path, str, Path], tuple[Floats, tuple[str, ...]]] = {}

    def compare(
        self, prepared: PreparedRun, pictures: Path | None, report: Callable[[int, int], None], stop: Event
    ) -> ReferenceComparison | None:
        """Compare a run with the model in use; for a thread. None: it was stopped.

        Raises
        ------
        ImagesGoneError
            None of the images can be read, or nobody knows where they are.
        AnnotriageError
            There is no other model, or it cannot be computed.
        """
        run = prepared.run
        other, words = reference_model(prepared.model, self._library, prepared.entries)
        if pictures is None:
            raise ImagesGoneError("It is not known where the images of this training are. Say where they are.")
        key = (run.folder, other.sha256, pictures)
        found = self._known.get(key) or predict(other, run, pictures, report, stop)
        if found is None:
            return None
        self._known[key] = found
        return judge_run(run, other, words, *found, prepared.groups, pictures)


@dataclass(frozen=True, slots=True)
class ErrorRow:
    """Mean errors on the same test images, with standard deviations over images; None: not known."""

    name: str
    meaning: str
    mae: float | None
    mae_sd: float | None
    mse: float | None
    mse_sd: float | None

    @property
    def numbers(self) -> tuple[float | None, float | None, float | None, float | None]:
        """MAE and MSE, each with its standard deviation."""
        return self.mae, self.mae_sd, self.mse, self.mse_sd


def error_rows(run: FinishedRun, found: ReferenceComparison | None) -> list[ErrorRow]:
    """Return the errors of the new model, of the model in use where they are known, and of a guess."""
    rows = [ErrorRow("The new model", "", run.run.mae, run.run.mae_sd, run.run.mse, run.run.mse_sd)]
    if found is not None:
        name = found.words[0].upper() + found.words[1:]
        rows.append(ErrorRow(name, "", found.mae, found.mae_sd, found.mse, found.mse_sd))
    absolute, squared = run.images.baseline("mae"), run.images.baseline("mse")
    sds = [float(each.std(ddof=1)) if len(each) > 1 else None for each in (absolute, squared)]
    meaning = "Always the median Dice of the images learned from; for squared errors, always their mean."
    rows.append(ErrorRow("A guess", meaning, float(absolute.mean()), sds[0], float(squared.mean()), sds[1]))
    return rows


def predict(
    other: "ModelFile", run: FinishedRun, pictures: Path, report: Callable[[int, int], None], stop: Event
) -> "tuple[Floats, tuple[str, ...]] | None":
    """Let a model predict a run's test images.

    Parameters
    ----------
    other : ModelFile
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
    scorer = Scorer(other, heatmaps=False)
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
    other: "ModelFile",
    words: str,
    predicted: Floats,
    unread: tuple[str, ...],
    groups: Mapping[str, str] | None,
    pictures: Path,
) -> ReferenceComparison:
    """Compare a run with what another model predicts for its test images.

    Parameters
    ----------
    run, other, words, predicted, unread
        See `ReferenceComparison`.
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
        groups=group_keys(names, groups),
        met=exposure_of(other.card, files, str(run.split.get("table_sha256", "")), run.split, run.recipe),
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
    return ReferenceComparison(
        name=other.card.name,
        words=words,
        predicted=predicted,
        mse=float(squared.mean()),
        mse_sd=_sd(squared),
        mae=float(absolute.mean()),
        mae_sd=_sd(absolute),
        unread=unread,
        verdict=replace(verdict, cautions=tuple(cautions)),
    )


def _sd(values: Floats) -> float:
    return float(values.std(ddof=1)) if len(values) > 1 else 0.0
