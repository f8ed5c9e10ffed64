"""Names that look like markup, and hold what buttons and menus take for a sign, are shown just as they are."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QAbstractButton, QApplication, QGroupBox, QLabel, QTabBar, QWidget
from pytestqt.qtbot import QtBot

import annotriage.desktop
from annotriage.desktop.agreement.dialog import AgreementDialog
from annotriage.desktop.background import wait_for_jobs
from annotriage.desktop.dialogs.import_dialog import ImportDialog
from annotriage.desktop.dialogs.models_dialog import ModelsDialog
from annotriage.desktop.navigator import Navigator
from annotriage.desktop.settings import RecentFolder, Settings
from annotriage.desktop.statistics.panel import StatisticsDialog
from annotriage.desktop.training.data.labels_page import LabelsPage
from annotriage.desktop.widgets.plain_texts import PlainTexts
from annotriage.desktop.window.menus import RecentMenu
from annotriage.model_file import ModelLibrary
from annotriage.trainings.plan import TrainingPlan
from tests.agreement.masks import disc, write_mask
from tests.comparison.made_runs import write_grid
from tests.desktop.finding import find
from tests.desktop.window.conftest import Make
from tests.pictures import write_pictures
from tests.tiny_models import write_tiny_model

RICH = "<img src='x.png'><b>R&D<!--"
"""What a rich label would make a picture and bold letters of, and a button an underlined letter."""


@pytest.fixture(autouse=True)
def plain(qapp: QApplication) -> Iterator[None]:
    watch = PlainTexts(qapp)
    yield
    qapp.removeEventFilter(watch)
    watch.deleteLater()


def taken_for_markup(top: QWidget) -> list[str]:
    """Return what of a window's texts would not be shown as it stands."""
    said = []
    for label in [widget for widget in [top, *top.findChildren(QLabel)] if isinstance(widget, QLabel)]:
        QApplication.sendEvent(label, QEvent(QEvent.Type.Polish))  # as when it is shown
        if "R&D" in label.text() and label.textFormat() != Qt.TextFormat.PlainText:
            said.append(f"label {label.text()!r}")
    texts = [("button", button.text()) for button in top.findChildren(QAbstractButton)]
    texts += [("action", action.text()) for action in top.findChildren(QAction)]
    texts += [("group", box.title()) for box in top.findChildren(QGroupBox)]
    texts += [("tab", bar.tabText(tab)) for bar in top.findChildren(QTabBar) for tab in range(bar.count())]
    return said + [f"{what} {text!r}" for what, text in texts if "R&D" in text]


def test_the_walk_finds_what_it_looks_for(qtbot: QtBot) -> None:
    top = QWidget()
    qtbot.addWidget(top)
    QLabel(RICH, top, textFormat=Qt.TextFormat.RichText)
    QGroupBox(RICH, top)
    top.addAction(RICH)
    assert [text.split()[0] for text in taken_for_markup(top)] == ["label", "action", "group"]


@pytest.fixture
def images(tmp_path: Path) -> Path:
    """Return a folder of three images and a broken one, all with such names."""
    write_pictures(tmp_path / RICH, 3)
    for number, image in enumerate(sorted((tmp_path / RICH).iterdir())):
        image.rename(image.with_name(f"{RICH}{number}.jpg"))
    (tmp_path / RICH / f"{RICH} broken.jpg").write_bytes(b"\xff\xd8\xff nothing")
    return tmp_path / RICH


@pytest.mark.slow
def test_the_window_takes_no_name_for_markup(
    make: Make, images: Path, tmp_path: Path, home: Path, qtbot: QtBot
) -> None:
    library = ModelLibrary(home)
    library.import_model(write_tiny_model(tmp_path / "rich.onnx", name="rich", title=RICH, description=RICH))
    hands = make(images, model="rich")
    hands.wait_until_scored()
    hands.window.messages.show_message(f"{RICH} was told")
    assert hands.window.windowTitle() and taken_for_markup(hands.window) == []
    dialog = ImportDialog(hands.images, hands.window)
    table = tmp_path / f"{RICH}.csv"
    table.write_text(f"image,decision,{RICH}\n{RICH}0.jpg,expert,x\n{RICH}9.jpg,expert,y\n", encoding="utf-8")
    dialog.open_list(table)
    qtbot.waitUntil(dialog._apply.isEnabled)
    assert taken_for_markup(dialog) == []
    models = ModelsDialog("rich")
    qtbot.addWidget(models)
    qtbot.waitUntil(lambda: find(models, "waiting").isHidden())
    assert taken_for_markup(models) == []
    recent = RecentMenu(lambda: [RecentFolder(images)], lambda _: None)
    qtbot.addWidget(recent)
    recent.aboutToShow.emit()
    (text,) = [action.text() for action in recent.actions()]
    assert text.endswith(RICH.replace("&", "&&")), "the path before it may be shortened"


def test_the_window_of_agreement_takes_no_name_for_markup(tmp_path: Path, qtbot: QtBot) -> None:
    for annotator in ("alice", f"{RICH}bob"):
        for image in ("a", f"{RICH}b"):
            write_mask(tmp_path / RICH / annotator / f"{image}.png", disc())
    dialog = AgreementDialog(None)
    qtbot.addWidget(dialog)
    dialog.choose([tmp_path / RICH])
    qtbot.waitUntil(lambda: find(dialog.masks, "summary", QLabel).text() not in ("", "Looking…"))
    assert taken_for_markup(dialog) == []
    dialog.close()
    assert wait_for_jobs(10)


def test_the_page_of_labels_takes_no_name_for_markup(images: Path, tmp_path: Path, qtbot: QtBot) -> None:
    table = tmp_path / f"{RICH}.csv"
    lines = [f"image,dice_mean,{RICH}", *(f"{RICH}{number}.jpg,0.{number + 5},x" for number in range(9))]
    table.write_text("\n".join(lines), encoding="utf-8")
    page = LabelsPage(TrainingPlan(images=images, labels=table))
    qtbot.addWidget(page)
    qtbot.waitUntil(lambda: page._job is None)
    assert taken_for_markup(page) == []
    page.shut_down()


@pytest.mark.slow
def test_the_panel_of_statistics_takes_no_name_for_markup(tmp_path: Path, qtbot: QtBot) -> None:
    write_grid(tmp_path / RICH, {f"{RICH}1": 0.05, "other": 0.2}, runs=3, images=40, test=12)
    dialog = StatisticsDialog(Settings(), Navigator())
    qtbot.addWidget(dialog)
    dialog.show_runs([tmp_path / RICH])
    qtbot.waitUntil(lambda: dialog.evidence is not None and not dialog.comparing)
    for place in range(dialog.tabs.count()):
        dialog.tabs.setCurrentIndex(place)
        QApplication.processEvents()
        assert taken_for_markup(dialog) == []
    dialog.close()
    assert wait_for_jobs(10)


@pytest.mark.slow
def test_only_a_few_places_show_markup() -> None:
    """Who sets rich text escapes all that is not the program's own: each such place is looked at by a person."""
    looked_at = {"dialogs/about.py", "dialogs/models_dialog.py", "training/result/model_actions.py"}
    root = Path(annotriage.desktop.__file__).parent
    found = set()
    for path in root.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Attribute) and node.attr in (
                "setHtml", "insertHtml", "appendHtml", "setMarkdown", "RichText", "MarkdownText", "setAutoFormatting",
            ):  # fmt: skip
                found.add(path.relative_to(root).as_posix())
            if isinstance(node, ast.keyword) and node.arg == "html":  # pyqtgraph's
                found.add(path.relative_to(root).as_posix())
    assert found == looked_at
