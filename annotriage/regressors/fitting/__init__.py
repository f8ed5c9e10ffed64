"""One fit of a network: optimisers, callbacks, checkpoints, inference."""
