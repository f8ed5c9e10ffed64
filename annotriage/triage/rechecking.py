"""Look again at images that an earlier version scored: some are masks, or are read in another way by now."""

from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from annotriage.agreement.masks_among import called_a_mask
from annotriage.errors import AnnotriageError
from annotriage.parallel import ordered_map, usable_cores
from annotriage.scoring.prediction import A_MASK, Prediction
from annotriage.triage.scoring_run import score_and_keep, without_maps

if TYPE_CHECKING:
    import threading
    from collections.abc import Generator, Iterable

    from annotriage.images import ImageFile
    from annotriage.model_file import ModelFile
    from annotriage.triage.store import SessionStore

READING = 1
"""Version of how images are read and masks are told from them: raise it where a stored prediction may be another now.

1: masks are known by their content; grey of 10 to 14 bits is not black.
"""
_WRITTEN_AT_ONCE = 100


def is_outdated(store: "SessionStore", folder: Path, model: "ModelFile") -> bool:
    """Say whether an earlier version may have scored images of a folder."""
    return store.reading_of(folder, model.key) < READING


def recheck(
    folder: Path,
    model: "ModelFile",
    store: "SessionStore",
    images: "Iterable[ImageFile]",
    *,
    threads: int | None = None,
    stop: "threading.Event | None" = None,
) -> "Generator[tuple[ImageFile, Prediction], None, None]":
    """Read images once more, without predicting, and write down what is another now; once a folder and model.

    Parameters
    ----------
    folder : Path
        The folder in which the images' names begin.
    model : ModelFile
    store : SessionStore
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

    def look(image: "ImageFile") -> tuple["ImageFile", str]:
        return image, _read_now(image, model)

    masks: list[tuple[ImageFile, Prediction]] = []
    again: list[ImageFile] = []
    for image, now in ordered_map(look, images, threads=threads or usable_cores(), stop=stop):
        if now == A_MASK:
            masks.append((image, Prediction(image.path, error=A_MASK)))
        elif now:
            again.append(image)
        if len(masks) >= _WRITTEN_AT_ONCE:
            store.keep(folder, model.key, masks)
            yield from masks
            masks.clear()
    store.keep(folder, model.key, masks)
    yield from masks
    for image, prediction in score_and_keep(folder, model, store, again, threads=threads, stop=stop):
        yield image, without_maps(prediction)
    if (stop is None or not stop.is_set()) and folder.is_dir():
        with suppress(AnnotriageError):  # then they are looked at the next time
            store.set_reading(folder, model.key, READING)


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
