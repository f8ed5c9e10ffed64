"""Put labelled images into groups by what is known of them: diagnosis, site, sex, age, annotators, tool, skill."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from annotriage.agreement.mask_names import is_consensus
from annotriage.datasets.metadata import merge_metadata, read_metadata
from annotriage.errors import AnnotriageError
from annotriage.names import stem_of
from annotriage.tables import number, read_table, says_nothing

DIAGNOSIS = "benign_malignant"
MISSING = "(not known)"
USUAL = {
    "diagnosis": DIAGNOSIS,
    "site": "anatom_site_general",
    "age": "age_approx",
}
FROM_MASKS = ("annotators", "tool", "skill")
AGE_BANDS = (30, 50, 70)
_MASK_IMAGE = ("ISIC_id", "isic_id", "image", "image_id", "img_filename")
_MASK_COLUMNS = {"tool": ("tool",), "skill": ("skill_level", "skill"), "annotators": ("annotator", "annotator_id")}
_COUNTS = ("count", "annotators", "n_annotators", "masks")


@dataclass(frozen=True, slots=True)
class Grouping:
    """The group of each image.

    Attributes
    ----------
    by : str
        What they are grouped by, as people call it.
    source : str
        Column and file it was read from.
    groups : list of str
        For each image; `MISSING` where nothing is known.
    order : list of str
        The groups in the order in which tables show them; `MISSING` is not among them.
    note : str
        How groups were made; empty where they are the values themselves.
    """

    by: str
    source: str
    groups: list[str]
    order: list[str]
    note: str = ""


def group_images(
    stems: Sequence[str],
    by: str,
    *,
    clinical: Path | None = None,
    labels: Path | None = None,
    masks: Path | None = None,
) -> Grouping:
    """Find the group of each image.

    Parameters
    ----------
    stems : sequence of str
        The images.
    by : str
        ``diagnosis``, ``site``, ``sex``, ``age``, ``annotators``, ``tool``, ``skill``, or any column of the files.
    clinical : Path, optional
        ISIC metadata: CSV, or folder of JSON files.
    labels : Path, optional
        The metrics table, whose further columns can be grouped by, too (``count`` is the number of annotators).
    masks : Path, optional
        A table with a line a mask: image, annotator, tool, skill.

    Raises
    ------
    AnnotriageError
        None of the files has such a column.
    """
    column = USUAL.get(by, by)
    if by in FROM_MASKS and masks is not None:
        return _from_masks(stems, by, masks)
    tried: list[str] = []
    if by != "annotators" and clinical is not None:
        merged = merge_metadata(stems, read_metadata(clinical))
        tried += merged.columns
        if column in merged.columns:
            return _grouping(by, f"{column} of {clinical}", [row.get(column, "") for row in merged.rows])
        if column == DIAGNOSIS and "diagnosis_1" in merged.columns:
            return _grouping(by, f"diagnosis_1 of {clinical}", [row.get("diagnosis_1", "") for row in merged.rows])
    if labels is not None:
        table = read_table(labels)
        place = table.find(*(_COUNTS if by == "annotators" else (column,)))
        tried += [name for name in table.columns if name]
        if place is not None:
            image = _image_place(labels)
            by_case = {stem_of(row[image]).casefold(): row[place] for row in table.rows}
            values = [by_case.get(stem.casefold(), "") for stem in stems]
            return _grouping(by, f"{table.columns[place]} of {labels}", values)
    if by in FROM_MASKS:
        raise AnnotriageError(
            f"Nothing here says the {by} of the masks: give a table with a line a mask (image, annotator, tool, "
            "skill_level) by --masks."
        )
    have = ", ".join(dict.fromkeys(tried)) or "none; name a file by --clinical"
    raise AnnotriageError(f"There is no column {column} to group by. There are: {have}.")


def _image_place(labels: Path) -> int:
    from annotriage.datasets.columns import SAMPLE_ROWS, guess_columns

    table = read_table(labels)
    column = guess_columns(table.columns, table.rows[:SAMPLE_ROWS]).column("image")
    return table.need("the image", *([column] if column else ["image"]))


def _grouping(by: str, source: str, values: Sequence[str]) -> Grouping:
    note = ""
    if by == "age" or by == "age_approx":
        groups = [_age_band(value) for value in values]
        note = "Ages are put into bands, as the Archive rounds them to five years."
    else:
        groups = [MISSING if says_nothing(value) else value.strip().lower() for value in values]
    return Grouping(by, source, groups, _order(groups), note)


def _age_band(value: str) -> str:
    age = number(value, ",")
    if age is None or not age >= 0:
        return MISSING
    start = max((band for band in AGE_BANDS if age >= band), default=0)
    end = next((band for band in AGE_BANDS if band > age), None)
    return f"{start} and above" if end is None else f"{start} to {end - 1}"


def _order(groups: Sequence[str]) -> list[str]:
    from annotriage.images import natural_key

    return sorted(set(groups) - {MISSING}, key=natural_key)


def _from_masks(stems: Sequence[str], by: str, masks: Path) -> Grouping:
    """Group by what the masks of an image have: all tools (skills) that took part, or the number of annotators."""
    table = read_table(masks)
    image = table.need("the image", *_MASK_IMAGE)
    column = table.need(f"the {by}", *_MASK_COLUMNS[by])
    person = table.find(*_MASK_COLUMNS["annotators"])
    met: dict[str, set[str]] = {}
    for row in table.rows:
        if (person is None or not is_consensus(row[person])) and not says_nothing(row[column]):
            met.setdefault(stem_of(row[image]).casefold(), set()).add(row[column])
    known: Mapping[str, str] = {stem: _said(by, values) for stem, values in met.items()}
    groups = [known.get(stem.casefold(), MISSING) for stem in stems]
    note = "Consensus masks (STAPLE, majority vote) are not counted."
    if by != "annotators":
        note = f"An image belongs to the set of {by}s by which its masks were drawn. {note}"
    return Grouping(by, f"{table.columns[column]} of {masks}", groups, _order(groups), note)


def _said(by: str, values: set[str]) -> str:
    return str(len(values)) if by == "annotators" else " + ".join(sorted(values))
