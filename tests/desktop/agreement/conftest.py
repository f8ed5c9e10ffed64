"""Two people's masks of three images, with photographs beside them, and the window that measures them."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PySide6.QtWidgets import QLabel
from pytestqt.qtbot import QtBot
from shiboken6 import isValid

from annotriage.desktop.agreement.dialog import AgreementDialog
from annotriage.desktop.background import wait_for_jobs
from tests.agreement.masks import disc, write_mask
from tests.desktop.finding import find
from tests.pictures import write_picture

Make = Callable[..., AgreementDialog]
SHIFTS = {"far": 12, "near": 2, "same_size": 5}


@pytest.fixture
def study(tmp_path: Path) -> Path:
    """Return a folder of masks by alice and bob, and photographs beside it."""
    for image, shift in SHIFTS.items():
        write_mask(tmp_path / "masks" / "alice" / f"{image}.png", disc())
        write_mask(tmp_path / "masks" / "bob" / f"{image}.png", disc(column=40 + shift))
        write_picture(tmp_path / "images" / f"{image}.jpg", 0.7, height=60, width=80)
    return tmp_path / "masks"


@pytest.fixture
def make(qtbot: QtBot) -> Iterator[Make]:
    """Open the window, as often as one likes; all are closed in the end."""
    opened: list[AgreementDialog] = []

    def make(*paths: Path, folder: Path | None = None) -> AgreementDialog:
        dialog = AgreementDialog(folder)
        opened.append(dialog)
        dialog.show()
        if paths:
            dialog.choose(paths)
            qtbot.waitUntil(lambda: not find(dialog.masks, "summary", QLabel).text().startswith("Looking"))
        return dialog

    yield make
    for dialog in opened:
        if isValid(dialog):
            dialog.close()
    assert wait_for_jobs(10)
