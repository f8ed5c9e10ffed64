"""Annotriage: predict from a lesion image alone how much its annotators will disagree."""

__version__ = "0.1.0"
