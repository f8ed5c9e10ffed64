"""The way to a server: addresses, tokens, and what is said when something is in the way."""

import base64
import json
import os
import ssl
import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import keyring
import keyring.backend
import keyring.errors
import pytest

from annotriage.errors import AnnotriageError
from annotriage.labelling.label_studio import client, tokens
from annotriage.labelling.label_studio.address import is_loopback, server_address
from annotriage.labelling.label_studio.client import Client, Stopped
from annotriage.labelling.label_studio.connection import Person, apart, connect
from annotriage.labelling.label_studio.tokens import TokenKind, cleaned_token, known_token, token_kind
from annotriage.labelling.label_studio.troubles import RefusedError
from tests.labelling.label_studio.fake_server import TOKEN, FakeLabelStudio


def jwt(kind: str) -> str:
    def part(value: object) -> str:
        return base64.urlsafe_b64encode(json.dumps(value).encode()).rstrip(b"=").decode()

    return f"{part({'alg': 'HS256'})}.{part({'token_type': kind, 'user_id': '1'})}.c2lnbmF0dXJl"


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("localhost:8080", "http://localhost:8080"),
        (" http://localhost:8080/ ", "http://localhost:8080"),
        ("192.168.1.5", "http://192.168.1.5"),
        ("labels.example.org", "https://labels.example.org"),
        ("HTTPS://Labels.Example.org:443/", "https://labels.example.org"),
        ("http://host/label-studio/projects/3/data?tab=7", "http://host/label-studio"),
        ("https://host/user/account/personal-access-token", "https://host"),
        ("https://host//ls/", "https://host/ls"),
        ("http://[::1]:8080/api", "http://[::1]:8080"),
        ("[::1]:8080", "http://[::1]:8080"),
    ],
)
def test_an_address_is_taken_as_it_is_copied(typed: str, meant: str) -> None:
    assert server_address(typed) == meant
    assert server_address(meant) == meant


@pytest.mark.parametrize(
    "typed", ["", "  ", "http://", "ftp://host", "ho st", "http://host:port", "file:///etc/passwd"]
)
def test_what_is_no_address_is_said(typed: str) -> None:
    with pytest.raises(AnnotriageError, match="write it like https://"):
        server_address(typed)


def test_an_address_with_a_password_is_refused_without_repeating_it() -> None:
    with pytest.raises(AnnotriageError, match="name or a password") as error:
        server_address("http://me:secret@host")
    assert "secret" not in str(error.value)


def test_only_this_computer_is_loopback() -> None:
    assert all(map(is_loopback, ["http://localhost:1", "http://127.0.0.9", "http://[::1]:8"]))
    assert not any(map(is_loopback, ["http://192.168.0.1", "http://localhost.example.org"]))


def test_kinds_of_tokens_are_told_apart() -> None:
    said = {"a" * 40: TokenKind.LEGACY, jwt("refresh"): TokenKind.PERSONAL, jwt("access"): TokenKind.SHORT}
    assert {token: token_kind(token) for token in said} == said
    assert {token_kind(odd) for odd in ("x", "a.b.c", "a" * 39, jwt("else"), "..")} == {TokenKind.UNKNOWN}


@pytest.mark.parametrize("copied", [f" {TOKEN}\n", f"Token {TOKEN}", f'"{TOKEN}"', f"Authorization: Token {TOKEN}"])
def test_a_token_is_taken_as_it_is_copied(copied: str) -> None:
    assert cleaned_token(copied) == TOKEN


@pytest.mark.parametrize("copied", ["", " ", "Token ", "a b", "tökén"])
def test_what_is_no_token_is_said(copied: str) -> None:
    with pytest.raises(AnnotriageError, match="Account & Settings"):
        cleaned_token(copied)


def test_a_wrong_token_is_said_with_its_kind(server: FakeLabelStudio) -> None:
    for token, said in (
        ("f" * 40, "does not take the legacy token .*personal access token"),
        (jwt("access"), "does not take the access token of five minutes .*has run out"),
        ("whatever", "copy all of it"),
    ):
        with pytest.raises(AnnotriageError, match=said) as error:
            connect(server.url, token)
        assert token not in str(error.value)


class Exchanging(FakeLabelStudio):
    """Takes one personal token, and none but what it was exchanged for; `legacy` tokens are switched off."""

    def __init__(self) -> None:
        super().__init__()
        self.personal = jwt("refresh")
        self.exchanged = 0
        self.old = False

    def answer(self, method: str, path: str, query: Any, body: Any, headers: Any) -> tuple[int, Any]:
        if path == "/api/token/refresh/":
            if self.old:
                return 404, "<html>"
            if body != {"refresh": self.personal}:
                return 401, {"detail": "Token is invalid"}
            self.exchanged += 1
            self.tokens = {f"short{self.exchanged}": 1}
            return 200, {"access": f"short{self.exchanged}"}
        given = headers.get("Authorization", "")
        if given.startswith("Token"):
            return 401, {
                "detail": "Authentication token no longer valid: legacy token authentication has been disabled"
            }
        headers.replace_header("Authorization", given.replace("Bearer ", "Token "))
        return super().answer(method, path, query, body, headers)


@pytest.fixture
def exchanging() -> Iterator[Exchanging]:
    with Exchanging() as server:
        yield server


def test_a_personal_token_is_exchanged_and_again_when_that_ends(
    exchanging: Exchanging, monkeypatch: pytest.MonkeyPatch
) -> None:
    connection = connect(exchanging.url, exchanging.personal)
    assert connection.person.email == "a@example.org" and exchanging.exchanged == 1
    connection.projects()
    assert exchanging.exchanged == 1
    exchanging.tokens = {}  # the server forgot it early
    assert connection.projects() == [] and exchanging.exchanged == 2
    monkeypatch.setattr(client, "_LIVES", 0.0)
    asking = Client(exchanging.url, exchanging.personal)
    asking.get("/api/projects/"), asking.get("/api/projects/")
    assert exchanging.exchanged == 4, "each time, as it lives no longer"


def test_what_is_wrong_with_tokens_of_that_server_is_said(exchanging: Exchanging) -> None:
    with pytest.raises(AnnotriageError, match="legacy tokens are switched off there"):
        connect(exchanging.url, TOKEN)
    other = jwt("refresh").replace("c2ln", "b3Ro")
    with pytest.raises(AnnotriageError, match="revoked, has run out, or is of another server"):
        connect(exchanging.url, other)
    exchanging.old = True
    with pytest.raises(AnnotriageError, match="too old for these; copy the legacy token"):
        connect(exchanging.url, exchanging.personal)


def test_nobody_there_is_said() -> None:
    with ThreadingHTTPServer(("127.0.0.1", 0), BaseHTTPRequestHandler) as free:
        port = free.server_port
    with pytest.raises(AnnotriageError, match=r"cannot be reached: is Label Studio running there"):
        connect(f"127.0.0.1:{port}", TOKEN)


def test_something_else_there_is_said(server: FakeLabelStudio) -> None:
    server.answer = lambda *_: (200, "<html>Please log in</html>")  # type: ignore[method-assign]
    with pytest.raises(AnnotriageError, match="does not answer as Label Studio does: it answers with a page"):
        connect(server.url, TOKEN)
    server.answer = lambda *_: (404, "<html>")  # type: ignore[method-assign]
    with pytest.raises(AnnotriageError, match="is it a Label Studio server, and is its address complete"):
        connect(server.url, TOKEN)
    server.answer = lambda *_: (200, ["x"])  # type: ignore[method-assign]
    with pytest.raises(AnnotriageError, match="answers without who is asked"):
        connect(server.url, TOKEN)


def test_https_where_there_is_none_is_said(server: FakeLabelStudio) -> None:
    with pytest.raises(AnnotriageError, match="does not speak https: write http://"):
        connect(server.url.replace("http:", "https:"), TOKEN)


def test_what_may_be_repeated_is_repeated_and_nothing_else(server: FakeLabelStudio) -> None:
    asking = Client(server.url, TOKEN)
    server.busy = [503, 502, 429]
    assert asking.get("/api/projects/")["count"] == 0 and len(server.requests) == 4
    server.busy = [503]
    with pytest.raises(RefusedError, match="has trouble of its own \\(503, POST"):
        asking.post("/api/projects/", {"title": "once"})
    server.busy = [429, 429]
    asking.post("/api/projects/", {"title": "turned away before"})
    server.busy = [500] * 9
    with pytest.raises(RefusedError, match="500"):
        asking.get("/api/projects/")
    assert len(server.busy) == 9 - client.TIMES
    server.busy = []
    server.cut_from_now(before={1})
    with pytest.raises(AnnotriageError, match="was cut"):
        asking.post("/api/projects/", {"title": "once more"})
    assert len(server.held.projects) == 1
    server.cut_from_now(before={1}, after={2})
    assert asking.get("/api/projects/")["count"] == 1


def test_a_server_that_asks_to_wait_is_heard_and_the_wait_can_be_stopped(
    server: FakeLabelStudio, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(client, "LONGEST_WAIT", 60.0)
    monkeypatch.setattr(Client, "_asked_to_wait", 0.0)
    monkeypatch.setattr(client, "_seconds", lambda text: 30.0)
    stop = threading.Event()
    asking = Client(server.url, TOKEN, stop=stop)
    server.busy = [429]
    threading.Timer(0.1, stop.set).start()
    with pytest.raises(Stopped):
        asking.get("/api/projects/")


@pytest.mark.parametrize(
    ("location", "said"),
    [
        (
            "https://elsewhere.example.org/api/current-user/whoami",
            "sends on to https://elsewhere.example.org; if you trust",
        ),
        ("/user/login/?next=/api/current-user/whoami", "login page"),
    ],
)
def test_nothing_is_sent_to_where_a_server_sends_on(location: str, said: str) -> None:
    with redirecting(lambda path: location) as url, pytest.raises(AnnotriageError, match=said):
        connect(url, TOKEN)


def test_a_server_below_another_path_is_found(server: FakeLabelStudio) -> None:
    answer = server.answer

    def below(method: str, path: str, *more: Any) -> tuple[int, Any]:
        assert path.startswith("/ls/")
        return answer(method, path.removeprefix("/ls"), *more)

    server.answer = below  # type: ignore[method-assign]
    assert connect(f"{server.url}/ls/projects/", TOKEN).address == f"{server.url}/ls"


def test_a_moved_path_on_the_same_server_is_followed_and_told() -> None:
    with FakeLabelStudio() as server:
        with redirecting(lambda path: None if path.startswith("/ls/") else f"/ls{path}", behind=server) as url:
            connection = connect(url, TOKEN)
            assert connection.address == f"{url}/ls"
            assert f"{url} sends on to {url}/ls, which is used." in connection.remarks
            assert connection.projects() == []


class redirecting:
    """A server that sends on to where `to` says; None: it asks the one behind."""

    def __init__(self, to: Any, behind: FakeLabelStudio | None = None) -> None:
        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                target = to(self.path)
                if target is not None:
                    self.send_response(302)
                    self.send_header("Location", target)
                    self.send_header("Content-Length", "0")
                    self.end_headers()
                    return
                assert behind is not None
                status, body = behind.answer("GET", self.path.removeprefix("/ls").split("?")[0], {}, None, self.headers)
                data = json.dumps(body).encode()
                self.send_response(status)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(data)))
                self.end_headers()
                self.wfile.write(data)

            def log_message(self, format: str, *args: object) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)

    def __enter__(self) -> str:
        self._thread.start()
        return f"http://127.0.0.1:{self._server.server_port}"

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


def test_a_netrc_replaces_no_token(server: FakeLabelStudio, monkeypatch: pytest.MonkeyPatch, tmp_path: Any) -> None:
    (tmp_path / "netrc").write_text("machine 127.0.0.1 login me password else\n")
    monkeypatch.setenv("NETRC", str(tmp_path / "netrc"))
    assert connect(server.url, TOKEN).person.number == 1


def test_no_token_is_printed(server: FakeLabelStudio) -> None:
    connection = connect(server.url, TOKEN)
    assert TOKEN not in repr(connection) + str(connection) + repr(connection.client) + repr(known_token(server.url))


def test_people_of_one_name_are_told_apart() -> None:
    found = apart([Person(1, "Ada", "a@x"), Person(2, "Ada", "b@x"), Person(3, "Eva", "c@x")])
    assert [each.name for each in found] == ["Ada (a@x)", "Ada (b@x)", "Eva"]


class Ring(keyring.backend.KeyringBackend):
    priority = 1  # type: ignore[assignment]

    def __init__(self) -> None:
        self.kept: dict[tuple[str, str], str] = {}
        self.error: Exception | None = None

    def get_password(self, service: str, username: str) -> str | None:
        if self.error is not None:
            raise self.error
        return self.kept.get((service, username))

    def set_password(self, service: str, username: str, password: str) -> None:
        if self.error is not None:
            raise self.error
        self.kept[service, username] = password

    def delete_password(self, service: str, username: str) -> None:
        del self.kept[service, username]


@pytest.fixture
def ring() -> Iterator[Ring]:
    before, ring = keyring.get_keyring(), Ring()
    keyring.set_keyring(ring)
    yield ring
    keyring.set_keyring(before)


def test_a_token_is_kept_in_the_keyring_of_the_system(ring: Ring, monkeypatch: pytest.MonkeyPatch) -> None:
    assert known_token("http://a") is None
    tokens.keep_token("http://a", TOKEN)
    found = known_token("http://a")
    assert found is not None and (found.token, found.place) == (TOKEN, "the system's keyring")
    assert known_token("http://b") is None
    monkeypatch.setenv(tokens.VARIABLE, f"Token {'2' * 40}")
    found = known_token("http://a")
    assert found is not None and found.token == "2" * 40
    monkeypatch.delenv(tokens.VARIABLE)
    assert tokens.forget_token("http://a") and not tokens.forget_token("http://a")


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (keyring.errors.NoKeyringError("x"), "This system has no keyring"),
        (keyring.errors.KeyringLocked("x"), "is locked"),
        (keyring.errors.InitError("x"), "cannot be used"),
        (RuntimeError("dbus"), "cannot be used"),
    ],
)
def test_a_keyring_that_keeps_nothing_is_said(ring: Ring, error: Exception, said: str) -> None:
    ring.error = error
    assert known_token("http://a") is None
    if isinstance(error, keyring.errors.NoKeyringError):
        assert not tokens.forget_token("http://a")
    else:
        with pytest.raises(AnnotriageError, match=f"http://a is not forgotten, if one was kept.*{said}"):
            tokens.forget_token("http://a")
    assert said in tokens.keyring_problem() and tokens.VARIABLE in tokens.keyring_problem()
    with pytest.raises(AnnotriageError, match=said):
        tokens.keep_token("http://a", TOKEN)


@pytest.mark.slow
def test_a_certificate_that_cannot_be_checked_is_said(server: FakeLabelStudio, tmp_path: Any) -> None:
    made = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", "k", "-out", "c", "-days", "1",
            "-subj", "/CN=localhost"]  # fmt: skip
    try:
        subprocess.run(made, cwd=tmp_path, check=True, capture_output=True)
    except (OSError, subprocess.CalledProcessError):
        pytest.skip("openssl makes no certificate here")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(tmp_path / "c", tmp_path / "k")
    server._server.socket = context.wrap_socket(server._server.socket, server_side=True)
    with pytest.raises(AnnotriageError, match=r"certificate of .* cannot be checked"):
        connect(server.url.replace("http:", "https:").replace("127.0.0.1", "localhost"), TOKEN)


@pytest.mark.slow
def test_the_room_is_there_without_a_request_library() -> None:
    said = "import annotriage.labelling.label_studio.sending, sys; print({'requests', 'keyring'} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", said], capture_output=True, text=True, check=True, env={**os.environ})
    assert done.stdout.strip() == "set()"
