"""Agreement measured from exports of Label Studio and COCO, as people have them: a file, a folder, a file a person."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from annotriage.agreement.finding import find_masks
from annotriage.agreement.label_choice import settle_label
from annotriage.agreement.mask_set import MaskSet
from annotriage.agreement.measuring import ImageAgreement, measure
from annotriage.agreement.people.mask_facts import KnownFacts
from annotriage.agreement.people.measuring_people import measure_people
from annotriage.agreement.tool_exports import AGAIN_NOTE, EARLIER_NOTE
from tests.annotations.studio_exports import (
    ADDRESS,
    SQUARE,
    WIDTH,
    annotation,
    brush,
    dice,
    disc,
    polygon,
    region,
    task,
)
from tests.annotations.test_coco import document, image, outline, packed, unpacked

ANN, BOB = disc(55, 45, 25), disc(62, 45, 25)
REAL = {"ISIC_0013998": 0.8313, "ISIC_0012512": 0.8313, "ISIC_0014786": 0.7829}


def write(path: Path, content: Any) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(content), encoding="utf-8")
    return path


def measured(found: MaskSet) -> dict[str, float]:
    label, _ = settle_label(found)
    results = measure(found, label=label, with_distances=False)
    return {each.image: each.agreement.dice_mean for each in results if each.agreement is not None}


def only(found: MaskSet) -> ImageAgreement:
    [each] = measure(found, with_distances=False)
    return each


def two(folder: Path) -> None:
    """Check that ann and bob are compared, once."""
    found = find_masks([folder])
    assert list(measured(found).values()) == pytest.approx([dice(ANN, BOB)], abs=1e-9)
    assert len(found.annotators()) == 2


@pytest.mark.slow
@pytest.mark.parametrize("part", ["", "JSON.json", "JSON_MIN.json", "CSV.csv", "BRUSH_TO_PNG", "BRUSH_TO_COCO"])
def test_the_real_export_in_each_form_and_in_all_of_them(peer_samples: Path, part: str) -> None:
    found = find_masks([peer_samples / "labelstudio_real" / part])
    values = measured(found)
    if part == "BRUSH_TO_PNG":  # which calls images by tasks
        expected = dict(zip(("task-31", "task-35", "task-37"), REAL.values(), strict=True))
    else:
        expected = REAL
    assert values == pytest.approx(expected, abs=5e-5)
    assert found.annotators() == ["2", "3"]
    if not part:
        assert len(found.left_out()[AGAIN_NOTE]) == 32


def test_the_sample_of_coco(peer_samples: Path) -> None:
    values = measured(find_masks([peer_samples / "cvat_coco"]))
    assert values == pytest.approx({"im_1": 0.8470, "im_2": 0.7450}, abs=1e-3)  # 0.850 and 0.751 by masks


def test_a_lesion_among_labels(tmp_path: Path) -> None:
    hair = [region("brushlabels", {**brush(disc(9 + at, 9, 5))["value"], "brushlabels": ["hair"]}) for at in (0, 30)]
    made = [annotation(brush(ANN), hair[0], by=2), annotation(brush(BOB), hair[1], by=3)]
    two(write(tmp_path / "export.json", [task(*made)]).parent)


def test_a_file_a_person_from_one_account(tmp_path: Path) -> None:
    """Each drew in a Label Studio of their own, where everybody is user 1."""
    for who, mask in (("ann", ANN), ("bob", BOB)):
        write(tmp_path / f"{who}.json", [task(annotation(brush(mask), by=1))])
    found = find_masks([tmp_path])
    assert found.annotators() == ["ann", "bob"]
    two(tmp_path)


def test_a_file_a_task(tmp_path: Path) -> None:
    for number, (who, mask) in enumerate((("a@example.org", ANN), ("b@example.org", BOB))):
        made = {**annotation(brush(mask), by={"id": number, "email": who}), "task": {"data": {"image": ADDRESS}}}
        write(tmp_path / f"{number}.json", made)
    two(tmp_path)


@pytest.mark.parametrize("name", ["ann.json", "ann/annotations/instances_default.json"])
def test_coco_a_file_or_a_folder_a_person(tmp_path: Path, name: str) -> None:
    write(tmp_path / name, document(outline(packed(ANN))))
    write(tmp_path / name.replace("ann", "bob", 1), document(outline(unpacked(BOB))))
    assert find_masks([tmp_path]).annotators() == ["ann", "bob"]
    two(tmp_path)


def test_coco_with_a_field(tmp_path: Path) -> None:
    made = [outline(packed(ANN), annotator="ann"), outline(packed(BOB), annotator="bob")]
    two(write(tmp_path / "annotations.json", document(*made)).parent)


def test_coco_with_entries_that_nobody_is_named_for(tmp_path: Path) -> None:
    made = document(outline(packed(ANN), of=1), outline(packed(BOB), of=2), images=[image(1), image(2)])
    two(write(tmp_path / "annotations.json", made).parent)


def test_outlines_in_per_cent_of_an_image_whose_size_nobody_says(tmp_path: Path) -> None:
    bare = {key: value for key, value in polygon(SQUARE).items() if not key.startswith("original")}
    write(tmp_path / "export.json", [task(annotation(bare, by=2), annotation(bare, by=3))])
    result = only(find_masks([tmp_path]))
    assert result.agreement is None and "The size of its image is not known" in result.error


def test_the_other_annotation_says_the_size(tmp_path: Path) -> None:
    bare = {key: value for key, value in polygon(SQUARE).items() if not key.startswith("original")}
    write(tmp_path / "export.json", [task(annotation(bare, by=2), annotation(polygon(SQUARE), by=3))])
    assert list(measured(find_masks([tmp_path])).values()) == [1]


def test_a_damaged_mask_stops_nothing_else(tmp_path: Path) -> None:
    broken = region("brushlabels", {"rle": [1, 2, 3], "format": "rle"})
    made = [task(annotation(broken, by=2), annotation(brush(BOB), by=3))]
    made += [task(annotation(brush(ANN), by=2), annotation(brush(BOB), by=3), image="im_2.jpg")]
    write(tmp_path / "export.json", made)
    first, second = measure(find_masks([tmp_path]), with_distances=False)
    assert first.agreement is None and "A brush mask is damaged" in first.error
    assert second.agreement is not None and second.agreement.dice_mean == pytest.approx(dice(ANN, BOB))


def test_nothing_to_outline_is_an_answer(tmp_path: Path) -> None:
    write(tmp_path / "export.json", [task(annotation(brush(ANN), by=2), annotation(by=3))])
    result = only(find_masks([tmp_path]))
    assert result.agreement is not None and result.agreement.dice_mean == 0
    assert len(result.empty) == 1


def test_masks_of_an_earlier_annotation_of_one_person_do_not_count(tmp_path: Path) -> None:
    """Regions of one annotation are united; those of two are versions of one person's work."""
    half = np.zeros_like(ANN)
    half[:45] = ANN[:45]
    masks = {"7-by-2": half, "9-by-2": ANN, "8-by-3": BOB}
    for name, mask in masks.items():
        Image.fromarray(mask.astype(np.uint8) * 255).save(tmp_path / f"task-31-annotation-{name}-lesion-lesion-0.png")
    found = find_masks([tmp_path])
    assert [row.path.name[:23] for row in found.left_out()[EARLIER_NOTE]] == ["task-31-annotation-7-by"]
    two(tmp_path)


def test_brush_masks_as_arrays_are_cut_at_half_of_what_is_covered(tmp_path: Path) -> None:
    for number, mask in ((2, ANN), (3, BOB)):
        soft = np.where(mask, 255, np.arange(WIDTH) % 120).astype(np.uint8)
        np.save(tmp_path / f"task-31-annotation-{number}-by-{number}-lesion-lesion-0.npy", soft)
    two(tmp_path)


def test_numbers_in_place_of_names_are_no_people(tmp_path: Path) -> None:
    """Their agreement is measured; who draws larger than others is not asked of them."""
    drawn = [annotation(brush(mask), by=None) for mask in (ANN, BOB)]
    made = [task(*drawn, image=name) for name in ("a.jpg", "b.jpg")]
    write(tmp_path / "export.json", made)
    two_images = find_masks([tmp_path])
    assert list(measured(two_images).values()) == pytest.approx([dice(ANN, BOB)] * 2, abs=1e-9)
    assert [(each.masks, each.unnamed) for each in measure_people(two_images, KnownFacts([tmp_path]))] == [((), 2)] * 2
