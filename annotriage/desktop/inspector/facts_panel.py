"""Facts about the file on the screen, and about the model that predicted."""

import os
from typing import TYPE_CHECKING

from PySide6.QtCore import QDateTime, QLocale, Qt, QUrl
from PySide6.QtGui import QDesktopServices, QGuiApplication, QPalette
from PySide6.QtWidgets import (
    QGridLayout,
    QLabel,
    QLineEdit,
    QPushButton,
    QSizePolicy,
    QWidget,
)

from annotriage.desktop.widgets.layout import STRETCH, column, row
from annotriage.desktop.widgets.named import named
from annotriage.desktop.widgets.theme import UNIT

if TYPE_CHECKING:
    from collections.abc import Mapping

    from annotriage.desktop.inspector.picture import Picture
    from annotriage.images import ImageFile
    from annotriage.model_file import ModelCard

_FORMATS = {"HEIF": "HEIC", "WEBP": "WebP"}


class FactsPanel(QWidget):
    """Label and value, line by line; every value can be selected and copied, all together by a button."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._image: ImageFile | None = None
        self._rows: list[tuple[QLabel, QWidget]] = []
        self._grid = QGridLayout()
        self._grid.setHorizontalSpacing(UNIT + UNIT // 2)
        self._grid.setVerticalSpacing(UNIT // 2)
        self._grid.setColumnStretch(1, 1)
        self._name = self._long("Name")
        self._folder = self._long("Folder")
        self._pixels = self._short("Pixels")
        self._bytes = self._short("Size on disk")
        self._changed = self._short("Changed")
        self._format = self._short("Format")
        self._assumed = self._short("Assumed")
        self._further = self._short("Also predicted")
        self._model = self._short("Model")
        self._error = self._short("Model's error")
        self._open = named(QPushButton("Open containing folder", self), "open")
        self._open.clicked.connect(self.open_folder)
        self._copy = named(QPushButton("Copy all", self), "copy")
        self._copy.setToolTip("Copy these facts as text")
        self._copy.clicked.connect(self.copy)
        for button in (self._open, self._copy):
            button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        column(self._grid, row(self._open, self._copy, STRETCH), on=self)
        self.set_image(None, None)
        self.set_model(None)
        self.set_further({})

    def set_image(self, image: "ImageFile | None", picture: "Picture | None") -> None:
        """Show another file; what only decoding tells comes with its picture."""
        self._image = image
        locale = QLocale()
        self._set_long(self._name, "" if image is None else image.path.name)
        self._set_long(self._folder, "" if image is None else str(image.path.parent), end=True)
        self._open.setEnabled(image is not None)
        self._copy.setEnabled(image is not None)
        self._bytes.setText("" if image is None else locale.formattedDataSize(image.size))
        self._changed.setText("" if image is None or not image.modified_ns else locale.toString(
            QDateTime.fromMSecsSinceEpoch(image.modified_ns // 1_000_000), QLocale.FormatType.ShortFormat
        ))  # fmt: skip
        known = picture is not None and bool(picture.width)
        self._format.setText(_FORMATS.get(picture.kind, picture.kind) if known and picture is not None else "")
        note = "" if picture is None else picture.note
        self._assumed.setText(note)
        for widget in self._row(self._assumed):
            widget.setVisible(bool(note))
        self._pixels.setText(
            f"{locale.toString(picture.width)} × {locale.toString(picture.height)}"
            if known and picture is not None
            else ""
        )

    def set_further(self, further: "Mapping[str, float]") -> None:
        """Show what else the model predicts for the image."""
        self._further.setText("\n".join(f"{name}: {value:.3g}" for name, value in further.items()))
        for widget in self._row(self._further):
            widget.setVisible(bool(further))

    def set_model(self, card: "ModelCard | None", error: str = "") -> None:
        """Show the model that predicts, None: none is chosen; and how good it is for the team, empty: as for all."""
        self._model.setText("" if card is None else f"{card.title}\n" + f"{card.name}, version {card.version}")
        metrics = None if card is None else card.metrics
        if error:
            self._error.setText(error)
        elif metrics is None or metrics.mae is None:
            self._error.setText("" if card is None else "not known")
        elif metrics.median_mae is None:
            self._error.setText(f"{metrics.mae:.3f} on average in the Dice of test images")
        else:
            self._error.setText(
                f"{metrics.mae:.3f} on average in the Dice of test images; guessing the median every time: "
                f"{metrics.median_mae:.3f}"
            )

    def text(self) -> str:
        """Return all facts as lines of text."""
        lines = []
        for label, value in self._rows:
            said = value.text() if isinstance(value, QLabel | QLineEdit) else ""
            if said:
                lines.append(f"{label.text()}: {said.replace(chr(10), ', ')}")
        return "\n".join(lines)

    def copy(self) -> None:
        """Put all facts on the clipboard."""
        QGuiApplication.clipboard().setText(self.text())

    def open_folder(self) -> None:
        """Show the image's folder in the system's file manager."""
        if self._image is not None:
            QDesktopServices.openUrl(QUrl.fromLocalFile(os.fspath(self._image.path.parent)))

    def _short(self, title: str) -> QLabel:
        value = QLabel(self)
        value.setTextFormat(Qt.TextFormat.PlainText)
        value.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        value.setWordWrap(True)
        value.setAccessibleName(title)
        self._add(title, value)
        return value

    def _long(self, title: str) -> QLineEdit:
        """Make a value that may be wider than the panel: it scrolls, and can be selected whole."""
        value = QLineEdit(self)
        value.setReadOnly(True)
        value.setFrame(False)
        value.setFocusPolicy(Qt.FocusPolicy.ClickFocus)
        value.setStyleSheet("QLineEdit { background: transparent; border: none; padding: 0; }")
        value.setTextMargins(-2, 0, 0, 0)  # its text begins where the labels' does
        value.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        value.setAccessibleName(title)
        self._add(title, value)
        return value

    @staticmethod
    def _set_long(value: QLineEdit, text: str, *, end: bool = False) -> None:
        if value.text() != text:
            value.setText(text)
            value.setToolTip(text)
            value.setCursorPosition(len(text) if end else 0)

    def _add(self, title: str, value: QWidget) -> None:
        label = QLabel(title, self)
        label.setForegroundRole(QPalette.ColorRole.PlaceholderText)
        row = len(self._rows)
        self._grid.addWidget(label, row, 0, Qt.AlignmentFlag.AlignTop)
        self._grid.addWidget(value, row, 1, Qt.AlignmentFlag.AlignTop)
        self._rows.append((label, value))

    def _row(self, value: QWidget) -> tuple[QLabel, QWidget]:
        return next(row for row in self._rows if row[1] is value)
