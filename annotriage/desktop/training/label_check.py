"""Check labels in a thread: read the table, list the images, bring both together."""

import threading
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from annotriage.datasets.columns import ColumnMapping
from annotriage.desktop.garbage import considerate
from annotriage.errors import AnnotriageError

if TYPE_CHECKING:
    from annotriage.datasets.label_health import LabelHealth

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Question:
    """What is to be checked; two that are equal have one answer as long as no file changes."""

    images: Path | None
    labels: Path
    clinical: Path | None
    masks: Path | None
    chosen: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Answer:
    """The table's columns; its health, or why there is none."""

    mapping: ColumnMapping
    health: "LabelHealth | None"
    problem: str


def answer(question: Question, stop: threading.Event) -> Answer:
    """Read and check; for a thread.

    Raises
    ------
    AnnotriageError
        The table cannot be read at all. Everything else that is wrong is in the answer.
    """
    from annotriage.agreement.masks_among import without_masks
    from annotriage.datasets.label_health import check_labels, read_columns
    from annotriage.images import in_natural_order, walk_images
    from annotriage.regressors.run_data import FEWEST_LABELLED, mask_paths

    with considerate():
        mapping = read_columns(question.labels)
        try:
            mapping.corrected(dict(question.chosen))
        except AnnotriageError:  # chosen for another table of that name
            question = Question(question.images, question.labels, question.clinical, question.masks, ())
        chosen = dict(question.chosen)
        if question.images is None or not all(chosen.get(role) or mapping.column(role) for role in ("image", "dice")):
            return Answer(mapping, None, "")
        try:
            images = without_masks(in_natural_order(_until(stop, walk_images(question.images))))
            obstacles = []
            masks: set[str] = set()
            if question.masks is not None:
                try:
                    masks = set(mask_paths(question.masks))
                except AnnotriageError as error:
                    obstacles.append(str(error))
            if stop.is_set():
                return Answer(mapping, None, "")
            health = check_labels(
                question.labels, images, chosen, clinical=question.clinical, masks=masks, fewest=FEWEST_LABELLED
            )
            health.obstacles.extend(obstacles)
        except AnnotriageError as error:
            return Answer(mapping, None, str(error))
        return Answer(mapping, health, "")


def _until(stop: threading.Event, found: Iterable[T]) -> Iterator[T]:
    for each in found:
        if stop.is_set():
            return
        yield each
