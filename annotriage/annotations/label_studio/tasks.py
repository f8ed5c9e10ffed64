"""From Label Studio's tasks to annotations: the one reading of all its exports, which are brought into this form."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from annotriage.annotations.annotation import Annotation, NothingDrawnError, ReadAnnotations, Region, unnamed
from annotriage.annotations.label_studio.images import TaskImages, images_of
from annotriage.annotations.label_studio.regions import Drawn, drawn_in
from annotriage.annotations.people import finished_at, person_of, seconds_of
from annotriage.names import counted

SKIPPED = "was skipped"
DRAFT = "is a draft that was never submitted"
PREDICTION = "is a model's prediction"
EARLIER = "was drawn anew by the same person later"
NO_RESULT = "has its regions elsewhere: export the project as JSON"
NO_OUTLINE = "holds nothing that has an area"

_LONG_AGO = datetime.min.replace(tzinfo=UTC)


class _Control(str):
    """The name of the control that a region without a label was drawn with, in the label's place for a while."""


@dataclass(slots=True)
class _Reading:
    """What is gathered of one file."""

    path: Path
    found: list[Annotation] = field(default_factory=list)
    unused: Counter[str] = field(default_factory=Counter)
    controls: defaultdict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    drawn_on: set[str] = field(default_factory=set)
    column_of: dict[int, str] = field(default_factory=dict)
    taken_over: int = 0
    opened: int = 0


def read_tasks(tasks: Sequence[Any], path: Path) -> ReadAnnotations:
    """Read tasks with their annotations, drafts and predictions.

    Of several annotations of one image by one person the last is used: Label Studio lets people annotate a task again,
    and a project may have an image twice. An annotation without regions says that there is nothing to outline. Drafts,
    skipped annotations and predictions are there with a note.

    Parameters
    ----------
    tasks : sequence
        Objects with ``data`` and ``annotations`` (``completions`` before version 1).
    path : Path
        Where they stand, for what is told.

    Raises
    ------
    AnnotriageError
        Nobody has annotated any of them, or nobody could draw in them.
    """
    reading = _Reading(path)
    no_tasks = 0
    for task in tasks:
        if not isinstance(task, dict):
            no_tasks += 1
            continue
        _read_task(task, reading)
    if no_tasks:
        reading.unused["entries that are no tasks"] += no_tasks
    _refuse_what_holds_nothing(tasks, reading)
    return _result(reading)


def _read_task(task: Mapping[str, Any], reading: _Reading) -> None:
    images = images_of(task)
    made = task.get("annotations", task.get("completions"))
    for annotation in _objects(made):
        skipped = annotation.get("was_cancelled") or annotation.get("skipped")
        _read(annotation, images, reading, SKIPPED if skipped else "")
    for annotation in _objects(task.get("drafts")):
        _read(annotation, images, reading, DRAFT)
    for annotation in _objects(task.get("predictions")):
        _read(annotation, images, reading, PREDICTION)


def _objects(listed: Any) -> Iterable[dict[str, Any]]:
    return (each for each in listed if isinstance(each, dict)) if isinstance(listed, list) else ()


def _read(made: Mapping[str, Any], images: TaskImages, reading: _Reading, note: str) -> None:
    result = made.get("result")
    drawn = drawn_in(result) if isinstance(result, list) else []
    if note == PREDICTION and not drawn:
        return
    person = str(made.get("model_version") or "") if note == PREDICTION else person_of(made)
    common = Annotation("", person, None, (), reading.path, 0, seconds_of(made), finished_at(made))
    for at, pieces in _by_image(drawn, images).items():
        used = [each for each in pieces if each.shape is not None]
        if not note:
            reading.unused.update(each.fault for each in pieces if each.fault)
            reading.taken_over += sum(each.taken_over for each in used)
            reading.opened += sum(each.is_open for each in used)
        if pieces:
            reading.drawn_on.add(at[0])
        place = len(reading.found)
        reading.column_of[place] = at[0]
        image, why = images.named(*at)
        size = next((each.size for each in pieces if each.size is not None), None)
        regions = tuple(region for each in used for region in _regions(each, reading))
        told = note or why or _note(result, pieces)
        reading.found.append(replace(common, image=image, size=size, regions=regions, place=place, note=told))


def _note(result: Any, pieces: Sequence[Drawn]) -> str:
    if not isinstance(result, list):
        return NO_RESULT
    return NO_OUTLINE if pieces and not any(each.shape is not None for each in pieces) else ""


def _by_image(drawn: Sequence[Drawn], images: TaskImages) -> dict[tuple[str, int], list[Drawn]]:
    """Return the pieces by column and place of their image; who annotates a task has seen all images of it."""
    by_image: dict[tuple[str, int], list[Drawn]] = {}
    if all(images.named(each.target, each.item)[0] for each in drawn):
        by_image = {at: [] for at in images.all()} or {("", 0): []}
    for each in drawn:
        by_image.setdefault((images.only_column or each.target, each.item), []).append(each)
    return by_image


def _regions(drawn: Drawn, reading: _Reading) -> Iterable[Region]:
    assert drawn.shape is not None
    if not drawn.labels:
        reading.controls[type(drawn.shape).__name__].add(drawn.control)
        return [Region(_Control(drawn.control), drawn.shape)]
    # A region of several labels counts to each of them.
    return [Region(label, drawn.shape) for label in drawn.labels]


def _with_numbers_for_the_unnamed(found: list[Annotation]) -> bool:
    """Keep annotations of one image apart that nobody's name stands on; say whether there are any."""
    nobodys: defaultdict[str, list[int]] = defaultdict(list)
    for place, each in enumerate(found):
        if each.image and not each.annotator and not each.note:
            nobodys[each.image].append(place)
    several = any(len(places) > 1 for places in nobodys.values())
    for places in nobodys.values():
        for number, place in enumerate(places if several else (), start=1):
            found[place] = replace(found[place], annotator=unnamed(number))
    return several


def _with_the_last_of_each(found: Sequence[Annotation]) -> list[Annotation]:
    """Note all but the last of what one person made of one image."""
    last: dict[tuple[str, str], Annotation] = {}
    for each in found:
        if each.note or not each.annotator or not each.image:
            continue
        before = last.get((each.image, each.annotator))
        if before is None or (before.finished or _LONG_AGO) <= (each.finished or _LONG_AGO):
            last[each.image, each.annotator] = each
    return [
        replace(each, note=EARLIER)
        if not each.note and last.get((each.image, each.annotator), each) is not each
        else each
        for each in found
    ]


def _refuse_what_holds_nothing(tasks: Sequence[Any], reading: _Reading) -> None:
    if not any(each.note not in (DRAFT, PREDICTION) for each in reading.found):
        besides = Counter(each.note for each in reading.found)
        also = ", ".join(
            counted(besides[note], what)
            for note, what in ((DRAFT, "drafts that were never submitted"), (PREDICTION, "predictions of models"))
            if besides[note]
        )
        raise NothingDrawnError(
            f"{reading.path} holds {counted(len(tasks), 'tasks')} of Label Studio that nobody has annotated"
            f"{f', and {also}' if also else ''}: export the project after people have submitted what they drew."
        )
    drew = any(each.regions or each.note == NO_RESULT for each in reading.found) or reading.unused
    if not drew and len(tasks) > 1:
        raise NothingDrawnError(
            f"{reading.path} holds {counted(len(reading.found), 'annotations')} of Label Studio without any outline: "
            "people chose or wrote something in this project, and drew nothing. Its labelling set-up needs a control "
            "such as <BrushLabels> or <PolygonLabels>."
        )


def _result(reading: _Reading) -> ReadAnnotations:
    # An image that is only shown beside the one to draw on says nothing.
    found = [each for each in reading.found if _was_to_be_drawn_on(each, reading)]
    by_control = any(len(names) > 1 for names in reading.controls.values())
    found = [replace(each, regions=tuple(_with_label(part, by_control) for part in each.regions)) for each in found]
    remarks = []
    if _with_numbers_for_the_unnamed(found):
        remarks.append(
            f"{reading.path.name} does not say who annotated: the annotations of an image are numbered, and the same "
            "number need not be the same person. An export as JSON says who it was."
        )
    found = _with_the_last_of_each(found)
    if any(not each.regions and not each.note for each in found):
        remarks.append("An annotation without any region counts as saying that there is nothing to outline.")
    if reading.taken_over:
        remarks.append(
            f"{counted(reading.taken_over, 'regions')} drawn by a model and submitted without a change, which count as "
            "drawn by who submitted them."
        )
    if reading.opened:
        remarks.append(f"{counted(reading.opened, 'outlines')} that nobody closed: the ends were joined.")
    return ReadAnnotations(found, remarks, reading.unused)


def _was_to_be_drawn_on(each: Annotation, reading: _Reading) -> bool:
    columns = reading.drawn_on
    return bool(each.regions or each.note or not columns or reading.column_of[each.place] in columns)


def _with_label(region: Region, by_control: bool) -> Region:
    """Call a region without a label after its control, where several controls of a kind tell regions apart."""
    if not isinstance(region.label, _Control):
        return region
    return replace(region, label=str(region.label) if by_control else "")
