"""Just enough of the protobuf wire format to look into an ONNX file without loading it.

ONNX Runtime follows references to other files while it loads a graph, so what a file refers to has to be
known before. Only lengths and small numbers are read here; weights are stepped over.
"""

from collections.abc import Iterator
from typing import NamedTuple

VARINT, FIXED64, BYTES, FIXED32 = 0, 1, 2, 5
_FIXED = {FIXED64: 8, FIXED32: 4}


class WireError(ValueError):
    """The bytes are no protobuf message."""


class Field(NamedTuple):
    """One field of a message.

    Attributes
    ----------
    number : int
        The field's number in the message's definition.
    kind : int
        Wire type: 0 number, 1 eight bytes, 2 bytes with a length, 5 four bytes.
    value : int
        The number, for wire type 0; else 0.
    tag, start, end : int
        Where the field begins, and where its content begins and ends, in the whole file.
    """

    number: int
    kind: int
    value: int
    tag: int
    start: int
    end: int


def _varint(data: bytes, at: int, end: int) -> tuple[int, int]:
    """Read a number of up to ten bytes; return it and where it ends."""
    value = 0
    for shift in range(0, 70, 7):
        if at >= end:
            raise WireError("a number is cut off")
        byte = data[at]
        at += 1
        value |= (byte & 0x7F) << shift
        if byte < 0x80:
            return value, at
    raise WireError("a number is too long")


def fields(data: bytes, start: int = 0, end: int | None = None, most: int = 1_000_000) -> Iterator[Field]:
    """Yield the fields of the message that fills ``data[start:end]``.

    Raises
    ------
    WireError
        The bytes are no such message: a length points past the end, or a wire type does not exist; or there
        are more than `most` fields.
    """
    end = len(data) if end is None else end
    at = start
    while at < end:
        tag = at
        most -= 1
        if most < 0:
            raise WireError("it has too many parts")
        key, at = _varint(data, at, end)
        number, kind = key >> 3, key & 7
        value = 0
        if not 0 < number < 1 << 29:
            raise WireError("a field number does not exist")
        if kind == VARINT:
            content = at
            value, at = _varint(data, at, end)
        elif kind == BYTES:
            length, content = _varint(data, at, end)
            at = content + length
        elif kind in _FIXED:
            content = at
            at += _FIXED[kind]
        else:
            raise WireError("a wire type does not exist")
        if at > end:
            raise WireError("a field reaches past the end")
        yield Field(number, kind, value, tag, content, at)


def varints(data: bytes, start: int, end: int) -> Iterator[int]:
    """Yield the numbers that fill ``data[start:end]``, as one field of repeated numbers holds them."""
    at = start
    while at < end:
        value, at = _varint(data, at, end)
        yield value


def encode_varint(value: int) -> bytes:
    """Write a number that is not negative."""
    encoded = bytearray()
    while value >= 0x80:
        encoded.append(value & 0x7F | 0x80)
        value >>= 7
    encoded.append(value)
    return bytes(encoded)


def encode_bytes(number: int, content: bytes) -> bytes:
    """Write one field of bytes."""
    return encode_varint(number << 3 | BYTES) + encode_varint(len(content)) + content
