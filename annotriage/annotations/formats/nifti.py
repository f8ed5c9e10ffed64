"""NIfTI: the segmentation of a picture as ITK-SNAP or 3D Slicer save it, one slice, lying as its affine says."""

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from annotriage.annotations.annotation import ReadAnnotations
from annotriage.annotations.format import AnnotationFormat, Content
from annotriage.annotations.image_names import image_of
from annotriage.annotations.numbers import BROKEN, read_numbers
from annotriage.errors import AnnotriageError
from annotriage.images import LARGEST_IMAGE

_ENDINGS = (".nii", ".nii.gz")
_SCALED = 1e-3
"""So far off whole numbers come out of a file that stores them scaled."""
_AXES = ("L", "P", "S")
"""As pictures lie: columns go to the patient's left, rows to the back; ITK writes them so."""


def _is_this(_path: Path, _again: Path) -> bool:
    return True


def _read(path: Path, _again: Path) -> ReadAnnotations:
    return read_numbers(path, load, image_of(path.name[: path.name.lower().rindex(".nii")]))


def load(path: Path) -> NDArray[np.generic]:
    """Return the numbers of a file's only slice, upright.

    Parameters
    ----------
    path : Path
        ``.nii`` or ``.nii.gz``.

    Returns
    -------
    (H, W) array
        Colours (RGB) stand as one number each.

    Raises
    ------
    AnnotriageError
        It is damaged, or holds several slices.
    """
    import nibabel

    try:
        image: Any = nibabel.load(path)
        shape = tuple(int(side) for side in image.shape)
        _check(shape, path)
        return _upright(_values(image).reshape([*shape, 1, 1][:3]), image)
    except (nibabel.filebasedimages.ImageFileError, nibabel.spatialimages.HeaderDataError) as error:
        raise AnnotriageError(f"{path} is no NIfTI file that can be read ({error}): save it anew.") from None
    except BROKEN as error:
        raise AnnotriageError(f"{path} is damaged or cut off ({error}): save or copy it anew.") from None


def _check(shape: tuple[int, ...], path: Path) -> None:
    longer = [side for side in shape if side != 1]
    if len(longer) > 2 or any(side != 1 for side in shape[3:]):
        raise AnnotriageError(
            f"{path} is a volume of {' × '.join(map(str, shape))}, not one picture: save the slice that is meant alone."
        )
    if min(shape, default=0) < 1 or np.prod([float(side) for side in shape]) > LARGEST_IMAGE:
        raise AnnotriageError(f"{path} claims to have {' × '.join(map(str, shape))} pixels: save it anew.")


def _values(image: Any) -> NDArray[np.generic]:
    stored = image.get_data_dtype()
    if stored.fields:  # colours
        colours = np.asanyarray(image.dataobj)
        red, green, blue = (colours[channel].astype(np.int32) for channel in ("R", "G", "B"))
        return (red << 16) | (green << 8) | blue  # type: ignore[no-any-return]
    if (image.dataobj.slope, image.dataobj.inter) == (1, 0):
        return np.asanyarray(image.dataobj)
    scaled = image.get_fdata(caching="unchanged", dtype=np.float32)
    whole = np.rint(scaled)
    return whole if np.abs(scaled - whole).max() < _SCALED else scaled  # type: ignore[no-any-return]


def _upright(values: NDArray[np.generic], image: Any) -> NDArray[np.generic]:
    from nibabel import orientations as typeless

    orientations: Any = typeless
    way = orientations.io_orientation(image.affine)
    said = image.header["qform_code"] > 0 or image.header["sform_code"] > 0
    if said and not np.isnan(way).any():
        change = orientations.ornt_transform(way, orientations.axcodes2ornt(_AXES))
        values = orientations.apply_orientation(values, change)
    if values.shape[2] == 1:
        return values[:, :, 0].T
    # A slice from the side or the front: its rows go down.
    return values.reshape(-1, values.shape[2])[:, ::-1].T


NIFTI = AnnotationFormat("NIfTI", _ENDINGS, Content.FILE, _is_this, _read)
