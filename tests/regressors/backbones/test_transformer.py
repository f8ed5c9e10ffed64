"""The vision transformer's map: the same network, the right gradient, and patches that matter as the map says."""

import csv
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch
from pytorch_grad_cam import GradCAM
from pytorch_grad_cam.utils.model_targets import RawScoresOutputTarget
from torch import Tensor, nn
from torchvision.models import VisionTransformer

from annotriage.errors import AnnotriageError
from annotriage.images import read_rgb
from annotriage.regressors.backbones.transformer import TransformerTrunk
from annotriage.regressors.data.pixels import to_network
from annotriage.regressors.networks.regressor import Regressor
from annotriage.regressors.pipeline.finishing import heatmap_meaning
from tests.regressors.small import awake_network, small_recipe

pytestmark = pytest.mark.slow

SIDE, PATCHES = 4, 16


def tiny_transformer(seed: int = 0) -> VisionTransformer:
    """Build a transformer of 3 layers that sees 4 x 4 patches of 16 pixels; none of its biases is 0."""
    torch.manual_seed(seed)
    model = VisionTransformer(64, 16, num_layers=3, num_heads=4, hidden_dim=32, mlp_dim=64)
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.add_(torch.randn_like(parameter) * 0.05)
    return model.eval()


def own_forward(model: VisionTransformer, image: Tensor) -> Tensor:
    """Run torchvision's own forward pass up to the class token."""
    tokens = model._process_input(image)
    tokens = torch.cat([model.class_token.expand(len(tokens), -1, -1), tokens], 1)
    return model.encoder(tokens)[:, 0]


def last_block(trunk: TransformerTrunk, image: Tensor) -> tuple[Tensor, Tensor]:
    """Return what enters the last block, and each token's message to the class token by torch's own attention."""
    vit = trunk.model
    tokens = torch.cat([vit.class_token.expand(len(image), -1, -1), vit._process_input(image)], 1)
    tokens = tokens + vit.encoder.pos_embedding
    for block in vit.encoder.layers[:-1]:
        tokens = block(tokens)
    attention = vit.encoder.layers[-1].self_attention
    normed = vit.encoder.layers[-1].ln_1(tokens)
    _, shares = attention(normed, normed, normed, need_weights=True, average_attn_weights=False)
    width, heads = attention.embed_dim, attention.num_heads
    values = normed @ attention.in_proj_weight[2 * width :].T + attention.in_proj_bias[2 * width :]
    messages = torch.zeros(*tokens.shape)
    for head in range(heads):
        part = slice(head * width // heads, (head + 1) * width // heads)
        messages += (shares[:, head, 0, :, None] * values[..., part]) @ attention.out_proj.weight[:, part].T
    return tokens, messages


def after(trunk: TransformerTrunk, h: Tensor, weight: Tensor) -> Tensor:
    """Finish the last block from its class token after attention."""
    last = trunk.model.encoder.layers[-1]
    return trunk.model.encoder.ln(h + last.mlp(last.ln_2(h))) @ weight


@pytest.mark.parametrize("seed", range(3))
def test_token_is_torchvisions_own(seed: int) -> None:
    model = tiny_transformer(seed)
    image = torch.randn(2, 3, 64, 64)
    with torch.no_grad():
        expected = own_forward(model, image)
        token, heatmap, _ = TransformerTrunk(model)(image, torch.randn(32))
    assert torch.allclose(token, expected, atol=1e-5)
    assert heatmap.shape == (2, SIDE, SIDE)


@pytest.mark.parametrize("seed", range(3))
def test_map_is_gradient_times_message(seed: int) -> None:
    trunk = TransformerTrunk(tiny_transformer(seed))
    image, weight = torch.randn(3, 3, 64, 64), torch.randn(32)
    with torch.no_grad():
        _, heatmap, _ = trunk(image, weight)
        tokens, messages = last_block(trunk, image)
        bias = trunk.model.encoder.layers[-1].self_attention.out_proj.bias
    h = (tokens[:, 0] + messages.sum(1) + bias).requires_grad_()
    (gradient,) = torch.autograd.grad(after(trunk, h, weight).sum(), h)
    expected = (messages[:, 1:] * gradient[:, None]).sum(-1)
    assert torch.allclose(heatmap.flatten(1) / PATCHES, expected, atol=1e-5)
    assert torch.allclose(heatmap.mean((1, 2)), expected.sum(1), atol=1e-5)


def test_real_vit_b_32_is_torchvisions_own_too() -> None:
    network = awake_network(small_recipe(backbone="vit_b_32"))
    image = torch.randn(2, 3, 64, 64)
    with torch.no_grad():
        answer = network(image)
        expected = own_forward(network.trunk.model, image) @ network.linear.weight[0] + network.linear.bias[0]
    assert torch.allclose(answer.dice, expected, atol=1e-5)
    assert answer.heatmap.shape == (2, 2, 2) and answer.lesion_logits is None
    meaning = heatmap_meaning(network, {})
    assert not meaning.exact and "first order" in meaning.sentence


def test_mask_head_on_a_transformer_is_refused() -> None:
    with pytest.raises(AnnotriageError, match="no feature pyramid"):
        Regressor(small_recipe(backbone="vit_b_32", mask_head={"enabled": True}))


def within(a: Tensor, b: Tensor) -> float:
    """Return the correlation of two maps (N, P) over the patches of an image, averaged over images."""
    return float(np.mean([np.corrcoef(x, y)[0, 1] for x, y in zip(a.numpy(), b.numpy(), strict=True)]))


def test_map_is_faithful_on_real_images(shared_data: Path, record_property: Callable[[str, object], None]) -> None:
    """A transformer fitted for some seconds to the real Dice, then asked on images it has not seen."""
    with (shared_data / "isic" / "metrics.csv").open() as source:
        rows = list(csv.DictReader(source))[::4][:190]
    pixels = np.stack([read_rgb(shared_data / "isic" / "images" / row["image"], (64, 64)) for row in rows])
    images = to_network(torch.from_numpy(pixels).permute(0, 3, 1, 2).float() / 255)
    dice = torch.tensor([float(row["dice_mean"]) for row in rows])
    torch.manual_seed(1)
    trunk = TransformerTrunk(VisionTransformer(64, 16, num_layers=3, num_heads=4, hidden_dim=32, mlp_dim=64))
    linear = nn.Linear(32, 1)
    optimiser = torch.optim.AdamW([*trunk.parameters(), *linear.parameters()], 2e-3)
    for _ in range(120):
        rows_now = torch.randint(0, 150, (32,))
        said = linear(trunk(images[rows_now], linear.weight[0])[0])[:, 0]
        loss = (said - dice[rows_now]).square().mean()
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
    trunk.eval().requires_grad_(False)
    weight, seen = linear.weight[0].detach(), images[150:]

    heatmap = trunk(seen, weight)[1].flatten(1)
    answer = trunk(seen, weight)[0] @ weight

    # 1. Taking a patch's message out of the last layer changes the prediction by what the map says.
    tokens, messages = last_block(trunk, seen)
    h = tokens[:, 0] + messages.sum(1) + trunk.model.encoder.layers[-1].self_attention.out_proj.bias
    knocked = torch.stack([answer - after(trunk, h - messages[:, 1 + j], weight) for j in range(PATCHES)], 1)
    assert torch.allclose(after(trunk, h, weight), answer, atol=1e-5)
    assert within(heatmap, knocked) > 0.98

    # 2. Painting a patch over moves the prediction in the direction that the map says, for the patches it names.
    erased = []
    for j in range(PATCHES):
        row, column = divmod(j, SIDE)
        painted = seen.clone()
        patch = painted[:, :, row * 16 : row * 16 + 16, column * 16 : column * 16 + 16]
        patch[:] = seen.mean((2, 3), keepdim=True)
        erased.append(answer - trunk(painted, weight)[0] @ weight)
    effect = torch.stack(erased, 1)
    up, down = heatmap.topk(3, 1).indices, (-heatmap).topk(3, 1).indices
    falls, rises = (effect.gather(1, up) > 0).float().mean(), (effect.gather(1, down) < 0).float().mean()
    any_falls = (effect > 0).float().mean()
    record_property("direction", f"{falls:.2f} and {rises:.2f}; any patch {any_falls:.2f} and {1 - any_falls:.2f}")
    assert falls > any_falls + 0.1 and rises > 1 - any_falls + 0.1

    # 3. Beside Grad-CAM at the last layer norm: related, but Grad-CAM is further from what knocking out does.
    class Scalar(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.trunk = trunk.requires_grad_(True)

        def forward(self, x: Tensor) -> Tensor:
            return (self.trunk(x, weight)[0] @ weight)[:, None]

    def on_grid(tokens: Tensor) -> Tensor:
        return tokens[:, 1:].reshape(len(tokens), SIDE, SIDE, -1).permute(0, 3, 1, 2)

    layer = trunk.model.encoder.layers[-1].ln_1
    with GradCAM(model=Scalar(), target_layers=[layer], reshape_transform=on_grid) as cam:
        targets = [RawScoresOutputTarget()] * len(seen)
        cam(seen, targets=targets)
        hooked = cam.activations_and_grads
        raw = cam.get_cam_image(seen, layer, targets, hooked.activations[0].numpy(), hooked.gradients[0].numpy())
    grad_cam = torch.from_numpy(raw).flatten(1)
    record_property("correlation with Grad-CAM", f"{within(heatmap, grad_cam):.2f}")
    assert within(heatmap, grad_cam) > 0.3
    assert within(heatmap, knocked) > within(grad_cam, knocked)
