"""The plain API: an image in, numbers and maps out; everything else is refused in words."""

import asyncio
import base64
import io
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.routing import Route
from starlette.testclient import TestClient

from annotriage.labelling.serving.app import application
from annotriage.labelling.serving.service import Service
from annotriage.labelling.serving.settings import ServerSettings
from annotriage.model_file import open_model_file
from annotriage.scoring.overlays import map_overlay
from annotriage.scoring.scorer import Scorer
from annotriage.triage.store import SessionStore
from tests.labelling.serving.conftest import PASSWORD, Server
from tests.labelling.serving.test_label_studio import slow
from tests.pictures import picture, write_picture
from tests.tiny_models import TINY_FEATURES, TINY_WAYS, write_tiny_model

pytestmark = pytest.mark.slow


@pytest.fixture
def lesion(tmp_path: Path) -> Path:
    return write_picture(tmp_path / "lesion.jpg", 0.6, height=96, width=128)


def send(server: Server, path: Path, query: str = "", kind: str = "image/jpeg") -> Any:
    return server.client.post(f"/predict{query}", content=path.read_bytes(), headers={"Content-Type": kind})


@pytest.mark.parametrize("kind", ["image/jpeg", "IMAGE/PNG; charset=x", "application/octet-stream"])
def test_an_image_has_the_numbers_of_the_scorer(server: Callable[..., Server], lesion: Path, kind: str) -> None:
    ours = server()
    answer = send(ours, lesion, kind=kind)
    (expected,) = Scorer(ours.service.model).score([lesion])
    assert answer.status_code == 200
    assert answer.json() == {
        "predicted_dice": expected.predicted_dice,
        "disagreement": expected.disagreement,
        "lower": expected.lower,
        "upper": expected.upper,
        "level": 0.9,
        "model": "tiny",
        "model_version": "1.0",
        "note": None,
    }
    form = ours.client.post("/predict", files={"image": ("x.jpg", lesion.read_bytes(), "image/jpeg")})
    assert form.json() == answer.json()
    assert list(ours.service.uploads.iterdir()) == []  # nothing of it stays
    assert ours.store.known_folders() == []


def test_maps_as_numbers_and_drawn(server: Callable[..., Server], lesion: Path) -> None:
    ours = server()
    (expected,) = Scorer(ours.service.model).score([lesion])
    maps = send(ours, lesion, "?map=heatmap&map=lesion&map=heatmap").json()["maps"]
    assert list(maps) == ["heatmap", "lesion"]
    assert (maps["heatmap"]["height"], maps["heatmap"]["width"]) == expected.maps["heatmap"].shape
    np.testing.assert_allclose(maps["heatmap"]["values"], expected.maps["heatmap"], atol=1e-5)
    drawn = send(ours, lesion, "?map=heatmap&as=png").json()["maps"]["heatmap"]
    pixels = np.asarray(Image.open(io.BytesIO(base64.b64decode(drawn["png"]))))
    spec = next(spec for spec in ours.service.model.card.all_maps if spec.name == "heatmap")
    with Image.open(lesion) as image:
        rgb = np.asarray(image.convert("RGB"))
    np.testing.assert_array_equal(pixels, map_overlay(rgb, expected.maps["heatmap"], spec))
    assert (drawn["height"], drawn["width"]) == (96, 128)


def test_what_is_no_image_is_refused_in_words(server: Callable[..., Server], tmp_path: Path, lesion: Path) -> None:
    ours = server(largest=200_000)
    text = tmp_path / "a.txt"
    text.write_text("no image")
    mask = tmp_path / "mask.png"
    Image.fromarray((picture(1.0)[..., 0] < 200).astype(np.uint8) * 255).save(mask)
    cut = tmp_path / "cut.jpg"
    cut.write_bytes(lesion.read_bytes()[:600])
    bomb = tmp_path / "bomb.png"
    bomb.write_bytes(png_header(40_000, 40_000))
    for path, what in ((text, "not an image"), (mask, "mask"), (cut, "cut off"), (bomb, "million pixels")):
        answer = send(ours, path)
        assert answer.status_code == 422 and what in answer.json()["error"], answer.text
    for query, what in (
        ("?map=nothing", "has: heatmap"),
        ("?map=heatmap&as=svg", "as=array"),
        ("?maps=heatmap", "may say: map, as"),
    ):
        answer = send(ours, lesion, query)
        assert answer.status_code == 422 and what in answer.json()["error"]
    assert send(ours, lesion, kind="text/html").status_code == 415
    empty = tmp_path / "empty"
    empty.write_bytes(b"")
    assert send(ours, empty).status_code == 400
    big = tmp_path / "big"
    big.write_bytes(b"\0" * 200_001)
    assert send(ours, big).status_code == 413
    chunked = ours.client.post("/predict", content=iter([b"\0" * 60_000] * 4), headers={"Content-Type": "image/png"})
    assert chunked.status_code == 413
    assert ours.client.post("/predict", files={"image": ("x", big.read_bytes())}).status_code == 413
    assert list(ours.service.uploads.iterdir()) == []


def png_header(width: int, height: int) -> bytes:
    """Return a PNG that claims to be large."""
    import struct
    import zlib

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    data = chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(b"\0" * 1000)) + chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + data


def test_forms_that_are_none(server: Callable[..., Server], lesion: Path) -> None:
    client = server().client
    files = [("image", ("a.jpg", lesion.read_bytes())), ("more", ("b.jpg", lesion.read_bytes()))]
    assert client.post("/predict", files=files).status_code == 400
    assert client.post("/predict", files={"image": (None, "text")}).status_code == 400
    for kind in ("multipart/form-data", "multipart/form-data; boundary=x"):
        answer = client.post("/predict", content=b"no form", headers={"Content-Type": kind})
        assert answer.status_code == 400 and answer.json()["error"].endswith((".", ".)")), answer.text


def test_so_many_bodies_are_read_at_a_time(server: Callable[..., Server], lesion: Path) -> None:
    none = send(server(uploads_at_once=0), lesion)
    assert none.status_code == 503 and none.headers["retry-after"] and none.headers["connection"] == "close"


def test_all_that_is_held_in_memory_is_bounded() -> None:
    from annotriage.labelling.serving.bodies import Bodies
    from annotriage.labelling.serving.settings import ServerSettings

    bodies, refused = Bodies(ServerSettings(largest=1000)), []

    async def read(gate: asyncio.Event) -> object:
        async def receive() -> dict[str, Any]:
            if not sent:
                sent.append(True)
                return {"type": "http.request", "body": b'"' + b"x" * 800, "more_body": True}
            await gate.wait()
            return {"type": "http.request", "body": b'"', "more_body": False}

        sent: list[bool] = []
        request = Request({"type": "http", "method": "POST", "headers": []}, receive)  # type: ignore[arg-type]
        try:
            return await bodies.json(request)
        except HTTPException as error:
            refused.append(error.status_code)
            return None

    async def three() -> list[object]:
        gate = asyncio.Event()
        tasks = [asyncio.create_task(read(gate)) for _ in range(3)]
        await asyncio.sleep(0.05)
        gate.set()
        return await asyncio.gather(*tasks)

    read_all = asyncio.run(three())
    assert refused == [503] and sum(each == "x" * 800 for each in read_all) == 2
    assert asyncio.run(three()) and refused == [503, 503]  # what was let go counts no more


def test_an_image_that_is_not_done_in_time(
    server: Callable[..., Server], lesion: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    slow(monkeypatch, 1)
    answer = send(server(answer_within=0.2), lesion)
    assert answer.status_code == 503 and "Retry-After" in answer.headers


def test_a_model_that_cannot_be_computed_is_said(
    server: Callable[..., Server], lesion: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ours = server()

    class Broken:
        def run(self, *_: object) -> None:
            raise RuntimeError("out of memory")

    monkeypatch.setattr(Scorer, "_session", lambda _: Broken())
    answer = send(ours, lesion)
    assert answer.status_code == 503 and "could not be computed" in answer.json()["error"]
    monkeypatch.undo()
    assert send(ours, lesion).status_code == 200


def test_a_defect_ends_in_words_and_not_in_the_server(
    server: Callable[..., Server], lesion: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ours = server()
    monkeypatch.setattr(Scorer, "_score_batch", lambda *_: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        send(ours, lesion)
    monkeypatch.undo()
    assert send(ours, lesion).status_code == 200


def test_places_that_are_not_there(server: Callable[..., Server]) -> None:
    ours = server()
    for method, place, status in (("GET", "/x", 404), ("GET", "/predict", 405), ("POST", "/health", 405)):
        answer = ours.client.request(method, place)
        assert answer.status_code == status and answer.json()["error"].endswith("."), place
    ours.client.get("/secret-name")
    assert "secret-name" not in ours.client.get("/metrics").text


def test_metrics_count_what_was_done(server: Callable[..., Server], lesion: Path) -> None:
    ours = server()
    send(ours, lesion)
    ours.client.get("/health", headers={"Authorization": "Bearer wrong"})
    text = ours.client.get("/metrics").text
    assert "annotriage_images_scored_total 1.0\n" in text
    assert 'annotriage_requests_total{place="/predict",status="200"} 1.0\n' in text
    assert 'annotriage_refused_total{reason="password"} 1.0\n' in text
    assert "annotriage_images_waiting 0.0\n" in text and 'model_info{model="tiny 1.0"} 1.0\n' in text
    for line in text.splitlines():  # the format's own grammar, as far as it is used
        assert re.fullmatch(r'# (HELP|TYPE) \w+ .+|\w+(\{\w+="[^"]*"(,\w+="[^"]*")*\})? [-0-9.e+]+', line), line


def test_the_document_says_what_there_is(server: Callable[..., Server], lesion: Path) -> None:
    ours = server()
    document = ours.client.get("/openapi.json").json()
    app = ours.client.app._app  # type: ignore[attr-defined]
    assert isinstance(app, Starlette)
    routes = {
        (route.path, method.lower())
        for route in app.routes
        if isinstance(route, Route)
        for method in (route.methods or set()) - {"HEAD"}
    }
    assert routes == {(path, method) for path, methods in document["paths"].items() for method in methods}
    names = [operation["operationId"] for methods in document["paths"].values() for operation in methods.values()]
    assert len(set(names)) == len(names)
    assert set(re.findall(r"#/components/schemas/(\w+)", str(document))) <= set(document["components"]["schemas"])
    said = document["components"]["schemas"]["Prediction"]
    answer = send(ours, lesion, "?map=lesion").json()
    assert set(said["required"]) <= set(answer) <= set(said["properties"])
    assert set(answer["maps"]["lesion"]) <= set(document["components"]["schemas"]["Map"]["properties"])


def test_the_page_for_people(server: Callable[..., Server]) -> None:
    answer = server().client.get("/")
    assert answer.headers["content-type"].startswith("text/html")
    assert "never diagnoses" in answer.text and "<code>Annotriage tiny 1.0</code>" in answer.text
    assert "default-src 'none'" in answer.headers["content-security-policy"] and "<script" not in answer.text
    assert PASSWORD not in answer.text


def test_a_person_who_sends_the_form_sees_numbers_and_pictures(server: Callable[..., Server], lesion: Path) -> None:
    ours = server()
    action = re.search(r'action="(predict[^"]*)"', ours.client.get("/").text)
    assert action is not None
    answer = ours.client.post(
        "/" + action[1].replace("&amp;", "&"),
        files={"image": ("x.jpg", lesion.read_bytes())},
        headers={"Accept": "text/html,application/xhtml+xml", "Origin": "http://127.0.0.1:9090"},
    )
    (expected,) = Scorer(ours.service.model).score([lesion])
    assert answer.headers["content-type"].startswith("text/html")
    assert f"Predicted Dice {expected.predicted_dice:.2f}" in answer.text
    assert answer.text.count("data:image/png;base64,") == 2 and "Border uncertainty" in answer.text


def test_a_request_may_name_the_way_of_drawing(tmp_path: Path, lesion: Path) -> None:
    model = open_model_file(write_tiny_model(tmp_path / "ways.onnx", ways=TINY_WAYS))
    for way, own in (("hand", True), (None, False)):
        with SessionStore(tmp_path / "sessions.sqlite") as store:
            (tmp_path / "uploads").mkdir(exist_ok=True)
            service = Service(model, store, ServerSettings(way=way), tmp_path / "uploads", threads=1)
            try:
                with TestClient(application(service), "http://127.0.0.1:9090") as client:
                    ours = Server(service, client, store)
                    (computed,) = Scorer(model).score([lesion])
                    plain = send(ours, lesion).json()
                    hand = send(ours, lesion, "?drawn=by+hand").json()
                    mixed = send(ours, lesion, "?drawn=mixed").json()
                    refused = send(ours, lesion, "?drawn=crayon")
                    page = client.get("/").text
            finally:
                service.close()
        assert mixed["predicted_dice"] == computed.predicted_dice
        assert hand["predicted_dice"] == pytest.approx(1 - computed.predicted_dice)
        assert (hand["drawn"], hand["predicted_for"]) == ("hand", "by hand")
        assert plain == (hand if own else mixed)
        assert refused.status_code == 422
        assert "no way of drawing" in refused.json()["error"]
        assert service.model_version().endswith(", by hand" if own else ", mixed or unknown")
        assert ("by hand" if own else "mixed or unknown") in page


@pytest.mark.parametrize(("limit", "unlike"), [(1e-3, True), (1e3, False)])
def test_an_image_unlike_what_the_model_knows_is_marked(
    tmp_path: Path, lesion: Path, limit: float, unlike: bool
) -> None:
    space = TINY_FEATURES.model_copy(update={"unlike_above": limit})
    model = open_model_file(write_tiny_model(tmp_path / "far.onnx", features=space))
    (tmp_path / "uploads").mkdir()
    with SessionStore(tmp_path / "sessions.sqlite") as store:
        service = Service(model, store, ServerSettings(), tmp_path / "uploads", threads=1)
        try:
            with TestClient(application(service), "http://127.0.0.1:9090") as client:
                answer = send(Server(service, client, store), lesion).json()
                page = client.post(
                    "/predict?as=png", files={"image": ("x.jpg", lesion.read_bytes())}, headers={"Accept": "text/html"}
                ).text
        finally:
            service.close()
    (computed,) = Scorer(model).score([lesion])
    assert (answer["unlike"], answer["unlikeness"]) == (unlike, pytest.approx(computed.unlikeness))
    assert ("must not be trusted" in page) is unlike
