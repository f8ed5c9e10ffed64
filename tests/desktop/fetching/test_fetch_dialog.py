import threading
from collections.abc import Callable, Iterator
from importlib.util import find_spec
from pathlib import Path

import pytest
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QLabel, QLineEdit, QPlainTextEdit, QPushButton, QSpinBox
from pytestqt.qtbot import QtBot
from shiboken6 import isValid

from annotriage.datasets.fetching import network
from annotriage.desktop.background import wait_for_jobs
from annotriage.desktop.fetching import fetch_dialog as module
from annotriage.desktop.fetching.fetch_dialog import FetchDialog
from annotriage.version import install_command
from tests.datasets.fetching.http_server import Answer
from tests.desktop.finding import find

Make = Callable[..., FetchDialog]


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(network, "BACKOFF", 0.01)
    monkeypatch.setattr(network, "LONGEST_WAIT", 0.2)
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "http_proxy", "https_proxy", "all_proxy"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def make(qtbot: QtBot, tmp_path: Path) -> Iterator[Make]:
    """Open the window on a server; it fetches to a folder of the test's."""
    opened: list[FetchDialog] = []

    def make(server: str = "") -> FetchDialog:
        dialog = FetchDialog(server=server)
        opened.append(dialog)
        for form in (dialog.isic, dialog.drive):
            form.folder.show_path(tmp_path / "out")
        dialog.show()
        return dialog

    yield make
    for dialog in opened:
        if isValid(dialog):
            dialog.close()
    assert wait_for_jobs(10)


def fetch(qtbot: QtBot, dialog: FetchDialog) -> str:
    find(dialog, "start", QPushButton).click()
    assert dialog.running
    qtbot.waitUntil(lambda: not dialog.running)
    return find(dialog, "told", QLabel).text()


needs_isic = pytest.mark.skipif(find_spec("isic_cli") is None, reason="the extra `fetch` is not installed")
needs_drive = pytest.mark.skipif(find_spec("gdown") is None, reason="the extra `fetch` is not installed")


@pytest.mark.slow
@needs_isic
def test_images_come_with_their_licences_and_can_be_opened(qtbot: QtBot, make: Make, tmp_path: Path) -> None:
    from tests.datasets.fetching.fake_isic import FakeArchive

    with FakeArchive(9) as archive:
        dialog = make(archive.api)
        assert "licence" in find(dialog.isic, "note", QLabel).text()
        find(dialog.isic, "collection", QLineEdit).setText("7")
        assert fetch(qtbot, dialog) == "4 images fetched."
        assert "Licences: CC-0, CC-BY, CC-BY-NC" in find(dialog, "details", QLabel).text()
        assert len(list((tmp_path / "out").glob("*.jpg"))) == 4
        assert fetch(qtbot, dialog) == "0 images fetched, 4 had been there already."
        with qtbot.waitSignal(dialog.open_wanted) as opened:
            find(dialog, "place", QPushButton).click()
        assert opened.args == [tmp_path / "out"]


@pytest.mark.slow
@needs_isic
def test_what_fails_is_named_and_tried_again(qtbot: QtBot, make: Make) -> None:
    from tests.datasets.fetching.fake_isic import FakeArchive

    with FakeArchive(5) as archive:
        archive.broken[archive.image_path(2)] = [Answer(status=404)]
        dialog = make(archive.api)
        said = fetch(qtbot, dialog)
        assert said == "4 images fetched, 1 failed. Fetch again to try these once more."
        assert "ISIC_0000002" in find(dialog, "problems", QPlainTextEdit).toPlainText()
        assert fetch(qtbot, dialog) == "1 image fetched, 4 had been there already."
        assert find(dialog, "problems", QPlainTextEdit).isHidden()


@pytest.mark.slow
@needs_isic
def test_progress_stop_and_go_on(qtbot: QtBot, make: Make, tmp_path: Path) -> None:
    from tests.datasets.fetching.fake_isic import FakeArchive

    hold = threading.Event()
    with FakeArchive(6) as archive:
        archive.broken[archive.image_path(3)] = [Answer(archive.pictures["ISIC_0000003"], hold=hold)]
        dialog = make(archive.api)
        find(dialog, "start", QPushButton).click()
        # It is told ten times a second at most: not each of the images.
        qtbot.waitUntil(lambda: " of 6" in find(dialog, "told", QLabel).text())
        qtbot.waitUntil(lambda: len(list((tmp_path / "out").glob("*.jpg"))) == 5)
        assert not dialog.tabs.isEnabled()
        assert find(dialog, "close", QPushButton).text() == "Stop"
        find(dialog, "close", QPushButton).click()
        qtbot.waitUntil(lambda: not dialog.running)
        assert find(dialog, "told", QLabel).text() == (
            "5 images fetched, stopped with 1 to go. Fetch again to go on: what is there is not fetched again."
        )
        hold.set()
        assert fetch(qtbot, dialog) == "1 image fetched, 5 had been there already."


@needs_isic
def test_closing_ends_the_work(qtbot: QtBot, make: Make) -> None:
    from tests.datasets.fetching.fake_isic import FakeArchive

    hold = threading.Event()
    with FakeArchive(3) as archive:
        archive.broken[archive.image_path(3)] = [Answer(archive.pictures["ISIC_0000003"], hold=hold)]
        dialog = make(archive.api)
        find(dialog, "start", QPushButton).click()
        qtbot.waitUntil(lambda: " of 3" in find(dialog, "told", QLabel).text())
        dialog.close()
        assert wait_for_jobs(2)
        hold.set()


@needs_isic
def test_a_server_that_is_not_there_and_a_search_without_images(qtbot: QtBot, make: Make) -> None:
    from tests.datasets.fetching.fake_isic import FakeArchive

    with FakeArchive(1) as archive:
        dialog = make(archive.api)
        find(dialog.isic, "search", QLineEdit).setText("x:y")
        assert "no image like that" in fetch(qtbot, dialog)
        assert find(dialog, "place", QPushButton).isHidden()
    assert "cannot be reached" in fetch(qtbot, dialog)


@needs_drive
def test_a_shared_folder_and_its_archives(
    qtbot: QtBot, make: Make, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from tests.datasets.fetching.fake_drive import FakeDrive
    from tests.datasets.fetching.test_drive import folder_link, zipped

    with FakeDrive() as drive:
        drive.lead_here(monkeypatch)
        good, bad = zipped({"a.jpg": b"image"}), zipped({"../a.jpg": b"image"})
        shared = drive.share_folder("All", drive.share("good.zip", good), drive.share("bad.zip", bad))
        dialog = make()
        dialog.tabs.setCurrentWidget(dialog.drive)
        assert find(dialog, "hint", QLabel).text() == "Paste the link that was shared with you."
        assert not find(dialog, "start", QPushButton).isEnabled()
        find(dialog.drive, "link", QLineEdit).setText(folder_link(shared))
        assert fetch(qtbot, dialog).startswith("2 files fetched")
        assert "Unpacked: 1 file to good." in find(dialog, "details", QLabel).text()
        assert "would lie outside of its folder" in find(dialog, "problems", QPlainTextEdit).toPlainText()
        assert (tmp_path / "out" / "good" / "a.jpg").read_bytes() == b"image"


@needs_drive
def test_a_link_of_something_else(qtbot: QtBot, make: Make) -> None:
    dialog = make()
    dialog.tabs.setCurrentWidget(dialog.drive)
    find(dialog.drive, "link", QLineEdit).setText("https://example.org/x")
    assert "is no link of Google Drive" in fetch(qtbot, dialog)


def test_the_whole_archive_is_refused_before_it_begins(make: Make) -> None:
    dialog = make()
    find(dialog.isic, "limit", QSpinBox).setValue(0)
    assert "whole Archive" in find(dialog, "hint", QLabel).text()
    assert not find(dialog, "start", QPushButton).isEnabled()
    find(dialog.isic, "collection", QLineEdit).setText("212")
    assert find(dialog, "hint", QLabel).isHidden()


def test_the_light_install_says_what_to_install(make: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "clients_are_there", lambda: False)
    dialog = make()
    assert not find(dialog, "start", QPushButton).isEnabled()
    assert any(str(install_command("fetch")) in label.text() for label in dialog.findChildren(QLabel))
    copy = next(each for each in dialog.findChildren(QPushButton) if "Copy" in each.text())
    copy.click()
    assert QGuiApplication.clipboard().text() == install_command("fetch")
