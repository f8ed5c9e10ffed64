"""What the menu on a tile offers: the file of an image, its name and path, who is to outline it, the selection."""

from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QDesktopServices, QGuiApplication

from annotriage.desktop.window.menus import context_menu
from tests.desktop.conftest import IMAGES
from tests.desktop.window.hands import CTRL, SHIFT, Hands


@pytest.mark.slow
def test_the_menu_on_a_tile_shows_copies_assigns_and_selects(
    scored: Hands, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened: list[str] = []
    monkeypatch.setattr(QDesktopServices, "openUrl", lambda url: opened.append(url.toLocalFile()) or True)
    first, second = scored.names()[:2]
    scored.click_on(first)
    offered = {
        action.text().replace("&", ""): action for action in context_menu(scored.window, scored.actions).actions()
    }
    offered["Show in its folder"].trigger()
    assert [Path(path) for path in opened] == [folder]
    offered["Copy the name"].trigger()
    assert QGuiApplication.clipboard().text() == first
    scored.click_on(second, SHIFT)
    offered["Copy the path"].trigger()
    assert QGuiApplication.clipboard().text().splitlines() == [str(folder / first), str(folder / second)]
    offered["Invert the selection"].trigger()
    assert scored.workspace.gallery.selected_names() == scored.names()[2:]
    assert scored.current() in scored.names()[2:]


@pytest.mark.slow
@pytest.mark.parametrize("large", [False, True])
def test_a_leads_to_the_assignee(scored: Hands, large: bool) -> None:
    name = scored.names()[0]
    scored.click_on(name)
    if large:
        scored.key(Qt.Key.Key_Return)
    scored.key(Qt.Key.Key_A)
    scored.type("Moss")
    scored.key(Qt.Key.Key_Return)
    scored.qtbot.waitUntil(lambda: scored.said(name).assignee == "Moss")


@pytest.mark.slow
def test_inverting_all_or_none_is_no_harm(scored: Hands) -> None:
    scored.key(Qt.Key.Key_A, CTRL)
    scored.actions.invert.trigger()
    assert len(scored.workspace.gallery.selected_names()) == IMAGES
    scored.actions.close_folder.trigger()
    scored.actions.invert.trigger()
