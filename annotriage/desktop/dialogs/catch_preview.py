"""What sending would catch, shown: numbers, and the first and the last pictures."""

from PySide6.QtGui import QFont, QPalette
from PySide6.QtWidgets import QFormLayout, QFrame, QLabel, QVBoxLayout

from annotriage.desktop.widgets.named import named
from annotriage.desktop.widgets.theme import UNIT
from annotriage.desktop.widgets.thumbnail_strip import Thumbnail, ThumbnailStrip
from annotriage.triage.decisions import Decision
from annotriage.triage.send_preview import Catch
from annotriage.wording import disagreement_text, images_text, number_text, percent_text

_PLACES = 6


class CatchPreview(QFrame):
    """A frame with all that is to be known before images are sent.

    Parameters
    ----------
    thumbnail : callable
        See `thumbnail_strip.Thumbnail`.

    Attributes
    ----------
    strips : tuple of ThumbnailStrip
        The most contentious images caught, and the last ones.
    """

    def __init__(self, thumbnail: Thumbnail) -> None:
        super().__init__(frameShape=QFrame.Shape.StyledPanel)
        self._caught = QLabel()
        self._numbers = {key: named(QLabel(), key) for key in ("span", "decided", "experts", "left")}
        self._decided_caption = QLabel()
        self._notes = QLabel(wordWrap=True)
        self._waiting = QLabel(wordWrap=True)
        self._captions: list[QLabel] = []
        self.strips = ThumbnailStrip(thumbnail, _PLACES), ThumbnailStrip(thumbnail, _PLACES)
        self._lay_out()

    def show_nothing(self) -> None:
        """Say that there is nothing to catch from."""
        self._caught.setText("No folder is open")

    def show_catch(self, caught: Catch, *, passed_over: bool, cutoff: float | None = None) -> None:
        """Show what is caught.

        Parameters
        ----------
        caught : Catch
        passed_over : bool
            Whether decided images are passed over, and not caught too.
        cutoff : float or None
            Numbers beside it are written with as many digits.
        """
        count = len(caught)
        text = "This catches {images}" if count else "This catches no image"
        self._caught.setText(text.format(images=images_text(count)))
        span = caught.span
        self._numbers["span"].setText(
            "–" if span is None else " – ".join(disagreement_text(end, cutoff) for end in span)
        )
        if passed_over:
            self._decided_caption.setText("Passed over, already decided")
            self._numbers["decided"].setText(self._decided_text(caught.passed_over))
        else:
            self._decided_caption.setText("Already decided")
            self._numbers["decided"].setText(self._decided_text(caught.decided))
        self._notes.setText("\n".join(self._note_lines(caught)))
        self._notes.setVisible(bool(self._notes.text()))
        self._numbers["experts"].setText(self._of_total(caught.experts, caught.total))
        self._numbers["left"].setText(self._of_total(caught.left, caught.total))
        self._waiting.setVisible(caught.waiting > 0)
        self._waiting.setText(self._waiting_text(caught.waiting))
        for caption, needed in zip(self._captions, (count > 0, count > _PLACES), strict=True):
            caption.setVisible(needed)
        self._show_pictures(caught, cutoff)

    def refresh_thumbnails(self) -> None:
        """Look for thumbnails that have been made meanwhile."""
        for strip in self.strips:
            strip.update()

    def _lay_out(self) -> None:
        layout = QVBoxLayout(self)
        layout.setContentsMargins(2 * UNIT, UNIT * 3 // 2, 2 * UNIT, UNIT * 3 // 2)
        layout.setSpacing(UNIT)
        font = self._caught.font()
        font.setWeight(QFont.Weight.DemiBold)
        self._caught.setFont(font)
        layout.addWidget(self._caught)
        numbers = QFormLayout()
        numbers.setHorizontalSpacing(3 * UNIT)
        numbers.setVerticalSpacing(UNIT // 2)
        numbers.addRow(_faint("Predicted disagreement"), self._numbers["span"])
        numbers.addRow(_faint(self._decided_caption), self._numbers["decided"])
        numbers.addRow(_faint("Experts then have"), self._numbers["experts"])
        numbers.addRow(_faint("Left for routine annotation"), self._numbers["left"])
        layout.addLayout(numbers)
        layout.addWidget(self._notes)
        layout.addSpacing(UNIT // 2)
        captions = "The most contentious", "The last ones caught"
        for caption, strip in zip(captions, self.strips, strict=True):
            self._captions.append(_faint(caption))
            policy = self._captions[-1].sizePolicy()
            policy.setRetainSizeWhenHidden(True)  # the dialog keeps its size while somebody turns the numbers
            self._captions[-1].setSizePolicy(policy)
            layout.addWidget(self._captions[-1])
            strip.setAccessibleName(caption)
            layout.addWidget(strip)
        layout.addWidget(self._waiting)

    def _show_pictures(self, caught: Catch, cutoff: float | None) -> None:
        catalogue, rows = caught.catalogue, caught.rows
        parts = rows[:_PLACES], rows[max(_PLACES, len(rows) - _PLACES) :]
        for strip, part in zip(self.strips, parts, strict=True):
            strip.show_images(
                [
                    (catalogue.images[row], disagreement_text(float(catalogue.disagreement[row]), cutoff))
                    for row in part.tolist()
                ]
            )

    def _note_lines(self, caught: Catch) -> list[str]:
        """Say what is more than it looks like."""
        lines = []
        if caught.share is not None and caught.share[1]:
            text = "This share is {images}, and the experts have {count} already."
            lines.append(text.format(images=images_text(caught.share[0]), count=number_text(caught.share[1])))
        if caught.replaced:
            count = sum(caught.replaced.values())
            text = "Replaces {count} decisions: {which}." if count != 1 else "Replaces 1 decision: {which}."
            which = ", ".join(self._counted(caught.replaced))
            lines.append(text.format(count=number_text(count), which=which))
        if caught.changed:
            text = "Decided before, but the file changed since: {images}."
            lines.append(text.format(images=images_text(caught.changed)))
        return lines

    def _decided_text(self, by_decision: dict[Decision, int]) -> str:
        parts = self._counted(by_decision)
        text = number_text(sum(by_decision.values()))
        return f"{text} ({', '.join(parts)})" if parts else text

    def _counted(self, by_decision: dict[Decision, int]) -> list[str]:
        words = {
            Decision.EXPERT: "{count} for experts",
            Decision.ROUTINE: "{count} for routine",
            Decision.EXCLUDE: "{count} excluded",
        }
        return [words[decision].format(count=number_text(count)) for decision, count in by_decision.items()]

    def _of_total(self, part: int, total: int) -> str:
        return f"{number_text(part)} of all {number_text(total)} ({percent_text(part, total)})"

    def _waiting_text(self, count: int) -> str:
        if count == 1:
            return "1 image is not scored yet and cannot be caught."
        return f"{images_text(count)} are not scored yet and cannot be caught."


def _faint(label: QLabel | str) -> QLabel:
    label = QLabel(label) if isinstance(label, str) else label
    label.setForegroundRole(QPalette.ColorRole.PlaceholderText)
    return label
