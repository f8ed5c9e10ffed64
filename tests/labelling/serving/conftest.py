"""A server of the tiny model: in this process, or as one of its own."""

import base64
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

from annotriage.labelling.serving.app import application
from annotriage.labelling.serving.service import Service
from annotriage.labelling.serving.settings import ServerSettings
from annotriage.model_file import ModelFile, ModelLibrary, open_model_file
from annotriage.triage.store import SessionStore
from tests.tiny_models import write_tiny_model

PASSWORD = "secret-word"
BASIC = "Basic " + base64.b64encode(f"annotriage:{PASSWORD}".encode()).decode()


@pytest.fixture
def model(tmp_path: Path) -> ModelFile:
    return open_model_file(write_tiny_model(tmp_path / "tiny.onnx"))


@dataclass
class Server:
    """A server in this process, and who asks it."""

    service: Service
    client: TestClient
    store: SessionStore

    def count(self, name: str, **labels: str) -> float:
        return self.service.metrics.value(name, **labels)


@pytest.fixture
def server(model: ModelFile, tmp_path: Path) -> Iterator[Callable[..., Server]]:
    """Return what starts a server with settings."""
    with ExitStack() as ends:

        def start(threads: int = 2, **settings: Any) -> Server:
            store = ends.enter_context(SessionStore())
            uploads = tmp_path / "uploads"
            uploads.mkdir(exist_ok=True)
            service = Service(
                model, store, ServerSettings(**{"password": PASSWORD} | settings), uploads, threads=threads
            )
            ends.callback(service.close)
            client = TestClient(application(service), "http://127.0.0.1:9090", headers={"Authorization": BASIC})
            return Server(service, ends.enter_context(client), store)

        yield start


@dataclass
class Process:
    """`annotriage serve` as a process of its own."""

    popen: "subprocess.Popen[str]"
    port: int
    said: Path

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def auth(self) -> tuple[str, str]:
        return "annotriage", PASSWORD

    def text(self) -> str:
        return self.said.read_text()

    def end(self, number: int = signal.SIGTERM) -> int:
        self.popen.send_signal(number)
        return self.popen.wait(30)


@pytest.fixture
def process(tmp_path: Path) -> Iterator[Callable[..., Process]]:
    """Return what starts a server as a process, with the tiny model as the default one."""
    ModelLibrary().import_model(write_tiny_model(tmp_path / "tiny.onnx"))
    ModelLibrary().set_default("tiny")
    with ExitStack() as ends:

        def start(*arguments: str | Path | int, password: str = PASSWORD, first: str = "") -> Process:
            code = f"{first}\nfrom annotriage.program import main\nmain()"
            command = [sys.executable, "-c", code, "serve", "--port", "0", *map(str, arguments)]
            return ends.enter_context(_running(tmp_path / f"said-{time.monotonic_ns()}", command, password))

        yield start


@contextmanager
def _running(said: Path, command: list[str], password: str) -> Iterator[Process]:
    with said.open("w") as output:
        popen = subprocess.Popen(
            command, stderr=output, stdout=output, text=True, env=os.environ | {"ANNOTRIAGE_SERVE_PASSWORD": password}
        )
        try:
            ends = time.monotonic() + 60
            while (found := re.search(r"at http://[^ ]*:(\d+)/", said.read_text())) is None:
                assert popen.poll() is None and time.monotonic() < ends, said.read_text()
                time.sleep(0.05)
            yield Process(popen, int(found[1]), said)
        finally:
            popen.kill()
            popen.wait()
