"""Copies in the test part of images that are learned from are named, wherever these lie; nothing is moved."""

import numpy as np
import pytest

from annotriage.datasets.splits import Split
from annotriage.datasets.synthesis.drawing import draw_lesion
from annotriage.regressors.data.copies import doubt_of_copies
from annotriage.regressors.data.run_data import RunData

pytestmark = pytest.mark.slow


def some_data(pictures: list[np.ndarray], split: Split) -> tuple[RunData, np.ndarray]:
    stems = [f"image {row}" for row in range(len(pictures))]
    names = [f"{stem}.png" for stem in stems]
    data = RunData(stems, names, [], np.zeros((len(stems), 1), np.float32), {}, split, [], "", [])
    return data, np.stack(pictures)


@pytest.mark.copies
def test_a_copy_across_the_split_or_among_images_without_a_label_is_named() -> None:
    lesions = [draw_lesion(number, ambiguous=False, size=(96, 96)).rgb for number in range(6)]
    split = Split(["image 0", "image 1"], ["image 2"], ["image 3", "image 4"])
    data, pixels = some_data(lesions, split)
    assert doubt_of_copies(data, pixels) == ""
    turned = [*lesions[:3], np.rot90(lesions[1]), *lesions[4:]]
    said = doubt_of_copies(data, some_data(turned, split)[1])
    assert said.startswith("1 image of the test part looks like images that are learned from (first: image 3.png and ")
    assert "image 1.png" in said and "lesion ids" in said
    without_label = [*turned[:5], lesions[4][:, ::-1]]  # the last has no label, and is in no part
    assert doubt_of_copies(data, some_data(without_label, split)[1]).startswith("2 images of the test part look like")
    assert data.split == split


@pytest.mark.copies
def test_copies_on_one_side_are_no_doubt_and_pictures_of_nothing_are_not_alike() -> None:
    lesion, other = (draw_lesion(number, ambiguous=False, size=(96, 96)).rgb for number in range(2))
    grey = np.full_like(lesion, 120)
    split = Split(["image 0", "image 1"], ["image 2"], ["image 3", "image 4"])
    data, pixels = some_data([lesion, lesion, grey, other, grey], split)
    assert doubt_of_copies(data, pixels) == ""
