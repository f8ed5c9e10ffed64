"""The questions of an export: what, of which images, where to."""

from collections.abc import Mapping

from PySide6.QtCore import Signal
from PySide6.QtGui import QFont, QPalette
from PySide6.QtWidgets import (
    QButtonGroup,
    QComboBox,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QRadioButton,
    QSpinBox,
    QVBoxLayout,
    QWidget,
)

from annotriage.desktop.dialogs.export_choice import ENDINGS, ExportChoice, Kind, Which
from annotriage.desktop.widgets.named import named
from annotriage.desktop.widgets.path_field import PathField
from annotriage.desktop.widgets.theme import UNIT
from annotriage.wording import number_text


class ExportForm(QWidget):
    """The answers so far.

    Parameters
    ----------
    choice : ExportChoice
        What to begin with.

    Signals
    -------
    changed
        Another answer, the path left aside.

    Attributes
    ----------
    target, root : PathField
        Where to write; the folder that Label Studio serves.
    kind_of_target : Kind or None
        What the path was suggested for.
    """

    changed = Signal()

    def __init__(self, choice: ExportChoice) -> None:
        super().__init__()
        self.kind_of_target: Kind | None = None
        self._kinds = named(QButtonGroup(self), "kinds")
        self._whiches = named(QButtonGroup(self), "whiches")
        self._ending = named(QComboBox(), "ending")
        self._ending.setAccessibleName("Kind of file")
        for ending, words in zip(ENDINGS, ("CSV", "Excel (XLSX)", "JSON"), strict=True):
            self._ending.addItem(words, ending)
        self._link = named(QComboBox(), "link")
        self._link.setAccessibleName("Copies or links")
        self._link.addItem("copies", False)
        self._link.addItem("links, which take no room", True)
        self._top = named(QSpinBox(minimum=1, maximum=1000), "top")
        self._top.setAccessibleName("Images in the report")
        self.target = PathField("Where to write")
        self.root = PathField("Folder that Label Studio serves")
        self.root.ask_for_folder()
        self._root_part = QWidget()
        self._lay_out()
        self._show(choice)
        self._connect()
        self._follow()

    def choice(self) -> ExportChoice:
        """Return the answers."""
        return ExportChoice(
            list(Kind)[self._kinds.checkedId()],
            list(Which)[self._whiches.checkedId()],
            self._ending.currentData(),
            self._link.currentData(),
            self._top.value(),
        )

    def show_counts(self, counts: Mapping[Which, int]) -> None:
        """Say how many images there are of each kind; what there is none of cannot be chosen."""
        for number, which in enumerate(Which):
            button = self._whiches.button(number)
            button.setText(f"{self._words()[which]} ({number_text(counts[which])})")
            button.setEnabled(counts[which] > 0 or which is Which.ALL)
        checked = self._whiches.checkedButton()
        if checked is None or not checked.isEnabled():
            self._whiches.button(list(Which).index(Which.ALL)).click()

    def _words(self) -> dict[Which, str]:
        return {
            Which.ALL: "&All, unreadable ones too",
            Which.SHOWN: "&Shown now",
            Which.SELECTED: "S&elected",
            Which.EXPERTS: "For e&xperts",
        }

    # Building

    def _lay_out(self) -> None:
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(UNIT)
        layout.addWidget(_heading("What"))
        layout.addLayout(self._kinds_grid())
        layout.addSpacing(UNIT)
        layout.addWidget(_heading("Which images"))
        line = QHBoxLayout()
        line.setSpacing(2 * UNIT)
        for number, which in enumerate(Which):
            button = QRadioButton(self._words()[which])
            self._whiches.addButton(button, number)
            line.addWidget(button)
        line.addStretch(1)
        layout.addLayout(line)
        layout.addSpacing(UNIT)
        layout.addWidget(_heading("&Where to", self.target))
        layout.addWidget(self.target)
        part = QVBoxLayout(self._root_part)
        part.setContentsMargins(0, UNIT, 0, 0)
        part.setSpacing(UNIT)
        part.addWidget(_heading("&Folder that Label Studio serves (the images lie in it)", self.root))
        part.addWidget(self.root)
        layout.addWidget(self._root_part)

    def _kinds_grid(self) -> QGridLayout:
        words = {
            Kind.LIST: ("&List", "Ranks, numbers, decisions, assignees and notes"),
            Kind.LABEL_STUDIO: (
                "Label Studio &tasks",
                "With predictions; the images stay put",
            ),
            Kind.FOLDER: ("Folder of &images", "To hand to those who draw the masks"),
            Kind.REPORT: ("PDF &report", "Summary, histogram, and so many images:"),
        }
        fields: dict[Kind, QWidget] = {Kind.LIST: self._ending, Kind.FOLDER: self._link, Kind.REPORT: self._top}
        grid = QGridLayout()
        grid.setHorizontalSpacing(2 * UNIT)
        grid.setVerticalSpacing(UNIT // 2)
        grid.setColumnStretch(1, 1)
        for number, kind in enumerate(Kind):
            name, sentence = words[kind]
            button = QRadioButton(name)
            button.setAccessibleDescription(sentence)
            self._kinds.addButton(button, number)
            label = QLabel(sentence)
            label.setForegroundRole(QPalette.ColorRole.PlaceholderText)
            grid.addWidget(button, number, 0)
            grid.addWidget(label, number, 1)
            if kind in fields:
                grid.addWidget(fields[kind], number, 2)
        return grid

    def _show(self, choice: ExportChoice) -> None:
        self._kinds.button(list(Kind).index(choice.kind)).setChecked(True)
        self._whiches.button(list(Which).index(choice.which)).setChecked(True)
        self._ending.setCurrentIndex(ENDINGS.index(choice.ending))
        self._link.setCurrentIndex(int(choice.link))
        self._top.setValue(choice.top)

    def _connect(self) -> None:
        for group in (self._kinds, self._whiches):
            group.idToggled.connect(lambda _, checked: self._follow() if checked else None)
        self._ending.currentIndexChanged.connect(self._follow)
        self._link.currentIndexChanged.connect(self._follow)
        self._top.valueChanged.connect(self._follow)

    def _follow(self) -> None:
        choice = self.choice()
        kind = choice.kind
        self._ending.setEnabled(kind is Kind.LIST)
        self._link.setEnabled(kind is Kind.FOLDER)
        self._top.setEnabled(kind is Kind.REPORT)
        self._root_part.setVisible(kind is Kind.LABEL_STUDIO)
        if kind is Kind.FOLDER:
            self.target.ask_for_folder()
        else:
            self.target.ask_for_file(f"*{choice.suffix}")
        self.changed.emit()


def _heading(text: str, buddy: QWidget | None = None) -> QLabel:
    label = QLabel(text)
    font = label.font()
    font.setWeight(QFont.Weight.DemiBold)
    label.setFont(font)
    if buddy is not None:
        label.setBuddy(buddy.focusProxy() or buddy)
    return label
