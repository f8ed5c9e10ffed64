"""Files are whole or as they were."""

import os
from pathlib import Path

import pytest

from annotriage.errors import AnnotriageError
from annotriage.writing import replace_file, write_whole


def test_replaces_a_file_and_leaves_nothing_beside_it(tmp_path: Path) -> None:
    path = tmp_path / "table.csv"
    path.write_bytes(b"old")
    replace_file(path, b"new")
    assert [file.name for file in tmp_path.iterdir()] == ["table.csv"]
    assert path.read_bytes() == b"new"


@pytest.mark.parametrize("kind", [OSError(28, "No space left on device"), KeyboardInterrupt()])
def test_a_write_that_fails_leaves_the_old_file(
    kind: BaseException, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "table.csv"
    path.write_bytes(b"old")

    def fail(_: int) -> None:
        raise kind

    monkeypatch.setattr(os, "fsync", fail)
    with pytest.raises(type(kind)):
        replace_file(path, b"new")
    assert [file.name for file in tmp_path.iterdir()] == ["table.csv"]
    assert path.read_bytes() == b"old"


def test_a_missing_folder_is_said(tmp_path: Path) -> None:
    with pytest.raises(AnnotriageError, match=r"table\.csv cannot be written \(No such file or directory\)"):
        write_whole(tmp_path / "missing" / "table.csv", b"")
