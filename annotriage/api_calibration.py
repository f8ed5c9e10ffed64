"""What `import annotriage` gives to fit a model to one's own team."""

import os
from collections.abc import Mapping
from typing import TYPE_CHECKING, TypeAlias

from annotriage import api_arguments as given

if TYPE_CHECKING:
    from annotriage.model_file import CalibrationCard

PathLike: TypeAlias = str | os.PathLike[str]


def calibrate(
    model: PathLike,
    images: PathLike,
    labels: PathLike | None = None,
    pairs: PathLike | None = None,
    *,
    drawn: str | None = None,
    clinical: PathLike | None = None,
    columns: Mapping[str, str] | None = None,
    keep: bool = True,
    use: bool | None = None,
    threads: int | None = None,
) -> "CalibrationCard":
    """Fit a model to the agreement that your team measured, as `annotriage calibrate` does.

    Print what is returned to read whether it helps. What a folder's images are predicted with is kept, as
    `annotriage score` keeps it.

    Parameters
    ----------
    model : path
        A model's name in the library, or its file.
    images : path
        The folder of the images that people drew.
    labels : path or None
        The metrics table: image, dice_mean, ...; without a table, what was measured of the folder.
    pairs : path or None
        A table of pairs with tool1 and tool2, of which those count that drew in one way.
    drawn : str or None
        How the team draws, by its key (see `annotriage.measures.ways.WAYS`); None: as the tables say or as was chosen
        for the folder, else the way that fits best.
    clinical : path or None
        ISIC metadata, which keep a patient's images together.
    columns : mapping of str to str, optional
        Role to column of the tables.
    keep : bool
        Whether it is kept beside the model; False: it is only returned.
    use : bool or None
        Whether predictions are made with it from now on; None: where it is shown to help.
    threads : int or None
        Processor cores to use; None: all.

    Returns
    -------
    CalibrationCard
        ``shift``, ``slope``, ``before`` and ``after`` (each ``mae``, ``coverage``, ``width``), ``gain`` with
        ``gain_low`` and ``gain_high``, ``helps``, ``used``, and what it rests on.

    Raises
    ------
    AnnotriageError
        Fewer than 30 images are measured, a table or the model cannot be read, or it cannot be kept.
    """
    from annotriage.model_file import Calibrations, ModelLibrary
    from annotriage.scoring.team import way_named
    from annotriage.triage.calibrating import calibrate_folder
    from annotriage.triage.store import SessionStore

    chosen = ModelLibrary().find(given.path(model, "model"))
    way = given.text_or_none(drawn, "drawn")
    with SessionStore() as store:
        card = calibrate_folder(
            chosen,
            given.path(images, "images"),
            store,
            labels=given.path_or_none(labels, "labels"),
            pairs=given.path_or_none(pairs, "pairs"),
            clinical=given.path_or_none(clinical, "clinical"),
            columns=given.columns_or_none(columns),
            way=None if way is None else way_named(way, chosen.card),
            used=use,
            threads=given.threads_or_none(threads),
        ).card
    if keep:
        Calibrations().write(card, chosen)
    return card
