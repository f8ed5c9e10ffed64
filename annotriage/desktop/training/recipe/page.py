"""The third page: what is trained, how, and what it costs on this computer."""

import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtGui import QFontDatabase, QGuiApplication
from PySide6.QtWidgets import QLineEdit, QStackedLayout, QWidget
from typing_extensions import override

from annotriage.desktop.widgets.buttons import push_button
from annotriage.desktop.widgets.layout import STRETCH, column, grow, row
from annotriage.desktop.widgets.step_page import WizardPage
from annotriage.desktop.widgets.text import SignedText, heading, plain_text
from annotriage.desktop.widgets.theme import UNIT
from annotriage.version import install_command
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


class WithoutTorch(QWidget):
    """One sentence, and the command to copy."""

    def __init__(self, lacking: Sequence[str], *, frozen: bool | None = None, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        frozen = bool(getattr(sys, "frozen", False)) if frozen is None else frozen
        command = install_command("train") or ""
        frozen = frozen or not command
        self.said = SignedText()
        if frozen:
            words = (
                "This is the light package, which cannot train: install the full package in its place, and your "
                "sessions and models stay."
            )
        else:
            words = (
                f"Training needs more than the light install ({lacking[0]}{' and others' if len(lacking) > 1 else ''} "
                "missing): run this command, then start Annotriage again."
            )
        self.said.say(words, "info")
        self.command = QLineEdit(command, readOnly=True)
        self.command.setFont(QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont))
        self.command.setAccessibleName("The command that installs what is missing")
        self.copy = push_button("&Copy", lambda: QGuiApplication.clipboard().setText(command), sign="copy")
        rest = "Images and labels stay as you chose them; everything else in Annotriage works without it."
        column(
            heading("Which model?"), self.said, row(grow(self.command), self.copy), plain_text(rest, faint=True),
            STRETCH,
            on=self, margins=(3 * UNIT, 2 * UNIT, 3 * UNIT, UNIT),
        )  # fmt: skip
        self.command.setVisible(not frozen)
        self.copy.setVisible(not frozen)
        self.setFocusProxy(self.copy)
