"""Which images are shown by what people drew of them: what comes next, whether it is measured, the measured Dice."""

from typing import TYPE_CHECKING

from PySide6.QtCore import QSignalBlocker, Qt, Signal
from PySide6.QtWidgets import QCheckBox, QWidget

from annotriage.desktop.gallery.range_fields import RangeFields
from annotriage.desktop.widgets.buttons import push_button
from annotriage.desktop.widgets.layout import column, grid, right
from annotriage.desktop.widgets.named import named
from annotriage.desktop.widgets.text import bold, text_label
from annotriage.desktop.widgets.theme import UNIT
from annotriage.triage.next_step import NEXT_STEPS, TIPS, NextStep
from annotriage.wording import images_text, number_text

if TYPE_CHECKING:
    from PySide6.QtWidgets import QLabel

    from annotriage.triage.image_filter import Filter
    from annotriage.triage.summary import Summary

_ALL = (0.0, 1.0)


class DrawnFilter(QWidget):
    """A part of the filter panel, there once people drew any image of the folder. Nothing ticked shows all."""

    changed = Signal()
    """Other images are to be shown: see `steps`, `is_measured` and `measured`."""
    rule_wanted = Signal()
    """The rule of the next step is to be seen or changed."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._summary: Summary | None = None
        self._boxes = {step: named(QCheckBox(_title(step)), f"step {step.name}") for step in NEXT_STEPS[1:]}
        self._counts = {step: text_label(faint=True) for step in self._boxes}
        self._measured = {
            True: named(QCheckBox("Measured"), "is measured"), False: named(QCheckBox("Not measured"), "not measured"),
        }  # fmt: skip
        self._measured_counts = {is_measured: text_label(faint=True) for is_measured in self._measured}
        self._range = RangeFields("measured Dice")
        self._chosen = _ALL
        tip = "See the rule by which the next step is found, and change it"
        self._rule = named(push_button("&Rule…", tip=tip), "rule")
        self._rule.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self._lay_out()
        for box in (*self._boxes.values(), *self._measured.values()):
            box.toggled.connect(lambda _: self.changed.emit())
        self._range.changed.connect(self._on_range)
        self._rule.clicked.connect(self.rule_wanted)
        self.hide()

    @property
    def steps(self) -> frozenset[NextStep]:
        """The next steps that are ticked."""
        return frozenset(step for step, box in self._boxes.items() if box.isChecked())

    @property
    def is_measured(self) -> bool | None:
        """Whether only measured images are shown, or only others; None: both."""
        ticked = [is_measured for is_measured, box in self._measured.items() if box.isChecked()]
        return ticked[0] if len(ticked) == 1 else None

    @property
    def measured(self) -> tuple[float, float] | None:
        """The range of the measured Dice; None: all of it."""
        return None if self._chosen == _ALL else self._chosen

    def show_summary(self, summary: "Summary") -> None:
        """Count the images anew."""
        self._summary = summary
        for step, count in self._counts.items():
            number = summary.steps.get(step, 0)
            count.setText(number_text(number))
            self._boxes[step].setAccessibleName(f"{_title(step)}, {images_text(number)}")
        for is_measured, count in self._measured_counts.items():
            number = summary.measured if is_measured else summary.total - summary.measured
            count.setText(number_text(number))
            self._measured[is_measured].setAccessibleName(
                f"{self._measured[is_measured].text()}, {images_text(number)}"
            )
        self._show_needed()

    def show_filter(self, shown: "Filter") -> None:
        """Show which images are shown, without a signal."""
        blockers = [QSignalBlocker(box) for box in (*self._boxes.values(), *self._measured.values())]
        for step, box in self._boxes.items():
            box.setChecked(step in shown.steps)
        # With both ticked, as with none, all are shown; what was ticked last stays so.
        if shown.is_measured is not self.is_measured:
            for is_measured, box in self._measured.items():
                box.setChecked(shown.is_measured is is_measured)
        del blockers
        self._chosen = shown.measured or _ALL
        self._range.show_range(*self._chosen)
        self._show_needed()

    def _show_needed(self) -> None:
        """Offer what there is, and what is ticked, lest images stay hidden by what is not seen."""
        summary = self._summary
        for step, box in self._boxes.items():
            needed = box.isChecked() or (summary is not None and summary.steps.get(step, 0) > 0)
            box.setVisible(needed)
            self._counts[step].setVisible(needed)
        ticked = bool(self.steps) or self.is_measured is not None or self.measured is not None
        self.setVisible(ticked or (summary is not None and summary.drawn > 0))

    def _on_range(self, low: float, high: float) -> None:
        self._chosen = (low, high)
        self.changed.emit()

    def _lay_out(self) -> None:
        rows: list[tuple[QCheckBox, QLabel]] = [(box, self._counts[step]) for step, box in self._boxes.items()]
        measured = [(box, self._measured_counts[is_measured]) for is_measured, box in self._measured.items()]
        for step, box in self._boxes.items():
            box.setToolTip(TIPS[step])
        for box, _ in (*rows, *measured):
            box.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        column(
            bold(text_label("Next step")),
            grid(*((box, right(count)) for box, count in rows), spacing=(UNIT, UNIT // 2), stretch=0),
            self._rule, UNIT,
            bold(text_label("Measured Dice")),
            grid(*((box, right(count)) for box, count in measured), spacing=(UNIT, UNIT // 2), stretch=0),
            self._range,
            on=self,
        )  # fmt: skip


def _title(step: NextStep) -> str:
    return step.value[:1].upper() + step.value[1:]
