"""The last step: who draws otherwise than the others, who agrees with whom; a sheet for one annotator."""

import importlib
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QTimer, Signal
from PySide6.QtWidgets import QCheckBox, QComboBox, QFileDialog, QLabel, QSpinBox, QWidget

from annotriage.desktop.background import Job
from annotriage.desktop.gc_control import considerate
from annotriage.desktop.statistics.report_saver import ReportSaver
from annotriage.desktop.statistics.tab import BlocksColumn
from annotriage.desktop.widgets.areas import Rule
from annotriage.desktop.widgets.buttons import push_button
from annotriage.desktop.widgets.layout import STRETCH, column, grow, row
from annotriage.desktop.widgets.named import named
from annotriage.desktop.widgets.theme import UNIT
from annotriage.wording import images_text, number_text

if TYPE_CHECKING:
    from collections.abc import Callable

    from annotriage.agreement.people.drawn import Drawn
    from annotriage.agreement.people.people_run import PeopleRun
    from annotriage.agreement.photographs import Photographs
    from annotriage.comparison.people.results import Team

_LOOK_MS = 200
_FEWEST_IMAGES, _LEAST, _MOST = 10, 3, 9999


class PeoplePage(QWidget):
    """Measures what people drew, compares them in a thread, and shows the document of it."""

    changed = Signal()  # what can be done, or what is said in short
    failed = Signal(str)  # a file could not be written; a sentence
    news = Signal(str)  # what was just done

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.team: Team | None = None
        self._drawn: Drawn | None = None
        self._run: PeopleRun | None = None
        self._photographs: Callable[[], Photographs] | None = None
        self._jobs: dict[str, Job] = {}
        self._timer = QTimer(self, interval=_LOOK_MS)
        self.blocks = BlocksColumn()
        self.letters = named(QCheckBox("&Letters for names"), "letters")
        self.least = named(QSpinBox(minimum=_LEAST, maximum=_MOST, value=_FEWEST_IMAGES), "least")
        self.person = named(QComboBox(), "person")
        self._sheet = named(push_button("&Feedback sheet…", self._ask_sheet, sign="export"), "sheet")
        self._saver = ReportSaver(self)
        self._lay_out()
        self._connect()
        self.forget()

    @property
    def can_save(self) -> bool:
        """Whether there is a report that could be saved."""
        return self.team is not None and not self._saver.busy

    @property
    def short(self) -> str:
        """What came of it, in a few words."""
        if self._jobs.keys() & {"measure", "compare"}:
            return "comparing…"
        if self.team is None:
            return ""
        seen = len(self.team.seen())
        return "1 difference seen" if seen == 1 else f"{number_text(seen)} differences seen"

    def begin(self, run: "PeopleRun", photographs: "Callable[[], Photographs]") -> None:
        """Measure and compare, unless that is done or under way."""
        self._photographs = photographs
        if run is self._run:
            return
        self.forget()
        self._run = run
        self._do("measure", Job(lambda: _measured(run), self._take, self._say_problem))
        self._timer.start()
        self._look()
        self.changed.emit()

    def forget(self) -> None:
        """Stop what is under way, and forget what was found: the masks have changed."""
        self.close_jobs()
        self._run = self._drawn = self.team = None
        self.person.clear()
        self.blocks.show_problem("Measure the masks first.", "Nobody is compared yet")
        self._offer()

    def close_jobs(self) -> None:
        """Stop and forget what is under way."""
        self._timer.stop()
        if self._run is not None:
            self._run.stopping.set()
        for job in self._jobs.values():
            job.forget()
        self._jobs.clear()
        self._saver.forget()
        self.blocks.close_jobs()

    def ask_report(self) -> None:
        """Let a file be chosen, and write the report."""
        path = self._saver.ask("people") if self.can_save else None
        if path is not None:
            self.save_report(path)

    def save_report(self, path: Path) -> None:
        """Write what is shown as a report; `news` or `failed` follows."""
        if self.team is not None:
            self.news.emit(f"Writing {path}…")
            self._saver.save(self.team, path)
            self.changed.emit()

    def save_sheet(self, path: Path) -> None:
        """Write a feedback sheet for the person who is chosen; `news` or `failed` follows."""
        drawn, run, photographs = self._drawn, self._run, self._photographs
        if drawn is None or run is None or photographs is None:
            return
        person, least, found_in = self.person.currentText(), self.least.value(), photographs()

        def write() -> Path:
            from annotriage.comparison.feedback import feedback_sheet
            from annotriage.comparison.reports.report import write_document

            with considerate():
                sheet = feedback_sheet(
                    drawn, run.found, person, found_in, least=least, resample=run.resample, label=run.label,
                    stop=run.stopping,
                )  # fmt: skip
                write_document(sheet, path)
            return path

        self._do("sheet", Job(write, self._on_sheet, self._on_no_sheet))
        self.news.emit(f"Looking for the outlines of {person} that differ most…")
        self._offer()

    # Building

    def _lay_out(self) -> None:
        self.letters.setToolTip("Put letters in the place of names, on the screen and in the report")
        self.least.setToolTip("Of people who share fewer images with others, nothing is said")
        self.least.setKeyboardTracking(False)
        self.person.setMinimumWidth(16 * UNIT)
        self.person.setAccessibleName("For whom the feedback sheet is")
        self._sheet.setToolTip("A PDF for one annotator: the outlines that differ most, beside the others' by letters")
        before, behind = QLabel("At least"), QLabel("shared images")
        before.setBuddy(self.least)
        tools = row(self.letters, before, self.least, behind, STRETCH, self.person, self._sheet)
        above = column(tools, Rule(), margins=(3 * UNIT, 2 * UNIT, 3 * UNIT, 0))
        column(above, grow(self.blocks), on=self)

    def _connect(self) -> None:
        self._timer.timeout.connect(self._look)
        self.letters.toggled.connect(self._compare)
        self.least.valueChanged.connect(self._compare)
        self._saver.saved.connect(lambda path: self._say_done(f"Saved: {path}"))
        self._saver.failed.connect(self._on_not_saved)

    # What happens

    def _look(self) -> None:
        """Say how far the measuring is."""
        run = self._run
        if run is not None and "measure" in self._jobs:
            far = f"{number_text(run.done)} of {images_text(run.total)}" if run.total else "getting ready"
            self.blocks.show_loading(f"Measuring what each person drew: {far}…")

    def _take(self, drawn: "Drawn | None") -> None:
        self._timer.stop()
        self._jobs.pop("measure", None)
        self._drawn = drawn
        if drawn is not None:
            self.person.addItems(drawn.people())
            self._compare()

    def _compare(self) -> None:
        """Compare anew, as the fields say; the answer to an older question is passed over."""
        drawn, least, lettered = self._drawn, self.least.value(), self.letters.isChecked()
        if drawn is None:
            return
        self.team = None
        self.blocks.show_loading("Comparing people…")
        self._do("compare", Job(lambda: _compared(drawn, least, lettered), self._show, self._say_problem))
        self._offer()

    def _show(self, team: "Team") -> None:
        from annotriage.comparison.documents.people import TITLE, people_document

        self._jobs.pop("compare", None)
        self.team = team
        self.blocks.show_blocks(people_document(team).part(TITLE))
        self._offer()

    def _say_problem(self, sentence: str) -> None:
        self._timer.stop()
        for name in ("measure", "compare"):
            self._jobs.pop(name, None)
        self.blocks.show_problem(_in_the_window(sentence), "Nobody can be compared")
        self._offer()

    def _offer(self) -> None:
        ready = self._drawn is not None
        can_ask = self.team is not None and "sheet" not in self._jobs
        for widget, enabled in (
            (self.letters, ready), (self.least, ready), (self.person, can_ask), (self._sheet, can_ask),
        ):  # fmt: skip
            widget.setEnabled(enabled)
        self.changed.emit()

    def _ask_sheet(self) -> None:
        proposed = "".join(each if each.isalnum() or each in "-_" else "-" for each in self.person.currentText())
        found, _ = QFileDialog.getSaveFileName(
            self, "Save a feedback sheet", f"feedback-{proposed}.pdf", "PDF (*.pdf);;HTML, one file (*.html)"
        )
        if found:
            path = Path(found)
            self.save_sheet(path if path.suffix.lower() in (".pdf", ".html") else path.with_name(f"{path.name}.pdf"))

    def _on_sheet(self, path: Path) -> None:
        self._jobs.pop("sheet", None)
        self._say_done(f"Saved: {path}")
        self._offer()

    def _on_no_sheet(self, sentence: str) -> None:
        self._jobs.pop("sheet", None)
        self._say_done("")
        self.failed.emit(_in_the_window(sentence))
        self._offer()

    def _on_not_saved(self, sentence: str) -> None:
        self._say_done("")
        self.failed.emit(sentence)

    def _say_done(self, words: str) -> None:
        self.news.emit(words)
        self.changed.emit()

    def _do(self, name: str, job: Job) -> None:
        if name in self._jobs:
            self._jobs.pop(name).forget()
        self._jobs[name] = job


def _in_the_window(sentence: str) -> str:
    """Leave out by which option of the command fewer images are asked for: there is a field."""
    return sentence.replace(" (--min-images)", "")


def _measured(run: "PeopleRun") -> "Drawn | None":
    with considerate():
        return run.work()


def _compared(drawn: "Drawn", least: int, lettered: bool) -> "Team":
    from annotriage.comparison.people.team import compare_people

    with considerate():
        team = compare_people(drawn, least=least, lettered=lettered)
        # The charts' library takes a third of a second to load, for which the window need not wait.
        importlib.import_module("annotriage.desktop.charts.figure_frame")
    return team
