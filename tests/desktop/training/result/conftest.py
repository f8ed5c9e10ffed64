"""A training that has ended, and the page that shows its result."""

import json
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from annotriage.desktop.background import wait_for_jobs
from annotriage.desktop.navigator import Navigator
from annotriage.desktop.training.result.page import ResultPage
from annotriage.model_file import ModelLibrary
from annotriage.trainings.training import trainings_folder
from tests.desktop.training.result.hands import Show, settle
from tests.tiny_models import write_tiny_model
from tests.trainings.made_training import write_model_in_use, write_training


@pytest.fixture(scope="session")
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
def navigator() -> Navigator:
    """Return the way from the page to other screens."""
    return Navigator()


@pytest.fixture
def show(qtbot: QtBot, navigator: Navigator) -> Iterator[Show]:
    """Show a training's folder, and wait until all is said."""
    pages = []

    def make(folder: Path, *, wait: bool = True) -> ResultPage:
        page = ResultPage(ModelLibrary(), navigator)
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
