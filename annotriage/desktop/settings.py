"""What the window remembers from one start to the next."""

import contextlib
import json
import math
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any, Literal, TypeVar

from PySide6.QtCore import QByteArray, QSettings

from annotriage.desktop.widgets.applying import THEME_CHOICES, ThemeChoice
from annotriage.triage.columns import sorting_of
from annotriage.triage.sorting import ColumnKey, SortKey
from annotriage.user_folder import user_folder

FILE_NAME = "settings.ini"
MOST_RECENT = 10
"""Folders that are remembered."""
MOST_RECENT_RUNS = 8
TILE_SIZES = (96, 512)
"""Pixels of the smallest and the largest tile."""

View = Literal["grid", "table"]
Choice = TypeVar("Choice", bound=str)


@dataclass(frozen=True, slots=True)
class RecentFolder:
    """A folder that was open before.

    Attributes
    ----------
    path : Path
    images : int or None
        How many images it held; None: not known.
    decided : int or None
        How many of them were decided; None: not known.
    cut_off : float or None
        The review cut-off that was chosen for it, 0..1; None: none was.
    at : str or None
        The image that was looked at last.
    sort : str or None
        What its images were sorted by, a `SortKey`.
    sort_reversed : bool
    """

    path: Path
    images: int | None = None
    decided: int | None = None
    cut_off: float | None = None
    at: str | None = None
    sort: str | None = None
    sort_reversed: bool = False


class Settings:
    """The user's settings, in an INI file of the user's folder; a value that makes no sense is its default.

    A change is written by Qt a moment later, and at the latest by `save`. Where the file cannot be written, settings
    last as long as the program.

    Parameters
    ----------
    path : Path or None
        The file; None: ``settings.ini`` in the user's folder.

    Attributes
    ----------
    geometry, window_state : QByteArray or None
        As `QMainWindow` gives and takes them.
    theme : {'system', 'light', 'dark'}
    view : {'grid', 'table'}
    tile_size : int
        Pixels, 96..512.
    sort_key : SortKey
    sort_reversed : bool
    overlays : list of str
        Names of the overlays that are shown.
    overlay_opacity : float
        0..1.
    colormap : str
        The name of the contributions' colours; empty: not chosen yet.
    last_export : Path or None
        The folder of the last export.
    compared_by : {'mse', 'mae'}
        By which error runs are compared.
    with_paper : bool
        Whether the paper's numbers stand beside ours.
    image_folder : Path or None
        Where the images behind statistics are.
    """

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

    # The window

    @property
    def geometry(self) -> QByteArray | None:  # noqa: D102
        return self._bytes("window/geometry")

    @geometry.setter
    def geometry(self, value: QByteArray) -> None:
        self._file.setValue("window/geometry", value)

    @property
    def window_state(self) -> QByteArray | None:  # noqa: D102
        return self._bytes("window/state")

    @window_state.setter
    def window_state(self, value: QByteArray) -> None:
        self._file.setValue("window/state", value)

    @property
    def theme(self) -> ThemeChoice:  # noqa: D102
        return self._choice("window/theme", THEME_CHOICES, "system")

    @theme.setter
    def theme(self, value: ThemeChoice) -> None:
        self._file.setValue("window/theme", value)

    # The gallery

    @property
    def view(self) -> View:  # noqa: D102
        return self._choice("gallery/view", ("grid", "table"), "grid")

    @view.setter
    def view(self, value: View) -> None:
        self._file.setValue("gallery/view", value)

    @property
    def tile_size(self) -> int:  # noqa: D102
        return round(self._number("gallery/tile_size", *TILE_SIZES, default=192))

    @tile_size.setter
    def tile_size(self, value: int) -> None:
        self._file.setValue("gallery/tile_size", value)

    @property
    def sort_key(self) -> SortKey | ColumnKey:  # noqa: D102
        return sorting_of(self._text("gallery/sort"))

    @sort_key.setter
    def sort_key(self, value: SortKey | ColumnKey) -> None:
        self._file.setValue("gallery/sort", str(value))

    @property
    def sort_reversed(self) -> bool:  # noqa: D102
        return self._text("gallery/reversed") == "true"

    @sort_reversed.setter
    def sort_reversed(self, value: bool) -> None:
        self._file.setValue("gallery/reversed", "true" if value else "false")

    # The inspector

    @property
    def overlays(self) -> list[str]:  # noqa: D102
        value = self._json("inspector/overlays")
        return [name for name in value if isinstance(name, str)] if isinstance(value, list) else []

    @overlays.setter
    def overlays(self, value: Sequence[str]) -> None:
        self._file.setValue("inspector/overlays", json.dumps(list(value)))

    @property
    def overlay_opacity(self) -> float:  # noqa: D102
        return self._number("inspector/opacity", 0, 1, default=0.6)

    @overlay_opacity.setter
    def overlay_opacity(self, value: float) -> None:
        self._file.setValue("inspector/opacity", f"{value:.3f}")

    @property
    def colormap(self) -> str:  # noqa: D102
        return self._text("inspector/colormap") or ""

    @colormap.setter
    def colormap(self, value: str) -> None:
        self._file.setValue("inspector/colormap", value)

    # The work

    @property
    def last_export(self) -> Path | None:  # noqa: D102
        value = self._json("work/last_export")
        return Path(value) if isinstance(value, str) and value else None

    @last_export.setter
    def last_export(self, value: Path) -> None:
        self._file.setValue("work/last_export", json.dumps(str(value)))

    def recent_folders(self) -> list[RecentFolder]:
        """Return the folders that were open before, the last one first."""
        value = self._json("work/recent")
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

    @property
    def last_choice(self) -> Any:
        """What was chosen when something was exported last, as JSON holds it."""
        return self._json("work/export")

    @last_choice.setter
    def last_choice(self, value: Any) -> None:
        self._file.setValue("work/export", json.dumps(value))

    # The statistics

    @property
    def compared_by(self) -> str:  # noqa: D102
        return self._choice("statistics/metric", ("mse", "mae"), "mse")

    @compared_by.setter
    def compared_by(self, value: str) -> None:
        self._file.setValue("statistics/metric", value)

    @property
    def with_paper(self) -> bool:  # noqa: D102
        return self._text("statistics/paper") != "false"

    @with_paper.setter
    def with_paper(self, value: bool) -> None:
        self._file.setValue("statistics/paper", "true" if value else "false")

    @property
    def image_folder(self) -> Path | None:  # noqa: D102
        return self._path("statistics/images")

    @image_folder.setter
    def image_folder(self, value: Path) -> None:
        self._file.setValue("statistics/images", str(value))

    def recent_runs(self) -> list[Path]:
        """Return the folders and tables whose runs were compared before, the last one first."""
        value = self._json("statistics/recent")
        return [Path(each) for each in value if isinstance(each, str) and each] if isinstance(value, list) else []

    def remember_runs(self, path: Path) -> None:
        """Note that runs of a folder or table were compared."""
        others = [each for each in self.recent_runs() if each != path]
        self._file.setValue("statistics/recent", json.dumps([str(each) for each in [path, *others][:MOST_RECENT_RUNS]]))

    def diagnosis_source(self, name: str) -> Path | None:
        """Return the file that a field of the tab Diagnosis held: ``labels``, ``clinical`` or ``masks``."""
        return self._path(f"statistics/diagnosis_{name}")

    def set_diagnosis_source(self, name: str, path: Path | None) -> None:
        """Note what stands in a field of the tab Diagnosis."""
        self._file.setValue(f"statistics/diagnosis_{name}", "" if path is None else str(path))

    @property
    def diagnosis_by(self) -> str:
        """What images were grouped by; empty: not known."""
        return self._text("statistics/diagnosis_by") or ""

    @diagnosis_by.setter
    def diagnosis_by(self, value: str) -> None:
        self._file.setValue("statistics/diagnosis_by", value)

    # Values as they stand in the file

    def _path(self, key: str) -> Path | None:
        text = self._text(key)
        return Path(text) if text and "\0" not in text else None

    def _text(self, key: str) -> str | None:
        value: Any = self._file.value(key)
        # An INI file that was edited by hand can hold a list, wherever a comma stands.
        return value if isinstance(value, str) else ",".join(map(str, value)) if isinstance(value, list) else None

    def _bytes(self, key: str) -> QByteArray | None:
        value: Any = self._file.value(key)
        return value if isinstance(value, QByteArray) and not value.isEmpty() else None

    def _number(self, key: str, low: float, high: float, *, default: float) -> float:
        value: Any = self._file.value(key)
        try:
            number = float(value)
        except (TypeError, ValueError):
            return default
        return default if math.isnan(number) else min(max(number, low), high)

    def _choice(self, key: str, choices: Sequence[Choice], default: Choice) -> Choice:
        text = self._text(key)
        return next((choice for choice in choices if choice == text), default)

    def _json(self, key: str) -> Any:
        try:
            return json.loads(self._text(key) or "null")
        except (ValueError, RecursionError):
            return None
