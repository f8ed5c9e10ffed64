"""Google Drive as it answers people who are not logged in, with gdown's own code led to it."""

import re
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, urlencode, urlsplit

import pytest
from requests import PreparedRequest, Response
from requests.adapters import HTTPAdapter

from tests.datasets.fetching.http_server import Answer, LoopbackServer, Request

HOSTS = ("drive.google.com", "docs.google.com", "drive.usercontent.google.com", "accounts.google.com")
_LOGIN = b"<html><head><title>Google Drive: Sign-in</title></head><body><form action='/signin'></form></body></html>"


def file_id(number: int) -> str:
    return f"1AbCdEfGhIjKlMnOpQrStUvWx_{number:07d}"


@dataclass
class Shared:
    name: str
    data: bytes
    state: str = "public"  # large, private, quota, gone


class FakeDrive(LoopbackServer):
    """Files and folders by id; the path of a request begins with the host that was meant."""

    def __init__(self) -> None:
        super().__init__(self._answer)
        self.files: dict[str, Shared] = {}
        self.folders: dict[str, list[tuple[str, str]]] = {}  # id: (kind, id) of what is in it
        self.names: dict[str, str] = {}
        self.ranges = True

    def share(self, name: str, data: bytes, state: str = "public") -> str:
        identity = file_id(len(self.files) + len(self.folders))
        self.files[identity] = Shared(name, data, state)
        return identity

    def share_folder(self, name: str, *inside: str) -> str:
        identity = file_id(len(self.files) + len(self.folders))
        self.folders[identity] = [("folder" if each in self.folders else "file", each) for each in inside]
        self.names[identity] = name
        return identity

    def content_path(self) -> str:
        return "/drive.usercontent.google.com/download"

    def lead_here(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """Send what is meant for Google to this server, whoever asks; all else of the client stays as it is."""
        send = HTTPAdapter.send

        def led(adapter: HTTPAdapter, request: PreparedRequest, *args: Any, **more: Any) -> Response:
            meant = str(request.url)
            parts = urlsplit(meant)
            assert parts.hostname in HOSTS, f"the tests know nothing of {meant}"
            query = f"?{parts.query}" if parts.query else ""
            request.url = f"{self.url}/{parts.hostname}{parts.path}{query}"
            try:
                response = send(adapter, request, *args, **more)
            finally:
                request.url = meant
            response.url = meant
            return response

        monkeypatch.setattr(HTTPAdapter, "send", led)

    def _answer(self, request: Request) -> Answer:
        host, _, path = request.path[1:].partition("/")
        if host == "accounts.google.com":
            return Answer(_LOGIN)
        if path == "embeddedfolderview":
            return self._folder(request.query["id"])
        shared = self.files.get(request.query.get("id", ""))
        if shared is None or shared.state == "gone":
            return Answer(b"<html><title>Error 404 (Not Found)!!1</title></html>", 404)
        if shared.state == "private":
            return _redirect("https://accounts.google.com/ServiceLogin?" + urlencode({"continue": request.path}))
        if host == "drive.google.com":
            where = urlencode({"id": request.query["id"], "export": "download"})
            return _redirect(f"https://drive.usercontent.google.com/download?{where}", 303)
        if shared.state == "quota":
            return Answer(
                b'<html><head><title>Google Drive - Quota exceeded</title></head><body>\n<p class="uc-error-caption">'
                b"Sorry, you can't view or download this file at this time.</p>\n"
                b'<p class="uc-error-subcaption">Too many users have viewed or downloaded this file recently. Please '
                b"try accessing the file again later.</p>\n</body></html>"
            )
        if shared.state == "large" and request.query.get("confirm") != "t":
            return Answer(
                b'<html><head><title>Google Drive - Virus scan warning</title></head><body><form id="download-form" '
                b'action="https://drive.usercontent.google.com/download" method="get"><input type="hidden" name="id" '
                b'value="' + request.query["id"].encode() + b'"><input type="hidden" name="export" value="download">'
                b'<input type="hidden" name="confirm" value="t"></form></body></html>'
            )
        return self._content(shared, request)

    def _content(self, shared: Shared, request: Request) -> Answer:
        headers = {
            "Content-Type": "application/octet-stream",
            "Content-Disposition": f"attachment; filename=\"x\"; filename*=UTF-8''{quote(shared.name)}",
            "Last-Modified": "Tue, 01 Jul 2025 10:00:00 GMT",
            "Accept-Ranges": "bytes",
        }
        start = re.fullmatch(r"bytes=(\d+)-", request.headers.get("range", ""))
        if start is None or not self.ranges:
            return Answer(shared.data, 200, headers)
        at, size = int(start[1]), len(shared.data)
        return Answer(shared.data[at:], 206, headers | {"Content-Range": f"bytes {at}-{size - 1}/{size}"})

    def _folder(self, identity: str) -> Answer:
        inside = self.folders.get(identity)
        if inside is None:
            return Answer(b"<html>Not found</html>", 404)
        if inside == [("private", "")]:
            return _redirect("https://accounts.google.com/ServiceLogin")
        entries = []
        for kind, each in inside:
            name = self.names[each] if kind == "folder" else self.files[each].name
            href = f"drive/folders/{each}" if kind == "folder" else f"file/d/{each}/view?usp=drive_web"
            entries.append(
                f'<div class="flip-entry" id="entry-{each}"><div class="flip-entry-info"><a href="https://'
                f'drive.google.com/{href}" target="_blank"><div class="flip-entry-title">{name}</div></a></div></div>'
            )
        title = f"<html><head><title>{self.names[identity]}</title></head><body>"
        return Answer((title + "".join(entries) + "</body></html>").encode())


def _redirect(where: str, status: int = 302) -> Answer:
    return Answer(b"", status, {"Location": where})
