"""What is said when a model file cannot be used."""

from pathlib import Path

from annotriage.errors import AnnotriageError


class ModelFileError(AnnotriageError):
    """A model file or the library cannot do what was asked; the sentence says why and what to do."""


def shown(text: str | Path, longest: int = 300) -> str:
    """Make text of unknown origin safe to print: on one line, no control characters, not endless."""
    clean = "".join(character if character.isprintable() else "\N{REPLACEMENT CHARACTER}" for character in str(text))
    return clean if len(clean) <= longest else clean[: longest - 1] + "…"
