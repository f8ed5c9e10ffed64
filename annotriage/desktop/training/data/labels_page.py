"""The second page: how much people agreed on each image, and whether that is fit to learn from."""

import threading
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QMimeData
from PySide6.QtGui import QDragEnterEvent, QDropEvent, QPalette
from PySide6.QtWidgets import QWidget
from typing_extensions import override

from annotriage.datasets.columns import CLINICAL, ColumnMapping, chosen_columns
from annotriage.desktop.background import Job
from annotriage.desktop.dropped import dropped_paths
from annotriage.desktop.gc_control import considerate
from annotriage.desktop.training.data.label_columns import ColumnChoice, group_roles, label_roles
from annotriage.desktop.training.data.label_report import LabelReport
from annotriage.desktop.widgets.buttons import push_button
from annotriage.desktop.widgets.layout import column, form, grow, row
from annotriage.desktop.widgets.named import named
from annotriage.desktop.widgets.path_field import TABLES, SourceField
from annotriage.desktop.widgets.step_page import WizardPage
from annotriage.desktop.widgets.text import RoomForLines, heading, plain_text
from annotriage.desktop.widgets.theme import UNIT
from annotriage.trainings.label_check import LabelFindings, LabelSources, check_sources

if TYPE_CHECKING:
    from annotriage.datasets.label_health import LabelHealth
    from annotriage.trainings.plan import TrainingPlan


class LabelsPage(WizardPage):
    """Choose the table and what goes with it; the report says at once what it comes to."""

    def __init__(self, plan: "TrainingPlan", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.title = "Labels"
        self.plan = plan
        self._asked: LabelSources | None = None
        self._job: Job | None = None
        self._stop = threading.Event()
        self._read: Path | None = None  # the table whose columns are shown
        self._read_groups: tuple[Path | None, Path | None] | None = None  # likewise, of the metadata
        self._problem = ""
        self.health: LabelHealth | None = None
        self.table = SourceField("Table of agreement", f"Tables ({TABLES})")
        self.clinical = SourceField("Clinical metadata", f"Tables and JSON files ({TABLES} *.json)", folder=True)
        self.masks = SourceField("Folder of expert masks", folder=True)
        self.pairs = SourceField("Pairs and their tools", f"Tables ({TABLES})")
        self.columns = ColumnChoice(label_roles(), ("image", "dice"))
        self.groups = ColumnChoice(group_roles())
        self.report = LabelReport()
        self.measure = push_button(
            "&Measure from masks…", sign="agreement", tip="Where there are people’s masks and no table yet"
        )
        self._again = push_button(
            "Check &again", self.check_again, sign="refresh", tip="Read the files anew, after they were changed"
        )
        named(self.measure, "measure")
        named(self._again, "again")
        self._said = named(RoomForLines(), "said")
        self._said.setForegroundRole(QPalette.ColorRole.PlaceholderText)
        self.setAcceptDrops(True)
        self._lay_out()
        for field, path in self._fields():
            field.show_path(path)
            field.chosen.connect(self._on_source)
            field.line.textEdited.connect(lambda: self.changed.emit())
        self.columns.chosen.connect(self._on_columns)
        self.groups.chosen.connect(self._on_groups)
        self.report.problems.said.connect(self._say)
        self._check()

    def set_table(self, path: Path) -> None:
        """Take a table in, as one that was just measured."""
        same = self.table.path == path
        self.table.show_path(path)
        if same:
            self.check_again()

    def check_again(self) -> None:
        """Read the files anew."""
        self._asked = None
        self._check()

    # What the wizard asks

    @override
    def missing(self) -> str:
        if self.plan.images is None:
            return "Choose the images first."
        if self.table.path is None:
            return "Choose the table of agreement, or measure it from masks."
        if self._job is not None or self._is_typed():
            return "The labels are being checked."
        if self._problem:
            return self._problem
        if self.health is not None and self.health.obstacles:
            return self.health.obstacles[0]
        return ""

    def _is_typed(self) -> bool:
        """Tell whether somebody is typing a path: the plan, and what is known of it, are of what stood there before."""
        return any(field.path != path for field, path in self._fields())

    def _fields(self) -> tuple[tuple[SourceField, Path | None], ...]:
        """Return the fields, and what of the plan each shows."""
        plan = self.plan
        return (
            (self.table, plan.labels),
            (self.clinical, plan.clinical),
            (self.masks, plan.masks),
            (self.pairs, plan.pairs),
        )

    @override
    def enter(self) -> None:
        for field, path in self._fields():
            if field.path != path:
                field.show_path(path)
        self._check()
        self.table.setFocus()

    @override
    def shut_down(self) -> None:
        self._forget()  # the job ends by itself, and the program waits for it at its end

    @override
    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if _tables(event.mimeData()):
            event.acceptProposedAction()

    @override
    def dropEvent(self, event: QDropEvent) -> None:
        if self.table.take(_tables(event.mimeData())):
            event.acceptProposedAction()

    # Building

    def _lay_out(self) -> None:
        words = (
            "A table (CSV, XLSX) with a row an image: its name, and the mean Dice between masks that people drew of it."
        )
        self.table.add(self.measure)
        self.clinical.setToolTip(
            "A table or the ISIC Archive’s JSON files: keeps the images of a patient on one side of the split."
        )
        self.masks.setToolTip("For recipes that learn to outline lesions first, like the bundled model’s.")
        self.pairs.setToolTip(
            "A line for each pair of masks, with both tools, as agreement measured here or IMA++ has it. The model "
            "then answers for teams that draw by hand, by flood fill, or correct what a program drew."
        )
        fields = form(
            ("&Table", self.table),
            ("Its columns", self.columns),
            ("&Clinical metadata (optional)", self.clinical),
            ("Their columns", self.groups),
            ("&Expert masks (optional)", self.masks),
            ("&Pairs and their tools (optional)", self.pairs),
        )
        column(
            heading("How much did people agree?"), plain_text(words), fields, UNIT, grow(self.report),
            row(grow(self._said), self._again),
            on=self, margins=(3 * UNIT, 2 * UNIT, 3 * UNIT, UNIT),
        )  # fmt: skip

    # What happens

    def _say(self, sentence: str) -> None:
        self._said.say(sentence)

    def _on_source(self) -> None:
        columns = chosen_columns(self.plan.columns)
        if self.table.path != self.plan.labels:
            self._read = None
            columns = {role: column for role, column in columns.items() if role in CLINICAL}
        if self.clinical.path != self.plan.clinical:
            columns = {role: column for role, column in columns.items() if role not in CLINICAL}
        self.plan.columns = tuple(f"{role}={column}" for role, column in columns.items())
        self.plan.labels, self.plan.clinical, self.plan.masks = self.table.path, self.clinical.path, self.masks.path
        self.plan.pairs = self.pairs.path
        self._check()

    def _on_columns(self) -> None:
        # How many people drew is only shown; a training does not read it.
        chosen = {role: column for role, column in self._chosen().items() if role != "count"}
        self.plan.columns = tuple(f"{role}={column}" for role, column in chosen.items())
        self._check()

    def _on_groups(self) -> None:
        if self.plan.clinical is None:  # a column of the table itself was chosen
            chosen = self.groups.choices()
            self.clinical.show_path(self.plan.labels)
            self.plan.columns += tuple(f"{role}={column}" for role, column in chosen.items())
            self._check()
        else:
            self._on_columns()

    def _chosen(self) -> dict[str, str]:
        """Return what is chosen: in the boxes, where they show the columns of what is to be read, else in the plan."""
        before = chosen_columns(self.plan.columns)
        shown = self._read == self.plan.labels, self._read_groups == (self.plan.labels, self.plan.clinical)
        of_table, of_groups = (
            boxes.choices() if now else {role: column for role, column in before.items() if (role in CLINICAL) == its}
            for boxes, now, its in zip((self.columns, self.groups), shown, (False, True), strict=True)
        )
        return {**of_table, **(of_groups if self.plan.clinical is not None else {})}

    def _question(self) -> LabelSources | None:
        if self.plan.labels is None:
            return None
        chosen, plan = self._chosen(), self.plan
        return LabelSources(
            plan.images, self.plan.labels, plan.clinical, plan.masks, plan.pairs, tuple(sorted(chosen.items()))
        )

    def _check(self) -> None:
        """Ask for the health of what is chosen now, unless that is known or asked already."""
        question = self._question()
        if question is not None and question == self._asked:
            return
        self._forget()
        self._say("")
        self._asked = question
        self.health, self._problem = None, ""
        self.plan.further_masks = None
        self._again.setEnabled(question is not None)
        if question is None:
            self._show_no_columns()
            self.report.say(
                "No table chosen yet",
                "info",
                "Then it stands here how many images have a label, how they are spread, and what is left out.",
            )
        else:
            self.report.say("Checking the labels…", "search")
            stop = self._stop = threading.Event()
            self._job = Job(lambda: _checked(question, stop), self._show_answer, self._show_problem)
        self.changed.emit()

    def _forget(self) -> None:
        self._stop.set()
        if self._job is not None:
            self._job.forget()
            self._job = None
        self._asked = None

    def _show_answer(self, found: LabelFindings) -> None:
        self._job = None
        question = self._asked
        if question is not None and self._read != question.labels:
            self.columns.show_mapping(found.mapping, dict(question.chosen))
            self._read = question.labels
        if question is not None and self._read_groups != (question.labels, question.clinical):
            self.groups.show_mapping(found.groups, dict(question.chosen))
            self._read_groups = question.labels, question.clinical
        self.health, self._problem = found.health, found.problem
        self.plan.mapping = found.mapping
        self.plan.further_masks = None if found.health is None else found.health.further_masks
        lacking = self.columns.lacking()
        if lacking:
            needed = {"image": "the images’ names", "dice": "the mean Dice"}
            self._problem = f"Say which column of the table holds {needed[lacking]}."
        self._say(found.pairs)
        if found.health is not None:
            self.report.show_health(found.health)
            self.report.problems.inputs = [] if question is None else [question.labels, question.clinical]
        elif self._problem:
            self.report.say(self._problem, "warning")
        else:
            self.report.say("Choose the images first.", "info")
        self.changed.emit()

    def _show_problem(self, sentence: str) -> None:
        self._job = None
        self._problem = sentence
        self._show_no_columns()
        self.report.say(sentence, "warning")
        self.changed.emit()

    def _show_no_columns(self) -> None:
        self.columns.show_mapping(ColumnMapping())
        self.groups.show_mapping(ColumnMapping())
        self._read = self._read_groups = None


def _tables(data: QMimeData) -> list[Path]:
    return [path for path in dropped_paths(data) if f"*{path.suffix.lower()}" in TABLES.split()]


def _checked(question: LabelSources, stop: threading.Event) -> LabelFindings:
    with considerate():
        return check_sources(question, stop)
