"""Find the photograph on which masks were drawn, beside them or in folders that were named."""

import os
import threading
from collections.abc import Iterable
from pathlib import Path

from annotriage.images.kinds import claims_to_be_image
from annotriage.names import stem_of

_FOLDERS = {"image", "images", "img", "imgs", "photo", "photos", "jpeg", "jpegimages", "originals", "data"}
_ABOVE = 3
"""Folders above a mask in which its photograph is looked for."""


class Photographs:
    """Looks for photographs beside masks, and in folders that were named. May be used by several threads.

    They are looked for in a mask's folder and those above it, and in folders called ``images`` and the like in these.
    Each folder is listed once.

    Parameters
    ----------
    folders : iterable of Path
        Where they may be, with all folders below; looked into first.
    masks : iterable of Path
        Files that are masks, not photographs.
    """

    def __init__(self, folders: Iterable[Path], masks: Iterable[Path]) -> None:
        self._folders = tuple(folders)
        self._masks = frozenset(masks)
        self._lock = threading.Lock()
        self._listed: dict[tuple[Path, bool], dict[str, Path]] = {}
        self._children: dict[Path, list[Path]] = {}

    def of(self, image: str, masks: Iterable[Path], *, near: bool = False) -> Path | None:
        """Return the photograph of an image, of which these are masks; None: it is not found.

        `near`: more than one folder above, only those called ``images`` and the like are looked into. A picture far
        above that happens to be called so is another one.
        """
        key = stem_of(image).casefold()
        with self._lock:
            for folder in self._folders:
                found = self._in(folder, below=True).get(key)
                if found is not None:
                    return found
            for folder in dict.fromkeys(place for mask in masks for place in self._places(mask, near=near)):
                found = self._in(folder, below=False).get(key)
                if found is not None:
                    return found
        return None

    def _places(self, mask: Path, *, near: bool) -> list[Path]:
        places = []
        for above, folder in enumerate(list(mask.parents)[: _ABOVE + 1]):
            if above < 2 or not near:
                places.append(folder)
            if folder not in self._children:
                self._children[folder] = _image_folders(folder)
            places += self._children[folder]
        return places

    def _in(self, folder: Path, *, below: bool) -> dict[str, Path]:
        """Return the photographs of a folder by their stems."""
        if (folder, below) not in self._listed:
            found: dict[str, Path] = {}
            for place, folders, files in os.walk(folder):
                for name in files:
                    path = Path(place, name)
                    if claims_to_be_image(path.suffix.lower()) and path not in self._masks:
                        found.setdefault(stem_of(name).casefold(), path)
                if not below:
                    break
                folders[:] = sorted(each for each in folders if not each.startswith("."))
            self._listed[folder, below] = found
        return self._listed[folder, below]


def _image_folders(folder: Path) -> list[Path]:
    try:
        with os.scandir(folder) as entries:
            return sorted(Path(entry.path) for entry in entries if entry.name.casefold() in _FOLDERS and entry.is_dir())
    except OSError:  # not ours to look into
        return []
