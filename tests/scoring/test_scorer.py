"""The scorer: right numbers in the right order, whatever the batches, the threads and the files are."""

import itertools
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import psutil
import pytest
from numpy.typing import NDArray
from PIL import Image

from annotriage.images.decoding import Picture
from annotriage.model_file import ModelFile, open_model_file
from annotriage.scoring import Prediction, Scorer, ScoringError
from annotriage.scoring.preparing import prepare, read_for
from annotriage.scoring.scorer import BATCHES_AHEAD
from tests.pictures import write_picture, write_pictures
from tests.tiny_models import BIAS, HALF_WIDTH, SLOPE, write_tiny_model


@pytest.fixture
def model(tmp_path: Path) -> ModelFile:
    return open_model_file(write_tiny_model(tmp_path / "tiny.onnx"))


@pytest.fixture
def paths(tmp_path: Path) -> list[Path]:
    return write_pictures(tmp_path / "images", 12)


def numbers(predictions: list[Prediction]) -> NDArray[np.float64]:
    return np.array([(p.predicted_dice, p.lower, p.upper) for p in predictions], dtype=np.float64)


def workers() -> list[str]:
    return [thread.name for thread in threading.enumerate() if thread.name.startswith("annotriage")]


def test_the_model_is_computed_on_each_image_in_order(model: ModelFile, paths: list[Path]) -> None:
    predictions = list(Scorer(model).score(paths))
    assert [prediction.image for prediction in predictions] == paths
    for path, prediction in zip(paths, predictions, strict=True):
        expected = BIAS + SLOPE * float(prepare(path, model.card).mean())
        assert prediction.predicted_dice == pytest.approx(expected, abs=1e-5)
        assert prediction.disagreement == pytest.approx(1 - expected, abs=1e-5)
        assert prediction.lower == pytest.approx(max(0, expected - HALF_WIDTH), abs=1e-5)
        assert prediction.upper == pytest.approx(min(1, expected + HALF_WIDTH), abs=1e-5)
        assert prediction.heatmap is not None
        assert prediction.lesion is not None
        assert prediction.heatmap.mean() + BIAS == pytest.approx(expected, abs=1e-5)
        assert prediction.heatmap.shape == (4, 4)
        assert prediction.lesion.shape == (16, 16)
        assert prediction.heatmap.base is None, "a view would keep the whole batch alive"
        assert prediction.error is None


@pytest.mark.slow
def test_predictions_are_clamped(tmp_path: Path) -> None:
    model = open_model_file(write_tiny_model(tmp_path / "m.onnx", mean=(0.0, 0.0, 0.0), std=(0.32, 0.32, 0.32)))
    (prediction,) = Scorer(model).score([write_picture(tmp_path / "bright.png", 0.9)])
    assert prediction.predicted_dice == 1.0
    assert prediction.disagreement == 0.0


@pytest.mark.slow
def test_a_prediction_that_is_no_dice_is_an_error_of_its_image(tmp_path: Path) -> None:
    model = open_model_file(write_tiny_model(tmp_path / "m.onnx", mean=(0.0, 0.0, 0.0), std=(0.01, 0.01, 0.01)))
    (prediction,) = Scorer(model).score([write_picture(tmp_path / "bright.png", 0.9)])
    assert prediction.predicted_dice is None and "no Dice" in str(prediction.error)


def test_neither_batches_nor_threads_change_a_bit_of_the_numbers(model: ModelFile, paths: list[Path]) -> None:
    expected = numbers(list(Scorer(model, threads=1).score(paths)))
    np.testing.assert_array_equal(numbers(list(Scorer(model, threads=3).score(paths))), expected)
    backwards = numbers(list(Scorer(model, threads=2).score(reversed(paths))))
    np.testing.assert_array_equal(backwards[::-1], expected)
    for batch_size in (2, 5, 16):
        batched = numbers(list(Scorer(model, batch_size=batch_size).score(paths)))
        np.testing.assert_allclose(batched, expected, atol=1e-5)


def test_on_a_convolutional_network_an_image_does_not_depend_on_its_neighbours(tmp_path: Path) -> None:
    """Also with batches of a fixed shape, as other devices need them."""
    import onnxruntime

    session = onnxruntime.InferenceSession(_small_network(tmp_path / "net.onnx"), providers=["CPUExecutionProvider"])
    images = np.random.default_rng(0).normal(size=(8, 3, 32, 32)).astype(np.float32)

    def run(batch: NDArray[np.float32]) -> NDArray[np.float32]:
        values: NDArray[np.float32] = session.run(None, {"image": batch})[0]
        return values

    alone = np.concatenate([run(images[row : row + 1]) for row in range(8)])
    others = images.copy()
    others[1:] = 0
    np.testing.assert_array_equal(run(images)[0], run(others)[0])
    np.testing.assert_array_equal(run(images[::-1].copy())[::-1], run(images))
    np.testing.assert_allclose(run(images), alone, atol=1e-5)


def test_bad_files_become_predictions_with_a_reason(model: ModelFile, paths: list[Path], tmp_path: Path) -> None:
    text = tmp_path / "text.jpg"
    text.write_text("no image")
    asked = [paths[0], text, paths[1], tmp_path / "missing.png", paths[2]]
    for batch_size in (1, 2, 4):
        predictions = list(Scorer(model, batch_size=batch_size).score(asked))
        assert [prediction.image for prediction in predictions] == asked
        assert [prediction.error is None for prediction in predictions] == [True, False, True, False, True]
        assert predictions[1].predicted_dice is None
        assert predictions[1].disagreement is None
        expected = list(Scorer(model).score(paths[:3]))
        np.testing.assert_allclose(numbers(predictions[::2]), numbers(expected), atol=1e-5)


def test_too_little_memory_for_an_image_does_not_stop_the_others(
    model: ModelFile, paths: list[Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    def small_memory(path: Path, card: Any) -> Picture:
        if path == paths[1]:
            raise MemoryError
        return read_for(path, card)

    monkeypatch.setattr("annotriage.scoring.scorer.read_for", small_memory)
    predictions = list(Scorer(model).score(paths[:3]))
    assert "memory" in (predictions[1].error or "")
    assert [prediction.error is None for prediction in predictions] == [True, False, True]


def test_what_was_assumed_of_an_images_brightness_comes_with_it(model: ModelFile, tmp_path: Path) -> None:
    dark = np.add.outer(np.arange(48) * 50, np.arange(64) * 20) + 1
    Image.fromarray(dark.astype(np.uint16)).save(tmp_path / "a.png")
    (prediction,) = Scorer(model).score([tmp_path / "a.png"])
    assert "4,095 is taken for white" in prediction.note


@pytest.mark.slow
def test_further_targets_come_with_it(tmp_path: Path, paths: list[Path]) -> None:
    model = open_model_file(write_tiny_model(tmp_path / "m.onnx", further_targets=["same", "twice"]))
    (prediction,) = Scorer(model).score(paths[5:6])
    assert prediction.further["twice"] == pytest.approx(2 * prediction.further["same"])
    assert prediction.further["same"] == pytest.approx(prediction.predicted_dice)


def test_maps_can_be_left_out(model: ModelFile, paths: list[Path]) -> None:
    without = list(Scorer(model, heatmaps=False).score(paths))
    assert all(prediction.heatmap is None and prediction.lesion is None for prediction in without)
    np.testing.assert_array_equal(numbers(without), numbers(list(Scorer(model).score(paths))))


@pytest.mark.slow
def test_a_model_without_lesion_output(tmp_path: Path, paths: list[Path]) -> None:
    model = open_model_file(write_tiny_model(tmp_path / "m.onnx", lesion=False))
    (prediction,) = Scorer(model).score(paths[:1])
    assert prediction.lesion is None
    assert prediction.heatmap is not None


def test_paths_are_taken_as_they_are_needed(model: ModelFile, paths: list[Path]) -> None:
    taken = 0

    def endless() -> Iterator[Path]:
        nonlocal taken
        for taken in itertools.count(1):
            yield paths[taken % len(paths)]

    scored = Scorer(model, threads=2).score(endless())
    for count in range(1, 60):
        next(scored)
        assert taken <= count + 2 * BATCHES_AHEAD
    scored.close()
    assert workers() == []


@pytest.mark.slow
def test_memory_does_not_grow_with_the_number_of_images(model: ModelFile, paths: list[Path], tmp_path: Path) -> None:
    # Mostly files that are not there, because these go by faster than any image.
    source = (paths[0] if number % 1000 == 0 else tmp_path / f"{number}.jpg" for number in range(100_000))
    process, count, early = psutil.Process(), 0, 0
    for prediction in Scorer(model, threads=2).score(source):
        count += 1
        assert (prediction.error is None) == (count % 1000 == 1)
        if count == 5_000:
            early = process.memory_info().rss
    assert count == 100_000
    assert process.memory_info().rss - early < 20 * 1024**2


def test_a_stop_ends_it_between_batches(model: ModelFile, paths: list[Path]) -> None:
    stop = threading.Event()
    scored = Scorer(model, threads=2).score(itertools.cycle(paths), stop=stop)
    done = [next(scored) for _ in range(3)]
    stop.set()
    done += list(scored)
    assert 3 <= len(done) <= 3 + 2 * BATCHES_AHEAD + 2
    assert [prediction.image for prediction in done] == list(itertools.islice(itertools.cycle(paths), len(done)))
    assert workers() == []


def test_what_onnx_runtime_raises_becomes_a_sentence(
    model: ModelFile, paths: list[Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    session = FakeSession(model, RuntimeError("CUDA out of memory:\n tried 3 GiB"))
    monkeypatch.setattr(ModelFile, "session", lambda self, threads: session)
    with pytest.raises(ScoringError, match=r"tiny could not be computed .*CUDA out of memory: tried 3 GiB"):
        list(Scorer(model).score(paths))
    assert workers() == []


def test_a_prediction_that_is_no_number_is_an_error_of_its_image(
    model: ModelFile, paths: list[Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    session = FakeSession(model, None)
    monkeypatch.setattr(ModelFile, "session", lambda self, threads: session)
    predictions = list(Scorer(model, threads=1).score(paths[:2]))
    assert "no finite number" in (predictions[0].error or "")
    assert predictions[1].error is None


@pytest.mark.parametrize("wrong", [{"threads": 0}, {"batch_size": 0}])
def test_nonsense_is_refused(model: ModelFile, wrong: dict[str, int]) -> None:
    with pytest.raises(ValueError, match="at least one"):
        Scorer(model, **wrong)  # type: ignore[arg-type]


class FakeSession:
    """A session that fails, or whose first Dice is not a number."""

    def __init__(self, model: ModelFile, error: Exception | None) -> None:
        self._real = model.session(1)
        self._error = error
        self._first = True

    def get_providers(self) -> list[str]:
        return ["CPUExecutionProvider"]

    def run(self, outputs: list[str], images: dict[str, Any]) -> list[Any]:
        if self._error is not None:
            raise self._error
        values = self._real.run(outputs, images)
        if self._first:
            values[0][:] = np.nan
            self._first = False
        return values


def _small_network(path: Path) -> str:
    """Write convolutions, pooling and a matrix product with random weights, as backbones have them."""
    import onnx
    from onnx import TensorProto, helper, numpy_helper

    random = np.random.default_rng(1)
    weights = {"w1": (32, 3, 3, 3), "w2": (64, 32, 3, 3), "w3": (64, 7)}
    constants = [
        numpy_helper.from_array(random.normal(size=shape).astype(np.float32) / 10, name)
        for name, shape in weights.items()
    ]
    nodes = [
        helper.make_node("Conv", ["image", "w1"], ["a"], pads=[1, 1, 1, 1]),
        helper.make_node("Relu", ["a"], ["b"]),
        helper.make_node("Conv", ["b", "w2"], ["c"], pads=[1, 1, 1, 1], strides=[2, 2]),
        helper.make_node("Relu", ["c"], ["d"]),
        helper.make_node("GlobalAveragePool", ["d"], ["e"]),
        helper.make_node("Flatten", ["e"], ["f"]),
        helper.make_node("MatMul", ["f", "w3"], ["y"]),
    ]
    graph = helper.make_graph(
        nodes,
        "net",
        [helper.make_tensor_value_info("image", TensorProto.FLOAT, ["N", 3, 32, 32])],
        [helper.make_tensor_value_info("y", TensorProto.FLOAT, ["N", 7])],
        initializer=constants,
    )
    onnx.save(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=9), str(path))
    return str(path)


@pytest.mark.parametrize(
    "given", ["a.jpg", ["a.jpg"], Path("a.jpg"), np.zeros((4, 4, 3)), [np.zeros((4, 4, 3))], Image.new("RGB", (4, 4))]
)
def test_what_is_no_image_is_refused_and_not_called_a_file_that_was_moved(model: ModelFile, given: Any) -> None:
    with pytest.raises(TypeError, match=r"An image is given as a pathlib\.Path"):
        list(Scorer(model).score(given))
