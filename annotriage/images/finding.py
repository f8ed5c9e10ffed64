"""Find the lesion images below a folder."""

import os
import stat
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from annotriage.errors import AnnotriageError
from annotriage.images.errors import BROKEN_LINK, EMPTY, IN_THE_CLOUD, NO_FILE, system_reason
from annotriage.images.kinds import HEAD_BYTES, claims_to_be_image, image_kind, is_dicom, why_no_image
from annotriage.images.natural_order import natural_key
from annotriage.images.natural_sorting import natural_sorted
from annotriage.names import as_unicode

OPEN_FLAGS = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0) | getattr(os, "O_CLOEXEC", 0)
"""How files are opened to be looked at: a named pipe, which nobody may ever write to, does not make us wait."""

_NOT_THE_USERS = {
    *("__macosx", "@eadir", "@tmp", ".@__thumb", "#snapshot"),
    *("$recycle.bin", "#recycle", "@recycle", "recycler", "recycled", "recycle bin", "network trash folder"),
    *("lost+found", "found.000", "system volume information"),
}
"""Folders in which systems and drives keep previews, deleted files and leftovers of the images beside them."""

_UNFINISHED = (".part", ".partial", ".filepart", ".crdownload", ".download", ".opdownload", ".tmp", ".temp", "~")
"""How programs name what they are still writing; the file gets its own name once it is whole."""

_LATEST_NS = 2**63 - 1
"""The latest time of a change that is told: damaged directories hold dates that no table of ours can."""


@dataclass(frozen=True, slots=True)
class ImageFile:
    r"""An image file, or what should be one.

    Attributes
    ----------
    path : Path
        Where it lies: the folder that was searched, and `name`.
    name : str
        Its path relative to the folder searched, with ``/`` between the parts. Always valid Unicode: bytes of a file
        name that are none stand as ``\xNN``. Unique in a folder.
    size : int
        Bytes; 0 where it cannot be told.
    modified_ns : int
        Time of the last change, nanoseconds since 1970; 0 where it cannot be told.
    problem : str or None
        Why it cannot be read, as far as its first bytes tell; None where it looks readable.
    """

    path: Path
    name: str
    size: int
    modified_ns: int
    problem: str | None


def find_images(folder: Path, *, recursive: bool = True) -> list[ImageFile]:
    """Find the images in a folder, by their first bytes and not by their names' endings.

    Files whose names end like an image's but whose content is none are listed with their `problem`, as are folders
    that may not be opened, DICOM files and images that still lie in iCloud; other files are left out. Names that start
    with a dot, names of what is still being written (``a.jpg.part``, ``a.jpg~``), and the folders in which systems keep
    previews and deleted files (``__MACOSX``, ``@eaDir``, ``#recycle``, ``lost+found``), are passed over. Links to files
    and folders are followed; each folder is visited once, so that a link to a folder above does no harm.

    Parameters
    ----------
    folder : Path
        Where to search.
    recursive : bool
        Whether to search the folders below it, too.

    Returns
    -------
    list of ImageFile
        In natural order of their names: the same on every platform.

    Raises
    ------
    AnnotriageError
        `folder` does not exist, is no folder or may not be opened.
    """
    return in_natural_order(walk_images(folder, recursive=recursive))


def walk_images(folder: Path, *, recursive: bool = True) -> Iterator[ImageFile]:
    """Yield what `find_images` lists as it is found, in no order; see there.

    Raises
    ------
    AnnotriageError
        At once: `folder` does not exist, is no folder or may not be opened.
    """
    try:
        with os.scandir(folder):
            pass
    except FileNotFoundError:
        raise AnnotriageError(f"There is no folder {folder}: check its name.") from None
    except NotADirectoryError:
        raise AnnotriageError(f"{folder} is not a folder: name the folder that holds the images.") from None
    except OSError as error:
        raise AnnotriageError(f"The folder {folder} cannot be opened. {system_reason(error)}") from None
    return walk_folders(folder, _read_folder, recursive=recursive)


def in_natural_order(images: Iterable[ImageFile]) -> list[ImageFile]:
    """Sort images by their names as people do: ``a2`` before ``a10``."""
    by_name = {image.name: image for image in images}
    return [by_name[name] for name in natural_sorted(by_name)]


def _unicode(name: str) -> str:
    if name.isascii():
        return name
    return as_unicode(name)


@dataclass(frozen=True, slots=True)
class Below:
    """A folder in a folder: its name, and whether it is a link."""

    name: str
    is_link: bool


class Entry(Protocol):
    """What is asked of a thing in a folder; `os.DirEntry` knows it."""

    @property
    def name(self) -> str: ...  # noqa: D102
    @property
    def path(self) -> str: ...  # noqa: D102
    def is_dir(self) -> bool: ...  # noqa: D102
    def is_symlink(self) -> bool: ...  # noqa: D102
    def stat(self) -> os.stat_result: ...  # noqa: D102


ReadFolder = Callable[[Path, str, os.stat_result], "Iterable[ImageFile | Below]"]
"""A folder, what its images' names begin with, and its status -> the images in it, and the folders below."""


def walk_folders(top: Path, read: ReadFolder, *, recursive: bool = True) -> Iterator[ImageFile]:
    """Yield the images of a folder and those below it, each folder read once by `read`, in no order.

    A folder that `read` cannot open (`OSError`) is an image of its name, with a problem.
    """
    folders = [(top, "")]
    linked: list[tuple[Path, str]] = []
    visited: set[tuple[int, int]] = set()
    while folders or linked:
        if not folders:
            # Folders reached by links come last, so that an image's name does not depend on a link to its folder.
            linked.sort(key=lambda one: natural_key(one[1]), reverse=True)
            folders.append(linked.pop())
        folder, prefix = folders.pop()
        try:
            status = os.stat(folder)
            if (status.st_dev, status.st_ino) in visited:
                continue
            visited.add((status.st_dev, status.st_ino))
            for found in read(folder, prefix, status):
                if isinstance(found, ImageFile):
                    yield found
                elif recursive:
                    (linked if found.is_link else folders).append((folder / found.name, f"{prefix}{found.name}/"))
        except OSError as error:
            reason = f"This folder cannot be searched. {system_reason(error)}"
            yield ImageFile(folder, _unicode(prefix.rstrip("/")) or ".", 0, 0, reason)


def _read_folder(folder: Path, prefix: str, _: os.stat_result) -> Iterator[ImageFile | Below]:
    with os.scandir(folder) as entries:
        for entry in entries:
            found = look_at(entry, folder, prefix)
            if found is not None:
                yield found


def look_at(entry: Entry, folder: Path, prefix: str) -> ImageFile | Below | None:
    """Look at one thing in a folder: an image, or what should be one; a folder; None: neither, or not the user's.

    Parameters
    ----------
    entry : Entry
    folder : Path
        Where it lies.
    prefix : str
        What the names of the folder's images begin with: empty, or ending in ``/``.
    """
    name = entry.name
    if name.startswith("."):
        waiting = _in_the_cloud(name)
        return None if waiting is None else ImageFile(folder / waiting, _unicode(prefix + waiting), 0, 0, IN_THE_CLOUD)
    if _is_folder(entry):
        return None if name.lower() in _NOT_THE_USERS else Below(name, entry.is_symlink())
    if name.lower().endswith(_UNFINISHED):
        return None
    looked = _look(entry)
    return None if looked is None else ImageFile(folder / name, _unicode(prefix + name), *looked)


def _in_the_cloud(name: str) -> str | None:
    """Return the name of the image for which iCloud keeps a placeholder of this name."""
    if not name.endswith(".icloud"):
        return None
    meant = name[1 : -len(".icloud")]
    return meant if claims_to_be_image(os.path.splitext(meant)[1].lower()) else None


def _is_folder(entry: Entry) -> bool:
    try:
        return entry.is_dir()
    except OSError:  # a link that leads back to itself, or whose target may not be looked at
        return False


def _look(entry: Entry) -> tuple[int, int, str | None] | None:
    """Return size, time of change and problem of a file; None for what is and claims to be no image."""
    suffix = os.path.splitext(entry.name)[1].lower()
    claims = claims_to_be_image(suffix)
    try:
        status = entry.stat()
    except FileNotFoundError:
        # What is no link was deleted while we were looking, and is left out as if it had been a moment earlier.
        return (0, 0, BROKEN_LINK) if claims and entry.is_symlink() else None
    except OSError as error:
        return (0, 0, system_reason(error)) if claims else None
    problem: str | None
    if not stat.S_ISREG(status.st_mode):
        problem = NO_FILE
    elif status.st_size == 0:
        problem = EMPTY
    else:
        try:
            head = _first_bytes(entry.path)
        except FileNotFoundError:
            return None
        except OSError as error:
            problem = system_reason(error)
        else:
            claims = claims or image_kind(head) is not None or is_dicom(head)
            problem = why_no_image(suffix, head) if claims else None
    return (status.st_size, modified_ns(status), problem) if claims else None


def modified_ns(status: os.stat_result) -> int:
    """Return when a file was changed, nanoseconds since 1970, as far as 64 bits hold it (until 2262)."""
    return max(-_LATEST_NS, min(status.st_mtime_ns, _LATEST_NS))


def _first_bytes(path: str) -> bytes:
    """Read the first bytes of a file, as many as tell what it is."""
    # Without Python's file objects: they take three times as long, which a folder of 100,000 files feels.
    descriptor = os.open(path, OPEN_FLAGS)
    try:
        return os.read(descriptor, HEAD_BYTES)
    finally:
        os.close(descriptor)
