"""What a thing is that is dragged over the window, and so what letting go of it does."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum, auto
from pathlib import Path

from annotriage.names import as_unicode

_LISTS = {".csv", ".tsv", ".txt", ".xlsx", ".xlsm", ".ods", ".json"}
_MODELS = {".onnx"}
_DRAWN = re.compile(
    rb'"(?:shapes|annotations|completed_by|regions|categories|objects|_via_\w+|FeatureCollection|\w+labels|rle)"'
)
"""What stands near the beginning of what annotation tools export, and in no list of decisions."""
_BEGINNING = 2**16


class DropKind(Enum):
    """What is done with what is dropped."""

    FOLDER = auto()
    IMAGES = auto()
    LIST = auto()
    NOTHING = auto()


@dataclass(frozen=True, slots=True)
class Drop:
    """What is dropped.

    Attributes
    ----------
    kind : DropKind
    paths : list of Path
        A folder; images of one folder; a list of decisions; or what nothing is done with.
    sentence : str
        What letting go does; with `NOTHING`, why nothing is done, and what to do.
    """

    kind: DropKind
    paths: list[Path]
    sentence: str


def understand(paths: Sequence[Path], *, has_folder: bool) -> Drop:
    """Say what dropping these does.

    Parameters
    ----------
    paths : sequence of Path
    has_folder : bool
        Whether a folder is open, which a list can be about.
    """
    kinds = {_kind(path) for path in paths}
    only = kinds.pop() if len(kinds) == 1 else "mixed"
    match only, len(paths):
        case "folder", 1:
            return Drop(DropKind.FOLDER, list(paths), "Let go to open this folder.")
        case "image", _ if len({path.parent for path in paths}) == 1:
            text = (
                "Let go to open its folder and go to this image."
                if len(paths) == 1
                else "Let go to open their folder and select these images."
            )
            return Drop(DropKind.IMAGES, list(paths), text)
        case "list", 1 if has_folder:
            text = "Let go to see what this list of decisions would change."
            return Drop(DropKind.LIST, list(paths), text)
    return Drop(DropKind.NOTHING, list(paths), _why_nothing(only, paths))


def _why_nothing(kind: str, paths: Sequence[Path]) -> str:
    name = as_unicode(paths[0].name or str(paths[0])) if paths else ""
    match kind, len(paths):
        case _, 0:
            return "This is nothing that lies on this machine: save it in a folder, and open that."
        case "folder", _:
            return "Only one folder can be open: drop one, or the folder above these."
        case "image", _:
            return "These images lie in several folders: drop one folder, or images of one."
        case "list", 1:
            return "A list of decisions is about images: open their folder first, then drop the list on it."
        case "list", _:
            return "Lists of decisions are taken over one by one: drop one."
        case "annotations", _:
            return f"{name} holds what people drew: “Measure agreement…” in the menu Folder takes it."
        case "model", _:
            return "To use a model file, drop it on the list of models (Ctrl+M)."
        case "missing", 1:
            return f"There is no {name} any more, or it may not be looked at."
        case "mixed", _:
            return "These are things of several kinds: drop one folder, images of one folder, or one list."
    return f"{name} is neither a folder, an image nor a list of decisions (CSV, Excel, JSON): nothing was done with it."


def _kind(path: Path) -> str:
    from annotriage.images.kinds import HEAD_BYTES, claims_to_be_image, image_kind

    suffix = path.suffix.lower()
    try:
        if path.is_dir():
            return "folder"
        if not path.exists():
            return "missing"
        if suffix in _LISTS:
            return "annotations" if suffix == ".json" and _holds_drawings(path) else "list"
        if suffix in _MODELS:
            return "model"
        if claims_to_be_image(suffix):
            return "image"
        if path.is_file():  # no pipe, which would never end
            with path.open("rb") as file:
                return "unknown" if image_kind(file.read(HEAD_BYTES)) is None else "image"
    except (OSError, ValueError):
        return "missing"
    return "unknown"


def _holds_drawings(path: Path) -> bool:
    """Say of a JSON file whether an annotation tool wrote it; only its beginning is read."""
    with path.open("rb") as file:
        return _DRAWN.search(file.read(_BEGINNING)) is not None
