"""Pairs of people with their tools, read for a training: what is not used is counted, consensus is nobody."""

import csv
from pathlib import Path

import numpy as np
import pytest

from annotriage.errors import AnnotriageError
from annotriage.measures.ways import way_of_pair
from annotriage.regressors.data.pairs import EXPERTS, UNKNOWN, WITH_NOVICE, Pairs, read_pair_table

HEADER = "img_id,annotator1,annotator2,dice_score,tool1,skill_level1,tool2,skill_level2"


def table(folder: Path, *lines: str, header: str = HEADER) -> Path:
    file = folder / "pairs.csv"
    file.write_text("\n".join([header, *lines]) + "\n")
    return file


def test_ways_skills_and_what_is_not_used(tmp_path: Path) -> None:
    file = table(
        tmp_path,
        "a.jpg,A1,A2,0.9,T1,S1,T2,S1",
        "a.jpg,A1,ST,0.8,T1,S1,ST,ST",
        "b.jpg,A1,A2,0.7,T3,S2,T3,S1",
        "b.jpg,A1,A1,0.95,T2,S1,T2,S1",
        "c.jpg,A1,A2,0.6,T1,expert,T9,S1",
        "c.jpg,A1,A2,0.5,T1,,T1,S1",
        "d.jpg,A1,A2,0.5,,S1,T1,S1",
    )
    found = read_pair_table(file)
    assert found.stems == ("a", "b", "b", "c")
    assert found.ways.tolist() == ["hand_fill", "corrected", "fill", "hand"]
    assert found.skills.tolist() == [EXPERTS, WITH_NOVICE, EXPERTS, UNKNOWN]
    assert found.dice.tolist() == [0.9, 0.7, 0.95, 0.5] and found.same.tolist() == [False, False, True, False]
    told = " ".join(found.remarks)
    for words in ("1 pair with a consensus", "1 pair of masks were drawn with other tools (T1 + T9", "do not say with"):
        assert words in told or words.replace(" were", "") in told, told
    assert found.rows(["B", "x", "a"]).tolist() == [2, 0, 0, -1]
    lines = file.read_text().splitlines()[1:]
    again = read_pair_table(table(tmp_path, *lines, "d.jpg,A1,MV,0.5,T1,S1,MV,MV"))
    assert again.sha256 == found.sha256, "of what is used alone"
    assert read_pair_table(table(tmp_path, *lines[:3], lines[3].replace("0.95", "0.94"))).sha256 != found.sha256


@pytest.mark.parametrize(
    ("header", "line"),
    [
        ("image,mask1,mask2,annotator1,annotator2,dice", "a.jpg,m,n,A1,A2,0.9"),
        (HEADER, "a.jpg,A1,A2,0.9,lasso,S1,lasso,S1"),
    ],
)
def test_a_table_without_tools_is_refused_with_what_to_do(tmp_path: Path, header: str, line: str) -> None:
    with pytest.raises(AnnotriageError, match="needs the columns tool1 and tool2"):
        read_pair_table(table(tmp_path, line, header=header))


def test_pairs_of_one_person_alone_teach_no_agreement(tmp_path: Path) -> None:
    lines = ("a.jpg,A1,A1,0.9,T1,S1,T1,S1", "a.jpg,A1,A2,0.9,x,S1,T1,S1")
    with pytest.raises(AnnotriageError, match="one pair of two people"):
        read_pair_table(table(tmp_path, *lines))


def test_means_by_image_and_way() -> None:
    pairs = Pairs(np.array([2, 2, 0, 5]), np.array([1, 1, 0, 1]), np.zeros(4, np.intp), np.array([0.5, 0.7, 0.9, 0.1]))
    by_way = pairs.by_way(6, 2)
    assert by_way[2].tolist()[1] == pytest.approx(0.6) and by_way[0, 0] == 0.9 and np.isnan(by_way).sum() == 9
    some = pairs.among([5, 2])
    assert (some.row.tolist(), some.dice.tolist()) == ([1, 1, 0], [0.5, 0.7, 0.1])


@pytest.mark.slow
def test_the_pairs_of_ima(shared_data: Path) -> None:
    file = shared_data / "ima" / "pairwise_metrics.csv"
    found = read_pair_table(file)
    with file.open(newline="") as lines:
        people = [row for row in csv.DictReader(lines) if not {row["annotator1"], row["annotator2"]} & {"ST", "MV"}]
    assert len(found.dice) == len(people) == 2852
    assert found.ways.tolist() == [way_of_pair(row["tool1"], row["tool2"]) for row in people]
    assert found.same.tolist() == [row["annotator1"] == row["annotator2"] for row in people]
    # Nobody else filled: all pairs of flood fill are of one person alone.
    assert found.same[found.ways == "fill"].all() and (found.ways == "fill").sum() == 151
