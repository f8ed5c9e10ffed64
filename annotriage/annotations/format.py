"""What a format of annotations is to the rest: how its files are told, and how they are read."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from pathlib import Path
from typing import Any

from annotriage.annotations.annotation import ReadAnnotations


class Content(Enum):
    """As what a file is opened, once for all formats that are kept in such files."""

    JSON = "json"
    """The parsed document."""
    XML = "xml"
    """The root element, by defusedxml."""
    FILE = "file"
    """Nothing is opened: the path itself."""


@dataclass(frozen=True, slots=True)
class AnnotationFormat:
    """A format.

    Attributes
    ----------
    name : str
        As people know it: ``Label Studio JSON``.
    endings : tuple of str
        Of its files, in small letters: ``.json``.
    content : Content
    is_this : callable
        Says of an opened document, by its own marks, whether it is of this format. Takes the document and its path.
    read : callable
        Reads a document. Takes it and its path.

        Raises AnnotriageError where the file is broken: a sentence that says what, where, and what to do.
    """

    name: str
    endings: tuple[str, ...]
    content: Content
    is_this: Callable[[Any, Path], bool]
    read: Callable[[Any, Path], ReadAnnotations]
