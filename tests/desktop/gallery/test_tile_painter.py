"""What a tile looks like."""

from collections.abc import Iterator

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QImage, QPainter, QPixmap
from PySide6.QtWidgets import QApplication

from annotriage.desktop.gallery.image_marks import bar_colour, decision_badge, decision_letter, initials
from annotriage.desktop.gallery.tile_painter import Tile, TilePainter
from annotriage.desktop.settings import TILE_SIZES
from annotriage.desktop.widgets.theme import DARK, LIGHT, UNIT, Theme, current_theme
from annotriage.triage.decisions import DECISIONS, Decision

SIZE = 100
GREEN = QColor(0, 200, 0)


def picture(width: int, height: int) -> QPixmap:
    pixmap = QPixmap(width, height)
    pixmap.fill(GREEN)
    return pixmap


def tile(**changes: object) -> Tile:
    values: dict[str, object] = {
        "x": 0, "y": 0, "name": "x.jpg", "rank": 1, "disagreement": 0.5, "number": "0.50", "interval": (0.4, 0.8),
        "decision": Decision.UNDECIDED, "pixmap": picture(100, 100),
    }  # fmt: skip
    return Tile(**(values | changes))  # type: ignore[arg-type]


def painted(shown: Tile, *, size: int = SIZE, ratio: float = 1.0) -> QImage:
    painter_of_tiles = TilePainter(size, ratio)
    image = QImage(
        round(painter_of_tiles.width * ratio), round(painter_of_tiles.height * ratio), QImage.Format.Format_RGB32
    )
    image.setDevicePixelRatio(ratio)
    image.fill(Qt.GlobalColor.black)
    painter = QPainter(image)
    painter_of_tiles.paint(painter, [shown])
    painter.end()
    return image


def bar(image: QImage, colour: QColor) -> list[int]:
    """Return the columns in which a colour is seen in the lower part, counted from the image's left edge."""
    rows = range(UNIT + SIZE, image.height())
    return [x - UNIT for x in range(image.width()) if any(image.pixelColor(x, y) == colour for y in rows)]


@pytest.fixture(autouse=True, params=[LIGHT, DARK], ids=["light", "dark"])
def theme(qapp: QApplication, request: pytest.FixtureRequest) -> Iterator[Theme]:
    before = QApplication.palette()
    QApplication.setPalette(request.param.palette())
    yield request.param
    QApplication.setPalette(before)


@pytest.mark.parametrize("disagreement", [0.25, 0.5, 0.99])
def test_the_bar_is_as_long_and_as_yellow_as_the_disagreement(theme: Theme, disagreement: float) -> None:
    colour = bar_colour(round(100 * disagreement))
    image = painted(tile(name="", disagreement=disagreement, interval=None, rank=0))
    seen, end = bar(image, colour), round(SIZE * disagreement)
    assert (seen[0], seen[-1]) == (0, end - 3)
    marked = bar(image, theme.text)  # where the bar ends is seen even where its colour is as dark as what is behind
    assert {end - 2, end - 1} <= set(marked)
    assert disagreement > 0.5 or [x for x in marked if x < 60] == [end - 2, end - 1]  # further right is the number


def test_the_whisker_is_the_interval_of_the_disagreement(theme: Theme) -> None:
    # The Dice lies between 0.4 and 0.8, so the disagreement between 0.2 and 0.6.
    image = painted(tile(name="", disagreement=0.55, rank=0))
    assert [x for x in bar(image, theme.text) if x < 60] == list(range(20, 60))  # further right stands the number
    shorter = painted(tile(name="", disagreement=0.45, rank=0, interval=(0.5, 0.7)))
    assert [x for x in bar(shorter, theme.text) if x < 60] == list(range(30, 51))


def test_what_is_not_scored_yet_has_no_bar(theme: Theme) -> None:
    image = painted(tile(disagreement=None, interval=None, rank=0))
    dots = bar(image, theme.trough)
    assert len(dots) < SIZE / 3
    assert bar(painted(tile(disagreement=0.0)), theme.trough)[-1] == SIZE - 1


@pytest.mark.parametrize(("width", "height"), [(100, 50), (50, 100), (100, 100), (40, 20)])
def test_an_image_is_fitted_and_never_cropped(width: int, height: int) -> None:
    image = painted(tile(pixmap=picture(width, height)))
    green = [(x, y) for x in range(image.width()) for y in range(image.height()) if image.pixelColor(x, y) == GREEN]
    left, right = min(x for x, _ in green), max(x for x, _ in green)
    top, bottom = min(y for _, y in green), max(y for _, y in green)
    longer = max(width, height)
    assert (right - left + 1, bottom - top + 1) == (100 * width // longer, 100 * height // longer)
    assert left - UNIT == UNIT + SIZE - 1 - right
    assert top - UNIT == UNIT + SIZE - 1 - bottom


def test_a_dense_screen_gets_all_its_pixels() -> None:
    image = painted(tile(pixmap=picture(200, 200)), ratio=2.0)
    assert TilePainter(SIZE, 2.0).pixels == 200
    assert image.pixelColor(2 * UNIT + 100, 2 * UNIT + 1) == GREEN
    assert image.pixelColor(2 * UNIT + 100, 2 * UNIT + 198) == GREEN
    assert image.pixelColor(2 * UNIT + 100, 2 * UNIT - 2) != GREEN


def test_excluded_images_are_dimmed() -> None:
    image = painted(tile(decision=Decision.EXCLUDE))
    middle = image.pixelColor(UNIT + 50, UNIT + 50)
    assert middle != GREEN
    assert painted(tile(decision=Decision.EXPERT)).pixelColor(UNIT + 50, UNIT + 50) == GREEN


def test_every_state_looks_different() -> None:
    images = [
        painted(tile(selected=selected, current=current, hovered=hovered))
        for selected in (False, True)
        for current in (False, True)
        for hovered in (False, True)
    ]
    assert all(one != other for number, one in enumerate(images) for other in images[:number])


def test_decisions_differ_in_letter_and_shape_not_only_in_colour(theme: Theme) -> None:
    badges = [decision_badge(decision, theme, 1.0).toImage() for decision in DECISIONS[1:]]
    outlines = [
        frozenset((x, y) for x in range(22) for y in range(22) if badge.pixelColor(x, y).alpha() > 128)
        for badge in badges
    ]
    assert len(set(outlines)) == 3
    letters = [decision_letter(decision) for decision in DECISIONS]
    assert len(set(letters)) == 4
    assert letters[0] == ""


@pytest.mark.parametrize("decision", DECISIONS[1:])
def test_a_badge_stands_out_from_any_image(theme: Theme, decision: Decision) -> None:
    badge = decision_badge(decision, theme, 1.0).toImage()
    lightness = [
        badge.pixelColor(x, y).lightness()
        for x in range(22)
        for y in range(22)
        if badge.pixelColor(x, y).alpha() == 255
    ]
    assert max(lightness) - min(lightness) > 100


def test_names_are_shown_on_tiles_of_every_size() -> None:
    for size in (TILE_SIZES[0], 160, TILE_SIZES[1]):
        assert painted(tile(name="a.jpg"), size=size) != painted(tile(name="b.jpg"), size=size)


def test_a_folder_that_tells_images_apart_is_shown_and_cut_before_the_name() -> None:
    painter = TilePainter(160)
    assert painter._elided("a/deep.jpg") == "a/deep.jpg"
    first, second = (painter._elided(f"{start}{'-long' * 30}/deep_12.jpg") for start in "ab")
    assert first != second and first.endswith("/deep_12.jpg")
    assert painted(tile(name="a/deep.jpg"), size=TILE_SIZES[0]) != painted(tile(name="b/deep.jpg"), size=TILE_SIZES[0])


def test_a_number_of_three_digits_stays_in_the_tile() -> None:
    image = painted(tile(number="0.268", disagreement=0.268))
    assert image != painted(tile(number="0.26", disagreement=0.268))
    assert all(image.pixelColor(image.width() - 1, y) == QColor("black") for y in range(image.height()))


def test_a_long_name_keeps_its_end_and_stays_in_the_tile() -> None:
    long = "folder/" + "very-long-" * 20
    one, other = painted(tile(name=long + "1.jpg"), size=160), painted(tile(name=long + "2.jpg"), size=160)
    assert one != other
    assert all(one.pixelColor(one.width() - 1, y) == QColor("black") for y in range(one.height()))


def test_a_mark_stands_in_the_corner_of_the_picture(qapp: object) -> None:
    plain, marked = painted(tile()), painted(tile(mark="changed"))
    warning = current_theme().warning.rgb()
    found = [
        (x, y)
        for x in range(marked.width())
        for y in range(marked.height())
        if marked.pixel(x, y) == warning and plain.pixel(x, y) != warning
    ]
    assert len(found) > 100
    assert min(x for x, _ in found) > SIZE // 3 and max(y for _, y in found) < SIZE // 3


@pytest.mark.parametrize("decision", [Decision.EXPERT, Decision.ROUTINE, Decision.EXCLUDE])
def test_a_decision_has_a_coloured_edge_beside_the_picture(decision: Decision) -> None:
    image, colour = painted(tile(decision=decision)), LIGHT.edge(decision)
    columns = [x for x in range(image.width()) if image.pixelColor(x, UNIT + SIZE // 2) == colour]
    assert columns and max(columns) < UNIT  # no colour lies on the picture
    undecided = painted(tile())
    assert undecided.pixelColor(columns[0], UNIT + SIZE // 2) != colour


def test_the_edges_of_decisions_differ_in_lightness_and_not_in_hue_alone() -> None:
    lightness = sorted(LIGHT.edge(decision).lightness() for decision in DECISIONS if decision is not Decision.UNDECIDED)
    assert len(set(lightness)) == len(lightness)


def test_notes_and_assignees_are_seen_on_the_tile() -> None:
    plain = painted(tile())
    corner = [(x, y) for x in range(SIZE - 40, SIZE + UNIT) for y in range(SIZE - 20, SIZE + UNIT)]
    for changes in ({"noted": True}, {"assignee": "Anna Moss"}, {"noted": True, "assignee": "Anna Moss"}):
        marked = painted(tile(**changes))
        assert any(marked.pixelColor(*at) != plain.pixelColor(*at) for at in corner)
    assert [initials(name) for name in ("Anna B. Moss", "kim", "")] == ["AM", "K", ""]
