"""The page of a running training."""
