"""Columns, rows, forms and grids of widgets, laid out in one call.

What stands in them is a widget, another layout, a number of pixels that stay empty, a `Stretch`, or one of these with
its share of the room or its place in it (`grow`, `place`, `left`, `top`, `centre`). None is left out.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeVar

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QBoxLayout,
    QFormLayout,
    QGridLayout,
    QHBoxLayout,
    QLayout,
    QPushButton,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from annotriage.desktop.widgets.text import caption_of
from annotriage.desktop.widgets.theme import UNIT

Margins = int | tuple[int, int] | tuple[int, int, int, int]
"""Pixels on every side; to the sides, and above and below; or left, above, right, below."""
_ANYWHERE = Qt.AlignmentFlag(0)


@dataclass(frozen=True, slots=True)
class Stretch:
    """Empty room that takes its share of what is left."""

    share: int = 1


@dataclass(frozen=True, slots=True)
class Placed:
    """A widget or a layout, its share of the room that is left, and where it stands in its own."""

    what: QWidget | QLayout
    share: int = 0
    where: Qt.AlignmentFlag = _ANYWHERE


Item = QWidget | QLayout | Placed | Stretch | int | None
STRETCH = Stretch()
Box = TypeVar("Box", bound=QBoxLayout)
AnyLayout = TypeVar("AnyLayout", bound=QLayout)


def grow(what: QWidget | QLayout, share: int = 1) -> Placed:
    """Let something take its share of the room that is left."""
    return Placed(what, share)


def place(what: QWidget | QLayout, where: Qt.AlignmentFlag, share: int = 0) -> Placed:
    """Let something be no larger than it likes, and stand there in its room."""
    return Placed(what, share, where)


def left(what: QWidget) -> Placed:
    """Let a widget be no wider than it likes, on the left."""
    return Placed(what, 0, Qt.AlignmentFlag.AlignLeft)


def right(what: QWidget) -> Placed:
    """Let a widget be no wider than it likes, on the right."""
    return Placed(what, 0, Qt.AlignmentFlag.AlignRight)


def top(what: QWidget) -> Placed:
    """Let a widget be no taller than it likes, at the top."""
    return Placed(what, 0, Qt.AlignmentFlag.AlignTop)


def centre(what: QWidget) -> Placed:
    """Let a widget of a column be no wider than it likes, in the middle."""
    return Placed(what, 0, Qt.AlignmentFlag.AlignHCenter)


def column(*items: Item, on: QWidget | None = None, spacing: int = UNIT, margins: Margins = 0) -> QVBoxLayout:
    """Put things one below the other, as the layout of `on` or for another layout."""
    return _fill(QVBoxLayout(), items, on, spacing, margins)


def row(*items: Item, on: QWidget | None = None, spacing: int = UNIT, margins: Margins = 0) -> QHBoxLayout:
    """Put things side by side, as the layout of `on` or for another layout."""
    return _fill(QHBoxLayout(), items, on, spacing, margins)


def buttons(*items: Item, on: QWidget | None = None, spacing: int = UNIT, margins: Margins = 0) -> QHBoxLayout:
    """Put push buttons side by side, of which Enter presses only one that is the dialog's default."""
    for item in items:
        button = item.what if isinstance(item, Placed) else item
        if isinstance(button, QPushButton):
            button.setAutoDefault(False)
    return row(*items, on=on, spacing=spacing, margins=margins)


def form(
    *rows: tuple[str | QWidget, QWidget | QLayout] | QWidget | QLayout,
    on: QWidget | None = None,
    spacing: tuple[int, int] = (2 * UNIT, UNIT),
    margins: Margins = 0,
) -> QFormLayout:
    """Put fields below each other with their captions beside them, whose keys lead to them.

    A field without a caption takes the whole width; `spacing` is the one between caption and field, and between rows.
    """
    layout = QFormLayout()
    layout.setHorizontalSpacing(spacing[0])
    layout.setVerticalSpacing(spacing[1])
    layout.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.AllNonFixedFieldsGrow)
    for each in rows:
        if isinstance(each, tuple):
            add_field(layout, *each)
        else:
            layout.addRow(each)
    return _finish(layout, on, margins)


def add_field(layout: QFormLayout, caption: str | QWidget, field: QWidget | QLayout) -> None:
    """Add a field to a form."""
    if isinstance(caption, str) and isinstance(field, QWidget):
        caption = caption_of(caption, field)
    layout.addRow(caption, field)


def grid(
    *rows: Sequence[Item],
    on: QWidget | None = None,
    spacing: tuple[int, int] = (2 * UNIT, UNIT),
    margins: Margins = 0,
    stretch: int | None = None,
) -> QGridLayout:
    """Put things in rows of which the columns are as wide; the column `stretch` takes the room that is left."""
    layout = QGridLayout()
    layout.setHorizontalSpacing(spacing[0])
    layout.setVerticalSpacing(spacing[1])
    for line, items in enumerate(rows):
        for at, item in enumerate(items):
            placed = item if isinstance(item, Placed) else None
            what = placed.what if placed is not None else item
            where = placed.where if placed is not None else _ANYWHERE
            if isinstance(what, QWidget):
                layout.addWidget(what, line, at, where)
            elif isinstance(what, QLayout):
                layout.addLayout(what, line, at, where)
    if stretch is not None:
        layout.setColumnStretch(stretch, 1)
    return _finish(layout, on, margins)


def panel(layout: QLayout) -> QWidget:
    """Return a widget of its own for a layout, which can be hidden or put into tabs."""
    widget = QWidget()
    widget.setLayout(layout)
    return widget


def keep_room(widget: QWidget) -> None:
    """Let a widget keep its room while it is hidden, so that nothing moves when it comes."""
    policy: QSizePolicy = widget.sizePolicy()
    policy.setRetainSizeWhenHidden(True)
    widget.setSizePolicy(policy)


def _fill(layout: Box, items: Sequence[Item], on: QWidget | None, spacing: int, margins: Margins) -> Box:
    layout.setSpacing(spacing)
    for item in items:
        _add(layout, item)
    return _finish(layout, on, margins)


def _add(layout: QBoxLayout, item: Item) -> None:
    match item:
        case Stretch():
            layout.addStretch(item.share)
        case int():
            layout.addSpacing(item)
        case Placed(what=QWidget() as widget):
            layout.addWidget(widget, item.share, item.where)
        case Placed(what=QLayout() as inner):
            layout.addLayout(inner, item.share)
            layout.setAlignment(inner, item.where)
        case QWidget():
            layout.addWidget(item)
        case QLayout():
            layout.addLayout(item)


def _finish(layout: AnyLayout, on: QWidget | None, margins: Margins) -> AnyLayout:
    if isinstance(margins, int):
        margins = (margins, margins)
    if len(margins) == 2:
        margins = (*margins, *margins)
    layout.setContentsMargins(*margins)
    if on is not None:
        on.setLayout(layout)
    return layout
