"""What a finished fit leaves where its model file cannot be written, and which split a resumed one keeps."""

import json
from pathlib import Path
from typing import Any

import pytest

from annotriage.comparison.runs import read_run
from annotriage.errors import AnnotriageError
from annotriage.regressors.experiments.planned_run import PlannedRun
from annotriage.regressors.pipeline import finishing
from annotriage.regressors.pipeline import onnx_export as export
from annotriage.regressors.pipeline.train import train
from annotriage.runs.states import State
from annotriage.trainings.progress import RunProgress
from tests.regressors.small import small_recipe, write_folder

pytestmark = pytest.mark.slow


@pytest.fixture
def data(tmp_path: Path) -> Path:
    write_folder(tmp_path, 30)
    return tmp_path


def fit(data: Path, **how: Any) -> Path:
    recipe = small_recipe(
        image_size=32,
        fit={"epochs": 1, "batch_size": 8, "schedule": {"name": "one_cycle", "warm_up": 0.0}},
    )  # fmt: skip
    return train(recipe, data / "images", data / "metrics.csv", data / "mine" / "run-01", **how)


def test_a_run_whose_model_cannot_be_written_is_measured_and_goes_on(
    data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = data / "mine" / "run-01"
    with monkeypatch.context() as patch, pytest.raises(AnnotriageError, match="can be compared"):
        patch.setattr(export, "compare", lambda _, names, *__: dict.fromkeys(names, 0.5))
        fit(data)
    measured = json.loads((folder / "metrics.json").read_text())
    assert measured["mae"] > 0 and measured["median_mae"] > 0 and not list(folder.glob("*.onnx"))
    run = read_run(folder)
    assert run.images is not None and run.mae == pytest.approx(measured["mae"])
    assert not PlannedRun("mine", 1, data / "r.toml", folder).finished, "an experiment goes on with it"
    live = RunProgress("mine", 1, folder, data / "log")
    live.read()
    assert live.state is State.STOPPED

    assert fit(data, resume=True).is_file()
    after = json.loads((folder / "metrics.json").read_text())
    assert after["mae"] == pytest.approx(measured["mae"], abs=1e-6), "busy threads round a sum in another order"
    assert "without_model" not in after
    assert PlannedRun("mine", 1, data / "r.toml", folder).finished


def test_a_part_of_one_image_is_refused_in_a_sentence(data: Path) -> None:
    recipe = small_recipe(
        backbone="resnet18", image_size=32, split={"train": 0.05, "validation": 0.45, "test": 0.5},
        fit={"epochs": 1, "batch_size": 2},
    )  # fmt: skip
    lines = (data / "metrics.csv").read_text().splitlines()[:21]
    (data / "metrics.csv").write_text("\n".join(lines) + "\n")
    with pytest.raises(AnnotriageError, match=r"20 labelled images only one is left .* \(split\.train\)"):
        train(recipe, data / "images", data / "metrics.csv", data / "run")


def test_a_resumed_run_keeps_the_split_that_it_began_with(data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Another version may draw another split; what was trained on must not be tested on."""
    folder = data / "mine" / "run-01"
    with pytest.raises(KeyboardInterrupt):
        fit(data, report=lambda event: _stop_at(event, "fit"))
    split = json.loads((folder / "split.json").read_text())
    one, other = split["train"][0], split["test"][0]
    split["train"] = sorted([*split["train"][1:], other])
    split["test"] = sorted([*split["test"][1:], one])
    (folder / "split.json").write_text(json.dumps(split))
    monkeypatch.setattr(finishing, "export", lambda *_, **__: {})  # the slowest part, and no matter here
    fit(data, resume=True)
    assert json.loads((folder / "split.json").read_text()) == split
    lines = (folder / "predictions.csv").read_text().splitlines()
    assert f"{one}.png,test," in "\n".join(lines) and f"{other}.png,train," in "\n".join(lines)


def test_a_split_that_new_metadata_forbid_is_not_kept(data: Path) -> None:
    with pytest.raises(KeyboardInterrupt):
        fit(data, report=lambda event: _stop_at(event, "fit"), clinical=_metadata(data, {}))
    split = json.loads((data / "mine" / "run-01" / "split.json").read_text())
    together = dict.fromkeys([split["train"][0], split["test"][0]], "same")
    with pytest.raises(AnnotriageError, match=r"The metadata, or how the images are split by them, have changed"):
        fit(data, resume=True, clinical=_metadata(data, together))


def _stop_at(event: dict[str, Any], stage: str) -> None:
    if event.get("stage") == stage:
        raise KeyboardInterrupt


def _metadata(data: Path, lesions: dict[str, str]) -> Path:
    file = data / "metadata.csv"
    names = sorted(each.stem for each in (data / "images").iterdir())
    rows = [f"{name},{lesions.get(name, name)}" for name in names]
    file.write_text("isic_id,lesion_id\n" + "\n".join(rows) + "\n")
    return file
