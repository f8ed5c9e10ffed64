"""How the grid is painted: when, in which colours, and what that costs."""

from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QEvent, QItemSelectionModel, QObject, Qt
from PySide6.QtGui import QHelpEvent
from PySide6.QtWidgets import QApplication, QToolTip
from pytestqt.qtbot import QtBot

from annotriage.desktop.gallery.grid_view import GridView
from annotriage.desktop.gallery.thumbnails import ThumbnailLoader
from annotriage.desktop.review.image_model import ImageModel
from annotriage.desktop.widgets.theme import DARK, LIGHT
from annotriage.images import ImageFile
from annotriage.triage.catalogue import Catalogue
from annotriage.triage.decisions import Decision, Review
from tests.desktop.gallery.test_grid_view import CONTROL, at


def colours(grid: GridView, line: int) -> set[int]:
    rect = grid.visualRect(grid.images.index(line, 0))
    image = grid.viewport().grab(rect).toImage()
    return {image.pixel(x, y) for x in range(image.width()) for y in range(image.height())}


class Paints(QObject):
    """Counts how often a view is painted on its own."""

    def __init__(self, grid: GridView) -> None:
        super().__init__(grid)
        self.count = 0
        grid.viewport().installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        self.count += event.type() == QEvent.Type.Paint
        return False


@pytest.fixture
def palette(qapp: QApplication) -> Iterator[None]:
    """Give the palette back as it was."""
    before = QApplication.palette()
    yield
    QApplication.setPalette(before)


class TestPainting:
    def test_thumbnails_appear(self, qtbot: QtBot, grid: GridView) -> None:
        def is_there() -> bool:
            rect = grid.visualRect(grid.images.index(11, 0))
            image = grid.viewport().grab(rect).toImage()
            # A picture's brightest skin: nothing else in a tile is of that colour.
            pixel = image.pixelColor(20, rect.width() // 2)
            return pixel.red() > pixel.blue() + 20

        grid.verticalScrollBar().setValue(grid.verticalScrollBar().maximum())
        qtbot.waitUntil(is_there)

    def test_a_thumbnail_that_has_come_is_painted_without_being_asked(
        self, qtbot: QtBot, grid: GridView, thumbnails: ThumbnailLoader
    ) -> None:
        image = grid.images.image(0)
        qtbot.waitUntil(lambda: thumbnails.pixmap(image, 96) is not None)
        QApplication.processEvents()
        paints = Paints(grid)
        thumbnails.loaded.emit([grid.images.image(11).name])  # of a tile that is not seen
        QApplication.processEvents()
        assert paints.count == 0
        thumbnails.loaded.emit([image.name])
        QApplication.processEvents()
        assert paints.count == 1

    @pytest.mark.parametrize(
        "change",
        [
            lambda grid: grid.images.set_reviews({grid.images.image(0).name: Review(Decision.EXPERT)}),
            lambda grid: grid.selectionModel().select(
                grid.images.index(0, 0),
                QItemSelectionModel.SelectionFlag.Select | QItemSelectionModel.SelectionFlag.Rows,
            ),
            lambda grid: QApplication.setPalette(DARK.palette()),
        ],
        ids=["decision", "selection", "palette"],
    )
    def test_what_changes_is_painted_anew(
        self,
        qtbot: QtBot,
        grid: GridView,
        thumbnails: ThumbnailLoader,
        palette: None,
        change: Callable[[GridView], None],
    ) -> None:
        QApplication.setPalette(LIGHT.palette())
        image = grid.images.image(0)
        qtbot.waitUntil(lambda: thumbnails.pixmap(image, 96) is not None)
        QApplication.processEvents()
        before = colours(grid, 0)
        paints = Paints(grid)
        change(grid)
        qtbot.waitUntil(lambda: paints.count > 0)
        assert colours(grid, 0) != before

    def test_a_change_of_theme_reaches_everything(self, qtbot: QtBot, grid: GridView, palette: None) -> None:
        grid.lines.go_to(0, Qt.KeyboardModifier.NoModifier)
        for theme, other in ((DARK, LIGHT), (LIGHT, DARK)):
            QApplication.setPalette(theme.palette())
            QApplication.processEvents()
            seen = colours(grid, 0)
            assert {theme.text.rgb(), theme.trough.rgb(), theme.accent.rgb()} <= seen
            assert not {other.text.rgb(), other.trough.rgb(), other.accent.rgb()} & seen

    def test_the_tip_says_what_the_numbers_are(self, grid: GridView) -> None:
        place = at(grid, 0)
        QApplication.sendEvent(
            grid.viewport(), QHelpEvent(QHelpEvent.Type.ToolTip, place, grid.viewport().mapToGlobal(place))
        )
        assert "predicted disagreement 0.90" in QToolTip.text()
        QToolTip.hideText()


@pytest.mark.slow
def test_a_hundred_thousand_images_cost_no_more_than_a_few(
    qtbot: QtBot, qapp: object, thumbnails: ThumbnailLoader, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    images = [ImageFile(tmp_path / f"{n}.png", f"{n}.png", 1, 1, None) for n in range(100_000)]
    catalogue = Catalogue(tmp_path, images)
    catalogue.disagreement[:] = np.linspace(0, 1, len(images))
    model = ImageModel()
    model.set_catalogue(catalogue)
    view = GridView(model, QItemSelectionModel(model), thumbnails)
    qtbot.addWidget(view)
    view.resize(800, 600)
    view.show()
    looked_at: set[int] = set()
    original = ImageModel.image
    monkeypatch.setattr(ImageModel, "image", lambda self, line: (looked_at.add(line), original(self, line))[1])
    qtbot.keyClick(view, Qt.Key.Key_A, CONTROL)
    qtbot.keyClick(view, Qt.Key.Key_End)
    view.grab()
    assert view.currentIndex().row() == 99_999
    assert view.viewport().rect().contains(at(view, 99_999))
    assert 0 < len(looked_at) < 200
