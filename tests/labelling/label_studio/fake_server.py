"""A Label Studio in memory, which does what 1.23.2 was seen to do; `test_recorded.py` holds it to what that answered.

What it does that one would not expect: `overlap` in an import is ignored; a task that is done stays so when more people
are wanted; a change of `maximum_annotations` resets every overlap; to hide predictions takes the model version away;
a folder equal to the document root is no storage; a file is served only below a storage.
"""

import json
import posixpath
import re
import threading
from dataclasses import dataclass, field
from email.message import Message
from email.parser import BytesParser
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import count
from typing import TYPE_CHECKING, Any, ClassVar
from urllib.parse import parse_qs, urlsplit

if TYPE_CHECKING:
    from collections.abc import Callable

TOKEN = "0" * 40
SECOND = "1" * 40


class Cut(Exception):
    """The connection is to be cut: before anything was done, or instead of the answer."""


class Refused(Exception):
    def __init__(self, status: int, detail: Any) -> None:
        self.status = status
        self.body: Any = {"status_code": status, "version": "1.23.2", "detail": "Validation error", "exc_info": None}
        if isinstance(detail, str):
            self.body["detail"] = detail
        else:
            self.body["validation_errors"] = detail


@dataclass
class Held:
    """All that a server holds."""

    projects: dict[int, dict[str, Any]] = field(default_factory=dict)
    tasks: dict[int, dict[str, Any]] = field(default_factory=dict)
    annotations: dict[int, dict[str, Any]] = field(default_factory=dict)
    predictions: dict[int, dict[str, Any]] = field(default_factory=dict)
    storages: dict[int, dict[str, Any]] = field(default_factory=dict)
    uploads: dict[int, dict[str, Any]] = field(default_factory=dict)


class FakeLabelStudio:
    """Answer on a free port of 127.0.0.1 while the `with` statement runs.

    `root` is the document root (None: no local files are served). `cut_after` and `cut_before` hold numbers of requests
    from now on whose answer is lost, or which are lost themselves. `busy` holds statuses that come first.
    """

    def __init__(self, root: str | None = "/srv/data") -> None:
        self.held = Held()
        self.root = root
        self.files: set[str] | None = None  # what lies below the root; None: whatever is asked for
        self.people = {1: "a@example.org", 2: "b@example.org"}
        self.tokens = {TOKEN: 1, SECOND: 2}
        self.requests: list[tuple[str, str]] = []
        self.cut_before: set[int] = set()
        self.cut_after: set[int] = set()
        self.busy: list[int] = []
        self.before_each: Callable[[str, str], None] = lambda method, path: None
        self._numbers = {
            name: count(1) for name in ("project", "task", "annotation", "prediction", "storage", "upload")
        }
        self._clock = count(1)
        self._lock = threading.RLock()
        handler = type("Handler", (_Handler,), {"fake": self})
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)

    def __enter__(self) -> "FakeLabelStudio":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def cut_from_now(self, *, before: set[int] = frozenset(), after: set[int] = frozenset()) -> None:  # type: ignore[assignment]
        """Lose the n-th request from now on, or its answer; 1 is the next."""
        now = len(self.requests)
        self.cut_before = {now + number for number in before}
        self.cut_after = {now + number for number in after}

    # What people do in the server's own pages

    def next_for(self, person: int, project: int) -> dict[str, Any] | None:
        """Return the next task for a person, in sequence."""
        for task in self.tasks_of(project):
            drew = {each["completed_by"] for each in self._drawn(task["id"])}
            if not task["is_labeled"] and person not in drew:
                return task
        return None

    def draw(self, person: int, task: int, result: list[Any], *, skipped: bool = False, seconds: float = 10.0) -> int:
        """Submit an annotation; return its number."""
        with self._lock:
            number = next(self._numbers["annotation"])
            self.held.annotations[number] = {
                "id": number,
                "completed_by": person,
                "result": result,
                "was_cancelled": skipped,
                "created_at": self._now(),
                "updated_at": self._now(),
                "lead_time": seconds,
                "prediction": {},
                "task": task,
            }
            self._count_drawn(task)
            return number

    def change(self, annotation: int, result: list[Any] | None) -> None:
        """Change an annotation, or take it away."""
        with self._lock:
            task = self.held.annotations[annotation]["task"]
            if result is None:
                del self.held.annotations[annotation]
            else:
                self.held.annotations[annotation] |= {"result": result, "updated_at": self._now()}
            self._count_drawn(task)

    def tasks_of(self, project: int) -> list[dict[str, Any]]:
        return [task for task in self.held.tasks.values() if task["project"] == project]

    # What it answers

    def answer(
        self, method: str, path: str, query: dict[str, list[str]], body: Any, headers: Message
    ) -> tuple[int, Any]:
        """Return status and body."""
        if path == "/api/version" or path == "/api/version/":
            return 200, {"release": "1.23.2"}
        person = self.tokens.get(headers.get("Authorization", "").removeprefix("Token "))
        if person is None:
            raise Refused(401, "Invalid token.")
        for pattern, name in _ROUTES:
            if found := re.fullmatch(pattern, path):
                numbers = [int(each) for each in found.groups()]
                work = getattr(self, f"_{method.lower()}_{name}", None)
                if work is None:
                    raise Refused(405, f'Method "{method}" not allowed.')
                with self._lock:
                    answered: tuple[int, Any] = work(*numbers, query=query, body=body, person=person)
                return answered
        return 404, "<!doctype html>"

    def _get_annotations(self, number: int, **_: Any) -> tuple[int, Any]:
        self._known(self.held.tasks, number, "Task")
        return 200, self._drawn(number)  # those who skipped it are left out

    def _get_whoami(self, *, person: int, **_: Any) -> tuple[int, Any]:
        return 200, self._person(person)

    def _get_users(self, **_: Any) -> tuple[int, Any]:
        return 200, [self._person(number) for number in self.people]

    def _get_jwt(self, **_: Any) -> tuple[int, Any]:
        return 200, {"api_tokens_enabled": True, "legacy_api_tokens_enabled": True}

    def _get_projects(self, *, query: dict[str, list[str]], **_: Any) -> tuple[int, Any]:
        found = [self._project(number) for number in reversed(self.held.projects)]
        return 200, {"count": len(found), "next": None, "previous": None, "results": self._page(found, query)}

    def _post_projects(self, *, body: Any, **_: Any) -> tuple[int, Any]:
        if not 3 <= len(body.get("title", "")) <= 50:
            raise Refused(400, {"title": ["Ensure this field has at least 3 characters."]})
        number = next(self._numbers["project"])
        fresh = {"model_version": "", "show_collab_predictions": True, "maximum_annotations": 1, "sampling": ""}
        self.held.projects[number] = fresh | body | {"id": number}
        return 201, self._project(number)

    def _get_project(self, number: int, **_: Any) -> tuple[int, Any]:
        return 200, self._project(number)

    def _patch_project(self, number: int, *, body: Any, **_: Any) -> tuple[int, Any]:
        project = self._known(self.held.projects, number, "Project")
        version = body.get("model_version", "")
        there = {each["model_version"] for each in self.held.predictions.values() if each["project"] == number}
        if version and version != project["model_version"] and version not in there:
            raise Refused(
                400, {"model_version": ["Model version doesn't exist either as live model or as static predictions."]}
            )
        if body.get("show_collab_predictions") is False:
            project["model_version"] = ""
        if body.get("maximum_annotations", project["maximum_annotations"]) != project["maximum_annotations"]:
            for task in self.tasks_of(number):
                task["overlap"] = body["maximum_annotations"]
        project |= body
        return 200, self._project(number)

    def _delete_project(self, number: int, **_: Any) -> tuple[int, Any]:
        self._known(self.held.projects, number, "Project")
        del self.held.projects[number]
        return 204, None

    def _post_import(self, number: int, *, query: dict[str, list[str]], body: Any, **_: Any) -> tuple[int, Any]:
        self._known(self.held.projects, number, "Project")
        if isinstance(body, Message):
            files = []
            for part in body.get_payload():
                name = part.get_filename() or ""
                if posixpath.splitext(name)[1].lower() not in (".jpg", ".jpeg", ".png", ".bmp", ".gif", ".webp"):
                    raise Refused(
                        400, {"non_field_errors": [f"{posixpath.splitext(name)[1]} extension is not supported"]}
                    )
                upload = next(self._numbers["upload"])
                kept = re.sub(r"[^\w.-]", "", name.replace(" ", "_"))
                self.held.uploads[upload] = {"id": upload, "file": f"upload/{number}/{upload:08x}-{kept}", "of": number}
                files.append(upload)
            assert query["commit_to_project"] == ["false"]
            return 201, {"task_count": len(files), "file_upload_ids": files, "annotation_count": None}
        made = [self._new_task(number, each) for each in body]
        answer = {"task_count": len(made), "annotation_count": 0, "prediction_count": 0, "file_upload_ids": []}
        return 201, answer | ({"task_ids": made} if query.get("return_task_ids") == ["true"] else {})

    def _get_uploads(self, number: int, **_: Any) -> tuple[int, Any]:
        return 200, [
            {"id": each["id"], "file": each["file"], "size": 1}
            for each in self.held.uploads.values()
            if each["of"] == number
        ]

    def _get_export(self, number: int, *, query: dict[str, list[str]], **_: Any) -> tuple[int, Any]:
        wanted = {int(each) for each in query.get("ids[]", [])}
        found = [task for task in self.tasks_of(number) if not wanted or task["id"] in wanted]
        return 200, [
            {
                "id": task["id"],
                "annotations": [each for each in self.held.annotations.values() if each["task"] == task["id"]],
                "drafts": [],
                "predictions": [each["id"] for each in self.held.predictions.values() if each["task"] == task["id"]],
                **{name: task[name] for name in ("data", "meta", "created_at", "updated_at", "project")},
            }
            for task in found
            if query.get("download_all_tasks") == ["true"] or task["total_annotations"]
        ]

    def _get_next(self, number: int, *, person: int, **_: Any) -> tuple[int, Any]:
        task = self.next_for(person, number)
        if task is None:
            raise Refused(404, "There are still some tasks to complete for the user")
        return 200, self._task(task)

    def _get_storages(self, *, query: dict[str, list[str]], **_: Any) -> tuple[int, Any]:
        project = int(query["project"][0])
        return 200, [each for each in self.held.storages.values() if each["project"] == project]

    def _post_validate(self, *, body: Any, **_: Any) -> tuple[int, Any]:
        path = body["path"]
        if path == self.root:
            said = f'Absolute local path "{path}" cannot be the same as LOCAL_FILES_DOCUMENT_ROOT="{self.root}" by '
            raise Refused(400, {"non_field_errors": [f"{said}security reasons. Please add a subdirectory."]})
        if self.root is not None and not path.startswith(f"{self.root}/"):
            if path != "/" and not path.startswith("/srv"):
                raise Refused(400, {"non_field_errors": [f'Absolute local path "{path}" does not exist']})
            said = f'Absolute local path "{path}" must be a subdirectory of LOCAL_FILES_DOCUMENT_ROOT="{self.root}" by '
            raise Refused(400, {"non_field_errors": [f"{said}security reasons."]})
        if self.root is None:
            said = (
                "Serving local files from the host filesystem can be a security risk, so LOCAL_FILES_SERVING_ENABLED "
            )
            raise Refused(400, {"non_field_errors": [f"{said}is disabled by default."]})
        return 200, None

    def _post_storages(self, *, body: Any, **more: Any) -> tuple[int, Any]:
        self._post_validate(body=body)
        number = next(self._numbers["storage"])
        self.held.storages[number] = body | {"id": number, "type": "localfiles"}
        return 201, self.held.storages[number]

    def _get_tasks(self, *, query: dict[str, list[str]], **_: Any) -> tuple[int, Any]:
        found = self.tasks_of(self._known(self.held.projects, int(query["project"][0]), "Project")["id"])
        page = self._page(found, query)
        said = [self._task(task) | self._annotators(task, query) for task in page]
        totals = {"total": len(found), "total_annotations": 0, "total_predictions": 0}
        return 200, totals | {"tasks": said}

    def _get_task(self, number: int, **_: Any) -> tuple[int, Any]:
        task = self._known(self.held.tasks, number, "Task")
        return 200, self._task(task) | {"annotations": self._drawn(number), "drafts": []}

    def _patch_task(self, number: int, *, body: Any, **_: Any) -> tuple[int, Any]:
        task = self._known(self.held.tasks, number, "Task")
        assert set(body) <= {"data", "meta", "overlap", "is_labeled"}
        task |= body | {"updated_at": self._now()}
        said = self._task(task)
        return 200, {name: said[name] for name in said if name not in ("annotators", "drafts")}

    def _delete_task(self, number: int, **_: Any) -> tuple[int, Any]:
        self._known(self.held.tasks, number, "Task")
        del self.held.tasks[number]
        for held in (self.held.annotations, self.held.predictions):
            for each in [key for key, value in held.items() if value["task"] == number]:
                del held[each]
        return 204, None

    def _get_predictions(self, *, query: dict[str, list[str]], **_: Any) -> tuple[int, Any]:
        task = int(query["task"][0])
        return 200, [each for each in self.held.predictions.values() if each["task"] == task]

    def _post_predictions(self, *, body: Any, **_: Any) -> tuple[int, Any]:
        if body["task"] not in self.held.tasks:
            raise Refused(400, {"task": [f'Invalid pk "{body["task"]}" - object does not exist.']})
        number = next(self._numbers["prediction"])
        self.held.predictions[number] = body | {"id": number}
        return 201, self.held.predictions[number]

    def _patch_prediction(self, number: int, *, body: Any, **_: Any) -> tuple[int, Any]:
        self._known(self.held.predictions, number, "Prediction").update(body)
        return 200, self.held.predictions[number]

    def _delete_prediction(self, number: int, **_: Any) -> tuple[int, Any]:
        self._known(self.held.predictions, number, "Prediction")
        del self.held.predictions[number]
        return 204, None

    def _get_backends(self, **_: Any) -> tuple[int, Any]:
        return 200, []

    def _get_local(self, *, query: dict[str, list[str]], **_: Any) -> tuple[int, Any]:
        path = query["d"][0]
        if self.root is None:
            return 403, "Serving local files can be dangerous, so it's disabled by default. LOCAL_FILES_SERVING_ENABLED"
        whole = posixpath.dirname(posixpath.join(self.root, path))
        below = any(f"{whole}/".startswith(f"{each['path']}/") for each in self.held.storages.values())
        if below and (self.files is None or path in self.files):
            return 206, b"\xff"
        return 404, ""

    def _get_upload(self, *_: int, **__: Any) -> tuple[int, Any]:
        return 206, b"\xff"

    # What it holds

    def _new_task(self, project: int, said: Any) -> int:
        number = next(self._numbers["task"])
        fields = {"is_labeled": False, "overlap": self.held.projects[project]["maximum_annotations"]}
        counts = {"total_annotations": 0, "cancelled_annotations": 0}
        times = {"created_at": self._now(), "updated_at": self._now()}
        data = {"data": said["data"], "meta": said.get("meta") or {}, "project": project}
        self.held.tasks[number] = {"id": number} | fields | counts | times | data
        return number

    def _task(self, task: dict[str, Any]) -> dict[str, Any]:
        predictions = sum(each["task"] == task["id"] for each in self.held.predictions.values())
        return task | {"total_predictions": predictions, "drafts": [], "annotators": []}

    def _annotators(self, task: dict[str, Any], query: dict[str, list[str]]) -> dict[str, Any]:
        if query.get("review") != ["true"]:
            return {}
        return {
            "annotators": sorted({e["completed_by"] for e in self.held.annotations.values() if e["task"] == task["id"]})
        }

    def _drawn(self, task: int) -> list[dict[str, Any]]:
        return [e for e in self.held.annotations.values() if e["task"] == task and not e["was_cancelled"]]

    def _count_drawn(self, number: int) -> None:
        task = self.held.tasks[number]
        drawn = len(self._drawn(number))
        skipped = sum(e["task"] == number and e["was_cancelled"] for e in self.held.annotations.values())
        task |= {"total_annotations": drawn, "cancelled_annotations": skipped, "updated_at": self._now()}
        task["is_labeled"] = drawn >= task["overlap"]

    def _project(self, number: int) -> dict[str, Any]:
        project = self._known(self.held.projects, number, "Project")
        tasks = self.tasks_of(number)
        return project | {
            "task_number": len(tasks),
            "total_annotations_number": sum(task["total_annotations"] for task in tasks),
        }

    def _person(self, number: int) -> dict[str, Any]:
        return {"id": number, "first_name": "", "last_name": "", "username": "", "email": self.people[number]}

    def _known(self, held: dict[int, dict[str, Any]], number: int, what: str) -> dict[str, Any]:
        if number not in held:
            raise Refused(404, f"No {what} matches the given query.")
        return held[number]

    def _page(self, found: list[Any], query: dict[str, list[str]]) -> list[Any]:
        size, page = int(query.get("page_size", ["100"])[0]), int(query.get("page", ["1"])[0])
        if page > 1 and (page - 1) * size >= len(found):
            raise Refused(404, "Invalid page.")
        return found[(page - 1) * size : page * size]

    def _now(self) -> str:
        seconds = next(self._clock)
        return f"2026-01-01T{seconds // 3600:02}:{seconds // 60 % 60:02}:{seconds % 60:02}.000000Z"


_ROUTES = (
    (r"/api/current-user/whoami/?", "whoami"),
    (r"/api/users/?", "users"),
    (r"/api/jwt/settings/?", "jwt"),
    (r"/api/projects/?", "projects"),
    (r"/api/projects/(\d+)/?", "project"),
    (r"/api/projects/(\d+)/import", "import"),
    (r"/api/projects/(\d+)/file-uploads", "uploads"),
    (r"/api/projects/(\d+)/export", "export"),
    (r"/api/projects/(\d+)/next/", "next"),
    (r"/api/storages/localfiles/?", "storages"),
    (r"/api/storages/localfiles/validate", "validate"),
    (r"/api/tasks/?", "tasks"),
    (r"/api/tasks/(\d+)/", "task"),
    (r"/api/tasks/(\d+)/annotations/", "annotations"),
    (r"/api/predictions/", "predictions"),
    (r"/api/predictions/(\d+)/", "prediction"),
    (r"/api/ml/", "backends"),
    (r"/data/local-files/", "local"),
    (r"/data/upload/(\d+)/.+", "upload"),
)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    fake: ClassVar[FakeLabelStudio]

    def _serve(self) -> None:
        parts = urlsplit(self.path)
        sent = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        fake = self.fake
        fake.requests.append((self.command, self.path))
        number = len(fake.requests)
        fake.before_each(self.command, self.path)
        if number in fake.cut_before:
            self.close_connection = True
            return
        if fake.busy:
            self._reply(fake.busy.pop(0), {"detail": "busy"})
            return
        try:
            status, body = fake.answer(self.command, parts.path, parse_qs(parts.query), self._body(sent), self.headers)
        except Refused as error:
            status, body = error.status, error.body
        if number in fake.cut_after:
            self.close_connection = True
            return
        self._reply(status, body)

    do_GET = do_POST = do_PATCH = do_DELETE = _serve

    def _body(self, sent: bytes) -> Any:
        kind = self.headers.get("Content-Type", "")
        if kind.startswith("multipart/"):
            return BytesParser().parsebytes(b"Content-Type: " + kind.encode() + b"\r\n\r\n" + sent)
        return json.loads(sent) if sent else None

    def _reply(self, status: int, body: Any) -> None:
        if isinstance(body, bytes):
            kind, data = "image/png", body
        elif isinstance(body, str):
            kind, data = "text/html; charset=utf-8", body.encode()
        else:
            kind, data = "application/json", b"" if body is None else json.dumps(body).encode()
        try:
            self.send_response(status)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)
        except OSError:
            self.close_connection = True

    def log_message(self, format: str, *args: object) -> None:
        pass
