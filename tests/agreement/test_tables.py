"""The tables that are written, and pairs brought to images."""

import csv
import math
from pathlib import Path

import pytest

from annotriage.agreement.finding import find_masks
from annotriage.agreement.measuring import measure
from annotriage.agreement.metrics_table import (
    METRICS_COLUMNS,
    PAIR_COLUMNS,
    TableText,
    metrics_cells,
    pair_cells,
)
from annotriage.agreement.pairs_table import aggregate_pairs
from annotriage.datasets.labels import read_labels
from annotriage.errors import AnnotriageError
from tests.agreement.masks import disc, write_mask


def rows_of(path: Path) -> list[dict[str, str]]:
    return list(csv.DictReader(path.open(newline="", encoding="utf-8-sig")))


@pytest.fixture
def written(tmp_path: Path) -> tuple[Path, Path]:
    for number in range(4):
        for place, person in enumerate(("al", "bob", "ca,rol")[: 1 + number]):
            mask = disc(row=30 + 2 * place, column=40 + number * place, radius=12 + place)
            write_mask(tmp_path / "m" / person / f"a{number}.png", mask)
    metrics, pairs = TableText(METRICS_COLUMNS), TableText(PAIR_COLUMNS)
    for measured in measure(find_masks([tmp_path / "m"]), threads=2):
        metrics.add(metrics_cells(measured))
        for cells in pair_cells(measured):
            pairs.add(cells)
    metrics.write(tmp_path / "metrics.csv")
    pairs.write(tmp_path / "pairs.csv")
    return tmp_path / "metrics.csv", tmp_path / "pairs.csv"


def test_the_metrics_table(written: tuple[Path, Path]) -> None:
    rows = rows_of(written[0])
    assert ",".join(rows[0]) == (
        "image,count,dice_mean,dice_std,dice_min,jaccard_mean,hd95_normalized_mean,assd_normalized_mean,fleiss_kappa,empty,united,error"
    )
    assert [(row["image"], row["count"]) for row in rows] == [("a0", "1"), ("a1", "2"), ("a2", "3"), ("a3", "3")]
    assert rows[0]["dice_mean"] == rows[0]["fleiss_kappa"] == rows[1]["dice_std"] == ""
    assert "agreement needs two" in rows[0]["error"]
    assert 0 < float(rows[3]["hd95_normalized_mean"]) < 0.1


def test_training_reads_it(written: tuple[Path, Path]) -> None:
    table = read_labels(written[0], ["jaccard_mean", "fleiss_kappa"])
    assert [label.image for label in table.rows] == ["a1", "a2", "a3"]
    assert [problem.names for problem in table.problems] == [["a0"]]
    assert 0 < table.rows[0].further["fleiss_kappa"] < 1


def test_the_pairs_brought_together_are_the_metrics(written: tuple[Path, Path]) -> None:
    pairs = rows_of(written[1])
    assert len(pairs) == 1 + 3 + 3
    assert (pairs[2]["annotator2"], pairs[2]["mask2"]) == ("ca,rol", "a2.png")
    by_image = {row["image"]: row for row in rows_of(written[0])}
    for summary in aggregate_pairs(written[1]):
        row = by_image[summary.image]
        assert summary.mean("dice") == pytest.approx(float(row["dice_mean"]), abs=1e-9)
        assert summary.min("dice") == pytest.approx(float(row["dice_min"]), abs=1e-9)
        assert summary.mean("assd_normalized") == pytest.approx(float(row["assd_normalized_mean"]), abs=1e-9)
        assert summary.std("dice") == pytest.approx(float(row["dice_std"] or "nan"), abs=1e-9, nan_ok=True)


@pytest.mark.slow
def test_the_pairs_of_ima_give_its_table_of_images(shared_data: Path) -> None:
    summaries = {each.image: each for each in aggregate_pairs(shared_data / "ima" / "pairwise_metrics.csv")}
    expected = rows_of(shared_data / "ima" / "image_level_metrics.csv")
    assert len(expected) == len(summaries) == 2194
    measures = ("dice_score", "jaccard_score", "hd_score", "hd95_score", "assd_score", "hd_score_normalized")
    for row in expected:
        summary = summaries[row["img_id"]]
        for column in measures:
            measure = column.replace("_score", "")
            for name, value in {"mean": summary.mean(measure), "std": summary.std(measure)}.items():
                cell = row[f"{column}_{name}"]
                assert value == pytest.approx(float(cell or "nan"), abs=1e-9, nan_ok=True), (row["img_id"], column)


@pytest.mark.slow
def test_with_consensus_masks_there_are_more_pairs(shared_data: Path) -> None:
    path = shared_data / "ima" / "pairwise_metrics.csv"
    people, all_masks = aggregate_pairs(path), aggregate_pairs(path, keep_consensus=True)
    assert sum(len(each.values["dice"]) for each in all_masks) == 14422
    assert sum(len(each.values["dice"]) for each in people) == 2852
    counts = {each.image: each.count for each in people}
    assert counts["ISIC_0000004.JPG"] == 2


def test_bad_pairs(tmp_path: Path) -> None:
    path = tmp_path / "pairs.csv"
    path.write_text("img_id;mask1;mask2;annotator1;annotator2;dice_score\na;1;2;x;y;0,5\na;1;3;x;y;oops\n")
    (summary,) = aggregate_pairs(path)
    assert (summary.count, summary.mean("dice")) == (3, 0.5)
    assert math.isnan(summary.mean("hd")) and math.isnan(summary.min("hd"))
    path.write_text("img_id,mask1,mask2,annotator1,annotator2,dice_score\na,1,2,ST,MV,0.5\n")
    with pytest.raises(AnnotriageError, match="no pair of masks that people drew"):
        aggregate_pairs(path)
    path.write_text("img_id,mask1,mask2,annotator1,annotator2\na,1,2,x,y\n")
    with pytest.raises(AnnotriageError, match="Dice"):
        aggregate_pairs(path)


def test_a_folder_that_cannot_be_written_is_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(AnnotriageError, match="cannot be written"):
        TableText(METRICS_COLUMNS).write(tmp_path / "nowhere" / "metrics.csv")


def test_bytes_of_a_name_that_are_no_letters_are_spelled(tmp_path: Path) -> None:
    """One such byte would make readers take the whole table for another code."""
    table = TableText(["image", "mask1"])
    table.add(["läsion", "l\udce4sion.png"])
    table.write(tmp_path / "pairs.csv")
    assert (tmp_path / "pairs.csv").read_text("utf-8-sig") == "image,mask1\nläsion,l\\xe4sion.png\n"
