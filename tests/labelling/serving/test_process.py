"""The server as a process: killed, stopped, overfed, kept waiting."""

import json
import signal
import socket
import sqlite3
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psutil
import pytest
import requests

from annotriage.labelling.serving import upload_folder as uploads
from annotriage.triage.store import FILE_NAME
from tests.labelling.serving.conftest import BASIC, PASSWORD, Process
from tests.labelling.serving.test_label_studio import tasks_of
from tests.pictures import write_pictures

pytestmark = pytest.mark.slow


def metric(process: Process, name: str) -> float:
    text = requests.get(f"{process.address}/metrics", auth=process.auth, timeout=10).text
    return float(next(line.split()[1] for line in text.splitlines() if line.startswith(f"annotriage_{name} ")))


def predict(process: Process, names: list[str]) -> list[Any]:
    answer = requests.post(f"{process.address}/predict", json=tasks_of(names), auth=process.auth, timeout=120)
    assert answer.status_code == 200, answer.text
    results: list[Any] = answer.json()["results"]
    return results


def ask_in_vain(process: Process, names: list[str]) -> None:
    with pytest.raises(requests.RequestException):
        predict(process, names)


def wait_until(true: Callable[[], bool], seconds: float = 30) -> None:
    ends = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < ends
        time.sleep(0.02)


def test_killed_in_the_middle_of_a_prediction(process: Callable[..., Process], tmp_path: Path, own_home: Path) -> None:
    names = [path.name for path in write_pictures(tmp_path / "root", 400)]
    first = process("--root", tmp_path / "root", "--jobs", 1)
    asking = threading.Thread(target=ask_in_vain, args=(first, names))
    asking.start()
    wait_until(lambda: metric(first, "images_scored_total") > 20)
    first.popen.kill()
    asking.join(30)
    with sqlite3.connect(own_home / FILE_NAME) as store:
        assert store.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        (kept,) = store.execute("SELECT count(*) FROM predictions").fetchone()
    assert 20 < kept < 400
    second = process("--root", tmp_path / "root")
    assert all(predict(second, names))
    assert metric(second, "images_scored_total") == 400 - kept and metric(second, "images_known_total") == kept


def test_a_thousand_tasks_in_one_request(process: Callable[..., Process], tmp_path: Path) -> None:
    names = [path.name for path in write_pictures(tmp_path / "root", 1000)]
    ours = process("--root", tmp_path / "root")
    results = predict(ours, names)
    assert len(results) == 1000 and all(results)
    scores = [each["score"] for each in results]
    assert scores == sorted(scores) and len(set(scores)) > 500  # from dark to bright


@pytest.mark.parametrize("chunked", [False, True])
def test_a_body_of_a_gigabyte_is_refused(process: Callable[..., Process], chunked: bool) -> None:
    ours = process()
    memory = psutil.Process(ours.popen.pid)
    before = memory.memory_info().rss
    length = "Transfer-Encoding: chunked" if chunked else "Content-Length: 1000000000"
    head = f"POST /predict HTTP/1.1\r\nHost: localhost\r\nAuthorization: {BASIC}\r\nContent-Type: image/png\r\n{length}"
    sent = 0
    with socket.create_connection(("127.0.0.1", ours.port), timeout=20) as client:
        client.sendall(f"{head}\r\n\r\n".encode())
        piece = b"\0" * 1_000_000
        try:
            while sent < 1000 and not _is_answered(client):
                client.sendall(b"f4240\r\n" + piece + b"\r\n" if chunked else piece)
                sent += 1
            answer = client.recv(10_000).decode()
        except ConnectionError:  # it hung up while we were still sending
            answer = ""
    assert answer == "" or answer.startswith("HTTP/1.1 413 ")
    assert sent < 300
    assert memory.memory_info().rss - before < 100e6
    wait_until(lambda: "POST /predict 413 " in ours.text())
    assert requests.get(f"{ours.address}/health", auth=ours.auth, timeout=5).status_code == 200


def _is_answered(client: socket.socket) -> bool:
    client.settimeout(0.001)
    try:
        return bool(client.recv(1, socket.MSG_PEEK))
    except TimeoutError:
        return False
    finally:
        client.settimeout(20)


@pytest.mark.parametrize(("number", "code"), [(signal.SIGTERM, 0), (signal.SIGINT, 130)])
def test_stopped_while_it_predicts_it_answers_with_what_is_done(
    process: Callable[..., Process], tmp_path: Path, number: int, code: int
) -> None:
    names = [path.name for path in write_pictures(tmp_path / "root", 400)]
    ours = process("--root", tmp_path / "root", "--jobs", 1)
    results: list[Any] = []
    asking = threading.Thread(target=lambda: results.extend(predict(ours, names)))
    asking.start()
    wait_until(lambda: metric(ours, "images_scored_total") > 10)
    assert ours.end(number) == code, ours.text()
    asking.join(10)
    assert len(results) == 400 and 0 < sum(map(bool, results)) < 400
    assert "stopped. What was predicted for Label Studio is kept." in ours.text()
    assert "Traceback" not in ours.text()


def test_who_goes_away_is_not_worked_for(process: Callable[..., Process], tmp_path: Path) -> None:
    names = [path.name for path in write_pictures(tmp_path / "root", 600)]
    ours = process("--root", tmp_path / "root", "--jobs", 1)
    body = json.dumps(tasks_of(names)).encode()
    head = f"POST /predict HTTP/1.1\r\nHost: localhost\r\nAuthorization: {BASIC}\r\n"
    head += f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
    with socket.create_connection(("127.0.0.1", ours.port)) as client:
        client.sendall(head.encode() + body)
        wait_until(lambda: metric(ours, "images_scored_total") > 5)
    wait_until(lambda: metric(ours, "images_waiting") == 0, 5)
    assert metric(ours, "images_scored_total") < 600


def test_what_is_said_at_the_start_and_in_the_log(process: Callable[..., Process], tmp_path: Path) -> None:
    (picture,) = write_pictures(tmp_path / "root", 1)
    ours = process("--root", tmp_path / "root")
    predict(ours, [picture.name])
    requests.get(f"{ours.address}/nothing?token=abc", auth=("annotriage", "wrong"), timeout=5)
    text = ours.text()
    assert "with tiny 1.0" in text and 'with the name "Annotriage tiny 1.0"' in text
    assert "POST /predict 200 " in text and "GET other 401 " in text
    for secret in (PASSWORD, "abc", picture.name, str(tmp_path)):
        assert secret not in text
    fresh = process(password="")
    password = fresh.text().split("new at each start: ")[1].split()[0]
    assert len(password) >= 20
    assert requests.get(f"{fresh.address}/health", auth=("annotriage", password), timeout=5).ok
    assert requests.get(f"{fresh.address}/health", headers={"Authorization": f"Bearer {password}"}, timeout=5).ok


def test_a_port_that_is_taken(process: Callable[..., Process]) -> None:
    ours = process()
    command = [sys.executable, "-m", "annotriage", "serve", "--port", str(ours.port)]
    second = subprocess.run(command, capture_output=True, text=True, timeout=60)
    assert second.returncode == 1 and "another --port" in second.stderr and "Traceback" not in second.stderr


IMPATIENT = """
import functools
from annotriage.labelling.serving import running, settings
running._HEADERS_WITHIN = 0.5
settings.ServerSettings = functools.partial(settings.ServerSettings, idle_within=0.5)
"""


def test_slow_senders_and_silent_connections(process: Callable[..., Process]) -> None:
    ours = process(first=IMPATIENT)
    started = time.monotonic()
    with (
        socket.create_connection(("127.0.0.1", ours.port), timeout=60) as silent,
        socket.create_connection(("127.0.0.1", ours.port), timeout=60) as slow,
    ):
        head = f"POST /predict HTTP/1.1\r\nHost: localhost\r\nAuthorization: {BASIC}\r\nContent-Type: image/png\r\n"
        slow.sendall(f"{head}Content-Length: 1000\r\n\r\n123".encode())
        assert slow.recv(1000).startswith(b"HTTP/1.1 408 ")
        assert silent.recv(1000) == b""
    assert time.monotonic() - started < 15


def test_what_a_kill_left_of_sent_images_goes_at_the_next_start(tmp_path: Path) -> None:
    left = Path(tempfile.mkdtemp(prefix="annotriage-serve-", dir=tmp_path))
    (left / ".lock").touch()
    (left / "sent-0").write_bytes(b"an image")
    with uploads.upload_folder(tmp_path) as first:
        assert not left.exists()
        (first / "sent-0").write_bytes(b"an image")
        with uploads.upload_folder(tmp_path) as second:
            assert first.exists() and second != first  # in use by another server
    assert list(tmp_path.iterdir()) == []
