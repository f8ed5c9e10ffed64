"""What the program is, what it is made from, and under which licences."""

from dataclasses import dataclass
from html import escape
from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import (
    QAbstractItemView,
    QDialog,
    QHeaderView,
    QTableWidget,
    QTableWidgetItem,
    QTabWidget,
    QTextBrowser,
    QWidget,
)

from annotriage.desktop.background import Job
from annotriage.desktop.crash.versions import Part, parts, system_versions, versions_text
from annotriage.desktop.widgets.buttons import closing_buttons, push_button
from annotriage.desktop.widgets.icon_label import IconLabel
from annotriage.desktop.widgets.icons import APPLICATION
from annotriage.desktop.widgets.layout import column, grow, row, top
from annotriage.desktop.widgets.text import bold, text_label
from annotriage.desktop.widgets.theme import UNIT
from annotriage.version import version_text

_LOGO = 64
_NOTICES = "THIRD-PARTY-NOTICES.txt"


@dataclass(frozen=True, slots=True)
class _Found:
    """What is read from files, in a thread."""

    parts: list[Part]
    model_licence: str
    qt_folder: Path
    notices: Path | None = None
    """The whole texts of all licences, which lie in a package."""


class AboutDialog(QDialog):
    """Version, purpose, licences."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle("About Annotriage")
        self._parts: list[Part] = []
        self._words = QTextBrowser()
        self._words.setOpenExternalLinks(True)
        self._words.document().setDocumentMargin(UNIT)
        self._words.setAccessibleName("About the program and its licences")
        self._table = QTableWidget(0, 3)
        self._table.setHorizontalHeaderLabels(["Part", "Version", "Licence"])
        self._table.setAccessibleName("What Annotriage is made from")
        self._table.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self._table.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self._table.setTabKeyNavigation(False)
        self._table.verticalHeader().hide()
        self._table.horizontalHeader().setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        self._table.horizontalHeader().setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
        self._table.horizontalHeader().setStretchLastSection(True)
        self._table.setShowGrid(False)
        self._tabs = QTabWidget()
        self._tabs.addTab(self._words, "Licences")
        self._tabs.addTab(self._table, "Made from")
        self._lay_out()
        self.resize(80 * UNIT, 68 * UNIT)
        self._show(_Found([], "being read …", Path()))
        self._job = Job(_find, self._show)

    def _lay_out(self) -> None:
        name = bold(text_label(f"Annotriage {version_text()}", size=20))
        purpose = text_label(
            "Predicts, from the image alone, how much the people who outline a lesion will disagree, so that "
            "experts see the contentious images first. It says nothing about the patient and never diagnoses.",
            wraps=True,
        )
        copy = push_button(
            "&Copy versions",
            lambda: QGuiApplication.clipboard().setText(versions_text(self._parts)),
            sign="copy",
        )
        below = closing_buttons(copy)
        below.rejected.connect(self.reject)
        words = column(name, purpose, spacing=UNIT // 2)
        column(
            row(top(IconLabel(APPLICATION, _LOGO)), grow(words), spacing=2 * UNIT),
            grow(self._tabs),
            below,
            on=self,
            spacing=2 * UNIT,
            margins=2 * UNIT,
        )

    def _show(self, found: _Found) -> None:
        self._parts = found.parts
        self._words.setHtml(
            "".join(f"<p><b>{escape(title)}</b><br>{text}</p>" for title, text in self._licences(found))
        )
        rows = [*((name, version, "") for name, version in system_versions()[:3])]
        rows[0] = (*rows[0][:2], "BSD-3-Clause")
        rows[1] = (*rows[1][:2], "PSF-2.0")
        rows[2] = (*rows[2][:2], "LGPL-3.0-only")
        rows += [(part.name, part.version, part.licence) for part in found.parts]
        self._table.setRowCount(len(rows))
        for line, cells in enumerate(rows):
            for place, text in enumerate(cells):
                item = QTableWidgetItem(text)
                item.setToolTip(text)
                self._table.setItem(line, place, item)

    def _licences(self, found: _Found) -> list[tuple[str, str]]:
        qt = (
            "Used under the GNU Lesser General Public License, version 3. Its libraries lie unchanged and on their own "
            "in {folder}; you may replace them by your own build of the same version. Source code: {source}. "
            "The licence: {licence}."
        ).format(
            folder=f"<code>{escape(str(found.qt_folder))}</code>" if found.parts else "…",
            source='<a href="https://download.qt.io/official_releases/QtForPython/">download.qt.io</a>',
            licence='<a href="https://www.gnu.org/licenses/lgpl-3.0.html">gnu.org/licenses/lgpl-3.0</a>',
        )
        return [
            (
                "Annotriage",
                escape("© 2026 The Annotriage developers. BSD 3-Clause License; it comes without any warranty."),
            ),
            ("The model that ships with it", escape(found.model_licence)),
            ("Qt and PySide6", qt),
            ("Everything else", self._everything_else(found)),
        ]

    def _everything_else(self, found: _Found) -> str:
        words = escape("Each part with its licence stands under “Made from”.")
        if found.notices is None:
            return words
        link = f'<a href="{escape(found.notices.as_uri())}">{escape(found.notices.name)}</a>'
        return f"{words} {f'The texts of all licences: {link}.'}"


def _find() -> _Found:
    import PySide6

    from annotriage.model_file import ModelLibrary
    from annotriage.resources_folder import resources_folder

    notices = resources_folder() / _NOTICES
    cards = [entry.card for entry in ModelLibrary().list() if entry.bundled and entry.card is not None]
    licence = "; ".join(f"{card.title}: {card.licence}" for card in cards)
    return _Found(parts(), licence, Path(PySide6.__file__).parent, notices if notices.is_file() else None)
