"""Masks in whatever format people have them."""

import struct
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageFilter

from annotriage.agreement.mask_files import read_mask, read_shades
from annotriage.images import UnreadableImageError
from tests.agreement.masks import disc, write_mask

MARKED = disc(64, 96)
GREY = Image.fromarray(MARKED.astype(np.uint8) * np.uint8(255))


def palette(background: tuple[int, int, int], *colours: tuple[int, int, int]) -> Image.Image:
    image = Image.fromarray(MARKED.astype(np.uint8), mode="P")
    image.putpalette([each for colour in (background, *colours) for each in colour])
    return image


def coloured(colour: tuple[int, ...]) -> Image.Image:
    return Image.fromarray(MARKED[..., None].astype(np.uint8) * np.array(colour, np.uint8))


def see_through(colour: int) -> Image.Image:
    pixels = np.full((64, 96, 4), colour, np.uint8)
    pixels[..., 3] = np.where(MARKED, 255, 0)
    return Image.fromarray(pixels)


EXACT = {
    "0_255.png": GREY,
    "0_1.png": Image.fromarray(MARKED.astype(np.uint8)),
    "0_2.tif": Image.fromarray(MARKED.astype(np.uint8) * np.uint8(2)),
    "one_bit.png": GREY.convert("1"),
    "faint.bmp": Image.fromarray(MARKED.astype(np.uint8) * np.uint8(100)),
    "rgb.png": GREY.convert("RGB"),
    "red.png": coloured((200, 0, 0)),
    "palette.png": palette((0, 0, 0), (0, 0, 128)),
    "dark_palette.png": palette((0, 0, 0), (1, 1, 1)),
    "palette.gif": palette((0, 0, 0), (255, 255, 255)),
    "grey_and_opaque.png": GREY.convert("LA"),
    "opaque.png": GREY.convert("RGBA"),
    "white_on_nothing.png": see_through(255),
    "black_on_nothing.png": see_through(0),
    "16_bit.png": Image.fromarray(MARKED.astype(np.uint16) * np.uint16(65535)),
    "16_bit_of_ones.png": Image.fromarray(MARKED.astype(np.uint16)),
    "doubled.jpg.png": GREY,
}


@pytest.mark.parametrize("name", EXACT)
def test_what_is_marked_whatever_the_format(tmp_path: Path, name: str) -> None:
    EXACT[name].save(tmp_path / name)
    mask = read_mask(tmp_path / name)
    assert mask.size == (64, 96)
    assert (mask.whole() == MARKED).all()
    assert not mask.graded
    top, left, bottom, right = mask.box
    assert mask.inside.shape == (bottom - top, right - left) == (31, 31), "no more than what is marked"


@pytest.mark.parametrize("quality", [30, 60, 95])
def test_a_jpeg_is_cut_at_half_and_says_so(tmp_path: Path, quality: int) -> None:
    GREY.save(tmp_path / "a.jpg", quality=quality)
    mask = read_mask(tmp_path / "a.jpg")
    assert mask.graded
    assert np.count_nonzero(mask.whole() != MARKED) <= 8


def test_soft_edges_are_cut_at_half(tmp_path: Path) -> None:
    Image.fromarray(np.array([[0, 100, 127, 128, 200, 255]], np.uint8)).save(tmp_path / "a.png")
    mask = read_mask(tmp_path / "a.png")
    assert mask.whole().tolist() == [[False, False, False, True, True, True]]
    assert mask.graded
    np.testing.assert_allclose(read_shades(tmp_path / "a.png", (1, 6)).values[0] * 255, [0, 100, 127, 128, 200, 255])


def test_an_inverted_mask_stays_inverted(tmp_path: Path) -> None:
    write_mask(tmp_path / "a.png", ~MARKED)
    assert (read_mask(tmp_path / "a.png").whole() == ~MARKED).all()


@pytest.mark.parametrize("name", ["a.png", "a.tif", "a.jpg"])
def test_nothing_and_everything(tmp_path: Path, name: str) -> None:
    write_mask(tmp_path / name, np.zeros((5, 8), np.bool_))
    empty = read_mask(tmp_path / name)
    assert empty.size == (5, 8) and not empty.whole().any() and not empty.graded
    assert empty.whole().shape == (5, 8)
    write_mask(tmp_path / name, np.ones((5, 8), np.bool_))
    assert read_mask(tmp_path / name).whole().all()


def test_a_jpeg_that_is_too_dark_to_be_told_from_noise_is_refused(tmp_path: Path) -> None:
    noise = np.random.default_rng(1).integers(0, 9, (20, 30), dtype=np.uint8)
    Image.fromarray(noise).save(tmp_path / "a.jpg")
    for read in (lambda: read_mask(tmp_path / "a.jpg"), lambda: read_shades(tmp_path / "a.jpg", (20, 30))):
        with pytest.raises(UnreadableImageError, match="noise of JPEG"):
            read()


def test_a_dark_jpeg_that_can_be_told_from_noise_is_read(tmp_path: Path) -> None:
    Image.fromarray(MARKED.astype(np.uint8) * np.uint8(20)).save(tmp_path / "a.jpg")
    assert np.count_nonzero(read_mask(tmp_path / "a.jpg").whole() != MARKED) < 60


@pytest.mark.parametrize("name", ["a.webp", "a.jp2"])
def test_no_format_that_blurs_is_read_as_numbers_of_labels(tmp_path: Path, name: str) -> None:
    options = {"quality_mode": "rates", "quality_layers": [60]} if name == "a.jp2" else {"quality": 80}
    Image.fromarray(MARKED.astype(np.uint8)).convert("RGB").save(tmp_path / "a.png")
    Image.open(tmp_path / "a.png").point(lambda value: value * 9).save(tmp_path / name, **options)
    with pytest.raises(UnreadableImageError, match="cannot be told from the noise of"):
        read_mask(tmp_path / name)


def test_a_webp_without_loss_holds_numbers_of_labels(tmp_path: Path) -> None:
    Image.fromarray(MARKED.astype(np.uint8)).convert("RGB").save(tmp_path / "a.webp", lossless=True)
    assert (read_mask(tmp_path / "a.webp").whole() == MARKED).all()


def two_shades(lesion: int, hair: int) -> Image.Image:
    pixels = MARKED * np.uint8(lesion)
    pixels[4:8] = hair
    return Image.fromarray(pixels)


@pytest.mark.parametrize(("lesion", "hair"), [(100, 255), (128, 255), (255, 100), (85, 170)])
@pytest.mark.parametrize("name", ["a.jpg", "a.webp", "blurred.png"])
def test_areas_of_two_shades_are_named_where_they_are_blurred(
    tmp_path: Path, name: str, lesion: int, hair: int
) -> None:
    drawn = two_shades(lesion, hair).convert("RGB" if name == "a.webp" else "L")
    (drawn.filter(ImageFilter.GaussianBlur(0.7)) if name == "blurred.png" else drawn).save(tmp_path / name)
    assert "holds areas of several shades" in read_mask(tmp_path / name).note
    assert "holds areas of several shades" in read_shades(tmp_path / name, (64, 96)).note


@pytest.mark.parametrize("name", ["a.png", "a.jpg"])
def test_a_photograph_that_was_cut_out_is_named(tmp_path: Path, name: str) -> None:
    shades = np.random.default_rng(0).integers(-30, 30, (64, 96, 3)) + np.linspace(-60, 60, 96)[:, None]
    photograph = (np.array([150, 110, 90]) + shades).clip(40, 255) * MARKED[..., None]
    Image.fromarray(photograph.astype(np.uint8)).save(tmp_path / name)
    assert "shade" in read_mask(tmp_path / name).note


def test_a_label_of_a_blurred_mask_is_not_passed_over(tmp_path: Path) -> None:
    two_shades(100, 255).save(tmp_path / "a.jpg", quality=95)
    with pytest.raises(UnreadableImageError, match="Label 100 cannot be told"):
        read_mask(tmp_path / "a.jpg", "100")


@pytest.mark.parametrize("radius", [1, 3, 8, 20])
def test_soft_edges_are_no_areas_of_a_shade(tmp_path: Path, radius: int) -> None:
    large = GREY.resize((960, 640))
    large.filter(ImageFilter.GaussianBlur(radius * 3)).save(tmp_path / "a.png")
    large.filter(ImageFilter.GaussianBlur(radius)).save(tmp_path / "a.jpg", quality=40)
    GREY.resize((14, 10), Image.Resampling.BILINEAR).save(tmp_path / "small.png")
    assert not any(read_mask(tmp_path / name).note for name in ("a.png", "a.jpg", "small.png"))


def test_a_mask_of_several_pages_says_so(tmp_path: Path) -> None:
    nothing = Image.new("L", GREY.size)
    nothing.save(tmp_path / "a.tif", save_all=True, append_images=[GREY.copy()])
    assert "several pages" in read_mask(tmp_path / "a.tif").note
    assert "several pages" in read_shades(tmp_path / "a.tif", (64, 96)).note


LARGE, SMALL = disc(64, 96), np.zeros((64, 96), np.bool_)
SMALL[2:5, 4:84] = True
HAIR = SMALL & ~LARGE


def labelled(background: object, lesion: object, hair: object) -> Image.Image:
    pixels = np.where(
        LARGE[..., None], np.array(lesion), np.where(HAIR[..., None], np.array(hair), np.array(background))
    )
    return Image.fromarray(pixels.astype(np.uint8).squeeze())


SEVERAL = {
    "numbers": labelled([0], [1], [2]),
    "levels": labelled([0], [100], [200]),
    "colours": labelled([0, 0, 0], [50, 50, 120], [250, 50, 83]),
    "dark_lesion": labelled([0, 0, 0], [10, 10, 100], [240, 240, 240]),
}


@pytest.mark.parametrize("name", SEVERAL)
def test_several_labels_are_taken_together_and_it_is_said(tmp_path: Path, name: str) -> None:
    SEVERAL[name].save(tmp_path / "a.png")
    mask, shades = read_mask(tmp_path / "a.png"), read_shades(tmp_path / "a.png", (64, 96))
    assert (mask.whole() == LARGE | HAIR).all()
    assert "several labels" in mask.note and mask.note == shades.note
    assert ((shades.values > 0.5) == mask.whole()).all(), "training and the window read what is measured"
    chosen = read_mask(tmp_path / "a.png", "all")
    assert (chosen.whole() == LARGE | HAIR).all() and not chosen.note


def test_colours_on_a_transparent_layer_are_labels_as_well(tmp_path: Path) -> None:
    layer = np.zeros((64, 96, 4), np.uint8)
    layer[LARGE], layer[HAIR] = (200, 0, 0, 255), (0, 0, 0, 255)
    Image.fromarray(layer).save(tmp_path / "a.png")
    assert "several labels (200,0,0; 0,0,0)" in read_mask(tmp_path / "a.png").note
    assert (read_mask(tmp_path / "a.png", "200,0,0").whole() == LARGE).all()
    layer[HAIR] = 0
    Image.fromarray(layer).save(tmp_path / "b.png")
    alone = read_mask(tmp_path / "b.png")
    assert (alone.whole() == LARGE).all() and alone.labels == ("200,0,0",) and not alone.note


def test_soft_edges_stay_soft_where_all_labels_are_asked_for(tmp_path: Path) -> None:
    Image.fromarray(np.array([[0, 100, 127, 128, 200, 255]], np.uint8)).save(tmp_path / "a.png")
    assert read_mask(tmp_path / "a.png", "all").whole().tolist() == [[False, False, False, True, True, True]]


@pytest.mark.parametrize(
    ("name", "label"), [("numbers", "2"), ("levels", "200"), ("colours", "250,50,83"), ("colours", "#fa3253")]
)
def test_another_label_is_taken_where_it_is_asked_for(tmp_path: Path, name: str, label: str) -> None:
    SEVERAL[name].save(tmp_path / "a.png")
    mask = read_mask(tmp_path / "a.png", label)
    assert (mask.whole() == HAIR).all() and not mask.note
    with pytest.raises(UnreadableImageError, match="no label 7"):
        read_mask(tmp_path / "a.png", "7")


def test_one_bright_pixel_does_not_turn_numbers_into_brightness(tmp_path: Path) -> None:
    numbers = MARKED.astype(np.uint8)
    numbers[0, 0] = 255
    Image.fromarray(numbers).save(tmp_path / "a.png")
    mask = read_mask(tmp_path / "a.png")
    assert (mask.whole() == MARKED).all()
    assert "1, 255" in mask.note


@pytest.mark.parametrize(
    ("background", "lesion"),
    [((176, 112, 32), (48, 32, 16)), ((176, 112, 32), (255, 255, 255)), ((0, 128, 0), (250, 50, 83))],
)
def test_a_background_that_is_not_black_is_no_mark(tmp_path: Path, background: object, lesion: object) -> None:
    labelled(background, lesion, background).save(tmp_path / "a.png")
    mask = read_mask(tmp_path / "a.png")
    assert (mask.whole() == LARGE).all() and not mask.note


def test_a_label_map_says_what_colours_mean(tmp_path: Path) -> None:
    folder = tmp_path / "SegmentationClass"
    folder.mkdir()
    (tmp_path / "labelmap.txt").write_text(
        "# label:color_rgb:parts:actions\nbackground:0,128,0::\nlesion:250,50,83::\nhair:0,0,0::\n"
    )
    labelled((0, 128, 0), (250, 50, 83), (0, 0, 0)).save(folder / "a.png")
    mask = read_mask(folder / "a.png")
    assert (mask.whole() == LARGE).all() and not mask.note
    assert (read_mask(folder / "a.png", "hair").whole() == HAIR).all()
    labelled((0, 128, 0), (0, 0, 0), (0, 0, 0)).save(folder / "b.png")
    assert not read_mask(folder / "b.png").whole().any(), "all of it is hair"


@pytest.mark.parametrize("alpha", [0, 255, 128])
def test_transparency_that_is_the_same_everywhere_says_nothing(tmp_path: Path, alpha: int) -> None:
    image = GREY.convert("RGBA")
    image.putalpha(alpha)
    image.save(tmp_path / "a.png")
    assert (read_mask(tmp_path / "a.png").whole() == MARKED).all()


@pytest.mark.parametrize("kind", [np.int32, np.float32])
def test_32_bit_layers_are_read_as_numbers(tmp_path: Path, kind: type) -> None:
    Image.fromarray(MARKED.astype(kind)).save(tmp_path / "a.tif")
    assert (read_mask(tmp_path / "a.tif").whole() == MARKED).all()


def plain_tiff(numbers: np.ndarray) -> bytes:
    """Return a TIFF file of one channel, of whatever numbers."""
    height, width = numbers.shape
    kind = {"u": 1, "i": 2, "f": 3}[numbers.dtype.kind]
    tags = [(256, width), (257, height), (258, 8 * numbers.itemsize), (259, 1), (262, 1), (273, 8), (277, 1)]
    tags += [(278, height), (279, numbers.nbytes), (339, kind)]
    directory = struct.pack("<H", len(tags)) + b"".join(struct.pack("<HHII", tag, 4, 1, value) for tag, value in tags)
    return b"II*\0" + struct.pack("<I", 8 + numbers.nbytes) + numbers.tobytes() + directory + bytes(4)


def test_the_largest_numbers_of_32_bits_are_marked(tmp_path: Path) -> None:
    (tmp_path / "a.tif").write_bytes(plain_tiff(MARKED.astype("<u4") * np.uint32(2**32 - 1)))
    assert (read_mask(tmp_path / "a.tif").whole() == MARKED).all()


@pytest.mark.parametrize("kind", ["<i2", "<i4", "<f4"])
def test_numbers_below_nothing_are_no_empty_mask(tmp_path: Path, kind: str) -> None:
    (tmp_path / "a.tif").write_bytes(plain_tiff(-MARKED.astype(kind)))
    with pytest.raises(UnreadableImageError, match="from -1 to 0"):
        read_mask(tmp_path / "a.tif")


def test_shares_of_people_are_shades_and_no_labels(tmp_path: Path) -> None:
    shares = LARGE * 0.5 + disc(64, 96, column=50) * 0.25 + HAIR * 0.25
    Image.fromarray(shares.astype(np.float32)).save(tmp_path / "a.tif")
    mask = read_mask(tmp_path / "a.tif")
    assert not mask.labels and "label" not in mask.note and mask.graded
    assert (mask.whole() == (shares > shares.max() / 2)).all()
    Image.fromarray((LARGE * 0.9).astype(np.float32)).save(tmp_path / "b.tif")
    assert not read_mask(tmp_path / "b.tif").labels


def test_the_probabilities_of_a_network_are_cut_at_half(tmp_path: Path) -> None:
    y, x = np.mgrid[:64, :96]
    shares = np.clip(1 - np.hypot(y - 32, x - 48) / 40, 0, 1).astype(np.float32)
    Image.fromarray(shares).save(tmp_path / "a.tif")
    mask = read_mask(tmp_path / "a.tif")
    assert mask.graded and (mask.whole() == (shares > 0.5)).all()


def test_a_mask_of_the_corners_is_named(tmp_path: Path) -> None:
    assert "inverted" in read_mask(write_mask(tmp_path / "a.png", ~MARKED)).note
    large = disc(64, 96, row=32, column=48, radius=50)
    assert (~large).mean() < 0.5, "little is left where a large lesion is inverted"
    assert "inverted" in read_mask(write_mask(tmp_path / "large.png", ~large)).note
    assert not read_mask(write_mask(tmp_path / "b.png", MARKED)).note
    assert not read_mask(write_mask(tmp_path / "c.png", np.ones((9, 9), np.bool_))).note


def test_a_mask_that_lies_on_its_side_is_turned_as_images_are(tmp_path: Path) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    GREY.save(tmp_path / "a.png", exif=exif)
    mask = read_mask(tmp_path / "a.png")
    assert mask.size == (96, 64)
    assert (mask.whole() == np.rot90(MARKED, -1)).all()
    assert ((read_shades(tmp_path / "a.png", (96, 64)).values > 0.5) == mask.whole()).all()


def test_resized(tmp_path: Path) -> None:
    mask = read_mask(write_mask(tmp_path / "a.png", MARKED))
    doubled = mask.resized((128, 192))
    assert doubled.size == doubled.whole().shape == (128, 192)
    assert (doubled.resized((64, 96)).whole() != MARKED).mean() < 0.005
    assert mask.resized((64, 96)) is mask


def test_what_cannot_be_read_says_why(tmp_path: Path) -> None:
    data = write_mask(tmp_path / "cut.png", np.random.default_rng(1).random((200, 200)) > 0.5).read_bytes()
    (tmp_path / "cut.png").write_bytes(data[: len(data) // 2])
    (tmp_path / "text.png").write_text("no image")
    (tmp_path / "empty.png").write_bytes(b"")
    for name, word in {"cut": "cut off", "text": "text", "empty": "empty", "gone": "no longer there"}.items():
        with pytest.raises(UnreadableImageError, match=word):
            read_mask(tmp_path / f"{name}.png")


@pytest.mark.slow
@pytest.mark.parametrize(("side", "width"), [(40, 1), (100, 3), (1000, 1), (1000, 9), (1500, 5)])
def test_an_outline_that_is_not_filled_is_named(tmp_path: Path, side: int, width: int) -> None:
    middle, radius = side / 2, side / 3
    filled = disc(side, side, row=middle, column=middle, radius=radius)
    ring = filled & ~disc(side, side, row=middle, column=middle, radius=radius - width)
    assert "fill the outline" in read_mask(write_mask(tmp_path / "ring.png", ring)).note
    ring[:, int(middle) : int(middle + side / 10)] = False
    assert not read_mask(write_mask(tmp_path / "open.png", ring)).note, "it surrounds nothing"
    assert not read_mask(write_mask(tmp_path / "filled.png", filled)).note


def test_a_thick_ring_and_specks_are_no_outlines(tmp_path: Path) -> None:
    thick = disc(200, 200, row=100, column=100, radius=80) & ~disc(200, 200, row=100, column=100, radius=60)
    assert not read_mask(write_mask(tmp_path / "thick.png", thick)).note, "it surrounds 2.3 times its own area"
    specks = np.zeros((900, 900), np.bool_)
    specks[50:860:40, 50:860:40] = True
    assert not read_mask(write_mask(tmp_path / "specks.png", specks)).note
