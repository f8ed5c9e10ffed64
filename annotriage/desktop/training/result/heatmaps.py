"""Test images with what pulls their prediction, made in a thread."""

import threading
from collections import OrderedDict
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Qt, Signal, Slot
from PySide6.QtGui import QImage

from annotriage.errors import AnnotriageError

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from annotriage.model_file import ModelFile

EDGE = 400
"""Pixels of a picture's longer side."""
_HELD = 64
"""Looks that are kept; each takes about 1 MB."""


@dataclass(frozen=True, slots=True, eq=False)
class Look:
    """An image as it is, and tinted with what pulls its prediction; or why it cannot be shown.

    Attributes
    ----------
    picture, heat : QImage or None
    problem : str
        A sentence; empty: none.
    """

    picture: QImage | None = None
    heat: QImage | None = None
    problem: str = ""


class Looks(QObject):
    """Makes looks one after the other. Call `stop` before it goes.

    Signals
    -------
    ready : str
        `look` has something for the image of this name.
    """

    ready = Signal(str)
    _made = Signal(int, str, object)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._held: OrderedDict[str, Look] = OrderedDict()
        self._source = 0
        self._model: ModelFile | None = None
        self._folder = Path()
        # Shared with the thread, under the condition's lock.
        self._wake = threading.Condition()
        self._waiting: OrderedDict[str, None] = OrderedDict()
        self._stopped = False
        self._thread: threading.Thread | None = None
        self._made.connect(self._take_in, Qt.ConnectionType.QueuedConnection)

    def set_source(self, model: "ModelFile | None", folder: Path) -> None:
        """Look at images of a folder with a model; without one, there are no heatmaps."""
        with self._wake:
            self._source += 1
            self._model, self._folder = model, folder
            self._waiting.clear()
        self._held.clear()

    def look(self, name: str, *, first: bool = False) -> Look | None:
        """Return an image's look; None: it is being made, before the others if `first`; `ready` will tell."""
        held = self._held.get(name)
        if held is not None:
            self._held.move_to_end(name)
            return held
        with self._wake:
            if self._stopped:
                return None
            self._waiting[name] = None
            if first:
                self._waiting.move_to_end(name, last=False)
            self._wake.notify()
        if self._thread is None:
            self._thread = threading.Thread(target=self._work, name="result-looks", daemon=True)
            self._thread.start()
        return None

    def stop(self) -> None:
        """End the thread."""
        with self._wake:
            self._stopped = True
            self._waiting.clear()
            self._wake.notify()
        if self._thread is not None:
            self._thread.join(5)
            self._thread = None

    @Slot(int, str, object)
    def _take_in(self, source: int, name: str, look: Look) -> None:
        if source != self._source:
            return
        self._held[name] = look
        while len(self._held) > _HELD:
            self._held.popitem(last=False)
        self.ready.emit(name)

    def _work(self) -> None:
        while True:
            with self._wake:
                while not self._waiting and not self._stopped:
                    self._wake.wait()
                if self._stopped:
                    return
                name, _ = self._waiting.popitem(last=False)
                source, model, folder = self._source, self._model, self._folder
            try:
                look = make_look(folder / name, model)
            except AnnotriageError as error:
                look = Look(problem=str(error))
            except Exception as error:  # a defect, but no reason to leave all further places empty
                look = Look(problem=f"{type(error).__name__}: {error}")
            with self._wake:
                if self._stopped:
                    return
            self._made.emit(source, name, look)


def make_look(path: Path, model: "ModelFile | None") -> Look:
    """Read an image, and let the model say what pulls its prediction.

    Raises
    ------
    AnnotriageError
        The image cannot be read, or the model cannot be computed.
    """
    from annotriage.desktop.gallery.thumbnail_making import fit
    from annotriage.images import image_size, read_rgb
    from annotriage.scoring.overlays import contribution_overlay
    from annotriage.scoring.scorer import Scorer

    rgb = read_rgb(path, fit(image_size(path), EDGE))
    picture = _image(rgb)
    if model is None:
        return Look(picture)
    (said,) = Scorer(model, threads=1).score([path])
    if said.heatmap is None:
        return Look(picture, problem=said.error or "")
    return Look(picture, _image(contribution_overlay(rgb, said.heatmap)))


def _image(rgb: "NDArray[np.uint8]") -> QImage:
    height, width = rgb.shape[:2]
    pixels = rgb.tobytes()
    # In the screen's own format, so that painting converts nothing; a copy, as the bytes are Python's.
    return QImage(pixels, width, height, 3 * width, QImage.Format.Format_RGB888).convertToFormat(
        QImage.Format.Format_RGB32
    )
