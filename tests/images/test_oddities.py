"""Why a picture can hardly be one of a lesion: what is made up is told, what is real is not."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageFilter

from annotriage.datasets.synthesis.drawing import draw_lesion
from annotriage.images.oddities import oddity


def test_what_is_no_lesion_is_told_in_words(tmp_path: Path) -> None:
    lesion = Image.fromarray(draw_lesion(3, ambiguous=False, size=(256, 256)).rgb)
    noise = np.random.default_rng(0).integers(0, 256, (200, 200, 1), np.uint8).repeat(3, 2)
    said = {
        "Its size in pixels is 1 x 1.": Image.new("RGB", (1, 1), (200, 150, 130)),
        "It has one colour all over.": Image.new("RGB", (300, 200), (200, 150, 130)),
        "Nothing in it is sharp.": lesion.filter(ImageFilter.GaussianBlur(25)),
        "It has no colour of skin.": Image.fromarray(noise),
        "": lesion,
    }
    for number, (words, image) in enumerate(said.items()):
        image.save(tmp_path / f"{number}.png")
        assert oddity(tmp_path / f"{number}.png") == words


def test_what_cannot_be_read_is_not_odd(tmp_path: Path) -> None:
    (tmp_path / "a.png").write_bytes(b"nothing")
    assert oddity(tmp_path / "a.png") == ""
    assert oddity(tmp_path / "gone.png") == ""


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["isic", "ham"])
def test_real_lesions_are_not_odd(kind: str, shared_data: Path) -> None:
    files = sorted((shared_data / kind / "images").iterdir())[::60]
    odd = [path.name for path in files if oddity(path)]
    assert len(odd) <= len(files) // 50, odd
