"""Measure what people drew of the open folder in a thread, once nothing else is to be done."""

import logging
import threading
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer, Signal
from typing_extensions import override

from annotriage.desktop.background import Job
from annotriage.desktop.gc_control import considerate
from annotriage.desktop.review.folder_work import FolderWork, give_way
from annotriage.errors import AnnotriageError
from annotriage.parallel import usable_cores

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from annotriage.desktop.review.folder_work import EndingWork
    from annotriage.desktop.review.image_model import ImageModel
    from annotriage.images import ImageFile
    from annotriage.triage.annotator_masks import DrawnMasks
    from annotriage.triage.folder_measuring import MeasuringReport
    from annotriage.triage.measured import MaskSource, MeasuredImage
    from annotriage.triage.review_resources import ReviewResources

_log = logging.getLogger(__name__)
_SETTLED_MS = 3000
"""Milliseconds without a change in the folder after which it is looked for masks again."""


class MeasuringThread(FolderWork):
    """One run over what people drew of a folder.

    `shown`: what is shown of it already. `source`: where outlines come from that are to be remembered; None: nothing
    new.
    """

    measured = Signal(object)
    """What stands for some images by now, by their names; it is in the store."""
    found = Signal(object)
    """The masks that stand, by image name; before any is measured, and after."""
    finished = Signal(object)
    """The report; None: it failed."""
    failed = Signal(str)
    """The store cannot be used; a sentence. `finished` follows."""

    def __init__(
        self,
        folder: "Path",
        images: "list[ImageFile]",
        shown: "dict[str, MeasuredImage]",
        resources: "ReviewResources",
        may: threading.Event,
        source: "MaskSource | None" = None,
    ) -> None:
        super().__init__("measuring")
        self._folder, self._images, self._shown, self._resources = folder, images, shown, resources
        self._may, self._source = may, source

    @override
    def _run(self) -> None:
        report: MeasuringReport | None = None
        give_way()
        try:
            report = self._measure()
        except AnnotriageError as error:
            if not self._stop.is_set():
                self.failed.emit(str(error))
        finally:
            self.finished.emit(report)

    def _measure(self) -> "MeasuringReport":
        from annotriage.triage.folder_measuring import FolderMeasuring
        from annotriage.triage.measured_images import MeasuredImages

        store = self._resources.store()
        if self._source is not None:
            MeasuredImages(store, self._folder).add(self._source, [])
        folder = FolderMeasuring(store, self._folder, self._images)
        with considerate():
            self.found.emit(folder.look(shown=self._shown, told=self.measured.emit, stop=self._stop))
        threads = max(1, usable_cores() // 2)
        report = folder.measure(told=self.measured.emit, threads=threads, stop=self._stop, may=self._may)
        if report.measured:  # then those of another place may stand
            self.found.emit(folder.masks())
        return report


class Measuring(QObject):
    """What people drew of the open folder: measured where it is not yet, without being asked.

    `begin` it once a folder is listed. It looks at once what masks there are, and measures them while `may_go_on`.
    """

    found = Signal(object)
    """The masks that stand, by image name, for contours."""
    finished = Signal(object)
    """All is measured; the report."""
    failed = Signal(str)
    """It could not be measured; a sentence."""
    running_changed = Signal(bool)
    """Whether it is being measured."""

    def __init__(
        self, images: "ImageModel", resources: "ReviewResources", ending: "EndingWork", parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._images, self._resources, self._ending = images, resources, ending
        self._may = threading.Event()
        self._thread: MeasuringThread | None = None
        self._reading: Job | None = None
        self._soon = QTimer(self, singleShot=True, interval=_SETTLED_MS)
        self._soon.timeout.connect(self.begin)

    @property
    def is_running(self) -> bool:
        """Whether it is being measured."""
        return self._thread is not None

    def let_go_on(self, may: bool) -> None:
        """Say whether it may be measured now: not while images are scored."""
        (self._may.set if may else self._may.clear)()

    def begin(self, source: "MaskSource | None" = None) -> None:
        """Measure the folder that is listed; `source`: where further outlines come from, to be remembered."""
        self.end()
        catalogue = self._images.catalogue
        if catalogue is None:
            return
        readable = [image for image in catalogue.images if image.problem is None]
        shown = dict(catalogue.measured.by_name)
        self._thread = thread = MeasuringThread(catalogue.folder, readable, shown, self._resources, self._may, source)
        thread.measured.connect(lambda news: self._images.set_measured(news) if thread is self._thread else None)
        thread.found.connect(lambda masks: self._on_found(thread, masks))
        thread.failed.connect(lambda sentence: self.failed.emit(sentence) if thread is self._thread else None)
        thread.finished.connect(lambda report: self._on_finished(thread, report))
        thread.start()
        self.running_changed.emit(True)

    def begin_soon(self) -> None:
        """Look again once nothing has come or changed in the folder for a while."""
        self._soon.start()

    def end(self) -> None:
        """Stop without waiting; what was measured is kept."""
        self._soon.stop()
        if self._reading is not None:
            self._reading.forget()
            self._reading = None
        if self._thread is not None:
            self._ending.add(self._thread)
            self._thread = None
            self.running_changed.emit(False)

    def show_stored(self) -> None:
        """Show what the store holds by now, as when somebody else wrote into it: the order stays as it is."""
        catalogue = self._images.catalogue
        if catalogue is None:
            return
        folder, files, resources = catalogue.folder, {image.name: image for image in catalogue.images}, self._resources

        def read() -> "Mapping[str, MeasuredImage]":
            from annotriage.triage.measured_images import MeasuredImages

            return MeasuredImages(resources.store(), folder).read(files)

        def show(measured: "Mapping[str, MeasuredImage]") -> None:
            self._reading = None
            if self._images.catalogue is not None and self._images.catalogue.folder == folder:
                self._images.replace_measured(measured)

        if self._reading is not None:
            self._reading.forget()
        self._reading = Job(read, show, self.failed.emit)

    def _on_found(self, thread: MeasuringThread, masks: "dict[str, DrawnMasks]") -> None:
        if thread is self._thread:
            self.found.emit(masks)

    def _on_finished(self, thread: MeasuringThread, report: "MeasuringReport | None") -> None:
        if thread is not self._thread:
            return
        self.end()
        if report is not None:
            if report.measured:
                _log.info("agreement: %d images measured", report.measured)
            self.finished.emit(report)
