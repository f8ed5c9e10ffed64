"""NumPy's ``.npy`` and ``.npz``: a mask of labels' numbers, of yes and no, of probabilities, or of a layer a label."""

import re
import zipfile
from pathlib import Path
from typing import IO

import numpy as np
from numpy.typing import NDArray

from annotriage.annotations.annotation import ReadAnnotations
from annotriage.annotations.format import AnnotationFormat, Content
from annotriage.annotations.image_names import image_of
from annotriage.annotations.numbers import BROKEN, read_numbers
from annotriage.errors import AnnotriageError
from annotriage.images import LARGEST_IMAGE

_MOST_LAYERS = 16
_COVERED = re.compile(r"task-\d+(?:-annotation-\d+)?-by-.+-\d+\.np[yz]", re.IGNORECASE)
"""Label Studio's brush export, whose numbers say how much of a pixel is covered: cut at half as elsewhere."""
_MOST_BYTES = 4_000_000_000


def _is_this(_path: Path, _again: Path) -> bool:
    return True


def _read(path: Path, _again: Path) -> ReadAnnotations:
    return read_numbers(path, load, image_of(path.stem))


def load(path: Path) -> NDArray[np.generic]:
    """Return an array's numbers as one mask.

    Parameters
    ----------
    path : Path
        ``.npy``, or ``.npz`` with one array: (H, W), with further axes of 1; or a layer for each label, (C, H, W) or
        (H, W, C), of which at most one is set in each pixel: then the mask has the layers' numbers. A first layer that
        is set where no other is is the background; else the first layer has the number 1.

    Returns
    -------
    (H, W) array

    Raises
    ------
    AnnotriageError
        It is damaged, holds objects of Python, or no mask.
    """
    try:
        array = _zipped(path) if path.suffix.lower() == ".npz" else _mapped(path)
    except (*BROKEN, zipfile.BadZipFile, NotImplementedError) as error:
        raise AnnotriageError(f"{path} is damaged, or no array of NumPy ({error}): save or copy it anew.") from None
    array = array.squeeze()
    if array.size > LARGEST_IMAGE * (_MOST_LAYERS if array.ndim == 3 else 1):
        raise AnnotriageError(f"{path} holds an array of {_sides(array)}, which is too large for a mask.")
    if array.ndim == 2:
        covered = array.dtype == np.uint8 and _COVERED.match(path.name)
        return array > array.max(initial=0) // 2 if covered else array
    if array.ndim == 3 and array.dtype.kind in "buif":
        return _of_layers(array, path)
    raise AnnotriageError(f"{path} holds an array of {_sides(array)}, and no mask: save one of height × width.")


def _mapped(path: Path) -> NDArray[np.generic]:
    """Open an array without reading it."""
    with path.open("rb") as file:
        _check_head(file, path.stat().st_size, path)
    return np.load(path, mmap_mode="r", allow_pickle=False)  # type: ignore[no-any-return]


def _zipped(path: Path) -> NDArray[np.generic]:
    with zipfile.ZipFile(path) as packed:
        inside = [each for each in packed.infolist() if each.filename.endswith(".npy")]
        if len(inside) != 1:
            names = ", ".join(each.filename.removesuffix(".npy") for each in inside[:5])
            raise AnnotriageError(
                f"{path} holds {len(inside)} arrays ({names}), not one mask: save each as a file of its own, called "
                "like its image, in a folder for each annotator."
            )
        if inside[0].file_size > _MOST_BYTES:
            raise AnnotriageError(f"{path} holds an array that is too large for a mask.")
        with packed.open(inside[0]) as file:
            _check_head(file, inside[0].file_size, path)
        with packed.open(inside[0]) as file:
            return np.lib.format.read_array(file, allow_pickle=False)


def _check_head(file: IO[bytes], size: int, path: Path) -> None:
    """Compare what an array's head claims with the bytes that are there, before memory is taken for it."""
    version = np.lib.format.read_magic(file)
    heads = {(1, 0): np.lib.format.read_array_header_1_0, (2, 0): np.lib.format.read_array_header_2_0}
    shape, _, dtype = heads.get(version, np.lib.format.read_array_header_2_0)(file)
    if dtype.hasobject:
        raise AnnotriageError(
            f"{path} holds objects of Python, which can run programs and are not read: save an array of numbers."
        )
    if float(np.prod([float(side) for side in shape])) * dtype.itemsize > size:
        raise ValueError("it ends too soon")


def _of_layers(array: NDArray[np.generic], path: Path) -> NDArray[np.generic]:
    """Return one mask of a layer for each label."""
    first, last = array.shape[0] <= _MOST_LAYERS, array.shape[-1] <= _MOST_LAYERS
    if first == last:
        raise AnnotriageError(f"{path} holds an array of {_sides(array)}, and no mask: save one of height × width.")
    layers = array if first else np.moveaxis(array, -1, 0)
    if layers.dtype.kind in "iu" and (layers.max() > 1 or layers.min() < 0):
        raise AnnotriageError(
            f"{path} holds layers of numbers up to {layers.max()}, a picture in colours or several masks: "
            "save one mask of height × width."
        )
    marked = layers > 0.5 if layers.dtype.kind == "f" else layers > 0  # type: ignore[operator]
    held = marked.sum(axis=0, dtype=np.uint8)
    if held.max(initial=0) > 1:
        raise AnnotriageError(
            f"{path} holds {len(layers)} layers that overlap, so that they are no labels of one mask: save each as a "
            "file of its own, in a folder for each annotator."
        )
    background = len(layers) > 1 and bool(held.min(initial=1) == 1)
    numbers = marked.argmax(axis=0).astype(np.uint8) + np.uint8(not background)
    return np.where(held > 0, numbers, np.uint8(0))


def _sides(array: NDArray[np.generic]) -> str:
    return " × ".join(map(str, array.shape)) or "one number"


ARRAYS = AnnotationFormat("NumPy array", (".npy", ".npz"), Content.FILE, _is_this, _read)
