"""The predicted disagreement on a scale from 0 to 1, its interval as a band; the Dice that it comes from in words."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QFont, QFontMetrics, QPainter, QPaintEvent, QPen, QPolygonF
from PySide6.QtWidgets import QSizePolicy, QWidget
from typing_extensions import override

from annotriage.desktop.gallery.image_marks import measured_mark
from annotriage.desktop.widgets.theme import SMALLEST_TEXT, UNIT, current_theme
from annotriage.wording import dice_text, disagreement_text, measured_text, share_text

_TRACK = 6
_BAND = 12
_TICK_HALF_WIDTH = 1.5


@dataclass(frozen=True, slots=True)
class Numbers:
    """An image's predicted numbers and its place among the others.

    Attributes
    ----------
    predicted_dice : float or None
        0..1; None: not scored yet.
    lower, upper : float or None
        The interval of the Dice, 0..1.
    rank, ranked : int
        Its place, 1 for the most contentious, and how many images have one; 0: none.
    level : float or None
        Share of images whose Dice the interval is meant to hold, 0..1.
    further : mapping of str to float
        The model's further targets.
    changed : bool
        Whether the file is another one than the one that was decided about.
    cutoff : float or None
        The review cut-off of the disagreement: a number beside it is written with as many digits.
    measured_dice : float or None
        What people who drew it agree on, 0..1; None: fewer than two did.
    drawn : tuple of (str, str)
        What they drew, in words: captions and values; empty: nobody did.
    readers : int
        How many they are.
    unlike : str
        How far it is from what the model knows, where that is too far; empty: it is not.
    team : str
        For whom it is predicted, in few words; empty: the model knows no ways of drawing.
    figures, sentence : str
        How good predictions for those are, in few words, and in sentences.
    """

    predicted_dice: float | None = None
    lower: float | None = None
    upper: float | None = None
    rank: int = 0
    ranked: int = 0
    level: float | None = None
    further: Mapping[str, float] = field(default_factory=dict)
    changed: bool = False
    cutoff: float | None = None
    measured_dice: float | None = None
    drawn: tuple[tuple[str, str], ...] = ()
    readers: int = 0
    unlike: str = ""
    team: str = ""
    figures: str = ""
    sentence: str = ""

    @property
    def disagreement(self) -> float | None:
        """1 - predicted Dice, 0..1; None without one."""
        return None if self.predicted_dice is None else 1.0 - self.predicted_dice

    def with_mark(self, text: str) -> str:
        """Add to a text that the file changed since it was decided about, where it did."""
        mark = "changed since decided" if self.changed else ""
        return "  ·  ".join(part for part in (text, mark) if part)

    def with_drawn(self, text: str) -> str:
        """Add to a text how well people who drew it agree, where they did."""
        measured = self.measured_dice
        mark = "" if measured is None else f"measured Dice {measured_text(measured)} by {self.readers}"
        return "  ·  ".join(part for part in (text, mark) if part)

    @property
    def interval(self) -> tuple[float, float] | None:
        """The interval of the disagreement, 0..1; None without one."""
        return None if self.lower is None or self.upper is None else (1.0 - self.upper, 1.0 - self.lower)

    def unlike_words(self) -> str:
        """Say that the numbers must not be trusted; empty: the image is like those that the model learned from."""
        if not self.unlike:
            return ""
        return f"Unlike what the model knows ({self.unlike}): these numbers must not be trusted, and it stands last."

    def disagreement_words(self) -> str:
        """Write the disagreement; a dash without one."""
        return "–" if self.disagreement is None else disagreement_text(self.disagreement, self.cutoff)

    def dice_words(self) -> str:
        """Write the Dice; a dash without one."""
        return "–" if self.predicted_dice is None else dice_text(self.predicted_dice, self.cutoff)


class Gauge(QWidget):
    """A scale with a band for the interval and a tick for the value, the numbers beside it in words and figures.

    `compact`: one line for the edge of the large view; else the words above the scale, its ends and the Dice below.
    """

    def __init__(self, *, compact: bool = False, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._compact = compact
        self._numbers = Numbers()
        self.setSizePolicy(QSizePolicy.Policy.Fixed if compact else QSizePolicy.Policy.Expanding,
                           QSizePolicy.Policy.Fixed)  # fmt: skip
        self.setAccessibleName("Predicted disagreement")
        self.set_numbers(self._numbers)

    def set_numbers(self, numbers: Numbers) -> None:
        """Show other numbers."""
        self._numbers = numbers
        self.setAccessibleDescription(self.words())
        self.setToolTip(self.words())
        self.updateGeometry()
        self.update()

    def words(self) -> str:
        """Say what the gauge shows."""
        numbers = self._numbers
        if numbers.predicted_dice is None:
            return "Not scored yet."
        whom = f" ({numbers.team})" if numbers.team else ""
        said = (
            f"A disagreement of {numbers.disagreement_words()} is predicted{whom}, from 0 (all masks alike) to 1 (no "
            f"overlap): 1 less the Dice of {numbers.dice_words()}, "
            "with which the annotators’ masks are predicted to agree."
        )
        said = " ".join(part for part in (said, numbers.unlike_words(), numbers.sentence) if part)
        if numbers.interval is None:
            return said
        low, high = (f"{end:.2f}" for end in numbers.interval)
        if numbers.level is None:
            return f"{said} " + f"The interval goes from {low} to {high}."
        more = "The interval from {low} to {high} is meant to hold the disagreement of {share} of such images."
        return f"{said} " + more.format(low=low, high=high, share=share_text(numbers.level))

    def interval_text(self) -> str:
        """Return the interval in figures."""
        interval = self._numbers.interval
        return "–" if interval is None else f"{interval[0]:.2f} – {interval[1]:.2f}"

    def dice(self) -> str:
        """Name the Dice that the disagreement comes from; empty: not scored yet."""
        if self._numbers.predicted_dice is None:
            return ""
        return f"Dice {self._numbers.dice_words()}"

    @override
    def sizeHint(self) -> QSize:
        metrics = QFontMetrics(self.font())
        if self._compact:
            words = metrics.horizontalAdvance(self._line())
            return QSize(words + 2 * UNIT + 16 * UNIT, metrics.height() + UNIT // 2)
        small = QFontMetrics(self._small())
        return QSize(28 * UNIT, metrics.height() + UNIT // 2 + _BAND + 2 + small.height())

    @override
    def minimumSizeHint(self) -> QSize:
        hint = self.sizeHint()
        return hint if self._compact else QSize(20 * UNIT, hint.height())

    @override
    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        theme, metrics = current_theme(), QFontMetrics(self.font())
        painter.setPen(theme.text)
        if self._compact:
            words = metrics.horizontalAdvance(self._line())
            painter.drawText(self.rect(), Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, self._line())
            self._paint_scale(painter, QRectF(words + 1.5 * UNIT, (self.height() - _BAND) / 2,
                                              self.width() - words - 2 * UNIT, _BAND))  # fmt: skip
            return
        line = QRectF(0, 0, self.width(), metrics.height())
        painter.drawText(line, Qt.AlignmentFlag.AlignLeft, "Interval")
        painter.drawText(line, Qt.AlignmentFlag.AlignRight, self.interval_text())
        scale = QRectF(1, metrics.height() + UNIT // 2, self.width() - 2, _BAND)
        self._paint_scale(painter, scale)
        painter.setFont(self._small())
        painter.setPen(theme.faint_text)
        ends = QRectF(0, scale.bottom() + 2, self.width(), QFontMetrics(self._small()).height())
        painter.drawText(ends, Qt.AlignmentFlag.AlignLeft, "0  all alike")
        painter.drawText(ends, Qt.AlignmentFlag.AlignRight, "no overlap  1")
        painter.drawText(ends, Qt.AlignmentFlag.AlignHCenter, self.dice())

    def _paint_scale(self, painter: QPainter, area: QRectF) -> None:
        theme, numbers = current_theme(), self._numbers
        middle = area.center().y()
        track = QRectF(area.left(), middle - _TRACK / 2, area.width(), _TRACK)
        painter.setPen(QPen(theme.faint_text, 1))
        painter.setBrush(theme.field)
        painter.drawRoundedRect(track.adjusted(0.5, 0.5, -0.5, -0.5), 2, 2)
        disagreement = numbers.disagreement
        if disagreement is None:
            self._paint_measured(painter, area)
            return
        if numbers.interval is not None:
            low, high = (area.left() + end * area.width() for end in numbers.interval)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(theme.faint_text)
            painter.drawRect(QRectF(low, middle - _TRACK / 2 + 1, max(1.0, high - low), _TRACK - 2))
        # A tick with an edge of the ground's colour, to be seen on the band and beside it.
        at = area.left() + disagreement * area.width()
        tick = QRectF(at - _TICK_HALF_WIDTH, area.top(), 2 * _TICK_HALF_WIDTH, area.height())
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(theme.panel)
        painter.drawRect(tick.adjusted(-1.5, 0, 1.5, 0))
        painter.setBrush(theme.text)
        painter.drawRect(tick)
        head = QPolygonF(
            [QPointF(at - 4, area.top() - 1), QPointF(at + 4, area.top() - 1), QPointF(at, area.top() + 4)]
        )
        painter.drawPolygon(head)
        self._paint_measured(painter, area)

    def _paint_measured(self, painter: QPainter, area: QRectF) -> None:
        """Mark where people who drew it disagree, as on tiles."""
        measured = self._numbers.measured_dice
        if measured is not None:
            mark = measured_mark(current_theme().dark, self.devicePixelRatioF())
            half = mark.deviceIndependentSize().width() / 2
            at = area.left() + (1 - measured) * area.width()
            painter.drawPixmap(QPointF(at - half, area.center().y() - half), mark)

    def _line(self) -> str:
        return "  ·  ".join(part for part in (self.interval_text(), self.dice()) if part)

    def _small(self) -> QFont:
        font = QFont(self.font())
        font.setPixelSize(SMALLEST_TEXT)
        return font

    @override
    def changeEvent(self, event: QEvent) -> None:
        if event.type() in (QEvent.Type.PaletteChange, QEvent.Type.FontChange):
            self.updateGeometry()
            self.update()
        super().changeEvent(event)
