"""The feature space: images of the training kind lie near, others far, and a model file says the same as torch."""

import io

import numpy as np
import onnxruntime
import pytest
import torch
from sklearn.decomposition import PCA
from torch import Tensor, nn

from annotriage.datasets.synthesis.drawing import draw_lesion
from annotriage.regressors.data.pixels import PackedImages
from annotriage.regressors.networks.regressor import Regressor
from annotriage.regressors.pipeline.feature_space import COMPONENTS, FeatureProjection, fit_feature_space, statistics_of
from tests.regressors.small import awake_network, small_recipe

pytestmark = pytest.mark.slow


def statistics(count: int, seed: int, width: int = 90) -> np.ndarray:
    """Draw statistics of a kind of image: many that go together, of very different sizes."""
    mixing = np.random.default_rng(7).normal(size=(60, width)) * np.geomspace(3, 0.01, 60)[:, None]
    return (np.random.default_rng(seed).normal(size=(count, 60)) @ mixing + 5).astype(np.float32)


def far(projection: FeatureProjection, values: np.ndarray) -> np.ndarray:
    with torch.no_grad():
        return np.sqrt(projection(torch.as_tensor(values, dtype=torch.float32)).square().mean(1).numpy())


def test_of_the_training_kind_as_many_are_unlike_as_is_said() -> None:
    projection, space = fit_feature_space(statistics(2000, 1), statistics(1000, 2))
    assert space.size == COMPONENTS + 1
    assert (far(projection, statistics(1000, 2)) > space.unlike_above).mean() <= 0.01
    assert 0.002 < (far(projection, statistics(5000, 3)) > space.unlike_above).mean() < 0.025
    assert "Of 1,000 images" in space.sentence


def test_the_components_are_those_of_an_independent_analysis() -> None:
    learned, asked = statistics(500, 1), statistics(40, 3)
    projection, space = fit_feature_space(learned, statistics(100, 2))
    reference = PCA(space.size - 1, whiten=True, svd_solver="full").fit(learned).transform(asked)
    with torch.no_grad():
        ours = projection(torch.as_tensor(asked))[:, :-1].numpy()
    assert np.allclose(np.abs(ours), np.abs(reference) * (500 / 499) ** 0.5, atol=2e-3)


def test_what_no_component_tells_counts() -> None:
    learned = statistics(2000, 1)
    learned[:, -1] = 0  # nothing varies here
    held = statistics(500, 2)
    held[:, -1] = 0
    projection, space = fit_feature_space(learned, held)
    odd = held[:20].copy()
    odd[:, -1] = 2
    assert (far(projection, odd) > space.unlike_above).all()


@pytest.mark.parametrize("count", [2, 3, 9, 40])
def test_of_few_images_few_components_are_made(count: int) -> None:
    projection, space = fit_feature_space(statistics(count, 1), statistics(3, 2))
    assert 2 <= space.size <= max(2, count // 5 + 1)
    assert np.isfinite(far(projection, statistics(5, 3))).all()


def test_images_that_are_all_alike_make_a_space_of_numbers() -> None:
    same = np.ones((30, 8), np.float32)
    projection, space = fit_feature_space(same, same)
    assert space.unlike_above > 0
    assert np.isfinite(far(projection, same + 1)).all()


def test_what_is_no_number_and_too_few_is_refused() -> None:
    bad = statistics(10, 1)
    bad[3, 4] = np.nan
    with pytest.raises(ValueError, match="finite"):
        fit_feature_space(bad, statistics(3, 2))
    with pytest.raises(ValueError, match="two images"):
        fit_feature_space(statistics(1, 1), statistics(3, 2))
    with pytest.raises(ValueError, match="one that was not"):
        fit_feature_space(statistics(9, 1), statistics(0, 2))


class Graph(nn.Module):
    """A trunk and its projection, as a model file holds them."""

    def __init__(self, trunk: nn.Module, projection: nn.Module, width: int) -> None:
        super().__init__()
        self.trunk, self.projection = trunk, projection
        self.register_buffer("none", torch.zeros(width))

    def forward(self, image: Tensor) -> Tensor:
        features: Tensor = self.projection(self.trunk(image, self.none).statistics())
        return features


def lesions(count: int, first: int) -> np.ndarray:
    return np.stack([draw_lesion(first + k, ambiguous=k % 2 == 0, size=(64, 64)).rgb for k in range(count)])


def packed(pixels: np.ndarray) -> PackedImages:
    return PackedImages(pixels, np.zeros((len(pixels), 1), np.float32), None, None)


def test_what_is_no_lesion_lies_far_off() -> None:
    trunk = Regressor(small_recipe(backbone="efficientnet_lite0", weights="imagenet")).trunk
    drawn = packed(lesions(260, 0))
    learned, held = list(range(200)), list(range(200, 260))
    projection, space = fit_feature_space(
        statistics_of(trunk, drawn, learned, 64), statistics_of(trunk, drawn, held, 64)
    )
    rng = np.random.default_rng(0)
    odd = packed(
        np.stack(
            [
                np.zeros((64, 64, 3), np.uint8),
                np.full((64, 64, 3), 128, np.uint8),
                rng.integers(0, 256, (64, 64, 3), np.uint8),
            ]
        )
    )
    assert (far(projection, statistics_of(trunk, odd, [0, 1, 2], 64)) > space.unlike_above).all()
    others = packed(lesions(60, 500))
    assert (far(projection, statistics_of(trunk, others, list(range(60)), 64)) > space.unlike_above).mean() < 0.2


def test_the_statistics_are_means_and_spreads_of_the_stages_and_go_into_a_model_file() -> None:
    trunk = awake_network(small_recipe(backbone="efficientnet_lite0")).trunk
    image = torch.randn(3, 3, 64, 64)
    with torch.no_grad():
        seen = trunk(image, torch.zeros(trunk.width))
        maps = [stage.numpy().astype(np.float64) for stage in seen.stages[:-1]]
        numbers = np.concatenate([each.mean((2, 3)) for each in maps] + [each.std((2, 3)) for each in maps], 1)
        assert np.allclose(seen.statistics().numpy(), np.sign(numbers) * np.log1p(np.abs(numbers)), atol=1e-5)
        learned = np.random.default_rng(0).normal(size=(300, numbers.shape[1])) + seen.statistics().numpy().mean(0)
        projection, _ = fit_feature_space(learned, learned[:50])
        graph = Graph(trunk, projection, trunk.width).eval()
        expected = graph(image).numpy()
    file = io.BytesIO()
    program = torch.onnx.export(graph, (image,), dynamo=True, input_names=["image"], verbose=False)
    assert program is not None
    file.write(program.model_proto.SerializeToString())
    session = onnxruntime.InferenceSession(file.getvalue(), providers=["CPUExecutionProvider"])
    assert np.allclose(session.run(None, {"image": image.numpy()})[0], expected, atol=1e-3)
