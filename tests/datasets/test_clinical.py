import csv
import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from annotriage.datasets.clinical import read_groups
from annotriage.errors import AnnotriageError


def write(path: Path, rows: list[tuple[str, str, str]]) -> Path:
    with path.open("w", newline="", encoding="utf-8") as stream:
        csv.writer(stream).writerows([("isic_id", "lesion_id", "patient_id"), *rows])
    return path


def test_the_same_lesion_or_the_same_patient_is_one_group(tmp_path: Path) -> None:
    groups = read_groups(
        write(
            tmp_path / "metadata.csv",
            [
                ("a", "L1", ""),
                ("b", "L1", "P1"),
                ("c", "", "P1"),
                ("d", "P1", ""),
                ("e", "", ""),
                ("f", "nan", ""),
                ("g", "nan", ""),
            ],
        )
    )
    assert groups["a"] == groups["b"] == groups["c"] == "a"
    # A lesion's id is no patient's id, and empty ids join nothing.
    assert [groups[each] for each in "defg"] == list("defg")
    assert groups.grouped_by == ["lesion_id", "patient_id"]


def test_names_are_looked_up_however_they_are_written(tmp_path: Path) -> None:
    groups = read_groups(write(tmp_path / "metadata.csv", [("ISIC_1.JPG", "", "P"), ("ISIC_2", "", "P")]))
    assert groups["isic_1"] == groups["sub/ISIC_2"] == "ISIC_1"
    assert "ISIC_1" in groups
    assert "ISIC_3" not in groups
    assert groups.get("ISIC_3") is None


def test_no_metadata_no_groups() -> None:
    assert len(read_groups(None)) == 0


def test_json_of_both_versions_of_the_archive(tmp_path: Path) -> None:
    def dump(name: str, content: object) -> None:
        (tmp_path / name).write_text(json.dumps(content), encoding="utf-8")

    dump(
        "1.json",
        {"_id": "5", "name": "ISIC_1", "meta": {"clinical": {"lesion_id": "IL_1", "patient_id": None, "sex": "male"}}},
    )
    dump(
        "2.json",
        {"isic_id": "ISIC_2", "metadata": {"clinical": {"lesion_id": "IL_1", "patient_id": "IP_2"}, "acquisition": {}}},
    )
    dump("3.json", {"isic_id": "ISIC_3", "metadata": {"clinical": {"patient_id": "IP_2"}}})
    dump("4.json", {"name": "ISIC_4", "meta": {"clinical": None}})
    dump(
        "page.json", {"count": 1, "results": [{"isic_id": "ISIC_5", "metadata": {"clinical": {"patient_id": "IP_9"}}}]}
    )
    (tmp_path / "broken.json").write_text("{")
    (tmp_path / "other.json").write_text("[1, 2]")
    (tmp_path / "notes.txt").write_text("nothing")
    groups = read_groups(tmp_path)
    assert dict(groups) == {
        "ISIC_1": "ISIC_1",
        "ISIC_2": "ISIC_1",
        "ISIC_3": "ISIC_1",
        "ISIC_4": "ISIC_4",
        "ISIC_5": "ISIC_5",
    }
    assert [str(problem) for problem in groups.problems] == [
        "2 metadata files that cannot be read (broken.json, other.json)"
    ]
    assert dict(read_groups(tmp_path / "page.json")) == {"ISIC_5": "ISIC_5"}


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        (
            "demographics.csv",
            "isic_id,age\nISIC_1,50\n",
            "no column for the lesion or the patient: name it lesion_id or patient_id",
        ),
        ("no_image.csv", "lesion_id,age\nL,50\n", "no column for the image"),
        ("bad.json", "{", "not JSON"),
        ("list.json", "[]", "no metadata"),
    ],
)
def test_files_that_are_no_metadata(tmp_path: Path, name: str, content: str, said: str) -> None:
    (tmp_path / name).write_text(content)
    with pytest.raises(AnnotriageError, match=said):
        read_groups(tmp_path / name)


def test_an_empty_folder_and_a_missing_file(tmp_path: Path) -> None:
    with pytest.raises(AnnotriageError, match="There are no metadata"):
        read_groups(tmp_path)
    with pytest.raises(AnnotriageError, match="cannot be read"):
        read_groups(tmp_path / "nowhere.csv")


@pytest.mark.slow
@given(
    st.lists(st.tuples(st.sampled_from(["", "1", "2", "3", "4"]), st.sampled_from(["", "1", "2", "3"])), min_size=1),
    st.randoms(),
)
def test_groups_are_the_connected_images(tmp_path_factory, ids: list[tuple[str, str]], random) -> None:
    folder = tmp_path_factory.mktemp("metadata")
    rows = [(f"image{k:03}", *both) for k, both in enumerate(ids)]
    groups = read_groups(write(folder / "a.csv", rows))
    # By the definition: spread each image's key over all that share an id with it until nothing changes.
    expected = {row[0]: row[0] for row in rows}
    for _ in rows:
        for one in rows:
            for other in rows:
                if one[0] == other[0] or (one[1] and one[1] == other[1]) or (one[2] and one[2] == other[2]):
                    expected[one[0]] = min(expected[one[0]], expected[other[0]])
    assert dict(groups) == expected
    random.shuffle(rows)
    assert dict(read_groups(write(folder / "b.csv", rows))) == expected


def test_real_metadata(shared_data: Path) -> None:
    groups = read_groups(shared_data / "ima" / "image_metadata.csv")
    assert len(groups) == 3884
    assert len(set(groups.values())) < 3884 - 100
    with (shared_data / "ima" / "image_metadata.csv").open(encoding="utf-8") as stream:
        rows = list(csv.DictReader(stream))
    for column in ("lesion_id", "patient_id"):
        groups_of: dict[str, set[str]] = {}
        for row in rows:
            if row[column]:
                groups_of.setdefault(row[column], set()).add(groups[row["isic_id"]])
        assert groups_of
        assert all(len(each) == 1 for each in groups_of.values())


def test_real_json_without_ids_groups_nothing(shared_data: Path) -> None:
    groups = read_groups(shared_data / "isic" / "json")
    assert len(groups) == len(set(groups.values())) == 511
    assert groups.grouped_by == groups.problems == []


def test_ids_that_are_one_number_are_one_patient_and_told(tmp_path: Path) -> None:
    path = tmp_path / "m.csv"
    path.write_text("isic_id,patient_id\na,007\nb,7\nc,7.0\nd,8\n")
    groups = read_groups(path)
    assert groups["a"] == groups["b"] == groups["c"] != groups["d"]
    (problem,) = groups.problems
    assert problem.remark and problem.names == ["007 and 7"]


@pytest.mark.parametrize("header", ["Isic-ID;Patient ID;Lesion", "image;PatientID;x", "IMAGE NAME;PATIENT_ID;x"])
def test_ids_are_found_whatever_their_columns_capitals_and_blanks(tmp_path: Path, header: str) -> None:
    (tmp_path / "m.csv").write_text(f"{header}\na;P1;1\nb;P1;2\nc;P2;3\n")
    groups = read_groups(tmp_path / "m.csv")
    assert groups["a"] == groups["b"] != groups["c"] and groups.grouped_by == ["patient_id"]


def test_of_two_columns_of_patients_the_chosen_one_is_read(tmp_path: Path) -> None:
    path = tmp_path / "m.csv"
    path.write_text("isic_id,patient_id,Patient ID,other\na,1,1,1\nb,2,1,2\nc,2,2,1\n")
    with pytest.raises(AnnotriageError, match="2 columns that could be meant by patient_id: patient_id, Patient ID"):
        read_groups(path)
    for chosen, together in (("patient_id", "bc"), ("Patient ID", "ab"), ("other", "ac")):
        groups = read_groups(path, {"patient_id": chosen})
        assert groups[together[0]] == groups[together[1]] and len(set(groups.values())) == 2
