"""What is to be trained, as the wizard's pages fill it in one after the other."""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from annotriage.datasets.columns import ColumnMapping
    from annotriage.regressors.data.data_paths import DataPaths
    from annotriage.regressors.recipes.recipe import Recipe


@dataclass(slots=True)
class TrainingPlan:
    """A training before it starts. One object, shared by the pages.

    Attributes
    ----------
    images, labels : Path or None
        Folder of the images, table of their labels; None: not chosen yet.
    clinical, masks : Path or None
        Clinical metadata (a file or a folder) and the folder of people's masks, where there are any.
    pairs : Path or None
        Table of pairs of masks with their tools.
    further_images, further_folders_of_masks : tuple of Path
        More folders, that of another training like it may name: the window asks for one of each.
    columns : tuple of str
        Corrections to what the columns of the table are, each ``ROLE=COLUMN``.
    recipes : tuple of Recipe
        One for each model, with names of their own.
    runs : int
        Runs of each recipe, each on a split of its own.
    folds : bool
        Whether the runs are the folds of a cross-validation, over which every image is tested once.
    device : str
        ``"auto"``, ``"cpu"``, ``"cuda"`` or ``"mps"``.
    seconds : float or None
        About how long all runs take together, at most; None: not measured.
    further_masks : int or None
        How many images without a label have a mask to learn from; None: not known.
    mapping : ColumnMapping or None
        The columns of the table; None: not known.
    """

    images: Path | None = None
    labels: Path | None = None
    clinical: Path | None = None
    masks: Path | None = None
    columns: tuple[str, ...] = ()
    recipes: "tuple[Recipe, ...]" = ()
    runs: int = 1
    device: str = "auto"
    seconds: float | None = None
    further_masks: int | None = None
    mapping: "ColumnMapping | None" = None
    folds: bool = False
    pairs: Path | None = None
    further_images: tuple[Path, ...] = ()
    further_folders_of_masks: tuple[Path, ...] = ()

    @property
    def data(self) -> "DataPaths":
        """What all runs learn from.

        Raises
        ------
        ValueError
            Images or labels are not chosen yet.
        """
        from annotriage.regressors.data.data_paths import DataPaths

        if self.images is None or self.labels is None:
            raise ValueError("images and labels are not chosen yet")
        return DataPaths(
            self.images,
            self.labels,
            self.clinical,
            self.masks,
            self.columns,
            self.further_images,
            self.further_folders_of_masks,
            self.pairs,
        )
