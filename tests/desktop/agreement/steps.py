"""The steps of the window that measures agreement, gone through."""

from pathlib import Path

from pytestqt.qtbot import QtBot

from annotriage.agreement.agreement_run import ResultColumn
from annotriage.desktop.agreement.dialog import AgreementDialog
from tests.desktop.agreement.conftest import Make


def to_matches(qtbot: QtBot, dialog: AgreementDialog) -> None:
    """Go to the second step."""
    dialog.next.click()
    qtbot.waitUntil(lambda: dialog.matches.model.rowCount() == len(dialog.matches.model.table.rows))


def measure(qtbot: QtBot, dialog: AgreementDialog) -> None:
    """Go to the third step, and wait for its end."""
    with qtbot.waitSignal(dialog.results.finished):
        dialog.next.click()


def measured(qtbot: QtBot, make: Make, *paths: Path, folder: Path | None = None) -> AgreementDialog:
    """Open the window and measure."""
    dialog = make(*paths, folder=folder)
    to_matches(qtbot, dialog)
    measure(qtbot, dialog)
    return dialog


def shown(dialog: AgreementDialog, column: ResultColumn = ResultColumn.IMAGE) -> list[str]:
    """Return what a column of the results shows."""
    model = dialog.results.model
    return [model.data(model.index(line, column)) for line in range(model.rowCount())]
