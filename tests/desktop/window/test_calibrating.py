"""Calibrate in the window: the alarm leads there, what was fitted is seen before it is kept, and numbers follow."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from PySide6.QtWidgets import QCheckBox, QLabel, QPushButton

from annotriage.desktop.dialogs.calibrate_dialog import CalibrateDialog
from annotriage.model_file import Calibrations, calibration_of
from annotriage.triage.measured import MaskSource, MeasuredImage, SourceKind
from annotriage.triage.measured_images import MeasuredImages
from annotriage.triage.store import SessionStore
from tests.desktop.finding import find
from tests.desktop.window.conftest import Make
from tests.desktop.window.hands import Hands

IMAGES = 40
pytestmark = pytest.mark.slow


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return grey images of which a team agreed much better than the tiny model says: their brightness plus 0.3."""
    place = tmp_path / "photos"
    place.mkdir()
    greys = [30 + 3 * each for each in range(IMAGES)]
    off = np.random.default_rng(0).normal(0.3, 0.02, IMAGES)
    for number, grey in enumerate(greys):
        Image.new("RGB", (40, 40), (grey,) * 3).save(place / f"i{number:02}.png")
    measured = [
        MeasuredImage(f"i{number:02}.png", dice, dice, ("alice", "bob"))
        for number, (grey, each) in enumerate(zip(greys, off, strict=True))
        for dice in [float(min(1, grey / 255 + each))]
    ]
    with SessionStore() as store:
        MeasuredImages(store, place).write(MaskSource(SourceKind.FILES, "masks", (Path("readers"),)), measured)
    return place


def words(dialog: CalibrateDialog) -> str:
    return "\n".join(label.text() for label in dialog.blocks.findChildren(QLabel) if label.isVisibleTo(dialog.blocks))


def shown(hands: Hands, dialog: CalibrateDialog, said: str) -> None:
    hands.qtbot.waitUntil(lambda: said in words(dialog) and not dialog.blocks.building, timeout=30_000)


def alarms(hands: Hands) -> list[str]:
    return [each for each in hands.messages() if "lie outside their predicted intervals" in each]


def predicted(hands: Hands) -> float:
    catalogue = hands.images.catalogue
    assert catalogue is not None
    known = catalogue.disagreement[~np.isnan(catalogue.disagreement)]
    return float(1 - known.mean()) if len(known) else 0.0  # none while it is listed anew


def test_from_the_alarm_to_numbers_that_hold(make: Make, folder: Path) -> None:
    hands = make(folder)
    hands.wait_until_scored()
    hands.qtbot.waitUntil(lambda: len(alarms(hands)) == 1, timeout=30_000)
    before = predicted(hands)
    model = hands.review.resources.model()
    hands.actions.calibrate.trigger()
    dialog = hands.dialog(CalibrateDialog)
    shown(hands, dialog, "Not calibrated yet")
    keep, drop = find(dialog, "keep", QPushButton), find(dialog, "throw-away", QPushButton)
    use = find(dialog, "use", QCheckBox)
    assert not keep.isVisible() and not drop.isVisible()
    find(dialog, "calibrate", QPushButton).click()
    shown(hands, dialog, "It helps: on images that it had not met")
    assert keep.isVisible() and use.isChecked() and Calibrations().read(model) is None

    drop.click()
    shown(hands, dialog, "Not calibrated yet")
    find(dialog, "calibrate", QPushButton).click()
    shown(hands, dialog, "It helps")
    keep.click()
    hands.qtbot.waitUntil(lambda: calibration_of(model) is not None, timeout=30_000)
    hands.qtbot.waitUntil(lambda: predicted(hands) > before + 0.2, timeout=30_000)
    hands.qtbot.waitUntil(
        lambda: not alarms(hands), timeout=30_000
    )  # of images that made the intervals nothing is said

    hands.qtbot.waitUntil(lambda: use.isVisible() and use.isEnabled(), timeout=30_000)
    use.setChecked(False)
    hands.qtbot.waitUntil(lambda: abs(predicted(hands) - before) < 0.01, timeout=30_000)
    assert calibration_of(model) is None and Calibrations().read(model) is not None
    hands.qtbot.waitUntil(lambda: drop.isVisible() and drop.isEnabled(), timeout=30_000)
    drop.click()
    hands.qtbot.waitUntil(lambda: Calibrations().read(model) is None, timeout=30_000)


def test_a_damaged_one_is_said_and_too_few_images_are_refused(make: Make, folder: Path) -> None:
    for file in sorted(folder.iterdir())[25:]:
        file.unlink()
    hands = make(folder)
    hands.wait_until_scored()
    path = Calibrations().path(hands.review.resources.model())
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("{")
    hands.actions.calibrate.trigger()
    dialog = hands.dialog(CalibrateDialog)
    shown(hands, dialog, "The model works without it")
    assert find(dialog, "told", QLabel).text() == "", "it is said once"
    assert "A calibration takes 30 or more" in find(dialog, "lead", QLabel).text()
    assert not find(dialog, "calibrate", QPushButton).isEnabled()
