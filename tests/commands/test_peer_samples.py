"""Exports of annotation tools, with the Dice that each must give: measured, and measured again once converted."""

import csv
from collections.abc import Sequence
from pathlib import Path

import pytest
from PIL import Image
from typer.testing import CliRunner

from annotriage.commands.app import app

PEOPLE = {"im_1": 0.8504, "im_2": 0.7512}
STUDIO = {"ISIC_0013998": 0.8313, "ISIC_0012512": 0.8313, "ISIC_0014786": 0.7829}
PIXELS, OUTLINES = 1e-3, 1e-2
"""Masks come back to the pixel; polygons around an ellipse are a little smaller than its pixels."""

SAMPLES = [
    ("labelstudio_real/JSON.json", STUDIO, PIXELS, []),
    ("labelstudio_real/JSON_MIN.json", STUDIO, PIXELS, []),
    ("labelstudio_real/CSV.csv", STUDIO, PIXELS, []),
    ("labelstudio_real/BRUSH_TO_COCO", STUDIO, PIXELS, []),
    ("labelstudio_real", STUDIO, PIXELS, []),
    ("labelstudio_real/BRUSH_TO_PNG", {"task-31": 0.8313, "task-35": 0.8313, "task-37": 0.7829}, PIXELS, []),
    ("two_regions", PEOPLE, PIXELS, []),
    ("cvat_coco", PEOPLE, OUTLINES, []),
    ("cvat_xml_polygons", PEOPLE, OUTLINES, []),
    ("cvat_smask", PEOPLE, PIXELS, []),
    ("cvat_smask_two_labels", PEOPLE, PIXELS, []),
    ("cvat_smask_green_background", PEOPLE, PIXELS, []),
    ("labelme_json", PEOPLE, PIXELS, []),
    ("labelme_json_to_dataset", PEOPLE, PIXELS, []),
    ("labelme2voc", PEOPLE, PIXELS, []),
    ("supervisely", PEOPLE, PIXELS, []),
    ("supervisely_as_masks", {f"ds/{name}": dice for name, dice in PEOPLE.items()}, PIXELS, []),
    ("via2", PEOPLE, OUTLINES, []),
    ("qupath_geojson", PEOPLE, OUTLINES, []),
    ("itksnap_nifti", PEOPLE, PIXELS, []),
]


def annotriage(*words: str | Path) -> int:
    return CliRunner().invoke(app, [str(word) for word in words]).exit_code


def dice_of(table: Path) -> dict[str, float]:
    with table.open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    assert all(row["count"] == "2" for row in rows if row["dice_mean"])
    return {row["image"]: float(row["dice_mean"]) for row in rows if row["dice_mean"]}


@pytest.mark.slow
@pytest.mark.parametrize(("sample", "right", "within", "options"), SAMPLES, ids=[sample[0] for sample in SAMPLES])
def test_each_sample_gives_its_dice_and_so_do_its_masks(
    peer_samples: Path, tmp_path: Path, sample: str, right: dict[str, float], within: float, options: Sequence[str]
) -> None:
    table, again, masks = tmp_path / "a.csv", tmp_path / "b.csv", tmp_path / "masks"
    for name in PEOPLE:  # of which some exports do not say how large they are
        (tmp_path / "images").mkdir(exist_ok=True)
        Image.new("RGB", (120, 90)).save(tmp_path / "images" / f"{name}.jpg")
    given = [peer_samples / sample, "--images", tmp_path / "images", *options]
    assert annotriage("agree", *given, "--no-distances", "--out", table) in (0, 3)
    found = dice_of(table)
    assert found.keys() == right.keys()
    assert found == pytest.approx(right, abs=within)
    assert annotriage("convert", *given, "--out", masks) in (0, 3)
    pattern = r"(?P<annotator>[^/]+)/(?P<image>.+)\.png"
    assert annotriage("agree", masks, "--pattern", pattern, "--no-distances", "--out", again) in (0, 3)
    assert dice_of(again) == pytest.approx(found, abs=1e-3)


@pytest.mark.slow
def test_outlines_without_a_size_are_not_converted_and_say_why(peer_samples: Path, tmp_path: Path) -> None:
    result = CliRunner().invoke(app, ["convert", str(peer_samples / "via2"), "--out", str(tmp_path / "masks")])
    assert result.exit_code == 3
    assert "alice/im_1.png: The size of its image is not known: name the folder of the images" in result.stderr
    assert list((tmp_path / "masks").iterdir()) == []
