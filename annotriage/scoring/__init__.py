"""Images and a model file in, predictions with intervals and heatmaps out."""

from annotriage.scoring.prediction import Prediction
from annotriage.scoring.scorer import Scorer, ScoringError

__all__ = ["Prediction", "Scorer", "ScoringError"]
