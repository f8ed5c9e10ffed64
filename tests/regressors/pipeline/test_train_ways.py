"""Trainings that are given pairs and their tools: the model answers for ways of drawing, and says what it knows."""

import csv
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from annotriage.errors import AnnotriageError
from annotriage.images import read_rgb
from annotriage.measures.ways import MIXED
from annotriage.model_file import open_model_file
from annotriage.model_file.runtime import onnx_runtime
from annotriage.regressors.backbones import registry as backbones
from annotriage.regressors.backbones.backbone import ConvolutionalBackbone
from annotriage.regressors.pipeline.train import train
from tests.regressors.small import small_recipe, write_folder, write_pairs

pytestmark = pytest.mark.slow
SPLIT = {"train": 0.6, "validation": 0.2, "test": 0.2}
FIT = {"epochs": 1, "batch_size": 8, "schedule": {"name": "one_cycle", "warm_up": 0.0}}
# Long enough that outlines differ between images: what rests on them has nothing else to tell images apart by.
OUTLINING = {"rounds": [{"image_size": 32, "epochs": 12}], "batch_size": 8, "learning_rate": 1e-2}
KINDS: dict[str, dict[str, Any]] = {
    "plain": {"fit": FIT},
    "networks": {"fit": FIT, "distillation": {"folds": 2, "views": 1, "fit": FIT}},
    "outlines": {
        "mask_head": {"enabled": True},
        "mask_stage": OUTLINING,
        "distillation": {"folds": 3, "views": 1, "teachers": "outlines", "student_share": 0.5, "fit": FIT},
    },
    "head": {
        "mask_head": {"enabled": True, "terms": ["expected_dice", "threshold_dice", "log_area", "softness"]},
        "mask_stage": OUTLINING | {"first": {"rounds": [{"image_size": 32, "epochs": 1}]}},
        "distillation": {"folds": 3, "views": 1, "teachers": "outlines", "student_share": 0.0},
    },
}


@pytest.fixture
def data(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    row = ConvolutionalBackbone("shufflenet_v2_x0_5", stages=("conv1", "maxpool", "stage2", "stage3", "conv5"))
    monkeypatch.setitem(backbones.BACKBONES, "tiny", row)
    _, table, _ = write_folder(tmp_path, 90, unlabelled=24)
    write_pairs(tmp_path / "pairs.csv", table, elsewhere=30, alone=25)
    return tmp_path


def fitted(data: Path, kind: str, **how: Any) -> Path:
    recipe = small_recipe(backbone="tiny", image_size=32, split=SPLIT, **KINDS[kind])
    return train(
        recipe,
        data / "images",
        data / "metrics.csv",
        data / "run",
        masks=data / "masks" if kind in ("outlines", "head") else None,
        **how,
    )


@pytest.mark.parametrize("kind", list(KINDS))
def test_a_model_answers_for_the_ways_of_its_pairs(data: Path, kind: str) -> None:
    heard: list[dict[str, Any]] = []
    file = fitted(data, kind, pairs=data / "pairs.csv", report=heard.append)
    model = open_model_file(file)
    ways = {way.key: way for way in model.card.ways}
    # Nobody at hand filled with somebody who fills: only teachers are told what tools do.
    derived = [] if kind == "plain" else ["fill"]
    assert list(ways) == [MIXED, "hand", "hand_fill", *derived]
    split = json.loads((data / "run" / "split.json").read_text())
    learned = [*split["train"], *(split["validation"] if kind != "plain" else [])]
    numbers = [int(stem[-7:]) for stem in learned]
    assert ways["hand"].pairs == ways["hand"].images == sum(k % 3 != 1 for k in numbers)
    assert ways["hand_fill"].pairs == sum(k % 3 != 0 for k in numbers)
    assert (ways[MIXED].pairs, ways[MIXED].images) == (ways["hand"].pairs + ways["hand_fill"].pairs, len(learned))
    if derived:
        assert (ways["fill"].pairs, ways["fill"].images, ways["fill"].metrics) == (25, 0, None)
        assert "No image at hand" in ways["fill"].note and "one person drew alone" in ways["fill"].note
        assert (ways["fill"].below, ways["fill"].above) == (ways[MIXED].below, ways[MIXED].above)
    # Predictions by way are those of the file, with the intervals that its card makes.
    with (data / "run" / "predictions.csv").open(newline="") as lines:
        rows = list(csv.DictReader(lines))
    for row in rows:
        assert row["way"] == ("hand", "hand_fill", MIXED)[int(row["image"][5:12]) % 3]
    row = rows[-1]
    pixels = read_rgb(data / "images" / row["image"], (32, 32)).astype(np.float32) / 255
    image = ((pixels - model.card.mean) / model.card.std).transpose(2, 0, 1)[None].astype(np.float32)
    session = onnx_runtime().InferenceSession(file.read_bytes(), providers=["CPUExecutionProvider"])
    dice, by_way, features = session.run(["predicted_dice", "by_way", "features"], {"image": image})
    assert model.card.features is not None and features.shape == (1, model.card.features.size)
    assert by_way.shape == (1, len(ways), 2) and by_way[0, 0, 0] == pytest.approx(dice[0], abs=1e-6)
    for place, (key, way) in enumerate(ways.items()):
        said = [
            float(row[f"{name}{'' if key == MIXED else f'_{key}'}"]) for name in ("predicted_dice", "lower", "upper")
        ]
        centre, spread = by_way[0, place]
        assert said[0] == pytest.approx(centre.clip(0, 1) if key != MIXED else centre, abs=2e-4)
        assert said[1] == pytest.approx(min(max(centre - way.below * spread, 0), said[0]), abs=2e-3)
        assert said[2] == pytest.approx(max(min(centre + way.above * spread, 1), said[0]), abs=2e-3)
    metrics = json.loads((data / "run" / "metrics.json").read_text())
    assert metrics["by_way"][MIXED]["mae"] == pytest.approx(metrics["mae"])
    assert metrics["largest_difference_onnx_torch"]["by_way"] < 1e-4
    said = " ".join([*heard[0]["doubts"], *(problem["what"] for problem in heard[0]["problems"])])
    assert "25 pairs of masks of one person alone" in said and "120 pairs with a consensus" in said
    assert {problem["count"] for problem in heard[0]["problems"] if "not at hand" in problem["what"]} == {55}


def test_without_pairs_there_is_the_mixed_way_alone(data: Path) -> None:
    file = fitted(data, "plain")
    (way,) = open_model_file(file).card.ways
    assert (way.key, way.pairs, way.images, way.note) == (MIXED, 0, 54, "")
    assert "way" not in (data / "run" / "predictions.csv").read_text().splitlines()[0].split(",")


def test_a_run_goes_on_with_its_own_pairs_alone(data: Path) -> None:
    def stop(event: dict[str, Any]) -> None:
        if event.get("stage") == "fit":
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        fitted(data, "plain", pairs=data / "pairs.csv", report=stop)
    with pytest.raises(AnnotriageError, match=r"Whether a table of pairs is given \(--pairs\) has changed"):
        fitted(data, "plain", resume=True)
    whole = (data / "pairs.csv").read_text()
    (data / "pairs.csv").write_text("".join(whole.splitlines(keepends=True)[:-1]))
    with pytest.raises(AnnotriageError, match="The table of pairs has changed"):
        fitted(data, "plain", pairs=data / "pairs.csv", resume=True)
    (data / "pairs.csv").write_text(whole)
    assert fitted(data, "plain", pairs=data / "pairs.csv", resume=True).is_file()


def test_a_run_of_before_is_gone_on_with(data: Path) -> None:
    def stop(event: dict[str, Any]) -> None:
        if event.get("stage") == "fit":
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        fitted(data, "plain", report=stop)
    note = data / "run" / "split.json"
    before = {
        key: value for key, value in json.loads(note.read_text()).items() if "sha256" not in key or "table" in key
    }
    note.write_text(json.dumps(before))
    assert fitted(data, "plain", resume=True).is_file()
