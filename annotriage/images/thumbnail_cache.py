"""Thumbnails on disk.

On Linux they lie where all programs of the desktop keep them (freedesktop.org's Thumbnail Managing Standard), so that
what a file manager made is used here, and the other way round; elsewhere, laid out alike, in the user's cache folder.
What others made is never deleted. A thumbnail is replaced only as the standard asks: when its image changed since.
"""

import errno
import hashlib
import os
import secrets
import shutil
import sys
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote_from_bytes

import numpy as np

from annotriage._version import __version__

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from PIL.Image import Image
    from PIL.PngImagePlugin import PngImageFile

FLAVOURS = {128: "normal", 256: "large", 512: "x-large", 1024: "xx-large"}
"""Pixels of the longer edge -> folder."""
_FAILED = f"fail/annotriage-{__version__}"
_REASON = "Annotriage::Reason"
_LEAST_FREE = 500_000_000
"""Bytes that are left free on the disk: the last ones are for the user's work, not for thumbnails."""
_LOOK_AT_DISK = 100
"""Thumbnails written between two looks at how full the disk is."""
# Level 1 takes 2.8 ms for a thumbnail of 256 px; the usual 6 takes 12 ms for an eighth less.
_COMPRESSION = 1
# What GLib leaves as it is in the path of a file's address. Another spelling would have another checksum.
_PLAIN_IN_URI = "/!$&'()*+,:=@~"


def default_root() -> Path:
    """Return the folder in which this platform's thumbnails lie; it need not exist."""
    if sys.platform.startswith("linux"):
        named = os.environ.get("XDG_CACHE_HOME", "")
        # The base directory specification: a relative path is to be ignored.
        return (Path(named) if os.path.isabs(named) else Path.home() / ".cache") / "thumbnails"
    from platformdirs import user_cache_path

    return user_cache_path("annotriage", appauthor=False) / "thumbnails"


def flavour_for(size: int) -> int:
    """Return the edge of the smallest kind of thumbnail that is not below `size` pixels, or of the largest."""
    return next((edge for edge in FLAVOURS if edge >= size), max(FLAVOURS))


class ThumbnailCache:
    """A folder of thumbnails. Safe to use from several threads.

    Each method takes an image's path and what `os.stat` says of it, taken before the image was decoded: a thumbnail
    belongs to the image of that moment.

    Parameters
    ----------
    root : Path or None
        None: `default_root`.
    """

    def __init__(self, root: Path | None = None) -> None:
        self.root = default_root() if root is None else root
        self._written = 0

    def find(self, path: Path, status: os.stat_result, size: int) -> "NDArray[np.uint8] | None":
        """Return the thumbnail of an image, (H, W, 3), if there is one that is up to date and not below `size` px.

        A thumbnail that is damaged, belongs to another file or cannot be read is as good as none.
        """
        uri = _uri(path)
        for edge, flavour in FLAVOURS.items():
            if edge >= flavour_for(size):
                found = _read(self.root / flavour / _file_name(uri), uri, int(status.st_mtime))
                if found is not None:
                    return found
        return None

    def failure(self, path: Path, status: os.stat_result) -> str | None:
        """Return why the image could not be read, if this version tried before and the image is the same still."""
        uri = _uri(path)
        file = self.root / _FAILED / _file_name(uri)
        if not file.exists():
            return None
        try:
            with _opened(file) as note:
                return note.text.get(_REASON) if _is_of(note, uri, int(status.st_mtime)) else None
        except Exception:  # decoders of damaged files raise nearly anything
            return None

    def keep(self, path: Path, status: os.stat_result, thumbnail: "NDArray[np.uint8]", edge: int) -> None:
        """Write a thumbnail.

        Parameters
        ----------
        path : Path
        status : os.stat_result
        thumbnail : (H, W, 3) array of uint8
            At most `edge` pixels high and wide.
        edge : int
            Of `FLAVOURS`.

        Raises
        ------
        OSError
            The disk is full or nearly so, or the folder cannot be written.
        """
        from PIL import Image

        self._write(self.root / FLAVOURS[edge], path, status, Image.fromarray(thumbnail), {})

    def keep_failure(self, path: Path, status: os.stat_result, reason: str) -> None:
        """Note that an image is damaged, so that nobody waits for it again.

        Raises
        ------
        OSError
            As for `keep`.
        """
        from PIL import Image

        self._write(self.root / _FAILED, path, status, Image.new("L", (1, 1)), {_REASON: reason})

    def _write(
        self, folder: Path, path: Path, status: os.stat_result, picture: "Image", further: dict[str, str]
    ) -> None:
        from PIL.PngImagePlugin import PngInfo

        if self.root in path.parents:  # a thumbnail of a thumbnail
            return
        uri = _uri(path)
        facts = PngInfo()
        for key, value in {
            "Thumb::URI": uri,
            "Thumb::MTIME": str(int(status.st_mtime)),
            "Thumb::Size": str(status.st_size),
            "Software": "Annotriage",
            **further,
        }.items():
            facts.add_text(key, value)
        _make_private(folder)
        if self._written % _LOOK_AT_DISK == 0 and shutil.disk_usage(folder).free < _LEAST_FREE:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        # No fsync, as for the user's own files: what a power failure takes is made again.
        beside = folder / f".{secrets.token_hex(8)}.part"
        try:
            descriptor = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0), 0o600)
            with os.fdopen(descriptor, "wb") as file:
                picture.save(file, "PNG", compress_level=_COMPRESSION, pnginfo=facts)
            os.replace(beside, folder / _file_name(uri))
        except BaseException:
            beside.unlink(missing_ok=True)
            raise
        self._written += 1


def _uri(path: Path) -> str:
    absolute = path if path.is_absolute() else Path.cwd() / path
    if sys.platform == "win32":
        return absolute.as_uri()
    return "file://" + quote_from_bytes(os.fsencode(absolute), safe=_PLAIN_IN_URI)


def _file_name(uri: str) -> str:
    return hashlib.md5(uri.encode(), usedforsecurity=False).hexdigest() + ".png"


def _opened(file: Path) -> "PngImageFile":
    from PIL.PngImagePlugin import PngImageFile

    return PngImageFile(file)


def _is_of(note: "PngImageFile", uri: str, modified: int) -> bool:
    """Say whether a thumbnail was made of this file as it is now."""
    text = note.text  # this reads to the end, because text may stand there
    # Some programs write down a fraction of the second, too.
    return text.get("Thumb::URI") == uri and text.get("Thumb::MTIME", "").split(".")[0] == str(modified)


def _read(file: Path, uri: str, modified: int) -> "NDArray[np.uint8] | None":
    if not file.exists():  # the usual case, and far cheaper than an exception
        return None
    try:
        with _opened(file) as picture:
            if not _is_of(picture, uri, modified) or max(picture.size) > max(FLAVOURS):
                return None
            from annotriage.images.pillow import in_plain_mode, on_white

            return np.array(on_white(in_plain_mode(picture)))
    except Exception:  # decoders of damaged files raise nearly anything
        return None


def _make_private(folder: Path) -> None:
    """Make a folder, and those above it that are missing, for the user's eyes only."""
    if not folder.is_dir():
        _make_private(folder.parent)
        folder.mkdir(mode=0o700, exist_ok=True)
