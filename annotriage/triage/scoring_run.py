"""Score images and write the predictions down as they come."""

import time
from collections import deque
from collections.abc import Generator, Iterable, Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from annotriage.agreement.masks_among import called_a_mask
from annotriage.scoring.prediction import Prediction
from annotriage.scoring.scorer import Scorer

if TYPE_CHECKING:
    import threading

    from annotriage.images import ImageFile
    from annotriage.model_file import ModelFile
    from annotriage.triage.store import SessionStore

_MOST_UNWRITTEN = 32
_LONGEST_UNWRITTEN = 0.2
"""A prediction is written down at the latest when so many wait, or after so many seconds."""


def score_and_keep(
    folder: Path,
    model: "ModelFile",
    store: "SessionStore",
    images: "Iterable[ImageFile]",
    *,
    threads: int | None = None,
    stop: "threading.Event | None" = None,
) -> "Generator[tuple[ImageFile, Prediction], None, None]":
    """Score images of a folder, and write the predictions down as they come.

    Parameters
    ----------
    folder : Path
        The folder in which the images' names begin.
    model : ModelFile
        What predicts.
    store : SessionStore
        Where predictions are kept.
    images : iterable of ImageFile
        Taken a bounded number ahead, in the caller's own thread: what comes next may depend on what is looked at now.
    threads : int or None
        Worker threads; None: one a core.
    stop : threading.Event or None
        Once set, no further image is begun.

    Yields
    ------
    (ImageFile, Prediction)
        In the order of `images`, maps included; each is in the store by then. What was computed when this ends early
        is written, too.

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
        store.keep(folder, model.key, written)
        unwritten.clear()
        return written

    scored = Scorer(model, threads=threads, called_a_mask=called_a_mask).score(paths(), stop=stop)
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


def without_maps(prediction: Prediction) -> Prediction:
    """Return a prediction without its maps, which are large."""
    return replace(prediction, heatmap=None, lesion=None)
