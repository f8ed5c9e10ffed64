"""The rule by which the next step of an image is found: what may be changed of it, and what it then says."""

from typing import TYPE_CHECKING

from PySide6.QtCore import QLocale, QSignalBlocker, Signal
from PySide6.QtWidgets import QComboBox, QDialog, QDoubleSpinBox, QSizePolicy, QSpinBox, QWidget

from annotriage.desktop.dialogs.mask_sources import MaskSources
from annotriage.desktop.widgets.buttons import closing_buttons, push_button
from annotriage.desktop.widgets.layout import STRETCH, column, form, panel
from annotriage.desktop.widgets.named import named
from annotriage.desktop.widgets.text import heading, text_label
from annotriage.desktop.widgets.theme import UNIT
from annotriage.triage.next_step import FEWEST, MOST, Interval, NextStep, NextStepRule

if TYPE_CHECKING:
    from annotriage.desktop.review.controller import ReviewController

_WIDTH = 76 * UNIT
_INTERVALS = {
    Interval.OUTSIDE: "outside of the predicted interval",
    Interval.BELOW: "below the predicted interval",
    Interval.NOT: "no: the interval does not count",
}


class NextStepDialog(QDialog):
    """What is changed holds at once, so that its effect is seen in the filter and the list beside."""

    rule_changed = Signal(object)
    """Another rule holds."""

    def __init__(self, review: "ReviewController", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle("Next step – Annotriage")
        self._images = images = review.images
        self._sources = MaskSources(review)
        self._below = named(QDoubleSpinBox(decimals=2, minimum=0.0, maximum=1.0, singleStep=0.05), "below")
        self._below.setLocale(QLocale.c())
        self._enough = named(QSpinBox(minimum=FEWEST, maximum=MOST), "enough")
        self._interval = named(QComboBox(), "interval")
        for interval, words in _INTERVALS.items():
            self._interval.addItem(words, interval)
        self._rule = named(text_label(wraps=True, copies=True), "sentences")
        self._counted = named(text_label(wraps=True, heavy=True), "counted")
        self._default = named(push_button("&Defaults", self._take_defaults), "defaults")
        self._lay_out()
        self._show()
        for field in (self._below, self._enough):
            field.setKeyboardTracking(False)
            field.valueChanged.connect(self._on_changed)
        self._interval.currentIndexChanged.connect(self._on_changed)
        images.summary_changed.connect(self._count)

    @property
    def rule(self) -> NextStepRule:
        """The rule that is shown."""
        return NextStepRule(round(self._below.value(), 2), self._interval.currentData(), self._enough.value())

    def _on_changed(self, *_: object) -> None:
        self._images.set_rule(self.rule)
        self.rule_changed.emit(self.rule)
        self._show()

    def _take_defaults(self) -> None:
        self._images.set_rule(NextStepRule())
        self.rule_changed.emit(NextStepRule())
        self._show()

    def _show(self) -> None:
        rule = self._images.rule
        fields = (self._below, self._enough, self._interval)
        blockers = [QSignalBlocker(field) for field in fields]
        self._below.setValue(rule.below)
        self._enough.setValue(rule.enough)
        self._interval.setCurrentIndex(list(_INTERVALS).index(rule.interval))
        del blockers
        self._rule.setText("\n".join(f"{place}.  {each}" for place, each in enumerate(rule.sentences(), 1)))
        self._default.setEnabled(rule != NextStepRule())
        self._count()

    def _count(self) -> None:
        catalogue = self._images.catalogue
        steps = {} if catalogue is None else catalogue.summary().steps
        told = [f"{step.value}: {steps[step]:,}" for step in NextStep if step.value and steps.get(step)]
        self._counted.setText("  ·  ".join(told) or "Nobody drew any image of this folder yet, as far as it is known.")

    def _lay_out(self) -> None:
        self._below.setToolTip("Of measured and of predicted Dice; 0.70 is what statistics and training use, too")
        for field in (self._below, self._enough, self._interval):
            field.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self._enough.setToolTip("From so many people on, no further one is asked for")
        fields = form(
            ("&Contentious below a Dice of", self._below),
            ("&Readers that are enough", self._enough),
            ("&Further reader also where it is", self._interval),
        )
        column(
            heading("What comes next for an image"),
            text_label("The first line that fits an image is its next step.", wraps=True),
            fields, panel(column(self._rule)), self._counted, self._sources, STRETCH,
            closing_buttons(self._default),
            on=self, margins=2 * UNIT,
        )  # fmt: skip
        self.setMinimumWidth(_WIDTH)
