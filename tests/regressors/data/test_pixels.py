"""Packed pixels: what is on disk is what was decoded, and little of it is ever in memory."""

import platform
from pathlib import Path

import numpy as np
import psutil
import pytest
import torch
from PIL import Image

from annotriage.agreement.mask_files import read_shades
from annotriage.images import read_rgb
from annotriage.regressors.data import pixels
from annotriage.regressors.data.pixels import PackedImages, ShuffledBatches, pack_masks, pack_pixels

pytestmark = pytest.mark.slow


@pytest.fixture
def images(tmp_path: Path) -> list[Path]:
    """Write nine different images and a file that is none."""
    rng = np.random.default_rng(0)
    paths = []
    for k in range(9):
        paths.append(tmp_path / f"{k}.jpg")
        Image.fromarray(rng.integers(0, 255, (40 + k, 50, 3), dtype=np.uint8)).save(paths[-1])
    paths.insert(4, tmp_path / "none.jpg")
    paths[4].write_bytes(b"no image")
    return paths


@pytest.mark.parametrize("jobs", [1, 4])
def test_packed_images_are_in_their_rows_whoever_decoded_them(images: list[Path], jobs: int, tmp_path: Path) -> None:
    file = tmp_path / "packed.npy"
    file.write_bytes(b"what an attempt before this one left behind" * 10_000)
    problems = pack_pixels(images, 32, file, jobs)
    packed = np.load(file, mmap_mode="r")
    assert packed.shape == (10, 32, 32, 3) and list(problems) == [images[4]]
    for row, path in enumerate(images):
        if path in problems:
            assert not packed[row].any()
        else:
            np.testing.assert_array_equal(packed[row], read_rgb(path, (32, 32)))


def test_masks_that_are_missing_or_damaged_stay_empty(images: list[Path], tmp_path: Path) -> None:
    good = pack_masks({1: images[0], 3: images[4], 6: images[9]}, 8, 32, tmp_path / "masks.npy")
    packed = np.load(tmp_path / "masks.npy")
    assert good == {1, 6} and packed.shape == (8, 32, 32)
    np.testing.assert_array_equal(packed[6], np.rint(read_shades(images[9], (32, 32)).values * 255))
    assert not packed[[0, 2, 3, 4, 5, 7]].any()


def test_masks_are_read_as_agreement_reads_them(tmp_path: Path) -> None:
    marked = np.zeros((60, 80), np.uint8)
    marked[10:40, 20:60] = 1
    see_through = np.full((60, 80, 4), 255, np.uint8)
    see_through[..., 3] = marked * 255
    kinds = [
        marked,
        marked * np.uint8(100),
        marked.astype(np.uint16),
        marked[..., None] * np.array([0, 255, 0]),
        see_through,
    ]
    masks = {}
    for row, kind in enumerate(kinds):
        masks[row] = tmp_path / f"{row}.png"
        Image.fromarray(kind if kind.dtype == np.uint16 else kind.astype(np.uint8)).save(masks[row])
    assert pack_masks(masks, len(masks), 40, tmp_path / "masks.npy") == set(masks)
    for packed in np.load(tmp_path / "masks.npy"):
        assert (packed > 127).mean() == pytest.approx(marked.mean(), abs=0.01)


def test_a_mask_across_its_image_is_not_used_and_named(tmp_path: Path) -> None:
    Image.new("RGB", (60, 80), (200, 150, 120)).save(tmp_path / "a.png")
    Image.new("L", (80, 60), 255).save(tmp_path / "a_mask.png")
    told: dict[Path, str] = {}
    good = pack_masks(
        {0: tmp_path / "a_mask.png"}, 1, 16, tmp_path / "masks.npy", images=[tmp_path / "a.png"], problems=told
    )
    assert not good and "lies across" in told[tmp_path / "a_mask.png"]


def test_labels_are_learned_together_and_named(tmp_path: Path) -> None:
    numbers = np.zeros((60, 80), np.uint8)
    numbers[10:40, 10:40], numbers[10:40, 50:70] = 1, 2
    Image.fromarray(numbers).save(tmp_path / "a.png")
    united: set[Path] = set()
    pack_masks({0: tmp_path / "a.png"}, 1, 40, tmp_path / "masks.npy", united=united)
    assert united == {tmp_path / "a.png"}
    assert (np.load(tmp_path / "masks.npy")[0] > 127).mean() == pytest.approx((numbers > 0).mean(), abs=0.01)


def test_a_mask_among_the_images_is_not_learned_from(tmp_path: Path) -> None:
    marked = np.zeros((60, 80), np.uint8)
    marked[10:40, 20:60] = 255
    Image.fromarray(marked).save(tmp_path / "a.png")
    assert "mask" in pack_pixels([tmp_path / "a.png"], 32, tmp_path / "pixels.npy")[tmp_path / "a.png"]


def test_a_full_disk_is_an_error_and_no_sudden_end(images: list[Path], tmp_path: Path) -> None:
    if not Path("/dev/full").exists():
        pytest.skip("this system has no device that is always full")
    file = tmp_path / "packed.npy"
    file.symlink_to("/dev/full")
    with pytest.raises(OSError, match="No space left"):
        pack_pixels(images, 32, file)


@pytest.mark.skipif(platform.system() != "Linux", reason="counts memory as Linux does")
def test_a_hundred_thousand_images_do_not_fill_the_memory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    held = 16 << 20
    monkeypatch.setattr(pixels, "HELD_BYTES", held)
    count = 100_000
    shapes = {"pixels": (count, 224, 224, 3), "masks": (count, 224, 224)}
    files = {}
    for name, shape in shapes.items():  # 20 GB of which nothing is written
        file = np.lib.format.open_memmap(tmp_path / name, mode="w+", dtype=np.uint8, shape=shape)
        file[5] = 7
        file.flush()
        del file
        files[name] = np.load(tmp_path / name, mmap_mode="r")
    # A part of the map, as where images that could not be read were taken out.
    data = PackedImages(
        files["pixels"][: count - 1], np.zeros((count, 1), np.float32), files["masks"], np.ones(count, np.bool_)
    )
    begun = psutil.Process().memory_info().rss
    most = 0
    for number, rows in enumerate(ShuffledBatches(range(count - 1), 32)):
        assert data[rows]["image"].shape == (32, 3, 224, 224)
        most = max(most, psutil.Process().memory_info().rss - begun)
        if number == 11:  # by then 77 MB of them were read
            break
    assert most < held + (32 << 20), "a batch and the pages beside those that were asked for come on top"
    again = data[[5, 6]]
    assert (again["image"][0] == 7).all() and (again["mask"][0] == 7).all() and not again["image"][1].any()


def test_a_batch_lies_as_convolutions_want_it(images: list[Path], tmp_path: Path) -> None:
    pack_pixels(images, 32, tmp_path / "packed.npy")
    data = PackedImages(np.load(tmp_path / "packed.npy", mmap_mode="r"), np.zeros((10, 1), np.float32))
    batch = data[[3, 1, 8]]["image"]
    assert batch.shape == (3, 3, 32, 32) and batch.is_contiguous(memory_format=torch.channels_last)
