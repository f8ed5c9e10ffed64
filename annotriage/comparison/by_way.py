"""How good predictions are by the way in which images were drawn: answered without it, and with it."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from annotriage.comparison.run_types import Floats, ImageErrors
from annotriage.measures.kinds import KindMeasures, kind_measures
from annotriage.measures.thresholds import CONTENTIOUS_BELOW
from annotriage.measures.ways import MIXED, WAYS

ALL = "all"
SEVERAL = "several ways, or not known"


@dataclass(frozen=True, slots=True)
class WayErrors:
    """Errors of one model on the test images that were drawn in one way.

    Attributes
    ----------
    model : str
    kind : str
        The way in words; `ALL`, or `SEVERAL` ways.
    told : bool
        Whether the model was asked for the image's own way, and not for mixed.
    measures : KindMeasures
    """

    model: str
    kind: str
    told: bool
    measures: KindMeasures


def errors_by_way(
    model: str, tested: Sequence[ImageErrors | None], contentious_below: float = CONTENTIOUS_BELOW
) -> tuple[WayErrors, ...]:
    """Put the test parts of a model's runs together, way by way, all images first.

    Images that were drawn in several ways, or it is not known how, are asked for as mixed in any case; so are those of
    runs that do not know an image's way.

    Returns
    -------
    tuple of WayErrors
        Empty where no run knows ways of drawing.
    """
    runs = [run for run in tested if run is not None]
    if not any(run.by_way for run in runs):
        return ()
    ways = np.array([way for run in runs for way in run.ways or ("",) * len(run.names)], object)
    dice = np.concatenate([run.dice for run in runs])
    mixed = np.concatenate([np.column_stack([run.predicted, run.lower, run.upper]) for run in runs])
    own = mixed.copy()
    begins = np.cumsum([0, *(len(run.names) for run in runs)])
    for run, begin in zip(runs, begins, strict=False):
        for way, said in run.by_way.items():
            rows = np.flatnonzero(np.array(run.ways, object) == way)
            own[begin + rows] = said[rows]
    found = []
    kinds = [(ALL, np.ones(len(dice), bool)), *((WAYS[way], ways == way) for way in WAYS if way != MIXED)]
    for kind, rows in kinds:
        if rows.any():
            for told, said in ((False, mixed), (True, own)):
                found.append(WayErrors(model, kind, told, _measured(dice[rows], said[rows], contentious_below)))
    rest = ~np.isin(ways.astype(str), [way for way in WAYS if way != MIXED])
    if rest.any():
        found.append(WayErrors(model, SEVERAL, False, _measured(dice[rest], mixed[rest], contentious_below)))
    return tuple(found)


def _measured(dice: Floats, said: Floats, below: float) -> KindMeasures:
    return kind_measures(dice, said[:, 0], said[:, 1], said[:, 2], below)
