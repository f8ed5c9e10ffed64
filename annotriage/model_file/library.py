"""The models that a user can choose from: those that ship with the program, and the user's own.

A model's name in the library is its file's, without the ending: so a name is found without opening all files,
and a damaged file has a name by which it can be removed.
"""

import contextlib
import json
import os
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import NamedTuple

from annotriage.model_file.calibrations import CalibrationCard, Calibrations
from annotriage.model_file.card import ModelCard
from annotriage.model_file.errors import ModelFileError, shown
from annotriage.model_file.opening import ModelFile, open_model_file
from annotriage.model_file.trial import remember
from annotriage.resources_folder import resources_folder
from annotriage.user_folder import user_folder as usual_user_folder
from annotriage.user_folder import with_home
from annotriage.writing import replace_file

_ENDING = ".onnx"
_CHOICE = "default-model.json"


@dataclass(frozen=True, slots=True)
class LibraryEntry:
    """One model of the library.

    Attributes
    ----------
    name : str
        What to call it: its file name without the ending.
    path : Path
    bundled : bool
        It ships with the program and cannot be removed.
    default : bool
        It is used when no model is named.
    card : ModelCard or None
        None: the file cannot be opened.
    problem : str or None
        Why it cannot be used.
    calibration : CalibrationCard or None
        How it was fitted to the user's team; None: it was not, or what is left of that is damaged.
    """

    name: str
    path: Path
    bundled: bool
    default: bool
    card: ModelCard | None
    problem: str | None
    calibration: CalibrationCard | None = None


class _Place(NamedTuple):
    """A file of the library that was not opened yet."""

    path: Path
    bundled: bool

    def is_called(self, name: str) -> bool:
        # Some file systems do not tell A from a, so the library never does.
        return self.path.stem.casefold() == name.casefold()


class ModelLibrary:
    """The bundled models and those in the user's folder.

    Parameters
    ----------
    user_folder : Path or None
        The folder in which the user's ``models`` folder lies; None: the usual one (`annotriage.user_folder`).
        It is made when the first model is imported.
    """

    def __init__(self, user_folder: Path | None = None) -> None:
        self._home = usual_user_folder() if user_folder is None else Path(user_folder)
        self.folder = self._home / "models"

    def list(self) -> list[LibraryEntry]:
        """Return all models, the bundled ones first, each group by name.

        A file that cannot be used is listed with its problem. No session is made.
        """
        default = self._default_place()
        first: dict[str, Path] = {}
        entries = []
        for place in self._places():
            entry = _entry(place, self._home, default=place == default)
            other = first.setdefault(place.path.stem.casefold(), place.path)
            if other is not place.path:
                problem = f"{shown(place.path)} has the same name as {shown(other)}; give the file another name."
                entry = replace(entry, problem=problem)
            entries.append(entry)
        return entries

    def find(self, name_or_path: str | Path) -> ModelFile:
        """Open a model of the library by its name, or any model file by its path.

        Raises
        ------
        ModelFileError
            There is none, or it cannot be used.
        """
        text = os.fspath(name_or_path)
        place = self._place(text)
        if place is not None:
            return open_model_file(place.path)
        path = with_home(text, "The model")
        if path.name != text or text.casefold().endswith(_ENDING) or path.exists():
            return open_model_file(path)
        raise self._no_such(text)

    def default(self) -> ModelFile:
        """Open the model that is used when none is named: the one chosen, else the first bundled one.

        Raises
        ------
        ModelFileError
            There is none, or the chosen one cannot be used: another is not taken silently in its place.
        """
        place = self._default_place()
        if place is None:
            raise ModelFileError(
                "No model ships with this installation and none was chosen; import one with "
                "`annotriage models import FILE` and choose it with `annotriage models default NAME`."
            )
        return open_model_file(place.path)

    def import_model(self, path: Path, *, replace: bool = False) -> LibraryEntry:
        """Copy a model file into the user's folder, under the name on its card.

        It is tried out before. The copy appears whole or not at all.

        Parameters
        ----------
        path : Path
            The file.
        replace : bool
            Whether it may take the place of another model of the user's with its name.

        Returns
        -------
        LibraryEntry
            The model as it is listed from now on.

        Raises
        ------
        ModelFileError
            The file cannot be used, the name is taken, or the folder cannot be written.
        """
        model = open_model_file(path)
        name = model.card.name
        taken = self._place(name)
        if taken is not None and taken.bundled:
            raise ModelFileError(
                f"{shown(path)} cannot be imported: one that ships with Annotriage is called {name} too; "
                "give yours another name in its recipe and export it again."
            )
        if taken is not None and not replace and not _same(taken.path, model):
            raise ModelFileError(
                f"The library holds another model called {name}; replace it with `annotriage models import "
                f"--replace FILE`, or remove it with `annotriage models remove {name}`."
            )
        data = model.data()
        model.try_out()
        target = self.folder / f"{name}{_ENDING}" if taken is None else taken.path
        self._write(target, data)
        remember(model.sha256)
        return _entry(_Place(target, False), self._home, default=_Place(target, False) == self._default_place())

    def remove(self, name: str) -> None:
        """Delete one of the user's models and its calibration; if it was the default, the bundled one is again.

        Raises
        ------
        ModelFileError
            There is none of that name, it ships with the program, or it cannot be deleted.
        """
        found = [place for place in self._places() if place.is_called(name)]
        if not found:
            raise self._no_such(name)
        place = found[-1]  # the user's own come last
        if place.bundled:
            raise ModelFileError(f"{shown(name)} ships with Annotriage and cannot be removed.")
        was_default = place == self._default_place()
        with contextlib.suppress(ModelFileError):  # a damaged model has none
            Calibrations(self._home).remove(open_model_file(place.path))
        try:
            place.path.unlink()
            if was_default:
                (self._home / _CHOICE).unlink(missing_ok=True)
        except OSError as error:
            raise ModelFileError(
                f"{shown(place.path)} cannot be deleted ({error.strerror}); check its permissions."
            ) from None

    def set_default(self, name: str) -> LibraryEntry:
        """Choose the model that is used when none is named.

        Raises
        ------
        ModelFileError
            There is none of that name, it cannot be used, or the choice cannot be written.
        """
        place = self._place(name)
        if place is None:
            if Path(name).is_file():
                raise ModelFileError(
                    f"{shown(name)} is a file; import it with `annotriage models import`, then name it."
                )
            raise self._no_such(name)
        entry = _entry(place, self._home, default=True)
        if entry.problem is not None:
            raise ModelFileError(entry.problem)
        self._write(self._home / _CHOICE, json.dumps({"default": place.path.stem}).encode())
        return entry

    def _places(self) -> Iterator[_Place]:
        with contextlib.suppress(FileNotFoundError):  # an incomplete installation still has the user's own models
            yield from (_Place(path, True) for path in _model_files(resources_folder() / "models"))
        yield from (_Place(path, False) for path in _model_files(self.folder))

    def _place(self, name: str) -> _Place | None:
        return next((place for place in self._places() if place.is_called(name)), None)

    def _default_place(self) -> _Place | None:
        chosen = self._chosen()
        place = None if chosen is None else self._place(chosen)
        return place or next((place for place in self._places() if place.bundled), None)

    def _chosen(self) -> str | None:
        """Return the name that was chosen; None without a choice, or if its file makes no sense."""
        try:
            chosen = json.loads((self._home / _CHOICE).read_bytes())["default"]
        except (OSError, ValueError, TypeError, KeyError, RecursionError):
            return None
        return chosen if isinstance(chosen, str) else None

    def _no_such(self, name: str) -> ModelFileError:
        names = ", ".join(shown(place.path.stem, 64) for place in self._places())
        holds = f"the library holds {names}" if names else "the library is empty"
        return ModelFileError(
            f"There is no model called {shown(name)}: {holds}; add one with `annotriage models import FILE`."
        )

    def _write(self, path: Path, data: bytes) -> None:
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            replace_file(path, data)
        except OSError as error:
            raise ModelFileError(
                f"{shown(path)} cannot be written ({error.strerror}); check the disk and its permissions."
            ) from None


def _model_files(folder: Path) -> list[Path]:
    """List the model files of a folder by name; hidden ones are copies that were never finished."""
    try:
        files = [path for path in folder.iterdir() if path.suffix.casefold() == _ENDING and path.name[0] != "."]
    except OSError:
        return []
    return sorted(files, key=lambda path: (path.stem.casefold(), path.name))


def _entry(place: _Place, home: Path, *, default: bool) -> LibraryEntry:
    name = shown(place.path.stem, 64)
    try:
        model = open_model_file(place.path)
    except ModelFileError as error:
        return LibraryEntry(name, place.path, place.bundled, default, None, str(error))
    calibration = None
    with contextlib.suppress(ModelFileError):  # said where it is used
        calibration = Calibrations(home).read(model)
    return LibraryEntry(name, place.path, place.bundled, default, model.card, None, calibration)


def _same(path: Path, model: ModelFile) -> bool:
    try:
        return open_model_file(path).sha256 == model.sha256
    except ModelFileError:
        return False
