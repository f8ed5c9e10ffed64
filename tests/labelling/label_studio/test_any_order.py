"""Whatever happens in whatever order: nothing is doubled, the overlap is right, nothing is lost."""

import shutil
import tempfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule, run_state_machine_as_test

from annotriage.errors import AnnotriageError
from annotriage.images import find_images
from annotriage.labelling.label_studio.connection import connect
from annotriage.labelling.label_studio.fetching import fetch_results
from annotriage.labelling.label_studio.order import Images, Overlap, Way, order_from
from annotriage.labelling.label_studio.sending import send
from annotriage.triage.catalogue import Catalogue
from annotriage.triage.decisions import Decision, Review
from annotriage.triage.exports.label_studio_set_up import SetUp
from annotriage.triage.measured_images import MeasuredImages
from annotriage.triage.store import SessionStore
from tests.labelling.label_studio.fake_server import TOKEN, FakeLabelStudio
from tests.labelling.label_studio.test_fetching import drawn, square
from tests.pictures import write_picture

NAMES = ("a.png", "b.png", "sub/a.png")
upsets = st.none() | st.tuples(st.booleans(), st.integers(1, 30))
decisions = st.sampled_from([Decision.UNDECIDED, Decision.EXPERT, Decision.ROUTINE])


class Conversation(RuleBasedStateMachine):
    """A coordinator, a server, two people, and a bad network."""

    way = Way.FOLDER

    def __init__(self) -> None:
        super().__init__()
        self.place = Path(tempfile.mkdtemp(prefix="annotriage-test-"))
        self.folder = self.place / "lesions"
        for number, name in enumerate(NAMES):
            write_picture(self.folder / name, 0.3 + 0.1 * number)
        self.catalogue = Catalogue(self.folder, find_images(self.folder))
        self.catalogue.disagreement[:] = [0.25, 0.5, 0.75]
        self.server = FakeLabelStudio(str(self.place)).__enter__()
        self.store = SessionStore(self.place / "sessions.sqlite")
        self.connection = connect(self.server.url, TOKEN)
        self.project = self.connection.make_project("Any order", SetUp())
        self.overlap = Overlap()
        self.sent = False  # the last send came to its end, and nothing was decided since
        self.fetched = False
        self.drew: dict[tuple[str, int], int] = {}

    def teardown(self) -> None:
        self.connection.close()
        self.store.close()
        self.server.__exit__()
        shutil.rmtree(self.place)

    @rule(
        experts=st.integers(1, 3),
        first=st.integers(0, 2),
        upset=st.none() | st.tuples(st.booleans(), st.integers(1, 30)),
    )
    def send(self, experts: int, first: int, upset: tuple[bool, int] | None) -> None:
        """Send, perhaps with a request or an answer lost."""
        self.overlap = Overlap(experts=experts, first=first)
        order = order_from(self.catalogue, None, version="tiny 1", overlap=self.overlap, images=Images(self.way))
        if upset is not None:
            after, number = upset
            # Repeated requests are lost, too: what is not repeated ends the send.
            lost = set(range(number, number + 4))
            self.server.cut_from_now(**{"after" if after else "before": lost})
        try:
            sent = send(self.connection, self.project, order)
        except AnnotriageError:
            assert upset is not None
            self.sent = False
        else:
            assert not sent.problems and not sent.remarks
            self.sent = True
        self.server.cut_from_now()

    @rule(name=st.sampled_from(NAMES), decision=decisions)
    def decide(self, name: str, decision: Decision) -> None:
        self.catalogue.set_reviews({name: Review(decision)})
        self.sent = False

    @rule(name=st.sampled_from(NAMES), disagreement=st.sampled_from([0.125, 0.5, 0.875]))
    def score(self, name: str, disagreement: float) -> None:
        """Another model predicts something else."""
        self.catalogue.disagreement[NAMES.index(name)] = disagreement
        self.sent = False

    @rule(person=st.sampled_from([1, 2]), left=st.integers(0, 8))
    def draw(self, person: int, left: int) -> None:
        """Draw what the server hands out."""
        task = self.server.next_for(person, self.project.number)
        if task is not None:
            name = task["data"]["name"]
            assert (name, person) not in self.drew
            self.drew[name, person] = self.server.draw(person, task["id"], drawn(square(4, left)))
            self.fetched = False

    @precondition(lambda self: self.drew)
    @rule(data=st.data(), left=st.integers(0, 8))
    def draw_again(self, data: Any, left: int) -> None:
        self.server.change(data.draw(st.sampled_from(sorted(self.drew.values()))), drawn(square(4, left)))
        self.fetched = False

    @rule(people=st.integers(1, 3))
    def reset_the_overlap(self, people: int) -> None:
        """Change the project's settings, which resets what was set for each task."""
        self.connection.client.patch(f"/api/projects/{self.project.number}/", {"maximum_annotations": people})
        self.sent = False

    @rule(lost=st.none() | st.integers(1, 8))
    def fetch(self, lost: int | None) -> None:
        if lost is not None:
            self.server.cut_from_now(before=set(range(lost, lost + 4)))
        try:
            fetch_results(self.connection, self.project, self.folder, self.catalogue.images, self.store)
        except AnnotriageError:
            assert lost is not None
        else:
            self.fetched = True
        self.server.cut_from_now()

    @invariant()
    def nothing_is_doubled(self) -> None:
        if not self.sent:
            return
        tasks = self.server.tasks_of(self.project.number)
        assert sorted(task["data"]["name"] for task in tasks) == sorted(NAMES)
        told = [(each["task"], each["score"]) for each in self.server.held.predictions.values()]
        scores = dict(zip(NAMES, (1 - self.catalogue.disagreement).tolist(), strict=True))
        assert sorted(told) == sorted((task["id"], scores[task["data"]["name"]]) for task in tasks)

    @invariant()
    def the_overlap_is_right(self) -> None:
        if not self.sent:
            return
        order = order_from(self.catalogue, None, version="tiny 1", overlap=self.overlap)
        wanted = {row.image: self.overlap.of(row) for row in order.rows}
        for task in self.server.tasks_of(self.project.number):
            assert task["overlap"] == wanted[task["data"]["name"]]
            assert task["is_labeled"] == (task["total_annotations"] >= task["overlap"])

    @invariant()
    def nothing_drawn_is_lost(self) -> None:
        assert set(self.server.held.annotations) >= set(self.drew.values())
        if not self.fetched:
            return
        kept = MeasuredImages(self.store, self.folder).read()
        for name in NAMES:
            drew = [self.drew[name, person] for person in (1, 2) if (name, person) in self.drew]
            assert len(kept[name].annotators if name in kept else ()) == len(drew)
            if len(drew) == 2:
                results = [self.server.held.annotations[number]["result"] for number in drew]
                assert kept[name].is_measured
                assert (kept[name].dice == 1.0) == (results[0] == results[1])
                assert np.isfinite(kept[name].dice)


class ConversationByUploads(Conversation):
    way = Way.UPLOAD


@pytest.mark.slow
@pytest.mark.parametrize("machine", [Conversation, ConversationByUploads])
def test_in_any_order(machine: type[Conversation]) -> None:
    health = [HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much]
    run_state_machine_as_test(
        machine, settings=settings(max_examples=20, stateful_step_count=15, suppress_health_check=health, deadline=None)
    )
