"""What `annotriage agree` gathers and prints. Memory: the tables' text, and a few numbers."""

import heapq
import math
import time
from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from rich.console import Console
from rich.table import Table
from rich.text import Text

from annotriage.agreement.metrics_table import METRICS_COLUMNS, PAIR_COLUMNS, TableText, metrics_cells, pair_cells
from annotriage.commands.console import results
from annotriage.images import natural_key
from annotriage.names import counted

if TYPE_CHECKING:
    from annotriage.agreement.mask_set import MaskRow, MaskSet
    from annotriage.agreement.measuring import ImageAgreement

_MOST_LISTED = 20
_MOST_NAMED = 3


def print_found(console: Console, found: "MaskSet") -> None:
    """Say what was found, how names were read, and what is left out."""
    used = sum(row.used for row in found.rows)
    people = [name for name in found.annotators() if name]
    who = f" by {counted(len(people), 'annotators')}" if people else ""
    console.print(Text(f"{counted(used, 'masks')} of {counted(len(found.images), 'images')}{who}. {found.reading}"))
    for note, rows in found.left_out().items():
        example = rows[0].name
        console.print(
            Text(f"Left out: {counted(len(rows), _kind(rows))}, {note} ({example}{', ...' if rows[1:] else ''}).")
        )
    for remark in found.remarks:
        console.print(Text(remark))


def _kind(rows: "Sequence[MaskRow]") -> str:
    if all(row.annotation is not None for row in rows):
        return "annotations"
    return "files" if all(row.annotation is None for row in rows) else "files and annotations"


class Report:
    """Gathers what was measured, image by image, and prints it in short.

    Attributes
    ----------
    metrics, pairs : TableText
        The tables so far; `pairs` stays empty unless asked for.
    with_problems : int
        Images of whose masks something is wrong.
    pictures : int
        Images of which everything that was asked for was drawn.

    Parameters
    ----------
    top : int
        Images of least agreement to print.
    keep_pairs : bool
        Whether to fill the table of pairs.
    """

    def __init__(self, top: int, *, keep_pairs: bool) -> None:
        self.metrics = TableText(METRICS_COLUMNS)
        self.pairs = TableText(PAIR_COLUMNS)
        self.with_problems = 0
        self._top = top
        self._keep_pairs = keep_pairs
        self._begun = time.monotonic()
        self._images = self._measured = self._graded = 0
        self._dice = 0.0
        # (negative Dice, when it came, image, count, kappa): the least agreeing, the best of them first to go.
        self._least: list[tuple[float, int, str, int, float]] = []
        self._people: defaultdict[str, list[float]] = defaultdict(lambda: [0, 0.0])
        self._problems: list[tuple[str, str]] = []
        self.pictures = 0
        self._empty, self._united = Examples(), Examples()

    def add(self, measured: "ImageAgreement") -> None:
        """Take in one image."""
        self._images += 1
        self._graded += measured.graded
        self.pictures += measured.drawn
        for row in measured.empty:
            self._empty.add(f"{row.name}{f' of {row.annotator}' if row.annotator else ''}")
        for rows in measured.united:
            self._united.add(f"{measured.image}: {' and '.join(row.name for row in rows)} of {rows[0].annotator}")
        self.metrics.add(metrics_cells(measured))
        if measured.problems:
            self.with_problems += 1
            if len(self._problems) < _MOST_LISTED:
                self._problems.append((measured.image, measured.error))
        agreement = measured.agreement
        if agreement is None:
            return
        if self._keep_pairs:
            for cells in pair_cells(measured):
                self.pairs.add(cells)
        self._measured += 1
        self._dice += agreement.dice_mean
        for row, dice in zip(measured.rows, agreement.with_rest, strict=True):
            sums = self._people[row.annotator]
            sums[0] += 1
            sums[1] += dice
        kappa = math.nan if measured.reaches else agreement.fleiss_kappa
        entry = (-agreement.dice_mean, -self._images, measured.image, agreement.count, kappa)
        heapq.heappush(self._least, entry)
        if len(self._least) > self._top:
            heapq.heappop(self._least)

    def print(self, messages: Console, *, written: Sequence[Path]) -> None:
        """Print the least agreeing images, the annotators and the problems on stdout, the rest as messages."""
        console = results()
        tables = [self._table_of_least(), self._table_of_people()]
        shown = [table for table in tables if table.row_count]
        for place, table in enumerate(shown):
            if place:
                console.print()
            console.print(table)
        if self._problems:
            if shown:
                console.print()
            console.print(Text("What is wrong", style="bold"))
            for image, text in self._problems:  # no table: its cells would be padded to the longest
                console.print(Text(f"{image}: {text}"), soft_wrap=True)
        if self.with_problems > len(self._problems):
            more = self.with_problems - len(self._problems)
            console.print(f"and {more:,} more; --out writes all of them into the table.")
        self._print_summary(messages, written)

    def _print_summary(self, messages: Console, written: Sequence[Path]) -> None:
        rate = self._images / max(time.monotonic() - self._begun, 1e-3)
        parts = [f"{counted(self._measured, 'images')} measured at {rate:,.1f} images/s"]
        if self._measured:
            parts.append(f"mean Dice {self._dice / self._measured:.3f}")
        if self.with_problems:
            parts.append(f"something is wrong with the masks of {counted(self.with_problems, 'images')}")
        messages.print(Text(", ".join(parts) + "."))
        if self._empty.count:
            messages.print(Text(f"{counted(self._empty.count, 'masks')} in which nothing is marked ({self._empty})."))
        if self._united.count:
            messages.print(
                Text(
                    f"Several masks of one person and image were put together in "
                    f"{counted(self._united.count, 'cases')} ({self._united})."
                )
            )
        if self._graded:
            messages.print(
                Text(
                    f"{counted(self._graded, 'masks')} with shades between black and white, as JPEG files and soft "
                    f"edges have: what is brighter than half of the brightest counts as marked."
                )
            )
        for path in written:
            messages.print(Text(f"Written: {path}"), soft_wrap=True)

    def _table_of_least(self) -> Table:
        table = Table(box=None, pad_edge=False, header_style="bold")
        table.add_column("Least agreement", overflow="fold")
        for title in ("Masks", "Mean Dice", "Kappa"):
            table.add_column(title, justify="right")
        for dice, _, image, count, kappa in sorted(self._least, reverse=True):
            table.add_row(Text(image), str(count), f"{-dice:.3f}", "-" if math.isnan(kappa) else f"{kappa:.3f}")
        return table

    def _table_of_people(self) -> Table:
        table = Table(box=None, pad_edge=False, header_style="bold")
        table.add_column("Annotator", overflow="fold")
        table.add_column("Masks", justify="right")
        table.add_column("Mean Dice with the rest", justify="right")
        people = sorted((name for name in self._people if name), key=natural_key)
        for name in people[:_MOST_LISTED]:
            count, dice = self._people[name]
            table.add_row(Text(name), f"{count:,.0f}", f"{dice / count:.3f}")
        if len(people) > _MOST_LISTED:
            table.add_row(f"and {len(people) - _MOST_LISTED:,} more", "", "")
        return table


class Examples:
    """Counts, and keeps the first few.

    Attributes
    ----------
    count : int
    """

    def __init__(self) -> None:
        self.count = 0
        self._first: list[str] = []

    def add(self, example: str) -> None:
        """Take in one."""
        self.count += 1
        if self.count <= _MOST_NAMED:
            self._first.append(example)

    def __str__(self) -> str:
        """Return the first few as a text."""
        return "; ".join(self._first) + ("; ..." if self.count > len(self._first) else "")
