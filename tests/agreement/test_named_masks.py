"""Masks of CVAT, Datumaro, labelme and Pascal VOC, whose labels a file beside names."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from annotriage.agreement.finding import find_masks
from annotriage.agreement.label_choice import UnclearLabelsError, settle_label
from annotriage.agreement.label_map import voc_colour
from annotriage.agreement.mask_files import labels_in, read_mask
from annotriage.agreement.measuring import measure
from annotriage.agreement.row_masks import mask_of
from annotriage.images import UnreadableImageError

SIZE = (40, 50)
LESION = np.zeros(SIZE, dtype=bool)
LESION[5:25, 10:40] = True
HAIR = np.zeros(SIZE, dtype=bool)
HAIR[20:30, 5:45] = True
HAIR &= ~LESION
VOC = [each for number in range(256) for each in voc_colour(number)]

Pixels = NDArray[Any]


def in_colours(**colours: tuple[int, int, int]) -> Pixels:
    """Return a mask in colours, as CVAT paints it."""
    pixels = np.full((*SIZE, 3), colours.get("background", (0, 0, 0)), np.uint8)
    pixels[LESION] = colours.get("lesion", colours.get("background", (0, 0, 0)))
    pixels[HAIR] = colours.get("hair", colours.get("background", (0, 0, 0)))
    return pixels


def numbered(lesion: int = 1, hair: int = 2) -> Pixels:
    return np.where(LESION, lesion, 0).astype(np.uint8) + np.where(HAIR, hair, 0).astype(np.uint8)


def saved(path: Path, pixels: Pixels, *, palette: bool = False) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    picture = Image.fromarray(pixels)
    if palette and pixels.ndim == 2:
        picture.putpalette(VOC)
    (picture.quantize(8) if palette and pixels.ndim == 3 else picture).save(path)
    return path


def beside(mask: Path, text: str, name: str = "labelmap.txt") -> Path:
    (mask.parent.parent / name).write_text(text, encoding="utf-8")
    return mask


MAP = "# label:color_rgb:parts:actions\nbackground:{bg}::\nlesion:250,50,83::\nhair:51,221,255::\n"


@pytest.mark.parametrize("palette", [False, True])
@pytest.mark.parametrize(
    ("text", "background"),
    [
        (MAP.format(bg="0,0,0"), (0, 0, 0)),
        (MAP.format(bg="0,128,0"), (0, 128, 0)),
        (MAP.format(bg="255,255,255"), (255, 255, 255)),
        ("hair:51,221,255\nlesion:250,50,83\nbackground:0,0,0\n", (0, 0, 0)),
        ("lesion:250,50,83:head,foot:run\nhair:51,221,255::\n", (0, 0, 0)),
        ("\ufeff" + MAP.format(bg="0, 0, 0").replace("\n", "\r\n"), (0, 0, 0)),
    ],
)
def test_colours_mean_what_the_label_map_says(
    tmp_path: Path, text: str, background: tuple[int, int, int], palette: bool
) -> None:
    pixels = in_colours(background=background, lesion=(250, 50, 83), hair=(51, 221, 255))
    mask = beside(saved(tmp_path / "bob" / "SegmentationClass" / "a.png", pixels, palette=palette), text)
    assert (read_mask(mask).whole() == LESION).all() and not read_mask(mask).note
    assert (read_mask(mask, "hair").whole() == HAIR).all()


@pytest.mark.parametrize("background", [(0, 0, 0), (0, 128, 0), (255, 0, 0)])
def test_a_mask_of_nothing_but_background_marks_nothing(tmp_path: Path, background: tuple[int, int, int]) -> None:
    text = MAP.format(bg=",".join(map(str, background)))
    mask = beside(saved(tmp_path / "bob" / "SegmentationClass" / "a.png", in_colours(background=background)), text)
    assert not read_mask(mask).whole().any()


def test_labels_of_like_colours_are_told_apart(tmp_path: Path) -> None:
    text = "background:0,0,0::\nlesion:200,50,50::\nhair:205,55,50::\n"
    pixels = in_colours(lesion=(200, 50, 50), hair=(205, 55, 50))
    mask = beside(saved(tmp_path / "bob" / "SegmentationClass" / "a.png", pixels), text)
    assert (read_mask(mask).whole() == LESION).all() and (read_mask(mask, "hair").whole() == HAIR).all()


def test_a_map_without_colours_has_those_of_pascal_voc(tmp_path: Path) -> None:
    pixels = in_colours(lesion=voc_colour(1), hair=voc_colour(2))
    mask = beside(
        saved(tmp_path / "bob" / "SegmentationClass" / "a.png", pixels), "background:::\nlesion:::\nhair:::\n"
    )
    assert (read_mask(mask).whole() == LESION).all()


def test_a_map_of_other_masks_hides_nothing(tmp_path: Path) -> None:
    pixels = in_colours(lesion=(10, 200, 10), hair=(200, 10, 200))
    mask = beside(saved(tmp_path / "bob" / "SegmentationClass" / "a.png", pixels), MAP.format(bg="0,0,0"))
    read = read_mask(mask)
    assert (read.whole() == LESION | HAIR).all() and "holds several labels" in read.note


@pytest.mark.parametrize("text", [MAP.format(bg="0,0,0"), "lesion:250,50,83::\nhair:51,221,255::\n"])
def test_numbers_mean_places_in_the_label_map(tmp_path: Path, text: str) -> None:
    mask = beside(saved(tmp_path / "bob" / "SegmentationClass" / "a.png", numbered()), text)
    assert (read_mask(mask).whole() == LESION).all() and (read_mask(mask, "Hair").whole() == HAIR).all()
    assert (read_mask(mask, "2").whole() == HAIR).all()


NAMES = "_background_\nlesion\nhair\n"


@pytest.mark.parametrize("palette", [False, True])
def test_numbers_mean_what_labelme_says(tmp_path: Path, palette: bool) -> None:
    pixels = numbered()
    pixels[0, :30] = 255  # __ignore__
    mask = beside(saved(tmp_path / "bob" / "SegmentationClass" / "a.png", pixels, palette=palette), NAMES,
                  "class_names.txt")  # fmt: skip
    read = read_mask(mask)
    assert (read.whole() == LESION).all() and not read.note and read.labels == ("lesion",)
    assert (read_mask(mask, "hair").whole() == HAIR).all()
    assert (read_mask(mask, "all").whole() == LESION | HAIR).all()
    assert set(labels_in(mask).held) == {"lesion", "hair"}
    with pytest.raises(UnreadableImageError, match="no label ruler: it holds lesion, hair"):
        read_mask(mask, "ruler")


def test_what_is_ignored_is_not_marked_however_large_it_is(tmp_path: Path) -> None:
    pixels = np.where(LESION, 1, 255).astype(np.uint8)
    pixels[:2] = 0
    for palette in (False, True):
        mask = saved(tmp_path / "bob" / "SegmentationClass" / f"{palette}.png", pixels, palette=palette)
        assert (read_mask(beside(mask, NAMES, "class_names.txt")).whole() == LESION).all()


def test_the_labels_of_a_converted_file(tmp_path: Path) -> None:
    for number, text in (("label_names.txt", NAMES), ("info.yaml", "label_names:\n- _background_\n- lesion\n- hair\n")):
        mask = saved(tmp_path / number / "a_json" / "label.png", numbered(), palette=True)
        (mask.parent / number).write_text(text, encoding="utf-8")
        assert (read_mask(mask, "hair").whole() == HAIR).all()


def test_names_of_numbers_leave_colours_of_other_masks_alone(tmp_path: Path) -> None:
    pixels = in_colours(background=(255, 255, 255), lesion=(10, 200, 10))
    mask = beside(saved(tmp_path / "bob" / "masks" / "a.png", pixels), NAMES, "class_names.txt")
    assert (read_mask(mask).whole() == LESION).all()


def test_names_that_do_not_begin_with_the_background_are_no_names_of_numbers(tmp_path: Path) -> None:
    mask = saved(tmp_path / "bob" / "masks" / "a.png", numbered())
    beside(mask, "lesion\nhair\n", "class_names.txt")
    assert set(labels_in(mask).held) == {"1", "2"}


def test_several_labels_of_which_none_is_a_lesion_are_asked_for_by_name(tmp_path: Path) -> None:
    for who in ("bob", "alice"):
        for name in "ab":
            mask = saved(tmp_path / who / "SegmentationClass" / f"{name}.png", numbered(), palette=True)
            beside(mask, "_background_\nruler\nhair\n", "class_names.txt")
    with pytest.raises(UnclearLabelsError) as error:
        settle_label(find_masks([tmp_path]))
    assert [each.label for each in error.value.choices] == ["ruler", "hair", "all"]


def test_objects_alone_are_taken_together_and_it_is_said(tmp_path: Path) -> None:
    for who in ("bob", "alice"):
        for name in "ab":
            beside(saved(tmp_path / who / "SegmentationObject" / f"{name}.png", numbered(), palette=True),
                   "background:0,0,0::\nlesion:250,50,83::\n")  # fmt: skip
    found = find_masks([tmp_path])
    assert settle_label(found) == (None, "")
    measured = list(measure(found, with_distances=False))
    assert [each.agreement.dice_mean for each in measured if each.agreement is not None] == [1.0, 1.0]
    mask = read_mask(tmp_path / "bob" / "SegmentationObject" / "a.png")
    assert (mask.whole() == LESION | HAIR).all() and "shows objects" in mask.note


@pytest.mark.parametrize(
    "folders",
    [
        ("SegmentationClass", "SegmentationClassNpy", "SegmentationObject", "SegmentationObjectNpy"),
        ("SegmentationClassPNG", "SegmentationClass", "SegmentationObjectPNG", "SegmentationObject"),
        ("SegmentationClassNpy", "SegmentationObjectNpy"),
        ("SegmentationClass", "SegmentationObjectNpy"),
    ],
)
def test_what_labelme_wrote_several_times_counts_once(tmp_path: Path, folders: tuple[str, ...]) -> None:
    for who in ("bob", "alice"):
        for name in "ab":
            for number, folder in enumerate(folders):
                of_objects = "Object" in folder
                pixels = numbered(2, 1) if of_objects else numbered()
                as_array = folder.endswith("Npy") or (folders[0].endswith("PNG") and not folder.endswith("PNG"))
                path = tmp_path / who / folder / name
                if as_array:
                    path.parent.mkdir(parents=True, exist_ok=True)
                    np.save(path.with_suffix(".npy"), pixels.astype(np.int32))
                else:
                    saved(path.with_suffix(".png"), pixels, palette=True)
                assert number < len(folders)
        (tmp_path / who / "class_names.txt").write_text(NAMES, encoding="utf-8")
    found = find_masks([tmp_path])
    assert [(each.image, len(each.rows)) for each in found.images] == [("a", 2), ("b", 2)]
    label, _ = settle_label(found)
    for image in found.images:
        for row in image.rows:
            assert (mask_of(row, label).whole() == LESION).all()
