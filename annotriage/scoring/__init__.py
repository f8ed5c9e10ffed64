"""Images and a model file in, predictions with intervals and heatmaps out."""

from annotriage.scoring.prediction import Prediction
from annotriage.scoring.ranking import RankedImage, rank, write_ranking
from annotriage.scoring.scorer import Scorer, ScoringError

__all__ = ["Prediction", "RankedImage", "Scorer", "ScoringError", "rank", "write_ranking"]
