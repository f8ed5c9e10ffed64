"""The whole way in the window: sent to Label Studio, drawn by two, fetched, seen beside the predictions."""

from collections.abc import Iterator
from pathlib import Path

import keyring
import pytest
from PySide6.QtWidgets import QLabel, QLineEdit, QPushButton, QSpinBox

from annotriage.datasets.fetching import network
from annotriage.desktop.dialogs.outcome_dialog import OutcomeDialog
from annotriage.desktop.labelling.results_dialog import ResultsDialog
from annotriage.desktop.labelling.send_dialog import SendToStudioDialog
from annotriage.labelling.label_studio import client, tokens
from tests.desktop.conftest import IMAGES
from tests.desktop.finding import find
from tests.desktop.window.conftest import Make
from tests.desktop.window.hands import Hands
from tests.labelling.label_studio.fake_server import TOKEN, FakeLabelStudio
from tests.labelling.label_studio.test_client import Ring
from tests.labelling.label_studio.test_fetching import drawn, square, task_of

pytestmark = pytest.mark.slow


@pytest.fixture(autouse=True)
def ring(monkeypatch: pytest.MonkeyPatch) -> Iterator[Ring]:
    monkeypatch.delenv(tokens.VARIABLE, raising=False)
    monkeypatch.setattr(network, "BACKOFF", 0.001)
    monkeypatch.setattr(client, "LONGEST_WAIT", 0.05)
    before, ring = keyring.get_keyring(), Ring()
    keyring.set_keyring(ring)
    yield ring
    keyring.set_keyring(before)


@pytest.fixture
def server(folder: Path) -> Iterator[FakeLabelStudio]:
    with FakeLabelStudio(str(folder.parent)) as server:
        yield server


def send(hands: Hands, server: FakeLabelStudio) -> SendToStudioDialog:
    hands.menu("Folder", "Send to Label Studio").trigger()
    dialog = hands.dialog(SendToStudioDialog)
    hands.qtbot.waitUntil(lambda: dialog._asking is None)
    find(dialog, "address", QLineEdit).setText(server.url)
    find(dialog, "token", QLineEdit).setText(TOKEN)
    dialog.next.click()
    hands.qtbot.waitUntil(lambda: dialog.step == 1)
    dialog.next.click()
    find(dialog, "experts-first", QSpinBox).setValue(4)
    dialog.next.click()
    hands.qtbot.waitUntil(lambda: dialog.next.isVisible() and dialog.next.text() == f"&Send {IMAGES} images")
    dialog.next.click()
    hands.qtbot.waitUntil(lambda: dialog._sent is not None)
    return dialog


def draw(server: FakeLabelStudio, names: list[str], *, shift: int = 4) -> None:
    for name in names:
        server.draw(1, task_of(server, name), drawn(square(4, 4)), seconds=30)
        server.draw(2, task_of(server, name), drawn(square(4, 4 + shift)), seconds=20)


def test_from_the_ranking_to_what_came_of_it(scored: Hands, server: FakeLabelStudio) -> None:
    dialog = send(scored, server)
    assert "12 new tasks" in find(dialog, "told-sent", QLabel).text()
    first = scored.names()[:4]
    draw(server, first)
    find(dialog, "results", QPushButton).click()
    results = scored.dialog(ResultsDialog)
    scored.qtbot.waitUntil(lambda: results.outcome is not None)
    assert "4 images by several" in results.told.text()
    catalogue = scored.images.catalogue
    assert catalogue is not None
    scored.qtbot.waitUntil(lambda: catalogue.summary().measured == 4)
    line = scored.images.line_of(first[0])
    assert line is not None and scored.images.measured(line) == pytest.approx(0.8)
    # Everybody's contours come a moment later, and nothing is measured a second time.
    found: list[set[str]] = []
    scored.review.measuring.found.connect(lambda masks: found.append(set(masks)))
    with scored.qtbot.waitSignal(scored.review.measuring.finished) as finished:
        pass
    assert found == [set(first)] and finished.args[0].measured == 0
    draw(server, scored.names()[4:5])
    scored.menu("Folder", "Fetch results").trigger()  # the key fetches again, too
    scored.qtbot.waitUntil(lambda: results.outcome is not None and "5 images by several" in results.told.text())
    results.place_button.click()
    outcome = scored.dialog(OutcomeDialog)
    scored.qtbot.waitUntil(lambda: outcome.outcome is not None)


def test_closing_the_window_in_the_midst_of_a_fetch_ends_it(
    make: Make, scored: Hands, server: FakeLabelStudio, folder: Path
) -> None:
    send(scored, server).close()
    draw(server, scored.names())
    asked: list[str] = []

    def close(method: str, path: str) -> None:
        if "/export" in path:
            asked.append(path)

    server.before_each = close
    scored.menu("Folder", "Fetch results").trigger()
    scored.qtbot.waitUntil(lambda: bool(asked))
    scored.window.close()
    again = make(folder)
    again.wait_until_scored()
    again.menu("Folder", "Fetch results").trigger()
    results = again.dialog(ResultsDialog)
    again.qtbot.waitUntil(lambda: results.outcome is not None)
    assert "12 images by several" in results.told.text()


def test_another_folder_closes_what_is_about_this_one(
    scored: Hands, server: FakeLabelStudio, tmp_path: Path, folder: Path
) -> None:
    dialog = send(scored, server)
    assert dialog.isVisible()
    other = tmp_path / "other"
    other.mkdir()
    (other / "a.png").write_bytes((folder / "0.png").read_bytes())
    scored.window.open_folder(other)
    scored.qtbot.waitUntil(lambda: not scored.window.findChildren(SendToStudioDialog))
    scored.wait_until_scored()
    scored.menu("Folder", "Fetch results").trigger()
    results = scored.dialog(ResultsDialog)
    scored.qtbot.waitUntil(lambda: find(results, "address", QLineEdit).isVisible())
    assert find(results, "address", QLineEdit).text() == server.url
