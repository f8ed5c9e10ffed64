"""Write a file so that whoever looks sees the old one or the whole new one."""

import contextlib
import errno
import os
import secrets
from collections.abc import Collection, Iterable, Mapping
from pathlib import Path

from annotriage.errors import AnnotriageError
from annotriage.names import same_letters
from annotriage.tables.sheets import file_and_sheet


def replace_file(path: Path, data: bytes) -> None:
    """Write `data` beside `path`, then rename; the folder must exist.

    Raises
    ------
    OSError
        The disk is full, or the folder cannot be written. The old file is as it was, and nothing lies beside it.
    """
    # Not by tempfile, whose files nobody else may read: the folder can be a team's.
    beside = path.with_name(f".{secrets.token_hex(8)}.part")
    try:
        with beside.open("xb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        os.replace(beside, path)
    except BaseException:
        with contextlib.suppress(OSError):
            beside.unlink()
        raise


def write_whole(path: Path, data: bytes) -> None:
    """Write a file of the user's by `replace_file`.

    Raises
    ------
    AnnotriageError
        It cannot be written; the sentence says why.
    """
    try:
        replace_file(path, data)
    except OSError as error:
        raise AnnotriageError(
            f"{path} cannot be written ({error.strerror}); check the disk and its permissions."
        ) from None


def check_writable(path: Path) -> None:
    """Find out before long work whether a file can be written; what is there stays as it is.

    Raises
    ------
    AnnotriageError
        It cannot; the sentence says why.
    """
    beside = path.with_name(f".{secrets.token_hex(8)}.part")
    try:
        with beside.open("xb"):
            pass
        beside.unlink()
        if path.exists() and not os.access(path, os.W_OK) and os.name == "nt":  # elsewhere the folder's rights count
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), str(path))
        path.exists()  # a name that is too long
    except OSError as error:
        raise AnnotriageError(
            f"{path} cannot be written ({error.strerror}); check its name, the disk and the permissions of its folder."
        ) from None


def same_file(one: Path, other: Path) -> bool:
    """Tell whether two paths are one file or folder, or would be: by links, and by capitals where both are yet to be.

    Whether capitals make two files of them depends on the disk: nobody wants to find out by losing one.
    """
    try:
        return os.path.samefile(one, other)
    except OSError:
        if one.exists() or other.exists():
            return False
        return same_letters(os.path.realpath(one)) == same_letters(os.path.realpath(other))


def refuse_overwriting(
    outputs: Mapping[str, Path | None],
    inputs: Iterable[Path | None],
    folders: Mapping[Path | None, Collection[str]] | None = None,
) -> None:
    """Refuse to write over what is read, two outputs into one file, and an output where it would be read the next time.

    Parameters
    ----------
    outputs : mapping of str to Path or None
        Files and folders that are to be written, by what the user calls them: ``--out``.
    inputs : iterable of Path or None
        Files and folders that are read.
    folders : mapping of Path to collection of str, optional
        Folders in which files are read, to the names (``metrics.json``) and endings (``.json``) of these files, in
        lower case.

    Raises
    ------
    AnnotriageError
        The sentence names the output, and the file that it would overwrite.
    """
    wanted = [(name, path) for name, path in outputs.items() if path is not None]
    read = [file_and_sheet(path)[0] for path in inputs if path is not None]
    given = [path for path in read if path.exists()]
    for place, (name, path) in enumerate(wanted):
        read_there = next((each for each in given if same_file(path, each)), None)
        if read_there is not None:
            what = "folder" if path.is_dir() else "file"
            raise AnnotriageError(f"{name} {path} would overwrite {read_there}, which is read: name another {what}.")
        for other, there in wanted[:place]:
            if same_file(path, there):
                raise AnnotriageError(f"{other} and {name} are the same, {there}: name two.")
        for folder, names in (folders or {}).items():
            inside = folder is not None and folder.is_dir() and _real(path.parent).is_relative_to(_real(folder))
            if inside and {path.name.casefold(), path.suffix.casefold()} & set(names):
                raise AnnotriageError(
                    f"{name} {path} lies in {folder}, where files of that name are read: name a file outside."
                )


def _real(path: Path) -> Path:
    return Path(os.path.realpath(path))
