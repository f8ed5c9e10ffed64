"""A trained regressor as one file, an ONNX graph with its card inside; the library of such models."""

from annotriage.model_file.card import HeatmapMeaning, IntervalMethod, ModelCard, TestMetrics, TrainingData
from annotriage.model_file.sealing import seal, with_card

__all__ = [
    "HeatmapMeaning",
    "IntervalMethod",
    "ModelCard",
    "TestMetrics",
    "TrainingData",
    "seal",
    "with_card",
]
