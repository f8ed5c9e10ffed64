"""The tasks that a project has already, and which of a folder's images each shows."""

import hashlib
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from annotriage.labelling.label_studio.connection import Connection
from annotriage.labelling.label_studio.order import SendOrder
from annotriage.names import counted, same_letters
from annotriage.triage.exports.label_studio_set_up import NAME
from annotriage.triage.store import identity

META = "annotriage"
"""Under which name a task's `meta` holds what is ours."""


@dataclass(frozen=True, slots=True)
class Task:
    """A task, without what was drawn.

    Attributes
    ----------
    number : int
    name : str
        The image's; empty: it does not say.
    address : str
        The image's.
    folder : str
        From which folder it was sent, by `folder_key`; empty: not by us.
    said : str
        Of which prediction the server was told; see `annotriage.labelling.label_studio.predictions`.
    overlap, annotations, predictions : int
        How many people are to draw it; how many did; how many predictions it has.
    skipped : int
        How many people skipped it.
    labelled : bool
        Whether Label Studio takes it for done, and gives it to nobody any more.
    updated : str
        When it, or what was drawn of it, changed last.
    annotators : tuple of int
        Who drew it, where the list says so.
    data, meta : dict
        As they are.
    """

    number: int
    name: str
    address: str
    folder: str
    said: str
    overlap: int
    annotations: int
    predictions: int
    skipped: int
    labelled: bool
    updated: str
    annotators: tuple[int, ...]
    data: dict[str, Any] = field(repr=False)
    meta: dict[str, Any] = field(repr=False)

    @property
    def people(self) -> int:
        """How many people drew it; those who skipped it stand in the list of those who drew, and are not counted."""
        return min(self.annotations, len(set(self.annotators)) or self.annotations)


@dataclass(slots=True)
class TasksThere:
    """A project's tasks, laid beside a folder.

    Attributes
    ----------
    of_image : dict of str to Task
        Image name -> the task that shows it, sent by us from this folder or adopted.
    doubles : dict of str to list of Task
        Image name -> further tasks that show the same image.
    elsewhere : dict of str to Task
        Image name -> a task of that name which was sent from another folder, where this folder has none.
    others : int
        Tasks of other images.
    """

    of_image: dict[str, Task] = field(default_factory=dict)
    doubles: dict[str, list[Task]] = field(default_factory=dict)
    elsewhere: dict[str, Task] = field(default_factory=dict)
    others: int = 0


def folder_key(folder: Path) -> str:
    """Return what tells a folder from others, by where it lies; the way to it cannot be read from that."""
    return hashlib.sha256(identity(folder).encode()).hexdigest()[:16]


def read_task(said: Mapping[str, Any], image_key: str) -> Task:
    """Read a task of a list."""
    data = said.get("data") if isinstance(said.get("data"), dict) else {}
    meta = said.get("meta") if isinstance(said.get("meta"), dict) else {}
    assert isinstance(data, dict) and isinstance(meta, dict)
    ours = meta.get(META)
    ours = ours if isinstance(ours, dict) else {}
    people = said.get("annotators")
    return Task(
        int(said["id"]),
        _text(data.get(NAME)),
        _text(data.get(image_key)),
        _text(ours.get("folder")),
        _text(ours.get("said")),
        _whole(said.get("overlap"), 1),
        _whole(said.get("total_annotations"), 0),
        _whole(said.get("total_predictions"), 0),
        _whole(said.get("cancelled_annotations"), 0),
        bool(said.get("is_labeled")),
        _text(said.get("updated_at")),
        tuple(_number(each) for each in people) if isinstance(people, list) else (),
        data,
        meta,
    )


def tasks_of(connection: Connection, project: int, image_key: str) -> list[Task]:
    """Return all tasks of a project, each once: a list may move on while its pages are read."""
    found = {said["id"]: read_task(said, image_key) for said in connection.tasks(project)}
    return list(found.values())


def laid_beside(tasks: Iterable[Task], folder: str, names: Iterable[str], addresses: Mapping[str, str]) -> TasksThere:
    """Find the task of each image of a folder.

    Parameters
    ----------
    tasks : iterable of Task
    folder : str
        Its `folder_key`.
    names : iterable of str
        Of the images.
    addresses : mapping of str to str
        Where known, image name -> the address that its task has: tasks that Label Studio made of a storage by itself
        have no name.
    """
    known = {same_letters(name): name for name in names}
    by_address = {address: name for name, address in addresses.items()}
    ours: defaultdict[str, list[Task]] = defaultdict(list)
    there = TasksThere()
    for task in tasks:
        name = known.get(same_letters(task.name)) if task.name else by_address.get(task.address)
        if name is None:
            there.others += 1
        elif task.folder in ("", folder):
            ours[name].append(task)
        else:
            there.elsewhere.setdefault(name, task)
    for name, alike in ours.items():
        # The first one counts, whoever looks: two sends at a time then agree on which one to keep.
        best, *rest = sorted(alike, key=lambda task: (task.folder != folder, task.annotations == 0, task.number))
        there.of_image[name] = best
        if rest:
            there.doubles[name] = rest
        there.elsewhere.pop(name, None)  # another folder's is no question any more
    return there


def rest_of(sent_before: Iterable[Task], known: Collection[int], order: SendOrder) -> list[str]:
    """Tell of images that were sent before and are not sent now; their tasks stay.

    Parameters
    ----------
    sent_before : iterable of Task
        From this folder.
    known : collection of int
        The numbers of the tasks that are sent now.
    order : SendOrder
    """
    left: defaultdict[str, list[str]] = defaultdict(list)
    for task in sent_before:
        if task.number in known or not task.name:
            continue
        if task.name not in order.present:
            left["not in the folder any more"].append(task.name)
        elif task.name in order.excluded:
            left["excluded by now"].append(task.name)
        else:
            left["not among those chosen now"].append(task.name)
    return [
        f"Sent before, and {words}: {counted(len(names), 'images')} ({', '.join(sorted(names)[:3])}"
        f"{', ...' if len(names) > 3 else ''}). What was sent stays as it is."
        for words, names in left.items()
    ]


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""


def _whole(value: object, otherwise: int) -> int:
    return value if isinstance(value, int) else otherwise


def _number(person: object) -> int:
    held = person.get("user_id", person.get("id")) if isinstance(person, dict) else person
    return held if isinstance(held, int) else 0
