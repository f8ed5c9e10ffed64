"""What is dropped is told apart by what it holds where its name does not tell."""

import json
from pathlib import Path

import pytest

from annotriage.triage.drops import DropKind, understand

DRAWN = {
    "label studio": [{"id": 1, "annotations": [{"result": []}], "data": {"image": "a.png"}}],
    "labelme": {"version": "5.4.1", "flags": {}, "shapes": [], "imagePath": "a.png"},
    "coco": {"images": [{"file_name": "a.png"}], "annotations": [], "categories": []},
    "via": {"a.png1": {"filename": "a.png", "size": 1, "regions": []}},
}


@pytest.mark.parametrize("tool", DRAWN)
def test_what_people_drew_is_no_list_of_decisions(tmp_path: Path, tool: str) -> None:
    path = tmp_path / "export.json"
    path.write_text(json.dumps(DRAWN[tool]))
    drop = understand([path], has_folder=True)
    assert drop.kind is DropKind.NOTHING
    assert "export.json holds what people drew" in drop.sentence and "Measure agreement" in drop.sentence


def test_a_list_of_decisions_is_one(tmp_path: Path) -> None:
    path = tmp_path / "list.json"
    path.write_text(json.dumps([{"image": "a.png", "decision": "expert", "note": "annotations differ"}]))
    assert understand([path], has_folder=True).kind is DropKind.LIST
