"""`annotriage demo`: what it writes, what it says, and what it leaves alone."""

import csv
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner, Result

from annotriage.commands.demo import pairs_in_order, register
from annotriage.datasets.synthesis import DemoImage, draw_lesion
from annotriage.errors import AnnotriageError
from annotriage.model_file import ModelLibrary, library
from annotriage.scoring import Prediction
from annotriage.triage.ranking import rank
from tests.tiny_models import write_tiny_model


@pytest.fixture(autouse=True)
def no_bundled_models(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(library, "resources_folder", lambda: tmp_path / "nowhere")
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def model(tmp_path: Path) -> None:
    models = ModelLibrary()
    models.import_model(write_tiny_model(tmp_path / "tiny.onnx"))
    models.set_default("tiny")


class FakeWindow:
    """A window that notes what is opened in it."""

    def __init__(self, *, display: bool = True, missing: str | None = None) -> None:
        self.display = display
        self.missing = missing
        self.opened: list[Path | None] = []

    def has_display(self) -> bool:
        return self.display

    def check(self) -> None:
        if self.missing is not None:
            raise AnnotriageError(self.missing)

    def open(self, folder: Path | None) -> int:
        self.opened.append(folder)
        return 0


def demo(*arguments: str | Path | int, window: FakeWindow | None = None) -> Result:
    app = typer.Typer()

    @app.command()
    def another() -> None:
        """Stand in for the other verbs."""

    register(app)
    return CliRunner(env={"COLUMNS": "100", "NO_COLOR": "1"}).invoke(app, ["demo", *map(str, arguments)], obj=window)


@pytest.mark.slow
@pytest.mark.usefixtures("model")
def test_a_folder_a_ranking_overlays_and_a_sheet(tmp_path: Path) -> None:
    result = demo("--count", 6)
    assert result.exit_code == 0, result.output
    out = tmp_path / "annotriage-demo"
    names = [f"lesion_00{number}.jpg" for number in range(1, 7)]
    assert sorted(path.name for path in out.iterdir()) == ["contact_sheet.png", "images", "overlays", "scores.csv"]
    assert sorted(path.name for path in (out / "images").iterdir()) == [*names, "truth.csv"]
    assert sorted(path.name for path in (out / "overlays").iterdir()) == [f"{name}.png" for name in names]
    with (out / "scores.csv").open(newline="") as stream:
        ranked = [row["image"] for row in csv.DictReader(stream)]
    assert sorted(ranked) == names
    listed = [line.split()[1] for line in result.stdout.splitlines() if line.strip()[:1].isdigit()]
    assert listed == ranked
    assert "3 of the 6 images were drawn to be ambiguous" in result.stderr
    assert "contact_sheet.png" in result.stderr
    assert "annotriage score YOUR_FOLDER" in result.stderr


@pytest.mark.slow
@pytest.mark.usefixtures("model")
def test_the_same_demo_again_scores_nothing_and_a_smaller_one_leaves_nothing_behind(tmp_path: Path) -> None:
    first = demo("--out", tmp_path / "x", "--count", 4, "--seed", 5)
    again = demo("--out", tmp_path / "x", "--count", 4, "--seed", 5)
    assert again.exit_code == 0
    assert again.stdout == first.stdout
    assert "4 images known from before" in again.stderr
    smaller = demo("--out", tmp_path / "x", "--count", 2, "--seed", 6)
    assert smaller.exit_code == 0
    assert [len(list((tmp_path / "x" / each).iterdir())) for each in ("images", "overlays")] == [3, 2]


@pytest.mark.slow
@pytest.mark.usefixtures("model")
def test_a_folder_of_other_files_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "theirs").mkdir()
    (tmp_path / "theirs" / "notes.txt").write_text("mine")
    result = demo("--out", tmp_path / "theirs")
    assert isinstance(result.exception, AnnotriageError)
    assert "never overwritten: name another folder with --out" in str(result.exception)
    assert [path.name for path in (tmp_path / "theirs").iterdir()] == ["notes.txt"]


def test_without_a_model_nothing_is_drawn(tmp_path: Path) -> None:
    result = demo()
    assert isinstance(result.exception, AnnotriageError)
    assert not (tmp_path / "annotriage-demo").exists()


@pytest.mark.parametrize("arguments", [["--count", "1"], ["--seed", "-1"], ["--out", __file__]])
def test_wrong_use(arguments: list[str]) -> None:
    assert demo(*arguments).exit_code == 2


def test_pairs_in_order_is_the_area_under_the_curve() -> None:
    metrics = pytest.importorskip("sklearn.metrics")
    plan = draw_lesion(0, ambiguous=True, size=(64, 64)).features
    truth = [True, False, True, True, False, False]
    dice = [0.2, 0.3, 0.5, 0.5, 0.5, 0.9]
    drawn = [DemoImage(f"{k}.jpg", kind, 0.5, plan) for k, kind in enumerate(truth)]
    rows = rank((f"{k}.jpg", Prediction(Path(f"{k}.jpg"), value)) for k, value in enumerate(dice))
    assert pairs_in_order(rows, drawn) == pytest.approx(metrics.roc_auc_score(truth, [1 - each for each in dice]))


@pytest.mark.slow
@pytest.mark.usefixtures("model")
def test_with_a_display_the_images_open_in_the_window(tmp_path: Path) -> None:
    window = FakeWindow()
    said = demo("--out", tmp_path / "demo", "--count", 4, window=window)
    assert said.exit_code == 0
    assert window.opened == [tmp_path / "demo" / "images"]
    assert len(list((tmp_path / "demo" / "images").glob("*.jpg"))) == 4
    assert not (tmp_path / "demo" / "scores.csv").exists(), "the window scores"


@pytest.mark.slow
@pytest.mark.usefixtures("model")
@pytest.mark.parametrize(
    ("window", "options"),
    [
        (FakeWindow(display=False), []),
        (FakeWindow(), ["--no-window"]),
        (FakeWindow(missing="The window needs libEGL.so.1."), []),
    ],
)
def test_without_one_it_is_the_demo_of_the_command_line(window: FakeWindow, options: list[str], tmp_path: Path) -> None:
    said = demo("--out", tmp_path / "demo", "--count", 4, *options, window=window)
    assert said.exit_code == 0
    assert window.opened == []
    assert (tmp_path / "demo" / "scores.csv").is_file()
    if window.missing is not None:
        assert window.missing in said.stderr
