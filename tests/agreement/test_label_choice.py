"""Which label is measured, where masks hold several or different ones."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from annotriage.agreement.finding import find_masks
from annotriage.agreement.label_choice import UnclearLabelsError, settle_label
from annotriage.agreement.measuring import measure
from tests.agreement.masks import disc

RED, GREEN, WHITE = (255, 0, 0), (0, 255, 0), 255
LESION, RULER = disc(radius=20), disc(row=8, column=10, radius=5)


def draw(path: Path, *marks: tuple[object, object]) -> None:
    pixels = np.zeros((60, 80, *np.shape(marks[0][1])), np.uint8)
    for mask, value in marks:
        pixels[np.asarray(mask)] = value
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(pixels).save(path)


def study(folder: Path, **values: Sequence[object]) -> Path:
    """Draw a lesion in each image, with each person's value of it."""
    for who, each in values.items():
        for at, value in enumerate(each):
            draw(folder / who / f"case_{at}.png", (LESION, value))
    return folder


@pytest.mark.parametrize(
    ("values", "told"),
    [
        ({"al": [1, 1], "bob": [2, 2]}, "al 1, bob 2"),
        ({"al": [100, 100], "bob": [200, 200]}, "al 100, bob 200"),
        ({"al": [RED, RED], "bob": [GREEN, GREEN]}, "al 255,0,0, bob 0,255,0"),
    ],
)
def test_a_value_of_ones_own_in_every_image_is_a_pen(
    tmp_path: Path, values: dict[str, list[object]], told: str
) -> None:
    found = find_masks([study(tmp_path, **values)])
    label, remark = settle_label(found)
    assert label == "all" and told in remark
    assert all(image.agreement and image.agreement.dice_mean == 1 and not image.error.count("label")
               for image in measure(found, label=label))  # fmt: skip


@pytest.mark.parametrize(
    "values",
    [
        {"al": [1, 1, 1], "bob": [1, 2, 1]},
        {"al": [RED, RED, RED], "bob": [RED, GREEN, RED]},
        {"al": [1], "bob": [2]},
    ],
    ids=["numbers", "colours", "one image"],
)
def test_values_that_go_with_nobody_are_classes(tmp_path: Path, values: dict[str, list[object]]) -> None:
    found = find_masks([study(tmp_path, **values)])
    with pytest.raises(UnclearLabelsError) as asked:
        settle_label(found)
    first, second, everything = asked.value.choices
    assert everything.label == "all"
    assert f'--label "{first.label}"' in str(asked.value) and f'--label "{second.label}"' in str(asked.value)
    if len(values["al"]) > 1:
        assert first.words == "in 5 masks of 6, 83 % of what is marked"
    told = " ".join(image.error for image in measure(found))
    assert "different labels" in told, "whoever does not ask is told"


@pytest.mark.parametrize(
    "values",
    [
        {"al": [1, 1], "bob": [WHITE, WHITE]},
        {"al": [1, WHITE], "bob": [WHITE, 1]},
        {"al": [1, 2], "bob": [1, 2]},
        {"al": [1, 1], "bob": [RED, GREEN]},
        {"al": [RED, RED], "bob": [(250, 6, 4), (251, 3, 3)]},
    ],
    ids=["white", "white now and then", "a number an image", "numbers and colours", "nearly the same colour"],
)
def test_what_can_be_compared_asks_nothing(tmp_path: Path, values: dict[str, list[object]]) -> None:
    if values["bob"] == [RED, GREEN]:
        values["bob"] = [RED, RED]
    found = find_masks([study(tmp_path, **values)])
    assert settle_label(found) == (None, "")
    assert all(image.agreement and image.agreement.dice_mean == 1 for image in measure(found))


def test_several_labels_in_one_mask_are_asked_for_unless_one_is_a_slip(tmp_path: Path) -> None:
    for who in ("al", "bob"):
        draw(tmp_path / "two" / who / "case_1.png", (LESION, 1), (RULER, 2))
        slip = np.zeros_like(LESION)
        slip[0, 0] = True
        draw(tmp_path / "slip" / who / "case_1.png", (LESION, 1), (slip, 255))
    with pytest.raises(UnclearLabelsError, match="in 2 masks of 2"):
        settle_label(find_masks([tmp_path / "two"]))
    slips = find_masks([tmp_path / "slip"])
    assert settle_label(slips) == (None, "")
    (image,) = measure(slips)
    assert image.agreement and image.agreement.dice_mean == 1
    assert "several labels (1, 255)" in image.error


def test_a_label_is_counted_where_choosing_it_would_measure_it(tmp_path: Path) -> None:
    speck = np.zeros_like(LESION)
    speck[0, 0] = True
    for who in ("al", "bob"):
        draw(tmp_path / who / "case_1.png", (LESION, 1), (RULER, 2))
        draw(tmp_path / who / "case_2.png", (LESION, 1), (speck, 2))
    found = find_masks([tmp_path])
    with pytest.raises(UnclearLabelsError) as asked:
        settle_label(found)
    assert asked.value.choices[1].words.startswith("in 4 masks of 4,")
    assert all(image.agreement for image in measure(found, label="2"))


@pytest.mark.parametrize("shades", [(85, 170), (1, 2)])
def test_each_label_that_is_offered_of_a_grey_palette_can_be_measured(tmp_path: Path, shades: tuple[int, int]) -> None:
    for who in ("al", "bob"):
        draw(tmp_path / who / "case_1.png", (LESION, 1), (RULER, 2))
        image = Image.open(tmp_path / who / "case_1.png")
        image.putpalette([shade for each in (0, *shades) for shade in (each,) * 3])
        image.save(tmp_path / who / "case_1.png")
    found = find_masks([tmp_path])
    with pytest.raises(UnclearLabelsError) as asked:
        settle_label(found)
    assert [choice.label for choice in asked.value.choices] == [*map(str, shades), "all"]
    for choice in asked.value.choices:
        assert all(image.agreement for image in measure(found, label=choice.label)), choice


def test_a_label_map_says_which_colour_is_the_lesion(tmp_path: Path) -> None:
    for who in ("al", "bob"):
        draw(tmp_path / who / "case_1.png", (LESION, RED), (RULER, GREEN))
        (tmp_path / who / "labelmap.txt").write_text("background:0,0,0::\nlesion:255,0,0::\nruler:0,255,0::\n")
    assert settle_label(find_masks([tmp_path])) == (None, "")
    for who in ("al", "bob"):
        (tmp_path / who / "labelmap.txt").write_text("background:0,0,0::\nnevus:255,0,0::\nmelanoma:0,255,0::\n")
    from annotriage.agreement import label_map

    label_map._in.cache_clear()
    with pytest.raises(UnclearLabelsError, match='--label "melanoma"'):
        settle_label(find_masks([tmp_path]))
