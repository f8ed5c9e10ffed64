"""Long lists are read by their entries, and come to what they would be as a whole."""

import gzip
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from annotriage.annotations import long_lists
from annotriage.annotations.reading import read_annotations
from annotriage.errors import AnnotriageError
from tests.annotations.studio_exports import annotation, brush, disc, task

PLAIN = st.recursive(
    st.none() | st.booleans() | st.integers(-999, 10**9) | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=4), inner, max_size=4),
    max_leaves=12,
)


@pytest.fixture(autouse=True)
def nothing_is_short(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(long_lists, "LONG", 0)
    monkeypatch.setattr(long_lists, "_PORTION", 1)


def entries(folder: Path, text: str | bytes) -> list[Any]:
    path = folder / "export.json"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return list(long_lists.entries_of(path))


@pytest.mark.slow
@given(
    listed=st.lists(PLAIN, max_size=8), indent=st.sampled_from([None, 0, 2]), plain=st.booleans(), mark=st.booleans()
)
@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_entries_are_those_of_the_whole(
    tmp_path: Path, listed: list[Any], indent: int | None, plain: bool, mark: bool
) -> None:
    text = json.dumps(listed, indent=indent, ensure_ascii=plain)
    data = text.encode("utf-8", "surrogatepass")
    try:
        data.decode()
    except UnicodeDecodeError:
        return
    assert entries(tmp_path, b"\xef\xbb\xbf" * mark + data + b"\n ") == listed


@pytest.mark.parametrize(
    "text", ["[", "[1", "[1,", "[1, 2", "[1 2]", "[,]", "[1]]", '[{"a": 1}', '[{"a": [1, 2}]', "[1,]"]
)
def test_what_is_not_whole_is_refused(tmp_path: Path, text: str) -> None:
    with pytest.raises(ValueError):
        entries(tmp_path, text)
    with pytest.raises(AnnotriageError, match="export it anew"):
        read_annotations(tmp_path / "export.json")


def test_lists_are_told_by_their_beginning(tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    for data, is_long in (
        (b" \n[1]", True),
        (b"\xef\xbb\xbf[1]", True),
        (b"{}", False),
        ("[1]".encode("utf-16"), False),
    ):
        path.write_bytes(data)
        assert long_lists.is_long_list(path) == is_long


@pytest.mark.parametrize("name", ["export.json", "export.json.gz"])
def test_a_long_export_is_read_as_a_short_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    tasks = [task(annotation(brush(disc(60, 45, 20))), image=f"im_{number}.jpg") for number in range(30)]
    data = json.dumps(tasks).encode()
    path = tmp_path / name
    path.write_bytes(gzip.compress(data) if name.endswith(".gz") else data)
    long = read_annotations(path)
    monkeypatch.setattr(long_lists, "LONG", 10**9)
    short = read_annotations(path)
    assert long is not None and short is not None
    assert [each.image for each in long.annotations] == [each.image for each in short.annotations]
    assert all(
        mine.regions[0].shape.packed == other.regions[0].shape.packed  # type: ignore[attr-defined]
        for mine, other in zip(long.annotations, short.annotations, strict=True)
    )


def test_it_ends_somewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(long_lists, "MOST", 100)
    path = tmp_path / "export.json"
    path.write_text(json.dumps(list(range(100))))
    with pytest.raises(AnnotriageError, match="larger than"):
        read_annotations(path)


def test_a_damaged_archive_gets_a_sentence(tmp_path: Path) -> None:
    path = tmp_path / "export.json.gz"
    path.write_bytes(gzip.compress(json.dumps([task()] * 9).encode())[:-30])
    with pytest.raises(AnnotriageError, match="damaged or cut off"):
        read_annotations(path)
