"""A trained regressor as one file, an ONNX graph with its card inside; the library of such models."""

from annotriage.model_file.card import HeatmapMeaning, IntervalMethod, ModelCard, TestMetrics, TrainingData
from annotriage.model_file.checksum import with_card, with_checksum
from annotriage.model_file.errors import ModelFileError
from annotriage.model_file.library import LibraryEntry, ModelLibrary
from annotriage.model_file.opening import ModelFile, open_model_file

__all__ = [
    "HeatmapMeaning",
    "IntervalMethod",
    "LibraryEntry",
    "ModelCard",
    "ModelFile",
    "ModelFileError",
    "ModelLibrary",
    "TestMetrics",
    "TrainingData",
    "open_model_file",
    "with_card",
    "with_checksum",
]
