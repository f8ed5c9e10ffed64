"""A Label Studio in memory, a keyring in memory, and short pauses."""

from collections.abc import Iterator
from pathlib import Path

import keyring
import pytest
from pytestqt.qtbot import QtBot

from annotriage.datasets.fetching import network
from annotriage.desktop.background import wait_for_jobs
from annotriage.desktop.settings import Settings
from annotriage.labelling.label_studio import client, tokens
from annotriage.labelling.label_studio.connection import Project, connect
from annotriage.labelling.label_studio.order import Overlap, order_from
from annotriage.labelling.label_studio.sending import send
from annotriage.triage.catalogue import Catalogue
from annotriage.triage.exports.label_studio_set_up import SetUp
from annotriage.triage.store import SessionStore
from tests.labelling.label_studio.fake_server import TOKEN, FakeLabelStudio
from tests.labelling.label_studio.test_client import Ring


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(tokens.VARIABLE, raising=False)
    monkeypatch.setattr(network, "BACKOFF", 0.001)
    monkeypatch.setattr(client, "LONGEST_WAIT", 0.05)
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "http_proxy", "https_proxy", "all_proxy"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture(autouse=True)
def ring() -> Iterator[Ring]:
    before, ring = keyring.get_keyring(), Ring()
    keyring.set_keyring(ring)
    yield ring
    assert wait_for_jobs(10)
    keyring.set_keyring(before)


@pytest.fixture
def server(folder: Path) -> Iterator[FakeLabelStudio]:
    with FakeLabelStudio(str(folder.parent)) as server:
        yield server


@pytest.fixture
def store(tmp_path: Path) -> Iterator[SessionStore]:
    with SessionStore(tmp_path / "sessions.sqlite") as store:
        yield store


@pytest.fixture
def settings(qtbot: QtBot) -> Settings:
    return Settings()


@pytest.fixture
def known(server: FakeLabelStudio) -> None:
    tokens.keep_token(server.url, TOKEN)


@pytest.fixture
def project(server: FakeLabelStudio, catalogue: Catalogue) -> Project:
    """Return a project that the folder was sent to."""
    connection = connect(server.url, TOKEN)
    project = connection.make_project("Lesions", SetUp())
    send(connection, project, order_from(catalogue, None, version="tiny 1", overlap=Overlap(first=3)))
    connection.close()
    return project
