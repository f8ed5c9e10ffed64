"""Export: the model file says what the network says, in less room where asked, and opens as one of ours."""

from datetime import date
from pathlib import Path

import numpy as np
import onnxruntime
import pytest
import torch
from torch import Tensor, nn

from annotriage.errors import AnnotriageError
from annotriage.measures.intervals import METHOD, ConformalFactors, interval
from annotriage.measures.ways import MIXED, WAYS
from annotriage.model_file import (
    BY_WAY,
    FEATURES,
    FeatureSpace,
    IntervalMethod,
    ModelCard,
    TrainingData,
    WayOfDrawing,
    open_model_file,
)
from annotriage.regressors.data.pixels import IMAGENET_MEAN, IMAGENET_SD
from annotriage.regressors.networks.compacting import compact, fold_batch_norms
from annotriage.regressors.networks.regressor import Regressor
from annotriage.regressors.pipeline import onnx_export as exporting
from annotriage.regressors.pipeline.feature_space import FeatureProjection
from annotriage.regressors.pipeline.finishing import heatmap_meaning
from annotriage.regressors.pipeline.onnx_export import Shipped, compare, export, halve, onnx_bytes, output_names
from annotriage.regressors.recipes.recipe import Recipe
from tests.regressors.small import POOLED, awake_network, small_recipe, some_images

pytestmark = pytest.mark.slow

FACTORS = ConformalFactors(1.4, 0.9, 0.9, 60)


def a_card(recipe: Recipe, network: Regressor) -> ModelCard:
    return ModelCard(
        format=1,
        name=recipe.name,
        version="1",
        title="Small",
        description="",
        architecture=recipe.backbone,
        input_height=recipe.image_size,
        input_width=recipe.image_size,
        mean=IMAGENET_MEAN,
        std=IMAGENET_SD,
        outputs=output_names(network, recipe.further_targets),
        heatmap=heatmap_meaning(network, {}),
        further_targets=list(recipe.further_targets),
        recipe=recipe.model_dump(mode="json"),
        data=TrainingData(
            images=3, table_sha256="0" * 64, train=1, validation=1, test=1, grouped_by=[], sentence="None."
        ),
        metrics=None,
        interval=IntervalMethod(method=METHOD, level=0.9, coverage=None, coverage_images=0),
        intended_use="Tests.",
        limitations="Tests.",
        licence="CC0",
        created=date(2025, 1, 1),
        ways=[
            WayOfDrawing(key=key, words=key, pairs=0, images=0, below=1, above=1)
            for key in list(dict.fromkeys([MIXED, *WAYS]))[: 1 if network.ways is None else 3]
        ],
        features=None if network.feature_space is None else FeatureSpace(size=4, unlike_above=1, sentence="Made up."),
    )


def ship(recipe: Recipe, network: Regressor, mean: float = 0, sd: float = 1) -> tuple[Shipped, list[str]]:
    count = len(recipe.further_targets)
    shipped = Shipped(network, FACTORS, np.full(count, mean), np.full(count, sd)).eval()
    return shipped, output_names(network, recipe.further_targets)


@pytest.mark.parametrize(
    ("backbone", "mask_head"),
    [("resnet18", True), ("efficientnet_b0", False), ("mobilenet_v3_large", True), ("vit_b_32", False)],
)
def test_model_file_says_what_the_network_says_on_real_images(
    backbone: str, mask_head: bool, tmp_path: Path, shared_data: Path
) -> None:
    recipe = small_recipe(backbone=backbone, mask_head={"enabled": mask_head})
    images = some_images(shared_data / "isic" / "images", 7, 64)
    network = awake_network(recipe, like=images)
    network.add_ways(2)
    with torch.no_grad():
        statistics = network.trunk(images, network.linear.weight[0]).statistics().numpy()
    network.feature_space = FeatureProjection(
        statistics.mean(0), np.linalg.svd(statistics, full_matrices=False)[2][:3], np.ones(3), (0.1, 0.1)
    )
    shipped, names = ship(recipe, network)
    file = tmp_path / "small.onnx"
    differences = export(shipped, names, a_card(recipe, network), file, images, compact=False)
    assert list(differences) == names and names[-2:] == [BY_WAY, FEATURES]
    assert max(value for name, value in differences.items() if name != FEATURES) <= 1e-4

    opened = open_model_file(file)
    assert opened.card.architecture == backbone and opened.card.has_lesion == mask_head
    session = opened.session(1)
    with torch.no_grad():
        answer = network(images)
    for count in (1, 3, 7):  # the number of images is free
        said = dict(zip(names, session.run(names, {"image": images[:count].numpy()}), strict=True))
        np.testing.assert_allclose(said["predicted_dice"], answer.dice[:count], atol=1e-4)
        np.testing.assert_allclose(said["heatmap"], answer.heatmap[:count], atol=1e-4)
        expected = interval(answer.dice[:count].numpy(), answer.spread[:count].numpy(), FACTORS)
        np.testing.assert_allclose(said["interval"], expected, atol=1e-4)
        np.testing.assert_allclose(said[BY_WAY], answer.by_way[:count], atol=1e-4)
        np.testing.assert_allclose(said[BY_WAY][:, 0], np.stack([answer.dice, answer.spread], 1)[:count], atol=1e-4)
        assert answer.features is not None and said[FEATURES].shape == (count, 4)
        np.testing.assert_allclose(said[FEATURES], answer.features[:count], rtol=1e-3, atol=1e-3)
        if mask_head:
            assert answer.lesion_logits is not None
            np.testing.assert_allclose(said["lesion"], answer.lesion_logits[:count].sigmoid(), atol=1e-4)
        if network.trunk.heatmap.exact and not mask_head:
            whole = said["heatmap"].mean((1, 2)) + opened.card.heatmap.bias
            np.testing.assert_allclose(whole, said["predicted_dice"], atol=1e-5)
    assert not list(tmp_path.glob("*.part"))


@pytest.fixture(scope="module")
def rounded() -> tuple[Regressor, Shipped, list[str], Tensor]:
    recipe = small_recipe(mask_head={"enabled": True}, further_targets=["count", "area"])
    torch.manual_seed(0)
    images = torch.randn(8, 3, 64, 64)
    network = awake_network(recipe, like=images)
    before = network(images)
    compact(network)
    after = network(images)
    # Folding changes nothing and rounding little.
    assert torch.allclose(after.dice, before.dice, atol=5e-3)
    assert torch.allclose(after.heatmap, before.heatmap, atol=2e-2)
    shipped, names = ship(recipe, network, mean=3, sd=2)
    return network, shipped, names, images


@pytest.fixture(scope="module")
def compact_file(rounded: tuple[Regressor, Shipped, list[str], Tensor]) -> bytes:
    _, shipped, names, images = rounded
    return onnx_bytes(shipped, names, images[:2], compact=True)


def test_compact_file_holds_two_bytes_a_weight_and_is_equal(
    rounded: tuple[Regressor, Shipped, list[str], Tensor], compact_file: bytes
) -> None:
    network, shipped, names, images = rounded
    weights = sum(parameter.numel() for parameter in network.parameters())
    assert 2 * weights < len(compact_file) < 2.2 * weights
    assert max(compare(shipped, names, compact_file, images).values()) <= 1e-4


def test_further_targets_come_in_their_own_units(
    rounded: tuple[Regressor, Shipped, list[str], Tensor], compact_file: bytes
) -> None:
    network, _, names, images = rounded
    session = onnxruntime.InferenceSession(compact_file, providers=["CPUExecutionProvider"])
    assert [output.name for output in session.get_outputs()] == names
    count, area = session.run(["count", "area"], {"image": images.numpy()})
    with torch.no_grad():
        standardised = network(images).further.numpy()
    np.testing.assert_allclose(count, standardised[:, 0] * 2 + 3, atol=1e-4)
    np.testing.assert_allclose(area, standardised[:, 1] * 2 + 3, atol=1e-4)


@pytest.mark.parametrize("backbone", POOLED)
def test_folding_batch_norms_changes_no_map(backbone: str) -> None:
    image = torch.randn(6, 3, 64, 64)
    network = awake_network(small_recipe(backbone=backbone, mask_head={"enabled": True}), like=image).double()

    def maps() -> list[Tensor]:
        with torch.no_grad():
            stages = network.trunk(image.double(), network.linear.weight[0].float()).stages
            return [*stages, network.mask_head(stages)]

    before = maps()
    fold_batch_norms(network)
    for old, new in zip(before, maps(), strict=True):
        assert torch.allclose(old, new, rtol=1e-6, atol=1e-8)
    norms = [name for name, part in network.named_modules() if isinstance(part, nn.BatchNorm2d)]
    assert all("lateral_norm" in name for name in norms), "only those after a sum cannot be folded"


def test_transformers_have_nothing_to_fold() -> None:
    network = awake_network(small_recipe(backbone="vit_b_32"))
    before = {name: value.clone() for name, value in network.state_dict().items()}
    fold_batch_norms(network)
    assert all(torch.equal(before[name], value) for name, value in network.state_dict().items())


def test_graph_tells_nothing_of_the_machine_that_made_it(compact_file: bytes) -> None:
    assert (
        b"site-packages" not in compact_file
        and str(Path.cwd()).encode() not in compact_file
        and b".py" not in compact_file
    )


def test_weights_that_16_bits_do_not_hold_stay_as_they_are() -> None:
    import onnx
    from onnx import TensorProto, helper, numpy_helper

    exact = np.arange(1024, dtype=np.float32).reshape(2, 512) / 1024
    graph = helper.make_graph(
        [helper.make_node("Add", ["a", "b"], ["c"])],
        "g",
        [],
        [helper.make_tensor_value_info("c", TensorProto.FLOAT, (2, 512))],
        [numpy_helper.from_array(exact, "a"), numpy_helper.from_array(exact + np.float32(1e-6), "b")],
    )
    model = helper.make_model(graph)
    halve(model)
    kinds = {each.name: each.data_type for each in model.graph.initializer}
    assert kinds == {"a.half": TensorProto.FLOAT16, "b": TensorProto.FLOAT}
    onnx.checker.check_model(model)


def test_one_image_suffices_and_targets_in_thousands_are_no_difference(tmp_path: Path) -> None:
    recipe = small_recipe(further_targets=["area"])
    image = torch.randn(1, 3, 64, 64)
    network = awake_network(recipe, like=torch.cat([image, torch.randn(7, 3, 64, 64)]))
    shipped, names = ship(recipe, network, mean=40_000, sd=30_000)
    differences = export(shipped, names, a_card(recipe, network), tmp_path / "s.onnx", image, compact=False)
    assert differences["predicted_dice"] <= 1e-4 and differences["area"] <= 3
    assert open_model_file(tmp_path / "s.onnx").card.further_targets == ["area"]


@pytest.mark.parametrize(
    ("name", "by", "largest", "allowed"),
    [
        ("heatmap", 0.00017, 1.5, True),  # a ten-thousandth of a map that reaches -1.5
        ("heatmap", 0.00017, 0.01, False),
        ("heatmap", 0.002, 1.5, False),
        ("heatmap", 0.00009, 0.01, True),
        ("predicted_dice", 0.00017, 1.5, False),
        ("interval", 0.00017, 1.5, False),
        ("heatmap", float("nan"), 1.5, False),
    ],
)
def test_a_heatmap_may_differ_by_a_share_of_its_range_and_nothing_else_may(
    rounded: tuple[Regressor, Shipped, list[str], Tensor], compact_file: bytes, tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch, name: str, by: float, largest: float, allowed: bool,
) -> None:  # fmt: skip
    network, shipped, names, images = rounded
    monkeypatch.setattr(exporting, "onnx_bytes", lambda *_, **__: compact_file)
    real = exporting.compare
    monkeypatch.setattr(exporting, "compare", lambda *what: real(*what) | {name: by})
    monkeypatch.setattr(exporting, "_largest_of", lambda *_: largest)
    card, file = a_card(small_recipe(further_targets=["count", "area"]), network), tmp_path / "small.onnx"
    if allowed:
        export(shipped, names, card, file, images, compact=True)
        assert file.is_file()
    else:
        with pytest.raises(AnnotriageError, match=f"model's {name} differs"):
            export(shipped, names, card, file, images, compact=True)
        assert not file.exists()


@pytest.mark.parametrize("wrong", [0.01, float("nan")])
def test_a_graph_that_differs_is_not_written(wrong: float, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    recipe = small_recipe()
    network = awake_network(recipe)
    shipped, names = ship(recipe, network)
    differences = dict.fromkeys(names, 0.0) | {"heatmap": wrong}
    monkeypatch.setattr(exporting, "onnx_bytes", lambda *_, **__: b"")
    monkeypatch.setattr(exporting, "with_card", lambda *_: b"")
    monkeypatch.setattr(exporting, "compare", lambda *_: differences)
    with pytest.raises(AnnotriageError, match="heatmap differs"):
        export(shipped, names, a_card(recipe, network), tmp_path / "s.onnx", torch.zeros(2, 3, 64, 64), compact=False)
    assert not list(tmp_path.iterdir())
