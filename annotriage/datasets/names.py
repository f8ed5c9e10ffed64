"""Moved to `annotriage.names`, which other rooms need, too."""

from annotriage.names import posix, stem_of, without_endings

__all__ = ["posix", "stem_of", "without_endings"]
