"""Agreement of what real tools export: labels by name and by number, one file for several people, tools mixed."""

import zipfile
from pathlib import Path
from typing import Any

import nibabel
import numpy as np
import pytest
from numpy.typing import NDArray

from annotriage.agreement.finding import find_masks
from annotriage.agreement.label_choice import UnclearLabelsError, settle_label
from annotriage.agreement.mask_labels import ALL
from annotriage.agreement.mask_set import MaskSet
from annotriage.agreement.measuring import measure
from tests.annotations.exports import written

SIZE = (60, 80)
BOB = np.zeros(SIZE, np.uint8)
BOB[10:40, 10:40] = 1
ALICE = np.zeros(SIZE, np.uint8)
ALICE[10:40, 20:50] = 1
HAIR = np.zeros(SIZE, np.uint8)
HAIR[45:55] = 1
DICE = 2 / 3


def nifti(path: Path, values: NDArray[Any]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    image = nibabel.Nifti1Image(values.T[:, :, None], np.diag([-1, -1, 1, 1]))  # type: ignore[no-untyped-call]
    nibabel.save(image, path)  # type: ignore[attr-defined]


def array(path: Path, values: NDArray[Any]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    np.save(path, values)


def labelme(path: Path, left: int, label: str = "lesion") -> None:
    shape = {"label": label, "points": [[left, 10], [left + 29, 39]], "shape_type": "rectangle"}
    document = {"version": "5.5.0", "shapes": [shape], "imagePath": f"{path.stem}.jpg", "imageData": None,
                "imageHeight": SIZE[0], "imageWidth": SIZE[1]}  # fmt: skip
    written(path, document)


def dice(found: MaskSet) -> list[float]:
    label, _ = settle_label(found)
    measured = list(measure(found, label=label, with_distances=False))
    return [each.agreement.dice_mean for each in measured if each.agreement is not None]


def test_numbers_beside_names_are_no_other_label(tmp_path: Path) -> None:
    for image in ("im_1", "im_2"):
        nifti(tmp_path / "bob" / f"{image}.nii.gz", BOB)
        labelme(tmp_path / "alice" / f"{image}.json", 20)
        array(tmp_path / "carol" / f"{image}.npy", ALICE.astype(bool))
    found = find_masks([tmp_path])
    assert found.annotators() == ["alice", "bob", "carol"]
    assert dice(found) == pytest.approx([(DICE + DICE + 1) / 3] * 2)


def test_one_and_white_are_no_different_labels(tmp_path: Path) -> None:
    for image in ("im_1", "im_2"):
        array(tmp_path / "bob" / f"{image}.npy", BOB)
        array(tmp_path / "alice" / f"{image}.npy", ALICE * np.uint8(255))
    assert dice(find_masks([tmp_path])) == pytest.approx([DICE] * 2)


def test_everybodys_own_number_is_that_of_his_pen(tmp_path: Path) -> None:
    for image in ("im_1", "im_2"):
        nifti(tmp_path / "bob" / f"{image}.nii.gz", BOB)
        nifti(tmp_path / "alice" / f"{image}.nii.gz", ALICE * np.uint8(2))
    label, told = settle_label(find_masks([tmp_path]))
    assert label == ALL and "his pen" in told


def test_several_numbers_are_asked_for(tmp_path: Path) -> None:
    for who, mask in (("bob", BOB), ("alice", ALICE)):
        for image in ("im_1", "im_2"):
            nifti(tmp_path / who / f"{image}.nii.gz", mask + 2 * HAIR)
    found = find_masks([tmp_path])
    with pytest.raises(UnclearLabelsError) as error:
        settle_label(found)
    assert [each.label for each in error.value.choices] == ["1", "2", "all"]
    measured = list(measure(found, label="1", with_distances=False))
    assert [each.agreement.dice_mean for each in measured if each.agreement] == pytest.approx([DICE] * 2)


def test_a_project_of_cvat_holds_what_several_people_drew(tmp_path: Path) -> None:
    people = {"7": ("bob", 10), "8": ("alice", 20)}
    tasks = "".join(
        f"<task><id>{number}</id><assignee><username>{who}</username></assignee></task>"
        for number, (who, _) in people.items()
    )
    images = "".join(
        f'<image id="0" name="{image}.jpg" subset="default" task_id="{number}" width="80" height="60">'
        f'<box label="lesion" xtl="{left}" ytl="10" xbr="{left + 30}" ybr="40"/></image>'
        for number, (_, left) in people.items()
        for image in ("im_1", "im_2")
    )
    text = f"<annotations><meta><project><tasks>{tasks}</tasks></project></meta>{images}</annotations>"
    found = find_masks([written(tmp_path / "annotations.xml", text)])
    assert found.annotators() == ["alice", "bob"] and dice(found) == pytest.approx([DICE] * 2)


def test_objects_of_several_people_in_supervisely_are_compared(tmp_path: Path) -> None:
    for image in ("im_1", "im_2"):
        objects = [
            {"geometryType": "rectangle", "classTitle": "lesion", "labelerLogin": who,
             "points": {"exterior": [[left, 10], [left + 29, 39]], "interior": []}}
            for who, left in (("bob", 10), ("alice", 20))
        ]  # fmt: skip
        document = {"description": "", "tags": [], "size": {"height": 60, "width": 80}, "objects": objects}
        written(tmp_path / "project" / "ds" / "ann" / f"{image}.jpg.json", document)
    classes = {"classes": [{"title": "lesion", "shape": "rectangle", "color": "#FA3253"}], "tags": []}
    written(tmp_path / "project" / "meta.json", classes)
    found = find_masks([tmp_path / "project"])
    assert found.annotators() == ["alice", "bob"] and dice(found) == pytest.approx([DICE] * 2)
    assert not found.remarks


@pytest.mark.parametrize("name", ["{image}_{who}.geojson", "{who}/{image}.geojson"])
def test_qupath_by_names_and_folders(tmp_path: Path, name: str) -> None:
    for image in ("im_1", "im_2", "im_3"):
        for who, left in (("bob", 10), ("alice", 20)):
            ring = [[left, 10], [left + 30, 10], [left + 30, 40], [left, 40], [left, 10]]
            feature = {"type": "Feature", "geometry": {"type": "Polygon", "coordinates": [ring]},
                       "properties": {"objectType": "annotation", "classification": {"name": "lesion"}}}  # fmt: skip
            document = {"type": "FeatureCollection", "features": [feature]}
            written(tmp_path / name.format(image=image, who=who), document)
    found = find_masks([tmp_path])
    assert found.annotators() == ["alice", "bob"] and len(found.images) == 3
    assert dice(found) == pytest.approx([DICE] * 3)


CVAT = '<annotations><meta/><image id="0" name="{}.jpg" width="80" height="60"><box label="lesion" xtl="{}" ytl="10" ' \
       'xbr="{}" ybr="40"/></image></annotations>'  # fmt: skip


@pytest.mark.parametrize("together", [True, False])
def test_archives_as_cvat_names_them(tmp_path: Path, together: bool) -> None:
    archives = []
    for who, left in (("bob", 10), ("alice", 20)):
        archive = tmp_path / f"task_{who}_annotations_2026_11_30_12_00_00_cvat for images 1.1.zip"
        with zipfile.ZipFile(archive, "w") as packed:
            packed.writestr("annotations.xml", CVAT.format("im_1", left, left + 30))
        archives.append(archive)
    found = find_masks([tmp_path] if together else archives)
    assert found.annotators() == ["alice", "bob"] and dice(found) == pytest.approx([DICE])


def test_projects_as_via_names_them(tmp_path: Path) -> None:
    for who, left, name in (("bob", 10, "via_project_23Nov2026_12h30m"), ("alice", 20, "via_project_24Nov2026_9h1m")):
        shape = {"name": "rect", "x": left, "y": 10, "width": 30, "height": 30}
        regions = [{"shape_attributes": shape, "region_attributes": {"class": "lesion"}}]
        images = {image: {"filename": f"{image}.jpg", "size": 1, "regions": regions} for image in ("im_1", "im_2")}
        written(tmp_path / who / f"{name}.json", {"_via_img_metadata": images, "_via_settings": {}})
    found = find_masks([tmp_path])
    assert found.annotators() == ["alice", "bob"] and dice(found) == pytest.approx([DICE] * 2)


def test_who_drew_what_one_file_says_and_the_others_folder_does(tmp_path: Path) -> None:
    meta = "<meta><job><assignee><username>robert</username></assignee></job></meta>"
    for who, left, said in (("bob", 10, meta), ("alice", 20, "<meta/>")):
        image = CVAT.replace("<meta/>", said).format("im_1", left, left + 30)
        written(tmp_path / who / "annotations.xml", image)
    found = find_masks([tmp_path])
    assert found.annotators() == ["alice", "robert"] and dice(found) == pytest.approx([DICE])
