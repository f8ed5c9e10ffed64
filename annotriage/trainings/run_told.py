"""What a run's process told of it and its folder does not hold before the end, kept beside its log."""

import json
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from annotriage.errors import AnnotriageError
from annotriage.trainings.training import json_of
from annotriage.writing import write_whole

_COUNTS = ("train", "validation", "test", "validation_median_mae", "validation_mean_mse")


class Told:
    """Writes down what is told of the run under way, so that a stopped one can still be judged."""

    def __init__(self) -> None:
        self._recipe: Path | None = None
        self._known: dict[str, Any] = {}

    def keep(self, recipe: Path, event: Mapping[str, Any]) -> None:
        """Take an event in; what cannot be written is only missing from what is shown later."""
        match event.get("event"):
            case "start":
                self._known = {name: event[name] for name in _COUNTS if name in event}
            case "hardest" if recipe == self._recipe:
                self._known["hardest"] = event.get("images", event.get("hardest"))
            case "epoch" if recipe == self._recipe:
                self._known["epochs"] = event.get("epochs")
            case _:
                return
        self._recipe = recipe
        with suppress(AnnotriageError, TypeError):
            write_whole(told_of(recipe), (json.dumps(self._known, indent=1) + "\n").encode())


def told_of(recipe: Path) -> Path:
    """Return where that of a run with this recipe lies."""
    return recipe.with_suffix(".told.json")


def read_told(recipe: Path) -> dict[str, Any]:
    """Return what was told of a run; empty: nothing is known."""
    return json_of(told_of(recipe))
