"""Bytes to text, whatever program wrote them."""

import codecs
import re

_VALID = re.compile(rb"[\xc2-\xf4][\x80-\xbf]")


def decode(data: bytes) -> str:
    """Return a table's text: UTF-8, UTF-16 or UTF-32 with or without a mark, else Windows-1252.

    Bytes that are not UTF-8, in a table that otherwise is, stay what they are (as `os.fsdecode` does it): they are the
    name of a file on this disk.
    """
    for mark, name in (
        (codecs.BOM_UTF8, "utf-8-sig"),
        (codecs.BOM_UTF32_LE, "utf-32"),
        (codecs.BOM_UTF32_BE, "utf-32"),
        (codecs.BOM_UTF16_LE, "utf-16"),
        (codecs.BOM_UTF16_BE, "utf-16"),
    ):
        if data.startswith(mark):
            return data.decode(name, "surrogateescape" if mark == codecs.BOM_UTF8 else "replace")
    if zeros := _wide(data[:4096]):
        return data.decode(zeros, "replace")
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        pass
    if _VALID.search(data) and _mostly_utf8(data):
        return data.decode("utf-8", "surrogateescape")
    return as_windows(data)


def as_windows(data: bytes) -> str:
    """Read as Windows-1252; the five bytes that it does not define stay the control characters of their number."""
    return data.decode("cp1252", "annotriage-as-latin")


def windows_bytes(text: str) -> bytes | None:
    """Return what `as_windows` read, None where a letter is none of that code page."""
    try:
        return b"".join(letter.encode("latin-1" if "\x80" <= letter <= "\x9f" else "cp1252") for letter in text)
    except UnicodeEncodeError:
        return None


def _wide(head: bytes) -> str:
    """Return which UTF-16 a text without a mark is in, by the zeros beside its Latin letters; else an empty text."""
    for name, high in (("utf-16-le", head[1::2]), ("utf-16-be", head[::2])):
        other = head[::2] if name == "utf-16-le" else head[1::2]
        if len(high) > 1 and high.count(0) > 0.6 * len(high) and not other.count(0):
            return name
    return ""


def _mostly_utf8(data: bytes) -> bool:
    read = data.decode("utf-8", "surrogateescape")
    strange = sum("\udc80" <= letter <= "\udcff" for letter in read)
    return sum(letter > "\x7f" for letter in read) >= 2 * strange


def _as_latin(error: UnicodeError) -> tuple[str, int]:
    assert isinstance(error, UnicodeDecodeError)
    return error.object[error.start : error.end].decode("latin-1"), error.end


codecs.register_error("annotriage-as-latin", _as_latin)
