"""The open folder changes by itself: what comes, changes and goes is taken in, and nothing on the screen jumps."""

import os
import shutil
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from annotriage.desktop.settings import Settings
from annotriage.model_file import ModelLibrary
from annotriage.triage.decisions import Decision
from annotriage.triage.ranking import rank
from annotriage.triage.scoring_progress import Phase
from annotriage.triage.session import Session
from annotriage.triage.store import SessionStore
from tests.desktop.conftest import IMAGES
from tests.desktop.window.conftest import Make
from tests.desktop.window.hands import Hands, undo
from tests.pictures import write_picture, write_pictures

pytestmark = pytest.mark.slow


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let files come to rest sooner, for the tests' sake."""
    monkeypatch.setattr("annotriage.images.watching._PAUSE", 0.05)
    monkeypatch.setattr("annotriage.images.watching.REST", 0.2)
    monkeypatch.setattr("annotriage.desktop.window.deferred_reorder._CHECK_EVERY", 30)
    monkeypatch.setattr("annotriage.desktop.window.deferred_reorder._AT_REST", 0.4)


@pytest.fixture
def long(make: Make, tmp_path: Path) -> Hands:
    """Return a window with more scored images than it can show at once, in the midst of them."""
    write_pictures(tmp_path / "long", 60)
    hands = make(tmp_path / "long")
    hands.wait_until_scored()
    hands.qtbot.waitUntil(hands.window.pages.decisions.top_follower.is_settled)
    hands.key(Qt.Key.Key_End)
    return hands


def folder_of(hands: Hands) -> Path:
    assert hands.review.folder is not None
    return hands.review.folder


def wait_for_news(hands: Hands, text: str) -> None:
    hands.qtbot.waitUntil(lambda: text in hands.words(), timeout=10_000)


def is_scored(hands: Hands, name: str) -> bool:
    line = hands.images.line_of(name)
    return line is not None and hands.images.disagreement(line) is not None


def test_new_images_are_counted_and_scored_and_nothing_moves(long: Hands, qtbot: QtBot) -> None:
    before, current, at = long.names(), long.current(), long.gallery.grid.verticalOffset()
    for number in range(3):
        write_picture(folder_of(long) / f"new{number}.png", 0.1 * number)
    wait_for_news(long, "3 new images")
    qtbot.waitUntil(lambda: all(is_scored(long, f"new{number}.png") for number in range(3)))
    long.wait_for_words("All 63 images scored")
    assert long.names()[:60] == before and set(long.names()[60:]) == {f"new{number}.png" for number in range(3)}
    assert (
        long.current() == current and abs(long.gallery.grid.verticalOffset() - at) < 3
    )  # the offer above takes a line
    long.key(Qt.Key.Key_R)
    assert sorted(long.names(), key=lambda name: long.images.rank(long.images.line_of(name) or 0)) == long.names()
    assert long.current() == current or long.images.rank(long.images.line_of(long.current() or "") or 0) == 1


def test_by_name_they_come_to_their_places_once_it_is_asked_for(long: Hands, qtbot: QtBot) -> None:
    from annotriage.triage.sort_keys import SortKey

    long.actions.sort[SortKey.NAME].trigger()
    long.key(Qt.Key.Key_End)
    write_picture(folder_of(long) / "5b.png", 0.5)
    qtbot.waitUntil(lambda: is_scored(long, "5b.png"))
    assert long.names()[-1] == "5b.png"
    long.wait_for_words("New ranking available")
    long.key(Qt.Key.Key_R)
    assert long.names()[5:7] == ["5.png", "5b.png"]


def test_a_changed_image_is_shown_and_scored_anew_and_no_key_hits_it_unseen(long: Hands, qtbot: QtBot) -> None:
    name = long.current()
    assert name is not None
    before, order = long.images.disagreement(long.images.line_of(name) or 0), long.names()
    picture = long.panel.pictures.view
    write_picture(folder_of(long) / name, 0.04, width=99)
    with qtbot.waitSignal(long.review.arrived):
        pass
    long.key(Qt.Key.Key_1)
    long.wait_for_words("Nothing is decided: another image came a moment ago.")
    qtbot.waitUntil(lambda: long.images.disagreement(long.images.line_of(name) or 0) not in (None, before))
    assert long.names() == order and long.decision(name) is Decision.UNDECIDED and picture is not None
    image = long.images.image(long.images.line_of(name) or 0)
    size = round(long.gallery.grid.tile_size * long.gallery.grid.devicePixelRatioF())
    qtbot.waitUntil(lambda: long.workspace.thumbnail(image, size) is not None)
    assert image.modified_ns == (folder_of(long) / name).stat().st_mtime_ns


def test_what_goes_is_marked_and_leaves_once_nobody_is_in_the_midst(long: Hands, qtbot: QtBot) -> None:
    order = long.names()
    long.key(Qt.Key.Key_2)
    decided = order[-1]
    long.wait_for(decided, Decision.ROUTINE)
    (folder_of(long) / decided).unlink()
    (folder_of(long) / order[0]).unlink()
    wait_for_news(long, "2 gone")
    assert long.names() == order
    assert [long.images.mark(line) for line in (0, 59)] == ["gone", "gone"]
    long.wait_for_words("1 decided but no longer here")
    long.wait_for_words("All 58 images scored")
    assert any(said.startswith("Decided, and no longer in the folder: 1 image.") for said in long.messages())
    long.key(Qt.Key.Key_Home)
    qtbot.waitUntil(lambda: long.names() == order[1:-1])
    undo(long)
    qtbot.waitUntil(lambda: "no longer here" not in long.words())


def test_the_chosen_image_that_goes_gives_way_to_the_one_below(long: Hands, qtbot: QtBot) -> None:
    order = long.names()
    long.click_on(order[-4])
    (folder_of(long) / order[-4]).unlink()
    wait_for_news(long, "1 gone")
    assert long.current() == order[-4]
    long.images.reorder()
    assert long.current() == order[-3]


def test_selection_and_undo_live_on_while_images_come(long: Hands, qtbot: QtBot) -> None:
    chosen = long.names()[-3:]
    long.window.pages.select_images(chosen)
    long.key(Qt.Key.Key_1)
    long.wait_for(chosen[0], Decision.EXPERT)
    long.window.pages.select_images(chosen)
    write_picture(folder_of(long) / "0b.png", 0.5)
    (folder_of(long) / long.names()[0]).unlink()
    wait_for_news(long, "1 new image, 1 gone")
    assert long.window.pages.target.names() == chosen
    undo(long)
    for name in chosen:
        long.wait_for(name, Decision.UNDECIDED)


def test_a_renamed_image_is_not_scored_again_and_its_decision_stays_with_the_name(long: Hands, qtbot: QtBot) -> None:
    name = long.current()
    assert name is not None
    disagreement = long.images.disagreement(long.images.line_of(name) or 0)
    long.key(Qt.Key.Key_1)
    long.wait_for(name, Decision.EXPERT)
    scored: list[str] = []
    long.review.predicted.connect(scored.extend)
    (folder_of(long) / name).rename(folder_of(long) / "other name.png")
    wait_for_news(long, "1 new image, 1 gone")

    def is_known() -> bool:
        line = long.images.line_of("other name.png")
        return line is not None and long.images.disagreement(line) == disagreement

    qtbot.waitUntil(is_known)
    assert scored == []
    assert long.decision("other name.png") is Decision.UNDECIDED
    (folder_of(long) / "other name.png").rename(folder_of(long) / name)
    qtbot.waitUntil(lambda: long.images.line_of(name) is not None and not long.images.is_gone(59))
    assert long.decision(name) is Decision.EXPERT


def test_half_a_file_is_waited_for(scored: Hands, folder: Path, qtbot: QtBot) -> None:
    whole = (folder / "0.png").read_bytes()
    (folder / "late.png").write_bytes(whole[: len(whole) // 2])
    scored.wait_for_words("1 being copied")
    qtbot.wait(400)
    assert "late.png" not in scored.names() and scored.images.catalogue is not None
    assert scored.images.catalogue.row_of("late.png") is None
    (folder / "late.png").write_bytes(whole)
    qtbot.waitUntil(lambda: is_scored(scored, "late.png"))
    assert "being copied" not in scored.words()


def test_what_stays_broken_is_listed_as_unreadable(
    scored: Hands, folder: Path, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("annotriage.images.watching.PATIENCE", 0.6)
    whole = (folder / "0.png").read_bytes()
    (folder / "broken.png").write_bytes(whole[:60])
    wait_for_news(scored, "1 new image")
    catalogue = scored.images.catalogue
    assert catalogue is not None
    qtbot.waitUntil(lambda: len(scored.images.catalogue.unreadable()) == 1)  # type: ignore[union-attr]
    scored.wait_for_words(f"All {IMAGES} images scored")


def test_a_folder_that_is_away_keeps_everything_and_goes_on_when_it_is_back(
    scored: Hands, folder: Path, qtbot: QtBot
) -> None:
    names = scored.names()
    folder.rename(folder.with_name("elsewhere"))
    qtbot.waitUntil(lambda: any("is out of reach" in said for said in scored.messages()))
    assert scored.names() == names
    write_picture(folder.with_name("elsewhere") / "new.png", 0.5)
    folder.with_name("elsewhere").rename(folder)
    qtbot.waitUntil(lambda: is_scored(scored, "new.png"))
    assert not any("is out of reach" in said for said in scored.messages())
    assert set(scored.names()) == {*names, "new.png"}


def test_f5_while_the_folder_is_away_does_not_end_that(scored: Hands, folder: Path, qtbot: QtBot) -> None:
    folder.rename(folder.with_name("elsewhere"))
    qtbot.waitUntil(lambda: any("is out of reach" in said for said in scored.messages()))
    scored.key(Qt.Key.Key_F5)
    qtbot.waitUntil(lambda: scored.review.progress.phase is Phase.STOPPED)
    folder.with_name("elsewhere").rename(folder)
    write_picture(folder / "new.png", 0.5)
    qtbot.waitUntil(lambda: is_scored(scored, "new.png"))
    scored.wait_for_words(f"All {IMAGES + 1} images scored")


def test_a_folder_that_somebody_empties_is_empty_and_fills_again(scored: Hands, folder: Path, qtbot: QtBot) -> None:
    scored.key(Qt.Key.Key_1)
    kept = folder.with_name("kept")
    kept.mkdir()
    for path in folder.iterdir():
        path.rename(kept / path.name)
    scored.wait_for_words("This folder has no images")
    for path in kept.iterdir():
        path.rename(folder / path.name)
    qtbot.waitUntil(lambda: len(scored.names()) == IMAGES and scored.review.progress.phase is Phase.DONE)
    assert scored.current() is not None


def test_it_can_be_turned_off_and_on_again(scored: Hands, folder: Path, qtbot: QtBot) -> None:
    follow = scored.menu("Folder", "Follow changes")
    assert follow.isChecked()
    follow.trigger()
    write_picture(folder / "new.png", 0.5)
    qtbot.wait(600)
    assert "new.png" not in scored.names()
    assert not Settings().follows_changes or not scored.window._settings.follows_changes
    scored.key(Qt.Key.Key_F5)
    qtbot.waitUntil(lambda: "new.png" in scored.names())
    follow.trigger()
    write_picture(folder / "newer.png", 0.5)
    qtbot.waitUntil(lambda: is_scored(scored, "newer.png"))


def test_images_that_come_while_others_are_scored(make: Make, many: Path, qtbot: QtBot) -> None:
    hands = make(many, model="slow")
    qtbot.waitUntil(lambda: hands.review.progress.done > 0)
    shutil.copy(many / "0.png", many / "new.png")
    write_picture(many / "299.png", 0.1, width=80)
    (many / "298.png").unlink()
    hands.actions.new_ranking.trigger()
    qtbot.waitUntil(lambda: hands.review.progress.phase is Phase.DONE, timeout=60_000)
    assert hands.review.progress.total == 300 and is_scored(hands, "new.png") and is_scored(hands, "299.png")


def test_in_the_end_the_ranking_is_that_of_a_run_over_all(long: Hands, qtbot: QtBot, tmp_path: Path) -> None:
    folder = folder_of(long)
    for number in range(40):
        write_picture(tmp_path / "from" / f"{number}c.png", number / 40)
        os.replace(tmp_path / "from" / f"{number}c.png", folder / f"{number}c.png")
        if number % 5 == 0:
            (folder / f"{number}.png").unlink()
        if number % 7 == 0:
            (folder / f"{number}c.png").rename(folder / f"{number}d.png")
        if number % 9 == 1:
            write_picture(folder / f"{number}.png", 0.33, width=70)
        qtbot.wait(20)
    there = {path.name for path in folder.iterdir()}

    def is_settled() -> bool:
        catalogue = long.images.catalogue
        assert catalogue is not None
        shown = {image.name for row, image in enumerate(catalogue.images) if row not in catalogue.problems}
        return shown == there and long.review.progress.phase is Phase.DONE

    qtbot.waitUntil(is_settled, timeout=20_000)
    qtbot.wait(500)
    long.key(Qt.Key.Key_R)
    assert_same_as_batch(long, folder)


def assert_same_as_batch(hands: Hands, folder: Path) -> None:
    """Compare what is shown with a run that knows nothing."""
    with SessionStore(folder.with_name("fresh.sqlite")) as store:
        session = Session(folder, ModelLibrary().default(), store)
        for _ in session.score():
            pass
        rows = rank(session.results())
    assert hands.names() == [row.image for row in rows]
    shown = [hands.images.disagreement(line) for line in range(len(rows))]
    assert shown == pytest.approx([row.disagreement for row in rows], abs=1e-4)
