"""What to fetch and where to: the two sources, one tab each."""

from pathlib import Path

from PySide6.QtCore import QStandardPaths, Signal
from PySide6.QtWidgets import QCheckBox, QLineEdit, QSpinBox, QWidget

from annotriage.desktop.widgets.layout import STRETCH, add_field, column, form
from annotriage.desktop.widgets.named import named
from annotriage.desktop.widgets.path_field import PathField
from annotriage.desktop.widgets.text import text_label
from annotriage.desktop.widgets.theme import UNIT

_MOST = 1_000_000


class _SourceForm(QWidget):
    """Fields of a source, and below them a note in words."""

    changed = Signal()

    def __init__(self, folder_name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.folder = PathField("Folder to fetch to")
        self.folder.show_path(suggested_folder(folder_name))
        self.folder.changed.connect(self.changed)
        self._form = form()
        self._note = named(text_label(wraps=True, faint=True), "note")
        column(self._form, self._note, STRETCH, on=self, spacing=2 * UNIT, margins=2 * UNIT)


class IsicForm(_SourceForm):
    """A collection, a search, how many."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("ISIC", parent)
        self._collection = named(QLineEdit(), "collection")
        self._collection.setPlaceholderText("All; or the number at the end of its address, e.g. 212")
        self._search = named(QLineEdit(), "search")
        self._search.setPlaceholderText('All; or e.g. diagnosis_3:"Nevus" AND age_approx:[20 TO 40]')
        self._limit = named(QSpinBox(), "limit")
        self._limit.setRange(0, _MOST)
        self._limit.setValue(500)
        self._limit.setGroupSeparatorShown(True)
        self._limit.setSpecialValueText("all")
        self._limit.setToolTip("0 fetches all that the collection and the search give")
        self._limit.setMaximumWidth(16 * UNIT)
        for edit in (self._collection, self._search):
            edit.setClearButtonEnabled(True)
            edit.textChanged.connect(self.changed)
        self._limit.valueChanged.connect(self.changed)
        add_field(self._form, "&Collection", self._collection)
        add_field(self._form, "S&earch", self._search)
        add_field(self._form, "At &most, images", self._limit)
        add_field(self._form, "&Where to", self.folder)
        self._note.setText(
            "Each image has a licence of its own (CC-0, CC-BY, CC-BY-NC), which says what you may do with it and "
            "whom to name. attribution.csv and the licences’ texts are put beside the images: keep them there. "
            "Metadata come as metadata.csv."
        )

    @property
    def collection(self) -> str:
        """Numbers of collections; empty: all."""
        return self._collection.text().strip()

    @property
    def search(self) -> str:
        """In the Archive's words; empty: all."""
        return self._search.text().strip()

    @property
    def limit(self) -> int | None:
        """How many at most; None: all."""
        return self._limit.value() or None

    def problem(self) -> str:
        """Return what is still missing; empty: nothing."""
        if self.folder.path is None:
            return "Choose a folder to fetch to."
        if not self.collection and not self.search and self.limit is None:
            return "The whole Archive would fill this disk: name a collection, a search, or how many images."
        return ""


class DriveForm(_SourceForm):
    """A link."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("Google Drive", parent)
        self._link = named(QLineEdit(), "link")
        self._link.setPlaceholderText("https://drive.google.com/…")
        self._link.setClearButtonEnabled(True)
        self._link.textChanged.connect(self.changed)
        self._unpack = QCheckBox("&Unpack ZIP and TAR archives")
        self._unpack.setChecked(True)
        add_field(self._form, "&Link", self._link)
        self._form.addRow("", self._unpack)
        add_field(self._form, "&Where to", self.folder)
        self._note.setText(
            "A file or a folder that is shared with ‘Anyone with the link’. Who shares images says what you may do "
            "with them: ask for the licence, and keep it beside the images."
        )

    @property
    def link(self) -> str:
        """As it is shared."""
        return self._link.text().strip()

    @property
    def unpacks(self) -> bool:
        """Whether archives are unpacked."""
        return self._unpack.isChecked()

    def problem(self) -> str:
        """Return what is still missing; empty: nothing."""
        if not self.link:
            return "Paste the link that was shared with you."
        return "" if self.folder.path is not None else "Choose a folder to fetch to."


def suggested_folder(name: str) -> Path:
    """Return a folder in the user's pictures."""
    pictures = QStandardPaths.writableLocation(QStandardPaths.StandardLocation.PicturesLocation)
    return Path(pictures or Path.home()) / name
