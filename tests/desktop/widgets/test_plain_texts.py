"""No name out of a file is taken for rich text."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QColor, QImage
from PySide6.QtWidgets import QApplication, QLabel, QMessageBox, QToolTip, QWidget
from pytestqt.qtbot import QtBot

from annotriage.desktop.widgets.plain_texts import PlainTexts


@pytest.fixture(autouse=True)
def plain(qapp: QApplication) -> Iterator[None]:
    watch = PlainTexts(qapp)
    yield
    qapp.removeEventFilter(watch)
    watch.deleteLater()


@pytest.fixture
def rich(tmp_path: Path) -> str:
    picture = QImage(300, 300, QImage.Format.Format_RGB32)
    picture.fill(QColor(200, 30, 30))
    picture.save(str(tmp_path / "x.png"))
    return f"<img src='file:{tmp_path}/x.png'>"


def shows_the_picture(widget: QWidget) -> bool:
    image = widget.grab().toImage()
    points = [(x, y) for x in range(0, image.width(), 4) for y in range(0, image.height(), 4)]
    return any(image.pixelColor(x, y) == QColor(200, 30, 30) for x, y in points)


def test_a_rich_label_would_show_the_picture(qtbot: QtBot, rich: str) -> None:
    label = QLabel(rich, textFormat=Qt.TextFormat.RichText)
    qtbot.addWidget(label)
    label.show()
    assert shows_the_picture(label)


def test_labels_and_messages_show_names_as_they_stand(qtbot: QtBot, rich: str) -> None:
    label = QLabel(rich)
    message = QMessageBox(QMessageBox.Icon.Warning, "", rich)
    for widget in (label, message):
        qtbot.addWidget(widget)
        widget.show()
        assert not shows_the_picture(widget)
    for inner in message.findChildren(QLabel):
        assert inner.textFormat() == Qt.TextFormat.PlainText or not inner.text()


def test_tool_tips_show_names_as_they_stand(qtbot: QtBot, rich: str) -> None:
    owner = QWidget()
    qtbot.addWidget(owner)
    owner.show()
    for text in (rich, rich + " again"):
        QToolTip.showText(QPoint(5, 5), text, owner)
        tips = [widget for widget in QApplication.topLevelWidgets() if widget.inherits("QTipLabel")]
        assert tips
        for tip in tips:
            assert isinstance(tip, QLabel) and tip.textFormat() == Qt.TextFormat.PlainText
            assert not shows_the_picture(tip)
    QToolTip.hideText()
