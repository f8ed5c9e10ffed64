"""What can go wrong around the window: a message each, no crash, no hang."""

import errno
import os
import shutil
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QTableView, QTabWidget

from annotriage.desktop.gallery.gallery import GalleryState
from annotriage.desktop.window.unreadable import UnreadableModel
from annotriage.images.thumbnail_cache import ThumbnailCache
from annotriage.triage.decisions import Decision
from annotriage.triage.scoring_progress import Phase
from tests.desktop.conftest import IMAGES
from tests.desktop.finding import find
from tests.desktop.window.conftest import MANY, Make
from tests.desktop.window.hands import Hands
from tests.pictures import write_picture


def wait_for_message(hands: Hands, *parts: str) -> str:
    hands.qtbot.waitUntil(lambda: hands.messages() != [])
    (sentence,) = hands.messages()
    for part in parts:
        assert part in sentence
    return sentence


# Unreadable images


def spoil(folder: Path) -> None:
    (folder / "cut.png").write_bytes((folder / "0.png").read_bytes()[:60])
    (folder / "empty.jpg").touch()


def tabs(hands: Hands) -> list[str]:
    bar = find(hands.workspace, "tabs", QTabWidget)
    return [bar.tabText(place) for place in range(bar.count()) if bar.isTabVisible(place)]


@pytest.mark.slow
def test_unreadable_images_have_a_tab_with_reasons_until_they_are_mended(make: Make, folder: Path) -> None:
    whole = (folder / "0.png").read_bytes()
    spoil(folder)
    hands = make(folder)
    hands.wait_until_scored()
    hands.qtbot.waitUntil(lambda: tabs(hands) == ["Images", "Unreadable (2)"])
    assert len(hands.names()) == IMAGES
    find(hands.workspace, "tabs", QTabWidget).setCurrentIndex(1)
    table = hands.workspace.unreadable.findChild(QTableView)
    model = table.model()
    listed = {model.index(row, 0).data(): model.index(row, 1).data() for row in range(model.rowCount())}
    assert set(listed) == {"cut.png", "empty.jpg"}
    assert all(len(reason) > 10 for reason in listed.values())
    long = UnreadableModel()
    long.set_problems([("a.png", "It cannot be read, as far as anybody can tell. " * 9)])
    tip = long.index(0, 1).data(Qt.ItemDataRole.ToolTipRole).splitlines()
    assert " ".join(tip) == long.problems[0][1].strip() and max(map(len, tip)) <= 80
    assert "2 images cannot be read. The others are not affected." in hands.words()
    hands.button("Copy the list").click()
    assert QGuiApplication.clipboard().text().splitlines()[0].startswith("cut.png\t")

    (folder / "cut.png").write_bytes(whole)
    (folder / "empty.jpg").unlink()
    hands.key(Qt.Key.Key_F5)
    hands.qtbot.waitUntil(lambda: len(hands.images.catalogue or ()) == IMAGES + 1)
    hands.qtbot.waitUntil(lambda: hands.review.progress.phase is Phase.DONE)
    hands.wait_for_words("All images of this folder can be read.")
    hands.workspace.show_gallery()
    hands.images.summary_changed.emit()
    hands.qtbot.waitUntil(lambda: tabs(hands) == ["Images"])
    hands.images.reorder()
    assert "cut.png" in hands.names()


@pytest.mark.slow
def test_looking_again_tries_what_failed_once_more(make: Make, folder: Path) -> None:
    whole = (folder / "0.png").read_bytes()
    broken = folder / "cut.png"
    broken.write_bytes(whole[:16] + bytes(len(whole) - 16))
    stat = broken.stat()
    hands = make(folder)
    hands.wait_until_scored()
    hands.qtbot.waitUntil(lambda: tabs(hands) == ["Images", "Unreadable (1)"])
    broken.write_bytes(whole)  # as when a drive or a permission is back: the file itself looks the same
    os.utime(broken, ns=(stat.st_atime_ns, stat.st_mtime_ns))
    hands.key(Qt.Key.Key_F5)
    hands.qtbot.waitUntil(lambda: tabs(hands) == ["Images"])
    hands.wait_until_scored()
    line = hands.images.line_of("cut.png")
    assert line is not None and hands.images.disagreement(line) is not None


@pytest.mark.slow
def test_five_hundred_corrupt_files_are_listed_and_nothing_hangs(make: Make, tmp_path: Path) -> None:
    bad = tmp_path / "bad"
    bad.mkdir()
    head = write_picture(tmp_path / "good.png", 0.5).read_bytes()
    for number in range(500):
        # Cut off, empty, no image at all, a header that lies: whatever lies about on a disk after a failure.
        content = (head[: 40 + number % 60], b"", b"\xff\xd8\xff\xe0" + os.urandom(50), os.urandom(200))[number % 4]
        (bad / f"{number}.{'png' if number % 2 else 'jpg'}").write_bytes(content)
    hands = make(bad)
    hands.qtbot.waitUntil(lambda: hands.review.progress.phase is Phase.DONE)
    hands.qtbot.waitUntil(lambda: tabs(hands) == ["Images", "Unreadable (500)"])
    hands.qtbot.waitUntil(lambda: hands.gallery.state is GalleryState.EMPTY)
    assert "None of these images can be read" in hands.words()
    assert len(hands.workspace.unreadable.model.problems) == 500
    assert all(reason for _, reason in hands.workspace.unreadable.model.problems)
    for key in (Qt.Key.Key_1, Qt.Key.Key_Return, Qt.Key.Key_End, Qt.Key.Key_N, Qt.Key.Key_H):
        hands.key(key)
    assert hands.messages() == []


# The folder


@pytest.mark.slow
def test_a_folder_that_vanishes_is_said_once_and_taken_up_when_it_is_back(paused: Hands, many: Path) -> None:
    many.rename(many.with_name("away"))
    paused.actions.pause.trigger()
    sentence = wait_for_message(paused, str(many), "out of reach")
    assert tabs(paused) == ["Images"]  # no image is blamed
    first = paused.names()[0]
    paused.key(Qt.Key.Key_1)  # deciding goes on
    paused.wait_for(first, Decision.EXPERT)
    many.with_name("away").rename(many)
    paused.qtbot.waitUntil(lambda: paused.review.progress.phase is Phase.SCORING)  # by itself
    paused.qtbot.waitUntil(lambda: paused.messages() == [])
    assert len(paused.names()) == MANY and paused.decision(first) is Decision.EXPERT
    assert sentence


@pytest.mark.slow
def test_f5_in_a_folder_that_vanished_is_said_and_what_was_shown_stays(scored: Hands, folder: Path) -> None:
    shutil.rmtree(folder)
    scored.key(Qt.Key.Key_F5)
    wait_for_message(scored, str(folder))
    assert len(scored.names()) == IMAGES
    scored.key(Qt.Key.Key_Return)
    scored.key(Qt.Key.Key_Right)
    scored.qtbot.wait(50)


@pytest.mark.slow
def test_an_image_that_vanished_is_said_in_its_place(scored: Hands, folder: Path) -> None:
    last = scored.names()[-1]
    (folder / last).unlink()
    scored.key(Qt.Key.Key_Return)
    scored.key(Qt.Key.Key_Escape)
    scored.window.pages._loader.clear()
    scored.key(Qt.Key.Key_End)
    view = scored.panel.pictures
    scored.qtbot.waitUntil(lambda: view.picture is not None and view.picture.problem is not None)
    assert view.picture is not None and view.picture.problem


@pytest.mark.slow
def test_a_message_is_dismissed_by_its_button(scored: Hands, tmp_path: Path) -> None:
    scored.window.open_folder(tmp_path / "nowhere")
    scored.window.open_folder(tmp_path / "nowhere")
    assert len(scored.messages()) == 1  # said once
    scored.button("Dismiss this message").click()
    assert scored.messages() == []
    assert not scored.window.messages.isVisible()


# The store


@pytest.mark.slow
def test_a_store_that_cannot_be_made_is_said(make: Make, folder: Path, home: Path) -> None:
    (home / "sessions.sqlite").mkdir()
    hands = make(folder)
    wait_for_message(hands, "sessions.sqlite", "ANNOTRIAGE_HOME")
    hands.qtbot.waitUntil(lambda: hands.review.progress.phase is Phase.STOPPED)
    (home / "sessions.sqlite").rmdir()
    hands.button("Look again", hands.window.messages).click()
    hands.wait_until_scored()
    assert len(hands.names()) == IMAGES


def test_a_home_that_is_no_folder_is_said(
    make: Make, folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").write_text("in the way")
    monkeypatch.setenv("ANNOTRIAGE_HOME", str(tmp_path / "file"))
    hands = make(folder)
    wait_for_message(hands, str(tmp_path / "file"))
    hands.close()


@pytest.mark.slow
def test_a_damaged_store_is_said_and_left_alone(make: Make, folder: Path, home: Path) -> None:
    store = home / "sessions.sqlite"
    store.write_bytes(b"this is no database, " * 100)
    hands = make(folder)
    wait_for_message(hands, "damaged", str(store))
    hands.wait_for_words("Nothing could be listed")
    assert hands.gallery.state is not GalleryState.IMAGES
    assert store.read_bytes() == b"this is no database, " * 100


@pytest.mark.slow
def test_a_decision_that_cannot_be_written_is_said_and_not_shown_as_made(
    scored: Hands, monkeypatch: pytest.MonkeyPatch
) -> None:
    from annotriage.errors import AnnotriageError
    from annotriage.triage.journal import ReviewJournal

    first = scored.names()[0]

    def full(*_: object) -> None:
        raise AnnotriageError("The session file cannot grow because the disk is full: make room.")

    monkeypatch.setattr(ReviewJournal, "change", full)
    scored.key(Qt.Key.Key_1)
    wait_for_message(scored, "disk is full")
    assert scored.decision(first) is Decision.UNDECIDED
    monkeypatch.undo()
    scored.key(Qt.Key.Key_Home)
    scored.key(Qt.Key.Key_1)
    scored.wait_for(first, Decision.EXPERT)


# The cache of thumbnails


@pytest.mark.slow
@pytest.mark.parametrize("problem", [errno.ENOSPC, errno.EROFS])
def test_thumbnails_that_cannot_be_kept_are_said_once_and_still_shown(
    make: Make, folder: Path, monkeypatch: pytest.MonkeyPatch, problem: int
) -> None:
    for number in range(3):  # so large that their thumbnails are worth keeping
        write_picture(folder / f"large{number}.png", 0.1, height=400, width=600)

    def full(*_: object, **__: object) -> None:
        raise OSError(problem, os.strerror(problem))

    monkeypatch.setattr("annotriage.desktop.gallery.thumbnails.SLOW_SECONDS", 0.0)  # all decode slowly
    monkeypatch.setattr(ThumbnailCache, "keep", full)
    hands = make(folder)
    hands.wait_until_scored()
    wait_for_message(hands, os.strerror(problem), "made anew each time")
    image = hands.images.image(0)
    assert image.name.startswith("large")
    size = hands.gallery.grid.tile_size
    hands.qtbot.waitUntil(lambda: hands.workspace.thumbnail(image, size) is not None)


@pytest.mark.slow
def test_a_damaged_session_file_is_put_aside_by_a_button(make: Make, folder: Path, home: Path) -> None:
    first = make(folder)
    first.wait_until_scored()
    name = first.names()[0]
    first.key(Qt.Key.Key_1)
    first.wait_for(name, Decision.EXPERT)
    first.close()
    store = home / "sessions.sqlite"
    for ending in ("-wal", "-shm"):
        Path(f"{store}{ending}").unlink(missing_ok=True)
    store.write_bytes(os.urandom(20_000))
    hands = make(folder)
    wait_for_message(hands, "is damaged", "the decisions about all folders are in it")
    hands.wait_for_words("The images could not be listed")
    assert not hands.actions.export.isEnabled() and not hands.actions.send.isEnabled()
    hands.button("Put it aside and begin anew", hands.window.messages).click()
    hands.wait_until_scored()
    wait_for_message(hands, "sessions.sqlite.damaged", "None of the decisions in it can be read.")
    assert (home / "sessions.sqlite.damaged").stat().st_size == 20_000
    assert hands.decision(name) is Decision.UNDECIDED and hands.actions.export.isEnabled()
    hands.click_on(name)
    hands.key(Qt.Key.Key_2)
    hands.wait_for(name, Decision.ROUTINE)


@pytest.mark.slow
def test_f5_says_what_it_found(scored: Hands, folder: Path) -> None:
    def look() -> None:
        scored.key(Qt.Key.Key_F5)
        scored.qtbot.waitUntil(lambda: scored.review._listing is None)

    look()
    scored.wait_for_words("Looked again: nothing changed.")
    first, second = scored.names()[:2]
    scored.click_on(first)
    scored.key(Qt.Key.Key_1)
    scored.wait_for(first, Decision.EXPERT)
    (folder / first).unlink()
    write_picture(folder / second, 0.1, width=31)
    write_picture(folder / "new.png", 0.3)
    write_picture(folder / "newer.png", 0.4)
    look()
    scored.wait_for_words("Looked again: 2 new, 1 gone, 1 changed.")
    assert scored.messages() == [
        "Decided, and no longer in the folder: 1 image. The decisions are kept, and come back with the files."
    ]
    scored.wait_for_words("1 decided but no longer here")
