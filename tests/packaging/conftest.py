"""The scripts of packaging/ import each other, as they do when they are run."""

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

PACKAGING = Path(__file__).resolve().parents[2] / "packaging"


@pytest.fixture(autouse=True)
def scripts(monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Let tests import the scripts, and forget them afterwards."""
    monkeypatch.syspath_prepend(str(PACKAGING))
    yield PACKAGING
    for name in [path.stem for path in PACKAGING.glob("*.py")]:
        sys.modules.pop(name, None)
