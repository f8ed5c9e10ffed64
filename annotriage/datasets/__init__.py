"""Labelled images: metrics tables, clinical metadata, splits, fetching, synthetic drawings."""
