"""What is shown of the open folder: a range of predicted disagreement, decisions, a text."""

import numpy as np
from PySide6.QtCore import QEvent, QObject, QSignalBlocker, Qt, QTimer, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QCheckBox, QComboBox, QLabel, QLineEdit, QPushButton, QWidget
from typing_extensions import override

from annotriage.desktop.gallery.drawn_filter import DrawnFilter
from annotriage.desktop.gallery.histogram import BINS, HistogramSlider
from annotriage.desktop.gallery.range_fields import RangeFields
from annotriage.desktop.review.image_model import ImageModel
from annotriage.desktop.widgets.layout import STRETCH, column, grid, right
from annotriage.desktop.widgets.named import named
from annotriage.desktop.widgets.text import bold, text_label
from annotriage.desktop.widgets.theme import UNIT
from annotriage.triage.catalogue import Filter
from annotriage.triage.columns import filter_columns, values_of
from annotriage.triage.decision_words import decision_text
from annotriage.triage.decisions import Decision
from annotriage.triage.selection import DEFAULT_SHARE, count_of_share, cutoff_of_share
from annotriage.triage.summary import Summary
from annotriage.wording import images_text, number_text, share_text

_ANY = "Any"
_REFRESH_MS = 250
_TYPING_MS = 150
_IN_ORDER_OF_WORK = (Decision.EXPERT, Decision.ROUTINE, Decision.EXCLUDE, Decision.UNDECIDED)
_MARKS = {
    "changed": ("Changed since decided", "Another file lies there than the one that was decided about"),
    "unsure": ("Model knows nothing", "The interval is as wide as can be: the prediction says nothing"),
    "unlike": (
        "Unlike what it knows",
        "Far from all that the model learned from: its numbers must not be trusted, and it stands last",
    ),
}
"""What images can be marked with: words, and what they mean. A `Filter` and a `Summary` call them alike."""
_NOTHING = Summary(total=0, scored=0, unreadable=0, experts=0, routine=0, excluded=0)


class FilterPanel(QWidget):
    """The filters beside the gallery. They are the model's: whoever else sets its filter is shown here, too.

    No decision ticked shows all; each that is ticked narrows what is shown to those ticked.
    """

    cutoff_changed = Signal(float)  # the review cut-off was dragged
    rule_wanted = Signal()  # the rule of the next step is to be seen or changed
    search_done = Signal()  # enter or Escape was pressed in the search field: the images may have the keyboard again

    def __init__(self, model: ImageModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._model = model
        self._summary = _NOTHING
        self.histogram = HistogramSlider()
        self._fields = named(RangeFields("predicted disagreement"), "range")
        self._alike = named(text_label(wraps=True, faint=True), "alike")
        self._alike.hide()
        self._boxes = {decision: QCheckBox(decision_text(decision)) for decision in _IN_ORDER_OF_WORK}
        self._counts = {decision: text_label(faint=True) for decision in _IN_ORDER_OF_WORK}
        self._marks = {mark: QCheckBox(words) for mark, (words, _) in _MARKS.items()}
        self._mark_counts = {mark: text_label(faint=True) for mark in self._marks}
        self._columns = {column.key: QComboBox() for column in filter_columns()}
        self._drawn = named(DrawnFilter(), "drawn")
        self._by_hand = False
        self._search = named(QLineEdit(placeholderText="Name, note or assignee", clearButtonEnabled=True), "search")
        self._search.setAccessibleName("Search in names, notes and assignees")
        self._search.installEventFilter(self)
        self._shown = QLabel(wordWrap=True)
        self._hint = text_label(wraps=True, faint=True)
        self._clear = named(QPushButton("Clear filters"), "clear")
        self._typed = QTimer(self, singleShot=True, interval=_TYPING_MS)
        self._refresh_later = QTimer(self, singleShot=True, interval=_REFRESH_MS)
        self._due = False
        self._lay_out()
        self._connect()
        self._refresh()

    @property
    def cutoff(self) -> float:
        """The review cut-off of the predicted disagreement, 0..1."""
        return self.histogram.cutoff

    @cutoff.setter
    def cutoff(self, cutoff: float) -> None:
        self._by_hand = True
        self.histogram.set_cutoff(cutoff)

    @property
    def chosen_cutoff(self) -> float | None:
        """The cut-off that somebody chose; None: it stands where the default share of the images begins."""
        return self.cutoff if self._by_hand else None

    def choose_cutoff(self, cutoff: float | None) -> None:
        """Put the cut-off somewhere; None: where the default share of the images begins, whatever is predicted."""
        self._by_hand = cutoff is not None
        if cutoff is None:
            self._place_cutoff()
        else:
            self.histogram.set_cutoff(cutoff)
            self._show_above()

    @property
    def is_filtering(self) -> bool:
        """Whether some images may be hidden."""
        return self._model.filter != Filter()

    def clear(self) -> None:
        """Show all images again."""
        self._typed.stop()
        self._model.set_filter(Filter())
        self._show_filter()

    def focus_search(self) -> None:
        """Let the person type what to search for."""
        self._search.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self._search.selectAll()

    # Building

    def _lay_out(self) -> None:
        tips = {mark: tip for mark, (_, tip) in _MARKS.items()}
        boxes = [*self._boxes.items(), *self._marks.items()]
        counts = [*self._counts.values(), *self._mark_counts.values()]
        for what, box in boxes:
            box.setToolTip(tips.get(what, "Show these only"))
            box.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self._clear.setEnabled(False)
        self._clear.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        choices: list[QWidget] = []
        for shown in filter_columns():
            choice = named(self._columns[shown.key], f"filter {shown.key}")
            choice.setAccessibleName(shown.title)
            choice.setToolTip(shown.tip)
            choices += [_heading(shown.title, choice), choice]
        column(
            _heading("Predicted disagreement", self.histogram), self.histogram, self._alike, self._fields, UNIT,
            _heading("Decision", None),
            grid(
                *((box, right(count)) for (_, box), count in zip(boxes, counts, strict=True)),
                spacing=(UNIT, UNIT // 2), stretch=0,
            ),
            *choices, UNIT, self._drawn, UNIT,
            _heading("&Search", self._search), self._search, UNIT,
            self._shown, self._hint, self._clear, STRETCH,
            on=self, margins=(UNIT * 3 // 2, UNIT),
        )  # fmt: skip

    def _connect(self) -> None:
        self.histogram.range_changed.connect(self._apply)
        self.histogram.cutoff_changed.connect(self._cutoff_moved)
        self._fields.changed.connect(self._fields_changed)
        for box in (*self._boxes.values(), *self._marks.values()):
            box.toggled.connect(self._apply)
        for choice in self._columns.values():
            choice.activated.connect(self._apply)
        self._drawn.changed.connect(self._apply)
        self._drawn.rule_wanted.connect(self.rule_wanted)
        self._search.textChanged.connect(lambda: self._typed.start())
        self._typed.timeout.connect(self._apply)
        self._clear.clicked.connect(self.clear)
        self._refresh_later.timeout.connect(self._refresh_if_due)
        self._model.summary_changed.connect(self._refresh_soon)
        self._model.order_changed.connect(self._order_changed)

    # From the person to the model

    def _apply(self, *_: object) -> None:
        self._typed.stop()
        low, high = self.histogram.range
        self._fields.show_range(low, high)
        ticked = frozenset(decision for decision, box in self._boxes.items() if box.isChecked())
        self._model.set_filter(
            Filter(
                low,
                high,
                ticked or frozenset(Decision),
                self._search.text().strip(),
                **{mark: box.isChecked() for mark, box in self._marks.items()},
                columns=tuple(
                    (key, choice.currentText()) for key, choice in self._columns.items() if choice.currentIndex() > 0
                ),
                steps=self._drawn.steps,
                measured=self._drawn.measured,
                is_measured=self._drawn.is_measured,
            )
        )
        self._clear.setEnabled(self.is_filtering)

    def _fields_changed(self, low: float, high: float) -> None:
        self.histogram.set_range(low, high)
        self._apply()

    def _cutoff_moved(self, cutoff: float) -> None:
        self._by_hand = True
        self._show_above()
        self.cutoff_changed.emit(cutoff)

    @override
    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if watched is not self._search or not isinstance(event, QKeyEvent):
            return super().eventFilter(watched, event)
        if event.type() is QEvent.Type.ShortcutOverride and event.key() == Qt.Key.Key_Escape:
            event.accept()  # first it empties the field, whatever else it is for in the window
            return True
        if event.type() is QEvent.Type.KeyPress:
            if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
                self._apply()
                self.search_done.emit()
                return True
            if event.key() == Qt.Key.Key_Escape:
                self._search.clear()
                self._apply()
                self.search_done.emit()
                return True
        return super().eventFilter(watched, event)

    # From the model to the person

    def _refresh_soon(self) -> None:
        """Count anew now, or a little later when that was done just now: predictions come by the dozen a second."""
        self._due = True
        if not self._refresh_later.isActive():
            self._refresh_if_due()

    def _refresh_if_due(self) -> None:
        if self._due:
            self._refresh()
            self._refresh_later.start()

    def _refresh(self) -> None:
        self._due = False
        catalogue = self._model.catalogue
        self._summary = summary = _NOTHING if catalogue is None else catalogue.summary()
        self._place_cutoff()
        counts = np.zeros(BINS, dtype=np.int64) if catalogue is None else catalogue.histogram(BINS)
        self.histogram.set_counts(counts, self._above())
        self._show_above()
        self._fields.setEnabled(not self.histogram.is_empty)
        by_decision = {
            Decision.EXPERT: summary.experts,
            Decision.ROUTINE: summary.routine,
            Decision.EXCLUDE: summary.excluded,
            Decision.UNDECIDED: summary.undecided,
        }
        for decision, count in by_decision.items():
            self._counts[decision].setText(number_text(count))
            self._boxes[decision].setAccessibleName(f"{decision_text(decision)}, {images_text(count)}")
        for mark, count in _mark_counts(summary).items():
            self._mark_counts[mark].setText(number_text(count))
            self._marks[mark].setAccessibleName(f"{self._marks[mark].text()}, {images_text(count)}")
        self._show_marks()
        self._offer_values()
        self._drawn.show_summary(summary)
        self._show_numbers()

    def _offer_values(self) -> None:
        """Offer the values that images have, and the one that is chosen."""
        catalogue, chosen = self._model.catalogue, dict(self._model.filter.columns)
        for key, choice in self._columns.items():
            values = set() if catalogue is None else set(values_of(catalogue, key).astype(str).tolist())
            wanted = sorted((values | {chosen[key]} if key in chosen else values) - {"", "nan"})
            choice.clear()
            choice.addItems([_ANY, *wanted])
            choice.setCurrentIndex(wanted.index(chosen[key]) + 1 if key in chosen else 0)

    def _show_marks(self) -> None:
        """Offer what there is, and what is ticked, lest images stay hidden by what is not seen."""
        for mark, count in _mark_counts(self._summary).items():
            needed = count > 0 or self._marks[mark].isChecked()
            self._marks[mark].setVisible(needed)
            self._mark_counts[mark].setVisible(needed)

    def _place_cutoff(self) -> None:
        """Let the cut-off follow its share while scoring goes on."""
        catalogue = self._model.catalogue
        if self._by_hand or catalogue is None:
            return
        cutoff = cutoff_of_share(catalogue, DEFAULT_SHARE)
        if cutoff is not None:
            with QSignalBlocker(self.histogram):
                self.histogram.set_cutoff(cutoff)
            self._show_above()

    def _show_above(self) -> None:
        """Say how many images reach the cut-off, and why they may be more than its share."""
        catalogue, above = self._model.catalogue, self._above()
        self.histogram.set_above(above)
        self._model.set_cutoff(self.cutoff)
        wanted = above
        if not self._by_hand and catalogue is not None:
            known = catalogue.summary()
            wanted = count_of_share(DEFAULT_SHARE, known.scored - known.unlike)
        self._alike.setVisible(above > wanted)
        text = "The top {share}, and predicted like the last of these: {images}"
        self._alike.setText(text.format(share=share_text(DEFAULT_SHARE), images=images_text(above - wanted)))

    def _order_changed(self) -> None:
        if not self._typed.isActive():  # else what is being typed would be taken away
            self._show_filter()
        self._show_numbers()

    def _show_filter(self) -> None:
        shown = self._model.filter
        fields = (*self._boxes.values(), *self._marks.values())
        blockers = [QSignalBlocker(widget) for widget in fields]
        if self._search.text().strip() != shown.text:
            self._search.setText(shown.text)  # unblocked: its cross comes and goes with that signal
            self._typed.stop()
        ticked = frozenset() if shown.decisions == frozenset(Decision) else shown.decisions
        for decision, box in self._boxes.items():
            box.setChecked(decision in ticked)
        for mark, box in self._marks.items():
            box.setChecked(getattr(shown, mark))
        del blockers
        self._drawn.show_filter(shown)
        self._show_marks()
        self._offer_values()
        if self.histogram.range != (shown.low, shown.high):
            self.histogram.set_range(shown.low, shown.high)
        self._fields.show_range(shown.low, shown.high)
        self._clear.setEnabled(self.is_filtering)

    def _show_numbers(self) -> None:
        total = self._summary.total
        self._shown.setVisible(self._model.catalogue is not None)
        self._shown.setText(f"Showing {number_text(min(self._model.rowCount(), total))} of {images_text(total)}")
        shown = self._model.filter
        waiting = total - self._summary.scored
        is_narrowed = shown.low > 0 or shown.high < 1
        self._hint.setVisible(is_narrowed and waiting > 0)
        self._hint.setText(f"Without a prediction yet, and hidden by the range: {images_text(waiting)}")

    def _above(self) -> int:
        """Count the images whose predicted disagreement reaches the cut-off and may be trusted."""
        catalogue = self._model.catalogue
        if catalogue is None:
            return 0
        with np.errstate(invalid="ignore"):
            above = (catalogue.disagreement >= np.float32(self.cutoff)) & catalogue.readable() & ~catalogue.unlike
        return int(np.count_nonzero(above))


def _mark_counts(summary: Summary) -> dict[str, int]:
    return {mark: getattr(summary, mark) for mark in _MARKS}


def _heading(text: str, buddy: QWidget | None) -> QLabel:
    label = bold(QLabel(text))
    if buddy is not None:
        label.setBuddy(buddy)
    return label
