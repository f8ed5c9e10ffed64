"""Which files among lesion images are masks."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from annotriage.agreement.mask_names import annotator_in
from annotriage.agreement.masks_among import is_mask_name, without_masks
from annotriage.images import find_images

STEMS = {"a", "b", "isic_0000004", "a_2"}


@pytest.mark.parametrize(
    "name",
    [
        "a_segmentation.png",
        "A_Mask.PNG",
        "a_2_mask.png",
        "a_bob_mask.png",
        "a_mask_2.jpg",
        "a-seg.bmp",
        "ISIC_0000004_A04_T1_S2_545d08aabae47821f8802550.png",
        "ISIC_0000004_ST_ST_ST_ST.png",
        "masks/a.png",
        "masks/bob/a.png",
        "sub/ISIC2018_Task1_Training_GroundTruth/ISIC_0000004_segmentation.png",
    ],
)
def test_masks(name: str) -> None:
    assert is_mask_name(name, STEMS)


@pytest.mark.parametrize(
    "name",
    [
        "a.jpg",
        "a_2.jpg",
        "a_bob.png",
        "c_mask.png",  # a lesion may be called so
        "mask.png",
        "masks/c.png",
        "unmasked/a.png",
        "a_masked.png",
        "a_segment2.jpg",
        "a_mask.txt",
    ],
)
def test_no_masks_for_sure(name: str) -> None:
    assert not is_mask_name(name, STEMS)


@pytest.mark.parametrize(
    ("rest", "annotator"),
    [
        ("bob", "bob"),
        ("segmentation", ""),
        ("bob_mask", "bob"),
        ("mask_2", "2"),
        ("A04_T1_S2_545d", "A04"),
        ("ST_ST_ST_ST", "ST"),
        ("dr_smith", "dr_smith"),
        ("", ""),
    ],
)
def test_the_annotator_in_a_name(rest: str, annotator: str) -> None:
    assert annotator_in(rest) == annotator


def write(path: Path, mode: str = "RGB") -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(np.zeros((8, 8, 3), dtype=np.uint8)).convert(mode).save(path)


def test_a_listing_without_masks(tmp_path: Path) -> None:
    lesions = ["a.jpg", "a_2.jpg", "b.jpg", "b_photo.png", "c_mask.png", "masks_of_wood/d.jpg", "e.png", "sub/a_x.png"]
    masks = ["a_bob.png", "a_2_seg.png", "b.png", "masks/a.png", "masks/ann/b.png", "b_segmentation.png"]
    for name in lesions:
        write(tmp_path / name)
    for name in masks:
        write(tmp_path / name, "L")
    write(tmp_path / "e_2.png", "L")  # grey, but of the same format as the image: another photograph in grey?
    left = [image.name for image in without_masks(find_images(tmp_path))]
    assert sorted(left) == sorted([*lesions, "e_2.png"])


def test_a_folder_of_nothing_but_masks_stays(tmp_path: Path) -> None:
    for name in ("masks/a.png", "b_mask.png"):
        write(tmp_path / name, "L")
    found = find_images(tmp_path)
    assert without_masks(found) == found


def test_a_folder_without_masks_is_as_it_was(tmp_path: Path) -> None:
    for name in ("a.jpg", "a_2.jpg", "b/a.png"):
        write(tmp_path / name)
    found = find_images(tmp_path)
    assert without_masks(found) == found


@pytest.mark.parametrize(
    "folder",
    [
        "SegmentationClass",
        "SegmentationObject",
        "SegmentationClassVisualization",
        "GroundTruth_v3",
        "masks (1)",
        "masks_v2",
    ],
)
def test_folders_of_masks_with_something_behind_their_word(folder: str) -> None:
    assert is_mask_name(f"{folder}/a.png", STEMS)


@pytest.mark.parametrize("folder", ["test_masks0", "maskenball", "Segovia", "labelled"])
def test_folders_that_only_sound_like_masks(folder: str) -> None:
    assert not is_mask_name(f"{folder}/a.png", STEMS)


@pytest.mark.parametrize("drawn", ["viz/a.jpg", "Visualization/a.png", "a_viz.png", "a_json/label_viz.png"])
def test_pictures_of_masks_drawn_on_an_image_are_left_out(tmp_path: Path, drawn: str) -> None:
    pixels = np.random.default_rng(0).integers(0, 255, (40, 50, 3), dtype=np.uint8)
    kept = ["a.jpg", "a_json/img.png", "viz/c.jpg", "a_preview.jpg"]
    for name in [*kept, "a_json/label.png", drawn]:
        (tmp_path / name).parent.mkdir(exist_ok=True)
        Image.fromarray(pixels).save(tmp_path / name)
    left = {image.name for image in without_masks(find_images(tmp_path))}
    assert drawn not in left and left.issuperset(kept)
