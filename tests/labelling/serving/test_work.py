"""The images that wait: each computed once, in turn, bounded, given up where nobody waits any more."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from annotriage.errors import AnnotriageError
from annotriage.images import ImageFile
from annotriage.labelling.serving.kept import Kept, Wanted
from annotriage.labelling.serving.metrics import Metrics
from annotriage.labelling.serving.work import FullError, Order, Work
from annotriage.model_file import ModelFile
from annotriage.scoring.prediction import Prediction
from annotriage.scoring.scorer import Scorer
from annotriage.triage.store import SessionStore

pytestmark = pytest.mark.slow


class Gate:
    """Lets images through one by one, and notes which came."""

    def __init__(self) -> None:
        self.passes = threading.Semaphore(0)
        self.begun: list[str] = []

    def score(self, _: Scorer, paths: Any) -> Iterator[Prediction]:
        for path in paths:
            self.begun.append(path.name)
            self.passes.acquire()
            yield Prediction(path, 0.5, 0.4, 0.6)

    def open(self) -> None:
        for _ in range(10_000):
            self.passes.release()


@pytest.fixture
def gate(monkeypatch: pytest.MonkeyPatch) -> Gate:
    gate = Gate()
    monkeypatch.setattr(Scorer, "score", lambda self, paths, **_: gate.score(self, paths))
    return gate


@pytest.fixture
def work(model: ModelFile, gate: Gate) -> Iterator[Callable[[int], Work]]:
    """Return what starts the work of one thread with room for so many images."""
    started: list[Work] = []
    with SessionStore() as store:

        def start(room: int = 100) -> Work:
            started.append(Work(model, Kept(model, store), Metrics(), threads=1, most_waiting=room))
            return started[-1]

        yield start
        gate.open()
        for each in started:
            each.close()


@contextmanager
def lent(path: Path) -> Iterator[Path]:
    yield path


def image(name: str) -> Wanted:
    return Wanted(Path("/photos"), ImageFile(Path(name), name, 1, 1, None), lambda: lent(Path(name)))


def until(true: Callable[[], bool]) -> None:
    ends = time.monotonic() + 20
    while not true():
        assert time.monotonic() < ends
        time.sleep(0.005)


def test_an_image_that_two_wait_for_is_computed_once(work: Callable[..., Work], gate: Gate) -> None:
    ours = work()
    first, second = ours.take([image("a"), image("b")]), ours.take([image("b"), image("b"), image("c")])
    assert ours.waiting <= 3
    gate.open()
    for order in (first, second):
        assert all(future.result(20).predicted_dice == 0.5 for future in order.futures)
    assert sorted(gate.begun) == ["a", "b", "c"]
    ours.take([image("a")]).futures[0].result(20)  # it is not kept here who asks again: `Kept` knows
    assert gate.begun.count("a") == 2


def test_requests_take_turns(work: Callable[..., Work], gate: Gate) -> None:
    ours = work()
    many = ours.take([image(f"m{number}") for number in range(20)])
    until(lambda: len(gate.begun) == 1)
    one, two = ours.take([image("one")]), ours.take([image("two")])
    gate.open()
    for order in (one, two, many):
        order.futures[-1].result(20)
    assert max(gate.begun.index("one"), gate.begun.index("two")) <= 4


def test_who_goes_away_takes_only_their_own_images_along(work: Callable[..., Work], gate: Gate) -> None:
    ours = work(5)
    first = ours.take([image(name) for name in "abcd"])
    until(lambda: gate.begun == ["a"])
    second = ours.take([image("c")])
    assert ours.room() == 2
    first.cancel()
    assert ours.room() == 4 and ours.waiting == 1
    gate.open()
    assert second.futures[0].result(20).predicted_dice == 0.5
    assert first.futures[0].result(20).predicted_dice == 0.5  # it was begun
    assert gate.begun == ["a", "c"] and first.futures[1].cancelled()


def test_there_is_an_end_to_what_may_wait(work: Callable[..., Work], gate: Gate) -> None:
    ours = work(3)
    ours.take([image("a")])
    until(lambda: gate.begun == ["a"])
    ours.take([image("b"), image("c")])
    with pytest.raises(FullError, match="wait already"):
        ours.take([image("d"), image("e")])
    ours.take([image("d")])
    gate.open()
    until(lambda: ours.room() == 3)


def test_at_the_end_nothing_more_is_begun(work: Callable[..., Work], gate: Gate) -> None:
    ours = work()
    order = ours.take([image("a"), image("b")])
    until(lambda: gate.begun == ["a"])
    closing = threading.Thread(target=ours.close)
    closing.start()
    until(lambda: order.futures[1].cancelled())
    gate.open()
    closing.join(20)
    assert order.futures[0].result(0).predicted_dice == 0.5 and gate.begun == ["a"]
    with pytest.raises(FullError, match="being stopped"):
        ours.take([image("c")])


def test_what_fails_fails_alone(work: Callable[..., Work], gate: Gate, monkeypatch: pytest.MonkeyPatch) -> None:
    @contextmanager
    def nowhere() -> Iterator[Path]:
        raise AnnotriageError("It is out of reach.")
        yield Path()

    ours = work()
    gate.open()
    gone = Wanted(Path("/photos"), ImageFile(Path("g"), "g", 1, 1, None), nowhere)
    order = ours.take([image("a"), gone, image("b")])
    assert [future.result(20).error for future in order.futures] == [None, "It is out of reach.", None]
    monkeypatch.setattr(Kept, "keep", lambda *_: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        ours.take([image("c")]).futures[0].result(20)
    monkeypatch.undo()


_STEPS = st.lists(
    st.tuples(st.just("take"), st.lists(st.sampled_from("abcdefgh"), min_size=1, max_size=5))
    | st.tuples(st.just("cancel"), st.integers(0, 9))
    | st.tuples(st.just("let"), st.integers(1, 3)),
    max_size=25,
)


@settings(max_examples=30)
@given(_STEPS)
def test_whatever_is_ordered_and_given_up_all_others_are_answered(steps: list[tuple[str, Any]]) -> None:
    gate, kept = Gate(), []

    class Keeping:
        def keep(self, scored: Any) -> None:
            kept.extend(wanted.file.name for wanted, _ in scored)

    class Scoring:
        batch_size = 1

        def score(self, paths: Any) -> Iterator[Prediction]:
            return gate.score(self, paths)  # type: ignore[arg-type]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("annotriage.labelling.serving.work.Scorer", lambda *_, **__: Scoring())
        work = Work(None, Keeping(), Metrics(), threads=2, most_waiting=12)  # type: ignore[arg-type]
        orders: list[Order] = []
        left: set[int] = set()
        for verb, value in steps:
            if verb == "take":
                try:
                    orders.append(work.take([image(name) for name in value]))
                except FullError:
                    assert work.waiting + len(value) > 12
            elif verb == "cancel" and value < len(orders) and value not in left:
                orders[value].cancel()
                left.add(value)
            elif verb == "let":
                for _ in range(value):
                    gate.passes.release()
            assert work.waiting <= 12
        gate.open()
        for number, order in enumerate(orders):
            if number not in left:
                assert all(future.result(20).predicted_dice == 0.5 for future in order.futures)
        work.close()
        assert work.waiting == 0 and sorted(kept) == sorted(gate.begun)
