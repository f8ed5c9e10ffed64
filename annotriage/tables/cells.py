"""The cells that we write: no spreadsheet runs one, a line stays a line, and our reader gets back what it was."""

import csv
import io
import re
from collections.abc import Iterable

# What a spreadsheet may take for the beginning of a formula (OWASP, "CSV Injection"), full-width forms too.
_FORMULA = re.compile("'*[=+\\-@\t\r\n＝＋－＠]")
_GUARDED = re.compile("''*[=+\\-@\t\r\n＝＋－＠]")
# What workbooks cannot hold, and what tears lines apart.
_UNFIT = re.compile("[\x00-\x1f\x7f\ufffe\uffff]")
_UNFIT_BUT_LINES = re.compile("[\x00-\x09\x0b-\x1f\x7f\ufffe\uffff]")
_SPELLED = re.compile(r"\\x(0[0-9a-f]|1[0-9a-f]|7f|5c)|\\u(fff[ef])")
_NUMBER = re.compile(r"-?\d+(\.\d+)?(e[-+]?\d+)?")
_BOM = b"\xef\xbb\xbf"


def defused(text: str) -> str:
    """Put an apostrophe before a text that a spreadsheet would run as a formula, or that looks as if it had one."""
    return f"'{text}" if _FORMULA.match(text) else text


def without_guard(cell: str) -> str:
    """Return a cell without the apostrophe that keeps a spreadsheet from running it."""
    return cell[1:] if _GUARDED.match(cell) else cell


def guarded_again(text: str) -> str:
    """Put an apostrophe only before a text that looks as if it had one: for cells that are no formula anyway."""
    return f"'{text}" if _GUARDED.match(text) else text


def one_line(text: str) -> str:
    r"""Spell control characters (``\x0a``)."""
    return _UNFIT.sub(_spell, text)


def written_text(text: str) -> str:
    """Spell control characters but line breaks; `text_of_cell` reads it back as it was."""
    # A text that looks as if something in it were spelled is told apart from one in which it is.
    unambiguous = _SPELLED.sub(lambda found: rf"\x5c{found[0][1:]}", text)
    return _UNFIT_BUT_LINES.sub(_spell, unambiguous)


def name_cell(name: str) -> str:
    """Return how the name of an image stands in a cell of a text table."""
    return defused(one_line(name))


def text_of_cell(cell: str) -> str:
    """Return the text that `written_text` spelled, without its guard against spreadsheets."""
    return _SPELLED.sub(lambda found: chr(int(found[1] or found[2], 16)), cell)


def csv_cell(text: str, *, kept_lines: bool = False) -> str:
    """Return how a text stands in CSV; a number is no formula."""
    if _NUMBER.fullmatch(text):
        return text
    return defused(text) if kept_lines else name_cell(text)


def csv_bytes(columns: Iterable[str], rows: Iterable[Iterable[object]], *, kept_lines: bool = False) -> bytes:
    """Return a table as CSV that spreadsheets open rightly: the one writer of this program's CSV.

    Texts that a spreadsheet would run get an apostrophe before them, which `read_table` takes off again; numbers stay
    as they are. Where a letter is not ASCII, a byte order mark tells Excel that this is UTF-8.

    Parameters
    ----------
    columns : iterable of str
        The header.
    rows : iterable of iterable of object
        Text, numbers, and None for nothing.
    kept_lines : bool
        Whether line breaks in cells stay; else control characters are spelled.
    """
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\n")
    for row in (columns, *rows):
        writer.writerow([csv_cell(value, kept_lines=kept_lines) if isinstance(value, str) else value for value in row])
    return with_mark(text.getvalue())


def with_mark(text: str) -> bytes:
    """Return a text table as UTF-8, with a byte order mark where it makes a difference."""
    # A name on the disk that is no text stays the bytes that it is.
    data = text.encode("utf-8", "surrogateescape")
    return data if text.isascii() else _BOM + data


def _spell(found: "re.Match[str]") -> str:
    code = ord(found[0])
    return f"\\x{code:02x}" if code < 256 else f"\\u{code:04x}"
