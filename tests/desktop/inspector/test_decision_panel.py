from collections.abc import Iterator

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import QLineEdit, QMainWindow

from annotriage.desktop.inspector.decision_button import DecisionButton, Made
from annotriage.desktop.inspector.decision_panel import DecisionPanel
from annotriage.desktop.inspector.editors import AssigneeBox, NoteEdit
from annotriage.desktop.widgets.one_line import OneLineLabel
from annotriage.triage.decisions import Decision, Review
from tests.desktop.finding import find

ONE = {"a.jpg": Review(Decision.EXPERT, "Kim", "scar")}
OTHER = {"b.jpg": Review(Decision.UNDECIDED, "", "")}
SEVERAL = {
    "a.jpg": Review(Decision.EXPERT, "Kim", "scar"),
    "b.jpg": Review(Decision.ROUTINE, "Kim", "hair"),
    "c.jpg": Review(Decision.ROUTINE, "Kim", ""),
}
KEYS = ["1", "2", "3", "U", "N", "H", "B", "F", "0", "+", "-", "Space", "Return", "Enter", "Esc", "Left", "Down"]


def note_field(panel: DecisionPanel) -> NoteEdit:
    return find(panel, "note", NoteEdit)


def assignee_field(panel: DecisionPanel) -> AssigneeBox:
    return find(panel, "assignee", AssigneeBox)


@pytest.fixture
def panel(qtbot) -> DecisionPanel:
    panel = DecisionPanel()
    qtbot.addWidget(panel)
    panel.show()
    return panel


@pytest.fixture
def fired(qtbot, panel) -> Iterator[list[str]]:
    """Put the panel into a window whose shortcuts are the window's; return those that fired."""
    window, fired = QMainWindow(), []
    qtbot.addWidget(window)
    window.setCentralWidget(panel)
    for key in KEYS:
        action = QAction(key, window)
        action.setShortcut(QKeySequence(key))
        action.triggered.connect(lambda _=False, key=key: fired.append(key))
        window.addAction(action)
    window.show()
    window.activateWindow()
    qtbot.waitUntil(window.isActiveWindow)
    yield fired
    window.close()


def _made(panel: DecisionPanel) -> dict[Decision, Made]:
    return {button.decision: button.made for button in panel.findChildren(DecisionButton)}


def test_the_decision_is_shown_and_not_by_colour_alone(panel):
    panel.set_reviews(ONE)
    assert _made(panel)[Decision.EXPERT] is Made.ALL
    assert [decision for decision, made in _made(panel).items() if made is not Made.NONE] == [Decision.EXPERT]
    button = next(b for b in panel.findChildren(DecisionButton) if b.decision is Decision.EXPERT)
    assert button.isChecked()
    assert button.accessibleName() == "Expert review, key 1"


def test_a_click_decides_but_the_window_says_what_holds(qtbot, panel):
    panel.set_reviews(OTHER)
    button = next(b for b in panel.findChildren(DecisionButton) if b.decision is Decision.ROUTINE)
    with qtbot.waitSignal(panel.decided) as decided:
        qtbot.mouseClick(button, Qt.MouseButton.LeftButton)
    assert decided.args == [Decision.ROUTINE]
    assert not button.isChecked()
    panel.set_reviews({"b.jpg": Review(Decision.ROUTINE)})
    assert button.isChecked()
    with qtbot.waitSignal(panel.decided):  # again is harmless, and does not uncheck
        qtbot.mouseClick(button, Qt.MouseButton.LeftButton)
    assert button.isChecked()


def test_several_images_show_how_many_and_what_is_mixed(panel):
    panel.set_reviews(SEVERAL)
    assert (
        find(panel, "title", OneLineLabel).text() == "3 images selected"
        and find(panel, "title", OneLineLabel).isVisible()
    )
    made = _made(panel)
    names = [button.accessibleName() for button in panel.findChildren(DecisionButton)]
    assert names[0] == "Expert review for 3 images, key 1, some of the images"
    assert (made[Decision.EXPERT], made[Decision.ROUTINE]) == (Made.SOME, Made.SOME)
    assert made[Decision.EXCLUDE] is Made.NONE
    assert assignee_field(panel).currentText() == "Kim"
    assert note_field(panel).toPlainText() == ""
    assert "replaces them all" in note_field(panel).placeholderText()
    panel.set_reviews(ONE)
    assert not find(panel, "title", OneLineLabel).isVisible()
    assert note_field(panel).placeholderText() == ""


def test_leaving_several_images_untouched_changes_nothing(qtbot, panel):
    panel.set_reviews(SEVERAL)
    with qtbot.assertNotEmitted(panel.fields.note_changed), qtbot.assertNotEmitted(panel.fields.assignee_changed):
        panel.fields.focus_note()
        panel.fields.focus_assignee()
        panel.set_reviews(ONE)


def test_ctrl_enter_keeps_a_note_of_several_lines(qtbot, panel):
    panel.set_reviews(OTHER)
    panel.fields.focus_note()
    qtbot.keyClicks(note_field(panel), "two")
    qtbot.keyClick(note_field(panel), Qt.Key.Key_Return)
    qtbot.keyClicks(note_field(panel), "lines")
    with qtbot.waitSignals([panel.fields.note_changed, panel.fields.editing_left]):
        qtbot.keyClick(note_field(panel), Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
    assert note_field(panel).toPlainText() == "two\nlines"
    with qtbot.assertNotEmitted(panel.fields.note_changed):
        panel.fields.keep_edits()


def test_leaving_the_note_keeps_it(qtbot, panel, fired):
    panel.set_reviews(OTHER)
    panel.fields.focus_note()
    qtbot.keyClicks(note_field(panel), "hair")
    with qtbot.waitSignal(panel.fields.note_changed) as kept:
        panel.fields.focus_assignee()
    assert kept.args == ["hair"]


def test_a_note_is_gone_on_with_and_several_different_ones_are_replaced(qtbot, panel):
    panel.set_reviews(ONE)
    panel.fields.focus_note()
    assert not note_field(panel).textCursor().hasSelection()
    qtbot.keyClicks(note_field(panel), ", hair")
    with qtbot.waitSignal(panel.fields.note_changed) as kept:
        panel.fields.keep_edits()
    assert kept.args == ["scar, hair"]
    panel.set_reviews(SEVERAL)
    panel.fields.focus_note()
    qtbot.keyClicks(note_field(panel), "ruler")
    with qtbot.waitSignal(panel.fields.note_changed) as kept:
        panel.fields.keep_edits()
    assert kept.args == ["ruler"]


def test_esc_keeps_what_was_typed(qtbot, panel):
    panel.set_reviews(ONE)
    panel.fields.focus_note()
    qtbot.keyClicks(note_field(panel), "something else")
    with qtbot.waitSignal(panel.fields.editing_left), qtbot.waitSignal(panel.fields.note_changed) as note:
        qtbot.keyClick(note_field(panel), Qt.Key.Key_Escape)
    assert note.args == ["scarsomething else"]
    panel.fields.focus_assignee()
    qtbot.keyClick(assignee_field(panel), Qt.Key.Key_End)
    qtbot.keyClicks(assignee_field(panel), " or somebody")
    with qtbot.waitSignal(panel.fields.editing_left), qtbot.waitSignal(panel.fields.assignee_changed) as assignee:
        qtbot.keyClick(assignee_field(panel), Qt.Key.Key_Escape)
    assert assignee.args == ["Kim or somebody"]


def test_a_new_name_is_kept_by_enter_and_known_ones_are_offered(qtbot, panel):
    panel.set_reviews(OTHER)
    panel.fields.set_assignees(["Kim", "Meyer"])
    box = assignee_field(panel)
    assert [box.itemText(place) for place in range(box.count())] == ["Kim", "Meyer"]
    assert assignee_field(panel).currentText() == ""
    panel.fields.focus_assignee()
    qtbot.keyClicks(assignee_field(panel), "Novak ")
    panel.fields.set_assignees(["Kim", "Meyer", "Zhou"])  # what is being typed stays
    with qtbot.waitSignal(panel.fields.assignee_changed) as kept:
        qtbot.keyClick(assignee_field(panel), Qt.Key.Key_Return)
    assert kept.args == ["Novak"]
    with qtbot.waitSignal(panel.fields.assignee_changed) as kept:
        assignee_field(panel).setCurrentIndex(1)
        assignee_field(panel).activated.emit(1)
    assert kept.args == ["Meyer"]


def test_text_is_kept_for_the_images_it_was_written_for(qtbot, panel):
    panel.set_reviews(ONE)
    panel.fields.focus_note()
    qtbot.keyClicks(note_field(panel), "typed for a")
    kept = []
    panel.fields.note_changed.connect(lambda note: kept.append((panel.fields.names, note)))
    panel.set_reviews(OTHER)
    assert kept == [(("a.jpg",), "scartyped for a")]
    assert panel.fields.names == ("b.jpg",)
    assert note_field(panel).toPlainText() == ""


def test_a_decision_made_meanwhile_does_not_disturb_the_typing(qtbot, panel):
    panel.set_reviews(OTHER)
    panel.fields.focus_note()
    qtbot.keyClicks(note_field(panel), "half a no")
    with qtbot.assertNotEmitted(panel.fields.note_changed):
        panel.set_reviews({"b.jpg": Review(Decision.EXPERT, "", "")})
    assert note_field(panel).toPlainText() == "half a no"
    assert _made(panel)[Decision.EXPERT] is Made.ALL


def test_an_undone_note_is_shown(panel):
    panel.set_reviews(ONE)
    panel.set_reviews({"a.jpg": Review(Decision.EXPERT, "", "older")})
    assert (
        note_field(panel).toPlainText(),
        assignee_field(panel).currentText(),
    ) == ("older", "")


@pytest.mark.parametrize("field", ["note", "assignee"])
def test_while_one_types_no_key_is_a_shortcut(qtbot, panel, fired, field):
    panel.set_reviews(OTHER)
    (panel.fields.focus_note if field == "note" else panel.fields.focus_assignee)()
    widget = note_field(panel) if field == "note" else assignee_field(panel)
    qtbot.waitUntil(widget.hasFocus)
    qtbot.keyClicks(widget, "123unhbf0+- x")
    typed = note_field(panel).toPlainText() if field == "note" else assignee_field(panel).currentText()
    assert typed == "123unhbf0+- x"
    for key in (Qt.Key.Key_Left, Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Escape):
        qtbot.keyClick(widget, key)
    assert fired == []


def test_elsewhere_the_keys_are_shortcuts(qtbot, panel, fired):
    panel.set_reviews(OTHER)
    panel.window().setFocus()
    for key in ("1", "u"):
        qtbot.keyClick(panel.window(), key)
    assert fired == ["1", "U"]


def test_nothing_selected_cannot_be_decided(qtbot, panel):
    panel.set_reviews(ONE)
    panel.set_reviews({})
    assert not any(button.isEnabled() for button in panel.findChildren(DecisionButton))
    assert not note_field(panel).isEnabled() and not assignee_field(panel).isEnabled()


def test_fields_have_names_for_those_who_hear_them(panel):
    assert note_field(panel).accessibleName() == "Note"
    assert assignee_field(panel).accessibleName() == "Assignee"
    assert panel.findChild(QLineEdit) is not None
