"""The Diagnosis tab: whether people agree less on some groups of images than on others."""

import importlib
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QWidget
from typing_extensions import override

from annotriage.comparison.documents.groups import TITLE, groups_document
from annotriage.comparison.documents.groups_question import (
    Question,
    RunsData,
    answer,
    data_of_runs,
    further_columns,
    in_the_window,
)
from annotriage.comparison.explained.document import Block, Paragraph
from annotriage.desktop.background import Job
from annotriage.desktop.gc_control import considerate
from annotriage.desktop.statistics.groups_form import GroupsForm
from annotriage.desktop.statistics.image_folder import ImageFolder
from annotriage.desktop.statistics.report_saver import GroupsReport
from annotriage.desktop.statistics.tab import BlocksTab
from annotriage.desktop.widgets.areas import Rule
from annotriage.desktop.widgets.buttons import push_button
from annotriage.desktop.widgets.layout import column, grow, panel, row
from annotriage.desktop.widgets.text import text_label
from annotriage.desktop.widgets.theme import UNIT

if TYPE_CHECKING:
    from annotriage.comparison.documents.evidence import Evidence
    from annotriage.comparison.group_results import Diagnosis
    from annotriage.desktop.settings import Settings


def _work(question: Question) -> "Diagnosis":
    with considerate():
        found = answer(question)
        # The charts' library takes a third of a second to load, for which the window need not wait.
        importlib.import_module("annotriage.desktop.charts.figure_frame")
    return found


class GroupsTab(BlocksTab):
    """Asks for labels and clinical data, compares the groups in a thread, and shows what comes of it.

    It needs no runs: of those that the panel shows, only the labels that they learned from are proposed.
    """

    def __init__(self, settings: "Settings", images: ImageFolder, parent: QWidget | None = None) -> None:
        super().__init__(images, parent)
        self.evidence: Evidence | None = None
        self.found: Diagnosis | None = None
        self.form = GroupsForm(settings)
        self._paper = True
        self._asked: Question | None = None
        self._jobs: dict[str, Job] = {}
        self._proposed = RunsData()
        self._proposal_words = text_label(wraps=True)
        take = push_button("Use these labels", self._take_proposal)
        self._proposal = panel(row(grow(self._proposal_words), take))
        self._proposal.hide()
        self._outer.insertLayout(
            0, column(self.form, self._proposal, Rule(), margins=(3 * UNIT, 2 * UNIT, 3 * UNIT, 0))
        )
        self.form.changed.connect(self._ask)

    # What the panel says

    def show_result(self, evidence: "Evidence") -> None:
        """Take note of the runs that are compared."""
        self.evidence = evidence
        if evidence.paper != self._paper:
            self._paper = evidence.paper
            if self.found is not None and self._asked == self.form.question:
                self._show_answer(self.found)
        folders = [run.source for row in evidence.runs.runs for run in row]
        self._do("proposal", Job(lambda: data_of_runs(folders), self._propose))

    def show_nothing(self) -> None:
        """Forget the runs: what becomes of them does not touch what is shown."""
        self.evidence = None

    @override
    def close_jobs(self) -> None:
        for job in self._jobs.values():
            job.forget()
        self._jobs.clear()
        super().close_jobs()

    # Asking

    @override
    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        if self._asked != self.form.question:
            self._ask()

    def _ask(self) -> None:
        """Compare what is chosen now; the answer to an older question is passed over."""
        question = self.form.question
        self._offer(self._proposed)
        if not self.isVisible():
            return
        before, self._asked, self.found = self._asked, question, None
        if question.labels is None and question.pairs is None:
            self._drop("answer")
            words = "Choose the table of labels, and what is known of its images. This needs no runs."
            self.show_problem(words, "Which labels?")
            return
        self.show_loading("Comparing the groups…")
        self._do("answer", Job(lambda: _work(question), self._show_answer, self._show_failed))
        if before is None or before.clinical != question.clinical:
            self._do("columns", Job(lambda: further_columns(question), self.form.show_columns))

    def _show_answer(self, found: "Diagnosis") -> None:
        self.found = found
        self.show_blocks(groups_document(found, paper=self._paper).part(TITLE))

    def _show_failed(self, sentence: str) -> None:
        self.show_problem(sentence, "These cannot be compared")

    @override
    def make(self, blocks: Sequence[Block]) -> Iterator[QWidget | None]:
        assert self.found is not None
        title, counts, *rest = blocks
        assert isinstance(counts, Paragraph)
        yield from super().make([title])
        yield GroupsReport(self.found, counts.text, paper=self._paper)
        yield from super().make([_with_fields(block) for block in rest])

    # What the runs learned from

    def _propose(self, found: RunsData) -> None:
        self._proposed = found
        if self.images.folder is None and found.images is not None:
            self.images.set_folder(found.images)
        if self.form.question.labels is None and found.labels is not None:
            self._take_proposal()
        else:
            self._offer(found)

    def _offer(self, found: RunsData) -> None:
        other = found.labels is not None and found.labels != self.form.question.labels
        self._proposal.setVisible(other)
        if other:
            self._proposal_words.setText(f"The runs learned from {found.labels}.")

    def _take_proposal(self) -> None:
        found, asked = self._proposed, self.form.question
        self.form.ask(replace(asked, labels=found.labels, clinical=found.clinical or asked.clinical))

    def _do(self, name: str, job: Job) -> None:
        self._drop(name)
        self._jobs[name] = job

    def _drop(self, name: str) -> None:
        if name in self._jobs:
            self._jobs.pop(name).forget()


def _with_fields(block: Block) -> Block:
    """Return a block that speaks of the form's fields where it speaks of options."""
    return replace(block, text=in_the_window(block.text)) if isinstance(block, Paragraph) else block
