from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QMimeData, QPoint, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDropEvent
from PySide6.QtWidgets import QApplication, QFileDialog, QListWidget, QPushButton, QTextBrowser
from pytestqt.qtbot import QtBot

from annotriage.desktop.background import wait_for_jobs
from annotriage.desktop.dialogs.model_card import card_html
from annotriage.desktop.dialogs.models_dialog import ModelsDialog
from annotriage.desktop.widgets.question_bar import QuestionBar
from annotriage.model_file import ModelLibrary
from tests.desktop.finding import find
from tests.tiny_models import tiny_card, ways_with_metrics, write_tiny_model


@pytest.fixture
def library(own_home: Path) -> ModelLibrary:
    """Return a library with a model of the user's and a file that is none."""
    folder = own_home / "models"
    folder.mkdir()
    write_tiny_model(folder / "first.onnx", name="first", title="My first model")
    (folder / "broken.onnx").write_bytes(b"PK\x03\x04 not a model")
    return ModelLibrary()


@pytest.fixture
def dialog(library: ModelLibrary, qtbot: QtBot) -> Iterator[ModelsDialog]:
    dialog = ModelsDialog("bundled")
    qtbot.addWidget(dialog)
    dialog.show()
    settle(dialog, qtbot)
    yield dialog
    assert wait_for_jobs(10)


def settle(dialog: ModelsDialog, qtbot: QtBot) -> None:
    qtbot.waitUntil(lambda: find(dialog, "waiting").isHidden() and bool(names(dialog)))


def names(dialog: ModelsDialog) -> list[str]:
    rows = dialog.findChild(QListWidget)
    return [rows.item(line).text().split("\n")[0] for line in range(rows.count())]


def line_text(dialog: ModelsDialog, name: str) -> str:
    rows = dialog.findChild(QListWidget)
    return str(rows.item(names(dialog).index(name)).text())


def select(dialog: ModelsDialog, name: str) -> None:
    dialog.findChild(QListWidget).setCurrentRow(names(dialog).index(name))


def button(dialog: ModelsDialog, text: str) -> QPushButton:
    return next(each for each in dialog.findChildren(QPushButton) if each.text().replace("&", "") == text)


def card(dialog: ModelsDialog) -> str:
    return str(dialog.findChild(QTextBrowser).toPlainText())


def said(dialog: ModelsDialog) -> str:
    return dialog.findChild(QuestionBar).text()


def test_models_are_listed_with_what_they_are(dialog: ModelsDialog) -> None:
    assert names(dialog) == ["bundled", "broken", "first"]
    assert "the default, in use here" in line_text(dialog, "bundled")
    assert "cannot be used" in line_text(dialog, "broken")
    assert "your own" in line_text(dialog, "first")


def test_a_card_shows_errors_beside_the_baselines(dialog: ModelsDialog) -> None:
    select(dialog, "first")
    words = card(dialog)
    assert "My first model" in words
    assert "off by 0.080 on average" in words
    assert "0.080 ± 0.060" in words
    assert "always the median: 0.150" in words
    assert "always the mean: 0.050" in words
    assert "Spearman's rank correlation" in words
    assert "not known" in words  # the tiny model's Spearman
    for text in ("10 images with a label", "BSD-3-Clause", "Knows nothing.", "Tests.", "2026-01-01", "coverage"):
        if text != "coverage":
            assert text in words


def test_a_card_without_measurements_says_so() -> None:
    page = card_html(tiny_card(metrics=None), bundled=False)
    assert "Its errors were not measured." in page


def test_a_card_shows_errors_by_way_of_drawing_beside_those_of_all_together() -> None:
    page = card_html(tiny_card(ways=ways_with_metrics()), bundled=False)
    assert page.index("Mean absolute error") < page.index("mixed or unknown") < page.index("by hand")
    row = page[page.index("<td>by hand</td>") :].split("</tr>")[0]
    for figure in ("87", "0.88", "0.054", "0.063", "0.50", "91 %", "75 % of 4"):
        assert f"<td align='right'>{figure}</td>" in row
    assert "not measured" in page[page.index("<td>by hand and flood fill</td>") :]
    assert "by hand and flood fill: Rests on &lt;few&gt; pairs." in page
    assert "by the way in which" not in card_html(tiny_card(), bundled=False)


def test_what_a_card_says_is_text_never_markup() -> None:
    page = card_html(tiny_card(title="<b>bold</b>", description="<img src=x>", licence="<i>"), bundled=False)
    assert "<img" not in page
    assert "&lt;img src=x&gt;" in page


def test_a_bad_file_shows_its_problem_and_can_only_be_removed(dialog: ModelsDialog) -> None:
    select(dialog, "broken")
    assert "zip archive" in card(dialog)
    assert not button(dialog, "Use for this folder").isEnabled()
    assert not button(dialog, "Make it the default").isEnabled()
    assert button(dialog, "Remove").isEnabled()


def test_the_bundled_model_cannot_be_removed(dialog: ModelsDialog) -> None:
    select(dialog, "bundled")
    assert not button(dialog, "Remove").isEnabled()


def test_a_model_is_chosen_for_the_folder(dialog: ModelsDialog, qtbot: QtBot) -> None:
    assert not button(dialog, "Use for this folder").isEnabled()  # it is in use already
    select(dialog, "first")
    with qtbot.waitSignal(dialog.model_chosen) as chosen:
        button(dialog, "Use for this folder").click()
    assert chosen.args == ["first"]
    assert "in use here" in line_text(dialog, "first")
    assert "in use here" not in line_text(dialog, "bundled")


def test_without_a_folder_there_is_nothing_to_choose_for(library: ModelLibrary, qtbot: QtBot) -> None:
    dialog = ModelsDialog()
    qtbot.addWidget(dialog)
    dialog.show()
    settle(dialog, qtbot)
    assert not button(dialog, "Use for this folder").isVisible()


def test_another_model_becomes_the_default(dialog: ModelsDialog, qtbot: QtBot, library: ModelLibrary) -> None:
    select(dialog, "first")
    with qtbot.waitSignal(dialog.library_changed):
        button(dialog, "Make it the default").click()
    settle(dialog, qtbot)
    assert "the default" in line_text(dialog, "first")
    assert library.default().card.name == "first"
    assert not button(dialog, "Make it the default").isEnabled()


@pytest.mark.slow
def test_a_model_is_imported_and_selected(
    dialog: ModelsDialog, qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = write_tiny_model(tmp_path / "x.onnx", name="second", title="My second model")
    monkeypatch.setattr(QFileDialog, "getOpenFileName", lambda *_: (str(file), ""))
    with qtbot.waitSignal(dialog.library_changed):
        button(dialog, "Import a model…").click()
    settle(dialog, qtbot)
    assert names(dialog) == ["bundled", "broken", "first", "second"]
    assert "My second model" in card(dialog)
    assert "second was imported" in said(dialog)


@pytest.mark.slow
def test_a_model_is_imported_by_dropping_it(dialog: ModelsDialog, qtbot: QtBot, tmp_path: Path) -> None:
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(write_tiny_model(tmp_path / "x.onnx", name="second")))])
    how = (Qt.DropAction.CopyAction, data, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier)
    over = QDragEnterEvent(QPoint(9, 9), *how)
    QApplication.sendEvent(dialog, over)
    assert over.isAccepted()
    with qtbot.waitSignal(dialog.library_changed):
        QApplication.sendEvent(dialog, QDropEvent(QPoint(9, 9), *how))
    settle(dialog, qtbot)
    assert "second" in names(dialog)


def test_what_is_no_model_is_refused_in_words(dialog: ModelsDialog, qtbot: QtBot, tmp_path: Path) -> None:
    (tmp_path / "photo.onnx").write_bytes(b"\xff\xd8\xff\xe0 a JPEG")
    dialog.import_file(tmp_path / "photo.onnx")
    qtbot.waitUntil(lambda: "JPEG image, not a model file" in said(dialog))
    dialog.import_file(tmp_path / "gone.onnx")
    qtbot.waitUntil(lambda: "gone.onnx" in said(dialog))
    assert button(dialog, "Import a model…").isEnabled()


@pytest.mark.slow
@pytest.mark.parametrize("replace", [True, False])
def test_a_name_that_is_taken_is_asked_about(
    dialog: ModelsDialog, qtbot: QtBot, tmp_path: Path, library: ModelLibrary, replace: bool
) -> None:
    dialog.import_file(write_tiny_model(tmp_path / "x.onnx", name="first", title="Another of this name"))
    qtbot.waitUntil(lambda: "another model called first" in said(dialog))
    keep = button(dialog, "Keep it")
    assert dialog.focusWidget() is keep  # the safe answer
    if replace:
        with qtbot.waitSignal(dialog.library_changed):
            button(dialog, "Replace it").click()
        settle(dialog, qtbot)
    else:
        keep.click()
        assert said(dialog) == ""
    title = "Another of this name" if replace else "My first model"
    assert library.find("first").card.title == title


@pytest.mark.slow
def test_the_same_file_again_is_not_asked_about(dialog: ModelsDialog, qtbot: QtBot, library: ModelLibrary) -> None:
    with qtbot.waitSignal(dialog.library_changed):
        dialog.import_file(library.folder / "first.onnx")
    settle(dialog, qtbot)
    assert "first was imported" in said(dialog)


def test_removal_is_asked_about_with_the_safe_answer_first(
    dialog: ModelsDialog, qtbot: QtBot, library: ModelLibrary
) -> None:
    select(dialog, "first")
    button(dialog, "Remove").click()
    assert "Delete the model first?" in said(dialog)
    assert dialog.focusWidget() is button(dialog, "Keep it")
    button(dialog, "Keep it").click()
    assert (library.folder / "first.onnx").exists()
    button(dialog, "Remove").click()
    with qtbot.waitSignal(dialog.library_changed):
        button(dialog, "Delete it").click()
    settle(dialog, qtbot)
    assert names(dialog) == ["bundled", "broken"]
    assert not (library.folder / "first.onnx").exists()


def test_a_model_that_is_gone_by_then_is_an_error_in_words(
    dialog: ModelsDialog, qtbot: QtBot, library: ModelLibrary
) -> None:
    select(dialog, "first")
    (library.folder / "first.onnx").unlink()
    button(dialog, "Make it the default").click()
    qtbot.waitUntil(lambda: "There is no model called first" in said(dialog))


def test_closing_while_it_reads_is_harmless(library: ModelLibrary, qtbot: QtBot) -> None:
    dialog = ModelsDialog()
    dialog.close()
    dialog.deleteLater()
    del dialog
    QApplication.processEvents()
    assert wait_for_jobs(10)
    QApplication.processEvents()


@pytest.mark.slow
def test_files_that_come_while_it_is_busy_are_imported_one_after_the_other(
    library: ModelLibrary, qtbot: QtBot, tmp_path: Path
) -> None:
    dialog = ModelsDialog("bundled")
    qtbot.addWidget(dialog)
    for name in ("second", "third"):  # while it still reads the library
        dialog.import_file(write_tiny_model(tmp_path / f"{name}.onnx", name=name))
    qtbot.waitUntil(lambda: {"second", "third"} <= set(names(dialog)))
    settle(dialog, qtbot)
    assert {"second", "third"} <= {entry.name for entry in library.list()}
