"""Files are whole or as they were."""

import os
from pathlib import Path

import pytest

from annotriage.errors import AnnotriageError
from annotriage.writing import refuse_overwriting, replace_file, same_file, write_whole


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


def test_one_file_has_many_names(tmp_path: Path) -> None:
    path, other = tmp_path / "a.csv", tmp_path / "b.csv"
    path.touch()
    other.touch()
    (tmp_path / "folder").mkdir()
    link = tmp_path / "link.csv"
    link.symlink_to(path)
    assert same_file(path, tmp_path / "folder" / ".." / "a.csv") and same_file(link, path)
    assert not same_file(path, other)
    assert same_file(tmp_path / "new.csv", tmp_path / "folder" / ".." / "NEW.csv"), "of which one will be lost on a Mac"
    assert not same_file(path, tmp_path / "new.csv")


def test_what_is_read_is_not_overwritten(tmp_path: Path) -> None:
    labels, images = tmp_path / "m.csv", tmp_path / "images"
    labels.touch()
    images.mkdir()
    with pytest.raises(AnnotriageError, match=r"--out .*m\.csv would overwrite .*m\.csv, which is read"):
        refuse_overwriting({"--out": images / ".." / "m.csv"}, [None, images, labels])
    with pytest.raises(AnnotriageError, match="--out and --pairs are the same"):
        refuse_overwriting({"--out": tmp_path / "s.csv", "--maps": None, "--pairs": tmp_path / "s.csv"}, [])
    with pytest.raises(AnnotriageError, match=r"lies in .*images, where files of that name are read"):
        refuse_overwriting({"--report": images / "report.JSON"}, [images], {images: (".json",)})
    refuse_overwriting(
        {"--out": images / "new.csv", "--maps": tmp_path / "maps"}, [images, labels], {images: (".json",)}
    )
    refuse_overwriting({"--out": tmp_path / "paper"}, [tmp_path / "paper"])  # the name of something that ships
