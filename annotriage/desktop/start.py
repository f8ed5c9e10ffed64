"""Start the window."""

import sys
from pathlib import Path

from PySide6.QtCore import QCoreApplication, QTimer
from PySide6.QtWidgets import QApplication

from annotriage.desktop.gc_control import SWITCH_SECONDS, WindowThreadGarbage

_PATIENCE = 5.0
"""Seconds that what is still being written may take after the window is closed."""


def start(folder: Path | None) -> int:
    """Open the window; return its exit code once it is closed.

    Parameters
    ----------
    folder : Path or None
        What to open in it.
    """
    from annotriage.desktop.background import wait_for_jobs
    from annotriage.desktop.settings import Settings
    from annotriage.desktop.widgets.applying import apply_theme
    from annotriage.desktop.widgets.icons import application_icon
    from annotriage.desktop.widgets.plain_texts import PlainTexts
    from annotriage.desktop.window.main_window import MainWindow

    sys.setswitchinterval(SWITCH_SECONDS)
    QCoreApplication.setApplicationName("annotriage")
    app = QApplication(sys.argv[:1])
    garbage = WindowThreadGarbage(app)
    PlainTexts(app)
    app.setApplicationDisplayName("")
    app.setDesktopFileName("annotriage")
    settings = Settings()
    apply_theme(app, settings.theme)
    app.setWindowIcon(application_icon())
    watch = _Watch()
    window = MainWindow(settings, watch.book)
    window.show()
    QTimer.singleShot(0, watch.begin)  # after the first paint
    if folder is not None:
        QTimer.singleShot(0, lambda: window.open_folder(folder.resolve()))
    code = app.exec()
    settings.save()
    wait_for_jobs(_PATIENCE)
    watch.end()
    garbage.stop()
    return code


class _Watch:
    """Log, crash guard and the watch for hard crashes, for as long as the window is there."""

    def __init__(self) -> None:
        from annotriage.desktop.crash.guard import CrashGuard
        from annotriage.desktop.crash.hard_crash import HardCrashWatch
        from annotriage.desktop.crash.log_book import LogBook

        self.book = LogBook()
        self._guard = CrashGuard(self.book)
        self._hard = HardCrashWatch()
        self.book.start()
        self._guard.install()

    def begin(self) -> None:
        """Do what can wait until the window is there."""
        left = self._hard.start()
        if left is not None:
            self._guard.tell_of_hard_crash(left)

    def end(self) -> None:
        """Let go of everything."""
        self._hard.stop()
        self._guard.uninstall()
        self.book.stop()
