"""All numbers that are stored of a folder, as columns: what a scored folder is shown from before its files are."""

import os
import re
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from annotriage.images import ImageFile
from annotriage.images.natural_sorting import natural_sorted
from annotriage.triage.store_errors import GarbledError

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from sqlalchemy import Connection

_QUERY = """
SELECT p.name, p.size, p.modified_ns, p.predicted_dice, p.lower, p.upper, p.error
FROM predictions AS p JOIN folders AS f ON f.id = p.folder_id
WHERE f.path = ? AND p.model = ?
"""
# How bytes of a file name that are no Unicode are spelled in an image's name.
_SPELLED = re.compile(rb"\\x([89a-f][0-9a-f])")


@dataclass(frozen=True, slots=True, eq=False)
class StoredNumbers:
    """Numbers of N images, as they were when each was scored last.

    Attributes
    ----------
    names : list of str
        In natural order.
    sizes, modified_ns : (N,) array of int64
        Bytes, and time of the last change, of the files then.
    predicted_dice, lower, upper : (N,) array of float64
        To the last bit as they were predicted; NaN: none.
    errors : dict of str to str
        Name -> why there is no prediction.
    """

    names: list[str]
    sizes: "NDArray[np.int64]"
    modified_ns: "NDArray[np.int64]"
    predicted_dice: "NDArray[np.float64]"
    lower: "NDArray[np.float64]"
    upper: "NDArray[np.float64]"
    errors: dict[str, str]

    def __len__(self) -> int:
        """Count the images."""
        return len(self.names)

    def images(self, folder: Path) -> list[ImageFile]:
        """List the files as they were; `folder` is where the names begin. Nothing is looked at on the disk."""
        rows = zip(self.names, self.sizes.tolist(), self.modified_ns.tolist(), strict=True)
        return [ImageFile(_path(folder, name), name, size, modified_ns, None) for name, size, modified_ns in rows]


def read_numbers(connection: "Connection", folder: str, model: str) -> StoredNumbers:
    """Read what is stored of a folder, named by its identity, under a model, named by its key."""
    # By the driver itself: SQLAlchemy's rows would take as long again.
    driver: Any = connection.connection.driver_connection
    rows = driver.execute(_QUERY, (folder, model)).fetchall()
    by_name = {row[0]: row for row in rows}
    names = natural_sorted(by_name)
    columns = list(zip(*(by_name[name] for name in names), strict=True)) or [()] * 7
    _, sizes, modified_ns, dice, lower, upper, errors = columns
    try:
        return _numbers(names, sizes, modified_ns, dice, lower, upper, errors)
    except (TypeError, ValueError, OverflowError) as error:
        raise GarbledError(str(error)) from None


def _numbers(
    names: list[str], sizes: Any, modified_ns: Any, dice: Any, lower: Any, upper: Any, errors: Any
) -> StoredNumbers:
    return StoredNumbers(
        names=names,
        sizes=np.array(sizes, dtype=np.int64),
        modified_ns=np.array(modified_ns, dtype=np.int64),
        predicted_dice=np.array(dice, dtype=np.float64),  # None becomes NaN
        lower=np.array(lower, dtype=np.float64),
        upper=np.array(upper, dtype=np.float64),
        errors={name: error for name, error in zip(names, errors, strict=True) if error is not None},
    )


def _path(folder: Path, name: str) -> Path:
    if "\\x" in name and os.sep == "/":
        return folder / os.fsdecode(_SPELLED.sub(lambda found: bytes.fromhex(found[1].decode()), name.encode()))
    return folder / name
