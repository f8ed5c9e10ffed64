"""Backbones: really loaded from torch's cache, and a sentence where there is nothing to load."""

from collections.abc import Iterator
from pathlib import Path
from urllib.error import URLError

import pytest
import torch
from torchvision.models import get_model

from annotriage.errors import AnnotriageError
from annotriage.regressors.backbones import registry as backbones
from annotriage.regressors.backbones.backbone import ConvolutionalBackbone
from annotriage.regressors.backbones.registry import BACKBONES, backbone, build, weights_file
from annotriage.regressors.networks.regressor import Regressor
from tests.regressors.small import awake_network, small_recipe

pytestmark = pytest.mark.slow


@pytest.fixture
def cache(tmp_path: Path) -> Iterator[Path]:
    """Give torch an empty cache, and return the folder in it that holds weights."""
    before = torch.hub.get_dir()
    torch.hub.set_dir(str(tmp_path / "hub"))
    yield tmp_path / "hub" / "checkpoints"
    torch.hub.set_dir(before)


@pytest.fixture
def no_network(monkeypatch: pytest.MonkeyPatch) -> None:
    def unreachable(*_: object, **__: object) -> None:
        raise URLError("Name or service not known")

    monkeypatch.setattr(torch.hub, "urlopen", unreachable)


def put(cache: Path, name: str, state: object) -> Path:
    cache.mkdir(parents=True, exist_ok=True)
    torch.save(state, weights_file(name))
    assert weights_file(name).parent == cache
    return weights_file(name)


def test_cached_weights_are_what_the_network_starts_from(cache: Path, no_network: None) -> None:
    torch.manual_seed(7)
    state = get_model("resnet18", weights=None).state_dict()
    state["layer1.0.bn1.running_mean"] += 3
    put(cache, "resnet18", state)
    built = build("resnet18", "imagenet", 64).state_dict()
    assert all(torch.equal(built[name], value) for name, value in state.items())
    trunk = Regressor(small_recipe(weights="imagenet")).trunk.stages.state_dict()
    assert trunk and all(torch.equal(value, state[name]) for name, value in trunk.items())
    # "none" takes nothing from the cache.
    assert not torch.equal(build("resnet18", "none", 64).state_dict()["conv1.weight"], state["conv1.weight"])


def test_transformers_positions_are_resized_to_the_image(cache: Path, no_network: None) -> None:
    state = get_model("vit_b_32", weights=None, image_size=224).state_dict()
    grid = torch.linspace(0, 1, 7)[None, None, None] * torch.ones(1, 768, 7, 1)  # rises from left to right
    state["encoder.pos_embedding"][:, 1:] = grid.flatten(2).transpose(1, 2)
    state["encoder.pos_embedding"][:, 0] = 5
    put(cache, "vit_b_32", state)
    positions = build("vit_b_32", "imagenet", 128).encoder.pos_embedding.detach()
    assert positions.shape == (1, 1 + 4 * 4, 768)
    assert torch.all(positions[:, 0] == 5)
    resized = positions[0, 1:, 0].view(4, 4)
    assert torch.allclose(resized, resized[:1].expand(4, 4), atol=1e-5) and (resized[0].diff() > 0.2).all()
    same_size = build("vit_b_32", "imagenet", 224).encoder.pos_embedding.detach()
    assert torch.equal(same_size, state["encoder.pos_embedding"])


def test_where_nothing_is_cached_or_downloadable_the_way_out_is_named(
    cache: Path, no_network: None, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(AnnotriageError) as error:
        build("efficientnet_b0", "imagenet", 224)
    said = str(error.value)
    assert weights_file("efficientnet_b0").name in said and str(cache) in said and 'weights = "none"' in said
    assert "Name or service not known" in said and "efficientnet_b0" in said and "\n" not in said
    assert capsys.readouterr().out == "", "standard output is for events"


@pytest.mark.parametrize("damage", ["empty", "text", "truncated", "pickle", "other network", "no dictionary"])
def test_damaged_cached_weights_are_named(cache: Path, no_network: None, damage: str) -> None:
    file = put(cache, "resnet18", get_model("mobilenet_v3_small", weights=None).state_dict())
    if damage == "empty":
        file.write_bytes(b"")
    elif damage == "text":
        file.write_text("<html>404</html>")
    elif damage == "truncated":
        file.write_bytes(file.read_bytes()[:50_000])
    elif damage == "pickle":
        torch.save({"conv1.weight": Path("/")}, file)  # an object: nothing but tensors is ever taken out of a file
    elif damage == "no dictionary":
        torch.save([1, 2], file)
    with pytest.raises(AnnotriageError) as error:
        build("resnet18", "imagenet", 64)
    said = str(error.value)
    assert str(file) in said and "Delete that file" in said and 'weights = "none"' in said and "\n" not in said


def test_unknown_backbone_names_those_there_are() -> None:
    with pytest.raises(AnnotriageError, match=r"'alexnet'.*resnet18, efficientnet_b0, efficientnet_lite0, mobile"):
        backbone("alexnet")


def test_issue_names_are_in_the_table() -> None:
    assert {"resnet18", "efficientnet_b0", "mobilenet_v3_large", "vit_b_32"} <= set(BACKBONES)


def test_a_new_backbone_joins_in_a_line(monkeypatch: pytest.MonkeyPatch) -> None:
    row = ConvolutionalBackbone("shufflenet_v2_x0_5", stages=("conv1", "maxpool", "stage2", "stage3", "conv5"))
    monkeypatch.setitem(backbones.BACKBONES, "shufflenet", row)
    network = awake_network(small_recipe(backbone="shufflenet", mask_head={"enabled": True}))
    with torch.no_grad():
        answer = network(torch.randn(2, 3, 64, 64))
        beside = network.term_names.index("log_area")
        total = answer.heatmap.mean((1, 2)) + network.heatmap_bias
        total += answer.terms[:, beside] * network.term_weights[0, beside]
    assert answer.lesion_logits is not None and answer.lesion_logits.shape == (2, 32, 32)
    assert torch.allclose(answer.dice, total, atol=1e-5)


@pytest.mark.parametrize("name", [name for name, row in BACKBONES.items() if row.has_pyramid])
def test_stages_lie_at_strides_2_to_32(name: str) -> None:
    network = awake_network(small_recipe(backbone=name))
    with torch.no_grad():
        shapes = [
            tuple(stage.shape[2:])
            for stage in network.trunk(torch.zeros(1, 3, 64, 128), network.linear.weight[0]).stages
        ]
    assert shapes == [(32, 64), (16, 32), (8, 16), (4, 8), (2, 4)]
    assert network.trunk.channels[-1] == network.linear.in_features
