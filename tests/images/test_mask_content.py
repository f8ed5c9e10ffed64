"""A mask is known by few values over whole areas, a photograph by its texture, whatever the file is called."""

import io
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from annotriage.images import read_rgb
from annotriage.images.mask_content import looks_like_a_mask, looks_like_a_photograph
from tests.pictures import picture

RGB = NDArray[np.uint8]


def outline(background: tuple[int, int, int], mark: tuple[int, int, int], *, side: int = 120) -> RGB:
    y, x = np.mgrid[:side, : side + 40]
    marked = np.hypot(y - side / 2, x - side / 2) < side / 4
    return np.where(marked[..., None], np.array(mark), np.array(background)).astype(np.uint8)


def as_jpeg(pixels: RGB, quality: int) -> RGB:
    file = io.BytesIO()
    Image.fromarray(pixels).save(file, "JPEG", quality=quality)
    return np.asarray(Image.open(file).convert("RGB"))


@pytest.mark.parametrize(
    ("background", "mark"),
    [
        ((0, 0, 0), (255, 255, 255)),
        ((255, 255, 255), (0, 0, 0)),
        ((0, 0, 0), (128, 0, 0)),
        ((0, 128, 0), (250, 50, 83)),
        ((0, 0, 0), (250, 50, 83)),
        ((0, 0, 0), (120, 200, 40)),
        ((100, 100, 100), (200, 200, 200)),
    ],
)
def test_flat_areas_of_label_colours_are_a_mask(background: tuple[int, int, int], mark: tuple[int, int, int]) -> None:
    pixels = outline(background, mark)
    small = np.asarray(Image.fromarray(pixels).resize((64, 64)))
    for seen in (pixels, as_jpeg(outline(background, mark, side=400), 60), small):
        assert looks_like_a_mask(seen)
        assert not looks_like_a_photograph(seen)


@pytest.mark.parametrize("brightness", [0.2, 0.5, 0.9])
def test_a_drawing_in_the_colours_of_skin_is_neither_for_sure(brightness: float) -> None:
    assert not looks_like_a_mask(picture(brightness))
    assert looks_like_a_mask(picture(brightness), called_one=True)
    assert not looks_like_a_photograph(picture(brightness))


@pytest.mark.parametrize("value", [0, 255, (210, 160, 140)])
def test_one_colour_alone_tells_nothing(value: int | tuple[int, int, int]) -> None:
    pixels = np.broadcast_to(np.array(value, np.uint8), (40, 40, 3))
    assert not looks_like_a_mask(pixels)
    assert looks_like_a_mask(pixels, called_one=True)
    assert not looks_like_a_photograph(pixels)


def test_label_numbers_of_one_channel_are_a_mask() -> None:
    numbers = np.zeros((50, 60), np.uint8)
    numbers[10:30, 10:30], numbers[35:40, 5:50] = 1, 2
    assert looks_like_a_mask(numbers, called_one=True)
    assert looks_like_a_mask(numbers * np.uint8(60))


def test_a_picture_of_a_pixel_is_nothing() -> None:
    assert not looks_like_a_mask(np.zeros((1, 1, 3), np.uint8))


@pytest.mark.slow
def test_real_photographs_are_never_masks(shared_data: Path) -> None:
    paths = [path for name in ("isic", "ham") for path in sorted((shared_data / name / "images").iterdir())[::40]]
    assert len(paths) > 300
    for path in paths:
        whole = read_rgb(path)
        for pixels in (whole, read_rgb(path, (224, 224)), read_rgb(path, (64, 64)), whole.max(axis=2)):
            assert looks_like_a_photograph(pixels), path.name
            assert not looks_like_a_mask(pixels, called_one=True), path.name


@pytest.mark.slow
def test_real_photographs_with_an_outline_drawn_in_stay_photographs(shared_data: Path) -> None:
    for path in sorted((shared_data / "isic/images").iterdir())[::200]:
        pixels = read_rgb(path)
        marked = outline((0, 0, 0), (1, 1, 1), side=256)[: pixels.shape[0], : pixels.shape[1], 0] == 1
        part = pixels[: marked.shape[0], : marked.shape[1]]
        part[marked] = part[marked] // 2 + np.array([64, 0, 0], np.uint8)
        assert looks_like_a_photograph(pixels)


@pytest.mark.slow
def test_real_photographs_cut_out_on_black_are_no_masks(shared_data: Path) -> None:
    for path in sorted((shared_data / "ham/images").iterdir())[::200]:
        pixels = read_rgb(path)
        pixels[outline((0, 0, 0), (1, 1, 1), side=256)[:, :256, 0] == 0] = 0
        assert not looks_like_a_mask(pixels), path.name


@pytest.mark.slow
def test_real_masks_are_always_masks(shared_data: Path) -> None:
    paths = [path for name in ("isic", "ham") for path in sorted((shared_data / name / "masks").iterdir())[::40]]
    assert len(paths) > 300
    for path in paths:
        whole = read_rgb(path)
        for pixels in (whole, read_rgb(path, (224, 224)), as_jpeg(whole, 75), whole[..., 0]):
            assert looks_like_a_mask(pixels), path.name
            assert not looks_like_a_photograph(pixels), path.name


def test_numbers_that_look_black_are_a_mask_and_a_dark_photograph_is_none() -> None:
    marked = outline((0, 0, 0), (1, 1, 1))
    assert looks_like_a_mask(marked) and looks_like_a_mask(marked[..., 0] * np.uint8(2))
    dark = np.random.default_rng(0).integers(0, 12, (120, 160, 3), dtype=np.uint8)
    assert not looks_like_a_mask(dark)
