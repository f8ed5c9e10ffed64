"""The result of a training, as a person sees it, and what can be done with it."""

import json
import shutil
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QPushButton, QTextBrowser
from pytestqt.qtbot import QtBot

from annotriage.desktop.background import wait_for_jobs
from annotriage.desktop.look.theme import DARK
from annotriage.desktop.training import result_rival
from annotriage.desktop.training.result_page import ResultPage
from annotriage.desktop.training.training_folder import State, read_training, trainings_folder
from annotriage.desktop.training.trainings_shelf import lock_of
from annotriage.model_file import ModelLibrary, open_model_file
from tests.desktop.training.result_made import TEST_IMAGES, write_model_in_use, write_training
from tests.tiny_models import write_tiny_model

Show = Callable[..., ResultPage]


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with a training of three runs and its pictures, to be copied."""
    folder = tmp_path_factory.mktemp("made")
    write_training(folder / "training", folder / "pictures", runs=3)
    return folder


@pytest.fixture(autouse=True)
def small_and_quick(tmp_path: Path, own_home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let a tiny model ship and another one be in use, and draw less often."""
    (tmp_path / "shipped" / "models").mkdir(parents=True)
    write_tiny_model(tmp_path / "shipped" / "models" / "bundled.onnx", name="bundled")
    monkeypatch.setattr("annotriage.model_file.library.resources_folder", lambda: tmp_path / "shipped")
    monkeypatch.setattr("annotriage.comparison.verdict.RESAMPLES", 499)
    write_model_in_use(own_home)


@pytest.fixture
def pictures(made: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(made / "pictures", tmp_path / "pictures"))


@pytest.fixture
def three(made: Path, pictures: Path) -> Path:
    """Return the folder of a training with three runs."""
    folder = Path(shutil.copytree(made / "training", trainings_folder() / "mine"))
    told = json.loads((folder / "training.json").read_text())
    (folder / "training.json").write_text(json.dumps(told | {"images": str(pictures)}))
    return folder


@pytest.fixture
def training(three: Path) -> Path:
    """Return the folder of a training with one run that is better than the model in use."""
    for number in (2, 3):
        shutil.rmtree(three / "mine" / f"run-{number:02d}")
        (three / "recipes" / f"mine-run-{number:02d}.toml").unlink()
    return three


@pytest.fixture
def show(qtbot: QtBot) -> Iterator[Show]:
    """Show a training's folder, and wait until all is said."""
    pages = []

    def make(folder: Path, *, wait: bool = True) -> ResultPage:
        page = ResultPage(ModelLibrary())
        pages.append(page)
        qtbot.addWidget(page)
        page.resize(1000, 760)
        page.show()
        page.show_training(folder)
        if wait:
            settle(page, qtbot)
        return page

    yield make
    for page in pages:
        page.shut_down()
    assert wait_for_jobs(30)


def settle(page: ResultPage, qtbot: QtBot) -> None:
    qtbot.waitUntil(lambda: bool(page.verdict.sentence) or (bool(page.message) and "Reading" not in page.message))


def button(page: ResultPage, text: str) -> QPushButton:
    return next(each for each in page.findChildren(QPushButton) if each.text().replace("&", "") == text)


def press(page: ResultPage, text: str, qtbot: QtBot) -> None:
    found = button(page, text)
    assert found.isVisible()
    assert found.isEnabled()
    qtbot.mouseClick(found, Qt.MouseButton.LeftButton)


# What it says


def test_the_verdict_stands_at_the_top_with_its_numbers(training: Path, show: Show) -> None:
    page = show(training)
    assert page.verdict.headline.text() == "Better than the model in use (used)"
    assert f"On the same {TEST_IMAGES} test images the new model is off by" in page.verdict.sentence
    assert "better than a guess that looks at no image" in page.verdict.guess
    rows = page.verdict.numbers.texts()
    assert [row[0] for row in rows] == ["The new model", "The model in use (used)", "A guess"]
    metrics = json.loads((training / "mine" / "run-01" / "metrics.json").read_text())
    expected = [metrics[name] for name in ("mae", "mae_sd", "mse", "mse_sd")]
    assert rows[0][1:] == [f"{value:.{n}f}" for value, n in zip(expected, (3, 3, 4, 4), strict=True)]
    assert rows[2][1] == f"{metrics['median_mae']:.3f}"
    assert rows[2][3] == f"{metrics['mean_mse']:.4f}"
    assert page.missing() == ""


def test_a_model_in_use_of_another_table_is_a_caution(training: Path, show: Show) -> None:
    assert any("another table" in caution for caution in show(training).verdict.cautions)


def test_before_the_comparison_is_done_the_rest_is_there(
    training: Path, show: Show, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    import threading

    go_on = threading.Event()
    predict = result_rival.predict

    def slow(*values: object) -> object:
        report = values[3]
        report(3, TEST_IMAGES)  # type: ignore[operator]
        assert go_on.wait(30)
        return predict(*values)  # type: ignore[arg-type]

    monkeypatch.setattr("annotriage.desktop.training.result_work.predict", slow)
    page = show(training, wait=False)
    qtbot.waitUntil(lambda: f"3 of {TEST_IMAGES}" in page.verdict.headline.text())
    assert page.verdict.sentence == ""
    assert [row[0] for row in page.verdict.numbers.texts()] == ["The new model", "A guess"]
    qtbot.waitUntil(lambda: "test images" in page.figures.coverage.sentence)
    assert button(page, "Install").isEnabled()
    go_on.set()
    settle(page, qtbot)
    assert page.verdict.headline.text().startswith("Better")


def test_figures_say_what_they_show(training: Path, show: Show, qtbot: QtBot) -> None:
    page = show(training)
    qtbot.waitUntil(lambda: "With the model in use (used) it is" in page.figures.triage.sentence)
    assert "are off by 0.10 or less" in page.figures.scatter.sentence
    assert "The largest error is" in page.figures.errors.sentence
    assert f"Of the test images ({TEST_IMAGES}), 100\u00a0% lie inside" in page.figures.coverage.sentence


def test_the_worst_images_come_first_and_one_can_be_looked_at(training: Path, show: Show, qtbot: QtBot) -> None:
    page = show(training)
    run = page._results.runs[0] if page._results else None
    assert run is not None
    worst = run.images.names[int(run.images.absolute.argmax())]
    page._content.tabs.setCurrentIndex(4)
    tile = page.groups.tiles()[0]
    assert tile.image is not None
    assert tile.image.name == worst
    qtbot.mouseClick(tile, Qt.MouseButton.LeftButton)
    assert page.chosen.isVisible()
    assert tile.isChecked()
    assert worst in page.chosen.text()
    assert "The model in use (used): 0." in page.chosen.text()
    qtbot.waitUntil(lambda: (look := page._looks.look(worst)) is not None and look.heat is not None)


def test_a_point_of_the_figure_leads_to_its_image(training: Path, pictures: Path, show: Show, qtbot: QtBot) -> None:
    page = show(training)
    qtbot.waitUntil(lambda: bool(page.figures.scatter.sentence))
    page.figures.scatter.chart.setFocus()
    qtbot.keyClick(page.figures.scatter.chart, Qt.Key.Key_Down)
    qtbot.keyClick(page.figures.scatter.chart, Qt.Key.Key_Return)
    if page.chosen.image is None:  # the first series is the line
        qtbot.keyClick(page.figures.scatter.chart, Qt.Key.Key_Down)
        qtbot.keyClick(page.figures.scatter.chart, Qt.Key.Key_Return)
    assert page.chosen.image is not None
    name = page.chosen.image.name
    with qtbot.waitSignal(page.image_wanted) as wanted:
        press(page, "Show it large", qtbot)
    assert wanted.args == [pictures / name]


def test_tiles_are_walked_through_by_keyboard(training: Path, show: Show, qtbot: QtBot) -> None:
    page = show(training)
    page._content.tabs.setCurrentIndex(4)
    first, second = page.groups.tiles()[:2]
    first.setFocus()
    qtbot.keyClick(first, Qt.Key.Key_Right)
    assert page.focusWidget() is second
    with qtbot.waitSignal(page.image_wanted):
        qtbot.keyClick(second, Qt.Key.Key_Return)


def test_it_follows_the_theme_and_small_windows(training: Path, show: Show, qapp: QApplication, qtbot: QtBot) -> None:
    page = show(training)
    page.choose_image(page.groups.tiles()[0].image.name)  # type: ignore[union-attr]
    light = page.grab().toImage().pixelColor(5, 5).lightness()
    qapp.setPalette(DARK.palette())
    qtbot.waitUntil(lambda: page.grab().toImage().pixelColor(5, 5).lightness() < light)
    page.resize(800, 560)
    assert page.width() <= 800


# Several runs


def test_the_run_with_the_smallest_validation_error_comes_first(three: Path, show: Show, qtbot: QtBot) -> None:
    (three / "recipes" / "mine-run-04.toml").write_text("")
    page = show(three)
    assert [page.runs.itemText(k).split(",")[1] for k in range(3)] == [" run 1", " run 2", " run 3"]
    assert "validation error 0.050" in page.runs.itemText(0)
    assert page.note == "One of the planned runs is not finished."
    before = page.verdict.numbers.texts()[0]
    page.runs.setCurrentIndex(2)
    page.runs.activated.emit(2)
    qtbot.waitUntil(lambda: page.verdict.numbers.texts()[0] != before and bool(page.verdict.sentence))
    with qtbot.waitSignal(page.statistics_wanted) as wanted:
        press(page, "Compare the runs in the statistics", qtbot)
    assert wanted.args == [[three / "mine" / f"run-{number:02d}" for number in (1, 2, 3)]]


def test_of_one_run_there_is_nothing_to_compare(training: Path, show: Show) -> None:
    page = show(training)
    assert not button(page, "Compare the runs in the statistics").isVisible()
    assert not page.runs.isVisible()


# Into the library and out


def test_it_is_installed_under_the_name_given_and_made_the_default(training: Path, show: Show, qtbot: QtBot) -> None:
    page = show(training)
    assert page.ways.name.text() == "mine"
    assert not button(page, "Make it the default").isEnabled()
    page.ways.name.setText("contentious-2026")
    with qtbot.waitSignal(page.installed) as installed:
        press(page, "Install", qtbot)
    assert installed.args == ["contentious-2026"]
    entry = next(each for each in ModelLibrary().list() if each.name == "contentious-2026")
    assert entry.card is not None
    assert entry.card.name == entry.card.title == "contentious-2026"
    assert page.ways.hint == "It is installed as contentious-2026."
    assert not button(page, "Install").isVisible()
    with qtbot.waitSignal(page.default_changed) as changed:
        press(page, "Make it the default", qtbot)
    assert changed.args == ["contentious-2026"]
    assert "and the model in use" in page.ways.hint
    assert ModelLibrary().default().card.name == "contentious-2026"


def test_what_is_installed_already_is_known(training: Path, show: Show, qtbot: QtBot) -> None:
    page = show(training)
    page.ways.name.setText("other")
    with qtbot.waitSignal(page.installed):
        page.ways.install()
    again = show(training)
    assert again.ways.name.text() == "other"
    assert again.ways.hint == "It is installed as other."


def test_a_name_that_is_no_name_cannot_be_used(training: Path, show: Show) -> None:
    page = show(training)
    for name in ("my model", "-first", "a/b", "con", "äää", "x."):
        page.ways.name.setText(name)
        assert not button(page, "Install").isEnabled()
        assert "letters, digits" in page.ways.hint
    page.ways.name.setText("")
    assert page.ways.hint == "Give the model a name."


def test_a_name_that_ships_is_refused(training: Path, show: Show, qtbot: QtBot) -> None:
    page = show(training)
    page.ways.name.setText("Bundled")
    assert "ships with Annotriage" in page.ways.hint
    page.ways.install()
    qtbot.waitUntil(lambda: "give yours another name" in page.ways.bar.text())


def test_another_model_is_replaced_only_when_a_person_says_so(
    training: Path, own_home: Path, show: Show, qtbot: QtBot
) -> None:
    page = show(training)
    before = (own_home / "models" / "used.onnx").read_bytes()
    page.ways.name.setText("used")
    press(page, "Install", qtbot)
    qtbot.waitUntil(lambda: "another model called used" in page.ways.bar.text())
    assert (own_home / "models" / "used.onnx").read_bytes() == before
    with qtbot.waitSignal(page.installed):
        press(page, "Replace it", qtbot)
    assert open_model_file(own_home / "models" / "used.onnx").card.recipe == {"name": "mine", "seed": 1}


def test_a_name_that_is_taken_is_not_suggested(training: Path, own_home: Path, show: Show) -> None:
    write_tiny_model(own_home / "models" / "mine.onnx", name="mine", title="Another one")
    assert show(training).ways.name.text() == "mine-2"


def test_it_is_exported_whole(training: Path, show: Show, qtbot: QtBot, tmp_path: Path) -> None:
    page = show(training)
    page.ways.export_to(tmp_path / "out.onnx")
    qtbot.waitUntil(lambda: "is written to" in page.ways.bar.text())
    assert (tmp_path / "out.onnx").read_bytes() == (training / "mine" / "run-01" / "mine.onnx").read_bytes()
    page.ways.name.setText("renamed")
    page.ways.export_to(tmp_path / "renamed.onnx")
    qtbot.waitUntil(lambda: "renamed.onnx" in page.ways.bar.text())
    assert open_model_file(tmp_path / "renamed.onnx").card.name == "renamed"


def test_a_full_disk_leaves_no_half_file(
    training: Path, show: Show, qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = show(training)

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("annotriage.writing.os.fsync", full)
    page.ways.export_to(tmp_path / "out.onnx")
    qtbot.waitUntil(lambda: "No space left on device" in page.ways.bar.text())
    assert not list(tmp_path.glob("*.onnx"))
    assert not list(tmp_path.glob(".*.part"))
    page.ways.install()
    qtbot.waitUntil(lambda: "No space left" in page.ways.bar.text() and "models" in page.ways.bar.text())
    assert not button(page, "Make it the default").isEnabled()


def test_its_card_can_be_read(training: Path, show: Show) -> None:
    page = show(training)
    page.ways.show_card()
    words = page.findChild(QTextBrowser).toPlainText()
    assert "How well it predicts" in words


def test_a_training_is_thrown_away_and_brought_back(training: Path, show: Show, qtbot: QtBot) -> None:
    page = show(training)
    with qtbot.waitSignal(page.thrown_away) as thrown:
        press(page, "Throw away", qtbot)
    assert thrown.args == [training]
    assert not training.exists()
    assert "thrown away" in page.message
    with qtbot.waitSignal(page.brought_back):
        press(page, "Bring it back", qtbot)
    settle(page, qtbot)
    assert (training / "mine" / "run-01" / "mine.onnx").is_file()
    assert page.verdict.headline.text().startswith("Better")


def test_what_is_being_trained_is_not_thrown_away(training: Path, show: Show, qtbot: QtBot) -> None:
    page = show(training)
    read_training(training).noted(State.RUNNING)
    lock = lock_of(training)
    assert lock.tryLock(0)
    try:
        press(page, "Throw away", qtbot)
        qtbot.waitUntil(lambda: "still being trained" in page.ways.bar.text())
    finally:
        lock.unlock()
    assert training.is_dir()


# Where something is not as it should be


def test_nothing_is_finished_yet(training: Path, show: Show) -> None:
    (training / "mine" / "run-01" / "metrics.json").unlink()
    page = show(training)
    assert page.message.startswith("Nothing is finished yet")
    assert page.missing() == "No run is finished yet."


def test_why_a_training_failed_is_said(training: Path, show: Show) -> None:
    (training / "mine" / "run-01" / "metrics.json").unlink()
    read_training(training).noted(State.FAILED, "There was too little memory.")
    assert "There was too little memory." in show(training).message


def test_a_folder_that_is_gone(training: Path, show: Show) -> None:
    shutil.rmtree(training)
    assert "is not there any more" in show(training).message


@pytest.mark.parametrize(
    ("file", "content", "said"),
    [
        ("metrics.json", "{", "is damaged"),
        ("metrics.json", '{"mse": 0.1}', "has no mae"),
        ("metrics.json", '{"mse": 0.1, "mae": NaN}', "has diverged"),
        ("predictions.csv", None, "has no predictions.csv"),
        ("predictions.csv", "image,split\nx,test\n", "no column"),
        ("recipe.toml", "name = ", "is damaged"),
    ],
)
def test_a_damaged_run_is_named(training: Path, show: Show, file: str, content: str | None, said: str) -> None:
    path = training / "mine" / "run-01" / file
    if content is None:
        path.unlink()
    else:
        path.write_text(content)
    page = show(training)
    assert page.message.startswith("No run can be shown")
    assert said in page.message


def test_a_damaged_run_among_others_hides_none_of_them(three: Path, show: Show) -> None:
    (three / "mine" / "run-01" / "metrics.json").write_text("{")
    page = show(three)
    assert page.message == ""
    assert "is damaged" in page.note
    assert page.runs.count() == 2


@pytest.mark.parametrize("content", [None, b"PK\x03\x04 something"])
def test_without_its_model_file_the_numbers_are_still_there(
    training: Path, show: Show, content: bytes | None, qtbot: QtBot
) -> None:
    file = training / "mine" / "run-01" / "mine.onnx"
    if content is None:
        file.unlink()
    else:
        file.write_bytes(content)
    page = show(training)
    assert page.verdict.headline.text().startswith("Better")
    assert ("There is no model file" if content is None else "mine.onnx") in page.ways.bar.text()
    for text in ("Install", "Make it the default", "Export…", "Card"):
        assert not button(page, text).isEnabled()
    tile = page.groups.tiles()[0]
    assert tile.image is not None
    name = tile.image.name
    qtbot.waitUntil(lambda: (look := page._looks.look(name)) is not None and look.picture is not None)


def test_images_that_were_moved_can_be_found_again(
    training: Path, pictures: Path, show: Show, qtbot: QtBot, tmp_path: Path
) -> None:
    pictures.rename(tmp_path / "moved")
    page = show(training)
    assert "None of the 30 test images can be read" in page.verdict.sentence
    assert "could not be compared" in page.verdict.headline.text()
    assert [row[0] for row in page.verdict.numbers.texts()] == ["The new model", "A guess"]
    assert button(page, "Find the images…").isVisible()
    page.use_pictures(tmp_path / "moved")
    qtbot.waitUntil(lambda: page.verdict.headline.text().startswith("Better"))
    assert not button(page, "Find the images…").isVisible()


def test_images_that_vanished_are_left_out_and_named(training: Path, pictures: Path, show: Show, qtbot: QtBot) -> None:
    lost = json.loads((training / "mine" / "run-01" / "split.json").read_text())["test"][0]
    (pictures / lost).unlink()
    page = show(training)
    assert "On the same 29 test images" in page.verdict.sentence
    assert any("1 of 30 test images, which could not be read" in caution and lost in caution
               for caution in page.verdict.cautions)  # fmt: skip
    page.choose_image(lost)
    assert "The model in use" not in page.chosen.text()
    qtbot.waitUntil(lambda: (look := page._looks.look(lost)) is not None and bool(look.problem))


def test_it_is_not_known_where_the_images_are(training: Path, show: Show) -> None:
    (training / "training.json").unlink()
    page = show(training)
    assert "not known where the images" in page.verdict.sentence
    assert button(page, "Find the images…").isVisible()


def test_a_model_in_use_that_is_damaged_can_be_tried_again(
    training: Path, own_home: Path, show: Show, qtbot: QtBot
) -> None:
    (own_home / "models" / "used.onnx").write_bytes(b"nothing")
    page = show(training)
    assert "used.onnx" in page.verdict.sentence
    write_model_in_use(own_home)
    press(page, "Try again", qtbot)
    qtbot.waitUntil(lambda: page.verdict.headline.text().startswith("Better"))


def test_the_model_in_use_itself_is_compared_with_the_one_that_ships(
    training: Path, show: Show, qtbot: QtBot, own_home: Path
) -> None:
    shutil.copy(training / "mine" / "run-01" / "mine.onnx", own_home / "models" / "mine.onnx")
    (own_home / "default-model.json").write_text('{"default": "mine"}')
    page = show(training)
    assert "the model that ships with Annotriage (bundled)" in page.verdict.sentence
    assert "and the model in use" in page.ways.hint


def test_too_few_test_images(tmp_path: Path, show: Show) -> None:
    page = show(write_training(tmp_path / "mine", tmp_path / "few", test=8))
    assert page.verdict.headline.text() == "Too few test images to compare"
    assert any("At least 20 test images" in caution for caution in page.verdict.cautions)
    assert "cannot be said" in page.verdict.guess


def test_patients_that_cannot_be_read_again_are_a_caution(training: Path, show: Show) -> None:
    split = training / "mine" / "run-01" / "split.json"
    split.write_text(json.dumps(json.loads(split.read_text()) | {"grouped_by": ["patient_id"]}))
    page = show(training)
    assert any("of one patient could not be read again" in caution for caution in page.verdict.cautions)


def test_closing_does_not_wait_for_the_model_in_use(
    training: Path, show: Show, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun, go_on, ended = threading.Event(), threading.Event(), threading.Event()

    def stuck(*_: object) -> None:
        begun.set()
        go_on.wait(20)
        ended.set()

    monkeypatch.setattr("annotriage.desktop.training.result_work.predict", stuck)
    page = show(training, wait=False)
    qtbot.waitUntil(begun.is_set)
    page.shut_down()
    assert not ended.is_set()
    go_on.set()
    assert wait_for_jobs(10)


def test_closing_it_under_way_ends_its_threads(training: Path, show: Show, qtbot: QtBot) -> None:
    page = show(training, wait=False)
    qtbot.waitUntil(lambda: not page.message)
    page.shut_down()
    assert wait_for_jobs(10)
    assert page._looks._thread is None
