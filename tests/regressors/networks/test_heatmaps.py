"""Heatmaps of pooled backbones: the prediction laid out, and what Grad-CAM becomes for a regression."""

import itertools
from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from pytorch_grad_cam import GradCAM
from pytorch_grad_cam.utils.image import scale_cam_image
from pytorch_grad_cam.utils.model_targets import RawScoresOutputTarget
from torch import Tensor, nn

from annotriage.regressors.backbones.registry import build
from annotriage.regressors.networks.regressor import Regressor
from annotriage.regressors.pipeline.finishing import heatmap_meaning, term_shares
from tests.regressors.small import POOLED, awake_network, small_recipe, some_images

pytestmark = pytest.mark.slow


def parts(network: Regressor, image: Tensor) -> tuple[Tensor, Tensor]:
    """Return the predicted Dice, and the sum that the card says it is."""
    with torch.no_grad():
        answer = network(image)
        beside = [k for k, name in enumerate(network.term_names) if name not in network.mapped_terms]
        other = answer.terms[:, beside] @ network.term_weights[0, beside]
        total = answer.heatmap.mean((1, 2)) + network.heatmap_bias + other
    return answer.dice, total


@pytest.mark.parametrize(("backbone", "mask_head"), itertools.product(POOLED, (False, True)))
def test_mean_of_the_map_plus_bias_plus_terms_is_the_prediction(backbone: str, mask_head: bool) -> None:
    for height, width in ((64, 64), (64, 128)):
        images = torch.randn(6, 3, height, width)
        network = awake_network(small_recipe(backbone=backbone, mask_head={"enabled": mask_head}), like=images)
        dice, total = parts(network, images)
        assert torch.allclose(dice, total, rtol=0, atol=1e-5)
        assert dice.std() > 0, "a network that says the same of everything proves nothing"


def test_the_sum_holds_on_real_images(shared_data: Path) -> None:
    images = some_images(shared_data / "isic" / "images", 8, 64)
    for backbone in POOLED:
        recipe = small_recipe(backbone=backbone, mask_head={"enabled": True}, further_targets=["count"])
        network = awake_network(recipe, like=images)
        dice, total = parts(network, images)
        assert torch.allclose(dice, total, rtol=0, atol=1e-5)


@pytest.fixture(scope="module")
def resnet() -> Regressor:
    return awake_network(small_recipe(mask_head={"enabled": True}))


@settings(max_examples=15, deadline=None)
@given(
    seed=st.integers(0, 2**31 - 1), scale=st.floats(0.01, 3), rows=st.integers(1, 4), bias=st.floats(-2, 2, width=32)
)
def test_the_sum_holds_whatever_the_last_layer_and_the_pixels_are(
    resnet: Regressor, seed: int, scale: float, rows: int, bias: float
) -> None:
    torch.manual_seed(seed)
    with torch.no_grad():
        resnet.linear.weight.normal_(0, 0.05)
        resnet.linear.bias.fill_(bias)
        resnet.term_weights.normal_(0, 0.1)
    dice, total = parts(resnet, torch.randn(rows, 3, 32 * rows, 64) * scale)
    assert torch.allclose(dice, total, rtol=1e-5, atol=1e-5)


def plain_model(network: Regressor, backbone: str) -> tuple[nn.Module, nn.Module]:
    """Build the whole model with the network's weights, and name the layer Grad-CAM is asked about."""
    model = build(backbone, "none", 96)
    linear = nn.Linear(network.linear.in_features, 1)
    with torch.no_grad():
        linear.weight.copy_(network.linear.weight[:1])
        linear.bias.copy_(network.linear.bias[:1])
    if backbone == "resnet18":
        model.fc, last = linear, model.layer4[-1]
    else:
        model.classifier, last = linear, model.features[-1]
    missing, unexpected = model.load_state_dict(network.trunk.stages.state_dict(), strict=False)
    assert not unexpected and all(name.startswith(("fc.", "classifier.")) for name in missing)
    return model.eval(), last


@pytest.mark.parametrize("backbone", POOLED)
def test_positive_part_is_grad_cam(backbone: str, shared_data: Path) -> None:
    images = some_images(shared_data / "isic" / "images", 6, 96)
    network = awake_network(small_recipe(backbone=backbone), like=images)
    model, layer = plain_model(network, backbone)
    with torch.no_grad():
        ours, dice = network(images).heatmap.numpy(), network(images).dice
        assert torch.allclose(model(images)[:, 0], dice, atol=1e-5), "both must be the same network"
    with GradCAM(model=model, target_layers=[layer]) as cam:
        targets = [RawScoresOutputTarget()] * len(images)
        shown = cam(images, targets=targets)
        activations = cam.activations_and_grads.activations[0].numpy()
        gradients = cam.activations_and_grads.gradients[0].numpy()
        raw = cam.get_cam_image(images, layer, targets, activations, gradients)
    assert (ours > 0).any() and (ours < 0).any()
    locations = ours.shape[1] * ours.shape[2]
    # The average over locations divides each gradient by their number: that is the whole scale between the two.
    np.testing.assert_allclose(np.maximum(ours, 0), np.maximum(raw, 0) * locations, rtol=1e-5, atol=1e-5)
    # And so they look alike, each image stretched to 0..1 as pytorch-grad-cam shows it (before and after enlarging).
    stretched = scale_cam_image(np.maximum(ours / locations, 0), images.shape[:1:-1])
    np.testing.assert_allclose(scale_cam_image(stretched), shown, atol=1e-4)


def test_card_says_what_the_map_holds_and_leaves_out() -> None:
    network = awake_network(small_recipe(mask_head={"enabled": True}))
    meaning = heatmap_meaning(network, {"expected_dice": 0.5, "threshold_dice": 0.3, "log_area": 0.1})
    assert meaning.exact and meaning.other_terms == {"log_area": 0.1}
    assert meaning.bias == pytest.approx(network.heatmap_bias, abs=1e-6)
    assert "plus the other terms" in meaning.sentence and "Negative pulls towards disagreement" in meaning.sentence
    assert "the former brings 80 %, the latter 10 %" in meaning.sentence
    without = heatmap_meaning(awake_network(small_recipe()), {})
    assert without.exact and "other terms" not in without.sentence and "outline" not in without.sentence
    whole = awake_network(small_recipe(mask_head={"enabled": True, "terms": ["softness"]}))
    assert heatmap_meaning(whole, {"softness": 0.9}).other_terms == {}


def test_shares_of_features_and_terms_add_up_to_the_whole() -> None:
    network = awake_network(small_recipe(mask_head={"enabled": True}))
    with torch.no_grad():
        answer = network(torch.randn(12, 3, 64, 64))
    dice = answer.dice.numpy()
    features = dice - (answer.terms @ network.term_weights[0]).detach().numpy()
    shares = term_shares(network, {"dice": dice, "terms": answer.terms.numpy()}, np.ones(12, bool))
    assert list(shares) == ["expected_dice", "threshold_dice", "log_area"]
    assert sum(shares.values()) + np.cov(features, dice, bias=True)[0, 1] / dice.var() == pytest.approx(1, abs=1e-3)


def test_what_the_features_say_is_the_same_map_with_and_without_an_outline() -> None:
    network = awake_network(small_recipe(mask_head={"enabled": True}))
    images = torch.randn(3, 3, 64, 96)
    with torch.no_grad():
        network.term_weights.zero_()
        smooth = network(images).heatmap
        features = network.trunk(images, network.linear.weight[0]).stages[-1]
        coarse = torch.einsum("nchw,c->nhw", features, network.linear.weight[0])
    assert smooth.shape == (3, 8, 12) and coarse.shape == (3, 2, 3)
    # Enlarged smoothly, no location gains or loses by it on the whole.
    torch.testing.assert_close(smooth.mean((1, 2)), coarse.mean((1, 2)))
    torch.testing.assert_close(
        smooth, nn.functional.interpolate(coarse[:, None], size=(8, 12), mode="bilinear")[:, 0]
    )  # fmt: skip
