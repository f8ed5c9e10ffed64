"""The report as an export: Qt is loaded when it is asked for, and where no window is open none is opened."""

from typing import TYPE_CHECKING

from annotriage.triage.exports.order import ExportOrder, ExportResult, Progress

if TYPE_CHECKING:
    import threading


def export_report(order: ExportOrder, progress: Progress, stop: "threading.Event") -> ExportResult:
    """Write the report.

    Raises
    ------
    AnnotriageError
        Qt is not installed or misses libraries of the system, or the file cannot be written.
    """
    from annotriage.desktop.qt_libraries import check_can_draw

    check_can_draw()
    from PySide6.QtGui import QGuiApplication

    from annotriage.desktop.report.pdf import write_report
    from annotriage.triage.report_content import report_content

    # What draws letters; kept until all is drawn. No screen is needed for it.
    program = QGuiApplication.instance() or QGuiApplication(["annotriage", "-platform", "offscreen"])
    content = report_content(
        order.catalogue, order.card(), cutoff=order.cutoff, rows=order.rows, top=order.options["top"]
    )
    written = write_report(content, order.target, maps_of=order.maps_of, progress=progress, stop=stop)
    del program
    if written:
        return ExportResult("The report is written.", order.target)
    return ExportResult("Stopped: no report was written.")
