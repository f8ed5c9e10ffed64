"""What makes a training step fast changes nothing of what it learns."""

import pytest
import torch
from torch import Tensor
from torch.nn import functional as F

from annotriage.regressors.fitting.malloc import keep_freed_memory
from annotriage.regressors.fitting.optimisers import build_optimiser
from annotriage.regressors.networks.regressor import Regressor
from annotriage.regressors.recipes.sections import Optimiser
from tests.regressors.small import awake_network, small_recipe

pytestmark = pytest.mark.slow

STEPS = 4


def learn(
    network: Regressor, optimiser: torch.optim.Optimizer, images: Tensor, targets: Tensor
) -> tuple[Tensor, list[float]]:
    """Learn a batch by heart; return the first step's gradients, and the loss before each step."""
    found, gradients = [], torch.empty(0)
    for _ in range(STEPS):
        loss = F.mse_loss(network(images).dice, targets)
        found.append(float(loss.detach()))
        optimiser.zero_grad()
        loss.backward()
        if not len(gradients):
            gradients = torch.cat([each.grad.flatten() for each in network.parameters() if each.grad is not None])
        optimiser.step()
    return gradients, found


@pytest.mark.parametrize("backbone", ["resnet18", "mobilenet_v3_large"])
def test_layout_and_kept_memory_lead_to_the_same_losses(backbone: str) -> None:
    how = Optimiser(learning_rate=1e-4)
    torch.manual_seed(0)
    images, targets = torch.randn(6, 3, 64, 64), torch.rand(6)
    networks = [awake_network(small_recipe(backbone=backbone)).train() for _ in range(2)]
    plain = torch.optim.Adam(networks[0].parameters(), how.learning_rate, weight_decay=how.weight_decay)
    gradients, losses = learn(networks[0], plain, images, targets)
    fast = networks[1].to(memory_format=torch.channels_last)
    groups = [{"params": list(fast.parameters()), "lr": how.learning_rate}]
    images = images.contiguous(memory_format=torch.channels_last)
    with keep_freed_memory():
        fast_gradients, fast_losses = learn(fast, build_optimiser(groups, how), images, targets)
    assert fast_losses[0] == pytest.approx(losses[0], rel=1e-5)
    # Rounding tells one layout from the other, and both from 64 bits: 1e-5, or some 1e-3 where it moves a ReLU's input
    # over 0.
    assert (fast_gradients - gradients).norm() < 1e-2 * gradients.norm()
    # Adam divides by the gradient's own size, so that rounding moves weights whose gradient is next to nothing.
    assert fast_losses == pytest.approx(losses, rel=0.03)
    assert losses[-1] < 0.8 * losses[0], "it learned something at all"


@pytest.mark.parametrize("name", ["adam", "adamw", "sgd"])
def test_the_fused_optimisers_are_torchs_own(name: str) -> None:
    torch.manual_seed(0)
    how = Optimiser(name=name, learning_rate=0.01, weight_decay=0.05, momentum=0.8)
    own = {
        "adam": lambda p: torch.optim.Adam(p, 0.01, weight_decay=0.05),
        "adamw": lambda p: torch.optim.AdamW(p, 0.01, weight_decay=0.05),
        "sgd": lambda p: torch.optim.SGD(p, 0.01, momentum=0.8, weight_decay=0.05),
    }[name]
    start = [torch.randn(7, 5), torch.randn(3), torch.zeros(1, 0)]  # the last: of a network without lesion terms
    ours, theirs = ([torch.nn.Parameter(each.clone()) for each in start] for _ in range(2))
    optimisers = (build_optimiser([{"params": ours, "lr": 0.01}], how), own(theirs))
    for _ in range(5):
        for pair in zip(ours, theirs, strict=True):
            gradient = torch.randn_like(pair[0])
            for each in pair:
                each.grad = gradient.clone()
        for optimiser in optimisers:
            optimiser.step()
    for one, other in zip(ours, theirs, strict=True):
        assert torch.allclose(one, other, atol=1e-6)
    assert not torch.allclose(ours[0], start[0], atol=1e-3)
