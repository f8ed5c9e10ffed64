import json
from pathlib import Path

import pytest

from annotriage.datasets.metadata import merge_metadata, read_metadata
from annotriage.errors import AnnotriageError


def told(problems) -> dict[str, list[str]]:
    return {problem.what: problem.names for problem in problems}


def test_a_table_and_json_of_both_versions_say_the_same(tmp_path: Path) -> None:
    (tmp_path / "m.csv").write_text("isic_id,age_approx,sex,diagnosis\nISIC_1,55,female,nevus\nISIC_2,,male,\n")
    old, new = tmp_path / "old", tmp_path / "new"
    old.mkdir()
    new.mkdir()
    (old / "1.json").write_text(
        json.dumps(
            {
                "_id": "54",
                "name": "ISIC_1",
                "meta": {"clinical": {"age_approx": 55, "sex": "female", "diagnosis": "nevus", "extra": None}},
            }
        )
    )
    (old / "2.json").write_text(json.dumps({"name": "ISIC_2", "meta": {"clinical": {"sex": "male"}}}))
    (new / "page.json").write_text(
        json.dumps(
            {
                "results": [
                    {
                        "isic_id": "ISIC_1",
                        "files": {"full": {"url": "https://x", "size": 3}},
                        "metadata": {"clinical": {"age_approx": 55, "sex": "female", "diagnosis": "nevus"}},
                    },
                    {"isic_id": "ISIC_2", "metadata": {"clinical": {"sex": "male"}}},
                ]
            }
        )
    )
    expected = {
        "ISIC_1": {"age_approx": "55", "sex": "female", "diagnosis": "nevus"},
        "ISIC_2": {"sex": "male"},
    }
    for path in (tmp_path / "m.csv", old, new):
        read = read_metadata(path)
        assert read.fields == expected, path
        assert read.columns == ["age_approx", "sex", "diagnosis"]
        assert read.problems == []


def test_sizes_of_the_old_api_have_today_s_names(tmp_path: Path) -> None:
    (tmp_path / "1.json").write_text(
        json.dumps({"name": "ISIC_1", "meta": {"acquisition": {"pixelsX": 1022, "pixelsY": 767}}})
    )
    assert read_metadata(tmp_path).fields == {"ISIC_1": {"pixels_x": "1022", "pixels_y": "767"}}


def test_what_does_not_match_is_counted_and_named(tmp_path: Path) -> None:
    path = tmp_path / "metadata.csv"
    path.write_text("isic_id,sex\nISIC_1,female\nISIC_2,male\nISIC_9,male\n")
    merged = merge_metadata(["a/isic_2.JPG", "ISIC_1", "other.png"], read_metadata(path))
    assert merged.rows == [{"sex": "male"}, {"sex": "female"}, {}]
    assert told(merged.problems) == {
        "images without metadata": ["other.png"],
        "metadata without an image": ["ISIC_9"],
    }
    assert str(merged.problems[0]) == "1 image without metadata (other.png)"


def test_records_of_one_image_are_joined_and_contradictions_named(tmp_path: Path) -> None:
    path = tmp_path / "metadata.csv"
    path.write_text("image,sex,age\nA.jpg,female,\na.png,,40\nb,male,30\nb,female,30\n")
    read = read_metadata(path)
    assert read.fields == {"A": {"sex": "female", "age_approx": "40"}, "b": {"sex": "male", "age_approx": "30"}}
    assert told(read.problems) == {"images of which two records say different things; the first is used": ["b"]}


def test_a_broken_file_is_named_and_nothing_at_all_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "broken.json").write_text("{")
    with pytest.raises(AnnotriageError, match="There are no metadata"):
        read_metadata(tmp_path)
    (tmp_path / "good.json").write_text('{"name": "ISIC_1", "meta": {}}')
    assert told(read_metadata(tmp_path).problems) == {"metadata files that cannot be read": ["broken.json"]}


def test_real_metadata_beside_real_images(shared_data: Path) -> None:
    stems = sorted(path.stem for path in (shared_data / "isic" / "images").iterdir())
    old = merge_metadata(stems, read_metadata(shared_data / "isic" / "json"))
    new = merge_metadata(stems, read_metadata(shared_data / "ima" / "image_metadata.csv"))
    both = [(a, b) for a, b in zip(old.rows, new.rows, strict=True) if a.get("sex") and b.get("sex")]
    assert len(both) > 200
    # Two versions of one archive, years apart: nearly all agree.
    assert sum(a["sex"] == b["sex"] for a, b in both) > 0.98 * len(both)
    without = told(new.problems)["images without metadata"]
    assert len(without) == sum(not row for row in new.rows) == 156


def test_what_a_spreadsheet_did_to_the_images_names_is_said(tmp_path: Path) -> None:
    path = tmp_path / "m.csv"
    path.write_text("image,sex\n1,female\n2.0,male\n")
    merged = merge_metadata(["001.jpg", "2.jpg"], read_metadata(path))
    assert merged.rows == [{}, {"sex": "male"}]
    assert any(problem.remark and problem.names == ["1 for 001.jpg"] for problem in merged.problems)
