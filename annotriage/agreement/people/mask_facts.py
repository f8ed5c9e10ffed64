"""With which tool, how skilled and when a mask was drawn, where its name, its table or its annotation says so."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from annotriage.agreement.mask_names import ima_kind
from annotriage.agreement.mask_set import MaskRow
from annotriage.agreement.table_of_masks import IMAGE_COLUMNS, MASK_COLUMNS, TABLE_ENDINGS
from annotriage.names import counted, posix, stem_of
from annotriage.tables import Table, read_table, says_nothing
from annotriage.tables.sheets import file_and_sheet

TOOL_COLUMNS = ("tool", "drawing_tool")
SKILL_COLUMNS = ("skill_level", "skill", "experience")
TIME_COLUMNS = ("finished", "finished_at", "completed_at", "drawn_at", "date", "timestamp", "order")
"""What says when a mask was drawn: a date, with or without a time, or a number that grows."""


@dataclass(frozen=True, slots=True)
class MaskFacts:
    """What is known of one mask besides its pixels.

    Attributes
    ----------
    tool, skill : str
        Empty: nothing says it.
    finished : float
        When it was finished, in seconds or as a number of an order; NaN: nothing says it.
    """

    tool: str = ""
    skill: str = ""
    finished: float = math.nan


NOTHING_KNOWN = MaskFacts()


class KnownFacts:
    """Says of masks with which tool, how skilled and when they were drawn.

    Attributes
    ----------
    remarks : list of str
        What could not be used, a sentence each.

    Parameters
    ----------
    given : sequence of Path
        As the masks were named: where it is a table of masks, its further columns are read.

    Raises
    ------
    AnnotriageError
        The table cannot be read.
    """

    def __init__(self, given: Sequence[Path] = ()) -> None:
        self.remarks: list[str] = []
        self._listed: dict[Path, MaskFacts] = {}
        for path in given:
            file, _ = file_and_sheet(path)
            if file.suffix.lower() in TABLE_ENDINGS and file.is_file():
                self._read(path, file.parent)

    def of(self, row: MaskRow) -> MaskFacts:
        """Return what is known of a mask."""
        listed, named = self._listed.get(row.path, NOTHING_KNOWN), ima_kind(stem_of(row.path.name)) or ("", "")
        finished = listed.finished
        if math.isnan(finished) and row.annotation is not None and row.annotation.finished is not None:
            finished = row.annotation.finished.timestamp()
        return MaskFacts(listed.tool or named[0], listed.skill or named[1], finished)

    def of_person(self, rows: Sequence[MaskRow]) -> MaskFacts:
        """Return what is known of a mask that was put together from several of one person."""
        facts = [self.of(row) for row in rows]
        times = [each.finished for each in facts if not math.isnan(each.finished)]
        return MaskFacts(_joined(each.tool for each in facts), _joined(each.skill for each in facts),
                         max(times, default=math.nan))  # fmt: skip

    def _read(self, path: Path, folder: Path) -> None:
        table = read_table(path, [IMAGE_COLUMNS, MASK_COLUMNS])
        mask_at = table.find(*MASK_COLUMNS)
        places = [_place(table, names) for names in (TOOL_COLUMNS, SKILL_COLUMNS, TIME_COLUMNS)]
        if mask_at is None or places == [None] * 3:
            return
        unread = []
        for cells in table.rows:
            tool, skill, time = ("" if at is None or says_nothing(cells[at]) else cells[at] for at in places)
            finished = time_of(time)
            if time and math.isnan(finished):
                unread.append(time)
            self._listed[folder / posix(cells[mask_at])] = MaskFacts(tool, skill, finished)
        if unread:
            self.remarks.append(
                f"{counted(len(unread), f'masks of {path.name} have a time that is neither a date nor a number')} "
                f"({unread[0]}), so that nothing is known of when it was drawn: write it as 2026-11-30 14:05."
            )


def time_of(text: str) -> float:
    """Return a date, a time or a number as a number that grows with it; NaN for what is none."""
    try:
        number = float(text)
    except ValueError:
        pass
    else:
        return number if math.isfinite(number) else math.nan
    try:
        moment = datetime.fromisoformat(text.strip())
    except ValueError:
        return math.nan
    return (moment if moment.tzinfo is not None else moment.replace(tzinfo=UTC)).timestamp()


def _place(table: Table, names: Sequence[str]) -> int | None:
    """Return the first column that there is; two that say the same thing are no reason to refuse a table."""
    return next((at for at in (table.find(name) for name in names) if at is not None), None)


def _joined(values: Iterable[str]) -> str:
    return " + ".join(dict.fromkeys(each for each in values if each))
