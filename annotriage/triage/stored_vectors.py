"""What a model says for each way of drawing, and an image's features and look, as small blobs beside the predictions.

Their table is no part of the schema: it is made when a model first gives any, and stores without it are read as ever.
"""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from sqlalchemy import delete, inspect

from annotriage.triage.store_errors import GarbledError
from annotriage.triage.tables import vectors

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from sqlalchemy import Connection

    from annotriage.scoring.prediction import Prediction


def has_vectors(connection: "Connection") -> bool:
    """Say whether a model ever gave any."""
    return inspect(connection).has_table(vectors.name)


def write_vectors(connection: "Connection", ids: Mapping[str, int], scored: "Mapping[str, Prediction]") -> None:
    """Write down what predictions have of them, in the place of what was known of the same images."""
    rows = [
        {
            "prediction_id": ids[name],
            "by_way": _packed(prediction.by_way),
            "features": _packed(prediction.features),
            "look": _packed(prediction.look),
        }
        for name, prediction in scored.items()
        if any(each is not None for each in (prediction.by_way, prediction.features, prediction.look))
    ]
    if rows:
        vectors.create(connection, checkfirst=True)
    elif not has_vectors(connection):
        return
    connection.execute(delete(vectors).where(vectors.c.prediction_id.in_(ids.values())))
    if rows:
        connection.execute(vectors.insert(), rows)


def by_way_of(blob: Any) -> "NDArray[np.float32] | None":
    """Return the (K, 2) Dice and spread for each way of drawing that a blob holds; None stays None.

    Raises
    ------
    GarbledError
        Damage made something else of it.
    """
    column = by_way_column([blob])
    return None if column is None else column[0]


def features_of(blob: Any) -> "NDArray[np.float32] | None":
    """Return the (F,) features that a blob holds; None stays None. See `by_way_of`."""
    column = features_column([blob])
    return None if column is None else column[0]


def by_way_column(blobs: Sequence[Any]) -> "NDArray[np.float32] | None":
    """Return the (N, K, 2) values of N blobs, NaN where one is None; None: all are. See `by_way_of`."""
    column = features_column(blobs)
    if column is None:
        return None
    if column.shape[1] % 2:
        raise GarbledError("half a way of drawing")
    by_way = column.reshape(len(blobs), -1, 2)
    with np.errstate(invalid="ignore"):
        if ((by_way[..., 0] < 0) | (by_way[..., 0] > 1)).any():
            raise GarbledError("a Dice of a way of drawing that is none")
    return by_way


def features_column(blobs: Sequence[Any]) -> "NDArray[np.float32] | None":
    """Return the (N, F) values of N blobs, NaN where one is None; None: all are. See `by_way_of`."""
    kinds = set(map(type, blobs)) - {type(None)}
    if not kinds:
        return None
    if kinds != {bytes}:
        raise GarbledError("numbers that are no bytes")
    there: list[bytes] = [blob for blob in blobs if blob is not None]
    size, rest = divmod(len(there[0]), 4)
    if not size or rest or {*map(len, there)} != {4 * size}:
        raise GarbledError("numbers of one model that are not equally many")
    values = np.frombuffer(b"".join(there), dtype="<f4").reshape(len(there), size).astype(np.float32, copy=False)
    if not np.isfinite(values).all():
        raise GarbledError("numbers that are not finite")
    if len(there) == len(blobs):
        return values
    column = np.full((len(blobs), size), np.nan, dtype=np.float32)
    column[[blob is not None for blob in blobs]] = values
    return column


def _packed(values: "NDArray[np.floating[Any]] | None") -> bytes | None:
    return None if values is None else np.ascontiguousarray(values, dtype="<f4").tobytes()
