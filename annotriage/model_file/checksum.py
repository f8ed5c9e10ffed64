"""The metadata of a model file, and the checksum that finds any damage to it.

The checksum is the SHA-256 of the whole file in which the checksum's own 64 characters stand as ``0``. Unlike a sum
beside the file it cannot get lost, and unlike one over the weights it guards the graph and the card too.
"""

import hashlib

from annotriage.model_file.card import CARD_KEY, ModelCard
from annotriage.model_file.wire import BYTES, encode_bytes, fields

CHECKSUM_KEY = "annotriage.sha256"
_METADATA = 14  # ModelProto.metadata_props, of StringStringEntryProto{key = 1, value = 2}
_BLANK = b"0" * 64


def metadata(data: bytes) -> list[tuple[bytes, int, int]]:
    """List an ONNX file's metadata: each key, and where its value begins and ends.

    Raises
    ------
    WireError
        The bytes are no protobuf message.
    """
    found = []
    for entry in fields(data, most=10_000):
        if entry.number == _METADATA and entry.kind == BYTES:
            key, start, end = b"", 0, 0
            for part in fields(data, entry.start, entry.end, most=100):
                if part.kind == BYTES and part.number == 1:
                    key = data[part.start : part.end]
                elif part.kind == BYTES and part.number == 2:
                    start, end = part.start, part.end
            found.append((key, start, end))
    return found


def digest(data: bytes, checksum_start: int) -> str:
    """Return the SHA-256 of `data` with the 64 bytes from `checksum_start` on blanked, as 64 hex digits."""
    view = memoryview(data)
    sha = hashlib.sha256(view[:checksum_start])
    sha.update(_BLANK)
    sha.update(view[checksum_start + len(_BLANK) :])
    return sha.hexdigest()


def with_checksum(data: bytes) -> bytes:
    """Return the ONNX file `data` with its checksum filled in.

    A checksum that is there already is made anew; where there is none, it is added to the metadata.

    Raises
    ------
    WireError
        The bytes are no ONNX file.
    """
    bare = _without_metadata(data, CHECKSUM_KEY)
    blank = bare + _entry(CHECKSUM_KEY, _BLANK)
    start = len(blank) - len(_BLANK)
    return blank[:start] + digest(blank, start).encode()


def with_card(data: bytes, card: ModelCard) -> bytes:
    """Return the ONNX file `data` with `card` in place of any it has, its checksum made anew."""
    return with_checksum(_without_metadata(data, CARD_KEY) + _entry(CARD_KEY, card.model_dump_json().encode()))


def _entry(key: str, value: bytes) -> bytes:
    return encode_bytes(_METADATA, encode_bytes(1, key.encode()) + encode_bytes(2, value))


def _without_metadata(data: bytes, key: str) -> bytes:
    kept = []
    for entry in fields(data):
        if entry.number == _METADATA and entry.kind == BYTES:
            parts = fields(data, entry.start, entry.end)
            if any(part.number == 1 and data[part.start : part.end] == key.encode() for part in parts):
                continue
        kept.append(data[entry.tag : entry.end])
    return b"".join(kept)
