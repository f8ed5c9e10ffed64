"""Write a report as PDF. It may be done in any thread; the file appears whole or not at all."""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QBuffer, QIODevice, QLocale, QMarginsF
from PySide6.QtGui import QPageLayout, QPageSize, QPainter, QPdfWriter

from annotriage.desktop.report.pages import footer, pages
from annotriage.desktop.report.pictures import Pictures, pictures
from annotriage.desktop.report.sheet import DOTS_PER_INCH, Sheet
from annotriage.image_maps import STANDARD_MAPS
from annotriage.triage import report_words as words
from annotriage.triage.report_content import ReportContent
from annotriage.writing import write_whole

if TYPE_CHECKING:
    import threading

    from annotriage.images import ImageFile
    from annotriage.scoring.prediction import Prediction

MapsOf = Callable[["ImageFile"], "Prediction | None"]
_MARGIN = 15.0
_FOOTER = 7.0


def usual_page_size() -> QPageSize.PageSizeId:
    """Return Letter where people measure in inches, else A4."""
    system = QLocale.system().measurementSystem()
    is_american = system is QLocale.MeasurementSystem.ImperialUSSystem
    return QPageSize.PageSizeId.Letter if is_american else QPageSize.PageSizeId.A4


def write_report(
    content: ReportContent,
    path: Path,
    *,
    maps_of: MapsOf,
    progress: Callable[[int, int], None] | None = None,
    stop: "threading.Event | None" = None,
    page_size: QPageSize.PageSizeId | None = None,
) -> bool:
    """Draw a report's pages and write them.

    Parameters
    ----------
    content : ReportContent
    path : Path
        An existing file is replaced.
    maps_of : callable
        An image -> its prediction with maps; None: not known.
    progress : callable or None
        Called with images drawn and images in all.
    stop : threading.Event or None
        Once set, nothing is written.
    page_size : QPageSize.PageSizeId or None
        None: `usual_page_size`.

    Returns
    -------
    bool
        Whether it was written; False: it was stopped.

    Raises
    ------
    AnnotriageError
        The file cannot be written, or the store that has the maps cannot be read.
    """
    drawn = 0
    specs = STANDARD_MAPS if content.card is None else content.card.all_maps

    def pictures_of(image: "ImageFile") -> Pictures:
        nonlocal drawn
        made = pictures(image, maps_of(image), specs)
        drawn += 1
        if progress is not None:
            progress(drawn, len(content.top))
        return made

    buffer = QBuffer()
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    writer = QPdfWriter(buffer)
    writer.setTitle(words.title())
    writer.setCreator("Annotriage")
    writer.setResolution(DOTS_PER_INCH)
    writer.setPageLayout(
        QPageLayout(
            QPageSize(usual_page_size() if page_size is None else page_size),
            QPageLayout.Orientation.Portrait,
            QMarginsF(_MARGIN, _MARGIN, _MARGIN, _MARGIN),
            QPageLayout.Unit.Millimeter,
        )
    )
    within = writer.pageLayout().paintRect(QPageLayout.Unit.Millimeter)
    width, height = within.width(), within.height() - _FOOTER
    painter = QPainter(writer)
    try:
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        laid_out = pages(content, pictures_of, width, height)
        for number, page in enumerate(laid_out, start=1):
            if stop is not None and stop.is_set():
                return False
            if number > 1:
                writer.newPage()
            sheet = Sheet(painter, width, height)
            page(sheet)
            footer(sheet, number, len(laid_out))
    finally:
        painter.end()
    write_whole(path, bytes(buffer.data().data()))
    return True
