"""Where people differ: the share of pairs of people of whom one marked a place, consensus masks left out."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from annotriage.agreement.mask_set import MaskRow
from annotriage.images import ImageFile, find_images
from annotriage.triage.annotator_masks import AnnotatorMasks, DrawnMasks


def mask(path: Path, columns: int, size: tuple[int, int] = (20, 20)) -> MaskRow:
    path.parent.mkdir(parents=True, exist_ok=True)
    pixels = np.zeros(size, np.uint8)
    pixels[:, :columns] = 255
    Image.fromarray(pixels).save(path)
    return MaskRow("a", path.stem, path)


@pytest.fixture
def image(tmp_path: Path) -> ImageFile:
    (tmp_path / "images").mkdir()
    noise = np.random.default_rng(0).integers(0, 255, (20, 20, 3), np.uint8)
    Image.fromarray(noise).save(tmp_path / "images" / "a.jpg")
    return find_images(tmp_path / "images")[0]


def drawing(image: ImageFile, *rows: MaskRow) -> tuple[list[str], np.ndarray | None, int]:
    masks = AnnotatorMasks(image.path.parent, drawn={image.name: DrawnMasks(rows)})
    found = masks.drawing_of(image)
    return [annotator for annotator, _ in found.lines], found.differing, found.people


def test_it_is_the_share_of_pairs_that_differ(image: ImageFile, tmp_path: Path) -> None:
    rows = [mask(tmp_path / "m" / f"{name}.png", columns) for name, columns in (("x", 5), ("y", 10), ("z", 10))]
    names, differing, people = drawing(image, *rows)
    assert (names, people) == (["x", "y", "z"], 3) and differing is not None
    np.testing.assert_allclose(differing[0], [0.0] * 5 + [2 / 3] * 5 + [0.0] * 10)


def test_a_consensus_is_drawn_and_not_compared(image: ImageFile, tmp_path: Path) -> None:
    rows = [mask(tmp_path / "m" / f"{name}.png", columns) for name, columns in (("x", 5), ("y", 5), ("ST", 20))]
    names, differing, people = drawing(image, *rows)
    assert (names, people) == (["x", "y", "ST"], 2) and differing is not None and not differing.any()


def test_pieces_of_one_person_are_put_together(image: ImageFile, tmp_path: Path) -> None:
    first, second, other = (
        mask(tmp_path / "m" / f"{name}.png", columns) for name, columns in (("x", 5), ("x2", 10), ("y", 10))
    )
    second = MaskRow("a", "x", second.path)
    _, differing, people = drawing(image, first, second, other)
    assert people == 2 and differing is not None and not differing.any()


def test_of_one_person_and_of_what_names_nobody_there_is_no_map(image: ImageFile, tmp_path: Path) -> None:
    one = mask(tmp_path / "m" / "x.png", 5)
    nameless = [MaskRow("a", "", mask(tmp_path / "m" / f"{number}.png", 5 * number).path) for number in (1, 2)]
    assert drawing(image, one)[1] is None and drawing(image, *nameless)[1] is None
    assert drawing(image, one, *nameless)[1] is None


def test_masks_that_are_known_of_the_image_stand_before_those_beside(image: ImageFile, tmp_path: Path) -> None:
    mask(tmp_path / "annotator_1" / "a.png", 5)
    masks = AnnotatorMasks(image.path.parent)
    assert [row.annotator for row in masks.of(image)] == ["annotator_1"]
    known = mask(tmp_path / "m" / "x.png", 5)
    assert AnnotatorMasks(image.path.parent, drawn={"a.jpg": DrawnMasks((known,))}).of(image) == [known]
