"""What the inspector's tests share: a loader that is stopped, predictions with maps."""

from collections.abc import Iterator

import numpy as np
import pytest

from annotriage.desktop.inspector.image_loader import ImageLoader
from annotriage.desktop.inspector.overlay_state import OverlayState
from annotriage.images import ImageFile, find_images
from annotriage.scoring.prediction import Prediction
from tests.pictures import write_pictures


@pytest.fixture
def loader(qapp: object) -> Iterator[ImageLoader]:
    """Return a loader without maps."""
    loader = ImageLoader()
    yield loader
    loader.stop()


@pytest.fixture
def overlays(qapp: object) -> OverlayState:
    """Return overlays that are all switched off."""
    return OverlayState()


@pytest.fixture
def images(tmp_path) -> list[ImageFile]:
    """Return a few readable images."""
    write_pictures(tmp_path / "images", 6)
    return find_images(tmp_path / "images")


def prediction(image: ImageFile) -> Prediction:
    """Predict: the left half pulls towards disagreement, the right half towards agreement; a disc is lesion."""
    heatmap = np.where(np.arange(8)[None, :] < 4, -0.2, 0.2).repeat(8, axis=0).astype(np.float32)
    y, x = np.mgrid[:32, :32]
    lesion = 1 / (1 + np.exp((np.hypot(x - 15.5, y - 15.5) - 8) / 1.5))
    return Prediction(
        image.path, 0.3, 0.1, 0.6, {"heatmap": heatmap, "lesion": lesion.astype(np.float32)}, {"jaccard": 0.25}
    )
