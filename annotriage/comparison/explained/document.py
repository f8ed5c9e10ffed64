"""A document that screen, terminal and every kind of report are made from: what is found, explained once."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import takewhile
from typing import TypeAlias

from annotriage.comparison.explained.explained import Explained
from annotriage.comparison.explained.plot import Plot
from annotriage.comparison.explained.table import TableBlock

AS_PUBLISHED = "As published"
AS_IT_SHOULD_BE_READ = "As it should be read"


@dataclass(frozen=True, slots=True)
class Heading:
    """Starts a part (level 1), which is a tab of the panel; a section (2); or what belongs to one (3)."""

    text: str
    level: int = 2


@dataclass(frozen=True, slots=True)
class Paragraph:
    """Some sentences; a caution is set off from the rest; what a report says elsewhere, only the screen repeats."""

    text: str
    caution: bool = False
    in_reports: bool = True


@dataclass(frozen=True, slots=True, eq=False)
class FigureBlock:
    """A figure and the sentence that reads it.

    Attributes
    ----------
    label : str
        A short name, unique in its document: ``figure-2``.
    title : str
    sentence : str
        What it shows, for those who cannot see it, too.
    draw : callable
        Returns what is drawn; called where it is shown, as labels of many points take a moment.
    hint : str
        What can be done with it on the screen.
    group : str
        Figures in a row that have the same one are shown one at a time, each by its `choice`; empty: by itself.
    choice : str
    in_reports : bool
        Whether it is drawn in reports, too: matplotlib takes a third of a second for each.
    """

    label: str
    title: str
    sentence: str
    draw: Callable[[], Plot]
    hint: str = ""
    group: str = ""
    choice: str = ""
    in_reports: bool = True

    @property
    def caption(self) -> str:
        """Title and sentence, as reports print them."""
        return f"{self.title}{f' ({self.choice})' if self.choice else ''}. {self.sentence}"


@dataclass(frozen=True, slots=True, eq=False)
class Beside:
    """What the paper did, and what can be relied on: beside each other on the screen, one after the other on paper."""

    left: tuple["Block", ...]
    right: tuple["Block", ...]
    titles: tuple[str, str] = (AS_PUBLISHED, AS_IT_SHOULD_BE_READ)


Block: TypeAlias = Heading | Paragraph | TableBlock | FigureBlock | Explained | Beside


@dataclass(frozen=True, slots=True, eq=False)
class Document:
    """A title and what stands below it."""

    title: str
    blocks: tuple[Block, ...]

    def part(self, title: str) -> tuple[Block, ...]:
        """Return what stands below a heading of level 1."""
        place = next(place for place, block in enumerate(self.blocks) if block == Heading(title, 1))
        below = takewhile(lambda block: not (isinstance(block, Heading) and block.level == 1), self.blocks[place + 1 :])
        return tuple(below)

    def flat(self) -> "Iterator[Heading | Paragraph | TableBlock | FigureBlock | Explained]":
        """Yield all blocks of a report in the order in which they are read."""
        for block in _flat(self.blocks):
            if not isinstance(block, FigureBlock | Paragraph) or block.in_reports:
                yield block


def _flat(
    blocks: tuple[Block, ...],
) -> "Iterator[Heading | Paragraph | TableBlock | FigureBlock | Explained]":
    for block in blocks:
        if isinstance(block, Beside):
            for title, side in zip(block.titles, (block.left, block.right), strict=True):
                yield Heading(title, 3)
                yield from _flat(side)
        else:
            yield block
            if isinstance(block, Explained) and block.table is not None:
                yield block.table
