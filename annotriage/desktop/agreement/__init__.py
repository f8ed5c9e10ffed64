"""Measure how much people's masks agree: which masks, who drew which, what came out."""
