"""Images and a model file in, predictions with intervals and heatmaps out."""
