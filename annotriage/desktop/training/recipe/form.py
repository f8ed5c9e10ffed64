"""Every field of a recipe, in sections that fold."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QTimer, Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget
from typing_extensions import override

from annotriage.desktop.training.recipe.section import SectionBox
from annotriage.desktop.widgets.areas import ColumnArea
from annotriage.desktop.widgets.theme import UNIT
from annotriage.trainings.recipe_fields import FieldPath, recipe_sections
from annotriage.trainings.recipe_values import Values, value_at, with_value

if TYPE_CHECKING:
    from PySide6.QtGui import QShowEvent

_UNFOLDED: tuple[FieldPath, ...] = ((), ("fit",))


class RecipeForm(ColumnArea):
    """Edits a recipe's values; what is wrong is named beside the field."""

    edited = Signal(dict)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._values: Values = {}
        self._problems: Mapping[FieldPath, str] = {}
        self._put_away: dict[FieldPath, Any] = {}  # sections that were switched off, to come back as they were
        self.sections: list[SectionBox] = []
        self._column = QVBoxLayout(self.inside)
        self._column.setContentsMargins(UNIT, UNIT, UNIT, UNIT)
        self._column.setSpacing(UNIT)

    @property
    def values(self) -> Values:
        """What stands there; may be wrong."""
        return self._values

    def show_values(self, values: Values, problems: Mapping[FieldPath, str]) -> None:
        """Show a recipe's values and what is wrong with them."""
        self._problems = problems
        if values != self._values:
            self._values = values
            for section in self.sections:
                section.show_values(values)
        for section in self.sections:
            section.show_problems(problems)

    def section(self, path: FieldPath) -> SectionBox:
        """Return the section at a path."""
        self._build()
        return next(section for section in self.sections if section.section.path == path)

    @override
    def showEvent(self, event: "QShowEvent") -> None:
        self._build()
        super().showEvent(event)

    def _build(self) -> None:
        """Make the sections; nearly two hundred fields would hold the page up that most people never look at."""
        if self.sections:
            return
        for each in recipe_sections():
            box = SectionBox(each, self.inside)
            box.edited.connect(self._on_edited)
            box.switched.connect(self._on_switched)
            box.show_values(self._values)
            box.show_problems(self._problems)
            box.fold.setChecked(box.fold.isChecked() or each.path in _UNFOLDED)
            self.sections.append(box)
            self._column.addWidget(box)
        self._column.addStretch(1)

    def _on_edited(self, path: FieldPath, value: object) -> None:
        self._values = with_value(self._values, path, value)
        self.edited.emit(self._values)

    def _on_switched(self, path: FieldPath, wanted: bool) -> None:
        there = value_at(self._values, path)
        if wanted:
            self._values = with_value(self._values, path, self._put_away.get(path) or _defaults(path))
        else:
            self._put_away[path] = there
            self._values = with_value(self._values, path, None)
        for section in self.sections:
            section.show_values(self._values)
        if wanted:
            box = self.section(path)
            box.fold.setChecked(True)
            QTimer.singleShot(0, box, lambda: self.ensureWidgetVisible(box))
        self.edited.emit(self._values)


def _defaults(path: FieldPath) -> Any:
    """Return a section's values where a recipe says no more than that it wants it."""
    from annotriage.regressors.recipes.sections import Distillation, MaskStage

    made = MaskStage() if path == ("mask_stage",) else Distillation()
    return made.model_dump(mode="json", exclude_none=True)


def problem_words(problems: Mapping[FieldPath, str]) -> str:
    """Return the first problem in one sentence, with its place."""
    from annotriage.desktop.training.recipe.section import title_of

    path, words = next(iter(problems.items()))
    place = title_of(path) if path else ""
    return f"{place}: {words}." if place else f"{words[:1].upper()}{words[1:]}."
