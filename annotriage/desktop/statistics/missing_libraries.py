"""What the panel says where the statistics libraries are not installed."""

from PySide6.QtCore import Qt
from PySide6.QtGui import QFont, QGuiApplication
from PySide6.QtWidgets import QLabel, QPushButton, QVBoxLayout, QWidget

from annotriage.desktop.widgets.icons import icon
from annotriage.desktop.widgets.theme import UNIT
from annotriage.version import install_command


class MissingLibraries(QWidget):
    """A sentence, and a button that copies what installs them."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._sentence = QLabel(wordWrap=True)
        title = QLabel("Statistics are not installed")
        font = QFont(title.font())
        font.setPixelSize(18)
        font.setWeight(QFont.Weight.DemiBold)
        title.setFont(font)
        self.copy_button = QPushButton(icon("copy"), "&Copy the command")
        self.copy_button.setAutoDefault(False)
        command = install_command("statistics")
        self.copy_button.setVisible(command is not None)
        self.copy_button.clicked.connect(lambda: QGuiApplication.clipboard().setText(command or ""))
        column = QVBoxLayout(self)
        column.setContentsMargins(8 * UNIT, 4 * UNIT, 8 * UNIT, 4 * UNIT)
        column.setSpacing(2 * UNIT)
        column.addStretch(2)
        for label in (title, self._sentence):
            label.setAlignment(Qt.AlignmentFlag.AlignHCenter)
            label.setTextFormat(Qt.TextFormat.PlainText)
            label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
            column.addWidget(label)
        column.addWidget(self.copy_button, 0, Qt.AlignmentFlag.AlignHCenter)
        column.addStretch(3)

    @property
    def sentence(self) -> str:
        """What is said."""
        return self._sentence.text()

    def say(self, sentence: str) -> None:
        """Say which libraries are missing."""
        self._sentence.setText(sentence)
