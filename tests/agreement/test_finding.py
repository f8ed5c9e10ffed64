"""Who drew which mask of which image."""

import csv
import os
from dataclasses import replace
from pathlib import Path

import pytest

from annotriage.agreement.finding import CONSENSUS_NOTE, IMAGE_NOTE, NO_FIT_NOTE, find_masks
from annotriage.agreement.mask_names import is_consensus, read_names
from annotriage.agreement.mask_set import MaskRow, MaskSet
from annotriage.agreement.measuring import load_masks
from annotriage.errors import AnnotriageError
from tests.agreement.masks import disc, write_mask


def touch(folder: Path, *names: str) -> Path:
    for name in names:
        write_mask(folder / name, disc(6, 8, row=3, column=4, radius=2))
    return folder


def found(masks: MaskSet) -> list[str]:
    return [f"{row.image} {row.annotator}" for image in masks.images for row in image.rows]


def test_a_folder_an_annotator(tmp_path: Path) -> None:
    touch(tmp_path / "bob", "a2_mask.png", "a10.png", "sub/c_segmentation.png")
    touch(tmp_path / "al", "A2.png.jpg", "a10_al.bmp", "sub/c.png")
    masks = find_masks([tmp_path / "bob", tmp_path / "al"])
    expected = ["A2 al", "a2 bob", "a10 al", "a10 bob", "sub/c al", "sub/c bob"]
    assert found(masks) == expected
    assert found(find_masks([tmp_path])) == expected
    assert masks.annotators() == ["al", "bob"]
    assert "A folder for each annotator" in masks.reading
    assert "A2 was read as image A2, annotator al" in masks.reading


@pytest.mark.parametrize("deeper", ["", "masks", "data/masks"])
def test_folders_of_annotators_may_lie_deeper_and_beside_the_images(tmp_path: Path, deeper: str) -> None:
    touch(tmp_path / deeper / "bob", "a.png", "b.png")
    touch(tmp_path / deeper / "al", "a.png")
    touch(tmp_path / deeper / "images", "a.jpg", "b.jpg")
    masks = find_masks([tmp_path])
    assert found(masks) == ["a al", "a bob", "b bob"]
    assert [len(rows) for rows in masks.left_out().values()] == [2]


def test_folders_that_are_called_annotators_without_an_image_in_common(tmp_path: Path) -> None:
    touch(tmp_path / "annotator_1", "a.png")
    touch(tmp_path / "annotator_2", "b.png")
    assert found(find_masks([tmp_path])) == ["a annotator_1", "b annotator_2"]


def test_folders_are_called_by_what_tells_them_apart(tmp_path: Path) -> None:
    touch(tmp_path / "bob" / "masks", "a.png")
    touch(tmp_path / "al" / "masks", "a.png")
    assert found(find_masks([tmp_path / "bob" / "masks", tmp_path / "al" / "masks"])) == ["a al", "a bob"]


IMA = [
    "ISIC_0000004_A04_T1_S2_545d08aabae47821f8802550.png",
    "ISIC_0000004_A06_T1_S1_54ea8ac3bae47871b5e00cd2.png",
    "ISIC_0000004_ST_ST_ST_ST.png",
    "ISIC_0000004_MV_MV_MV_MV.png",
    "ISIC_0000013_A03_T3_S2_57be07fe9fc3c1434763a313.png.jpg",
]


@pytest.mark.parametrize("folders", ["", "one", "one/by/one"])
def test_ima_names(tmp_path: Path, folders: str) -> None:
    touch(tmp_path / folders, *IMA)
    masks = find_masks([tmp_path])
    assert found(masks) == ["ISIC_0000004 A04", "ISIC_0000004 A06", "ISIC_0000013 A03"]
    assert {note: len(rows) for note, rows in masks.left_out().items()} == {CONSENSUS_NOTE: 2}
    kept = find_masks([tmp_path], keep_consensus=True)
    assert len(kept.annotators()) == 5 and not kept.left_out()


def test_parts_of_a_data_set_in_folders_are_no_annotators(tmp_path: Path) -> None:
    touch(tmp_path / "part1", *IMA[:2])
    touch(tmp_path / "part2", *IMA[4:])
    expected = ["ISIC_0000004 A04", "ISIC_0000004 A06", "ISIC_0000013 A03"]
    assert found(find_masks([tmp_path])) == expected
    assert found(find_masks([tmp_path / "part1", tmp_path / "part2"])) == expected


@pytest.mark.parametrize(
    ("stems", "expected"),
    [
        (["l_7_bob", "l_7_al", "l_8_bob"], ["l_7 bob", "l_7 al", "l_8 bob"]),
        (["l7_bob_mask", "l7_mask_al", "l8-seg-bob"], ["l7 bob", "l7 al", "l8 bob"]),
        (
            ["a_dr_smith", "a_dr_jones", "b_dr_smith", "b_dr_jones"],
            [*["a dr_smith", "a dr_jones"], "b dr_smith", "b dr_jones"],
        ),
        (["a_1", "a_2", "b_1", "b_2"], ["a 1", "a 2", "b 1", "b 2"]),
        (["a1_x", "a1_y", "a2_v", "a2_w"], ["a1 x", "a1 y", "a2 v", "a2 w"]),
        (["a_segmentation", "a_segmentation_2"], ["a ", "a 2"]),
        (["ISIC_0000001_segmentation", "ISIC_0000002_segmentation"], ["ISIC_0000001 ", "ISIC_0000002 "]),
        (["ISIC_0000001_segmentation_bob", "ISIC_0000001_segmentation_al"], ["ISIC_0000001 bob", "ISIC_0000001 al"]),
        (["mask_001", "mask_002"], ["001 ", "002 "]),
        (["mask"], ["mask "]),
        ([], []),
    ],
)
def test_names_are_read_together(stems: list[str], expected: list[str]) -> None:
    assert [" ".join(pair) for pair in read_names(stems)] == expected


def test_numbers_of_two_data_sets_are_no_annotators() -> None:
    stems = [f"{name}_{number:04}" for name in ("HAM", "ISIC") for number in range(60)]
    assert read_names(stems) == [(stem, "") for stem in stems]


def test_images_that_lie_between_the_masks_are_left_out(tmp_path: Path) -> None:
    touch(tmp_path, "a.jpg", "a_bob.png", "a_al.png", "b.jpg", "b_bob.png", "b_al.png")
    masks = find_masks([tmp_path])
    assert found(masks) == ["a al", "a bob", "b al", "b bob"]
    assert [row.path.name for row in masks.left_out()[IMAGE_NOTE]] == ["a.jpg", "b.jpg"]


def test_single_files(tmp_path: Path) -> None:
    touch(tmp_path, "x/a.png", "y/a.png", "a7_bob.png", "a7_al.png")
    assert found(find_masks([tmp_path / "x" / "a.png", tmp_path / "y" / "a.png"])) == ["a x", "a y"]
    assert found(find_masks([tmp_path / "a7_bob.png", tmp_path / "a7_al.png"])) == ["a7 al", "a7 bob"]


@pytest.mark.parametrize(
    ("pattern", "expected"),
    [
        ("{image}_{annotator}.png", ["x_1 bob", "x_1_v al"]),
        ("{annotator}/{image}_*", ["x one", "x_1_v two"]),
        (r"(?P<image>x_\d)_(?:\w_)?(?P<annotator>[a-z]+)\.png", ["x_1 al", "x_1 bob"]),
    ],
)
def test_a_pattern(tmp_path: Path, pattern: str, expected: list[str]) -> None:
    touch(tmp_path, "one/x_1_bob.png", "two/x_1_v_al.png", "one/note.bmp")
    masks = find_masks([tmp_path], pattern)
    if pattern == "{annotator}/{image}_*":
        expected = ["x_1 one", "x_1_v two"]
    assert found(masks) == expected
    assert [row.path.name for row in masks.left_out()[NO_FIT_NOTE]] == ["note.bmp"]


def test_a_pattern_without_annotator_needs_a_folder_for_each(tmp_path: Path) -> None:
    touch(tmp_path, "bob/x_1_final.png", "al/x_1_draft.png")
    assert found(find_masks([tmp_path / "bob", tmp_path / "al"], "{image}_*")) == ["x_1 al", "x_1 bob"]
    with pytest.raises(AnnotriageError, match="annotator"):
        find_masks([tmp_path], "{image}_*")


def test_a_pattern_that_fits_nothing_shows_a_name(tmp_path: Path) -> None:
    touch(tmp_path, "x_bob.png")
    with pytest.raises(AnnotriageError, match=r"x_bob\.png"):
        find_masks([tmp_path], "{image}-{annotator}")


def write_table(path: Path, *rows: tuple[str, ...]) -> Path:
    with path.open("w", newline="") as out:
        csv.writer(out).writerows(rows)
    return path


def test_a_table(tmp_path: Path) -> None:
    touch(tmp_path / "m", "1.png", "2.png")
    table = write_table(
        tmp_path / "t.csv",
        ("Image", "Annotator", "Mask"),
        ("a.jpg", "bob", "m/1.png"),
        ("a.JPG", "al", "m\\2.png"),
        ("b", "MV", "m/2.png"),
        ("b", "al", ""),
        ("", "al", "m/1.png"),
    )
    masks = find_masks([table])
    assert found(masks) == ["a al", "a bob"]
    assert [row.path for row in masks.images[0].rows] == [tmp_path / "m" / "2.png", tmp_path / "m" / "1.png"]
    assert sorted(masks.left_out()) == sorted([CONSENSUS_NOTE, "its row names no mask", "its row names no image"])


@pytest.mark.slow
def test_the_real_table_of_ima(shared_data: Path) -> None:
    masks = find_masks([shared_data / "ima" / "segmentations.csv"])
    assert len(masks.rows) == 9076
    left = masks.left_out()
    assert list(left) == [CONSENSUS_NOTE]
    assert {row.annotator for row in left[CONSENSUS_NOTE]} == {"ST", "MV"}
    assert len(masks.annotators()) == 15
    read = {row.path.name: (row.image, row.annotator) for row in masks.rows}
    by_name = read_names([Path(name).stem for name in read])
    assert by_name == list(read.values()), "names and table say the same"


def test_bad_tables_and_folders(tmp_path: Path) -> None:
    table = write_table(tmp_path / "t.csv", ("image", "annotator", "file"), ("", "", ""))
    with pytest.raises(AnnotriageError, match="lists no mask"):
        find_masks([table])
    with pytest.raises(AnnotriageError, match="alone"):
        find_masks([table, tmp_path])
    with pytest.raises(AnnotriageError, match="no column for the mask"):
        find_masks([write_table(tmp_path / "u.csv", ("image", "annotator"), ("a", "b"))])
    with pytest.raises(AnnotriageError, match="no masks"):
        find_masks([tmp_path])
    with pytest.raises(AnnotriageError, match="nowhere"):
        find_masks([tmp_path / "nowhere"])


def test_files_that_are_no_masks_are_passed_over(tmp_path: Path) -> None:
    touch(tmp_path, "a_al.png", "a_bob.png", "b_al.png")
    (tmp_path / "notes.txt").write_text("not a mask")
    (tmp_path / ".hidden.png").write_bytes(b"")
    (tmp_path / "b_bob.png").write_bytes(b"")
    os.symlink("gone.png", tmp_path / "a_carol.png")
    (tmp_path / "a_dave.dcm").write_bytes(bytes(128) + b"DICM" + bytes(200))
    masks = find_masks([tmp_path])
    assert found(masks) == ["a al", "a bob", "a carol", "b al", "b bob"], "what is broken is said when read"
    ((note, rows),) = masks.left_out().items()
    assert "DICOM" in note and rows[0].path.name == "a_dave.dcm"


def test_rows_can_be_corrected(tmp_path: Path) -> None:
    touch(tmp_path, "a_1.png", "a_2.png", "b_1.png", "b_2.png")
    masks = find_masks([tmp_path], "{image}_{annotator}")
    rows = [replace(row, annotator="bob") if row.annotator == "1" else row for row in masks.rows]
    rows[0] = replace(rows[0], note="not wanted")
    corrected = MaskSet(rows)
    assert found(corrected) == ["a 2", "b 2", "b bob"]
    assert corrected.left_out() == {"not wanted": [rows[0]]}


@pytest.mark.parametrize("name", ["ST", "MV", "staple", "Majority_vote", "consensus"])
def test_consensus_names(name: str) -> None:
    assert is_consensus(name)


@pytest.mark.parametrize("name", ["st", "Steve", "mv2", ""])
def test_names_of_people(name: str) -> None:
    assert not is_consensus(name)


def test_an_empty_set() -> None:
    masks = MaskSet([MaskRow("", "", Path("x"), "why")])
    assert masks.images == [] and masks.annotators() == []


@pytest.mark.parametrize("people", [("bob", "al"), ("reader_1", "reader_2"), ("A04", "A05")])
@pytest.mark.parametrize("name", ["ground_truth", "groundtruth", "GT", "gold", "Gold standard", "reference"])
def test_a_reference_is_no_person(tmp_path: Path, name: str, people: tuple[str, str]) -> None:
    for folder in (*people, name):
        touch(tmp_path / folder, *(f"lesion_{number:04d}.png" for number in range(4)))
    folders = [tmp_path / folder for folder in (*people, name)]
    masks = find_masks(folders)
    assert masks.annotators() == sorted(people)
    left = masks.left_out()
    assert list(left) == [CONSENSUS_NOTE] and {row.annotator for row in left[CONSENSUS_NOTE]} == {name}
    assert find_masks(folders, keep_consensus=True).annotators() == sorted([*people, name], key=str.casefold)
    masks = find_masks([folders[0], folders[2]])
    assert len(masks.annotators()) == 2 and not masks.left_out(), "one person is compared with it"


def test_a_reference_in_names_and_tables_is_no_person(tmp_path: Path) -> None:
    people = ("bob", "al", "gold")
    touch(tmp_path / "m", *(f"x{number}_{who}.png" for number in range(3) for who in people))
    rows = [(f"x{number}", who, f"m/x{number}_{who}.png") for number in range(3) for who in people]
    table = write_table(tmp_path / "t.csv", ("image", "annotator", "mask"), *rows)
    for masks in (find_masks([tmp_path / "m"]), find_masks([table])):
        assert masks.annotators() == ["al", "bob"] and len(masks.left_out()[CONSENSUS_NOTE]) == 3


@pytest.mark.parametrize("cell", ["unknown", "N/A", "?", "-", "not known"])
def test_an_annotator_who_is_not_known_is_none(tmp_path: Path, cell: str) -> None:
    touch(tmp_path / "m", "1.png", "2.png", "3.png")
    rows = [("a", cell, "m/1.png"), ("a", cell, "m/2.png"), ("a", "bob", "m/3.png")]
    table = write_table(tmp_path / "t.csv", ("image", "annotator", "mask"), *rows)
    masks = find_masks([table])
    assert masks.annotators() == ["", "bob"]
    (image,) = masks.images
    loaded = load_masks(image.rows)
    assert any("Nothing says who drew 2 of its masks (1.png, 2.png)" in problem for problem in loaded.problems)
    assert [row.annotator for row in loaded.rows] == ["bob"] and not loaded.united


@pytest.mark.parametrize(("third", "people"), [("1.0", ["1", "2"]), ("bob", ["1", "2", "01", "bob"])])
def test_numbers_of_annotators_in_a_table_are_one_person_however_written(
    tmp_path: Path, third: str, people: list[str]
) -> None:
    rows = [("0017", "1", "a.png"), ("17", "2", "b.png"), ("18", " 01", "c.png"), ("18", third, "d.png")]
    found = find_masks([write_table(tmp_path / "t.csv", ("image", "annotator", "mask"), *rows)])
    assert sorted(found.annotators()) == sorted(people)
    assert [each.image for each in found.images] == ["17", "18"]
    assert any("1 and 01" in remark for remark in found.remarks) and any("0017 and 17" in r for r in found.remarks)


def test_a_second_column_of_annotators_or_masks_is_named(tmp_path: Path) -> None:
    table = write_table(tmp_path / "t.csv", ("image", "rater", "observer", "mask"), ("a", "1", "2", "a.png"))
    assert find_masks([table]).remarks == (
        "Read from the column rater; observer could be meant as well: rename it if it is.",
    )


@pytest.mark.parametrize(("name", "data"), [("t.xls", b"\xd0\xcf\x11\xe0"), ("t.ods", b"PK\x03\x04")])
def test_tables_of_other_programs_are_no_masks(tmp_path: Path, name: str, data: bytes) -> None:
    (tmp_path / name).write_bytes(data)
    with pytest.raises(AnnotriageError, match="save it as"):
        find_masks([tmp_path / name])
