"""A folder watched: what comes, grows, changes, is renamed and goes, told once it is whole and at rest."""

import os
import shutil
from collections.abc import Callable
from pathlib import Path
from tempfile import mkdtemp

import numpy as np
import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule
from PIL import Image

from annotriage.images import walk_images
from annotriage.images.watching import PATIENCE, REST, FolderChange, FolderWatch
from annotriage.images.wholeness import is_whole
from tests.pictures import write_picture


class Clock:
    """Time that passes when we say so."""

    now = 1000.0

    def __call__(self) -> float:
        return self.now


class Watched:
    """A folder, and what is told of it as time passes."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.clock = folder, Clock()
        self.watch = FolderWatch(folder, list(walk_images(folder)), clock=self.clock)
        self.watch.look()

    def after(self, seconds: float, steps: int = 4) -> FolderChange:
        """Look a few times while so much time passes, and return all that was told."""
        told = FolderChange()
        for _ in range(steps):
            self.clock.now += seconds / steps
            one = self.watch.look()
            told.new.extend(one.new)
            told.changed.extend(one.changed)
            told.gone.extend(one.gone)
            told.renamed.update(one.renamed)
        return told


def names(images: list) -> list[str]:
    return sorted(image.name for image in images)


@pytest.fixture
def watched(tmp_path: Path) -> Watched:
    folder = tmp_path / "watched"
    folder.mkdir()
    for number in range(3):
        write_picture(folder / f"{number}.png", number / 3)
    return Watched(folder)


def test_a_whole_image_is_told_once_it_rests(watched: Watched) -> None:
    write_picture(watched.folder / "new.png", 0.5)
    assert not watched.after(REST / 2)
    assert watched.watch.waiting == 1
    assert names(watched.after(REST).new) == ["new.png"]
    assert watched.watch.waiting == 0
    assert not watched.after(60)


def test_half_an_image_is_waited_for_and_then_taken_as_it_is(watched: Watched) -> None:
    whole = (watched.folder / "0.png").read_bytes()
    part = watched.folder / "part.png"
    part.write_bytes(whole[: len(whole) // 2])
    assert not watched.after(PATIENCE - 1)
    part.write_bytes(whole[: len(whole) // 2 + 9])  # it still grows
    assert not watched.after(PATIENCE - 1)
    part.write_bytes(whole)
    assert names(watched.after(2 * REST).new) == ["part.png"]
    (watched.folder / "stays.png").write_bytes(whole[:60])
    assert names(watched.after(PATIENCE + 3, steps=8).new) == ["stays.png"]


def test_a_copy_that_keeps_its_old_time_and_one_under_a_passing_name(watched: Watched, tmp_path: Path) -> None:
    write_picture(tmp_path / "old.png", 0.5)
    os.utime(tmp_path / "old.png", (10**9, 10**9))
    shutil.copy2(tmp_path / "old.png", watched.folder / "old.png")
    for name in ("a.png.part", "b.png.crdownload", "c.png~", "d.tmp"):
        shutil.copy2(tmp_path / "old.png", watched.folder / name)
    assert names(watched.after(3 * REST).new) == ["old.png"]
    assert not watched.after(60)
    (watched.folder / "a.png.part").rename(watched.folder / "a.png")
    assert names(watched.after(3 * REST).new) == ["a.png"]


def test_another_file_in_its_place_and_one_written_over_are_changed(watched: Watched, tmp_path: Path) -> None:
    write_picture(tmp_path / "other.png", 0.9, width=80)
    os.replace(tmp_path / "other.png", watched.folder / "0.png")
    write_picture(watched.folder / "1.png", 0.9, width=90)
    told = watched.after(3 * REST)
    assert names(told.changed) == ["0.png", "1.png"] and not told.new and not told.gone


def test_a_file_deleted_and_written_anew_at_once_is_not_told_as_gone(watched: Watched) -> None:
    (watched.folder / "0.png").unlink()
    assert not watched.after(REST / 2)
    write_picture(watched.folder / "0.png", 0.9, width=80)
    told = watched.after(3 * REST)
    assert names(told.changed) == ["0.png"] and not told.gone


def test_a_renamed_image_is_gone_and_new_and_known_to_be_the_same(watched: Watched) -> None:
    (watched.folder / "0.png").rename(watched.folder / "below.png")
    told = watched.after(3 * REST)
    assert (names(told.new), names(told.gone)) == (["below.png"], ["0.png"])
    assert told.renamed["below.png"].name == "0.png"


def test_a_folder_that_is_away_loses_nothing(watched: Watched, tmp_path: Path) -> None:
    watched.folder.rename(tmp_path / "elsewhere")
    assert not watched.after(60)
    assert watched.watch.away
    (tmp_path / "elsewhere").rename(watched.folder)
    (watched.folder / "0.png").unlink()
    assert names(watched.after(3 * REST).gone) == ["0.png"]
    assert watched.watch.away is None


def test_the_empty_place_of_a_drive_is_no_empty_folder(watched: Watched, monkeypatch: pytest.MonkeyPatch) -> None:
    for path in watched.folder.iterdir():
        path.rename(watched.folder.parent / path.name)
    real = os.stat

    def elsewhere(path: object, *args: object, **more: object) -> os.stat_result:
        status = real(path, *args, **more)  # type: ignore[arg-type, call-overload]
        return os.stat_result([*status[:2], status.st_dev + 1, *status[3:10]], {"st_mtime_ns": status.st_mtime_ns})

    with monkeypatch.context() as patched:
        patched.setattr("annotriage.images.folder_listing.os.stat", elsewhere)
        assert not watched.after(60)
        assert watched.watch.away
    assert names(watched.after(3 * REST).gone) == ["0.png", "1.png", "2.png"], "emptied by somebody"


@pytest.mark.parametrize("ending", ["png", "jpg", "gif", "bmp", "tif", "webp", "jp2"])
def test_what_is_cut_short_is_not_whole(tmp_path: Path, ending: str) -> None:
    noise = np.random.default_rng(0).integers(0, 255, (64, 96, 3), np.uint8)
    path = tmp_path / f"a.{ending}"
    exif = Image.Exif()
    Image.fromarray(noise).save(path, **({"exif": exif} if ending == "jpg" else {}))
    whole = path.read_bytes()
    assert is_whole(path)
    for share in (0.05, 0.3, 0.7, 0.99):
        path.write_bytes(whole[: int(len(whole) * share)])
        assert not is_whole(path), share
    path.write_bytes(whole[:4096].ljust(len(whole), b"\0"))  # room that was made before the copy
    assert not is_whole(path)


@pytest.mark.slow
def test_the_end_of_a_preview_is_not_the_end_of_the_image(tmp_path: Path) -> None:
    import io

    noise = Image.fromarray(np.random.default_rng(0).integers(0, 255, (400, 600, 3), np.uint8))
    small = io.BytesIO()
    noise.resize((60, 40)).save(small, "JPEG")
    app1 = b"Exif\0\0" + b"II*\0\x08\0\0\0\0\0" + small.getvalue()
    noise.save(tmp_path / "a.jpg")
    data = (tmp_path / "a.jpg").read_bytes()
    data = data[:2] + b"\xff\xe1" + (len(app1) + 2).to_bytes(2, "big") + app1 + data[2:]
    (tmp_path / "a.jpg").write_bytes(data)
    assert is_whole(tmp_path / "a.jpg")
    (tmp_path / "a.jpg").write_bytes(data[: len(app1) + 3000])
    assert not is_whole(tmp_path / "a.jpg")
    (tmp_path / "a.jpg").write_bytes(data + b"what a camera adds" * 100)
    assert is_whole(tmp_path / "a.jpg")


# Anything, in any order

NAMES = st.sampled_from(["a.png", "b.png", "a10.png", "sub/c.png", "sub/deep/d.png", "sub/a.png", "e.jpg", "n.txt"])


class AnyOrder(RuleBasedStateMachine):
    """In the end, what was told is what a fresh listing finds; half a file is told only after long patience."""

    @initialize()
    def begin(self) -> None:
        self.top = Path(mkdtemp())
        self.folder = self.top / "watched"
        (self.folder / "sub" / "deep").mkdir(parents=True)
        write_picture(self.top / "whole.png", 0.3)
        self.whole = (self.top / "whole.png").read_bytes()
        self.time = 10**18
        write_picture(self.folder / "a.png", 0.5)
        self.watched = Watched(self.folder)
        self.parts: dict[str, float] = {}  # half-written: when it was written last
        self.is_here = True

    def teardown(self) -> None:
        if not self.is_here:
            self.come_back()
        self.watched.after(2 * PATIENCE + 10, steps=16)
        fresh = {image.name: image for image in walk_images(self.folder)}
        assert self.watched.watch.images == fresh
        assert self.watched.watch.is_at_rest
        shutil.rmtree(self.top)

    def _write(self, name: str, content: bytes) -> None:
        path = self.folder / name
        if path.parent.is_dir():
            path.write_bytes(content)
            self.time += 10**9
            os.utime(path, ns=(self.time, self.time))

    @precondition(lambda self: self.is_here)
    @rule(name=NAMES, more=st.integers(0, 3))
    def create(self, name: str, more: int) -> None:
        self.parts.pop(name, None)
        self._write(name, self.whole + b"\0" * more)

    @precondition(lambda self: self.is_here)
    @rule(name=NAMES, share=st.floats(0.1, 0.9))
    def write_a_part(self, name: str, share: float) -> None:
        self._write(name, self.whole[: int(len(self.whole) * share)])
        self.parts[name] = self.watched.clock.now

    @precondition(lambda self: self.is_here)
    @rule(name=NAMES, to=NAMES)
    def rename(self, name: str, to: str) -> None:
        if (self.folder / name).is_file() and (self.folder / to).parent.is_dir():
            os.replace(self.folder / name, self.folder / to)
            self.parts.pop(to, None)
            if name in self.parts:
                self.parts[to] = self.parts.pop(name)

    @precondition(lambda self: self.is_here)
    @rule(name=NAMES)
    def delete(self, name: str) -> None:
        (self.folder / name).unlink(missing_ok=True)
        self.parts.pop(name, None)

    @precondition(lambda self: self.is_here)
    @rule(name=NAMES)
    def touch(self, name: str) -> None:
        if (self.folder / name).is_file():
            self.time += 10**9
            os.utime(self.folder / name, ns=(self.time, self.time))
            if name in self.parts:
                self.parts[name] = self.watched.clock.now

    @precondition(lambda self: self.is_here)
    @rule(name=NAMES)
    def replace_by_a_passing_name(self, name: str) -> None:
        if (self.folder / name).parent.is_dir():
            self._write(f"{name}.part", self.whole + b"\0" * 5)
            os.replace(self.folder / f"{name}.part", self.folder / name)
            self.parts.pop(name, None)

    @precondition(lambda self: self.is_here)
    @rule()
    def remove_or_make_a_folder(self) -> None:
        if (self.folder / "sub").is_dir():
            shutil.rmtree(self.folder / "sub")
            self.parts = {name: at for name, at in self.parts.items() if not name.startswith("sub/")}
        else:
            (self.folder / "sub" / "deep").mkdir(parents=True)

    @precondition(lambda self: self.is_here)
    @rule()
    def go_away(self) -> None:
        self.folder.rename(self.top / "away")
        self.is_here = False

    @precondition(lambda self: not self.is_here)
    @rule()
    def come_back(self) -> None:
        (self.top / "away").rename(self.folder)
        self.is_here = True

    @rule(seconds=st.sampled_from([0.3, 1.2, 4.0]))
    def pass_time(self, seconds: float) -> None:
        self.watched.after(seconds, steps=2)

    @invariant()
    def half_a_file_is_not_told(self) -> None:
        for name, at in getattr(self, "parts", {}).items():
            told = self.watched.watch.images.get(name)
            if told is not None and self.watched.clock.now - at < PATIENCE and self.is_here:
                path = self.folder / name
                assert not path.exists() or told.modified_ns != path.stat().st_mtime_ns


AnyOrder.TestCase.settings = settings(max_examples=60, stateful_step_count=25, deadline=None)
test_anything_in_any_order: Callable[[], None] = pytest.mark.slow(AnyOrder.TestCase)
