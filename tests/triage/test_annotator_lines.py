import numpy as np
import pytest
from PIL import Image

from annotriage.images import ImageFile
from annotriage.triage.annotator_masks import AnnotatorMasks


def test_the_masks_beside_an_image_become_lines_and_damaged_ones_words(tmp_path):
    images, masks = tmp_path / "images", tmp_path / "masks"
    images.mkdir(), masks.mkdir()
    Image.new("RGB", (64, 48), "brown").save(images / "a.jpg")
    mask = np.zeros((48, 64), dtype=np.uint8)
    mask[12:36, 16:48] = 255
    Image.fromarray(mask).save(masks / "a_kim.png")
    (masks / "a_meyer.png").write_bytes(b"")
    lines_of = AnnotatorMasks(images).lines_of
    (kim, (line,)), (meyer, none) = lines_of(ImageFile(images / "a.jpg", "a.jpg", 1, 1, None))
    assert kim == "kim"
    assert (line.min(axis=0), line.max(axis=0)) == (pytest.approx([0.25, 0.25], abs=0.02),
                                                    pytest.approx([0.75, 0.75], abs=0.02))  # fmt: skip
    assert meyer.startswith("meyer: the mask cannot be read.") and "empty" in meyer
    assert none == []


def test_labels_that_are_taken_together_are_told(tmp_path):
    Image.new("RGB", (64, 48), "brown").save(tmp_path / "a.jpg")
    numbers = np.zeros((48, 64), dtype=np.uint8)
    numbers[12:36, 16:40], numbers[12:36, 50:60] = 1, 2
    Image.fromarray(numbers).save(tmp_path / "a_kim.png")
    ((kim, lines),) = AnnotatorMasks(tmp_path).lines_of(ImageFile(tmp_path / "a.jpg", "a.jpg", 1, 1, None))
    assert kim.startswith("kim holds several labels (1, 2)") and len(lines) == 2
