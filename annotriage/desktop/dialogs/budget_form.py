"""How a budget of images is spent: contentious or different ones, at most so many of a patient, and some by chance."""

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFileDialog, QLabel, QSlider, QSpinBox, QWidget

from annotriage.desktop.background import Job
from annotriage.desktop.widgets.buttons import push_button
from annotriage.desktop.widgets.layout import STRETCH, column, row
from annotriage.desktop.widgets.named import named
from annotriage.desktop.widgets.text import caption_of, plain_text
from annotriage.desktop.widgets.theme import UNIT
from annotriage.names import counted
from annotriage.triage.budget import MOST_CONTROL, Budget

if TYPE_CHECKING:
    from collections.abc import Mapping

    from annotriage.datasets.clinical import Groups

_STEPS = 20
_ANY = 0


class BudgetForm(QWidget):
    """`changed` tells of another budget, or of patients that became known.

    `control` is the share of the control sample to start from, 0..1; `has_features` says whether the model tells how
    different images are.
    """

    changed = Signal()

    def __init__(self, control: float, *, has_features: bool, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.groups: Mapping[str, str] | None = None
        """Whose images are: stem -> key of the patient or lesion; None: no table was named."""
        self._job: Job | None = None
        self._different = named(QSlider(Qt.Orientation.Horizontal), "different")
        self._different.setRange(0, _STEPS)
        self._different.setFixedWidth(14 * UNIT)
        self._different.setEnabled(has_features)
        self._different.setAccessibleName("From the most contentious to the most different")
        self._different.setToolTip(
            "To the right, images that look alike are chosen less often"
            if has_features
            else "This model does not tell how different images are: choose one that does"
        )
        self._most = named(QSpinBox(minimum=_ANY, maximum=9999, value=_ANY), "most")
        self._most.setSpecialValueText("any number")
        self._most.setAccessibleName("At most so many of one patient or lesion")
        self._patients = named(push_button("&Patients…", self._ask), "patients")
        self._patients.setToolTip("A table with patient_id or lesion_id beside the images’ names")
        self._known = named(plain_text(faint=True), "patients-known")
        self._known.hide()
        self._control = named(
            QSpinBox(minimum=0, maximum=round(100 * MOST_CONTROL), value=round(100 * control), suffix=" %"), "control"
        )
        self._control.setToolTip("Drawn like the others, they let “Did it work?” say what the ranking misses")
        column(
            row(QLabel("Most contentious"), self._different, QLabel("most different"), STRETCH),
            row(
                caption_of("At mos&t", self._most),
                self._most,
                QLabel("of one patient or lesion"),
                self._patients,
                STRETCH,
            ),
            self._known,
            row(caption_of("C&ontrol sample, by chance among the others", self._control), self._control, STRETCH),
            on=self,
        )
        for field in (self._different, self._most, self._control):
            field.valueChanged.connect(lambda _: self._on_change())

    @property
    def budget(self) -> Budget:
        """What is chosen."""
        return Budget(self._different.value() / _STEPS, self._control.value() / 100, self._most.value() or None)

    def _on_change(self) -> None:
        self._say_whose()
        self.changed.emit()

    def _say_whose(self) -> None:
        """Ask for patients where they matter and are not known."""
        if self.groups is None and self._job is None:
            self._known.setText("Whose images are is not known yet: name a table with patients or lesions.")
            self._known.setVisible(self._most.value() != _ANY)

    def _ask(self) -> None:
        found, _ = QFileDialog.getOpenFileName(
            self, "Choose a table of patients or lesions", "", "Tables (*.csv *.tsv *.txt *.xlsx *.json);;All files (*)"
        )
        if found:
            self.read_patients(Path(found))

    def read_patients(self, path: Path) -> None:
        """Read whose images are, in a thread."""
        self.forget()
        self._known.setText(f"Reading {path.name}…")
        self._known.show()
        self._job = Job(lambda: _read(path), lambda groups: self._show(path, groups), self._show_not)

    def _show(self, path: Path, groups: "Groups") -> None:
        self._job = None
        self.groups = groups
        by = " and ".join(each.removesuffix("_id") for each in groups.grouped_by) or "no ids"
        told = [f"{path.name}: {counted(len(groups), 'images')} by {by}.", *map(str, groups.problems)]
        self._known.setText(" ".join(told))
        if self._most.value() == _ANY:
            self._most.setValue(1)
        else:
            self.changed.emit()

    def _show_not(self, sentence: str) -> None:
        self._job = None
        self._known.setText(sentence)

    def forget(self) -> None:
        """Drop what is being read."""
        if self._job is not None:
            self._job.forget()
            self._job = None


def _read(path: Path) -> "Groups":
    from annotriage.datasets.clinical import read_groups

    return read_groups(path)
