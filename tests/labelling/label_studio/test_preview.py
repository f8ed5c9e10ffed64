"""What a send would do is said before, in the numbers that the send then reports; nothing is changed by looking."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from scipy import stats

from annotriage.errors import AnnotriageError
from annotriage.images import find_images
from annotriage.labelling.label_studio.choice import choice_from, choice_of
from annotriage.labelling.label_studio.connection import Connection
from annotriage.labelling.label_studio.order import Images, Overlap, SameNames, Way, chance_of
from annotriage.labelling.label_studio.preview import SendPreview, preview_send
from annotriage.labelling.label_studio.sending import send
from annotriage.triage.catalogue import Catalogue
from annotriage.triage.decisions import Decision, Review
from annotriage.triage.exports.label_studio_set_up import SetUp, Shown
from tests.labelling.label_studio.conftest import catalogue_of, made_folder
from tests.labelling.label_studio.fake_server import FakeLabelStudio
from tests.labelling.label_studio.test_fetching import drawn, square
from tests.labelling.label_studio.test_sending import order_of
from tests.pictures import write_picture


def numbers(preview: SendPreview) -> tuple[int, int, int]:
    return preview.new, preview.changed, preview.same


@pytest.mark.slow
@pytest.mark.parametrize("way", list(Way))
def test_its_numbers_are_those_of_the_send(
    connection: Connection, server: FakeLabelStudio, catalogue: Catalogue, way: Way
) -> None:
    def order(**more: Any) -> Any:
        return order_of(catalogue, images=Images(way), **more)

    assert numbers(preview_send(connection, None, order())) == (5, 0, 0)
    project = connection.make_project("Lesions", SetUp())

    def both(**more: Any) -> SendPreview:
        before = len(server.requests)
        preview = preview_send(connection, connection.project(project.number), order(**more))
        assert {method for method, _ in server.requests[before:]} == {"GET"}
        sent = send(connection, connection.project(project.number), order(**more))
        assert numbers(preview) == (sent.made, sent.updated, sent.same)
        return preview

    assert numbers(both()) == (5, 0, 0)
    again = both()
    assert numbers(again) == (0, 0, 5) and "Nothing is other than it was sent before." in again.lines()
    server.draw(1, min(server.held.tasks), drawn(square(4, 4)))
    more = both(overlap=Overlap(first=2, experts=3))
    assert (numbers(more), more.more, more.fewer, more.drawn) == ((0, 0, 5), 2, 0, 1)
    assert "2 tasks that were sent before: a further annotator is asked for." in more.lines()
    fewer = both()
    assert (fewer.more, fewer.fewer) == (0, 2)
    catalogue.disagreement[0] = 0.26
    assert numbers(both()) == (0, 1, 4)
    catalogue.set_reviews({"a.png": Review(Decision.EXCLUDE)})
    excluded = both()
    assert excluded.count == 4 and any("excluded by now" in each for each in excluded.remarks)


def test_a_set_up_that_does_not_fit_and_a_root_that_is_none_are_said_before(
    connection: Connection, catalogue: Catalogue
) -> None:
    project = connection.make_project("Lesions", SetUp())
    with pytest.raises(AnnotriageError, match="lacks what shows the ranking"):
        preview_send(connection, project, order_of(catalogue, set_up=SetUp(shown=frozenset({Shown.RANK}))))
    with pytest.raises(AnnotriageError, match="is the folder of the images itself"):
        preview_send(connection, None, order_of(catalogue, images=Images(root=catalogue.folder)))


def test_names_of_another_folder_are_told(connection: Connection, catalogue: Catalogue, tmp_path: Path) -> None:
    project = connection.make_project("Lesions", SetUp())
    send(connection, project, order_of(catalogue))
    order = order_of(catalogue_of(made_folder(tmp_path / "moved")))
    asked = preview_send(connection, project, order)
    assert len(asked.elsewhere) == 5
    taken = preview_send(connection, project, replace(order, same_names=SameNames.TAKE_OVER))
    assert (numbers(taken), taken.elsewhere) == ((0, 5, 0), [])
    beside = preview_send(connection, project, replace(order, same_names=SameNames.BESIDE))
    assert (numbers(beside), beside.elsewhere) == ((5, 0, 0), [])


def test_files_that_no_browser_shows_are_counted(connection: Connection, tmp_path: Path) -> None:
    folder = made_folder(tmp_path / "lesions")
    (folder / "new.png").unlink()
    write_picture(folder / "new.tif", 0.4)
    catalogue = Catalogue(folder, find_images(folder))
    preview = preview_send(connection, None, order_of(catalogue))
    assert (preview.new, preview.not_shown) == (4, 1)
    assert any("uploaded, they are sent as PNG" in each for each in preview.lines())
    assert preview_send(connection, None, order_of(catalogue, images=Images(Way.UPLOAD))).new == 5


def test_what_chance_chooses_is_the_same_at_each_send_and_has_nothing_to_do_with_the_ranking(
    connection: Connection, server: FakeLabelStudio, catalogue: Catalogue
) -> None:
    names = [f"ISIC_{number:07}.jpg" for number in range(10_000)]
    chances = np.array([chance_of(name) for name in names])
    assert stats.kstest(chances, "uniform").pvalue > 0.01
    assert abs(stats.spearmanr(chances, np.arange(len(names))).statistic) < 0.03
    overlap = Overlap(experts=3, routine=1, sampled=0.5)
    order = order_of(catalogue, overlap=overlap)
    wanted = {
        row.image: 3 if row.decision is Decision.EXPERT or chance_of(row.image) < 0.5 else 1 for row in order.wanted
    }
    assert sorted(set(wanted.values())) == [1, 3]
    project = connection.make_project("Lesions", SetUp())
    for _ in range(2):
        send(connection, connection.project(project.number), order)
        assert {task["data"]["name"]: task["overlap"] for task in server.held.tasks.values()} == wanted
    sampled = sum(overlap.is_sampled(row) for row in order.wanted)
    assert f"{sampled} image" in order.words()[0] and "by chance for as many" in order.words()[0]
    assert choice_from(choice_of(order).saved()) == choice_of(order)
    with pytest.raises(AnnotriageError, match="0 to 1"):
        Overlap(sampled=1.5)
