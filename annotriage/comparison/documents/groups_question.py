"""Which groups of images are to be compared, asked for in a form, and the answer; for a thread."""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from annotriage.comparison.adjusting_results import DRAWN
from annotriage.comparison.group_results import Diagnosis
from annotriage.errors import AnnotriageError
from annotriage.tables.sheets import file_and_sheet

GROUPINGS = ("diagnosis", "site", "sex", "age", "annotators", "tool", "skill")
MOST_GROUPS = 24
"""A column of more values names images, patients or sizes; nobody compares by these."""
_TRAINING = "training.json"
_ABOVE = 3
"""Folders above a run in which the file of its training is looked for."""


@dataclass(frozen=True, slots=True)
class Question:
    """Which images, grouped by what.

    Attributes
    ----------
    labels, clinical, masks : Path or None
        Metrics table; ISIC metadata, a file or a folder; table with a line a mask.
    by : str
        One of `GROUPINGS`, or a column of the files.
    pairs : Path or None
        Table with a line a pair of masks; without labels, it says the mean Dice.
    adjust : tuple of str
        What is allowed for where it is known.
    """

    labels: Path | None = None
    clinical: Path | None = None
    masks: Path | None = None
    by: str = GROUPINGS[0]
    pairs: Path | None = None
    adjust: tuple[str, ...] = DRAWN


@dataclass(frozen=True, slots=True)
class RunsData:
    """What the runs that are compared learned from, as far as their folders say."""

    labels: Path | None = None
    clinical: Path | None = None
    images: Path | None = None


def answer(question: Question) -> Diagnosis:
    """Compare the groups.

    Raises
    ------
    AnnotriageError
        A file cannot be read, or there is nothing to compare; said as the window's fields are called.
    """
    from annotriage.comparison.image_groups import diagnosis

    if question.labels is None and question.pairs is None:
        raise AnnotriageError("Choose the table of labels first, or one of pairs.")
    for path in (question.labels, question.clinical, question.masks, question.pairs):
        if path is not None and not file_and_sheet(path)[0].exists():
            raise AnnotriageError(f"There is no {path}: choose it again.")
    try:
        return diagnosis(
            question.labels,
            question.clinical,
            question.by,
            masks=question.masks,
            pairs=question.pairs,
            where_known=question.adjust,
        )
    except AnnotriageError as error:
        raise AnnotriageError(in_the_window(str(error))) from None


def in_the_window(sentence: str) -> str:
    """Return a sentence of the command line as the window says it: with its fields in place of options."""
    said = {
        " by --masks": " in the field Masks",
        " would tell: --masks.": " would tell: choose it in the field Masks.",
        "; name a file by --clinical": "; choose clinical data",
        " Name one of them by --by.": " Choose one of them in the field Compare by.",
        " Or say which it is: --column image=NAME.": "",
        " Or say which it is: --column dice=NAME.": "",
    }
    for option, field in said.items():
        sentence = sentence.replace(option, field)
    before, option, _ = sentence.partition("; if so, say --column")
    return f"{before}; if so, give the column that name." if option else sentence


def further_columns(question: Question) -> list[str]:
    """Return the clinical columns that images could be grouped by, too; what cannot be read has none."""
    from annotriage.comparison.groupings import USUAL
    from annotriage.datasets.metadata import read_metadata
    from annotriage.datasets.metadata_files import IMAGE_COLUMNS

    if question.clinical is None:
        return []
    try:
        metadata = read_metadata(question.clinical)
    except AnnotriageError:
        return []
    known = {*GROUPINGS, *USUAL.values(), *IMAGE_COLUMNS}
    columns = [column for column in metadata.columns if column not in known]
    values = {column: {fields.get(column, "") for fields in metadata.fields.values()} - {""} for column in columns}
    return [column for column in columns if 2 <= len(values[column]) <= MOST_GROUPS]


def data_of_runs(folders: Iterable[Path]) -> RunsData:
    """Look into the folders of runs, and those above them, for what they learned from."""
    for place in dict.fromkeys(each for folder in folders for each in [folder, *list(folder.parents)[:_ABOVE]]):
        try:
            said = json.loads((place / _TRAINING).read_text(encoding="utf-8"))
        except (OSError, ValueError):
            continue
        if isinstance(said, dict):
            known = {name: _there(said.get(name)) for name in ("labels", "clinical", "images")}
            if any(known.values()):
                return RunsData(**known)
    return RunsData()


def _there(path: object) -> Path | None:
    there = isinstance(path, str) and path and "\0" not in path and file_and_sheet(Path(path))[0].exists()
    return Path(str(path)) if there else None
