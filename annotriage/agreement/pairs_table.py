"""Bring a table of pairs of masks, as IMA++ and `annotriage agree --pairs` write it, to one line an image."""

import math
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from annotriage.agreement.agreement import deviation, mean
from annotriage.agreement.mask_names import is_consensus
from annotriage.errors import AnnotriageError
from annotriage.measures.ways import way_of_pair
from annotriage.tables import Table, read_table

IMAGE_COLUMNS = ("image", "img_id", "isic_id")
MEASURES: Mapping[str, tuple[str, ...]] = {
    "dice": ("dice", "dice_score"),
    "jaccard": ("jaccard", "jaccard_score"),
    "hd": ("hd", "hd_score"),
    "hd95": ("hd95", "hd95_score"),
    "assd": ("assd", "assd_score"),
    "hd_normalized": ("hd_normalized", "hd_score_normalized"),
    "hd95_normalized": ("hd95_normalized", "hd95_score_normalized"),
    "assd_normalized": ("assd_normalized", "assd_score_normalized"),
}
"""What a pair's line may hold -> the names that its column may have."""


@dataclass(frozen=True, slots=True)
class PairSummary:
    """What the pairs of one image say.

    Attributes
    ----------
    image : str
        As the table has it.
    count : int
        How many masks there are.
    values : dict of str to list of float
        By measure (see `MEASURES`), one number a pair; pairs whose cell is no number are left out.
    """

    image: str
    count: int
    values: dict[str, list[float]] = field(default_factory=dict)

    def mean(self, measure: str) -> float:
        """Return the mean over the pairs; NaN where none has a number."""
        return mean(self.values.get(measure, []))

    def std(self, measure: str) -> float:
        """Return the standard deviation of a sample (n - 1); NaN for fewer than two pairs."""
        return deviation(self.values.get(measure, []))

    def min(self, measure: str) -> float:
        """Return the smallest; NaN where none has a number."""
        return min(self.values.get(measure, []), default=math.nan)


def aggregate_pairs(path: Path, *, keep_consensus: bool = False) -> list[PairSummary]:
    """Bring a table of pairs to one summary an image.

    Parameters
    ----------
    path : Path
        Text separated by commas, semicolons or tabs, with the columns ``image`` (or ``img_id``), ``mask1``, ``mask2``,
        ``annotator1``, ``annotator2``, ``dice`` (or ``dice_score``) and what else of `MEASURES` there is.
    keep_consensus : bool
        Whether pairs count of which one is no person's: ``ST`` and ``MV``.

    Returns
    -------
    list of PairSummary
        In the table's order.

    Raises
    ------
    AnnotriageError
        The file cannot be read, lacks a column, or has no pair of people.
    """
    table = read_table(path, [IMAGE_COLUMNS, ("annotator1",), ("annotator2",)])
    table.refuse_problems()
    image_at = table.need("the image", *IMAGE_COLUMNS)
    annotators_at = [table.need("the annotators", f"annotator{which}") for which in (1, 2)]
    masks_at = [table.need("the masks", f"mask{which}") for which in (1, 2)]
    table.need("the pair's Dice", *MEASURES["dice"])
    places = {measure: table.find(*names) for measure, names in MEASURES.items()}
    pairs: dict[str, list[list[str]]] = defaultdict(list)
    for cells in table.rows:
        if keep_consensus or not any(is_consensus(cells[place]) for place in annotators_at):
            pairs[cells[image_at]].append(cells)
    if not pairs:
        raise AnnotriageError(f"{path} has no pair of masks that people drew.")
    summaries = []
    for image, rows in pairs.items():
        values = {
            measure: [value for cells in rows if (value := _finite(table, cells, place)) is not None]
            for measure, place in places.items()
            if place is not None
        }
        summaries.append(PairSummary(image, len({cells[place] for cells in rows for place in masks_at}), values))
    return summaries


def dice_by_way(path: Path, *, keep_consensus: bool = False) -> dict[str, dict[str, list[float]]]:
    """Read how well pairs agree by how they drew: key of a way (see `annotriage.measures.ways`) -> image -> their Dice.

    Pairs of which a tool is not named, or is none that is known, are left out; so are those without a Dice.

    Parameters
    ----------
    path : Path
        As of `aggregate_pairs`, with the columns ``tool1`` and ``tool2``.
    keep_consensus : bool
        As of `aggregate_pairs`.

    Raises
    ------
    AnnotriageError
        The file cannot be read, lacks a column, or no pair in it says how it drew.
    """
    table = read_table(path, [IMAGE_COLUMNS, ("tool1",), ("tool2",)])
    table.refuse_problems()
    image_at = table.need("the image", *IMAGE_COLUMNS)
    dice_at = table.need("the pair's Dice", *MEASURES["dice"])
    tools_at = [table.need("the tools of the pair", f"tool{which}", f"tool_{which}") for which in (1, 2)]
    annotators_at = [place for which in (1, 2) if (place := table.find(f"annotator{which}")) is not None]
    found: dict[str, dict[str, list[float]]] = defaultdict(lambda: defaultdict(list))
    for cells in table.rows:
        way = way_of_pair(*(cells[place] for place in tools_at))
        dice = _finite(table, cells, dice_at)
        of_people = keep_consensus or not any(is_consensus(cells[place]) for place in annotators_at)
        if way is not None and dice is not None and 0 <= dice <= 1 and of_people:
            found[way][cells[image_at]].append(dice)
    if not found:
        raise AnnotriageError(
            f"{path} does not say of any pair with which tools it drew: the columns tool1 and tool2 hold T1, T2 or T3, "
            "or hand, fill or corrected."
        )
    return {way: dict(images) for way, images in found.items()}


def _finite(table: Table, cells: list[str], place: int) -> float | None:
    value = table.number(cells, place)
    return value if value is not None and math.isfinite(value) else None
