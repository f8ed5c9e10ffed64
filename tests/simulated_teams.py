"""Teams made of real masks: each person's outline is the expert's, with known shifts and chance.

The expert's mask becomes a hill (the distance to its border, plus a smooth random field); a person's mask is as many of
its highest pixels as that person's area has. So the size is known exactly, and the border moves where the field says.
"""

import math
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from scipy.ndimage import distance_transform_edt, gaussian_filter

from annotriage.agreement.mask_files import Mask
from annotriage.agreement.mask_set import MaskRow
from annotriage.agreement.measuring import LoadedMasks
from annotriage.agreement.people.drawn import Drawn
from annotriage.agreement.people.mask_facts import KnownFacts, MaskFacts
from annotriage.agreement.people.measuring_people import Gathering, drawn_of

SIDE = 128
ROOM = 32


@dataclass(frozen=True)
class TeamPlan:
    """A team: how many people and images, what share of the images each draws, and what is known of each person.

    `bias` and `drift` are of log area: `drift` from the first to the last image. `sloppy`: how far each person's border
    moves, in shares of the lesion; `wave`: how finely.
    """

    people: int
    images: int
    share: float = 1.0
    bias: tuple[float, ...] = ()
    drift: tuple[float, ...] = ()
    sloppy: tuple[float, ...] = ()
    wave: tuple[float, ...] = ()
    noise: float = 0.12
    timed: bool = True


class _Timed(KnownFacts):
    """Knows of each mask when it was drawn, by its path."""

    def __init__(self, times: dict[Path, float]) -> None:
        super().__init__()
        self._times = times

    def of(self, row: MaskRow) -> MaskFacts:
        """Return it."""
        return MaskFacts(finished=self._times.get(row.path, math.nan))


def expert_masks(folder: Path, count: int, seed: int) -> list[NDArray[np.bool_]]:
    """Return real masks, small, of lesions that leave room around them."""
    files = sorted((folder / "isic" / "masks").glob("*.png"))
    found: list[NDArray[np.bool_]] = []
    for at in np.random.default_rng(seed).permutation(len(files)).tolist():
        with Image.open(files[at]) as image:
            mask = np.asarray(image.convert("L").resize((SIDE, SIDE))) > 127
        if 0.03 < mask.mean() < 0.5:
            found.append(np.pad(mask, ROOM))
        if len(found) == count:
            break
    return found


def simulated(experts: list[NDArray[np.bool_]], plan: TeamPlan, seed: int) -> Drawn:
    """Let a team draw, and measure what it drew as masks in files are."""
    chance = np.random.default_rng(seed)
    order = np.stack([chance.permutation(plan.images) for _ in range(plan.people)]) / max(plan.images - 1, 1) - 0.5
    times: dict[Path, float] = {}
    gathering = Gathering(_Timed(times))
    for image in range(plan.images):
        expert = experts[image % len(experts)]
        drawing = np.flatnonzero(chance.random(plan.people) < plan.share)
        if len(drawing) < 2:
            drawing = np.sort(chance.permutation(plan.people)[:2])
        hardness = math.exp(chance.normal(0, 0.5))
        rows, masks = [], []
        for person in drawing.tolist():
            log_area = math.log(expert.sum()) + plan.noise * hardness * float(chance.standard_t(5))
            log_area += plan.bias[person] if plan.bias else 0.0
            log_area += (plan.drift[person] if plan.drift else 0.0) * float(order[person, image])
            inside = _drawn(expert, log_area, plan.sloppy[person] if plan.sloppy else 0.06,
                            plan.wave[person] if plan.wave else 6.0, chance)  # fmt: skip
            path = Path(f"image-{image:03d}_{person}.png")
            times[path] = float(order[person, image]) if plan.timed else math.nan
            rows.append(MaskRow(f"image-{image:03d}", f"person-{person}", path))
            masks.append(Mask(inside.shape, (0, 0, *inside.shape), inside, graded=False))
        gathering.add(drawn_of(f"image-{image:03d}", LoadedMasks(tuple(rows), tuple(masks), ()), gathering.facts))
    return gathering.done()


def _drawn(
    expert: NDArray[np.bool_], log_area: float, sloppy: float, wave: float, chance: np.random.Generator
) -> NDArray[np.bool_]:
    hill = distance_transform_edt(expert) - distance_transform_edt(~expert)
    field = gaussian_filter(chance.normal(size=expert.shape), wave)
    hill += field / field.std() * sloppy * math.sqrt(float(expert.sum()))
    number = int(np.clip(round(math.exp(log_area)), 80, expert.size - 1))
    return np.asarray(hill >= np.partition(hill.ravel(), -number)[-number])
