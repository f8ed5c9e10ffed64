"""Made-up tables in which the drawing tool goes along with the group, and patients have several images."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from annotriage.comparison.groupings import Grouping

NAMES = ["benign", "malignant"]
TOOLS = np.array(["corrected", "flood", "hand"])
COSTS = np.array([0.0, 0.25, 0.05])


@dataclass(frozen=True, eq=False)
class MadeTable:
    """N images: their group, Dice, tool and patient."""

    groups: list[str]
    dice: NDArray[np.float64]
    tool: Grouping
    patients: list[str]


def made_table(
    seed: int,
    images: int = 300,
    *,
    effect: float = 0.0,
    confounded: bool = True,
    patients: int | None = None,
    shared: float = 0.08,
    of_patients: bool = True,
) -> MadeTable:
    """Make a table.

    Malignant lesions are drawn by flood fill more often, which costs 0.25 of Dice. The Dice is skewed as real ones are,
    and images of one patient go along with each other; `of_patients`: a patient has lesions of one group only.

    Parameters
    ----------
    seed, images : int
    effect : float
        What malignant lesions cost by themselves.
    confounded : bool
        Whether tools go along with groups.
    patients : int, optional
        None: each image has its own.
    shared : float
        Standard deviation of what a patient's images have in common.
    of_patients : bool
    """
    draw = np.random.default_rng(seed)
    patient = np.arange(images) if patients is None else np.sort(draw.integers(0, patients, images))
    of_image = draw.random(images) < 0.4
    malignant = (draw.random(int(patient.max()) + 1) < 0.4)[patient] if of_patients else of_image
    shares = np.where(malignant[:, None] & confounded, [0.2, 0.6, 0.2], [0.5, 0.2, 0.3])
    tool = (draw.random(images)[:, None] > shares.cumsum(axis=1)).sum(axis=1)
    common = draw.normal(0, shared, int(patient.max()) + 1)[patient] if patients is not None else 0.0
    dice = 0.9 - COSTS[tool] - effect * malignant + common - draw.gamma(1.0, 0.08, images)
    return MadeTable(
        [NAMES[int(one)] for one in malignant],
        dice,
        Grouping("tool", "x", TOOLS[tool].tolist(), TOOLS.tolist()),
        [f"p{one}" for one in patient],
    )
