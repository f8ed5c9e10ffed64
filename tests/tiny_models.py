"""Working model files of a few kilobytes for tests: real ONNX, real card, checksum.

The tiny model calls a dark image contentious: its unclamped predicted Dice is the mean brightness of the
normalised image times `SLOPE`, plus `BIAS`, and its 4 x 4 heatmap holds each sixteenth's share of that, so
that the map's mean plus the bias is the prediction, as in the real models.
"""

from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper

from annotriage.measures.ways import MIXED
from annotriage.model_file import (
    BY_WAY,
    FEATURES,
    FeatureSpace,
    HeatmapMeaning,
    IntervalMethod,
    KindMetrics,
    ModelCard,
    TestMetrics,
    TrainingData,
    WayOfDrawing,
    with_card,
)

SLOPE = 0.25
BIAS = 0.5
HALF_WIDTH = 0.1
MEAN = (0.5, 0.5, 0.5)
STD = (0.25, 0.25, 0.25)


TINY_WAYS = [
    WayOfDrawing(key=MIXED, words="mixed or unknown", pairs=10, images=10, below=1.0, above=1.0),
    WayOfDrawing(key="hand", words="by hand", pairs=6, images=5, below=2.0, above=1.0),
    WayOfDrawing(key="hand_fill", words="by hand and flood fill", pairs=4, images=4, below=1.5, above=1.5),
]
"""Of a tiny model that knows ways: mixed is its Dice, by hand 1 - that (so that the ranking turns round), by hand and
flood fill half of it; the spread is 0.1."""


def ways_with_metrics() -> list[WayOfDrawing]:
    """Return `TINY_WAYS` with measured figures of the first two, and a note of the third."""
    mixed = KindMetrics(
        images=835, mean_dice=0.79, mae=0.101, median_mae=0.147, spearman=0.7, coverage=0.9, contentious=200,
        found_in_fifth=0.6,
    )  # fmt: skip
    hand = KindMetrics(
        images=87, mean_dice=0.878, mae=0.054, median_mae=0.063, spearman=0.5, coverage=0.91, contentious=4,
        found_in_fifth=0.75,
    )  # fmt: skip
    changes: tuple[dict[str, Any], ...] = {"metrics": mixed}, {"metrics": hand}, {"note": "Rests on <few> pairs."}
    return [way.model_copy(update=change) for way, change in zip(TINY_WAYS, changes, strict=True)]


TINY_FEATURES = FeatureSpace(size=16, unlike_above=3.0, sentence="The sixteenths of the image.")
"""Of a tiny model that gives features: the cells of its heatmap."""


def tiny_card(
    *, name: str = "tiny", height: int = 32, width: int = 32, lesion: bool = True, **changes: Any
) -> ModelCard:
    """Return the card of the tiny model; `changes` replace fields of it."""
    further = [*(spec.name for spec in changes.get("maps", [])), *changes.get("further_targets", [])]
    further += ([BY_WAY] if changes.get("ways") else []) + ([FEATURES] if changes.get("features") else [])
    values: dict[str, Any] = {
        "format": 1,
        "name": name,
        "version": "1.0",
        "title": "A tiny model for tests",
        "description": "Predicts the brightness of an image.",
        "architecture": "tiny",
        "input_height": height,
        "input_width": width,
        "mean": MEAN,
        "std": STD,
        "outputs": ["predicted_dice", "interval", "heatmap", *(["lesion"] if lesion else []), *further],
        "heatmap": HeatmapMeaning(
            method="additive contribution",
            exact=True,
            sentence="The mean of the map plus the bias is the predicted Dice.",
            bias=BIAS,
            other_terms={},
        ),
        "further_targets": [],
        "recipe": {"backbone": "tiny", "seed": 0},
        "data": TrainingData(
            images=10,
            table_sha256="0" * 64,
            train=7,
            validation=1,
            test=2,
            grouped_by=["patient_id"],
            sentence="No data: the weights were chosen.",
        ),
        "metrics": TestMetrics(
            mse=0.01,
            mse_sd=0.02,
            mae=0.08,
            mae_sd=0.06,
            median_mae=0.15,
            mean_mse=0.05,
            r2=0.5,
            pearson=0.7,
            spearman=None,
        ),
        "interval": IntervalMethod(method="constant", level=0.9, coverage=None, coverage_images=0),
        "intended_use": "Tests.",
        "limitations": "Knows nothing.",
        "licence": "BSD-3-Clause",
        "created": date(2026, 1, 1),
    }
    return ModelCard(**(values | changes))


def tiny_onnx(
    *,
    height: int = 32,
    width: int = 32,
    lesion: bool = True,
    maps: tuple[str, ...] = (),
    further: tuple[str, ...] = (),
    ways: bool = False,
    features: bool = False,
) -> onnx.ModelProto:
    """Return the tiny model's graph without a card; height and width are multiples of 4."""
    nodes: list[onnx.NodeProto] = []
    constants: list[onnx.TensorProto] = []

    def constant(name: str, value: NDArray[Any]) -> str:
        constants.append(numpy_helper.from_array(value, name))
        return name

    def node(kind: str, inputs: list[str], output: str, **attributes: Any) -> str:
        nodes.append(helper.make_node(kind, inputs, [output], **attributes))
        return output

    def pooled(parts: int, output: str) -> str:
        """Average the grey image over a grid whose cells have `parts` pixels a side (height) -> (N,1,h,w)."""
        window = [height // parts, width // parts]
        return node("AveragePool", ["grey"], output, kernel_shape=window, strides=window)

    node("ReduceMean", ["image"], "grey", axes=[1], keepdims=1)
    # The slope is stored in half precision and widened in the graph, as the weights of bundled models are.
    constant("slope16", np.array(SLOPE, dtype=np.float16))
    node("Cast", ["slope16"], "slope", to=TensorProto.FLOAT)
    node("Mul", [pooled(4, "cells"), "slope"], "contributions")
    node("Squeeze", ["contributions", constant("channel", np.array([1], dtype=np.int64))], "heatmap")
    node("ReduceMean", ["heatmap"], "mean_contribution", axes=[1, 2], keepdims=0)
    node("Add", ["mean_contribution", constant("bias", np.array(BIAS, dtype=np.float32))], "predicted_dice")
    node("Unsqueeze", ["predicted_dice", "channel"], "column")
    edges = constant("edges", np.array([[-HALF_WIDTH, HALF_WIDTH]], dtype=np.float32))
    node("Add", ["column", edges], "around")
    zero, one = (
        constant("zero", np.array(0, dtype=np.float32)),
        constant("one", np.array(1, dtype=np.float32)),
    )
    node("Clip", ["around", zero, one], "interval")

    outputs = [
        helper.make_tensor_value_info("predicted_dice", TensorProto.FLOAT, ["N"]),
        helper.make_tensor_value_info("interval", TensorProto.FLOAT, ["N", 2]),
        helper.make_tensor_value_info("heatmap", TensorProto.FLOAT, ["N", 4, 4]),
    ]
    if lesion:  # dark pixels are lesion, at half the resolution
        node("AveragePool", ["grey"], "halved", kernel_shape=[2, 2], strides=[2, 2])
        node("Mul", ["halved", constant("darker", np.array(-4, dtype=np.float32))], "darkness")
        node("Sigmoid", ["darkness"], "probability")
        node("Squeeze", ["probability", "channel"], "lesion")
        outputs.append(helper.make_tensor_value_info("lesion", TensorProto.FLOAT, ["N", height // 2, width // 2]))
    for name in maps:  # how bright places are, 0..1
        node("Sigmoid", ["heatmap"], name)
        outputs.append(helper.make_tensor_value_info(name, TensorProto.FLOAT, ["N", 4, 4]))
    for number, name in enumerate(further, start=1):  # the first is the Dice itself, the second twice that, ...
        node("Mul", ["predicted_dice", constant(f"times{number}", np.array(number, dtype=np.float32))], name)
        outputs.append(helper.make_tensor_value_info(name, TensorProto.FLOAT, ["N"]))

    if ways:
        signs = constant("signs", np.array([[1, -1, 0.5]], dtype=np.float32))
        node("Mul", ["column", signs], "turned")
        node("Add", ["turned", constant("from", np.array([[0, 1, 0]], dtype=np.float32))], "each_dice")
        node("Sub", ["each_dice", "each_dice"], "nothing")
        node("Add", ["nothing", constant("spread", np.array(HALF_WIDTH, dtype=np.float32))], "each_spread")
        last = constant("last", np.array([2], dtype=np.int64))
        node("Concat", [node("Unsqueeze", [name, last], f"{name}_row") for name in ("each_dice", "each_spread")],
             BY_WAY, axis=2)  # fmt: skip
        outputs.append(helper.make_tensor_value_info(BY_WAY, TensorProto.FLOAT, ["N", 3, 2]))
    if features:
        node("Flatten", ["heatmap"], FEATURES, axis=1)
        outputs.append(helper.make_tensor_value_info(FEATURES, TensorProto.FLOAT, ["N", 16]))

    image = helper.make_tensor_value_info("image", TensorProto.FLOAT, ["N", 3, height, width])
    graph = helper.make_graph(nodes, "tiny", [image], outputs, initializer=constants)
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=9)
    onnx.checker.check_model(model)
    return model


def write_tiny_model(
    path: Path,
    *,
    name: str = "tiny",
    height: int = 32,
    width: int = 32,
    lesion: bool = True,
    **card_changes: Any,
) -> Path:
    """Write a working model file to `path` and return that path.

    ``further_targets=["count"]``, ``maps=[MapSpec(...)]``, ``ways=TINY_WAYS`` and ``features=TINY_FEATURES`` among the
    `card_changes` add outputs of those names.
    """
    card = tiny_card(name=name, height=height, width=width, lesion=lesion, **card_changes)
    maps = tuple(spec.name for spec in card.maps)
    model = tiny_onnx(
        height=height,
        width=width,
        lesion=lesion,
        maps=maps,
        further=tuple(card.further_targets),
        ways=bool(card.ways),
        features=card.features is not None,
    )
    path.write_bytes(with_card(model.SerializeToString(), card))
    return path
