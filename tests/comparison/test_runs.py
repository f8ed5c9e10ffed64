"""Reading runs, and a sentence for each way in which they do not belong together."""

import gzip
import json
from pathlib import Path

import numpy as np
import pytest

from annotriage.comparison.comparing import compare
from annotriage.comparison.pairing import paired
from annotriage.comparison.runs import read_run, read_runs
from annotriage.errors import AnnotriageError
from tests.comparison.made_runs import runs_of, write_grid, write_run, write_table

DICE = {f"im{k}": 0.5 + 0.02 * k for k in range(20)}
GUESS = {f"im{k}": 0.55 + 0.015 * k for k in range(8)}


def change(folder: Path, **values: object) -> None:
    """Change values in a run's metrics."""
    metrics = json.loads((folder / "metrics.json").read_text()) | values
    (folder / "metrics.json").write_text(json.dumps({k: v for k, v in metrics.items() if v is not None}))


def test_a_run_folder_is_read_with_its_images(tmp_path: Path) -> None:
    run = read_run(write_run(tmp_path / "run", "mine", 3, DICE, GUESS))
    assert (run.model, run.run, run.backbone, run.data) == ("mine", "3", "resnet18", "table")
    assert run.images is not None and run.images.names == tuple(sorted(GUESS))
    assert run.images.absolute.mean() == pytest.approx(run.mae, abs=1e-5)
    assert run.images.baseline("mae").mean() == pytest.approx(run.median_mae, abs=1e-5)
    assert len(run.images.known) == len(DICE) - len(GUESS)


def test_the_bundled_runs_results_are_read() -> None:
    run = read_run(Path(__file__).parents[2] / "training" / "runs" / "bundled")
    assert run.images is not None and len(run.images.names) == 167
    assert run.images.absolute.std(ddof=1) == pytest.approx(run.mae_sd, abs=1e-5)


def test_runs_are_found_below_a_folder_and_only_once(tmp_path: Path) -> None:
    grid = write_grid(tmp_path / "grid", {"a": 0.1, "b": 0.2}, runs=3)
    runs = read_runs([grid, grid / "a"])
    assert [(run.model, run.run) for run in runs] == [(m, str(n)) for m in "ab" for n in (1, 2, 3)]


def test_compressed_predictions_are_read_alike(tmp_path: Path) -> None:
    folder = write_run(tmp_path / "run", "mine", 3, DICE, GUESS)
    before = read_run(folder).images
    plain = folder / "predictions.csv"
    (folder / "predictions.csv.gz").write_bytes(gzip.compress(plain.read_bytes()))
    plain.unlink()
    after = read_run(folder).images
    assert before is not None and after is not None
    np.testing.assert_array_equal(before.predicted, after.predicted)


def test_runs_of_one_number_are_paired_in_any_order() -> None:
    errors = np.arange(6.0).reshape(3, 2)
    runs = runs_of(errors, ["a", "b"])
    table = paired([*reversed(runs[:3]), *runs[3:]])
    np.testing.assert_array_equal(table.values("mse"), errors)


def test_runs_are_paired_by_their_split(tmp_path: Path) -> None:
    grid = write_grid(tmp_path / "grid", {"a": 0.1, "b": 0.2}, runs=3)
    for number, seed in ((1, 7), (2, 5), (3, 6)):  # b's seeds are others, its splits the same
        (grid / "b" / f"run-{number:02d}" / "versions.json").write_text(json.dumps({"seed": seed}))
    for row in paired(read_runs([grid])).runs:
        assert row[0].split == row[1].split


def test_a_table_of_runs_is_read(tmp_path: Path) -> None:
    mse, mae = np.array([[0.1, 0.2], [0.3, 0.4]]), np.array([[0.5, 0.6], [0.7, 0.8]])
    table = paired(read_runs([write_table(tmp_path / "runs.csv", mse, mae, ["a", "b"])]))
    np.testing.assert_array_equal(table.values("mse"), mse)
    np.testing.assert_array_equal(table.values("mae"), mae)


def test_a_table_of_image_errors_is_read_also_gzipped(tmp_path: Path) -> None:
    lines = ["model,run,image,dice,predicted_dice"]
    lines += [
        f"{m},1,{name},{DICE[name]},{GUESS[name] + shift}" for m, shift in (("a", 0), ("b", 0.1)) for name in GUESS
    ]
    path = tmp_path / "images.csv.gz"
    path.write_bytes(gzip.compress("\n".join(lines).encode()))
    a, b = read_runs([path])
    assert a.mae == pytest.approx(np.mean([abs(GUESS[n] - DICE[n]) for n in GUESS]))
    assert b.images is not None and np.isnan(b.images.lower).all()


def refused(paths: list[Path], match: str) -> None:
    """Expect a sentence."""
    with pytest.raises(AnnotriageError, match=match):
        paired(read_runs(paths))


def test_missing_and_bad_metrics_are_named(tmp_path: Path) -> None:
    folder = write_run(tmp_path / "run", "mine", 3, DICE, GUESS)
    change(folder, mse=None)
    refused([folder], r"metrics\.json has no mse")
    change(folder, mse=float("nan"))
    refused([folder], "the run has diverged")
    (folder / "metrics.json").write_text("{")
    refused([folder], r"metrics\.json is damaged")
    (folder / "metrics.json").unlink()
    refused([folder], r"not finished .*--resume")


def test_nan_in_predictions_and_files_of_another_run_are_named(tmp_path: Path) -> None:
    folder = write_run(tmp_path / "run", "mine", 3, DICE, GUESS)
    text = (folder / "predictions.csv").read_text()
    last = text.strip().rsplit("\n", 1)[1]
    (folder / "predictions.csv").write_text(text.replace(last, last.rsplit(",", 3)[0] + ",nan,nan,nan"))
    refused([folder], "no numbers")
    (folder / "predictions.csv").write_text(text)
    change(folder, mae=0.5)
    refused([folder], "are of different runs")


def test_tables_with_holes_are_named_by_line(tmp_path: Path) -> None:
    path = tmp_path / "runs.csv"
    path.write_text("model,run,mse,mae\na,1,0.1,0.2\na,2,nan,0.2\n")
    refused([path], "mse in line 3 .* no number")
    path.write_text("model,run,mse,mae\na,1,0.1,\n")
    refused([path], "mae in line 2 .* missing")
    path.write_text("model,run,mse\na,1,0.1\n")
    refused([path], "no column for the MAE")
    path.write_text("model,run,mse,mae\n")
    refused([path], "header only")


@pytest.mark.parametrize(
    ("mse", "mae", "match"),
    [
        ("-0.02", "0.1", r"The MSE in line 3 of .*runs\.csv is -0\.02, .* neg_mean_squared_error has its sign turned"),
        ("0.02", "-0.1", r"The MAE in line 3 of .*runs\.csv is -0\.1, .* neg_mean_absolute_error has its sign turned"),
        (
            "0.1",
            "0.02",
            r"In line 3 of .*runs\.csv, the MSE 0\.1 is above the MAE 0\.02: are the two columns the other way",
        ),
        ("2", "12", r"In line 3 of .*runs\.csv, the MAE 12 is above 1: is it in per cent\?"),
    ],
)
def test_errors_that_no_dice_has_are_named_by_line(tmp_path: Path, mse: str, mae: str, match: str) -> None:
    path = tmp_path / "runs.csv"
    path.write_text(f"model,run,mse,mae\na,1,0.02,0.1\na,2,{mse},{mae}\n")
    with pytest.raises(AnnotriageError, match=match):
        read_runs([path])


def test_a_dice_in_per_cent_is_named_by_line(tmp_path: Path) -> None:
    path = tmp_path / "images.csv"
    path.write_text("model,run,image,dice,predicted_dice\na,1,i,0.9,0.8\na,1,j,91,0.8\n")
    with pytest.raises(AnnotriageError, match=r"The dice in line 3 of .*images\.csv is 91"):
        read_runs([path])
    path.write_text("model,run,image,dice,predicted_dice\na,1,i,0.9,1.02\na,1,j,0.9,80\n")
    with pytest.raises(AnnotriageError, match=r"The predicted Dice in line 3 of .*images\.csv is 80"):
        read_runs([path])


def test_runs_are_told_apart_by_their_number_however_written_and_models_not_by_capitals(tmp_path: Path) -> None:
    path = tmp_path / "runs.csv"
    path.write_text("model,run,mse,mae\na,01,0.01,0.05\nb,1,0.01,0.05\nb,2.0,0.01,0.05\n")
    assert [(run.model, run.run) for run in read_runs([path])] == [("a", "1"), ("b", "1"), ("b", "2")]
    path.write_text("model,run,mse,mae\nResNet,1,0.01,0.05\nresnet,1,0.02,0.06\n")
    with pytest.raises(AnnotriageError, match="ResNet and resnet differ in capitals only"):
        read_runs([path])


def test_a_run_folder_of_impossible_errors_is_refused(tmp_path: Path) -> None:
    folder = write_run(tmp_path / "a", "a", 1, DICE, GUESS)
    (folder / "predictions.csv").unlink()
    (folder / "metrics.json").write_text('{"mse": 0.2, "mae": 0.1}')
    refused([folder], r"metrics\.json, the MSE 0\.2 is above the MAE 0\.1")


def test_runs_of_different_data_or_splits_are_refused(tmp_path: Path) -> None:
    first = write_run(tmp_path / "a", "a", 1, DICE, GUESS)
    refused([first, write_run(tmp_path / "b", "b", 1, DICE, GUESS, table="other")], "different tables of labels")
    other_test = {f"im{k}": 0.5 for k in range(10, 18)}
    refused([first, write_run(tmp_path / "c", "c", 1, DICE, other_test)], "different splits or numbers")
    other_dice = DICE | {"im0": 0.9}
    refused([first, write_run(tmp_path / "d", "d", 1, other_dice, GUESS)], "different images or labels")


def test_unequal_numbers_repeats_and_constant_errors_are_refused(tmp_path: Path) -> None:
    runs = runs_of(np.random.default_rng(0).normal(0.1, 0.01, (4, 2)), ["a", "b"])
    with pytest.raises(AnnotriageError, match=r"unequal numbers of runs \(a 4, b 3\)"):
        paired(runs[:-1])
    with pytest.raises(AnnotriageError, match="Run 0 of a is given twice"):
        paired([*runs, runs[0], runs[4]])
    with pytest.raises(AnnotriageError, match="All 4 runs of b have the same MSE"):
        paired(runs_of(np.column_stack([np.arange(4) + 1.0, np.ones(4)]), ["a", "b"]))
    with pytest.raises(AnnotriageError, match="no runs to compare"):
        paired([])
    with pytest.raises(AnnotriageError, match="no finished run in"):
        read_runs([tmp_path])


DEEP = "[" * 200_000


@pytest.mark.parametrize(
    ("file", "content"),
    [
        ("metrics.json", DEEP.encode()),
        ("split.json", DEEP.encode()),
        ("versions.json", DEEP.encode()),
        ("recipe.toml", f"a = {DEEP}".encode()),
        ("recipe.toml", b"seed = " + b"9" * 5000),
        ("recipe.toml", b"name = '\xff'"),
        ("predictions.csv.gz", gzip.compress(b"image,split\n" * 2000, mtime=0)[:40]),
        ("predictions.csv.gz", gzip.compress(bytes(range(256)) * 40)[:-60] + b"\0" * 60),
        ("predictions.csv.gz", b"no gzip at all"),
        ("predictions.csv", b""),
        ("predictions.csv", b"\xff\xfe\x00"),
    ],
)
def test_damaged_files_are_told_in_a_sentence(tmp_path: Path, file: str, content: bytes) -> None:
    folder = write_run(tmp_path / "run", "mine", 3, DICE, GUESS)
    if file.startswith("predictions"):
        (folder / "predictions.csv").unlink()
    (folder / file).write_bytes(content)
    with pytest.raises(AnnotriageError, match=file) as caught:
        read_run(folder)
    assert len(str(caught.value)) < 600


def test_a_damaged_table_of_runs_is_told_in_a_sentence(tmp_path: Path) -> None:
    data = bytearray(gzip.compress(b"model,run,mse,mae\n" + b"a,1,0.1,0.2\n" * 500))
    data[30:50] = b"\xff" * 20
    (tmp_path / "runs.csv.gz").write_bytes(bytes(data))
    with pytest.raises(AnnotriageError, match="cannot be read"):
        read_runs([tmp_path / "runs.csv.gz"])


def test_what_unzips_without_end_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("annotriage.tables.zipped.MOST_BYTES", 1000)
    (tmp_path / "runs.csv.gz").write_bytes(gzip.compress(bytes(5000)))
    with pytest.raises(AnnotriageError, match="holds more than"):
        read_runs([tmp_path / "runs.csv.gz"])


def test_a_number_of_endless_digits_is_no_metric(tmp_path: Path) -> None:
    folder = write_run(tmp_path / "run", "mine", 3, DICE, GUESS)
    change(folder, mse=10**4000)
    with pytest.raises(AnnotriageError, match="which is no number"):
        read_run(folder)


def test_folders_that_hold_links_to_themselves_are_looked_through_once(tmp_path: Path) -> None:
    grid = write_grid(tmp_path / "grid", {"a": 0.1}, runs=2)
    for name in ("again", "once more"):
        (grid / name).symlink_to(grid, target_is_directory=True)
        (grid / "a" / name).symlink_to(grid / "a", target_is_directory=True)
    elsewhere = write_grid(tmp_path / "elsewhere", {"b": 0.1}, runs=2)
    (grid / "b").symlink_to(elsewhere / "b", target_is_directory=True)
    assert [(run.model, run.run) for run in read_runs([grid])] == [("a", "1"), ("a", "2"), ("b", "1"), ("b", "2")]


def test_names_out_of_files_are_one_line(tmp_path: Path) -> None:
    folder = write_run(tmp_path / "run", "mine", 3, DICE, GUESS)
    (folder / "recipe.toml").write_text(
        'name = "a\\nb\\u001b[31m\\u202Ec\\u2028d"\nbackbone = "x\\ty"\n', encoding="utf-8"
    )
    run = read_run(folder)
    assert (run.model, run.backbone) == ("a b [31mc d", "x y")
    (tmp_path / "runs.csv").write_text('model,run,mse,mae\n"a\nb",1,0.1,0.2\n')
    assert [each.model for each in read_runs([tmp_path / "runs.csv"])] == ["a b"]


def test_what_is_compared_may_be_named_by_text_and_nothing_else(tmp_path: Path) -> None:
    grid = write_grid(tmp_path / "grid", {"a": 0.1, "b": 0.2}, runs=3)
    assert compare([str(grid)]).models == compare(str(grid)).models == compare(grid).models == ("a", "b")
    with pytest.raises(TypeError, match=r"takes runs, or paths .* is of type int"):
        compare([3])  # type: ignore[list-item]


def test_the_ratio_is_of_the_images_fitted_to(tmp_path: Path) -> None:
    folder = write_run(tmp_path / "run", "mine", 3, DICE, GUESS)
    text = (folder / "predictions.csv").read_text()
    (folder / "predictions.csv").write_text(text.replace(",train,", ",validation,", 4))
    images = read_run(folder).images
    assert images is not None and len(images.known) == 12 and images.learned == 8
