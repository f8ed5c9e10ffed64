import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QImage, QPalette
from PySide6.QtWidgets import (
    QApplication,
    QCheckBox,
    QProxyStyle,
    QRadioButton,
    QScrollBar,
    QSlider,
    QStyle,
    QStyleHintReturn,
    QStyleOption,
    QWidget,
)
from pytestqt.qtbot import QtBot

from annotriage.desktop.widgets import applying
from annotriage.desktop.widgets.applying import apply_theme, motion_allowed
from annotriage.desktop.widgets.theme import DARK, LIGHT, Theme, current_theme


def contrast(one: QColor, other: QColor) -> float:
    """Return the contrast of two colours as WCAG 2 defines it."""

    def luminance(colour: QColor) -> float:
        parts = [value / 12.92 if value <= 0.04045 else ((value + 0.055) / 1.055) ** 2.4 for value in colour.getRgbF()]
        return 0.2126 * parts[0] + 0.7152 * parts[1] + 0.0722 * parts[2]

    dark, bright = sorted((luminance(one), luminance(other)))
    return (bright + 0.05) / (dark + 0.05)


def test_a_chosen_theme_is_shown(qapp: QApplication) -> None:
    apply_theme(qapp, "dark")
    assert current_theme() is DARK
    assert qapp.style().objectName().casefold() == "fusion"
    assert qapp.palette().color(QPalette.ColorRole.Window) == DARK.window
    apply_theme(qapp, "light")
    assert current_theme() is LIGHT


def test_the_system_is_followed_only_where_that_was_chosen(qapp: QApplication, monkeypatch: pytest.MonkeyPatch) -> None:
    wanted = LIGHT
    monkeypatch.setattr(applying, "system_theme", lambda: wanted)
    apply_theme(qapp, "system")
    assert current_theme() is LIGHT
    wanted = DARK
    qapp.styleHints().colorSchemeChanged.emit(Qt.ColorScheme.Dark)
    assert current_theme() is DARK
    apply_theme(qapp, "light")
    qapp.styleHints().colorSchemeChanged.emit(Qt.ColorScheme.Dark)
    assert current_theme() is LIGHT


def test_applying_again_makes_no_second_keeper(qapp: QApplication) -> None:
    for choice in applying.THEME_CHOICES * 3:
        apply_theme(qapp, choice)
    assert len(qapp.findChildren(applying._ThemeKeeper)) == 1


@pytest.mark.parametrize("theme", [LIGHT, DARK])
def test_text_can_be_read(theme: Theme) -> None:
    for behind in (theme.window, theme.panel, theme.field):
        assert contrast(theme.text, behind) >= 7
        assert contrast(theme.faint_text, behind) >= 4.5
    assert contrast(theme.on_accent, theme.accent) >= 4.5
    assert contrast(theme.text, theme.warning) >= 4.5
    for behind in (theme.window, theme.panel, theme.field):  # what a focus ring needs
        assert contrast(theme.accent, behind) >= 3
    assert contrast(theme.outline, theme.window) >= 3


@pytest.mark.parametrize("theme", [LIGHT, DARK])
def test_what_cannot_be_used_can_still_be_read(theme: Theme) -> None:
    words = theme.palette().color(QPalette.ColorGroup.Disabled, QPalette.ColorRole.WindowText)
    for behind in (theme.window, theme.panel, theme.field):
        seen = [words.alphaF() * one + (1 - words.alphaF()) * other
                for one, other in zip(words.getRgbF()[:3], behind.getRgbF()[:3], strict=True)]  # fmt: skip
        assert 3 <= contrast(QColor.fromRgbF(*seen), behind) < contrast(theme.faint_text, behind)


@pytest.mark.parametrize("kind", [QCheckBox, QRadioButton])
def test_boxes_to_tick_are_seen_in_light_and_dark(qtbot: QtBot, qapp: QApplication, kind: type[QWidget]) -> None:
    around = QWidget()
    qtbot.addWidget(around)
    box = kind(around)
    box.resize(20, 20)
    for choice in ("light", "dark", "light"):
        apply_theme(qapp, choice)
        qapp.processEvents()
        seen = around.grab(box.geometry()).toImage()
        behind = current_theme().window
        most = max(contrast(seen.pixelColor(x, y), behind) for x in range(20) for y in range(20))
        assert most >= 3
        assert seen.pixelColor(19, 19) == behind  # nothing but the outline takes the colour
        assert box.palette().color(QPalette.ColorRole.WindowText) == current_theme().text


@pytest.mark.parametrize("orientation", [Qt.Orientation.Vertical, Qt.Orientation.Horizontal])
def test_a_scroll_bars_handle_and_arrows_are_seen_in_light_and_dark(
    qtbot: QtBot, qapp: QApplication, orientation: Qt.Orientation
) -> None:
    for choice in ("light", "dark"):
        apply_theme(qapp, choice)
        bar = QScrollBar(orientation)
        qtbot.addWidget(bar)
        upright = orientation == Qt.Orientation.Vertical
        bar.resize(*((16, 300) if upright else (300, 16)))
        bar.setRange(0, 100)
        bar.setPageStep(30)
        seen = bar.grab().toImage()

        def at(place: int, across: int, seen: QImage = seen, upright: bool = upright) -> QColor:
            return seen.pixelColor(across, place) if upright else seen.pixelColor(place, across)

        groove = at(250, 8)
        handle = [at(place, 8) for place in range(20, 100)]
        assert max(contrast(pixel, groove) for pixel in handle) >= 3
        arrow = [at(place, across) for place in range(3, 13) for across in range(3, 13)]
        assert max(contrast(pixel, at(2, 8)) for pixel in arrow) >= 3


def test_a_slider_is_seen_in_light_and_dark(qtbot: QtBot, qapp: QApplication) -> None:
    for choice in ("light", "dark"):
        apply_theme(qapp, choice)
        around = QWidget()
        qtbot.addWidget(around)
        around.resize(200, 40)
        slider = QSlider(Qt.Orientation.Horizontal, around)
        slider.resize(200, 40)
        seen = around.grab().toImage()
        behind = current_theme().window
        groove = [seen.pixelColor(150, y) for y in range(40)]  # right of the handle
        assert max(contrast(pixel, behind) for pixel in groove) >= 3


class _Still(QProxyStyle):
    """A style of a system that asks for less motion."""

    def styleHint(
        self,
        hint: QStyle.StyleHint,
        option: QStyleOption | None = None,
        widget: QWidget | None = None,
        returned: QStyleHintReturn | None = None,
    ) -> int:
        if hint == QStyle.StyleHint.SH_Widget_Animation_Duration:
            return 0
        return super().styleHint(hint, option, widget, returned)


def test_nothing_moves_where_the_system_asks_for_that(qapp: QApplication) -> None:
    assert motion_allowed()
    qapp.setStyle(_Still("Fusion"))
    try:
        assert not motion_allowed()
    finally:
        qapp.setStyle("Fusion")
