"""What the window's tests share: a catalogue of a few images and the model that shows it."""

from pathlib import Path

import numpy as np
import pytest

from annotriage.desktop.review.image_model import ImageModel
from annotriage.images import find_images
from annotriage.triage.catalogue import Catalogue
from tests.pictures import write_pictures

IMAGES = 12


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return a folder of small pictures, from dark to bright."""
    write_pictures(tmp_path / "images", IMAGES)
    return tmp_path / "images"


@pytest.fixture
def catalogue(folder: Path) -> Catalogue:
    """Return its catalogue, as if a model had been sure that darker images are more contentious."""
    catalogue = Catalogue(folder, find_images(folder))
    catalogue.disagreement[:] = np.linspace(0.9, 0.1, IMAGES)
    catalogue.lower[:] = np.clip(1 - catalogue.disagreement - 0.1, 0, 1)
    catalogue.upper[:] = np.clip(1 - catalogue.disagreement + 0.1, 0, 1)
    return catalogue


@pytest.fixture
def image_model(catalogue: Catalogue, qapp: object) -> ImageModel:
    """Return the Qt model that shows it, sorted by disagreement."""
    model = ImageModel()
    model.set_catalogue(catalogue)
    return model
