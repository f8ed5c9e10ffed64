"""All numbers that are stored of a folder, as columns: what a scored folder is shown from before its files are."""

import os
import re
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from annotriage.images import ImageFile
from annotriage.images.natural_sorting import natural_sorted
from annotriage.triage.store_errors import GarbledError
from annotriage.triage.stored_values import check_name, check_reason, share_column, whole_column
from annotriage.triage.stored_vectors import by_way_column, features_column, has_vectors

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray
    from sqlalchemy import Connection

    from annotriage.scoring.team import Team

_QUERY = """
SELECT p.name, p.size, p.modified_ns, p.predicted_dice, p.lower, p.upper, p.error, {vectors}
FROM predictions AS p JOIN folders AS f ON f.id = p.folder_id {join}
WHERE f.path = ? AND p.model = ?
"""
_JOIN = "LEFT JOIN prediction_vectors AS v ON v.prediction_id = p.id"
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
    by_way : (N, K, 2) array of float32, or None
        See `Prediction.by_way`; NaN: not known. None: not asked for, or of no image known.
    features : (N, F) array of float32, or None
        See `Prediction.features`; as `by_way`.
    team : Team or None
        For whom they hold; None: they are as the model computed them.
    looks : (N, L) array of float32, or None
        See `Prediction.look`; as `by_way`.
    unlikeness : (N,) array of float32, or None
        See `Prediction.unlikeness`; NaN: not known. Not stored: whoever knows the model makes it of the features.
    """

    names: list[str]
    sizes: "NDArray[np.int64]"
    modified_ns: "NDArray[np.int64]"
    predicted_dice: "NDArray[np.float64]"
    lower: "NDArray[np.float64]"
    upper: "NDArray[np.float64]"
    errors: dict[str, str]
    by_way: "NDArray[np.float32] | None" = None
    features: "NDArray[np.float32] | None" = None
    team: "Team | None" = None
    looks: "NDArray[np.float32] | None" = None
    unlikeness: "NDArray[np.float32] | None" = None

    def __len__(self) -> int:
        """Count the images."""
        return len(self.names)

    def images(self, folder: Path) -> list[ImageFile]:
        """List the files as they were; `folder` is where the names begin. Nothing is looked at on the disk."""
        rows = zip(self.names, self.sizes.tolist(), self.modified_ns.tolist(), strict=True)
        return [ImageFile(_path(folder, name), name, size, modified_ns, None) for name, size, modified_ns in rows]


def read_numbers(
    connection: "Connection",
    folder: str,
    model: str,
    *,
    by_way: bool = False,
    features: bool = False,
    looks: bool = False,
) -> StoredNumbers:
    """Read what is stored of a folder, named by its identity, under a model, named by its key.

    With `by_way`, `features` and `looks` what it holds of these, too.

    Raises
    ------
    GarbledError
        Damage made something else of it.
    """
    # By the driver itself: SQLAlchemy's rows would take as long again.
    driver: Any = connection.connection.driver_connection
    asked = {"by_way": by_way, "features": features, "look": looks}
    beside = any(asked.values()) and has_vectors(connection)
    vectors = ", ".join("v." + name if beside and wanted else "NULL" for name, wanted in asked.items())
    query = _QUERY.format(vectors=vectors, join=_JOIN if beside else "")
    rows = driver.execute(query, (folder, model)).fetchall()
    by_name = {check_name(row[0]): row for row in rows}
    names = natural_sorted(by_name)
    columns = list(zip(*(by_name[name] for name in names), strict=True)) or [()] * 10
    _, sizes, modified_ns, dice, lower, upper, errors, packed_ways, packed_features, packed_looks = columns
    if any(one is None and reason is None for one, reason in zip(dice, errors, strict=True)):
        raise GarbledError("neither a prediction nor a reason why there is none")
    return StoredNumbers(
        names=names,
        sizes=whole_column(sizes),
        modified_ns=whole_column(modified_ns),
        predicted_dice=share_column(dice),
        lower=share_column(lower),
        upper=share_column(upper),
        errors={name: reason for name, one in zip(names, errors, strict=True) if (reason := check_reason(one))},
        by_way=by_way_column(packed_ways),
        features=features_column(packed_features),
        looks=features_column(packed_looks),
    )


def _path(folder: Path, name: str) -> Path:
    if "\\x" in name and os.sep == "/":
        return folder / os.fsdecode(_SPELLED.sub(lambda found: bytes.fromhex(found[1].decode()), name.encode()))
    return folder / name
