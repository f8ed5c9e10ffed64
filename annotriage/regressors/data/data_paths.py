"""Paths of the labelled data of a training, as the options of `annotriage train` name them."""

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class DataPaths:
    """Images, labels, metadata and masks of all runs of a training."""

    images: Path
    labels: Path
    clinical: Path | None = None
    masks: Path | None = None
    columns: tuple[str, ...] = ()

    def arguments(self) -> list[str]:
        """Return them as options of a command line."""
        said = ["--images", str(self.images), "--labels", str(self.labels)]
        for option, value in (("--clinical", self.clinical), ("--masks", self.masks)):
            said += [] if value is None else [option, str(value)]
        for column in self.columns:
            said += ["--column", column]
        return said
