import os
import sys
from pathlib import Path

import psutil
import pytest

from annotriage.errors import AnnotriageError
from annotriage.images import UnreadableImageError, find_images, image_size, read_rgb
from tests.images.pictures import encoded, refuse_to_open

JPEG = encoded("jpeg", 8, 8)


def names(folder: Path, **options: bool) -> list[str]:
    return [image.name for image in find_images(folder, **options)]


def problem(folder: Path, name: str) -> str:
    """Return the one problem of the file `name`, and check that reading it fails for the same reason."""
    (found,) = [image for image in find_images(folder) if image.name == name]
    assert found.problem is not None
    for read in (read_rgb, image_size):
        with pytest.raises(UnreadableImageError) as error:
            read(found.path)
        if not found.path.is_symlink():
            assert str(error.value) == found.problem
    assert str(folder) not in found.problem
    return found.problem


def test_finds_by_content_in_natural_order(tmp_path: Path) -> None:
    (tmp_path / "B").mkdir()
    for name in ("ISIC_10.jpg", "ISIC_9.JPG", "isic_8.png.jpg", "B/photo", "B/wrong.txt", "b.tif"):
        (tmp_path / name).write_bytes(JPEG)
    (tmp_path / "metrics.csv").write_text("image,dice\n")
    (tmp_path / "bmi.csv").write_text("BMI,age of the patient\n22,40\n")
    (tmp_path / "empty.csv").touch()
    found = find_images(tmp_path)
    assert [image.name for image in found] == [
        "B/photo",
        "B/wrong.txt",
        "b.tif",
        "isic_8.png.jpg",
        "ISIC_9.JPG",
        "ISIC_10.jpg",
    ]
    for image in found:
        assert image.problem is None
        assert image.path == tmp_path / image.name
        assert image.size == len(JPEG)
        assert image.modified_ns == image.path.stat().st_mtime_ns
        assert read_rgb(image.path, (4, 4)).shape == (4, 4, 3)
    assert names(tmp_path, recursive=False) == [name for name in names(tmp_path) if "/" not in name]


def test_passes_over_what_systems_leave_behind(tmp_path: Path) -> None:
    for name in (".hidden/a.jpg", "__MACOSX/a.jpg", "sub/@eaDir/a.jpg", "sub/._a.jpg", ".a.jpg", "sub/a.jpg"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_bytes(JPEG)
    assert names(tmp_path) == ["sub/a.jpg"]


def test_follows_links_but_visits_each_folder_once(tmp_path: Path) -> None:
    inside, outside = tmp_path / "inside", tmp_path / "outside"
    (inside / "real").mkdir(parents=True)
    (outside / "deep").mkdir(parents=True)
    for path in (inside / "real/1.jpg", outside / "deep/2.jpg"):
        path.write_bytes(JPEG)
    (inside / "a link to real").symlink_to(inside / "real")
    (inside / "loop").symlink_to(inside)
    (inside / "real/up").symlink_to("..")
    (inside / "outside").symlink_to(outside)
    (inside / "outside again").symlink_to(outside)
    (inside / "file.jpg").symlink_to(outside / "deep/2.jpg")
    assert names(inside) == ["file.jpg", "outside/deep/2.jpg", "real/1.jpg"]


def test_a_folder_named_like_an_image_is_searched(tmp_path: Path) -> None:
    (tmp_path / "x.jpg").mkdir()
    (tmp_path / "x.jpg/1.jpg").write_bytes(JPEG)
    assert names(tmp_path) == ["x.jpg/1.jpg"]
    with pytest.raises(UnreadableImageError, match="folder, not an image"):
        read_rgb(tmp_path / "x.jpg")


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("empty.jpg", b"", "empty"),
        ("notes.JPG", b"lesion 12: ask Dr. M\xc3\xbcller\n" * 9, "a text file"),
        ("page.png", b"\n<!DOCTYPE html><html><body>404", "a web page"),
        ("paper.jpeg", b"%PDF-1.7\n\xff\xfe", "a PDF"),
        ("lfs.jpg", b"version https://git-lfs.github.com/spec/v1\noid sha256:0", "git lfs pull"),
        ("zeros.tif", bytes(5000), "zeros"),
        ("noise.webp", bytes(range(128, 256)), "something unknown"),
        ("photo.NEF", b"II*\0" + bytes(range(100)), "raw file"),
        ("photo.IIQ", b"II*\0" + bytes(range(100)), "raw file"),
        ("photo.tif", b"II*\0\x10\0\0\0CR\2\0" + bytes(range(100)), "raw file"),
        ("photo.jpg", b"FUJIFILMCCD-RAW 0201" + bytes(range(100)), "raw file"),
        ("grey.pgm", b"P5 4 4 255\n" + bytes(16), "Netpbm"),
        ("layers.psd", b"8BPS\0\1" + bytes(60), "Photoshop"),
        ("study.dcm", bytes(128) + b"DICM", "DICOM"),
        ("study.jpg", b"\xff" * 128 + b"DICM", "DICOM"),
        ("photo.jxl", b"\xff\x0a" + bytes(50), "JPEG XL"),
    ],
)
def test_says_what_a_file_is_instead_of_an_image(tmp_path: Path, name: str, content: bytes, words: str) -> None:
    (tmp_path / name).write_bytes(content)
    assert words in problem(tmp_path, name)


def test_links_that_lead_nowhere(tmp_path: Path) -> None:
    (tmp_path / "gone.jpg").symlink_to(tmp_path / "nowhere.jpg")
    (tmp_path / "self.jpg").symlink_to("self.jpg")
    (tmp_path / "gone.csv").symlink_to(tmp_path / "nowhere.csv")
    assert "no longer exists" in problem(tmp_path, "gone.jpg")
    assert "leads back to itself" in problem(tmp_path, "self.jpg")
    assert names(tmp_path) == ["gone.jpg", "self.jpg"]


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no named pipes")
@pytest.mark.timeout(10)
def test_a_named_pipe_does_not_hang(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.jpg")
    os.mkfifo(tmp_path / "pipe")
    assert "pipe" in problem(tmp_path, "pipe.jpg")
    assert names(tmp_path) == ["pipe.jpg"]


def test_what_may_not_be_opened(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "secret folder").mkdir()
    for name in ("secret.jpg", "good.jpg", "secret.csv", "secret folder/1.jpg"):
        (tmp_path / name).write_bytes(JPEG)
    refuse_to_open(monkeypatch, "secret")
    assert names(tmp_path) == ["good.jpg", "secret folder", "secret.jpg"]
    assert "permission" in problem(tmp_path, "secret.jpg")
    assert "folder cannot be searched" in (find_images(tmp_path)[1].problem or "")


def test_a_folder_that_cannot_be_searched_is_an_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "a.jpg").write_bytes(JPEG)
    (tmp_path / "secret").mkdir()
    with pytest.raises(AnnotriageError, match="no folder"):
        find_images(tmp_path / "missing")
    with pytest.raises(AnnotriageError, match="not a folder"):
        find_images(tmp_path / "a.jpg")
    refuse_to_open(monkeypatch, "secret")
    with pytest.raises(AnnotriageError, match="permission"):
        find_images(tmp_path / "secret")


def test_names_that_are_no_unicode_can_be_written_down(tmp_path: Path) -> None:
    path = os.fsencode(tmp_path) + b"/caf\xe9.jpg"
    try:
        Path(os.fsdecode(path)).write_bytes(JPEG)
    except OSError:
        pytest.skip("this file system takes Unicode names only")
    (found,) = find_images(tmp_path)
    assert found.name == "caf\\xe9.jpg"
    assert read_rgb(found.path).shape == (8, 8, 3)


def test_an_empty_folder_holds_nothing(tmp_path: Path) -> None:
    assert find_images(tmp_path) == []


def _read_by_now() -> int:
    """Return the bytes that this process has read from files; 0 where the system does not count them."""
    return int(psutil.Process().io_counters().read_chars) if sys.platform == "linux" else 0


@pytest.mark.slow
def test_real_folder(shared_data: Path) -> None:
    before = _read_by_now()
    found = find_images(shared_data / "isic")
    read = _read_by_now() - before
    images = [image for image in found if image.name.startswith("images/")]
    assert len(images) == len(list((shared_data / "isic/images").iterdir())) > 2000
    assert all(image.problem is None for image in found)
    assert read < 1000 * len(found), "of each file its first bytes are read, of none the whole"


def test_dicom_files_without_an_ending_are_named(tmp_path: Path) -> None:
    (tmp_path / "IM0001").write_bytes(bytes(128) + b"DICM" + bytes(50))
    (tmp_path / "README").write_bytes(bytes(300))
    assert names(tmp_path) == ["IM0001"]
    assert "DICOM" in problem(tmp_path, "IM0001")


def test_images_that_still_lie_in_icloud_are_named(tmp_path: Path) -> None:
    (tmp_path / ".ISIC_1.jpg.icloud").write_bytes(b"bplist00")
    (tmp_path / ".notes.txt.icloud").write_bytes(b"bplist00")
    (tmp_path / ".hidden.jpg").write_bytes(JPEG)
    assert names(tmp_path) == ["ISIC_1.jpg"]
    assert "download it in Finder" in problem(tmp_path, "ISIC_1.jpg")


@pytest.mark.parametrize("folder", ["#recycle", "@Recycle", "RECYCLER", "lost+found", "System Volume Information"])
def test_what_drives_keep_of_deleted_files_is_passed_over(tmp_path: Path, folder: str) -> None:
    (tmp_path / folder).mkdir()
    (tmp_path / folder / "old.jpg").write_bytes(JPEG)
    assert names(tmp_path) == []


def test_dates_that_64_bits_do_not_hold(tmp_path: Path) -> None:
    (tmp_path / "a.jpg").write_bytes(JPEG)
    for seconds in (2**34, -(2**34)):
        os.utime(tmp_path / "a.jpg", ns=(seconds * 10**9, seconds * 10**9))
        (found,) = find_images(tmp_path)
        assert -(2**63) <= found.modified_ns < 2**63
