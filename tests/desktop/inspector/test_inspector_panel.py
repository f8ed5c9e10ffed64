"""The panel and the large view, put together."""

import numpy as np
import pytest
from PySide6.QtCore import QPoint, QRect, Qt
from PySide6.QtWidgets import QLabel, QPlainTextEdit, QScrollArea, QToolButton

from annotriage.desktop.inspector.decision_button import DecisionButton, Made
from annotriage.desktop.inspector.editors import NoteEdit
from annotriage.desktop.inspector.gauge import Gauge, Numbers
from annotriage.desktop.inspector.inspector_panel import InspectorPanel
from annotriage.desktop.inspector.large_view import LargeView
from annotriage.desktop.inspector.layers import build_layers
from annotriage.desktop.inspector.legend import Legend
from annotriage.desktop.inspector.overlay_bar import OverlayBar
from annotriage.desktop.widgets.one_line import OneLineLabel, OneLineToolButton
from annotriage.desktop.widgets.text import NameLabel
from annotriage.desktop.widgets.theme import DARK, LIGHT
from annotriage.model_file import ModelLibrary
from annotriage.triage.decisions import Decision, Review
from tests.desktop.finding import find
from tests.desktop.inspector.conftest import prediction
from tests.desktop.inspector.test_image_canvas import pixels_of


@pytest.fixture
def panel(qtbot, loader, overlays) -> InspectorPanel:
    loader.set_sources(prediction)
    panel = InspectorPanel(loader, overlays)
    qtbot.addWidget(panel)
    panel.resize(320, 800)
    panel.show()
    return panel


@pytest.fixture
def large(qtbot, loader, overlays) -> LargeView:
    loader.set_sources(prediction)
    large = LargeView(loader, overlays)
    qtbot.addWidget(large)
    large.resize(1280, 720)
    large.show()
    return large


def _shown(view) -> bool:
    picture = view.pictures.picture
    return picture is not None and picture.layers is not None


def test_the_panel_fits_280_pixels(qtbot, panel, overlays, images):
    panel.set_model(ModelLibrary().find("bundled").card)
    panel.pictures.show_image(images[0])
    for name in ("heatmap", "lesion", "annotators"):
        overlays.set_shown(name, True)
    panel.set_numbers(Numbers(0.29, 0.05, 0.58, 99_999, 100_000, 0.9))
    panel.resize(280, 700)
    qtbot.waitUntil(lambda: _shown(panel))
    assert panel.width() == 280
    inner, view = find(panel, "scroll", QScrollArea).widget(), find(panel, "scroll", QScrollArea).viewport()
    assert inner.minimumSizeHint().width() <= view.width()
    switches = [button for button in inner.findChildren(QToolButton) if button.isVisible()]
    assert len(switches) == 4
    assert all(button.mapTo(view, button.rect().bottomRight()).x() < view.width() for button in switches)


def test_an_empty_panel_shows_only_what_to_do(qtbot, panel, images):
    assert not find(panel, "scroll", QScrollArea).isVisible()
    assert not panel.decisions.isVisible()
    panel.pictures.show_image(images[0])
    assert find(panel, "scroll", QScrollArea).isVisible()
    assert panel.decisions.isVisible()
    panel.pictures.show_image(None)
    assert not find(panel, "scroll", QScrollArea).isVisible()


def test_the_buttons_that_decide_stay_where_they_are(qtbot, panel, overlays, images):
    panel.resize(340, 700)
    panel.pictures.show_image(images[0])
    panel.set_reviews({images[0].name: Review()})
    qtbot.waitUntil(lambda: _shown(panel))
    buttons = panel.decisions.findChildren(DecisionButton)

    switches = find(panel, "bar", OverlayBar).findChildren(QToolButton)

    def places() -> list[QRect]:
        return [QRect(part.mapTo(panel, QPoint()), part.size()) for part in [*buttons, *switches]]

    before, numbers = places(), panel.numbers.mapTo(panel, QPoint())
    assert all(panel.rect().contains(place) for place in before)
    for name in ("heatmap", "lesion", "annotators"):
        overlays.set_shown(name, True)
    panel.set_reviews({images[0].name: Review(Decision.EXPERT)})
    qtbot.waitUntil(lambda: find(panel, "legend", Legend).height() > 60)
    assert places() == before and panel.numbers.mapTo(panel, QPoint()) == numbers


def test_the_words_of_a_decision_stay_when_it_is_made(qtbot, panel, images):
    panel.pictures.show_image(images[0])
    for width in (280, 340, 420, 600):
        panel.resize(width, 700)
        panel.set_reviews({images[0].name: Review()})
        buttons = {button.decision: button for button in panel.decisions.findChildren(DecisionButton)}
        before = [button.lines() for button in buttons.values()]
        panel.set_reviews({images[0].name: Review(Decision.EXPERT)})
        assert [button.lines() for button in buttons.values()] == before


def test_the_note_is_in_sight_with_all_layers_on(qtbot, panel, overlays, images):
    for name in ("heatmap", "lesion"):
        overlays.set_shown(name, True)
    panel.resize(300, 560)
    panel.pictures.show_image(images[0])
    panel.set_reviews({images[0].name: Review()})
    qtbot.waitUntil(lambda: _shown(panel))
    panel.fields.focus_note()
    note = panel.decisions.fields.findChild(QPlainTextEdit)
    assert panel.rect().contains(QRect(note.mapTo(panel, QPoint()), note.size()))


def test_the_panel_shows_what_the_loader_found(qtbot, panel, images, overlays):
    overlays.set_shown("heatmap", True)
    panel.pictures.show_image(images[0], neighbours=images[1:3])
    qtbot.waitUntil(lambda: _shown(panel))
    assert "Pixels: 64 × 48" in panel.facts.text()
    assert "Format: PNG" in panel.facts.text()
    assert "Also predicted: jaccard: 0.25" in panel.facts.text()
    assert find(panel, "legend", Legend).sentences()[0].startswith("red")
    assert panel.image == images[0]


def test_what_is_done_in_the_panel_is_passed_on(qtbot, panel, images):
    panel.pictures.show_image(images[0])
    panel.set_reviews({images[0].name: Review()})
    button = next(b for b in panel.findChildren(DecisionButton) if b.decision is Decision.EXCLUDE)
    with qtbot.waitSignal(panel.decided) as decided:
        button.click()
    assert decided.args == [Decision.EXCLUDE]
    panel.fields.focus_note()
    qtbot.keyClicks(find(panel.decisions.fields, "note", NoteEdit), "hair")
    with qtbot.waitSignals([panel.fields.note_changed, panel.fields.editing_left]):
        qtbot.keyClick(
            find(panel.decisions.fields, "note", NoteEdit), Qt.Key.Key_Enter, Qt.KeyboardModifier.ControlModifier
        )


def test_the_large_view_says_name_rank_numbers_and_decision(qtbot, large, images):
    large.pictures.show_image(images[0])
    large.set_numbers(Numbers(0.29, 0.05, 0.58, 3, 12, 0.9))
    large.set_reviews({images[0].name: Review(Decision.ROUTINE)})
    qtbot.waitUntil(lambda: _shown(large))
    assert find(large, "name", NameLabel).accessibleName() == images[0].name
    assert (find(large, "rank", OneLineLabel).text(), find(large, "number", QLabel).text()) == ("rank 3 of 12", "0.71")
    assert find(large, Decision.ROUTINE.value, DecisionButton).made is Made.ALL
    large.set_numbers(Numbers())
    assert (find(large, "number", QLabel).text(), find(large, "caption", QLabel).text()) == ("–", "Not scored yet")


def test_the_large_view_zooms_and_says_how_much(qtbot, large, images):
    large.pictures.show_image(images[0])
    qtbot.waitUntil(lambda: _shown(large))
    large.pictures.canvas.actual_size()
    assert find(large, "zoom", QLabel).text() == "100 %"
    large.pictures.canvas.zoom_in()
    assert find(large, "zoom", QLabel).text() == "200 %"
    large.pictures.canvas.zoom_out()
    assert find(large, "zoom", QLabel).text() == "100 %"
    large.pictures.canvas.fit()
    assert find(large, "zoom", QLabel).text() == f"{round(100 * large.pictures.canvas.zoom)} %"


def test_the_large_view_decides_and_closes(qtbot, large, images):
    large.pictures.show_image(images[0])
    large.set_reviews({images[0].name: Review()})
    with qtbot.waitSignal(large.decided) as decided:
        qtbot.mouseClick(find(large, Decision.EXPERT.value, DecisionButton), Qt.MouseButton.LeftButton)
    assert decided.args == [Decision.EXPERT]
    close = next(b for b in large.findChildren(QToolButton) if b.accessibleName() == "Back to the gallery")
    with qtbot.waitSignal(large.close_wanted):
        close.click()


@pytest.mark.slow
def test_panel_and_large_view_share_what_is_switched_and_decoded(qtbot, panel, large, overlays, images, loader):
    panel.pictures.show_image(images[0])
    qtbot.waitUntil(lambda: _shown(panel))
    large.pictures.show_image(images[0])
    assert _shown(large)  # at once: nothing is decoded twice
    overlays.set_shown("lesion", True)
    pressed = [b.isChecked() for view in (panel, large) for b in view.findChildren(QToolButton)
               if b.accessibleName() == "Border"]  # fmt: skip
    assert pressed == [True, True]


@pytest.mark.parametrize("width", [1280, 2560])
def test_overlays_that_come_and_go_leave_the_large_image_as_large_as_it_is(qtbot, qapp, large, overlays, images, width):
    large.pictures.show_image(images[0])
    large.resize(width, 700)
    qtbot.waitUntil(lambda: _shown(large))
    before = large.pictures.size()
    for name in ("heatmap", "lesion"):
        overlays.set_shown(name, True)
        assert find(large, "legend", Legend).sentences()
        qapp.processEvents()
        assert large.pictures.size() == before
        assert (
            find(large, "legend", Legend).mapTo(large, find(large, "legend", Legend).rect().bottomLeft()).y()
            < large.height()
        )


def test_a_legend_of_many_lines_moves_no_button_of_the_large_view(qtbot, qapp, large, overlays, images):
    large.resize(1024, 620)
    large.pictures.show_image(images[0])
    large.set_reviews({images[0].name: Review()})
    qtbot.waitUntil(lambda: _shown(large))
    buttons = [*large.findChildren(DecisionButton), *find(large, "bar", OverlayBar).findChildren(QToolButton)]

    def places() -> list[QPoint]:
        return [button.mapTo(large, QPoint()) for button in buttons]

    qapp.processEvents()
    before = places()
    for name in ("heatmap", "lesion", "annotators"):
        overlays.set_shown(name, True)
    line = np.array([[0.1, 0.1], [0.9, 0.9]])
    find(large, "legend", Legend).set_layers(
        build_layers(prediction(images[0]), [(f"person {n}", [line]) for n in range(6)])
    )
    qtbot.waitUntil(lambda: find(large, "legend", Legend).height() > 100)
    assert places() == before


def test_an_offer_to_go_elsewhere_pushes_nothing_out_of_the_large_view(qtbot, large, images):
    large.resize(1024, 620)
    large.pictures.show_image(images[0])
    large.set_numbers(Numbers(0.29, 0.05, 0.58, 3, 2681, 0.9))
    qtbot.waitUntil(lambda: _shown(large))
    assert find(large, "gauge", Gauge).isVisible()
    large.set_higher("40 undecided rank higher: go there")
    qtbot.waitUntil(
        lambda: (
            large.rect().contains(find(large, "close", QToolButton).geometry())
            and find(large, "higher", OneLineToolButton).isVisible()
        )
    )
    assert not find(large, "gauge", Gauge).isVisible()
    large.set_higher("")
    assert find(large, "gauge", Gauge).isVisible()


@pytest.mark.parametrize("width", [600, 900, 1280, 2560])
def test_the_large_view_fits_narrow_and_wide_windows(qtbot, large, overlays, images, width):
    for name in ("heatmap", "lesion"):
        overlays.set_shown(name, True)
    large.pictures.show_image(images[0])
    large.set_numbers(Numbers(0.29, 0.05, 0.58, 99_999, 100_000, 0.9))
    large.resize(width, 700)
    qtbot.waitUntil(lambda: _shown(large))
    assert large.width() == width
    shown = [
        button
        for button in (
            *large.findChildren(DecisionButton),
            find(large, "close", QToolButton),
            find(large, "bar", OverlayBar),
        )
        if button.isVisible()
    ]
    areas = [button.geometry() for button in shown]
    assert len(areas) == 6
    assert all(large.rect().contains(area) for area in areas)
    assert not any(a.intersects(b) for place, a in enumerate(areas) for b in areas[:place])
    assert large.pictures.height() > 450


def test_a_held_key_hides_the_overlays(qtbot, large, overlays, images):
    large.pictures.show_image(images[5])
    qtbot.waitUntil(lambda: _shown(large))
    plain = pixels_of(large.pictures)
    overlays.set_shown("heatmap", True)
    tinted = pixels_of(large.pictures)
    assert tinted.shape != plain.shape or (tinted != plain).any()
    large.pictures.show_plain(True)
    held = pixels_of(large.pictures)
    spread = held.astype(int).max(axis=2) - held.astype(int).min(axis=2)
    grey = tinted.astype(int)[held.shape[0] // 2, held.shape[1] // 2]
    assert spread[held.shape[0] // 2, held.shape[1] // 2] > 20  # the skin's own colour again
    assert (held[held.shape[0] // 2, held.shape[1] // 2].astype(int) != grey).any()


def test_light_and_dark_change_while_open(qtbot, panel, large, qapp, images):
    before = qapp.palette()
    try:
        for view in (panel, large):
            view.pictures.show_image(images[0])
            looks = []
            for theme in (LIGHT, DARK):
                qapp.setPalette(theme.palette())
                view.setPalette(theme.palette())  # Qt passes it on by itself only while the program runs
                looks.append(int(pixels_of(view)[-3, 3].mean()))
            assert looks[0] > 150 > 100 > looks[1]
    finally:
        qapp.setPalette(before)
