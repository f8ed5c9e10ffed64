"""What a recipe's precision means on a device, for a network."""

import pytest
import torch
from torch.utils.data import DataLoader

from annotriage.regressors import precision
from annotriage.regressors.fit_module import FitModule, Weights
from annotriage.regressors.network import Regressor
from annotriage.regressors.precision import precision_of, processor_knows_bfloat16
from annotriage.regressors.recipe import Fit
from annotriage.regressors.trainer import make_trainer
from tests.regressors.small import small_recipe


@pytest.mark.parametrize("known", [True, False])
@pytest.mark.parametrize(
    ("backbone", "dense"),
    [("resnet18", True), ("vit_b_32", True), ("efficientnet_b0", False), ("mobilenet_v3_large", False)],
)
def test_a_processor_takes_16_bits_where_they_are_quicker(
    monkeypatch: pytest.MonkeyPatch, backbone: str, dense: bool, known: bool
) -> None:
    monkeypatch.setattr(precision, "processor_knows_bfloat16", lambda: known)
    network = Regressor(small_recipe(backbone=backbone))
    assert precision_of("auto", network, "cpu") == ("bfloat16" if known and dense else "float32")
    for choice in ("float32", "bfloat16"):
        assert precision_of(choice, network, "cpu") == choice


def test_other_devices_are_asked_themselves(monkeypatch: pytest.MonkeyPatch) -> None:
    network = Regressor(small_recipe(backbone="mobilenet_v3_large"))
    assert precision_of("auto", network, "mps") == "float32"
    for knows in (True, False):
        monkeypatch.setattr(torch.cuda, "is_bf16_supported", lambda including_emulation, knows=knows: knows)
        assert precision_of("auto", network, "cuda") == ("bfloat16" if knows else "float32")


@pytest.mark.parametrize("public", [True, False])
def test_the_processor_is_asked_through_whatever_torch_has(monkeypatch: pytest.MonkeyPatch, public: bool) -> None:
    for answer in (True, False):
        if public:
            monkeypatch.setattr(torch.cpu, "get_capabilities", lambda answer=answer: {"avx512_bf16": answer}, False)
        else:
            monkeypatch.delattr(torch.cpu, "get_capabilities", raising=False)
            monkeypatch.setattr(torch.cpu, "_is_avx512_bf16_supported", lambda answer=answer: answer)
        assert processor_knows_bfloat16() is answer


@pytest.mark.parametrize("chosen", ["float32", "bfloat16"])
def test_the_trainer_computes_in_it_and_weights_stay_in_32_bits(chosen: str) -> None:
    network = Regressor(small_recipe())
    seen: set[torch.dtype] = set()
    convolution = next(part for part in network.modules() if isinstance(part, torch.nn.Conv2d))
    convolution.register_forward_hook(lambda *said: seen.add(said[2].dtype))
    batch = {"image": torch.zeros(4, 3, 64, 64, dtype=torch.uint8), "targets": torch.rand(4, 1)}
    module = FitModule(network, Fit(epochs=1), Weights(), 1, [64], validated=False)
    make_trainer(Fit(epochs=1), "cpu", chosen, [], enable_checkpointing=False).fit(
        module, DataLoader([batch], batch_size=None)
    )
    assert seen == {getattr(torch, chosen)}
    assert {each.dtype for each in network.parameters()} == {torch.float32}
