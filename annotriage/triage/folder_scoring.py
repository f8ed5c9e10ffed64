"""The road from a folder to a ranking, for window and command line: look up what is stored, score the rest, keep it."""

import time
from collections import deque
from collections.abc import Collection, Generator, Iterable, Iterator, Mapping, Sequence
from contextlib import closing, suppress
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from annotriage.agreement.masks_among import called_a_mask, images_and_masks
from annotriage.errors import AnnotriageError
from annotriage.parallel import ordered_map, usable_cores
from annotriage.scoring.overlay_sheet import read_stamp
from annotriage.scoring.prediction import A_MASK, Prediction
from annotriage.scoring.scorer import Scorer
from annotriage.scoring.team import is_whole
from annotriage.triage.catalogue import Catalogue

if TYPE_CHECKING:
    import threading

    from annotriage.images import ImageFile
    from annotriage.model_file import ModelFile
    from annotriage.scoring.team import Team
    from annotriage.triage.store import SessionStore
    from annotriage.triage.stored_numbers import StoredNumbers

_MOST_UNWRITTEN = 32
_LONGEST_UNWRITTEN = 0.2
"""A prediction is written down at the latest when so many wait, or after so many seconds."""
READING = 1
"""Version of how images are read and masks are told from them: raise it where a stored prediction may be another now.

1: masks are known by their content; grey of 10 to 14 bits is not black.
"""
_WRITTEN_AT_ONCE = 100


class FolderScoring:
    """One folder under one model, whose predictions a store keeps.

    Parameters
    ----------
    folder : Path
        The folder in which the images' names begin.
    model : ModelFile
        What predicts.
    store : SessionStore
        Where predictions are kept, as the model computes them: the same for every team.
    team : Team or None
        For whom all predictions hold that come from here; None: for whom was chosen for the folder.

    Attributes
    ----------
    team_note : str
        Why they do not hold for whom was chosen for the folder, in a sentence; empty: they do, or nobody was.
    is_outdated : bool
        Whether an earlier version may have scored images of it: see `recheck_images`.

    Raises
    ------
    AnnotriageError
        The store cannot be read.
    """

    def __init__(self, folder: Path, model: "ModelFile", store: "SessionStore", team: "Team | None" = None) -> None:
        from annotriage.triage.team_choice import chosen_team

        self.folder = folder
        self.model = model
        self.store = store
        self.team_note = ""
        if team is None:
            team, self.team_note = chosen_team(store, folder, model)
        self.team = team
        self.is_outdated = store.reading_of(folder, model.key) < READING

    @property
    def team(self) -> "Team":
        """For whom predictions hold. After a change read `stored_numbers` again: nothing is computed anew.

        What `score_images` or `recheck_images` yielded before may still be under way to somebody: `for_team` turns it.

        Raises
        ------
        AnnotriageError
            When it is set: the model does not know its way of drawing, or it was calibrated for another model.
        """
        return self._team

    @team.setter
    def team(self, team: "Team") -> None:
        team.check(self.model.card)
        if team.calibration is not None and team.calibration.model != self.model.key:
            raise AnnotriageError(
                f"The calibration was fitted to another model than {self.model.card.name}: calibrate that one, too."
            )
        self._team = team

    def for_team(self, prediction: Prediction) -> Prediction:
        """Return a prediction of this model as it holds for the team, whichever team it held for."""
        space = self.model.card.features
        if space is not None and prediction.features is not None and prediction.unlikeness is None:  # from the store
            prediction = replace(prediction, unlikeness=float(space.unlikeness(prediction.features[None])[0]))
        return self._team.of(self.model.card, prediction)

    def stored_numbers(self) -> "StoredNumbers":
        """Read the numbers of all images that were ever scored, whatever became of their files."""
        team, card = self._team, self.model.card
        numbers = self.store.numbers(
            self.folder, self.model.key, by_way=not team.is_plain, features=card.features is not None
        )
        if card.features is not None and numbers.features is not None:
            numbers = replace(numbers, unlikeness=card.features.unlikeness(numbers.features), features=None)
        if team.is_plain:
            return replace(numbers, team=team)
        by_way = numbers.by_way
        if by_way is None or by_way.shape[1] != len(card.ways):  # as if they had never been scored
            by_way = np.full((len(numbers), len(card.ways), 2), np.nan, dtype=np.float32)
        computed = np.column_stack([numbers.predicted_dice, numbers.lower, numbers.upper])
        dice, lower, upper = team.numbers(card, computed, by_way).T
        return replace(numbers, predicted_dice=dice, lower=lower, upper=upper, by_way=None, team=team)

    def groups(self, names: "Collection[str]") -> dict[str, int]:
        """Find which of some scored images are nearly the same picture: name -> number; those alone are left out.

        100,000 images take seconds, so that it is asked for beside what is shown at once. Images that an earlier
        version scored are alone until they are scored again. See `annotriage.images.likeness`.
        """
        from annotriage.images.likeness import ALONE, groups_of

        numbers = self.store.numbers(self.folder, self.model.key, looks=True)
        if numbers.looks is None:
            return {}
        wanted = set(names)
        rows = [row for row, name in enumerate(numbers.names) if name in wanted]
        found = groups_of(numbers.looks[rows]).tolist()
        return {numbers.names[row]: group for row, group in zip(rows, found, strict=True) if group != ALONE}

    def note_groups(self, catalogue: Catalogue) -> Catalogue:
        """Note in a catalogue of the folder which images are nearly the same picture, and return it: see `groups`."""
        catalogue.set_groups(self.groups([image.name for image in catalogue.images]))
        return catalogue

    def known(self, images: "Sequence[ImageFile]") -> dict[str, Prediction]:
        """Return what is stored of images as they are now, without maps, by name."""
        known, card = self.store.known(self.folder, self.model.key, images), self.model.card
        return {name: self.for_team(one) for name, one in known.items() if self._team.is_plain or is_whole(card, one)}

    def with_maps(self, images: "Sequence[ImageFile]") -> "Iterator[Prediction]":
        """Yield what is stored of images, with maps, in their order; those that are not known are left out."""
        for prediction in self.store.with_maps(self.folder, self.model.key, images):
            if self._team.is_plain or is_whole(self.model.card, prediction):
                yield self.for_team(prediction)

    def maps_of(self, image: "ImageFile") -> Prediction | None:
        """Return what is stored of an image, with maps; None: it is not known."""
        return next(self.with_maps([image]), None)

    def catalogue(self, images: "Sequence[ImageFile]", numbers: "StoredNumbers") -> Catalogue:
        """Part lesion images from what lies among them, and note what is known of them.

        Parameters
        ----------
        images : sequence of ImageFile
            In natural order.
        numbers : StoredNumbers
            As they were read before the images were listed: what was scored since is scored again.
        """
        lesions, masks = lesions_and_masks(images)
        catalogue = Catalogue(self.folder, lesions)
        catalogue.masks_by_name = len(masks)
        catalogue.set_numbers(numbers)
        catalogue.is_outdated = self.is_outdated
        return catalogue

    def reviewed_catalogue(self, images: "Sequence[ImageFile]", numbers: "StoredNumbers") -> Catalogue:
        """Return the `catalogue` with what was decided and what people drew, too."""
        from annotriage.triage.journal import ReviewJournal
        from annotriage.triage.kept_rule import kept_rule
        from annotriage.triage.measured_images import MeasuredImages

        catalogue = self.catalogue(images, numbers)
        catalogue.rule = kept_rule()
        catalogue.set_reviews(ReviewJournal(self.store, self.folder).reviews())
        files = {image.name: image for image in catalogue.images}
        catalogue.measured.replace(MeasuredImages(self.store, self.folder).read(files))
        return catalogue

    def known_of(
        self, images: "Sequence[ImageFile]", renamed: "Mapping[str, ImageFile] | None" = None
    ) -> dict[str, Prediction]:
        """Return what is stored of images that are there again, or under another name: they need not be scored.

        Failures to read them are left out: see `Catalogue.set_numbers`.

        Parameters
        ----------
        images : sequence of ImageFile
        renamed : mapping of str to ImageFile or None
            Name of an image -> what the same file was before it was renamed. What was predicted for that is kept for
            its new name, too, unless one of the two names is a word for masks.

        Raises
        ------
        AnnotriageError
            The store cannot be read or written.
        """
        known = {
            name: prediction
            for name, prediction in self.known(images).items()
            if prediction.error is None or prediction.is_mask
        }
        left = {image.name: image for image in images if image.name in (renamed or {}) and image.name not in known}
        before = {
            old.name: image
            for name, image in left.items()
            if renamed and called_a_mask((old := renamed[name]).path) == called_a_mask(image.path)
        }
        old_files = [old for old in (renamed or {}).values() if old.name in before]
        carried = [
            (before[old.name], replace(prediction, image=before[old.name].path))
            for old, prediction in self._stored(old_files)
            if prediction.error is None or prediction.is_mask
        ]
        self.store.keep(self.folder, self.model.key, carried)
        return known | {image.name: without_maps(prediction) for image, prediction in carried}

    def _stored(self, images: "Sequence[ImageFile]") -> "Iterator[tuple[ImageFile, Prediction]]":
        """Yield images and what is stored of them, maps included; those that are not known are left out."""
        by_path: dict[object, ImageFile] = {image.path: image for image in images}
        for prediction in self.with_maps(images):
            yield by_path[prediction.image], prediction

    def score_images(
        self, images: "Iterable[ImageFile]", *, threads: int | None = None, stop: "threading.Event | None" = None
    ) -> "Generator[tuple[ImageFile, Prediction], None, None]":
        """Score images, and write the predictions down as they come.

        Parameters
        ----------
        images : iterable of ImageFile
            Taken a bounded number ahead, in the caller's thread: what comes next may depend on what is looked at now.
        threads : int or None
            Worker threads; None: one a core.
        stop : threading.Event or None
            Once set, no further image is begun.

        Yields
        ------
        (ImageFile, Prediction)
            In the order of `images`, maps included, for the team; each is in the store by then. What was computed
            when this ends early is written, too.

        Raises
        ------
        AnnotriageError
            The model cannot be computed, or the store cannot be written.
        """
        taken: deque[ImageFile] = deque()
        unwritten: list[tuple[ImageFile, Prediction]] = []

        def paths() -> Iterator[Path]:
            for image in images:
                taken.append(image)
                yield image.path

        def write() -> "list[tuple[ImageFile, Prediction]]":
            written = list(unwritten)
            self.store.keep(self.folder, self.model.key, written)
            unwritten.clear()
            return [(image, self.for_team(prediction)) for image, prediction in written]

        scored = Scorer(self.model, threads=threads, called_a_mask=called_a_mask).score(paths(), stop=stop)
        try:
            with closing(scored):
                last_written = time.monotonic()
                for prediction in scored:
                    unwritten.append((taken.popleft(), prediction))
                    if len(unwritten) >= _MOST_UNWRITTEN or time.monotonic() - last_written > _LONGEST_UNWRITTEN:
                        yield from write()
                        last_written = time.monotonic()
            yield from write()
        finally:
            write()

    def recheck_images(
        self, images: "Iterable[ImageFile]", *, threads: int | None = None, stop: "threading.Event | None" = None
    ) -> "Generator[tuple[ImageFile, Prediction], None, None]":
        """Read images once more, without predicting, and write down what is another now; once a folder and model.

        Parameters
        ----------
        images : iterable of ImageFile
            Those that have a prediction.
        threads : int or None
            Worker threads; None: one a core.
        stop : threading.Event or None
            Once set, no further image is begun, and all are looked at the next time.

        Yields
        ------
        (ImageFile, Prediction)
            Masks, which have no prediction any more, and what is predicted for those that are read in another way.

        Raises
        ------
        AnnotriageError
            The model cannot be computed, or the store cannot be written.
        """

        def read_again(image: "ImageFile") -> tuple["ImageFile", str]:
            return image, _read_now(image, self.model)

        masks: list[tuple[ImageFile, Prediction]] = []
        again: list[ImageFile] = []
        for image, now in ordered_map(read_again, images, threads=threads or usable_cores(), stop=stop):
            if now == A_MASK:
                masks.append((image, Prediction(image.path, error=A_MASK)))
            elif now:
                again.append(image)
            if len(masks) >= _WRITTEN_AT_ONCE:
                self.store.keep(self.folder, self.model.key, masks)
                yield from masks
                masks.clear()
        self.store.keep(self.folder, self.model.key, masks)
        yield from masks
        for image, prediction in self.score_images(again, threads=threads, stop=stop):
            yield image, without_maps(prediction)
        if (stop is None or not stop.is_set()) and self.folder.is_dir():
            with suppress(AnnotriageError):  # then they are looked at the next time
                self.store.set_reading(self.folder, self.model.key, READING)


def without_maps(prediction: Prediction) -> Prediction:
    """Return a prediction without its maps, which are large."""
    return replace(prediction, maps={})


def lesions_and_masks(images: "Sequence[ImageFile]") -> "tuple[list[ImageFile], list[ImageFile]]":
    """Part people's masks from lesion images; leave out overlays that an earlier run drew."""
    names = {image.path.name for image in images}

    def is_overlay(image: "ImageFile") -> bool:
        # An overlay is called like its image with .png added; only such files are looked into.
        name = image.path.name
        return name.endswith(".png") and name[: -len(".png")] in names and read_stamp(image.path) is not None

    return images_and_masks([image for image in images if not is_overlay(image)])


def _read_now(image: "ImageFile", model: "ModelFile") -> str:
    """Return `A_MASK`, or what is assumed of an image by now; empty: it is what it was, or out of reach."""
    from annotriage.images import UnreadableImageError
    from annotriage.images.mask_content import looks_like_a_mask
    from annotriage.scoring.preparing import read_for

    try:
        picture = read_for(image.path, model.card)
    except (UnreadableImageError, MemoryError):
        return ""
    is_mask = looks_like_a_mask(picture.pixels, called_one=called_a_mask(image.path))
    return A_MASK if is_mask else picture.note
