"""Check labels in a thread: read the table, list the images, bring both together."""

import re
import threading
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from annotriage.datasets.clinical import group_columns
from annotriage.datasets.columns import CLINICAL, ColumnMapping
from annotriage.errors import AnnotriageError

if TYPE_CHECKING:
    from annotriage.datasets.label_health import LabelHealth
    from annotriage.regressors.data.pairs import PairTable

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class LabelSources:
    """What is to be checked; two that are equal have one answer as long as no file changes."""

    images: Path | None
    labels: Path
    clinical: Path | None
    masks: Path | None
    pairs: Path | None
    chosen: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class LabelFindings:
    """The columns of the table and of the clinical metadata; the labels' health, or why there is none.

    Without clinical metadata, `groups` are the columns of the table itself that may name the patients. `pairs` says
    what ways of drawing will be learned from.
    """

    mapping: ColumnMapping
    groups: ColumnMapping
    health: "LabelHealth | None"
    problem: str
    pairs: str = ""


def check_sources(sources: LabelSources, stop: threading.Event) -> LabelFindings:
    """Read and check; for a thread.

    Raises
    ------
    AnnotriageError
        The table cannot be read at all. Everything else that is wrong is in the answer.
    """
    from annotriage.agreement.masks_among import without_masks
    from annotriage.datasets.label_health import check_labels, read_columns
    from annotriage.images import in_natural_order, walk_images
    from annotriage.regressors.data.pairs import read_pair_table
    from annotriage.regressors.data.run_data import FEWEST_LABELLED
    from annotriage.regressors.data.without_label import mask_paths

    mapping, groups = read_columns(sources.labels), _group_columns(sources)
    # What was chosen for another table of that name has no column here.
    chosen = {
        role: column for role, column in sources.chosen if column in (groups if role in CLINICAL else mapping).header
    }
    if sources.images is None or not all(chosen.get(role) or mapping.column(role) for role in ("image", "dice")):
        return LabelFindings(mapping, groups, None, "")
    try:
        images = without_masks(in_natural_order(_until(stop, walk_images(sources.images))))
        obstacles = []
        masks: set[str] = set()
        if sources.masks is not None:
            try:
                masks = set(mask_paths(sources.masks))
            except AnnotriageError as error:
                obstacles.append(str(error))
        if stop.is_set():
            return LabelFindings(mapping, groups, None, "")
        health = check_labels(
            sources.labels, images, chosen, clinical=sources.clinical, masks=masks, fewest=FEWEST_LABELLED
        )
        pairs = ""
        if sources.pairs is not None:
            try:
                pairs = pairs_sentence(read_pair_table(sources.pairs))
            except AnnotriageError as error:
                obstacles.append(str(error))
        health.obstacles[:] = map(in_the_window, [*health.obstacles, *obstacles])
    except AnnotriageError as error:
        return LabelFindings(mapping, groups, None, in_the_window(str(error)))
    return LabelFindings(mapping, groups, health, "", pairs)


def pairs_sentence(pairs: "PairTable") -> str:
    """Say what ways of drawing will be learned from, and what of the table is not used."""
    return " ".join([f"Ways of drawing will be learned from {pairs.source}.", *pairs.remarks])


def in_the_window(sentence: str) -> str:
    """Return a sentence of the command line as the page says it, where columns are chosen in boxes."""
    return re.sub(r"(say which it is: |say )--column \w+=.+?\.(?= |$)", "choose it in its box.", sentence)


def _group_columns(sources: LabelSources) -> ColumnMapping:
    """Return the columns that name patients and lesions; only suggested where they are the table's own."""
    try:
        found = group_columns(sources.clinical or sources.labels)
    except AnnotriageError:  # the check of the labels says why
        return ColumnMapping()
    if sources.clinical is not None:
        return found
    unused = (replace(guess, confidence=min(guess.confidence, 0.3)) for guess in found.guesses)
    return replace(found, guesses=tuple(guess for guess in unused if guess.role != "clinical_image"))


def _until(stop: threading.Event, found: Iterable[T]) -> Iterator[T]:
    for each in found:
        if stop.is_set():
            return
        yield each
