"""The questions of an export: what, of which images, where to."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QButtonGroup, QComboBox, QGridLayout, QLabel, QRadioButton, QSpinBox, QWidget

from annotriage.desktop.widgets.layout import STRETCH, Item, column, grid, row
from annotriage.desktop.widgets.path_field import PathField
from annotriage.desktop.widgets.text import bold, text_label
from annotriage.desktop.widgets.theme import UNIT
from annotriage.triage.exports.choice import ExportChoice
from annotriage.triage.exports.formats import FORMATS, ExportFormat, Field, FolderOf, Number
from annotriage.triage.exports.order import Which
from annotriage.wording import number_text

_WHICH = {
    Which.ALL: "&All, unreadable ones too",
    Which.SHOWN: "&Shown now",
    Which.SELECTED: "S&elected",
    Which.EXPERTS: "For e&xperts",
}


class ExportForm(QWidget):
    """The answers so far; `changed` tells of another one, the paths left aside.

    `target` is where to write, `kind_of_target` the format that it was suggested for; `folders` are further paths that
    formats ask for, by the names of format and question.
    """

    changed = Signal()

    def __init__(self, choice: ExportChoice) -> None:
        super().__init__()
        self.kind_of_target: str | None = None
        self._formats = list(FORMATS.values())
        self._kinds = QButtonGroup(self)
        self._whiches = QButtonGroup(self)
        self._endings: dict[str, QComboBox] = {}
        self._fields: dict[tuple[str, str], QComboBox | QSpinBox] = {}
        self.folders: dict[tuple[str, str], PathField] = {}
        self._folder_questions: list[tuple[FolderOf, PathField]] = []
        self._folder_parts: list[tuple[str, QWidget]] = []
        self.target = PathField("Where to write")
        self._lay_out(choice)
        for group in (self._kinds, self._whiches):
            group.idToggled.connect(lambda _, checked: self._follow() if checked else None)
        self._follow()

    def choice(self) -> ExportChoice:
        """Return the answers."""
        kind = self._formats[self._kinds.checkedId()].name
        given: dict[tuple[str, str], Any] = {
            key: widget.value() if isinstance(widget, QSpinBox) else widget.currentData()
            for key, widget in self._fields.items()
        }
        given |= {key: field.path for key, field in self.folders.items()}
        # Of two questions of one name, the answer to that of the chosen format; the others are but remembered.
        options = {name: value for (_, name), value in sorted(given.items(), key=lambda each: each[0][0] == kind)}
        box = self._endings.get(kind) or next(iter(self._endings.values()), None)
        ending = "" if box is None else str(box.currentData())
        return ExportChoice(kind, list(Which)[self._whiches.checkedId()], ending, options)

    def suggest_folders(self, folder: Path, *, again: bool) -> None:
        """Answer the questions for folders by what goes without saying, for images in this one; all of them `again`."""
        for question, field in self._folder_questions:
            if again or field.path is None:
                field.show_path(question.of(folder))

    def show_counts(self, counts: Mapping[Which, int]) -> None:
        """Say how many images there are of each kind; what there is none of cannot be chosen."""
        for number, which in enumerate(Which):
            button = self._whiches.button(number)
            button.setText(f"{_WHICH[which]} ({number_text(counts[which])})")
            button.setEnabled(counts[which] > 0 or which is Which.ALL)
        checked = self._whiches.checkedButton()
        if checked is None or not checked.isEnabled():
            self._whiches.button(list(Which).index(Which.ALL)).click()

    # Building

    def _lay_out(self, choice: ExportChoice) -> None:
        grid_of_kinds = self._grid(choice)
        for number, which in enumerate(Which):
            button = QRadioButton(_WHICH[which])
            button.setObjectName(f"which-{which}")
            button.setChecked(which is choice.which)
            self._whiches.addButton(button, number)
        whiches = row(*self._whiches.buttons(), STRETCH, spacing=2 * UNIT)
        column(
            _heading("What"), grid_of_kinds, UNIT, _heading("Which images"), whiches, UNIT,
            _heading("&Where to", self.target), self.target, *(part for _, part in self._folder_parts), on=self,
        )  # fmt: skip

    def _grid(self, choice: ExportChoice) -> QGridLayout:
        rows: list[tuple[Item, Item, Item]] = []
        for number, each in enumerate(self._formats):
            button = QRadioButton(each.title)
            button.setObjectName(f"format-{each.name}")
            button.setAccessibleDescription(each.sentence)
            button.setChecked(each.name == choice.kind)
            self._kinds.addButton(button, number)
            widgets = [*self._ending(each, choice), *(self._field(each, field, choice) for field in each.fields)]
            beside = [widget for widget in widgets if widget is not None]
            rows.append((button, text_label(each.sentence, faint=True), row(*beside) if beside else None))
        return grid(*rows, spacing=(2 * UNIT, UNIT // 2), stretch=1)

    def _ending(self, of: ExportFormat, choice: ExportChoice) -> list[QWidget]:
        if len(of.endings) < 2:
            return []
        box = _box("Kind of file", of.endings, choice.ending)
        box.setObjectName(f"{of.name}-ending")
        box.currentIndexChanged.connect(self._follow)
        self._endings[of.name] = box
        return [box]

    def _field(self, of: ExportFormat, field: Field, choice: ExportChoice) -> QWidget | None:
        value: Any = choice.options.get(field.name, field.default)
        if isinstance(field, FolderOf):
            self.folders[of.name, field.name] = path = PathField(field.caption)
            path.ask_for_folder()
            self._folder_questions.append((field, path))
            part = QWidget()
            column(_heading(field.heading, path), path, on=part, margins=(0, UNIT, 0, 0))
            self._folder_parts.append((of.name, part))
            return None
        widget: QSpinBox | QComboBox
        if isinstance(field, Number):
            widget = QSpinBox(minimum=field.least, maximum=field.most, value=value)
            widget.setAccessibleName(field.caption)
            widget.valueChanged.connect(self._follow)
        else:
            widget = _box(field.caption, ((False, field.off), (True, field.on)), value)
            widget.currentIndexChanged.connect(self._follow)
        widget.setObjectName(f"{of.name}-{field.name}")
        self._fields[of.name, field.name] = widget
        return widget

    def _follow(self) -> None:
        choice = self.choice()
        for name, box in self._endings.items():
            box.setEnabled(name == choice.kind)
        for (name, _), widget in self._fields.items():
            widget.setEnabled(name == choice.kind)
        for name, part in self._folder_parts:
            part.setVisible(name == choice.kind)
        if choice.format.is_folder:
            self.target.ask_for_folder()
        else:
            self.target.ask_for_file(f"*{choice.suffix}")
        self.changed.emit()


def _box(caption: str, values: "tuple[tuple[Any, str], ...]", chosen: object) -> QComboBox:
    box = QComboBox()
    box.setAccessibleName(caption)
    for value, words in values:
        box.addItem(words, value)
    box.setCurrentIndex(max(box.findData(chosen), 0))
    return box


def _heading(text: str, buddy: QWidget | None = None) -> QLabel:
    label = bold(QLabel(text))
    if buddy is not None:
        label.setBuddy(buddy.focusProxy() or buddy)
    return label
