"""CVAT for images, against COCO's own masks, with which CVAT makes pixels of polygons."""

from pathlib import Path
from typing import Any

import numpy as np
import pycocotools.mask as coco
import pytest
import skimage.draw
from hypothesis import given
from hypothesis import strategies as st

from annotriage.annotations.annotation import NOTHING_DRAWN
from annotriage.annotations.formats.cvat import BY_A_MODEL, CONSENSUS
from annotriage.errors import AnnotriageError
from annotriage.images import UnreadableImageError
from tests.annotations.exports import SIZE, STAR, Inside, only, pixels, read, some_mask, written

POINTS = ";".join(f"{x:.2f},{y:.2f}" for x, y in STAR)
POLYGON = f'<polygon label="lesion" source="manual" occluded="0" points="{POINTS}" z_order="0"></polygon>'
JOB = "<job><id>3</id><owner><username>boss</username></owner><assignee>{}</assignee></job>"


def export(*images: str, meta: str = "<task><id>1</id><assignee></assignee></task>") -> str:
    head = f'<?xml version="1.0" encoding="utf-8"?>\n<annotations><version>1.1</version><meta>{meta}</meta>'
    return f"{head}{''.join(images)}</annotations>"


def image(*shapes: str, name: str = "im_1.jpg", more: str = "") -> str:
    return f'<image id="0" name="{name}" {more} width="{SIZE[1]}" height="{SIZE[0]}">{"".join(shapes)}</image>'


def mask(inside: Inside, top: int, left: int) -> str:
    """Return a mask as CVAT encodes it: by rows, what is not marked first."""
    flat = inside.ravel()
    edges = np.flatnonzero(np.diff(flat)) + 1
    runs = np.diff([0, *edges.tolist(), flat.size]).tolist()
    rle = ", ".join(map(str, [0, *runs] if flat[0] else runs))
    height, width = inside.shape
    return f'<mask label="lesion" source="semi-auto" occluded="0" rle="{rle}" left="{left}" top="{top}" ' \
           f'width="{width}" height="{height}" z_order="0"></mask>'  # fmt: skip


def test_polygons_are_marked_as_coco_marks_them(tmp_path: Path) -> None:
    annotation = only(written(tmp_path / "annotations.xml", export(image(POLYGON))))
    assert (annotation.image, annotation.annotator, annotation.size) == ("im_1", "", SIZE)
    theirs = coco.decode(coco.merge(coco.frPyObjects([[each for corner in STAR for each in corner]], *SIZE))) > 0
    assert (pixels(annotation) != theirs).sum() <= 0.01 * theirs.sum()


@pytest.mark.slow
@given(st.integers(1, 12), st.integers(1, 12), st.integers(0, 1000), st.integers(0, 40), st.integers(0, 40))
def test_masks_come_back_to_the_pixel(
    tmp_path_factory: pytest.TempPathFactory, height: int, width: int, seed: int, top: int, left: int
) -> None:
    inside = some_mask(height, width, seed)
    file = tmp_path_factory.mktemp("cvat") / "a.xml"
    marked = pixels(only(written(file, export(image(mask(inside, top, left))))))
    assert (marked[top : top + height, left : left + width] == inside).all() and marked.sum() == inside.sum()


@pytest.mark.parametrize("rle", ["", "5", "600, 1", "-1, 601", "a, b", "9999999999999999999999"])
def test_a_broken_mask_says_so_when_its_pixels_are_asked_for(tmp_path: Path, rle: str) -> None:
    broken = f'<mask label="lesion" rle="{rle}" left="1" top="1" width="30" height="20"/>'
    annotation = only(written(tmp_path / "a.xml", export(image(broken))))
    with pytest.raises(UnreadableImageError, match="30 × 20"):
        pixels(annotation)


def test_boxes_and_ellipses_are_turned(tmp_path: Path) -> None:
    box = '<box label="lesion" xtl="20.00" ytl="10.00" xbr="60.00" ybr="30.00"/>'
    assert pixels(only(written(tmp_path / "a.xml", export(image(box))))).sum() == 800
    turned = box.replace("/>", ' rotation="90.00"/>')
    assert pixels(only(written(tmp_path / "b.xml", export(image(turned)))))[0:40, 30:50].all()
    ellipse = '<ellipse label="lesion" cx="40.50" cy="30.50" rx="22.50" ry="10.00" rotation="330.00"/>'
    theirs = np.zeros(SIZE, dtype=bool)
    theirs[skimage.draw.ellipse(30, 40, 10, 22.5, SIZE, rotation=np.radians(30))] = True
    assert (pixels(only(written(tmp_path / "c.xml", export(image(ellipse))))) == theirs).all()


def test_what_has_no_area_is_counted(tmp_path: Path) -> None:
    skeleton = '<skeleton label="s"><points label="1" outside="1" points="1,2"/></skeleton>'
    lines = f'<polyline label="lesion" points="{POINTS}"/><points label="a" points="1,2;3,4"/>'
    others = '<tag label="blurred" source="manual"/><cuboid label="a" xtl1="1"/><blob label="a"/>'
    found = read(written(tmp_path / "a.xml", export(image(POLYGON, lines, skeleton, others))))
    assert len(found.annotations[0].regions) == 1 and sum(found.unused.values()) == 6


def test_what_a_model_drew_or_several_people_is_no_persons(tmp_path: Path) -> None:
    by_model, merged = (POLYGON.replace("manual", source) for source in ("auto", "consensus"))
    images = [
        image(POLYGON, by_model),
        image(by_model),
        image(merged),
        image(),
        image('<tag label="blurred"/>'),
        image("<blob/>"),
    ]
    found = read(written(tmp_path / "a.xml", export(*images)))
    notes = ["", BY_A_MODEL, CONSENSUS, NOTHING_DRAWN, NOTHING_DRAWN, NOTHING_DRAWN]
    assert [each.note for each in found.annotations] == notes
    assert [len(each.regions) for each in found.annotations] == [1, 0, 1, 0, 0, 0]


@pytest.mark.parametrize(
    ("meta", "who"),
    [
        (JOB.format("<username>bob</username><email>b@c.de</email>"), "bob"),
        (JOB.format(""), ""),
        (JOB.replace("job", "task").format("<username>bob</username>"), "bob"),
        ("", ""),
    ],
)
def test_the_assignee_drew_and_not_the_owner(tmp_path: Path, meta: str, who: str) -> None:
    assert only(written(tmp_path / "a.xml", export(image(POLYGON), meta=meta))).annotator == who


def test_a_project_has_a_task_for_each_person(tmp_path: Path) -> None:
    tasks = "".join(
        f"<task><id>{number}</id><owner><username>boss</username></owner>"
        f"<assignee><username>{who}</username></assignee></task>"
        for number, who in ((7, "bob"), (8, "alice"))
    )
    images = [image(POLYGON, more=f'subset="x" task_id="{number}"', name="a/im_1.jpg") for number in (8, 7)]
    found = read(written(tmp_path / "a.xml", export(*images, meta=f"<project><tasks>{tasks}</tasks></project>")))
    assert [each.annotator for each in found.annotations] == ["alice", "bob"]
    assert {each.image for each in found.annotations} == {"a/im_1"}


def test_a_video_says_what_to_export(tmp_path: Path) -> None:
    track = f'<track id="0" label="lesion"><polygon frame="0" outside="0" points="{POINTS}"/></track>'
    with pytest.raises(AnnotriageError, match="CVAT for images"):
        read(written(tmp_path / "a.xml", export(track)))


@pytest.mark.parametrize(
    "broken",
    [
        export(image(POLYGON))[:-40],
        export(image(POLYGON.replace("20.30", "left"))),
        export(image(POLYGON)).replace('width="80"', 'width="wide"'),
        '<?xml version="1.0"?><!DOCTYPE a [<!ENTITY a "ha">]><annotations><meta/><image name="&a;"/></annotations>',
        "",
    ],
)
def test_a_broken_file_gets_a_sentence_or_nothing_of_it_is_used(tmp_path: Path, broken: Any) -> None:
    path = written(tmp_path / "a.xml", broken)
    try:
        found = read(path)
    except AnnotriageError as error:
        assert str(path) in str(error)
    else:
        assert all(each.note for each in found.annotations)
