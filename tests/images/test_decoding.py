import io
import struct
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageOps

from annotriage.images import image_size, pillow, read_rgb
from tests.images.pictures import KINDS, encoded, gradient, in_mode

sides = st.integers(1, 70)


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("pictures") / "picture"


@pytest.mark.slow
@settings(deadline=None, max_examples=150)
@given(kind=st.sampled_from(sorted(KINDS)), stored=st.tuples(sides, sides), asked=st.none() | st.tuples(sides, sides))
def test_every_kind_at_every_size(
    place: Path, kind: str, stored: tuple[int, int], asked: tuple[int, int] | None
) -> None:
    place.write_bytes(encoded(kind, *stored))
    assert image_size(place) == stored
    rgb = read_rgb(place, asked)
    assert rgb.shape == (*(asked or stored), 3)
    assert rgb.dtype == np.uint8
    assert rgb.flags.writeable
    assert rgb.flags.c_contiguous


@pytest.mark.parametrize("kind", sorted(KINDS))
@pytest.mark.parametrize("size", [None, (48, 64), (31, 17)])
def test_agrees_with_plain_decoding(place: Path, kind: str, size: tuple[int, int] | None) -> None:
    place.write_bytes(encoded(kind, 96, 128))
    _, mode = KINDS[kind]
    if mode == "I;16":  # which Pillow itself clips instead of scaling
        plain = in_mode(gradient(96, 128), "L").convert("RGB")
    else:
        plain = Image.open(place).convert("RGB")
    if size:
        plain = plain.resize(size[::-1], Image.Resampling.BICUBIC)
    difference = np.abs(read_rgb(place, size).astype(int) - np.asarray(plain).astype(int))
    dithered = mode in ("P", "1") and size is not None  # noise, in which the two resamplings differ most
    assert difference.mean() < (3 if dithered else 1)
    assert difference.max() <= (40 if dithered else 8)


def test_16_bits_become_8_by_rounding(place: Path) -> None:
    values = np.arange(65536, dtype=np.uint16).reshape(256, 256)
    expected = np.round(values / 257).astype(np.uint8)
    for name in ("PNG", "TIFF"):
        Image.fromarray(values).save(place, name)
        np.testing.assert_array_equal(read_rgb(place)[..., 0], expected)


def test_16_bit_colour(place: Path) -> None:
    # Written by hand: Pillow writes no such file.
    import zlib

    def chunk(name: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))

    pixels = np.array([[[0, 32768, 65535], [65535, 0, 256]]], dtype=">u2")
    place.write_bytes(
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", struct.pack(">IIBBBBB", 2, 1, 16, 2, 0, 0, 0))
        + chunk(b"IDAT", zlib.compress(b"\0" + pixels.tobytes()))
        + chunk(b"IEND", b"")
    )
    assert read_rgb(place).tolist() == [[[0, 128, 255], [255, 0, 1]]]


@pytest.mark.parametrize("size", [None, (8, 8)])
def test_transparent_pixels_lie_on_white(place: Path, size: tuple[int, int] | None) -> None:
    rgba = np.zeros((16, 16, 4), np.uint8)
    rgba[:, 8:, 3] = 255
    pictures = [Image.fromarray(rgba), Image.fromarray(rgba).convert("LA")]
    pictures.append(Image.fromarray(np.repeat([[0] * 8 + [1] * 8], 16, axis=0).astype(np.uint8), "P"))
    pictures[2].putpalette([0, 0, 0, 0, 0, 0])
    for picture in pictures:
        more = {"transparency": 0} if picture.mode == "P" else {}
        picture.save(place, "PNG", **more)
        rgb = read_rgb(place, size)
        half = rgb.shape[1] // 2
        assert (rgb[:, : half - 1] >= 250).all()
        assert (rgb[:, half + 1 :] <= 5).all()


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["jpeg", "png", "tiff", "webp"])
@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("size", [None, (20, 50), (60, 25)])
def test_orientation_is_applied(place: Path, kind: str, orientation: int, size: tuple[int, int] | None) -> None:
    exif = Image.Exif()
    exif[0x0112] = orientation
    place.write_bytes(encoded(kind, 400, 960, exif=exif))
    with Image.open(place) as picture:
        plain = ImageOps.exif_transpose(picture).convert("RGB")
    assert image_size(place) == plain.size[::-1]
    if size:
        plain = plain.resize(size[::-1], Image.Resampling.BICUBIC)
    difference = np.abs(read_rgb(place, size).astype(int) - np.asarray(plain).astype(int))
    assert difference.mean() < 2


@pytest.mark.filterwarnings("ignore::UserWarning")
def test_damaged_orientation_is_ignored(place: Path) -> None:
    for exif in (b"Exif\0\0rubbish", b"Exif\0\0II*\0\xff\xff\xff\xff"):
        place.write_bytes(encoded("jpeg", 8, 12, exif=exif))
        assert image_size(place) == (8, 12)
        assert read_rgb(place).shape == (8, 12, 3)


@pytest.mark.parametrize("name", ["GIF", "TIFF", "WEBP", "PNG"])
def test_first_frame_is_taken(place: Path, name: str) -> None:
    frames = [Image.new("RGB", (9, 7), colour) for colour in ("red", "blue", "green")]
    frames[0].save(place, name, save_all=True, append_images=frames[1:])
    assert image_size(place) == (7, 9)
    assert np.abs(read_rgb(place).astype(int) - [255, 0, 0]).max() <= 4


def test_a_jpeg_is_decoded_at_the_smallest_scale_that_covers(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    place.write_bytes(encoded("jpeg", 403, 801))
    decoded: list[tuple[int, int]] = []
    plain = pillow.in_plain_mode
    monkeypatch.setattr(pillow, "in_plain_mode", lambda image: decoded.append(image.size) or plain(image))
    for size in ((50, 100), (51, 100), (100, 200), (101, 100), (300, 10), (500, 900)):
        read_rgb(place, size)
    assert decoded == [(101, 51), (201, 101), (201, 101), (401, 202), (801, 403), (801, 403)]


def test_heic(place: Path) -> None:
    heif = pytest.importorskip("pillow_heif")
    file = io.BytesIO()
    heif.from_pillow(Image.fromarray(gradient(60, 90))).save(file)
    place.write_bytes(file.getvalue())
    assert image_size(place) == (60, 90)
    assert np.abs(read_rgb(place).astype(int) - gradient(60, 90)).mean() < 3


def test_many_threads_read_the_same_pixels(shared_data: Path) -> None:
    paths = sorted((shared_data / "isic/images").iterdir())[:40]
    with ThreadPoolExecutor(8) as pool:
        together = list(pool.map(lambda path: read_rgb(path, (64, 64)), paths))
    for path, rgb in zip(paths, together, strict=True):
        np.testing.assert_array_equal(rgb, read_rgb(path, (64, 64)))


@pytest.mark.slow
@pytest.mark.parametrize("side", [32, 128, 192, 224, 500])
def test_real_images_agree_with_decoding_in_full(shared_data: Path, side: int) -> None:
    paths = sorted((shared_data / "isic/images").iterdir())[::100]
    differences = []
    for path in paths:
        with Image.open(path) as picture:
            plain = np.asarray(picture.convert("RGB").resize((side, side), Image.Resampling.BICUBIC)).astype(int)
        differences.append(np.abs(read_rgb(path, (side, side)) - plain).mean())
    assert np.mean(differences) < 1.5
    assert max(differences) < 4


@pytest.mark.parametrize("size", [(0, 5), (5, -1)])
def test_an_impossible_size_is_the_callers_mistake(place: Path, size: tuple[int, int]) -> None:
    place.write_bytes(encoded("png", 4, 4))
    with pytest.raises(ValueError, match="positive"):
        read_rgb(place, size)
