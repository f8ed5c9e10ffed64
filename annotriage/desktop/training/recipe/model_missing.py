"""What the Model page shows in an install that cannot train: what is missing, and how to get it."""

import sys
from collections.abc import Sequence

from PySide6.QtGui import QFontDatabase, QGuiApplication
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QPushButton, QVBoxLayout, QWidget

from annotriage.desktop.widgets.icons import icon
from annotriage.desktop.widgets.text import SignedText, heading, plain_text
from annotriage.desktop.widgets.theme import UNIT
from annotriage.version import install_command


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
                "Training needs more than the light install ({names} missing): run this command, then start "
                "Annotriage again."
            ).format(names=" and others".join([lacking[0], ""]) if len(lacking) > 1 else lacking[0])
        self.said.say(words, "info")
        self.command = QLineEdit(command)
        self.command.setReadOnly(True)
        self.command.setFont(QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont))
        self.command.setAccessibleName("The command that installs what is missing")
        self.copy = QPushButton(icon("copy"), "&Copy")
        self.copy.setAutoDefault(False)
        self.copy.clicked.connect(lambda: QGuiApplication.clipboard().setText(command))
        line = QHBoxLayout()
        line.setSpacing(UNIT)
        line.addWidget(self.command, 1)
        line.addWidget(self.copy)
        column = QVBoxLayout(self)
        column.setContentsMargins(3 * UNIT, 2 * UNIT, 3 * UNIT, UNIT)
        column.setSpacing(UNIT)
        column.addWidget(heading("Which model?"))
        column.addWidget(self.said)
        column.addLayout(line)
        column.addWidget(
            plain_text(
                "Images and labels stay as you chose them; everything else in Annotriage works without it.",
                faint=True,
            )
        )
        column.addStretch(1)
        self.command.setVisible(not frozen)
        self.copy.setVisible(not frozen)
        self.setFocusProxy(self.copy)
