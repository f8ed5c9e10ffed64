"""JSON that any program reads, and that steers no terminal."""

import json
import math
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from annotriage.json_text import json_bytes, json_line, json_page


@dataclass
class _Found:
    value: float
    more: np.ndarray
    file: Path


FOUND = _Found(math.nan, np.array([[1.5, np.inf], [np.float32(0.5), -np.inf]]), Path("a/b"))


def test_numbers_that_are_none_are_null() -> None:
    said = {"found": FOUND, "list": (np.int64(1), np.float32("nan"), True, None), 3: "é\u202e\udce4"}
    for text in (json_bytes(said).decode(), json_line(said), json_page(said)):
        read = json.loads(text, parse_constant=lambda name: (_ for _ in ()).throw(ValueError(name)))
        assert read["found"] == {"value": None, "more": [[1.5, None], [0.5, None]], "file": "a/b"}
        assert read["list"] == [1, None, True, None] and read["3"] == "é\u202e\udce4"


def test_what_is_printed_is_ascii() -> None:
    assert json_line({"name": "a\u202eb\x1b"}).isascii() and json_page({"name": "a\u202eb"}).isascii()
