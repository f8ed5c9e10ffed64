"""What `import annotriage` gives: the program's own functions, for notebooks and scripts.

Tables are pandas data frames. What is wrong with one image stands in its row; what is wrong with the call is an
`AnnotriageError` with a sentence for people, or a `TypeError` that says what is taken.
"""

import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, TypeAlias, Union

from annotriage import api_arguments as given
from annotriage.api_agreement import AgreementTables as AgreementTables
from annotriage.api_agreement import agree as agree
from annotriage.api_calibration import calibrate as calibrate
from annotriage.errors import AnnotriageError
from annotriage.measures.thresholds import CONTENTIOUS_BELOW

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd
    from numpy.typing import NDArray
    from PIL.Image import Image

    from annotriage.comparison.group_results import Diagnosis
    from annotriage.comparison.people.results import Team
    from annotriage.comparison.results import Comparison
    from annotriage.model_file import ModelFile
    from annotriage.regressors.recipes.recipe import Recipe

__all__ = ["AgreementTables", "agree", "calibrate", "compare", "diagnosis", "models", "people", "score", "train"]

PathLike: TypeAlias = str | os.PathLike[str]
OneImage: TypeAlias = Union[PathLike, "Image", "NDArray[np.uint8]"]


def score(
    images: OneImage | Iterable[OneImage],
    model: "PathLike | ModelFile | None" = None,
    *,
    drawn: str | None = None,
    heatmaps: bool = False,
    threads: int | None = None,
) -> "pd.DataFrame":
    """Predict how much annotators will disagree on lesion images.

    Nothing is written: `annotriage score` and the window keep what they compute, this does not.

    Parameters
    ----------
    images : path, image, or iterable of them
        A folder (those below it are searched, too), the file of an image, an image of Pillow's, or an array of uint8,
        (H, W, 3), red, green and blue in sRGB; or any number of images. A JPEG that Pillow has opened is decoded whole,
        one in a file at a smaller scale: the last digits may differ.
    model : path, ModelFile or None
        A model's name in the library, or its file; None: the one that is used when none is named.
    drawn : str or None
        How the people draw whose agreement is predicted: a key of `annotriage.measures.ways.WAYS` (``"hand"``,
        ``"fill"``, ``"corrected"``, ...), or its words. None: the way that was calibrated, or mixed or unknown.
    heatmaps : bool
        Whether each image's maps are given.
    threads : int or None
        Processor cores to use; None: all.

    Returns
    -------
    DataFrame
        A row an image, in the order given; a folder's in natural order. Columns: ``image`` (the file's name in the
        folder, the path as it was given, or for images in memory their place in the order, from 0), ``predicted_dice``,
        ``disagreement`` (1 - predicted Dice), ``lower`` and ``upper`` (the interval of the Dice, its level in
        ``attrs["level"]``), all 0..1; the model's further targets; ``error``: why there is no prediction, or None;
        ``note``: what was assumed when the image was read (which number is white, where it has more than 8 bits), or
        None; of a model that knows ways of drawing, ``predicted_for``: for whom it is, in words (also in ``attrs``);
        of one that tells how far an image lies from what it knows, ``unlike``: whether its numbers must not be trusted,
        and ``unlikeness``: how far, above 1 it is unlike, NaN where there is no prediction.
        With `heatmaps`, ``heatmap``: (h, w) array of float32, the contribution of each place to the predicted Dice of
        mixed or unknown ways, negative towards disagreement; ``lesion``: (h2, w2) array of float32, the probability
        0..1 that a place is lesion, or None; and what other maps the model's card lists.

    Raises
    ------
    TypeError
        What is given is no image.
    AnnotriageError
        The folder or the model cannot be read, the model not be computed here, or it does not know the way of drawing.
    """
    from annotriage.model_file import ModelFile, ModelLibrary
    from annotriage.triage.score_table import score_table

    if isinstance(model, ModelFile):
        chosen = model
    elif model is None or isinstance(model, str | os.PathLike):
        chosen = ModelLibrary().default() if model is None else ModelLibrary().find(os.fspath(model))
    else:
        raise TypeError(f"model takes the name or the file of a model, not {type(model).__name__}.")
    drawn, threads = given.text_or_none(drawn, "drawn"), given.threads_or_none(threads)
    return score_table(images, chosen, heatmaps=heatmaps, threads=threads, drawn=drawn)


def people(
    masks: PathLike | Sequence[PathLike] | None = None,
    *,
    pairs: PathLike | None = None,
    letters: bool = False,
    min_images: int = 10,
    **how: Any,
) -> "Team":
    """Compare annotators fairly, and print as a report; see `annotriage.comparison.people.of_masks.people_of_masks`."""
    from annotriage.comparison.people.of_masks import people_of_masks, people_of_pairs
    from annotriage.comparison.reports.printed import printed_team

    if (masks is None) == (pairs is None):
        raise TypeError("people takes masks, or a table of pairs: one of the two.")
    wanted: dict[str, Any] = {"letters": letters, "min_images": given.whole_number(min_images, "min_images", 3)}
    if pairs is not None:
        return printed_team(people_of_pairs(given.path(pairs, "pairs"), **wanted, **how))
    return printed_team(people_of_masks(given.paths(masks, "masks"), **wanted, **how))


def compare(
    runs: PathLike | Sequence[PathLike],
    metric: Literal["mse", "mae"] = "mse",
    *,
    chosen: str | None = None,
    rope: float | None = None,
    contentious_below: float = CONTENTIOUS_BELOW,
) -> "Comparison":
    """Compare models by their finished runs; see `annotriage.comparison.comparing.compare`.

    Print what is returned to read it; `annotriage.comparison.reports.report.write_report` writes it as a report.

    Parameters
    ----------
    runs : path, or sequence of paths
        Run folders, folders of these, or tables of runs.
    metric, chosen, rope, contentious_below
        As there.
    """
    from annotriage.comparison.comparing import compare as compared
    from annotriage.comparison.reports.printed import printed_comparison

    found = compared(
        given.paths(runs, "runs"),
        metric,
        chosen=chosen,
        rope=None if rope is None else given.number(rope, "rope"),
        contentious_below=given.number(contentious_below, "contentious_below", 0, 1),
    )
    return printed_comparison(found)


def diagnosis(
    labels: PathLike | None = None,
    clinical: PathLike | None = None,
    by: str = "diagnosis",
    *,
    masks: PathLike | None = None,
    pairs: PathLike | None = None,
    columns: Mapping[str, str] | None = None,
    adjust: Sequence[str] | None = None,
) -> "Diagnosis":
    """Compare the agreement of annotators between groups of images; see `annotriage.comparison.image_groups.diagnosis`.

    It says nothing about a single lesion.

    Parameters
    ----------
    labels : path or None
        The metrics table; None: `pairs` say the mean Dice.
    clinical : path or None
        ISIC metadata: a table, or a folder of JSON files.
    by, columns, adjust
        As there.
    masks, pairs : path or None
        A table with a line a mask (image, annotator, tool, skill_level); one with a line a pair of masks.
    """
    from annotriage.comparison.image_groups import diagnosis as compared
    from annotriage.comparison.reports.printed import printed_diagnosis

    found = compared(
        given.path_or_none(labels, "labels"),
        given.path_or_none(clinical, "clinical"),
        given.text(by, "by"),
        masks=given.path_or_none(masks, "masks"),
        pairs=given.path_or_none(pairs, "pairs"),
        columns=given.columns_or_none(columns),
        adjust=given.texts_or_none(adjust, "adjust"),
    )
    return printed_diagnosis(found)


def models() -> "pd.DataFrame":
    """List the models of the library: those that ship with Annotriage, and the user's own.

    Returns
    -------
    DataFrame
        A row a model: ``name``, ``default`` (it is used when none is named), ``bundled``, ``version``, ``title``,
        ``backbone``, ``mae`` and ``baseline_mae`` (of always guessing the median; on the images of its test part),
        ``path``, and ``problem``: why it cannot be used, or None.
    """
    import pandas as pd

    from annotriage.model_file import ModelLibrary

    columns = ("name", "default", "bundled", "version", "title", "backbone", "mae", "baseline_mae", "path", "problem")
    rows = []
    for entry in ModelLibrary().list():
        card = entry.card
        row = {column: getattr(entry, column, None) for column in columns}
        if card is not None:
            row |= {"version": card.version, "title": card.title, "backbone": card.architecture}
        if card is not None and card.metrics is not None:
            row |= {"mae": card.metrics.mae, "baseline_mae": card.metrics.median_mae}
        rows.append(row)
    return pd.DataFrame(rows, columns=list(columns))


def train(
    recipe: "PathLike | Recipe",
    images: PathLike | Sequence[PathLike],
    labels: PathLike,
    out: PathLike | None = None,
    *,
    clinical: PathLike | None = None,
    masks: PathLike | Sequence[PathLike] | None = None,
    pairs: PathLike | None = None,
    columns: Mapping[str, str] | None = None,
    seed: int | None = None,
    device: Literal["auto", "cpu", "cuda", "mps"] = "auto",
    resume: bool = False,
    report: Callable[[dict[str, Any]], None] | None = None,
) -> Path:
    """Train a regressor and write it as one model file; see `annotriage.regressors.pipeline.train.train`.

    Parameters
    ----------
    recipe : path or Recipe
        A TOML file, or the name of a recipe that ships (``"paper"``, ``"bundled"``).
    images : path or sequence of path
        A folder of lesion images, those that the labels are of; images of further folders have no labels.
    labels : path
        The metrics table: image, dice_mean, ...
    out : path or None
        The run folder; None: ``runs/NAME-OF-RECIPE``.
    clinical : path or None
        ISIC metadata, which keep a patient's images on one side of the split.
    masks : path, sequence of path, or None
        Folders of expert masks, for recipes that learn from them.
    pairs : path or None
        Pairs of masks with their tools, from which ways of drawing are learned.
    columns : mapping of str to str, optional
        Role to column of the metrics table.
    seed : int or None
        In place of the recipe's.
    device : {"auto", "cpu", "cuda", "mps"}
        What to train on.
    resume : bool
        Whether to go on with a run that was stopped.
    report : callable or None
        Gets a dict for each event: ``start``, ``stage``, ``step``, ``epoch``, ``done``, ...

    Returns
    -------
    Path
        The model file; `score` takes it as its model.

    Raises
    ------
    AnnotriageError
        The recipe or the data cannot be used, or training is not installed.
    """
    from annotriage.version import how_to_get, lacking

    seed = None if seed is None else given.whole_number(seed, "seed", 0)
    if report is not None and not callable(report):
        raise TypeError(f"report takes a function of one dict, not {type(report).__name__}: {report!r}.")
    missing = lacking("train")
    if missing:
        raise AnnotriageError(
            f"Training needs more than the light install ({', '.join(missing)} missing). "
            + how_to_get("train", what="Training")
        )
    from annotriage.regressors.pipeline.train import train as trained
    from annotriage.regressors.recipes.recipe import Recipe, load_recipe

    chosen = recipe if isinstance(recipe, Recipe) else load_recipe(given.path(recipe, "recipe"))
    if seed is not None:
        chosen = chosen.model_copy(update={"seed": seed})
    return trained(
        chosen,
        given.paths(images, "images"),
        given.path(labels, "labels"),
        given.path_or_none(out, "out") or Path("runs") / chosen.name,
        clinical=given.path_or_none(clinical, "clinical"),
        masks=None if masks is None else given.paths(masks, "masks"),
        pairs=given.path_or_none(pairs, "pairs"),
        columns=given.columns_or_none(columns),
        resume=resume,
        device=device,
        report=report or (lambda _: None),
    )
