"""`annotriage train` from end to end: its run folder, its events, kill -9 and Ctrl-C, and what it says of bad data."""

import csv
import json
import shutil
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from annotriage.errors import AnnotriageError
from annotriage.model_file import open_model_file
from annotriage.regressors.backbones import registry as backbones
from annotriage.regressors.backbones.backbone import ConvolutionalBackbone
from annotriage.regressors.fitting.precision import precision_of
from annotriage.regressors.pipeline.train import train
from annotriage.regressors.recipes.recipe import load_recipe, recipe_toml
from tests.regressors.small import small_recipe, write_folder, write_table

pytestmark = pytest.mark.slow

EPOCHS = 16  # more than pass between an event and the signal that follows it


def program(*arguments: object) -> list[str]:
    return [sys.executable, "-m", "annotriage", "train", *map(str, arguments)]


class Followed:
    """A run in a process of its own, followed by its events."""

    def __init__(self, *arguments: object) -> None:
        self.process = subprocess.Popen(
            program(*arguments, "--events"), stdout=subprocess.PIPE, stderr=subprocess.PIPE, encoding="utf-8"
        )

    def until(self, kind: str, **values: object) -> dict[str, Any]:
        """Read events up to one of this kind with these values, and return it; fail where there is none."""
        assert self.process.stdout is not None
        for line in self.process.stdout:
            event: dict[str, Any] = json.loads(line)
            if event["event"] == kind and all(event.get(name) == value for name, value in values.items()):
                return event
        assert self.process.stderr is not None
        pytest.fail(f"no {kind} {values}: {self.process.stderr.read()}")

    def end(self) -> tuple[int, str]:
        """Wait for the end; return the exit code and what stands on standard error."""
        assert self.process.stdout is not None and self.process.stderr is not None
        for line in self.process.stdout:
            json.loads(line)
        said = self.process.stderr.read()
        return self.process.wait(60), said


def test_a_run_is_told_killed_stopped_resumed_and_whole(tmp_path: Path) -> None:
    images, table, _ = write_folder(tmp_path, 40)
    rows = list(csv.reader(table.open()))[1:]
    (images / rows[0][0]).write_bytes((images / rows[0][0]).read_bytes()[:300])  # labelled, but cut off
    rows[1][2] = "1.7"  # out of range
    rows.append(rows[2])  # twice the same
    rows.append(["ISIC_9999999.png", "2", "0.8", "0.7"])  # no such image
    (images / rows[3][0]).rename(images / "unlabelled.png")
    write_table(table, [tuple(row) for row in rows])
    recipe = small_recipe(
        image_size=32,
        seed=5,
        backbone="mobilenet_v3_large",
        further_targets=["count", "jaccard_mean"],
        fit={"epochs": EPOCHS, "batch_size": 8, "early_stopping": {"patience": 0}},
    )
    (tmp_path / "tiny.toml").write_text(recipe_toml(recipe))
    run = tmp_path / "run"
    arguments = [tmp_path / "tiny.toml", "--images", images, "--labels", table, "--out", run]

    first = Followed(*arguments)
    start = first.until("start")
    assert start["train"] + start["validation"] + start["test"] == start["images"] <= 37
    named = {problem["what"]: (problem["count"], problem["names"]) for problem in start["problems"]}
    told = json.dumps(named)
    for name in (rows[0][0], rows[1][0], rows[2][0], "ISIC_9999999", "unlabelled.png"):
        assert name.removesuffix(".png") in told, f"{name} is not named in {told}"
    first.until("epoch", epoch=3)
    first.process.send_signal(signal.SIGKILL)
    assert first.end()[0] == -signal.SIGKILL

    second = Followed(*arguments, "--resume")
    epoch = second.until("epoch")["epoch"]
    assert epoch in (3, 4), "the checkpoint of epoch 3 may or may not have been whole"
    second.process.send_signal(signal.SIGINT)
    code, said = second.end()
    assert code == 130 and "--resume goes on" in said and "Traceback" not in said

    third = Followed(*arguments, "--resume")
    event = third.until("epoch")
    assert event["stage"] == "fit" and epoch <= event["epoch"] <= epoch + 2 and event["epochs"] == EPOCHS
    done = third.until("done")
    assert third.end() == (0, ""), "nothing but events, and nothing of Lightning's"

    # The run folder is complete.
    assert load_recipe(run / "recipe.toml") == recipe
    versions = json.loads((run / "versions.json").read_text())
    assert versions["precision"] == {"fit": precision_of("auto", "cpu")}
    assert versions["seed"] == 5 and {"python", "torch", "torchvision", "lightning", "annotriage"} <= set(versions)
    split = json.loads((run / "split.json").read_text())
    parts = [split[name] for name in ("train", "validation", "test")]
    assert len({stem for part in parts for stem in part}) == sum(map(len, parts)) and len(split["table_sha256"]) == 64
    curve = list(csv.DictReader((run / "curve.csv").open()))
    assert [row["epoch"] for row in curve] == [str(k + 1) for k in range(EPOCHS)], "one line an epoch, stops or not"
    assert all(float(row["train_loss"]) >= 0 and float(row["validation_mae"]) >= 0 for row in curve)
    predictions = list(csv.DictReader((run / "predictions.csv").open()))
    assert {row["split"] for row in predictions} == {"train", "validation", "test"}
    assert all(float(row["lower"]) <= float(row["upper"]) for row in predictions)
    assert {"predicted_dice", "predicted_count", "predicted_jaccard_mean"} <= set(predictions[0])
    metrics = json.loads((run / "metrics.json").read_text())
    assert metrics == done["metrics"] and metrics["images"] == start["test"]
    assert {"median_mae", "mean_mse", "mse_sd", "spearman", "coverage", "triage"} <= set(metrics)
    assert set(metrics["further"]) == {"count", "jaccard_mean"}
    assert max(metrics["largest_difference_onnx_torch"].values()) <= 1e-4
    assert (run / "checkpoints" / "fit" / "finished.pt").is_file() and not (run / "work").exists()
    model = open_model_file(Path(done["model"]))
    assert model.path == run / "small.onnx" and model.card.further_targets == ["count", "jaccard_mean"]
    assert model.card.metrics is not None and model.card.metrics.mae == metrics["mae"]
    assert model.card.data.images == start["images"] and model.card.data.table_sha256 == split["table_sha256"]
    assert model.card.recipe["fit"]["epochs"] == EPOCHS
    told = json.dumps(json.loads((run / "problems.json").read_text()))
    assert "unlabelled.png" in told and "ISIC_9999999" in told


@pytest.fixture
def tiny_backbone(monkeypatch: pytest.MonkeyPatch) -> None:
    row = ConvolutionalBackbone("shufflenet_v2_x0_5", stages=("conv1", "maxpool", "stage2", "stage3", "conv5"))
    monkeypatch.setitem(backbones.BACKBONES, "tiny", row)


def test_masks_then_teachers_then_one_student(tiny_backbone: None, tmp_path: Path) -> None:
    images, table, masks = write_folder(tmp_path, 40, unlabelled=32)
    one = {"epochs": 1, "batch_size": 8, "early_stopping": {"patience": 0}}
    recipe = small_recipe(
        backbone="tiny",
        image_size=32,
        compact=True,
        mask_head={"enabled": True, "terms": ["threshold_dice", "log_area"]},
        # Long enough to know lesion from skin: where a map is one half all over, what lies above is chance.
        mask_stage={
            "batch_size": 8,
            "learning_rate": 0.01,
            "rounds": [{"image_size": 32, "epochs": 1}, {"image_size": 64, "epochs": 6}],
        },
        fit=one,
        distillation={"folds": 2, "views": 2, "fit": one},
    )
    events: list[dict[str, Any]] = []
    file = train(recipe, images, table, tmp_path / "run", masks=masks, report=events.append)
    assert events[0]["images"] == 72 and events[0]["train"] + events[0]["validation"] + events[0]["test"] == 40
    stages = [event["stage"] for event in events if event["event"] == "stage"]
    assert stages[-4:] == ["teacher-1", "teacher-2", "student", "export"] and stages[0].startswith("masks")
    assert events[-1]["event"] == "done"
    assert sum(event["event"] == "epoch" for event in events) == 7 + 2 + 1

    card = open_model_file(file).card
    assert card.has_lesion and set(card.heatmap.other_terms) == {"log_area"}
    assert card.heatmap.exact and card.interval.coverage_images == events[0]["test"]
    assert (tmp_path / "run" / "teachers.json").is_file()

    # Taken up again, nothing is fitted again, and the same model comes out.
    before = open_model_file(file)
    again: list[dict[str, Any]] = []
    train(recipe, images, table, tmp_path / "run", masks=masks, resume=True, report=again.append)
    assert not [event for event in again if event["event"] == "epoch"]
    after = open_model_file(file)
    differs = {
        "metrics",
        "heatmap",
        "interval",
        "created",
    }  # sums in another order: the weights lie in memory otherwise than after a fit
    assert after.card.model_dump(exclude=differs) == before.card.model_dump(exclude=differs)
    assert after.card.metrics is not None and before.card.metrics is not None
    assert after.card.metrics.mae == pytest.approx(before.card.metrics.mae, abs=1e-5)


def test_masks_then_outlines_as_teachers(tiny_backbone: None, tmp_path: Path) -> None:
    images, table, masks = write_folder(tmp_path, 40, unlabelled=32)
    one = {"epochs": 2, "batch_size": 8, "early_stopping": {"patience": 0}, "loss": {"name": "l1"}}
    recipe = small_recipe(
        backbone="tiny",
        image_size=32,
        mask_head={"enabled": True, "overlap_weight": 0},
        mask_stage={"batch_size": 8, "learning_rate": 0.01, "rounds": [{"image_size": 64, "epochs": 6}]},
        distillation={"folds": 4, "views": 2, "teachers": "outlines", "student_share": 0.5, "fit": one},
    )
    events: list[dict[str, Any]] = []
    file = train(recipe, images, table, tmp_path / "run", masks=masks, report=events.append)
    stages = [event["stage"] for event in events if event["event"] == "stage"]
    assert stages == ["masks", "teachers", "student", "export"]
    left = [event["seconds_left"] for event in events if event["event"] == "epoch"]
    assert len(left) == 6 + 2 and left[-1] == 0
    teachers = json.loads((tmp_path / "run" / "teachers.json").read_text())
    assert teachers["folds"] == 4 and teachers["on_folds_not_seen"]["images"] == len(
        json.loads((tmp_path / "run" / "split.json").read_text())["train"]
    ) + len(json.loads((tmp_path / "run" / "split.json").read_text())["validation"])
    card = open_model_file(file).card
    assert card.has_lesion and card.recipe["distillation"]["teachers"] == "outlines"


def test_a_stop_between_teachers_goes_on_with_the_next(tiny_backbone: None, tmp_path: Path) -> None:
    images, table, _ = write_folder(tmp_path, 40)
    one = {"epochs": 1, "batch_size": 8, "early_stopping": {"patience": 0}}
    recipe = small_recipe(backbone="tiny", image_size=32, fit=one, distillation={"folds": 2, "views": 1, "fit": one})

    def stop(event: dict[str, Any]) -> None:
        if event.get("stage") == "teacher-2":
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        train(recipe, images, table, tmp_path / "run", report=stop)
    events: list[dict[str, Any]] = []

    def stop_at_export(event: dict[str, Any]) -> None:
        events.append(event)
        if event.get("stage") == "export":
            raise KeyboardInterrupt  # what comes after is tested above, and takes its time

    with pytest.raises(KeyboardInterrupt):
        train(recipe, images, table, tmp_path / "run", resume=True, report=stop_at_export)
    assert [event["stage"] for event in events if event["event"] == "epoch"] == ["teacher-2", "student"]


@pytest.fixture
def begun(tiny_backbone: None, tmp_path: Path) -> tuple[Path, Path, Path]:
    """Start a run and stop it before its first epoch; return images, table and run folder."""
    images, table, _ = write_folder(tmp_path, 24)
    stop_early(images, table, tmp_path / "run")
    return images, table, tmp_path / "run"


def stop_early(images: Path, table: Path, run: Path, *, resume: bool = False, **changes: object) -> None:
    def stop(event: dict[str, Any]) -> None:
        if event["event"] == "start":
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        train(small_recipe(backbone="tiny", image_size=32, **changes), images, table, run, resume=resume, report=stop)


def test_an_existing_run_is_not_overwritten(begun: tuple[Path, Path, Path]) -> None:
    images, table, run = begun
    with pytest.raises(AnnotriageError, match=r"holds a training run already\. Add --resume"):
        stop_early(images, table, run)
    stop_early(images, table, run, resume=True)


def test_another_recipe_or_other_labels_cannot_be_resumed(begun: tuple[Path, Path, Path]) -> None:
    images, table, run = begun
    with pytest.raises(AnnotriageError, match="started with another recipe"):
        stop_early(images, table, run, resume=True, seed=9)
    table.write_text(table.read_text().replace("0.", "0.0", 1))
    with pytest.raises(AnnotriageError, match="labels has changed since the run"):
        stop_early(images, table, run, resume=True)


def test_a_folder_of_other_files_is_left_alone(tiny_backbone: None, tmp_path: Path) -> None:
    images, table, _ = write_folder(tmp_path, 24)
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "thesis.txt").write_text("precious")
    for resume in (False, True):
        with pytest.raises(AnnotriageError, match="holds other files"):
            stop_early(images, table, tmp_path / "mine", resume=resume)
    assert [file.name for file in (tmp_path / "mine").iterdir()] == ["thesis.txt"]


def test_unreadable_images_are_named_and_taken_out_everywhere(tiny_backbone: None, tmp_path: Path) -> None:
    images, table, _ = write_folder(tmp_path, 30)
    for k in (3, 17):
        file = images / f"ISIC_{k:07d}.png"
        file.write_bytes(file.read_bytes()[:-400])  # the header is whole: only decoding finds out
    heard: list[dict[str, Any]] = []

    def stop(event: dict[str, Any]) -> None:
        heard.append(event)
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        train(small_recipe(backbone="tiny", image_size=32), images, table, tmp_path / "run", report=stop)
    start = heard[0]
    assert start["images"] == start["train"] + start["validation"] + start["test"] == 28
    named = [problem for problem in start["problems"] if "read" in problem["what"]]
    assert [name for problem in named for name in problem["names"]] == ["ISIC_0000003.png", "ISIC_0000017.png"]
    assert "ISIC_0000017.png" in (tmp_path / "run" / "problems.json").read_text()


def test_too_few_labelled_images_end_with_a_sentence(tmp_path: Path) -> None:
    images, table, _ = write_folder(tmp_path, 12)
    with pytest.raises(AnnotriageError, match=r"Only 12 images .* at least 20"):
        train(small_recipe(), images, table, tmp_path / "run")
    assert not (tmp_path / "run").exists()


def test_a_mask_head_without_masks_ends_with_a_sentence(tmp_path: Path) -> None:
    images, table, masks = write_folder(tmp_path, 24)
    recipe = small_recipe(mask_head={"enabled": True})
    with pytest.raises(AnnotriageError, match="--masks"):
        train(recipe, images, table, tmp_path / "run")
    shutil.rmtree(masks)
    masks.mkdir()
    with pytest.raises(AnnotriageError, match="There are no masks"):
        train(recipe, images, table, tmp_path / "run", masks=masks)


def test_masks_of_validation_and_test_images_are_never_learned_from(
    tiny_backbone: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from annotriage.regressors.pipeline import train as training

    images, table, masks = write_folder(tmp_path, 30)
    seen: list[Any] = []

    def stop(network: object, data: Any, *_: object) -> None:
        seen.append(data.has_mask)
        raise KeyboardInterrupt

    monkeypatch.setattr(training, "start_head", stop)
    recipe = small_recipe(backbone="tiny", image_size=32, mask_head={"enabled": True})
    with pytest.raises(KeyboardInterrupt):
        train(recipe, images, table, tmp_path / "run", masks=masks)
    split = json.loads((tmp_path / "run" / "split.json").read_text())
    assert int(seen[0].sum()) == len(split["train"])


def test_the_light_install_says_what_to_install(tmp_path: Path) -> None:
    images, table, _ = write_folder(tmp_path, 3)
    blocked = "import sys; sys.modules.update({name: None for name in ('torch', 'torchvision', 'lightning')}); "
    code = blocked + "from annotriage.program import main; main()"
    arguments = ["train", "paper", "--images", str(images), "--labels", str(table), "--out", str(tmp_path / "run")]
    ended = subprocess.run([sys.executable, "-c", code, *arguments], capture_output=True, encoding="utf-8", check=False)
    assert ended.returncode == 1 and ended.stdout == ""
    assert "Training needs more than the light install" in ended.stderr and "[train]" in ended.stderr
    assert "Traceback" not in ended.stderr and ended.stderr.count("\n") <= 3


def test_a_bad_recipe_fails_with_an_event_before_any_work(tmp_path: Path) -> None:
    images, table, _ = write_folder(tmp_path, 3)
    (tmp_path / "bad.toml").write_text('name = "bad"\nbackbone = "resnet99"\n')
    ended = subprocess.run(
        program(tmp_path / "bad.toml", "--images", images, "--labels", table, "--events"),
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
    (event,) = [json.loads(line) for line in ended.stdout.splitlines()]
    assert ended.returncode == 1 and event["event"] == "failed" and "backbone: " in event["reason"]
    assert "resnet18" in event["reason"] and "resnet99" in ended.stderr
