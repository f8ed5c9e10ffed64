"""Measure agreement: from people's masks to the table that regressors learn from, and to the people themselves."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import Signal
from PySide6.QtWidgets import (
    QFileDialog,
    QStackedWidget,
    QWidget,
)
from typing_extensions import override

from annotriage.agreement.agreement_run import AgreementRun
from annotriage.agreement.agreement_words import counts_text, looks_text, masks_text
from annotriage.agreement.mask_search import FoundMasks, MaskSearch
from annotriage.agreement.match_table import MatchTable
from annotriage.agreement.people.people_run import PeopleRun
from annotriage.agreement.photographs import Photographs
from annotriage.desktop.agreement.masks_page import MasksPage
from annotriage.desktop.agreement.match_page import MatchPage
from annotriage.desktop.agreement.people_page import PeoplePage
from annotriage.desktop.agreement.results_page import ResultsPage
from annotriage.desktop.background import Job
from annotriage.desktop.gc_control import considerate
from annotriage.desktop.widgets.step_dialog import Question, StepDialog
from annotriage.desktop.widgets.theme import UNIT
from annotriage.triage.measured import Correction, MaskSource, SourceKind, files_words
from annotriage.wording import images_text

if TYPE_CHECKING:
    from annotriage.agreement.label_choice import UnclearLabelsError
    from annotriage.agreement.readings import UnclearMasksError

_MASKS, _MATCHES, _RESULTS, _PEOPLE = range(4)
_SIZE = (150 * UNIT, 92 * UNIT)


class AgreementDialog(StepDialog):
    """Choose masks, check who drew which, measure, see people fairly. Not modal; closing stops what is measured.

    `matched` is sent with the masks once it is settled who drew what, and is measured. `folder` is the one that is
    open: photographs may be there.
    """

    matched = Signal(list)
    measured = Signal(object, list)
    """All was measured: the source, and its masks."""

    def __init__(self, folder: Path | None = None, parent: QWidget | None = None) -> None:
        super().__init__(("Masks", "Who drew what", "Agreement", "People"), QStackedWidget(), size=_SIZE, parent=parent)
        self.setWindowTitle("Measure agreement – Annotriage")
        self._folder = folder
        self._finding: Job | None = None
        self._found = False
        self._label: str | None = None
        self._outdated = False
        self._unsaved = False
        self._measured: PeopleRun | None = None
        self.masks, self.matches, self.results, self.people = MasksPage(), MatchPage(), ResultsPage(), PeoplePage()
        for page in (self.masks, self.matches, self.results, self.people):
            self._stack.addWidget(page)
        self._connect()
        self.go(_MASKS)

    def choose(self, paths: Sequence[Path]) -> None:
        """Take masks in, as if they had been dropped."""
        self.masks.paths.add(paths)

    def _connect(self) -> None:
        self.masks.changed.connect(self._look_for_masks)
        self.matches.corrected.connect(self._on_corrected)
        self.matches.model.busy_changed.connect(self._show_state)
        self.results.finished.connect(self._on_measured)
        self.results.failed.connect(self.bar.say)
        self.results.saved.connect(self._on_saved)
        self.results.news.connect(self.foot.say)
        self.results.view.photographs_wanted.connect(self._ask_photographs)
        self.people.changed.connect(self._show_state)
        self.people.failed.connect(self.bar.say)
        self.people.news.connect(self.foot.say)
        self.masks.photographs.changed.connect(self._on_photographs)

    def _on_photographs(self) -> None:
        """Take another folder of photographs; where it says how large images are, masks are looked for anew."""
        self.results.view.set_photographs(self._photographs())
        if any(row.annotation is not None and row.annotation.reaches for row in self.matches.model.table.rows):
            self._look_for_masks()

    # Steps

    @override
    def go(self, step: int) -> None:
        super().go(step)
        self.foot.say("")
        self._show_state()
        (self.masks.paths, self.matches.view, self.results.table, self.people.letters)[step].setFocus()
        if step == _PEOPLE and self._measured is not None:
            self.people.begin(self._measured, self._photographs)

    @override
    def forward(self) -> None:
        match self.step:
            case 0:
                if not self.masks.settle():  # else they are looked for anew, and the old ones were never meant
                    self.go(_MATCHES)
            case 1:
                self._measure()
            case _ if self.step == _PEOPLE:
                self.people.ask_report()
            case _ if self._outdated or not self.results.complete:
                self._measure()
            case _:
                self._ask_save()

    def _show_state(self) -> None:
        """Say in the rail what each step has come to, and on the button what comes next."""
        matched = self.matches.model.table.matched()
        finding, running, complete = self._finding is not None, self.results.running, self.results.complete
        ready = self._found and not finding and not self.matches.model.busy
        self.rail.set_state(
            _MASKS,
            "looking…" if finding else masks_text(matched.masks) if ready else self._why_not(),
        )
        state = looks_text(matched.looks) if matched.looks else counts_text(matched.images, matched.annotators)
        self.rail.set_state(_MATCHES, state if ready else "", can_go=ready)
        words = ""
        if running:
            words = "measuring…"
        elif self._outdated:
            words = "before the last correction"
        elif complete:
            words = self.results.short
        elif len(self.results.model.results):
            words = "stopped"
        self.rail.set_state(_RESULTS, words, can_go=running or complete or bool(words))
        self.rail.set_state(_PEOPLE, self.people.short, can_go=complete and not self._outdated)
        self.foot.offer_others(back=self.step > 0)
        match self.step:
            case 0:
                text, can = "Check who drew what", ready
            case 1:
                text = f"Measure {images_text(matched.images)}"
                can = ready and matched.images > 0 and not running
            case _ if self.step == _PEOPLE:
                text, can = "Save the report…", self.people.can_save
            case _ if self._outdated or not (complete or running):
                text, can = "Measure again", ready and matched.images > 0 and not running
            case _:
                text, can = "Save the table…", complete
        self.foot.offer(text, enabled=can)

    def _why_not(self) -> str:
        return "not settled yet" if self.masks.paths.paths else "none chosen"

    # Masks

    def _look_for_masks(self) -> None:
        """Look for masks in a thread; an older search's answer is passed over."""
        if self._finding is not None:
            self._finding.forget()
            self._finding = None
        paths = self.masks.paths.paths
        self._found = False
        if not paths:
            self.matches.show_table(MatchTable([]))
            self.masks.show_nothing()
        else:
            self.masks.show_looking()
            page, before = self.masks, dict(self.matches.model.table.corrections)
            search = MaskSearch(
                paths, page.pattern, page.keeps_consensus, page.label, page.tasks.path, self._image_folders(), before
            )

            def find() -> "FoundMasks | UnclearMasksError | UnclearLabelsError":
                with considerate():
                    return search.run()

            self._finding = Job(find, self._show_found, self._not_found)
        self._outdate()
        self._show_state()

    def _show_found(self, found: "FoundMasks | UnclearMasksError | UnclearLabelsError") -> None:
        from annotriage.agreement.label_choice import UnclearLabelsError

        self._finding = None
        if not isinstance(found, FoundMasks):
            self.matches.show_table(MatchTable([]))
            if isinstance(found, UnclearLabelsError):
                self.masks.show_labels(found.choices)
            else:
                self.masks.show_question(found.readings)
            self._show_state()
            return
        self._found = True
        self._label = found.label
        self.matches.show_table(found.table)
        if found.are_tasks:
            self.masks.show_tasks()
        self.masks.show_found(found)
        self._show_state()

    def _not_found(self, sentence: str) -> None:
        self._finding = None
        self.masks.show_problem(sentence)
        self._show_state()

    def _on_corrected(self) -> None:
        self._outdate()
        self._show_state()

    def _outdate(self) -> None:
        self._outdated = bool(len(self.results.model.results)) or self.results.running
        self._measured = None
        self.people.forget()

    # Measuring

    def _measure(self) -> None:
        table = self.matches.model.table
        run = AgreementRun(
            list(table.rows),
            with_distances=self.matches.with_distances.isChecked(),
            resample=self.matches.resample.isChecked(),
            label=self._label,
        )
        self.people.forget()
        self._measured = PeopleRun(
            table.rows, self.masks.paths.paths, resample=self.matches.resample.isChecked(), label=self._label
        )
        self.bar.clear()
        self._outdated = False
        self._unsaved = True
        self.results.begin(run, self._photographs())
        self.go(_RESULTS)
        self.matched.emit(list(table.rows))

    def _photographs(self) -> Photographs:
        return Photographs(self._image_folders(), [row.path for row in self.matches.model.table.rows if row.used])

    def _image_folders(self) -> list[Path]:
        return [folder for folder in (self.masks.photographs.path, self._folder) if folder is not None]

    def _on_measured(self, complete: bool) -> None:
        if not complete:
            self._unsaved = False
        elif not self._outdated:
            self.measured.emit(self._source(), list(self.matches.model.table.rows))
        self._show_state()

    def _source(self) -> MaskSource:
        """Return where the masks are, and how they were read."""
        paths = tuple(path.absolute() for path in self.masks.paths.paths)
        corrections = self.matches.model.table.corrections
        return MaskSource(
            SourceKind.FILES,
            files_words(paths),
            paths,
            self.masks.pattern,
            self._label,
            self.matches.resample.isChecked(),
            self.masks.tasks.path,
            tuple(Correction(*key, row.image, row.annotator, row.note) for key, row in corrections.items()),
        )

    def _on_saved(self) -> None:
        self._unsaved = False
        self.bar.clear()

    def _ask_photographs(self) -> None:
        found = QFileDialog.getExistingDirectory(self, "Choose the folder of the photographs")
        if found:
            self.masks.photographs.show_path(Path(found))

    def _ask_save(self) -> None:
        paths = self.masks.paths.paths
        place = paths[0].parent if paths else Path()
        found, _ = QFileDialog.getSaveFileName(
            self, "Save the table of agreement", str(place / "metrics.csv"), "Tables (*.csv)"
        )
        if found:
            path = Path(found)
            self.save(path if path.suffix.lower() == ".csv" else path.with_name(f"{path.name}.csv"))

    def save(self, path: Path) -> None:
        """Write the table."""
        self.results.save(path, [*self.masks.paths.paths, self.masks.tasks.path])

    # Closing

    @override
    def question(self) -> Question | None:
        if self.results.running:
            return Question("It is still being measured. Stop and close?", "Stop and close", "Go on")
        if self._unsaved and self.results.complete:
            return Question("The table is not saved. Close without it?", "Close without saving", "Keep open")
        return None

    @override
    def shut_down(self) -> None:
        if self._finding is not None:
            self._finding.forget()
            self._finding = None
        self.matches.close_jobs()
        self.results.close_jobs()
        self.people.close_jobs()
