"""However narrow the window, the screen and the letters: no text makes the window wider, no key decides unseen."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, QRect, Qt
from PySide6.QtGui import QRegion
from PySide6.QtWidgets import QApplication, QToolButton, QWidget

from annotriage.desktop.inspector.decision_button import DecisionButton
from annotriage.desktop.widgets.message_page import MessagePage
from annotriage.desktop.window import in_sight as on_screen
from annotriage.desktop.window.in_sight import higher_text, short_higher_text
from annotriage.desktop.window.status import StatusLine
from annotriage.triage.decisions import Decision
from annotriage.triage.summary import Summary
from tests.desktop.finding import find
from tests.desktop.window.conftest import Make
from tests.desktop.window.hands import CTRL, SHIFT, Hands
from tests.pictures import write_picture

LONG = "a_very_long_name_that_goes_on_and_on_" * 8
SIZES = [(1024, 700), (682, 466)]


@pytest.fixture(params=[(SIZES[0], 1.5), (SIZES[1], 1.0)])
def small(request: pytest.FixtureRequest, make: Make, folder: Path, qapp: QApplication) -> Iterator[Hands]:
    """Return a small window with letters half as large again, and one of 1024 x 700 pixels at 150 %."""
    size, larger = request.param
    before, font = qapp.font(), qapp.font()
    font.setPointSizeF(larger * before.pointSizeF())
    qapp.setFont(font)
    hands = make(folder, size=size)
    hands.wait_until_scored()
    yield hands
    qapp.setFont(before)


def clipped(part: QWidget) -> bool:
    """Say whether a part lies beyond the edge of its window."""
    window = part.window()
    return not window.rect().contains(QRect(part.mapTo(window, QPoint()), part.size()))


def say_long_things(hands: Hands) -> None:
    """Let everything whose text comes from elsewhere, or counts, say all that it may have to."""
    window, page = hands.window, hands.workspace.gallery
    page.set_higher("100,000 undecided rank higher: go there")
    page.set_about("Done: Routine annotation for 100,000 images")
    hands.window.pages.large.set_higher("100,000 undecided rank higher: go there")
    many = 1_000_000
    find(window, "status", StatusLine).set_summary(Summary(many, many, many, many, many, many, many, many, many))
    find(window, "status", StatusLine).set_training(LONG)
    find(window, "status", StatusLine).show_news(LONG)
    find(window, "model-button", QToolButton).setText(LONG)
    window.messages.show_message(f"/home/{LONG}/{LONG} cannot be read.", action="Put it aside and begin anew", do=print)
    find(hands.gallery, "message", MessagePage).say(LONG, LONG, "Open another folder…", second="Show all images")
    QApplication.processEvents()


@pytest.mark.slow
@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("large", [False, True])
def test_no_text_makes_the_window_wider_than_the_screen(
    make: Make, tmp_path: Path, size: tuple[int, int], large: bool
) -> None:
    folder = tmp_path / LONG[:200]
    for number in range(3):
        write_picture(folder / f"{number}{LONG[:200]}.png", 0.1 + 0.3 * number)
    hands = make(folder, size=size)
    hands.wait_until_scored()
    if large:
        hands.key(Qt.Key.Key_Return)
    say_long_things(hands)
    window = hands.window
    assert (window.width(), window.height()) == size
    assert window.minimumSize().width() <= 682 and window.minimumSize().height() <= 466
    assert window.centralWidget().minimumSizeHint().width() <= 682
    parts = [window.pages.large.pictures] if large else [hands.panel.pictures, hands.panel.decisions, hands.gallery]
    parts += [part for part in window.findChildren(DecisionButton) if part.isVisible()]
    assert [part for part in parts if clipped(part)] == []


@pytest.mark.slow
def test_the_number_on_a_button_is_always_whole(small: Hands) -> None:
    for button in small.panel.findChildren(DecisionButton):
        for count in (6, 2_681, 100_000):
            button.set_count(count)
            *_, last = button.lines()
            assert f"{count:,}" in last
            assert button._words_width(last) <= button.width() - 66  # badge, tick and key stand beside it
            assert len(button.lines()) * button.fontMetrics().height() <= button.height()


def test_a_part_beyond_the_screen_or_the_window_is_not_seen(make: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    window = make(size=(800, 600)).window
    part = QWidget(window)
    part.setGeometry(500, 100, 200, 200)
    part.show()
    monkeypatch.setattr(on_screen, "screens", lambda: QRegion(QRect(window.pos(), window.size())))
    assert on_screen.is_on_screen(part)
    for at in (750, 810, -150):
        part.move(at, 100)
        assert not on_screen.is_on_screen(part)
    part.move(500, 100)
    monkeypatch.setattr(on_screen, "screens", lambda: QRegion(QRect(window.pos().x(), window.pos().y(), 550, 600)))
    assert not on_screen.is_on_screen(part)
    part.hide()
    assert not on_screen.is_on_screen(part)


@pytest.mark.slow
@pytest.mark.parametrize("large", [False, True])
def test_nothing_is_decided_whose_picture_lies_beyond_the_screen(
    scored: Hands, monkeypatch: pytest.MonkeyPatch, large: bool
) -> None:
    window, first = scored.window, scored.names()[0]
    if large:
        scored.key(Qt.Key.Key_Return)
    room = [QRegion(QRect(window.pos(), window.size() / 2))]
    monkeypatch.setattr(on_screen, "screens", lambda: room[0])
    brought: list[QWidget] = []
    monkeypatch.setattr("annotriage.desktop.window.in_sight.bring_onto_screen", brought.append)
    picture = window.pages.large.pictures if large else scored.panel.pictures
    room[0] = QRegion(QRect(picture.mapToGlobal(QPoint()) - QPoint(2000, 0), picture.size()))
    scored.key(Qt.Key.Key_1)
    scored.wait_for_words("Nothing is decided", window)
    assert brought == [window] and scored.current() == first
    room[0] = QRegion(QRect(window.mapToGlobal(QPoint()), window.size()))
    scored.key(Qt.Key.Key_1)
    scored.wait_for(first, Decision.EXPERT)
    assert scored.undecided() == set(scored.names()[1:])


@pytest.mark.slow
def test_a_number_of_images_that_has_no_room_is_shown_before_a_key_decides(make: Make, folder: Path) -> None:
    hands = make(folder, size=SIZES[1])
    hands.wait_until_scored()
    hands.actions.inspector.trigger()
    hands.workspace.gallery.set_higher("20 undecided rank higher: go there")
    hands.workspace.splitter.setSizes([500, 160, 0])
    hands.key(Qt.Key.Key_Right, SHIFT)
    QApplication.processEvents()
    assert hands.workspace.gallery.selected_names() == hands.names()[:2]
    hands.key(Qt.Key.Key_3)
    QApplication.processEvents()
    assert hands.undecided() == set(hands.names()) and hands.panel.isVisible()
    hands.wait_for_words("2 images selected", hands.panel)
    hands.key(Qt.Key.Key_3)
    hands.wait_for(hands.names()[1], Decision.EXCLUDE)


@pytest.mark.slow
def test_all_images_can_be_selected_and_decided_in_the_smallest_window(make: Make, folder: Path) -> None:
    hands = make(folder, size=SIZES[1])
    hands.wait_until_scored()
    hands.key(Qt.Key.Key_A, CTRL)
    hands.wait_for_words("12 images selected", hands.panel)
    hands.key(Qt.Key.Key_2)
    hands.wait_for(hands.names()[-1], Decision.ROUTINE)


@pytest.mark.slow
def test_the_line_above_the_images_is_read_whole_in_a_small_window(make: Make, folder: Path) -> None:
    hands = make(folder, size=SIZES[0])
    hands.wait_until_scored()
    bar, page = hands.workspace.gallery.bar, hands.workspace.gallery
    QApplication.processEvents()
    room = bar.sort.width()
    assert room >= bar.sort.sizeHint().width()
    page.set_higher(higher_text(2), short_higher_text(2))
    page.set_about("4 images selected")
    QApplication.processEvents()
    assert bar.about.is_whole
    assert bar.offer.text() == "2 rank higher"
    assert bar.offer.width() >= bar.offer.sizeHint().width()
    assert bar.offer.toolTip().startswith("2 undecided rank higher: go there")
    page.set_higher(higher_text(58), short_higher_text(58))
    hands.workspace.splitter.setSizes([250, 380, 350])
    said = "Done: Routine annotation for 58 images"
    page.set_about(said, "Done: 58 images")
    QApplication.processEvents()
    assert bar.about.is_whole and bar.about.text() == "Done: 58 images" and bar.about.toolTip() == said
    hands.workspace.splitter.setSizes([200, 440, 350])
    page.set_about("")
    page.set_higher("")
    QApplication.processEvents()
    assert bar.sort.width() == room  # what it made way for is gone


@pytest.mark.slow
def test_in_a_wide_window_the_offer_is_whole(make: Make, folder: Path) -> None:
    hands = make(folder, size=(1280, 800))
    hands.wait_until_scored()
    bar = hands.workspace.gallery.bar
    hands.workspace.gallery.set_higher(higher_text(20), short_higher_text(20))
    QApplication.processEvents()
    assert bar.offer.text() == "20 undecided rank higher: go there"
    assert bar.offer.width() >= bar.offer.sizeHint().width()
