"""One team and a real Label Studio: send, draw, fetch, measure.

It needs a server that may be filled, and so runs where two variables are set (`LABEL_STUDIO_URL`, `LABEL_STUDIO_TOKEN`
of an owner). With `LABEL_STUDIO_ROOT`, the server's document root, the images are mapped instead of uploaded. What it
makes on the server it deletes, but for the account of the second annotator.
"""

import json
import os
import secrets
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from annotriage.images import ImageFile, find_images
from annotriage.labelling.label_studio.brush import brush_rle
from annotriage.labelling.label_studio.connection import Connection, Project, connect
from annotriage.labelling.label_studio.doctor import examine
from annotriage.labelling.label_studio.fetching import fetch_results
from annotriage.labelling.label_studio.links import Link
from annotriage.labelling.label_studio.order import Images, Overlap, SendOrder, Way, order_from
from annotriage.labelling.label_studio.sending import send
from annotriage.labelling.label_studio.status import project_status
from annotriage.model_file import ModelLibrary
from annotriage.triage.catalogue import Catalogue
from annotriage.triage.folder_scoring import FolderScoring
from annotriage.triage.measured_images import MeasuredImages
from annotriage.triage.session import Session
from annotriage.triage.store import SessionStore

URL, TOKEN = os.environ.get("LABEL_STUDIO_URL", ""), os.environ.get("LABEL_STUDIO_TOKEN", "")
ROOT = os.environ.get("LABEL_STUDIO_ROOT", "")
IMAGES, CONTENTIOUS = 30, 8
SECONDS = {"first": 41.5, "second": 20.25}

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not (URL and TOKEN), reason="LABEL_STUDIO_URL and LABEL_STUDIO_TOKEN name no server to fill"),
]


@pytest.fixture
def folder(shared_data: Path, tmp_path: Path) -> Iterator[Path]:
    """Yield a folder of real images, below the server's document root where that is known."""
    place = (Path(ROOT) if ROOT else tmp_path) / f"trial {secrets.token_hex(4)} ä & b"
    (place / "inner").mkdir(parents=True)
    for number, path in enumerate(sorted((shared_data / "isic" / "images").glob("*.jpg"))[:IMAGES]):
        shutil.copy(path, place / ("inner" if number % 5 == 0 else "") / path.name)
    yield place
    shutil.rmtree(place)


@pytest.fixture
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[SessionStore]:
    monkeypatch.setenv("ANNOTRIAGE_HOME", str(tmp_path / "home"))
    with SessionStore() as store:
        yield store


@pytest.fixture
def catalogue(folder: Path, store: SessionStore) -> Catalogue:
    model = ModelLibrary().default()
    list(Session(folder, model, store).score())
    scoring = FolderScoring(folder, model, store)
    return scoring.catalogue(find_images(folder), scoring.stored_numbers())


@pytest.fixture
def owner() -> Iterator[Connection]:
    connection = connect(URL, TOKEN)
    yield connection
    connection.close()


@pytest.fixture
def project(owner: Connection) -> Iterator[Project]:
    from annotriage.triage.exports.label_studio_set_up import SetUp

    project = owner.make_project(f"trial {secrets.token_hex(4)}", SetUp())
    yield project
    owner.client.delete(f"/api/projects/{project.number}/")


class Annotator:
    """Somebody who draws what the server gives them, by the interface that the server's own pages use."""

    def __init__(self, connection: Connection | None = None) -> None:
        self._connection = connection
        if connection is None:
            import requests

            with_invitation = connect(URL, TOKEN)
            invited = with_invitation.client.get("/api/invite")["invite_url"]
            address = with_invitation.address
            self._session = requests.Session()
            self._address = address
            self._session.get(address + invited, timeout=60)
            email = f"second-{secrets.token_hex(4)}@example.org"
            answer = self._session.post(
                address + invited,
                data={"email": email, "password": secrets.token_urlsafe(12), **self._safe()[0]},
                headers=self._safe()[1],
                timeout=60,
            )
            assert answer.ok, answer.text[:300]
            self.name = email
        else:
            self.name = connection.person.name

    def draw_all(self, project: Project, images: dict[str, NDArray[np.bool_]], seconds: float) -> list[str]:
        """Draw whatever comes, until nothing comes any more; return which images came."""
        seen = []
        while (task := self._next(project)) is not None:
            name = task["data"]["name"]
            assert name not in seen, "nobody is given an image twice"
            assert set(task["data"]) == {"image", "name"}, "neither rank nor decision is shown"
            assert task["predictions"] == [], "nor is the predicted Dice"
            seen.append(name)
            self._submit(task["id"], images[name], seconds)
        return seen

    def _next(self, project: Project) -> dict[str, Any] | None:
        path = f"/api/projects/{project.number}/next/"
        if self._connection is not None:
            reply = self._connection.client.request("GET", path, refusing=False)
            return reply.body if reply.status == 200 else None
        answer = self._session.get(self._address + path, timeout=60)
        return answer.json() if answer.status_code == 200 else None

    def _submit(self, task: int, marked: NDArray[np.bool_], seconds: float) -> None:
        height, width = marked.shape
        region = {
            "id": secrets.token_hex(5),
            "from_name": "lesion",
            "to_name": "image",
            "type": "brushlabels",
            "original_width": width,
            "original_height": height,
            "image_rotation": 0,
            "value": {"format": "rle", "rle": brush_rle(marked), "brushlabels": ["lesion"]},
        }
        body = {"result": [region], "lead_time": seconds}
        if self._connection is not None:
            self._connection.client.post(f"/api/tasks/{task}/annotations/", body)
        else:
            answer = self._session.post(
                f"{self._address}/api/tasks/{task}/annotations/", json=body, headers=self._safe()[1], timeout=60
            )
            assert answer.status_code == 201, answer.text[:300]

    def _safe(self) -> tuple[dict[str, str], dict[str, str]]:
        token = self._session.cookies.get("csrftoken") or ""
        return {"csrfmiddlewaretoken": token}, {"X-CSRFToken": token, "Referer": self._address}


def test_a_team_and_a_server(
    owner: Connection, project: Project, folder: Path, catalogue: Catalogue, store: SessionStore, shared_data: Path
) -> None:
    order = order_of(catalogue, Overlap(first=CONTENTIOUS))
    print("\n" + "\n".join([f"Label Studio {owner.version}", *order.words()]))

    sent = send(owner, project, order)
    print(sent.sentence)
    assert (sent.made, sent.people, sent.problems, sent.remarks) == (
        IMAGES,
        {1: IMAGES - CONTENTIOUS, 2: CONTENTIOUS},
        [],
        [],
    )
    again = send(owner, project, order)
    print(again.sentence)
    assert (again.made, again.updated, again.same) == (0, 0, IMAGES)
    assert owner.project(project.number).tasks == IMAGES
    assert not [found for found in examine(URL, TOKEN, project=project.number) if found.well is False]

    # Two people draw what they are given: the first all, the second the contentious ones alone.
    contentious = [row.image for row in order.wanted[:CONTENTIOUS]]
    first_masks, second_masks = masks_of(catalogue, shared_data, shift=0), masks_of(catalogue, shared_data, shift=9)
    first, second = Annotator(owner), Annotator()
    seen = first.draw_all(project, first_masks, SECONDS["first"])
    assert sorted(seen) == sorted(row.image for row in order.wanted)
    seen_by_second = second.draw_all(project, second_masks, SECONDS["second"])
    assert sorted(seen_by_second) == sorted(contentious)
    print(f"{first.name} was given {len(seen)} images, {second.name} {len(seen_by_second)}")

    fetched = fetch_results(owner, project, folder, catalogue.images, store)
    print(fetched.sentence, *fetched.remarks())
    assert (fetched.tasks, fetched.drawn, fetched.read) == (IMAGES, {1: IMAGES - CONTENTIOUS, 2: CONTENTIOUS}, IMAGES)
    kept = MeasuredImages(store, folder).read()
    assert sorted(name for name, one in kept.items() if one.is_measured) == sorted(contentious)
    for name in contentious:
        one = kept[name]
        assert one.dice == pytest.approx(dice(first_masks[name], second_masks[name]), abs=1e-6)
        assert dict(zip(one.annotators, one.seconds, strict=True)) == {
            first.name: SECONDS["first"],
            second.name: SECONDS["second"],
        }
        print(f"  {name}: {' and '.join(one.annotators)}, Dice {one.dice:.3f}, {one.seconds} s")
    assert fetch_results(owner, project, folder, catalogue.images, store).read == 0, "what is known is not read again"
    exported = json.loads(Link(folder, owner.address, project.number).export.read_bytes())
    assert len(exported) == IMAGES

    # A third reader for the contentious ones: Label Studio has to hand out again what it took for done.
    third = send(owner, project, order_of(catalogue, Overlap(experts=3, first=CONTENTIOUS)))
    print(third.sentence)
    assert third.people == {1: IMAGES - CONTENTIOUS, 3: CONTENTIOUS} and third.made == 0
    status = project_status(owner, project, Link(folder, owner.address, project.number), store)
    print("\n".join(status.lines()))
    assert (status.done, status.measured) == (IMAGES - CONTENTIOUS, CONTENTIOUS)
    assert [(each.missing, each.images) for each in status.waiting] == [(1, CONTENTIOUS)]
    last = Annotator()
    assert sorted(last.draw_all(project, first_masks, 5.0)) == sorted(contentious)
    fetched = fetch_results(owner, project, folder, catalogue.images, store)
    print(fetched.sentence)
    assert fetched.read == CONTENTIOUS and {len(one.annotators) for one in fetched.measured} == {3}


def order_of(catalogue: Catalogue, overlap: Overlap) -> SendOrder:
    images = Images(Way.FOLDER, Path(ROOT)) if ROOT else Images(Way.UPLOAD)
    return order_from(catalogue, None, version="bundled trial", overlap=overlap, images=images)


def masks_of(catalogue: Catalogue, shared_data: Path, *, shift: int) -> dict[str, NDArray[np.bool_]]:
    """Return a real outline of each image, or a disc, moved by so many pixels."""
    return {image.name: np.roll(_mask(image, shared_data), shift, axis=(0, 1)) for image in catalogue.images}


def _mask(image: ImageFile, shared_data: Path) -> NDArray[np.bool_]:
    with Image.open(image.path) as opened:
        width, height = opened.size
    real = next((shared_data / "isic" / "masks").glob(f"{image.path.stem}_*.png"), None)
    if real is None:
        down, right = np.mgrid[:height, :width]
        disc: NDArray[np.bool_] = np.hypot(down - height / 2, right - width / 2) < min(height, width) / 3
        return disc
    with Image.open(real) as opened:
        return np.asarray(opened.convert("L").resize((width, height), Image.Resampling.NEAREST)) > 127


def dice(one: NDArray[np.bool_], other: NDArray[np.bool_]) -> float:
    return float(2 * np.count_nonzero(one & other) / (np.count_nonzero(one) + np.count_nonzero(other)))
