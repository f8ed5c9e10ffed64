"""The Diagnosis tab: whether people agree less on some groups of images than on others."""

import importlib
from typing import TYPE_CHECKING, cast

from PySide6.QtCore import Qt
from PySide6.QtGui import QPalette, QShowEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget
from typing_extensions import override

from annotriage.comparison.explained.diagnosis_question import (
    Answer,
    Question,
    RunsData,
    answer,
    data_of_runs,
    further_columns,
)
from annotriage.desktop.background import Job
from annotriage.desktop.gc_control import considerate
from annotriage.desktop.statistics.diagnosis_result import pieces
from annotriage.desktop.statistics.diagnosis_sources import DiagnosisSources
from annotriage.desktop.statistics.image_folder import ImageFolder
from annotriage.desktop.statistics.tab import StatisticsTab
from annotriage.desktop.widgets.theme import UNIT

if TYPE_CHECKING:
    from collections.abc import Iterator

    from annotriage.comparison.explained.evidence import Evidence


def _work(question: Question) -> Answer:
    with considerate():
        found = answer(question)
        # The charts' library takes a third of a second to load, for which the window need not wait.
        importlib.import_module("annotriage.desktop.charts.figure_frame")
    return found


class DiagnosisTab(StatisticsTab):
    """Asks for labels and clinical data, compares the groups in a thread, and shows what comes of it.

    It needs no runs: of those that the panel shows, only the labels that they learned from are proposed.

    Attributes
    ----------
    sources : DiagnosisSources
    images : ImageFolder
    """

    def __init__(self, parent: QWidget | None = None) -> None:
        self._runs: Evidence | None = None
        self._paper = True
        self._answer: Answer | None = None
        self._asked: Question | None = None
        self._jobs: dict[str, Job] = {}
        super().__init__(parent)
        self.sources = DiagnosisSources()
        self.images = ImageFolder(self)
        self._proposed = RunsData()
        self._proposal = QWidget()
        self._proposal_words = QLabel(wordWrap=True)
        self._put_form()
        self.sources.changed.connect(self._ask)
        self.images.found.connect(self.image_wanted)
        super().show_nothing()

    # What the panel says

    @property
    @override
    def evidence(self) -> "Evidence | None":
        return self._runs

    @override
    def show_result(self, evidence: "Evidence") -> None:
        self._runs = evidence
        if evidence.paper != self._paper:
            self._paper = evidence.paper
            if self._answer is not None and self._asked == self.sources.question:
                self._show_answer(self._answer)
        folders = [run.source for row in evidence.runs.runs for run in row]
        self._do("proposal", Job(lambda: data_of_runs(folders), self._propose))

    @override
    def show_nothing(self) -> None:
        self._runs = None

    @override
    def show_loading(self, what: str) -> None:
        self._runs = None

    @override
    def show_problem(self, words: str, title: str = "") -> None:
        self._runs = None

    @override
    def close_jobs(self) -> None:
        for job in self._jobs.values():
            job.forget()
        self._jobs.clear()
        self.images.forget()
        super().close_jobs()

    # Asking

    @override
    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        if self._asked != self.sources.question:
            self._ask()

    def _ask(self) -> None:
        """Compare what is chosen now; the answer to an older question is passed over."""
        question = self.sources.question
        self._offer(self._proposed)
        if not self.isVisible():
            return
        before, self._asked, self._answer = self._asked, question, None
        if question.labels is None:
            self._drop("answer")
            words = "Choose the table of labels, and what is known of its images. This needs no runs."
            super().show_problem(words, "Which labels?")
            return
        super().show_loading("Comparing the groups…")
        self._do("answer", Job(lambda: _work(question), self._show_answer, self._show_failed))
        if before is None or before.clinical != question.clinical:
            self._do("columns", Job(lambda: further_columns(question), self.sources.show_columns))

    def _show_answer(self, found: Answer) -> None:
        self._answer = found
        # The base hands on what it is given, and only `build` looks into it.
        super().show_result(cast("Evidence", found))

    def _show_failed(self, sentence: str) -> None:
        super().show_problem(sentence, "These cannot be compared")

    @override
    def build(self, evidence: "Evidence") -> "Iterator[None]":
        assert self._answer is not None
        yield from pieces(self, self._answer, self.images, paper=self._paper)

    # What the runs learned from

    def _propose(self, found: RunsData) -> None:
        self._proposed = found
        if self.images.folder is None and found.images is not None:
            self.images.set_folder(found.images)
        if self.sources.question.labels is None and found.labels is not None:
            self._take_proposal()
        else:
            self._offer(found)

    def _offer(self, found: RunsData) -> None:
        asked = self.sources.question
        other = found.labels is not None and found.labels != asked.labels
        self._proposal.setVisible(other)
        if other:
            self._proposal_words.setText(f"The runs learned from {found.labels}.")

    def _take_proposal(self) -> None:
        found, asked = self._proposed, self.sources.question
        self.sources.ask(Question(found.labels, found.clinical or asked.clinical, asked.masks, asked.by))

    def _put_form(self) -> None:
        self._proposal_words.setTextFormat(Qt.TextFormat.PlainText)
        take = QPushButton("Use these labels")
        take.setAutoDefault(False)
        take.clicked.connect(self._take_proposal)
        line = QHBoxLayout(self._proposal)
        line.setContentsMargins(0, 0, 0, 0)
        line.addWidget(self._proposal_words, 1)
        line.addWidget(take)
        self._proposal.hide()
        rule = QFrame(frameShape=QFrame.Shape.HLine, frameShadow=QFrame.Shadow.Plain)
        rule.setForegroundRole(QPalette.ColorRole.Mid)
        form = QVBoxLayout()
        form.setContentsMargins(3 * UNIT, 2 * UNIT, 3 * UNIT, 0)
        form.setSpacing(UNIT)
        for widget in (self.sources, self._proposal, rule):
            form.addWidget(widget)
        outer = self.layout()
        assert isinstance(outer, QVBoxLayout)
        outer.insertLayout(0, form)

    def _do(self, name: str, job: Job) -> None:
        self._drop(name)
        self._jobs[name] = job

    def _drop(self, name: str) -> None:
        if name in self._jobs:
            self._jobs.pop(name).forget()
