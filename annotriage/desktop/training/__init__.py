"""Train a model of one's own: which images, which labels, which model, the training itself, what came out."""
