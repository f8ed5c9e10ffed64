"""The line at the bottom: what is being done, how long it takes, and what is decided."""

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QProgressBar, QSizePolicy, QWidget
from typing_extensions import override

from annotriage.desktop.widgets.buttons import tool_button
from annotriage.desktop.widgets.icons import icon
from annotriage.desktop.widgets.layout import grow, row
from annotriage.desktop.widgets.named import named
from annotriage.desktop.widgets.one_line import OneLineLabel, OneLineToolButton
from annotriage.desktop.widgets.theme import UNIT
from annotriage.triage.scoring_progress import Phase, Progress
from annotriage.triage.summary import Summary
from annotriage.wording import clock_text, images_text, number_text, percent_text

_NEWS_FOR = 6000
"""Milliseconds that news stands in the line."""
_ANY = (1 << 24) - 1
"""What Qt takes for no greatest width."""


class StatusLine(QWidget):
    """Progress on the left, with the buttons that govern it; the summary of decisions on the right.

    News stands between them for a few seconds; where there is no room for all, the end of the summary makes way for it.
    """

    pause_wanted = Signal()
    resume_wanted = Signal()
    cancel_wanted = Signal()
    training_wanted = Signal()
    """The training under way is to be shown."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._progress = Progress(Phase.CLOSED)
        self._copying, self._arrived, self._team = 0, "", ""
        self._doing = OneLineLabel()
        self._bar = QProgressBar()
        self._bar.setTextVisible(False)
        self._bar.setFixedSize(20 * UNIT, UNIT)
        self._bar.setAccessibleName("Scoring progress")
        self._pause = tool_button("pause", "Pause scoring", self._on_pause)
        self._cancel = tool_button("cancel", "Stop scoring; what is scored is kept", self.cancel_wanted.emit)
        self._news = named(OneLineLabel(), "news")
        self._news.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self._training = OneLineToolButton()
        self._training.setIcon(icon("train"))
        self._training.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self._training.setAutoRaise(True)
        self._training.setToolTip("Show the training")
        self._summary = named(OneLineLabel(), "summary")
        self.setFixedHeight(max(self._pause.sizeHint().height(), self.fontMetrics().height()) + UNIT)
        self._beside = (self._doing, self._bar, self._pause, self._cancel, self._training)
        row(
            *self._beside[:-1], UNIT, grow(self._news), self._training, self._summary,
            on=self, margins=(UNIT, UNIT // 2),
        )  # fmt: skip
        self._training.clicked.connect(self.training_wanted)
        self._fade = QTimer(self, singleShot=True, interval=_NEWS_FOR)
        self._fade.timeout.connect(lambda: self._say(""))
        self.set_progress(self._progress)
        self.set_summary(None)
        self.set_training("")

    def set_progress(self, progress: Progress) -> None:
        """Show how far scoring is."""
        self._progress = progress
        phase = progress.phase
        copying = f"{number_text(self._copying)} being copied" if self._copying else ""
        team = f"drawn: {self._team}" if self._team else ""
        parts = [self._sentence(progress), team, self._arrived, copying]
        self._doing.setText("  ·  ".join(part for part in parts if part))
        self._bar.setVisible(phase in (Phase.LISTING, Phase.SCORING, Phase.PAUSED))
        self._bar.setRange(0, 0 if phase is Phase.LISTING else max(progress.total, 1))
        self._bar.setValue(progress.done)
        going = phase is Phase.SCORING
        self._pause.setVisible(going or (phase in (Phase.PAUSED, Phase.STOPPED) and progress.done < progress.total))
        self._pause.setIcon(icon("pause" if going else "play"))
        words = "Pause scoring" if going else "Go on scoring"
        self._pause.setToolTip(words)
        self._pause.setAccessibleName(words)
        self._cancel.setVisible(phase in (Phase.SCORING, Phase.PAUSED))
        self._make_way()

    def set_copying(self, count: int) -> None:
        """Say how many files are still being written into the folder."""
        self._copying = count
        self.set_progress(self._progress)

    def set_team(self, words: str) -> None:
        """Say for whom it is predicted; empty: the model knows no ways of drawing."""
        self._team = words
        self.set_progress(self._progress)

    def set_arrived(self, words: str) -> None:
        """Say what came, changed and went by itself; empty: nothing of late."""
        self._arrived = words
        self.set_progress(self._progress)

    def set_summary(self, summary: Summary | None) -> None:
        """Show what is decided; None: no folder is open, and what was told of one holds no longer."""
        if summary is None:
            self._summary.clear()
            self._say("")
            return
        parts = [
            f"{number_text(summary.experts)} for experts",
            f"{number_text(summary.routine)} routine",
        ]
        if summary.excluded:
            parts.append(f"{number_text(summary.excluded)} excluded")
        parts.append(f"{number_text(summary.left)} left")
        if summary.changed:
            parts.append(f"{number_text(summary.changed)} changed since decided")
        if summary.gone:
            parts.append(f"{number_text(summary.gone)} decided but no longer here")
        share = percent_text(summary.experts, summary.total)
        parts.append(f"experts’ share {share}")
        self._summary.setText("  ·  ".join(parts))
        said = f"{number_text(summary.decided)} of {images_text(summary.total)} decided."
        self._summary.setToolTip(f"{self._summary.text()}\n{said}")  # all of it, where it is cut off

    def set_training(self, words: str) -> None:
        """Say how far a training is; empty: there is none."""
        self._training.setText(words)
        self._training.setVisible(bool(words))
        self._make_way()

    def show_news(self, news: str) -> None:
        """Show a sentence for a few seconds."""
        self._say(news)
        self._fade.start()

    def _say(self, news: str) -> None:
        self._news.setText(news)
        self._make_way()

    def _make_way(self) -> None:
        """Let news be read whole: it goes, and the summary, which comes back, is whole in its tool tip."""
        if not self._news.text():
            self._summary.setMaximumWidth(_ANY)
            return
        shown = [widget for widget in self._beside if not widget.isHidden()]
        beside = sum(widget.sizeHint().width() + UNIT for widget in shown)
        room = self.width() - 5 * UNIT - beside - self._news.sizeHint().width()
        self._summary.setMaximumWidth(max(self._summary.minimumSizeHint().width(), room))

    @override
    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._make_way()

    def _sentence(self, progress: Progress) -> str:
        done, total = number_text(progress.done), number_text(progress.total)
        match progress.phase:
            case Phase.CLOSED:
                return "No folder is open"
            case Phase.LISTING:
                if not progress.total:
                    return "Looking for images…"
                return f"Looking for images… {total} so far"
            case Phase.SCORING:
                parts = [f"Scoring {done} of {total}"]
                if progress.rate is not None:
                    digits = 0 if progress.rate >= 10 else 1
                    parts.append(f"{progress.rate:.{digits}f} images/s")
                if progress.seconds_left is not None:
                    parts.append(f"{clock_text(progress.seconds_left)} left")
                return "  ·  ".join(parts)
            case Phase.PAUSED:
                return f"Paused at {done} of {total}"
            case Phase.STOPPED:
                if not progress.total:
                    return "Nothing could be listed"
                return f"{done} of {total} scored"
            case Phase.DONE:
                if progress.total == 1:
                    return "1 image scored"
                return f"All {total} images scored" if progress.total else "Ready"

    def _on_pause(self) -> None:
        if self._progress.phase is Phase.SCORING:
            self.pause_wanted.emit()
        else:
            self.resume_wanted.emit()
