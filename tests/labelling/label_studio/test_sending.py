"""What is sent to a project, and what becomes of it when it is sent again, interrupted, or by two at once."""

import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from annotriage.errors import AnnotriageError
from annotriage.images import find_images
from annotriage.labelling.label_studio import links
from annotriage.labelling.label_studio.connection import Connection, Project, connect
from annotriage.labelling.label_studio.links import links_of
from annotriage.labelling.label_studio.order import Images, Overlap, SameNames, SendOrder, Way, order_from
from annotriage.labelling.label_studio.preview import preview_send
from annotriage.labelling.label_studio.sending import send
from annotriage.triage.catalogue import Catalogue
from annotriage.triage.decisions import Decision, Review
from annotriage.triage.exports.label_studio_set_up import Guide, SetUp, Shown
from tests.labelling.label_studio.conftest import catalogue_of, made_folder
from tests.labelling.label_studio.fake_server import TOKEN, FakeLabelStudio
from tests.pictures import write_picture

if TYPE_CHECKING:
    from annotriage.labelling.label_studio.progress import StudioProgress


def order_of(catalogue: Catalogue, **more: Any) -> SendOrder:
    return order_from(catalogue, None, version="tiny 1", **more)


@pytest.fixture
def project(connection: Connection) -> Project:
    return connection.make_project("Lesions", SetUp())


@pytest.fixture
def other(server: FakeLabelStudio) -> Iterator[Connection]:
    connection = connect(server.url, TOKEN)
    yield connection
    connection.close()


def by_name(server: FakeLabelStudio) -> dict[str, dict[str, Any]]:
    """Return the tasks by their images' names, each once."""
    found = {task["data"]["name"]: task for task in server.held.tasks.values()}
    assert len(found) == len(server.held.tasks), "an image has two tasks"
    return found


def drawn_by(server: FakeLabelStudio, people: int) -> list[str]:
    return sorted(name for name, task in by_name(server).items() if task["overlap"] == people)


def test_tasks_come_in_the_order_of_the_ranking_with_nothing_to_bias(
    server: FakeLabelStudio, connection: Connection, project: Project, catalogue: Catalogue
) -> None:
    told: list[StudioProgress] = []
    sent = send(connection, project, order_of(catalogue), report=told.append)
    assert (sent.made, sent.problems, sent.remarks) == (5, [], [])
    tasks = list(server.held.tasks.values())
    assert [task["data"]["name"] for task in tasks] == ["sub/ü 1.png", "sub/a.png", "b c.png", "a.png", "new.png"]
    assert all(set(task["data"]) == {"image", "name"} for task in tasks)
    assert tasks[0]["data"]["image"] == "/data/local-files/?d=lesions/sub/%C3%BC%201.png"
    assert not any(word in str(task["meta"]) for task in tasks for word in ("expert", "rank", "0.75"))
    config = server.held.projects[project.number]["label_config"]
    assert "$summary" not in config and "decision" not in config
    assert {step.step for step in told} >= {"Making tasks", "Bringing tasks up to date", "Setting how many people draw"}


def test_predictions_have_one_version_a_score_and_a_cluster_and_are_hidden(
    server: FakeLabelStudio, connection: Connection, project: Project, catalogue: Catalogue
) -> None:
    send(connection, project, order_of(catalogue))
    tasks = by_name(server)
    told = {each["task"]: each for each in server.held.predictions.values()}
    assert {name: told[tasks[name]["id"]]["score"] for name in ("sub/ü 1.png", "a.png")} == {
        "sub/ü 1.png": 0.25,
        "a.png": 0.75,
    }
    assert {each["model_version"] for each in told.values()} == {"Annotriage tiny 1"}
    assert [told[tasks[name]["id"]]["cluster"] for name in ("sub/ü 1.png", "sub/a.png", "b c.png", "a.png")] == [
        0,
        1,
        2,
        3,
    ]
    assert tasks["new.png"]["id"] not in told, "it is not scored"
    held = server.held.projects[project.number]
    assert (held["model_version"], held["show_collab_predictions"]) == ("Annotriage tiny 1", False)


def test_several_people_draw_what_is_for_experts(
    server: FakeLabelStudio, connection: Connection, project: Project, catalogue: Catalogue
) -> None:
    sent = send(connection, project, order_of(catalogue))
    assert {name: task["overlap"] for name, task in by_name(server).items() if task["overlap"] > 1} == {
        "sub/ü 1.png": 2
    }
    assert sent.people == {1: 4, 2: 1}
    sent = send(connection, project, order_of(catalogue, overlap=Overlap(experts=3, first=4)))
    # The first four of the ranking, but for the one that is decided for routine.
    assert sorted(name for name, task in by_name(server).items() if task["overlap"] == 3) == [
        "b c.png",
        "sub/a.png",
        "sub/ü 1.png",
    ]
    sent = send(connection, project, order_of(catalogue, overlap=Overlap(above=0.7)))
    assert sent.people == {1: 4, 2: 1}


def test_another_person_gets_what_is_done_already(
    server: FakeLabelStudio, connection: Connection, project: Project, catalogue: Catalogue
) -> None:
    """Label Studio hands nothing out that it takes for done, even where more people are wanted."""
    send(connection, project, order_of(catalogue, overlap=Overlap(experts=1)))
    task = by_name(server)["sub/ü 1.png"]
    server.draw(1, task["id"], [])
    assert server.next_for(2, project.number) is not task and task["is_labeled"]
    send(connection, project, order_of(catalogue))
    assert server.next_for(2, project.number) is task
    send(connection, project, order_of(catalogue, overlap=Overlap(experts=1)))
    assert task["is_labeled"], "one is enough again"


def test_a_reset_of_the_overlap_is_set_right(
    server: FakeLabelStudio, connection: Connection, project: Project, catalogue: Catalogue
) -> None:
    send(connection, project, order_of(catalogue))
    connection.client.patch(f"/api/projects/{project.number}/", {"maximum_annotations": 4})
    assert {task["overlap"] for task in server.held.tasks.values()} == {4}
    assert send(connection, project, order_of(catalogue)).people == {1: 4, 2: 1}


def test_sending_again_changes_what_changed(
    server: FakeLabelStudio, connection: Connection, project: Project, catalogue: Catalogue
) -> None:
    send(connection, project, order_of(catalogue))
    before = dict(server.held.tasks), len(server.requests)
    again = send(connection, project, order_of(catalogue))
    assert (again.made, again.updated, again.same) == (0, 0, 5)
    assert all(method == "GET" for method, _ in server.requests[before[1] :])
    catalogue.disagreement[0] = 0.875
    changed = send(connection, project, order_of(catalogue))
    assert (changed.made, changed.updated) == (0, 4), "its score, and the fifths of others"
    assert len(server.held.predictions) == 4
    other_model = send(connection, project, order_from(catalogue, None, version="other 2"))
    assert other_model.updated == 4 and len(server.held.predictions) == 4
    assert server.held.projects[project.number]["model_version"] == "Annotriage other 2"
    assert set(server.held.tasks) == set(before[0])


def test_what_others_put_there_stays(
    server: FakeLabelStudio, connection: Connection, project: Project, catalogue: Catalogue
) -> None:
    send(connection, project, order_of(catalogue))
    task = by_name(server)["a.png"]
    task["data"] = task["data"] | {"patient": "7"}
    task["meta"] = task["meta"] | {"theirs": 1}
    theirs = {"task": task["id"], "project": project.number, "model_version": "theirs", "score": 0.5, "result": []}
    connection.client.post("/api/predictions/", theirs)
    send(connection, project, order_of(catalogue, overlap=Overlap(routine=2)))
    assert (task["data"]["patient"], task["meta"]["theirs"]) == ("7", 1)
    versions = [each["model_version"] for each in server.held.predictions.values() if each["task"] == task["id"]]
    assert sorted(versions) == ["Annotriage tiny 1", "theirs"]


def test_what_is_shown_is_chosen_and_taken_back(
    server: FakeLabelStudio, connection: Connection, catalogue: Catalogue
) -> None:
    shown = SetUp(shown=frozenset({Shown.RANK, Shown.DECISION, Shown.NOTE}))
    project = connection.make_project("Shown", shown)
    send(connection, project, order_of(catalogue, set_up=shown))
    data = by_name(server)["sub/ü 1.png"]["data"]
    assert data["summary"] == "Rank 1, for experts, hair"
    assert set(data) == {"image", "name", "summary", "rank", "decided", "note"}
    hidden = connection.make_project("Hidden", SetUp())
    with pytest.raises(AnnotriageError, match=r"lacks what shows the ranking .*let a new project be made"):
        send(connection, hidden, order_of(catalogue, set_up=shown))
    with pytest.raises(AnnotriageError, match=r"lacks a value for \$summary"):
        send(connection, project, order_of(catalogue))


@pytest.mark.parametrize("guide", list(Guide))
def test_a_guide_is_a_label_of_its_own(
    server: FakeLabelStudio, connection: Connection, catalogue: Catalogue, guide: Guide
) -> None:
    set_up = SetUp(guide=guide)
    project = connection.make_project("With a guide", set_up)
    lesion = np.linspace(0, 1, 64, dtype=np.float32)[None].repeat(48, axis=0)
    order = replace(order_of(catalogue, set_up=set_up), map_of=lambda row: lesion if row.image != "a.png" else None)
    send(connection, project, order)
    tasks = by_name(server)
    told = {each["task"]: each["result"] for each in server.held.predictions.values()}
    assert told[tasks["a.png"]["id"]] == []
    (region,) = told[tasks["sub/ü 1.png"]["id"]]
    assert region["value"]["brushlabels"] == [guide.label]
    assert (region["original_width"], region["original_height"]) == (64, 48)
    assert f'name="{region["from_name"]}"' in project.config and guide.label in project.config
    assert server.held.projects[project.number]["show_collab_predictions"], "else nobody would see it"
    scores = {each["score"] for each in server.held.predictions.values()}
    assert scores == {None}, "Label Studio shows a score beside what is drawn"
    shown = SetUp(guide=guide, shown=frozenset({Shown.SCORE}))
    project = connection.make_project("With scores", shown)
    send(connection, project, replace(order, set_up=shown))
    told_now = [each["score"] for each in server.held.predictions.values() if each["project"] == project.number]
    assert sorted(told_now) == [0.25, 0.375, 0.5, 0.75]


def test_a_project_that_does_not_fit_is_told_and_left_alone(
    server: FakeLabelStudio, connection: Connection, catalogue: Catalogue
) -> None:
    config = '<View><Text name="t" value="$text"/><Choices name="c" toName="t"><Choice value="x"/></Choices></View>'
    made = connection.client.post("/api/projects/", {"title": "Texts", "label_config": config})
    project = connection.project(made["id"])
    with pytest.raises(AnnotriageError, match=r"project 1 \(Texts\) lacks an image .*; the label lesion"):
        send(connection, project, order_of(catalogue))
    assert server.held.projects[project.number]["label_config"] == config and not server.held.tasks


def test_a_project_of_somebody_else_may_call_its_image_otherwise(
    server: FakeLabelStudio, connection: Connection, catalogue: Catalogue
) -> None:
    config = (
        '<View><Image name="img" value="$photo"/><PolygonLabels name="p" toName="img"><Label value="lesion"/>'
        "</PolygonLabels></View>"
    )
    made = connection.client.post("/api/projects/", {"title": "Photos", "label_config": config})
    sent = send(connection, connection.project(made["id"]), order_of(catalogue))
    assert sent.made == 5 and set(by_name(server)["a.png"]["data"]) == {"photo", "name"}


def test_a_project_of_somebody_else_may_call_what_is_drawn_otherwise(
    connection: Connection, catalogue: Catalogue
) -> None:
    project = connection.make_project("Moles", SetUp(("Lésion", "hair")))
    (remark,) = preview_send(connection, project, order_of(catalogue)).remarks
    sent = send(connection, project, order_of(catalogue))
    assert sent.made == 5 and sent.remarks == [remark]
    assert remark.startswith("People draw Lésion or hair in project 1 (Moles)")
    with pytest.raises(AnnotriageError, match=r"lacks the label mole \(it has Lésion, hair\)"):
        send(connection, project, order_of(catalogue, set_up=SetUp(("mole",))))


def test_tasks_that_were_deleted_there_are_told(
    server: FakeLabelStudio, connection: Connection, project: Project, catalogue: Catalogue
) -> None:
    send(connection, project, order_of(catalogue))
    del server.held.tasks[by_name(server)["a.png"]["id"]]
    again = send(connection, project, order_of(catalogue))
    assert again.made == 1 and "1 task that was sent before had been deleted in Label Studio" in again.remarks[0]
    assert send(connection, project, order_of(catalogue)).remarks == []


def test_the_addresses_of_this_computer_are_one_server(
    server: FakeLabelStudio, connection: Connection, project: Project, catalogue: Catalogue
) -> None:
    send(connection, project, order_of(catalogue, overlap=Overlap(experts=3)))
    called = server.url.replace("127.0.0.1", "localhost")
    link = links.Link(catalogue.folder, called, project.number)
    assert link.is_at(server.url) and link.place == links.Link(catalogue.folder, server.url, project.number).place
    assert link.read()["chosen"], "what was chosen is known by either address"
    assert len(links_of(catalogue.folder)) == 1
    assert not link.is_at(called.replace("localhost", "example.org")) and not link.is_at(f"{called}0")


def test_images_are_uploaded_once(
    server: FakeLabelStudio, connection: Connection, project: Project, catalogue: Catalogue
) -> None:
    order = order_of(catalogue, images=Images(Way.UPLOAD))
    sent = send(connection, project, order)
    assert (sent.made, sent.problems) == (5, []) and len(server.held.uploads) == 5
    assert all(task["data"]["image"].startswith("/data/upload/1/") for task in server.held.tasks.values())
    assert send(connection, project, order).same == 5 and len(server.held.uploads) == 5
    assert not server.held.storages


def test_what_no_browser_shows_is_told_or_sent_as_png(
    server: FakeLabelStudio, connection: Connection, project: Project, tmp_path: Path
) -> None:
    folder = tmp_path / "scans"
    write_picture(folder / "scan.tif", 0.5)
    catalogue = Catalogue(folder, find_images(folder))
    catalogue.disagreement[:] = 0.5
    assert len(catalogue) == 1
    rows = order_from(catalogue, None, version="tiny 1")
    with pytest.raises(AnnotriageError, match="None of the images can be sent"):
        send(connection, project, rows)
    write_picture(folder / "a.png", 0.3)
    catalogue = Catalogue(folder, find_images(folder))
    catalogue.disagreement[:] = 0.5
    rows = order_from(catalogue, None, version="tiny 1")
    mapped = send(connection, project, rows)
    (problem,) = [each for each in mapped.problems if "scan.tif" in each]
    assert "no browser shows" in problem and mapped.made == 1
    uploaded = send(connection, project, replace(rows, images=Images(Way.UPLOAD)))
    assert not [each for each in uploaded.problems if "scan.tif" in each]
    assert [each["file"][-4:] for each in server.held.uploads.values()] == [".png"] * 2


@pytest.mark.parametrize("lost", ["cut_before", "cut_after"])
@pytest.mark.parametrize("way", list(Way))
@pytest.mark.slow
def test_a_send_that_was_cut_anywhere_goes_on(
    server: FakeLabelStudio, connection: Connection, catalogue: Catalogue, lost: str, way: Way
) -> None:
    """Whether a request was lost or only its answer, nothing is doubled and nothing missing."""
    project = connection.make_project("Cut", SetUp())
    order = order_of(catalogue, images=Images(way))
    first = len(server.requests)
    send(connection, project, order)
    for number in range(1, len(server.requests) - first + 1):
        again = connection.make_project(f"Cut {number}", SetUp())
        server.held.uploads.clear()
        server.cut_from_now(**{lost.removeprefix("cut_"): {number}})
        try:
            send(connection, again, order)
        except AnnotriageError as error:
            assert "cut" in str(error)
        server.cut_from_now()
        sent = send(connection, again, order)
        tasks = server.tasks_of(again.number)
        assert sorted(task["data"]["name"] for task in tasks) == sorted(image.name for image in catalogue.images)
        assert sent.people == {1: 4, 2: 1}
        assert sum(each["project"] == again.number for each in server.held.predictions.values()) == 4


def test_a_stopped_send_goes_on(
    server: FakeLabelStudio, connection: Connection, project: Project, catalogue: Catalogue
) -> None:
    stop = threading.Event()
    server.before_each = lambda method, path: stop.set() if (method, path) == ("POST", "/api/predictions/") else None
    sent = send(connection, project, order_of(catalogue), stop=stop)
    assert sent.stopped and "goes on" in sent.sentence and len(server.held.tasks) == 5
    server.before_each = lambda method, path: None
    assert not send(connection, project, order_of(catalogue)).stopped
    assert len(server.held.predictions) == 4 and len(by_name(server)) == 5


def test_two_sends_at_once_make_each_task_once(
    server: FakeLabelStudio, connection: Connection, other: Connection, project: Project, catalogue: Catalogue,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    """From two computers, that is; on one, the second waits its turn."""
    monkeypatch.setattr("annotriage.labelling.label_studio.sending.one_at_a_time", lambda *_: threading.Lock())
    begun = threading.Event()
    meanwhile: list[object] = []

    def other_send(method: str, path: str) -> None:
        # The first one has looked, and is about to make its tasks.
        if method == "POST" and path.endswith("/import") and not begun.is_set():
            begun.set()
            meanwhile.append(send(other, project, order_of(catalogue)))

    server.before_each = other_send
    sent = send(connection, project, order_of(catalogue))
    assert meanwhile and sent.removed == 5
    assert "5 tasks removed that another send had made of the same images." in sent.remarks
    assert len(by_name(server)) == 5 and len(server.held.predictions) == 4
    assert send(connection, project, order_of(catalogue)).same == 5


def test_the_second_of_two_sends_on_one_computer_is_told(
    connection: Connection, project: Project, catalogue: Catalogue
) -> None:
    with links.one_at_a_time(connection.address, project.number), pytest.raises(AnnotriageError, match="under way"):
        send(connection, project, order_of(catalogue))
    assert send(connection, project, order_of(catalogue)).made == 5


def test_tasks_that_a_sync_added_are_told_and_adopted(
    server: FakeLabelStudio, connection: Connection, project: Project, catalogue: Catalogue
) -> None:
    bare = {"data": {"image": "/data/local-files/?d=lesions/a.png"}}
    connection.client.post(f"/api/projects/{project.number}/import", [bare])
    assert send(connection, project, order_of(catalogue)).made == 4, "the fifth is there already"
    connection.client.post(f"/api/projects/{project.number}/import", [bare, bare])
    sent = send(connection, project, order_of(catalogue))
    assert "2 tasks show an image that another task shows, too (a.png)" in " ".join(sent.remarks)
    assert len(server.held.tasks) == 7, "they are not ours to remove"


def test_names_of_another_folder_are_asked_about(
    server: FakeLabelStudio, connection: Connection, project: Project, catalogue: Catalogue, tmp_path: Path
) -> None:
    send(connection, project, order_of(catalogue))
    moved = catalogue_of(made_folder(tmp_path / "moved"))
    with pytest.raises(
        AnnotriageError, match=r"5 images of the same names \(a\.png, b c\.png, new\.png\) .*another folder"
    ):
        send(connection, project, order_of(moved))
    assert len(server.held.tasks) == 5
    taken = send(connection, project, order_of(moved, same_names=SameNames.TAKE_OVER))
    assert (taken.made, taken.updated) == (0, 5)
    assert by_name(server)["a.png"]["data"]["image"] == "/data/local-files/?d=moved/a.png"
    assert send(connection, project, order_of(moved)).same == 5
    beside = send(connection, project, order_of(catalogue, same_names=SameNames.BESIDE))
    assert beside.made == 5 and len(server.held.tasks) == 10
    for each in (moved, catalogue):
        assert send(connection, project, order_of(each)).same == 5, "both have tasks of their own: nothing is asked"
    assert preview_send(connection, project, order_of(catalogue)).elsewhere == []


def test_what_is_gone_or_excluded_is_told_and_stays(
    server: FakeLabelStudio, connection: Connection, project: Project, catalogue: Catalogue, folder: Path
) -> None:
    send(connection, project, order_of(catalogue))
    (folder / "b c.png").unlink()
    smaller = Catalogue(folder, find_images(folder))
    smaller.disagreement[:] = [0.25, np.nan, 0.625, 0.75]
    smaller.set_reviews({"a.png": Review(Decision.EXCLUDE)})
    sent = send(connection, project, order_from(smaller, smaller.order().tolist(), version="tiny 1"))
    said = " ".join(sent.remarks)
    assert "Sent before, and not in the folder any more: 1 image (b c.png)" in said
    assert "Sent before, and excluded by now: 1 image (a.png)" in said
    assert len(server.held.tasks) == 5


def test_images_that_do_not_load_are_told(
    server: FakeLabelStudio, connection: Connection, project: Project, catalogue: Catalogue
) -> None:
    server.files = {"lesions/a.png"}
    sent = send(connection, project, order_of(catalogue))
    assert (
        "4 of 5 images looked at do not load in Label Studio; sub/ü 1.png: the server has no such file"
        in sent.problems[0]
    )
    assert f"annotriage doctor --label-studio {connection.address} --project 1" in sent.problems[0]


@pytest.mark.parametrize(
    ("root", "images", "said"),
    [
        ("PARENT/lesions", Images(), "is the document root of .* itself"),
        ("/srv/data", Images(), "has no folder .*--served-as"),
        ("/srv/data", Images(served_as="/srv/other"), "serves files below /srv/data, and /srv/other/lesions"),
        (None, Images(), "LABEL_STUDIO_LOCAL_FILES_SERVING_ENABLED=true"),
    ],
)
def test_a_folder_that_is_not_taken_is_told_with_its_switch(
    server: FakeLabelStudio, connection: Connection, project: Project, catalogue: Catalogue, root: str | None,
    images: Images, said: str,
) -> None:  # fmt: skip
    server.root = root and root.replace("PARENT", str(catalogue.folder.parent))
    with pytest.raises(AnnotriageError, match=said):
        send(connection, project, order_of(catalogue, images=images))
    assert not server.held.tasks


def test_a_container_has_paths_of_its_own(
    server: FakeLabelStudio, connection: Connection, project: Project, catalogue: Catalogue
) -> None:
    server.root = "/label-studio/files"
    root = catalogue.folder.parent
    send(connection, project, order_of(catalogue, images=Images(root=root, served_as="/label-studio/files")))
    assert [each["path"] for each in server.held.storages.values()] == ["/label-studio/files/lesions"]
    send(connection, project, order_of(catalogue, images=Images(root=root, served_as="/label-studio/files")))
    assert len(server.held.storages) == 1


def test_the_folder_itself_is_no_root(connection: Connection, project: Project, catalogue: Catalogue) -> None:
    with pytest.raises(AnnotriageError, match="only folders below its document root"):
        send(connection, project, order_of(catalogue, images=Images(root=catalogue.folder)))


def test_where_a_folder_was_sent_is_remembered(connection: Connection, project: Project, catalogue: Catalogue) -> None:
    assert links_of(catalogue.folder) == []
    send(connection, project, order_of(catalogue))
    (link,) = links_of(catalogue.folder)
    assert (link.address, link.project, link.title) == (connection.address, 1, "Lesions")


def test_what_is_about_to_be_sent_is_said(catalogue: Catalogue) -> None:
    said = " ".join(order_of(catalogue).words())
    assert "1 image for 2 people each, 4 images for 1 person each" in said
    assert "1 image that is not scored yet" in said and "neither rank nor decision" in said
    catalogue.set_reviews({name: Review() for name in ("a.png", "sub/ü 1.png")})
    assert "No image counts as for experts" in " ".join(order_of(catalogue).words())
    with pytest.raises(AnnotriageError, match="1 to 20 people"):
        Overlap(experts=0)
