"""What the window remembers from one start to the next."""

import contextlib
import json
import math
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any, Generic, Literal, TypeVar, get_args

from PySide6.QtCore import QByteArray, QSettings

from annotriage.desktop.widgets.applying import THEME_CHOICES, ThemeChoice
from annotriage.triage.columns import sorting_of
from annotriage.triage.sort_keys import ColumnKey, SortKey
from annotriage.user_folder import user_folder

FILE_NAME = "settings.ini"
MOST_RECENT = 10
"""Folders that are remembered."""
MOST_RECENT_RUNS = 8
TILE_SIZES = (96, 384)
"""Pixels of the square in which the image of a tile lies: of the smallest and of the largest tile."""
DEFAULT_TILE = 192

View = Literal["grid", "table"]
Choice = TypeVar("Choice", bound=str)
Value = TypeVar("Value")


@dataclass(frozen=True, slots=True)
class RecentFolder:
    """A folder that was open before, and what is known of it; None: it is not.

    Its images and how many were decided, the review cut-off that was chosen for it (0..1), the image that was looked at
    last, and what the images were sorted by.
    """

    path: Path
    images: int | None = None
    decided: int | None = None
    cut_off: float | None = None
    at: str | None = None
    sort: str | None = None
    sort_reversed: bool = False


def _text(value: Any) -> str | None:
    # An INI file that was edited by hand can hold a list, wherever a comma stands.
    return value if isinstance(value, str) else ",".join(map(str, value)) if isinstance(value, list) else None


def _words(value: Any) -> str:
    return _text(value) or ""


def _path(value: Any) -> Path | None:
    text = _text(value)
    return Path(text) if text and "\0" not in text else None


def _bytes(value: Any) -> QByteArray | None:
    return value if isinstance(value, QByteArray) and not value.isEmpty() else None


def _json(value: Any) -> Any:
    try:
        return json.loads(_text(value) or "null")
    except (ValueError, RecursionError):
        return None


def _json_path(value: Any) -> Path | None:
    found = _json(value)
    return Path(found) if isinstance(found, str) and found else None


def _names(value: Any) -> list[str]:
    found = _json(value)
    return [name for name in found if isinstance(name, str)] if isinstance(found, list) else []


def _number(low: float, high: float, default: float) -> Callable[[Any], float]:
    def read(value: Any) -> float:
        try:
            number = float(value)
        except (TypeError, ValueError):
            return default
        return default if math.isnan(number) else min(max(number, low), high)

    return read


def _one_of(choices: Sequence[Choice], default: Choice) -> Callable[[Any], Choice]:
    return lambda value: next((choice for choice in choices if choice == _text(value)), default)


def _flag(default: bool) -> Callable[[Any], bool]:
    return lambda value: {"true": True, "false": False}.get(_text(value) or "", default)


def _flag_text(value: bool) -> str:
    return "true" if value else "false"


class Setting(Generic[Value]):
    """A value under its key in the file: how it is read from what stands there, and how it is written."""

    def __init__(
        self, key: str, read: Callable[[Any], Value], write: Callable[[Any], Any] = lambda value: value
    ) -> None:
        self._key, self._read, self._write = key, read, write

    def __get__(self, settings: "Settings", _: type | None = None) -> Value:
        """Return it, or its default where what stands there makes no sense."""
        return self._read(settings._file.value(self._key))

    def __set__(self, settings: "Settings", value: Value) -> None:
        """Note it."""
        settings._file.setValue(self._key, self._write(value))


class Settings:
    """The user's settings, in an INI file of the user's folder; a value that makes no sense is its default.

    A change is written by Qt a moment later, and at the latest by `save`. Where the file cannot be written, settings
    last as long as the program.
    """

    geometry = Setting("window/geometry", _bytes)
    window_state = Setting("window/state", _bytes)
    theme = Setting[ThemeChoice]("window/theme", _one_of(THEME_CHOICES, "system"))

    view = Setting[View]("gallery/view", _one_of(get_args(View), "grid"))
    tile_size = Setting("gallery/tile_size", lambda value: round(_number(*TILE_SIZES, DEFAULT_TILE)(value)))
    sort_key = Setting("gallery/sort", lambda value: sorting_of(_text(value)), str)
    sort_reversed = Setting("gallery/reversed", _flag(False), _flag_text)

    overlays = Setting("inspector/overlays", _names, lambda value: json.dumps(list(value)))
    """Names of the overlays that are shown."""
    overlay_opacity = Setting("inspector/opacity", _number(0, 1, 0.6), lambda value: f"{value:.3f}")
    colormap = Setting("inspector/colormap", _words)
    """The name of the contributions' colours; empty: not chosen yet."""

    follows_changes = Setting("work/follows_changes", _flag(True), _flag_text)
    """Whether what comes, changes and goes in the open folder is taken in by itself."""

    last_export = Setting("work/last_export", _json_path, lambda value: json.dumps(str(value)))
    """The folder of the last export."""
    last_choice = Setting("work/export", _json, json.dumps)
    """What was chosen when something was exported last, as JSON holds it."""

    last_way = Setting("work/way", _words)
    """Key of the way in which the team draws, as it was said last; empty: not yet."""

    studio_address = Setting("work/label_studio", _words)
    """The address of the Label Studio that was used last; its token is in the system's keyring."""

    compared_by = Setting[str]("statistics/metric", _one_of(("mse", "mae"), "mse"))
    with_paper = Setting("statistics/paper", _flag(True), _flag_text)
    """Whether the paper's numbers stand beside ours."""
    image_folder = Setting("statistics/images", _path, str)
    """Where the images behind statistics are."""
    diagnosis_by = Setting("statistics/diagnosis_by", _words)
    """What images were grouped by; empty: not known."""
    diagnosis_adjust = Setting(
        "statistics/diagnosis_adjust",
        lambda value: _names(value) if _json(value) is not None else ["tool", "skill", "annotators"],
        json.dumps,
    )
    """What was allowed for when groups were compared."""

    def __init__(self, path: Path | None = None) -> None:
        path = user_folder() / FILE_NAME if path is None else path
        self._file = QSettings(str(path), QSettings.Format.IniFormat)
        if self._file.status() == QSettings.Status.FormatError:
            # Qt would never write into it again. It is kept, in case somebody wants to see what was in it.
            with contextlib.suppress(OSError):
                path.replace(path.with_name(f"{path.name}.damaged"))
            self._file = QSettings(str(path), QSettings.Format.IniFormat)

    def save(self) -> None:
        """Write what has changed now."""
        self._file.sync()

    def recent_folders(self) -> list[RecentFolder]:
        """Return the folders that were open before, the last one first."""
        value = _json(self._file.value("work/recent"))
        folders = []
        for entry in value if isinstance(value, list) else []:
            match entry:
                case {"path": str(path), "images": int() | None as images} if path and "\0" not in path:
                    decided, cut_off = entry.get("decided"), entry.get("cut_off")
                    folders.append(
                        RecentFolder(
                            Path(path),
                            images,
                            decided if isinstance(decided, int) and decided >= 0 else None,
                            cut_off if isinstance(cut_off, int | float) and 0 <= cut_off <= 1 else None,
                            at if isinstance(at := entry.get("at"), str) else None,
                            sort if isinstance(sort := entry.get("sort"), str) and sorting_of(sort) == sort else None,
                            entry.get("sort_reversed") is True,
                        )
                    )
        return folders[:MOST_RECENT]

    def recent_folder(self, folder: Path) -> RecentFolder:
        """Return what is remembered of a folder."""
        folder = folder.resolve()
        return next((each for each in self.recent_folders() if each.path == folder), RecentFolder(folder))

    def remember_folder(self, folder: Path, images: int | None = None) -> None:
        """Note that a folder was opened, or how many images it holds."""
        known = self.recent_folder(folder)
        others = [other for other in self.recent_folders() if other.path != known.path]
        self._write_recent([known if images is None else replace(known, images=images), *others])

    def remember_work(
        self,
        folder: Path,
        decided: int,
        cut_off: float | None,
        *,
        at: str | None = None,
        sort: SortKey | ColumnKey | None = None,
        sort_reversed: bool = False,
    ) -> None:
        """Note how far the work on a recent folder is, and where it goes on."""
        known = self.recent_folder(folder)
        now = RecentFolder(known.path, known.images, decided, cut_off, at, sort, sort_reversed)
        self._write_recent([now if each.path == known.path else each for each in self.recent_folders()])

    def forget_folder(self, folder: Path) -> None:
        """Take a folder off the list of recent ones."""
        self._write_recent([other for other in self.recent_folders() if other.path not in (folder, folder.resolve())])

    def _write_recent(self, folders: Sequence[RecentFolder]) -> None:
        entries = [asdict(folder) | {"path": str(folder.path)} for folder in folders[:MOST_RECENT]]
        self._file.setValue("work/recent", json.dumps(entries))

    def recent_runs(self) -> list[Path]:
        """Return the folders and tables whose runs were compared before, the last one first."""
        value = _json(self._file.value("statistics/recent"))
        return [Path(each) for each in value if isinstance(each, str) and each] if isinstance(value, list) else []

    def remember_runs(self, path: Path) -> None:
        """Note that runs of a folder or table were compared."""
        others = [each for each in self.recent_runs() if each != path]
        self._file.setValue("statistics/recent", json.dumps([str(each) for each in [path, *others][:MOST_RECENT_RUNS]]))

    def diagnosis_source(self, name: str) -> Path | None:
        """Return the file that a field of the tab Diagnosis held: ``labels``, ``clinical``, ``masks`` or ``pairs``."""
        return _path(self._file.value(f"statistics/diagnosis_{name}"))

    def set_diagnosis_source(self, name: str, path: Path | None) -> None:
        """Note what stands in a field of the tab Diagnosis."""
        self._file.setValue(f"statistics/diagnosis_{name}", "" if path is None else str(path))
