"""What stands between here and a server is named with the switch that is wrong; nothing is changed by looking."""

from pathlib import Path
from typing import Any

import pytest

from annotriage.labelling.label_studio.connection import Connection
from annotriage.labelling.label_studio.doctor import examine
from annotriage.labelling.label_studio.order import Images, Way
from annotriage.labelling.label_studio.sending import send
from annotriage.triage.catalogue import Catalogue
from annotriage.triage.exports.label_studio_set_up import SetUp
from tests.labelling.label_studio.fake_server import TOKEN, FakeLabelStudio
from tests.labelling.label_studio.test_sending import order_of


def said(server: FakeLabelStudio, **more: Any) -> dict[str, tuple[str, bool | None]]:
    """Return what is found, by its name; the last one of a name."""
    return {found.name: (found.text, found.well) for found in examine(server.url, TOKEN, **more)}


@pytest.fixture
def project(connection: Connection, catalogue: Catalogue) -> int:
    project = connection.make_project("Lesions", SetUp())
    send(connection, project, order_of(catalogue))
    return project.number


def test_a_server_that_is_well(server: FakeLabelStudio, project: int, folder: Path) -> None:
    before = len(server.requests)
    found = said(server, folder=folder)
    assert not [text for text, well in found.values() if well is False]
    assert found["server"] == (f"Label Studio 1.23.2 at {server.url}", True)
    assert found["account"] == ("a@example.org, by a legacy token", True)
    assert found[f"project {project}"] == ("5 images looked at, all load", True)
    asked = [each for each in server.requests[before:] if each[0] != "GET"]
    assert asked == [("POST", "/api/storages/localfiles/validate")], "which makes nothing"
    assert len(server.held.storages) == 1


def test_no_local_files(server: FakeLabelStudio, project: int, folder: Path) -> None:
    server.root = None
    text, well = said(server, folder=folder)["local files"]
    assert "LABEL_STUDIO_LOCAL_FILES_SERVING_ENABLED=true" in text and well is False
    assert said(server)["local files"][1] is None, "who uploads needs none"
    text, well = said(server)["project 1"]
    assert "LABEL_STUDIO_LOCAL_FILES_SERVING_ENABLED is not true on the server" in text and well is False


def test_a_root_that_is_the_folder(server: FakeLabelStudio, project: int, folder: Path) -> None:
    server.root = str(folder)
    text, well = said(server, folder=folder)["images' folder"]
    assert "is the document root" in text and "LABEL_STUDIO_LOCAL_FILES_DOCUMENT_ROOT" in text and well is False
    text, well = said(server, folder=folder, images=Images(root=folder))["document root"]
    assert "is the folder of the images itself" in text and well is False


def test_a_root_elsewhere_is_named(server: FakeLabelStudio, project: int, folder: Path) -> None:
    server.root = "/srv/data"
    assert said(server)["document root"] == ("/srv/data", None)
    text, well = said(server, folder=folder)["images' folder"]
    assert "has no folder" in text and "--served-as" in text and well is False


def test_no_storage(server: FakeLabelStudio, project: int) -> None:
    server.held.storages.clear()
    text, well = said(server)["project 1"]
    assert "no storage, so none loads" in text and "do not sync it" in text and well is False


def test_images_that_are_not_there(server: FakeLabelStudio, project: int) -> None:
    server.files = {"lesions/a.png"}
    text, well = said(server, project=project)["project 1"]
    assert "4 of 5 images looked at do not load; /data/local-files/?d=lesions/sub/%C3%BC%201.png" in text
    assert "DOCUMENT_ROOT has to be above the storage" in text and well is False


def test_a_backend_that_is_refused(server: FakeLabelStudio, project: int, monkeypatch: pytest.MonkeyPatch) -> None:
    answered = 200, [{"url": "http://127.0.0.1:9090", "state": "DI", "error_message": "reserved network address"}]
    monkeypatch.setattr(server, "_get_backends", lambda **_: answered)
    text, well = said(server)["project 1"]
    assert "ML_BLOCK_LOCAL_IP=false and USE_DEFAULT_BANNED_SUBNETS=false" in text and well is False


def test_nobody_and_nothing(server: FakeLabelStudio) -> None:
    found = {each.name: each for each in examine(server.url)}
    assert found["server"].well and found["token"].well is False
    (found_wrong,) = [each for each in examine(server.url, "f" * 40) if each.well is False]
    assert "does not take the legacy token" in found_wrong.text
    server.__exit__()
    url = server.url
    server._thread = type(server._thread)(target=lambda: None)
    server._thread.start()
    (nobody,) = [each for each in examine(url, TOKEN) if each.well is False]
    assert "cannot be reached" in nobody.text


def test_a_root_that_cannot_be_is_told_before_there_is_a_project(server: FakeLabelStudio, folder: Path) -> None:
    found = said(server, folder=folder, images=Images(Way.FOLDER, folder, ""))
    assert found["document root"][1] is False and "is the folder of the images itself" in found["document root"][0]
    assert "while the server has no project" in said(server, folder=folder)["document root"][0]
