"""The packaged program: its commands give the numbers of the source, its window does the whole job."""

import csv
import json
import os
import shutil
import sqlite3
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

import annotriage
from tests.comparison.made_runs import write_grid
from tests.end_to_end.packaged import User, package
from tests.end_to_end.program import run as run_source
from tests.end_to_end.xvfb import screen, skip_without_xvfb, wait_until
from tests.pictures import write_pictures

pytestmark = pytest.mark.slow

IMAGES = 12
LARGEST = 400e6
"""Bytes of the light edition."""


@pytest.fixture(scope="module", autouse=True)
def there() -> None:
    """Skip everything where there is no package."""
    package()


@pytest.fixture
def user(tmp_path: Path) -> User:
    home = tmp_path / "home"
    home.mkdir()
    return User(home)


@pytest.fixture
def photographs(shared_data: Path, tmp_path: Path) -> Path:
    """Return a folder of some real images."""
    folder = tmp_path / "batch"
    copy_images(shared_data, folder)
    return folder


def copy_images(shared_data: Path, folder: Path) -> None:
    folder.mkdir(parents=True)
    for path in sorted((shared_data / "isic" / "images").glob("*.jpg"))[:IMAGES]:
        shutil.copy(path, folder)


def edition() -> str:
    """Return which edition is tried."""
    built = json.loads(next(package().parent.rglob("build.json")).read_text(encoding="utf-8"))
    return str(built["edition"])


def decisions(sessions: Path) -> dict[str, str]:
    try:
        with closing(sqlite3.connect(f"{sessions.as_uri()}?mode=ro", uri=True)) as connection:
            return dict(connection.execute("SELECT name, decision FROM reviews WHERE decision != 'undecided'"))
    except sqlite3.Error:  # not there yet
        return {}


def scored(sessions: Path) -> list[str]:
    """Return the names of the scored images, most contentious first."""
    query = "SELECT name FROM predictions WHERE error IS NULL ORDER BY round(1 - predicted_dice, 4) DESC, name"
    try:
        with closing(sqlite3.connect(f"{sessions.as_uri()}?mode=ro", uri=True)) as connection:
            return [name for (name,) in connection.execute(query)]
    except sqlite3.Error:
        return []


def test_it_says_what_it_is(user: User) -> None:
    said = user.run("--version")
    assert said.returncode == 0, said.stderr
    assert said.stdout.startswith(f"Annotriage {annotriage.__version__} (") and "built 20" in said.stdout


def test_the_doctor_finds_it_well(user: User) -> None:
    said = user.run("doctor")
    assert said.returncode == 0, said.stdout + said.stderr
    assert "All is well." in said.stdout


def test_its_numbers_are_those_of_the_source(user: User, photographs: Path, tmp_path: Path) -> None:
    said = user.run("score", photographs, "--out", tmp_path / "package.csv", "--heatmaps", tmp_path / "overlays")
    assert said.returncode == 0, said.stderr
    done = run_source("score", photographs, "--out", tmp_path / "source.csv", home=tmp_path / "other")
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "package.csv").read_bytes() == (tmp_path / "source.csv").read_bytes()
    assert len(list((tmp_path / "overlays").glob("*.png"))) == IMAGES


def test_statistics_are_those_of_the_source(user: User, tmp_path: Path) -> None:
    grid = write_grid(tmp_path / "grid", {"a": 0.1, "b": 0.2, "c": 0.15}, runs=4)
    for ending in ("json", "html", "pdf", "tex"):
        said = user.run("compare", grid, "--report", tmp_path / f"package.{ending}")
        assert said.returncode == 0, said.stderr
    done = run_source("compare", grid, "--report", tmp_path / "source.json", home=tmp_path / "other")
    assert done.returncode == 0, done.stderr
    ours, theirs = (json.loads((tmp_path / f"{name}.json").read_text()) for name in ("package", "source"))
    for each in (ours, theirs):
        each.pop("versions", None)
    assert ours == theirs
    assert (tmp_path / "package.pdf").read_bytes().startswith(b"%PDF")


def test_agreement_is_that_of_the_source(user: User, tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    for annotator in ("ann", "bob"):
        (tmp_path / "masks" / annotator).mkdir(parents=True)
        for number in range(3):
            mask = np.zeros((40, 50), dtype=np.uint8)
            top, left = rng.integers(5, 15, 2)
            mask[top : top + 20, left : left + 20] = 255
            Image.fromarray(mask).save(tmp_path / "masks" / annotator / f"im{number}.png")
    said = user.run("agree", tmp_path / "masks", "--out", tmp_path / "package.csv")
    assert said.returncode == 0, said.stderr
    done = run_source("agree", tmp_path / "masks", "--out", tmp_path / "source.csv", home=tmp_path / "other")
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "package.csv").read_bytes() == (tmp_path / "source.csv").read_bytes()


def test_fetching_is_there(user: User) -> None:
    said = user.run("fetch", "drive", "https://drive.google.com/nothing", "--out", user.home / "fetched")
    assert said.returncode == 1
    assert "pip install" not in said.stderr and "Traceback" not in said.stderr, said.stderr


def test_licences_lie_in_it() -> None:
    folder = package().parent
    notice = next(folder.rglob("THIRD-PARTY-NOTICES.txt")).read_text(encoding="utf-8")
    for part in ("onnxruntime", "PySide6_Essentials", "numpy", "pyqtgraph", "matplotlib", "scipy"):
        assert f"\n{part.casefold()} " in notice.casefold(), part
    assert "GNU Lesser General Public License, version 3" in notice
    assert not list(folder.rglob("libreadline*")), "readline is under the GPL"


def test_the_light_edition_is_small() -> None:
    folder = package().parent
    if edition() != "light":
        pytest.skip("this is the full edition")
    size = sum(each.lstat().st_size for each in folder.rglob("*") if each.is_file() or each.is_symlink())
    assert size < LARGEST, f"{size / 1e6:.0f} MB"
    assert not list(folder.rglob("libtorch*"))


RECIPE = """
name = "tried"
backbone = "resnet18"
weights = "none"
image_size = 64
seed = 0
[split]
train = 0.6
validation = 0.2
test = 0.2
[fit]
epochs = 1
batch_size = 8
[fit.loss]
name = "mse"
[fit.optimiser]
name = "adam"
learning_rate = 1e-4
"""


def test_training_is_that_of_the_source_or_not_there(user: User, tmp_path: Path) -> None:
    images = tmp_path / "images"
    images.mkdir()
    names = [path.name for path in write_pictures(images, 40)]
    (tmp_path / "labels.csv").write_text(
        "\n".join(["image,dice_mean", *(f"{name},{0.5 + n / 100}" for n, name in enumerate(names))])
    )
    (tmp_path / "tried.toml").write_text(RECIPE)
    given = ["train", tmp_path / "tried.toml", "--images", images, "--labels", tmp_path / "labels.csv", "--out"]
    said = user.run(*given, tmp_path / "package")
    if edition() == "light":
        assert said.returncode == 1 and "Traceback" not in said.stderr
        return
    assert said.returncode == 0, said.stderr
    done = run_source(*given, tmp_path / "source", home=tmp_path / "other")
    assert done.returncode == 0, done.stderr
    ours, theirs = ((tmp_path / name / "predictions.csv").read_bytes() for name in ("package", "source"))
    assert ours == theirs
    said = user.run("score", images, "--model", tmp_path / "package" / "tried.onnx")
    assert said.returncode == 0, said.stderr


def test_the_window_does_the_whole_job(user: User, photographs: Path) -> None:
    skip_without_xvfb()
    whole_job(user, photographs)


@pytest.fixture
def stranger() -> Iterator[User]:
    """Someone without rights to the folder of the program, at home where paths are hard."""
    place = Path(tempfile.mkdtemp(prefix="annotriage-package-"))
    home = place / "Ünïcødé und Leerzeichen 皮膚"
    home.mkdir()
    rights = {}
    if os.geteuid() == 0:
        nobody = 65534
        os.chown(place, nobody, nobody)
        os.chown(home, nobody, nobody)
        rights = {"user": nobody, "group": nobody, "extra_groups": []}
    yield User(home, rights)
    shutil.rmtree(place, ignore_errors=True)


@pytest.mark.skipif(sys.platform == "win32", reason="for POSIX")
def test_another_user_does_it_without_rights_to_the_program(stranger: User, shared_data: Path) -> None:
    skip_without_xvfb()
    if stranger.rights:
        probe = subprocess.run(
            ["test", "-x", str(package())], env=stranger.environment, check=False, cwd="/", **stranger.rights
        )
        if probe.returncode != 0:
            pytest.skip("the package lies where only its builder may look")
        assert subprocess.run(
            ["test", "-w", str(package().parent)], env=stranger.environment, check=False, cwd="/", **stranger.rights
        ).returncode  # fmt: skip
    photographs = stranger.home / "Fotos mit ü"
    copy_images(shared_data, photographs)
    before = contents(package().parent)
    said = stranger.run("doctor")
    assert said.returncode == 0, said.stdout + said.stderr
    whole_job(stranger, photographs)
    assert contents(package().parent) == before, "something was written into the folder of the program"


def contents(folder: Path) -> list[tuple[str, int]]:
    return sorted((str(path), path.lstat().st_mtime_ns) for path in folder.rglob("*"))


def whole_job(user: User, photographs: Path) -> None:
    """Open, score, decide, export, close."""
    exported = user.home / f"{photographs.name} list.csv"
    with screen() as shown, user.window(shown, "open", photographs) as process:
        window = shown.wait_for_window(f"{photographs.name} – Annotriage")
        wait_until(lambda: len(scored(user.sessions)) == IMAGES, "not all images were scored", seconds=60)
        ranking = scored(user.sessions)
        shown.key("Home", "1", "2")
        wait_until(lambda: len(decisions(user.sessions)) == 2, "decisions are not kept")
        assert sorted(decisions(user.sessions).values()) == ["expert", "routine"]
        shown.key("ctrl+e")
        dialog = shown.wait_for_window("^Export$")
        shown.key("Return")  # what is offered will do
        wait_until(exported.exists, "nothing was exported")
        shown.focus(dialog)
        shown.key("Escape")
        shown.wait_until_gone("^Export$")
        shown.focus(window)
        shown.key("ctrl+q")
        said, _ = process.communicate(timeout=30)
        assert process.returncode == 0, said
        assert "Traceback" not in said, said
    with exported.open(encoding="utf-8-sig") as file:
        lines = {line["image"]: line["decision"] for line in csv.DictReader(file)}
    assert set(lines) == set(ranking)
    assert {name: decision for name, decision in lines.items() if decision != "undecided"} == decisions(user.sessions)
