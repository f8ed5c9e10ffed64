"""What the gallery's tests share: a loader with a cache of its own, the selection that views have in common, a grid."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QItemSelectionModel
from pytestqt.qtbot import QtBot

from annotriage.desktop.gallery.grid_view import GridView
from annotriage.desktop.gallery.thumbnails import ThumbnailLoader
from annotriage.desktop.review.image_model import ImageModel
from annotriage.images.thumbnail_cache import ThumbnailCache

COLUMNS = 3


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


@pytest.fixture
def grid(
    qtbot: QtBot, image_model: ImageModel, selection: QItemSelectionModel, thumbnails: ThumbnailLoader
) -> GridView:
    """Return a grid of 12 tiles, 3 side by side, 2 rows of 4 seen."""
    view = GridView(image_model, selection, thumbnails)
    qtbot.addWidget(view)
    view.set_tile_size(96)
    view.resize(COLUMNS * 120 + 40, 330)
    view.show()
    qtbot.waitExposed(view)
    assert view.layout_now.columns == COLUMNS
    return view
