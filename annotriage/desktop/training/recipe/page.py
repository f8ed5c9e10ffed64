"""The third page: what is trained, how, and what it costs on this computer."""

import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING

from PySide6.QtGui import QFontDatabase, QGuiApplication
from PySide6.QtWidgets import QLineEdit, QWidget
from typing_extensions import override

from annotriage.desktop.widgets.buttons import push_button
from annotriage.desktop.widgets.layout import STRETCH, column, grow, row
from annotriage.desktop.widgets.step_page import WizardPage
from annotriage.desktop.widgets.text import SignedText, heading, plain_text
from annotriage.desktop.widgets.theme import UNIT
from annotriage.version import install_command
from annotriage.version import lacking as lacking_parts

if TYPE_CHECKING:
    from annotriage.trainings.plan import TrainingPlan


def model_page(
    plan: "TrainingPlan", *, lacking: Sequence[str] | None = None, command: Sequence[str] | None = None
) -> WizardPage:
    """Return the page, or what stands in its place in an install that cannot train.

    `lacking` are modules that are missing, and `command` measures the cost; if not given, they are looked up.
    """
    missing = lacking_parts("train") if lacking is None else list(lacking)
    if missing:
        return WithoutTorch(missing)
    from annotriage.desktop.training.recipe.editor import ModelEditor

    return ModelEditor(plan, command)


class WithoutTorch(WizardPage):
    """One sentence, and the command to copy."""

    def __init__(self, lacking: Sequence[str], *, frozen: bool | None = None, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.title = "Model"
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

    @override
    def missing(self) -> str:
        return "This install cannot train: training needs the full one."
