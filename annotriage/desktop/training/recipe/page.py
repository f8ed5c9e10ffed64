"""The third page: what is trained, how, and what it costs on this computer."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QStackedLayout, QWidget
from typing_extensions import override

from annotriage.desktop.training.recipe.model_missing import WithoutTorch
from annotriage.desktop.widgets.step_page import WizardPage
from annotriage.version import lacking as lacking_parts

if TYPE_CHECKING:
    from annotriage.desktop.training.recipe.editor import ModelEditor
    from annotriage.trainings.plan import TrainingPlan


class ModelPage(WizardPage):
    """Networks, recipe, runs and device, with their measured cost; or how to get what training needs."""

    def __init__(
        self,
        plan: "TrainingPlan",
        parent: QWidget | None = None,
        *,
        lacking: Sequence[str] | None = None,
        command: Sequence[str] | None = None,
    ) -> None:
        super().__init__(parent)
        self.title = "Model"
        self._lacking = lacking_parts("train") if lacking is None else list(lacking)
        self.editor: ModelEditor | None = None
        stack = QStackedLayout(self)
        stack.setContentsMargins(0, 0, 0, 0)
        if self._lacking:
            self.without = WithoutTorch(self._lacking)
            stack.addWidget(self.without)
            self.setFocusProxy(self.without)
        else:
            from annotriage.desktop.training.recipe import editor as model_editor

            self.editor = model_editor.ModelEditor(plan, command)
            self.editor.changed.connect(self.changed)
            stack.addWidget(self.editor)
            self.setFocusProxy(self.editor)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)

    @override
    def missing(self) -> str:
        if self.editor is None:
            return "This install cannot train: training needs the full one."
        return self.editor.missing()

    @override
    def enter(self) -> None:
        if self.editor is not None:
            self.editor.enter()

    @override
    def leave(self) -> None:
        if self.editor is not None:
            self.editor.leave()

    @override
    def shut_down(self) -> None:
        if self.editor is not None:
            self.editor.leave()
