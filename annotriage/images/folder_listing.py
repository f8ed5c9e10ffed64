"""A folder's images as they are now, looked at again and again at little cost."""

import errno
import os
import sys
import time
from collections.abc import Callable, Collection, Iterable, Iterator
from pathlib import Path

from annotriage.images.errors import system_reason
from annotriage.images.finding import Below, ImageFile, look_at, modified_ns, walk_folders
from annotriage.names import as_unicode

_GRANULARITY = 4.0
"""Seconds for which a folder is read anew after its time changed: some file systems count time in steps of two."""
_ANSWERS = {errno.ENOENT, errno.ENOTDIR, errno.EACCES, errno.EPERM, errno.ELOOP}
"""What a file system says of a folder. Anything else says that it is out of reach, and nothing of what is in it."""


class _File:
    """A file of a folder, image or not; with another `sign` it is another file of this name."""

    __slots__ = ("image", "sign")

    def __init__(self, sign: object, image: ImageFile | None) -> None:
        self.sign = sign
        self.image = image


class _Folder:
    """What was in a folder when it was read last."""

    __slots__ = ("below", "changed_at", "files", "path", "prefix", "stamp")

    def __init__(self, path: Path, prefix: str) -> None:
        self.path = path
        self.prefix = prefix
        self.stamp: object = None  # None: to be read
        self.changed_at = float("-inf")
        self.files: dict[str, _File] = {}
        self.below: list[Below] = []


class _PathEntry:
    """A path, looked at as what `os.scandir` finds."""

    def __init__(self, folder: Path, name: str) -> None:
        self.name = name
        self.path = os.path.join(folder, name)

    def is_dir(self) -> bool:
        return os.path.isdir(self.path)

    def is_symlink(self) -> bool:
        return os.path.islink(self.path)

    def stat(self) -> os.stat_result:
        return os.stat(self.path)


class FolderListing:
    """What `find_images` would list, and what is other than at the last look.

    A look asks each folder for its time alone, and reads the names of those that changed: of the files in them only
    new ones are looked at, and those that became other files under their name. A file that is written over in its place
    changes no folder; such ones are found by going through all files in turn, for a bounded time at each look.

    Parameters
    ----------
    folder : Path
    images : iterable of ImageFile
        What was listed of it a moment ago: those files need not be looked at again.
    recursive : bool
        Whether to search the folders below it, too.
    clock : callable
        Seconds, as `time.monotonic` gives them.

    Attributes
    ----------
    away : str or None
        Why the folder is out of reach; None: it is not. While it is, nothing in it counts as gone.
    gone : dict of str to object
        Names of what the last look found gone -> what `sign_of` gave for them.
    """

    def __init__(
        self,
        folder: Path,
        images: Iterable[ImageFile] = (),
        *,
        recursive: bool = True,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.folder = folder
        self.away: str | None = None
        self.gone: dict[str, object] = {}
        self._recursive = recursive
        self._clock = clock
        self._images = {image.name: image for image in images}
        self._changes: dict[str, ImageFile | None] = {}
        self._folders: dict[str, _Folder] = {}  # by their paths
        self._visited: set[str] = set()
        self._unsearched: dict[str, ImageFile] = {}
        self._is_first = True
        self._device: int | None = None
        self._round: Iterator[None] = iter(())

    def look(self, again: Collection[str] = (), *, seconds: float = 0.05) -> dict[str, ImageFile | None]:
        """Look, and return what is other than at the last look.

        Parameters
        ----------
        again : collection of str
            Names of images whose files are looked at themselves.
        seconds : float
            What going through all files in turn may take this time, about.

        Returns
        -------
        dict of str to ImageFile or None
            Name -> as it is now; None: it is gone.
        """
        self.gone = {}
        if self._is_away():
            return {}
        for name in again:
            self._look_again(name)
        self._read_changed()
        if self._is_first:
            self._is_first = False
            seen = {file.image.name for one in self._folders.values() for file in one.files.values() if file.image}
            for name in self._images.keys() - seen - self._unsearched.keys():
                self._note(name, None)
        self._go_on(seconds)
        changes, self._changes = self._changes, {}
        return changes

    def sign_of(self, image: ImageFile) -> object:
        """Return what tells an image's file from others, whatever its name; None: it is not known."""
        one = self._folders.get(str(image.path.parent))
        file = None if one is None else one.files.get(image.path.name)
        return None if file is None else file.sign

    # Within

    def _is_away(self) -> bool:
        try:
            device = os.stat(self.folder).st_dev
            with os.scandir(self.folder) as entries:
                is_empty = next(entries, None) is None
        except OSError as error:
            self.away = system_reason(error)
            return True
        # What is left of a drive that was unplugged is often the empty folder that it was shown in.
        is_left = is_empty and bool(self._images) and self._device not in (None, device)
        self.away = "The drive that it lies on is not connected." if is_left else None
        if not is_left:
            self._device = device
        return is_left

    def _note(self, name: str, image: ImageFile | None) -> None:
        if image == self._images.get(name):
            return
        self._changes[name] = image
        if image is None:
            del self._images[name]
        else:
            self._images[name] = image

    def _read_changed(self) -> None:
        self._visited = set()
        walked = walk_folders(self.folder, self._read, recursive=self._recursive)
        unsearched = {image.name: image for image in walked}
        for place in self._folders.keys() - self._visited:
            one = self._folders[place]
            if not _is_out_of_reach(one.path):
                del self._folders[place]
                self._drop(one, list(one.files))
        for name in self._unsearched.keys() - unsearched.keys():
            self._note(name, None)
        for name, image in unsearched.items():
            self._note(name, image)
        self._unsearched = unsearched

    def _read(self, folder: Path, prefix: str, status: os.stat_result) -> Iterable[Below]:
        """Return the folders below one; read it where it may hold something else than before."""
        place = str(folder)
        one = self._folders.setdefault(place, _Folder(folder, prefix))
        now, stamp = self._clock(), (status.st_dev, status.st_ino, status.st_mtime_ns)
        if stamp != one.stamp:
            one.changed_at = now if one.stamp is not None else one.changed_at
        elif now - one.changed_at > _GRANULARITY:
            self._visited.add(place)
            return one.below
        try:
            self._read_names(one)
            one.stamp = stamp
        except OSError as error:
            if error.errno in _ANSWERS:
                raise  # not visited: what was in it is gone
        self._visited.add(place)
        return one.below

    def _read_names(self, one: _Folder) -> None:
        files: dict[str, _File] = {}
        below: list[Below] = []
        with os.scandir(one.path) as entries:
            for entry in entries:
                sign, known = _sign(entry), one.files.get(entry.name)
                if known is not None and known.sign == sign:
                    files[entry.name] = known
                    continue
                listed = self._images.get(as_unicode(one.prefix + entry.name)) if self._is_first else None
                found = look_at(entry, one.path, one.prefix) if listed is None else listed
                if isinstance(found, Below):
                    below.append(found)
                else:
                    files[entry.name] = _File(sign, found)
        before, one.files, one.below = one.files, files, below
        for name in before.keys() - files.keys():
            self._forget(before[name])
        for name, file in files.items():
            if before.get(name) is not file:
                self._exchange(before.get(name), file.image)

    def _forget(self, file: _File) -> None:
        if file.image is not None:
            self.gone[file.image.name] = file.sign
            self._note(file.image.name, None)

    def _exchange(self, before: _File | None, image: ImageFile | None) -> None:
        if image is not None:
            self._note(image.name, image)
        elif before is not None:
            self._forget(before)

    def _drop(self, one: _Folder, names: Iterable[str]) -> None:
        for name in names:
            self._forget(one.files.pop(name))

    def _look_again(self, name: str) -> None:
        image = self._images.get(name)
        one = None if image is None else self._folders.get(str(image.path.parent))
        if one is not None and image is not None and image.path.name in one.files:
            self._look_at_file(one, image.path.name)

    def _look_at_file(self, one: _Folder, name: str) -> None:
        """Look at a file itself, whatever its folder says."""
        file, entry = one.files[name], _PathEntry(one.path, name)
        known = file.image
        status = _status(entry)
        if (
            status is not None
            and known is not None
            and known.problem is None
            and (known.size, known.modified_ns) == (status.st_size, modified_ns(status))
        ):
            return
        found = look_at(entry, one.path, one.prefix)
        if isinstance(found, Below) or (found is None and status is None):
            one.stamp = None
            self._drop(one, [name])
            return
        self._exchange(file, found)
        file.image = found

    def _go_on(self, seconds: float) -> None:
        """Look at further files in turn, and begin anew after the last; at most a round."""
        end = time.perf_counter() + seconds
        is_over = object()
        while time.perf_counter() < end:
            if next(self._round, is_over) is is_over:
                self._round = self._look_at_all()
                return

    def _look_at_all(self) -> Iterator[None]:
        for place, one in list(self._folders.items()):
            if self._folders.get(place) is one:
                one.stamp = None  # not all file systems give a folder another time when its files change
            for name in list(one.files):
                if name in one.files and self._folders.get(place) is one:
                    self._look_at_file(one, name)
                    yield


def _sign(entry: os.DirEntry[str]) -> object:
    """Return what tells a file from others: its number, which comes with its name; on Windows that is size and time."""
    if sys.platform == "win32":
        status = entry.stat(follow_symlinks=False)
        return status.st_size, status.st_mtime_ns
    return entry.inode()


def _status(entry: _PathEntry) -> os.stat_result | None:
    try:
        return entry.stat()
    except OSError:
        return None


def _is_out_of_reach(folder: Path) -> bool:
    try:
        os.stat(folder)
    except OSError as error:
        return error.errno not in _ANSWERS
    return False
