"""One folder under one model: its images, what is known about them, and the run that finds out the rest."""

from collections.abc import Generator
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

from annotriage.agreement.masks_among import images_and_masks
from annotriage.images import ImageFile, find_images, modified_ns
from annotriage.scoring.overlay_sheet import read_stamp
from annotriage.scoring.prediction import Prediction
from annotriage.triage.rechecking import is_outdated, recheck
from annotriage.triage.scoring_run import score_and_keep, without_maps

if TYPE_CHECKING:
    import threading

    from annotriage.model_file import ModelFile
    from annotriage.triage.store import SessionStore


class Session:
    """A folder, or a single image, under review.

    Parameters
    ----------
    folder : Path
        The folder, or one image file.
    model : ModelFile
        What predicts.
    store : SessionStore
        Where predictions are kept.
    recursive : bool
        Whether the folders below belong to it, too.

    Attributes
    ----------
    folder : Path
        The folder in which the images' names begin.
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

    def __init__(self, folder: Path, model: "ModelFile", store: "SessionStore", *, recursive: bool = True) -> None:
        self.folder = folder if folder.is_dir() else folder.parent
        self.model = model
        self.store = store
        self.images, self.masks = (
            lesions_and_masks(find_images(folder, recursive=recursive)) if folder.is_dir() else ([_one(folder)], [])
        )
        self.predictions: dict[str, Prediction] = {}
        self.read_known()

    def read_known(self) -> None:
        """Read what the store knows by now."""
        self.predictions = self.store.known(self.folder, self.model.key, self.images)

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
        if not is_outdated(self.store, self.folder, self.model):
            return
        scored = [
            image
            for image in self.images
            if (known := self.predictions.get(image.name)) is not None and known.error is None
        ]
        changed = recheck(self.folder, self.model, self.store, scored, threads=threads, stop=stop)
        with closing(changed):
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
        scored = score_and_keep(self.folder, self.model, self.store, left, threads=threads, stop=stop)
        with closing(scored):
            for image, prediction in scored:
                self.predictions[image.name] = without_maps(prediction)
                yield prediction

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


def lesion_images(images: list[ImageFile]) -> list[ImageFile]:
    """Leave out what lies among lesion images and is none: people's masks, and overlays that an earlier run drew."""
    return lesions_and_masks(images)[0]


def lesions_and_masks(images: list[ImageFile]) -> tuple[list[ImageFile], list[ImageFile]]:
    """Part people's masks from lesion images; leave out overlays that an earlier run drew."""
    names = {image.path.name for image in images}

    def is_overlay(image: ImageFile) -> bool:
        # An overlay is called like its image with .png added; only such files are looked into.
        name = image.path.name
        return name.endswith(".png") and name[: -len(".png")] in names and read_stamp(image.path) is not None

    return images_and_masks([image for image in images if not is_overlay(image)])
