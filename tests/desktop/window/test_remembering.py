"""What the window remembers from one start to the next."""

from pathlib import Path

import pytest
from PySide6.QtCore import QByteArray, Qt
from pytestqt.qtbot import QtBot

from annotriage.desktop.settings import FILE_NAME, Settings
from annotriage.scoring.colormaps import Colormap
from annotriage.triage.sort_keys import SortKey
from tests.desktop.conftest import IMAGES
from tests.desktop.window.conftest import Make
from tests.desktop.window.hands import CTRL, Hands


@pytest.mark.slow
def test_the_look_of_the_gallery_and_the_overlays_are_as_they_were_left(
    make: Make, scored: Hands, folder: Path
) -> None:
    scored.key(Qt.Key.Key_2, CTRL)
    scored.gallery.grid.set_tile_size(288)
    scored.actions.sort[SortKey.NAME].trigger()
    scored.actions.sort_reversed.trigger()
    scored.key(Qt.Key.Key_H)
    scored.key(Qt.Key.Key_S)
    scored.window.pages.overlays.set_opacity(0.3)
    scored.window.pages.overlays.set_colormap(Colormap.ORANGE_PURPLE)
    scored.workspace.filters.cutoff = 0.25
    scored.close()

    later = make(folder)
    later.qtbot.waitUntil(lambda: len(later.names()) == IMAGES)
    assert later.gallery.table.isVisible() and later.actions.table.isChecked()
    assert later.gallery.grid.tile_size == 288
    assert later.names() == [f"{number}.png" for number in reversed(range(IMAGES))]
    assert later.actions.sort_reversed.isChecked() and later.actions.sort[SortKey.NAME].isChecked()
    assert later.actions.maps["heatmap"].isChecked() and later.actions.side_by_side.isChecked()
    assert not later.actions.maps["lesion"].isChecked()
    assert later.window.pages.overlays.opacity == pytest.approx(0.3)
    assert later.window.pages.overlays.colormap is Colormap.ORANGE_PURPLE
    assert later.workspace.filters.cutoff == pytest.approx(0.25)


@pytest.mark.slow
def test_size_and_division_of_the_window_are_as_they_were_left(make: Make, scored: Hands, folder: Path) -> None:
    # What is larger than the screen would be made smaller.
    width, height = scored.window.minimumWidth(), 606
    scored.window.resize(width, height)
    scored.workspace.splitter.setSizes([222, 400, 300])
    scored.qtbot.wait(20)
    sizes = scored.workspace.splitter.sizes()
    scored.close()
    later = make(folder, size=None)
    assert (later.window.width(), later.window.height()) == (width, height)
    later.wait_until_scored()
    assert later.workspace.splitter.sizes() == sizes


@pytest.mark.slow
def test_what_is_remembered_is_on_the_disk_when_the_window_is_closed(scored: Hands, home: Path) -> None:
    scored.actions.sort[SortKey.INTERVAL].trigger()
    scored.close()
    text = (home / FILE_NAME).read_text()
    assert "sort=interval" in text and "images" in text


def test_the_theme_is_remembered(make: Make) -> None:
    first = make()
    first.menu("View", "Colours", "Dark").trigger()
    first.close()
    assert Settings().theme == "dark"
    later = make()
    assert later.menu("View", "Colours", "Dark").isChecked()
    later.menu("View", "Colours", "As the system").trigger()
    assert Settings().theme == "system"


@pytest.mark.slow
def test_folders_are_remembered_with_their_counts_the_last_one_first(make: Make, scored: Hands, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    scored.window.open_folder(tmp_path / "empty")
    scored.qtbot.waitUntil(lambda: Settings().recent_folders()[0].images == 0)
    assert [entry.path.name for entry in Settings().recent_folders()] == ["empty", "images"]
    assert Settings().recent_folders()[1].images == IMAGES
    scored.close()


@pytest.mark.slow
@pytest.mark.parametrize(
    "text", ["", "no ini file at all \x00\x01", "[gallery]\nview=sideways\ntile_size=-5\nsort=9\n"]
)
def test_damaged_settings_are_no_reason_not_to_start(make: Make, folder: Path, home: Path, text: str) -> None:
    (home / FILE_NAME).write_text(text)
    hands = make(folder)
    hands.wait_until_scored()
    assert hands.gallery.grid.isVisible()
    hands.close()


def test_a_geometry_that_makes_no_sense_is_not_taken(make: Make, home: Path) -> None:
    settings = Settings()
    settings.geometry = QByteArray(b"nonsense")
    settings.window_state = QByteArray(b"nonsense")
    settings.save()
    hands = make(size=None)
    assert hands.window.width() >= 640 and hands.window.height() >= 400


@pytest.mark.slow
def test_settings_that_cannot_be_kept_disturb_nobody(make: Make, folder: Path, home: Path, qtbot: QtBot) -> None:
    (home / FILE_NAME).mkdir()
    hands = make(folder)
    hands.wait_until_scored()
    hands.key(Qt.Key.Key_2, CTRL)
    hands.close()
    later = make(folder)
    later.wait_until_scored()


@pytest.mark.slow
def test_hidden_panels_before_the_first_folder_stay_hidden(make: Make, folder: Path) -> None:
    hands = make()
    hands.key(Qt.Key.Key_F7)
    hands.window.open_folder(folder)
    hands.wait_until_scored()
    assert not hands.workspace.filters.isVisible() and hands.panel.isVisible()
    hands.key(Qt.Key.Key_F7)
    assert hands.workspace.filters.isVisible()
