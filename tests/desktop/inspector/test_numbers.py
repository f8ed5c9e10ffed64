"""The gauge, the large number and the facts."""

from datetime import datetime
from pathlib import Path

import pytest
from PySide6.QtCore import QLocale
from PySide6.QtGui import QDesktopServices, QGuiApplication
from PySide6.QtWidgets import QLabel, QPushButton

from annotriage.desktop.inspector.facts_panel import FactsPanel
from annotriage.desktop.inspector.gauge import Gauge, Numbers
from annotriage.desktop.inspector.numbers_panel import NumbersPanel
from annotriage.desktop.inspector.picture import Picture
from annotriage.images import ImageFile
from annotriage.model_file import ModelLibrary
from tests.desktop.finding import find
from tests.desktop.inspector.test_image_canvas import pixels_of

NUMBERS = Numbers(0.287, 0.05, 0.58, 3, 2681, 0.9)


@pytest.fixture(autouse=True)
def english():
    before = QLocale()
    QLocale.setDefault(QLocale(QLocale.Language.English, QLocale.Country.UnitedStates))
    yield
    QLocale.setDefault(before)


@pytest.mark.parametrize("compact", [False, True])
def test_the_gauge_says_its_numbers_in_words(qtbot, compact):
    gauge = Gauge(compact=compact)
    qtbot.addWidget(gauge)
    assert gauge.accessibleDescription() == "Not scored yet."
    gauge.set_numbers(NUMBERS)
    assert gauge.accessibleName() == "Predicted disagreement"
    for part in ("0.71", "Dice of 0.29", "0.42", "0.95", "90 %"):
        assert part in gauge.accessibleDescription()
    assert (gauge.interval_text(), gauge.dice()) == ("0.42 – 0.95", "Dice 0.29")
    gauge.set_numbers(Numbers(0.5))
    assert (gauge.interval_text(), gauge.dice()) == ("–", "Dice 0.50")


def test_the_gauge_ticks_where_the_disagreement_is(qtbot):
    gauge = Gauge()
    qtbot.addWidget(gauge)
    gauge.resize(202, gauge.sizeHint().height())

    def tick() -> float:
        painted = pixels_of(gauge)
        rows = painted[painted.shape[0] // 2 - 12 : painted.shape[0] // 2 + 12].astype(int).sum(axis=2)
        columns = (rows < 150).sum(axis=0)
        return float(columns.argmax())

    gauge.set_numbers(Numbers(0.75))
    assert tick() == pytest.approx(51, abs=3)
    gauge.set_numbers(Numbers(0.25))
    assert tick() == pytest.approx(151, abs=3)


def test_disagreement_comes_first_then_the_rank(qtbot):
    panel = NumbersPanel()
    qtbot.addWidget(panel)
    panel.set_numbers(NUMBERS)
    assert find(panel, "number", QLabel).text() == "0.71"
    assert find(panel, "number", QLabel).accessibleName() == "Predicted disagreement: 0.71"
    assert find(panel, "rank", QLabel).text() == "rank 3 of 2,681"
    panel.set_numbers(Numbers(1 - 0.2675, cutoff=0.268))
    assert find(panel, "number", QLabel).text() == "0.267"  # seen to lie below the cut-off
    panel.set_numbers(Numbers())
    assert (find(panel, "number", QLabel).text(), find(panel, "rank", QLabel).text()) == ("–", "not scored yet")


def _facts(qtbot, tmp_path) -> tuple[FactsPanel, ImageFile]:
    panel = FactsPanel()
    qtbot.addWidget(panel)
    changed = int(datetime(2026, 3, 5, 14, 30).timestamp() * 1e9)
    image = ImageFile(tmp_path / "deep" / "a.jpg", "deep/a.jpg", 1_500_000, changed, None)
    panel.set_image(image, Picture(image, "JPEG", 6000, 4000))
    panel.set_model(ModelLibrary().find("bundled").card)
    return panel, image


def test_all_facts_can_be_copied(qtbot, tmp_path):
    panel, image = _facts(qtbot, tmp_path)
    panel.set_further({"jaccard": 0.25})
    find(panel, "copy", QPushButton).click()
    facts = dict(line.split(": ", 1) for line in QGuiApplication.clipboard().text().splitlines())
    assert facts["Name"] == "a.jpg"
    assert facts["Folder"] == str(image.path.parent)
    assert facts["Pixels"] == "6,000 × 4,000"
    assert facts["Size on disk"].startswith("1.43 M")
    assert "26" in facts["Changed"]
    assert facts["Format"] == "JPEG"
    assert facts["Also predicted"] == "jaccard: 0.25"
    assert "bundled" in facts["Model"]
    assert "guessing the median" in facts["Model's error"]


def test_the_containing_folder_opens(qtbot, tmp_path, monkeypatch):
    panel, image = _facts(qtbot, tmp_path)
    opened = []
    monkeypatch.setattr(QDesktopServices, "openUrl", lambda url: opened.append(url.toLocalFile()) or True)
    find(panel, "open", QPushButton).click()
    assert [Path(folder) for folder in opened] == [image.path.parent]


def test_without_an_image_there_is_nothing_to_open_or_copy(qtbot, tmp_path):
    panel, _ = _facts(qtbot, tmp_path)
    panel.set_image(None, None)
    panel.set_model(None)
    assert not find(panel, "open", QPushButton).isEnabled() and not find(panel, "copy", QPushButton).isEnabled()
    assert panel.text() == ""
