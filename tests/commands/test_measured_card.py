"""`annotriage compare RUNS --into MODEL`: what folds say of ways of drawing, on the card of their model."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from annotriage.commands.app import app
from annotriage.model_file import open_model_file
from tests.tiny_models import TINY_WAYS, write_tiny_model

LINES = [
    # image, split, way, dice, predicted for everybody, predicted for its own way
    *((f"a{k}.jpg", "test", "hand", 0.5 + 0.03 * k, 0.6, 0.52 + 0.03 * k) for k in range(12)),
    *((f"b{k}.jpg", "test", "hand_fill", 0.3 + 0.05 * k, 0.6, 0.2 + 0.05 * k) for k in range(12)),
]


@pytest.fixture
def runs(tmp_path: Path) -> Path:
    run = tmp_path / "folds" / "tiny" / "fold-01"
    run.mkdir(parents=True)
    names = ["image", "split", "dice", "predicted_dice", "lower", "upper", "way"]
    keys = ("hand", "hand_fill")
    names += [f"{what}_{key}" for key in keys for what in ("predicted_dice", "lower", "upper")]
    rows = [",".join(names)]
    for image, split, way, dice, mixed, own in LINES:
        cells = [image, split, dice, mixed, mixed - 0.3, mixed + 0.3, way]
        for key in keys:
            said = own if key == way else 0.0
            cells += [said, said - 0.01, said + 0.05]
        rows.append(",".join(map(str, cells)))
    (run / "predictions.csv").write_text("\n".join(rows) + "\n")
    (run / "recipe.toml").write_text('name = "tiny"\nbackbone = "resnet18"\n')
    errors = [abs(line[3] - 0.6) for line in LINES]
    mae, mse = sum(errors) / 24, sum(each**2 for each in errors) / 24
    figures = {"images": 24, "mae": mae, "mse": mse, "median_mae": 0.1, "mean_mse": 0.02}
    (run / "metrics.json").write_text(json.dumps(figures))
    (run / "split.json").write_text('{"train": ["x"], "validation": ["y"], "test": ["a0"]}')
    (run / "versions.json").write_text('{"seed": 0}')
    return tmp_path / "folds"


def test_the_card_says_what_the_folds_say(runs: Path, tmp_path: Path) -> None:
    file = write_tiny_model(tmp_path / "tiny.onnx", ways=TINY_WAYS)
    before = open_model_file(file)
    done = CliRunner().invoke(app, ["compare", str(runs), "--into", str(file)])
    assert done.exit_code == 0, done.output
    after = open_model_file(file)  # sealed anew, or it would not open
    mixed, hand, fill = (way.metrics for way in after.card.ways)
    assert mixed is not None and hand is not None and fill is not None
    assert (mixed.images, hand.images, fill.images) == (24, 12, 12)
    assert (hand.mae, fill.mae) == (pytest.approx(0.02, abs=1e-6), pytest.approx(0.1, abs=1e-6))
    assert (hand.spearman, fill.coverage) == (pytest.approx(1.0), 0.0)
    assert mixed.mae == pytest.approx(sum(abs(line[3] - 0.6) for line in LINES) / 24, abs=1e-6)
    assert after.card.model_copy(update={"ways": before.card.ways}) == before.card


def test_another_model_keeps_its_card(runs: Path, tmp_path: Path) -> None:
    file = write_tiny_model(tmp_path / "other.onnx", name="other", ways=TINY_WAYS)
    bytes_before = file.read_bytes()
    done = CliRunner().invoke(app, ["compare", str(runs), "--into", str(file)])
    assert done.exit_code == 1
    assert "the runs are of tiny" in " ".join(done.output.split()) or "tiny" in str(done.exception)
    assert file.read_bytes() == bytes_before
