"""Take decisions over from a list, and see before what that changes."""

from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QFont, QPalette
from PySide6.QtWidgets import (
    QCheckBox,
    QDialog,
    QFileDialog,
    QHBoxLayout,
    QLabel,
    QPlainTextEdit,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from annotriage.desktop.background import Job
from annotriage.desktop.gc_control import considerate
from annotriage.desktop.review.image_model import ImageModel
from annotriage.desktop.sheet_question import with_sheet
from annotriage.desktop.widgets.buttons import PrimaryButton
from annotriage.desktop.widgets.named import named
from annotriage.desktop.widgets.theme import UNIT
from annotriage.names import counted
from annotriage.triage.decision_words import decision_text
from annotriage.triage.decisions import DECISIONS, NOTHING_SAID, Review
from annotriage.wording import images_text, number_text

if TYPE_CHECKING:
    from annotriage.tables import Problem
    from annotriage.triage.decision_import import Replaced

_MOST_NAMES = 200


@dataclass(frozen=True, slots=True)
class ImportPreview:
    """What a list would change.

    Attributes
    ----------
    changed : dict of str to Review
        Image -> all that is said of it then; only images of which something else is said now.
    before : dict of str to Review
        What is said of these now.
    same : int
        Images of which the list says what is said already.
    problems : list of Problem
        What of the list is not used.
    """

    changed: dict[str, Review]
    before: dict[str, Review]
    same: int
    problems: "list[Problem]"

    def replaced(self) -> "Replaced":
        """Count what would be overturned of what is said now."""
        from annotriage.triage.decision_import import count_replaced

        return count_replaced(self.changed, self.before)

    def kept(self) -> "ImportPreview":
        """Return what the list would change if all that is said now stayed."""
        from annotriage.triage.decision_import import keep_held

        added = {name: keep_held(review, self.before[name]) for name, review in self.changed.items()}
        changed = {name: review for name, review in added.items() if review != self.before[name]}
        before = {name: self.before[name] for name in changed}
        return ImportPreview(changed, before, self.same, self.problems)


def preview(path: Path, names: list[str], held: dict[str, Review]) -> ImportPreview:
    """Read a list and compare it with what is said; for any thread.

    Raises
    ------
    AnnotriageError
        The file is no such list.
    """
    from annotriage.triage.decision_import import match_decisions, read_decisions

    with considerate():
        matched = match_decisions(read_decisions(path), names, held)
        changed = {name: review for name, review in matched.reviews.items() if review != held.get(name, NOTHING_SAID)}
        before = {name: held.get(name, NOTHING_SAID) for name in changed}
    return ImportPreview(changed, before, len(matched.reviews) - len(changed), matched.problems)


class ImportDialog(QDialog):
    """Choose a list, look at what it changes, apply it. Not modal; deleted when it is closed.

    Parameters
    ----------
    model : ImageModel
    parent : QWidget or None

    Signals
    -------
    apply_wanted : dict of str to Review
        Images of which something else is to be said, and all that is said of them then.
    """

    apply_wanted = Signal(dict)

    def __init__(self, model: ImageModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle("Import decisions")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self._model = model
        self._path: Path | None = None
        self._preview: ImportPreview | None = None
        self._job: Job | None = None
        self._file = QLabel(wordWrap=True, textFormat=Qt.TextFormat.PlainText)
        self._choose = named(QPushButton("Choose a &list…"), "choose")
        self._summary = QLabel(wordWrap=True, textFormat=Qt.TextFormat.PlainText)
        self._changes = QLabel(wordWrap=True, textFormat=Qt.TextFormat.PlainText)
        self._changes.setForegroundRole(QPalette.ColorRole.PlaceholderText)
        self._keep = named(QCheckBox("&Keep what is decided and written here, and only add to it"), "keep")
        self._problems_caption = QLabel("Not &used, and notes:")
        self._problems = QPlainTextEdit(readOnly=True, tabChangesFocus=True)
        self._apply = PrimaryButton("Apply")
        self._lay_out()
        self._choose.clicked.connect(self._ask)
        self._apply.clicked.connect(self._apply_them)
        self._keep.toggled.connect(lambda: self._show_changes() if self._preview is not None else None)
        self.finished.connect(self._forget)
        model.modelReset.connect(self._begin_anew)
        self._show_nothing()

    def open_list(self, path: Path) -> None:
        """Read a list and show what it would change."""
        catalogue = self._model.catalogue
        chosen = None if catalogue is None else with_sheet(self, path)
        if catalogue is None or chosen is None:
            return
        path = chosen
        self._forget()
        self._path, self._preview = path, None
        self._file.setText(path.name)
        self._file.setToolTip(str(path))
        self._say("Reading…")
        names = [image.name for image in catalogue.images]
        held = dict(catalogue.reviews)
        self._job = Job(lambda: preview(path, names, held), self._show_preview, self._failed)

    # Building

    def _lay_out(self) -> None:
        font = self._summary.font()
        font.setWeight(QFont.Weight.DemiBold)
        self._summary.setFont(font)
        self._problems_caption.setBuddy(self._problems)
        self._choose.setAutoDefault(False)
        cancel = QPushButton("Cancel")
        cancel.setAutoDefault(False)
        cancel.clicked.connect(self.reject)
        top = QHBoxLayout()
        top.setSpacing(UNIT)
        top.addWidget(self._choose)
        top.addWidget(self._file, 1)
        buttons = QHBoxLayout()
        buttons.setSpacing(UNIT)
        buttons.addStretch(1)
        buttons.addWidget(cancel)
        buttons.addWidget(self._apply)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(2 * UNIT, 2 * UNIT, 2 * UNIT, 2 * UNIT)
        layout.setSpacing(UNIT)
        layout.addLayout(top)
        layout.addSpacing(UNIT)
        layout.addWidget(self._summary)
        layout.addWidget(self._changes)
        layout.addWidget(self._keep)
        layout.addWidget(self._problems_caption)
        layout.addWidget(self._problems, 1)
        layout.addStretch(0)
        layout.addLayout(buttons)
        self.resize(64 * UNIT, 44 * UNIT)

    # What happens

    def _ask(self) -> None:
        found, _ = QFileDialog.getOpenFileName(
            self,
            "Choose a list of decisions",
            str(self._path.parent) if self._path is not None else "",
            "Lists (*.csv *.tsv *.txt *.xlsx *.xlsm *.json);;All files (*)",
        )
        if found:
            self.open_list(Path(found))

    def _apply_them(self) -> None:
        read, catalogue = self._preview, self._model.catalogue
        if read is None or catalogue is None or self._path is None:
            return
        shown = read.kept() if self._keep.isChecked() else read
        if any(catalogue.reviews.get(name, NOTHING_SAID) != before for name, before in read.before.items()):
            # What was written in the window meanwhile must not be lost unseen.
            self.open_list(self._path)
            return
        self.apply_wanted.emit(shown.changed)
        self.accept()

    def _forget(self) -> None:
        if self._job is not None:
            self._job.forget()
            self._job = None

    def _begin_anew(self) -> None:
        """Forget the list: it is not for another folder, whose images may have the same names."""
        self._forget()
        self._path = self._preview = None
        self._show_nothing()

    # What it shows

    def _show_nothing(self) -> None:
        self._file.setText("No list chosen yet")
        self._say(
            "No folder is open"
            if self._model.catalogue is None
            else "A list is a CSV, Excel or JSON file with a column for the image and one for the decision."
        )
        self._choose.setEnabled(self._model.catalogue is not None)

    def _say(self, sentence: str) -> None:
        self._summary.setText(sentence)
        self._changes.hide()
        self._keep.hide()
        self._problems_caption.hide()
        self._problems.hide()
        self._apply.setEnabled(False)
        self._apply.setText("Apply")

    def _failed(self, sentence: str) -> None:
        self._job = None
        self._say(sentence)

    def _show_preview(self, shown: ImportPreview) -> None:
        self._job = None
        self._preview = shown
        self._show_changes()
        self._problems.setPlainText(
            "\n\n".join(map(self._problem_text, sorted(shown.problems, key=lambda each: each.remark)))
        )
        for widget in (self._problems_caption, self._problems):
            widget.setVisible(bool(shown.problems))
        if self._apply.isEnabled():
            self._apply.setFocus()

    def _show_changes(self) -> None:
        read = self._preview
        assert read is not None
        shown = read.kept() if self._keep.isChecked() else read
        count = len(shown.changed)
        self._summary.setText(f"This changes {images_text(count)}" if count else "This changes nothing")
        told = [*self._kept_lines(read.replaced(), shown.replaced()), *self._replaced_lines(shown.replaced())]
        self._changes.setText("\n".join([*told, *self._change_lines(shown)]))
        self._changes.setVisible(bool(self._changes.text()))
        self._keep.setVisible(bool(read.replaced()))
        self._apply.setEnabled(count > 0)
        text = f"Apply to {images_text(count)}" if count else "Apply"
        self._apply.setText(text)

    def _kept_lines(self, all_of_it: "Replaced", replaced: "Replaced") -> list[str]:
        """Say how much of what is said here stays although the list says something else."""
        words = [
            (
                all_of_it.decisions - replaced.decisions,
                "Keeps 1 decision made here",
                "Keeps {count} decisions made here",
            ),
            (all_of_it.assignees - replaced.assignees, "Keeps 1 assignee", "Keeps {count} assignees"),
            (all_of_it.notes - replaced.notes, "Keeps 1 note", "Keeps {count} notes"),
        ]
        return [one if count == 1 else many.format(count=number_text(count)) for count, one, many in words if count]

    def _replaced_lines(self, replaced: "Replaced") -> list[str]:
        """Say how much of what is said here is overturned."""
        words = [
            (
                replaced.decisions,
                "Replaces 1 decision made here",
                "Replaces {count} decisions made here",
            ),
            (replaced.assignees, "Replaces 1 assignee", "Replaces {count} assignees"),
            (replaced.notes, "Replaces 1 note", "Replaces {count} notes"),
        ]
        return [one if count == 1 else many.format(count=number_text(count)) for count, one, many in words if count]

    def _change_lines(self, shown: ImportPreview) -> list[str]:
        """Say how many images go where, and of how many only the note or the assignee changes."""
        going = Counter(
            review.decision
            for name, review in shown.changed.items()
            if review.decision is not shown.before[name].decision
        )
        lines = [
            f"{decision_text(decision)}: {images_text(going[decision])}" for decision in DECISIONS if going[decision]
        ]
        only_words = len(shown.changed) - going.total()
        if only_words:
            lines.append(f"Only assignee or note: {images_text(only_words)}")
        if shown.same:
            lines.append(f"As it is already: {images_text(shown.same)}")
        return lines

    def _problem_text(self, problem: "Problem") -> str:
        names = "\n".join(f"    {name}" for name in problem.names[:_MOST_NAMES])
        said = counted(problem.count, problem.what)
        text = f"{f'Note: {said}' if problem.remark else said}:\n{names}"
        if problem.count > _MOST_NAMES:
            text += "\n    " + f"and {number_text(problem.count - _MOST_NAMES)} more"
        return text
