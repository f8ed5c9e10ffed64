"""Images whose files are replaced while they are worked on."""

import os
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QSpinBox

from annotriage.desktop.dialogs.send_dialog import SendDialog
from annotriage.triage.catalogue import Filter
from annotriage.triage.columns import table_place
from annotriage.triage.decisions import Decision
from tests.desktop.conftest import IMAGES
from tests.desktop.finding import find
from tests.desktop.window.conftest import Make
from tests.desktop.window.hands import CTRL, Hands
from tests.pictures import write_picture

pytestmark = pytest.mark.slow


def replace(path: Path, *, same_content: bool = False) -> None:
    """Put another file in the place of one, later."""
    if not same_content:
        write_picture(path, 0.05, width=99)
    status = path.stat()
    os.utime(path, ns=(status.st_atime_ns, status.st_mtime_ns + 10**10))


def look_again(hands: Hands) -> None:
    hands.key(Qt.Key.Key_F5)
    hands.qtbot.waitUntil(lambda: hands.review._listing is None)
    hands.wait_until_scored()


def test_a_replaced_file_is_marked_filtered_counted_and_sent_again(scored: Hands, folder: Path) -> None:
    name, other = scored.names()[:2]
    for each in (name, other):
        scored.click_on(each)
        scored.key(Qt.Key.Key_2)
        scored.wait_for(each, Decision.ROUTINE)
    replace(folder / name)
    look_again(scored)
    line = scored.images.line_of(name)
    assert line is not None and scored.images.is_changed(line) and scored.images.mark(line) == "changed"
    assert (
        scored.images.data(scored.images.index(line, table_place("decision"))) == "Routine annotation (of another file)"
    )
    assert scored.decision(name) is Decision.ROUTINE
    scored.wait_for_words("1 changed since decided")
    scored.click_on(name)
    scored.wait_for_words(f"of {IMAGES}  ·  changed since decided", scored.panel)
    scored.key(Qt.Key.Key_Return)
    scored.wait_for_words(f"of {IMAGES}  ·  changed since decided", scored.window.pages.large)
    scored.key(Qt.Key.Key_Escape)
    scored.images.set_filter(Filter(changed=True))
    assert scored.names() == [name]
    scored.images.set_filter(Filter())
    scored.actions.send.trigger()
    dialog = scored.dialog(SendDialog)
    find(dialog, "control", QSpinBox).setValue(0)
    dialog._count.setValue(dialog._model.rowCount())
    dialog.refresh()
    assert dialog._catch is not None
    assert name in dialog._catch.names() and other not in dialog._catch.names()
    dialog.close()
    # Decisions it anew, be it the same, is about the file there is now.
    scored.click_on(name)
    scored.key(Qt.Key.Key_2)
    scored.qtbot.waitUntil(lambda: not scored.images.is_changed(scored.images.line_of(name) or 0))


def test_a_changed_image_is_left_to_be_looked_at_until_it_is_decided_anew(scored: Hands, folder: Path) -> None:
    names = scored.names()
    scored.key(Qt.Key.Key_A, CTRL)
    scored.key(Qt.Key.Key_2)
    scored.wait_for(names[-1], Decision.ROUTINE)
    changed = names[4]
    replace(folder / changed)
    look_again(scored)
    scored.window.messages.clear()
    scored.wait_for_words("1 left  ·  1 changed since decided")
    line = scored.images.line_of(changed)
    scored.images.set_filter(Filter(decisions=frozenset({Decision.UNDECIDED})))
    scored.wait_for_words("Changed since decided, and to be looked at again: 1 image.")
    scored.images.set_filter(Filter())
    scored.click_on(scored.names()[0])
    if line != 0:
        scored.key(Qt.Key.Key_J)
    assert scored.current() == changed
    scored.key(Qt.Key.Key_1)
    scored.qtbot.waitUntil(lambda: any(said.startswith("Done: ") for said in scored.messages()))


def test_of_several_images_the_replaced_ones_are_not_counted_as_decided(scored: Hands, folder: Path) -> None:
    names = scored.names()
    scored.key(Qt.Key.Key_A, CTRL)
    replace(folder / names[3])
    scored.key(Qt.Key.Key_1)
    scored.wait_for(names[0], Decision.EXPERT)
    scored.qtbot.waitUntil(lambda: scored.review._listing is None)
    scored.wait_until_scored()
    assert scored.decision(names[3]) is Decision.UNDECIDED
    assert not any(said.startswith("Done: ") for said in scored.messages())
    assert scored.actions.undo.text().replace("&", "") == f"Undo: Expert review for {IMAGES - 1} images"
    scored.key(Qt.Key.Key_Z, CTRL)
    scored.wait_for_words(f"Taken back: Expert review for {IMAGES - 1} images.")


def test_a_file_that_only_got_another_time_is_the_same(scored: Hands, folder: Path) -> None:
    name = scored.names()[0]
    scored.click_on(name)
    scored.key(Qt.Key.Key_1)
    scored.wait_for(name, Decision.EXPERT)
    replace(folder / name, same_content=True)
    look_again(scored)
    assert scored.review.images.catalogue is not None
    assert not scored.review.images.catalogue.changed.any()
    scored.key(Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    scored.wait_for(name, Decision.UNDECIDED)


def test_nothing_is_decided_about_a_file_that_is_another_one(scored: Hands, folder: Path) -> None:
    name = scored.names()[0]
    before = scored.images.disagreement(0)
    scored.click_on(name)
    replace(folder / name)
    scored.key(Qt.Key.Key_1)
    scored.qtbot.waitUntil(lambda: scored.messages() != [])
    assert scored.messages() == [
        f"{name} is another file by now than the one that was shown: nothing was decided about it."
    ]
    scored.qtbot.waitUntil(lambda: scored.review._listing is None)
    scored.wait_until_scored()
    assert scored.decision(name) is Decision.UNDECIDED
    line = scored.images.line_of(name)
    assert line is not None and scored.images.disagreement(line) != before  # it was looked at again
    scored.key(Qt.Key.Key_1)
    scored.wait_for(name, Decision.EXPERT)
    assert scored.messages() == []  # it is decided now


def test_the_mark_is_there_at_the_next_start(make: Make, folder: Path) -> None:
    first = make(folder)
    first.wait_until_scored()
    name = first.names()[3]
    first.click_on(name)
    first.key(Qt.Key.Key_1)
    first.wait_for(name, Decision.EXPERT)
    first.close()
    replace(folder / name)
    second = make(folder)
    second.wait_until_scored()
    line = second.images.line_of(name)
    assert line is not None and second.images.is_changed(line)


def test_a_replaced_file_stays_where_it_was_until_it_is_scored_again(scored: Hands, folder: Path) -> None:
    names = scored.names()
    listed: list[list[str]] = []
    scored.review.listed.connect(lambda _: listed.append(scored.names()))
    replace(folder / names[1])
    look_again(scored)
    assert listed == [names]
    line = scored.images.line_of(names[1])
    assert line is not None and scored.images.disagreement(line) is not None
