"""Look for garbage in the window's thread alone.

Python looks for objects that only hold each other in whichever thread happens to make the next object. Widgets and
pixmaps are among such objects, and Qt crashes when they are taken apart in a thread that is not theirs: with threads
that make thumbnails, and views that come and go, one test run in three ended in a segmentation fault.
"""

import gc

from PySide6.QtCore import QObject, QTimer, Slot

_EVERY_MS = 500


class WindowThreadGarbage(QObject):
    """Takes the search for garbage over from Python, until `stop`. Make it in the window's thread.

    Call `gc.freeze` once much that stays has been made: each full search looks through all that is not frozen.
    """

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._timer = QTimer(self, interval=_EVERY_MS)
        self._timer.timeout.connect(self.look)
        gc.disable()
        self._timer.start()

    @Slot()
    def look(self) -> None:
        """Look through as many generations of objects as Python itself would by now."""
        gc.disable()  # others may have enabled it
        for generation, (count, threshold) in enumerate(zip(gc.get_count(), gc.get_threshold(), strict=True)):
            if count > threshold > 0:
                gc.collect(generation)

    def stop(self) -> None:
        """Give the search back to Python."""
        self._timer.stop()
        gc.enable()
