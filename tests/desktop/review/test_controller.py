"""The folder under review, with real threads, a real store and a tiny model."""

import shutil
import threading
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from pytestqt.qtbot import QtBot

from annotriage.desktop.review.controller import ReviewController
from annotriage.images import find_images
from annotriage.model_file import ModelLibrary
from annotriage.scoring import Prediction
from annotriage.triage.decisions import Decision, Review
from annotriage.triage.journal import ReviewJournal
from annotriage.triage.scoring_progress import Phase
from annotriage.triage.session import Session
from annotriage.triage.store import SessionStore
from tests.pictures import write_picture, write_pictures

pytestmark = pytest.mark.copies

COUNT = 12


@pytest.fixture(autouse=True)
def models(library: Path, own_home: Path) -> None:
    """Let the user have two quick models and a slow one."""
    shutil.copytree(library, own_home, dirs_exist_ok=True)


@pytest.fixture
def many(tmp_path: Path, controller: ReviewController) -> Path:
    """Return a folder that takes a while to be scored."""
    controller.resources.model_name = "slow"
    write_pictures(tmp_path / "many", 300)
    return tmp_path / "many"


@pytest.fixture
def controller(qtbot: QtBot) -> Iterator[ReviewController]:
    controller = ReviewController()
    yield controller
    controller.shut_down()


def wait_until_done(controller: ReviewController, qtbot: QtBot) -> None:
    qtbot.waitUntil(lambda: controller.progress.phase is Phase.DONE)


def names(controller: ReviewController) -> list[str]:
    return [controller.images.image(line).name for line in range(controller.images.rowCount())]


def opened(controller: ReviewController, folder: Path, qtbot: QtBot) -> None:
    controller.open(folder)
    wait_until_done(controller, qtbot)


@pytest.mark.slow
def test_masks_that_an_earlier_version_ranked_leave_the_ranking(
    controller: ReviewController, folder: Path, qtbot: QtBot
) -> None:
    marked = np.zeros((48, 64), np.uint8)
    marked[10:30, 20:50] = 255
    Image.fromarray(marked).save(folder / "z.png")
    model = ModelLibrary().default()
    with SessionStore() as store:
        scored = [(image, Prediction(image.path, 0.2, 0.1, 0.9)) for image in find_images(folder)]
        store.keep(folder, model.key, scored)
    with qtbot.waitSignal(controller.masks_found) as told:
        controller.open(folder)
    assert told.args == [["z.png"]]
    wait_until_done(controller, qtbot)
    controller.images.reorder()
    assert len(names(controller)) == COUNT and "z.png" not in names(controller)
    with qtbot.assertNotEmitted(controller.masks_found):
        opened(controller, folder, qtbot)
    assert "z.png" not in names(controller), "not even until it is looked at"


def test_a_folder_is_listed_scored_and_ranked(controller: ReviewController, folder: Path, qtbot: QtBot) -> None:
    with qtbot.waitSignal(controller.listed) as listed:
        controller.open(folder)
    assert listed.args == [True]
    assert len(names(controller)) == COUNT
    wait_until_done(controller, qtbot)
    assert controller.progress.done == controller.progress.total == COUNT
    controller.images.reorder()
    with SessionStore() as store:
        session = Session(folder, ModelLibrary().default(), store)
        assert session.left() == []
        best = min(session.predictions.items(), key=lambda item: item[1].predicted_dice or 0)[0]
    assert names(controller)[0] == best


def test_everything_arrives_in_the_windows_thread(controller: ReviewController, folder: Path, qtbot: QtBot) -> None:
    threads = set()
    for signal in (
        controller.listed,
        controller.progress_changed,
        controller.images.dataChanged,
        controller.journal.recorded,
    ):
        signal.connect(lambda *_: threads.add(threading.get_ident()))
    opened(controller, folder, qtbot)
    with qtbot.waitSignal(controller.journal.recorded):
        controller.journal.decide(["0.png"], Decision.EXPERT, "Expert review")
    assert threads == {threading.get_ident()}


def test_unreadable_images_stop_nothing(controller: ReviewController, folder: Path, qtbot: QtBot) -> None:
    (folder / "broken.png").write_bytes((folder / "0.png").read_bytes()[:60])
    (folder / "empty.jpg").touch()
    opened(controller, folder, qtbot)
    catalogue = controller.images.catalogue
    assert catalogue is not None
    assert {catalogue.images[row].name for row in catalogue.problems} == {"broken.png", "empty.jpg"}
    controller.images.reorder()
    assert len(names(controller)) == COUNT


def test_a_scored_folder_is_there_before_the_disk_is_looked_through(
    controller: ReviewController, folder: Path, qtbot: QtBot
) -> None:
    opened(controller, folder, qtbot)
    controller.close_folder()
    assert names(controller) == []
    with qtbot.waitSignal(controller.listed) as first:
        controller.open(folder)
    assert first.args == [False]
    assert controller.images.disagreement(0) is not None
    wait_until_done(controller, qtbot)


@pytest.mark.slow
def test_looking_again_finds_what_came_changed_and_went(
    controller: ReviewController, folder: Path, qtbot: QtBot
) -> None:
    opened(controller, folder, qtbot)
    controller.journal.decide(["3.png"], Decision.EXPERT, "Expert review")
    before = controller.images.disagreement(controller.images.line_of("1.png") or 0)
    (folder / "0.png").unlink()
    write_picture(folder / "1.png", 0.95, height=50)
    write_picture(folder / "new.png", 0.5)
    with qtbot.waitSignal(controller.listed):
        controller.refresh()
    wait_until_done(controller, qtbot)
    assert set(names(controller)) == {"new.png", *(f"{number}.png" for number in range(1, COUNT))}
    line, kept = controller.images.line_of("1.png"), controller.images.line_of("3.png")
    assert line is not None and kept is not None
    assert controller.images.disagreement(line) != before
    assert controller.images.decision(kept) is Decision.EXPERT


@pytest.mark.slow
def test_pause_resume_and_cancel(controller: ReviewController, many: Path, qtbot: QtBot) -> None:
    controller.open(many)
    qtbot.waitUntil(lambda: controller.progress.phase is Phase.SCORING)
    controller.pause()
    qtbot.waitUntil(lambda: not controller.scoring_runs())
    qtbot.wait(50)  # what the thread has told last is under way
    done = controller.progress.done
    assert controller.progress.phase is Phase.PAUSED and done < 300
    qtbot.wait(150)
    assert controller.progress.done == done
    controller.resume()
    assert controller.progress.phase is Phase.SCORING
    controller.cancel()
    qtbot.waitUntil(lambda: not controller.scoring_runs())
    assert controller.progress.phase is Phase.STOPPED
    done = controller.progress.done
    controller.resume()
    qtbot.waitUntil(lambda: controller.progress.done > done)  # not to its end: how long that takes, the machine says


@pytest.mark.slow
def test_what_is_looked_at_is_scored_first(controller: ReviewController, many: Path, qtbot: QtBot) -> None:
    controller.score_first(["299.png", "298.png"])
    controller.open(many)
    images = controller.images
    qtbot.waitUntil(lambda: controller.progress.done > 0)
    line = images.line_of("299.png")
    assert line is not None and images.disagreement(line) is not None
    assert controller.progress.done < 300


def test_decisions_are_on_the_disk_when_they_are_shown(
    controller: ReviewController, folder: Path, qtbot: QtBot
) -> None:
    opened(controller, folder, qtbot)
    with qtbot.waitSignal(controller.journal.recorded) as told:
        controller.journal.decide(["0.png", "1.png"], Decision.EXPERT, "Expert review for 2 images", assignee="Ada")
    said = Review(Decision.EXPERT, "Ada")
    assert told.args[:3] == ["Expert review for 2 images", {"0.png": said, "1.png": said}, "did"]
    with SessionStore() as store:
        assert ReviewJournal(store, folder).reviews()["1.png"] == Review(Decision.EXPERT, "Ada")


def test_quick_changes_to_one_image_build_on_each_other(
    controller: ReviewController, folder: Path, qtbot: QtBot
) -> None:
    opened(controller, folder, qtbot)
    controller.journal.decide(["0.png"], Decision.ROUTINE, "Routine annotation")
    controller.journal.set_note(["0.png"], "hair", "Note")
    controller.journal.set_assignee(["0.png"], "Ben", "Assignee")
    line = controller.images.line_of("0.png")
    assert line is not None
    qtbot.waitUntil(lambda: controller.images.review(line) == Review(Decision.ROUTINE, "Ben", "hair"))


def test_undo_and_redo_survive_closing(controller: ReviewController, folder: Path, qtbot: QtBot) -> None:
    opened(controller, folder, qtbot)
    controller.journal.decide(["0.png"], Decision.EXPERT, "Expert review")
    controller.journal.set_note(["0.png"], "hair", "Note")
    controller.close_folder()
    with qtbot.waitSignal(controller.journal.undo_changed, check_params_cb=lambda undo, redo: undo == "Note"):
        controller.open(folder)
    with qtbot.waitSignal(
        controller.journal.recorded, check_params_cb=lambda label, _, how, _before: (label, how) == ("Note", "undid")
    ):
        controller.journal.undo()
    with qtbot.waitSignal(controller.journal.recorded) as told:
        controller.journal.undo()
    assert told.args[:3] == ["Expert review", {"0.png": Review()}, "undid"]
    with qtbot.waitSignal(controller.journal.recorded) as told:
        controller.journal.redo()
    assert told.args[:3] == ["Expert review", {"0.png": Review(Decision.EXPERT)}, "redid"]


def test_another_model_scores_anew_and_decisions_stay(controller: ReviewController, folder: Path, qtbot: QtBot) -> None:
    opened(controller, folder, qtbot)
    with qtbot.waitSignal(controller.journal.recorded):
        controller.journal.decide(["0.png"], Decision.EXPERT, "Expert review")
    controller.use_model("other")
    line = controller.images.line_of("0.png")
    assert line is not None
    assert controller.images.disagreement(line) is None
    assert controller.images.decision(line) is Decision.EXPERT
    wait_until_done(controller, qtbot)
    assert controller.images.catalogue is not None and not controller.images.catalogue.waiting()
    controller.use_model("tiny")
    qtbot.waitUntil(lambda: controller.progress.phase is Phase.DONE)


def test_a_model_that_cannot_be_used_is_said(controller: ReviewController, folder: Path, qtbot: QtBot) -> None:
    opened(controller, folder, qtbot)
    with qtbot.waitSignal(controller.failed) as told:
        controller.use_model("no such model")
    assert "no such model" in told.args[0]
    assert controller.progress.phase is Phase.STOPPED


def test_a_folder_that_is_not_there_is_said(controller: ReviewController, tmp_path: Path, qtbot: QtBot) -> None:
    with qtbot.waitSignal(controller.failed) as told:
        controller.open(tmp_path / "nowhere")
    assert "nowhere" in told.args[0]


@pytest.mark.slow
@pytest.mark.parametrize("follows", [True, False])
def test_a_folder_that_vanishes_is_said_once_and_blames_no_image(
    controller: ReviewController, many: Path, qtbot: QtBot, follows: bool
) -> None:
    said: list[str] = []
    controller.failed.connect(said.append)
    controller.away_changed.connect(lambda away: said.append(f"no longer there: {away}") if away else None)
    controller.follow(follows)
    controller.open(many)
    qtbot.waitUntil(lambda: controller.progress.done > 0)
    controller.pause()
    qtbot.waitUntil(lambda: not controller.scoring_runs())
    many.rename(many.with_name("elsewhere"))
    controller.resume()
    qtbot.waitUntil(lambda: controller.progress.phase is Phase.STOPPED and said != [])
    assert len(said) == 1 and "no longer there" in said[0]
    assert controller.images.catalogue is not None and not controller.images.catalogue.problems
    many.with_name("elsewhere").rename(many)
    if follows:  # it goes on by itself
        wait_until_done(controller, qtbot)
        assert not controller.images.catalogue.problems


def test_a_damaged_store_is_said_and_not_touched(
    controller: ReviewController, folder: Path, own_home: Path, qtbot: QtBot
) -> None:
    store = own_home / "sessions.sqlite"
    store.write_bytes(b"this is no database, " * 100)
    with qtbot.waitSignal(controller.failed) as told:
        controller.open(folder)
    assert "damaged" in told.args[0]
    assert store.read_bytes().startswith(b"this is no database")


@pytest.mark.slow
def test_opening_another_folder_leaves_nothing_of_the_first(
    controller: ReviewController, folder: Path, many: Path, qtbot: QtBot
) -> None:
    controller.open(many)
    qtbot.waitUntil(lambda: controller.progress.done > 0)
    opened(controller, folder, qtbot)
    assert len(names(controller)) == COUNT
    qtbot.wait(100)
    assert controller.progress.total == COUNT


@pytest.mark.slow
def test_shutting_down_ends_all_threads(folder: Path, tmp_path: Path, qtbot: QtBot) -> None:
    write_pictures(tmp_path / "many", 300)
    controller = ReviewController()
    controller.resources.model_name = "slow"
    controller.open(tmp_path / "many")
    qtbot.waitUntil(lambda: controller.progress.done > 0)
    controller.journal.decide(["0.png"], Decision.EXPERT, "Expert review")
    controller.shut_down()
    left = {thread.name for thread in threading.enumerate()}
    assert not {name for name in left if name.startswith(("listing", "scoring", "journal", "annotriage"))}
    with SessionStore() as store:
        assert ReviewJournal(store, tmp_path / "many").reviews() == {"0.png": Review(Decision.EXPERT)}


def test_maps_are_read_for_one_image(controller: ReviewController, folder: Path, qtbot: QtBot) -> None:
    opened(controller, folder, qtbot)
    prediction = controller.resources.maps_of(controller.images.image(0))
    assert prediction is not None and prediction.heatmap is not None and prediction.heatmap.shape == (4, 4)


def test_a_report_about_the_folder_before_still_gets_its_own_maps(
    controller: ReviewController, folder: Path, tmp_path: Path, qtbot: QtBot
) -> None:
    opened(controller, folder, qtbot)
    image = controller.images.image(0)
    write_pictures(tmp_path / "second", 2)
    opened(controller, tmp_path / "second", qtbot)
    prediction = controller.resources.maps_of(image)
    assert prediction is not None and prediction.image == image.path


@pytest.mark.slow
def test_nearly_the_same_pictures_are_known_once_all_are_scored_and_after_another_came(
    controller: ReviewController, tmp_path: Path, qtbot: QtBot
) -> None:
    from annotriage.datasets.synthesis.drawing import draw_lesion

    photos = tmp_path / "copies"
    photos.mkdir()
    first, other = (Image.fromarray(draw_lesion(n, ambiguous=False, size=(128, 128)).rgb) for n in range(2))
    for name, image in {"a": first, "b": other, "c": first.transpose(Image.Transpose.ROTATE_90)}.items():
        image.save(photos / f"{name}.png")

    def alike(name: str) -> list[str]:
        catalogue = controller.images.catalogue
        row = None if catalogue is None else catalogue.row_of(name)
        return [] if catalogue is None or row is None else catalogue.names(catalogue.group_rows(row))

    opened(controller, photos, qtbot)
    qtbot.waitUntil(lambda: alike("a.png") == ["c.png"])
    assert alike("b.png") == []
    other.transpose(Image.Transpose.FLIP_LEFT_RIGHT).save(photos / "d.png")
    qtbot.waitUntil(lambda: alike("d.png") == ["b.png"], timeout=20_000)
    assert alike("c.png") == ["a.png"]
