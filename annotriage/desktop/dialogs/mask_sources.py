"""Where a folder's masks come from, and how to forget one of these places."""

from typing import TYPE_CHECKING, Any

from PySide6.QtWidgets import QWidget

from annotriage.desktop.background import Job
from annotriage.desktop.widgets.buttons import push_button
from annotriage.desktop.widgets.layout import column, grow, row
from annotriage.desktop.widgets.named import named
from annotriage.desktop.widgets.text import text_label
from annotriage.triage.measured import SourceKind

if TYPE_CHECKING:
    from collections.abc import Callable

    from annotriage.desktop.review.controller import ReviewController
    from annotriage.triage.measured import MaskSource
    from annotriage.triage.measured_images import MeasuredImages


class MaskSources(QWidget):
    """A line for each place; masks beside the images are always looked for, and cannot be forgotten."""

    def __init__(self, review: "ReviewController", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._review = review
        self._job: Job | None = None
        self._lines: list[QWidget] = []
        self._column = column(on=self, spacing=0)
        self.hide()
        review.measuring.running_changed.connect(self.look_again)
        review.folder_changed.connect(self.look_again)
        self.look_again()

    def look_again(self, *_: object) -> None:
        """Read from the store where masks come from."""
        self._do(lambda kept: kept.sources(), self._show)

    def _show(self, sources: "list[MaskSource]") -> None:
        for line in self._lines:
            self._column.removeWidget(line)
            line.hide()
            line.deleteLater()
        self._lines = [self._line(place, source) for place, source in enumerate(sources)]
        for line in self._lines:
            self._column.addWidget(line)
        self.setVisible(bool(sources))

    def _line(self, place: int, source: "MaskSource") -> QWidget:
        line = QWidget()
        words = text_label(source.words[:1].upper() + source.words[1:], wraps=True, copies=True)
        forget = named(push_button("Forget", name=f"Forget {source.words}"), f"forget {place}")
        forget.setToolTip("What was measured there is no longer shown; the masks themselves stay as they are")
        forget.clicked.connect(lambda: self._forget(source))
        forget.setVisible(source.kind is not SourceKind.BESIDE)
        forget.setEnabled(not self._review.measuring.is_running)  # else it would write there once more
        row(grow(words), forget, on=line)
        return line

    def _forget(self, source: "MaskSource") -> None:
        self._do(lambda kept: kept.forget(source), lambda _: self._review.measuring.begin())

    def _do(self, work: "Callable[[MeasuredImages], Any]", done: "Callable[[Any], None]") -> None:
        folder, resources = self._review.folder, self._review.resources
        if self._job is not None:
            self._job.forget()
        if folder is None:
            self._job = None
            self._show([])
            return

        def call() -> Any:
            from annotriage.triage.measured_images import MeasuredImages

            return work(MeasuredImages(resources.store(), folder))

        self._job = Job(call, done, self._review.failed.emit)
