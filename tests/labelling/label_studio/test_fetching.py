"""What people drew comes back, is measured, and is kept; the second time only what changed."""

import json
import threading
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from annotriage.agreement.finding import find_masks
from annotriage.agreement.measuring import measure
from annotriage.errors import AnnotriageError
from annotriage.images import find_images
from annotriage.labelling.label_studio import fetching
from annotriage.labelling.label_studio.brush import brush_rle
from annotriage.labelling.label_studio.connection import Connection, Project
from annotriage.labelling.label_studio.fetched import Fetched
from annotriage.labelling.label_studio.fetching import fetch_results
from annotriage.labelling.label_studio.links import Link, links_of
from annotriage.labelling.label_studio.order import Overlap
from annotriage.labelling.label_studio.sending import send
from annotriage.labelling.label_studio.status import project_status
from annotriage.triage.catalogue import Catalogue
from annotriage.triage.exports.label_studio_set_up import Guide, SetUp
from annotriage.triage.measured_images import MeasuredImages
from annotriage.triage.store import SessionStore
from tests.labelling.label_studio.fake_server import FakeLabelStudio
from tests.labelling.label_studio.test_sending import order_of

SIZE = (48, 64)


def square(top: int, left: int, side: int = 20) -> NDArray[np.bool_]:
    marked = np.zeros(SIZE, dtype=bool)
    marked[top : top + side, left : left + side] = True
    return marked


def drawn(marked: NDArray[np.bool_], label: str = "lesion", control: str = "lesion") -> list[dict[str, Any]]:
    value = {"format": "rle", "rle": brush_rle(marked), "brushlabels": [label]}
    size = {"original_height": SIZE[0], "original_width": SIZE[1], "image_rotation": 0}
    return [{"id": "r", "from_name": control, "to_name": "image", "type": "brushlabels", "value": value} | size]


@pytest.fixture
def project(connection: Connection, catalogue: Catalogue) -> Project:
    project = connection.make_project("Lesions", SetUp())
    send(connection, project, order_of(catalogue, overlap=Overlap(first=9)))
    return connection.project(project.number)


class Fetches:
    def __init__(self, connection: Connection, project: Project, catalogue: Catalogue, store: SessionStore) -> None:
        self.connection, self.project, self.catalogue, self.store = connection, project, catalogue, store

    def __call__(self, **more: Any) -> Fetched:
        folder, images = self.catalogue.folder, self.catalogue.images
        return fetch_results(self.connection, self.project, folder, images, self.store, **more)

    def kept(self) -> dict[str, float]:
        """Return the measured Dice of the images that have one."""
        found = MeasuredImages(self.store, self.catalogue.folder).read()
        return {name: round(one.dice, 4) for name, one in found.items() if one.is_measured}


@pytest.fixture
def fetch(connection: Connection, project: Project, catalogue: Catalogue, store: SessionStore) -> Fetches:
    return Fetches(connection, project, catalogue, store)


def task_of(server: FakeLabelStudio, name: str) -> int:
    return next(number for number, task in server.held.tasks.items() if task["data"]["name"] == name)


def test_nothing_drawn_is_said(fetch: Fetches) -> None:
    found = fetch()
    assert (found.tasks, found.read, found.measured, found.problems) == (5, 0, [], [])
    assert "5 images, of which 0 images drawn by one person and 0 images by several" in found.sentence
    assert not fetch.kept()


def test_what_two_people_drew_is_measured_with_who_and_how_long(server: FakeLabelStudio, fetch: Fetches) -> None:
    first, second = square(4, 4), square(4, 9)
    task = task_of(server, "sub/a.png")
    server.draw(1, task, drawn(first), seconds=41.5)
    server.draw(2, task, drawn(second), seconds=20)
    server.draw(1, task_of(server, "a.png"), drawn(first))
    found = fetch()
    truth = 2 * np.count_nonzero(first & second) / (first.sum() + second.sum())
    one = MeasuredImages(fetch.store, fetch.catalogue.folder).read()["sub/a.png"]
    assert one.dice == pytest.approx(truth) and one.problem == ""
    assert dict(zip(one.annotators, one.seconds, strict=True)) == {"a@example.org": 41.5, "b@example.org": 20}
    assert one.source == "Label Studio, project 1 (Lesions)"
    assert fetch.kept() == {"sub/a.png": round(truth, 4)}
    assert (dict(found.drawn), found.read) == ({0: 3, 1: 1, 2: 1}, 2)
    # Two images called a.png, in two folders: neither is taken for the other.
    assert MeasuredImages(fetch.store, fetch.catalogue.folder).read()["a.png"].annotators == ("a@example.org",)


def test_the_file_is_one_that_label_studio_could_have_exported(server: FakeLabelStudio, fetch: Fetches) -> None:
    """It reads as any export does, with the same numbers, and people by their addresses."""
    task = task_of(server, "b c.png")
    server.draw(1, task, drawn(square(4, 4)) + drawn(square(30, 40, 10)))
    server.draw(2, task, drawn(square(6, 4)))
    found = fetch()
    held = json.loads(found.export.read_bytes())
    assert [each["data"]["name"] for each in held] == ["b c.png"]
    masks = find_masks([found.export])
    assert masks.annotators() == ["a@example.org", "b@example.org"]
    (measured,) = measure(masks)
    assert measured.agreement is not None
    assert round(measured.agreement.dice_mean, 4) == fetch.kept()["b c.png"]


def test_only_what_changed_is_read_and_measured_again(server: FakeLabelStudio, fetch: Fetches) -> None:
    tasks = [task_of(server, name) for name in ("a.png", "b c.png", "sub/ü 1.png")]
    numbers = {(person, task): server.draw(person, task, drawn(square(4, 4))) for task in tasks for person in (1, 2)}
    assert len(fetch().measured) == 3
    assert fetch.kept() == {"a.png": 1.0, "b c.png": 1.0, "sub/ü 1.png": 1.0}
    again = fetch()
    assert (again.read, again.measured) == (0, [])
    server.change(numbers[1, tasks[0]], drawn(square(24, 4)))
    changed = fetch()
    assert changed.read == 1 and [one.name for one in changed.measured] == ["a.png"]
    assert fetch.kept() == {"a.png": 0.0, "b c.png": 1.0, "sub/ü 1.png": 1.0}
    # One that was taken back, and one task that was deleted with all that was drawn in it.
    server.change(numbers[2, tasks[1]], None)
    fetch.connection.client.delete(f"/api/tasks/{tasks[2]}/")
    fetch()
    assert fetch.kept() == {"a.png": 0.0}
    assert {each["id"] for each in json.loads(fetch().export.read_bytes())} == set(tasks[:2])


@pytest.mark.slow
@pytest.mark.parametrize("everything", [False, True])
def test_the_first_are_measured_while_the_rest_is_not_there_yet(
    server: FakeLabelStudio, fetch: Fetches, monkeypatch: pytest.MonkeyPatch, everything: bool
) -> None:
    """Each once, whatever the parts are that they come in, and those that are kept stay after a cut."""
    monkeypatch.setattr(fetching, "AT_ONCE", 1)
    for task in list(server.held.tasks):
        for person in (1, 2):
            server.draw(person, task, drawn(square(4, 4)))
    kept: list[int] = []

    def look(_method: str, path: str) -> None:
        if "/export" in path:
            kept.append(len(fetch.kept()))

    server.before_each = look
    found = fetch(everything=everything)
    assert kept == [0, 1, 2, 2, 4]  # parts of 1, 1, 2 and 1
    assert len(found.measured) == len(fetch.kept()) == found.read == found.changed == 5
    assert len({each.image for each in found.agreements}) == len(found.agreements) == (5 if everything else 0)
    assert len(json.loads(found.export.read_bytes())) == 5
    again = fetch()
    assert (again.read, again.measured) == (0, [])


def test_a_file_that_was_lost_is_fetched_anew(server: FakeLabelStudio, fetch: Fetches) -> None:
    for person in (1, 2):
        server.draw(person, task_of(server, "a.png"), drawn(square(4, 4)))
    export = fetch().export
    for damage in (
        export.unlink,
        lambda: export.write_bytes(export.read_bytes()[:40]),
        lambda: export.write_text(""),
    ):
        damage()
        assert fetch().read == 1
        assert len(json.loads(export.read_bytes())) == 1


@pytest.mark.parametrize("lost", ["before", "after"])
def test_a_fetch_that_was_cut_keeps_what_came_and_goes_on(
    server: FakeLabelStudio, fetch: Fetches, lost: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fetching, "AT_ONCE", 1)
    for name in ("a.png", "b c.png", "sub/a.png"):
        for person in (1, 2):
            server.draw(person, task_of(server, name), drawn(square(4, 4)))
    # The second of three exports is lost, however often it is asked for.
    exports = [0]

    def cut(method: str, path: str) -> None:
        if "/export" in path:
            exports[0] += 1
            if exports[0] > 1:
                server.cut_from_now(**{lost: {0}})

    server.before_each = cut
    with pytest.raises(AnnotriageError, match="was cut"):
        fetch()
    server.before_each = lambda method, path: None
    server.cut_from_now()
    found = fetch()
    assert found.read == 2 and len(found.measured) == 2, "the first had come, and was measured before the cut"
    assert fetch.kept() == {"a.png": 1.0, "b c.png": 1.0, "sub/a.png": 1.0}


def test_a_stopped_fetch_goes_on(server: FakeLabelStudio, fetch: Fetches) -> None:
    for person in (1, 2):
        server.draw(person, task_of(server, "a.png"), drawn(square(4, 4)))
    stop = threading.Event()
    server.before_each = lambda method, path: stop.set() if "/export" in path else None
    assert fetch(stop=stop).stopped and not fetch.kept()
    server.before_each = lambda method, path: None
    assert not fetch().stopped and fetch.kept() == {"a.png": 1.0}


def test_skipped_and_empty_annotations_are_told_apart(server: FakeLabelStudio, fetch: Fetches) -> None:
    task = task_of(server, "a.png")
    server.draw(1, task, drawn(square(4, 4)))
    server.draw(2, task, [], skipped=True)
    empty = task_of(server, "b c.png")
    server.draw(1, empty, drawn(square(4, 4)))
    server.draw(2, empty, [])
    found = fetch()
    assert fetch.kept() == {"b c.png": 0.0}, "who drew nothing says that there is nothing"
    assert found.left_out == {"annotations that were skipped": 1}
    assert found.drawn == {0: 3, 1: 1, 2: 1}


def test_what_the_model_drew_is_nobodys_outline(
    server: FakeLabelStudio, connection: Connection, catalogue: Catalogue, store: SessionStore
) -> None:
    """Label Studio takes what is drawn beforehand over into what people submit."""
    set_up = SetUp(guide=Guide.BAND)
    project = connection.make_project("With a band", set_up)
    send(connection, project, order_of(catalogue, set_up=set_up))
    band = drawn(~square(20, 20), Guide.BAND.label, "predicted")
    task = task_of(server, "a.png")
    server.draw(1, task, drawn(square(4, 4)) + band)
    server.draw(2, task, band + drawn(square(4, 9)))
    fetch = Fetches(connection, connection.project(project.number), catalogue, store)
    fetch()
    assert fetch.kept() == {"a.png": 0.75}


def test_of_several_labels_one_is_chosen_and_remembered(
    server: FakeLabelStudio, connection: Connection, catalogue: Catalogue, store: SessionStore
) -> None:
    set_up = SetUp(labels=("lesion", "hair"))
    project = connection.make_project("Two labels", set_up)
    send(connection, project, order_of(catalogue, set_up=set_up))
    task = task_of(server, "a.png")
    server.draw(1, task, drawn(square(4, 4)) + drawn(square(24, 4), "hair"))
    server.draw(2, task, drawn(square(4, 9)) + drawn(square(24, 4), "hair"))
    fetch = Fetches(connection, connection.project(project.number), catalogue, store)
    with pytest.raises(AnnotriageError, match=r"several labels \(lesion, hair\): say which"):
        fetch()
    with pytest.raises(AnnotriageError, match="has no label nevus; it has lesion, hair"):
        fetch(label="nevus")
    fetch(label="lesion")
    assert fetch.kept() == {"a.png": 0.75}
    assert fetch().measured == [], "the label of the last time"
    fetch(label="hair")
    assert fetch.kept() == {"a.png": 1.0}


def test_tasks_that_somebody_else_made_are_matched_by_what_they_show(
    server: FakeLabelStudio, fetch: Fetches, connection: Connection
) -> None:
    server.held.tasks.clear()
    made = [
        {"data": {"image": "/data/upload/1/0a1b2c3d-b c.png"}},
        {"data": {"image": "/data/local-files/?d=x/sub/%C3%BC%201.png"}},
        {"data": {"image": "https://example.org/unknown.png"}},
    ]
    connection.client.post("/api/projects/1/import", made)
    for number in list(server.held.tasks):
        for person in (1, 2):
            server.draw(person, number, drawn(square(4, 4)))
    found = fetch()
    assert fetch.kept() == {"b c.png": 1.0, "sub/ü 1.png": 1.0}
    assert found.not_here == ["unknown"] and "1 drawn image (unknown)" in " ".join(found.remarks())


def test_who_may_not_list_people_gets_their_numbers(server: FakeLabelStudio, fetch: Fetches) -> None:
    answer = server.answer

    def forbidding(method: str, path: str, *more: Any) -> tuple[int, Any]:
        return (403, {"detail": "no"}) if path == "/api/users/" else answer(method, path, *more)

    server.answer = forbidding  # type: ignore[method-assign]
    for person in (1, 2):
        server.draw(person, task_of(server, "a.png"), drawn(square(4, 4)))
    (one,) = fetch().measured
    assert one.annotators == ("1", "2")


def test_a_table_has_all_images_and_all_measures(server: FakeLabelStudio, fetch: Fetches) -> None:
    for person in (1, 2):
        server.draw(person, task_of(server, "sub/a.png"), drawn(square(4, 4 + person)))
    server.draw(1, task_of(server, "a.png"), drawn(square(4, 4)))
    fetch()
    found = fetch(everything=True)
    assert sorted(each.image for each in found.agreements) == ["a", "sub/a"]
    (measured,) = [each.agreement for each in found.agreements if each.agreement is not None]
    assert measured.hd95_mean == pytest.approx(1.0)


def test_how_far_it_is(server: FakeLabelStudio, fetch: Fetches, connection: Connection, catalogue: Catalogue) -> None:
    send(connection, fetch.project, order_of(catalogue, overlap=Overlap(experts=3)))
    task = task_of(server, "sub/ü 1.png")
    server.draw(2, task, drawn(square(4, 4)))
    server.draw(1, task_of(server, "a.png"), drawn(square(4, 4)))
    server.draw(1, task_of(server, "b c.png"), [], skipped=True)
    link = Link(catalogue.folder, connection.address, fetch.project.number)
    status = project_status(connection, fetch.project, link, fetch.store)
    assert (status.sent, dict(status.wanted), dict(status.drawn)) == (5, {1: 4, 3: 1}, {0: 3, 1: 2})
    assert (status.done, status.skipped) == (1, 1)
    said = "\n".join(status.lines())
    assert "Waiting for 2 more people: 1 image, after b@example.org." in said
    assert "Waiting for 1 person: 3 images, which nobody drew yet." in said
    assert "By: b@example.org 1, a@example.org 1." in said and "Measured here: 0 images." in said


def test_who_skipped_is_told_from_who_drew(
    server: FakeLabelStudio, fetch: Fetches, connection: Connection, catalogue: Catalogue
) -> None:
    send(connection, fetch.project, order_of(catalogue, overlap=Overlap(experts=3)))
    task = task_of(server, "sub/ü 1.png")
    server.draw(2, task, drawn(square(4, 4)))
    server.draw(1, task, [], skipped=True)
    link = Link(catalogue.folder, connection.address, fetch.project.number)
    said = "\n".join(project_status(connection, fetch.project, link, fetch.store).lines())
    assert "By: b@example.org 1." in said and "Waiting for 2 more people: 1 image, after b@example.org." in said


def test_a_project_of_other_images_is_told_and_not_remembered(
    server: FakeLabelStudio, fetch: Fetches, connection: Connection, catalogue: Catalogue
) -> None:
    other = connection.make_project("Others", SetUp())
    found = fetch_results(connection, other, catalogue.folder, find_images(catalogue.folder), fetch.store)
    assert found.sentence.startswith("No task of project 2 (Others) shows an image of this folder")
    assert [link.project for link in links_of(catalogue.folder)] == [fetch.project.number]
    link = Link(catalogue.folder, connection.address, other.number)
    said = project_status(connection, other, link, fetch.store).lines()
    assert said == ["No image of this folder was sent to it.", "Measured here: 0 images."]


def test_what_is_measured_anew_is_not_called_new(server: FakeLabelStudio, fetch: Fetches) -> None:
    for person in (1, 2):
        server.draw(person, task_of(server, "a.png"), drawn(square(4, 4 + person)))
    assert "1 image new or changed" in fetch().sentence
    again = fetch(everything=True)
    assert "0 images new or changed. Measured now: 1 image" in again.sentence


def test_a_full_disk_loses_nothing(
    server: FakeLabelStudio, fetch: Fetches, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    for person in (1, 2):
        server.draw(person, task_of(server, "a.png"), drawn(square(4, 4)))
    export = fetch().export
    before = export.read_bytes()
    server.draw(1, task_of(server, "b c.png"), drawn(square(4, 4)))

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("annotriage.labelling.label_studio.export_file.os.fsync", full)
    with pytest.raises(AnnotriageError, match="No space left"):
        fetch()
    assert export.read_bytes() == before and [each.name for each in export.parent.glob(".*.part")] == []
    monkeypatch.undo()
    monkeypatch.setenv("ANNOTRIAGE_HOME", str(tmp_path / "home"))
    assert fetch().read == 1
