import re

import pytest
from PySide6.QtCore import QRect, QSize, Qt
from PySide6.QtGui import QColor, QIcon, QImage, QPainter, QPixmap
from PySide6.QtWidgets import QApplication

from annotriage.desktop.widgets.applying import apply_theme
from annotriage.desktop.widgets.icons import application_icon, icon, icon_names, pixmap, tinted
from annotriage.desktop.widgets.theme import DARK, LIGHT
from annotriage.resources_folder import resources_folder

NEEDED = """open-folder pause play cancel stop grid table send export import undo redo heatmap border-band annotators
side-by-side fit actual-size zoom-in zoom-out full-screen search filter model info warning expert routine exclude
undecided note settings refresh new-ranking close""".split()


@pytest.fixture(autouse=True)
def light(qapp: QApplication) -> None:
    apply_theme(qapp, "light")


def inked(drawn: QPixmap) -> list[QColor]:
    """Return the colours of the opaque pixels."""
    image = drawn.toImage().convertToFormat(QImage.Format.Format_ARGB32)
    pixels = [image.pixelColor(x, y) for x in range(image.width()) for y in range(image.height())]
    return [colour for colour in pixels if colour.alpha() > 240]


def test_all_that_the_window_needs_are_there() -> None:
    assert set(NEEDED) <= set(icon_names())


@pytest.mark.parametrize("name", NEEDED)
def test_an_icon_is_drawn_in_the_colour_of_text(name: str) -> None:
    colours = inked(icon(name).pixmap(QSize(24, 24), 2.0))
    assert len(colours) > 20
    # Within a step or two: where lines are laid over each other Qt rounds anew.
    assert all(abs(colour.lightness() - LIGHT.text.lightness()) <= 3 for colour in colours)


def test_no_icon_has_a_colour_of_its_own_or_another_grid() -> None:
    for name in icon_names():
        if name == "annotriage":
            continue
        source = (resources_folder() / "icons" / f"{name}.svg").read_text(encoding="utf-8")
        assert 'viewBox="0 0 24 24"' in source
        assert set(re.findall(r'(?:fill|stroke)="([^"]*)"', source)) <= {"none", "currentColor"}, name


def test_an_icon_follows_the_theme_without_being_made_anew(qapp: QApplication) -> None:
    made_in_light = icon("pause")
    apply_theme(qapp, "dark")
    assert {colour.name() for colour in inked(made_in_light.pixmap(QSize(24, 24), 2.0))} == {DARK.text.name()}


@pytest.mark.parametrize("ratio", [1.0, 2.0, 3.0])
def test_fine_screens_get_fine_pixels(ratio: float) -> None:
    drawn = icon("grid").pixmap(QSize(16, 16), ratio)
    assert (drawn.width(), drawn.devicePixelRatio()) == (16 * ratio, ratio)
    drawn = pixmap("grid", 16, ratio=ratio)
    assert (drawn.width(), drawn.devicePixelRatio()) == (16 * ratio, ratio)


def test_states_differ() -> None:
    def colour(mode: QIcon.Mode, state: QIcon.State) -> QColor:
        image = icon("stop").pixmap(QSize(48, 48), 1.0, mode, state).toImage()
        return image.pixelColor(11, 24)  # on the left line of the square

    normal = colour(QIcon.Mode.Normal, QIcon.State.Off)
    assert normal == LIGHT.text
    assert colour(QIcon.Mode.Normal, QIcon.State.On).name() == LIGHT.accent.name()
    assert colour(QIcon.Mode.Selected, QIcon.State.Off).name() == LIGHT.on_accent.name()
    assert 60 < colour(QIcon.Mode.Disabled, QIcon.State.Off).alpha() < 160


def test_an_icon_can_be_painted_and_copied() -> None:
    copied = QIcon(icon("stop"))
    copied.addPixmap(QPixmap(4, 4))  # makes the copy part from the original
    canvas = QPixmap(64, 48)
    canvas.fill(Qt.GlobalColor.white)
    painter = QPainter(canvas)
    icon("stop").paint(painter, QRect(8, 0, 48, 48))
    painter.end()
    assert canvas.toImage().pixelColor(19, 24) == LIGHT.text  # centred


def test_tinted_has_one_colour() -> None:
    drawn = tinted(application_icon(), 32, QColor("#00ff00"))
    assert {colour.name() for colour in inked(drawn)} == {"#00ff00"}


def test_an_unknown_icon_is_refused() -> None:
    with pytest.raises(ValueError, match="no icon called zebra"):
        icon("zebra")
