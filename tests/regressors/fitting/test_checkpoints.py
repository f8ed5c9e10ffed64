"""A run folder of somebody else runs nothing, whatever its files hold; damage ends in a sentence."""

import os
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from annotriage.errors import AnnotriageError
from annotriage.regressors.backbones import registry as backbones
from annotriage.regressors.backbones.backbone import ConvolutionalBackbone
from annotriage.regressors.fitting.checkpoints import WholeCheckpoints, load_numbers
from annotriage.regressors.fitting.live_callbacks import EarlyEnd
from annotriage.regressors.pipeline.train import train
from annotriage.regressors.recipes.recipe import Recipe
from tests.regressors.small import small_recipe, write_folder

pytestmark = pytest.mark.slow


class Program:
    """Makes a pickle that writes a file when it is loaded."""

    def __init__(self, proof: Path) -> None:
        self.proof = proof

    def __reduce__(self) -> tuple[Any, ...]:
        return Path.touch, (self.proof,)


class Halt(Exception):
    """Ends a run where the test has seen enough."""


@pytest.fixture(autouse=True)
def tiny_backbone(monkeypatch: pytest.MonkeyPatch) -> None:
    row = ConvolutionalBackbone("shufflenet_v2_x0_5", stages=("conv1", "maxpool", "stage2", "stage3", "conv5"))
    monkeypatch.setitem(backbones.BACKBONES, "tiny", row)


def recipe_of(**changes: object) -> Recipe:
    fit = {"epochs": 3, "batch_size": 8, "early_stopping": {"patience": 0}}
    return small_recipe(**({"backbone": "tiny", "image_size": 32, "fit": fit} | changes))


MASKS: dict[str, object] = {
    "mask_head": {"enabled": True},
    "mask_stage": {"batch_size": 8, "rounds": [{"image_size": 32, "epochs": 1}]},
}
TEACHERS: dict[str, object] = {"distillation": {"folds": 2, "views": 1, "fit": {"epochs": 1, "batch_size": 8}}}


def half(recipe: Recipe, folder: Path, out: Path, until: dict[str, object], **how: Any) -> None:
    """Train until an event; nothing is raised where it comes."""

    def listen(event: dict[str, Any]) -> None:
        if until and until.items() <= event.items():
            raise Halt

    try:
        masks = folder / "masks" if recipe.mask_head.enabled else None
        train(recipe, folder / "images", folder / "metrics.csv", out, masks=masks, report=listen, **how)
    except Halt:
        return
    assert until == {}, "the event did not come"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    write_folder(tmp_path, 36, unlabelled=24)
    return tmp_path


@pytest.mark.parametrize(
    ("recipe", "file", "until"),
    [
        ({}, "fit/last.ckpt", {"event": "hardest", "epoch": 2}),
        ({}, "fit/best.ckpt", {"event": "hardest", "epoch": 2}),
        ({}, "fit/finished.pt", {"event": "stage", "stage": "export"}),
        (MASKS, "masks/finished.pt", {"event": "stage", "stage": "fit"}),
        (TEACHERS, "teacher-1-answers.npz", {"event": "stage", "stage": "teacher-2"}),
    ],
)
def test_a_program_in_a_run_folder_is_not_run_by_a_resume(
    folder: Path, recipe: dict[str, object], file: str, until: dict[str, object]
) -> None:
    half(recipe_of(**recipe), folder, folder / "run", until)
    target, proof = folder / "run" / "checkpoints" / file, folder / "proof"
    assert target.is_file()
    if target.name == "best.ckpt":
        EarlyEnd(target.parent).note("fit", 1, 3)  # so that nothing better comes along
    if file.endswith(".npz"):
        np.savez(target, dice=np.array([Program(proof)], object), spread=np.array([Program(proof)], object))
        half(recipe_of(**recipe), folder, folder / "run", {"event": "stage", "stage": "teacher-2"}, resume=True)
    else:
        torch.save({"epoch": 1, "state_dict": {"network.x": Program(proof)}, "x": Program(proof)}, target)
        with pytest.raises(AnnotriageError, match=r"holds something else than the weights .* can run any program"):
            half(recipe_of(**recipe), folder, folder / "run", {}, resume=True)
        assert target.is_file(), "it stays for whoever wants to know"
    assert not proof.exists()


def test_a_program_in_the_outlines_of_another_run_is_neither_run_nor_copied(folder: Path) -> None:
    half(recipe_of(**MASKS), folder, folder / "theirs", {"event": "stage", "stage": "fit"})
    file, proof = folder / "theirs/checkpoints/masks/finished.pt", folder / "proof"
    torch.save(Program(proof), file)
    with pytest.raises(AnnotriageError, match="can run any program"):
        half(recipe_of(**MASKS), folder, folder / "mine", {}, outlines=folder / "theirs")
    assert not proof.exists() and not (folder / "mine/checkpoints/masks/finished.pt").exists()
    file.write_bytes(b"PK\x03\x04 and no more")
    with pytest.raises(AnnotriageError, match="is damaged"):
        half(recipe_of(**MASKS), folder, folder / "mine", {}, outlines=folder / "theirs", resume=True)


@pytest.mark.parametrize(
    ("holds", "said"),
    [({"weights": torch.ones(3)}, "do not fit the network"), ([1, 2], "holds something else")],
)
def test_weights_of_another_network_end_in_a_sentence(folder: Path, holds: Any, said: str) -> None:
    half(recipe_of(), folder, folder / "run", {"event": "stage", "stage": "export"})
    torch.save(holds, folder / "run/checkpoints/fit/finished.pt")
    with pytest.raises(AnnotriageError, match=said):
        half(recipe_of(), folder, folder / "run", {}, resume=True)


@pytest.mark.parametrize("name", ["../../../thesis", "/home/someone/thesis", "sub/../../thesis", r"C:\thesis"])
def test_a_checkpoint_names_no_file_outside_its_folder(tmp_path: Path, name: str) -> None:
    """Lightning deletes what a better epoch replaces, by the name in the checkpoint."""
    state = {
        "best_model_path": name, "kth_best_model_path": name, "last_model_path": "", "best_k_models": {name: 0.5},
        "monitor": "validation_loss",
    }  # fmt: skip
    torch.save(
        {"epoch": 0, "state_dict": {}, "callbacks": {"ModelCheckpoint": state, "Other": {"x": 1}}},
        tmp_path / "last.ckpt",
    )
    read = WholeCheckpoints().load_checkpoint(tmp_path / "last.ckpt")["callbacks"]
    assert read["Other"] == {"x": 1}
    own = os.path.realpath(tmp_path)
    said = read["ModelCheckpoint"]
    assert said["dirpath"] == own and said["last_model_path"] == "" and said["monitor"] == "validation_loss"
    assert said["kth_best_model_path"] == said["best_model_path"] == str(Path(own) / "thesis")
    assert said["best_k_models"] == {str(Path(own) / "thesis"): 0.5}


def test_a_moved_run_goes_on_with_its_best_epoch(folder: Path) -> None:
    half(recipe_of(), folder, folder / "run", {"event": "hardest", "epoch": 2})
    best = load_numbers(folder / "run/checkpoints/fit/best.ckpt")["callbacks"]
    shutil.move(folder / "run", folder / "elsewhere")
    read = WholeCheckpoints().load_checkpoint(folder / "elsewhere/checkpoints/fit/last.ckpt")["callbacks"]
    (key,) = [key for key in best if "validation_loss" in key and "ModelCheckpoint" in key]
    assert read[key]["best_model_path"] == os.path.realpath(folder / "elsewhere/checkpoints/fit/best.ckpt")
    half(recipe_of(), folder, folder / "elsewhere", {"event": "stage", "stage": "export"}, resume=True)
    assert sorted(each.name for each in (folder / "elsewhere/checkpoints/fit").iterdir()) == ["finished.pt"]


@pytest.mark.parametrize("name", ["problems.json", "split.json", "recipe.toml"])
@pytest.mark.parametrize("damage", [b"", b"\xff\xfe\x00junk", b"[1, 2]", b'{"train": 5, "x": [1]}', b"[" * 200_000])
def test_a_damaged_run_folder_is_told_in_a_sentence(folder: Path, name: str, damage: bytes) -> None:
    half(recipe_of(), folder, folder / "run", {"event": "stage", "stage": "fit"})
    (folder / "run" / name).write_bytes(damage)
    with pytest.raises(AnnotriageError, match=rf"{name} is damaged|another recipe|table of labels"):
        half(recipe_of(), folder, folder / "run", {}, resume=True)


@pytest.mark.parametrize("text", [b"\xff\xfe", b"a = [" + b"[" * 50_000, b"seed = " + b"9" * 5000, b"name = "])
def test_a_recipe_that_is_none_is_told_in_a_sentence(tmp_path: Path, text: bytes) -> None:
    from annotriage.regressors.recipes.recipe import load_recipe

    (tmp_path / "r.toml").write_bytes(text)
    with pytest.raises(AnnotriageError, match="is not valid TOML"):
        load_recipe(tmp_path / "r.toml")
    with pytest.raises(AnnotriageError, match="There is no recipe"):
        load_recipe("x" * 5000)


def test_rounds_of_too_many_epochs_are_told_in_a_sentence() -> None:
    rounds = [{"image_size": 32, "epochs": 6000}] * 2
    with pytest.raises(AnnotriageError, match="12,000 epochs in all"):
        recipe_of(mask_head={"enabled": True}, mask_stage={"rounds": rounds})
