"""What a recipe's precision means on a device, for a network."""

import pytest
import torch
from torch.utils.data import DataLoader

from annotriage.regressors.fitting import precision
from annotriage.regressors.fitting.fit_module import FitModule, Weights
from annotriage.regressors.fitting.precision import depthwise_in_float32, precision_of, processor_knows_bfloat16
from annotriage.regressors.fitting.trainer import make_trainer
from annotriage.regressors.networks.regressor import Regressor
from annotriage.regressors.recipes.sections import Fit
from tests.regressors.small import awake_network, small_recipe

pytestmark = pytest.mark.slow


@pytest.mark.parametrize("known", [True, False])
def test_a_processor_takes_16_bits_where_it_knows_them(monkeypatch: pytest.MonkeyPatch, known: bool) -> None:
    monkeypatch.setattr(precision, "processor_knows_bfloat16", lambda: known)
    assert precision_of("auto", "cpu") == ("bfloat16" if known else "float32")
    for choice in ("float32", "bfloat16"):
        assert precision_of(choice, "cpu") == choice


def test_other_devices_are_asked_themselves(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(precision, "processor_knows_bfloat16", lambda: True)
    assert precision_of("auto", "mps") == "float32"
    for knows in (True, False):
        monkeypatch.setattr(torch.cuda, "is_bf16_supported", lambda including_emulation, knows=knows: knows)
        assert precision_of("auto", "cuda") == ("bfloat16" if knows else "float32")


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


def test_depthwise_convolutions_stay_in_32_bits_on_a_processor() -> None:
    network = awake_network(small_recipe(backbone="mobilenet_v3_large"))
    convolutions = [part for part in network.modules() if isinstance(part, torch.nn.Conv2d)]
    image, seen = torch.rand(2, 3, 64, 64), {}
    for part in convolutions:
        part.register_forward_hook(lambda part, _, out: seen.__setitem__(part, out.dtype))
    before = network(image).dice
    state = {name: value.clone() for name, value in network.state_dict().items()}
    with depthwise_in_float32(network, "bfloat16", "cpu"), torch.autocast("cpu", torch.bfloat16):
        network(image).dice.sum().backward()
        assert list(network.state_dict()) == list(state)
    for part in convolutions:
        assert seen[part] == (torch.float32 if part.groups > 1 else torch.bfloat16)
        assert type(part) is torch.nn.Conv2d and part.weight.grad is not None
    assert torch.equal(network(image).dice, before)
    for chosen, device in (("float32", "cpu"), ("bfloat16", "cuda")):
        with depthwise_in_float32(network, chosen, device):
            assert {type(part) for part in convolutions} == {torch.nn.Conv2d}


def test_classes_are_put_back_after_an_error() -> None:
    network = Regressor(small_recipe(backbone="mobilenet_v3_large"))
    with pytest.raises(KeyboardInterrupt), depthwise_in_float32(network, "bfloat16", "cpu"):
        raise KeyboardInterrupt
    assert {type(part) for part in network.modules() if isinstance(part, torch.nn.Conv2d)} == {torch.nn.Conv2d}
