"""All that people drew of a folder's images, measured where it is not yet, and kept in the session store."""

import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

from annotriage.agreement.label_choice import UnclearLabelsError, settle_label
from annotriage.agreement.mask_set import MaskSet
from annotriage.errors import AnnotriageError
from annotriage.triage.annotator_masks import AnnotatorMasks, DrawnMasks
from annotriage.triage.measured import BESIDE, MaskSource, MeasuredImage, SourceKind
from annotriage.triage.measured_images import MeasuredImages, standing
from annotriage.triage.measuring import (
    DrawnImage,
    drawn_beside,
    drawn_images,
    masks_of,
    measure_drawn,
    stamp_of,
    touched_only,
)

if TYPE_CHECKING:
    from annotriage.images import ImageFile
    from annotriage.triage.store import SessionStore

_WRITTEN_AT_ONCE = 200
_LONGEST_UNWRITTEN = 1.0
"""Seconds after which what was measured is written down and told."""
_LOOKED_AT_ONCE = 50
"""Images after which it is asked again whether it may go on."""

News = Mapping[str, MeasuredImage | None]
"""What stands for images by now, by their names; None: nothing."""


@dataclass(slots=True)
class MeasuringReport:
    """What came of it.

    Attributes
    ----------
    measured : int
        Images that were measured now.
    remarks : list of str
        What could not be used, a sentence each.
    """

    measured: int = 0
    remarks: list[str] = field(default_factory=list)


class FolderMeasuring:
    """Measures what people drew of a folder's images: beside them, and in all sources that the store remembers.

    What was fetched from a server is measured when it is fetched, and only shown.

    Parameters
    ----------
    store : SessionStore
    folder : Path
        Where the images' names begin.
    images : sequence of ImageFile
        As they are now.
    """

    def __init__(self, store: "SessionStore", folder: Path, images: "Sequence[ImageFile]") -> None:
        self.folder = folder
        self._images = images
        self._files = {image.name: image for image in images}
        self._kept = MeasuredImages(store, folder)
        self._by_source: dict[str, dict[str, MeasuredImage]] = {}
        self._sources: list[MaskSource] = []
        self._work: list[tuple[MaskSource, list[DrawnImage]]] = []
        self._report = MeasuringReport()

    def run(
        self,
        *,
        shown: Mapping[str, MeasuredImage] | None = None,
        told: Callable[[News], None] = lambda _: None,
        threads: int | None = None,
        stop: threading.Event | None = None,
    ) -> MeasuringReport:
        """Look what there is, and measure what is not measured yet; see `look` and `measure`."""
        self.look(shown=shown, told=told, stop=stop)
        return self.measure(told=told, threads=threads, stop=stop)

    def look(
        self,
        *,
        shown: Mapping[str, MeasuredImage] | None = None,
        told: Callable[[News], None] = lambda _: None,
        stop: threading.Event | None = None,
    ) -> dict[str, DrawnMasks]:
        """Find the masks of all images, and forget what was measured of those that are gone.

        Parameters
        ----------
        shown : mapping of str to MeasuredImage or None
            What is known to whoever listens; what the store holds beside it is told first.
        told : callable
            Called with what stands by now; it is in the store by then.
        stop : threading.Event or None
            Once set, it ends.

        Returns
        -------
        dict of str to DrawnMasks
            By image name, the masks that stand: for contours. Those beside the images are left out.

        Raises
        ------
        AnnotriageError
            The store cannot be read or written.
        """
        self._report, self._work = MeasuringReport(), []
        self._sources = self._kept.sources()
        held = self._kept.by_source()
        self._by_source = {source.key: held.get(source.key, {}) for source in (*self._sources, BESIDE)}
        names = {name for held in self._by_source.values() for name in held}
        shown = shown or {}
        news = {name: one for name, one in self._standing(names | shown.keys()).items() if shown.get(name) != one}
        if news:
            told(news)
        for source in (*(each for each in self._sources if each.key != BESIDE.key), self._beside()):
            if stop is not None and stop.is_set():
                break
            drawn = self._drawn(source)
            if drawn is not None:
                self._work.append((source, drawn))
                if source.kind is not SourceKind.LABEL_STUDIO:  # fetching measures these, by the tasks' own images
                    self._forget_gone(source, drawn, told)
        return self.masks()

    def measure(
        self,
        *,
        told: Callable[[News], None] = lambda _: None,
        threads: int | None = None,
        stop: threading.Event | None = None,
        may: threading.Event | None = None,
    ) -> MeasuringReport:
        """Measure what was found and is not measured yet, and note it as it comes.

        Parameters
        ----------
        told : callable
            Called a few times a second with what stands by now; it is in the store by then.
        threads : int or None
            Worker threads; None: one a core.
        stop : threading.Event or None
            Once set, it ends; what was measured is kept.
        may : threading.Event or None
            While it is not set, it waits.

        Raises
        ------
        AnnotriageError
            The store cannot be read or written.
        """
        pace = _Pace(threads, stop or threading.Event(), may)
        if not pace.wait():
            return self._report
        self._settle_touched(told)
        for source, drawn in self._work:
            if source.kind is SourceKind.LABEL_STUDIO:
                continue
            label = self._label(source, drawn)
            if label is not None:
                self._measure(label, drawn, told, pace)
        return self._report

    def _beside(self) -> MaskSource:
        return next((source for source in self._sources if source.kind is SourceKind.BESIDE), BESIDE)

    def _settle_touched(self, told: Callable[[News], None]) -> None:
        """Look into files that have another time than when they were drawn: many hold what they held."""
        for source in self._sources:
            same = touched_only(self._by_source[source.key], self._images)
            if same:
                self._keep(source, same, told)

    def _drawn(self, source: MaskSource) -> list[DrawnImage] | None:
        """Return the images that a source holds; None: it cannot be looked at now, and all stays as it was."""
        try:
            if source.kind is SourceKind.BESIDE:
                return drawn_beside(self._images, AnnotatorMasks(self.folder))
            found = drawn_images(masks_of(source, self.folder), self._images)
        except AnnotriageError as error:
            if self._by_source[source.key]:
                self._report.remarks.append(
                    f"{source.words[:1].upper()}{source.words[1:]} cannot be looked at now, and what was measured "
                    f"there is kept. {error}"
                )
            return None
        return found.drawn

    def _forget_gone(self, source: MaskSource, drawn: Sequence[DrawnImage], told: Callable[[News], None]) -> None:
        """Forget what was measured of masks that are no longer there; of images that are not, it is kept."""
        there = {one.file.name for one in drawn}
        gone = [name for name in self._by_source[source.key] if name not in there and name in self._files]
        if gone:
            self._kept.add(source, [], gone=gone)
            for name in gone:
                del self._by_source[source.key][name]
            told(self._standing(gone))

    def _label(self, source: MaskSource, drawn: Sequence[DrawnImage]) -> MaskSource | None:
        """Find out which of several labels is measured; None: nobody can tell but a person."""
        known = self._by_source[source.key]
        if source.kind is not SourceKind.BESIDE or source.label is not None:
            return source
        several = [one for one in drawn if len(one.masks.rows) > 1 and not _is_known(one, source, known)]
        if not several:
            return source
        try:
            label, words = settle_label(MaskSet(row for one in several for row in one.masks.rows))
        except UnclearLabelsError:
            self._report.remarks.append(
                "The masks beside the images hold several labels, and which is meant is not known, so that nothing is "
                "measured of them: choose one in Measure agreement…"
            )
            return None
        if words:
            self._report.remarks.append(words)
        return replace(source, label=label)

    def _measure(
        self,
        source: MaskSource,
        drawn: Sequence[DrawnImage],
        told: Callable[[News], None],
        pace: "_Pace",
    ) -> None:
        unwritten: list[MeasuredImage] = []
        written = time.monotonic()
        for one in pace.measured(source, drawn, self._by_source[source.key]):
            unwritten.append(one)
            self._report.measured += 1
            if len(unwritten) >= _WRITTEN_AT_ONCE or time.monotonic() - written > _LONGEST_UNWRITTEN:
                self._keep(source, unwritten, told)
                unwritten, written = [], time.monotonic()
        if unwritten:
            self._keep(source, unwritten, told)

    def _keep(self, source: MaskSource, images: Sequence[MeasuredImage], told: Callable[[News], None]) -> None:
        self._kept.add(source, images)
        self._by_source[source.key].update({one.name: replace(one, source=source.words) for one in images})
        told(self._standing(one.name for one in images))

    def _standing(self, names: "Iterator[str] | Sequence[str] | set[str]") -> News:
        news: dict[str, MeasuredImage | None] = {}
        for name in names:
            several = [held[name] for held in self._by_source.values() if name in held]
            news[name] = standing(several, self._files.get(name)) if several else None
        return news

    def masks(self) -> dict[str, DrawnMasks]:
        """Return the masks that stand, by image name: those of the Dice that is shown; see `look`.

        Where nothing is measured yet, they are those that most people drew.
        """
        masks: dict[str, DrawnMasks] = {}
        for source, drawn in self._work:
            if source.kind is SourceKind.BESIDE:
                continue
            for one in drawn:
                name = one.file.name
                stands, known = self._source_of(name), masks.get(name)
                if stands == source.key or (
                    stands is None and (known is None or len(known.rows) < len(one.masks.rows))
                ):
                    masks[name] = DrawnMasks(one.masks.rows, source.label)
        return masks

    def _source_of(self, name: str) -> str | None:
        """Return the key of the source elsewhere whose Dice stands for an image; None: none does."""
        several = {key: held[name] for key, held in self._by_source.items() if name in held}
        if several.keys() <= {BESIDE.key}:
            return None
        chosen = standing(list(several.values()), self._files.get(name))
        return next(key for key, one in several.items() if one is chosen)


@dataclass(frozen=True, slots=True)
class _Pace:
    """In how many threads it is measured, until when, and when it has to wait."""

    threads: int | None
    stop: threading.Event
    may: threading.Event | None

    def wait(self) -> bool:
        """Wait until it may go on; False: it is to end."""
        while self.may is not None and not self.may.wait(0.2):
            if self.stop.is_set():
                return False
        return not self.stop.is_set()

    def measured(
        self, source: MaskSource, drawn: Sequence[DrawnImage], known: Mapping[str, MeasuredImage]
    ) -> Iterator[MeasuredImage]:
        """Measure a few images at a time."""
        left = [one for one in drawn if not _is_known(one, source, known)]
        for start in range(0, len(left), _LOOKED_AT_ONCE):
            if not self.wait():
                return
            part = left[start : start + _LOOKED_AT_ONCE]
            with closing(measure_drawn(part, source, threads=self.threads, stop=self.stop)) as measured:
                yield from measured
            if self.stop.is_set():
                return


def _is_known(one: DrawnImage, source: MaskSource, known: Mapping[str, MeasuredImage]) -> bool:
    before = known.get(one.file.name)
    return before is not None and before.stamp == stamp_of(one.masks.rows, source)
