"""A file is opened once, asked which format it is of, and read; whatever is wrong with it is said in a sentence."""

import gzip
import json
import zlib
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from annotriage.annotations.annotation import Annotation, ReadAnnotations
from annotriage.annotations.format import AnnotationFormat, Content
from annotriage.annotations.formats import listed
from annotriage.annotations.long_lists import compact, entries_of, is_long_list
from annotriage.annotations.shapes import fault_of
from annotriage.errors import AnnotriageError
from annotriage.images import LARGEST_IMAGE
from annotriage.names import plain_line
from annotriage.plain_files import MOST_BYTES, read_plain
from annotriage.tables.decoding import decode

NO_IMAGE_NOTE = "it does not say of which image it is"
_STRANGE = (LookupError, TypeError, ValueError, AttributeError, ArithmeticError, RecursionError)
"""What a reader meets in a file that has its format's marks and something else inside."""
_PACKED = ".gz"
_HEAD = 1000
"""Characters at a file's beginning that say what it is."""
_TOO_DEEP = "{} cannot be read: it is nested too deep for an annotation tool's JSON."
_LINES = (".jsonl", ".ndjson")
"""Endings of files that hold a JSON value a line."""


def may_be_annotations(name: str) -> bool:
    """Say by its name whether a file may hold annotations of a format that is read."""
    lower = name.lower()
    endings = tuple(ending for each in listed.FORMATS for ending in each.endings)
    return not lower.startswith(".") and (lower.endswith(endings) or lower.removesuffix(_PACKED).endswith(endings))


def is_annotations(path: Path) -> bool:
    """Say whether a file is of a format that is told without opening it as text: by its heading, or its ending."""
    return any(
        _is_this(each, path, path)
        for each in listed.FORMATS
        if each.content is Content.FILE and path.name.lower().endswith(each.endings)
    )


def read_annotations(path: Path) -> ReadAnnotations | None:
    """Read what a file holds.

    Parameters
    ----------
    path : Path
        Text in UTF-8, UTF-16 or Windows-1252; it may be packed (``.json.gz``).

    Returns
    -------
    ReadAnnotations or None
        Its annotations are numbered in their order; outlines that mark nothing wherever they lie are left out of them,
        and counted. None: it is of no format that is read.

    Raises
    ------
    NothingDrawnError
        It is whole, and nobody drew in it.
    AnnotriageError
        It cannot be opened, is broken, or holds what its format does not have, or what is not read.
    """
    lower = path.name.lower()
    formats = [each for each in listed.FORMATS if lower.endswith(each.endings)]
    unpacked = lower.removesuffix(_PACKED)
    if not formats and unpacked != lower:
        formats = [
            each for each in listed.FORMATS if each.content is not Content.FILE and unpacked.endswith(each.endings)
        ]
    opened: dict[Content, Any] = {Content.FILE: path}
    for each in formats:
        if each.content not in opened:
            opened[each.content] = _opened(path, each.content)
        try:
            if _is_this(each, opened[each.content], path):
                return _checked(each.read(opened[each.content], path), each, path)
        except _STRANGE as error:
            raise AnnotriageError(
                f"{path} cannot be read as {each.name}: it holds something else than that format has "
                f"({type(error).__name__}: {plain_line(str(error))[:100]}). Export it anew."
            ) from error
    return None


def read_json(path: Path) -> Any:
    """Read a file of JSON, or of a JSON value a line, whatever it holds.

    Raises
    ------
    AnnotriageError
        It cannot be opened, or is broken.
    """
    return _opened(path, Content.JSON)


def _is_this(of: AnnotationFormat, document: Any, path: Path) -> bool:
    try:
        return of.is_this(document, path)
    except _STRANGE:  # it asked for what this document has not
        return False


def _opened(path: Path, content: Content) -> Any:
    if content is Content.JSON and (long := _long_list(path)) is not None:
        return long
    data = _bytes_of(path)
    if not data.strip():
        raise AnnotriageError(f"{path} is empty: export it anew.")
    return _json(data, path) if content is Content.JSON else _xml(data, path)


def _long_list(path: Path) -> list[Any] | None:
    try:
        if not is_long_list(path):
            return None
        return list(entries_of(path))
    except RecursionError:
        raise AnnotriageError(_TOO_DEEP.format(path)) from None
    except (EOFError, zlib.error, json.JSONDecodeError) as error:
        raise AnnotriageError(f"{path} is damaged or cut off ({error}): export it anew.") from None
    except OSError as error:
        raise AnnotriageError(f"{path} cannot be read ({error.strerror or error}).") from None
    except ValueError as error:
        raise AnnotriageError(f"{path} cannot be read as JSON ({error}).") from None


def _bytes_of(path: Path) -> bytes:
    try:
        if not path.name.lower().endswith(_PACKED):
            return read_plain(path)
        read_plain(path)  # for what it says of pipes and devices
        with gzip.open(path) as file:
            data = file.read(MOST_BYTES + 1)
    except (EOFError, zlib.error) as error:
        raise AnnotriageError(f"{path} is damaged or cut off ({error}): export it anew.") from None
    except OSError as error:
        raise AnnotriageError(f"{path} cannot be read ({error.strerror or error}).") from None
    if len(data) > MOST_BYTES:
        raise AnnotriageError(f"{path} cannot be read (it holds more than {MOST_BYTES // 1_000_000} MB).")
    return data


def _json(data: bytes, path: Path) -> Any:
    try:
        text = decode(data)
        if not path.name.lower().removesuffix(_PACKED).endswith(_LINES):
            return json.loads(text, object_hook=compact)
        return [json.loads(line, object_hook=compact) for line in text.split("\n") if line.strip()]
    except RecursionError:
        raise AnnotriageError(_TOO_DEEP.format(path)) from None
    except json.JSONDecodeError as error:
        _check_kind(text, path, "JSON")
        raise AnnotriageError(
            f"{path} is no whole JSON ({error.msg} in line {error.lineno:,}, column {error.colno:,}): export it anew."
        ) from None
    except ValueError as error:  # a number of thousands of digits
        raise AnnotriageError(f"{path} cannot be read as JSON ({error}).") from None


def _xml(data: bytes, path: Path) -> Any:
    from xml.etree.ElementTree import ParseError

    from defusedxml import DefusedXmlException
    from defusedxml.ElementTree import fromstring

    try:
        return fromstring(data)
    except DefusedXmlException:
        raise AnnotriageError(f"{path} is not read: it defines entities, which no annotation tool does.") from None
    except (ParseError, LookupError, ValueError, RecursionError) as error:
        _check_kind(data[:_HEAD].decode("utf-8", "replace"), path, "XML")
        raise AnnotriageError(f"{path} is no whole XML ({error}): export it anew.") from None


def _check_kind(text: str, path: Path, wanted: str) -> None:
    """Say so where a file that is broken as what its ending says is whole as something else."""
    head = text[:_HEAD].lstrip("\ufeff \t\r\n").casefold()
    if head.startswith(("<!doctype html", "<html")):
        raise AnnotriageError(
            f"{path} is a web page, as servers send it in place of an export to who is not signed in: sign in, and "
            "export it anew."
        )
    other = {"<": "XML", "{": "JSON", "[": "JSON"}.get(head[:1], wanted)
    if other != wanted:
        raise AnnotriageError(f"{path} holds {other}, not {wanted}: call it .{other.lower()}.")


def _checked(read: ReadAnnotations, of: AnnotationFormat, path: Path) -> ReadAnnotations:
    """Give the annotations their numbers, and leave out what no image can have."""
    kept = []
    for place, written in enumerate(read.annotations):
        each = replace(written, image=plain_line(written.image))
        faults = [fault_of(region.shape) for region in each.regions]
        read.unused.update(f"outlines {fault}" for fault in faults if fault)
        sound = tuple(region for region, fault in zip(each.regions, faults, strict=True) if not fault)
        note = each.note or _why_unused(each, sound)
        kept.append(replace(each, regions=sound, path=path, place=place, note=note))
    return replace(read, annotations=kept, format=of.name)


def _why_unused(annotation: Annotation, sound: Sequence[object]) -> str:
    if not annotation.image.strip():
        return NO_IMAGE_NOTE
    if annotation.size is not None:
        height, width = annotation.size
        if height < 1 or width < 1 or height * width > LARGEST_IMAGE:
            return f"it gives its image a size of {width:,} × {height:,} pixels"
    if annotation.regions and not sound:
        return "none of its outlines can be used"
    return ""
