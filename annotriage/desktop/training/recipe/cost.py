"""Measure in processes of their own what recipes cost on this computer: a few real steps each, timed."""

import json
import sys
import tempfile
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, QProcess, QProcessEnvironment, Signal

if TYPE_CHECKING:
    from annotriage.regressors.data.data_paths import DataPaths
    from annotriage.regressors.recipes.recipe import Recipe

_KILL_MS = 2000
_LONGEST_LINE = 300


@dataclass(frozen=True, slots=True)
class Cost:
    """What one run of a recipe costs, as it was measured.

    Attributes
    ----------
    seconds : float
        Of the whole run, at most.
    images_per_second : float
    device : str
        Where it was measured.
    devices : tuple of tuple of str
        Name and words of all that are there.
    weights : str
        ``none``, ``present``, ``download`` or ``unreachable``.
    weights_file : str
        Where the ImageNet weights lie, or would lie.
    weights_sentence : str
        What is to be said of them.
    left_out : str
        What is counted in and what is not.
    """

    seconds: float
    images_per_second: float
    device: str
    devices: tuple[tuple[str, str], ...] = ()
    weights: str = "none"
    weights_file: str = ""
    weights_sentence: str = ""
    left_out: str = ""


def cost_of(event: dict[str, Any]) -> Cost | None:
    """Read the event of an estimate; None where it is none."""
    try:
        weights = event.get("weights") or {}
        return Cost(
            float(event["seconds"]),
            float(event["images_per_second"]),
            str(event.get("device", "")),
            tuple((str(each["name"]), str(each.get("words") or each["name"])) for each in event.get("devices", ())),
            str(weights.get("state", "none")),
            str(weights.get("file") or ""),
            str(weights.get("sentence") or ""),
            str(event.get("left_out") or ""),
        )
    except (KeyError, TypeError, ValueError):
        return None


def program() -> list[str]:
    """Return the command line of this program."""
    frozen = getattr(sys, "frozen", False)
    return [sys.executable] if frozen else [sys.executable, "-m", "annotriage"]


class CostMeasurer(QObject):
    """Measures one recipe after the other, so that none disturbs another. Call `stop` before it goes.

    Parameters
    ----------
    command : sequence of str or None
        What runs instead of this program.

    Signals
    -------
    measured : str, Cost
        Of the recipe with this key.
    failed : str, str
        Key and sentence.
    changed
        Another one is under way, or none.
    """

    measured = Signal(str, object)
    failed = Signal(str, str)
    changed = Signal()

    def __init__(self, command: Sequence[str] | None = None, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._command = list(program() if command is None else command)
        self._waiting: OrderedDict[str, tuple[Recipe, DataPaths, str]] = OrderedDict()
        self._process: QProcess | None = None
        self._folder: tempfile.TemporaryDirectory[str] | None = None
        self._answer: Cost | None = None
        self._reason = ""
        self.current = ""
        """Key of what is under way; empty: nothing."""

    @property
    def busy(self) -> bool:
        """Whether something is measured or waits for it."""
        return bool(self.current or self._waiting)

    def want(self, wanted: "dict[str, tuple[Recipe, DataPaths, str]]") -> None:
        """Measure these, by key (recipe, data, device), and nothing else any more."""
        self._waiting = OrderedDict((key, what) for key, what in wanted.items() if key != self.current)
        if self.current and self.current not in wanted:
            self._end_process()
        self._next()
        self.changed.emit()

    def cancel(self) -> None:
        """Measure nothing any more."""
        self._waiting.clear()
        self._end_process()
        self.changed.emit()

    stop = cancel

    def _next(self) -> None:
        if self._process is not None or not self._waiting:
            return
        self.current, (recipe, data, device) = self._waiting.popitem(last=False)
        self._answer, self._reason = None, ""
        from annotriage.regressors.recipes.recipe import recipe_toml

        try:
            self._folder = tempfile.TemporaryDirectory(prefix="annotriage-", ignore_cleanup_errors=True)
            file = Path(self._folder.name) / "recipe.toml"
            file.write_text(recipe_toml(recipe), encoding="utf-8")
        except OSError as error:
            self._finish(f"It could not be measured: {error.strerror or error}")
            return
        process = self._process = QProcess(self)
        environment = QProcessEnvironment.systemEnvironment()
        environment.insert("PYTHONIOENCODING", "utf-8")
        process.setProcessEnvironment(environment)
        process.setStandardInputFile(QProcess.nullDevice())
        process.readyReadStandardOutput.connect(self._read)
        process.finished.connect(self._on_finished)
        process.errorOccurred.connect(self._on_error)
        said = ["train", str(file), *data.arguments(), "--device", device, "--estimate", "--events"]
        process.start(self._command[0], [*self._command[1:], *said])

    def _read(self) -> None:
        process = self._process
        while process is not None and process.canReadLine():
            self._take(bytes(process.readLine().data()))

    def _take(self, line: bytes) -> None:
        try:
            event = json.loads(line)
        except ValueError:
            return
        if not isinstance(event, dict):
            return
        if event.get("event") == "estimate":
            self._answer = cost_of(event)
        elif event.get("event") == "failed":
            self._reason = str(event.get("reason", ""))

    def _on_finished(self) -> None:
        process = self._process
        if process is None:
            return
        self._read()
        self._take(bytes(process.readAllStandardOutput().data()))
        errors = bytes(process.readAllStandardError().data()).decode("utf-8", "replace").split("\n")
        self._process = None
        process.deleteLater()
        last = next((line.strip() for line in reversed(errors) if line.strip()), "")
        self._finish(self._reason or last[:_LONGEST_LINE] or "It ended without an answer.")

    def _on_error(self, error: QProcess.ProcessError) -> None:
        process = self._process
        if error == QProcess.ProcessError.FailedToStart and process is not None:
            self._process = None
            process.deleteLater()
            self._finish(f"It could not be started: {process.errorString()}")

    def _finish(self, sentence: str) -> None:
        key, answer = self.current, self._answer
        self.current = ""
        self._clean()
        if answer is not None:
            self.measured.emit(key, answer)
        else:
            self.failed.emit(key, sentence)
        self._next()
        self.changed.emit()

    def _end_process(self) -> None:
        process, self._process = self._process, None
        self.current = ""
        if process is not None:
            process.blockSignals(True)
            process.kill()
            process.waitForFinished(_KILL_MS)
            process.deleteLater()
        self._clean()

    def _clean(self) -> None:
        if self._folder is not None:
            self._folder.cleanup()
            self._folder = None
