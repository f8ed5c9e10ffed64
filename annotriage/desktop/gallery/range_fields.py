"""A range from 0 to 1 as two numbers to be typed."""

from PySide6.QtCore import QLocale, QSignalBlocker, Qt, Signal
from PySide6.QtWidgets import QDoubleSpinBox, QLabel, QWidget

from annotriage.desktop.widgets.layout import grow, row


class RangeFields(QWidget):
    """'0.25 to 0.80', to be typed; `of`: what it is a range of."""

    changed = Signal(float, float)  # the range, lower end first

    def __init__(self, of: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._low = _field(f"Least {of} to show")
        self._high = _field(f"Largest {of} to show")
        self._low.valueChanged.connect(lambda low: self._tell(low, max(low, self._high.value())))
        self._high.valueChanged.connect(lambda high: self._tell(min(high, self._low.value()), high))
        row(grow(self._low), QLabel("to"), grow(self._high), on=self)
        self.show_range(0.0, 1.0)

    def show_range(self, low: float, high: float) -> None:
        """Show a range, without a signal."""
        for field, value in ((self._low, low), (self._high, high)):
            with QSignalBlocker(field):
                field.setValue(value)

    def _tell(self, low: float, high: float) -> None:
        """Keep the ends in order: the one that was not touched gives way."""
        self.show_range(low, high)
        self.changed.emit(low, high)


def _field(name: str) -> QDoubleSpinBox:
    field = QDoubleSpinBox(decimals=2, minimum=0.0, maximum=1.0, singleStep=0.01)
    field.setLocale(QLocale.c())  # a point, as in all other numbers of the window
    field.setKeyboardTracking(False)
    field.setAlignment(Qt.AlignmentFlag.AlignRight)
    field.setAccessibleName(name)
    return field
