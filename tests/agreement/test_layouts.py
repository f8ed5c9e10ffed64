"""Layouts that allow two readings are asked about; those of annotation tools are known."""

import os
import shutil
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from annotriage.agreement.finding import find_masks
from annotriage.agreement.mask_set import MaskSet
from annotriage.agreement.measuring import measure
from annotriage.agreement.readings import UnclearMasksError
from annotriage.agreement.tool_exports import AGAIN_NOTE, IMAGE_NOTE, PICTURE_NOTE, STROKES_NOTE
from annotriage.errors import AnnotriageError
from tests.agreement.masks import disc, write_mask

SMALL = disc(6, 8, row=3, column=4, radius=2)


def touch(folder: Path, *names: str) -> Path:
    for name in names:
        write_mask(folder / name, SMALL)
    return folder


def photograph(path: Path, height: int = 60, width: int = 80) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    noise = np.random.default_rng(len(path.name)).normal((150, 110, 90), 12, (height, width, 3))
    Image.fromarray(noise.clip(0, 255).astype(np.uint8)).save(path)
    return path


def found(masks: MaskSet) -> list[str]:
    return [f"{row.image} {row.annotator}".strip() for image in masks.images for row in image.rows]


def unclear(*paths: Path) -> list[str]:
    """Return the patterns that are offered, each of which must be read."""
    with pytest.raises(UnclearMasksError) as caught:
        find_masks(paths)
    patterns = [reading.pattern for reading in caught.value.readings if reading.pattern]
    readings = [tuple(found(find_masks(paths, pattern))) for pattern in patterns]
    assert len(set(readings)) == len(readings), "each is another reading"
    assert all(pattern in str(caught.value) for pattern in patterns)
    assert len(caught.value.readings) >= 2
    return patterns


SERIES = [f"{name}_{number}.png" for name in ("lesion", "nevus") for number in range(1, 7)]


@pytest.mark.parametrize(
    ("names", "offered"),
    [
        ([f"IMG_20240101_12000{number}.png" for number in range(1, 7)], "{image}_{annotator}"),
        (SERIES, "{image}_{annotator}"),
        (SERIES, "{annotator}_{image}"),
        ([f"P01_{number}.png" for number in range(1, 7)], "{image}_{annotator}"),
        ([f"ISIC_000000{number}_mask_{who}.png" for number in (1, 2) for who in (1, 2)], "{image}_mask_{annotator}"),
        ([f"mask_{who}_{number}.png" for number in (1, 2, 3) for who in ("al", "bob")], "mask_{annotator}_{image}"),
        ([f"bob_{number}.png" for number in range(3)] + [f"al_{number}.png" for number in range(3)],
         "{annotator}_{image}"),
        ([f"l{number}_{side}.png" for number in range(3) for side in ("left", "right")], "{image}_{annotator}"),
        ([f"im_{number}_{who}_{piece}.png" for number in (1, 2) for who in ("al", "bob") for piece in (0, 2)],
         "{image}_{annotator}_*"),
        ([f"arm_{number}_{who}_{piece}.png" for number in "ab" for who in ("al", "bob") for piece in (0, 1)],
         "{image}_{annotator}_*"),
        ([f"{number}/{letter}.png" for number in range(1, 4) for letter in "abc"], "{image}/{annotator}"),
        ([f"case_{number}/{who}.png" for number in range(3) for who in ("bob", "al")], "{image}/{annotator}"),
        ([f"{kind}/{number}.png" for kind in ("nevus", "melanoma") for number in range(3)], "{annotator}/{image}"),
        ([f"case_{number}/GT_{side}_mask.png" for number in range(3) for side in ("a1", "a2")],
         "{image}/GT_{annotator}_mask"),
        ([f"bob/reader{number}.png" for number in range(3)] + [f"al/reader{number}.png" for number in range(3)],
         "{annotator}/{image}"),
    ],
)  # fmt: skip
def test_names_that_allow_two_readings_are_asked_about(tmp_path: Path, names: list[str], offered: str) -> None:
    assert offered in unclear(touch(tmp_path, *names))


def test_folders_that_were_chosen_one_by_one_are_asked_about_too(tmp_path: Path) -> None:
    touch(tmp_path, *(f"case_{number}/{who}.png" for number in range(3) for who in ("bob", "al")))
    assert "{image}/{annotator}" in unclear(*sorted(tmp_path.iterdir()))


@pytest.mark.parametrize(
    ("names", "expected"),
    [
        (["case_001/GT_id1.png", "case_001/GT_id2.png", "case_002/GT_id1.png"],
         ["case_001 id1", "case_001 id2", "case_002 id1"]),
        (["s/ISIC_0000001/reader_1.png", "s/ISIC_0000001/reader_2.png", "s/ISIC_0000002/reader_1.png"],
         ["ISIC_0000001 reader_1", "ISIC_0000001 reader_2", "ISIC_0000002 reader_1"]),
        (["reader_1/case_1/mask.png", "reader_2/case_1/mask.png"], ["case_1 reader_1", "case_1 reader_2"]),
        (["case_1/reader_1/mask.png", "case_1/reader_2/mask.png", "case_2/reader_1/mask.png"],
         ["case_1 reader_1", "case_1 reader_2", "case_2 reader_1"]),
        (["s1/case_1/reader1.png", "s2/case_2/reader1.png", "s1/case_1/reader2.png"],
         ["s1/case_1 reader1", "s1/case_1 reader2", "s2/case_2 reader1"]),
        (["1/ISIC_0000001.png", "2/ISIC_0000001.png"], ["ISIC_0000001 1", "ISIC_0000001 2"]),
        (["im_1_reader1_0.png", "im_1_reader1_1.png", "im_1_reader2_0.png"],
         ["im_1 reader1", "im_1 reader1", "im_1 reader2"]),
        ([f"im_1_{who}_{piece}.png" for who in ("al", "bob") for piece in range(1, 3)],
         ["im_1 al", "im_1 al", "im_1 bob", "im_1 bob"]),
        (["part1/a.png", "part2/b.png"], ["a", "b"]),
        (["expert1_img7.png", "expert2_img7.png"], ["img7 expert1", "img7 expert2"]),
        (["l1.png", "l1 (1).png", "l2.png", "l2 (1).png"], ["l1", "l1 (1)", "l2", "l2 (1)"]),
        (["L\u00e4sion 1 - J\u00fcrgen.png", "L\u00e4sion 2 - J\u00fcrgen.png"],
         ["L\u00e4sion 1 J\u00fcrgen", "L\u00e4sion 2 J\u00fcrgen"]),
    ],
)  # fmt: skip
def test_names_that_say_it_are_read(tmp_path: Path, names: list[str], expected: list[str]) -> None:
    assert found(find_masks([touch(tmp_path, *names)])) == expected


def test_equal_names_in_several_folders_stay_several_images(tmp_path: Path) -> None:
    touch(tmp_path, "siteA/c1/x7.png", "siteB/c2/x7.png")
    assert found(find_masks([tmp_path])) == ["siteA/c1/x7", "siteB/c2/x7"]


def test_names_are_not_cleaned_until_two_become_one(tmp_path: Path) -> None:
    touch(tmp_path / "bob", "a.png", "a_mask.png", "_a.png", "b_mask.png")
    touch(tmp_path / "al", "a.png", "b.png")
    masks = find_masks([tmp_path])
    assert sorted(found(masks)) == ["_a bob", "a al", "a bob", "a_mask bob", "b al", "b bob"]
    touch(tmp_path / "one", "x_mask.png", "x_seg.png")
    assert sorted(found(find_masks([tmp_path / "one"]))) == ["x_mask", "x_seg"]


def test_folders_of_cases_chosen_one_by_one_are_asked_about(tmp_path: Path) -> None:
    touch(tmp_path, *(f"c{case}/x{reader}.png" for case in (1, 2, 3) for reader in (1, 2)))
    assert "{image}/{annotator}" in unclear(*sorted(tmp_path.iterdir()))


def test_one_person_in_two_spellings_is_one(tmp_path: Path) -> None:
    touch(tmp_path, "x1_Bob.png", "x1_al.png", "x2_bob.png", "x2_al.png", "x3_Bob.png", "x3_bob.bmp")
    masks = find_masks([tmp_path])
    assert masks.annotators() == ["al", "Bob"]
    assert [len(image.doubled()) for image in masks.images] == [0, 0, 1]


def test_capitals_of_one_person_are_two_images(tmp_path: Path) -> None:
    touch(tmp_path / "bob", "A.png", "a.png")
    if len(list((tmp_path / "bob").iterdir())) < 2:
        pytest.skip("this disk does not tell capitals apart")
    touch(tmp_path / "al", "a.png")
    assert sorted(found(find_masks([tmp_path]))) == ["A bob", "a al", "a bob"]


def test_composed_and_decomposed_letters_are_one_image(tmp_path: Path) -> None:
    touch(tmp_path, "bob/l\u00e4sion.png", "al/la\u0308sion.png")
    assert len(find_masks([tmp_path]).images) == 1


def test_photographs_by_content_whatever_their_ending(tmp_path: Path) -> None:
    for place, ending in enumerate(("png", "bmp", "tif", "jpg")):
        photograph(tmp_path / "beside" / f"x{place}.{ending}")
        photograph(tmp_path / "folders" / "Dermoscopy" / f"x{place}.{ending}")
        for who in ("al", "bob"):
            write_mask(tmp_path / "beside" / f"x{place}_{who}.png", disc())
            write_mask(tmp_path / "folders" / who / f"x{place}.png", disc())
    for folder in ("beside", "folders"):
        masks = find_masks([tmp_path / folder])
        assert len(masks.images) == 4 and masks.annotators() == ["al", "bob"]
        assert len(masks.left_out()[IMAGE_NOTE]) == 4
    masks = find_masks([tmp_path / "folders"], "{annotator}/{image}")
    assert masks.annotators() == ["al", "bob"], "whatever the pattern says"


@pytest.mark.parametrize("ending", ["jpg", "png"])
def test_tiny_photographs_are_no_masks_of_several_colours(tmp_path: Path, ending: str) -> None:
    skin = np.full((4, 6, 3), (180, 140, 120), np.uint8)
    skin[1:3, 1:4] = (90, 60, 50)
    skin[1, 2] = (70, 50, 45)
    colours = np.zeros((4, 6, 3), np.uint8)
    colours[1:3, 1:4] = (250, 50, 83)
    for who in ("al", "bob"):
        (tmp_path / who).mkdir()
        for at in range(2):
            Image.fromarray(skin).save(tmp_path / who / f"case_{at}_photo.{ending}")
            Image.fromarray(colours).save(tmp_path / who / f"case_{at}.png")
    masks = find_masks([tmp_path])
    assert len(masks.left_out()[IMAGE_NOTE]) == 4
    assert [[row.path.name for row in image.rows] for image in masks.images] == [["case_0.png"] * 2, ["case_1.png"] * 2]


def test_one_photograph_and_one_mask_is_one_mask(tmp_path: Path) -> None:
    photograph(tmp_path / "x.png")
    write_mask(tmp_path / "x_segmentation.png", disc())
    (result,) = measure(find_masks([tmp_path]))
    assert result.agreement is None and "is its only mask" in result.error


def two(tmp_path: Path, name: str) -> list[tuple[Path, np.ndarray]]:
    shifts = {("alice", 1): 40, ("bob", 1): 44, ("alice", 2): 38, ("bob", 2): 46}
    return [(tmp_path / who / name.format(f"im_{image}"), disc(column=at)) for (who, image), at in shifts.items()]


def assert_two_images(tmp_path: Path, images: list[str], notes: set[str]) -> None:
    masks = find_masks([tmp_path])
    assert set(masks.left_out()) == notes
    results = list(measure(masks))
    assert [each.image for each in results] == images
    for each, apart in zip(results, (4, 8), strict=True):
        assert each.agreement is not None and each.agreement.count == 2
        first, second = disc(column=40), disc(column=40 + apart)
        assert each.agreement.dice_mean == pytest.approx(2 * (first & second).sum() / (first.sum() + second.sum()))
    one = find_masks([tmp_path / "alice"])
    assert [len(image.rows) for image in one.images] == [1, 1], "one person's export alone"


def test_cvat_and_labelme2voc(tmp_path: Path) -> None:
    for path, mask in two(tmp_path, "SegmentationClass/{}.png"):
        write_mask(path, mask)
        top, name = path.parent.parent, path.stem
        write_mask(top / "SegmentationObject" / path.name, mask)
        photograph(top / "JPEGImages" / f"{name}.jpg")
        photograph(top / "SegmentationClassVisualization" / f"{name}.jpg")
        (top / "labelmap.txt").write_text("lesion:255,0,0::")
    assert_two_images(tmp_path, ["im_1", "im_2"], {AGAIN_NOTE, IMAGE_NOTE, PICTURE_NOTE})
    shutil.rmtree(tmp_path / "alice" / "SegmentationClass")
    assert len(find_masks([tmp_path]).images) == 2, "objects alone are read"


@pytest.mark.parametrize(
    ("mask", "again"),
    [
        ("annotations/panoptic_default/{}.png", ()),
        ("gtFine/default/{}_gtFine_labelIds.png", ("_gtFine_color.png", "_gtFine_instanceIds.png")),
        ("semantic/{}.png", ("../../semantic_rgb/{}.png", "../../instance/{}.png")),
    ],
)
def test_what_cvat_exports_in_layouts_of_other_data_sets(tmp_path: Path, mask: str, again: tuple[str, ...]) -> None:
    """COCO panoptic, Cityscapes, KITTI: one mask of an image, however often it is written."""
    for path, drawn in two(tmp_path, mask):
        write_mask(path, drawn)
        name = path.stem.removesuffix("_gtFine_labelIds")
        for other in again:
            beside = path.with_name(name + other) if other[0] == "_" else Path(str(path / other.format(name)))
            write_mask(Path(os.path.normpath(beside)), drawn)
    assert_two_images(tmp_path, ["im_1", "im_2"], {AGAIN_NOTE} if again else set())


def test_labelme_json_to_dataset(tmp_path: Path) -> None:
    for path, mask in two(tmp_path, "{}_json/label.png"):
        write_mask(path, mask)
        photograph(path.with_name("img.png"))
        photograph(path.with_name("label_viz.png"))
    assert_two_images(tmp_path, ["im_1", "im_2"], {IMAGE_NOTE, PICTURE_NOTE})


def test_supervisely(tmp_path: Path) -> None:
    for path, mask in two(tmp_path, "ds/masks_machine/{}.png"):
        write_mask(path, mask)
        write_mask(path.parent.parent / "masks_human" / path.name, mask)
        photograph(path.parent.parent / "img" / f"{path.stem}.jpg")
        annotation = path.parent.parent / "ann" / f"{path.stem}.jpg.json"
        annotation.parent.mkdir(exist_ok=True)
        annotation.write_text("{}")
    assert_two_images(tmp_path, ["ds/im_1", "ds/im_2"], {IMAGE_NOTE, AGAIN_NOTE})
    assert "4 files .json" in find_masks([tmp_path]).remarks[0]


def test_pixel_annotation_tool_writes_one_mask_three_times(tmp_path: Path) -> None:
    for path, mask in two(tmp_path, "{}_color_mask.png"):
        write_mask(path, mask)
        for other in ("mask", "watershed_mask"):
            write_mask(path.with_name(path.name.replace("color_mask", other)), SMALL)
    assert_two_images(tmp_path, ["im_1", "im_2"], {AGAIN_NOTE, STROKES_NOTE})


def studio(task: int, annotation: int, user: str, label: str, part: int) -> str:
    return f"task-{task}-annotation-{annotation}-by-{user}-brush-{label}-{part}.png"


def test_label_studio_names(tmp_path: Path) -> None:
    touch(
        tmp_path,
        *(studio(1, 11, "1", "lesion", part) for part in (0, 1)),
        studio(1, 12, "bob@my-clinic.org", "lesion", 0),
        studio(2, 21, "1", "lesion", 0),
    )
    assert found(find_masks([tmp_path])) == ["task-1 1", "task-1 1", "task-1 bob@my-clinic.org", "task-2 1"]
    touch(tmp_path, studio(2, 21, "1", "hair", 0))
    assert len(unclear(tmp_path)) == 2, "two labels are two kinds of mask"


@pytest.mark.parametrize(
    ("names", "words"),
    [
        (["al/a.nrrd", "bob/a.nrrd"], ["2 files .nrrd", "ITK-SNAP", "PNG"]),
        (["al/a.json", "bob/a.json"], ["2 files .json", "Label Studio", "PNG"]),
        (["annotations.xml"], ["1 file .xml", "CVAT"]),
        (["a.mat"], ["1 file .mat", "NumPy"]),
        (["a.npz"], ["a.npz", "damaged", "anew"]),
    ],
)
def test_what_is_not_read_is_named_with_a_way_out(tmp_path: Path, names: list[str], words: list[str]) -> None:
    for name in names:
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text("<x/>" if name.endswith(".xml") else "{}")
    for paths in ([tmp_path], [tmp_path / name for name in names]):
        with pytest.raises(AnnotriageError) as caught:
            find_masks(paths)
        assert all(word in str(caught.value) for word in words)


def test_a_folder_of_photographs_only_is_a_sentence(tmp_path: Path) -> None:
    photograph(tmp_path / "a.jpg")
    (tmp_path / "a.json").write_text("{}")
    with pytest.raises(AnnotriageError, match=r"looks like the image itself.*Not read: 1 file \.json"):
        find_masks([tmp_path])


PEOPLE, IMAGES = ["bob", "alice", "carol"], ["ISIC_0000001", "IMG_77", "lesion_3", "x_1"]


@pytest.mark.slow
@given(st.sets(st.tuples(st.sampled_from(IMAGES), st.sampled_from(PEOPLE)), min_size=2))
def test_what_is_read_without_a_question_is_right(tmp_path_factory: pytest.TempPathFactory, drawn: set) -> None:
    """Folders of people and names of people are read rightly or asked about, whichever images they drew."""
    right = sorted(f"{image} {who}" for image, who in drawn)
    for form in ("{who}/{image}.png", "{image}_{who}.png", "{who}_{image}.png", "{image}/{who}.png"):
        folder = tmp_path_factory.mktemp("drawn")
        touch(folder, *(form.format(image=image, who=who) for image, who in drawn))
        try:
            read = find_masks([folder])
        except UnclearMasksError:
            continue
        pairs = [each for each in read.images if len({row.annotator for row in each.rows}) > 1]
        assert all(f"{row.image} {row.annotator}" in right for each in pairs for row in each.rows), form
