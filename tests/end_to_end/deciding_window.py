"""A window that decides about one image after the other, and says of each when it shows the decision as made.

Run as ``python -m tests.end_to_end.deciding_window FOLDER DECISION``, to be killed at any moment.
"""

import os
import sys
from pathlib import Path

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication

from annotriage.desktop.settings import Settings
from annotriage.desktop.window.main_window import MainWindow
from annotriage.triage.decisions import Decision
from annotriage.triage.sort_keys import SortKey

_EVERY = 4
"""Milliseconds between two decisions."""


def main() -> None:
    """Open the folder, decide from the first image to the last, then wait."""
    folder, decision = Path(sys.argv[1]), Decision(sys.argv[2])
    app = QApplication([])
    window = MainWindow(Settings())
    window.show()
    window.open_folder(folder)
    images, actions = window.review.images, window.actions_
    action = {Decision.EXPERT: actions.expert, Decision.ROUTINE: actions.routine, Decision.EXCLUDE: actions.exclude}[
        decision
    ]

    def say(_: str, reviews: dict[str, object], __: str) -> None:
        for name in reviews:
            line = images.line_of(name)
            assert line is not None and images.decision(line) is decision, "said before it is shown"
            os.write(1, f"{name}\n".encode())

    def decide() -> None:
        selection = window.pages.workspace.selection
        last = images.rowCount() - 1
        if selection.currentIndex().row() == last:
            timer.stop()
        action.trigger()

    def begin(complete: bool) -> None:
        if complete and not timer.isActive():
            actions.sort[SortKey.NAME].trigger()
            window.pages.decisions.go_to(0)
            timer.start()

    timer = QTimer(interval=_EVERY)
    timer.timeout.connect(decide)
    window.review.journal.recorded.connect(say)
    window.review.listed.connect(begin)
    app.exec()


if __name__ == "__main__":
    main()
