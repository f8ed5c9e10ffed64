"""Images that are fetched: from Label Studio's server alone, with its token, bounded."""

import base64
import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from annotriage.errors import AnnotriageError
from annotriage.labelling.serving import downloads
from annotriage.labelling.serving.downloads import LabelStudioFiles

JWT = f"head.{base64.urlsafe_b64encode(json.dumps({'token_type': 'refresh'}).encode()).decode()}.signature"


class Studio(BaseHTTPRequestHandler):
    """What Label Studio answers; the class keeps what it was asked."""

    asked: list[tuple[str, str]]
    elsewhere: str = ""

    def do_GET(self) -> None:
        type(self).asked.append((self.path, self.headers.get("Authorization", "")))
        if self.path == "/data/upload/1/a.jpg":
            allowed = self.headers.get("Authorization") in ("Bearer fresh", "Token legacy")
            self._answer(200 if allowed else 401, b"image")
        elif self.path == "/large":
            self._answer(200, b"\0" * 3_000_000)
        elif self.path == "/endless":
            self.send_response(200)
            self.end_headers()
            try:
                while True:
                    self.wfile.write(b"\0" * 65536)
            except OSError:
                return
        elif self.path.startswith("/to/"):
            self.send_response(302)
            self.send_header("Location", self.path.removeprefix("/to/").replace("ELSEWHERE", type(self).elsewhere))
            self.send_header("Content-Length", "0")
            self.end_headers()
        else:
            self._answer(404, b"")

    def do_POST(self) -> None:
        said = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        type(self).asked.append((self.path, said["refresh"]))
        self._answer(200, json.dumps({"access": "fresh"}).encode())

    def _answer(self, status: int, body: bytes) -> None:
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: Any) -> None:
        pass


@pytest.fixture
def studio() -> Iterator[tuple[str, type[Studio]]]:
    """A Label Studio, and another server beside it that must never be asked."""
    handler = type("Handler", (Studio,), {"asked": []})
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}", handler
        server.shutdown()


def files(address: str, folder: Path, token: str = JWT) -> LabelStudioFiles:
    return LabelStudioFiles(address, token, folder, 2_000_000)


def test_a_personal_token_is_changed_for_one_that_lives_shortly(
    studio: tuple[str, type[Studio]], tmp_path: Path
) -> None:
    address, handler = studio
    ours = files(address, tmp_path)
    for _ in range(2):
        with ours.fetched("/data/upload/1/a.jpg") as path:
            assert path.read_bytes() == b"image"
    assert list(tmp_path.iterdir()) == []
    assert [place for place, _ in handler.asked] == ["/api/token/refresh", *["/data/upload/1/a.jpg"] * 2]


def test_the_token_that_label_studio_sends_is_used_unless_one_was_given(
    studio: tuple[str, type[Studio]], tmp_path: Path
) -> None:
    address, handler = studio
    ours = files(address, tmp_path, "")
    with pytest.raises(AnnotriageError, match="does not give"), ours.fetched("/data/upload/1/a.jpg"):
        pass
    ours.offer_token("legacy")
    with ours.fetched("/data/upload/1/a.jpg"):
        pass
    given = files(address, tmp_path, JWT)
    given.offer_token("other")
    with given.fetched("/data/upload/1/a.jpg"):
        pass
    assert handler.asked[-1] == ("/data/upload/1/a.jpg", "Bearer fresh")


@pytest.mark.parametrize("place", ["/large", "/endless"])
def test_what_is_too_large_is_not_fetched(studio: tuple[str, type[Studio]], tmp_path: Path, place: str) -> None:
    with pytest.raises(AnnotriageError, match="larger than"), files(studio[0], tmp_path).fetched(place):
        pass
    assert list(tmp_path.iterdir()) == []


def test_redirects_are_followed_on_the_server_and_nowhere_else(
    studio: tuple[str, type[Studio]], tmp_path: Path
) -> None:
    address, handler = studio
    secrets = type("Secrets", (Studio,), {"asked": []})
    with ThreadingHTTPServer(("127.0.0.1", 0), secrets) as other:
        threading.Thread(target=other.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
        handler.elsewhere = f"http://127.0.0.1:{other.server_port}"
        ours = files(address, tmp_path)
        with ours.fetched("/to//data/upload/1/a.jpg") as path:
            assert path.read_bytes() == b"image"
        for place in ("/to/ELSEWHERE/data/upload/1/a.jpg", "/to/file:///etc/passwd", "/to///evil.example/x"):
            with pytest.raises(AnnotriageError), ours.fetched(place):
                pass
        with pytest.raises(AnnotriageError, match="another server"), ours.fetched(f"{handler.elsewhere}/x"):
            pass
        with pytest.raises(AnnotriageError, match="404"), ours.fetched("/nothing"):
            pass
        with pytest.raises(AnnotriageError, match="circles"), ours.fetched("/to//to//to//to//to//to//x"):
            pass
        other.shutdown()
    assert secrets.asked == []


def test_a_server_that_is_gone_or_silent(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import socket

    monkeypatch.setattr(downloads, "_READ", 0.3)
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen()
        ours = files(f"http://127.0.0.1:{silent.getsockname()[1]}", tmp_path, "legacy")
        with pytest.raises(AnnotriageError, match="took too long"), ours.fetched("/x"):
            pass
    with pytest.raises(AnnotriageError, match="cannot be reached"), ours.fetched("/x"):
        pass
