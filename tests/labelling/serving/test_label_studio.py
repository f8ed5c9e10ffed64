"""Label Studio's side, by what a real Label Studio 1.23.2 sent (recorded.json) when it was connected and used."""

import json
import os
import shutil
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from starlette.testclient import TestClient

from annotriage.labelling.label_studio.doctor import _of_backend
from annotriage.labelling.serving.app import application
from annotriage.labelling.serving.service import Service
from annotriage.labelling.serving.settings import ServerSettings
from annotriage.model_file import open_model_file
from annotriage.scoring.scorer import Scorer
from annotriage.triage.session import Session
from annotriage.triage.store import SessionStore
from annotriage.triage.team_choice import choose_way
from tests.labelling.serving.conftest import Server
from tests.pictures import write_pictures
from tests.tiny_models import TINY_WAYS, write_tiny_model

RECORDED: list[dict[str, Any]] = json.loads((Path(__file__).parent / "recorded.json").read_text(encoding="utf-8"))
pytestmark = pytest.mark.slow

CONFIG = '<View><Image name="image" value="$image"/></View>'


def tasks_of(names: list[str]) -> dict[str, Any]:
    tasks = [
        {"id": number, "data": {"image": f"/data/local-files/?d={quote(name)}"}} for number, name in enumerate(names)
    ]
    return {"tasks": tasks, "label_config": CONFIG}


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """The document root that the recorded tasks speak of, with pictures of ours in it."""
    root = tmp_path / "root"
    pictures = write_pictures(tmp_path / "made", 10)
    predicted = next(each["body"]["tasks"] for each in RECORDED if each["path"] == "/predict")
    names = [task["data"]["name"] for task in predicted if "name" in task["data"]]
    for picture, name in zip(pictures, names, strict=True):
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(picture, root / name)
    (tmp_path / "serve").mkdir()
    shutil.copy(pictures[0], tmp_path / "serve" / "README.md")  # an image, outside of the root
    return root


def test_a_recorded_conversation(server: Callable[..., Server], root: Path) -> None:
    ours = server(root=root)
    counts = []
    for each in RECORDED:
        headers = {name: value for name, value in each["headers"].items() if name != "Content-Type"}
        ours.client.headers.pop("Authorization", None)
        answer = ours.client.request(each["method"], each["path"], headers=headers, json=each["body"])
        assert answer.status_code == 200, answer.text
        if each["path"] == "/predict":
            results = answer.json()["results"]
            assert len(results) == len(each["body"]["tasks"])
            counts.append([bool(result) for result in results])
            assert all(set(result) == {"result", "score", "model_version"} for result in results if result)
        if each["path"] in ("/setup", "/health"):
            assert answer.json()["model_version"] == "Annotriage tiny 1.0"
        if each["path"] == "/versions":
            assert answer.json() == {"versions": ["Annotriage tiny 1.0"]}
    # Ten images below the root; one that was uploaded, one outside of the root, one on another server.
    assert counts == [[True] * 10 + [False] * 3, [False] * 2]
    assert ours.count("webhook_events_total", kind="TASKS_CREATED") == 1
    assert ours.count("webhook_events_total", kind="ANNOTATION_CREATED") == 1


def test_scores_are_those_of_the_scorer_and_kept_for_the_window(server: Callable[..., Server], tmp_path: Path) -> None:
    paths = write_pictures(tmp_path / "root", 6)
    ours = server(root=tmp_path / "root")
    answer = ours.client.post("/predict", json=tasks_of([path.name for path in paths])).json()
    expected = [each.predicted_dice for each in Scorer(ours.service.model).score(paths)]
    assert [each["score"] for each in answer["results"]] == expected
    session = Session(tmp_path / "root", ours.service.model, ours.store)
    assert session.left() == [] and not session.is_outdated
    assert ours.count("images_scored_total") == 6
    again = ours.client.post("/predict", json=tasks_of([path.name for path in paths])).json()
    assert again == answer and ours.count("images_scored_total") == 6 and ours.count("images_known_total") == 6


def test_what_the_window_scored_is_known_and_new_images_join_it(server: Callable[..., Server], tmp_path: Path) -> None:
    paths = write_pictures(tmp_path / "root" / "photos", 4)
    ours = server(root=tmp_path / "root")
    later = paths[3].rename(tmp_path / "later.png")
    session = Session(tmp_path / "root" / "photos", ours.service.model, ours.store)
    assert len(list(session.score())) == 3
    later.rename(paths[3])
    answer = ours.client.post("/predict", json=tasks_of([f"photos/{path.name}" for path in paths])).json()
    assert all(answer["results"]) and ours.count("images_scored_total") == 1
    assert Session(tmp_path / "root" / "photos", ours.service.model, ours.store).left() == []


def test_a_file_that_changed_is_scored_again(server: Callable[..., Server], tmp_path: Path) -> None:
    dark, bright = write_pictures(tmp_path / "root", 2)
    ours = server(root=tmp_path / "root")
    first = ours.client.post("/predict", json=tasks_of([dark.name])).json()["results"][0]["score"]
    dark.write_bytes(bright.read_bytes())
    os.utime(dark, (1, 1))
    second = ours.client.post("/predict", json=tasks_of([dark.name])).json()["results"][0]["score"]
    assert second > first and ours.count("images_scored_total") == 2


def test_each_task_has_its_answer_whatever_the_others_are(
    server: Callable[..., Server], tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    paths = write_pictures(tmp_path / "root", 2)
    (tmp_path / "root" / "broken.jpg").write_bytes(b"\xff\xd8\xff\xe0 no image")
    body = tasks_of([paths[0].name, "broken.jpg", "gone.png", paths[0].name, "../x.png", paths[1].name])
    body["tasks"] += [None, 7, {"id": "<script>"}, {"data": {"image": ["x"]}}]
    with caplog.at_level("INFO"):
        answer = server(root=tmp_path / "root").client.post("/predict", json=body)
    given = [bool(each) for each in answer.json()["results"]]
    assert given == [True, False, False, True, False, True, False, False, False, False]
    assert "task 4: The address leads out" in caplog.text and "more like these" in caplog.text
    assert "gone.png" not in caplog.text and "script" not in caplog.text and str(tmp_path) not in caplog.text


def test_what_is_not_done_in_time_is_scored_on(
    server: Callable[..., Server], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    paths = write_pictures(tmp_path / "root", 8)
    slow(monkeypatch, 0.1)
    ours = server(root=tmp_path / "root", answer_within=0.25, threads=1)
    body = tasks_of([path.name for path in paths])
    first = [bool(each) for each in ours.client.post("/predict", json=body).json()["results"]]
    assert len(first) == 8 and 0 < sum(first) < 8
    assert ours.count("images_put_off_total") == 8 - sum(first)
    ends = time.monotonic() + 20
    while ours.count("images_scored_total") < 8 and time.monotonic() < ends:
        time.sleep(0.05)
    assert all(ours.client.post("/predict", json=body).json()["results"])
    assert ours.count("images_scored_total") == 8


def test_a_full_server_answers_what_it_can_and_then_asks_to_come_again(
    server: Callable[..., Server], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    paths = write_pictures(tmp_path / "root", 12)
    slow(monkeypatch, 0.2)
    ours = server(root=tmp_path / "root", answer_within=0.3, threads=1, most_waiting=4)
    body = tasks_of([path.name for path in paths])
    first = ours.client.post("/predict", json=body).json()["results"]
    assert len(first) == 12 and 0 < sum(map(bool, first)) <= 4
    ours.service.work.take([ours.service.uploaded(path, 1) for path in paths[:2]])
    slow(monkeypatch, 3)
    while ours.service.work.room():
        ours.service.work.take([ours.service.uploaded(paths[ours.service.work.room()], 1)])
    full = ours.client.post("/predict", json=tasks_of([path.name for path in paths[6:]]))
    assert full.status_code == 503 and int(full.headers["retry-after"]) > 0
    assert "wait already" in full.json()["error"]


def test_a_single_image_does_not_wait_for_a_thousand(
    server: Callable[..., Server], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    paths = write_pictures(tmp_path / "root", 40)
    slow(monkeypatch, 0.05)
    ours = server(root=tmp_path / "root", threads=1)
    many = ours.service.work.take(
        [ours.service.wanted(task["data"], []) for task in tasks_of([path.name for path in paths])["tasks"]]
    )
    one = ours.service.work.take([ours.service.uploaded(paths[0], 1)])
    one.futures[0].result(20)
    assert sum(future.done() for future in many.futures) < 10
    many.cancel()


def test_too_many_tasks_and_what_is_no_list_of_tasks(server: Callable[..., Server]) -> None:
    client = server(most_tasks=2).client
    assert client.post("/predict", json={"tasks": [{}] * 3}).status_code == 413
    assert client.post("/predict", json={"tasks": [{}] * 2}).json()["results"] == [[], []]
    for body in ({"tasks": 3}, [], "x"):
        answer = client.post("/predict", json=body)
        assert answer.status_code == 400 and answer.json()["error"].endswith(".")
    answer = client.post("/predict", content=b"{", headers={"Content-Type": "application/json"})
    assert answer.status_code == 400
    deep = client.post("/predict", content=b"[" * 200_000, headers={"Content-Type": "application/json"})
    assert deep.status_code == 400


@pytest.mark.parametrize(
    ("shown", "well", "words"),
    [("Annotriage tiny 1.0", True, "is connected"), ("My model", False, "call the connection “Annotriage tiny 1.0”")],
)
def test_the_doctor_names_a_connection_whose_scores_nobody_sees(shown: str, well: bool, words: str) -> None:
    said = {"url": "http://localhost:9090", "state": "CO", "model_version": "Annotriage tiny 1.0"}
    finding = _of_backend("project 1", said, shown)
    assert finding.well is well and words in finding.text


def slow(monkeypatch: pytest.MonkeyPatch, seconds: float) -> None:
    """Let each image take some time."""
    compute = Scorer._compute

    def slowly(*arguments: Any) -> Any:
        time.sleep(seconds)
        return compute(*arguments)

    monkeypatch.setattr(Scorer, "_compute", slowly)


def test_tasks_are_answered_for_the_way_that_was_chosen_for_the_folder(tmp_path: Path) -> None:
    paths = write_pictures(tmp_path / "root", 3)
    model = open_model_file(write_tiny_model(tmp_path / "ways.onnx", ways=TINY_WAYS))
    (tmp_path / "uploads").mkdir()
    computed = [each.predicted_dice for each in Scorer(model).score(paths)]
    body = tasks_of([path.name for path in paths])
    with SessionStore(tmp_path / "sessions.sqlite") as store:
        choose_way(store, tmp_path / "root", "hand")
        service = Service(model, store, ServerSettings(root=tmp_path / "root"), tmp_path / "uploads", threads=1)
        try:
            with TestClient(application(service), "http://127.0.0.1:9090") as client:
                for _ in ("computed", "known"):
                    hand = client.post("/predict", json=body).json()
                    assert [each["score"] for each in hand["results"]] == pytest.approx([1 - one for one in computed])
                    assert {each["model_version"] for each in hand["results"]} == {"Annotriage tiny 1.0, by hand"}
                mixed = client.post("/predict?drawn=mixed", json=body).json()
                assert client.get("/health").json()["model_version"] == "Annotriage tiny 1.0, by hand"
        finally:
            service.close()
        assert [each["score"] for each in mixed["results"]] == computed
        assert mixed["model_version"] == "Annotriage tiny 1.0, mixed or unknown"
        known = Session(tmp_path / "root", model, store)
        assert known.left() == []
