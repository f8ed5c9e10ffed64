"""Paths of the labelled data of a training, as the options of `annotriage train` name them."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class DataPaths:
    """Images, labels, metadata and masks of all runs of a training.

    Attributes
    ----------
    images : Path
        Folder of the images that the labels are of.
    labels : Path
    clinical : Path or None
    masks : Path or None
        Folder of expert masks.
    columns : tuple of str
        ``ROLE=COLUMN``.
    further_images, further_masks : tuple of Path
        Folders of more images, none of which has a label, and of more masks.
    pairs : Path or None
        Table of pairs with their tools.
    """

    images: Path
    labels: Path
    clinical: Path | None = None
    masks: Path | None = None
    columns: tuple[str, ...] = ()
    further_images: tuple[Path, ...] = ()
    further_masks: tuple[Path, ...] = ()
    pairs: Path | None = None

    @property
    def all_images(self) -> tuple[Path, ...]:
        """The folders of images, that of the labelled ones first."""
        return (self.images, *self.further_images)

    @property
    def all_masks(self) -> tuple[Path, ...]:
        """The folders of masks."""
        return (*(() if self.masks is None else (self.masks,)), *self.further_masks)

    def arguments(self) -> list[str]:
        """Return them as options of a command line."""
        said: list[str] = []
        for option, paths in (
            ("--images", self.all_images),
            ("--labels", (self.labels,)),
            ("--clinical", (self.clinical,)),
            ("--masks", self.all_masks),
            ("--pairs", (self.pairs,)),
        ):
            for path in paths:
                said += [] if path is None else [option, str(path)]
        for column in self.columns:
            said += ["--column", column]
        return said


def data_paths(
    images: Sequence[Path],
    labels: Path,
    clinical: Path | None = None,
    masks: Sequence[Path] = (),
    columns: Sequence[str] = (),
    pairs: Path | None = None,
) -> DataPaths:
    """Return the paths as options name them: images and masks repeated, the folder of labelled images first."""
    first, *more = images
    return DataPaths(
        first, labels, clinical, next(iter(masks), None), tuple(columns), tuple(more), tuple(masks[1:]), pairs
    )
