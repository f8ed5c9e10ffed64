"""The numbers of a folder as columns."""

import os
import sys
from pathlib import Path

import numpy as np
import pytest

from annotriage.images import ImageFile, find_images
from annotriage.scoring.prediction import Prediction
from annotriage.triage.store import SessionStore, folder_id, identity
from tests.effort import calls
from tests.pictures import write_pictures


def test_they_are_what_was_kept(store: SessionStore, tmp_path: Path) -> None:
    names = ["b/10.jpg", "b/9.jpg", "a.jpg", "c.jpg"]
    files = [ImageFile(tmp_path / name, name, size, 2**62 + size, None) for size, name in enumerate(names)]
    dice = [1 / 3, 0.5, None, 1.0]
    errors = [None, None, "The file is cut off.", None]
    lower = [0.1, None, None, 0.9]
    store.keep(
        tmp_path,
        "model",
        [
            (file, Prediction(file.path, one, low, low, error=error))
            for file, one, low, error in zip(files, dice, lower, errors, strict=True)
        ],
    )
    store.keep(tmp_path, "other", [(files[0], Prediction(files[0].path, 0.9))])
    store.keep(tmp_path / "elsewhere", "model", [(files[0], Prediction(files[0].path, 0.9))])
    numbers = store.numbers(tmp_path, "model")
    assert numbers.names == ["a.jpg", "b/9.jpg", "b/10.jpg", "c.jpg"]
    assert numbers.sizes.tolist() == [2, 1, 0, 3]
    assert numbers.modified_ns.tolist() == [2**62 + size for size in (2, 1, 0, 3)]
    np.testing.assert_array_equal(numbers.predicted_dice, [np.nan, 0.5, 1 / 3, 1.0])
    np.testing.assert_array_equal(numbers.lower, [np.nan, np.nan, 0.1, 0.9])
    np.testing.assert_array_equal(numbers.upper, numbers.lower)
    assert numbers.errors == {"a.jpg": "The file is cut off."}


def test_of_an_unknown_folder_there_are_none(store: SessionStore, tmp_path: Path) -> None:
    numbers = store.numbers(tmp_path, "model")
    assert len(numbers) == 0
    assert numbers.sizes.dtype == np.int64
    assert numbers.predicted_dice.shape == (0,)
    assert numbers.images(tmp_path) == []


def test_the_files_are_listed_as_a_walk_would_list_them(store: SessionStore, tmp_path: Path) -> None:
    folder = tmp_path / "images"
    write_pictures(folder, 12)
    if sys.platform == "linux":  # elsewhere all names are Unicode
        (folder / "1.png").rename(folder / os.fsdecode(b"\xff1.png"))
    found = find_images(folder)
    store.keep(folder, "model", [(file, Prediction(file.path, 0.5)) for file in reversed(found)])
    assert store.numbers(folder, "model").images(folder) == found


def test_many_images_are_read_as_columns_and_not_one_by_one(store: SessionStore, tmp_path: Path) -> None:
    rows = [(f"{n % 7}/ISIC_{n:07}.jpg", n) for n in range(20_000)]
    insert = """
    INSERT INTO predictions (folder_id, model, name, size, modified_ns, predicted_dice) VALUES (?, 'm', ?, ?, 1, 0.5)
    """
    with store.writing() as connection:
        number = folder_id(connection, identity(tmp_path))
        connection.connection.driver_connection.executemany(insert, ((number, *row) for row in rows))
    assert len(store.numbers(tmp_path, "m")) == len(rows)
    # Six for each image, to check and to sort it; what makes an object of each row calls twice as many.
    assert calls(lambda: store.numbers(tmp_path, "m")) < 9 * len(rows)


@pytest.mark.parametrize("name", [r"\x41.jpg", "a\\b.jpg"])
def test_a_spelled_name_that_is_unicode_stays(store: SessionStore, tmp_path: Path, name: str) -> None:
    file = ImageFile(tmp_path / name, name, 1, 1, None)
    store.keep(tmp_path, "model", [(file, Prediction(file.path, 0.5))])
    assert store.numbers(tmp_path, "model").images(tmp_path) == [file]
