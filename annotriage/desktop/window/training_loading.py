"""Load the code of the training wizard in a thread, so that the window goes on while it does."""

import importlib
import sys
from collections.abc import Callable

from PySide6.QtCore import QObject, Signal

from annotriage.desktop.background import Job
from annotriage.errors import AnnotriageError

_FIRST = (
    "annotriage.desktop.training.run.queue",
    "annotriage.desktop.training.wizard",
    "annotriage.desktop.training.data.images_page",
    "annotriage.desktop.training.data.labels_page",
    "annotriage.desktop.training.recipe.page",
    "annotriage.desktop.training.recipe.editor",
    "annotriage.desktop.training.trainings_dialog",
)
"""What the wizard, the list and what trains behind them are made of."""
_LATER = (
    "annotriage.desktop.training.result.page",
    "annotriage.desktop.charts.chart",
    "annotriage.desktop.training.trainings_trash",
)
"""What is not seen at once."""


class TrainingLoader(QObject):
    """Does something as soon as the code for it is there."""

    failed = Signal(str)
    """It cannot be loaded; a sentence."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._then: Callable[[], None] | None = None
        self._loading = False

    def when_loaded(self, then: Callable[[], None]) -> None:
        """Do something at once where the code is there, else soon; of several that wait only the last one is done."""
        if all(name in sys.modules for name in _FIRST) and not self._loading:
            then()
            return
        self._then = then
        if not self._loading:
            self._loading = True
            Job(lambda: _load(_FIRST), self._go_on, self._give_up)

    def _go_on(self, _: object) -> None:
        self._loading = False
        then, self._then = self._then, None
        if then is not None:
            then()
        Job(lambda: _load(_LATER), lambda _: None)

    def _give_up(self, sentence: str) -> None:
        self._loading, self._then = False, None
        self.failed.emit(sentence)


def _load(names: tuple[str, ...]) -> None:
    try:
        for name in names:
            importlib.import_module(name)
    except ImportError as error:
        raise AnnotriageError(f"Trainings cannot be shown ({error}): install the program anew.") from None
