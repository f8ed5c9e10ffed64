"""Tasks for Label Studio."""

import json
import re
from pathlib import Path
from typing import Any
from urllib.parse import unquote
from xml.etree import ElementTree

import pytest

from annotriage.errors import AnnotriageError
from annotriage.triage.catalogue import Catalogue
from annotriage.triage.exports.label_studio import write_label_studio
from annotriage.triage.exports.reviewed import reviewed_images


@pytest.fixture
def tasks(catalogue: Catalogue, tmp_path: Path) -> list[dict[str, Any]]:
    """Return the tasks of annotators who see all there is."""
    rows = reviewed_images(catalogue)
    write_label_studio(rows, tmp_path / "tasks.json", model_name="bundled 1", root=tmp_path, show=True)
    held: list[dict[str, Any]] = json.loads((tmp_path / "tasks.json").read_text(encoding="utf-8"))
    return held


def test_a_task_names_its_image_and_holds_the_numbers(tasks: list[dict[str, Any]], tmp_path: Path) -> None:
    assert [task["data"]["name"] for task in tasks] == ["sub/ü 1.png", "b.png", "a.png", "new.png"]
    address = tasks[0]["data"]["image"]
    assert address == "/data/local-files/?d=images/sub/%C3%BC%201.png"
    assert (tmp_path / unquote(address.partition("=")[2])).is_file()
    numbers = {key: tasks[0]["data"][key] for key in ("rank", "predicted_dice", "disagreement", "lower", "upper")}
    assert numbers == {"rank": 1, "predicted_dice": 0.25, "disagreement": 0.75, "lower": 0.125, "upper": 0.375}
    assert "predicted disagreement 0.75" in tasks[0]["data"]["summary"]
    assert tasks[3]["data"]["summary"] == "Not scored yet"


def test_annotators_see_neither_rank_nor_decision_unless_it_is_asked_for(catalogue: Catalogue, tmp_path: Path) -> None:
    path = tmp_path / "tasks.json"
    config = write_label_studio(reviewed_images(catalogue), path, model_name="bundled 1", root=tmp_path)
    tasks = json.loads(path.read_text(encoding="utf-8"))
    assert all(set(task["data"]) == {"image", "name"} for task in tasks)
    assert [task["predictions"][0]["result"] for task in tasks[:3]] == [[], [], []]
    assert [task["predictions"][0]["score"] for task in tasks[:3]] == [0.25, 0.5, 0.75]
    assert "predictions" not in tasks[3]
    text = config.read_text(encoding="utf-8")
    assert "decision" not in text and "$summary" not in text


def test_labels_stand_beside_the_image_and_one_is_chosen(tasks: list[dict[str, Any]], tmp_path: Path) -> None:
    """Below the image they are out of sight, and a stroke without a label draws nothing."""
    root = ElementTree.parse(tmp_path / "tasks_labeling_config.xml").getroot()
    assert "display: flex" in root.get("style", "")
    left, right = list(root)
    assert left.find("BrushLabels") is not None and right.find("Image") is not None
    assert [label.get("selected") for label in left.iter("Label")] == ["true"]


def test_the_lowest_score_is_the_most_contentious_image(tasks: list[dict[str, Any]]) -> None:
    """Label Studio shows the lowest score first."""
    scores = [task["predictions"][0]["score"] for task in tasks[:3]]
    assert scores == sorted(scores)
    assert all(0 <= score <= 1 for score in scores)
    assert {task["predictions"][0]["model_version"] for task in tasks[:3]} == {"bundled 1"}
    assert "predictions" not in tasks[3], "neither scored nor decided"


def test_decisions_are_choices_that_the_configuration_knows(tasks: list[dict[str, Any]], tmp_path: Path) -> None:
    results = [task["predictions"][0]["result"] for task in tasks[:3]]
    assert [[part["value"]["choices"] for part in result] for result in results] == [[["expert"]], [], [["routine"]]]
    config = ElementTree.parse(tmp_path / "tasks_labeling_config.xml").getroot()
    by_name = {element.get("name"): element for element in config.iter() if element.get("name")}
    for part in (part for result in results for part in result):
        control = by_name[part["from_name"]]
        assert control.tag.lower() == part["type"]
        assert control.get("toName") == part["to_name"]
        assert by_name[part["to_name"]].tag == "Image"
        assert set(part["value"]["choices"]) <= {choice.get("value") for choice in control}


def test_each_task_holds_what_the_configuration_asks_for(tasks: list[dict[str, Any]], tmp_path: Path) -> None:
    """Label Studio refuses to import tasks that lack one of its variables."""
    config = (tmp_path / "tasks_labeling_config.xml").read_text(encoding="utf-8")
    variables = set(re.findall(r'"\$(\w+)"', config))
    assert variables == {"name", "summary", "image"}
    assert all(variables <= set(task["data"]) for task in tasks)


def test_what_is_decided_without_a_prediction_is_told(catalogue: Catalogue, tmp_path: Path) -> None:
    catalogue.forget_predictions()
    rows = reviewed_images(catalogue, [0])
    write_label_studio(rows, tmp_path / "t.json", model_name="m", root=tmp_path, show=True)
    (task,) = json.loads((tmp_path / "t.json").read_text(encoding="utf-8"))
    assert "score" not in task["predictions"][0]
    assert task["predictions"][0]["result"][0]["value"]["choices"] == ["routine"]


def test_a_root_may_be_a_link(catalogue: Catalogue, tmp_path: Path) -> None:
    (tmp_path / "served").symlink_to(tmp_path, target_is_directory=True)
    rows = reviewed_images(catalogue, [0])
    write_label_studio(rows, tmp_path / "t.json", model_name="m", root=tmp_path / "served")
    (task,) = json.loads((tmp_path / "t.json").read_text(encoding="utf-8"))
    assert task["data"]["image"] == "/data/local-files/?d=images/a.png"


def test_what_label_studio_could_not_use_is_refused(catalogue: Catalogue, tmp_path: Path) -> None:
    rows = reviewed_images(catalogue)
    with pytest.raises(AnnotriageError, match=r"does not lie below .*choose a folder above"):
        write_label_studio(rows, tmp_path / "t.json", model_name="m", root=tmp_path / "elsewhere")
    with pytest.raises(AnnotriageError, match=r"lies directly in .*folders below its document root"):
        write_label_studio(rows, tmp_path / "t.json", model_name="m", root=catalogue.folder)
    with pytest.raises(AnnotriageError, match=r"does not end in \.json"):
        write_label_studio(rows, tmp_path / "t.csv", model_name="m", root=tmp_path)
    assert not (tmp_path / "t.json").exists()
