"""Images and a model file -> predictions, as fast as the machine allows, in order, in bounded memory.

Each worker thread takes a few images through the whole way: read, decode, prepare, compute. Decoding and ONNX
Runtime both let go of the GIL, so the workers fill all cores, and no split of the cores between decoding and
computing has to be guessed: whichever takes longer gets more of them.

On the CPU a worker computes one image at a time with one thread. That is as fast as larger batches (ONNX
Runtime's convolutions go through a batch image by image anyway), and an image's numbers cannot depend on which
images happen to be its neighbours or on how many workers there are: a run that was interrupted and continued
gives the same table as one that was not, bit for bit. Other devices need batches; there the batch always has
the same shape, filled up with zeros.
"""

from collections.abc import Callable, Generator, Iterable, Iterator
from contextlib import closing
from dataclasses import replace
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from annotriage.errors import AnnotriageError
from annotriage.parallel import ordered_map, usable_cores
from annotriage.scoring.prediction import A_MASK, Prediction
from annotriage.scoring.preparing import LesionImage, is_lesion_image, normalise, read_for

if TYPE_CHECKING:
    import threading

    from numpy.typing import NDArray

    from annotriage.model_file import ModelFile

IMAGES_AT_ONCE_ON_CPU = 1
IMAGES_AT_ONCE_ELSEWHERE = 16
BATCHES_AHEAD = 16
"""Batches a worker may be ahead of the reader: one slow image does not hold up the others, memory is bounded."""
_WANTED = (
    "An image is given as a pathlib.Path (its file), an image of Pillow's, or a NumPy array of uint8, (H, W, 3), red, "
    "green and blue: {what} is none of these."
)
_WITHOUT_NUMBERS = "The model computes no finite number for this image."


class ScoringError(AnnotriageError):
    """The model cannot be computed on this machine; no fault of an image."""


class Scorer:
    """Compute predictions of one model.

    Parameters
    ----------
    model : ModelFile
        The model; its session is made at the first image.
    threads : int or None
        Worker threads; None: one for each core that this process may use.
    batch_size : int or None
        Images computed at once by a worker; None: 1 on the CPU, 16 on other devices.
    heatmaps : bool
        Whether the model's maps are wanted: heatmaps, where the lesion is, and whatever else its card lists.
    called_a_mask : callable or None
        Tells whether a file's name says that it is a mask; what it holds decides, but then flat areas are enough.
    """

    def __init__(
        self,
        model: "ModelFile",
        *,
        threads: int | None = None,
        batch_size: int | None = None,
        heatmaps: bool = True,
        called_a_mask: "Callable[[Path], bool] | None" = None,
    ) -> None:
        if threads is not None and threads < 1:
            raise ValueError("a scorer needs at least one thread")
        if batch_size is not None and batch_size < 1:
            raise ValueError("a batch holds at least one image")
        self.model = model
        self.threads = threads or usable_cores()
        self.heatmaps = heatmaps
        self._called_a_mask = called_a_mask
        self._batch_size = batch_size
        maps = [spec.name for spec in model.card.all_maps]
        self._maps = maps if heatmaps else []
        self._outputs = [name for name in model.card.outputs if heatmaps or name not in maps]

    def score(
        self, images: Iterable[LesionImage], *, stop: "threading.Event | None" = None
    ) -> Generator[Prediction, None, None]:
        """Yield a prediction for each image, in the order of the images, as soon as it is ready.

        Parameters
        ----------
        images : iterable of LesionImage
            May be endless: only a bounded number is taken ahead of what was yielded.
        stop : threading.Event or None
            Once set, no further image is begun; those already begun are still yielded.

        Yields
        ------
        Prediction
            With `error` set for an image that cannot be read. Closing the generator ends its threads.

        Raises
        ------
        TypeError
            What is given is no image: a text, say, or an array of another shape.
        annotriage.model_file.ModelFileError
            The model cannot be loaded.
        ScoringError
            The model cannot be computed (for example, too little memory on the device).
        """
        if isinstance(images, str | bytes | Path) or not isinstance(images, Iterable):
            raise TypeError(f"score() takes an iterable of images. {_WANTED.format(what=_kind(images))}")
        size = self.batch_size
        scored = ordered_map(
            self._score_batch, _batches(_checked(images), size), threads=self.threads, ahead=BATCHES_AHEAD, stop=stop
        )
        with closing(scored):
            for predictions in scored:
                yield from predictions

    @property
    def batch_size(self) -> int:
        """Images computed at once by a worker."""
        if self._batch_size is None:
            on_cpu = self._session().get_providers()[0] == "CPUExecutionProvider"
            self._batch_size = IMAGES_AT_ONCE_ON_CPU if on_cpu else IMAGES_AT_ONCE_ELSEWHERE
        return self._batch_size

    def _session(self) -> Any:
        # One thread a run, however many workers: the order of additions never changes with the machine's load.
        return self.model.session(1)

    def _score_batch(self, batch: list[LesionImage]) -> list[Prediction]:
        """Take a batch all the way; runs in a worker thread."""
        from annotriage.images import UnreadableImageError
        from annotriage.images.looks import look_of
        from annotriage.images.mask_content import looks_like_a_mask

        card = self.model.card
        inputs = np.zeros((self.batch_size, 3, card.input_height, card.input_width), dtype=np.float32)
        reasons: list[str | None] = []
        notes = [""] * len(batch)
        looks: list[NDArray[np.float32] | None] = [None] * len(batch)
        for row, image in enumerate(batch):
            reason = None
            try:
                rgb, notes[row] = read_for(image, card)
                called_one = isinstance(image, Path) and self._called_a_mask is not None and self._called_a_mask(image)
                if looks_like_a_mask(rgb, called_one=called_one):
                    reason = A_MASK
                else:
                    inputs[row] = normalise(rgb, card)
                    looks[row] = look_of(rgb)
            except UnreadableImageError as error:
                reason = str(error)
            except MemoryError:
                reason = "It needs more memory than there is; make it smaller."
            reasons.append(reason)
        if all(reasons):
            return [Prediction(image, error=reason) for image, reason in zip(batch, reasons, strict=True)]
        outputs = self._compute(inputs, batch)
        return [
            replace(self._prediction(image, row, outputs), note=notes[row], look=looks[row])
            if reason is None
            else Prediction(image, error=reason)
            for row, (image, reason) in enumerate(zip(batch, reasons, strict=True))
        ]

    def _compute(self, inputs: "NDArray[np.float32]", batch: list[LesionImage]) -> "dict[str, NDArray[np.float32]]":
        session = self._session()
        try:
            values = session.run(self._outputs, {"image": inputs})
        except Exception as error:  # ONNX Runtime's errors share no narrower class
            reason = " ".join(str(error).split())[:200] or type(error).__name__
            first = batch[0] if isinstance(batch[0], Path) else "an image"
            raise ScoringError(
                f"The model {self.model.card.name} could not be computed for {first} ({reason}); close other "
                "programs if memory is short, or set ANNOTRIAGE_PROVIDERS=cpu to compute on the processor."
            ) from error
        return dict(zip(self._outputs, values, strict=True))

    def _prediction(self, image: LesionImage, row: int, outputs: "dict[str, NDArray[np.float32]]") -> Prediction:
        from annotriage.model_file import BY_WAY, FEATURES
        from annotriage.model_file.sessions import LEAST_DICE, MOST_DICE

        dice = float(outputs["predicted_dice"][row])
        lower, upper = (float(edge) for edge in outputs["interval"][row])
        further = {name: float(outputs[name][row]) for name in self.model.card.further_targets}
        by_way, features = (outputs[name][row].copy() if name in outputs else None for name in (BY_WAY, FEATURES))
        given = [dice, lower, upper, *further.values(), *(() if by_way is None else by_way.flat)]
        if not np.isfinite(given).all() or (features is not None and not np.isfinite(features).all()):
            return Prediction(image, error=_WITHOUT_NUMBERS)
        if by_way is not None:
            by_way[:, 0] = by_way[:, 0].clip(0, 1)
        if not LEAST_DICE <= dice <= MOST_DICE:
            return Prediction(image, error=f"The model predicts {dice:.3g} for this image, which is no Dice (0 to 1).")
        # Copies, because a view would keep the whole batch alive.
        maps = {name: outputs[name][row].copy() for name in self._maps}
        space = self.model.card.features
        far = None if space is None or features is None else float(space.unlikeness(features[None])[0])
        return Prediction(
            image, _clamp(dice), _clamp(lower), _clamp(upper), maps, further, by_way, features, unlikeness=far
        )


def _checked(images: Iterable[LesionImage]) -> Iterator[LesionImage]:
    """Yield images; anything else would be told as a file that was moved or deleted."""
    for image in images:
        if not is_lesion_image(image):
            raise TypeError(_WANTED.format(what=_kind(image)))
        yield image


def _kind(given: object) -> str:
    """Say what was given in place of an image."""
    if isinstance(given, np.ndarray):
        return f"an array of {given.dtype}, {given.shape},"
    return type(given).__name__


def _batches(images: Iterable[LesionImage], size: int) -> Iterator[list[LesionImage]]:
    iterator = iter(images)
    while batch := list(islice(iterator, size)):
        yield batch


def _clamp(value: float) -> float:
    return min(1.0, max(0.0, value))
