"""Masks of several annotators beside the images."""

import os
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from annotriage.agreement.mask_set import MaskRow
from annotriage.agreement.masks_among import without_masks
from annotriage.images import ImageFile, find_images
from annotriage.triage.annotator_masks import AnnotatorMasks


def write(path: Path, mode: str = "L") -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(np.zeros((8, 8, 3), dtype=np.uint8)).convert(mode).save(path)
    return path


def image(folder: Path, name: str) -> ImageFile:
    write(folder / name, "RGB")
    return ImageFile(folder / name, name, 1, 1, None)


def found(folder: Path, file: ImageFile) -> list[tuple[str, str]]:
    masks = AnnotatorMasks(folder).of(file)
    return [(Path(os.path.relpath(mask.path, folder)).as_posix(), mask.annotator) for mask in masks]


def test_none(tmp_path: Path) -> None:
    file = image(tmp_path, "a.jpg")
    image(tmp_path, "a_2.jpg")
    assert found(tmp_path, file) == []


def test_in_the_images_own_folder(tmp_path: Path) -> None:
    file = image(tmp_path, "a.jpg")
    longer = image(tmp_path, "a_2.jpg")
    for name in ("a_bob.png", "a_bob_2.png", "a_segmentation.png", "a_2_mask.png", "ab_mask.png"):
        write(tmp_path / name)
    write(tmp_path / "a_colour.png", "RGB")
    write(tmp_path / "a_mask.jpg")
    write(tmp_path / "a_mask_3.jpg")
    assert found(tmp_path, file) == [
        ("a_mask.jpg", ""),
        ("a_segmentation.png", ""),
        ("a_mask_3.jpg", "3"),
        ("a_bob.png", "bob"),
        ("a_bob_2.png", "bob_2"),
    ]
    assert found(tmp_path, longer) == [("a_2_mask.png", "")]


def test_ima_names(tmp_path: Path) -> None:
    file = image(tmp_path / "images", "ISIC_0000004.JPG")
    for name in ("A04_T1_S2_545d", "A06_T1_S1_54ea", "ST_ST_ST_ST"):
        write(tmp_path / "segs" / f"ISIC_0000004_{name}.png")
        write(tmp_path / "masks" / f"ISIC_0000004_{name}.png")
    write(tmp_path / "masks" / "ISIC_00000040_A04_T1_S2_545d.png")
    assert [annotator for _, annotator in found(tmp_path / "images", file)] == ["A04", "A06", "ST"]


@pytest.mark.parametrize(
    ("mask", "annotator"),
    [
        ("images/masks/sub/a.png", ""),
        ("images/masks/a_bob.png", "bob"),
        ("images/sub/masks/a.png", ""),
        ("images/sub/Lesion_Segmentations/a_seg.png", ""),
        ("masks/sub/a.png", ""),
        ("masks/a.png", ""),
        ("masks/images/sub/a.png", ""),
        ("masks/bob/a.png", "bob"),
        ("masks/bob/sub/a.jpg", "bob"),
        ("annotator_2/a.png", "annotator_2"),
        ("images/Reader B/sub/a.png", "Reader B"),
    ],
)
def test_in_folders_of_masks_or_annotators(tmp_path: Path, mask: str, annotator: str) -> None:
    file = image(tmp_path / "images", "sub/a.jpg")
    other = image(tmp_path / "images", "sub/a_bob.jpg")
    write(tmp_path / mask)
    masks = AnnotatorMasks(tmp_path / "images")
    if mask.endswith("a_bob.png"):
        assert masks.of(file) == [], "it is the mask of the image of just this name"
        file, annotator = other, ""
    assert [(one.path, one.annotator) for one in masks.of(file)] == [(tmp_path / mask, annotator)]


def test_copies_of_the_image_for_experts_are_no_masks(tmp_path: Path) -> None:
    file = image(tmp_path / "images", "a.png")
    write(tmp_path / "experts" / "a.png", "RGB")
    write(tmp_path / "expert_2" / "a.jpg", "RGB")
    assert found(tmp_path / "images", file) == []


def test_of_two_images_of_one_stem_both_have_it(tmp_path: Path) -> None:
    one, other = image(tmp_path, "a.jpg"), image(tmp_path, "A.tif")
    write(tmp_path / "masks" / "a.png")
    assert found(tmp_path, one) == found(tmp_path, other) == [("masks/a.png", "")]


def test_what_is_listed_as_an_image_is_no_mask_and_the_other_way_round(tmp_path: Path) -> None:
    image(tmp_path, "a.jpg")
    image(tmp_path, "b.png")
    for name in ("a_bob.png", "a.png", "b_ann.png", "b_mask.png", "masks/a.png", "masks/x/b.png"):
        write(tmp_path / name)
    images = find_images(tmp_path)
    left = without_masks(images)
    masks = AnnotatorMasks(tmp_path)
    drawn = {mask.path for file in left for mask in masks.of(file)}
    assert drawn == {file.path for file in images} - {file.path for file in left}


def test_each_folder_is_listed_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    files = [image(tmp_path / "images", f"{number}.jpg") for number in range(30)]
    for number in range(30):
        write(tmp_path / "masks" / f"{number}_bob.png")
    listed: list[Path] = []
    scandir = os.scandir

    def count(folder: Path) -> object:
        listed.append(folder)
        return scandir(folder)

    monkeypatch.setattr(os, "scandir", count)
    masks = AnnotatorMasks(tmp_path / "images")
    with ThreadPoolExecutor(4) as executor:
        results = list(executor.map(masks.of, files * 3))
    assert all(len(result) == 1 for result in results)
    assert len(listed) < 15


def test_folders_that_vanish_or_may_not_be_opened_have_no_masks(tmp_path: Path) -> None:
    gone = tmp_path / "gone"
    assert AnnotatorMasks(gone).of(ImageFile(gone / "a.jpg", "a.jpg", 1, 1, None)) == []
    (tmp_path / "masks").write_text("a file")
    assert AnnotatorMasks(tmp_path).of(ImageFile(tmp_path / "a.jpg", "a.jpg", 1, 1, None)) == []


def test_real_masks(shared_data: Path) -> None:
    folder = shared_data / "isic" / "images"
    file = ImageFile(folder / "ISIC_0000000.jpg", "ISIC_0000000.jpg", 1, 1, None)
    masks = AnnotatorMasks(folder).of(file)
    assert [mask.path.name for mask in masks] == ["ISIC_0000000_segmentation.png"]


@pytest.mark.parametrize("ending", ["jpg", "png"])
def test_folders_of_people_beside_the_images(tmp_path: Path, ending: str) -> None:
    file = image(tmp_path / "images", f"sub/a.{ending}")
    image(tmp_path / "more photographs", f"sub/a.{ending}")
    for name in ("bob/sub/a.png", "al/a.png", "al/a_2.png", "photos/a.png"):
        write(tmp_path / name)
    assert found(tmp_path, file) == [("al/a.png", "al"), ("bob/sub/a.png", "bob")]
    assert [annotator for _, annotator in found(tmp_path / "images", file)] == ["al", "bob"], "images alone are open"


def test_masks_that_are_known_from_elsewhere(tmp_path: Path) -> None:
    file, other = image(tmp_path / "images", "sub/a.jpg"), image(tmp_path / "images", "b.jpg")
    for name in ("bob/b.png", "far/1.png", "far/2.png"):
        write(tmp_path / name)
    rows = [
        MaskRow("A", "dr_x", tmp_path / "far/1.png"),
        MaskRow("A", "al", tmp_path / "far/2.png"),
        MaskRow("", "", tmp_path / "far/3.png", "not used"),
    ]
    masks = AnnotatorMasks(tmp_path / "images", rows)
    assert [mask.annotator for mask in masks.of(file)] == ["al", "dr_x"]
    assert [mask.annotator for mask in masks.of(other)] == ["bob"]
