import os
import sys
from pathlib import Path

import pytest
from PySide6.QtCore import QMimeData, QPoint, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDragLeaveEvent
from PySide6.QtWidgets import QApplication

from annotriage.desktop.dialogs.import_dialog import ImportDialog
from annotriage.desktop.dropped import dropped_paths
from annotriage.desktop.window.dropping import DropFeedback
from annotriage.triage.catalogue import Filter
from annotriage.triage.drops import DropKind, understand
from tests.desktop.conftest import IMAGES
from tests.desktop.window.conftest import Make
from tests.desktop.window.hands import Hands
from tests.pictures import write_pictures


def drag(hands: Hands, *paths: Path) -> QDragEnterEvent:
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(path)) for path in paths])
    event = QDragEnterEvent(
        QPoint(99, 99), Qt.DropAction.CopyAction, data, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    )
    event.ignore()
    QApplication.sendEvent(hands.window, event)
    hands.kept = data  # type: ignore[attr-defined]
    return event


def feedback(hands: Hands) -> str:
    sheet = hands.window.findChild(DropFeedback)
    return sheet.sentence if sheet.isVisible() else ""


@pytest.fixture
def decisions(tmp_path: Path) -> Path:
    """Return a list that lies among images which have nothing to do with it."""
    write_pictures(tmp_path / "downloads", 3)
    (tmp_path / "downloads" / "list.csv").write_text("image,decision\n3.png,expert\n4.png,routine\n")
    return tmp_path / "downloads" / "list.csv"


@pytest.mark.slow
def test_a_list_is_imported_into_the_open_folder(scored: Hands, decisions: Path) -> None:
    scored.drop(decisions)
    dialog = scored.dialog(ImportDialog)
    scored.wait_for_words("This changes 2 images", dialog)
    assert scored.window.windowTitle().startswith("images")
    assert len(scored.names()) == IMAGES


def test_a_list_needs_a_folder(make: Make, decisions: Path) -> None:
    hands = make()
    hands.window.raise_()
    hands.drop(decisions)
    assert "open their folder first" in hands.messages()[0]
    assert hands.review.folder is None


@pytest.mark.slow
def test_an_image_is_gone_to_in_its_folder(scored: Hands, tmp_path: Path) -> None:
    write_pictures(tmp_path / "third", 4)
    scored.drop(tmp_path / "third" / "2.png")
    scored.qtbot.waitUntil(lambda: scored.window.windowTitle().startswith("third"))
    scored.wait_until_scored()
    assert scored.current() == "2.png"


@pytest.mark.slow
def test_an_image_of_the_open_folder_is_gone_to_at_once(scored: Hands, folder: Path) -> None:
    last = scored.names()[-1]
    scored.drop(folder / last)
    assert scored.current() == last


@pytest.mark.slow
def test_images_of_the_open_folder_are_all_selected(scored: Hands, folder: Path) -> None:
    names = scored.names()[2:5]
    scored.drop(*(folder / name for name in names))
    assert sorted(scored.window.pages.decisions.names()) == sorted(names)


@pytest.mark.slow
def test_an_image_that_came_since_is_found(scored: Hands, folder: Path, tmp_path: Path) -> None:
    write_pictures(tmp_path / "more", 1)
    (tmp_path / "more" / "0.png").rename(folder / "new.png")
    scored.drop(folder / "new.png")
    scored.qtbot.waitUntil(lambda: scored.current() == "new.png")


@pytest.mark.slow
def test_an_image_that_filters_leave_out_is_said_and_can_be_shown(scored: Hands, folder: Path) -> None:
    name = scored.names()[0]
    scored.images.set_filter(Filter(text="nothing is called so"))
    scored.drop(folder / name)
    assert scored.messages() == [f"{name} is not shown: the filters leave it out."]
    scored.button("Clear filters", scored.window.messages).click()
    scored.qtbot.waitUntil(lambda: scored.current() == name)


@pytest.mark.slow
def test_an_unreadable_image_is_said_with_its_reason(scored: Hands, tmp_path: Path) -> None:
    write_pictures(tmp_path / "third", 2)
    (tmp_path / "third" / "bad.png").write_bytes(b"")
    scored.drop(tmp_path / "third" / "bad.png")
    scored.qtbot.waitUntil(lambda: scored.messages() != [])
    assert scored.messages()[0].startswith("bad.png cannot be read: ")


@pytest.mark.slow
@pytest.mark.parametrize("what", ["two folders", "notes.docx", "gone", "mixed", "two lists"])
def test_what_cannot_be_opened_is_said_and_changes_nothing(
    scored: Hands, tmp_path: Path, folder: Path, decisions: Path, what: str
) -> None:
    (tmp_path / "notes.docx").write_bytes(b"PK\3\4")
    things = {
        "two folders": [folder, decisions.parent],
        "notes.docx": [tmp_path / "notes.docx"],
        "gone": [tmp_path / "gone" / "a.png"],
        "mixed": [folder, decisions],
        "two lists": [decisions, decisions],
    }[what]
    before = scored.review.folder
    scored.drop(*things)
    assert len(scored.messages()) == 1
    assert "Let go" not in scored.messages()[0]
    assert scored.review.folder == before
    assert not [each for each in scored.window.findChildren(ImportDialog) if each.isVisible()]


@pytest.mark.slow
def test_while_dragging_the_window_says_what_letting_go_does(scored: Hands, decisions: Path, tmp_path: Path) -> None:
    drag(scored, decisions)
    assert feedback(scored) == "Let go to see what this list of decisions would change."
    QApplication.sendEvent(scored.window, QDragLeaveEvent())
    assert feedback(scored) == ""
    drag(scored, decisions.parent)
    assert feedback(scored) == "Let go to open this folder."
    scored.window.grab()  # it can be painted


@pytest.mark.skipif(sys.platform != "linux", reason="names of other systems are always Unicode")
def test_a_folder_whose_name_is_no_unicode_opens(make: Make, tmp_path: Path) -> None:
    strange = os.fsencode(tmp_path) + b"/l\xe4sion"
    try:
        os.mkdir(strange)
    except OSError:
        pytest.skip("this disk takes no such names")
    write_pictures(Path(os.fsdecode(strange)), 2)
    write_pictures(tmp_path / "other", 3)
    data = QMimeData()
    data.setUrls([QUrl.fromEncoded(b"file://" + os.fsencode(tmp_path) + b"/l%E4sion")])
    assert dropped_paths(data) == [Path(os.fsdecode(strange))]
    hands = make()
    hands.window._dropping.open_dropped(dropped_paths(data))
    hands.wait_until_scored()
    assert hands.review.folder == Path(os.fsdecode(strange))
    assert len(hands.names()) == 2
    hands.window._dropping.open_dropped([Path(os.fsdecode(strange + b"/1.png"))])
    assert hands.current() == "1.png"


def test_paths_with_percent_signs_and_spaces_come_as_they_are(tmp_path: Path) -> None:
    for name in ("a %41 b", "50%", "ä#ö?ü", "日本"):
        data = QMimeData()
        data.setUrls([QUrl.fromLocalFile(str(tmp_path / name))])
        assert dropped_paths(data) == [tmp_path / name]


def test_nothing_of_this_machine_is_nothing() -> None:
    assert understand([], has_folder=True).kind is DropKind.NOTHING
