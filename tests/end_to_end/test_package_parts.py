"""Nothing that a library imports by name, at the moment when it is needed, is missing in the packaged program.

PyInstaller sees what is imported by what stands in the code. Ways to read and to write a format, and libraries that are
imported inside functions, are found here by using each of them once.
"""

import json
import re
import subprocess
import time
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import openpyxl
import pytest
import requests
from PIL import Image, features

from annotriage.model_file import ModelLibrary, with_card
from tests.end_to_end.packaged import User, package
from tests.end_to_end.program import run as run_source
from tests.pictures import picture, write_pictures

pytestmark = pytest.mark.slow

IMAGES = 40


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
def study(tmp_path: Path) -> Path:
    """Return a folder with images, a table of labels, metadata, and a table of masks drawn with two tools."""
    folder = tmp_path / "study"
    (folder / "images").mkdir(parents=True)
    names = [path.name for path in write_pictures(folder / "images", IMAGES)]
    dice = np.random.default_rng(0).uniform(0.4, 1, IMAGES).round(4).tolist()
    rows = [(name, 2, each) for name, each in zip(names, dice, strict=True)]
    write_table(folder / "labels.csv", [("image", "count", "dice_mean"), *rows])
    metadata = [(name, ("benign", "malignant")[place % 2]) for place, name in enumerate(names)]
    write_table(folder / "metadata.csv", [("isic_id", "benign_malignant"), *metadata])
    masks = [
        (name, annotator, f"T{1 + place // 2 % 2}", "S1")
        for place, name in enumerate(names)
        for annotator in ("ann", "bob")
    ]
    write_table(folder / "masks.csv", [("image", "annotator", "tool", "skill_level"), *masks])
    book = openpyxl.Workbook()
    for title in ("Labels", "Older"):
        sheet = book.create_sheet(title)
        for row in [("image", "count", "dice_mean"), *rows]:
            sheet.append(row)
    del book["Sheet"]
    book.save(folder / "study.xlsx")
    return folder


def write_table(path: Path, rows: list[tuple[Any, ...]]) -> None:
    path.write_text("".join(",".join(map(str, row)) + "\n" for row in rows), encoding="utf-8")


def of_package_and_source(user: User, name: str, *arguments: str | Path) -> list[bytes]:
    """Return what the file `name`, which the arguments name as OUT, is by the package and by the source."""
    written = []
    for who in ("package", "source"):
        out = user.home / who / name
        out.parent.mkdir(exist_ok=True)
        given = [out if each == "OUT" else each for each in arguments]
        done = user.run(*given) if who == "package" else run_source(*given, home=user.home / "other")
        assert done.returncode == 0, done.stderr
        assert "Traceback" not in done.stderr
        written.append(out.read_bytes())
    return written


def test_every_format_of_images_is_read_as_by_the_source(user: User, tmp_path: Path) -> None:
    folder = tmp_path / "formats"
    folder.mkdir()
    image = Image.fromarray(picture(0.4))
    endings = ["jpg", "png", "bmp", "gif", "webp"]
    endings += ["avif"] * features.check("avif") + ["jp2"] * features.check("jpg_2000")
    for ending in endings:
        image.save(folder / f"a.{ending}")
    for compression in ("raw", "tiff_lzw", "tiff_adobe_deflate", "packbits", "jpeg", "zstd", "lzma"):
        image.save(folder / f"{compression}.tif", compression=None if compression == "raw" else compression)
    image.convert("CMYK").save(folder / "cmyk.jpg")
    Image.fromarray(np.full((40, 50), 30_000, np.uint16)).save(folder / "sixteen.png")
    ours, theirs = of_package_and_source(user, "scores.csv", "score", folder, "--out", "OUT")
    assert ours == theirs
    assert len(ours.splitlines()) == 1 + len(list(folder.iterdir()))


def test_a_photograph_in_heic_is_refused_in_a_sentence_that_fits(user: User, tmp_path: Path) -> None:
    (tmp_path / "photographs").mkdir()
    (tmp_path / "photographs" / "a.heic").write_bytes(b"\0\0\0\x18ftypheic" + bytes(100))
    said = user.run("score", tmp_path / "photographs")
    assert said.returncode == 3 and "save it as JPEG" in said.stdout and "pip install" not in said.stdout


def test_the_server_predicts_as_the_source(user: User, tmp_path: Path) -> None:
    image, said = tmp_path / "a.jpg", tmp_path / "said"
    Image.fromarray(picture(0.4)).save(image)
    ours, _ = of_package_and_source(user, "scores.json", "score", image, "--out", "OUT")
    own = user.environment | {"ANNOTRIAGE_SERVE_PASSWORD": "of the test"}
    with said.open("w") as output:
        server = subprocess.Popen([str(package()), "serve", "--port", "0"], env=own, stdout=output, stderr=output)
    try:
        ends = time.monotonic() + 60
        while (found := re.search(r"at (http://[^ ]*/)", said.read_text())) is None:
            assert server.poll() is None and time.monotonic() < ends, said.read_text()
            time.sleep(0.1)
        asked = {"data": image.read_bytes(), "headers": {"Content-Type": "image/jpeg"}}
        answer = requests.post(f"{found[1]}predict", auth=("annotriage", "of the test"), timeout=60, **asked)
        form = {"files": {"image": image.read_bytes()}}
        again = requests.post(f"{found[1]}predict", auth=("annotriage", "of the test"), timeout=60, **form)
    finally:
        server.terminate()
    assert server.wait(30) == 0, said.read_text()
    assert answer.status_code == 200, answer.text
    assert answer.json() == again.json()
    assert round(answer.json()["predicted_dice"], 4) == json.loads(ours)[0]["predicted_dice"]


@pytest.mark.parametrize("ending", ["csv", "json", "xlsx"])
def test_rankings_are_written(user: User, study: Path, ending: str) -> None:
    ours, theirs = of_package_and_source(user, f"ranking.{ending}", "score", study / "images", "--out", "OUT")
    if ending != "xlsx":  # which holds the time
        assert ours == theirs
    else:
        with zipfile.ZipFile(user.home / "package" / "ranking.xlsx") as book:
            assert "xl/worksheets/sheet1.xml" in book.namelist()


@pytest.mark.parametrize("ending", ["html", "pdf", "tex", "json"])
def test_groups_of_images_are_compared_with_what_drew_them_allowed_for(user: User, study: Path, ending: str) -> None:
    tables = ["--labels", study / "labels.csv", "--clinical", study / "metadata.csv", "--masks", study / "masks.csv"]
    ours, theirs = of_package_and_source(user, f"groups.{ending}", "diagnosis", *tables, "--report", "OUT")
    if ending == "json":
        found, wanted = json.loads(ours), json.loads(theirs)
        for each in (found, wanted):
            each.pop("versions", None)
        assert found == wanted
    if ending == "html":
        assert b"data:image/svg+xml" in ours


def test_sheets_of_workbooks_are_read_and_others_refused_in_a_sentence(user: User, study: Path) -> None:
    given = ["evaluate", "bundled", "--images", study / "images", "--labels"]
    ours, theirs = of_package_and_source(user, "found.json", *given, f"{study / 'study.xlsx'}#Labels", "--json", "OUT")
    assert ours == theirs
    said = user.run(*given, study / "study.xlsx")
    assert said.returncode == 1 and "study.xlsx#Labels" in said.stderr, said.stderr
    with zipfile.ZipFile(study / "study.ods", "w") as book:
        book.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
    said = user.run(*given, study / "study.ods")
    assert said.returncode == 1 and "OpenDocument" in said.stderr, said.stderr


def test_a_model_of_ones_own_is_tried_out_in_a_process_of_its_own(user: User, study: Path, tmp_path: Path) -> None:
    bundled = ModelLibrary().find("bundled")
    mine = with_card(bundled.path.read_bytes(), bundled.card.model_copy(update={"name": "mine"}))
    (tmp_path / "mine.onnx").write_bytes(mine)
    said = user.run("models", "import", tmp_path / "mine.onnx")
    assert said.returncode == 0, said.stderr
    assert (user.home / ".local/share/annotriage/tried-models.txt").is_file()
    said = user.run("score", study / "images", "--model", "mine")
    assert said.returncode == 0, said.stderr


def test_agreement_is_drawn_and_put_together(user: User, tmp_path: Path) -> None:
    for annotator, size in (("ann", 20), ("bob", 24), ("cy", 22)):
        (tmp_path / "masks" / annotator).mkdir(parents=True)
        for number in range(3):
            mask = np.zeros((40, 50), dtype=np.uint8)
            mask[8 : 8 + size, 9 : 9 + size] = 255
            Image.fromarray(mask).save(tmp_path / "masks" / annotator / f"im{number}.png")
    drawn = ["--consensus", "majority", "--consensus-dir", user.home / "agreed", "--maps", user.home / "maps"]
    ours, theirs = of_package_and_source(user, "pairs.csv", "agree", tmp_path / "masks", *drawn, "--pairs", "OUT")
    assert ours == theirs
    assert len(list((user.home / "agreed").glob("*.png"))) == len(list((user.home / "maps").glob("*.png"))) == 3
    said = user.run("agree", tmp_path / "masks", "--consensus", "staple", "--consensus-dir", user.home / "staple")
    assert said.returncode == 1 and "Traceback" not in said.stderr, said.stderr


@pytest.mark.parametrize(
    "arguments",
    [
        ("demo", "--no-window", "--count", "4"), ("models",), ("models", "show", "bundled", "--json"),
        ("--show-completion",), ("--help",), ("fetch", "isic", "--help"),
    ],
)  # fmt: skip
def test_commands_end_without_a_traceback(user: User, arguments: tuple[str, ...]) -> None:
    said = user.run(*arguments)
    assert "Traceback" not in said.stderr and "ModuleNotFound" not in said.stderr, said.stderr
    assert said.returncode == 0 or arguments == ("--show-completion",), said.stderr  # where no shell is known
