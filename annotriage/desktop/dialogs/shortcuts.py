"""The list of all keys."""

from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QDialog, QFrame, QScrollArea, QWidget

from annotriage.desktop.dialogs.key_caps import KeyCaps, keys_of
from annotriage.desktop.widgets.buttons import closing_buttons
from annotriage.desktop.widgets.layout import STRETCH, column, grow, panel, row
from annotriage.desktop.widgets.search_line import SearchLine
from annotriage.desktop.widgets.text import text_label
from annotriage.desktop.widgets.theme import UNIT

Entry = QAction | tuple[str, list[list[str]]]
"""An action, or a text with its keys where there is no action (keys that a view handles itself)."""


def keys_of_the_views() -> list[tuple[str, list[Entry]]]:
    """Return the keys that are no actions: what lists, pictures and fields do with them."""
    select: list[Entry] = [
        ("Go on, in the grid", [["←"], ["→"], ["↑"], ["↓"]]),
        ("A page up or down", [["Page ↑"], ["Page ↓"]]),
        ("First or last image", [["Home"], ["End"]]),
        ("Select from here to there", [["Shift", "←"], ["Shift", "→"], ["Shift", "↑"], ["Shift", "↓"]]),
        ("Look through the selected images", [["Ctrl", "←"], ["Ctrl", "→"]]),
        ("Select one more image, or one less", [["Ctrl", "click"], ["Ctrl", "Space"]]),
        ("Select all up to here", [["Shift", "click"]]),
        ("Larger or smaller tiles", [["Ctrl", "wheel"]]),
        ("Plain image, as long as it is held", [["Space"]]),
    ]
    write: list[Entry] = [
        ("Write the assignee", [["Alt", "A"]]),
        ("Write the note", [["Alt", "N"], ["N"]]),
        ("Keep the note, and go back to the images", [["Ctrl", "Enter"], ["Esc"]]),
        ("Keep the assignee, and go back to the images", [["Enter"], ["Esc"]]),
        ("Press the button that has the keyboard", [["Enter"], ["Space"]]),
    ]
    return [("In the list of images", select), ("In fields and on buttons", write)]


class ShortcutsDialog(QDialog):
    """All keys by group, searchable by what they do and by the key; actions without a key are left out."""

    def __init__(self, groups: Sequence[tuple[str, Sequence[Entry]]], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle("Keys – Annotriage")
        self._groups: list[_Group] = []
        self._search = SearchLine("Search what a key does, or a key")
        self._search.textChanged.connect(self._filter)
        for title, entries in groups:
            lines = [line for line in map(_line, entries) if line is not None]
            if lines:
                self._groups.append(_Group(title, lines))
        self._nothing = text_label("No key fits. Search for another word, or look into the guide (menu Help).")
        self._nothing.hide()
        page = panel(column(*self._groups, self._nothing, STRETCH, spacing=0, margins=(0, 0, 2 * UNIT, 0)))
        area = QScrollArea(widgetResizable=True)
        area.setFrameShape(QFrame.Shape.NoFrame)
        area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        area.setWidget(page)
        below = closing_buttons()
        below.rejected.connect(self.reject)
        column(self._search, grow(area), below, on=self, spacing=2 * UNIT, margins=2 * UNIT)
        width = page.minimumSizeHint().width() + 6 * UNIT
        self.resize(max(width, 64 * UNIT), min(page.sizeHint().height() + 16 * UNIT, 90 * UNIT))
        self.setMinimumWidth(width)

    def _filter(self, text: str) -> None:
        shown = [group.filter(text.strip().casefold()) for group in self._groups]
        self._nothing.setVisible(not any(shown))


class _Group(QWidget):
    """A title with its lines."""

    def __init__(self, title: str, lines: list["_Line"]) -> None:
        super().__init__()
        self._lines = lines
        column(text_label(title, heavy=True), *lines, on=self, spacing=UNIT // 2, margins=(0, 0, 0, 2 * UNIT))

    def filter(self, wanted: str) -> bool:
        """Show the lines that hold a text; return whether there is any."""
        any_left = False
        for line in self._lines:
            fits = wanted in line.words
            line.setVisible(fits)
            any_left = any_left or fits
        self.setVisible(any_left)
        return any_left


class _Line(QWidget):
    """What a key does, and the key."""

    def __init__(self, text: str, keys: list[list[str]], also: str = "") -> None:
        super().__init__()
        caps = KeyCaps(keys)
        self.words = f"{text}\n{also}\n{caps.text()}".casefold()
        row(grow(text_label(text)), caps, on=self, spacing=3 * UNIT)


def _line(entry: Entry) -> _Line | None:
    if isinstance(entry, tuple):
        return _Line(*entry)
    keys = [keys_of(sequence) for sequence in entry.shortcuts() if not sequence.isEmpty()]
    return _Line(_plain(entry.text()), keys, entry.property("also_called") or "") if keys else None


def _plain(text: str) -> str:
    """Return an action's text without the mark of its mnemonic and the dots that announce a question."""
    return text.replace("&&", "\0").replace("&", "").replace("\0", "&").rstrip("….")
