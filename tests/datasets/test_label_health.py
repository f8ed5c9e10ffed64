from pathlib import Path

import numpy as np
import pytest

from annotriage.datasets.label_health import Doubt, LabelHealth, check_labels, read_columns
from annotriage.errors import AnnotriageError
from annotriage.images import ImageFile, find_images

Rows = list[tuple[str, object, object]]


def files(folder: Path, names: list[str], problem: str | None = None) -> list[ImageFile]:
    return [ImageFile(folder / name, name, 100, 1, problem) for name in names]


def table(folder: Path, rows: Rows, header: str = "image,dice_mean,count") -> Path:
    path = folder / "metrics.csv"
    path.write_text("\n".join([header, *(",".join(map(str, row)) for row in rows)]), encoding="utf-8")
    return path


def numbered(count: int, low: float = 0.4, high: float = 1.0) -> Rows:
    return [(f"{k}.jpg", f"{value:.4f}", 2 + k % 3) for k, value in enumerate(np.linspace(low, high, count))]


def left_out(health: LabelHealth) -> dict[str, list[str]]:
    return {problem.what: problem.names for problem in health.left_out}


def test_all_is_well(tmp_path: Path) -> None:
    rows = numbered(300)
    health = check_labels(table(tmp_path, rows), files(tmp_path, [name for name, *_ in rows]), fewest=20)
    assert (health.images, health.labels, health.matched) == (300, 300, 300)
    assert not (health.left_out or health.without_label or health.unreadable or health.obstacles or health.doubts)
    assert health.annotators == {2: 100, 3: 100, 4: 100}
    assert health.groups == 300
    assert health.largest_group == 1


def test_baselines_are_those_of_the_median_and_the_mean(tmp_path: Path) -> None:
    rows: Rows = [("a.jpg", 0.2, 2), ("b.jpg", 0.8, 2), ("c.jpg", 0.9, 2)]
    health = check_labels(table(tmp_path, rows), files(tmp_path, ["a.jpg", "b.jpg", "c.jpg"]))
    assert health.median == pytest.approx(0.8)
    assert health.median_mae == pytest.approx((0.6 + 0 + 0.1) / 3)
    assert health.mean_mse == pytest.approx(np.var([0.2, 0.8, 0.9]))


def test_what_does_not_match_is_named_both_ways(tmp_path: Path) -> None:
    rows: Rows = [
        ("a.jpg", 0.5, 2), ("gone.jpg", 0.6, 2), ("broken.jpg", 0.7, 2), ("high.jpg", 1.4, 2), ("twice.jpg", 0.5, 2),
        ("twice.jpg", 0.9, 2), ("empty.jpg", "", 2), ("word.jpg", "good", 2),
    ]  # fmt: skip
    images = files(tmp_path, ["a.jpg", "new.jpg", "twice.jpg"]) + files(tmp_path, ["broken.jpg"], "empty")
    health = check_labels(table(tmp_path, rows), images)
    named = left_out(health)
    assert named["labels without an image"] == ["gone.jpg"]
    assert named["labelled images that cannot be read"] == ["broken.jpg"]
    assert named["rows whose Dice is outside 0..1"] == ["high.jpg"]
    assert named["rows without a Dice"] == ["empty.jpg"]
    assert named["rows whose Dice is not a number"] == ["word.jpg"]
    assert named["rows that contradict another of the same image; none of them is used"] == ["twice.jpg"] * 2
    assert health.without_label == ["new.jpg", "twice.jpg"]
    assert health.unreadable == ["broken.jpg"]
    assert health.matched == 1
    assert ("images without a label", "new.jpg") in health.problem_rows()
    assert len(health.problem_rows()) == 9


def test_another_folder_is_an_obstacle_that_says_how_names_differ(tmp_path: Path) -> None:
    health = check_labels(table(tmp_path, numbered(30)), files(tmp_path, ["x.jpg"]), fewest=20)
    assert health.matched == 0
    assert np.isnan(health.median_mae)
    assert "The table names 0.jpg, the folder has x.jpg." in health.obstacles[0]
    assert left_out(health)["labels without an image"][:2] == ["0.jpg", "1.jpg"]
    nothing = check_labels(table(tmp_path, numbered(30)), [], fewest=20)
    assert "The table names 0.jpg." in nothing.obstacles[0]


def test_too_few_to_train_on(tmp_path: Path) -> None:
    rows = numbered(12)
    health = check_labels(table(tmp_path, rows), files(tmp_path, [name for name, *_ in rows]), fewest=20)
    assert "Only 12 images have a label; at least 20" in health.obstacles[0]
    assert Doubt.FEW_IMAGES in health.doubts


def test_no_spread_and_single_pairs_are_doubts(tmp_path: Path) -> None:
    rows: Rows = [(f"{k}.jpg", 0.9, 2 if k else 5) for k in range(250)]
    health = check_labels(table(tmp_path, rows), files(tmp_path, [name for name, *_ in rows]))
    assert health.doubts == [Doubt.NO_SPREAD, Doubt.SINGLE_PAIRS]
    assert health.annotators == {2: 249, 5: 1}


def test_columns_that_were_chosen(tmp_path: Path) -> None:
    path = table(tmp_path, [("a.jpg", 0.4, 0.8), ("b.jpg", 0.5, 0.9)], "image,first,second")
    images = files(tmp_path, ["a.jpg", "b.jpg"])
    with pytest.raises(AnnotriageError, match="column dice="):
        check_labels(path, images)
    assert check_labels(path, images, {"dice": "second"}).dice.tolist() == [0.8, 0.9]
    assert read_columns(path).guess("image").column == "image"  # type: ignore[union-attr]
    people = table(tmp_path, [("a.jpg", 0.4, 3), ("b.jpg", 0.5, 3)], "image,dice_mean,drawn")
    assert check_labels(people, images).annotators == {}
    assert check_labels(people, images, {"count": "drawn"}).annotators == {3: 2}


def test_patients_are_counted_and_metadata_without_ids_are_an_obstacle(tmp_path: Path) -> None:
    rows = numbered(8)
    images = files(tmp_path, [name for name, *_ in rows])
    clinical = tmp_path / "clinical.csv"
    clinical.write_text("isic_id,patient_id\n" + "".join(f"{k},{'p' if k < 6 else k}\n" for k in range(7)))
    health = check_labels(table(tmp_path, rows), images, clinical=clinical)
    assert (health.groups, health.largest_group, health.grouped_by) == (3, 6, ["patient_id"])
    assert Doubt.ONE_LARGE_GROUP in health.doubts
    assert left_out(health)["labelled images without metadata; each counts as a patient of its own"] == ["7"]
    clinical.write_text("isic_id,age\n1,30\n")
    health = check_labels(table(tmp_path, rows), images, clinical=clinical)
    assert "no column for the lesion or the patient" in health.obstacles[0]
    assert health.matched == 8
    clinical.unlink()
    health = check_labels(table(tmp_path, rows), images, clinical=clinical)
    assert "cannot be read" in health.obstacles[0]


def test_two_patients_cannot_be_split(tmp_path: Path) -> None:
    rows = numbered(8)
    clinical = tmp_path / "clinical.csv"
    clinical.write_text("isic_id,patient_id\n" + "".join(f"{k},{k % 2}\n" for k in range(8)))
    health = check_labels(table(tmp_path, rows), files(tmp_path, [name for name, *_ in rows]), clinical=clinical)
    assert "of 2 patients or lesions" in health.obstacles[0]


def test_masks_of_other_patients_are_what_a_mask_stage_learns_from(tmp_path: Path) -> None:
    clinical = tmp_path / "clinical.csv"
    clinical.write_text("isic_id,patient_id\na,1\nb,2\nc,3\nd,1\ne,4\n")
    images = files(tmp_path, ["a.jpg", "b.jpg", "c.jpg", "d.jpg", "e.jpg", "f.jpg"])
    rows: Rows = [("a.jpg", 0.4, 2), ("b.jpg", 0.5, 2), ("c.jpg", 0.6, 2)]
    health = check_labels(table(tmp_path, rows), images, clinical=clinical, masks={"A", "d", "e"})
    assert (health.masks, health.further_masks) == (1, 1)  # d shows the patient of a


def test_the_real_table(shared_data: Path) -> None:
    isic = shared_data / "isic"
    health = check_labels(isic / "metrics.csv", find_images(isic / "images"), clinical=isic / "json", fewest=20)
    assert health.matched == 835
    assert health.images == health.matched + len(health.without_label)
    assert not health.obstacles
    assert Doubt.SINGLE_PAIRS in health.doubts
    assert sum(health.annotators.values()) == 835
    assert 0.05 < health.median_mae < 0.2
