"""Measured images and a model -> its calibration: what a team measured, what the model says of it, what fits."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from annotriage.errors import AnnotriageError
from annotriage.measures.calibrating import fit_calibration, refuse_too_few
from annotriage.measures.ways import MIXED
from annotriage.scoring.team import EVERYBODY, Team
from annotriage.triage.team_images import TeamImages, images_of_catalogue, images_of_tables

if TYPE_CHECKING:
    from collections.abc import Callable

    from annotriage.measures.calibrating import Answer
    from annotriage.model_file import CalibrationCard, ModelCard, ModelFile
    from annotriage.scoring.prediction import Prediction
    from annotriage.tables import Problem
    from annotriage.triage.catalogue import Catalogue
    from annotriage.triage.store import SessionStore


@dataclass(frozen=True, slots=True)
class Calibrated:
    """What came of fitting a model to a folder: nothing is written yet.

    Attributes
    ----------
    card : CalibrationCard
    told : list of str
        What was left out, a sentence each.
    unreadable : list of str
        Images that cannot be predicted, and why.
    """

    card: "CalibrationCard"
    told: list[str]
    unreadable: list[str]


def calibrate_folder(
    model: "ModelFile",
    folder: Path,
    store: "SessionStore",
    *,
    labels: Path | None = None,
    pairs: Path | None = None,
    clinical: Path | None = None,
    columns: Mapping[str, str] | None = None,
    way: str | None = None,
    used: bool | None = None,
    threads: int | None = None,
    begun: "Callable[[int], Callable[[], None]] | None" = None,
) -> Calibrated:
    """Fit a model to what a team measured of a folder's images; what is not scored yet is scored, and kept.

    Parameters
    ----------
    model : ModelFile
    folder : Path
        Of the images.
    store : SessionStore
    labels, pairs, clinical, columns, way
        As of `images_of_tables`; without a table, what the store has as measured of the folder.
    used : bool or None
        As of `calibrate_model`.
    threads : int or None
        Worker threads; None: one a core.
    begun : callable or None
        Called with the number of images once it is known; what it returns is called after each.

    Raises
    ------
    AnnotriageError
        As of `images_of_tables` and `calibrate_model`, or the store or the model cannot be used.
    """
    from annotriage.images import find_images
    from annotriage.triage.folder_scoring import FolderScoring, without_maps
    from annotriage.triage.team_choice import chosen_way

    if way is not None:
        Team(way).check(model.card)
    scoring = FolderScoring(folder, model, store, EVERYBODY)
    chosen = chosen_way(store, folder)
    if labels is None and pairs is None:
        measured = images_of_catalogue(scoring.reviewed_catalogue(find_images(folder), scoring.stored_numbers()))
        if not measured.images:
            raise AnnotriageError(
                f"Nothing is measured of the images in {folder}: name a table of labels, or measure masks with "
                f"`annotriage agree MASKS --folder {folder}`."
            )
    else:
        measured = images_of_tables(
            folder,
            labels,
            pairs,
            clinical=clinical,
            columns=columns,
            way=way or (chosen if pairs is not None else None),
        )
    refuse_too_few(len(measured.images))
    advance = None if begun is None else begun(len(measured.images))
    said: dict[Path, Prediction] = {}
    known = scoring.known(measured.images)
    left = [image for image in measured.images if image.name not in known or known[image.name].error is not None]
    for image in measured.images:
        if image.name in known:
            said[image.path] = known[image.name]
    for _ in range(len(measured.images) - len(left)):
        if advance is not None:
            advance()
    for image, prediction in scoring.score_images(left, threads=threads):
        said[image.path] = without_maps(prediction)
        if advance is not None:
            advance()
    predictions = [said[image.path] for image in measured.images]
    drawn = way or measured.way or chosen
    card, left_out = calibrate_model(model, measured, predictions, way=drawn, now=drawn, used=used)
    unreadable = [
        f"{image.name}: {each.error}"
        for image, each in zip(measured.images, predictions, strict=True)
        if each.predicted_dice is None
    ]
    return Calibrated(card, [each.told for each in [*(measured.problems or []), *left_out]], unreadable)


def calibrate_catalogue(
    model: "ModelFile", catalogue: "Catalogue", store: "SessionStore", *, way: str | None = None
) -> Calibrated:
    """Fit a model to what a team measured of an open folder; images that are not scored yet are left out.

    Parameters and errors as of `calibrate_folder`, of which it differs in scoring nothing.
    """
    from annotriage.triage.folder_scoring import FolderScoring
    from annotriage.triage.team_choice import chosen_way

    measured = images_of_catalogue(catalogue)
    known = FolderScoring(catalogue.folder, model, store, EVERYBODY).known(measured.images)
    measured = measured.where([image.name in known for image in measured.images], "images that are not scored yet")
    drawn = way or chosen_way(store, catalogue.folder)
    predictions = [known[image.name] for image in measured.images]
    card, left_out = calibrate_model(model, measured, predictions, way=drawn, now=drawn)
    return Calibrated(card, [each.told for each in [*(measured.problems or []), *left_out]], [])


def calibrate_model(
    model: "ModelFile",
    measured: TeamImages,
    predictions: "Sequence[Prediction]",
    *,
    way: str | None = None,
    now: str | None = None,
    used: bool | None = None,
) -> "tuple[CalibrationCard, list[Problem]]":
    """Fit a model to a team, and return the card of what was fitted: nothing is written.

    Parameters
    ----------
    model : ModelFile
    measured : TeamImages
        N images.
    predictions : sequence of Prediction
        What the model says of each.
    way : str or None
        How the team draws; None: what the tables say, else what fits best.
    now : str or None
        The way whose answer the team reads without a calibration; None: `way`, else that of everybody.
    used : bool or None
        Whether it is used from now on; None: where it is shown to help.

    Returns
    -------
    card : CalibrationCard
    problems : list of Problem
        What was left out here.

    Raises
    ------
    AnnotriageError
        There are too few images, or the model does not know the way.
    """
    from annotriage.model_file.calibrations import calibration_card

    before = len(measured.problems or [])
    measured = measured.without_met(model.card)
    kept = {image.path for image in measured.images}
    said = [each for each in predictions if each.image in kept]
    measured = measured.where([each.predicted_dice is not None for each in said], "images that cannot be predicted")
    said = [each for each in said if each.predicted_dice is not None]
    way = way or measured.way
    if way is not None:
        Team(way).check(model.card)
    level = model.card.interval.level
    groups = None if measured.groups is None else np.unique(measured.groups, return_inverse=True)[1]
    left_out = (measured.problems or [])[before:]
    try:
        fit = fit_calibration(
            np.array(measured.dice),
            answers_of(model.card, said),
            model=model.key,
            now=now or way or MIXED,
            way=way,
            groups=groups,
            level=level,
        )
    except AnnotriageError as error:
        told = " ".join(each.told + "." for each in left_out)
        raise AnnotriageError(f"{error} {told}".strip()) from None
    card = calibration_card(fit, model, [image.path for image in measured.images], source=measured.source, used=used)
    return card, left_out


def answers_of(card: "ModelCard", predictions: "Sequence[Prediction]") -> "dict[str, Answer]":
    """Return what a model says of N images for each way of drawing that it knows, and for everybody."""
    from annotriage.measures.calibrating import Answer

    said = np.array([each.as_computed for each in predictions], np.float64).reshape(-1, 3)
    by_way = None
    if card.ways:
        by_way = np.array([each.by_way for each in predictions], np.float64).reshape(-1, len(card.ways), 2)
    answers = {}
    for way in [each.key for each in card.ways] or [MIXED]:
        numbers, spread = Team(way).answer(card, said, by_way)
        answers[way] = Answer(numbers[:, 0], spread, numbers[:, 1:])
    return answers
