"""Names for those who hear the window, both themes, and the way through it by keyboard."""

from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QAction, QImage, QKeySequence
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractItemView,
    QAbstractSlider,
    QApplication,
    QComboBox,
    QFileDialog,
    QHeaderView,
    QLineEdit,
    QMenu,
    QProgressBar,
    QScrollBar,
    QSpinBox,
    QToolButton,
    QWidget,
)

from annotriage import version
from annotriage.desktop.widgets.applying import apply_theme
from annotriage.desktop.widgets.theme import DARK, LIGHT
from annotriage.desktop.window.menus import context_menu
from annotriage.triage.decisions import Decision
from tests.desktop.window.conftest import Make
from tests.desktop.window.hands import Hands


def all_actions(hands: Hands) -> list[QAction]:
    actions = hands.actions
    listed = [action for _, group in actions.groups() for action in group]
    return [*listed, *actions.sort.values(), actions.sort_reversed]


def test_every_action_has_words_and_stands_in_a_menu(scored: Hands) -> None:
    in_menus: set[QAction] = set()

    def collect(menu: QMenu) -> None:
        for action in menu.actions():
            in_menus.add(action)
            if isinstance(action.menu(), QMenu):
                collect(action.menu())  # type: ignore[arg-type]

    for action in scored.window.menuBar().actions():
        assert action.text()
        if isinstance(action.menu(), QMenu):
            collect(action.menu())  # type: ignore[arg-type]
    assert all(action.text() and action.toolTip() for action in all_actions(scored))
    # Held Space is no item of a menu, and Escape leads out of one.
    assert {action.text() for action in all_actions(scored)} - {action.text() for action in in_menus} <= {
        "Plain image while held",
        "Back to all images",
    }


def test_no_two_actions_share_a_key(scored: Hands) -> None:
    seen: dict[str, str] = {}
    for action in all_actions(scored):
        for key in action.shortcuts():
            text = key.toString(QKeySequence.SequenceFormat.PortableText)
            assert text not in seen, f"{text}: {seen[text]} and {action.text()}"
            seen[text] = action.text()
    assert len(seen) > 40


def test_no_two_items_of_a_menu_share_a_letter(scored: Hands) -> None:
    menus = [menu for menu in scored.window.menuBar().findChildren(QMenu) if menu.actions()]
    for menu in [*menus, context_menu(scored.window, scored.actions)]:
        letters = [
            action.text().split("&", 1)[1][0].lower()
            for action in menu.actions()
            if "&" in action.text() and not action.text().startswith("&&")
        ]
        assert len(letters) == len(set(letters)), f"{menu.title()}: {sorted(letters)}"


def nameless(part: QWidget) -> list[str]:
    """Return the controls that neither show words nor have a name to be heard."""
    kinds = (QAbstractButton, QComboBox, QLineEdit, QAbstractSlider, QSpinBox, QProgressBar, QAbstractItemView)
    found = []
    for widget in part.findChildren(QWidget):
        if (
            not isinstance(widget, kinds)
            or isinstance(widget, QScrollBar | QHeaderView)
            or not widget.isVisibleTo(part)
        ):
            continue
        within = widget.parentWidget()
        if isinstance(widget, QLineEdit) and isinstance(within, QComboBox | QSpinBox):
            widget = within  # an editable box speaks for its line
        if widget.objectName().startswith("qt_"):  # Qt's own, such as the arrows of tabs
            continue
        text = widget.text() if isinstance(widget, QAbstractButton) else ""
        if not (widget.accessibleName() or text):
            found.append(f"{type(widget).__name__} in {type(within).__name__}")
    return found


@pytest.mark.slow
@pytest.mark.parametrize("page", ["welcome", "folder", "table", "large"])
def test_every_control_has_words_or_a_name(make: Make, folder: Path, page: str) -> None:
    hands = make(None if page == "welcome" else folder)
    if page != "welcome":
        hands.wait_until_scored()
        hands.window.messages.show_message("A message.")
    if page == "table":
        hands.actions.table.trigger()
    if page == "large":
        hands.key(Qt.Key.Key_Return)
    assert nameless(hands.window) == []


@pytest.mark.slow
def test_the_names_of_tiles_say_what_a_tile_shows(scored: Hands) -> None:
    first = scored.names()[0]
    scored.key(Qt.Key.Key_1)
    scored.wait_for(first, Decision.EXPERT)
    spoken = scored.images.data(scored.images.index(0, 0), Qt.ItemDataRole.AccessibleTextRole)
    assert first in spoken and "rank 1" in spoken and "predicted disagreement 0." in spoken
    assert "Expert review" in spoken


def test_tab_leads_through_the_window_and_back_to_the_images(scored: Hands) -> None:
    scored.qtbot.waitUntil(lambda: scored.workspace.filters.histogram.findChildren(QAbstractSlider)[0].isEnabled())
    scored.gallery.setFocus()
    start = scored.window.focusWidget()
    seen: list[QWidget | None] = []
    for _ in range(80):
        scored.key(Qt.Key.Key_Tab)
        seen.append(scored.window.focusWidget())
        if seen[-1] is start:
            break
    assert seen[-1] is start, "the way round does not come back"
    for needed in (
        scored.note,
        scored.button("Expert review", scored.panel),
        scored.button("Grid", scored.workspace.gallery),
        scored.button("Undecided", scored.workspace.filters),
        *scored.workspace.filters.histogram.findChildren(QAbstractSlider),
    ):
        assert needed in seen


def brightness(seen: QImage) -> float:
    small = seen.scaled(1, 1, Qt.AspectRatioMode.IgnoreAspectRatio, Qt.TransformationMode.SmoothTransformation)
    return small.pixelColor(0, 0).lightnessF()


@pytest.mark.slow
def test_light_and_dark_take_turns_while_the_window_is_open(scored: Hands, qapp: QApplication) -> None:
    palette, style = qapp.palette(), qapp.style().objectName()
    try:
        scored.window.messages.show_message("A message.")
        for leads_there in (lambda: None, lambda: scored.key(Qt.Key.Key_Return), scored.actions.close_folder.trigger):
            leads_there()
            seen = {}
            for choice in ("Light", "Dark"):
                scored.menu("View", "Colours", choice).trigger()
                QApplication.processEvents()
                assert qapp.palette() == (LIGHT if choice == "Light" else DARK).palette()
                seen[choice] = brightness(scored.window.grab().toImage())
            assert seen["Light"] > seen["Dark"] + 0.2
        scored.menu("View", "Colours", "As the system").trigger()
    finally:
        apply_theme(qapp, "system")
        qapp.setPalette(palette)
        qapp.setStyle(style)


def test_enter_presses_the_button_that_has_the_keyboard(make: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[object] = []
    monkeypatch.setattr(QFileDialog, "getExistingDirectory", lambda *_: asked.append(1) or "")
    hands = make()
    hands.button("Open a folder").setFocus()
    hands.key(Qt.Key.Key_Return)
    hands.key(Qt.Key.Key_Enter)
    assert len(asked) == 2
    tool = next(each for each in hands.window.findChildren(QToolButton) if each.text().startswith("Open"))
    tool.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
    tool.setFocus()
    hands.key(Qt.Key.Key_Return)
    assert len(asked) == 3


@pytest.mark.slow
def test_the_keyboard_reaches_the_big_button_before_the_recent_folders(make: Make, folder: Path) -> None:
    first = make(folder)
    first.wait_until_scored()
    first.close()
    hands = make()
    hands.button("Open a folder").setFocus()
    hands.key(Qt.Key.Key_Tab)
    assert hands.window.focusWidget() is hands.button("Try the sample images")
    hands.key(Qt.Key.Key_Tab)
    assert hands.window.focusWidget() is hands.button("images")


def test_the_first_window_lies_inside_the_screen_with_its_frame(make: Make) -> None:
    hands = make(size=None)
    room = hands.window.screen().availableSize()
    assert hands.window.width() <= room.width() - 16
    assert hands.window.height() <= room.height() - 56


def test_what_is_not_installed_is_said_in_the_menu(make: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    assert make().menu("Models", "Statistics").text() == "&Statistics…"
    monkeypatch.setattr(version, "find_spec", lambda name: None)
    hands = make()
    assert hands.menu("Models", "Train a model").text() == "&Train a model… (not installed)"
    assert hands.menu("Models", "Statistics").text() == "&Statistics… (not installed)"
    assert "how to get it" in hands.actions.train.toolTip()
