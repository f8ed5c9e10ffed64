from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QDoubleSpinBox, QLabel, QPushButton, QSpinBox
from pytestqt.qtbot import QtBot

from annotriage.desktop.background import wait_for_jobs
from annotriage.desktop.dialogs.outcome_dialog import OutcomeDialog
from annotriage.desktop.review.image_model import ImageModel
from annotriage.desktop.settings import Settings
from annotriage.images import ImageFile
from annotriage.model_file import ModelLibrary
from annotriage.triage.catalogue import Catalogue
from annotriage.triage.measured import MeasuredImage
from tests.desktop.finding import find

IMAGES = 50


@pytest.fixture
def images(tmp_path: Path, qtbot: QtBot) -> ImageModel:
    """Return 50 scored images, the first of them predicted contentious."""
    files = [ImageFile(tmp_path / f"{place:02d}.png", f"{place:02d}.png", 1, 1, None) for place in range(IMAGES)]
    catalogue = Catalogue(tmp_path, files)
    catalogue.disagreement[:] = np.linspace(0.6, 0.05, IMAGES)
    catalogue.lower[:], catalogue.upper[:] = 0.2, 1.0
    model = ImageModel()
    model.set_catalogue(catalogue)
    return model


@pytest.fixture
def dialog(images: ImageModel, qtbot: QtBot) -> OutcomeDialog:
    dialog = OutcomeDialog(images, lambda: ModelLibrary().default().card, Settings())
    dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose, False)
    qtbot.addWidget(dialog)
    dialog.show()
    return dialog


def drawn(images: ImageModel, count: int, contentious: int) -> None:
    images.set_measured(
        {
            f"{place:02d}.png": MeasuredImage(f"{place:02d}.png", dice, dice, ("alice", "bob"))
            for place in range(count)
            for dice in [0.5 if place < contentious else 0.9]
        }
    )


def words(dialog: OutcomeDialog) -> str:
    return "\n".join(label.text() for label in dialog.blocks.findChildren(QLabel) if label.isVisibleTo(dialog.blocks))


def shown(qtbot: QtBot, dialog: OutcomeDialog, said: str) -> None:
    qtbot.waitUntil(lambda: said in words(dialog) and not dialog.blocks.building, timeout=10_000)


@pytest.mark.slow
def test_it_follows_what_is_drawn_and_chosen(dialog: OutcomeDialog, images: ImageModel, qtbot: QtBot) -> None:
    shown(qtbot, dialog, "No image was drawn by two people yet")
    assert find(dialog, "front", QSpinBox).value() == 10
    drawn(images, 30, 8)
    shown(qtbot, dialog, "8 of them are among the 10 images")
    assert "hold about 100 % of all contentious images" in words(dialog)
    find(dialog, "front", QSpinBox).setValue(4)
    shown(qtbot, dialog, "4 of them are among the 4 images")
    find(dialog, "below", QDoubleSpinBox).setValue(0.4)
    shown(qtbot, dialog, "0 turned out to be contentious")
    assert "there was nothing to find among them" in words(dialog)


def test_it_is_saved_as_a_report(dialog: OutcomeDialog, images: ImageModel, qtbot: QtBot, tmp_path: Path) -> None:
    drawn(images, 30, 8)
    shown(qtbot, dialog, "8 of them are")
    dialog.save_report(tmp_path / "it.json")
    qtbot.waitUntil(find(dialog, "report", QPushButton).isEnabled, timeout=10_000)
    assert '"contentious": 8' in (tmp_path / "it.json").read_text(encoding="utf-8")
    assert wait_for_jobs(10)


def test_without_scores_it_says_so(images: ImageModel, qtbot: QtBot) -> None:
    empty = ImageModel()
    dialog = OutcomeDialog(empty, lambda: ModelLibrary().default().card, Settings())
    qtbot.addWidget(dialog)
    dialog.show()
    assert "No image is scored yet" in words(dialog)
    assert not find(dialog, "report", QPushButton).isEnabled()
