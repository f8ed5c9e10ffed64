"""What is scored next: what is asked for, then the rest in natural order, each image once."""

from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from annotriage.desktop.review.scoring import Waiting
from annotriage.images import ImageFile


def images(count: int) -> list[ImageFile]:
    return [ImageFile(Path(f"{number}.png"), f"{number}.png", 1, 1, None) for number in range(count)]


def test_what_is_looked_at_comes_first() -> None:
    waiting = Waiting(images(6))
    taken = waiting.take()
    assert next(taken).name == "0.png"
    waiting.ask(["4.png", "0.png", "2.png", "no such.png"])
    assert [image.name for image in taken] == ["4.png", "2.png", "1.png", "3.png", "5.png"]
    assert len(waiting) == 0


def test_only_the_last_look_counts() -> None:
    waiting = Waiting(images(5))
    waiting.ask(["4.png"])
    waiting.ask(["3.png"])
    assert next(waiting.take()).name == "3.png"
    assert next(waiting.take()).name == "0.png"


@given(st.lists(st.lists(st.integers(0, 9), max_size=5), max_size=12))
def test_each_image_is_taken_once_whatever_is_asked(asked: list[list[int]]) -> None:
    waiting = Waiting(images(8))
    taken = []
    stream = waiting.take()
    for some in asked:
        waiting.ask([f"{number}.png" for number in some])
        image = next(stream, None)
        taken += [] if image is None else [image.name]
    taken += [image.name for image in stream]
    assert sorted(taken) == sorted(image.name for image in images(8))
