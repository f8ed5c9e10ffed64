"""What a real server said once: it is understood, and the server in memory says the same."""

import json
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from annotriage.labelling.label_studio.connection import connect
from annotriage.labelling.label_studio.order import Images, order_from
from annotriage.labelling.label_studio.sending import send
from annotriage.triage.catalogue import Catalogue
from annotriage.triage.exports.label_studio_set_up import SetUp
from annotriage.triage.measured_images import MeasuredImages
from annotriage.triage.store import SessionStore
from tests.labelling.label_studio.fake_server import TOKEN, FakeLabelStudio
from tests.labelling.label_studio.recording import FILE, Replayed, converse

MOST_BYTES = 300_000


@pytest.mark.slow
def test_the_recorded_conversation_is_held_again(catalogue: Catalogue, store: SessionStore) -> None:
    with Replayed(catalogue.folder) as server:
        try:
            course = converse(connect(server.url, TOKEN), catalogue, store, catalogue.folder.parent, lambda step: None)
        finally:
            assert server.wrong == []
        assert server.left == []
    first, again, third = course.sent
    assert (first.made, first.people, first.problems) == (5, {1: 4, 2: 1}, [])
    assert (again.made, again.same) == (0, 5) and third.people == {1: 4, 3: 1}
    assert [each.read for each in course.fetched] == [3, 2, 0]
    assert dict(course.fetched[-1].drawn) == {0: 3, 2: 2}
    assert course.fetched[0].left_out == {"annotations that were skipped": 1}
    kept = MeasuredImages(store, catalogue.folder).read()
    assert {name: one.dice for name, one in kept.items() if one.is_measured} == {"a.png": 0.0, "sub/ü 1.png": 0.75}
    one = kept["sub/ü 1.png"]
    assert dict(zip(one.annotators, one.seconds, strict=True)) == {"a@example.org": 41.5, "b@example.org": 20.25}
    assert course.status is not None and course.status.measured == 2
    assert "has no project" in course.refused and "/projects/NUMBER/" in course.refused


def test_the_server_in_memory_answers_as_the_real_one_did(catalogue: Catalogue) -> None:
    """To the same requests the same status, and all that is read of an answer, of the same kind."""
    recorded = json.loads(FILE.read_text(encoding="utf-8"))
    real = {_kind(each): each for each in reversed(recorded)}
    asked: dict[tuple[str, str], Any] = {}
    with FakeLabelStudio("/srv/data") as server:
        answer = server.answer

        def noted(method: str, path: str, *more: Any) -> tuple[int, Any]:
            status, body = answer(method, path, *more)
            asked[_kind({"method": method, "path": path})] = status, body
            return status, body

        server.answer = noted  # type: ignore[method-assign]
        connection = connect(server.url, TOKEN)
        project = connection.make_project("Recorded", SetUp())
        images = Images(root=catalogue.folder.parent, served_as="/srv/data")
        send(connection, project, order_from(catalogue, None, version="tiny 1", images=images))
        connection.people()
    assert len(asked) > 9
    for kind, (status, body) in asked.items():
        assert kind in real, kind
        assert status == real[kind]["status"] or kind[1].startswith("/data/"), kind
        _same_shape(body, real[kind]["answer"], f"{kind}")


def test_the_recording_is_small_and_of_nobody() -> None:
    text = FILE.read_text(encoding="utf-8")
    assert len(text.encode()) < MOST_BYTES
    assert not any(word in text for word in ("Authorization", "Token ", "/tmp", "/home", "csrftoken"))
    for each in json.loads(text):
        assert not parse_qs(urlsplit(each["path"]).query).get("token")


def _kind(said: dict[str, Any]) -> tuple[str, str]:
    path = urlsplit(said["path"]).path
    return said["method"], "/".join("N" if part.isdigit() else part for part in path.rstrip("/").split("/"))


def _same_shape(fake: Any, real: Any, where: str) -> None:
    if isinstance(fake, dict) and isinstance(real, dict):
        for name in set(fake) & set(real):
            _same_shape(fake[name], real[name], f"{where}.{name}")
        invented = set(fake) - set(real) - {"exc_info"}
        assert not invented, f"{where} has no {invented}"
    elif isinstance(fake, list) and isinstance(real, list):
        if fake and real:
            _same_shape(fake[0], real[0], f"{where}[0]")
    elif fake is not None and real is not None and not isinstance(fake, bytes):
        assert type(fake) is type(real) or {type(fake), type(real)} <= {int, float}, where
