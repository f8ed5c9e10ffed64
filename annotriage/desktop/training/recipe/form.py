"""Every field of a recipe, in sections that fold."""

from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QWidget
from typing_extensions import override

from annotriage.desktop.training.recipe.section import SectionBox
from annotriage.desktop.widgets.areas import ColumnArea
from annotriage.desktop.widgets.layout import column
from annotriage.desktop.widgets.theme import UNIT
from annotriage.trainings.recipe_draft import RecipeDraft
from annotriage.trainings.recipe_fields import FieldPath, recipe_sections
from annotriage.trainings.recipe_values import Values, value_at

if TYPE_CHECKING:
    from PySide6.QtGui import QShowEvent

_UNFOLDED: tuple[FieldPath, ...] = ((), ("fit",))


class RecipeForm(ColumnArea):
    """Edits a draft's values; what is wrong is named beside the field."""

    def __init__(self, draft: RecipeDraft, parent: QWidget | None = None) -> None:
        super().__init__(parent=parent)
        self.draft = draft
        self._shown: Values = {}
        self._put_away: dict[FieldPath, Any] = {}  # sections that were switched off, to come back as they were
        self.sections: list[SectionBox] = []  # made when it is shown for the first time
        self._column = column(on=self.inside, margins=UNIT)

    def refresh(self) -> None:
        """Show the draft's values and what is wrong with them."""
        values = self.draft.values
        for section in self.sections:
            if values != self._shown:
                section.show_values(values)
            section.show_problems(self.draft.problems)
        self._shown = values

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
            box.edited.connect(self.draft.set_value)
            box.switched.connect(self._on_switched)
            box.show_values(self.draft.values)
            box.show_problems(self.draft.problems)
            box.fold.setChecked(box.fold.isChecked() or each.path in _UNFOLDED)
            self.sections.append(box)
            self._column.addWidget(box)
        self._column.addStretch(1)

    def _on_switched(self, path: FieldPath, wanted: bool) -> None:
        if not wanted:
            self._put_away[path] = value_at(self.draft.values, path)
            self.draft.set_value(path, None)
            return
        self.draft.set_value(path, self._put_away.get(path) or _defaults(path))
        box = self.section(path)
        box.fold.setChecked(True)
        QTimer.singleShot(0, box, lambda: self.ensureWidgetVisible(box))


def _defaults(path: FieldPath) -> Any:
    """Return a section's values where a recipe says no more than that it wants it."""
    from annotriage.regressors.recipes.sections import Distillation, MaskStage

    made = MaskStage() if path == ("mask_stage",) else Distillation()
    return made.model_dump(mode="json", exclude_none=True)
