"""One conversation with a real server, recorded once and replayed every day.

To record anew, with a server that serves the folder ROOT and may be filled (see the guide's page for its switches):
``python -m tests.labelling.label_studio.recording URL TOKEN SECOND_TOKEN ROOT``. Both are legacy tokens; no token, no
address of this computer and no name of an account but `a@example.org` and `b@example.org` comes into the file.
"""

import json
import os
import shutil
import sys
import tempfile
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from annotriage.labelling.label_studio.connection import Connection, connect
from annotriage.labelling.label_studio.fetched import Fetched
from annotriage.labelling.label_studio.fetching import fetch_results
from annotriage.labelling.label_studio.links import Link
from annotriage.labelling.label_studio.order import Images, Overlap, order_from
from annotriage.labelling.label_studio.sending import Sent, send
from annotriage.labelling.label_studio.status import ProjectStatus, project_status
from annotriage.labelling.label_studio.tasks_there import folder_key
from annotriage.triage.catalogue import Catalogue
from annotriage.triage.exports.label_studio_set_up import SetUp
from annotriage.triage.store import SessionStore

FILE = Path(__file__).with_name("recorded.json")
_LEFT_OUT = {"permissions", "custom_hotkeys", "active_organization_meta", "parsed_label_config", "control_weights",
             "last_activity", "date_joined", "avatar", "initials", "phone", "allow_newsletters", "created_by",
             "label-studio-os-package", "label-studio-os-backend", "label-studio-frontend", "dm2", "lsf", "edition",
             "label-studio-converter", "label-studio-sdk", "unique_id"}  # fmt: skip
"""What nobody here reads: it would only make the file large, or say too much."""


@dataclass
class Course:
    """What came of the conversation."""

    sent: list[Sent] = field(default_factory=list)
    fetched: list[Fetched] = field(default_factory=list)
    status: ProjectStatus | None = None
    refused: str = ""


def converse(
    connection: Connection, catalogue: Catalogue, store: SessionStore, root: Path, meanwhile: Callable[[int], None]
) -> Course:
    """Send, draw, fetch, send again; `meanwhile` is what people do, by the number of the step."""
    from annotriage.errors import AnnotriageError

    course, folder = Course(), catalogue.folder
    project = connection.make_project("Recorded", SetUp(), empty=True)

    def order(**more: Any) -> Any:
        return order_from(catalogue, None, version="tiny 1", images=Images(root=root, served_as="/srv/data"), **more)

    course.sent.append(send(connection, project, order()))
    course.sent.append(send(connection, project, order()))
    meanwhile(1)
    course.fetched.append(fetch_results(connection, project, folder, catalogue.images, store))
    course.sent.append(send(connection, project, order(overlap=Overlap(experts=3))))
    meanwhile(2)
    course.fetched.append(fetch_results(connection, project, folder, catalogue.images, store))
    course.fetched.append(fetch_results(connection, project, folder, catalogue.images, store))
    course.status = project_status(connection, project, Link(folder, connection.address, project.number), store)
    try:
        connection.project(project.number + 1000)
    except AnnotriageError as error:
        course.refused = str(error)
    return course


class Replayed:
    """Answer what was recorded, in its order, on a free port of 127.0.0.1; `folder` is the one that is sent now."""

    def __init__(self, folder: Path) -> None:
        self.left: list[dict[str, Any]] = json.loads(FILE.read_text(encoding="utf-8"))
        self.wrong: list[str] = []
        replayed, key = self, folder_key(folder)

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def _serve(self) -> None:
                sent = self.rfile.read(int(self.headers.get("Content-Length") or 0)).decode()
                body = json.loads(sent.replace(key, "FOLDER")) if sent else None
                asked = {"method": self.command, "path": self.path, "body": body}
                if not replayed.left or any(replayed.left[0][name] != value for name, value in asked.items()):
                    expected = replayed.left[0] if replayed.left else None
                    replayed.wrong.append(f"asked {asked}, recorded {expected}")
                    self.send_error(500)
                    return
                answer = replayed.left.pop(0)
                data = answer["answer"]
                text = (
                    "" if data is None else data if isinstance(data, str) else json.dumps(data).replace("FOLDER", key)
                )
                self.send_response(answer["status"])
                self.send_header("Content-Type", answer["kind"])
                self.send_header("Content-Length", str(len(text.encode())))
                self.end_headers()
                self.wfile.write(text.encode())

            do_GET = do_POST = do_PATCH = do_DELETE = _serve

            def log_message(self, format: str, *args: object) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
        self.url = f"http://127.0.0.1:{self._server.server_port}"

    def __enter__(self) -> "Replayed":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


def _slim(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _slim(each) for name, each in value.items() if name not in _LEFT_OUT}
    return [_slim(each) for each in value] if isinstance(value, list) else value


def _record(url: str, token: str, second: str, root: Path) -> None:
    """Stand between and write down; the server's own paths and folder become those of nobody."""
    import requests

    from tests.labelling.label_studio.conftest import catalogue_of, made_folder
    from tests.labelling.label_studio.test_fetching import drawn, square

    folder = root / "recorded" / "lesions"
    shutil.rmtree(folder.parent, ignore_errors=True)
    catalogue = catalogue_of(made_folder(folder))
    key, taken = folder_key(folder), []
    server_root = str(folder.parent)

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def _serve(self) -> None:
            sent = self.rfile.read(int(self.headers.get("Content-Length") or 0)).decode()
            kept = ("Authorization", "Content-Type", "Range")
            # The conversation says /srv/data, and the server has it elsewhere.
            path = self.path.replace("%3Fd=lesions", "%3Fd=recorded/lesions").replace(
                "?d=lesions", "?d=recorded/lesions"
            )
            answer = requests.request(
                self.command,
                url + path,
                data=sent.replace("/srv/data", server_root).encode() or None,
                headers={name: self.headers[name] for name in kept if self.headers[name]},
                timeout=60,
            )
            text = "x" if answer.headers.get("content-type", "").startswith("image/") else answer.text
            text = text.replace(server_root, "/srv/data").replace(key, "FOLDER")
            try:
                body = _slim(json.loads(text))
            except ValueError:
                body = text or None
            kind = answer.headers.get("content-type") or "text/plain"
            asked = json.loads(sent.replace(key, "FOLDER")) if sent else None
            taken.append({"method": self.command, "path": self.path, "body": asked, "status": answer.status_code,
                          "kind": kind, "answer": body})  # fmt: skip
            data = answer.text.replace(server_root, "/srv/data").encode()
            self.send_response(answer.status_code)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

        do_GET = do_POST = do_PATCH = do_DELETE = _serve

        def log_message(self, format: str, *args: object) -> None:
            pass

    def meanwhile(step: int) -> None:
        headers = [{"Authorization": f"Token {each}"} for each in (token, second)]
        listed = requests.get(f"{url}/api/projects/?page_size=1", headers=headers[0], timeout=60).json()["results"]
        number = max(each["id"] for each in listed)
        tasks = requests.get(f"{url}/api/tasks/?project={number}", headers=headers[0], timeout=60).json()["tasks"]
        by_name = {task["data"]["name"]: task["id"] for task in tasks}

        def submit(person: int, name: str, **said: Any) -> None:
            address = f"{url}/api/tasks/{by_name[name]}/annotations/"
            requests.post(address, json=said, headers=headers[person], timeout=60).raise_for_status()

        if step == 1:
            submit(0, "sub/ü 1.png", result=drawn(square(4, 4)), lead_time=41.5)
            submit(1, "sub/ü 1.png", result=drawn(square(4, 9)), lead_time=20.25)
            submit(0, "a.png", result=drawn(square(4, 4)), lead_time=10)
            submit(1, "b c.png", result=[], was_cancelled=True)
        else:
            submit(1, "a.png", result=[], lead_time=3)

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as proxy:
        threading.Thread(target=proxy.serve_forever, daemon=True).start()
        connection = connect(f"http://127.0.0.1:{proxy.server_port}", token)
        with tempfile.TemporaryDirectory() as home, SessionStore(Path(home) / "sessions.sqlite") as store:
            os.environ["ANNOTRIAGE_HOME"] = home
            course = converse(connection, catalogue, store, folder.parent, meanwhile)
        proxy.shutdown()
    shutil.rmtree(folder.parent)
    text = json.dumps(taken, ensure_ascii=False, separators=(",", ":")).replace('},{"method"', '},\n{"method"')
    assert token not in text and second not in text and str(root) not in text
    FILE.write_text(text + "\n", encoding="utf-8")
    print(f"{len(taken)} requests, {len(text) / 1000:.0f} kB.", *(each.sentence for each in course.sent), sep="\n")


if __name__ == "__main__":
    _record(sys.argv[1], sys.argv[2], sys.argv[3], Path(sys.argv[4]))
