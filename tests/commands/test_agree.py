"""`annotriage agree`: what is printed where, what is written, and how it exits."""

import csv
import json
from pathlib import Path

import numpy as np
import pytest
import typer
from PIL import Image
from typer.testing import CliRunner, Result

from annotriage.agreement import measuring
from annotriage.agreement.mask_set import ImageMasks
from annotriage.agreement.measuring import ImageAgreement
from annotriage.commands.agree import register
from annotriage.errors import AnnotriageError
from tests.agreement.masks import disc, write_mask


def annotriage(*arguments: str | Path | int) -> Result:
    app = typer.Typer()

    @app.command()
    def another() -> None:
        """Stand in for the other verbs."""

    register(app)
    runner = CliRunner(env={"COLUMNS": "100", "NO_COLOR": "1"})
    return runner.invoke(app, ["agree", *map(str, arguments)])


def read_csv(path: Path) -> list[dict[str, str]]:
    return list(csv.DictReader(path.open(newline="", encoding="utf-8-sig")))


@pytest.fixture
def masks(tmp_path: Path) -> Path:
    """Masks of 15 images by two people who agree less and less."""
    for number in range(15):
        write_mask(tmp_path / "masks" / f"x{number}_bob.png", disc())
        write_mask(tmp_path / "masks" / f"x{number}_al.png", disc(column=41 + number))
    return tmp_path / "masks"


def test_of_several_labels_one_is_asked_for(tmp_path: Path) -> None:
    for who, shift in (("al", 0), ("bob", 3)):
        (tmp_path / who).mkdir()
        numbers = disc(column=40 + shift) * np.uint8(1) + disc(row=8, column=10, radius=5) * np.uint8(2)
        Image.fromarray(numbers).save(tmp_path / who / "a.png")
    asked = annotriage(tmp_path / "al", tmp_path / "bob", "--out", tmp_path / "metrics.csv")
    assert asked.exit_code == 2 and not (tmp_path / "metrics.csv").exists()
    assert '--label "1": in 2 masks of 2' in asked.stderr and '--label "all"' in asked.stderr
    answered = annotriage(tmp_path / "al", tmp_path / "bob", "--label", "1")
    assert answered.exit_code == 0, answered.output


def test_a_file_that_cannot_be_read_is_no_success(tmp_path: Path) -> None:
    """What a third person drew is in it: the result is not the one that was asked for."""
    for who, shift in (("al", 0), ("bob", 3), ("carol", 6)):
        (tmp_path / who).mkdir()
        np.save(tmp_path / who / "a.npy", disc(column=40 + shift))
    assert annotriage(tmp_path, "--out", tmp_path / "metrics.csv").exit_code == 0
    torn = tmp_path / "carol" / "a.npy"
    torn.write_bytes(torn.read_bytes()[:100])
    (tmp_path / "carol" / "b.json").write_text('{"images": [')
    (tmp_path / "dave.zip").write_bytes(b"PK\x03\x04 torn")
    result = annotriage(tmp_path, "--out", tmp_path / "metrics.csv")
    assert result.exit_code == 3, result.output
    said = " ".join(result.stderr.split())
    assert "Without 3 files that could not be read (" in said
    assert [row["count"] for row in read_csv(tmp_path / "metrics.csv")] == ["2"]


def test_no_kappa_is_printed_where_the_images_size_is_not_known(tmp_path: Path) -> None:
    for who, left in (("al", 5), ("bob", 9)):
        shape = {"name": "rect", "x": left, "y": 5, "width": 30, "height": 20}
        image = {
            "filename": "nowhere_7.jpg",
            "size": 1,
            "regions": [{"shape_attributes": shape, "region_attributes": {}}],
        }
        (tmp_path / f"{who}.json").write_text(json.dumps({"nowhere_7.jpg1": image}), encoding="utf-8")
    result = annotriage(tmp_path / "al.json", tmp_path / "bob.json", "--out", tmp_path / "metrics.csv")
    (row,) = read_csv(tmp_path / "metrics.csv")
    assert row["fleiss_kappa"] == "" and float(row["dice_mean"]) > 0.8
    assert "The size of 1 image" in " ".join(result.stderr.split())
    assert any(line.split()[:1] == ["nowhere_7"] and line.split()[-1] == "-" for line in result.stdout.splitlines())


def test_a_pen_of_ones_own_is_told(tmp_path: Path) -> None:
    for who, value in (("al", 1), ("bob", 2)):
        (tmp_path / who).mkdir()
        for image in ("a", "b"):
            Image.fromarray(disc(column=40 + value) * np.uint8(value)).save(tmp_path / who / f"{image}.png")
    result = annotriage(tmp_path / "al", tmp_path / "bob")
    assert result.exit_code == 0, result.output
    assert "(al 1, bob 2)" in " ".join(result.stderr.split())


def test_all_good(masks: Path, tmp_path: Path) -> None:
    out, pairs = tmp_path / "metrics.csv", tmp_path / "pairs.csv"
    result = annotriage(masks, "--out", out, "--pairs", pairs, "--top", 3)
    assert result.exit_code == 0, result.output
    lines = result.stdout.splitlines()
    assert [line.split()[0] for line in lines[1:4]] == ["x14", "x13", "x12"]
    assert lines[0].split() == ["Least", "agreement", "Masks", "Mean", "Dice", "Kappa"]
    assert [line.split()[:2] for line in lines[6:8]] == [["al", "15"], ["bob", "15"]]
    said = " ".join(result.stderr.split())
    assert "30 masks of 15 images by 2 annotators." in said
    assert "x0_al was read as image x0, annotator al." in said
    assert "15 images measured at" in said and "mean Dice 0." in said
    rows = read_csv(out)
    assert [row["image"] for row in rows] == [f"x{number}" for number in range(15)]
    dice = [float(row["dice_mean"]) for row in rows]
    assert dice == sorted(dice, reverse=True)
    assert all(row["hd95_normalized_mean"] for row in rows)
    assert len(read_csv(pairs)) == 15


def test_without_distances_their_columns_are_empty(masks: Path, tmp_path: Path) -> None:
    with_them, without = tmp_path / "1.csv", tmp_path / "2.csv"
    annotriage(masks, "--out", with_them)
    assert annotriage(masks, "--out", without, "--no-distances", "--jobs", 1).exit_code == 0
    for one, other in zip(read_csv(with_them), read_csv(without), strict=True):
        assert other["hd95_normalized_mean"] == other["assd_normalized_mean"] == ""
        assert one["dice_mean"] == other["dice_mean"]
        assert one["fleiss_kappa"] == other["fleiss_kappa"]


def test_problems_are_listed_and_the_exit_code_says_so(masks: Path, tmp_path: Path) -> None:
    (masks / "x3_al.png").write_bytes(b"")
    write_mask(masks / "x4_al.png", disc(30, 40, row=15, column=20, radius=8))
    Image.fromarray(np.uint8(255) * disc(radius=17)).save(masks / "x5_carol.jpg")
    write_mask(masks / "x5_ST.png", disc())
    out = tmp_path / "metrics.csv"
    result = annotriage(masks, "--out", out)
    assert result.exit_code == 3
    assert "The file is empty" in result.stdout and "different sizes" in result.stdout
    said = " ".join(result.stderr.split())
    assert "something is wrong with the masks of 2 images" in said
    assert "Left out: 1 file, a consensus of several, not one person's (x5_ST.png)." in said
    assert "1 mask with shades" in said
    rows = {row["image"]: row for row in read_csv(out)}
    assert len(rows) == 15
    assert rows["x3"]["dice_mean"] == rows["x4"]["dice_mean"] == ""
    assert rows["x5"]["count"] == "3"

    result = annotriage(masks, "--out", out, "--resample", "--keep-consensus")
    rows = {row["image"]: row for row in read_csv(out)}
    assert float(rows["x4"]["dice_mean"]) > 0.8
    assert rows["x5"]["count"] == "4"
    assert result.exit_code == 3


def test_many_problems_are_cut_short(masks: Path) -> None:
    for number in range(15, 45):
        write_mask(masks / f"x{number}_bob.png", disc())
    result = annotriage(masks)
    assert "and 10 more; --out writes all of them into the table." in result.stdout


@pytest.mark.slow
def test_a_pattern_and_pictures(masks: Path, tmp_path: Path) -> None:
    result = annotriage(
        *(masks, "--pattern", "x{image}_{annotator}.png", "--maps", tmp_path / "maps"),
        *("--consensus", "staple", "--consensus-dir", tmp_path / "agreed"),
    )
    assert result.exit_code == 0, result.output
    for folder in ("maps", "agreed"):
        assert len(list((tmp_path / folder).glob("*.png"))) == 15
    agreed = np.asarray(Image.open(tmp_path / "agreed" / "0.png")) > 0
    assert (agreed & disc()).sum() / disc().sum() > 0.9


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["--out", "scores.xlsx"], "does not end in .csv"),
        (["--out", ".csv"], "an ending without a name"),
        (["--out", "nowhere/metrics.csv"], "does not exist"),
        (["--pairs", "folder.csv"], "is a folder"),
        (["--maps", "file"], "is a file"),
        (["--maps", "masks/maps"], "name a folder outside"),
        (["--consensus", "mean", "--consensus-dir", "agreed"], "choose staple or majority"),
        (["--consensus", "staple"], "go together"),
        (["--consensus-dir", "agreed"], "go together"),
        (["--jobs", "0"], "jobs"),
    ],
)
def test_what_cannot_be_done_is_refused_before_the_work(
    masks: Path, tmp_path: Path, arguments: list[str], sentence: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "folder.csv").mkdir()
    (tmp_path / "file").write_text("")
    before = sorted(tmp_path.rglob("*"))
    result = annotriage(masks, *arguments)
    assert result.exit_code == 2
    assert sentence in " ".join(result.output.replace("│", " ").split())
    assert sorted(tmp_path.rglob("*")) == before


def test_a_folder_without_masks_is_a_sentence(tmp_path: Path) -> None:
    result = annotriage(tmp_path)
    assert isinstance(result.exception, AnnotriageError)
    assert "There are no masks in" in str(result.exception)
    assert annotriage(tmp_path / "nowhere").exit_code == 2


def test_ctrl_c_writes_no_half_table(masks: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    measure_image = measuring.measure_image

    def interrupted(image: ImageMasks, **options: bool) -> ImageAgreement:
        if image.image == "x7":
            raise KeyboardInterrupt
        return measure_image(image, **options)

    monkeypatch.setattr(measuring, "measure_image", interrupted)
    result = annotriage(masks, "--out", tmp_path / "metrics.csv")
    assert result.exit_code == 130
    assert "No table was written" in result.stderr
    assert not (tmp_path / "metrics.csv").exists()


def test_help_has_examples() -> None:
    result = annotriage("--help")
    assert result.exit_code == 0
    assert "annotriage agree masks --out metrics.csv" in result.output


def test_two_readings_are_named_with_their_patterns_and_exit_code_2(tmp_path: Path) -> None:
    for name in ("lesion", "nevus"):
        for number in range(1, 7):
            write_mask(tmp_path / "m" / f"{name}_{number}.png", disc(column=38 + number))
    result = annotriage(tmp_path / "m", "--out", tmp_path / "metrics.csv")
    assert result.exit_code == 2
    assert '--pattern "{image}_{annotator}": 2 images by 6 annotators; lesion_1 is 1\'s mask of image lesion.' in (
        result.stderr
    )
    assert '--pattern "{annotator}_{image}": 6 images by 2 annotators' in result.stderr
    assert "12 images, all by one person" in result.stderr
    assert not (tmp_path / "metrics.csv").exists()
    assert annotriage(tmp_path / "m", "--pattern", "{image}_{annotator}").exit_code == 0


def test_pieces_are_united_and_empty_masks_counted(masks: Path, tmp_path: Path) -> None:
    write_mask(masks / "x3_bob.bmp", disc(column=60))
    write_mask(masks / "x4_al.png", np.zeros((60, 80), np.bool_))
    result = annotriage(masks, "--out", tmp_path / "m.csv", "--pairs", tmp_path / "p.csv")
    said = " ".join(result.stderr.split())
    assert "put together in 1 case (x3: x3_bob.bmp and x3_bob.png of bob)." in said
    assert "1 mask in which nothing is marked (x4_al.png of al)." in said
    rows = {row["image"]: row for row in read_csv(tmp_path / "m.csv")}
    assert [rows["x3"][name] for name in ("count", "united", "empty")] == ["2", "1", "0"]
    assert [rows["x4"][name] for name in ("count", "united", "empty")] == ["2", "0", "1"]
    bob = disc() | disc(column=60)
    other = disc(column=44)
    assert float(rows["x3"]["dice_mean"]) == pytest.approx(2 * (bob & other).sum() / (bob.sum() + other.sum()))
    pairs = [row for row in read_csv(tmp_path / "p.csv") if row["image"] == "x3"]
    assert [(row["annotator1"], row["annotator2"], row["mask2"]) for row in pairs] == [
        ("al", "bob", "x3_bob.bmp + x3_bob.png")
    ]


def test_written_is_only_what_was_written(tmp_path: Path) -> None:
    write_mask(tmp_path / "m" / "a_bob.png", disc())
    result = annotriage(tmp_path / "m", "--maps", tmp_path / "maps")
    assert "Written" not in result.stderr and "No picture was written" in result.stderr
    write_mask(tmp_path / "m" / "a_al.png", disc())
    (tmp_path / "file").write_text("")
    result = annotriage(tmp_path / "m", "--maps", tmp_path / "file" / "maps")
    assert result.exit_code == 3 and "Written" not in result.stderr


def test_lines_are_not_padded(masks: Path) -> None:
    (masks / "x3_al.png").write_bytes(b"")
    lines = annotriage(masks).stdout.splitlines()
    assert any(line.startswith("x3: x3_al.png cannot be read.") for line in lines)
    assert all(line == line.rstrip() for line in lines)
    assert max(map(len, lines)) < 200
