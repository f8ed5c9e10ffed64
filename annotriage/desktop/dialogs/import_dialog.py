"""Take decisions over from a list, and see before what that changes."""

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QCheckBox, QDialog, QFileDialog, QLabel, QPlainTextEdit, QWidget

from annotriage.desktop.background import Job
from annotriage.desktop.gc_control import considerate
from annotriage.desktop.review.image_model import ImageModel
from annotriage.desktop.sheet_question import with_sheet
from annotriage.desktop.widgets.buttons import PrimaryButton, push_button
from annotriage.desktop.widgets.layout import STRETCH, Stretch, column, grow, row
from annotriage.desktop.widgets.named import named
from annotriage.desktop.widgets.text import text_label
from annotriage.desktop.widgets.theme import UNIT
from annotriage.triage.decisions import NOTHING_SAID, Review
from annotriage.wording import images_text

if TYPE_CHECKING:
    from annotriage.triage.import_preview import ImportPreview


class ImportDialog(QDialog):
    """Choose a list, look at what it changes, apply it. Not modal; deleted when it is closed.

    `apply_wanted` is sent with the images of which something else is to be said, and all that is said of them then.
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
        self._file = text_label(wraps=True)
        self._choose = named(push_button("Choose a &list…", self._ask), "choose")
        self._summary = text_label(wraps=True, heavy=True)
        self._changes = text_label(wraps=True, faint=True)
        self._keep = named(QCheckBox("&Keep what is decided and written here, and only add to it"), "keep")
        self._problems_caption = QLabel("Not &used, and notes:")
        self._problems = QPlainTextEdit(readOnly=True, tabChangesFocus=True)
        self._apply = PrimaryButton("Apply")
        self._lay_out()
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
        self._job = Job(lambda: _read(path, names, held), self._show_preview, self._failed)

    # Building

    def _lay_out(self) -> None:
        self._problems_caption.setBuddy(self._problems)
        cancel = push_button("Cancel", self.reject)
        column(
            row(self._choose, grow(self._file)), UNIT, self._summary, self._changes, self._keep, self._problems_caption,
            grow(self._problems), Stretch(0), row(STRETCH, cancel, self._apply), on=self, margins=2 * UNIT,
        )  # fmt: skip
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

    def _show_preview(self, shown: "ImportPreview") -> None:
        from annotriage.triage.import_preview import problem_text

        self._job = None
        self._preview = shown
        self._show_changes()
        self._problems.setPlainText(
            "\n\n".join(map(problem_text, sorted(shown.problems, key=lambda each: each.remark)))
        )
        for widget in (self._problems_caption, self._problems):
            widget.setVisible(bool(shown.problems))
        if self._apply.isEnabled():
            self._apply.setFocus()

    def _show_changes(self) -> None:
        from annotriage.triage.import_preview import change_lines, kept_lines, replaced_lines

        read = self._preview
        assert read is not None
        shown = read.kept() if self._keep.isChecked() else read
        count = len(shown.changed)
        self._summary.setText(f"This changes {images_text(count)}" if count else "This changes nothing")
        told = [*kept_lines(read.replaced(), shown.replaced()), *replaced_lines(shown.replaced())]
        self._changes.setText("\n".join([*told, *change_lines(shown)]))
        self._changes.setVisible(bool(self._changes.text()))
        self._keep.setVisible(bool(read.replaced()))
        self._apply.setEnabled(count > 0)
        text = f"Apply to {images_text(count)}" if count else "Apply"
        self._apply.setText(text)


def _read(path: Path, names: list[str], held: dict[str, Review]) -> "ImportPreview":
    """Read a list and compare it with what is said; for the job's thread."""
    from annotriage.triage.import_preview import preview_import

    with considerate():
        return preview_import(path, names, held)
