"""NumPy's arrays as masks."""

import io
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from annotriage.annotations.numbers import CUT_AT_HALF
from annotriage.errors import AnnotriageError
from tests.annotations.exports import SIZE, only, pixels, read, some_mask, written

MASK = some_mask(*SIZE)
LABELS = np.random.default_rng(1).integers(0, 3, SIZE)


def saved(path: Path, values: Any) -> Path:
    np.save(path, values)
    return path


@pytest.mark.parametrize("kind", ["bool", "u1", "i1", "<i4", ">i4", "<u8", ">f4", "f8"])
@pytest.mark.parametrize("form", [lambda a: a, np.asfortranarray, lambda a: a[None], lambda a: a[..., None, None]])
def test_a_mask_comes_back_to_the_pixel(tmp_path: Path, kind: str, form: Any) -> None:
    annotation = only(saved(tmp_path / "im_1.npy", form(MASK.astype(kind))))
    assert (annotation.image, annotation.annotator, annotation.size) == ("im_1", "", SIZE)
    assert annotation.labels == (("",) if kind == "bool" else ("1",))
    assert (pixels(annotation) == MASK).all()


def test_white_is_no_label(tmp_path: Path) -> None:
    annotation = only(saved(tmp_path / "a.jpg.npy", MASK * np.uint8(255)))
    assert annotation.labels == ("",) and annotation.image == "a" and (pixels(annotation) == MASK).all()


def test_nothing_marked_says_that_there_is_nothing(tmp_path: Path) -> None:
    for kind in (bool, np.uint8, np.float32):
        annotation = only(saved(tmp_path / "a.npy", np.zeros(SIZE, kind)))
        assert annotation.regions == () and not annotation.note


def test_labels_have_their_numbers_or_names(tmp_path: Path) -> None:
    folder = tmp_path / "bob" / "SegmentationClassNpy"
    folder.mkdir(parents=True)
    annotation = only(saved(folder / "im_1.npy", LABELS))
    assert annotation.labels == ("1", "2")
    assert all((pixels(annotation, label) == (LABELS == int(label))).all() for label in "12")
    named = tmp_path / "alice" / "SegmentationClassNpy"
    named.mkdir(parents=True)
    written(named.parent / "class_names.txt", "_background_\nlesion\nhair\n")
    values = LABELS.astype(np.int32)
    values[0, :5], values[1, :5] = -1, 255
    found = read(saved(named / "im_1.npy", values))
    assert found.annotations[0].labels == ("lesion", "hair") and sum(found.unused.values()) == 1
    assert (pixels(found.annotations[0], "hair") == (values == 2)).all()


def test_probabilities_are_cut_at_half(tmp_path: Path) -> None:
    shares = np.random.default_rng(0).random(SIZE).astype(np.float32)
    shares[0, 0] = np.nan
    found = read(saved(tmp_path / "a.npy", shares))
    assert found.remarks == [CUT_AT_HALF]
    assert (pixels(found.annotations[0]) == (shares > 0.5)).all()


def test_nan_is_nothing(tmp_path: Path) -> None:
    annotation = only(saved(tmp_path / "a.npy", np.where(MASK, 2.0, np.nan)))
    assert annotation.labels == ("2",) and (pixels(annotation) == MASK).all()


@pytest.mark.parametrize("axis", [0, -1])
@pytest.mark.parametrize("kind", [bool, np.uint8, np.float32])
def test_layers_are_labels(tmp_path: Path, axis: int, kind: Any) -> None:
    layers = np.stack([LABELS == number for number in range(3)], axis=axis).astype(kind)
    annotation = only(saved(tmp_path / "a.npy", layers))
    assert annotation.labels == ("1", "2") and (pixels(annotation, "2") == (LABELS == 2)).all()
    without_background = np.stack([LABELS == 1, LABELS == 2], axis=axis).astype(kind)
    again = only(saved(tmp_path / "b.npy", without_background))
    assert again.labels == ("1", "2") and (pixels(again, "1") == (LABELS == 1)).all()


def test_an_archive_with_one_array_is_read(tmp_path: Path) -> None:
    for name, save in (("a.npz", np.savez), ("b.npz", np.savez_compressed)):
        save(tmp_path / name, mask=MASK)
        assert (pixels(only(tmp_path / name)) == MASK).all()


def packed(path: Path, **arrays: NDArray[Any]) -> Path:
    np.savez(path, allow_pickle=True, **arrays)
    return path


def claims(path: Path, shape: str, *, packed: bool = False) -> Path:
    """Save a mask whose head claims another shape."""
    file = io.BytesIO()
    np.save(file, MASK)
    data = file.getvalue().replace(b"(60, 80), ", shape.encode().ljust(10))
    if not packed:
        path.write_bytes(data)
        return path
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as out:
        out.writestr("mask.npy", data)
    return path


RANDOM = np.random.default_rng(0)


@pytest.mark.parametrize(
    ("make", "told"),
    [
        (lambda at: saved(at / "a.npy", np.array([{"a": 1}], dtype=object)), "objects of Python"),
        (lambda at: packed(at / "a.npz", mask=np.array([{"a": 1}], dtype=object)), "objects of Python"),
        (lambda at: packed(at / "a.npz", bob=MASK, alice=MASK), "2 arrays .bob, alice."),
        (lambda at: claims(at / "a.npy", "(99999,99),"), "damaged"),
        (lambda at: claims(at / "a.npz", "(99999,99),", packed=True), "damaged"),
        (lambda at: claims(at / "a.npy", "(6000,a0), "), "damaged"),
        (lambda at: written(at / "a.npy", "no array"), "damaged"),
        (lambda at: written(at / "a.npz", "no archive"), "damaged"),
        (lambda at: written(at / "a.npy", ""), "damaged"),
        (lambda at: saved(at / "a.npy", np.array(3)), "one number"),
        (lambda at: saved(at / "a.npy", np.zeros(50)), "an array of 50"),
        (lambda at: saved(at / "a.npy", np.zeros((40, 50, 60))), "40 × 50 × 60"),
        (lambda at: saved(at / "a.npy", np.zeros((3, 50, 3))), "3 × 50 × 3"),
        (lambda at: saved(at / "a.npy", np.zeros((0, 5))), "no numbers"),
        (lambda at: saved(at / "a.npy", RANDOM.integers(0, 255, (60, 80, 3), np.uint8)), "in colours"),
        (lambda at: saved(at / "a.npy", RANDOM.random((60, 80, 4)) > 0.2), "overlap"),
        (lambda at: saved(at / "a.npy", RANDOM.integers(0, 255, SIZE, np.uint8)), "as a picture does"),
        (lambda at: saved(at / "a.npy", RANDOM.normal(size=SIZE)), "fractions from -"),
        (lambda at: saved(at / "a.npy", np.full(SIZE, 2**60)), "no labels"),
        (lambda at: saved(at / "a.npy", np.full(SIZE, np.inf)), "no labels"),
        (lambda at: saved(at / "a.npy", np.full(SIZE, "a")), "no numbers"),
        (lambda at: saved(at / "a.npy", np.ones(SIZE, complex)), "no numbers"),
    ],
)
def test_what_is_no_mask_gets_a_sentence(tmp_path: Path, make: Any, told: str) -> None:
    path = make(tmp_path)
    with pytest.raises(AnnotriageError, match=told) as error:
        read(path)
    assert str(path) in str(error.value)
