"""Tabs whose code is loaded when they are first seen."""

import importlib
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QTabWidget, QVBoxLayout, QWidget
from typing_extensions import override

from annotriage.desktop.statistics.tab import StatisticsTab

if TYPE_CHECKING:
    from annotriage.comparison.explained.evidence import Evidence

ROOM = "annotriage.desktop.statistics"


class _Place(QWidget):
    """Where a tab will be."""

    def __init__(self, module: str, kind: str) -> None:
        super().__init__()
        self.module, self.kind = module, kind
        self.tab: StatisticsTab | None = None
        self.column = QVBoxLayout(self)
        self.column.setContentsMargins(0, 0, 0, 0)

    def load(self) -> StatisticsTab:
        """Load the tab and put it in."""
        try:
            made: StatisticsTab = getattr(importlib.import_module(self.module), self.kind)()
        except ModuleNotFoundError as error:
            if error.name != self.module:
                raise
            made = _NotHere()
        self.tab = made
        self.column.addWidget(made)
        return made


class LazyTabs(QTabWidget):
    """The panel's tabs.

    Signals
    -------
    opened : StatisticsTab
        A tab is seen for the first time; it shows nothing yet.
    image_wanted : Path
        An image is to be shown large.
    folder_wanted : Path
        A folder is to be shown.
    """

    opened = Signal(object)
    image_wanted = Signal(Path)
    folder_wanted = Signal(Path)

    def __init__(self, tabs: Sequence[tuple[str, str, str]], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        for module, kind, title in tabs:
            self.addTab(_Place(f"{ROOM}.{module}", kind), title)
        self.setDocumentMode(True)
        self.currentChanged.connect(self.load_current)

    def load_current(self) -> None:
        """Load the tab that is seen."""
        place = self.currentWidget()
        if isinstance(place, _Place) and place.tab is None:
            tab = place.load()
            tab.image_wanted.connect(self.image_wanted)
            tab.folder_wanted.connect(self.folder_wanted)
            self.opened.emit(tab)

    def tab(self, place: int) -> StatisticsTab | None:
        """Return a tab; None where it was not seen yet."""
        widget = self.widget(place)
        return widget.tab if isinstance(widget, _Place) else None

    def loaded(self) -> Iterator[StatisticsTab]:
        """Yield the tabs that have been seen."""
        for place in range(self.count()):
            tab = self.tab(place)
            if tab is not None:
                yield tab


class _NotHere(StatisticsTab):
    """Stands for a tab whose code is not installed."""

    @override
    def show_result(self, evidence: "Evidence") -> None:
        self.show_problem("This part of the program is not installed.")
