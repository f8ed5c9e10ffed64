"""A section of a recipe that folds: its title, its fields with what is allowed and why, and what is wrong."""

from collections.abc import Mapping
from typing import Any

from PySide6.QtCore import QEvent, QPointF, QRectF, Qt, Signal
from PySide6.QtGui import QFont, QPainter, QPaintEvent, QPalette, QPen, QPolygonF
from PySide6.QtWidgets import QAbstractButton, QCheckBox, QGridLayout, QLabel, QWidget
from typing_extensions import override

from annotriage.desktop.training.recipe.fields import Editor
from annotriage.desktop.widgets.icons import pixmap
from annotriage.desktop.widgets.layout import column, grid, grow, row
from annotriage.desktop.widgets.named import named
from annotriage.desktop.widgets.text import SignedText, plain_text
from annotriage.desktop.widgets.theme import UNIT, current_theme
from annotriage.trainings.recipe_draft import title_of
from annotriage.trainings.recipe_fields import FieldPath, RecipeField, RecipeSection
from annotriage.trainings.recipe_values import value_at

_LABEL = 17 * UNIT
_EDITOR = 26 * UNIT
_DROP = UNIT // 2
"""Brings words beside a field down to its own."""


class SectionBox(QWidget):
    """One section. Its fields are made when it is unfolded for the first time."""

    edited = Signal(tuple, object)
    switched = Signal(tuple, bool)

    def __init__(self, section: RecipeSection, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.section = section
        self.editors: dict[FieldPath, Editor] = {}
        self._problems: dict[FieldPath, SignedText] = {}
        self._values: Mapping[str, Any] = {}
        self._wrong: dict[FieldPath, str] = {}
        self.fold = _FoldButton(title_of(section.path), section.reason)
        self.fold.toggled.connect(self._on_fold)
        self._wanted = named(QCheckBox("use it", self), "wanted")
        self._wanted.setAccessibleName(f"Use it: {title_of(section.path)}")
        self._wanted.setVisible(section.optional)
        self._wanted.toggled.connect(lambda wanted: self.switched.emit(section.path, wanted))
        self._whole = named(SignedText("warning"), "whole")
        self._whole.hide()
        self._body = QWidget()
        self._body.hide()
        column(
            row(grow(self.fold), self._wanted), self._whole, self._body,
            on=self, spacing=UNIT // 2, margins=(2 * UNIT * max(len(section.path) - 1, 0), 0, 0, 0),
        )  # fmt: skip

    def show_values(self, values: Mapping[str, Any]) -> None:
        """Show the values of the recipe that belong here."""
        self._values = values
        there = not self.section.path or value_at(values, self.section.path) is not None
        self._wanted.blockSignals(True)
        self._wanted.setChecked(there)
        self._wanted.blockSignals(False)
        self.setVisible(there or (self.section.optional and _parent_there(values, self.section.path)))
        self.fold.setEnabled(there)
        if not there:
            self.fold.setChecked(False)
        for path, editor in self.editors.items():
            editor.show_value(value_at(values, path))

    def show_problems(self, problems: Mapping[FieldPath, str]) -> None:
        """Say what is wrong beside each field; what concerns the section stands above."""
        own = {field.path: field for field in self.section.fields}
        self._wrong = {}
        for path, words in problems.items():
            field = next((known for known in own if path[: len(known)] == known), None)
            if field is not None:
                inner = ".".join(path[len(field) :])
                self._wrong[field] = f"{inner.replace('_', ' ')}: {words}" if inner else words
        whole = problems.get(self.section.path, "")
        self._whole.setVisible(bool(whole))
        if whole:
            self._whole.say(whole, "warning")
        self.fold.set_wrong(bool(self._wrong or whole))
        if self._wrong and self.fold.isEnabled():
            self.fold.setChecked(True)
        self._show_wrong()

    def _on_fold(self, unfolded: bool) -> None:
        if unfolded and not self.editors:
            self._build()
        self._body.setVisible(unfolded)

    def _build(self) -> None:
        fields = grid(on=self._body, spacing=(2 * UNIT, UNIT // 2), margins=(3 * UNIT, 0, 0, UNIT), stretch=2)
        fields.setColumnMinimumWidth(0, _LABEL)
        for place, field in enumerate(self.section.fields):
            self._add_field(fields, 2 * place, field)
        self._show_wrong()

    def _add_field(self, fields: QGridLayout, line: int, field: RecipeField) -> None:
        name = field.path[-1].replace("_", " ")
        label = QLabel(name[0].upper() + name[1:])
        label.setToolTip(".".join(field.path))
        editor = Editor(field, f"{title_of(self.section.path)}: {name}")
        editor.setFixedWidth(_EDITOR)
        editor.show_value(value_at(self._values, field.path))
        editor.edited.connect(lambda: self.edited.emit(field.path, editor.value()))
        label.setBuddy(editor)
        label.setContentsMargins(0, _DROP, 0, 0)
        reason = field.reason[:1].upper() + field.reason[1:]
        told = plain_text(f"{reason} ({field.allowed})" if field.allowed else reason, faint=True)
        told.setContentsMargins(0, _DROP, 0, 0)
        problem = named(SignedText("warning"), f"{'.'.join(field.path)}-problem")
        problem.hide()
        top = Qt.AlignmentFlag.AlignTop
        fields.addWidget(label, line, 0, top)
        fields.addWidget(editor, line, 1, top)
        fields.addWidget(told, line, 2, top)
        fields.addWidget(problem, line + 1, 1, 1, 2)
        self.editors[field.path] = editor
        self._problems[field.path] = problem

    def _show_wrong(self) -> None:
        for path, shown in self._problems.items():
            words = self._wrong.get(path, "")
            shown.setVisible(bool(words))
            if words:
                shown.say(words[:1].upper() + words[1:], "warning")


def _parent_there(values: Mapping[str, Any], path: FieldPath) -> bool:
    return len(path) < 2 or value_at(values, path[:-1]) is not None


class _FoldButton(QAbstractButton):
    """A title to fold what is below it; an arrow says whether it is."""

    def __init__(self, title: str, words: str) -> None:
        super().__init__()
        self._words = words[:1].upper() + words[1:]
        self._wrong = False
        self.setText(title)
        self.setAccessibleName(title)
        self.setAccessibleDescription(words)
        self.setToolTip(words)
        self.setCheckable(True)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        self.setFixedHeight(4 * UNIT)

    def set_wrong(self, wrong: bool) -> None:
        """Say that something inside is wrong."""
        self._wrong = wrong
        said = "Something in here is wrong. " if wrong else ""
        self.setAccessibleDescription(said + self._words)
        self.update()

    @override
    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() in (QEvent.Type.PaletteChange, QEvent.Type.EnabledChange):
            self.update()

    @override
    def paintEvent(self, event: QPaintEvent) -> None:
        theme = current_theme()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        box = QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5)
        painter.setPen(QPen(theme.accent, 1.5) if self.hasFocus() else Qt.PenStyle.NoPen)
        painter.setBrush(theme.field if self.underMouse() and self.isEnabled() else theme.panel)
        painter.drawRoundedRect(box, 3, 3)
        ink = theme.text if self.isEnabled() else theme.faint_text
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(ink)
        x, y = 1.5 * UNIT, self.height() / 2
        open_, shut = [(-4, -2), (4, -2), (0, 3)], [(-2, -4), (3, 0), (-2, 4)]
        corners = open_ if self.isChecked() else shut
        painter.drawPolygon(QPolygonF([QPointF(x + dx, y + dy) for dx, dy in corners]))
        font = QFont(self.font())
        font.setWeight(QFont.Weight.DemiBold)
        painter.setFont(font)
        painter.setPen(ink)
        left = 3 * UNIT
        painter.drawText(QRectF(left, 0, self.width(), self.height()), Qt.AlignmentFlag.AlignVCenter, self.text())
        left += painter.fontMetrics().horizontalAdvance(self.text()) + 2 * UNIT
        if self._wrong:
            side = 2 * UNIT
            sign = pixmap("warning", side, theme.text, ratio=self.devicePixelRatioF())
            painter.drawPixmap(QPointF(left - UNIT, (self.height() - side) / 2), sign)
            left += 2 * UNIT
        painter.setFont(self.font())
        painter.setPen(self.palette().color(QPalette.ColorRole.PlaceholderText))
        room = QRectF(left, 0, self.width() - left - UNIT, self.height())
        words = painter.fontMetrics().elidedText(self._words, Qt.TextElideMode.ElideRight, max(int(room.width()), 0))
        painter.drawText(room, Qt.AlignmentFlag.AlignVCenter, words)
