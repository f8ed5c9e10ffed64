"""Pipes and devices are refused: reading them may never end."""

import os
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from annotriage.datasets.labels import read_labels
from annotriage.errors import AnnotriageError
from annotriage.plain_files import read_plain, read_plain_text
from annotriage.tables import read_table

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="Windows keeps pipes and devices out of folders")


@pytest.fixture(params=["pipe", "device"])
def endless(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    path = tmp_path / "odd.csv"
    if request.param == "pipe":
        os.mkfifo(path)
    else:
        path.symlink_to("/dev/zero")
    return path


def test_they_are_refused_at_once(endless: Path) -> None:
    for read in (read_plain, read_plain_text):
        with pytest.raises(OSError, match="not a plain file"):
            read(endless)


@pytest.mark.parametrize("read", [read_table, read_labels])
def test_no_table_is_read_from_one(endless: Path, read: Callable[[Path], object]) -> None:
    with pytest.raises(AnnotriageError, match="not a plain file"):
        read(endless)


def test_a_file_that_grows_is_read_up_to_a_limit(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(bytes(11))
    assert read_plain(tmp_path / "a", 11) == bytes(11)
    with pytest.raises(OSError, match="larger than"):
        read_plain(tmp_path / "a", 10)
    with pytest.raises(IsADirectoryError):
        read_plain(tmp_path)


def test_what_a_shell_hands_over_is_read(tmp_path: Path) -> None:
    out, into = os.pipe()
    os.write(into, b"a,b\n1,2\n")
    os.close(into)
    assert read_plain(Path(f"/dev/fd/{out}")) == b"a,b\n1,2\n"
    os.close(out)
