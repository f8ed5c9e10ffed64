"""Thumbnails on disk: shared with other programs, private, never in the way."""

import hashlib
import os
import shutil
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from PIL.PngImagePlugin import PngInfo

from annotriage.desktop.gallery.thumbnail_making import SLOW_SECONDS, make_thumbnail
from annotriage.images.thumbnail_cache import ThumbnailCache, default_root, flavour_for
from tests.pictures import picture, write_picture

on_linux = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="freedesktop's rules are for Linux")
BRIGHT = 0.9


@pytest.fixture
def cache(tmp_path: Path) -> ThumbnailCache:
    return ThumbnailCache(tmp_path / "thumbnails")


@pytest.fixture
def image(tmp_path: Path) -> Path:
    return write_picture(tmp_path / "a lesion.png", BRIGHT, height=480, width=640)


def written(cache: ThumbnailCache) -> list[Path]:
    return sorted(path for path in cache.root.rglob("*") if path.is_file())


def foreign(
    cache: ThumbnailCache, image: Path, *, modified: str, brightness: float = 0.2, flavour: str = "large"
) -> Path:
    """Write a thumbnail as another program would."""
    uri = image.as_uri()
    facts = PngInfo()
    facts.add_text("Thumb::URI", uri)
    facts.add_text("Thumb::MTIME", modified)
    file = cache.root / flavour / f"{hashlib.md5(uri.encode()).hexdigest()}.png"
    file.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(picture(brightness, height=192, width=256)).save(file, pnginfo=facts)
    return file


def modified(image: Path) -> str:
    return str(int(image.stat().st_mtime))


@on_linux
def test_a_slow_image_leaves_a_thumbnail_that_other_programs_find(cache: ThumbnailCache, image: Path) -> None:
    make_thumbnail(image, 160, cache, slow=0)
    file = cache.root / "large" / f"{hashlib.md5(image.as_uri().encode()).hexdigest()}.png"
    assert written(cache) == [file]
    with Image.open(file) as thumbnail:
        assert thumbnail.format == "PNG"
        assert thumbnail.size == (256, 192)
        assert thumbnail.info["Thumb::URI"] == image.as_uri()
        assert thumbnail.info["Thumb::MTIME"] == modified(image)
        assert thumbnail.info["Thumb::Size"] == str(image.stat().st_size)
    assert file.stat().st_mode & 0o777 == 0o600
    assert file.parent.stat().st_mode & 0o777 == file.parent.parent.stat().st_mode & 0o777 == 0o700


@on_linux
@pytest.mark.parametrize("name", ["plain.png", "with space.png", "(a) b+c&d=e@f~g.png", "a;b#c?d%e.png", "müde.png"])
def test_the_address_is_spelled_as_glib_spells_it(cache: ThumbnailCache, tmp_path: Path, name: str) -> None:
    image = write_picture(tmp_path / name, BRIGHT, height=480, width=640)
    make_thumbnail(image, 160, cache, slow=0)
    spelled = {
        "with space.png": "with%20space.png",
        "(a) b+c&d=e@f~g.png": "(a)%20b+c&d=e@f~g.png",
        "a;b#c?d%e.png": "a%3Bb%23c%3Fd%25e.png",
        "müde.png": "m%C3%BCde.png",
    }
    with Image.open(written(cache)[0]) as thumbnail:
        assert thumbnail.info["Thumb::URI"] == f"file://{tmp_path}/{spelled.get(name, name)}"


@on_linux
def test_what_another_program_made_is_used(cache: ThumbnailCache, image: Path) -> None:
    foreign(cache, image, modified=modified(image))
    made = make_thumbnail(image, 160, cache).picture
    assert made is not None
    assert made.pixelColor(2, 2).red() == pytest.approx(255 * 0.2, abs=2)


@on_linux
@pytest.mark.parametrize("flavour", ["normal", "x-large"])
def test_too_small_a_thumbnail_is_passed_over_and_a_larger_one_is_not(
    cache: ThumbnailCache, image: Path, flavour: str
) -> None:
    foreign(cache, image, modified=modified(image), flavour=flavour)
    made = make_thumbnail(image, 160, cache).picture
    assert made is not None
    seen = 0.2 if flavour == "x-large" else BRIGHT
    assert made.pixelColor(2, 2).red() == pytest.approx(255 * seen, abs=2)


def test_a_thumbnail_of_what_the_image_was_before_is_replaced(cache: ThumbnailCache, image: Path) -> None:
    make_thumbnail(image, 160, cache, slow=0)
    before = written(cache)
    write_picture(image, 0.3, height=480, width=640)
    os.utime(image, (1_000_000_000, 1_000_000_000))
    made = make_thumbnail(image, 160, cache, slow=0).picture
    assert made is not None
    assert made.pixelColor(2, 2).red() == pytest.approx(255 * 0.3, abs=2)
    assert written(cache) == before
    with Image.open(before[0]) as thumbnail:
        assert thumbnail.info["Thumb::MTIME"] == "1000000000"


def test_a_damaged_thumbnail_is_as_good_as_none(cache: ThumbnailCache, image: Path) -> None:
    make_thumbnail(image, 160, cache, slow=0)
    file = written(cache)[0]
    file.write_bytes(file.read_bytes()[:-200])
    made = make_thumbnail(image, 160, cache).picture
    assert made is not None
    assert made.pixelColor(2, 2).red() == pytest.approx(255 * BRIGHT, abs=2)


def test_quick_and_small_images_leave_nothing_on_disk(cache: ThumbnailCache, tmp_path: Path) -> None:
    quick = write_picture(tmp_path / "quick.jpg", BRIGHT, height=300, width=400)
    small = write_picture(tmp_path / "small.png", BRIGHT)
    make_thumbnail(quick, 160, cache, slow=60 * SLOW_SECONDS)
    make_thumbnail(small, 160, cache, slow=0)
    assert not cache.root.exists()


def test_thumbnails_of_thumbnails_are_not_kept(cache: ThumbnailCache, image: Path) -> None:
    make_thumbnail(image, 500, cache, slow=0)
    make_thumbnail(written(cache)[0], 96, cache, slow=0)
    assert len(written(cache)) == 1


def test_a_damaged_image_is_not_waited_for_twice(cache: ThumbnailCache, image: Path) -> None:
    image.write_bytes(image.read_bytes()[:1000])
    first = make_thumbnail(image, 160, cache, slow=0)
    assert first.picture is None
    assert [path.parent.parent.name for path in written(cache)] == ["fail"]
    # Another reason in the note shows that it is the note that is read.
    cache.keep_failure(image, image.stat(), "noted")
    assert make_thumbnail(image, 160, cache).problem == "noted"
    write_picture(image, BRIGHT)
    os.utime(image, (1_000_000_000, 1_000_000_000))
    assert make_thumbnail(image, 160, cache).picture is not None


def test_what_may_come_back_is_not_noted_as_damaged(cache: ThumbnailCache, image: Path, tmp_path: Path) -> None:
    no_image = tmp_path / "text.png"
    no_image.write_text("not an image at all")
    image.unlink()
    for path in (image, no_image):
        assert make_thumbnail(path, 160, cache, slow=0).problem
    assert not cache.root.exists()


def test_a_full_disk_and_a_folder_in_the_way_are_reported_and_leave_nothing(
    cache: ThumbnailCache, image: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    full = shutil.disk_usage(image.parent)._replace(free=1000)
    monkeypatch.setattr(shutil, "disk_usage", lambda _: full)
    made = make_thumbnail(image, 160, cache, slow=0)
    assert made.picture is not None
    assert made.cache_problem is not None
    assert made.cache_problem.strerror == "No space left on device"
    assert written(cache) == []

    in_the_way = ThumbnailCache(image.parent / "file" / "thumbnails")
    in_the_way.root.parent.write_text("")
    made = make_thumbnail(image, 160, in_the_way, slow=0)
    assert made.picture is not None
    assert isinstance(made.cache_problem, OSError)


def test_a_write_that_breaks_off_leaves_no_part(
    cache: ThumbnailCache, image: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def break_off(old: object, new: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "replace", break_off)
    assert make_thumbnail(image, 160, cache, slow=0).cache_problem is not None
    assert written(cache) == []


@on_linux
def test_the_cache_lies_where_the_desktop_keeps_it(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    assert default_root() == tmp_path / "thumbnails"
    monkeypatch.setenv("XDG_CACHE_HOME", "relative")
    assert default_root() == Path.home() / ".cache" / "thumbnails"


@pytest.mark.parametrize(("size", "edge"), [(96, 128), (128, 128), (129, 256), (512, 512), (768, 1024), (3000, 1024)])
def test_the_kind_of_thumbnail_is_the_smallest_that_is_large_enough(size: int, edge: int) -> None:
    assert flavour_for(size) == edge


@pytest.mark.parametrize(
    ("height", "width", "fitted"), [(480, 640, (160, 120)), (640, 480, (120, 160)), (6, 8, (160, 120))]
)
def test_a_thumbnail_fills_its_square_and_keeps_its_shape(
    tmp_path: Path, height: int, width: int, fitted: tuple[int, int]
) -> None:
    image = write_picture(tmp_path / "x.png", BRIGHT, height=height, width=width)
    made = make_thumbnail(image, 160, None).picture
    assert made is not None
    assert (made.width(), made.height()) == fitted
    skin = np.rint(255 * BRIGHT * np.array([1.0, 0.85, 0.75]))
    colour = made.pixelColor(1, 1)
    assert [colour.red(), colour.green(), colour.blue()] == pytest.approx(skin, abs=1)
