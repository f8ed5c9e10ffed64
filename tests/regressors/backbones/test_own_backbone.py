"""A backbone of one's own is one object: it is chosen, told of, trained, folded, exported and scored by it alone."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

import pytest
import torch
from torch import Tensor, nn

from annotriage.errors import AnnotriageError
from annotriage.model_file import open_model_file
from annotriage.regressors.backbones.backbone import Backbone
from annotriage.regressors.backbones.registry import BACKBONES
from annotriage.regressors.backbones.trunk import HeatmapKind, Trunk, TrunkOutput
from annotriage.regressors.backbones.weights import PackagedWeights, Weights
from annotriage.regressors.networks.compacting import fold_batch_norms
from annotriage.regressors.networks.regressor import Regressor
from annotriage.regressors.pipeline.train import train
from annotriage.regressors.recipes.weights_state import weights_state
from annotriage.scoring.scorer import Scorer
from tests.regressors.small import awake_network, small_recipe, write_folder

pytestmark = pytest.mark.slow


class TinyTrunk(Trunk):
    """Two convolutions; its map is half of the truth, and says so."""

    heatmap: ClassVar[HeatmapKind] = HeatmapKind("half of it", "Half of what each place brings.")

    def __init__(self, model: nn.Module) -> None:
        super().__init__()
        self.model, self.width, self.channels = model, 8, []

    def forward(self, image: Tensor, weight: Tensor) -> TrunkOutput:
        features = self.model(image).float()
        return TrunkOutput(features.mean((2, 3)), torch.einsum("nchw,c->nhw", features, weight) / 2, [])


@dataclass(frozen=True)
class TinyBackbone(Backbone):
    """A network that no library has."""

    @property
    def weights(self) -> Weights:
        return PackagedWeights("no-such-package", "weights.pth")

    def untrained(self, image_size: int) -> nn.Module:
        blocks = [(nn.Conv2d(wide, 8, 3, 4, 1), nn.BatchNorm2d(8), nn.ReLU()) for wide in (3, 8)]
        return nn.Sequential(*blocks[0], *blocks[1])

    def trunk_of(self, model: nn.Module) -> Trunk:
        return TinyTrunk(model)


@pytest.fixture(autouse=True)
def tiny(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setitem(BACKBONES, "own", TinyBackbone("own", "Own net", "a thousand weights; made for a test"))
    yield


def recipe(**values: Any) -> Any:
    return small_recipe(**{"backbone": "own", "image_size": 32, "fit": {"epochs": 1, "batch_size": 8}} | values)


def test_its_words_are_its_own() -> None:
    assert (BACKBONES["own"].title, BACKBONES["own"].words) == ("Own net", "a thousand weights; made for a test")
    assert TinyBackbone("own").title == "own"


def test_its_weights_and_its_lack_of_a_pyramid_are_told() -> None:
    state = weights_state(recipe(weights="imagenet"))
    assert state["state"] == "unreachable" and "no-such-package" in state["sentence"]
    with pytest.raises(AnnotriageError, match="not installed"):
        Regressor(recipe(weights="imagenet"))
    with pytest.raises(AnnotriageError, match="mask_head does not go with own"):
        recipe(mask_head={"enabled": True})


def test_its_norms_are_folded() -> None:
    network, image = awake_network(recipe()), torch.randn(2, 3, 32, 32)
    with torch.no_grad():
        before = network(image)
        fold_batch_norms(network)
        after = network(image)
    assert torch.allclose(before.dice, after.dice, atol=1e-5)
    assert not any(isinstance(part, nn.BatchNorm2d) for part in network.modules())


def test_it_is_trained_exported_and_scored(tmp_path: Path) -> None:
    write_folder(tmp_path, 30)
    file = train(recipe(compact=True), tmp_path / "images", tmp_path / "metrics.csv", tmp_path / "run")
    card = open_model_file(file).card
    assert card.architecture == "own"
    assert (card.heatmap.method, card.heatmap.sentence) == ("half of it", "Half of what each place brings.")
    assert not card.heatmap.exact
    (said,) = Scorer(open_model_file(file)).score([next((tmp_path / "images").iterdir())])
    assert said.predicted_dice is not None and 0 <= said.lower <= said.predicted_dice <= said.upper <= 1
