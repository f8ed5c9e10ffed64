"""Decode images off the GUI thread: the one that is wanted first, then its neighbours."""

import logging
import math
import threading
from collections import OrderedDict
from collections.abc import Iterable, Sequence
from dataclasses import replace
from enum import Enum, auto
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from annotriage.desktop.inspector.layers import Layers, build_layers
from annotriage.desktop.inspector.picture import Picture, levels_of
from annotriage.errors import AnnotriageError
from annotriage.image_maps import STANDARD_MAPS, MapSpec
from annotriage.images import ImageFile, UnreadableImageError, image_size, read_picture
from annotriage.images.kinds import HEAD_BYTES, image_kind
from annotriage.triage.annotator_masks import Drawing

if TYPE_CHECKING:
    from annotriage.desktop.inspector.layers import DrawingOf, MapsOf

_log = logging.getLogger(__name__)

BUDGET = 256 << 20
"""Bytes of decoded images that are kept; only the one on the screen may exceed it, while it is zoomed into."""
_WHOLE = 8_000_000
"""Pixels up to which an image is decoded whole at once; a larger one at the screen's size until it is zoomed into."""
_KEPT = 12_000_000
"""Pixels of the largest level that is kept of an image that is no longer shown."""
_SLOW = 4_000_000
"""Pixels above which a JPEG is first decoded very small, which takes a fraction of the time."""
_SKETCH_SIDE = 400
_THREADS = 2
_LONGEST_WAIT = 10.0


class _Step(Enum):
    """What is found out about an image, one after the other."""

    OPEN = auto()  # its size and format; a first sketch of a large one that is waited for
    DECODE = auto()
    LAYERS = auto()
    DETAIL = auto()  # all pixels of a large one


class ImageLoader(QObject):
    """Decoded images with what can be drawn over them, kept up to a number of bytes.

    Two threads work, but never both ahead, so that the next wanted image need not wait for a neighbour. They start with
    the first image and end with `stop`.
    """

    loaded = Signal(object)
    """More is known about an image: ask `picture`."""

    def __init__(self, parent: QObject | None = None, *, budget: int = BUDGET) -> None:
        super().__init__(parent)
        self._budget = budget
        self._maps_of: MapsOf | None = None
        self._drawing_of: DrawingOf | None = None
        self._maps: Sequence[MapSpec] = STANDARD_MAPS
        self._screen = (1600, 2560)
        self._wanted: ImageFile | None = None
        self._ahead: list[ImageFile] = []
        self._detail: ImageFile | None = None
        self._pictures: OrderedDict[ImageFile, Picture] = OrderedDict()
        self._outdated: set[ImageFile] = set()
        self._busy: set[ImageFile] = set()
        self._generation = 0
        self._changed = threading.Condition()
        self._reading = threading.Lock()
        self._threads: list[threading.Thread] = []
        self._stopping = False

    # What the window says

    def set_sources(self, maps_of: "MapsOf | None", drawing_of: "DrawingOf | None" = None) -> None:
        """Say where maps and annotators' lines come from; what came from elsewhere is read anew.

        Parameters
        ----------
        maps_of : callable or None
            ImageFile -> Prediction with its maps, or None where it is not scored yet. Called in a thread of the loader,
            never twice at a time.
        drawing_of : callable or None
            ImageFile -> what people drew; called in the same way.
        """
        with self._reading, self._changed:
            self._maps_of, self._drawing_of = maps_of, drawing_of
        self.forget_maps()

    def set_maps(self, maps: Sequence[MapSpec]) -> None:
        """Say which maps are prepared of what `maps_of` returns; they are read anew."""
        with self._changed:
            self._maps = maps
        self.forget_maps()

    def set_screen(self, width: int, height: int) -> None:
        """Decode large images at least so large that they fill a screen of so many pixels."""
        with self._changed:
            self._screen = (max(self._screen[0], height), max(self._screen[1], width))

    def want(self, image: ImageFile | None, ahead: Sequence[ImageFile] = ()) -> None:
        """Say which image is shown, and which ones probably next, the likeliest first."""
        with self._changed:
            if image != self._wanted:
                self._shrink(self._wanted)
                self._detail = None
                if image is not None and image in self._pictures and self._pictures[image].problem is not None:
                    del self._pictures[image]  # a drive or a permission may be back
            self._wanted = image
            self._ahead = [other for other in ahead if other != image]
            for kept in [*reversed(self._ahead), image]:  # what is needed longest goes last when room is made
                if kept is not None and kept in self._pictures:
                    self._pictures.move_to_end(kept)
            self._changed.notify_all()
        if image is not None:
            self._start()

    def want_detail(self, image: ImageFile) -> None:
        """Ask for all pixels of the image that is shown."""
        with self._changed:
            self._detail = image
            self._changed.notify_all()

    def picture(self, image: ImageFile) -> Picture | None:
        """Return what is known of an image; None: nothing yet. Returns at once."""
        with self._changed:
            return self._pictures.get(image)

    def forget_maps(self, names: Iterable[str] | None = None) -> None:
        """Read maps and lines anew, as when images were scored: those of some images by name, or of all.

        What was read before is shown until then.
        """
        with self._changed:
            wanted = None if names is None else set(names)
            self._outdated.update(image for image in self._pictures if wanted is None or image.name in wanted)
            # What is being read now may be what is outdated.
            self._outdated.update(image for image in self._busy if wanted is None or image.name in wanted)
            self._changed.notify_all()

    def forget_problems(self) -> None:
        """Try again to read what could not be read: a drive or a folder may be back."""
        with self._changed:
            for image in [image for image, picture in self._pictures.items() if picture.problem is not None]:
                del self._pictures[image]
            self._changed.notify_all()

    def clear(self) -> None:
        """Forget all images. The sources are not asked any more when this returns, until an image is wanted again."""
        with self._changed:
            self._generation += 1
            self._wanted = self._detail = None
            self._ahead = []
            self._pictures.clear()
            self._outdated.clear()
        with self._reading:  # waits for what is being asked now
            pass

    def stop(self) -> None:
        """Forget all images and end the threads; the loader cannot be used any more."""
        with self._changed:
            self._stopping = True
            self._changed.notify_all()
        self.clear()
        for thread in self._threads:
            thread.join(_LONGEST_WAIT)
        self._threads.clear()

    # What the threads do

    def _start(self) -> None:
        if self._threads or self._stopping:
            return
        for number in range(_THREADS):
            thread = threading.Thread(target=self._work, name=f"images {number}", daemon=True)
            self._threads.append(thread)
            thread.start()

    def _work(self) -> None:
        while True:
            with self._changed:
                job = self._next()
                while job is None and not self._stopping:
                    self._changed.wait()
                    job = self._next()
                if job is None or self._stopping:
                    return
                image, step = job
                self._busy.add(image)
                generation = self._generation
                if step is _Step.LAYERS:
                    self._outdated.discard(image)
                picture = self._pictures.get(image, Picture(image))
                eager = image == self._wanted
            picture = self._done(picture, step, generation, eager)
            with self._changed:
                self._busy.discard(image)
                current = generation == self._generation and not self._stopping
                if current:
                    self._keep(picture)
                self._changed.notify_all()
            if current:
                try:
                    self.loaded.emit(image)
                except RuntimeError:  # the window is gone, and this object with it
                    return

    def _next(self) -> tuple[ImageFile, _Step] | None:
        """Choose what to do next; the lock is held."""
        # While one thread works ahead, the other is kept free for the image that may be wanted next.
        ahead = self._ahead if self._busy <= {self._wanted} else []
        for image in [self._wanted, *ahead]:
            if image is not None and image not in self._busy:
                step = self._missing(image)
                if step is not None:
                    return image, step
        return None

    def _missing(self, image: ImageFile) -> _Step | None:
        picture = self._pictures.get(image)
        if picture is None:
            return _Step.OPEN
        if picture.problem is not None:
            return None
        if picture.sketched or not picture.levels:
            return _Step.DECODE
        if picture.layers is None or image in self._outdated:
            return _Step.LAYERS
        if image == self._detail and not picture.complete:
            return _Step.DETAIL
        return None

    def _done(self, picture: Picture, step: _Step, generation: int, eager: bool) -> Picture:
        """Do a step; whatever goes wrong becomes words."""
        try:
            match step:
                case _Step.OPEN:
                    return _opened(picture, sketch=eager)
                case _Step.DECODE:
                    pixels, note = read_picture(picture.image.path, self._first_size(picture))
                    return replace(picture, levels=levels_of(pixels), sketched=False, note=note)
                case _Step.LAYERS:
                    return replace(picture, layers=self._layers(picture.image, generation))
                case _Step.DETAIL:
                    return replace(picture, levels=levels_of(read_picture(picture.image.path).pixels))
        except UnreadableImageError as error:
            return replace(picture, problem=str(error), levels=())
        except Exception:
            # The thread must live on for the other images.
            _log.exception("An image could not be prepared for showing.")
            return replace(picture, problem="The image could not be shown; the log says more.", levels=())

    def _layers(self, image: ImageFile, generation: int) -> Layers:
        prediction, problem = None, None
        drawing = Drawing([])
        with self._reading:
            if generation != self._generation:  # the sources may be closed already
                return Layers()
            try:
                prediction = None if self._maps_of is None else self._maps_of(image)
                drawing = drawing if self._drawing_of is None else self._drawing_of(image)
            except AnnotriageError as error:
                problem = str(error)
        return build_layers(
            prediction, drawing.lines, problem, self._maps, differing=drawing.differing, people=drawing.people
        )

    def _first_size(self, picture: Picture) -> tuple[int, int] | None:
        if picture.width * picture.height <= _WHOLE:
            return None
        height, width = self._screen
        scale = min(1.0, height / picture.height, width / picture.width)
        return math.ceil(picture.height * scale), math.ceil(picture.width * scale)

    # What is kept; the lock is held

    def _keep(self, picture: Picture) -> None:
        if picture.image != self._wanted:
            picture = picture.below(_KEPT)
        self._pictures[picture.image] = picture
        self._pictures.move_to_end(picture.image)
        if self._wanted is not None and self._wanted in self._pictures:
            self._pictures.move_to_end(self._wanted)
        held = sum(kept.bytes for kept in self._pictures.values())
        for image in list(self._pictures):
            if held <= self._budget or image == self._wanted:
                break
            held -= self._pictures.pop(image).bytes
            self._outdated.discard(image)
            if image in self._ahead:
                self._ahead.remove(image)  # there is no room for it: it would be decoded again and again

    def _shrink(self, image: ImageFile | None) -> None:
        """Let go of the detail of the image that was shown."""
        if image is not None and image in self._pictures:
            self._pictures[image] = self._pictures[image].below(_KEPT)


def _opened(picture: Picture, *, sketch: bool) -> Picture:
    """Look at an image without decoding it, or only very small where that is fast."""
    path = picture.image.path
    height, width = image_size(path)
    with open(path, "rb") as file:
        kind = image_kind(file.read(HEAD_BYTES)) or ""
    picture = replace(picture, kind=kind, width=width, height=height)
    if not sketch or kind != "JPEG" or width * height <= _SLOW:
        return picture
    scale = _SKETCH_SIDE / max(width, height)
    pixels = read_picture(path, (max(1, round(height * scale)), max(1, round(width * scale)))).pixels
    return replace(picture, levels=levels_of(pixels), sketched=True)
