"""Labelled images: metrics tables, clinical metadata, splits, synthetic drawings."""
