"""Find the lesion images below a folder."""

import os
import stat
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

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
    with a dot, and the folders in which systems keep previews and deleted files (``__MACOSX``, ``@eaDir``,
    ``#recycle``, ``lost+found``), are passed over. Links to files and folders are followed; each folder is
    visited once, so that a link to a folder above does no harm.

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
    return _walk(folder, recursive)


def in_natural_order(images: Iterable[ImageFile]) -> list[ImageFile]:
    """Sort images by their names as people do: ``a2`` before ``a10``."""
    by_name = {image.name: image for image in images}
    return [by_name[name] for name in natural_sorted(by_name)]


def _unicode(name: str) -> str:
    if name.isascii():
        return name
    return as_unicode(name)


def _walk(top: Path, recursive: bool) -> Iterator[ImageFile]:
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
            with os.scandir(folder) as entries:
                for entry in entries:
                    if entry.name.startswith("."):
                        waiting = _in_the_cloud(entry.name)
                        if waiting is not None:
                            yield ImageFile(folder / waiting, _unicode(prefix + waiting), 0, 0, IN_THE_CLOUD)
                        continue
                    if _is_folder(entry):
                        if recursive and entry.name.lower() not in _NOT_THE_USERS:
                            below = linked if entry.is_symlink() else folders
                            below.append((folder / entry.name, f"{prefix}{entry.name}/"))
                        continue
                    looked = _look(entry)
                    if looked is not None:
                        yield ImageFile(folder / entry.name, _unicode(prefix + entry.name), *looked)
        except OSError as error:
            reason = f"This folder cannot be searched. {system_reason(error)}"
            yield ImageFile(folder, _unicode(prefix.rstrip("/")) or ".", 0, 0, reason)


def _in_the_cloud(name: str) -> str | None:
    """Return the name of the image for which iCloud keeps a placeholder of this name."""
    if not name.endswith(".icloud"):
        return None
    meant = name[1 : -len(".icloud")]
    return meant if claims_to_be_image(os.path.splitext(meant)[1].lower()) else None


def _is_folder(entry: os.DirEntry[str]) -> bool:
    try:
        return entry.is_dir()
    except OSError:  # a link that leads back to itself, or whose target may not be looked at
        return False


def _look(entry: os.DirEntry[str]) -> tuple[int, int, str | None] | None:
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
