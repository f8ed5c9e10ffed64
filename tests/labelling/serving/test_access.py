"""Who may ask: password, names of the server, pages of other sites."""

import base64
from collections.abc import Callable

import pytest

from annotriage.labelling.serving.access import Access, is_loopback
from tests.labelling.serving.conftest import PASSWORD, Server


def basic(user: str, password: str) -> str:
    return "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode()


@pytest.fixture
def access() -> Access:
    return Access("annotriage", "pässword:x", frozenset({"scores.example.org"}))


@pytest.mark.parametrize(
    ("authorization", "status"),
    [
        (basic("annotriage", "pässword:x"), None),
        ("bEARER pässword:x", None),
        ("", 401),
        (basic("annotriage", "pässword"), 401),
        (basic("Annotriage", "pässword:x"), 401),
        (basic("", ""), 401),
        ("Basic pässword:x", 401),
        ("Basic ???", 401),
        ("Bearer", 401),
        ("Bearer ", 401),
        ("Token pässword:x", 401),
    ],
)
def test_name_and_password(access: Access, authorization: str, status: int | None) -> None:
    refused = access.refusal("/predict", {"host": "127.0.0.1:9090", "authorization": authorization})
    assert (refused and refused.status) == status
    if refused:
        assert refused.headers["WWW-Authenticate"].startswith("Basic ")


@pytest.mark.parametrize(
    ("host", "may"),
    [
        ("127.0.0.1:9090", True),
        ("localhost", True),
        ("LOCALHOST:1", True),
        ("[::1]:9090", True),
        ("192.168.1.7:9090", True),
        ("scores.example.org", True),
        ("Scores.Example.org:443", True),
        ("evil.example", False),
        ("127.0.0.1.evil.example", False),
        ("localhost.evil.example", False),
        ("", False),
        ("[::1", False),
    ],
)
def test_names_under_which_it_may_be_asked(access: Access, host: str, may: bool) -> None:
    refused = access.refusal("/webhook", {"host": host})
    assert (refused is None) == may
    if refused:
        assert refused.status == 421 and "--allow-host" in refused.sentence


def test_pages_of_other_sites_may_not_ask() -> None:
    open_to_all = Access("annotriage", "", frozenset())
    assert open_to_all.refusal("/predict", {"host": "localhost:9090"}) is None
    assert open_to_all.refusal("/predict", {"host": "localhost:9090", "origin": "http://localhost:9090"}) is None
    for origin in ("http://evil.example", "null", "http://localhost:8000"):
        refused = open_to_all.refusal("/predict", {"host": "localhost:9090", "origin": origin})
        assert refused is not None and refused.status == 403


def test_loopback() -> None:
    assert all(map(is_loopback, ("127.0.0.1", "localhost", "::1", "127.3.2.1")))
    assert not any(map(is_loopback, ("0.0.0.0", "192.168.0.1", "::", "example.org")))


@pytest.mark.slow
def test_every_place_but_the_events_asks_for_the_password(server: Callable[..., Server]) -> None:
    ours = server()
    del ours.client.headers["Authorization"]
    document_paths = ("/", "/health", "/versions", "/metrics", "/openapi.json", "/nothing")
    answers = [ours.client.get(path) for path in document_paths]
    answers += [ours.client.post(path, json={}) for path in ("/predict", "/setup")]
    assert {answer.status_code for answer in answers} == {401}
    assert all(answer.json()["error"] and PASSWORD not in answer.text for answer in answers)
    assert ours.client.post("/webhook", json={"action": "TASKS_CREATED"}).json() == {"counted": "TASKS_CREATED"}
    assert ours.client.post("/webhook", json={"action": "x" * 99}).json() == {"counted": "other"}
    assert "access-control-allow-origin" not in {name for answer in answers for name in answer.headers}
