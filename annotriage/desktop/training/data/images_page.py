"""The first page: the folder of the images to learn from."""

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QLocale
from PySide6.QtGui import QDragEnterEvent, QDragLeaveEvent, QDropEvent, QPaintEvent
from PySide6.QtWidgets import QLabel, QStackedWidget, QWidget
from typing_extensions import override

from annotriage.desktop.background import LongJob
from annotriage.desktop.dropped import dropped_paths
from annotriage.desktop.gallery.thumbnails import ThumbnailLoader
from annotriage.desktop.widgets.buttons import push_button
from annotriage.desktop.widgets.drop_place import paint_drop_place
from annotriage.desktop.widgets.layout import STRETCH, centre, column, grow
from annotriage.desktop.widgets.named import named
from annotriage.desktop.widgets.path_field import SourceField
from annotriage.desktop.widgets.step_page import WizardPage
from annotriage.desktop.widgets.text import SignedText, heading, plain_text
from annotriage.desktop.widgets.theme import UNIT, current_theme
from annotriage.desktop.widgets.thumbnail_strip import PictureStrip
from annotriage.trainings.image_folder import ImageFolder, look_through
from annotriage.wording import images_text, number_text

if TYPE_CHECKING:
    from annotriage.trainings.plan import TrainingPlan

_NAMED = 4
"""Images that cannot be read that are named on the page."""
_MEMORY = 24 * 1024 * 1024
_PATIENCE = 0.5
"""Seconds that the wizard waits for a drive when it is closed."""


class ImagesPage(WizardPage):
    """Choose the folder, and see at once what is in it."""

    def __init__(self, plan: "TrainingPlan", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.title = "Images"
        self.plan = plan
        self._listing: LongJob | None = None
        self._known: ImageFolder | None = None
        self._problem = ""
        self._thumbnails = ThumbnailLoader(self, memory=_MEMORY)
        self.folder = SourceField("Folder of the images", folder=True)
        self.strip = PictureStrip(self._thumbnails.pixmap)
        self._thumbnails.loaded.connect(lambda: self.strip.update())
        self._drop = named(_DropArea("Drop the folder of images here"), "drop")
        self._said = named(SignedText(), "said")
        self._unreadable = named(SignedText("warning"), "unreadable")
        self._stack = QStackedWidget()
        self._lay_out()
        self._drop.choose.clicked.connect(self.folder.ask_folder)
        self.setAcceptDrops(True)
        self.folder.chosen.connect(self._look)
        self.folder.line.textEdited.connect(lambda: self.changed.emit())
        if plan.images is not None:
            self.folder.show_path(plan.images)
        else:
            self._show()

    # What the wizard asks

    @override
    def missing(self) -> str:
        if self.folder.path is None:
            return "Choose the folder of the images."
        if self._problem:
            return self._problem
        if self._known is None or not self._known.done or self.folder.path != self.plan.images:
            return "The images are being looked for."
        if not self._known.images:
            return "There is no image in this folder that can be read: choose another one."
        return ""

    @override
    def enter(self) -> None:
        if self.folder.path != self.plan.images:
            self.folder.show_path(self.plan.images)
        self.folder.setFocus()

    @override
    def shut_down(self) -> None:
        self._stop_listing(_PATIENCE)
        self._thumbnails.stop()

    # Building

    def _lay_out(self) -> None:
        words = plain_text(
            "Lesion images of which it is known how much people agreed. Folders inside are searched as well. The "
            "files are only read."
        )
        self._stack.addWidget(self._drop)
        self._stack.addWidget(self.strip)
        # What cannot be read comes late, and only takes from the pictures' lower edge.
        column(
            heading("Which images?"), words, self.folder, self._said, UNIT, grow(self._stack), self._unreadable,
            on=self, margins=(3 * UNIT, 2 * UNIT, 3 * UNIT, UNIT),
        )  # fmt: skip

    # Listing

    def _look(self) -> None:
        self._stop_listing()
        self._known, self._problem = None, ""
        path = self.folder.path
        self.plan.images = path
        if path is not None:
            self._listing = LongJob(
                lambda job: look_through(path, job.stopping, job.tell),
                self._on_found,
                self._on_failed,
                self._on_found,
                name="training-images",
            )
        self.strip.show_folder([])
        self._show()
        self.changed.emit()

    def _stop_listing(self, seconds: float = 0.0) -> None:
        if self._listing is not None:
            self._listing.stop(seconds)
            self._listing = None

    def _on_found(self, known: ImageFolder) -> None:
        self._known = known
        self.strip.show_folder(known.sample)
        self._show()
        self.changed.emit()

    def _on_failed(self, sentence: str) -> None:
        self._problem = sentence
        self._show()
        self.changed.emit()

    # Showing

    def _show(self) -> None:
        known = self._known
        self._unreadable.setVisible(known is not None and known.unreadable > 0)
        self._stack.setCurrentWidget(self._drop if known is None or not known.images else self.strip)
        if self.folder.path is None:
            self._said.say("No folder chosen yet", "info")
        elif self._problem:
            self._said.say(self._problem, "warning")
        elif known is None:
            self._said.say("Looking for images…", "search")
        else:
            self._said.say(*self._found_text(known))
            self._unreadable.say(self._unreadable_text(known), "warning")

    def _found_text(self, known: ImageFolder) -> tuple[str, str]:
        if not known.done:
            return f"{images_text(known.images)} found so far…", "search"
        if not known.images:
            return "There is no image in this folder that can be read: choose another one.", "warning"
        size = QLocale().formattedDataSize(known.size, 1)
        text = f"{images_text(known.images)}, {size}"
        if known.masks:
            text += f"; masks among them, left out: {number_text(known.masks)}"
        return text, "check"

    def _unreadable_text(self, known: ImageFolder) -> str:
        named = "\n".join(f"{name}: {reason}" for name, reason in known.problems[:_NAMED])
        if known.unreadable == 1:
            head = "1 file cannot be read and is left out."
        else:
            head = f"{number_text(known.unreadable)} files cannot be read and are left out."
        more = known.unreadable - _NAMED
        tail = f"\nand {number_text(more)} more" if more > 0 else ""
        return f"{head}\n{named}{tail}"

    # Dropping, wherever on the page

    @override
    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if any(path.is_dir() for path in dropped_paths(event.mimeData())):
            self._drop.set_over(True)
            event.acceptProposedAction()

    @override
    def dragLeaveEvent(self, event: QDragLeaveEvent) -> None:
        self._drop.set_over(False)

    @override
    def dropEvent(self, event: QDropEvent) -> None:
        self._drop.set_over(False)
        if self.folder.take(dropped_paths(event.mimeData())):
            event.acceptProposedAction()

    def choose(self, folder: Path) -> None:
        """Take a folder in, as if it had been dropped."""
        self.folder.show_path(folder)


class _DropArea(QWidget):
    """A place that looks like one to drop something on, with the button for those who do not."""

    def __init__(self, invitation: str) -> None:
        super().__init__()
        self._over = False
        self.choose = named(push_button("Choose a &folder…", sign="open-folder"), "choose")
        column(STRETCH, centre(QLabel(invitation)), centre(self.choose), STRETCH, on=self, spacing=2 * UNIT)

    def set_over(self, over: bool) -> None:
        """Show whether something is being dragged over the page."""
        self._over = over
        self.update()

    @override
    def paintEvent(self, event: QPaintEvent) -> None:
        paint_drop_place(self, current_theme().line, over=self._over, invitation="", inset=1)
