"""What the gallery's tests share: a loader with a cache of its own, and the selection that views have in common."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QItemSelectionModel

from annotriage.desktop.gallery.thumbnail_cache import ThumbnailCache
from annotriage.desktop.gallery.thumbnails import ThumbnailLoader
from annotriage.desktop.review.image_model import ImageModel


@pytest.fixture
def cache(tmp_path: Path) -> ThumbnailCache:
    return ThumbnailCache(tmp_path / "thumbnails")


@pytest.fixture
def thumbnails(qapp: object, cache: ThumbnailCache) -> Iterator[ThumbnailLoader]:
    loader = ThumbnailLoader(cache=cache)
    yield loader
    loader.stop()


@pytest.fixture
def selection(image_model: ImageModel) -> QItemSelectionModel:
    return QItemSelectionModel(image_model)
