"""Labelled images, from files to batches."""
