"""Images of more than 8 bits: none is shown or scored as black."""

import struct
import zlib
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image, TiffImagePlugin

from annotriage.images import UnreadableImageError, read_picture
from tests.images.pictures import gradient

GREY = gradient(40, 60)[..., 0] / gradient(40, 60)[..., 0].max()
"""Fractions of white, from black to white."""


def png_of_16_bits(numbers: NDArray[np.uint16]) -> bytes:
    height, width, channels = numbers.shape
    head = struct.pack(">IIBBBBB", width, height, 16, {3: 2, 4: 6}[channels], 0, 0, 0)
    rows = b"".join(b"\0" + row.astype(">u2").tobytes() for row in numbers)
    parts = ((b"IHDR", head), (b"IDAT", zlib.compress(rows)), (b"IEND", b""))
    chunks = [struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))
              for name, data in parts]  # fmt: skip
    return b"\x89PNG\r\n\x1a\n" + b"".join(chunks)


def check(path: Path, told: str, expected: NDArray[np.float64] = GREY) -> None:
    pixels, note = read_picture(path)
    assert np.abs(pixels[..., 0] - expected * 255).max() <= 1
    assert told in note if told else not note
    assert read_picture(path, (20, 30)).note == note


@pytest.mark.parametrize("ending", ["png", "tif"])
@pytest.mark.parametrize("bits", [8, 10, 12, 14])
def test_few_bits_in_16(tmp_path: Path, bits: int, ending: str) -> None:
    white = (1 << bits) - 1
    Image.fromarray(np.rint(GREY * white).astype(np.uint16)).save(tmp_path / f"a.{ending}")
    check(tmp_path / f"a.{ending}", f"{white:,} is taken for white")


@pytest.mark.parametrize("channels", [3, 4])
@pytest.mark.parametrize("bits", [10, 12, 14, 16])
def test_few_bits_in_16_of_colour(tmp_path: Path, bits: int, channels: int) -> None:
    white = (1 << bits) - 1
    numbers = np.rint(GREY * white).astype(np.uint16)
    colours = np.stack([numbers, numbers // 2, numbers // 3, np.full_like(numbers, 65535)], axis=-1)[..., :channels]
    (tmp_path / "a.png").write_bytes(png_of_16_bits(colours))
    check(tmp_path / "a.png", f"{white:,} is taken for white" if bits < 16 else "")


def planar_tiff(planes: NDArray[np.uint16], order: str) -> bytes:
    """Return a TIFF whose channels (3, H, W) lie one behind the other."""
    _, height, width = planes.shape
    size = 2 * height * width
    first = 8 + 2 + 10 * 12 + 4 + 6 + 24
    tags = [(256, 3, 1, width), (257, 3, 1, height), (258, 3, 3, first - 30), (259, 3, 1, 1), (262, 3, 1, 2),
            (273, 4, 3, first - 24), (277, 3, 1, 3), (278, 3, 1, height), (279, 4, 3, first - 12),
            (284, 3, 1, 2)]  # fmt: skip
    entries = b"".join(
        struct.pack(order + "HHIHH", tag, kind, count, value, 0)
        if kind == 3 and count == 1
        else struct.pack(order + "HHII", tag, kind, count, value)
        for tag, kind, count, value in tags
    )
    places = struct.pack(order + "3H6I", 16, 16, 16, *(first + size * k for k in range(3)), size, size, size)
    mark = b"II" if order == "<" else b"MM"
    head = mark + struct.pack(order + "HIH", 42, 8, len(tags))
    return head + entries + bytes(4) + places + planes.astype(order + "u2").tobytes()


@pytest.mark.parametrize("order", ["<", ">"])
@pytest.mark.parametrize("bits", [12, 16])
def test_channels_of_16_bits_one_behind_the_other(tmp_path: Path, bits: int, order: str) -> None:
    white = (1 << bits) - 1
    numbers = np.rint(GREY * white).astype(np.uint16)
    (tmp_path / "a.tif").write_bytes(planar_tiff(np.stack([numbers, numbers // 2, numbers // 3]), order))
    check(tmp_path / "a.tif", "4,095 is taken for white" if bits == 12 else "")


@pytest.mark.parametrize(
    "numbers",
    [np.rint(GREY * 65535), np.rint(GREY * 4095) * 16, np.rint(GREY * 51) * 257, np.rint(GREY * 4000) * 4],
    ids=["16 bits", "12 bits pushed to the left", "8 dark bits spread over 16", "14 dark bits"],
)
def test_all_16_bits_are_used(tmp_path: Path, numbers: NDArray[np.float64]) -> None:
    Image.fromarray(numbers.astype(np.uint16)).save(tmp_path / "a.png")
    check(tmp_path / "a.png", "", numbers / 65535)


@pytest.mark.parametrize(("white", "kind"), [(1, "f4"), (255, "f4"), (4095, "f4"), (255, "i4"), (4095, "i4")])
def test_numbers_of_32_bits(tmp_path: Path, white: int, kind: str) -> None:
    Image.fromarray((GREY * white).astype(kind)).save(tmp_path / "a.tif")
    check(tmp_path / "a.tif", "is taken for white")


def test_tags_say_what_is_black_and_white(tmp_path: Path) -> None:
    tags = TiffImagePlugin.ImageFileDirectory_v2()
    tags[280], tags[281] = 100, 3000
    Image.fromarray((GREY * 2900 + 100).astype(np.uint16)).save(tmp_path / "a.tif", tiffinfo=tags)
    check(tmp_path / "a.tif", "")


@pytest.mark.parametrize("numbers", [GREY - 0.5, GREY * 1e6])
def test_a_range_that_nobody_knows_is_refused(tmp_path: Path, numbers: NDArray[np.float64]) -> None:
    Image.fromarray(numbers.astype(np.float32)).save(tmp_path / "a.tif")
    with pytest.raises(UnreadableImageError, match="what is black and what is white"):
        read_picture(tmp_path / "a.tif")


def test_black_stays_black(tmp_path: Path) -> None:
    Image.fromarray(np.zeros((9, 9), np.uint16)).save(tmp_path / "a.png")
    check(tmp_path / "a.png", "", np.zeros((9, 9)))
