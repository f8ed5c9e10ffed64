"""Archives as annotation tools give them: unpacked once, to a folder that goes with the program."""

import atexit
import itertools
import shutil
import tempfile
import threading
import zipfile
from pathlib import Path

from annotriage.agreement.mask_names import MASK_ENDINGS
from annotriage.annotations.reading import may_be_annotations
from annotriage.unpacking.limits import Limits
from annotriage.unpacking.unpacking import ENDINGS, is_archive, unpack

_LIMITS = Limits(bytes=50_000_000_000, files=1_000_000)
_lock = threading.Lock()
_unpacked: dict[tuple[Path, int, int], Path] = {}
_made: list[Path] = []
_numbers = itertools.count()


def unpacked(archive: Path) -> Path:
    """Return the folder that holds what an archive holds, which is unpacked the first time.

    Raises
    ------
    AnnotriageError
        It cannot be read, needs a password, is not to be trusted, or the disk is full.
    """
    status = archive.stat()
    key = (archive.absolute(), status.st_mtime_ns, status.st_size)
    with _lock:
        if key not in _unpacked:
            if not _made:
                _made.append(Path(tempfile.mkdtemp(prefix="annotriage-")))
                atexit.register(shutil.rmtree, _made[0], ignore_errors=True)
            # Named as the archive, below folders that hold nothing else: what lies beside and above is looked at.
            target = _made[0] / str(next(_numbers)) / "of" / called(archive).name
            target.parent.mkdir(parents=True)
            _unpacked[key] = unpack(archive, target, limits=_LIMITS).folder
        return _unpacked[key]


def called(archive: Path) -> Path:
    """Return an archive's path without its ending."""
    ending = max((each for each in ENDINGS if archive.name.lower().endswith(each)), key=len, default="")
    return archive.with_name(archive.name[: -len(ending) or None] or archive.name)


def holds_masks(archive: Path) -> bool:
    """Say whether a ZIP among other files may hold masks or annotations that do not lie unpacked beside it."""
    if not is_archive(archive) or archive.suffix.lower() != ".zip" or called(archive).is_dir():
        return False
    try:
        with zipfile.ZipFile(archive) as opened:
            names = [name.rpartition("/")[2] for name in opened.namelist()]
    except (OSError, ValueError, zipfile.BadZipFile, NotImplementedError):
        return True  # unpacking it will say what is wrong
    return any(may_be_annotations(name) or Path(name).suffix.lower() in MASK_ENDINGS for name in names)
