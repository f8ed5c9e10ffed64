"""A folder of five pictures with predictions and reviews."""

from pathlib import Path

import numpy as np
import pytest

from annotriage.images import find_images
from annotriage.triage.catalogue import Catalogue
from annotriage.triage.decisions import Decision, Review
from tests.pictures import write_picture


@pytest.fixture
def catalogue(tmp_path: Path) -> Catalogue:
    """Return it: `bad.png` cannot be read, `new.png` is not scored, `sub/ü 1.png` is the most contentious."""
    folder = tmp_path / "images"
    for number, name in enumerate(["a.png", "b.png", "new.png", "sub/ü 1.png"]):
        write_picture(folder / name, 0.2 + 0.2 * number)
    (folder / "bad.png").write_bytes(b"")
    catalogue = Catalogue(folder, find_images(folder))
    assert catalogue.names(range(5)) == ["a.png", "b.png", "bad.png", "new.png", "sub/ü 1.png"]
    catalogue.disagreement[:] = [0.25, 0.5, np.nan, np.nan, 0.75]
    catalogue.lower[:] = 1 - catalogue.disagreement - np.float32(0.125)
    catalogue.upper[:] = 1 - catalogue.disagreement + np.float32(0.125)
    catalogue.set_reviews(
        {
            "a.png": Review(Decision.ROUTINE, "Anna"),
            "sub/ü 1.png": Review(Decision.EXPERT, "", "=hair\nover the border"),
        }
    )
    return catalogue
