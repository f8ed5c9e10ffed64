"""LabelMe XML as CVAT exports it (by Datumaro): outlines, boxes and masks in files, of one person or several."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

import annotriage
from annotriage.agreement.masks_among import without_masks
from annotriage.annotations.annotation import NOTHING_DRAWN
from annotriage.errors import AnnotriageError
from annotriage.images import UnreadableImageError, find_images
from tests.annotations.exports import SIZE, STAR, Inside, only, pixels, read, some_mask, written
from tests.annotations.test_cvat import POLYGON, export, image

HEAD = "<name>{}</name><deleted>{}</deleted><verified>0</verified><occluded>no</occluded><date></date><id>{}</id>"
PARTS = "<parts><hasparts></hasparts><ispartof></ispartof></parts>"


def thing(shape: str, label: str = "lesion", deleted: int = 0, number: int = 0) -> str:
    head = HEAD.format(label, deleted, number)
    return f"<object>{head}{PARTS}{shape}<attributes></attributes></object>"


def outline(corners: list[tuple[float, float]], who: str = "") -> str:
    listed = "".join(f"<pt><x>{x:.2f}</x><y>{y:.2f}</y></pt>" for x, y in corners)
    return f"<polygon>{listed}<username>{who}</username></polygon>"


def segm(name: str, who: str = "") -> str:
    box = "<box><xmin>1.00</xmin><ymin>1.00</ymin><xmax>9.00</xmax><ymax>9.00</ymax></box>"
    return f"<segm><mask>{name}</mask>{box}<username>{who}</username></segm>"


def document(*things: str, name: str = "im_1.jpg", folder: str = "", size: tuple[int, int] = SIZE) -> str:
    source = "<source><sourceImage></sourceImage><sourceAnnotation>Datumaro</sourceAnnotation></source>"
    large = f"<imagesize><nrows>{size[0]}</nrows><ncols>{size[1]}</ncols></imagesize>"
    head = f"<annotation><filename>{name}</filename><folder>{folder}</folder>{source}{large}"
    return f"{head}{''.join(things)}</annotation>"


def mask_file(path: Path, inside: Inside) -> Path:
    """Write a mask as Datumaro paints it: orange where it is marked, and see-through elsewhere."""
    path.parent.mkdir(parents=True, exist_ok=True)
    colours = np.array([[0, 0, 0, 0], [0, 203, 255, 153]], np.uint8)
    Image.fromarray(colours[inside.astype(np.uint8)]).save(path)
    return path


def test_outlines_are_those_of_cvat(tmp_path: Path) -> None:
    annotation = only(written(tmp_path / "im_1.xml", document(thing(outline(STAR)))))
    assert (annotation.image, annotation.annotator, annotation.size) == ("im_1", "", SIZE)
    assert annotation.labels == ("lesion",) and not annotation.note
    theirs = only(written(tmp_path / "annotations.xml", export(image(POLYGON))))
    assert (pixels(annotation) == pixels(theirs)).all() and pixels(annotation).any()


def test_a_box_is_what_lies_between_its_corners(tmp_path: Path) -> None:
    corners = [(10.0, 5.0), (30.0, 5.0), (30.0, 15.0), (10.0, 15.0)]
    box = thing(f"<type>bounding_box</type>{outline(corners)}")
    marked = pixels(only(written(tmp_path / "im_1.xml", document(box))))
    assert marked[5:15, 10:30].all() and marked.sum() == 200


@pytest.mark.parametrize("folder", ["", "clinic a/2024"])
def test_masks_lie_in_their_folder(tmp_path: Path, folder: str) -> None:
    """Masks of an image in a folder lie above that folder, in folders of the same names."""
    first, second = some_mask(*SIZE), some_mask(*SIZE, seed=1)
    for number, inside in enumerate((first, second)):
        mask_file(tmp_path / "default" / "Masks" / folder / f"im_1_mask_{number}.png", inside)
    names = [f"{folder}/im_1_mask_{number}.png".lstrip("/") for number in range(2)]
    things = [thing(segm(name), label) for name, label in zip(names, ("lesion", "hair"), strict=True)]
    path = written(tmp_path / "default" / folder / "im_1.xml", document(*things, folder=folder))
    annotation = only(path)
    assert annotation.image == f"{folder}/im_1".lstrip("/")
    assert (pixels(annotation, "lesion") == first).all() and (pixels(annotation, "hair") == second).all()


def test_what_several_people_drew_is_read_apart(tmp_path: Path) -> None:
    square = [(10.0, 5.0), (30.0, 5.0), (30.0, 15.0), (10.0, 15.0)]
    things = [thing(outline(STAR, "ann")), thing(outline(square, "bob")), thing(outline(square, "ann"))]
    found = read(written(tmp_path / "im_1.xml", document(*things)))
    assert [(each.annotator, len(each.regions)) for each in found.annotations] == [("ann", 2), ("bob", 1)]
    nobody = document(thing(outline(STAR, "anonymous")), thing(outline(square, "cvat")), thing(outline(square)))
    assert only(written(tmp_path / "im_2.xml", nobody)).annotator == ""


def test_what_was_deleted_or_has_no_shape_is_counted(tmp_path: Path) -> None:
    things = [thing(outline(STAR), deleted=1), thing(""), thing(outline(STAR[:2])), thing(outline(STAR))]
    found = read(written(tmp_path / "im_1.xml", document(*things)))
    assert len(found.annotations[0].regions) == 1
    assert found.unused["objects that were deleted"] == 1 and sum(found.unused.values()) == 3
    assert only(written(tmp_path / "im_2.xml", document())).note == NOTHING_DRAWN


def test_a_mask_that_is_not_there_or_of_another_size_is_said(tmp_path: Path) -> None:
    path = written(tmp_path / "im_1.xml", document(thing(segm("im_1_mask_0.png"))))
    with pytest.raises(UnreadableImageError, match=r"im_1_mask_0\.png is not there: keep the folder Masks"):
        pixels(only(path))
    mask = mask_file(tmp_path / "Masks" / "im_1_mask_0.png", some_mask(5, 7))
    with pytest.raises(UnreadableImageError, match="is 7 × 5 large, and its image 80 × 60"):
        pixels(only(path))
    mask.write_bytes(b"no picture")
    with pytest.raises(UnreadableImageError, match="cannot be decoded"):
        pixels(only(path))


def test_no_mask_is_taken_from_outside_of_the_export(tmp_path: Path) -> None:
    mask_file(tmp_path / "secret.png", some_mask(*SIZE))
    for name in ("../../secret.png", str(tmp_path / "secret.png")):
        annotation = only(written(tmp_path / "a" / "im_1.xml", document(thing(segm(name)))))
        with pytest.raises(UnreadableImageError, match="is not there"):
            pixels(annotation)


@pytest.mark.parametrize("broken", [("<x>20.30</x>", "<x>here</x>"), ("<nrows>60</nrows>", "<nrows>tall</nrows>")])
def test_a_broken_file_gets_a_sentence_or_is_counted(tmp_path: Path, broken: tuple[str, str]) -> None:
    path = written(tmp_path / "im_1.xml", document(thing(outline(STAR))).replace(*broken))
    try:
        found = read(path)
    except AnnotriageError as error:
        assert "im_1.xml" in str(error)
    else:
        assert found.unused and found.annotations[0].note == "none of its outlines can be used"


@pytest.mark.slow
def test_an_export_a_person_is_measured_and_its_masks_are_no_images(tmp_path: Path) -> None:
    """Photographs, XML and masks of two exports: neither a photograph nor a mask file is anybody's outline."""
    inside = np.zeros(SIZE, dtype=bool)
    inside[10:40, 10:50] = True
    moved = np.roll(inside, 5, axis=1)
    for who, drawn in (("ann", inside), ("bob", moved)):
        default = tmp_path / who / "default"
        for name in ("im_1", "im_2"):
            mask_file(default / "Masks" / f"{name}_mask_0.png", drawn)
            written(default / f"{name}.xml", document(thing(segm(f"{name}_mask_0.png")), name=f"{name}.jpg"))
            noise = np.random.default_rng(0).integers(0, 255, (*SIZE, 3), dtype=np.uint8)
            Image.fromarray(noise).save(default / f"{name}.jpg")
    found = annotriage.agree(tmp_path)
    assert len(found.images) == 2
    truth = 2 * (inside & moved).sum() / (inside.sum() + moved.sum())
    assert found.images["dice_mean"].tolist() == pytest.approx([truth, truth])
    left = without_masks(find_images(tmp_path / "ann" / "default"))
    assert [each.name for each in left] == ["im_1.jpg", "im_2.jpg"]
