"""A folder of five pictures with predictions, a server in memory, and short pauses."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from annotriage.datasets.fetching import network
from annotriage.images import find_images
from annotriage.labelling.label_studio import client, tokens
from annotriage.labelling.label_studio.connection import Connection, connect
from annotriage.triage.catalogue import Catalogue
from annotriage.triage.decisions import Decision, Review
from annotriage.triage.store import SessionStore
from tests.labelling.label_studio.fake_server import TOKEN, FakeLabelStudio
from tests.pictures import write_picture

NAMES = ("a.png", "b c.png", "new.png", "sub/a.png", "sub/ü 1.png")


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("ANNOTRIAGE_HOME", str(tmp_path / "home"))
    monkeypatch.delenv(tokens.VARIABLE, raising=False)
    monkeypatch.setattr(network, "BACKOFF", 0.001)
    monkeypatch.setattr(client, "LONGEST_WAIT", 0.05)
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "http_proxy", "https_proxy", "all_proxy"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return made_folder(tmp_path / "lesions")


@pytest.fixture
def catalogue(folder: Path) -> Catalogue:
    return catalogue_of(folder)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[SessionStore]:
    with SessionStore(tmp_path / "sessions.sqlite") as store:
        yield store


@pytest.fixture
def server(folder: Path) -> Iterator[FakeLabelStudio]:
    with FakeLabelStudio(str(folder.parent)) as server:
        yield server


@pytest.fixture
def connection(server: FakeLabelStudio) -> Iterator[Connection]:
    connection = connect(server.url, TOKEN)
    yield connection
    connection.close()


def made_folder(place: Path) -> Path:
    for number, name in enumerate(NAMES):
        write_picture(place / name, 0.2 + 0.1 * number)
    return place


def catalogue_of(folder: Path) -> Catalogue:
    """Return what is known of it: `new.png` is not scored, `sub/ü 1.png` is the most contentious, and for experts."""
    catalogue = Catalogue(folder, find_images(folder))
    assert catalogue.names(range(len(NAMES))) == list(NAMES)
    catalogue.disagreement[:] = [0.25, 0.5, np.nan, 0.625, 0.75]
    catalogue.lower[:] = 1 - catalogue.disagreement - np.float32(0.125)
    catalogue.upper[:] = 1 - catalogue.disagreement + np.float32(0.125)
    catalogue.set_reviews({"a.png": Review(Decision.ROUTINE), "sub/ü 1.png": Review(Decision.EXPERT, "Anna", "hair")})
    return catalogue
