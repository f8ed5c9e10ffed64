"""People compared, as the last step of the window shows it."""

import math
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtWidgets import QFileDialog, QLabel, QPushButton
from pytestqt.qtbot import QtBot

from annotriage.desktop.agreement.dialog import AgreementDialog
from annotriage.desktop.widgets.message_page import MessagePage
from annotriage.desktop.widgets.numbers_table import NumbersTable
from tests.agreement.masks import disc, write_mask
from tests.desktop.agreement.conftest import Make
from tests.desktop.agreement.steps import measured
from tests.desktop.finding import find

pytestmark = pytest.mark.slow
_PEOPLE = 3


@pytest.fixture
def team(tmp_path: Path) -> Path:
    """Masks of 12 images by three people, of whom Miranda draws larger."""
    chance = np.random.default_rng(0)
    for number in range(12):
        radius = float(chance.uniform(14, 20))
        for who, factor in (("Miranda", 1.25), ("Prospero", 1.0), ("Caliban", 1.0)):
            drawn = radius * math.sqrt(factor) * math.exp(chance.normal(0, 0.02))
            write_mask(tmp_path / "masks" / who / f"x{number}.png", disc(90, 120, row=45, column=60, radius=drawn))
    return tmp_path / "masks"


def compared(qtbot: QtBot, make: Make, masks: Path) -> AgreementDialog:
    """Open the window, measure, and go to the people."""
    dialog = measured(qtbot, make, masks)
    dialog.go(_PEOPLE)
    wait(qtbot, dialog)
    return dialog


def wait(qtbot: QtBot, dialog: AgreementDialog) -> None:
    """Wait until the people are shown."""
    qtbot.waitUntil(lambda: dialog.people.can_save and not dialog.people.blocks.building, timeout=60_000)


def said(dialog: AgreementDialog) -> str:
    """Return all that the document says on the screen."""
    labels = [label.text() for label in dialog.people.blocks.findChildren(QLabel)]
    tables = dialog.people.blocks.findChildren(NumbersTable)
    return "\n".join([*labels, *(str(table.accessibleName()) for table in tables)])


def test_the_document_is_shown_with_names_and_with_letters(qtbot: QtBot, make: Make, team: Path) -> None:
    dialog = compared(qtbot, make, team)
    assert "Miranda draws larger than the others" in said(dialog)
    assert "differences seen" in dialog.rail.words(_PEOPLE) or "1 difference seen" in dialog.rail.words(_PEOPLE)
    dialog.people.letters.click()
    wait(qtbot, dialog)
    assert "Letters stand for names." in said(dialog) and "Miranda" not in said(dialog)


def test_report_and_sheet_are_saved(
    qtbot: QtBot, make: Make, team: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    dialog = compared(qtbot, make, team)
    for name, press in (
        ("people.html", dialog.next.click),
        ("sheet.html", find(dialog.people, "sheet", QPushButton).click),
    ):
        answer = (str(tmp_path / name), "HTML, one file (*.html)")
        monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_, answer=answer, **__: answer)
        if name == "sheet.html":
            dialog.people.person.setCurrentText("Miranda")
        press()
        qtbot.waitUntil((tmp_path / name).is_file, timeout=60_000)
        qtbot.waitUntil(lambda: dialog.people.can_save)
    assert "Miranda draws larger" in (tmp_path / "people.html").read_text(encoding="utf-8")
    sheet = (tmp_path / "sheet.html").read_text(encoding="utf-8")
    assert "Larger than the others" in sheet and "Prospero" not in sheet


def test_too_few_images_are_said_and_fewer_may_be_asked_for(qtbot: QtBot, make: Make, study: Path) -> None:
    dialog = measured(qtbot, make, study)
    dialog.go(_PEOPLE)
    message = dialog.people.blocks.findChild(MessagePage)
    assert message is not None
    qtbot.waitUntil(lambda: "share 10 images" in words(dialog), timeout=60_000)
    assert "--min-images" not in words(dialog) and not dialog.next.isEnabled()
    dialog.people.least.setValue(3)
    wait(qtbot, dialog)
    assert "alice and bob" in said(dialog)


def words(dialog: AgreementDialog) -> str:
    return " ".join(label.text() for label in dialog.people.findChildren(QLabel))


def test_a_correction_outdates_the_people(qtbot: QtBot, make: Make, team: Path) -> None:
    dialog = compared(qtbot, make, team)
    dialog.matches.corrected.emit()
    assert not dialog.people.can_save and dialog.people.team is None and dialog.rail.words(_PEOPLE) == ""
