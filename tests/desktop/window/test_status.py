"""The line at the bottom, where there is not room for all of it."""

import pytest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from annotriage.desktop.widgets.one_line import OneLineLabel
from annotriage.desktop.window.status import StatusLine
from annotriage.triage.scoring_progress import Phase, Progress
from annotriage.triage.summary import Summary
from tests.desktop.finding import find

NEWS = "Exclude for 64 images; decided otherwise before: 17 images. Ctrl+Z takes it back."


@pytest.fixture
def status(qtbot: QtBot) -> StatusLine:
    line = StatusLine()
    qtbot.addWidget(line)
    line.resize(1008, line.height())
    line.show()
    line.set_progress(Progress(Phase.DONE, total=64, done=64))
    line.set_summary(Summary(total=64, scored=64, unreadable=0, experts=14, routine=6, excluded=0, changed=1, gone=1))
    QApplication.processEvents()
    return line


def test_news_is_read_whole_and_the_summary_comes_back(status: StatusLine) -> None:
    assert find(status, "summary", OneLineLabel).is_whole
    status.show_news(NEWS)
    QApplication.processEvents()
    assert find(status, "news", OneLineLabel).is_whole
    assert (
        find(status, "summary", OneLineLabel).width() >= find(status, "summary", OneLineLabel).minimumSizeHint().width()
    )
    assert "1 decided but no longer here" in find(status, "summary", OneLineLabel).toolTip()
    status._fade.timeout.emit()
    QApplication.processEvents()
    assert find(status, "summary", OneLineLabel).is_whole


def test_without_a_folder_nothing_can_be_taken_back(status: StatusLine) -> None:
    status.show_news(NEWS)
    status.set_summary(None)
    assert find(status, "news", OneLineLabel).text() == ""


def test_short_news_leaves_the_summary_whole(status: StatusLine) -> None:
    status.show_news("Taken back: Note.")
    QApplication.processEvents()
    assert find(status, "news", OneLineLabel).is_whole and find(status, "summary", OneLineLabel).is_whole
