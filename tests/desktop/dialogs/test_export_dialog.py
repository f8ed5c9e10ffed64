import csv
import json
import threading
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from PySide6.QtCore import QItemSelectionModel, Qt
from PySide6.QtWidgets import QAbstractButton, QComboBox, QLabel, QLineEdit, QPlainTextEdit, QPushButton, QSpinBox
from pytestqt.qtbot import QtBot

from annotriage.desktop.dialogs.export_dialog import ExportDialog
from annotriage.desktop.review.image_model import ImageModel
from annotriage.desktop.settings import Settings
from annotriage.errors import AnnotriageError
from annotriage.images import find_images
from annotriage.model_file import ModelCard
from annotriage.triage.catalogue import Catalogue, Filter
from annotriage.triage.decision_import import read_decisions
from annotriage.triage.decisions import Decision, FileStamp, Review
from annotriage.triage.exports.choice import choice_from, free_path
from annotriage.triage.exports.formats import FORMATS
from annotriage.triage.exports.order import ExportOrder, ExportResult, Which, Write, still_of
from tests.desktop.finding import find
from tests.pictures import write_pictures
from tests.tiny_models import tiny_card

Make = Callable[[], ExportDialog]


@pytest.fixture
def selection(image_model: ImageModel) -> QItemSelectionModel:
    return QItemSelectionModel(image_model)


@pytest.fixture
def make(qtbot: QtBot, image_model: ImageModel, selection: QItemSelectionModel, tmp_path: Path, qapp: object) -> Make:
    target = tmp_path / "exports"
    target.mkdir()
    settings = Settings()
    settings.last_export = target

    def make() -> ExportDialog:
        dialog = ExportDialog(image_model, selection, settings, card=tiny_card, maps_of=lambda image: None, cutoff=0.5)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose, False)
        qtbot.addWidget(dialog)
        dialog.show()
        return dialog

    return make


@pytest.fixture
def dialog(make: Make) -> ExportDialog:
    return make()


def choose(dialog: ExportDialog, kind: str | None = None, which: Which | None = None) -> None:
    if kind is not None:
        find(dialog, f"format-{kind}", QAbstractButton).click()
    if which is not None:
        button(dialog, which).click()


def button(dialog: ExportDialog, which: Which) -> QAbstractButton:
    return find(dialog, f"which-{which}", QAbstractButton)


def writes(monkeypatch: pytest.MonkeyPatch, write: Write) -> None:
    """Let a list be written in another way."""
    monkeypatch.setitem(FORMATS, "list", replace(FORMATS["list"], write=write))


def export(qtbot: QtBot, dialog: ExportDialog) -> str:
    with qtbot.waitSignal(dialog.finished_export) as signal:
        dialog.start.click()
    return str(signal.args[0])


def hint(dialog: ExportDialog) -> str:
    return dialog.hint.text()


def test_the_places_have_keys(dialog: ExportDialog) -> None:
    choose(dialog, "label-studio")
    buddies = [label.buddy() for label in dialog.findChildren(QLabel) if label.isVisible() and "&" in label.text()]
    assert len(buddies) == 2
    assert all(isinstance(buddy, QLineEdit) for buddy in buddies)


def test_a_list_of_all_images_is_written_where_it_says(qtbot: QtBot, dialog: ExportDialog, tmp_path: Path) -> None:
    assert dialog.start.text() == "Export the list of 12 images"
    assert export(qtbot, dialog) == "The list of 12 images is written."
    assert hint(dialog) == ""  # not that this file would be replaced
    with (tmp_path / "exports" / "images list.csv").open() as file:
        lines = list(csv.DictReader(file))
    assert [line["image"] for line in lines[:2]] == ["0.png", "1.png"]
    assert {(line["model"], line["cut_off"]) for line in lines} == {
        (f"{tiny_card().name} {tiny_card().version}", "0.50")
    }
    assert all(line["written"] == date.today().isoformat() for line in lines)
    assert read_decisions(tmp_path / "exports" / "images list.csv").problems == []  # it can be brought back as it is
    assert dialog.place_button.isVisible()


def test_a_list_is_written_where_the_model_cannot_be_opened_any_more(
    qtbot: QtBot, dialog: ExportDialog, tmp_path: Path
) -> None:
    def gone() -> ModelCard:
        raise AnnotriageError("The model file is gone.")

    dialog._card = gone
    assert export(qtbot, dialog) == "The list of 12 images is written."


@pytest.mark.parametrize(("place", "ending"), [(0, ".csv"), (1, ".xlsx"), (2, ".json")])
def test_the_kind_of_file_changes_the_ending(
    qtbot: QtBot, dialog: ExportDialog, tmp_path: Path, place: int, ending: str
) -> None:
    find(dialog.form.target, "line", QLineEdit).setText(str(tmp_path / "mine.csv"))
    dialog.form.target.chosen.emit()
    find(dialog, "list-ending", QComboBox).setCurrentIndex(place)
    export(qtbot, dialog)
    assert (tmp_path / f"mine{ending}").stat().st_size > 0


def test_it_can_be_of_the_shown_the_selected_or_the_experts_images(
    qtbot: QtBot, dialog: ExportDialog, image_model: ImageModel, selection: QItemSelectionModel, tmp_path: Path
) -> None:
    image_model.set_reviews({"5.png": Review(Decision.EXPERT)})
    image_model.set_filter(Filter(0.0, 0.4))
    for line in (3, 1):
        selection.select(image_model.index(line, 0), QItemSelectionModel.SelectionFlag.Select)
    qtbot.waitUntil(lambda: button(dialog, Which.EXPERTS).text() == "For e&xperts (1)")
    find(dialog, "list-ending", QComboBox).setCurrentIndex(2)
    names = {}
    for which in Which:
        choose(dialog, which=which)
        export(qtbot, dialog)
        path = dialog.form.target.path
        assert path is not None
        names[which] = [line["image"] for line in json.loads(path.read_text())]
    assert len(names[Which.ALL]) == 12
    assert names[Which.SHOWN] == [image_model.image(line).name for line in range(image_model.rowCount())]
    assert names[Which.SELECTED] == [image_model.image(line).name for line in (1, 3)]
    assert names[Which.EXPERTS] == ["5.png"]


@pytest.mark.slow
def test_what_there_is_none_of_cannot_be_chosen(
    qtbot: QtBot, dialog: ExportDialog, image_model: ImageModel, selection: QItemSelectionModel
) -> None:
    selected = button(dialog, Which.SELECTED)
    assert not selected.isEnabled()
    selection.select(image_model.index(0, 0), QItemSelectionModel.SelectionFlag.Select)
    qtbot.waitUntil(selected.isEnabled)
    selected.click()
    selection.clear()
    qtbot.waitUntil(lambda: not selected.isEnabled())
    assert dialog.form.choice().which is Which.ALL


def test_label_studio_gets_tasks_and_a_setup(qtbot: QtBot, dialog: ExportDialog, tmp_path: Path) -> None:
    assert not dialog.form.folders["label-studio", "root"].isVisible()
    choose(dialog, "label-studio")
    assert dialog.form.folders["label-studio", "root"].isVisible()
    assert "images tasks_labeling_config.xml" in export(qtbot, dialog)
    tasks = json.loads((tmp_path / "exports" / "images tasks.json").read_text())
    assert len(tasks) == 12 and tasks[0]["predictions"][0]["model_version"] == "Annotriage tiny 1.0"
    dialog.form.folders["label-studio", "root"].show_path(tmp_path / "elsewhere")
    assert "does not lie below" in export(qtbot, dialog)
    assert not dialog.place_button.isVisible()


@pytest.mark.parametrize("link", [False, True])
def test_images_are_copied_or_linked(qtbot: QtBot, dialog: ExportDialog, tmp_path: Path, link: bool) -> None:
    choose(dialog, "images")
    find(dialog, "images-link", QComboBox).setCurrentIndex(int(link))
    assert dialog.start.text() == ("Link 12 images" if link else "Copy 12 images")
    assert export(qtbot, dialog) == "Of this export the folder holds 12 images: 12 written now, 0 there before."
    first = tmp_path / "exports" / "images chosen" / "0.png"
    assert first.is_file() and first.is_symlink() == link


def test_problems_of_single_images_are_listed(qtbot: QtBot, dialog: ExportDialog, folder: Path, tmp_path: Path) -> None:
    (folder / "3.png").unlink()
    choose(dialog, "images")
    assert export(qtbot, dialog) == (
        "Of this export the folder holds 11 images: 11 written now, 0 there before. Problems: 1."
    )
    assert "3.png" in dialog.findChild(QPlainTextEdit).toPlainText()


def test_a_report_is_written(qtbot: QtBot, dialog: ExportDialog, tmp_path: Path) -> None:
    choose(dialog, "report")
    assert export(qtbot, dialog) == "The report is written."
    assert (tmp_path / "exports" / "images report.pdf").read_bytes().startswith(b"%PDF")


def test_a_folder_inside_the_open_one_is_refused(dialog: ExportDialog, folder: Path) -> None:
    choose(dialog, "images")
    dialog.form.target.show_path(folder / "copies")
    assert "outside of the open one" in hint(dialog)
    assert not dialog.start.isEnabled()


def test_paths_that_cannot_be_are_told_before(dialog: ExportDialog, tmp_path: Path) -> None:
    for text, words in (
        ("", "Choose where"),
        (str(tmp_path), "This is a folder"),
        (str(tmp_path / "list.doc"), "must end in .csv"),
        (str(tmp_path / "gone" / "list.csv"), "There is no folder"),
    ):
        find(dialog.form.target, "line", QLineEdit).setText(text)
        assert words in hint(dialog)
        assert not dialog.start.isEnabled()
    (tmp_path / "there.csv").touch()
    find(dialog.form.target, "line", QLineEdit).setText(str(tmp_path / "there.csv"))
    assert "will be replaced" in hint(dialog)
    assert dialog.start.isEnabled()


def test_what_becomes_of_a_folder_that_exists_is_told_before(
    qtbot: QtBot, dialog: ExportDialog, tmp_path: Path
) -> None:
    choose(dialog, "images")
    out = tmp_path / "handed on"
    for content, words in (
        (None, ""),
        ("", "What is in the folder stays as it is."),
        ("my own list\n", "and its list.csv, which is another one, too"),
    ):
        if content is not None:
            out.mkdir(exist_ok=True)
        if content:
            (out / "list.csv").write_text(content)
        find(dialog.form.target, "line", QLineEdit).setText(str(out))
        dialog.check()
        assert words in hint(dialog) and bool(words) == bool(hint(dialog))
    (out / "list.csv").unlink()
    export(qtbot, dialog)
    choose(dialog, "list")
    choose(dialog, "images")
    find(dialog.form.target, "line", QLineEdit).setText(str(out))
    dialog.check()
    assert "its list.csv gets new lines for these images" in hint(dialog)


def test_a_suggested_name_replaces_nothing(make: Make, tmp_path: Path) -> None:
    (tmp_path / "exports" / "images list.csv").touch()
    assert make().form.target.path == tmp_path / "exports" / "images list 2.csv"
    assert free_path(tmp_path / "new.csv") == tmp_path / "new.csv"


def test_another_folder_is_offered_its_own_name(
    qtbot: QtBot, dialog: ExportDialog, image_model: ImageModel, tmp_path: Path
) -> None:
    write_pictures(tmp_path / "second", 3)
    image_model.set_catalogue(None)
    image_model.set_catalogue(Catalogue(tmp_path / "second", find_images(tmp_path / "second")))
    assert dialog.form.target.path == tmp_path / "exports" / "second list.csv"
    assert dialog.form.folders["label-studio", "root"].path == tmp_path
    qtbot.waitUntil(lambda: dialog.start.text() == "Export the list of 3 images")


def test_the_last_choice_comes_back(qtbot: QtBot, dialog: ExportDialog, make: Make) -> None:
    choose(dialog, "report")
    find(dialog, "report-top", QSpinBox).setValue(7)
    export(qtbot, dialog)
    again = make()
    assert again.form.choice().kind == "report"
    assert again.form.choice().answers == {"top": 7}


def test_a_damaged_choice_is_as_at_the_first_time(own_home: Path, qapp: object) -> None:
    (own_home / "settings.ini").write_text('[work]\nexport="{\\"kind\\": \\"fax\\"}"\n')
    assert choice_from(Settings().last_choice).kind == "list"


@pytest.mark.parametrize(
    ("kind", "said"), [("images", "Copy 10 images"), ("label-studio", "Export tasks of 10 images")]
)
def test_images_that_cannot_be_read_are_not_promised(
    make: Make, image_model: ImageModel, catalogue: Catalogue, kind: str, said: str
) -> None:
    catalogue.problems.update({3: "It is cut off.", 7: "It is empty."})
    dialog = make()
    assert "2 images" not in hint(dialog)  # a list names them
    choose(dialog, kind, Which.ALL)
    assert dialog.start.text() == said
    assert "Left out, as they cannot be scored: 2 images." in hint(dialog)


def test_an_error_is_a_sentence(qtbot: QtBot, dialog: ExportDialog, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(order: ExportOrder, progress: object, stop: object) -> ExportResult:
        raise AnnotriageError("list.csv cannot be written (No space left on device).")

    writes(monkeypatch, full)
    assert "No space left" in export(qtbot, dialog)
    assert "No space left" in "\n".join(label.text() for label in dialog.findChildren(QLabel))
    assert dialog.start.isEnabled() and not dialog.running


def test_it_shows_progress_and_can_be_stopped(
    qtbot: QtBot, dialog: ExportDialog, monkeypatch: pytest.MonkeyPatch
) -> None:
    def slow(order: ExportOrder, progress: Callable[[int, int], None], stop: threading.Event) -> ExportResult:
        progress(3, 12)
        assert stop.wait(20)
        return ExportResult("Stopped: 3 images are in the folder.")

    writes(monkeypatch, slow)
    dialog.start.click()
    qtbot.waitUntil(lambda: dialog.told.text() == "3 of 12 images")
    assert dialog.bar.isVisible() and not dialog.start.isEnabled() and not dialog.form.isEnabled()
    stop = next(button for button in dialog.findChildren(QPushButton) if button.text() == "Stop")
    with qtbot.waitSignal(dialog.finished_export):
        stop.click()
    assert dialog.isVisible() and not dialog.bar.isVisible()
    assert dialog.close_button.text() == "Close"


def test_closing_stops_what_runs(qtbot: QtBot, dialog: ExportDialog, monkeypatch: pytest.MonkeyPatch) -> None:
    ended = threading.Event()

    def slow(order: ExportOrder, progress: Callable[[int, int], None], stop: threading.Event) -> ExportResult:
        assert stop.wait(20)
        ended.set()
        return ExportResult("Stopped")

    writes(monkeypatch, slow)
    dialog.start.click()
    with qtbot.assertNotEmitted(dialog.finished_export):
        qtbot.keyClick(dialog, Qt.Key.Key_Escape)
        dialog.stop()
        assert ended.wait(2)
    assert not dialog.isVisible()


def test_what_is_written_is_a_still(catalogue: Catalogue) -> None:
    still = still_of(catalogue)
    catalogue.set_reviews({"0.png": Review(Decision.EXPERT)})
    catalogue.forget_predictions()
    assert still.review_at(0) == Review()
    assert still.decision[0] == 0
    assert len(still.ranked()) == 12


def test_where_an_export_failed_is_no_place_for_the_next(qtbot: QtBot, make: Make, tmp_path: Path) -> None:
    before = Settings().last_export
    dialog = make()
    forbidden = tmp_path / "forbidden"
    forbidden.mkdir()
    dialog.form.target.show_path(forbidden / "list.csv")
    dialog.form.target.chosen.emit()
    (forbidden / "list.csv").mkdir()  # nothing can be written there
    dialog.check()
    dialog.start.setEnabled(True)
    assert "cannot be written" in export(qtbot, dialog)
    assert Settings().last_export == before
    dialog.form.target.show_path(tmp_path / "good.csv")
    dialog.check()
    export(qtbot, dialog)
    assert Settings().last_export == tmp_path


def test_what_came_out_is_said_no_more_when_something_else_is_chosen(qtbot: QtBot, dialog: ExportDialog) -> None:
    export(qtbot, dialog)
    assert "is written" in dialog.told.text() and dialog.told.isVisible()
    choose(dialog, "report")
    assert not dialog.told.isVisible() and not dialog.place_button.isVisible()


def test_decisions_about_files_that_changed_are_told_before(dialog: ExportDialog, image_model: ImageModel) -> None:
    assert "changed since" not in hint(dialog)
    image_model.set_reviews(
        {"0.png": Review(Decision.EXPERT, made_on=FileStamp(1, 1)), "1.png": Review(Decision.ROUTINE)}
    )
    dialog._count()
    assert "Decided about a file that changed since: 1 image." in hint(dialog)
