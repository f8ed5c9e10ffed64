"""The switches of the overlays, and the legend that explains them."""

import numpy as np
import pytest
from PySide6.QtWidgets import QComboBox, QSlider, QToolButton

from annotriage.desktop.inspector.layers import Layers, build_layers
from annotriage.desktop.inspector.legend import Legend
from annotriage.desktop.inspector.overlay_bar import OverlayBar
from annotriage.images import ImageFile
from annotriage.scoring.colormaps import Colormap
from tests.desktop.inspector.conftest import prediction

SQUARE = np.array([[0.1, 0.1], [0.9, 0.1], [0.9, 0.9], [0.1, 0.1]])


@pytest.fixture
def layers(tmp_path) -> Layers:
    return build_layers(
        prediction(ImageFile(tmp_path / "a.png", "a.png", 1, 1, None)), [("Kim", [SQUARE]), ("Dr. Meyer", [SQUARE])]
    )


@pytest.fixture
def legend(qtbot, overlays) -> Legend:
    legend = Legend(overlays)
    qtbot.addWidget(legend)
    return legend


def test_changes_are_told_once(qtbot, overlays):
    for name in ("heatmap", "lesion", "annotators", "side_by_side"):
        with qtbot.waitSignal(overlays.changed):
            overlays.set_shown(name, True)
        with qtbot.assertNotEmitted(overlays.changed):
            overlays.set_shown(name, True)
    with qtbot.waitSignal(overlays.changed):
        overlays.set_colormap(Colormap.ORANGE_PURPLE)
    with qtbot.waitSignal(overlays.changed):
        overlays.set_opacity(7)
    assert overlays.opacity == 1


@pytest.mark.parametrize("in_one_row", [False, True])
def test_the_bar_and_the_state_agree_either_way(qtbot, overlays, in_one_row):
    bar = OverlayBar(overlays, in_one_row=in_one_row)
    qtbot.addWidget(bar)
    bar.show()
    buttons = {button.accessibleName(): button for button in bar.findChildren(QToolButton)}
    assert set(buttons) == {"Heatmap", "Border", "Annotators", "Side by side"}
    slider, colours = bar.findChild(QSlider), bar.findChild(QComboBox)
    assert not slider.isVisible()
    buttons["Heatmap"].click()
    buttons["Side by side"].click()
    assert overlays.is_shown("heatmap") and overlays.is_shown("side_by_side") and not overlays.is_shown("lesion")
    assert slider.isVisible() and colours.isVisible()
    overlays.set_shown("lesion", True)
    assert buttons["Border"].isChecked()
    slider.setValue(35)
    assert overlays.opacity == pytest.approx(0.35)
    overlays.set_opacity(0.123)
    assert slider.value() == 12
    assert overlays.opacity == pytest.approx(0.123)
    colours.activated.emit(1)
    assert overlays.colormap is Colormap.ORANGE_PURPLE
    overlays.set_colormap(Colormap.RED_BLUE)
    assert colours.currentIndex() == 0


def test_the_legend_explains_only_what_is_drawn(legend, overlays, layers):
    legend.set_layers(layers)
    assert legend.sentences() == []
    assert legend.isHidden()
    overlays.set_shown("heatmap", True)
    assert legend.sentences() == [
        "red pulls the prediction towards disagreement",
        "blue pulls the prediction towards agreement",
    ]
    assert not legend.isHidden()
    overlays.set_colormap(Colormap.ORANGE_PURPLE)
    assert [sentence.split()[0] for sentence in legend.sentences()] == ["orange", "purple"]
    overlays.set_shown("heatmap", False)
    overlays.set_shown("lesion", True)
    (sentence,) = legend.sentences()
    assert "people may draw the border differently" in sentence and "10 %" in sentence and "predicted" in sentence
    overlays.set_shown("lesion", False)
    overlays.set_shown("annotators", True)
    assert legend.sentences() == ["Kim", "Dr. Meyer"]


def test_the_legend_says_what_is_missing(legend, overlays, layers):
    for name in ("heatmap", "lesion", "annotators"):
        overlays.set_shown(name, True)
    legend.set_layers(build_layers(None))
    assert legend.sentences() == [
        "Heatmap: not scored yet.",
        "Border: not scored yet.",
        "No annotators’ masks of this image are found; Measure agreement… takes them from anywhere.",
    ]
    legend.set_layers(Layers(scored=True, problem="The session file is damaged."))
    assert "Border: this model does not say where the lesion is." in legend.sentences()
    assert legend.sentences()[-1] == "The session file is damaged."


def test_where_masks_are_taken_from_is_said_once_and_not_at_every_image(legend, overlays, tmp_path):
    first, second = (ImageFile(tmp_path / name, name, 1, 1, None) for name in ("a.png", "b.png"))
    overlays.set_shown("annotators", True)
    legend.set_layers(build_layers(None), first)
    assert "Measure agreement" in legend.sentences()[0]
    legend.set_layers(build_layers(prediction(first)), first)
    assert "Measure agreement" in legend.sentences()[0]
    legend.set_layers(build_layers(None), second)
    assert legend.sentences() == ["No masks of this image."]
    overlays.set_shown("annotators", False)
    overlays.set_shown("annotators", True)
    assert "Measure agreement" in legend.sentences()[0]


@pytest.mark.parametrize("in_one_row", [False, True])
def test_all_switches_have_their_words_however_narrow_it_is(qtbot, overlays, in_one_row):
    bar = OverlayBar(overlays, in_one_row=in_one_row)
    qtbot.addWidget(bar)
    bar.resize(250, bar.sizeHint().height())  # the least that the panel leaves it beside a scroll bar
    assert in_one_row or bar.minimumSizeHint().width() <= 250
    bar.show()
    for button in bar.findChildren(QToolButton):
        assert button.text().startswith(button.accessibleName()) and button.width() >= button.sizeHint().width()


def test_a_wide_legend_stands_in_columns(qtbot, legend, overlays, layers):
    overlays.set_shown("heatmap", True)
    legend.set_layers(layers)
    legend.resize(300, 100)
    legend.show()
    qtbot.waitExposed(legend)
    narrow = [(label.x(), label.y()) for _, label in legend._rows]
    legend.resize(900, 100)
    qtbot.waitUntil(lambda: legend._rows[0][1].y() == legend._rows[1][1].y())
    assert narrow[0][0] == narrow[1][0]


def test_differences_are_offered_once_anybody_drew_anything(qtbot, overlays, layers, legend):
    bar = OverlayBar(overlays)
    qtbot.addWidget(bar)
    overlays.set_shown("differences", True)
    assert not overlays.shows_colours and not overlays.shows_differences
    overlays.offer_differences(True)
    names = [button.accessibleName() for button in bar.findChildren(QToolButton) if not button.isHidden()]
    assert names == ["Heatmap", "Border", "Annotators", "Differences", "Side by side"] and overlays.shows_colours
    legend.set_layers(layers)
    assert legend.sentences() == ["Differences: fewer than two people drew this image."]
    said = {2: "only one of them marked it", 3: "not all of them marked it", 5: "some marked it: yellow, most divided"}
    for people, words in said.items():
        legend.set_layers(build_layers(None, differing=np.eye(4, dtype=np.float32), people=people))
        assert legend.sentences() == [f"Differences: {words}"]


def test_places_that_differ_are_tinted_and_others_left_as_they_are(overlays):
    drawn = build_layers(None, differing=np.array([[0, 1], [0.5, 0]], np.float32), people=4)
    image = drawn.differing
    assert image is not None and drawn.bytes == image.sizeInBytes()
    alpha = [[image.pixelColor(x, y).alpha() for x in range(2)] for y in range(2)]
    assert alpha[0][0] == alpha[1][1] == 0 and alpha[0][1] == alpha[1][0] > 180
    assert image.pixelColor(1, 0).lightness() > image.pixelColor(0, 1).lightness()
