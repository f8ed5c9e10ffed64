"""How long a run takes: measured, in proportion to its work, with what it needs; and what is left of one under way."""

import urllib.error
from pathlib import Path
from typing import Any, ClassVar

import pytest

from annotriage.errors import AnnotriageError
from annotriage.regressors.backbones import registry as backbones
from annotriage.regressors.backbones.backbone import ConvolutionalBackbone
from annotriage.regressors.data.data_paths import DataPaths
from annotriage.regressors.fitting.devices import device_of, devices
from annotriage.regressors.fitting.eta import VALIDATED, ImageCounts, TimeLeft, work_of
from annotriage.regressors.pipeline.estimate import estimate
from annotriage.regressors.recipes import weights_state
from annotriage.regressors.recipes.recipe import Recipe
from tests.regressors.small import small_recipe, write_folder

pytestmark = pytest.mark.slow


def tiny(**values: Any) -> Recipe:
    return small_recipe(**{"backbone": "tiny", "image_size": 32, "fit": {"epochs": 6, "batch_size": 8}} | values)


@pytest.fixture(autouse=True)
def tiny_backbone(monkeypatch: pytest.MonkeyPatch) -> None:
    row = ConvolutionalBackbone("shufflenet_v2_x0_5", stages=("conv1", "maxpool", "stage2", "stage3", "conv5"))
    monkeypatch.setitem(backbones.BACKBONES, "tiny", row)


def test_a_run_is_estimated_from_steps_of_it_and_nothing_is_left_behind(tmp_path: Path) -> None:
    images, table, _ = write_folder(tmp_path / "data", 40)
    before = sorted(tmp_path.rglob("*"))
    event = estimate(tiny(), DataPaths(images, table), "cpu")
    assert sorted(tmp_path.rglob("*")) == before
    assert event["event"] == "estimate" and event["recipe"] == "small" and event["device"] == "cpu"
    assert event["devices"][-1]["name"] == "cpu" and event["parameters"] > 100_000
    measured = event["measured"]
    assert 2 <= measured["steps"] <= 12
    assert all(measured[name] > 0 for name in ("decoding", "learning", "measuring", "answering"))
    assert event["images_per_second"] == pytest.approx(1 / measured["learning"], rel=0.01)
    # 40 images: 28 to learn from, 6 to measure on, give or take one.
    epoch = 28 * measured["learning"] + 6 * measured["measuring"]
    assert event["seconds_per_epoch"] == pytest.approx(epoch, rel=0.1, abs=0.01)
    assert event["seconds"] == pytest.approx(6 * epoch + 40 * measured["decoding"], rel=0.2, abs=0.1)
    assert event["weights"]["state"] == "none" and "Left out" in event["left_out"]


def test_what_cannot_be_trained_is_not_estimated(tmp_path: Path) -> None:
    images, table, _ = write_folder(tmp_path, 12)
    with pytest.raises(AnnotriageError, match="at least 20"):
        estimate(tiny(), DataPaths(images, table))


def test_a_device_that_is_not_there_is_named_with_those_that_are() -> None:
    there = [device.name for device in devices()]
    assert device_of("auto").name == there[0] and "cpu" in there
    for missing in {"cuda", "mps"} - set(there):
        with pytest.raises(AnnotriageError, match=rf"cannot train on {missing}.*cpu \(processor"):
            device_of(missing)


def test_weights_are_there_or_can_be_had_or_there_is_a_way_out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "resnet18.pth"
    monkeypatch.setattr(weights_state, "weights_file", lambda _: file)
    recipe = small_recipe(backbone="resnet18", weights="imagenet")

    def answers(answer: Any) -> Any:
        def opened(*_: object, **__: object) -> Any:
            if isinstance(answer, Exception):
                raise answer
            return answer

        return opened

    class Answer:
        headers: ClassVar = {"Content-Length": "46830571"}

        def __enter__(self) -> "Answer":
            return self

        def __exit__(self, *_: object) -> None:
            return None

    monkeypatch.setattr("urllib.request.urlopen", answers(urllib.error.URLError("no route")))
    found = weights_state.weights_state(recipe)
    assert found["state"] == "unreachable" and str(tmp_path) in found["sentence"] and "random" in found["sentence"]
    monkeypatch.setattr("urllib.request.urlopen", answers(Answer()))
    found = weights_state.weights_state(recipe)
    assert found["state"] == "download" and "47 MB" in found["sentence"]
    file.touch()
    assert weights_state.weights_state(recipe)["state"] == "present"
    assert weights_state.weights_state(small_recipe())["state"] == "none"


def test_the_work_of_a_run_is_that_of_all_its_stages() -> None:
    plain = work_of(tiny(), ImageCounts(70, 15))
    assert plain == {"fit": [(70 + 15 * VALIDATED) * 32**2] * 6}
    recipe = tiny(
        mask_head={"enabled": True},
        mask_stage={"rounds": [{"image_size": 32, "epochs": 1}, {"image_size": 64, "epochs": 2}]},
        distillation={"folds": 2, "fit": {"epochs": 3}},
    )
    work = work_of(recipe, ImageCounts(70, 14, masks=30, unlabelled=50), validated=0)
    assert list(work) == ["masks", "teacher-1", "teacher-2", "student"]
    assert work["masks"] == [30 * 32**2, 30 * 64**2, 30 * 64**2]
    assert work["teacher-1"] == pytest.approx([42 * 4 / 3 * 32**2] * 6)
    assert work["student"] == [(84 + 50) * 32**2] * 3


def test_time_left_is_that_of_the_epochs_to_come_in_every_stage() -> None:
    left = TimeLeft({"fit": [100.0] * 4, "student": [300.0] * 2})
    assert "seconds_left" not in left.with_time({"event": "stage", "stage": "fit"})
    first = {"event": "step", "stage": "fit", "epoch": 1, "step": 1, "steps": 10, "seconds": 5.0}
    assert "seconds_left" not in left.with_time(first), "one step says nothing"
    fifth = first | {"step": 5, "seconds": 1.0}
    assert left.with_time(fifth)["seconds_left"] == pytest.approx((50 + 300 + 600) / 50)
    done = {"event": "epoch", "stage": "fit", "epoch": 1, "seconds": 2.0}
    assert left.with_time(done)["seconds_left"] == pytest.approx((300 + 600) * 0.02)
    # Ended early: what follows is what is left.
    done = {"event": "epoch", "stage": "student", "epoch": 1, "seconds": 6.0}
    assert left.with_time(done)["seconds_left"] == pytest.approx(300 * 0.02)
    assert left.with_time(done | {"epoch": 2})["seconds_left"] == 0
