"""The JSON that we write: what other programs read, too, so that numbers that are none are null."""

import json
import math
from dataclasses import fields, is_dataclass
from pathlib import Path
from typing import Any


def json_bytes(value: Any) -> bytes:
    """Return a file of JSON: dataclasses as objects, arrays as lists, NaN and infinite numbers as null."""
    return (json.dumps(plain(value), indent=1, ensure_ascii=False, allow_nan=False) + "\n").encode(
        "utf-8", "backslashreplace"
    )


def json_line(value: Any) -> str:
    """Return JSON on one line, in ASCII: it reaches any terminal and program whole, and steers none."""
    return json.dumps(plain(value), allow_nan=False)


def json_page(value: Any) -> str:
    """Return JSON to read, in ASCII as `json_line` does."""
    return json.dumps(plain(value), indent=2, allow_nan=False)


def plain(value: Any) -> Any:
    """Return what JSON can hold."""
    if is_dataclass(value) and not isinstance(value, type):
        return {each.name: plain(getattr(value, each.name)) for each in fields(value)}
    if hasattr(value, "tolist"):  # arrays and numbers of NumPy, which need not be loaded
        return plain(value.tolist())
    if isinstance(value, dict):
        return {str(key): plain(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [plain(each) for each in value]
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return str(value) if isinstance(value, Path) else value
