"""What a training learns from, as the options of `annotriage train` name it."""

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class DataPaths:
    """What all runs of a training learn from."""

    images: Path
    labels: Path
    clinical: Path | None = None
    masks: Path | None = None
    columns: tuple[str, ...] = ()

    def arguments(self) -> list[str]:
        """Return them as a command line has them."""
        said = ["--images", str(self.images), "--labels", str(self.labels)]
        for option, value in (("--clinical", self.clinical), ("--masks", self.masks)):
            said += [] if value is None else [option, str(value)]
        for column in self.columns:
            said += ["--column", column]
        return said
