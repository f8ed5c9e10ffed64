"""Label Studio's exports: whose annotation of which image counts, whatever version and way of export it came by."""

import base64
import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from annotriage.annotations.annotation import Annotation, ReadAnnotations
from annotriage.annotations.label_studio import tasks as studio
from annotriage.annotations.reading import NO_IMAGE_NOTE, read_annotations
from annotriage.errors import AnnotriageError
from tests.annotations.studio_exports import SQUARE, annotation, brush, dice, disc, mask_of, polygon, read, region, task

LATER = "2026-03-02T10:00:00.000000Z"
CHOICE = {"id": "c", "from_name": "decision", "to_name": "image", "type": "choices", "value": {"choices": ["routine"]}}


def used(found: ReadAnnotations) -> list[tuple[str, str]]:
    return [(each.image, each.annotator) for each in found.annotations if not each.note]


def notes(found: ReadAnnotations) -> list[str]:
    return [each.note for each in found.annotations]


def only(found: ReadAnnotations) -> Annotation:
    [each] = found.annotations
    return each


# The real export


@pytest.mark.parametrize("name", ["JSON.json", "JSON_MIN.json", "CSV.csv"])
def test_the_real_exports_give_the_agreement_that_they_must(peer_samples: Path, name: str) -> None:
    found = read_annotations(peer_samples / "labelstudio_real" / name)
    assert found is not None
    masks = {(each.image, each.annotator): mask_of(each) for each in found.annotations if each.regions}
    images = ("ISIC_0013998", "ISIC_0012512", "ISIC_0014786")
    measured = [dice(masks[image, "2"], masks[image, "3"]) for image in images]
    assert measured == pytest.approx([0.8313, 0.8313, 0.7829], abs=5e-5)
    alone = [each for each in found.annotations if each.image == "ISIC_0013369"]
    assert [(each.annotator, len(each.regions)) for each in alone] == [("2", 2)]
    empty = [each for each in found.annotations if not each.regions]
    assert [(each.image, each.annotator, each.note) for each in empty] == [("ISIC_0012167", "2", "")]
    assert any("without any region counts as saying that there is nothing" in each for each in found.remarks)
    assert masks["ISIC_0013369", "2"].sum() == 5059 + 448


def test_when_it_was_drawn_and_for_how_long(peer_samples: Path) -> None:
    found = read_annotations(peer_samples / "labelstudio_real" / "JSON.json")
    assert found is not None
    first = found.annotations[0]
    assert first.seconds == 12.5
    assert first.finished == datetime(2026, 11, 30, 2, 21, 12, 653878, tzinfo=UTC)


# Who


@pytest.mark.parametrize(
    ("said", "who"),
    [
        (2, "2"),
        ("2", "2"),
        ({"id": 7, "email": "ada@example.org", "first_name": "Ada", "last_name": "L"}, "ada@example.org"),
        ({"id": 7, "email": "", "first_name": "Ada", "last_name": "L"}, "Ada L"),
        ({"id": 7, "email": None, "first_name": "", "last_name": ""}, "7"),
        (None, ""),
        (True, ""),
        ([], ""),
    ],
)
def test_people_are_called_as_the_export_calls_them(tmp_path: Path, said: Any, who: str) -> None:
    assert only(read(tmp_path, [task(annotation(polygon(SQUARE), by=said))])).annotator == who


def test_the_api_names_people_beside(tmp_path: Path) -> None:
    made = annotation(polygon(SQUARE), by=None, created_username="Ada Lovelace ada@example.org, 3")
    assert only(read(tmp_path, [task(made)])).annotator == "ada@example.org"


def test_annotations_of_nobody_are_kept_apart(tmp_path: Path) -> None:
    made = [annotation(polygon(SQUARE), by=None), annotation(polygon(SQUARE), by=None)]
    found = read(tmp_path, [task(*made), task(made[0], image="b.jpg")])
    assert used(found) == [("lesions/im_1", "unnamed 1"), ("lesions/im_1", "unnamed 2"), ("b", "unnamed 1")]
    assert any("does not say who annotated" in each for each in found.remarks)


def test_one_annotation_of_nobody_is_left_to_the_file_s_name(tmp_path: Path) -> None:
    assert only(read(tmp_path, [task(annotation(polygon(SQUARE), by=None))])).annotator == ""


# What counts


def test_no_region_says_that_there_is_nothing_and_no_annotation_says_nothing(tmp_path: Path) -> None:
    found = read(
        tmp_path, [task(annotation(polygon(SQUARE))), task(annotation(by=3), image="b.jpg"), task(image="c.jpg")]
    )
    assert used(found) == [("lesions/im_1", "2"), ("b", "3")]
    assert found.annotations[1].regions == ()
    assert any("without any region counts as saying that there is nothing" in each for each in found.remarks)


@pytest.mark.parametrize("field", ["was_cancelled", "skipped"])
def test_skipped_annotations_do_not_count(tmp_path: Path, field: str) -> None:
    found = read(tmp_path, [task(annotation(polygon(SQUARE)), annotation(by=3, **{field: True}))])
    assert notes(found) == ["", studio.SKIPPED]


def test_drafts_and_predictions_are_nobody_s_annotation(tmp_path: Path) -> None:
    draft = {"id": 4, "user": "b@example.org", "result": [polygon(SQUARE)], "lead_time": 3.0}
    prediction = {"id": 9, "model_version": "bundled", "result": [polygon(SQUARE)], "score": 0.5}
    found = read(tmp_path, [task(annotation(polygon(SQUARE)), drafts=[draft], predictions=[prediction, 7])])
    assert notes(found) == ["", studio.DRAFT, studio.PREDICTION]
    assert [each.annotator for each in found.annotations] == ["2", "b@example.org", "bundled"]


def test_predictions_without_regions_are_not_listed(tmp_path: Path) -> None:
    prediction = {"model_version": "bundled", "result": [CHOICE]}
    assert len(read(tmp_path, [task(annotation(polygon(SQUARE)), predictions=[prediction])]).annotations) == 1


def test_of_several_of_one_person_the_last_counts_and_it_is_told(tmp_path: Path) -> None:
    first = annotation(polygon(SQUARE), id=1)
    again = annotation(brush(disc(60, 45, 20)), id=2, updated_at=LATER)
    for order in ([first, again], [again, first]):
        found = read(tmp_path, [task(*order, annotation(polygon(SQUARE), by=3))])
        [kept] = [each for each in found.annotations if not each.note and each.annotator == "2"]
        assert mask_of(kept).sum() == disc(60, 45, 20).sum()
        assert sorted(notes(found)) == ["", "", studio.EARLIER]


def test_a_later_one_that_was_skipped_replaces_nothing(tmp_path: Path) -> None:
    skipped = annotation(was_cancelled=True, updated_at=LATER)
    assert notes(read(tmp_path, [task(annotation(polygon(SQUARE)), skipped)])) == ["", studio.SKIPPED]


def test_an_image_that_is_in_the_project_twice(tmp_path: Path) -> None:
    tasks = [task(annotation(polygon(SQUARE)), id=1), task(annotation(polygon(SQUARE), updated_at=LATER), id=2)]
    assert notes(read(tmp_path, tasks)) == [studio.EARLIER, ""]


def test_without_times_the_one_that_stands_last_counts(tmp_path: Path) -> None:
    made = [annotation(polygon(SQUARE), created_at=None, updated_at=None) for _ in range(2)]
    assert notes(read(tmp_path, [task(*made)])) == [studio.EARLIER, ""]


def test_an_answer_of_the_api_that_leaves_regions_out_does_not_say_nothing(tmp_path: Path) -> None:
    stub = annotation(is_stub=True)
    del stub["result"]
    assert notes(read(tmp_path, [task(stub), task(annotation(polygon(SQUARE)), image="b.jpg")])) == [
        studio.NO_RESULT,
        "",
    ]


@pytest.mark.parametrize("when", ["2026-03-01", "2026-03-01T10:00:00", 1772359200, "x", None, {}])
def test_times_in_any_form(tmp_path: Path, when: Any) -> None:
    finished = only(read(tmp_path, [task(annotation(polygon(SQUARE), created_at=when, updated_at=when))])).finished
    assert finished is None or finished.tzinfo is not None
    assert (finished is None) == (when in ("x", None, {}))


@pytest.mark.parametrize("seconds", [None, "x", -1, float("nan"), float("inf")])
def test_a_time_that_is_none(tmp_path: Path, seconds: Any) -> None:
    assert only(read(tmp_path, [task(annotation(polygon(SQUARE), lead_time=seconds))])).seconds is None


# Which image


@pytest.mark.parametrize(
    ("data", "name"),
    [
        ({"image": "/data/local-files/?d=lesions/sub/%C3%BC%201.png", "name": "sub/ü 1.png"}, "sub/ü 1"),
        ({"image": "/data/local-files/?d=lesions/sub/%C3%BC%201.png"}, "lesions/sub/ü 1"),
        ({"image": "/data/upload/3/0a1b2c3d-im_1.jpg"}, "im_1"),
        ({"image": "/data/upload/3/0a1b2c3d-im_1.jpg", "name": "im 1.jpg", "rank": 1}, "im 1"),
        ({"image": "s3://bucket/lesions/im_1.jpg"}, "lesions/im_1"),
        ({"image": "https://x.org/lesions/im_1.jpg?sig=a%2Fb"}, "lesions/im_1"),
        ({"img": "im_1.jpg", "patient": "P. Smith"}, "im_1"),
        ({"img": "im_1.jpg", "name": "P. Smith"}, "im_1"),
        ({"photo": "a/im_1.jpg", "name": "im_1"}, "im_1"),
        ({"image": "https://x.org/view/17"}, "view/17"),
        ({"image": "data:image/png;base64,AAAA", "name": "im_1.png"}, "im_1"),
        ({"$undefined$": "/data/upload/3/0a1b2c3d-im_1.jpg"}, "im_1"),
    ],
)
def test_images_by_whatever_address(tmp_path: Path, data: dict[str, Any], name: str) -> None:
    assert only(read(tmp_path, [task(annotation(polygon(SQUARE)), data=data)])).image == name


def test_an_address_through_the_server_is_that_in_the_store(tmp_path: Path) -> None:
    inner = base64.urlsafe_b64encode(b"s3://bucket/lesions/im_1.jpg").decode()
    made = task(annotation(polygon(SQUARE)), image=f"/tasks/7/resolve/?fileuri={inner}")
    assert only(read(tmp_path, [made])).image == "lesions/im_1"


def test_an_image_by_the_name_of_its_file(tmp_path: Path) -> None:
    stored = task(annotation(polygon(SQUARE)), data={"x": 1}, storage_filename="lesions/im_1.jpg")
    uploaded = task(annotation(polygon(SQUARE)), data={}, file_upload="0a1b2c3d-im_2.jpg")
    nowhere = task(annotation(polygon(SQUARE)), data={"x": 1})
    found = read(tmp_path, [stored, uploaded, nowhere]).annotations
    assert [each.image for each in found] == ["lesions/im_1", "im_2", ""]
    assert found[2].note != "" and found[2].note != NO_IMAGE_NOTE


def test_several_images_of_a_task_by_their_place(tmp_path: Path) -> None:
    made = annotation(polygon(SQUARE) | {"item_index": 1}, polygon(SQUARE) | {"item_index": 1})
    found = read(tmp_path, [task(made, data={"pages": ["a.jpg", "b.jpg", "c.jpg"]})])
    assert [(each.image, len(each.regions)) for each in found.annotations] == [("a", 0), ("b", 2), ("c", 0)]
    assert notes(found) == ["", "", ""]


def test_a_place_that_a_task_has_not(tmp_path: Path) -> None:
    found = read(tmp_path, [task(annotation(polygon(SQUARE) | {"item_index": 5}), data={"pages": ["a.jpg", "b.jpg"]})])
    assert all(each.note for each in found.annotations if each.regions)


def test_several_images_of_a_task_by_the_names_of_their_tags(tmp_path: Path) -> None:
    data = {"clinic": "a.jpg", "dermoscopy": "b.jpg"}
    drawn = polygon(SQUARE) | {"to_name": "dermoscopy"}
    found = read(tmp_path, [task(annotation(drawn), data=data), task(annotation(by=3), data=data)])
    # Nobody draws on the clinical photographs: that they have no regions says nothing.
    assert [(each.image, each.annotator, len(each.regions)) for each in found.annotations] == [
        ("b", "2", 1),
        ("b", "3", 0),
    ]


def test_several_images_of_a_task_and_a_tag_called_otherwise(tmp_path: Path) -> None:
    found = read(tmp_path, [task(annotation(polygon(SQUARE)), data={"clinic": "a.jpg", "dermoscopy": "b.jpg"})])
    [note] = {each.note for each in found.annotations if each.regions}
    assert "several images (clinic, dermoscopy)" in note


# Ways of export


def test_other_ways_to_the_same_tasks(tmp_path: Path) -> None:
    made = annotation(polygon(SQUARE))
    whole = task(made)
    alone = {**made, "task": {"id": 31, "data": whole["data"]}, "completed_by": {"id": 2, "email": "a@example.org"}}
    old = {key: value for key, value in whole.items() if key != "annotations"} | {"completions": [made]}
    for document in (whole, {"tasks": [whole], "total": 1}, [old], [alone], alone, {"annotation": made, "task": whole}):
        found = only(read(tmp_path, document))
        assert (found.image, found.annotator[:1] in "2a", len(found.regions)) == ("lesions/im_1", True, 1)


def test_a_task_a_line(tmp_path: Path) -> None:
    lines = "\n".join(json.dumps(task(annotation(polygon(SQUARE)), image=name)) for name in ("a.jpg", "b.jpg"))
    assert used(read(tmp_path, lines + "\n", "export.jsonl")) == [("a", "2"), ("b", "2")]


def condensed(by: Any, name: str = "a.jpg", **controls: Any) -> dict[str, Any]:
    said = {"annotation_id": 4, "created_at": LATER, "updated_at": LATER, "lead_time": 2.5}
    return {"image": name, "name": name, "id": 31, "annotator": by, **said, **controls}


def values(*regions: dict[str, Any]) -> list[dict[str, Any]]:
    """Return regions as JSON_MIN has them: without their ids, kinds and controls."""
    sizes = ("original_width", "original_height")
    return [{**each["value"], **{size: each[size] for size in sizes}} for each in regions]


def test_condensed(tmp_path: Path) -> None:
    lesion = values(polygon(SQUARE), brush(disc(60, 45, 20)))
    found = read(tmp_path, [condensed(2, lesion=lesion, decision="expert"), condensed("b@example.org", lesion=lesion)])
    assert used(found) == [("a", "2"), ("a", "b@example.org")]
    assert [len(each.regions) for each in found.annotations] == [2, 2]
    assert (found.annotations[0].seconds, found.annotations[0].labels) == (2.5, ("lesion",))


def test_condensed_regions_with_a_label_of_another_control(tmp_path: Path) -> None:
    drawn = values(region("polygon", {"points": SQUARE}))
    labelled = [{**drawn[0], "labels": ["hair"]}]
    found = read(tmp_path, [condensed(2, tool=drawn, kind=labelled), condensed(3, tool=drawn)])
    assert [[part.label for part in each.regions] for each in found.annotations] == [["hair"], [""]]


def test_condensed_tells_nothing_drawn_from_not_done(tmp_path: Path) -> None:
    not_done = condensed(None, "c.jpg") | {"annotation_id": None}
    found = read(tmp_path, [condensed(2, lesion=values(polygon(SQUARE))), condensed(2, "b.jpg"), not_done])
    assert used(found) == [("a", "2"), ("b", "2")]


@pytest.mark.parametrize("delimiter", [",", "\t"])
def test_a_table(tmp_path: Path, delimiter: str) -> None:
    import csv

    records = [
        condensed(2, lesion=json.dumps(values(brush(disc(60, 45, 20))))),
        condensed(3, note='a, "b"\nc', lesion=""),
    ]
    path = tmp_path / ("export.csv" if delimiter == "," else "export.tsv")
    with path.open("w", encoding="utf-8", newline="") as file:
        names = sorted({name for each in records for name in each})
        writer = csv.DictWriter(file, names, quoting=csv.QUOTE_NONNUMERIC, delimiter=delimiter)
        writer.writeheader()
        writer.writerows(records)
    found = read_annotations(path)
    assert found is not None and used(found) == [("a", "2"), ("a", "3")]
    assert (mask_of(found.annotations[0]) == disc(60, 45, 20)).all()


def test_a_table_whose_long_cells_a_spreadsheet_cut(tmp_path: Path) -> None:
    cut = json.dumps(values(brush(disc(60, 45, 20))))[:300].replace('"', '""')
    heading = "annotation_id,annotator,created_at,image,lead_time,lesion,updated_at\n"
    with pytest.raises(AnnotriageError, match=r"line 2: the cell lesion breaks off after 300 characters"):
        read(tmp_path, f'{heading}4,2,x,a.jpg,1,"{cut}",x\n', "export.csv")


def test_another_table_is_none(tmp_path: Path) -> None:
    path = tmp_path / "masks.csv"
    path.write_text("image,annotator,mask\na,bob,a.png\n")
    assert read_annotations(path) is None


# Files that hold nothing


def test_tasks_that_nobody_annotated(tmp_path: Path) -> None:
    prediction = {"model_version": "m", "result": [polygon(SQUARE)]}
    for tasks in ([task()], [{"data": {"image": "a.jpg"}}], [task(annotations=[], predictions=[prediction])]):
        with pytest.raises(AnnotriageError, match="that nobody has annotated"):
            read(tmp_path, tasks)


def test_our_own_export_that_was_not_imported_yet(tmp_path: Path) -> None:
    tasks = [
        {
            "data": {"image": "a.jpg", "name": "a.jpg"},
            "predictions": [{"model_version": "m", "result": [], "score": 0.5}],
        }
    ]
    with pytest.raises(AnnotriageError, match="export the project after people have submitted"):
        read(tmp_path, tasks)


def test_a_project_in_which_people_choose_and_do_not_draw(tmp_path: Path) -> None:
    with pytest.raises(AnnotriageError, match="drew nothing"):
        read(tmp_path, [task(annotation(CHOICE)), task(annotation(CHOICE), image="b.jpg")])


def test_one_task_of_such_a_project_is_one_without_regions(tmp_path: Path) -> None:
    assert only(read(tmp_path, task(annotation(CHOICE)))).regions == ()


def test_the_decisions_of_another_sample_are_no_outlines(peer_samples: Path) -> None:
    with pytest.raises(AnnotriageError, match="3 annotations of Label Studio without any outline"):
        read_annotations(peer_samples / "labelstudio_json_min.json")


@pytest.mark.parametrize("strange", [7, None, "x", []])
def test_strange_entries_are_counted(tmp_path: Path, strange: Any) -> None:
    found = read(tmp_path, [task(annotation(polygon(SQUARE))), strange])
    assert found.unused == {"entries that are no tasks": 1}


def test_a_mask_is_not_unpacked_before_it_is_asked_for(tmp_path: Path) -> None:
    broken = region("brushlabels", {"rle": [1, 2, 3], "format": "rle"})
    found = only(read(tmp_path, [task(annotation(broken))]))
    assert len(found.regions) == 1
    with pytest.raises(AnnotriageError, match="damaged"):
        found.regions[0].shape.marked((90, 120))


def test_long_lists_are_kept_as_bytes(tmp_path: Path) -> None:
    found = only(read(tmp_path, [task(annotation(brush(disc(60, 45, 20))))]))
    assert isinstance(found.regions[0].shape.packed, bytes)  # type: ignore[attr-defined]
    assert isinstance(mask_of(found), np.ndarray)
