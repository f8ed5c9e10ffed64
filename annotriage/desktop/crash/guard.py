"""Nothing that goes wrong inside takes the window along: it is logged, said, and can be reported."""

import logging
import sys
import threading
from dataclasses import dataclass
from types import TracebackType
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, Qt, Signal, Slot
from PySide6.QtGui import QGuiApplication

from annotriage.errors import AnnotriageError

if TYPE_CHECKING:
    from annotriage.desktop.crash.dialog import CrashDialog
    from annotriage.desktop.crash.log_book import LogBook

_log = logging.getLogger(__name__)


@dataclass(slots=True)
class Problem:
    """A kind of error, told apart by its type and the place where it was raised.

    What happened, in words; the traceback of the first time, without names of the user's files; and how often.
    """

    sentence: str
    details: str
    count: int = 0


class CrashGuard(QObject):
    """Takes what nobody caught, in all threads, and shows one dialog that blocks nothing.

    An error that was shown and waved on is counted and logged from then on, and not shown again.

    The end of `book` goes into the report. `problem_noted` is sent in the window's thread.
    """

    problem_noted = Signal()
    _raised = Signal()

    def __init__(self, book: "LogBook | None" = None, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._book = book
        self._problems: dict[tuple[Any, ...], Problem] = {}
        self._waved_on: set[tuple[Any, ...]] = set()
        self._lock = threading.Lock()
        self._before: tuple[Any, Any] | None = None
        self._dialog: CrashDialog | None = None
        self._raised.connect(self._show, Qt.ConnectionType.QueuedConnection)

    def install(self) -> None:
        """Take over what Python does with exceptions that nobody caught; Qt's slots hand theirs on to that."""
        if self._before is None:
            self._before = (sys.excepthook, threading.excepthook)
            sys.excepthook = self._from_anywhere
            threading.excepthook = self._from_thread

    def uninstall(self) -> None:
        """Give that back, and close the dialog."""
        if self._before is not None:
            sys.excepthook, threading.excepthook = self._before
            self._before = None
        if self._dialog is not None:
            self._dialog.close()
            self._dialog.deleteLater()
            self._dialog = None

    def problems(self) -> list[Problem]:
        """Return what went wrong so far."""
        with self._lock:
            return list(self._problems.values())

    def report(self) -> str:
        """Write the report: versions, what went wrong, the end of the log; no names of images."""
        from annotriage.desktop.crash.report import report_text

        details = [f"{problem.count} ×\n{problem.details}" for problem in self.problems()]
        return report_text(details, [entry.text for entry in self._book.entries()] if self._book else [])

    def tell_of_hard_crash(self, text: str) -> None:
        """Offer the report of an earlier run that was ended by a crash."""
        from annotriage.desktop.crash.report import redacted

        sentence = "Annotriage was ended by a crash the last time."
        with self._lock:
            self._problems[("hard crash",)] = Problem(sentence, redacted(text), 1)
        _log.warning("the last run was ended by a crash")
        self._raised.emit()

    def _from_anywhere(self, kind: type[BaseException], error: BaseException, traceback: TracebackType | None) -> None:
        if not isinstance(error, Exception):  # Ctrl-C, and an end that was asked for
            if self._before is not None:
                self._before[0](kind, error, traceback)
            return
        self._note(error)

    def _from_thread(self, arguments: threading.ExceptHookArgs) -> None:
        if arguments.exc_value is not None and isinstance(arguments.exc_value, Exception):
            self._note(arguments.exc_value)

    def _note(self, error: Exception) -> None:
        from annotriage.desktop.crash.report import traceback_text

        key = _key(error)
        with self._lock:
            problem = self._problems.get(key)
            if problem is None:
                problem = self._problems[key] = Problem(self._sentence(error), traceback_text(error))
            problem.count += 1
            count = problem.count
        if count == 1:
            _log.error("nobody caught this", exc_info=error)
        elif _is_round(count):  # an error in painting comes back with every frame
            _log.error("%s happened %d times", type(error).__name__, count)
        self._raised.emit()

    def _sentence(self, error: Exception) -> str:
        if isinstance(error, AnnotriageError):
            return str(error)
        return f"Something went wrong inside Annotriage ({type(error).__name__})."

    @Slot()
    def _show(self) -> None:
        self.problem_noted.emit()
        if QGuiApplication.instance() is None:
            return
        with self._lock:
            new = {key: problem for key, problem in self._problems.items() if key not in self._waved_on}
        if not new:
            return
        if self._dialog is None:
            from annotriage.desktop.crash.dialog import CrashDialog

            self._dialog = CrashDialog(self.report)
            self._dialog.finished.connect(self._wave_on)
            self._dialog.quit_wanted.connect(QGuiApplication.quit)
        last = list(new.values())[-1]
        self._dialog.tell(last.sentence, sum(problem.count for problem in new.values()))

    @Slot()
    def _wave_on(self) -> None:
        with self._lock:
            self._waved_on.update(self._problems)


def _key(error: Exception) -> tuple[Any, ...]:
    traceback = error.__traceback__
    while traceback is not None and traceback.tb_next is not None:
        traceback = traceback.tb_next
    place = (traceback.tb_frame.f_code.co_filename, traceback.tb_lineno) if traceback is not None else ()
    return (type(error).__qualname__, *place)


def _is_round(count: int) -> bool:
    return count in (10, 100) or count % 1000 == 0
