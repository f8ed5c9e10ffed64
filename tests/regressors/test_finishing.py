"""What a finished fit leaves where its model file cannot be written, and how far a heatmap may differ."""

import json
from pathlib import Path
from typing import Any

import pytest

from annotriage.comparison.runs import read_run
from annotriage.desktop.training.run_live import LiveRun, RunState
from annotriage.errors import AnnotriageError
from annotriage.regressors import backbones, export
from annotriage.regressors.backbones import Backbone
from annotriage.regressors.planned_run import PlannedRun
from annotriage.regressors.training import train
from tests.regressors.small import small_recipe, write_folder


@pytest.fixture
def data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    row = Backbone("shufflenet_v2_x0_5", ("conv1", "maxpool", "stage2", "stage3", "conv5"))
    monkeypatch.setitem(backbones.BACKBONES, "tiny", row)
    write_folder(tmp_path, 30)
    return tmp_path


def fit(data: Path, **how: Any) -> Path:
    recipe = small_recipe(
        backbone="tiny", image_size=32,
        fit={"epochs": 1, "batch_size": 8, "schedule": {"name": "one_cycle", "warm_up": 0.0}},
    )  # fmt: skip
    return train(recipe, data / "images", data / "metrics.csv", data / "mine" / "run-01", **how)


def differing(monkeypatch: pytest.MonkeyPatch, name: str, by: float, largest: float) -> None:
    """Let the exported model differ, and the heatmap reach so far."""
    real = export.compare
    monkeypatch.setattr(export, "compare", lambda *what: real(*what) | {name: by})
    monkeypatch.setattr(export, "_largest_of_heatmap", lambda *_: largest)


@pytest.mark.parametrize(
    ("name", "by", "largest", "allowed"),
    [
        ("heatmap", 0.00017, 1.5, True),  # a ten-thousandth of a map that reaches -1.5
        ("heatmap", 0.00017, 0.01, False),
        ("heatmap", 0.002, 1.5, False),
        ("heatmap", 0.00009, 0.01, True),
        ("predicted_dice", 0.00017, 1.5, False),
        ("interval", 0.00017, 1.5, False),
        ("heatmap", float("nan"), 1.5, False),
    ],
)
def test_a_heatmap_may_differ_by_a_share_of_its_range_and_nothing_else_may(
    data: Path, monkeypatch: pytest.MonkeyPatch, name: str, by: float, largest: float, allowed: bool
) -> None:
    differing(monkeypatch, name, by, largest)
    if allowed:
        assert fit(data).is_file()
    else:
        with pytest.raises(AnnotriageError, match=f"model's {name} differs"):
            fit(data)


def test_a_run_whose_model_cannot_be_written_is_measured_and_goes_on(
    data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = data / "mine" / "run-01"
    with monkeypatch.context() as patch, pytest.raises(AnnotriageError, match="can be compared"):
        differing(patch, "predicted_dice", 0.5, 1.0)
        fit(data)
    measured = json.loads((folder / "metrics.json").read_text())
    assert measured["mae"] > 0 and measured["median_mae"] > 0 and not list(folder.glob("*.onnx"))
    run = read_run(folder)
    assert run.images is not None and run.mae == pytest.approx(measured["mae"])
    assert not PlannedRun("mine", 1, data / "r.toml", folder).finished, "an experiment goes on with it"
    live = LiveRun("mine", 1, folder, data / "log")
    live.read()
    assert live.state is RunState.STOPPED

    assert fit(data, resume=True).is_file()
    after = json.loads((folder / "metrics.json").read_text())
    assert after["mae"] == measured["mae"] and "without_model" not in after
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


def test_a_resumed_run_keeps_the_split_that_it_began_with(data: Path) -> None:
    """Another version may draw another split; what was trained on must not be tested on."""
    folder = data / "mine" / "run-01"
    with pytest.raises(KeyboardInterrupt):
        fit(data, report=lambda event: _stop_at(event, "fit"))
    split = json.loads((folder / "split.json").read_text())
    one, other = split["train"][0], split["test"][0]
    split["train"] = sorted([*split["train"][1:], other])
    split["test"] = sorted([*split["test"][1:], one])
    (folder / "split.json").write_text(json.dumps(split))
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
