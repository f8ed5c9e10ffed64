"""The version alone: what the package's own front, which loads nothing else, and every room may ask for."""

__version__ = "0.1.0"
