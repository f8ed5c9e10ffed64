import builtins
import errno
import io
import struct
import subprocess
import sys
import zlib
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from PIL import Image

from annotriage.images import LARGEST_IMAGE, UnreadableImageError, image_size, pillow, read_rgb
from tests.images.pictures import KINDS, encoded

pytestmark = pytest.mark.filterwarnings(  # Pillow, on damaged EXIF data and on what we refuse as too large
    "ignore::UserWarning", "ignore::PIL.Image.DecompressionBombWarning"
)

WHOLE = {kind: encoded(kind, 60, 90) for kind in KINDS}


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("bad") / "picture.jpg"


def reason(path: Path, size: tuple[int, int] | None = (16, 16)) -> str:
    with pytest.raises(UnreadableImageError) as error:
        read_rgb(path, size)
    assert str(path) not in str(error.value)
    return str(error.value)


def read_or_refuse(path: Path) -> None:
    """Read in every way; nothing but the one error may come out."""
    for read in (image_size, read_rgb, lambda path: read_rgb(path, (16, 16))):
        try:
            read(path)
        except UnreadableImageError as error:
            assert str(error).endswith(".")


@pytest.mark.slow
def test_damage_makes_no_noise_on_the_terminal(place: Path) -> None:
    # In a process of its own, because pytest puts filters of its own before ours.
    place.write_bytes(encoded("jpeg", 9, 9, exif=b"Exif\0\0II*\0\x08\0\0\0\xff\xff"))
    code = (
        f"from pathlib import Path; from annotriage.images import read_rgb; print(read_rgb(Path({str(place)!r})).shape)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert (done.stdout, done.stderr) == ("(9, 9, 3)\n", "")


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="the decoder is built into Pillow, and cannot be told to be quiet")
def test_a_damaged_tiff_makes_none_either(place: Path) -> None:
    file = io.BytesIO()
    Image.effect_noise((200, 200), 90).save(file, "TIFF", compression="tiff_adobe_deflate")
    data = bytearray(file.getvalue())
    data[300:-3000:97] = bytes(0x5A ^ value for value in data[300:-3000:97])
    place.write_bytes(data)
    code = (
        "from pathlib import Path; from annotriage.images import UnreadableImageError, read_rgb\n"
        f"try: read_rgb(Path({str(place)!r}))\nexcept UnreadableImageError as error: print(error)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert "damaged" in done.stdout and done.stderr == ""


@pytest.mark.parametrize("kind", sorted(KINDS))
@pytest.mark.parametrize("share", [0.3, 0.6, 0.9])
def test_a_file_that_is_cut_off_is_refused(place: Path, kind: str, share: float) -> None:
    place.write_bytes(WHOLE[kind][: int(len(WHOLE[kind]) * share)])
    assert "cut off" in reason(place) or "damaged" in reason(place)


@pytest.mark.parametrize("progressive", [False, True])
def test_a_cut_real_jpeg_says_so(shared_data: Path, place: Path, progressive: bool) -> None:
    file = io.BytesIO()
    with Image.open(shared_data / "isic/images/ISIC_0000000.jpg") as picture:
        picture.save(file, "JPEG", progressive=progressive)
    data = file.getvalue()
    for end in (len(data) // 3, len(data) // 2, len(data) - 200):
        place.write_bytes(data[:end])
        assert "cut off" in reason(place, (64, 64))
        place.write_bytes(data[:end] + bytes(len(data) - end))
        assert "zeros" in reason(place, (64, 64))
    place.write_bytes(data + bytes(70_000))  # as some cameras fill up the last block of the disk
    assert read_rgb(place, (64, 64)).shape == (64, 64, 3)


@pytest.mark.parametrize("padding", [65534, 65535, 65536, 131071])
def test_the_end_mark_is_found_wherever_the_zeros_begin(place: Path, padding: int) -> None:
    place.write_bytes(WHOLE["jpeg"] + bytes(padding))
    assert read_rgb(place, (8, 8)).shape == (8, 8, 3)


@pytest.mark.slow
@settings(deadline=None, max_examples=300)
@given(data=st.data(), kind=st.sampled_from(sorted(KINDS)))
def test_mutated_files_are_read_or_refused(place: Path, data: st.DataObject, kind: str) -> None:
    content = bytearray(WHOLE[kind])
    for _ in range(data.draw(st.integers(1, 8))):
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    place.write_bytes(content)
    read_or_refuse(place)


@pytest.mark.slow
@settings(deadline=None, max_examples=200)
@given(start=st.sampled_from([b"", *{content[:20] for content in WHOLE.values()}]), rest=st.binary(max_size=200))
@example(b"", b"\xff\xd8\xff")
@example(b"", b"BM")
@example(b"", b"RIFF\0\0\0\0WEBP")
def test_random_bytes_are_read_or_refused(place: Path, start: bytes, rest: bytes) -> None:
    place.write_bytes(start + rest)
    read_or_refuse(place)


def png_that_claims(width: int, height: int) -> bytes:
    def chunk(name: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))

    header = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + header + chunk(b"IDAT", zlib.compress(bytes(1000))) + chunk(b"IEND", b"")


@pytest.mark.parametrize(("width", "height"), [(17_330, 17_330), (100_000, 100_000), (2**31 - 1, 2**31 - 1)])
def test_a_decompression_bomb_is_refused_unopened(place: Path, width: int, height: int) -> None:
    assert width * height > LARGEST_IMAGE
    place.write_bytes(png_that_claims(width, height))
    assert "300 million pixels" in reason(place)
    with pytest.raises(UnreadableImageError, match="300 million pixels"):
        image_size(place)


@pytest.mark.slow
@pytest.mark.filterwarnings("error")
def test_an_image_of_100_million_pixels_is_read_without_a_warning(place: Path) -> None:
    Image.new("L", (10_000, 10_000), 77).save(place, "JPEG")
    assert image_size(place) == (10_000, 10_000)
    assert abs(int(read_rgb(place, (32, 32)).mean()) - 77) <= 1


def test_heic_without_its_package_says_how_to_get_it(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    place.write_bytes(b"\0\0\0\x18ftypheic" + bytes(100))
    monkeypatch.setitem(sys.modules, "pillow_heif", None)
    pillow._load.cache_clear()
    assert "pip install pillow-heif" in reason(place)
    monkeypatch.setattr("annotriage.version.pip_command", lambda: None)  # as in a package
    assert reason(place) == "This is a HEIC photograph, which no package of Annotriage reads: save it as JPEG."


def test_what_is_not_there(tmp_path: Path) -> None:
    assert "no longer there" in reason(tmp_path / "gone.jpg")
    assert "no longer there" in reason(tmp_path / "gone" / "a.jpg")
    assert "no longer there" in reason(tmp_path / "a\0b.jpg")
    assert "name is too long" in reason(tmp_path / ("x" * 300 + ".jpg"))
    assert "folder" in reason(tmp_path)


@pytest.mark.parametrize(
    ("number", "words"),
    [(errno.EACCES, "permission"), (errno.EIO, "disk or network drive"), (errno.ESTALE, "The system cannot read it")],
)
def test_what_the_system_refuses(place: Path, monkeypatch: pytest.MonkeyPatch, number: int, words: str) -> None:
    place.write_bytes(WHOLE["jpeg"])
    real = builtins.open

    def refusing(path: object, *arguments: object, **more: object) -> object:
        if path == place:
            raise OSError(number, "refused")
        return real(path, *arguments, **more)  # type: ignore[call-overload]

    monkeypatch.setattr(builtins, "open", refusing)
    assert words in reason(place)


def test_too_little_memory(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    place.write_bytes(WHOLE["png"])

    def full(*_: object) -> None:
        raise MemoryError

    monkeypatch.setattr(pillow, "in_plain_mode", full)
    assert "memory" in reason(place)
