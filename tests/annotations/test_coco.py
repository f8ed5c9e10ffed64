"""COCO, as many tools write it: the pixels that pycocotools and OpenCV give, and whose they are."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pycocotools.mask as coco
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from annotriage.annotations import coco_shapes
from annotriage.annotations.annotation import NOTHING_DRAWN, ReadAnnotations
from annotriage.annotations.coco_shapes import RunLengthMask, runs_of
from annotriage.annotations.formats import coco as reader
from annotriage.annotations.reading import read_annotations
from annotriage.errors import AnnotriageError
from annotriage.images import UnreadableImageError
from tests.annotations.studio_exports import HEIGHT, WIDTH, dice, disc, mask_of, read

SQUARE = [12.0, 9, 60, 9, 60, 45, 12, 45]
LESION = {"id": 1, "name": "lesion", "supercategory": ""}


def square() -> NDArray[np.bool_]:
    inside = np.zeros((HEIGHT, WIDTH), np.bool_)
    inside[9:45, 12:60] = True
    return inside


def image(number: Any = 1, name: str = "im_1.jpg", **more: Any) -> dict[str, Any]:
    return {"id": number, "file_name": name, "width": WIDTH, "height": HEIGHT, **more}


def outline(segmentation: Any, of: Any = 1, **more: Any) -> dict[str, Any]:
    return {"id": 1, "image_id": of, "category_id": 1, "segmentation": segmentation, "iscrowd": 0, **more}


def document(
    *annotations: dict[str, Any], images: Sequence[dict[str, Any]] = (), categories: Any = (LESION,), **more: Any
) -> dict[str, Any]:
    listed = {"images": list(images) or [image()], "annotations": list(annotations), "categories": list(categories)}
    return {"info": {}, "licenses": [], **listed, **more}


def packed(mask: NDArray[np.bool_]) -> dict[str, Any]:
    runs = coco.encode(np.asfortranarray(mask.astype(np.uint8)))
    return {"size": runs["size"], "counts": runs["counts"].decode()}


def unpacked(mask: NDArray[np.bool_]) -> dict[str, Any]:
    """Return uncompressed runs, as the COCO API describes them: of the columns, zeros first."""
    flat = np.concatenate([[0], mask.T.ravel().astype(int), [1 - int(mask.T.ravel()[-1])]])
    changes = np.flatnonzero(np.diff(flat))
    return {"size": list(mask.shape), "counts": np.diff(np.concatenate([[0], changes])).tolist()}


def mask_from(folder: Path, *annotations: dict[str, Any], **more: Any) -> NDArray[np.bool_]:
    [found] = read(folder, document(*annotations, **more)).annotations
    return mask_of(found)


# Pixels


@st.composite
def masks(draw: st.DrawFn) -> NDArray[np.bool_]:
    height, width = draw(st.integers(1, 30)), draw(st.integers(1, 30))
    if draw(st.booleans()):
        return disc(width / 3, height / 2, draw(st.integers(0, 20)), (height, width))
    flat = draw(st.lists(st.booleans(), min_size=height * width, max_size=height * width))
    return np.array(flat, np.bool_).reshape(height, width)


def whole(mask: RunLengthMask, size: tuple[int, int]) -> NDArray[np.bool_]:
    bitmap = mask.marked(size)
    drawn = np.zeros(size, np.bool_)
    height, width = bitmap.inside.shape
    drawn[bitmap.top : bitmap.top + height, bitmap.left : bitmap.left + width] = bitmap.inside
    return drawn


@pytest.mark.slow
@given(mask=masks())
@settings(max_examples=100, deadline=None)
def test_what_pycocotools_packs_comes_back(mask: NDArray[np.bool_]) -> None:
    for runs in (packed(mask), unpacked(mask)):
        assert (whole(RunLengthMask(runs["counts"]), mask.shape) == mask).all()


@given(data=st.binary(max_size=20), height=st.integers(1, 9), width=st.integers(1, 9))
@settings(max_examples=200, deadline=None)
def test_no_bytes_break_it(data: bytes, height: int, width: int) -> None:
    try:
        whole(RunLengthMask(data), (height, width))
    except UnreadableImageError:
        pass


@pytest.mark.parametrize(
    ("counts", "words"),
    [
        ([5, 5], "add up to 10 pixels, its image of 4 × 3 has 12"),
        ([20, -8], "damaged"),
        ([1.5, 10.5], "damaged"),
        ([1, "x"], "damaged"),
        ([[6, 6]], "damaged"),
        ([float("nan"), 12], "damaged"),
        ("é", "damaged"),
        (b"\xff\xff", "damaged"),
        ("PPP", "damaged"),
        ("o" * 40, "damaged"),
    ],
)
def test_damaged_runs_get_a_sentence(counts: Any, words: str) -> None:
    with pytest.raises(UnreadableImageError, match=words):
        RunLengthMask(counts).marked((3, 4))


def test_runs_of_another_size_get_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(UnreadableImageError, match="of 50 × 40 pixels, its image of 120 × 90"):
        mask_from(tmp_path, outline(packed(disc(20, 20, 9, (40, 50)))))


def test_masks(tmp_path: Path) -> None:
    for runs in (packed(square()), unpacked(square())):
        for crowd in (0, 1):
            assert (mask_from(tmp_path, outline(runs, iscrowd=crowd)) == square()).all()
        assert (mask_from(tmp_path, outline([runs, packed(disc(80, 45, 9))])) == square() | disc(80, 45, 9)).all()


def test_a_mask_says_its_size_where_the_image_does_not(tmp_path: Path) -> None:
    [found] = read(tmp_path, document(outline(packed(square())), images=[{"id": 1, "file_name": "a.png"}])).annotations
    assert found.size == (HEIGHT, WIDTH)


@pytest.mark.parametrize(
    "rings",
    [
        [SQUARE],
        SQUARE,
        [[12, 9], [60, 9], [60, 45], [12, 45]],
        [[[12, 9], [60, 9], [60, 45], [12, 45]]],
        [[*SQUARE[:4], 60.0, 27, 12, 27], [12.0, 27, 60, 27, 60, 45, 12, 45]],
        [SQUARE, [20.0, 20, 30, 20, 30, 30, 20, 30]],
    ],
)
def test_rings_are_united_however_they_are_nested(tmp_path: Path, rings: Any) -> None:
    assert (mask_from(tmp_path, outline(rings)) == square()).all()


def test_several_annotations_are_one_mask(tmp_path: Path) -> None:
    drawn = mask_from(tmp_path, outline([SQUARE]), outline(packed(disc(80, 45, 20))))
    assert (drawn == square() | disc(80, 45, 20)).all()


@pytest.mark.slow
def test_rings_have_the_area_that_pycocotools_gives_them(tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    for _ in range(20):
        angles = np.linspace(0, 2 * np.pi, 60, endpoint=False)
        radii = rng.uniform(150, 220, 60)
        ring = np.stack([250 + radii * np.cos(angles), 240 + radii * np.sin(angles)], axis=1).ravel().round(2).tolist()
        ours = mask_from(tmp_path, outline([ring]), images=[image(width=500, height=480)])
        theirs = coco.decode(coco.merge(coco.frPyObjects([ring], 480, 500))).astype(bool)
        assert abs(int(ours.sum()) - int(theirs.sum())) < 0.002 * theirs.sum()


@pytest.mark.slow
def test_chains_of_pixels_as_opencv_writes_them_come_back(tmp_path: Path) -> None:
    """BRUSH_TO_COCO and many scripts: contours of pixels, whose last ones belong to the mask."""
    cv2 = pytest.importorskip("cv2")
    for mask in (disc(60, 45, 30), disc(60, 45, 3), square(), disc(10, 45, 30), disc(50, 45, 12) | disc(80, 50, 15)):
        contours, _ = cv2.findContours(mask.astype(np.uint8), cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_SIMPLE)
        made = [
            outline([each.ravel().tolist()], bbox=list(cv2.boundingRect(each)), area=cv2.contourArea(each))
            for each in contours
        ]
        assert (mask_from(tmp_path, *made) == mask).all()


def test_a_rectangle_that_a_person_drew_is_no_chain_of_pixels(tmp_path: Path) -> None:
    assert (mask_from(tmp_path, outline([SQUARE], bbox=[12, 9, 48, 36])) == square()).all()
    assert mask_from(tmp_path, outline([SQUARE], bbox=[12, 9, 49, 37])).sum() == 49 * 37


# What is not used


@pytest.mark.parametrize(
    ("strange", "why"),
    [
        (outline([], bbox=[1, 2, 3, 4]), reader.BOXES),
        (outline(None, keypoints=[1, 2, 2], num_keypoints=1), reader.POINTS),
        (outline([[1.0, 2, 3, 4]]), coco_shapes.DAMAGED),
        (outline([["a", "b", "c", "d", "e", "f"]]), coco_shapes.DAMAGED),
        (outline([[float("nan"), 1, 2, 3, 4, 5]]), coco_shapes.DAMAGED),
        (outline("masks/1.png"), coco_shapes.OTHER),
        (outline({"size": [1, 2]}), coco_shapes.OTHER),
        (outline(7), coco_shapes.OTHER),
        (outline([SQUARE], of=99), reader.STRANGERS),
    ],
)
def test_what_is_not_used_is_counted(tmp_path: Path, strange: dict[str, Any], why: str) -> None:
    found = read(tmp_path, document(outline([SQUARE]), strange, strange))
    assert found.unused == {why: 2}
    assert (mask_of(found.annotations[0]) == square()).all()


def test_boxes_alone_are_measured_and_told(tmp_path: Path) -> None:
    found = read(tmp_path, document(outline([], bbox=[12, 9, 48, 36])))
    assert (mask_of(found.annotations[0]) == square()).all()
    assert any("boxes and no outlines" in each for each in found.remarks)


def test_images_without_an_outline_are_noted(tmp_path: Path) -> None:
    found = read(tmp_path, document(outline([SQUARE]), images=[image(), image(2, "b.jpg")]))
    assert [(each.image, each.note) for each in found.annotations] == [("im_1", ""), ("b", NOTHING_DRAWN)]


@pytest.mark.parametrize(
    ("other", "words"),
    [
        ([{"image_id": 1, "category_id": 1, "segmentation": {}, "score": 0.5}], "a model's results"),
        (document({"image_id": 1, "segments_info": [], "file_name": "a.png"}), "panoptic"),
        (document({"image_id": 1, "caption": "a naevus"}), "captions"),
        (document(), "lists 1 image and no annotations"),
        ({"images": [image()], "categories": []}, "lists 1 image and no annotations"),
        (document(outline([], keypoints=[1, 2, 2])), "lists 1 image and 1 point"),
        (document(outline([SQUARE]), images=[image(), image(1, "b.jpg")]), "two images the number 1"),
    ],
)
def test_other_forms_get_a_sentence(tmp_path: Path, other: Any, words: str) -> None:
    with pytest.raises(AnnotriageError, match=words):
        read(tmp_path, other)


# Labels, people, images


def labels(found: ReadAnnotations) -> list[tuple[str, ...]]:
    return [each.labels for each in found.annotations]


def test_labels_are_the_categories_names(tmp_path: Path) -> None:
    hair = {"id": "2", "name": "hair"}
    made = [outline([SQUARE], category_id=number) for number in (1, "1", 2, 9)]
    assert labels(read(tmp_path, document(*made, categories=[LESION, hair]))) == [("lesion", "hair", "9")]
    assert labels(read(tmp_path, {"images": [image()], "annotations": [outline([SQUARE])]})) == [("1",)]


def people(found: ReadAnnotations) -> list[tuple[str, str]]:
    return [(each.image, each.annotator) for each in found.annotations if not each.note]


@pytest.mark.parametrize(
    ("bob", "ann"),
    [
        ({"annotator": "bob"}, {"annotator": "ann"}),
        ({"annotator_id": 1}, {"annotator_id": 2}),
        ({"completed_by": {"id": 1, "email": "bob"}}, {"completed_by": {"id": 2, "email": "ann"}}),
        ({"attributes": {"annotator": "bob"}}, {"attributes": {"annotator": "ann"}}),
        ({"user": "bob"}, {"user": "ann"}),
        ({"created_by": {"username": "bob"}}, {"created_by": {"username": "ann"}}),
        ({"annotator": "bob", "user": "admin"}, {"annotator": "ann", "user": "admin"}),
    ],
)
def test_people_by_a_field(tmp_path: Path, bob: dict[str, Any], ann: dict[str, Any]) -> None:
    found = read(tmp_path, document(outline([SQUARE], **bob), outline(packed(disc(60, 45, 20)), **ann)))
    [first, second] = found.annotations
    assert (first.annotator, second.annotator) in (("bob", "ann"), ("1", "2"))
    assert mask_of(second).sum() == disc(60, 45, 20).sum()


def test_one_account_for_all_is_nobody_s_name(tmp_path: Path) -> None:
    """Several people export from one account, a file each: their folders or files are their names."""
    assert people(read(tmp_path, document(outline([SQUARE], created_by="admin")))) == [("im_1", "")]
    assert people(read(tmp_path, document(outline([SQUARE], annotator="bob")))) == [("im_1", "bob")]


def test_people_by_the_image_s_entry(tmp_path: Path) -> None:
    images = [image(1, annotator="bob"), image(2, annotator="ann")]
    found = read(tmp_path, document(outline([SQUARE], of=1), outline([SQUARE], of=2), images=images))
    assert people(found) == [("im_1", "bob"), ("im_1", "ann")]


def test_entries_of_one_image_that_nobody_s_name_stands_on(tmp_path: Path) -> None:
    found = read(tmp_path, document(outline([SQUARE], of=1), outline([SQUARE], of=2), images=[image(1), image(2)]))
    assert people(found) == [("im_1", "unnamed 1"), ("im_1", "unnamed 2")]
    assert any("does not say who drew each" in each for each in found.remarks)


def test_outlines_without_a_name_among_others_are_told(tmp_path: Path) -> None:
    found = read(tmp_path, document(outline([SQUARE], annotator="bob"), outline([SQUARE])))
    assert people(found) == [("im_1", "bob"), ("im_1", "")]
    assert any("1 outline" in each for each in found.remarks)


@pytest.mark.parametrize(
    ("entry", "name"),
    [
        ({"file_name": "sub/im_1.jpg"}, "sub/im_1"),
        ({"file_name": "C:\\data\\im_1.jpg"}, "data/im_1"),
        (
            {"file_name": "", "coco_url": "http://images.cocodataset.org/val2017/000000397133.jpg"},
            "val2017/000000397133",
        ),
        ({"file_name": "im_1_jpg.rf.0a1B2c3D.jpg"}, "im_1"),
        ({"file_name": "im-1_jpg.rf.0a1b.jpg", "extra": {"name": "im 1.jpg"}}, "im 1"),
        ({"file_name": "%C3%BC%201.png", "path": "/data/local-files/?d=lesions/%C3%BC%201.png"}, "lesions/ü 1"),
        ({"file_name": "0a1b2c3d-a.png", "path": "/data/upload/3/0a1b2c3d-a.png"}, "a"),
        ({"file_name": "im%201.jpg"}, "im%201"),
    ],
)
def test_images_by_whatever_name(tmp_path: Path, entry: dict[str, Any], name: str) -> None:
    assert people(read(tmp_path, document(outline([SQUARE]), images=[image() | entry]))) == [(name, "")]


@pytest.mark.parametrize(
    "name", ["images/0a1b2c3d-a.png", "images/0a1b2c3d__a.png", "../media/upload/3/0a1b2c3d-a.png"]
)
def test_images_that_label_studio_puts_beside(tmp_path: Path, name: str) -> None:
    made = document(outline([SQUARE]), images=[image(name=name)], info={"contributor": "Label Studio"})
    assert people(read(tmp_path, made)) == [("a", "")]


def test_versions_of_one_image_are_not_compared(tmp_path: Path) -> None:
    images = [image(number, f"im_1_jpg.rf.{number}a.jpg") for number in (1, 2)]
    found = read(tmp_path, document(outline([SQUARE], of=1), outline([SQUARE], of=2), images=images))
    assert {each.note for each in found.annotations} == {reader.VERSIONS_NOTE}


@pytest.mark.parametrize(("mine", "theirs"), [(1, "1"), ("1", 1), ("a", "a")])
def test_numbers_may_be_text(tmp_path: Path, mine: Any, theirs: Any) -> None:
    assert people(read(tmp_path, document(outline([SQUARE], of=theirs), images=[image(mine)]))) == [("im_1", "")]


@pytest.mark.parametrize("strange", [7, None, "x", []])
def test_strange_entries_are_passed_over(tmp_path: Path, strange: Any) -> None:
    made = document(outline([SQUARE]), strange, images=[image(), strange], categories=[LESION, strange])
    assert people(read(tmp_path, made)) == [("im_1", "")]


# Samples


def test_the_sample_of_cvat(peer_samples: Path) -> None:
    """The masks from which it was made agree by 0.8504 and 0.7512; their outlines by what COCO's own pixels say."""
    ours, theirs = {}, {}
    for who in ("bob", "alice"):
        path = peer_samples / "cvat_coco" / who / "annotations/instances_default.json"
        found = read_annotations(path)
        assert found is not None and {each.annotator for each in found.annotations} == {""}
        for each, made in zip(found.annotations, json.loads(path.read_text())["annotations"], strict=True):
            ours[who, each.image] = mask_of(each)
            runs = coco.merge(coco.frPyObjects(made["segmentation"], HEIGHT, WIDTH))
            theirs[who, each.image] = coco.decode(runs).astype(bool)
    for name, of_masks in (("im_1", 0.8504), ("im_2", 0.7512)):
        measured = dice(ours["bob", name], ours["alice", name])
        assert measured == pytest.approx(dice(theirs["bob", name], theirs["alice", name]), abs=1e-3)
        assert measured == pytest.approx(of_masks, abs=0.007)


def test_the_real_brush_to_coco_has_the_pixels_of_the_json(peer_samples: Path) -> None:
    """But where Label Studio fills a ring, which it says nothing of."""
    real = peer_samples / "labelstudio_real"
    ours, whole_export = (read_annotations(real / name) for name in ("BRUSH_TO_COCO/result_coco.json", "JSON.json"))
    assert ours is not None and whole_export is not None
    drawn = {(each.image, each.annotator): mask_of(each) for each in whole_export.annotations if each.regions}
    for each in ours.annotations:
        name = each.image.removeprefix("lesions/")
        if name != "ISIC_0013369":
            assert (mask_of(each) == drawn[name, each.annotator]).all()
    assert any("fills holes" in each for each in ours.remarks)


def test_runs_are_whole_numbers() -> None:
    assert runs_of([3.0, 4]).tolist() == [3, 4]
