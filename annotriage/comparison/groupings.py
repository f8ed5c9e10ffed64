"""Put labelled images into groups by what is known of them: diagnosis, site, sex, age, annotators, tool, skill."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from annotriage.agreement.mask_names import is_consensus
from annotriage.datasets.metadata import merge_metadata, read_metadata
from annotriage.datasets.metadata_files import name_today
from annotriage.errors import AnnotriageError
from annotriage.names import counted, key_of
from annotriage.tables import Problem, Table, column_key, number, read_table, says_nothing, some, united_numbers

DIAGNOSIS = "benign_malignant"
MISSING = "(not known)"
USUAL = {
    "diagnosis": DIAGNOSIS,
    "site": "anatom_site_general",
    "age": "age_approx",
}
OTHER_NAMES = {
    "diagnosis": ("diagnosis_1", "dx", "disease", "malignant", "target"),
    "site": ("location", "localisation", "body_site", "region"),
    "age": ("age_years", "patient_age"),
    "sex": ("gender",),
}
"""What such columns are called in other tables, after their own name and the Archive's."""
_SEXES = frozenset(map(column_key, ("sex", *OTHER_NAMES["sex"])))
_AGES = frozenset(map(column_key, ("age", USUAL["age"], *OTHER_NAMES["age"])))
OLDEST = 120
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
    columns: Mapping[str, str] | None = None,
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
    columns : mapping of str to str, optional
        Role to column, where the user chose it: ``image`` of the labels, ``clinical_image`` of the metadata.

    Raises
    ------
    AnnotriageError
        None of the files has such a column.
    """
    word = column_key(by)
    names = (by, *([USUAL[word]] if word in USUAL else []), *OTHER_NAMES.get(word, ()), name_today(by))
    by = word if word in FROM_MASKS else by
    if by in FROM_MASKS and masks is not None:
        return _from_masks(stems, by, masks)
    tried: list[str] = []
    if by != "annotators" and clinical is not None:
        merged = merge_metadata(stems, read_metadata(clinical, columns))
        tried += merged.columns
        # In the Archive's JSON the diagnosis that is meant is benign or malignant; in a table, the column of the name.
        ours = (*names[1:], by) if clinical.is_dir() or clinical.suffix.lower() == ".json" else names
        column = _among(ours, merged.columns, clinical)
        if column is not None:
            told = [problem for problem in merged.problems if problem.what != "metadata without an image"]
            return _grouping(by, column, f"{column} of {clinical}", [row.get(column, "") for row in merged.rows], told)
    if labels is not None:
        table = read_table(labels)
        place = table.find(*(_COUNTS if by == "annotators" else names), chosen=by != "annotators")
        tried += [name for name in table.columns if name]
        if place is not None:
            image = _image_place(table)
            by_key = {key_of(row[image]): row[place] for row in table.rows}
            values = [by_key.get(key_of(stem), "") for stem in stems]
            name = table.columns[place]
            return _grouping(by, name, f"{name} of {labels}", values)
    if by in FROM_MASKS:
        raise AnnotriageError(
            f"Nothing here says the {by} of the masks: give a table with a line a mask (image, annotator, tool, "
            "skill_level) by --masks."
        )
    have = ", ".join(dict.fromkeys(tried)) or "none; name a file by --clinical"
    looked = " or ".join([by, *([USUAL[word]] if word in USUAL else [])])
    raise AnnotriageError(f"There is no column {looked} to group by. There are: {have}. Name one of them by --by.")


def _among(names: Sequence[str], columns: Sequence[str], source: Path) -> str | None:
    """Return the first of the names that is a column; of several columns alike, the one that is spelled so."""
    for name in names:
        if name in columns:
            return name
        alike = [column for column in columns if column_key(column) == column_key(name)]
        if len(alike) > 1:
            raise AnnotriageError(
                f"{source} has {len(alike)} columns that could be meant by {name}: {some(alike)}. Name one of them as "
                "it is written there."
            )
        if alike:
            return alike[0]
    return None


def _image_place(table: Table) -> int:
    from annotriage.datasets.columns import SAMPLE_ROWS, guess_columns

    column = guess_columns(table.columns, table.rows[:SAMPLE_ROWS]).column("image")
    return table.need("the image", *([column] if column else ["image"]))


def _grouping(by: str, column: str, source: str, values: Sequence[str], told: Sequence[Problem] = ()) -> Grouping:
    notes = []
    if {column_key(by), column_key(column)} & _AGES:
        groups, note = _ages(values)
        notes.append(note)
    else:
        groups = [MISSING if says_nothing(value) else _plain(value) for value in values]
        if {column_key(by), column_key(column)} & _SEXES:
            groups, note = _sexes(groups)
            notes += [note] * bool(note)
    notes += [f"Of the metadata: {problem}." for problem in told]
    return Grouping(by, source, groups, _order(groups), " ".join(notes))


def _plain(value: str) -> str:
    """Return a value as it is compared: 3.0 is 3, as programs write it beside empty cells."""
    return re.sub(r"^(\d+)\.0+$", r"\1", value.strip().lower())


def _sexes(groups: list[str]) -> tuple[list[str], str]:
    """Write letters out where the words stand beside them: m and male are one group.

    Letters alone may be of any language: they stay as they are.
    """
    meant = {letter: word for letter, word in {"m": "male", "f": "female"}.items() if {letter, word} <= set(groups)}
    told = ", ".join(f"{letter} is {word} ({groups.count(letter):,})" for letter, word in meant.items())
    return [meant.get(group, group) for group in groups], f"Sexes written as letters: {told}." if told else ""


def _ages(values: Sequence[str]) -> tuple[list[str], str]:
    """Put ages into bands; return them, and how, and what was no age.

    Bands that the table has already are kept where they do not fit into ours. 0 and numbers that nobody lives to are
    how tables write that an age is not known.
    """
    given = [_given_band(value) for value in values]
    bands = [None if band is None else _band_of(*band) for band in given]
    if any(band is not None and ours is None for band, ours in zip(given, bands, strict=True)):
        return _in_given_bands(values, given)
    groups: list[str] = []
    odd: list[str] = []
    for value, band in zip(values, bands, strict=True):
        age = _likely_age(value)
        if band is not None:
            groups.append(band)
        elif age is not None:
            groups.append(_band_of(age, age) or MISSING)
        else:
            groups.append(MISSING)
            if not says_nothing(value):
                odd.append(value)
    return groups, "Ages are put into bands, as the Archive rounds them to five years." + _said_of_odd(odd)


def _in_given_bands(values: Sequence[str], given: Sequence[tuple[float, float] | None]) -> tuple[list[str], str]:
    """Keep the table's own bands; an age by itself goes into the one that holds it, other words stay groups."""
    named = {_plain(value): band for value, band in zip(values, given, strict=True) if band is not None}
    groups: list[str] = []
    odd: list[str] = []
    for value, band in zip(values, given, strict=True):
        age = _likely_age(value)
        holding = [] if age is None else [name for name, (low, high) in named.items() if low <= age <= high]
        if band is not None or not re.search(r"\d", value):
            groups.append(MISSING if says_nothing(value) else _plain(value))
        elif len(holding) == 1:
            groups.append(holding[0])
        else:
            groups.append(MISSING)
            odd.append(value)
    return groups, "Ages stand in bands in the table; they are kept as they are." + _said_of_odd(odd, of_bands=True)


def _said_of_odd(odd: Sequence[str], *, of_bands: bool = False) -> str:
    if not odd:
        return ""
    met = list(dict.fromkeys(odd))
    why = f"0 is how many tables write it; no age is above {OLDEST} or holds other words"
    bands = " Nor is an age used that lies in none of the bands, or in two." if of_bands else ""
    return f" {counted(len(odd), 'values are')} taken for not known: {some(met)}. ({why}.{bands})"


def _likely_age(value: str) -> float | None:
    """Return the age that a cell says, None where it says none or one that nobody has."""
    age = _age(value)
    return age if age is not None and 0 < age <= OLDEST else None


def _age(value: str) -> float | None:
    """Return the age in years that a cell says: 45, 45.0, 45,5, 45 years, 45 y, 45J."""
    found = re.fullmatch(
        r"(-?\d+(?:[.,]\d+)?)\s*(?:y|yr|yrs|years?|years? old|yo|y/o|j|jahre?|ans?|años|a)?\.?", value.strip().lower()
    )
    return number(found[1], ";") if found else None


def _given_band(value: str) -> tuple[float, float] | None:
    """Return the ends of a band of ages: 30-39, 30 to 39, [30, 40), 80+, >80, <30."""
    text = value.strip().lower().replace("–", "-")
    if found := re.fullmatch(r"[\[(]?\s*(\d{1,3})\s*(?:-|to|bis|,|\.\.)\s*(\d{1,3})\s*([\])]?)\s*(?:years?|y)?", text):
        low, high = float(found[1]), float(found[2])
        return (low, high - (found[3] == ")")) if "," not in text or text[0] in "[(" else None
    if found := re.fullmatch(r"(?:>=?|≥|over|above)\s*(\d{1,3})|(\d{1,3})\s*(?:\+|and (?:above|over|older))", text):
        return float(found[1] or found[2]), float(OLDEST)
    if found := re.fullmatch(r"(<=?|≤|under|below)\s*(\d{1,3})", text):
        return 0.0, float(found[2]) - (found[1] in ("<", "under", "below"))
    return None


def _band_of(low: float, high: float) -> str | None:
    """Return our band in which both ends lie, None where they lie in two."""
    start = max((band for band in AGE_BANDS if low >= band), default=0)
    end = next((band for band in AGE_BANDS if band > low), None)
    if end is None:
        return f"{start} and above"
    return f"{start} to {end - 1}" if high < end else None


def _order(groups: Sequence[str]) -> list[str]:
    from annotriage.images import natural_key

    return sorted(set(groups) - {MISSING}, key=natural_key)


def _from_masks(stems: Sequence[str], by: str, masks: Path) -> Grouping:
    """Group by what the masks of an image have: all tools (skills) that took part, or the number of annotators."""
    table = read_table(masks, [_MASK_IMAGE, _MASK_COLUMNS[by]])
    image = table.need("the image", *_MASK_IMAGE)
    column = table.need(f"the {by}", *_MASK_COLUMNS[by])
    person = table.find(*_MASK_COLUMNS["annotators"])
    people = [row for row in table.rows if person is None or not is_consensus(row[person])]
    one_image = united_numbers(key_of(row[image]) for row in people)
    said = [row for row in people if not says_nothing(row[column])]
    one = united_numbers(row[column] for row in said)
    met: dict[str, set[str]] = {}
    for row in said:
        met.setdefault(one_image.read(key_of(row[image])), set()).add(one.read(row[column]))
    known: Mapping[str, str] = {stem: _said(by, values) for stem, values in met.items()}
    groups = [known.get(one_image.read(key_of(stem)), MISSING) for stem in stems]
    note = "Consensus masks (STAPLE, majority vote) are not counted."
    note = " ".join([note, *one.remarks(by.removesuffix("s")), *one_image.remarks("image")])
    if by != "annotators":
        note = f"An image belongs to the set of {by}s by which its masks were drawn. {note}"
    return Grouping(by, f"{table.columns[column]} of {masks}", groups, _order(groups), note)


def _said(by: str, values: set[str]) -> str:
    return str(len(values)) if by == "annotators" else " + ".join(sorted(values))
