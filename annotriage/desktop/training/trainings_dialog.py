"""All trainings: what each is doing or came to, and the ways on from there."""

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, QTimer, QUrl
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import (
    QLabel,
    QStackedWidget,
    QWidget,
)
from typing_extensions import override

from annotriage.desktop.background import Job
from annotriage.desktop.training.trainings_table import TrainingsTable
from annotriage.desktop.widgets.buttons import PrimaryButton, push_button
from annotriage.desktop.widgets.closing_dialog import ClosingDialog
from annotriage.desktop.widgets.layout import STRETCH, buttons, column, grow
from annotriage.desktop.widgets.named import named
from annotriage.desktop.widgets.question_bar import QuestionBar
from annotriage.desktop.widgets.text import text_label
from annotriage.desktop.widgets.theme import UNIT
from annotriage.errors import AnnotriageError
from annotriage.runs.states import State
from annotriage.trainings.library import DamagedTraining, TrainingRow, read_rows
from annotriage.trainings.run_words import headline_text, pace_text
from annotriage.trainings.training import Training, trainings_folder
from annotriage.trainings.trash import ThrownAway, bring_back, list_thrown_away, throw_away

if TYPE_CHECKING:
    from annotriage.desktop.navigator import Navigator
    from annotriage.desktop.training.run.queue import TrainingQueue

_NEWS_MS = 300


class TrainingsDialog(ClosingDialog):
    """Lists the trainings. Everything that touches files runs in a thread."""

    def __init__(self, queue: "TrainingQueue", navigator: "Navigator", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._queue = queue
        self._navigator = navigator
        self._rows: list[TrainingRow] = []
        self._thrown_away: list[ThrownAway] = []
        self._select: Path | None = None
        self._reading: Job | None = None
        self._again = False
        self.setWindowTitle("Trainings – Annotriage")
        self.resize(116 * UNIT, 64 * UNIT)
        self.bar = QuestionBar()
        self.table = TrainingsTable(queue)
        self.table.itemSelectionChanged.connect(self._on_selected)
        self.table.itemActivated.connect(lambda _: self._open())
        self.table.renamed.connect(self._on_renamed)
        self._empty = QLabel(
            "Nothing was trained yet. A training needs a folder of images and a table of how much people agreed.",
            wordWrap=True,
        )
        named(self._empty, "empty").setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._stack = QStackedWidget()
        self._details = named(text_label(wraps=True, copies=True), "details")
        self._lay_out()
        self._soon = QTimer(self, singleShot=True, interval=_NEWS_MS)
        self._soon.timeout.connect(self._show_rows)
        queue.changed.connect(self._soon.start)
        queue.ended.connect(self.reload)
        self.reload()

    def reload(self, *_: object) -> None:
        """Read the trainings anew."""
        if self._reading is not None:
            self._again = True
            return
        mine = self._queue.states()
        self._reading = Job(lambda: (read_rows(mine), list_thrown_away()), self._take, self._not_read)

    def rows(self) -> list[TrainingRow]:
        """Return the trainings as they are listed."""
        return self._rows

    # Parts

    def _lay_out(self) -> None:
        self._resume = push_button("&Resume", self._on_resume, sign="play")
        self._stop = push_button("&Stop", self._on_stop, sign="stop", tip="What was learned is kept; it can be resumed")
        self._throw = push_button("Throw &away", self._on_throw_away, sign="remove")
        self._rename = push_button(
            "Re&name",
            lambda: self.table.rename(self.table.currentRow()),
            sign="note",
            tip="Call it otherwise; its folder stays where it is (F2)",
        )
        self._folder = push_button("Open &folder", self._open_folder, sign="open-folder")
        self._trash = push_button(
            "Thro&wn away…",
            self.show_thrown_away,
            tip="What was thrown away in the last weeks can be brought back",
        )
        self._trash.hide()
        self._open_button = PrimaryButton("&Open")
        self._open_button.clicked.connect(self._open)
        below = buttons(
            push_button("&Train a model…", lambda: self._navigator.plan_training.emit(None)),
            self._resume,
            self._stop,
            self._rename,
            self._throw,
            self._folder,
            self._trash,
            STRETCH,
            push_button("Close", self.reject),
            self._open_button,
        )
        self._stack.addWidget(self.table)
        self._stack.addWidget(self._empty)
        column(self.bar, grow(self._stack), self._details, UNIT // 2, below, on=self, margins=2 * UNIT)

    # What is shown

    def _take(self, found: tuple[list[TrainingRow], list[ThrownAway]]) -> None:
        self._reading = None
        self._rows, self._thrown_away = found
        self._trash.setVisible(bool(self._thrown_away))
        self._show_rows()
        if self._again:
            self._again = False
            self.reload()

    def _not_read(self, sentence: str) -> None:
        self._reading = None
        self.bar.say(sentence)

    def _show_rows(self) -> None:
        self._stack.setCurrentWidget(self.table if self._rows else self._empty)
        self.table.show_rows(self._rows, self._select)
        self._on_selected()

    def _row(self) -> TrainingRow | None:
        line = self.table.currentRow()
        return self._rows[line] if 0 <= line < len(self._rows) else None

    def _on_selected(self) -> None:
        row = self._row()
        self._select = None if row is None else row.folder
        at_work = row is not None and self._queue.follower(row.folder) is not None
        elsewhere = row is not None and not at_work and row.state is not None and row.state.at_work
        training = None if row is None else row.training
        resumable = training is not None and not at_work and row is not None
        self._open_button.setEnabled(training is not None)
        self._resume.setVisible(not at_work)
        self._resume.setEnabled(
            resumable and row is not None and row.state in (State.STOPPED, State.FAILED) and not elsewhere
        )
        self._stop.setVisible(at_work)
        self._throw.setEnabled(row is not None and not at_work and not elsewhere)
        self._folder.setEnabled(row is not None)
        self._rename.setEnabled(training is not None and not elsewhere)
        self._details.setText("" if row is None else self._words_about(row, elsewhere))

    def _words_about(self, row: TrainingRow, elsewhere: bool) -> str:
        if isinstance(row.entry, DamagedTraining):
            return row.entry.sentence
        follower = self._queue.follower(row.folder)
        if follower is not None:
            return "  ·  ".join(part for part in (headline_text(follower.live), pace_text(follower.live)) if part)
        if elsewhere:
            return "Another window works on this training."
        if row.entry.sentence:
            return row.entry.sentence
        if row.mae is not None and row.done > 1:
            return f"The best of {row.done} runs is {row.model}."
        return f"Images: {row.entry.data.images}, labels: {row.entry.data.labels}"

    # What is done

    def _open(self) -> None:
        row = self._row()
        if row is not None and row.training is not None:
            self._navigator.open_training.emit(row.training)

    def _on_resume(self) -> None:
        row = self._row()
        if row is None or row.training is None:
            return
        try:
            self._queue.add(row.training)
        except AnnotriageError as error:
            self.bar.say(str(error))
            return
        self._navigator.open_training.emit(row.training)

    def _on_stop(self) -> None:
        row = self._row()
        if row is not None:
            self._queue.cancel(row.folder)

    def _on_renamed(self, line: int, name: str) -> None:
        training = self._rows[line].training if line < len(self._rows) else None
        name = " ".join(name.split())
        if training is None or name == training.title:
            return
        if name:
            Job(lambda: training.renamed(name), self._take_renamed, self._not_renamed)
        else:
            self._show_rows()  # a training without a name would be lost among the others

    def _take_renamed(self, training: Training) -> None:
        follower = self._queue.follower(training.folder)
        if follower is not None:
            follower.training = replace(follower.training, title=training.title)
        self.reload()

    def _not_renamed(self, sentence: str) -> None:
        self.bar.say(sentence)
        self._show_rows()

    def _on_throw_away(self) -> None:
        row = self._row()
        if row is not None:
            self.throw_away(row.folder)

    def throw_away(self, folder: Path) -> None:
        """Throw a training away; it can be taken back."""
        Job(lambda: throw_away(folder), self._on_thrown, self.bar.say)

    def _on_thrown(self, thrown: ThrownAway) -> None:
        self.bar.ask(thrown.sentence, "Take it back", "Dismiss", lambda: self._bring_back(thrown))
        self.reload()

    def _bring_back(self, thrown: ThrownAway) -> None:
        Job(lambda: bring_back(thrown), self._on_brought_back, self.bar.say)

    def show_thrown_away(self) -> None:
        """List what was thrown away."""
        from annotriage.desktop.training.trainings_trash import ThrownAwayDialog

        dialog = ThrownAwayDialog(self._thrown_away, self)
        dialog.brought_back.connect(self._on_brought_back)
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()

    def _on_brought_back(self, folder: Path) -> None:
        self.bar.clear()  # which may still offer to take it back
        self._select = folder
        self.reload()

    def _open_folder(self) -> None:
        row = self._row()
        QDesktopServices.openUrl(QUrl.fromLocalFile(str(trainings_folder() if row is None else row.folder)))

    @override
    def shut_down(self) -> None:
        if self._reading is not None:
            self._reading.forget()
            self._reading = None
