"""A widget for each kind of value in a recipe. What is typed may be wrong: it is handed on as it stands."""

from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtGui import QFontMetrics
from PySide6.QtWidgets import QCheckBox, QComboBox, QHBoxLayout, QLineEdit, QPlainTextEdit, QVBoxLayout, QWidget
from typing_extensions import override

from annotriage.desktop.widgets.theme import UNIT
from annotriage.trainings.recipe_fields import Kind, RecipeField

if TYPE_CHECKING:
    from collections.abc import Callable

_LINES = 3
_NARROW = 14 * UNIT


class Editor(QWidget):
    """The widget of one field."""

    edited = Signal()

    def __init__(self, field: RecipeField, name: str) -> None:
        super().__init__()
        self.field = field
        self._read: Callable[[], Any] = lambda: None
        self._show: Callable[[Any], None] = lambda _: None
        self._layout = QHBoxLayout(self)
        self._layout.setContentsMargins(0, 0, 0, 0)
        self._layout.setSpacing(UNIT)
        build = {
            Kind.SWITCH: self._switch, Kind.CHOICE: self._choice, Kind.CHOICES: self._choices, Kind.TEXT: self._text,
        }.get(field.kind, self._line)  # fmt: skip
        build(name)

    def value(self) -> Any:
        """Return what stands there, as a recipe has it; None: it is left out."""
        return self._read()

    def show_value(self, value: Any) -> None:
        """Show a value, without telling."""
        self.blockSignals(True)
        self._show(value)
        self.blockSignals(False)

    def _place(self, widget: QWidget, name: str) -> None:
        widget.setAccessibleName(name)
        widget.setAccessibleDescription(". ".join(filter(None, (self.field.reason, self.field.allowed))))
        self._layout.addWidget(widget)
        if self.focusProxy() is None:
            self.setFocusProxy(widget)

    def _switch(self, name: str) -> None:
        box = QCheckBox()
        self._layout.setContentsMargins(0, UNIT // 2, 0, 0)
        self._place(box, name)
        self._layout.addStretch(1)
        self._read, self._show = box.isChecked, lambda value: box.setChecked(bool(value))
        box.toggled.connect(self.edited)

    def _choice(self, name: str) -> None:
        box = QComboBox()
        box.addItems(list(self.field.options))
        box.installEventFilter(_calm(self))
        self._place(box, name)
        self._layout.addStretch(1)
        self._read, self._show = box.currentText, lambda value: box.setCurrentText(str(value))
        box.currentTextChanged.connect(self.edited)

    def _choices(self, name: str) -> None:
        boxes = {option: QCheckBox(option.replace("_", " ")) for option in self.field.options}
        holder = QWidget()
        column = QVBoxLayout(holder)
        column.setContentsMargins(0, UNIT // 2, 0, 0)
        column.setSpacing(2)
        for box in boxes.values():
            column.addWidget(box)
            box.toggled.connect(self.edited)
        self._place(holder, name)
        holder.setFocusProxy(next(iter(boxes.values())))

        def show(value: Any) -> None:
            for option, box in boxes.items():
                box.setChecked(option in (value or ()))

        self._read, self._show = lambda: [option for option, box in boxes.items() if box.isChecked()], show

    def _text(self, name: str) -> None:
        edit = QPlainTextEdit()
        edit.setTabChangesFocus(True)
        edit.setFixedHeight(_LINES * QFontMetrics(edit.font()).lineSpacing() + 2 * UNIT)
        self._place(edit, name)
        self._read, self._show = edit.toPlainText, lambda value: edit.setPlainText(str(value or ""))
        edit.textChanged.connect(self.edited)

    def _line(self, name: str) -> None:
        edit = QLineEdit()
        self._place(edit, name)
        kind = self.field.kind
        if kind in (Kind.WHOLE, Kind.NUMBER):
            edit.setAlignment(Qt.AlignmentFlag.AlignRight)
            edit.setFixedWidth(_NARROW)
            self._layout.addStretch(1)
        write, read = {
            Kind.WHOLE: (_written, _whole), Kind.NUMBER: (_written, _number), Kind.NAMES: (", ".join, _names),
            Kind.ROUNDS: (_rounds_text, _rounds),
        }.get(kind, (_written, str))  # fmt: skip
        optional = self.field.optional
        self._read = lambda: None if optional and not edit.text().strip() else read(edit.text())
        self._show = lambda value: edit.setText("" if value is None else write(value))
        edit.textChanged.connect(self.edited)


class _Calm(QObject):
    """Keeps the wheel, which is to scroll, from changing what it happens to pass over."""

    @override
    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Wheel:
            event.ignore()
            return True
        return super().eventFilter(watched, event)


def _calm(parent: QObject) -> QObject:
    return _Calm(parent)


def _written(value: Any) -> str:
    return repr(value) if isinstance(value, float) else str(value)


def _whole(text: str) -> Any:
    text = text.strip()
    try:
        return int(text)
    except ValueError:
        return text


def _number(text: str) -> Any:
    text = text.strip()
    try:
        return float(text.replace(",", ".") if text.count(",") == 1 and "." not in text else text)
    except ValueError:
        return text


def _names(text: str) -> list[str]:
    return [name.strip() for name in text.split(",") if name.strip()]


def _rounds_text(value: Any) -> str:
    if not isinstance(value, list):
        return str(value)
    return ", ".join(f"{each.get('image_size', '')}: {each.get('epochs', '')}" for each in value)


def _rounds(text: str) -> Any:
    rounds = []
    for part in _names(text):
        size, colon, epochs = part.partition(":")
        if not colon:
            return text
        rounds.append({"image_size": _whole(size), "epochs": _whole(epochs)})
    return rounds
