"""What `annotriage doctor` looks at. Nothing here changes a file, makes a folder or opens a window."""

import os
import platform
import shutil
import sqlite3
import sys
import tempfile
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

from annotriage.errors import AnnotriageError
from annotriage.names import counted

if TYPE_CHECKING:
    from annotriage.commands.window import Window

_LITTLE_SPACE = 500e6
"""Bytes; with less, a session of some ten thousand images may not fit."""
_PACKAGES = ("numpy", "onnxruntime", "pillow", "scipy", "sqlalchemy", "pydantic", "pyside6-essentials", "pyqtgraph")
_EXTRAS = {
    "statistics": ("statsmodels", "scikit_posthocs", "baycomp", "matplotlib"),
    "training": ("torch", "torchvision", "lightning", "torchmetrics", "onnx", "tomli_w"),
    "fetching": ("isic_cli", "gdown"),
    "server": ("starlette", "uvicorn", "python_multipart"),
    "STAPLE": ("SimpleITK",),
    "HEIC photographs": ("pillow_heif",),
}


@dataclass(frozen=True, slots=True)
class Finding:
    """One line.

    Attributes
    ----------
    name, text : str
    well : bool or None
        Whether a check went well; None: nothing was checked.
    """

    name: str
    text: str
    well: bool | None = None


def system() -> Iterator[Finding]:
    """Tell on what the program runs."""
    yield Finding("system", f"{platform.system()} {platform.release()} ({platform.machine()})")
    yield Finding("python", f"{platform.python_version()} ({sys.executable})")
    yield Finding("processors", str(os.cpu_count() or "not known"))


def versions() -> Iterator[Finding]:
    """Tell what the program is made from, and which of its extras are there."""
    from annotriage.version import version_text

    yield Finding("annotriage", version_text())
    for name in _PACKAGES:
        try:
            yield Finding(name, version(name))
        except PackageNotFoundError:
            yield Finding(name, "is missing: install Annotriage again", False)
    yield Finding("sqlite", sqlite3.sqlite_version)
    for extra, modules in _EXTRAS.items():
        missing = [name for name in modules if find_spec(name) is None]
        yield Finding(extra, f"not in this installation ({', '.join(missing)} missing)" if missing else "there")


def devices() -> Iterator[Finding]:
    """Tell on what models can be computed and trained."""
    from annotriage.model_file import ModelFileError
    from annotriage.model_file.runtime import onnx_runtime, reports_nothing
    from annotriage.model_file.sessions import choose_providers

    silent = reports_nothing()
    try:
        # Not all that ONNX Runtime offers: one of them would be a service elsewhere, which is never used.
        used = choose_providers(onnx_runtime().get_available_providers())
        yield Finding("scoring", ", ".join(name.removesuffix("ExecutionProvider") for name in used))
    except ModelFileError as error:
        yield Finding("scoring", str(error), False)
    yield Finding("reports to makers", "off: ONNX Runtime sends nothing" if silent else "ONNX Runtime's are on", silent)
    try:
        from annotriage.regressors.fitting.devices import devices as training_devices

        yield Finding("training", ", ".join(device.words for device in training_devices()))
    except ModuleNotFoundError:
        yield Finding("training", "not in this installation")
    except (ImportError, OSError, RuntimeError) as error:  # torch is there, and cannot be loaded
        yield Finding("training", f"torch cannot be loaded ({error}): install it again", False)


def folders() -> Iterator[Finding]:
    """Check that the program's own files are there, and that the user's folder can be written."""
    from annotriage.resources_folder import resources_folder
    from annotriage.user_folder import user_folder

    try:
        yield Finding("program", str(resources_folder().parent), True)
    except FileNotFoundError as error:
        yield Finding("program", f"{error} Install Annotriage again.", False)
    try:
        yield _writable("user's folder", user_folder())
    except AnnotriageError as error:
        yield Finding("user's folder", str(error), False)
    except OSError as error:
        yield Finding(
            "user's folder", f"cannot be looked at ({error.strerror}): mend that, or set ANNOTRIAGE_HOME", False
        )
    yield Finding("temporary files", tempfile.gettempdir())


def window(opener: "Window | None") -> Iterator[Finding]:
    """Check that a window can open; a computer without a screen is well, too."""
    if opener is None:
        yield Finding("window", "not known: run this as `annotriage doctor`")
    elif not opener.has_display():
        yield Finding("window", "there is no display here; the command line works without")
    else:
        try:
            opener.check()
        except AnnotriageError as error:
            yield Finding("window", str(error), False)
        else:
            yield Finding("window", "can open", True)


def models() -> Iterator[Finding]:
    """Check that each model of the library can be opened and computed."""
    from annotriage.model_file import ModelLibrary

    try:
        library = ModelLibrary()
    except AnnotriageError as error:
        yield Finding("library", str(error), False)
        return
    try:
        entries = library.list()
    except OSError as error:
        yield Finding("library", f"{library.folder} cannot be read: {error.strerror}", False)
        return
    for entry in entries:
        kind = ", ".join(
            word for word, holds in (("ships with it", entry.bundled), ("default", entry.default)) if holds
        )
        try:
            if entry.problem is not None:
                raise AnnotriageError(entry.problem)
            library.find(entry.path).try_out()
        except AnnotriageError as error:
            yield Finding(entry.name, str(error), False)
        else:
            yield Finding(entry.name, f"computes{f' ({kind})' if kind else ''}", True)
    try:
        library.default()
    except AnnotriageError as error:
        yield Finding("default model", str(error), False)


def sessions() -> Iterator[Finding]:
    """Check the session file, without bringing it to this version."""
    from annotriage.triage.store import FILE_NAME
    from annotriage.triage.store_errors import DamagedStoreError, as_sentence, check_locks
    from annotriage.triage.tables import SCHEMA
    from annotriage.user_folder import user_folder

    try:
        path = user_folder() / FILE_NAME
        check_locks(path.parent, path)  # says nothing of a folder that is not there yet
        if not path.exists():
            yield Finding("session file", f"{path}: there is none yet")
            return
    except AnnotriageError as error:
        yield Finding("session file", str(error), False)
        return
    except OSError as error:
        yield Finding("session file", f"cannot be looked at ({error.strerror}): check the folder's permissions", False)
        return
    yield Finding("session file", f"{path} ({path.stat().st_size / 1e6:.1f} MB)")
    try:
        with closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True, timeout=30)) as connection:
            schema = connection.execute("PRAGMA user_version").fetchone()[0]
            said = connection.execute("PRAGMA quick_check(1)").fetchone()[0]
            counts = _counts(connection) if 0 < schema <= SCHEMA and said == "ok" else ""
    except sqlite3.Error as error:
        sentence = as_sentence(error, path)
        damaged = sentence is None or isinstance(sentence, DamagedStoreError)
        said = f"is damaged ({error}): keep a copy of the file, then move it away" if damaged else str(sentence)
        yield Finding("content", said, False)
        return
    if said != "ok":
        yield Finding("content", f"is damaged ({said}): keep a copy of the file, then move it away", False)
    elif schema > SCHEMA:
        yield Finding("content", "was written by a newer Annotriage: update this one", False)
    elif schema == 0:
        yield Finding("content", "is another program's: move the file away, or set ANNOTRIAGE_HOME", False)
    else:
        old = "" if schema == SCHEMA else f"; of version {schema}, brought to {SCHEMA} when it is opened next"
        yield Finding("content", f"{counts}{old}", True)


def _counts(connection: sqlite3.Connection) -> str:
    there = {name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
    words = {"folders": "folders", "predictions": "predictions", "reviews": "images decided or noted"}
    return ", ".join(
        counted(connection.execute(f"SELECT count(*) FROM {table}").fetchone()[0], what)
        for table, what in words.items()
        if table in there
    )


def _writable(name: str, folder: Path) -> Finding:
    """Check a folder that is made when it is needed: then the first one above it that exists counts."""
    there = next((each for each in (folder, *folder.parents) if each.exists()), folder)
    if not there.is_dir():
        return Finding(name, f"{folder}: {there} is no folder; move it away, or set ANNOTRIAGE_HOME", False)
    try:
        with tempfile.TemporaryFile(dir=there):
            pass
        free = shutil.disk_usage(there).free
    except OSError as error:
        return Finding(name, f"{folder} cannot be written ({error.strerror}): mend that, or set ANNOTRIAGE_HOME", False)
    space = f"{free / 1e9:.1f} GB free"
    if free < _LITTLE_SPACE:
        return Finding(name, f"{folder}: only {space}; make room, or set ANNOTRIAGE_HOME to another disk", False)
    return Finding(name, f"{folder} ({space}{'' if folder.exists() else '; made when it is needed'})", True)


def label_studio(
    address: str, project: int | None, images: Path | None, root: Path | None, served_as: str
) -> Iterator[Finding]:
    """Look at a Label Studio server: see `annotriage.labelling.label_studio.doctor`."""
    from annotriage.labelling.label_studio.doctor import examine
    from annotriage.labelling.label_studio.order import Images

    for each in examine(address, project=project, folder=images, images=Images(root=root, served_as=served_as)):
        yield Finding(each.name, each.text, each.well)
