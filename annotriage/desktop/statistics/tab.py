"""A part of a document, built piece by piece, and what stands there before; such a part as a tab of the panel."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QTimer, Signal
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QProgressBar, QStackedWidget, QWidget
from typing_extensions import override

from annotriage.comparison.run_types import Run
from annotriage.desktop.statistics.image_folder import ImageFolder, ImageFolderBar
from annotriage.desktop.widgets.areas import ColumnArea
from annotriage.desktop.widgets.layout import STRETCH, centre, column, grow, panel
from annotriage.desktop.widgets.message_page import MessagePage
from annotriage.desktop.widgets.theme import UNIT

if TYPE_CHECKING:
    from annotriage.comparison.documents.evidence import Evidence
    from annotriage.comparison.explained.document import Block
    from annotriage.desktop.statistics.run_images import RunImagesDialog

_WIDEST = 150 * UNIT
_MESSAGE, _LOADING, _COLUMN = range(3)


class BlocksColumn(QWidget):
    """Shows blocks. They are built when it is first seen, and one at a time, so that nothing waits."""

    built = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._blocks: Sequence[Block] | None = None
        self._steps: Iterator[QWidget | None] | None = None
        self._timer = QTimer(self, interval=0)
        self._message, self._loading = MessagePage(), MessagePage()
        self._area = ColumnArea()
        self._stack = QStackedWidget()
        self._inside = column()
        self._timer.timeout.connect(self._build_next)
        bar = QProgressBar(textVisible=False)
        bar.setRange(0, 0)
        bar.setMaximumWidth(40 * UNIT)
        bar.setFixedHeight(UNIT)
        for page in (self._message, panel(column(grow(self._loading), centre(bar), STRETCH)), self._area):
            self._stack.addWidget(page)
        self._outer = column(grow(self._stack), on=self, spacing=0)

    @property
    def building(self) -> bool:
        """Whether blocks are still being put in, or will be once the tab is seen."""
        return self._steps is not None or self._blocks is not None

    def show_blocks(self, blocks: "Sequence[Block]") -> None:
        """Show blocks, at once or when the tab is first seen."""
        self._stop()
        self._blocks = blocks
        if self.isVisible():
            self._begin()

    def show_loading(self, what: str) -> None:
        """Say what is being done."""
        self._stop()
        self._loading.say(what, "")
        self._stack.setCurrentIndex(_LOADING)

    def show_problem(self, words: str, title: str = "This cannot be shown") -> None:
        """Say why there is nothing to see, and what to do."""
        self._stop()
        self._message.say(title, words)
        self._stack.setCurrentIndex(_MESSAGE)

    def close_jobs(self) -> None:
        """Stop and forget what is under way."""
        self._stop()

    def make(self, blocks: "Sequence[Block]") -> Iterator[QWidget | None]:
        """Make the widgets of blocks, one after the other; None: there is more to do first."""
        from annotriage.desktop.statistics.blocks import widgets_of

        yield from widgets_of(blocks, self._clicked, self._image_bar)

    def _clicked(self, key: Any) -> None:
        """Do what a click on a point asks for: nothing here."""

    def _image_bar(self) -> QWidget:
        """Return what stands below a figure whose points are images."""
        return QWidget()

    @override
    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        if self._blocks is not None:
            self._begin()

    def _begin(self) -> None:
        assert self._blocks is not None
        self._inside = column(STRETCH, spacing=2 * UNIT, margins=(3 * UNIT, 0, 3 * UNIT, 4 * UNIT))
        inside = panel(self._inside)
        inside.setMaximumWidth(_WIDEST)
        self._area.show_inside(inside)
        self._stack.setCurrentIndex(_COLUMN)
        self._steps, self._blocks = self.make(self._blocks), None
        self._timer.start()

    def _build_next(self) -> None:
        if self._steps is None:
            self._timer.stop()
            return
        try:
            widget = next(self._steps)
        except StopIteration:
            self._stop()
            self.built.emit()
        except BaseException:
            self._stop()
            raise
        else:
            if widget is not None:
                self._inside.insertWidget(self._inside.count() - 1, widget)  # before the stretch

    def _stop(self) -> None:
        self._timer.stop()
        self._steps = self._blocks = None


class BlocksTab(BlocksColumn):
    """A part of a document as a tab of the panel.

    A click on a run sends `folder_wanted`, or lists its images; one on an image opens it.
    """

    folder_wanted = Signal(Path)

    def __init__(self, images: ImageFolder, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.images = images
        self._run_images: RunImagesDialog | None = None

    @override
    def _image_bar(self) -> QWidget:
        return ImageFolderBar(self.images)

    @override
    def _clicked(self, key: Any) -> None:
        """Open the image behind a point, list the images of a run, or show its folder."""
        if isinstance(key, str):
            self.images.open(key)
        elif isinstance(key, Path):
            self.folder_wanted.emit(key if key.is_dir() else key.parent)
        elif isinstance(key, Run):
            self.show_run(key)

    def show_run(self, run: Run) -> None:
        """Show a run's images, or its folder where the images are not known."""
        from annotriage.desktop.statistics.run_images import RunImagesDialog

        if run.images is None:
            self._clicked(run.source)
            return
        if self._run_images is not None:
            self._run_images.close()
        self._run_images = RunImagesDialog(run, self.images, self)
        self._run_images.destroyed.connect(self._forget_images)
        self._run_images.folder_wanted.connect(self.folder_wanted)
        self._run_images.show()

    def _forget_images(self) -> None:
        self._run_images = None


class EvidenceTab(BlocksTab):
    """A part of what is said of a comparison of runs."""

    def __init__(self, title: str, images: ImageFolder, parent: QWidget | None = None) -> None:
        super().__init__(images, parent)
        self.title = title
        self.evidence: Evidence | None = None
        self.show_nothing()

    def show_result(self, evidence: "Evidence") -> None:
        """Show evidence, at once or when the tab is first seen."""
        self.evidence = evidence
        self.show_blocks(evidence.document.part(self.title))

    def show_nothing(self) -> None:
        """Say that there are no runs yet."""
        self.show_problem(
            "Add finished runs on the left: the folder of a training, one that holds many (an experiment), or a table "
            "of runs.",
            "No runs yet",
        )

    @override
    def show_loading(self, what: str) -> None:
        self.evidence = None
        super().show_loading(what)

    @override
    def show_problem(self, words: str, title: str = "This cannot be shown") -> None:
        self.evidence = None
        super().show_problem(words, title)
