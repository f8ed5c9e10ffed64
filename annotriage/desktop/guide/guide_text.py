"""Shows a page of the guide: Markdown with pictures that fit, and links between pages."""

from pathlib import Path
from typing import Any

from PySide6.QtCore import QEvent, Qt, QTimer, QUrl, Signal
from PySide6.QtGui import (
    QDesktopServices,
    QImage,
    QResizeEvent,
    QTextCursor,
    QTextDocument,
    QTextFormat,
    QTextTable,
)
from PySide6.QtWidgets import QTextBrowser, QWidget
from typing_extensions import override

from annotriage.desktop.guide.guide_pages import guide_folder
from annotriage.desktop.widgets.theme import UNIT, current_theme

_MARGIN = 3 * UNIT


class GuideText(QTextBrowser):
    """A page of the guide."""

    page_changed = Signal(Path)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setOpenLinks(False)
        self.setAccessibleName("The guide")
        self.document().setDocumentMargin(_MARGIN)
        self._width = 0
        self._again = QTimer(self, singleShot=True, interval=100)
        self._again.timeout.connect(self._fit)
        self.anchorClicked.connect(self.follow)
        self.sourceChanged.connect(self._on_source)
        self._set_style()

    @property
    def page(self) -> Path:
        """The file that is shown."""
        return Path(self.source().toLocalFile())

    def show_page(self, path: Path, anchor: str = "") -> None:
        """Show a page, at its top or at a heading (as code hosts name it: small letters, hyphens)."""
        url = QUrl.fromLocalFile(str(path))
        if self.page != path:
            self.setSource(url, QTextDocument.ResourceType.MarkdownResource)
        if anchor:
            self._to_heading(anchor)

    def follow(self, link: QUrl) -> None:
        """Follow a link: to another page here, to anything else by the system."""
        target = self.source().resolved(link)
        if target.isLocalFile() and Path(target.toLocalFile()).parent == guide_folder():
            self.show_page(Path(target.toLocalFile()), target.fragment())
        else:
            QDesktopServices.openUrl(target)

    def _to_heading(self, anchor: str) -> None:
        block = self.document().begin()
        while block.isValid():
            if block.blockFormat().headingLevel() and _anchor(block.text()) == anchor:
                cursor = self.textCursor()
                cursor.setPosition(block.position())
                self.setTextCursor(cursor)
                top = self.document().documentLayout().blockBoundingRect(block).top()
                self.verticalScrollBar().setValue(round(top) - UNIT)
                return
            block = block.next()

    @override
    def loadResource(self, kind: int, name: Any) -> Any:
        found = super().loadResource(kind, name)
        if kind != QTextDocument.ResourceType.ImageResource.value:
            return found
        image = QImage()
        url = self.source().resolved(QUrl(name) if isinstance(name, str) else name)
        if not image.load(url.toLocalFile()):
            return found
        ratio = self.devicePixelRatioF()
        width = round(min(image.width(), (self.viewport().width() - 2 * _MARGIN - 2 * UNIT) * ratio))
        image = image.scaledToWidth(max(width, 100), Qt.TransformationMode.SmoothTransformation)
        image.setDevicePixelRatio(ratio)
        return image

    @override
    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        if event.size().width() != self._width:
            self._again.start()

    @override
    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange:
            self._again.start()

    def _on_source(self, source: QUrl) -> None:
        self._set_style()
        self._dress()
        self.page_changed.emit(Path(source.toLocalFile()))

    def _fit(self) -> None:
        """Lay the page out for this width and these colours, and stay where it was read."""
        self._width = self.viewport().width()
        if self.source().isEmpty():
            return
        bar = self.verticalScrollBar()
        share = bar.value() / max(1, bar.maximum())
        self.blockSignals(True)
        self.reload()
        self.blockSignals(False)
        self._set_style()
        self._dress()
        bar.setValue(round(share * bar.maximum()))

    def _set_style(self) -> None:
        self.document().setDocumentMargin(_MARGIN)

    def _dress(self) -> None:
        """Give tables lines, headings and code room to breathe: Markdown says nothing of either."""
        theme = current_theme()
        for frame in self.document().rootFrame().childFrames():
            if isinstance(frame, QTextTable):
                how = frame.format()
                how.setCellPadding(UNIT * 3 / 4)
                how.setCellSpacing(0)
                how.setBorder(1)
                how.setBorderCollapse(True)
                how.setBorderBrush(theme.line)
                how.setTopMargin(UNIT)
                how.setBottomMargin(2 * UNIT)
                frame.setFormat(how)
        cursor = QTextCursor(self.document())
        cursor.beginEditBlock()
        block = self.document().begin()
        while block.isValid():
            look = block.blockFormat()
            cursor.setPosition(block.position())
            if cursor.currentTable() is not None:
                look.setTopMargin(0)
                look.setBottomMargin(0)
            elif look.headingLevel():
                look.setTopMargin(3 * UNIT if look.headingLevel() > 1 else 0)
                look.setBottomMargin(UNIT)
            elif look.hasProperty(QTextFormat.Property.BlockCodeFence) or look.nonBreakableLines():
                look.setLeftMargin(2 * UNIT)
            cursor.setBlockFormat(look)
            block = block.next()
        cursor.endEditBlock()


def _anchor(heading: str) -> str:
    kept = "".join(each for each in heading.casefold() if each.isalnum() or each in " -")
    return kept.replace(" ", "-")
