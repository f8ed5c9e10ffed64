"""The outlines of masks of all kinds."""

from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from annotriage.agreement.mask_set import MaskRow
from annotriage.images import UnreadableImageError
from annotriage.triage.mask_contours import Contours, contours

BOX = (0.25, 0.5, 0.75, 0.875)
"""Left, top, right and bottom of what each mask marks."""


def marked(height: int = 64, width: int = 128) -> NDArray[np.bool_]:
    y, x = (np.mgrid[:height, :width] + 0.5) / np.array([height, width])[:, None, None]
    return (x > BOX[0]) & (x < BOX[2]) & (y > BOX[1]) & (y < BOX[3])


def rgba(colour: tuple[int, int, int], alpha_of_rest: int) -> Image.Image:
    pixels = np.empty((64, 128, 4), dtype=np.uint8)
    pixels[..., :3] = colour
    pixels[..., 3] = np.where(marked(), 255, alpha_of_rest)
    return Image.fromarray(pixels)


def contours_of(path: Path, size: tuple[int, int] | None = None, image: tuple[int, int] | None = None) -> Contours:
    return contours(MaskRow("", "", path), size, image=image)


def palette(background: tuple[int, int, int], lesion: tuple[int, int, int]) -> Image.Image:
    image = Image.fromarray(marked().astype(np.uint8), mode="P")
    image.putpalette([*background, *lesion])
    return image


GREY = Image.fromarray(marked().astype(np.uint8) * 255)
MASKS = {
    "0_255.png": GREY,
    "0_1.png": Image.fromarray(marked().astype(np.uint8)),
    "0_2.png": Image.fromarray(marked().astype(np.uint8) * 2),
    "one_bit.png": GREY.convert("1"),
    "grey.jpg": GREY,
    "faint.png": Image.fromarray(marked().astype(np.uint8) * 100),
    "red.png": Image.fromarray(marked()[..., None].astype(np.uint8) * np.array([200, 0, 0], dtype=np.uint8)),
    "palette.png": palette((0, 0, 0), (128, 0, 0)),
    "palette.gif": palette((0, 0, 0), (255, 255, 255)),
    "white_on_nothing.png": rgba((255, 255, 255), 0),
    "black_on_nothing.png": rgba((0, 0, 0), 0),
    "opaque.png": GREY.convert("RGBA"),
    "16_bit.png": Image.fromarray(marked().astype(np.uint16) * 65535),
    "16_bit_of_ones.png": Image.fromarray(marked().astype(np.uint16)),
    "grey.bmp": GREY,
    "grey.tif": GREY,
}


@pytest.mark.parametrize("name", MASKS)
def test_what_a_mask_marks_whatever_its_format(tmp_path: Path, name: str) -> None:
    MASKS[name].save(tmp_path / name)
    (line,) = contours_of(tmp_path / name).lines
    assert line.shape[1] == 2
    np.testing.assert_array_equal(line[0], line[-1])
    pixel = 1 / 64
    assert np.abs(line.min(axis=0) - BOX[:2]).max() < pixel
    assert np.abs(line.max(axis=0) - BOX[2:]).max() < pixel


@pytest.mark.parametrize("size", [(32, 32), (200, 300)])
def test_read_at_another_size_it_is_the_same_place(tmp_path: Path, size: tuple[int, int]) -> None:
    GREY.save(tmp_path / "a.png")
    (line,) = contours_of(tmp_path / "a.png", size).lines
    assert np.abs(np.concatenate([line.min(axis=0), line.max(axis=0)]) - BOX).max() < 1 / 32


def test_a_mask_across_its_image_has_no_outline_at_a_wrong_place(tmp_path: Path) -> None:
    mask = np.zeros((120, 160), np.uint8)
    mask[20:60, 30:90] = 255
    Image.fromarray(mask).save(tmp_path / "a.png")
    with pytest.raises(UnreadableImageError, match="lies across"):
        contours_of(tmp_path / "a.png", image=(160, 120))
    assert len(contours_of(tmp_path / "a.png", image=(240, 320)).lines) == 1
    assert len(contours_of(tmp_path / "a.png", image=(100, 100)).lines) == 1


def test_an_empty_mask_has_none(tmp_path: Path) -> None:
    Image.new("L", (20, 10)).save(tmp_path / "a.png")
    assert contours_of(tmp_path / "a.png").lines == []
    noise = np.random.default_rng(1).integers(0, 9, (20, 30), dtype=np.uint8)
    Image.fromarray(noise).save(tmp_path / "a.jpg")
    with pytest.raises(UnreadableImageError, match="noise"):
        contours_of(tmp_path / "a.jpg")
    Image.new("RGBA", (20, 10), (255, 255, 255, 0)).save(tmp_path / "b.png")
    assert contours_of(tmp_path / "b.png").lines == []


@pytest.mark.parametrize("size", [(20, 10), (1, 1)])
def test_a_full_mask_has_the_images_edge(tmp_path: Path, size: tuple[int, int]) -> None:
    Image.new("L", size, 255).save(tmp_path / "a.png")
    (line,) = contours_of(tmp_path / "a.png").lines
    np.testing.assert_allclose([line.min(axis=0), line.max(axis=0)], [(0, 0), (1, 1)])


def test_several_parts_and_holes_are_lines_of_their_own(tmp_path: Path) -> None:
    mask = np.zeros((40, 40), dtype=np.uint8)
    mask[5:20, 5:20] = 255
    mask[10:15, 10:15] = 0
    mask[30:35, 30:35] = 255
    Image.fromarray(mask).save(tmp_path / "a.png")
    assert len(contours_of(tmp_path / "a.png").lines) == 3


def test_a_damaged_mask_says_why(tmp_path: Path) -> None:
    GREY.save(tmp_path / "a.png")
    (tmp_path / "a.png").write_bytes((tmp_path / "a.png").read_bytes()[:60])
    (tmp_path / "b.png").write_text("no image")
    for name in ("a.png", "b.png", "gone.png"):
        with pytest.raises(UnreadableImageError):
            contours_of(tmp_path / name)


def test_a_huge_mask_has_a_bounded_number_of_points(tmp_path: Path) -> None:
    Image.new("L", (4000, 3000), 255).save(tmp_path / "a.png")
    (line,) = contours_of(tmp_path / "a.png").lines
    assert len(line) < 5000
