"""A folder, or a single image, scored as a whole: what the command line ranks, draws and reports."""

from collections.abc import Generator
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

from annotriage.images import ImageFile, find_images, modified_ns
from annotriage.scoring.prediction import Prediction
from annotriage.triage.folder_scoring import FolderScoring, lesions_and_masks, without_maps

if TYPE_CHECKING:
    import threading

    from annotriage.model_file import ModelFile
    from annotriage.scoring.team import Team
    from annotriage.triage.catalogue_changes import ImagesChange
    from annotriage.triage.measured import MeasuredImage
    from annotriage.triage.store import SessionStore


class Session(FolderScoring):
    """All images of a folder, listed, and what is known of each.

    Parameters
    ----------
    folder : Path
        The folder, or one image file.
    model : ModelFile
        What predicts.
    store : SessionStore
        Where predictions are kept.
    team : Team or None
        See `FolderScoring`.
    recursive : bool
        Whether the folders below belong to it, too.

    Attributes
    ----------
    images : list of ImageFile
        In natural order, those that cannot be read included.
    predictions : dict of str to Prediction
        Name -> what is known so far, without maps.
    masks : list of ImageFile
        People's masks among the images, as far as names tell: left out of `images`.

    Raises
    ------
    AnnotriageError
        The folder or the store cannot be read.
    """

    def __init__(
        self,
        folder: Path,
        model: "ModelFile",
        store: "SessionStore",
        team: "Team | None" = None,
        *,
        recursive: bool = True,
    ) -> None:
        super().__init__(folder if folder.is_dir() else folder.parent, model, store, team)
        self.images, self.masks = (
            lesions_and_masks(find_images(folder, recursive=recursive)) if folder.is_dir() else ([_one(folder)], [])
        )
        self.predictions: dict[str, Prediction] = {}
        self.read_known()

    def read_known(self) -> None:
        """Read what the store knows by now."""
        self.predictions = self.known(self.images)

    def left(self, *, fresh: bool = False) -> list[ImageFile]:
        """List the images that `score` would score.

        Those that failed before are tried again: a drive, a permission or an installed decoder may have changed.
        """

        def is_done(image: ImageFile) -> bool:
            prediction = self.predictions.get(image.name)
            return prediction is not None and (prediction.error is None or prediction.is_mask)

        return [image for image in self.images if image.problem is None and (fresh or not is_done(image))]

    def recheck(
        self, *, threads: int | None = None, stop: "threading.Event | None" = None
    ) -> Generator[str, None, None]:
        """Look again at what an earlier version scored, and yield the names of what left the ranking: masks.

        Raises
        ------
        AnnotriageError
            The model cannot be computed, or the store cannot be written.
        """
        if not self.is_outdated:
            return
        scored = [
            image
            for image in self.images
            if (known := self.predictions.get(image.name)) is not None and known.error is None
        ]
        with closing(self.recheck_images(scored, threads=threads, stop=stop)) as changed:
            for image, prediction in changed:
                self.predictions[image.name] = prediction
                if prediction.is_mask:
                    yield image.name

    def score(
        self, *, threads: int | None = None, fresh: bool = False, stop: "threading.Event | None" = None
    ) -> Generator[Prediction, None, None]:
        """Score what is left, and write it down as it comes.

        Parameters
        ----------
        threads : int or None
            Worker threads; None: one a core.
        fresh : bool
            Score everything, whatever is known.
        stop : threading.Event or None
            Once set, no further image is begun.

        Yields
        ------
        Prediction
            In the order of `images`.

        Raises
        ------
        AnnotriageError
            The model cannot be computed, or the store cannot be written.
        """
        left = self.left(fresh=fresh)
        if not left:
            return
        with closing(self.score_images(left, threads=threads, stop=stop)) as scored:
            for image, prediction in scored:
                self.predictions[image.name] = without_maps(prediction)
                yield prediction

    def take_in(self, change: "ImagesChange", images: list[ImageFile], masks: list[ImageFile]) -> None:
        """Take in what changed in the folder.

        Parameters
        ----------
        change : ImagesChange
        images, masks : list of ImageFile
            What there is now, in natural order.
        """
        self.images, self.masks = images, masks
        for name in [*change.gone, *(image.name for image in change.changed)]:
            self.predictions.pop(name, None)
        self.predictions |= change.predictions

    def note(self, image: ImageFile, prediction: Prediction) -> None:
        """Note what was predicted of an image."""
        self.predictions[image.name] = without_maps(prediction)

    def results(self) -> list[tuple[str, Prediction]]:
        """Return names and what is known of them, in natural order.

        Images not yet scored are left out, and what turned out to be a mask: see `masks_left_out`.
        """
        known = (
            (
                image.name,
                Prediction(image.path, error=image.problem) if image.problem else self.predictions.get(image.name),
            )
            for image in self.images
        )
        return [(name, prediction) for name, prediction in known if prediction is not None and not prediction.is_mask]

    def measured(self) -> "dict[str, MeasuredImage]":
        """Return what people drew of the images as they are now, by name, as far as it was measured."""
        from annotriage.triage.measured_images import MeasuredImages

        files = {image.name: image for image in self.images}
        known = MeasuredImages(self.store, self.folder).read(files)
        return {
            name: one
            for name, one in known.items()
            if name in files and (one.made_on is None or one.made_on.fits(files[name]))
        }

    def masks_left_out(self) -> list[str]:
        """Return the names of all masks that are left out: by their names, and by what they hold."""
        by_content = [
            image.name for image in self.images if (known := self.predictions.get(image.name)) and known.is_mask
        ]
        return [image.name for image in self.masks] + by_content


def _one(path: Path) -> ImageFile:
    """List a single file; whether it is an image is seen when it is read."""
    status = path.stat()
    return ImageFile(path, path.name, status.st_size, modified_ns(status), None)
