"""A trained regressor as one file, an ONNX graph with its card inside; the library of such models."""

from annotriage.model_file.calibrations import CalibrationCard, Calibrations, calibration_of, calibration_problem
from annotriage.model_file.card import BY_WAY, FEATURES, ModelCard
from annotriage.model_file.card_parts import (
    FeatureSpace,
    HeatmapMeaning,
    IntervalMethod,
    KindMetrics,
    TestMetrics,
    TrainingData,
    WayOfDrawing,
)
from annotriage.model_file.checksum import with_card, with_checksum
from annotriage.model_file.errors import ModelFileError
from annotriage.model_file.library import LibraryEntry, ModelLibrary
from annotriage.model_file.opening import ModelFile, open_model_file

__all__ = [
    "BY_WAY",
    "FEATURES",
    "CalibrationCard",
    "Calibrations",
    "FeatureSpace",
    "HeatmapMeaning",
    "IntervalMethod",
    "KindMetrics",
    "LibraryEntry",
    "ModelCard",
    "ModelFile",
    "ModelFileError",
    "ModelLibrary",
    "TestMetrics",
    "TrainingData",
    "WayOfDrawing",
    "calibration_of",
    "calibration_problem",
    "open_model_file",
    "with_card",
    "with_checksum",
]
