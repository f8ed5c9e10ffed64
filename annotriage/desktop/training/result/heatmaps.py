"""Test images with what pulls their prediction, made one after the other in a thread.

Not by the inspector's loader: it decodes whole images for one large view, of which two dozen exceed what it keeps.
"""

from collections import OrderedDict
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QImage

from annotriage.desktop.background import Worker
from annotriage.errors import AnnotriageError

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from annotriage.model_file import ModelFile

EDGE = 400
"""Pixels of a picture's longer side."""
_HELD = 64
"""Heatmaps that are kept; each takes about 1 MB."""


@dataclass(frozen=True, slots=True, eq=False)
class Heatmap:
    """An image as it is, and tinted with what pulls its prediction; or a sentence why it cannot be shown."""

    picture: QImage | None = None
    tinted: QImage | None = None
    problem: str = ""


class HeatmapLoader(QObject):
    """Heatmaps of one run's test images, by name. Call `stop` before it goes."""

    ready = Signal(str)
    """`get` has something for the image of this name."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._held: OrderedDict[str, Heatmap] = OrderedDict()
        self._model: ModelFile | None = None
        self._folder = Path()
        self._worker: Worker[str, tuple[Path, ModelFile | None], Heatmap] = Worker(
            lambda _, what: make_heatmap(*what), self._keep, problem=_problem, name="result-heatmaps"
        )

    def set_source(self, model: "ModelFile | None", folder: Path) -> None:
        """Show images of a folder with a model; without one, there are no heatmaps."""
        self._worker.clear()
        self._model, self._folder = model, folder
        self._held.clear()

    def get(self, name: str, *, first: bool = False) -> Heatmap | None:
        """Return an image's heatmap; None: it is being made, before the others if `first`; `ready` will tell."""
        held = self._held.get(name)
        if held is None:
            self._worker.ask(name, (self._folder / name, self._model), first=first)
        else:
            self._held.move_to_end(name)
        return held

    def stop(self) -> None:
        """End the thread."""
        self._worker.stop()

    def _keep(self, made: list[tuple[str, Heatmap]]) -> None:
        self._held.update(made)
        while len(self._held) > _HELD:
            self._held.popitem(last=False)
        for name, _ in made:
            self.ready.emit(name)


def _problem(name: str, error: Exception) -> Heatmap:
    """Return what stands for a heatmap that could not be made: a defect is no reason to leave all further ones out."""
    return Heatmap(problem=str(error) if isinstance(error, AnnotriageError) else f"{type(error).__name__}: {error}")


def make_heatmap(path: Path, model: "ModelFile | None") -> Heatmap:
    """Read an image, and let the model say what pulls its prediction."""
    from annotriage.desktop.gallery.thumbnail_making import fit
    from annotriage.images import image_size, read_rgb
    from annotriage.scoring.overlays import contribution_overlay
    from annotriage.scoring.scorer import Scorer

    rgb = read_rgb(path, fit(image_size(path), EDGE))
    picture = _image(rgb)
    if model is None:
        return Heatmap(picture)
    (said,) = Scorer(model, threads=1).score([path])
    if said.heatmap is None:
        return Heatmap(picture, problem=said.error or "")
    return Heatmap(picture, _image(contribution_overlay(rgb, said.heatmap)))


def _image(rgb: "NDArray[np.uint8]") -> QImage:
    height, width = rgb.shape[:2]
    pixels = rgb.tobytes()
    # In the screen's own format, so that painting converts nothing; a copy, as the bytes are Python's.
    return QImage(pixels, width, height, 3 * width, QImage.Format.Format_RGB888).convertToFormat(
        QImage.Format.Format_RGB32
    )
