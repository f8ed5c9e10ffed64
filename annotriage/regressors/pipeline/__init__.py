"""A training run from its recipe to a model file."""
