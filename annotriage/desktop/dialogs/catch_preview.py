"""What sending would catch, shown: numbers, and the first and the last pictures."""

from PySide6.QtWidgets import QFrame, QLabel, QWidget

from annotriage.desktop.widgets.layout import STRETCH, column, form, keep_room
from annotriage.desktop.widgets.named import named
from annotriage.desktop.widgets.text import text_label
from annotriage.desktop.widgets.theme import UNIT
from annotriage.desktop.widgets.thumbnail_strip import Thumbnail, ThumbnailStrip
from annotriage.scoring.team_words import beside
from annotriage.triage.send_preview import Catch, budget_lines, cost_text, decisions_text, note_lines, waiting_text
from annotriage.wording import disagreement_text, images_text, number_text, percent_text

_PLACES = 6
_SIZE = 7 * UNIT


class CatchPreview(QFrame):
    """A frame with all that is to be known before images are sent; `strips` are the first and the last ones caught."""

    def __init__(self, thumbnail: Thumbnail) -> None:
        super().__init__(frameShape=QFrame.Shape.StyledPanel)
        self._caught = text_label(heavy=True)
        self._cost = named(text_label(wraps=True), "cost")
        self._numbers = {key: named(QLabel(), key) for key in ("span", "decided", "experts", "left")}
        self._span_caption = text_label("Predicted disagreement", faint=True)
        self._decided_caption = text_label(faint=True)
        self._notes, self._waiting = text_label(wraps=True), text_label(wraps=True)
        self._captions: list[QLabel] = []
        self.strips = ThumbnailStrip(thumbnail, _PLACES, _SIZE), ThumbnailStrip(thumbnail, _PLACES, _SIZE)
        self._lay_out()

    def show_nothing(self) -> None:
        """Say that there is nothing to catch from."""
        self._caught.setText("No folder is open")

    def show_working(self) -> None:
        """Say that the choice is being found; what was shown stays a moment."""
        self._caught.setText("Choosing…")

    def show_problem(self, sentence: str) -> None:
        """Say why nothing can be chosen."""
        self._caught.setText("Nothing can be chosen")
        self._cost.setText(sentence)
        self._cost.show()

    def show_catch(
        self, caught: Catch, *, passed_over: bool, cutoff: float | None = None, team_words: str = ""
    ) -> None:
        """Show what is caught.

        `passed_over`: decided images are not; numbers have as many digits as the cut-off; `team_words`: for whom they
        hold.
        """
        count = len(caught)
        self._span_caption.setText(beside("Predicted disagreement", team_words))
        self._caught.setText(f"This catches {images_text(count)}" if count else "This catches no image")
        self._cost.setText("\n".join([cost_text(caught), *budget_lines(caught)]))
        self._cost.setVisible(count > 0)
        span = caught.span
        self._numbers["span"].setText(
            "–" if span is None else " – ".join(disagreement_text(end, cutoff) for end in span)
        )
        if passed_over:
            self._decided_caption.setText("Passed over, already decided")
            self._numbers["decided"].setText(decisions_text(caught.passed_over))
        else:
            self._decided_caption.setText("Already decided")
            self._numbers["decided"].setText(decisions_text(caught.decided))
        self._notes.setText("\n".join(note_lines(caught)))
        self._notes.setVisible(bool(self._notes.text()))
        self._numbers["experts"].setText(_of_total(caught.experts, caught.total))
        self._numbers["left"].setText(_of_total(caught.left, caught.total))
        self._waiting.setVisible(caught.waiting > 0)
        self._waiting.setText(waiting_text(caught.waiting))
        chosen = len(caught.spent.chosen)
        for caption, needed in zip(self._captions, (chosen > 0, chosen > _PLACES), strict=True):
            caption.setVisible(needed)
        self._show_pictures(caught, cutoff)

    def refresh_thumbnails(self) -> None:
        """Look for thumbnails that have been made meanwhile."""
        for strip in self.strips:
            strip.update()

    def _lay_out(self) -> None:
        numbers = form(
            (self._span_caption, self._numbers["span"]),
            (self._decided_caption, self._numbers["decided"]),
            (text_label("Experts then have", faint=True), self._numbers["experts"]),
            (text_label("Left for routine annotation", faint=True), self._numbers["left"]),
            spacing=(3 * UNIT, UNIT // 2),
        )
        pictures: list[QWidget] = []
        for caption, strip in zip(("The most contentious", "The last ones caught"), self.strips, strict=True):
            label = text_label(caption, faint=True)
            keep_room(label)  # the dialog keeps its size while somebody turns the numbers
            strip.setAccessibleName(caption)
            self._captions.append(label)
            pictures += [label, strip]
        sides = (2 * UNIT, UNIT * 3 // 2)
        column(
            self._caught,
            self._cost,
            numbers,
            self._notes,
            UNIT // 2,
            *pictures,
            self._waiting,
            STRETCH,
            on=self,
            margins=sides,
        )

    def _show_pictures(self, caught: Catch, cutoff: float | None) -> None:
        catalogue, rows = caught.catalogue, caught.spent.chosen
        parts = rows[:_PLACES], rows[max(_PLACES, len(rows) - _PLACES) :]
        for strip, part in zip(self.strips, parts, strict=True):
            strip.show_images(
                [
                    (catalogue.images[row], disagreement_text(float(catalogue.disagreement[row]), cutoff))
                    for row in part.tolist()
                ]
            )


def _of_total(part: int, total: int) -> str:
    return f"{number_text(part)} of all {number_text(total)} ({percent_text(part, total)})"
