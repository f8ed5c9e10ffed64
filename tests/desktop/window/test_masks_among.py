"""Masks in the folder that is opened: by what they hold they are told from photographs, named, and can be measured."""

from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QTabWidget

from annotriage.desktop.agreement.dialog import AgreementDialog
from annotriage.desktop.gallery.gallery import GalleryState
from annotriage.desktop.inspector.legend import Legend
from tests.agreement.masks import disc, write_mask
from tests.desktop.finding import find
from tests.desktop.window.conftest import Make
from tests.desktop.window.hands import Hands
from tests.pictures import write_pictures


def tabs(hands: Hands) -> list[str]:
    bar = hands.workspace.findChild(QTabWidget)
    return [bar.tabText(place) for place in range(bar.count()) if bar.isTabVisible(place)]


@pytest.mark.slow
def test_a_folder_of_masks_alone_is_called_so_and_can_be_measured(make: Make, tmp_path: Path) -> None:
    for person in ("bob", "alice"):
        for name in ("1", "2"):
            write_mask(tmp_path / "drawn" / person / f"{name}.png", disc())
    hands = make(tmp_path / "drawn")
    hands.qtbot.waitUntil(lambda: hands.gallery.state is GalleryState.EMPTY, timeout=20_000)
    said = hands.words(hands.gallery)
    assert "These are masks, not photographs" in said and "holds 4 masks" in said and "unreadable" not in said
    hands.qtbot.waitUntil(lambda: tabs(hands) == ["Images", "Masks (4)"])
    hands.button("Measure agreement", hands.gallery).click()
    dialog = hands.dialog(AgreementDialog)
    assert dialog.masks.paths.paths == [tmp_path / "drawn"]


@pytest.mark.slow
def test_masks_among_photographs_are_left_out_by_what_they_hold_and_are_not_called_unreadable(
    make: Make, tmp_path: Path
) -> None:
    photographs = write_pictures(tmp_path / "mixed", 3, ending=".jpg")
    write_mask(tmp_path / "mixed" / "first.png", disc())
    (tmp_path / "mixed" / "broken.jpg").write_bytes(b"no image")
    hands = make(tmp_path / "mixed")
    hands.wait_until_scored()
    hands.qtbot.waitUntil(lambda: tabs(hands) == ["Images", "Left out (2)"])
    assert set(hands.names()) == {path.name for path in photographs}
    catalogue = hands.images.catalogue
    assert catalogue is not None
    assert (catalogue.summary().masks, catalogue.summary().unreadable) == (1, 1)


def write_both(images: Path, masks: Path) -> None:
    for path in write_pictures(images, 2, ending=".jpg"):
        for person in ("alice", "bob"):
            write_mask(masks / person / f"{path.stem}.png", disc())


def legend(hands: Hands) -> list[str]:
    return find(hands.panel, "legend", Legend).sentences()


@pytest.mark.slow
def test_m_shows_the_masks_of_peoples_folders_beside_the_images(make: Make, tmp_path: Path) -> None:
    write_both(tmp_path / "all" / "images", tmp_path / "all")
    hands = make(tmp_path / "all")
    hands.wait_until_scored()
    assert len(hands.names()) == 2
    hands.key(Qt.Key.Key_M)
    hands.qtbot.waitUntil(lambda: legend(hands) == ["alice", "bob"])


@pytest.mark.slow
def test_m_shows_masks_that_were_measured_wherever_they_lie(make: Make, tmp_path: Path) -> None:
    write_both(tmp_path / "here" / "images", tmp_path / "elsewhere")
    hands = make(tmp_path / "here")
    hands.wait_until_scored()
    hands.key(Qt.Key.Key_M)
    hands.qtbot.waitUntil(lambda: "Measure agreement" in "".join(legend(hands)))
    hands.actions.measure_agreement.trigger()
    dialog = hands.dialog(AgreementDialog)
    assert dialog.masks.paths.paths == []  # no masks lie in the open folder
    dialog.choose([tmp_path / "elsewhere"])
    for _ in range(2):
        hands.qtbot.waitUntil(dialog.next.isEnabled)
        dialog.next.click()
    hands.qtbot.waitUntil(lambda: legend(hands) == ["alice", "bob"])
    dialog.close()
