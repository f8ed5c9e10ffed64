"""The page of a finished training."""
