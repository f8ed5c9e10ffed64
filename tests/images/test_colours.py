import io
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageCms

from annotriage.images import read_rgb
from tests.images.pictures import gradient


def matrix_profile(
    red: tuple[float, float, float], green: tuple[float, float, float], blue: tuple[float, float, float], gamma: float
) -> bytes:
    """Write an RGB profile by hand: the primaries' XYZ in D50, and one gamma (ICC.1:2010, matrix/TRC)."""

    def number(value: float) -> bytes:
        return round(value * 65536).to_bytes(4, "big", signed=True)

    def xyz(*values: float) -> bytes:
        return b"XYZ \0\0\0\0" + b"".join(map(number, values))

    curve = b"curv\0\0\0\0\0\0\0\1" + round(gamma * 256).to_bytes(2, "big") + b"\0\0"
    name = b"desc\0\0\0\0\0\0\0\5test\0" + bytes(79)
    tags = {
        **{b"desc": name, b"cprt": b"text\0\0\0\0none\0", b"wtpt": xyz(0.9642, 1.0, 0.8249)},
        **{b"rXYZ": xyz(*red), b"gXYZ": xyz(*green), b"bXYZ": xyz(*blue)},
        **{b"rTRC": curve, b"gTRC": curve, b"bTRC": curve},
    }
    place = 128 + 4 + 12 * len(tags)
    table, data = len(tags).to_bytes(4, "big"), b""
    for tag, content in tags.items():
        padded = content + bytes(-len(content) % 4)
        table += tag + (place + len(data)).to_bytes(4, "big") + len(content).to_bytes(4, "big")
        data += padded
    whole = bytearray(128) + table + data
    whole[0:4] = len(whole).to_bytes(4, "big")
    whole[8:24] = b"\x02\x10\0\0mntrRGB XYZ "
    whole[36:40] = b"acsp"
    whole[68:80] = b"".join(map(number, (0.9642, 1.0, 0.8249)))
    return bytes(whole)


PROFILES = {
    "Adobe RGB": matrix_profile(
        (0.60974, 0.31111, 0.01947), (0.20528, 0.62567, 0.06087), (0.14919, 0.06322, 0.74457), 2.19921875
    ),
    "Display P3": matrix_profile(
        (0.51512, 0.2412, -0.00105), (0.29198, 0.69225, 0.04189), (0.1571, 0.06657, 0.78407), 2.2
    ),
    "ProPhoto RGB": matrix_profile((0.79767, 0.28804, 0.0), (0.13519, 0.71188, 0.0), (0.03134, 0.00009, 0.82491), 1.8),
}
SKIN = np.clip(gradient(48, 64) * 0.4 + [120, 80, 60], 0, 255).astype(np.uint8)


def stored_in(profile: bytes, rgb: np.ndarray) -> Image.Image:
    """Return numbers that look like `rgb` (sRGB) under a profile."""
    turned = ImageCms.profileToProfile(
        Image.fromarray(rgb), ImageCms.createProfile("sRGB"), ImageCms.getOpenProfile(io.BytesIO(profile))
    )
    assert turned is not None
    return turned


@pytest.mark.parametrize("name", sorted(PROFILES))
@pytest.mark.parametrize("form", ["PNG", "JPEG", "TIFF", "WEBP"])
@pytest.mark.parametrize("size", [None, (24, 32)])
def test_one_look_is_one_array(tmp_path: Path, name: str, form: str, size: tuple[int, int] | None) -> None:
    profile = PROFILES[name]
    stored = stored_in(profile, SKIN)
    assert np.abs(np.asarray(stored).astype(int) - SKIN).max() > 8  # else the test could not fail
    options = {"JPEG": {"quality": 98, "subsampling": 0}, "WEBP": {"lossless": True}}.get(form, {})
    stored.save(tmp_path / "with", form, icc_profile=profile, **options)
    Image.fromarray(SKIN).save(tmp_path / "plain", form, **options)
    plain = read_rgb(tmp_path / "plain", size).astype(int)
    assert np.abs(read_rgb(tmp_path / "with", size) - plain).mean() < 1.5


def test_srgb_and_damaged_profiles_change_nothing(tmp_path: Path) -> None:
    srgb = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    for profile in (srgb, b"no profile", srgb[:200], PROFILES["Adobe RGB"][:160]):
        Image.fromarray(SKIN).save(tmp_path / "a.png", icc_profile=profile)
        np.testing.assert_array_equal(read_rgb(tmp_path / "a.png"), SKIN)
    Image.fromarray(SKIN[..., 0]).save(tmp_path / "grey.png", icc_profile=PROFILES["Adobe RGB"])  # of another space
    np.testing.assert_array_equal(read_rgb(tmp_path / "grey.png")[..., 1], SKIN[..., 0])


def test_transparency_and_palettes_keep_their_profile(tmp_path: Path) -> None:
    profile = PROFILES["ProPhoto RGB"]
    alpha = Image.new("L", (64, 48), 255)
    alpha.paste(0, (0, 0, 10, 10))
    stored = stored_in(profile, SKIN)
    stored.putalpha(alpha)
    stored.save(tmp_path / "a.png", icc_profile=profile)
    read = read_rgb(tmp_path / "a.png").astype(int)
    assert read[:10, :10].min() == 255
    assert np.abs(read[12:, 12:] - SKIN[12:, 12:]).mean() < 1.5


def test_cielab_is_read(tmp_path: Path) -> None:
    lab = ImageCms.profileToProfile(
        Image.fromarray(SKIN), ImageCms.createProfile("sRGB"), ImageCms.createProfile("LAB"), outputMode="LAB"
    )
    assert lab is not None
    lab.save(tmp_path / "a.tif")
    assert np.abs(read_rgb(tmp_path / "a.tif").astype(int) - SKIN).mean() < 3


def test_cmyk_is_read_by_its_profile(tmp_path: Path) -> None:
    profiles = Path("/usr/share/color/icc/ghostscript/default_cmyk.icc")
    if not profiles.exists():
        pytest.skip("no CMYK profile is installed (it comes with ghostscript)")
    profile = profiles.read_bytes()
    cmyk = ImageCms.profileToProfile(
        Image.fromarray(SKIN),
        ImageCms.createProfile("sRGB"),
        ImageCms.getOpenProfile(io.BytesIO(profile)),
        outputMode="CMYK",
    )
    assert cmyk is not None
    for form in ("TIFF", "JPEG"):
        cmyk.save(tmp_path / "with", form, icc_profile=profile)
        assert np.abs(read_rgb(tmp_path / "with", (24, 32)).astype(int) - _smaller(SKIN)).mean() < 6


def _smaller(rgb: np.ndarray) -> np.ndarray:
    return np.asarray(Image.fromarray(rgb).resize((32, 24), Image.Resampling.BICUBIC)).astype(int)
