import io
import struct
import tracemalloc
import zlib
from collections.abc import Callable
from functools import partial
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, PngImagePlugin, features

from annotriage.images import UnreadableImageError, image_size, read_rgb
from tests.images.pictures import encoded, gradient
from tests.images.test_bad_files import reason


@pytest.fixture
def place(tmp_path: Path) -> Path:
    return tmp_path / "picture"


def photograph(form: str, **options: object) -> bytes:
    noisy = np.random.default_rng(0).integers(0, 60, (300, 400, 3)) + gradient(300, 400) // 2
    file = io.BytesIO()
    Image.fromarray(noisy.astype(np.uint8)).save(file, form, **options)
    return file.getvalue()


def png_chunk(name: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))


def png(width: int, height: int, depth: int, colour: int, *between: bytes) -> bytes:
    """Return a PNG whose pixels are all 0."""
    row = 1 + (width * depth * {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}[colour] + 7) // 8
    packer = zlib.compressobj(9)
    packed = b"".join(packer.compress(bytes(row * min(1000, height - top))) for top in range(0, height, 1000))
    header = png_chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, depth, colour, 0, 0, 0))
    return (
        b"\x89PNG\r\n\x1a\n"
        + header
        + b"".join(between)
        + png_chunk(b"IDAT", packed + packer.flush())
        + png_chunk(b"IEND", b"")
    )


def vp8l(width: int, height: int) -> bytes:
    """Return a lossless WebP of one colour: a few bytes, whatever its size (specification of the bitstream, 3 to 5)."""
    bits, filled = 0x2F, 8
    for value, count in ((width - 1, 14), (height - 1, 14), (0, 1), (0, 3), (0, 1), (0, 1), (0, 1)):
        bits |= value << filled
        filled += count
    for symbol in (0, 0, 0, 255, 0):  # one code of one symbol for green, red, blue, alpha, distance
        wide = symbol > 1
        for value, count in ((1, 1), (0, 1), (int(wide), 1), (symbol, 8 if wide else 1)):
            bits |= value << filled
            filled += count
    data = bits.to_bytes((filled + 7) // 8, "little")
    chunk = b"VP8L" + struct.pack("<I", len(data)) + data + bytes(len(data) % 2)
    return b"RIFF" + struct.pack("<I", 4 + len(chunk)) + b"WEBP" + chunk


def gif(width: int, height: int) -> bytes:
    """Return a GIF of a few bytes, whatever its size."""
    header = b"GIF89a" + struct.pack("<HH", width, height) + b"\x80\0\0\0\0\0\xff\xff\xff"
    return header + b"," + struct.pack("<HHHH", 0, 0, width, height) + b"\0\x02\x02\x44\x01\0;"


@pytest.mark.slow
@pytest.mark.parametrize(
    "make",
    [
        partial(vp8l, 16383, 16383),
        partial(vp8l, 7900, 7900),
        partial(gif, 17000, 17000),
        partial(png, 17000, 17000, 8, 6),
        partial(png, 1, 100_000_000, 8, 0),
        partial(png, 17000, 17000, 8, 3, png_chunk(b"PLTE", bytes(6)), png_chunk(b"tRNS", b"\0\xff")),
    ],
    ids=["webp", "smaller webp", "gif", "rgba png", "one column", "transparent palette"],
)
def test_a_few_bytes_cannot_take_all_memory(place: Path, make: Callable[[], bytes]) -> None:
    place.write_bytes(make())
    tracemalloc.start()
    for size in (None, (224, 224)):
        assert "GB of memory" in reason(place, size)
    assert tracemalloc.get_traced_memory()[1] < 50_000_000
    tracemalloc.stop()


@pytest.mark.slow
def test_large_photographs_and_masks_are_read(place: Path) -> None:
    place.write_bytes(vp8l(60, 40))  # the maker of the bomb makes sound files
    assert read_rgb(place).shape == (40, 60, 3)
    Image.new("L", (12_000, 9_000), 0).save(place, "PNG")  # an empty mask of 108 million pixels, 100 kB
    assert read_rgb(place, (9, 12)).max() == 0


def tiff(entries: list[tuple[int, int, int, int]], more: bytes = b"") -> bytes:
    table = b"".join(struct.pack("<HHII", *entry) for entry in entries)
    return b"II*\0\x08\0\0\0" + struct.pack("<H", len(entries)) + table + bytes(4) + more


def test_a_tiff_that_claims_many_times_what_it_holds(place: Path) -> None:
    more = bytes(2_000_000)
    place.write_bytes(
        tiff([(256, 3, 1, 10), (257, 3, 1, 10)] + [(40_000 + k, 7, 2_000_000, 8) for k in range(4000)], more)
    )
    assert "many times" in reason(place)
    with pytest.raises(UnreadableImageError, match="many times"):
        image_size(place)
    place.write_bytes(tiff([(256, 4, 1, 2000), (257, 4, 1, 1000), (324, 4, 2_000_000, 8)], bytes(8_000_000)))
    assert "pieces" in reason(place)
    place.write_bytes(tiff([(40_000, 3, 1, 1)] * 5000))
    assert "5,000 tags" in reason(place)


@pytest.mark.slow
def test_exif_data_that_claims_gigabytes_does_not_matter(place: Path) -> None:
    bomb = tiff([(40_000 + k, 7, 50_000, 8) for k in range(4000)])
    for form in ("JPEG", "PNG", "WEBP"):
        place.write_bytes(photograph(form, exif=b"Exif\0\0" + bomb))
        tracemalloc.start()
        assert read_rgb(place, (30, 40)).shape == (30, 40, 3)
        assert tracemalloc.get_traced_memory()[1] < 20_000_000
        tracemalloc.stop()


@pytest.mark.slow
def test_jpegs_of_thousands_of_scans(place: Path) -> None:
    whole = photograph("JPEG", progressive=True)
    assert whole.count(b"\xff\xda") > 3
    last = whole.rindex(b"\xff\xda")
    place.write_bytes(whole[:-2] + whole[last:-2] * 5000 + b"\xff\xd9")
    assert "more than 100 scans" in reason(place)
    place.write_bytes(whole[:-2] + b"\xff\xd9" + whole[last:] * 5000)  # behind the end mark they are no matter
    assert read_rgb(place).shape == (300, 400, 3)


def test_a_jpeg_whose_beginning_is_filled_up(place: Path) -> None:
    whole = photograph("JPEG")
    place.write_bytes(whole[:2] + b"\xff" * 3000 + whole[2:])
    assert read_rgb(place).shape == (300, 400, 3)
    place.write_bytes(whole[:2] + b"\xff" * 2_000_000 + whole[2:])
    assert "filled up" in reason(place)


@pytest.mark.parametrize("zeros", [10_000, 3_000_000, 8 << 30])
def test_a_head_before_zeros_is_told_quickly(place: Path, zeros: int) -> None:
    whole = photograph("JPEG")
    with open(place, "wb") as file:
        file.write(whole[: len(whole) // 2])
        file.truncate(len(whole) + zeros)  # sparse: takes no room
    assert "zeros" in reason(place)


@pytest.mark.parametrize("progressive", [False, True])
@pytest.mark.parametrize(
    "trailer", [b"\0\0\0\x18ftypmp42" + b"\xff\xda" * 500 + bytes(5000), bytes(512), b"note" + bytes(2)]
)
def test_what_follows_a_whole_jpeg_is_no_matter(place: Path, progressive: bool, trailer: bytes) -> None:
    whole = photograph("JPEG", progressive=progressive)
    place.write_bytes(whole)
    expected = read_rgb(place)
    place.write_bytes(whole + trailer)
    np.testing.assert_array_equal(read_rgb(place), expected)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("form", "options"),
    [
        ("PNG", {}),
        ("BMP", {}),
        ("TIFF", {}),
        ("WEBP", {}),
        ("WEBP", {"lossless": True}),
        ("JPEG", {}),
        ("TIFF", {"compression": "tiff_lzw"}),
    ],
)
def test_an_interrupted_copy_is_refused(place: Path, form: str, options: dict[str, object]) -> None:
    whole = photograph(form, **options)
    place.write_bytes(whole)
    assert read_rgb(place).shape == (300, 400, 3)
    end = max(4096, len(whole) // 2 // 4096 * 4096)
    place.write_bytes(whole[:end] + bytes(len(whole) - end))
    assert "zeros" in reason(place) or "damaged" in reason(place)


@pytest.mark.slow
def test_black_at_the_end_is_no_interrupted_copy(place: Path) -> None:
    for form, options in (
        ("BMP", {}),
        ("TIFF", {}),
        ("PNG", {}),
        ("WEBP", {}),
        ("WEBP", {"lossless": True}),
        ("JPEG", {}),
    ):
        for value in (0, 255):
            picture = np.full((900, 1200, 3), value, np.uint8)
            picture[300:500, 400:600] = gradient(200, 200)
            Image.fromarray(picture).save(place, form, **options)
            assert read_rgb(place, (90, 120)).shape == (90, 120, 3)


def test_a_png_whose_checksum_does_not_fit(place: Path) -> None:
    whole = bytearray(photograph("PNG"))
    whole[whole.index(b"IDAT") + 5000] ^= 1
    place.write_bytes(whole)
    assert "checksums" in reason(place)


@pytest.mark.slow
def test_large_and_damaged_metadata_does_not_matter(place: Path) -> None:
    plain = photograph("PNG")
    place.write_bytes(plain)
    expected = read_rgb(place)
    text = PngImagePlugin.PngInfo()
    text.add_text("notes", "x" * 20_000_000, zip=True)
    text.add_itxt("xmp", "y" * 20_000_000, zip=True)
    place.write_bytes(photograph("PNG", pnginfo=text))
    np.testing.assert_array_equal(read_rgb(place), expected)
    place.write_bytes(photograph("PNG", icc_profile=bytes(30_000_000)))
    np.testing.assert_array_equal(read_rgb(place), expected)
    for chunk in (png_chunk(b"iCCP", b"no end"), png_chunk(b"pHYs", b"1"), png_chunk(b"zTXt", b"a\0\1xx")[:-1] + b"?"):
        place.write_bytes(plain[:33] + chunk + plain[33:])
        np.testing.assert_array_equal(read_rgb(place), expected)


@pytest.mark.parametrize(
    ("mark", "bits", "words"), [(0xC1, 12, "12 bits"), (0xC3, 8, "lossless"), (0xF7, 8, "JPEG-LS")]
)
def test_kinds_of_jpeg_that_are_not_read(place: Path, mark: int, bits: int, words: str) -> None:
    whole = bytearray(encoded("jpeg", 9, 9))
    frame = whole.index(b"\xff\xc0")
    whole[frame + 1], whole[frame + 4] = mark, bits
    place.write_bytes(whole)
    assert words in reason(place)
    assert "not read here" in reason(place)


@pytest.mark.parametrize("form", ["AVIF", "JPEG2000"])
def test_newer_kinds_are_read_by_their_content(place: Path, form: str) -> None:
    Image.fromarray(gradient(96, 128)).save(place, form, quality_layers=[1], quality=95)
    assert image_size(place) == (96, 128)
    assert np.abs(read_rgb(place, (48, 64)).astype(int).mean() - gradient(96, 128).mean()) < 3


def test_white_is_zero_is_turned_round_in_16_bits(place: Path) -> None:
    grey = np.arange(0, 65536, 64, dtype=np.uint16).reshape(32, 32)
    file = io.BytesIO()
    Image.fromarray(grey).save(file, "TIFF", tiffinfo={262: 0})
    place.write_bytes(file.getvalue())
    with Image.open(place) as kept:
        assert kept.tag_v2[262] == 0
        stored = np.asarray(kept)
    np.testing.assert_array_equal(read_rgb(place)[..., 0], 255 - np.round(stored / 257).astype(np.uint8))


@pytest.mark.parametrize("alpha", [0, 1, 128, 255])
@pytest.mark.parametrize("size", [None, (30, 40)])
def test_transparency_that_is_the_same_everywhere_says_nothing(
    place: Path, size: tuple[int, int] | None, alpha: int
) -> None:
    picture = Image.fromarray(gradient(60, 80))
    picture.save(place, "PNG")
    expected = read_rgb(place, size)
    picture.putalpha(alpha)
    picture.save(place, "PNG")
    np.testing.assert_array_equal(read_rgb(place, size), expected)


@pytest.mark.slow
@pytest.mark.skipif(not features.check("avif"), reason="needs AVIF")
def test_an_avif_that_ends_in_zeros_is_refused_and_one_with_padding_is_not(place: Path) -> None:
    whole = photograph("AVIF")
    half = len(whole) // 2
    place.write_bytes(whole[:half] + bytes(len(whole) - half))
    assert "zeros" in reason(place)
    place.write_bytes(whole + bytes(5000))
    assert read_rgb(place).shape == (300, 400, 3)


def test_a_tiff_that_has_lost_its_directory_is_damaged_and_not_unusual(place: Path) -> None:
    place.write_bytes(b"II*\0\x08\0\0\0" + bytes(5000) + b"end")
    assert "is damaged" in reason(place)


def test_an_unusual_tiff_says_what_it_is(place: Path) -> None:
    floats = np.random.default_rng(0).random((4, 4, 3)).astype("<f4").tobytes()
    head = 8 + 2 + 12 * 8 + 4
    entries = [
        (256, 3, 1, 4),
        (257, 3, 1, 4),
        (258, 3, 3, head),
        (259, 3, 1, 1),
        (262, 3, 1, 2),
        (273, 4, 1, head + 12),
    ]
    entries += [(277, 3, 1, 3), (339, 3, 3, head + 6)]
    place.write_bytes(tiff(entries, struct.pack("<6H", 32, 32, 32, 3, 3, 3) + floats))
    assert "unusual TIFF (3 x 32 bits, floating point, RGB)" in reason(place)


def test_the_size_of_a_png_needs_none_of_its_pixels(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    place.write_bytes(photograph("PNG"))
    summed: list[int] = []
    plain = zlib.crc32
    monkeypatch.setattr(
        "annotriage.images.structure.zlib.crc32", lambda data, *rest: summed.append(len(data)) or plain(data, *rest)
    )
    assert image_size(place) == (300, 400)
    assert sum(summed) < 100
    read_rgb(place, (30, 40))
    assert sum(summed) > 10_000


@pytest.mark.parametrize("form", ["PNG", "WEBP"])
def test_a_file_is_read_once(place: Path, monkeypatch: pytest.MonkeyPatch, form: str) -> None:
    data = photograph(form)
    place.write_bytes(data)
    read: list[int] = []

    class Counting(io.FileIO):
        def read(self, size: int | None = -1) -> bytes:
            found = super().read(-1 if size is None else size)
            read.append(len(found))
            return found

    monkeypatch.setattr("builtins.open", lambda path, *_, **__: Counting(path))
    read_rgb(place)
    assert len(data) <= sum(read) <= len(data) + 200


def test_exif_data_without_end_are_refused(place: Path) -> None:
    """A camera writes one segment of at most 64 kB; joining thousands takes a decoder minutes."""
    data = photograph("JPEG")
    segment = b"\xff\xe1\xff\xffExif\0\0" + bytes(65527)
    place.write_bytes(data[:2] + segment * 3 + data[2:])
    assert read_rgb(place).shape == (300, 400, 3)
    place.write_bytes(data[:2] + segment * 300 + data[2:])
    assert "more than 16 MB of EXIF data" in reason(place)


@pytest.mark.slow
def test_of_text_that_unpacks_to_gigabytes_only_the_beginning_is_unpacked(
    place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    unpacked: list[int] = []
    unpack = PngImagePlugin._safe_zlib_decompress

    def counted(packed: bytes) -> bytes:
        unpacked.append(len(packed))
        return unpack(packed)

    monkeypatch.setattr(PngImagePlugin, "_safe_zlib_decompress", counted)
    bomb = png_chunk(b"zTXt", b"k\0\0" + zlib.compress(bytes(2**25), 9))
    place.write_bytes(png(64, 64, 8, 2, *[bomb] * 50))
    assert read_rgb(place).shape == (64, 64, 3)
    assert len(unpacked) < 5
