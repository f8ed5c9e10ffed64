"""What a recipe costs on this computer, measured in a process of its own: a few real steps, timed."""

import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from annotriage.errors import AnnotriageError
from annotriage.own_program import program
from annotriage.regressors.experiments.run_process import EventProcess

if TYPE_CHECKING:
    from annotriage.regressors.data.data_paths import DataPaths
    from annotriage.regressors.recipes.recipe import Recipe

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


class CostProcess:
    """Measures what one run of a recipe costs. `kill` may be called from any thread.

    Parameters
    ----------
    recipe : Recipe
    data : DataPaths
    device : {"auto", "cpu", "cuda", "mps"}
    command : sequence of str, optional
        What runs instead of this program.
    """

    def __init__(self, recipe: "Recipe", data: "DataPaths", device: str, command: Sequence[str] | None = None) -> None:
        self._recipe, self._data, self._device = recipe, data, device
        self._command = list(program() if command is None else command)
        self._process: EventProcess | None = None
        self._killed = False

    def measure(self) -> Cost:
        """Measure it, which takes a while.

        Raises
        ------
        AnnotriageError
            It could not be measured, or was killed.
        """
        from annotriage.regressors.recipes.recipe import recipe_toml

        with tempfile.TemporaryDirectory(prefix="annotriage-", ignore_cleanup_errors=True) as folder:
            file, log = Path(folder) / "recipe.toml", Path(folder) / "log"
            said = ["train", str(file), *self._data.arguments(), "--device", self._device, "--estimate", "--events"]
            self._process = process = EventProcess([*self._command, *said], log)
            try:
                file.write_text(recipe_toml(self._recipe), encoding="utf-8")
                process.start()
            except OSError as error:
                raise AnnotriageError(f"It could not be started: {error.strerror or error}") from None
            if self._killed:
                process.kill()
            found = [cost_of(event) for event in process.events() if event["event"] == "estimate"]
            cost = found[-1] if found else None
            if cost is None:
                raise AnnotriageError(self._reason(process, log))
            return cost

    def kill(self) -> None:
        """End it at once."""
        self._killed = True
        if self._process is not None:
            self._process.kill()

    def _reason(self, process: EventProcess, log: Path) -> str:
        lines = log.read_text(encoding="utf-8", errors="replace").split("\n") if log.is_file() else []
        last = next((line.strip() for line in reversed(lines) if line.strip()), "")
        told = process.failure or {}
        return str(told.get("reason") or "") or last[:_LONGEST_LINE] or "It ended without an answer."
