"""Blocks of a document as widgets."""

from collections.abc import Callable, Iterator, Sequence
from itertools import groupby

from PySide6.QtGui import QWheelEvent
from PySide6.QtWidgets import QComboBox, QWidget
from typing_extensions import override

from annotriage.comparison.explained.document import Beside, Block, FigureBlock, Heading, Paragraph
from annotriage.comparison.explained.explained import Explained
from annotriage.comparison.explained.plot import Boxes, Plot, Points
from annotriage.comparison.explained.table import TableBlock
from annotriage.desktop.statistics.explained_test import ExplainedTest
from annotriage.desktop.widgets.areas import SideBySide
from annotriage.desktop.widgets.layout import STRETCH, column, panel, row
from annotriage.desktop.widgets.numbers_table import NumbersTable
from annotriage.desktop.widgets.text import Caution, caption_of, heading, plain_text
from annotriage.desktop.widgets.theme import UNIT

Clicked = Callable[[object], None]


def widgets_of(blocks: Sequence[Block], clicked: Clicked, image_bar: Callable[[], QWidget]) -> Iterator[QWidget | None]:
    """Make the widgets of blocks, one after the other; points send their key to `clicked`.

    Below a figure whose points are images stands an `image_bar`. None is yielded in the midst of what takes longer, so
    that the window can do something else.
    """
    for _, alike in groupby(enumerate(blocks), lambda each: _group(*each)):
        these = [block for _, block in alike]
        first = these[0]
        if isinstance(first, FigureBlock):
            figure = _Figure([block for block in these if isinstance(block, FigureBlock)], clicked)
            yield figure
            if figure.shows_images:
                yield image_bar()
        elif isinstance(first, Beside):
            sides: list[QWidget] = []
            for side in (first.left, first.right):
                made: list[QWidget] = []
                for widget in widgets_of(side, clicked, image_bar):
                    made += [] if widget is None else [widget]
                    yield None
                sides.append(_side(made))
            yield SideBySide(first.titles[0], sides[0], first.titles[1], sides[1])
        else:
            yield _widget(first)
            if isinstance(first, Explained) and first.table is not None:
                yield _widget(first.table)


def _group(place: int, block: Block) -> object:
    """Return what is alike for blocks that are shown one at a time."""
    return block.group if isinstance(block, FigureBlock) and block.group else place


def _widget(block: Heading | Paragraph | TableBlock | Explained) -> QWidget:
    match block:
        case Heading():
            label = heading(block.text, small=block.level > 2)
            label.setContentsMargins(0, 2 * UNIT if block.level == 2 else 0, 0, 0)
            return label
        case Paragraph():
            return Caution(block.text) if block.caution else plain_text(block.text)
        case TableBlock():
            return NumbersTable(block.caption, block.columns, block.rows, left=block.words)
        case Explained():
            return ExplainedTest(block)


def _side(widgets: Sequence[QWidget]) -> QWidget:
    """Return what stands on one side: a table alone, which says how wide it must be, or a column."""
    if len(widgets) == 1 and isinstance(widgets[0], NumbersTable):
        return widgets[0]
    return panel(column(*widgets, STRETCH, spacing=2 * UNIT))


class _Figure(QWidget):
    """A figure; of several that are shown one at a time, with a field that chooses."""

    def __init__(self, blocks: Sequence[FigureBlock], clicked: Clicked) -> None:
        from annotriage.desktop.charts.figure_frame import FigureFrame
        from annotriage.desktop.charts.plotted import chart_of

        super().__init__()
        self._blocks = blocks
        first = blocks[0]
        plot = first.draw()
        self.shows_images = _shows_images(plot)
        self._frame = FigureFrame(chart_of(plot, first.title), f"{first.sentence} {first.hint}".strip())
        self._frame.chart.clicked.connect(clicked)
        choice = None
        if len(blocks) > 1:
            box = _Choice()
            box.setObjectName("choice")
            box.setAccessibleName(first.group)
            box.addItems([block.choice for block in blocks])
            box.currentIndexChanged.connect(self._show)
            choice = row(caption_of(first.group, box), box, STRETCH)
        column(choice, self._frame, on=self)

    def _show(self, at: int) -> None:
        from annotriage.desktop.charts.plotted import redraw

        redraw(self._frame.chart, self._blocks[at].draw())
        self._frame.set_sentence(self._blocks[at].sentence)


def _shows_images(plot: Plot) -> bool:
    """Tell whether points are images: their keys are names then, not runs or folders."""
    keys = [part.keys for part in plot.parts if isinstance(part, Points) and part.keys]
    keys += [each for part in plot.parts if isinstance(part, Boxes) and part.keys for each in part.keys if each]
    return bool(keys) and isinstance(keys[0][0], str)


class _Choice(QComboBox):
    """A choice that leaves the wheel to what scrolls around it."""

    @override
    def wheelEvent(self, e: QWheelEvent) -> None:
        e.ignore()
