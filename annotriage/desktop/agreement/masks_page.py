"""The first step: which masks, and how their names are made."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QTimer, Signal
from PySide6.QtGui import QDragEnterEvent, QDropEvent, QResizeEvent
from PySide6.QtWidgets import QCheckBox, QFileDialog, QLineEdit, QPushButton, QSizePolicy, QWidget
from typing_extensions import override

from annotriage.desktop.dropped import dropped_paths
from annotriage.desktop.sheet_question import with_sheets
from annotriage.desktop.widgets.buttons import push_button
from annotriage.desktop.widgets.icon_label import IconLabel
from annotriage.desktop.widgets.layout import STRETCH, column, form, grid, grow, panel, row, top
from annotriage.desktop.widgets.named import named
from annotriage.desktop.widgets.path_field import PathField
from annotriage.desktop.widgets.path_list import PathList
from annotriage.desktop.widgets.text import heading, text_label
from annotriage.desktop.widgets.theme import UNIT
from annotriage.errors import AnnotriageError

if TYPE_CHECKING:
    from annotriage.agreement.label_choice import LabelChoice
    from annotriage.agreement.mask_search import FoundMasks
    from annotriage.agreement.readings import Reading

_WAIT_MS = 500
"""How long nobody must have typed before masks are looked for anew."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What a person may answer: in words, and as the window takes it; None: the words say how."""

    words: str
    value: str | None


class MaskQuestion(QWidget):
    """A question that only a person can answer: which reading of names is right, which label counts."""

    chosen = Signal(str)  # the answer's value

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._grid = grid(on=self, spacing=(UNIT, UNIT // 2), margins=(0, UNIT // 2, 0, 0), stretch=1)
        self.buttons: list[QPushButton] = []
        self._widgets: list[QWidget] = []
        self.hide()

    def ask(self, answers: Sequence[Answer]) -> None:
        """Show answers, the likeliest first."""
        self.clear()
        for line, answer in enumerate(answers):
            said = answer.words[:1].upper() + answer.words[1:]
            words = text_label(said if answer.value is not None else f"Or: {said}", wraps=True)
            words.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
            self._grid.addWidget(words, line, 1)
            self._widgets.append(words)
            if answer.value is not None:
                button = push_button("This one", tip=answer.value, name=f"This one: {answer.words}")
                button.clicked.connect(lambda _=False, value=answer.value: self.chosen.emit(value))
                self._grid.addWidget(button, line, 0)
                self.buttons.append(button)
        self.setVisible(bool(answers))

    def clear(self) -> None:
        """Ask nothing any more."""
        for widget in (*self.buttons, *self._widgets):
            self._grid.removeWidget(widget)
            widget.hide()
            widget.deleteLater()
        self.buttons.clear()
        self._widgets.clear()
        self.hide()


def _files_filter() -> str:
    from annotriage.annotations.formats.listed import FORMATS

    pictures = ".png .bmp .gif .tif .tiff .jpg .jpeg".split()
    exports = [*dict.fromkeys(ending for each in FORMATS for ending in each.endings), ".zip"]
    tables = ".csv .tsv .txt .xlsx .xlsm".split()

    def stars(endings: Sequence[str]) -> str:
        return " ".join(f"*{ending}" for ending in endings)

    return ";;".join(
        f"{what} ({which})"
        for what, which in (
            ("Masks, exports and tables", stars([*pictures, *exports, *tables])),
            ("Masks", stars(pictures)),
            ("Exports of annotation tools", stars(exports)),
            ("Tables", stars(tables)),
            ("All files", "*"),
        )
    )


class MasksPage(QWidget):
    """Choose masks, say how they are named where that is not found out, and see at once what was understood."""

    changed = Signal()  # it was chosen, and nobody is typing any more: look for the masks

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._example: str | None = None
        self._start = ""
        self.paths = PathList("Drop folders of masks, mask files, exports of annotation tools or a table here")
        self.paths.setAccessibleName("Folders and files of masks")
        self._pattern = named(QLineEdit(), "pattern")
        self._pattern.setClearButtonEnabled(True)
        self._pattern.setPlaceholderText("Found out by itself; or write e.g. {image}_{annotator}.png")
        self._pattern.setAccessibleName("How the masks are named")
        self._pattern.setToolTip(
            "{image} and {annotator} stand for what the name says, * for what does not matter. With a / it is held "
            "against folder and name: {annotator}/{image}_mask.png"
        )
        self._keep_consensus = named(QCheckBox("Leave out &consensus masks (STAPLE, majority vote)"), "keep-consensus")
        self._keep_consensus.setChecked(True)
        self._keep_consensus.setToolTip(
            "They are no person’s own: comparing people with what people agreed on makes them look alike."
        )
        self.photographs = PathField("Folder of the photographs")
        self.photographs.setToolTip(
            "To look at the masks on them, and to know how large images are of which an export does not say it (VIA, "
            "QuPath); those that lie beside the masks are found without it."
        )
        self._label = named(QLineEdit(), "label")
        self._label.setClearButtonEnabled(True)
        self._label.setPlaceholderText("Asked for; or a number, a colour like 250,50,83, a name, or all")
        self._label.setAccessibleName("Which label is measured")
        self.tasks = PathField("Label Studio’s export of the tasks (JSON, CSV)")
        self.tasks.ask_to_open("Exports (*.json *.csv *.tsv *.txt *.xlsx *.xlsm)")
        self.tasks.setToolTip("Its columns id and name or image say what task-31 shows.")
        self._asked = self._pattern
        self._sign = IconLabel("info", 2 * UNIT + 4)
        self._summary = named(text_label(wraps=True, heavy=True, copies=True), "summary")
        self._reading = named(text_label(wraps=True, copies=True), "reading")
        self._left_out = named(text_label(wraps=True, faint=True, copies=True), "left-out")
        self.question = MaskQuestion()
        self._later = QTimer(self, singleShot=True, interval=_WAIT_MS)
        self._lay_out()
        self._connect()
        self.show_nothing()

    # What was chosen

    @property
    def pattern(self) -> str | None:
        """How names are made; None: it is found out."""
        return self._pattern.text().strip() or None

    @property
    def label(self) -> str | None:
        """Which of several labels is measured; None: nobody said it."""
        return self._label.text().strip() or None

    @property
    def keeps_consensus(self) -> bool:
        """Whether consensus masks count as people's."""
        return not self._keep_consensus.isChecked()

    def example_name(self, path: Path) -> str:
        """Return a mask's name as patterns see it: its path below the folder that was chosen."""
        for folder in self.paths.paths:
            if path.is_relative_to(folder) and path != folder:
                return path.relative_to(folder).as_posix()
        return path.name

    def settle(self) -> bool:
        """Take in at once what somebody is still typing; say whether there was something."""
        typing = self._later.isActive()
        if typing:
            self._later.stop()
            self.changed.emit()
        return typing

    # What is said about it

    def show_nothing(self) -> None:
        """Say what to do."""
        self._say("No masks chosen yet", "info")
        self._reading.setText("Agreement is measured where at least two people drew a mask of the same image.")

    def show_looking(self) -> None:
        """Say that masks are looked for."""
        self._say("Looking for masks…", "search")

    def show_problem(self, sentence: str) -> None:
        """Say what is wrong."""
        self._say(sentence, "warning")
        self._reading.clear()

    def show_question(self, readings: "Sequence[Reading]") -> None:
        """Ask which reading is right; what is chosen becomes the pattern."""
        self._say("Who drew what can be read in more than one way. Which is right?", "warning")
        self._reading.clear()
        self._asked = self._pattern
        self.question.ask([Answer(reading.words, reading.pattern) for reading in readings])

    def show_labels(self, choices: "Sequence[LabelChoice]") -> None:
        """Ask which label is measured."""
        self._say("The masks hold several labels. Which is measured?", "warning")
        self._reading.clear()
        self._asked = self._label
        self._form.setRowVisible(self._label, True)
        *labels, everything = choices
        answers = [Answer(f"{choice.label}: {choice.words}", choice.label) for choice in labels]
        self.question.ask([*answers, Answer(everything.words, everything.label)])

    def show_tasks(self) -> None:
        """Offer to take the images' names from Label Studio's export of the tasks."""
        self._form.setRowVisible(self.tasks, True)

    def show_found(self, found: "FoundMasks") -> None:
        """Say what was found: in short, how a name was read, what is left out and why."""
        self._example = None if found.example is None else self.example_name(found.example)
        self._say(found.summary, "check")
        self._reading.setText(found.reading)
        self._left_out.setText("\n".join(found.notes))
        if found.label is not None:  # it can be another one
            self._form.setRowVisible(self._label, True)

    def _say(self, summary: str, sign: str) -> None:
        self._sign.set_icon(sign)
        self._summary.setText(summary)
        self._left_out.clear()
        self.question.clear()

    # Building

    def _lay_out(self) -> None:
        words = text_label(
            "A folder for each person, or one folder whose file names say who drew what; what Label Studio, CVAT, "
            "labelme and other tools export; or a table with the columns image, annotator and mask.",
            wraps=True,
        )
        for label in (self._summary, self._reading, self._left_out):
            label.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Minimum)
        self._form = form(
            ("&Names are made like", self._pattern),
            ("", self._keep_consensus),
            ("&Label", self._label),
            ("Label Studio &tasks", self.tasks),
            ("&Photographs (optional)", self.photographs),
        )
        for field in (self._label, self.tasks):
            self._form.setRowVisible(field, False)
        self._remove = named(push_button("&Remove", self.paths.remove_selected, sign="remove"), "remove")
        self._remove.setEnabled(False)
        choices = row(
            push_button("Add a &folder…", self._ask_folder, sign="open-folder"),
            push_button("Add files or a &table…", self._ask_files, sign="table"),
            self._remove,
            STRETCH,
        )
        said = column(self._summary, self._reading, self.question, self._left_out, spacing=UNIT // 2)
        self._said = panel(row(top(self._sign), grow(said)))
        column(
            heading("Which masks?"), words, grow(self.paths), choices, UNIT, self._form, UNIT, self._said,
            on=self, margins=(3 * UNIT, 2 * UNIT, 3 * UNIT, UNIT),
        )  # fmt: skip

    def _connect(self) -> None:
        self.setAcceptDrops(True)
        self.paths.changed.connect(self._later.stop)
        self.paths.changed.connect(lambda: self._said.setMinimumHeight(0))
        self.paths.changed.connect(self.changed)
        self.paths.itemSelectionChanged.connect(lambda: self._remove.setEnabled(bool(self.paths.selectedItems())))
        self._pattern.textChanged.connect(self._on_typed)
        self._label.textChanged.connect(lambda: self._later.start())
        self.tasks.changed.connect(lambda: self._later.start())
        self.question.chosen.connect(self._on_chosen)
        self._keep_consensus.toggled.connect(self.changed)
        self._later.timeout.connect(self.changed)

    # What happens

    def _on_typed(self) -> None:
        """Read one name at once; all the others once nobody types any more."""
        self._later.start()
        if self._example is None or self.pattern is None:
            return
        from annotriage.agreement.name_pattern import NamePattern

        try:
            read = NamePattern(self.pattern).read(self._example)
        except AnnotriageError as error:
            self._reading.setText(str(error))
            return
        if read is None:
            words = f"{self._example} does not fit"
        else:
            words = f"{self._example} is read as image {read[0]}, annotator {read[1] or '(none)'}"
        self._reading.setText(words)

    def _on_chosen(self, answer: str) -> None:
        self._said.setMinimumHeight(self._said.height())  # where the answers were, so that nothing above moves
        self._asked.setText(answer)
        self._later.stop()
        self.changed.emit()

    def _ask_folder(self) -> None:
        found = QFileDialog.getExistingDirectory(self, "Choose a folder of masks", self._start)
        if found:
            self._add([Path(found)])

    def _ask_files(self) -> None:
        found, _ = QFileDialog.getOpenFileNames(
            self,
            "Choose masks, exports of annotation tools, or a table that lists them",
            self._start,
            _files_filter(),
        )
        self._add([Path(path) for path in found])

    def _add(self, paths: list[Path]) -> None:
        paths = with_sheets(self, paths)
        if paths:
            self._start = str(paths[0].parent)
            self.paths.add(paths)

    @override
    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._said.setMinimumHeight(0)

    @override
    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if dropped_paths(event.mimeData()):
            event.acceptProposedAction()

    @override
    def dropEvent(self, event: QDropEvent) -> None:
        event.acceptProposedAction()
        self._add(dropped_paths(event.mimeData()))
