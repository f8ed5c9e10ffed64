"""How far a conversation with the server is, in words: the step, what is done of it, and how long it still takes."""

from typing import TYPE_CHECKING

from annotriage.triage.scoring_progress import Rate
from annotriage.wording import clock_text, number_text

if TYPE_CHECKING:
    from PySide6.QtWidgets import QLabel, QProgressBar

    from annotriage.labelling.label_studio.progress import StudioProgress


class ProgressWords:
    """Shows it on a bar and a label."""

    def __init__(self, bar: "QProgressBar", told: "QLabel") -> None:
        self._bar, self._told = bar, told
        self._rate = Rate()
        self._step, self._done = "", 0

    def show(self, news: "StudioProgress") -> None:
        """Show how far it is."""
        if news.step != self._step:
            self._step, self._done = news.step, news.done
            self._rate.restart()
        self._rate.add(news.done - self._done)
        self._done = news.done
        self._bar.setRange(0, news.total)
        self._bar.setValue(news.done)
        if not news.total:
            self._told.setText(f"{news.step}…")
            return
        said = f"{news.step}: {number_text(news.done)} of {number_text(news.total)}"
        rate = self._rate.value()
        left = f"  ·  {clock_text((news.total - news.done) / rate)} left" if rate and news.done < news.total else ""
        self._told.setText(said + left)
