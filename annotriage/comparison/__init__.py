"""Finished runs in; the paper's tables and figures, and tests that can find a difference, out. No torch, no Qt."""
