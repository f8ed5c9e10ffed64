"""The user guide: its pages beside each other, to read and to search without a network."""

from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QDialog, QListWidget, QListWidgetItem, QSplitter, QWidget

from annotriage.desktop.guide.guide_pages import guide_pages
from annotriage.desktop.guide.guide_text import GuideText
from annotriage.desktop.widgets.buttons import closing_buttons, push_button
from annotriage.desktop.widgets.layout import STRETCH, column, grow, panel, row
from annotriage.desktop.widgets.named import named
from annotriage.desktop.widgets.search_line import SearchLine
from annotriage.desktop.widgets.text import text_label
from annotriage.desktop.widgets.theme import UNIT

_PATH = Qt.ItemDataRole.UserRole


class GuideDialog(QDialog):
    """The guide. A search keeps the pages that hold all its words, and goes to the first of them on the page."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle("Guide – Annotriage")
        self.resize(130 * UNIT, 90 * UNIT)
        self._pages = guide_pages()
        self.text = GuideText()
        self._search = named(SearchLine("Search the guide"), "search")
        self._list = named(QListWidget(), "list")
        self._list.setAccessibleName("Pages of the guide")
        self._list.setSpacing(UNIT // 4)
        for page in self._pages:
            item = QListWidgetItem(page.title)
            item.setData(_PATH, page.path)
            self._list.addItem(item)
        self._nothing = named(text_label("No page holds these words; search for fewer.", wraps=True), "nothing")
        self._nothing.hide()
        self._back = named(push_button("&Back", self.text.backward), "back")
        self._back.setEnabled(False)
        self._lay_out()
        self._connect()
        self._list.setCurrentRow(0)

    def show_page(self, name: str) -> None:
        """Show a page by the name of its file, ``training.md``."""
        for page in self._pages:
            if page.path.name == name:
                self.text.show_page(page.path)

    def _lay_out(self) -> None:
        split = QSplitter(childrenCollapsible=False)
        split.addWidget(panel(column(self._search, grow(self._list), self._nothing)))
        split.addWidget(self.text)
        split.setStretchFactor(1, 1)
        split.setSizes([32 * UNIT, 98 * UNIT])
        close = closing_buttons()
        close.rejected.connect(self.reject)
        column(grow(split), row(self._back, STRETCH, close), on=self, spacing=2 * UNIT, margins=2 * UNIT)

    def _connect(self) -> None:
        self._search.textChanged.connect(self._filter)
        self._search.returnPressed.connect(self._find_next)
        self._list.currentItemChanged.connect(self._on_item)
        self.text.backwardAvailable.connect(self._back.setEnabled)
        self.text.page_changed.connect(self._on_page)
        QShortcut(QKeySequence.StandardKey.Find, self, self._search.setFocus)
        QShortcut(QKeySequence.StandardKey.Back, self, self.text.backward)

    def _on_item(self, item: QListWidgetItem | None) -> None:
        if item is not None:
            self.text.show_page(item.data(_PATH))

    def _on_page(self, path: Path) -> None:
        for line in range(self._list.count()):
            if self._list.item(line).data(_PATH) == path:
                self._list.setCurrentRow(line)

    def _filter(self, words: str) -> None:
        fitting = [page.holds(words) for page in self._pages]
        for line, fits in enumerate(fitting):
            self._list.item(line).setHidden(not fits)
        self._nothing.setVisible(not any(fitting))
        if words.strip() and any(fitting) and self._list.item(self._list.currentRow()).isHidden():
            self._list.setCurrentRow(fitting.index(True))
        self.text.moveCursor(self.text.textCursor().MoveOperation.Start)
        self._find_next()

    def _find_next(self) -> None:
        """Go to the first of the words, from where the reader is, and from the top again."""
        words = self._search.text().split()
        if words and not self.text.find(words[0]):
            self.text.moveCursor(self.text.textCursor().MoveOperation.Start)
            self.text.find(words[0])
