"""Which image a task of Label Studio shows: which column of its data that is, only the project's set-up would say."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote, urlsplit

from annotriage.annotations.image_names import image_of
from annotriage.names import READ_ENDINGS, posix, same_letters, stem_of, without_endings

UNCLEAR = (
    "is of one of several images ({}), and the export does not say of which: in the labelling set-up call the image's "
    "tag as its column is called"
)
UNNAMED = "is of an image whose name stands nowhere"

_PLAIN = ("image", "img", "image_url", "picture", "photo", "url", "file")
"""Columns that hold an image whatever their address looks like, the likelier first."""
_SERVED = ("/data/upload/", "/data/local-files/", "/resolve/?fileuri=", "/presign/?fileuri=")
_OURS = ("predicted_dice", "rank", "summary")
"""Columns of our own export, whose `name` is the image's."""


@dataclass(frozen=True, slots=True)
class TaskImages:
    """The images of a task.

    Attributes
    ----------
    by_column : mapping of str to sequence of str
        Names without ending, by column of the task's data; several where a column holds a list.
    """

    by_column: Mapping[str, Sequence[str]]

    @property
    def only_column(self) -> str | None:
        """The column of all images; None: there are several, or none."""
        return next(iter(self.by_column)) if len(self.by_column) == 1 else None

    def named(self, target: str, item: int) -> tuple[str, str]:
        """Return the image that a region is of, and why it is not known; one of the two is empty.

        Parameters
        ----------
        target : str
            The name of the image's tag (``to_name``).
        item : int
            Which of several (``item_index``).
        """
        if not self.by_column:
            return "", UNNAMED
        column = self.only_column or target
        if column not in self.by_column:
            return "", UNCLEAR.format(", ".join(self.by_column))
        names = self.by_column[column]
        return (names[item], "") if 0 <= item < len(names) else ("", UNNAMED)

    def all(self) -> list[tuple[str, int]]:
        """Return every image as the column and the place by which `named` names it."""
        return [(column, item) for column, names in self.by_column.items() for item in range(len(names))]


def images_of(task: Mapping[str, Any]) -> TaskImages:
    """Find the images of a task, and what they are called."""
    data = task.get("data")
    data = data if isinstance(data, dict) else {}
    addresses = {column: found for column, value in data.items() if (found := _addresses(value))}
    addresses.pop("name", None)
    for column in _PLAIN:
        if not addresses and isinstance(value := data.get(column), str) and value and not value.startswith("data:"):
            addresses[column] = [value]
    if not addresses:
        # An image in the text itself, or an address that expired: the file says what it was called.
        stored = [task.get("storage_filename"), data.get("name"), data.get("filename"), data.get("file_name")]
        if isinstance(uploaded := task.get("file_upload"), str) and _is_image(uploaded):
            stored.append(f"/data/upload/0/{uploaded}")
        name = next((each for each in stored if isinstance(each, str) and _is_image(each)), None)
        addresses = {"name": [name]} if name else {}
    named = {column: [image_of(each) for each in found] for column, found in addresses.items()}
    name = data.get("name")
    if isinstance(name, str) and [len(each) for each in named.values()] == [1]:
        column, (called,) = next(iter(named.items()))
        if _is_name_of(name, called, data):
            named = {column: [without_endings(posix(name))]}
    return TaskImages(named)


def _is_name_of(name: str, called: str, data: Mapping[str, Any]) -> bool:
    """Say whether the column `name` names the image: people keep other names in it, too."""
    if not name.strip():
        return False
    if any(column in data for column in _OURS) or _is_image(name):
        return True
    return same_letters(stem_of(name)) == same_letters(stem_of(called))


def _addresses(value: Any) -> list[str]:
    """Return the images' addresses in a column; none: it holds something else."""
    listed = value if isinstance(value, list) else [value]
    texts = [each.get("image") or each.get("url") if isinstance(each, dict) else each for each in listed]
    found = [each.strip() for each in texts if isinstance(each, str) and _is_image(each)]
    return found if len(found) == len(listed) else []


def _is_image(text: str) -> bool:
    text = text.strip()
    if "\n" in text or text.startswith("data:"):
        return False
    if any(each in text for each in _SERVED):
        return True
    path = urlsplit(text).path if "://" in text else text
    return any(unquote(each).lower().endswith(tuple(READ_ENDINGS)) for each in (path, text))
