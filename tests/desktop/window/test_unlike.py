"""Images unlike what the model knows: they carry a sign, are filtered, and neither lead the ranking nor are sent."""

from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QCheckBox, QLabel

from annotriage.desktop.gallery.filter_panel import FilterPanel
from annotriage.model_file import FeatureSpace, ModelLibrary
from annotriage.triage.catalogue import Filter
from tests.desktop.finding import find
from tests.desktop.window.conftest import Make
from tests.desktop.window.hands import Hands
from tests.tiny_models import write_tiny_model

# Features of the tiny model are the cells of its heatmap: of the brightest and the darkest images these lie far off.
SPACE = FeatureSpace(size=16, unlike_above=0.25, sentence="None of the training images are called unlike.")

pytestmark = pytest.mark.slow


@pytest.fixture
def unlike(make: Make, folder: Path, home: Path, tmp_path: Path) -> Hands:
    """Return a window in which some images of a folder are unlike what the model knows."""
    models = ModelLibrary(home)
    models.import_model(write_tiny_model(tmp_path / "far.onnx", name="far", features=SPACE))
    hands = make(folder, model="far")
    hands.wait_until_scored()
    return hands


def far(hands: Hands) -> set[str]:
    catalogue = hands.images.catalogue
    assert catalogue is not None
    return {image.name for image, is_far in zip(catalogue.images, catalogue.unlike, strict=True) if is_far}


def test_they_stand_last_whatever_is_predicted_of_them(unlike: Hands) -> None:
    names, found = unlike.names(), far(unlike)
    assert 0 < len(found) < len(names)
    assert set(names[-len(found) :]) == found
    first = unlike.images.disagreement(0)
    last = unlike.images.disagreement(len(names) - len(found))
    assert first is not None and last is not None and last > first, "the darkest is predicted the most contentious"


def test_they_carry_a_sign_and_the_inspector_says_what_it_means(unlike: Hands) -> None:
    name = unlike.names()[-1]
    line = unlike.images.line_of(name)
    assert line is not None
    assert unlike.images.mark(line) == "unlike" and unlike.images.mark(0) != "unlike"
    told = unlike.images.data(unlike.images.index(line, 0), Qt.ItemDataRole.AccessibleTextRole)
    assert "unlike what the model knows" in told
    unlike.window.pages.decisions.go_to(line)
    unlike.qtbot.waitUntil(lambda: "must not be trusted" in find(unlike.panel, "unlike", QLabel).text())
    unlike.window.pages.decisions.go_to(0)
    unlike.qtbot.waitUntil(lambda: not find(unlike.panel, "unlike", QLabel).isVisible())


def test_the_filter_shows_them_alone_and_counts_them(unlike: Hands) -> None:
    panel = unlike.workspace.findChild(FilterPanel)
    box = next(box for box in panel.findChildren(QCheckBox) if box.text() == "Unlike what it knows")
    unlike.qtbot.waitUntil(lambda: box.isVisible() and f", {len(far(unlike))} image" in box.accessibleName())
    box.click()
    assert set(unlike.names()) == far(unlike)
    unlike.images.set_filter(Filter())
    assert not box.isChecked()


def test_the_cut_off_is_at_the_share_of_those_that_are_known(unlike: Hands) -> None:
    panel = unlike.workspace.findChild(FilterPanel)
    catalogue = unlike.images.catalogue
    assert catalogue is not None
    known = [line for line in range(unlike.images.rowCount()) if unlike.images.name(line) not in far(unlike)]

    def above() -> int:
        values = [unlike.images.disagreement(line) for line in known]
        return sum(value is not None and value >= panel.cutoff for value in values)

    unlike.qtbot.waitUntil(lambda: above() == -(-len(known) // 5))  # it follows when the last one is scored
