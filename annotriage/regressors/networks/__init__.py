"""The regressor: backbone, mask decoder, heatmap, and what is done to its weights."""
