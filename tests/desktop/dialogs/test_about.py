import shutil
from pathlib import Path

import pytest
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QLabel, QPushButton, QTableWidget, QTextBrowser
from pytestqt.qtbot import QtBot

import annotriage
from annotriage.desktop.crash.versions import parts
from annotriage.desktop.dialogs.about import AboutDialog
from annotriage.resources_folder import resources_folder


@pytest.fixture
def dialog(qtbot: QtBot) -> AboutDialog:
    dialog = AboutDialog()
    qtbot.addWidget(dialog)
    dialog.show()
    table = dialog.findChild(QTableWidget)
    qtbot.waitUntil(lambda: table.rowCount() > 3)
    return dialog


def test_it_says_what_the_program_is_and_is_not(dialog: AboutDialog) -> None:
    words = "\n".join(label.text() for label in dialog.findChildren(QLabel))
    assert annotriage.__version__ in words
    assert "never diagnoses" in words


def test_it_names_the_licences(dialog: AboutDialog) -> None:
    words = dialog.findChild(QTextBrowser).toPlainText()
    assert "BSD 3-Clause" in words
    assert "Lesser General Public License, version 3" in words
    assert "replace them" in words
    assert "CC BY-NC 4.0" in words  # of the bundled model


def test_every_part_stands_with_version_and_licence(dialog: AboutDialog) -> None:
    table = dialog.findChild(QTableWidget)
    rows = [[table.item(line, column).text() for column in range(3)] for line in range(table.rowCount())]
    assert all(all(row) for row in rows), rows
    names = {row[0].casefold() for row in rows}
    assert {"annotriage", "python", "qt", "numpy", "onnxruntime", "pillow", "sqlalchemy"} <= names


def test_all_versions_can_be_copied(dialog: AboutDialog) -> None:
    next(each for each in dialog.findChildren(QPushButton) if "Copy" in each.text()).click()
    copied = QGuiApplication.clipboard().text()
    assert f"Annotriage {annotriage.__version__}" in copied
    assert "numpy " in copied


def test_tools_for_developers_are_no_parts() -> None:
    assert not {"ruff", "mypy", "pytest"} & {part.name.casefold() for part in parts()}


def test_a_package_names_its_build_and_the_texts_of_all_licences(
    qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    resources = tmp_path / "resources"
    shutil.copytree(resources_folder(), resources, ignore=shutil.ignore_patterns("guide"))
    (resources / "THIRD-PARTY-NOTICES.txt").write_text("all of them")
    (resources / "build.json").write_text('{"edition": "light", "day": "2026-11-24", "commit": "abc1234"}')
    monkeypatch.setattr("annotriage.resources_folder.resources_folder", lambda: resources)
    dialog = AboutDialog()
    qtbot.addWidget(dialog)
    dialog.show()
    qtbot.waitUntil(lambda: "THIRD-PARTY-NOTICES.txt" in dialog.findChild(QTextBrowser).toHtml())
    words = "\n".join(label.text() for label in dialog.findChildren(QLabel))
    assert f"{annotriage.__version__} (light, built 2026-11-24 from abc1234)" in words
