"""A format is its file and its line in the list."""

from pathlib import Path

import pytest
from typer.testing import CliRunner

import annotriage
from annotriage.annotations.formats import listed
from annotriage.commands.app import app
from tests.annotations.toy import TOY, box, toy, write_toys


def test_every_format_has_a_name_of_its_own_and_endings() -> None:
    assert len({each.name for each in listed.FORMATS}) == len(listed.FORMATS)
    endings = [ending for each in listed.FORMATS for ending in each.endings]
    assert all(ending.startswith(".") and ending == ending.lower() for ending in endings)


def test_a_format_that_is_added_is_read_everywhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """By agree, by convert, from Python: beside all others, told by its own marks among files of the same ending."""
    monkeypatch.setattr(listed, "FORMATS", (*listed.FORMATS, TOY))
    for who, region in (("bob", box(10, 10, 40, 40)), ("alice", box(20, 10, 50, 40))):
        write_toys(tmp_path / "drawn" / f"{who}.json", toy("a", region))
    run = CliRunner(env={"COLUMNS": "200"}).invoke
    table = tmp_path / "metrics.csv"
    agreed = run(app, ["agree", str(tmp_path / "drawn"), "--out", str(table)])
    assert agreed.exit_code == 0 and ",2,0.6666666667," in table.read_text(encoding="utf-8-sig")
    assert run(app, ["convert", str(tmp_path / "drawn"), "--out", str(tmp_path / "masks")]).exit_code == 0
    for folder in ("drawn", "masks"):
        found = annotriage.agree(tmp_path / folder)
        assert found.images["dice_mean"].tolist() == pytest.approx([2 / 3]) and found.remarks == ()
