"""Real masks, and a second reader made of them by known shifts: what is measured is their Dice."""

import shutil
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from annotriage.images import find_images
from annotriage.triage.catalogue import Catalogue
from annotriage.triage.folder_measuring import FolderMeasuring
from annotriage.triage.measured_images import MeasuredImages
from annotriage.triage.store import SessionStore

SHIFTS = (0, 4, 16, 64)


@pytest.mark.slow
def test_the_second_reader_is_measured_against_the_real_one(
    shared_data: Path, store: SessionStore, tmp_path: Path
) -> None:
    isic = shared_data / "isic"
    names = sorted(path.name.removesuffix("_segmentation.png") for path in (isic / "masks").iterdir())[:12]
    expected: dict[str, float] = {}
    for number, name in enumerate(names):
        for person in ("images", "reader_1", "reader_2"):
            (tmp_path / person).mkdir(exist_ok=True)
        shutil.copy(isic / "images" / f"{name}.jpg", tmp_path / "images")
        shutil.copy(isic / "masks" / f"{name}_segmentation.png", tmp_path / "reader_1" / f"{name}.png")
        real = np.asarray(Image.open(tmp_path / "reader_1" / f"{name}.png").convert("L"))
        marked = real > 127
        shift = SHIFTS[number % len(SHIFTS)]
        other = np.zeros_like(marked)
        other[:, shift:] = marked[:, : marked.shape[1] - shift]
        Image.fromarray(other.astype(np.uint8) * np.uint8(255)).save(tmp_path / "reader_2" / f"{name}.png")
        expected[f"{name}.jpg"] = 2 * int((marked & other).sum()) / int(marked.sum() + other.sum())
    images = find_images(tmp_path / "images")
    report = FolderMeasuring(store, tmp_path / "images", images).run()
    assert (report.measured, report.remarks) == (len(names), [])
    known = MeasuredImages(store, tmp_path / "images").read()
    # Soft edges are cut at half of their brightest, which can be a pixel beside 127.
    assert {name: one.dice for name, one in known.items()} == pytest.approx(expected, abs=1e-3)
    assert all(one.annotators == ("reader_1", "reader_2") for one in known.values())
    catalogue = Catalogue(tmp_path / "images", images)
    catalogue.measured.replace(known)
    assert catalogue.summary().measured == len(names)
