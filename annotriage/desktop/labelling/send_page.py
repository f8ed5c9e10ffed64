"""What a send would do, how far it is, and what came of it."""

from typing import TYPE_CHECKING

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QButtonGroup, QPlainTextEdit, QProgressBar, QRadioButton, QWidget

from annotriage.desktop.labelling.progress_words import ProgressWords
from annotriage.desktop.widgets.buttons import push_button
from annotriage.desktop.widgets.layout import STRETCH, column, grow, panel, row
from annotriage.desktop.widgets.named import named
from annotriage.desktop.widgets.text import bold, heading, plain_text
from annotriage.desktop.widgets.theme import UNIT
from annotriage.labelling.label_studio.order import SameNames

if TYPE_CHECKING:
    from annotriage.labelling.label_studio.preview import SendPreview
    from annotriage.labelling.label_studio.progress import StudioProgress

_MOST_PROBLEMS = 500


class SendPage(QWidget):
    """`changed` tells that it was said what names of another folder mean."""

    changed = Signal()
    stop_wanted = Signal()
    browse_wanted = Signal()
    results_wanted = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.heading = heading("Before anything is sent", small=True)
        self.told = named(plain_text(), "told-sent")
        self.lines = named(plain_text(), "lines")
        self.bar = QProgressBar(textVisible=False)
        self.bar.setFixedHeight(UNIT)
        self.bar.setAccessibleName("Progress of the send")
        self._progress = ProgressWords(self.bar, self.told)
        self.stop = named(push_button("&Stop", self.stop_wanted.emit, sign="stop"), "stop")
        self.problems = named(QPlainTextEdit(readOnly=True, tabChangesFocus=True), "problems")
        self.problems.setAccessibleName("What was not sent, and why")
        self.problems.setMinimumHeight(8 * UNIT)
        self.browse = named(push_button("Open the project in the bro&wser", self.browse_wanted.emit), "browse")
        self.results = named(push_button("&Fetch results…", self.results_wanted.emit, sign="fetch"), "results")
        self._same = QButtonGroup(self)
        self._take_over = named(
            QRadioButton("They are the same images, in a folder that was &moved: update them"), "same"
        )
        self._beside = named(QRadioButton("They are &other images: make tasks of their own"), "others")
        for button in (self._take_over, self._beside):
            self._same.addButton(button)
        bold(self.told)
        self._elsewhere = plain_text()
        self._question = panel(column(self._elsewhere, self._take_over, self._beside))
        self._same.buttonToggled.connect(lambda _, checked: self.changed.emit() if checked else None)
        column(
            self.heading, self.told, row(grow(self.bar), self.stop), self.lines,
            self._question, self.problems, row(self.browse, self.results, STRETCH), STRETCH, on=self, margins=3 * UNIT,
        )  # fmt: skip
        self.say("")

    @property
    def same_names(self) -> SameNames:
        """What names mean that were sent from another folder."""
        if self._take_over.isChecked():
            return SameNames.TAKE_OVER
        return SameNames.BESIDE if self._beside.isChecked() else SameNames.ASK

    def forget_answer(self) -> None:
        """Ask anew what names of another folder mean: it is another project."""
        self._same.setExclusive(False)
        for button in (self._take_over, self._beside):
            button.setChecked(False)
        self._same.setExclusive(True)

    def say(self, words: str, lines: "list[str] | None" = None, *, busy: bool = False) -> None:
        """Say something, and that work is under way or not."""
        self.told.setText(words)
        self.told.setVisible(bool(words))
        self.lines.setText("\n".join(lines or []))
        self.lines.setVisible(bool(lines))
        self.bar.setRange(0, 0)
        self.bar.setVisible(busy)
        for widget in (self.stop, self._question, self.problems, self.browse, self.results):
            widget.hide()

    def show_preview(self, preview: "SendPreview", words: list[str], where: list[str]) -> None:
        """Say what would be done."""
        self.heading.setText("Before anything is sent")
        self.say(words[0], [*where, *preview.lines(), *words[1:]])
        if preview.elsewhere or self.same_names is not SameNames.ASK:
            some = ", ".join(preview.elsewhere[:3])
            names = f" ({some}{', …' if len(preview.elsewhere) > 3 else ''})" if some else ""
            self._elsewhere.setText(f"The project has images of the same names that came from another folder{names}:")
            self._question.show()

    def show_progress(self, news: "StudioProgress") -> None:
        """Say how far it is."""
        self._progress.show(news)

    def show_sending(self) -> None:
        """Say that it begins."""
        self.heading.setText("Sending")
        self.say("Asking Label Studio…", busy=True)
        self.stop.setEnabled(True)
        self.stop.show()

    def show_stopping(self) -> None:
        """Say that it ends soon."""
        self.stop.setEnabled(False)
        self.told.setText("Stopping…")

    def show_looking(self) -> None:
        """Say that it is found out what would be done."""
        self.heading.setText("Before anything is sent")
        self.say("Looking what is there already…", busy=True)

    def show_refusal(self, sentence: str) -> None:
        """Say why it cannot be sent as it was chosen."""
        self.heading.setText("Nothing is sent yet")
        self.say(sentence)

    def show_result(self, sentence: str, lines: list[str], problems: list[str], *, sent: bool) -> None:
        """Say what came of it, and what comes next."""
        self.heading.setText("What was sent" if sent else "It did not go through")
        self.say(sentence, lines)
        self.problems.setPlainText("\n".join(problems[:_MOST_PROBLEMS]))
        self.problems.setVisible(bool(problems))
        self.browse.setVisible(sent)
        self.results.setVisible(sent)
