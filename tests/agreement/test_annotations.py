"""Annotations beside masks: who drew which image, with which label, how large it is, and nothing twice."""

import shutil
import zipfile
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from annotriage.agreement.finding import find_masks
from annotriage.agreement.label_choice import UnclearLabelsError, settle_label
from annotriage.agreement.mask_labels import ALL
from annotriage.agreement.mask_set import MaskSet
from annotriage.agreement.match_table import MatchTable
from annotriage.agreement.measuring import ImageAgreement, measure
from annotriage.agreement.metrics_table import METRICS_COLUMNS, metrics_cells, pair_cells
from annotriage.agreement.readings import UnclearMasksError
from annotriage.agreement.row_masks import mask_of
from annotriage.agreement.tool_exports import AGAIN_NOTE, EARLIER_NOTE, UNNAMED_NOTE
from annotriage.annotations.formats import listed
from annotriage.errors import AnnotriageError
from tests.agreement.masks import disc, write_mask
from tests.annotations.toy import TOY, box, toy, write_toys

BOB, ALICE = box(10, 10, 40, 40), box(20, 10, 50, 40)
DICE = 2 / 3


@pytest.fixture(autouse=True)
def toys(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(listed, "FORMATS", (TOY,))


def drawn(found: MaskSet) -> list[str]:
    return [f"{row.image} {row.annotator}".strip() for image in found.images for row in image.rows]


def measured(found: MaskSet, **options: Any) -> list[ImageAgreement]:
    return list(measure(found, **options))


def dice(found: MaskSet, **options: Any) -> list[float]:
    return [each.agreement.dice_mean for each in measured(found, **options) if each.agreement is not None]


def left_out(found: MaskSet) -> dict[str, int]:
    return {note: len(rows) for note, rows in found.left_out().items()}


def two_people(write: str, tmp_path: Path, images: Sequence[str] = ("im_1", "im_2")) -> Path:
    for who, region in (("bob", BOB), ("alice", ALICE)):
        write_toys(tmp_path / write.format(who), *(toy(f"{image}", region) for image in images))
    return tmp_path


def test_the_file_says_who_drew(tmp_path: Path) -> None:
    write_toys(
        tmp_path / "project-3-at-2026-11-30.json",
        *(toy("lesions/im_1", region, annotator=who) for who, region in (("bob", BOB), ("alice", ALICE))),
        toy("lesions/im_2", BOB, annotator="bob"),
        toy("lesions/im_3", BOB, annotator="bob", note="a draft"),
    )
    for paths in ([tmp_path], [tmp_path / "project-3-at-2026-11-30.json"]):
        found = find_masks(paths)
        assert drawn(found) == ["im_1 alice", "im_1 bob", "im_2 bob"]
        assert left_out(found) == {"a draft": 1}
        first, second = measured(found)
        assert first.agreement is not None and first.agreement.dice_mean == pytest.approx(DICE)
        assert first.error == "" and "Only bob drew it" in second.error


@pytest.mark.parametrize(
    "write",
    [
        "{}.json",
        "{}_annotations.json",
        "{}/annotations.json",
        "{}/annotations/instances_default.json",
        "{}/export/project-7-at-2026-01-01-12-00-0a1b2c3d.json",
        "study/{}/ann/annotations.json",
        "annotator_{}.json",
    ],
)
def test_files_that_do_not_say_it_are_read_like_folders_of_masks(tmp_path: Path, write: str) -> None:
    people = [write.split("/")[0].split("_ann")[0].removesuffix(".json") if "annotator" in write else "{}"]
    found = find_masks([two_people(write, tmp_path)])
    expected = [f"{image} {people[0].format(who)}" for image in ("im_1", "im_2") for who in ("alice", "bob")]
    assert drawn(found) == expected
    assert dice(found) == pytest.approx([DICE, DICE])
    files = sorted(tmp_path.rglob("*.json"))
    assert drawn(find_masks(files)) == expected, "named one by one"


@pytest.mark.parametrize(
    "write", ["{who}/{image}.json", "{image}_{who}.json", "{image}/{who}.json", "{who}/ann/{image}.jpg.json"]
)
def test_a_file_an_image_is_read_like_a_mask(tmp_path: Path, write: str) -> None:
    for image in ("im_1", "im_2"):
        for who, region in (("bob", BOB), ("alice", ALICE)):
            path = tmp_path / write.format(who=who, image=image)
            name = image if write.startswith("{who}") else path.stem
            write_toys(path, toy(name, region))
    if write == "{image}/{who}.json":
        with pytest.raises(UnclearMasksError) as unclear:
            find_masks([tmp_path])
        assert len(unclear.value.readings) > 1
        found = find_masks([tmp_path], "{image}/{annotator}")
    else:
        found = find_masks([tmp_path])
    assert drawn(found) == ["im_1 alice", "im_1 bob", "im_2 alice", "im_2 bob"]
    assert dice(found) == pytest.approx([DICE, DICE])


def test_the_image_that_a_file_names_is_believed_and_the_rest_of_its_name_is_who(tmp_path: Path) -> None:
    write_toys(tmp_path / "im_1_A_bob.json", toy("im_1_A", BOB))
    write_toys(tmp_path / "im_1_A_alice.json", toy("im_1_A", ALICE))
    write_toys(tmp_path / "carol_im_1_A.json", toy("im_1_A", ALICE))
    assert drawn(find_masks([tmp_path])) == ["im_1_A alice", "im_1_A bob", "im_1_A carol"]


def test_one_file_of_many_images_that_names_nobody_has_nobody(tmp_path: Path) -> None:
    write_toys(tmp_path / "annotations.json", toy("im_1_bob", BOB), toy("im_1_alice", ALICE), toy("im_2_bob", BOB))
    found = find_masks([tmp_path])
    assert drawn(found) == ["im_1_alice", "im_1_bob", "im_2_bob"], "images are called so, nobody is"


def test_unclear_people_are_asked_for_and_chosen_by_a_pattern(tmp_path: Path) -> None:
    two_people("{}.json", tmp_path)
    (tmp_path / "bob.json").rename(tmp_path / "set1.json")
    (tmp_path / "alice.json").rename(tmp_path / "set2.json")
    with pytest.raises(UnclearMasksError) as unclear:
        find_masks([tmp_path])
    patterns = [reading.pattern for reading in unclear.value.readings if reading.pattern is not None]
    found = find_masks([tmp_path], patterns[0])
    assert drawn(found) == ["im_1 set1", "im_1 set2", "im_2 set1", "im_2 set2"]


def test_files_and_folders_and_archives_are_people_together(tmp_path: Path) -> None:
    two_people("{}.json", tmp_path)
    write_mask(tmp_path / "carol" / "im_1.png", disc())
    (tmp_path / "dave.json").write_bytes((tmp_path / "bob.json").read_bytes())
    with zipfile.ZipFile(tmp_path / "dave.zip", "w") as archive:
        archive.write(tmp_path / "dave.json", "annotations/annotations.json")
    (tmp_path / "dave.json").unlink()
    expected = ["im_1 alice", "im_1 bob", "im_1 carol", "im_1 dave", "im_2 alice", "im_2 bob", "im_2 dave"]
    assert drawn(find_masks([tmp_path])) == expected
    names = ("bob.json", "alice.json", "carol", "dave.zip")
    assert drawn(find_masks([tmp_path / name for name in names])) == expected


def test_an_archive_is_read_once_and_not_beside_its_folder(tmp_path: Path) -> None:
    two_people("{}/annotations.json", tmp_path / "all")
    shutil.make_archive(str(tmp_path / "all"), "zip", tmp_path / "all")
    assert drawn(find_masks([tmp_path])) == ["im_1 alice", "im_1 bob", "im_2 alice", "im_2 bob"]
    assert drawn(find_masks([tmp_path / "all.zip"])) == ["im_1 alice", "im_1 bob", "im_2 alice", "im_2 bob"]


def test_broken_archives_and_files_are_named(tmp_path: Path) -> None:
    two_people("{}.json", tmp_path)
    (tmp_path / "c.zip").write_bytes(b"PK\x03\x04 cut off")
    (tmp_path / "d.json").write_text("{")
    found = find_masks([tmp_path])
    assert len(drawn(found)) == 4
    assert sorted(note.split()[0] for note in left_out(found)) == ["The", "is"]
    with pytest.raises(AnnotriageError, match=r"d\.json is no whole JSON"):
        find_masks([tmp_path / "d.json"])
    with pytest.raises(AnnotriageError, match="damaged"):
        find_masks([tmp_path / "c.zip"])
    named = find_masks([tmp_path / "alice.json", tmp_path / "bob.json", tmp_path / "c.zip"])
    assert drawn(named) == drawn(found), "named beside others, a damaged archive ends nothing either"
    assert any("c.zip" in note for note in left_out(named))


def test_notes_and_other_tables_among_the_masks_are_left_out(tmp_path: Path) -> None:
    masks = [tmp_path / f"im_{number}_{who}.png" for number in (1, 2) for who in ("ann", "bob")]
    for mask in masks:
        write_mask(mask, disc())
    (tmp_path / "notes.txt").write_text("two people drew\nthese in May\n")
    (tmp_path / "metrics.csv").write_text("image,count,dice_mean\nim,2,0.9\n")
    found = find_masks([*masks, tmp_path / "notes.txt", tmp_path / "metrics.csv"])
    assert drawn(found) == ["im_1 ann", "im_1 bob", "im_2 ann", "im_2 bob"] and sum(left_out(found).values()) == 2
    (tmp_path / "masks.csv").write_text(f"image,annotator,mask\nim,ann,{masks[0].name}\n")
    with pytest.raises(AnnotriageError, match=r"Name .*masks\.csv alone"):
        find_masks([*masks, tmp_path / "notes.txt", tmp_path / "masks.csv"])


def test_who_exported_is_not_who_drew(tmp_path: Path) -> None:
    for who, region in (("bob", BOB), ("alice", ALICE)):
        write_toys(tmp_path / who / "annotations.json", toy("im_1", region, annotator="admin"))
    found = find_masks([tmp_path])
    assert drawn(found) == ["im_1 alice", "im_1 bob"]
    assert "admin" in found.remarks[0]


def test_the_same_in_two_formats_counts_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(listed, "FORMATS", (TOY, replace(TOY, name="Other", endings=(".other",))))
    two_people("{}/annotations.json", tmp_path)
    write_toys(tmp_path / "bob" / "annotations.other", toy("im_1", BOB))
    for who in ("bob", "alice"):
        write_mask(tmp_path / who / "SegmentationClass" / "im_1.png", disc())
    found = find_masks([tmp_path])
    assert drawn(found) == ["im_1 alice", "im_1 bob", "im_2 alice", "im_2 bob"]
    assert left_out(found) == {AGAIN_NOTE: 3}
    assert dice(found) == pytest.approx([DICE, DICE])


def test_photographs_beside_annotations_are_no_masks(tmp_path: Path) -> None:
    """Not even grey ones, which are not told by what they hold."""
    write_toys(tmp_path / "export.json", toy("a", BOB, annotator="bob"), toy("a", ALICE, annotator="alice"))
    write_mask(tmp_path / "a.png", disc())
    found = find_masks([tmp_path])
    assert drawn(found) == ["a alice", "a bob"]
    assert left_out(found) == {UNNAMED_NOTE: 1}
    assert MatchTable(found.rows).matched().looks == 1, "it might be a mask after all"


def test_masks_of_people_who_export_nothing_else_join_in(tmp_path: Path) -> None:
    write_toys(tmp_path / "bob" / "annotations.json", toy("im_1", BOB))
    mask = np.zeros((60, 80), dtype=bool)
    mask[10:40, 20:50] = True
    write_mask(tmp_path / "alice" / "im_1.png", mask)
    assert dice(find_masks([tmp_path])) == pytest.approx([DICE])


def test_pieces_are_united_and_versions_are_not(tmp_path: Path) -> None:
    write_toys(
        tmp_path / "export.json",
        toy("a", box(10, 10, 20, 40), annotator="bob"),
        toy("a", box(20, 10, 40, 40), annotator="bob"),
        toy("a", ALICE, annotator="alice", finished="2026-01-02T10:00:00+02:00"),
        toy("a", BOB, annotator="alice", finished="2026-01-02T09:30:00+00:00"),
        toy("a", box(0, 0, 5, 5), annotator="alice", finished="2026-01-01T09:30:00+00:00"),
    )
    found = find_masks([tmp_path])
    assert left_out(found) == {EARLIER_NOTE: 2}
    (image,) = measured(found)
    assert image.agreement is not None and image.agreement.count == 2
    assert image.agreement.dice_mean == 1.0, "the last one of alice's is bob's"
    assert [len(rows) for rows in image.united] == [2]
    assert [cells[1:5] for cells in pair_cells(image)] == [
        ["export.json (4)", "export.json + export.json (2)", "alice", "bob"]
    ]


def test_holes_that_are_erased_belong_to_their_label(tmp_path: Path) -> None:
    hole = box(20, 20, 30, 30, erases=True)
    write_toys(tmp_path / "bob.json", toy("a", BOB, box(0, 0, 60, 50, "hair"), hole, box(28, 28, 30, 30)))
    (row,) = find_masks([tmp_path]).rows
    assert mask_of(row, "lesion").inside.sum() == 900 - 100 + 4
    assert mask_of(row, "HAIR").inside.sum() == 3000
    assert mask_of(row, ALL).inside.sum() == 3000


def test_the_lesion_is_taken_of_several_labels_and_it_is_said(tmp_path: Path) -> None:
    for who, region in (("bob", BOB), ("alice", ALICE)):
        write_toys(tmp_path / f"{who}.json", toy("a", box(0, 0, 70, 5, "hair"), {**region, "label": "Skin Lesion"}))
    found = find_masks([tmp_path])
    label, told = settle_label(found)
    assert label == "Skin Lesion" and "hair: 2 annotations" in told
    assert dice(found, label=label) == pytest.approx([DICE])
    assert settle_label(found, "HAIR") == ("HAIR", "")
    assert dice(found, label="HAIR") == [1.0]
    with pytest.raises(AnnotriageError, match="No annotation has the label ruler: they have hair, Skin Lesion"):
        settle_label(found, "ruler")


def test_labels_that_may_both_be_the_lesion_are_asked_for(tmp_path: Path) -> None:
    write_toys(tmp_path / "bob.json", toy("a", {**BOB, "label": "nevus"}))
    write_toys(tmp_path / "alice.json", toy("a", {**ALICE, "label": "melanoma"}), toy("b", {**ALICE, "label": "Nevus"}))
    found = find_masks([tmp_path])
    with pytest.raises(UnclearLabelsError) as unclear:
        settle_label(found)
    assert [each.label for each in unclear.value.choices] == ["nevus", "melanoma", ALL]
    assert dice(found, label=ALL) == pytest.approx([DICE])
    assert "has no label nevus: it holds melanoma" in measured(found, label="nevus")[0].error


def test_one_label_in_whatever_capitals_is_one(tmp_path: Path) -> None:
    write_toys(tmp_path / "bob.json", toy("a", {**BOB, "label": "lesion"}))
    write_toys(tmp_path / "alice.json", toy("a", {**ALICE, "label": "Lesion"}))
    found = find_masks([tmp_path])
    assert settle_label(found) == (None, "")
    assert measured(found)[0].problems == ()


def test_a_label_that_only_some_gave_is_taken_with_what_has_none(tmp_path: Path) -> None:
    """What has no names cannot be asked for one: plain masks, and outlines that nobody named."""
    write_toys(tmp_path / "bob.json", toy("a", BOB, box(0, 0, 5, 5, "hair")))
    write_toys(tmp_path / "alice.json", toy("a", {**ALICE, "label": ""}))
    mask = np.zeros((60, 80), dtype=bool)
    mask[10:40, 20:50] = True
    write_mask(tmp_path / "carol" / "a.png", mask)
    found = find_masks([tmp_path])
    label, told = settle_label(found)
    assert label == "lesion" and "hair" in told
    assert dice(found, label=label) == pytest.approx([(1 + 2 * DICE) / 3])


def test_sizes_come_from_the_image_beside_or_where_it_is_said_to_be(tmp_path: Path) -> None:
    two_people("masks/{}.json", tmp_path, images=())
    for who, region in (("bob", BOB), ("alice", ALICE)):
        write_toys(tmp_path / "masks" / f"{who}.json", toy("a", region, size=None))
    found = find_masks([tmp_path / "masks"])
    (unknown,) = measured(found)
    assert "The size of 1 image (a) is not known" in found.remarks[0] and "--images" in found.remarks[0]
    cells = dict(zip(METRICS_COLUMNS, metrics_cells(unknown), strict=True))
    assert cells["dice_mean"] == pytest.approx(DICE)
    assert [cells[name] for name in METRICS_COLUMNS[6:9]] == [None, None, None]
    assert np.isnan(next(pair_cells(unknown))[-1]) and next(pair_cells(unknown))[7] == 10
    (tmp_path / "elsewhere").mkdir()
    Image.new("RGB", (80, 60)).save(tmp_path / "elsewhere" / "A.JPG")
    for images, place in ([[tmp_path / "elsewhere"], "named"], [[], "beside"]):
        if place == "beside":
            (tmp_path / "elsewhere").rename(tmp_path / "images")
        found = find_masks([tmp_path / "masks"], images=images)
        assert not found.remarks, place
        assert all(row.annotation and row.annotation.size == (60, 80) for row in found.rows)
        known = dict(zip(METRICS_COLUMNS, metrics_cells(measured(found)[0]), strict=True))
        assert known["hd95_normalized_mean"] == pytest.approx(0.1) and known["fleiss_kappa"] is not None


def test_an_export_that_was_fetched_twice_is_one_persons(tmp_path: Path) -> None:
    for name in ("bob.json", "bob (1).json"):
        write_toys(tmp_path / name, toy("a", BOB))
    write_toys(tmp_path / "alice.json", toy("a", ALICE))
    found = find_masks([tmp_path])
    assert found.annotators() == ["alice", "bob"] and dice(found) == pytest.approx([DICE])


@pytest.mark.parametrize("torn", ["eve.json", "eve.nrrd", "eve.zip", "README.md", "Thumbs.db"])
def test_a_file_that_cannot_be_read_changes_nothing_in_how_the_others_are(tmp_path: Path, torn: str) -> None:
    for who, row in (("alice", 30), ("bob", 32)):
        write_mask(tmp_path / who / "a.png", disc(row=row))
    write_toys(tmp_path / "dave.json", toy("a", BOB), toy("b", BOB))
    paths = [tmp_path / "alice", tmp_path / "bob", tmp_path / "dave.json"]
    before = drawn(find_masks(paths))
    assert before == ["a alice", "a bob", "a dave", "b dave"]
    (tmp_path / torn).write_bytes(b'PK{"toys": [')
    try:
        found = find_masks([*paths, tmp_path / torn])
    except AnnotriageError as error:
        assert torn in str(error)
    else:
        assert drawn(found) == before
        assert torn in " ".join([*(row.name for row in found.rows if not row.used), *found.remarks])


@pytest.mark.parametrize(("right", "size"), [(55, (80, 60)), (75, (60, 80)), (95, None)])
def test_outlines_on_a_photograph_as_it_is_stored_are_not_cut_off(
    tmp_path: Path, right: int, size: tuple[int, int] | None
) -> None:
    """Of a photograph that EXIF turns, a tool draws on what is shown, or on what is stored: only one is wide enough."""
    turned = Image.Exif()
    turned[0x0112] = 6
    Image.new("RGB", (80, 60)).save(tmp_path / "a.jpg", exif=turned)
    for who, left in (("bob", 10), ("alice", 20)):
        write_toys(tmp_path / f"{who}.json", toy("a", box(left, 10, right, 40), size=None))
    found = find_masks([tmp_path])
    known = {row.annotation.size for row in found.rows if row.annotation and not row.annotation.reaches}
    assert known == ({size} if size else set())
    assert ("as large as what was drawn" in " ".join(found.remarks)) == (size is None)
    first, second = right - 10, right - 20
    assert dice(found) == pytest.approx([2 * second / (first + second)])


def test_a_size_that_another_knows_is_taken(tmp_path: Path) -> None:
    write_toys(tmp_path / "bob.json", toy("a", BOB, size=None))
    write_toys(tmp_path / "alice.json", toy("a", ALICE))
    found = find_masks([tmp_path])
    assert not found.remarks and dice(found) == pytest.approx([DICE])


def test_names_keep_their_folders_only_where_one_file_has_two_of_a_name(tmp_path: Path) -> None:
    write_toys(tmp_path / "bob.json", toy("day1/a", BOB), toy("day2/a", BOB), toy("day1/b", BOB))
    write_toys(tmp_path / "alice.json", toy("day1/a", ALICE), toy("x/y/b", ALICE))
    assert drawn(find_masks([tmp_path])) == ["b alice", "b bob", "day1/a alice", "day1/a bob", "day2/a bob"]


def test_what_is_not_used_is_counted_over_all_files(tmp_path: Path) -> None:
    two = {"label": "lesion", "points": [(1, 1), (2, 2)]}
    for who in ("bob", "alice"):
        write_toys(tmp_path / f"{who}.json", toy("a", BOB, two), toy("b", two), remarks=["All in one."])
    found = find_masks([tmp_path])
    assert found.remarks == ("All in one.", "Not used: 4 outlines with fewer than three points.")
    assert left_out(found) == {"none of its outlines can be used": 2}


def test_an_image_on_which_nothing_was_drawn_is_an_empty_mask(tmp_path: Path) -> None:
    write_toys(tmp_path / "bob.json", toy("a"), toy("b"))
    write_toys(tmp_path / "alice.json", toy("a", ALICE), toy("b"))
    found = find_masks([tmp_path])
    assert dice(found) == [0.0, 1.0]
    assert [len(each.empty) for each in measured(found)] == [1, 2]


def test_the_table_of_matches_tells_annotations_of_one_file_apart(tmp_path: Path) -> None:
    write_toys(tmp_path / "export.json", toy("a", BOB, annotator="bob"), toy("a", ALICE, annotator="alice"))
    table = MatchTable(find_masks([tmp_path]).rows)
    assert table.files == ["export.json", "export.json (2)"]
    table.set_annotator([1], "carol")
    again = MatchTable(find_masks([tmp_path]).rows, table.corrections)
    assert [row.annotator for row in again.rows] == ["bob", "carol"]
    assert all(row.annotation is not None for row in again.rows)


def test_tables_of_other_kinds_of_files_are_not_annotations(tmp_path: Path) -> None:
    two_people("{}.json", tmp_path)
    (tmp_path / "meta.json").write_text("{}")
    (tmp_path / "strange.json").write_text('{"x": 1}')
    found = find_masks([tmp_path])
    assert len(drawn(found)) == 4
    assert len(found.remarks) == 1 and found.remarks[0].startswith("Not read: 1 file .json (strange.json;")


def test_folders_of_formats_in_which_files_are_people(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The same by two tools: neither is a person, and nobody is counted twice."""
    monkeypatch.setattr(listed, "FORMATS", (TOY, replace(TOY, name="Other", endings=(".other",))))
    two_people("tool/{}.json", tmp_path)
    two_people("export/{}.other", tmp_path)
    for paths in ([tmp_path], [tmp_path / "tool", tmp_path / "export"]):
        found = find_masks(paths)
        assert drawn(found) == ["im_1 alice", "im_1 bob", "im_2 alice", "im_2 bob"]
        assert left_out(found) == {AGAIN_NOTE: 4}


def test_files_that_may_be_batches_of_a_folder_are_asked_about(tmp_path: Path) -> None:
    for who in ("siteA", "siteB"):
        for batch in ("set1", "set2"):
            write_toys(tmp_path / who / f"{batch}.json", toy("im_1", BOB), toy(f"im_{who}_{batch}", BOB))
    with pytest.raises(UnclearMasksError) as unclear:
        find_masks([tmp_path])
    folders, files = (reading.pattern for reading in unclear.value.readings)
    assert find_masks([tmp_path], folders).annotators() == ["siteA", "siteB"]
    assert find_masks([tmp_path], files).annotators() == ["set1", "set2"]


def test_kinds_of_lesions_can_be_measured_together_without_the_rest(tmp_path: Path) -> None:
    hair = box(0, 0, 70, 5, "hair")
    write_toys(tmp_path / "bob.json", toy("a", {**BOB, "label": "nevus"}, hair))
    write_toys(tmp_path / "alice.json", toy("a", {**ALICE, "label": "melanoma"}))
    found = find_masks([tmp_path])
    with pytest.raises(UnclearLabelsError) as unclear:
        settle_label(found)
    together = unclear.value.choices[-2].label
    assert together == "melanoma + nevus" and settle_label(found, together) == (together, "")
    assert dice(found, label=together) == pytest.approx([DICE])
    with pytest.raises(AnnotriageError, match="No annotation has the label nevus \\+ x"):
        settle_label(found, "nevus + x")


def test_a_table_may_list_annotations_as_well_as_masks(tmp_path: Path) -> None:
    write_toys(tmp_path / "all.json", toy("x/im_1", BOB, annotator="2"), toy("im_2", BOB, annotator="2"))
    write_toys(tmp_path / "one.toy", toy("whatever", ALICE))
    mask = np.zeros((60, 80), dtype=bool)
    mask[10:40, 20:50] = True
    write_mask(tmp_path / "masks" / "c.png", mask)
    (tmp_path / "broken.toy").write_text("{")
    table = tmp_path / "masks.csv"
    lines = (
        "im_1,bob,all.json",
        "im_1,alice,one.toy",
        "im_1,carol,masks/c.png",
        "im_3,bob,all.json",
        "im_3,al,broken.toy",
    )
    table.write_text("image,annotator,mask\n" + "\n".join(lines) + "\n")
    found = find_masks([table])
    assert drawn(found) == ["im_1 alice", "im_1 bob", "im_1 carol"]
    assert dice(found) == pytest.approx([(1 + 2 * DICE) / 3])
    assert sorted(left_out(found)) == [
        "is no whole JSON (Expecting property name enclosed in double quotes in line 1, column 2): export it anew",
        "it holds no annotation of this image",
    ]


def test_who_exported_twice_drew_once(tmp_path: Path) -> None:
    """The dates of two exports are nobody's names."""
    for date, region in (("2026-01", BOB), ("2026-02", ALICE)):
        entry = toy("im_1", region, annotator="bob", finished=f"{date}-05T10:00:00+00:00")
        write_toys(tmp_path / date / "export.json", entry)
    found = find_masks([tmp_path])
    assert drawn(found) == ["im_1 bob"] and left_out(found) == {EARLIER_NOTE: 1}
    assert [row.path.parent.name for image in found.images for row in image.rows] == ["2026-02"]


def test_a_picture_that_happens_to_be_called_so_says_no_size(tmp_path: Path) -> None:
    """Far above, or too small for what was drawn: it is another one, or a reduced one."""
    study = tmp_path / "a" / "b" / "study"
    for who, region in (("bob", BOB), ("alice", ALICE)):
        write_toys(study / f"{who}.json", toy("x", region, size=None))
    Image.new("RGB", (80, 60)).save(tmp_path / "a" / "x.png")
    assert "is not known" in find_masks([study]).remarks[0]
    (tmp_path / "images").mkdir()
    Image.new("RGB", (40, 30)).save(study / "x.png")
    found = find_masks([study])
    assert "is not known" in found.remarks[0] and dice(found) == pytest.approx([DICE])
    (study / "x.png").unlink()
    (tmp_path / "a" / "x.png").rename(tmp_path / "images" / "x.png")
    assert find_masks([study]).remarks == ()
