"""Which project images are sent to, and how the server comes by them."""

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QButtonGroup, QCheckBox, QComboBox, QLineEdit, QRadioButton, QWidget

from annotriage.desktop.widgets.layout import STRETCH, column, form, grow, panel, row
from annotriage.desktop.widgets.named import named
from annotriage.desktop.widgets.path_field import PathField
from annotriage.desktop.widgets.text import heading, plain_text
from annotriage.desktop.widgets.theme import UNIT
from annotriage.labelling.label_studio.connection import LONGEST_TITLE, SHORTEST_TITLE
from annotriage.labelling.label_studio.order import Images, Way
from annotriage.names import counted, plain_line

if TYPE_CHECKING:
    from annotriage.labelling.label_studio.choice import SendChoice
    from annotriage.labelling.label_studio.connection import Project

_WORDS = int(Qt.ItemDataRole.UserRole) + 1
"""Under which role a project's name stands, without what else its line says."""
_IN = 3 * UNIT
"""How far what belongs to a choice is set in."""
_FOLDER = (
    "Nothing is copied. Label Studio has to run on this computer, or see the same disk, and to be started with "
    "LABEL_STUDIO_LOCAL_FILES_SERVING_ENABLED=true and its document root, a folder above that of the images."
)
_UPLOAD = (
    "It needs no switch and works with any server; the images take their room a second time, and everybody with an "
    "account there can see them."
)


class ProjectPage(QWidget):
    """`changed` tells of another choice. `folder`: of the images."""

    changed = Signal()

    def __init__(self, folder: Path, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._folder = folder
        self._new = named(QRadioButton("Make a &new project"), "new-project")
        self._there = named(QRadioButton("A project that is &there"), "existing-project")
        self.title = named(QLineEdit(f"Annotriage {folder.resolve().name}"[:LONGEST_TITLE].strip()), "title")
        self.title.setMaxLength(LONGEST_TITLE)
        self.labels = named(QLineEdit("lesion"), "drawn-labels")
        self.labels.setToolTip("Several are written with commas between them")
        self.polygon = named(QCheckBox("P&olygons beside the brush"), "polygon")
        self.empty = named(QCheckBox("People may submit an image without an outl&ine: it says “no lesion”"), "empty")
        self.queue = named(QComboBox(), "queue")
        self.queue.addItem("the most contentious images", False)
        self.queue.addItem("some contentious and some clear ones, in turn", True)
        self.projects = named(QComboBox(), "projects")
        self.projects.setAccessibleName("Projects")
        self._from_folder = named(QRadioButton("Label Studio reads them from their &folder"), "from-folder")
        self._uploaded = named(QRadioButton("They are &uploaded"), "uploaded")
        self.root = PathField("Document root of Label Studio, as this computer has it")
        self.root.setObjectName("root")
        self.served_as = named(QLineEdit(placeholderText="the same path, unless it runs in a container"), "served-as")
        self._group_projects()
        self._lay_out()
        self._connect()
        self._from_folder.setChecked(True)
        self._new.setChecked(True)
        self.root.show_path(folder.absolute().parent)

    def _group_projects(self) -> None:
        self._which, self._way = QButtonGroup(self), QButtonGroup(self)
        for number, button in enumerate((self._new, self._there)):
            self._which.addButton(button, number)
        for number, button in enumerate((self._from_folder, self._uploaded)):
            self._way.addButton(button, number)

    def _lay_out(self) -> None:
        self._of_new = panel(
            column(
                form(("Na&me", self.title), ("What is &drawn", self.labels), ("&Handed out first", self.queue)),
                self.polygon, self.empty, margins=(_IN, 0, 0, 0),
            )
        )  # fmt: skip
        self._of_folder = panel(
            column(
                plain_text(_FOLDER, faint=True),
                form(("Document &root, here", self.root), ("Document root, as the &server calls it", self.served_as)),
                margins=(_IN, 0, 0, 0),
            )
        )
        self._of_upload = panel(column(plain_text(_UPLOAD, faint=True), margins=(_IN, 0, 0, 0)))
        column(
            heading("Project", small=True), self._new, self._of_new, row(self._there, grow(self.projects)), UNIT,
            heading("How the images get there", small=True), self._from_folder, self._of_folder, self._uploaded,
            self._of_upload, STRETCH, on=self, margins=3 * UNIT,
        )  # fmt: skip

    def _connect(self) -> None:
        for group in (self._which, self._way):
            group.idToggled.connect(self._follow)
        for line in (self.title, self.labels, self.served_as):
            line.textChanged.connect(self.changed)
        for box in (self.polygon, self.empty):
            box.toggled.connect(self.changed)
        self.queue.currentIndexChanged.connect(self.changed)
        self.projects.currentIndexChanged.connect(self.changed)
        self.projects.activated.connect(lambda: self._there.setChecked(True))
        self.root.changed.connect(self.changed)

    def show_projects(self, projects: "list[Project]", sent_to: int | None) -> None:
        """Offer these; `sent_to`: the number of the one that the folder was sent to last."""
        chosen = sent_to if sent_to is not None else self.projects.currentData()
        blocked = self.projects.blockSignals(True)
        self.projects.clear()
        for each in projects:
            before = ", this folder was sent to it" if each.number == sent_to else ""
            self._add(each, self.projects.count(), f", {counted(each.tasks, 'tasks')}{before}")
        place = self.projects.findData(chosen)
        self.projects.setCurrentIndex(max(place, 0))
        self.projects.blockSignals(blocked)
        (self._there if place >= 0 and sent_to is not None else self._new).setChecked(True)
        self._there.setEnabled(bool(projects))
        self._follow()

    def show_choice(self, choice: "SendChoice") -> None:
        """Show what was chosen at the last send."""
        self.labels.setText(", ".join(choice.set_up.labels))
        self.polygon.setChecked(choice.set_up.polygon)
        (self._uploaded if choice.images.way is Way.UPLOAD else self._from_folder).setChecked(True)
        self.root.show_path(choice.images.root or self._folder.absolute().parent)
        self.served_as.setText(choice.images.served_as)

    def _add(self, project: "Project", place: int, more: str = "") -> None:
        words = f"{project.title} ({project.number})"
        self.projects.insertItem(place, f"{words}{more}", project.number)
        self.projects.setItemData(place, words, _WORDS)

    def take_made(self, project: "Project") -> None:
        """Go on with a project that was just made."""
        if self.projects.findData(project.number) < 0:
            self._add(project, 0)
        self.projects.setCurrentIndex(self.projects.findData(project.number))
        self._there.setEnabled(True)
        self._there.setChecked(True)

    @property
    def project(self) -> int | None:
        """The number of the project; None: a new one."""
        return None if self._new.isChecked() else self.projects.currentData()

    @property
    def names(self) -> tuple[str, ...]:
        """What is drawn."""
        return tuple(each.strip() for each in self.labels.text().split(",") if each.strip())

    @property
    def mixed(self) -> bool:
        """Whether contentious and clear images are handed out in turn."""
        return bool(self.queue.currentData())

    @property
    def images(self) -> Images:
        """How the images get there."""
        if self._uploaded.isChecked():
            return Images(Way.UPLOAD)
        return Images(Way.FOLDER, self.root.path, self.served_as.text().strip())

    @property
    def words(self) -> str:
        """The project, for the rail."""
        if self._new.isChecked():
            return f"new: {plain_line(self.title.text())}"
        return str(self.projects.currentData(_WORDS) or "")

    def sentences(self) -> list[str]:
        """Say where images are sent to, and how they get there."""
        place = self.served_as.text().strip() or self.root.path
        new = f"A project is made: {plain_line(self.title.text())}."
        there = f"They go to the project {self.words}."
        by_folder = f"They are not copied: Label Studio reads them from their folder, below {place}."
        by_upload = "They are uploaded, as far as they are not there yet."
        return [new if self._new.isChecked() else there, by_upload if self._uploaded.isChecked() else by_folder]

    def missing(self) -> str:
        """Say what is missing, a sentence; empty: nothing."""
        if self._new.isChecked() and not SHORTEST_TITLE <= len(plain_line(self.title.text())) <= LONGEST_TITLE:
            return f"A project's name has {SHORTEST_TITLE} to {LONGEST_TITLE} letters."
        if not self._new.isChecked() and self.projects.currentData() is None:
            return "Choose a project."
        if self._new.isChecked() and (not self.names or len(set(self.names)) < len(self.names)):
            return "Say what is drawn: a name for each label, such as lesion."
        return self._missing_of_root()

    def _missing_of_root(self) -> str:
        root = self.root.path
        if self._uploaded.isChecked():
            return ""
        if root is None or not root.is_dir():
            return "The document root is a folder above that of the images; choose one that is there."
        folder, place = self._folder.resolve(), root.resolve()
        if folder == place:
            return f"That is the images' own folder, which Label Studio does not serve: take {place.parent}."
        if not folder.is_relative_to(place):
            return f"The images are not below this document root: they lie in {folder}."
        return ""

    def _follow(self, *_: object) -> None:
        self._of_new.setVisible(self._new.isChecked())
        self._of_folder.setVisible(self._from_folder.isChecked())
        self._of_upload.setVisible(self._uploaded.isChecked())
        self.changed.emit()
