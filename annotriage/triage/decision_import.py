"""Decisions from a list: our own export after people worked on it, or any table with images and decisions."""

import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from annotriage.datasets.name_hints import name_hints, readings
from annotriage.names import key_of, posix, same_letters
from annotriage.tables import Problem
from annotriage.tables.cells import one_line
from annotriage.triage.decision_files import read_rows
from annotriage.triage.decisions import NOTHING_SAID, Decision, Review

if TYPE_CHECKING:
    from pathlib import Path

_YES_OR_NO = {"yes": True, "true": True, "1": True, "no": False, "false": False, "0": False}
_WORDS = {
    "expert": Decision.EXPERT,
    "experts": Decision.EXPERT,
    "expert review": Decision.EXPERT,
    "routine": Decision.ROUTINE,
    "routine annotation": Decision.ROUTINE,
    "exclude": Decision.EXCLUDE,
    "excluded": Decision.EXCLUDE,
    "undecided": Decision.UNDECIDED,
}


@dataclass(frozen=True, slots=True)
class ImportedLine:
    """What one line of a list says about an image.

    Attributes
    ----------
    image : str
        As the list calls it.
    decision : Decision or None
        None: the list says nothing of it.
    assignee, note : str or None
        None: the list has no such column. White space around them is left aside.
    also : tuple of str
        What further columns that may name the image hold.
    control : bool or None
        Whether chance chose it; None: the list does not say.
    """

    image: str
    decision: Decision | None
    assignee: str | None
    note: str | None
    also: tuple[str, ...] = ()
    control: bool | None = None

    def on(self, held: Review) -> Review:
        """Return what is said of the image after this, given what was said before."""
        return Review(
            held.decision if self.decision is None else self.decision,
            held.assignee if self.assignee is None else self.assignee,
            held.note if self.note is None else self.note,
            control=held.control or bool(self.control),
        )


@dataclass(frozen=True, slots=True)
class ImportedDecisions:
    """What a list says.

    Attributes
    ----------
    lines : list of ImportedLine
        In the list's order; lines that say nothing are left out.
    problems : list of Problem
        What cannot be used: images with a word that is no decision, lines without an image. Assignee and note of
        such images are used.
    """

    lines: list[ImportedLine]
    problems: list[Problem]


@dataclass(frozen=True, slots=True)
class MatchedDecisions:
    """What a list says about the images of a folder.

    Attributes
    ----------
    reviews : dict of str to Review
        Name of an image -> all that is said of it after the import; for `ReviewJournal.record`.
    problems : list of Problem
        What was left out, and why; ``str(problem)`` says how many, what, and the first few names.
    """

    reviews: dict[str, Review]
    problems: list[Problem]


def read_decisions(path: "Path") -> ImportedDecisions:
    """Read a list of decisions: CSV (any common encoding and separator), XLSX or JSON.

    It needs a column for the image and one for the decision, which is ``expert``, ``routine``, ``exclude`` or
    ``undecided``, in capitals or not; an empty cell leaves the decision as it is. Columns for the assignee and the
    note are read where they exist; other columns do not matter.

    Parameters
    ----------
    path : Path

    Returns
    -------
    ImportedDecisions

    Raises
    ------
    AnnotriageError
        The file cannot be read, is no such list, or lacks a column.
    """
    found = read_rows(path)
    lines: list[ImportedLine] = []
    left_out: defaultdict[str, list[str]] = defaultdict(list)
    for row in found.rows:
        word = row.decision
        decision = _WORDS.get(word.casefold())
        if not row.images:
            left_out["lines without an image"].append(f"row {row.at}")
            continue
        image = row.images[0]
        if word and decision is None:
            left_out["images whose decision is none of expert, routine, exclude, undecided"].append(f"{image}: {word}")
        control = _YES_OR_NO.get((row.control or "").casefold())
        if row.control and control is None:
            left_out["images whose column control says neither yes nor no"].append(f"{image}: {row.control}")
        if decision is not None or row.assignee or row.note or control:
            lines.append(ImportedLine(image, decision, row.assignee, row.note, tuple(row.images[1:]), control))
    problems = [Problem(what, names) for what, names in left_out.items()]
    return ImportedDecisions(lines, [*found.problems, *problems])


def match_decisions(
    imported: ImportedDecisions, names: Iterable[str], held: Mapping[str, Review] | None = None
) -> MatchedDecisions:
    """Find the image of each line: by its name, else regardless of case, else by the stem.

    A line that could mean several images, and lines that contradict each other about an image, are used for none.

    Parameters
    ----------
    imported : ImportedDecisions
    names : iterable of str
        The names of the images of the folder.
    held : mapping of str to Review, optional
        What is said of them so far; where the list is silent, that stays.
    """
    names = list(names)
    find = _finder(names)
    strangers: list[str] = []
    repeated: list[str] = []
    said: dict[str, list[ImportedLine]] = defaultdict(list)
    left_out: defaultdict[str, list[str]] = defaultdict(list)
    for line in imported.lines:
        found = _image_of(line, find)
        if not found:
            left_out["images that are not in this folder"].append(line.image)
            strangers.append(line.image)
        elif len(found) > 1:
            left_out["lines that could mean several images"].append(line.image)
        else:
            said[found[0]].append(line)
    reviews: dict[str, Review] = {}
    for name, lines in said.items():
        after = {line.on((held or {}).get(name, NOTHING_SAID)) for line in lines}
        if len(after) > 1:
            left_out["images with contradictory lines; none is used"].append(name)
            continue
        if len(lines) > 1:
            repeated.append(name)
        reviews[name] = after.pop()
    problems = [*imported.problems, *(Problem(what, which) for what, which in left_out.items())]
    if repeated:
        what = "images that several lines say the same about; it is used once"
        problems.append(Problem(what, repeated, remark=True))
    if strangers:
        problems += name_hints(strangers, names)
    return MatchedDecisions(reviews, problems)


def _image_of(line: ImportedLine, find: Callable[[str], list[str]]) -> list[str]:
    """Return the images that a line can mean: by the first of its columns that names exactly one, else by any."""
    names = (line.image, *line.also)
    several = [found for name in names for reading in (name, *readings(name)) if (found := find(reading))]
    several = several or [found for name in names for shorter in _of_address(name) if (found := find(shorter))]
    return next((found for found in several if len(found) == 1), several[0] if several else [])


def _of_address(name: str) -> list[str]:
    """Return what the address of an image in Label Studio may call it: ?d=sub/a.jpg, /data/upload/3/1234abcd-a.jpg."""
    if "/" not in name or not (name.startswith("/data/") or "://" in name):
        return []
    from urllib.parse import unquote

    served = re.search(r"[?&]d=([^&]*)", name)
    path = unquote(served[1] if served else re.sub(r"^\w+://[^/]*|[?#].*$", "", name))
    file = path.rsplit("/", 1)[-1]
    uploaded = re.fullmatch(r"[0-9a-f]{8}-(.+)", file) if "/upload/" in path else None
    return [path, file, *([uploaded[1]] if uploaded else [])]


@dataclass(frozen=True, slots=True)
class Replaced:
    """How much of what is said already an import overturns: decisions, assignees and notes."""

    decisions: int
    assignees: int
    notes: int

    def __bool__(self) -> bool:
        """Say whether anything is."""
        return bool(self.decisions or self.assignees or self.notes)


def count_replaced(reviews: Mapping[str, Review], held: Mapping[str, Review]) -> Replaced:
    """Count what saying these reviews would overturn of what is said so far."""
    pairs = [(review, held.get(name, NOTHING_SAID)) for name, review in reviews.items()]
    return Replaced(
        sum(now.decision not in (Decision.UNDECIDED, new.decision) for new, now in pairs),
        sum(bool(now.assignee) and now.assignee != new.assignee for new, now in pairs),
        sum(bool(now.note) and now.note != new.note for new, now in pairs),
    )


def keep_held(review: Review, held: Review) -> Review:
    """Return what is said when a list only adds to what is said already."""
    decision = review.decision if held.decision is Decision.UNDECIDED else held.decision
    return Review(
        decision, held.assignee or review.assignee, held.note or review.note, control=held.control or review.control
    )


def _finder(names: Iterable[str]) -> Callable[[str], list[str]]:
    """Return what finds the images that a cell may mean."""
    ways: tuple[Callable[[str], str], ...] = (
        str,  # as it is, as in JSON
        lambda name: one_line(name).strip(),  # as a table of ours has it
        lambda name: same_letters(posix(name)),
        key_of,
    )
    known = list(names)
    tables: list[tuple[Callable[[str], str], defaultdict[str, list[str]]]] = []
    for way in ways:
        table: defaultdict[str, list[str]] = defaultdict(list)
        for name in known:
            table[way(name)].append(name)
        tables.append((way, table))

    def find(cell: str) -> list[str]:
        for number, (way, table) in enumerate(tables):
            found = table.get(cell if number < 2 else way(cell))
            if found:
                return found
        return []

    return find
