"""`annotriage people`: what is printed where, what is written, and how it exits."""

import json
import math
from pathlib import Path

import numpy as np
import pytest
import typer
from PIL import Image
from typer.testing import CliRunner, Result

from annotriage.commands.people import register
from annotriage.version import lacking
from tests.agreement.masks import disc, write_mask

pytestmark = pytest.mark.slow


def annotriage(*arguments: str | Path | int) -> Result:
    app = typer.Typer()

    @app.command()
    def another() -> None:
        """Stand in for the other verbs."""

    register(app)
    runner = CliRunner(env={"COLUMNS": "100", "NO_COLOR": "1"})
    return runner.invoke(app, ["people", *map(str, arguments)])


@pytest.fixture(scope="module")
def masks(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Masks of 12 images by three people, of whom Miranda draws larger; and the photographs of some of them."""
    folder = tmp_path_factory.mktemp("team")
    chance = np.random.default_rng(0)
    for number in range(12):
        radius = float(chance.uniform(14, 20))
        for who, factor in (("Miranda", 1.25), ("Prospero", 1.0), ("Caliban", 1.0)):
            drawn = radius * math.sqrt(factor) * math.exp(chance.normal(0, 0.02))
            write_mask(folder / "masks" / who / f"x{number}.png", disc(90, 120, row=45, column=60, radius=drawn))
        if number < 11:
            (folder / "photos").mkdir(exist_ok=True)
            Image.new("RGB", (240, 180), (200, 150, 130)).save(folder / "photos" / f"x{number}.jpg")
    return folder


def test_the_report_is_printed_and_written(masks: Path, tmp_path: Path) -> None:
    done = annotriage(masks / "masks", "--report", tmp_path / "team.html")
    assert done.exit_code == 0, done.output
    text = " ".join(done.stdout.split())
    assert "Miranda draws larger than the others" in text and "Who agrees with whom" in text
    assert "36 masks of 12 images" in done.stderr
    html = (tmp_path / "team.html").read_text(encoding="utf-8")
    assert "Miranda draws larger than the others" in html and html.count("<img") >= 4


@pytest.mark.parametrize("ending", ["pdf", "tex", "json"])
def test_every_kind_of_report(masks: Path, tmp_path: Path, ending: str) -> None:
    assert annotriage(masks / "masks", "--report", tmp_path / f"team.{ending}").exit_code == 0
    assert (tmp_path / f"team.{ending}").stat().st_size > 3000


def test_letters_leave_no_name_in_what_is_passed_on(masks: Path, tmp_path: Path) -> None:
    done = annotriage(masks / "masks", "--letters", "--json", "--report", tmp_path / "team.html")
    told = json.loads(done.stdout)
    assert told["lettered"] is True and told["people"] == ["A", "B", "C"]
    for text in (done.stdout, (tmp_path / "team.html").read_text(encoding="utf-8")):
        assert not any(name in text for name in ("Miranda", "Prospero", "Caliban"))
    assert "is Miranda" in done.stderr


def test_the_pairs_of_agree_are_read(masks: Path, tmp_path: Path) -> None:
    from annotriage.agreement.finding import find_masks
    from annotriage.agreement.measuring import measure
    from annotriage.agreement.metrics_table import PAIR_COLUMNS, TableText, pair_cells

    table = TableText(PAIR_COLUMNS)
    for image in measure(find_masks([masks / "masks"]), with_distances=False):
        for cells in pair_cells(image):
            table.add(cells)
    table.write(tmp_path / "pairs.csv")
    from_pairs, from_masks = (
        json.loads(annotriage(*given, "--json").stdout)
        for given in (("--pairs", tmp_path / "pairs.csv"), (masks / "masks",))
    )
    assert [pair["dice"] for pair in from_pairs["pairs"]] == pytest.approx(
        [pair["dice"] for pair in from_masks["pairs"]], abs=1e-9
    )
    assert [each["quantity"]["key"] for each in from_pairs["quantities"]] == ["agreement"]


def test_a_feedback_sheet(masks: Path, tmp_path: Path) -> None:
    for sheet in ("sheet.pdf", "sheet.html"):
        done = annotriage(
            masks / "masks", "--feedback", "miranda", "--images", masks / "photos", "--out", tmp_path / sheet
        )
        assert done.exit_code == 0, done.output
    assert (tmp_path / "sheet.pdf").read_bytes().startswith(b"%PDF")
    html = (tmp_path / "sheet.html").read_text(encoding="utf-8")
    assert "Larger than the others" in html and "Miranda draws larger than the others" in html
    assert "Prospero" not in html and "Caliban" not in html
    named = annotriage(masks / "masks", "--feedback", "Miranda", "--names", "--out", tmp_path / "named.html")
    assert named.exit_code == 0 and "Caliban and Prospero" in (tmp_path / "named.html").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ((), "Name masks, or a table of pairs"),
        (("MASKS", "--feedback", "Miranda"), "--feedback and --out go together"),
        (("MASKS", "--names"), "belongs to a feedback sheet"),
        (("MASKS", "--feedback", "Ariel", "--out", "x.pdf"), "No annotator is called Ariel; there are Caliban, Mir"),
        (("MASKS", "--min-images", "50"), "No two people share 50 images"),
        (("MASKS", "--min-images", "2"), "min-images"),
        (("MASKS", "--feedback", "Miranda", "--out", "x.png"), "does not end in .pdf, .html"),
    ],
)
def test_what_cannot_be_done_is_said(
    masks: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, arguments: tuple[str, ...], said: str
) -> None:
    monkeypatch.chdir(tmp_path)
    done = annotriage(*(masks / "masks" if each == "MASKS" else each for each in arguments))
    words = " ".join(done.output.replace("│", " ").split()) + str(done.exception)
    assert done.exit_code != 0 and said in words
    assert not list(tmp_path.iterdir())


def test_without_the_library_of_statistics_it_says_what_to_install(
    masks: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert lacking("statistics") == []
    monkeypatch.setattr("annotriage.version.lacking", lambda _: ["statsmodels"])
    done = annotriage(masks / "masks")
    assert done.exit_code != 0 and "statsmodels missing" in str(done.exception)


def test_the_same_from_python(masks: Path) -> None:
    import annotriage

    team = annotriage.people(masks / "masks", threads=1)
    assert str(team) == annotriage_text(masks) and team.people == ("Caliban", "Miranda", "Prospero")
    with pytest.raises(TypeError, match="masks, or a table of pairs"):
        annotriage.people()


def annotriage_text(masks: Path) -> str:
    return annotriage(masks / "masks").stdout
