"""A folder with every kind of bad file among good ones."""

import csv
import os
import struct
import zlib
from pathlib import Path

import pytest

from tests.end_to_end.program import run
from tests.pictures import write_picture
from tests.tiny_models import write_tiny_model

pytestmark = pytest.mark.slow

GOOD = [
    "a.png",
    "B.JPG",
    "c.png.jpg",
    "d.tif",
    "e.webp",
    "f.bmp",
    "no_ending",
    "sub/ü ö.png",
    "sub/=1+1.png",
    "z10.png",
]
BAD = {
    "empty.jpg": "empty",
    "text.jpg": "text",
    "cut.jpg": "cut off",
    "cut.png": "cut off",
    "noise.png": "",
    "bomb.png": "",
    "broken_link.jpg": "link",
    "pipe.jpg": "",
    "locked.png": "permission",
    "sub/zeros.jpg": "",
}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "images"
    for number, name in enumerate(GOOD):
        made = write_picture(folder / (name if "." in name else f"{name}.png"), 0.3 + 0.06 * number)
        made.rename(folder / name)
    jpeg = write_picture(folder / "jpeg.jpg", 0.5, height=400, width=500).read_bytes()
    png = write_picture(folder / "png.png", 0.5, height=400, width=500).read_bytes()
    (folder / "jpeg.jpg").unlink()
    (folder / "png.png").unlink()
    (folder / "empty.jpg").write_bytes(b"")
    (folder / "text.jpg").write_text("This is no image.\n")
    (folder / "cut.jpg").write_bytes(jpeg[: len(jpeg) // 2])
    (folder / "cut.png").write_bytes(png[: len(png) // 2])
    (folder / "noise.png").write_bytes(png[:40] + os.urandom(2000))
    (folder / "bomb.png").write_bytes(_bomb())
    (folder / "broken_link.jpg").symlink_to("gone.jpg")
    os.mkfifo(folder / "pipe.jpg")
    write_picture(folder / "locked.png", 0.5).chmod(0)
    (folder / "sub" / "zeros.jpg").write_bytes(bytes(5000))
    (folder / "notes.txt").write_text("Not meant to be an image.")
    (folder / "metrics.csv").write_text("image,dice\n")
    (folder / "folder.jpg").mkdir()
    return folder


def test_all_good_ones_are_ranked_and_each_bad_one_has_its_reason(folder: Path, tmp_path: Path) -> None:
    bad = dict(BAD)
    good = list(GOOD)
    if os.access(folder / "locked.png", os.R_OK):  # nothing is locked for an administrator
        del bad["locked.png"]
        good.append("locked.png")
    model = write_tiny_model(tmp_path / "tiny.onnx")
    arguments = ("score", folder, "--model", model, "--heatmaps", tmp_path / "overlays", "--out", tmp_path / "s.csv")
    done = run(*arguments, home=tmp_path / "home")
    assert done.returncode == 3, done.stderr
    assert f"{len(bad)} could not be read" in done.stderr
    assert "Traceback" not in done.stderr

    rows = list(csv.DictReader((tmp_path / "s.csv").open(newline="", encoding="utf-8-sig")))
    ranked = [row for row in rows if row["rank"]]
    assert sorted(row["image"].removeprefix("'") for row in ranked) == sorted(good)
    assert [int(row["rank"]) for row in ranked] == list(range(1, len(good) + 1))
    disagreements = [float(row["disagreement"]) for row in ranked]
    assert disagreements == sorted(disagreements, reverse=True)
    assert not any(row["error"] for row in ranked)

    failed = {row["image"]: row["error"] for row in rows[len(good) :]}
    assert failed.keys() == bad.keys()
    for name, word in bad.items():
        assert word in failed[name].lower(), (name, failed[name])
        assert failed[name].endswith("."), "a sentence"
        assert name in done.stdout
        assert failed[name][:30] in done.stdout
    overlays = {path.relative_to(tmp_path / "overlays").as_posix() for path in (tmp_path / "overlays").rglob("*.png")}
    assert overlays == {f"{name}.png" for name in good}

    again = run(*arguments, home=tmp_path / "home")
    assert again.returncode == 3
    assert list(csv.DictReader((tmp_path / "s.csv").open(newline="", encoding="utf-8-sig"))) == rows


def _bomb() -> bytes:
    """Make a PNG that says it has 60,000 x 60,000 pixels."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = chunk(b"IHDR", struct.pack(">IIBBBBB", 60_000, 60_000, 8, 2, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + header + chunk(b"IDAT", zlib.compress(bytes(1_000_000))) + chunk(b"IEND", b"")
