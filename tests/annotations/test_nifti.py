"""NIfTI as ITK-SNAP and others write it, against SimpleITK, which ITK-SNAP is built on."""

import gzip
from pathlib import Path
from typing import Any

import nibabel
import numpy as np
import pytest
import SimpleITK
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from annotriage.annotations.class_names import names_of_numbers
from annotriage.errors import AnnotriageError
from annotriage.images import UnreadableImageError
from tests.annotations.exports import SIZE, only, pixels, read, some_mask

MASK = some_mask(*SIZE).astype(np.uint8)
LPS = np.diag([-1.0, -1.0, 1.0, 1.0])


def saved(path: Path, values: NDArray[Any], affine: NDArray[Any] | None = LPS) -> Path:
    nibabel.save(nibabel.Nifti1Image(values, affine), path)  # type: ignore[attr-defined, no-untyped-call]
    return path


def by_itk(path: Path, values: NDArray[Any]) -> Path:
    """Save (H, W) as ITK-SNAP saves the segmentation of a picture."""
    SimpleITK.WriteImage(SimpleITK.GetImageFromArray(values[None]), str(path))
    return path


def test_a_picture_of_itk_comes_back_to_the_pixel(tmp_path: Path) -> None:
    annotation = only(by_itk(tmp_path / "im_1.nii.gz", MASK))
    assert (annotation.image, annotation.annotator, annotation.size) == ("im_1", "", SIZE)
    assert annotation.labels == ("1",) and (pixels(annotation) == MASK).all()
    flat = tmp_path / "visit.2.NII"
    SimpleITK.WriteImage(SimpleITK.GetImageFromArray(MASK), str(flat.with_suffix(".nii")))
    flat.with_suffix(".nii").rename(flat)
    assert only(flat).image == "visit.2"


@pytest.mark.slow
@given(
    axes=st.permutations([0, 1, 2]), signs=st.tuples(*[st.sampled_from([-1.0, 1.0])] * 3), tilt=st.floats(-0.3, 0.3),
    coded=st.sampled_from(["sform", "qform"]),
)  # fmt: skip
def test_however_it_lies_it_is_brought_to_where_itk_has_it(
    tmp_path_factory: pytest.TempPathFactory, axes: list[int], signs: tuple[float, ...], tilt: float, coded: str
) -> None:
    turn = np.eye(4)
    turn[:2, :2] = [[np.cos(tilt), -np.sin(tilt)], [np.sin(tilt), np.cos(tilt)]]
    affine = np.zeros((4, 4))
    affine[axes, [0, 1, 2]] = signs
    affine[3, 3] = 1
    values = np.zeros([1 if axes[at] == 2 else (5, 7)[at > 0] for at in range(3)], np.uint8)
    values.flat[:4] = [1, 2, 3, 4]
    image = nibabel.Nifti1Image(values, turn @ affine)  # type: ignore[no-untyped-call]
    image.set_sform(turn @ affine, code=int(coded == "sform"))  # type: ignore[no-untyped-call]
    image.set_qform(turn @ affine, code=int(coded == "qform"))  # type: ignore[no-untyped-call]
    path = tmp_path_factory.mktemp("nifti") / "a.nii"
    nibabel.save(image, path)  # type: ignore[attr-defined]
    theirs = SimpleITK.GetArrayFromImage(SimpleITK.DICOMOrient(SimpleITK.ReadImage(str(path)), "LPS"))[0]
    annotation = only(path)
    assert annotation.size == theirs.shape
    for label in "1234":
        assert (pixels(annotation, label, theirs.shape) == (theirs == int(label))).all()


def test_without_any_code_it_lies_as_itk_takes_it(tmp_path: Path) -> None:
    path = saved(tmp_path / "a.nii", MASK.T[:, :, None], np.eye(4))
    data = bytearray(path.read_bytes())
    data[252:256] = bytes(4)  # qform_code, sform_code
    path.write_bytes(data)
    assert (pixels(only(path)) == MASK).all()
    assert (SimpleITK.GetArrayFromImage(SimpleITK.ReadImage(str(path)))[0] == MASK).all()


def test_slices_from_the_side_have_their_head_up(tmp_path: Path) -> None:
    upright = np.zeros((1, 7, 5), np.uint8)
    upright[0, 2, 4] = 1  # the last along S: the highest
    affine = np.diag([1.0, -1.0, 1.0, 1.0])
    assert np.argwhere(pixels(only(saved(tmp_path / "a.nii", upright, affine)), size=(5, 7))).tolist() == [[0, 2]]


@pytest.mark.parametrize("kind", [np.int16, np.uint16, np.float32, np.float64, np.int32])
def test_labels_of_any_kind_of_number(tmp_path: Path, kind: type) -> None:
    values = np.random.default_rng(0).integers(0, 4, SIZE).astype(kind)
    annotation = only(saved(tmp_path / "a.nii.gz", values.T[:, :, None, None]))
    assert annotation.labels == ("1", "2", "3")
    assert all((pixels(annotation, label) == (values == int(label))).all() for label in annotation.labels)


def test_scaled_numbers_are_what_they_stand_for(tmp_path: Path) -> None:
    path = saved(tmp_path / "a.nii", np.where(MASK, 200, 0).astype(np.uint8).T[:, :, None])
    data = bytearray(path.read_bytes())
    data[112:116] = np.float32(0.01).tobytes()  # scl_slope
    path.write_bytes(data)
    annotation = only(path)
    assert annotation.labels == ("2",) and (pixels(annotation) == MASK).all()


def test_colours_are_labels(tmp_path: Path) -> None:
    colours = np.zeros((*SIZE[::-1], 1), [("R", "u1"), ("G", "u1"), ("B", "u1")])
    colours["R"][:, :, 0] = MASK.T * 250
    colours["G"][:4] = 128
    annotation = only(saved(tmp_path / "a.nii", colours))
    assert (pixels(annotation) == ((MASK > 0) | (np.arange(SIZE[1]) < 4))).all()


DESCRIPTION = """################################################
# ITK-SnAP Label Description File
################################################
    0     0    0    0        0  0  0    "Clear Label"
    1   255    0    0        1  1  1    "lesion"
    2     0  255    0        1  1  0    "hair (long)"
"""


def test_itksnaps_descriptions_name_the_labels(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("nothing", encoding="utf-8")
    (tmp_path / "labels.txt").write_text(DESCRIPTION, encoding="utf-8")
    folder = tmp_path / "bob"
    folder.mkdir()
    assert only(by_itk(folder / "im_1.nii.gz", MASK * np.uint8(2))).labels == ("hair (long)",)
    assert names_of_numbers(folder / "x.nii")[1] == "lesion"


@pytest.mark.parametrize("shape", [(8, 9, 2), (8, 9, 1, 3), (2, 2, 2, 2)])
def test_a_volume_gets_a_sentence(tmp_path: Path, shape: tuple[int, ...]) -> None:
    with pytest.raises(AnnotriageError, match="volume of"):
        read(saved(tmp_path / "a.nii.gz", np.ones(shape, np.uint8)))


@pytest.mark.parametrize("cut", [0, 10, 100, 300, -30])
def test_a_damaged_file_gets_a_sentence(tmp_path: Path, cut: int) -> None:
    path = by_itk(tmp_path / "a.nii.gz", MASK)
    path.write_bytes(path.read_bytes()[:cut])
    with pytest.raises(AnnotriageError, match=r"a\.nii\.gz"):
        read(path)


@pytest.mark.slow
def test_a_head_that_claims_too_much_takes_no_memory(tmp_path: Path) -> None:
    data = bytearray(gzip.decompress(by_itk(tmp_path / "a.nii.gz", MASK).read_bytes()))
    for sides in ((32767, 32767), (30000, 9000)):
        data[42:46] = np.array(sides, "<i2").tobytes()  # dim[1], dim[2]
        (tmp_path / "b.nii.gz").write_bytes(gzip.compress(bytes(data)))
        (tmp_path / "c.nii").write_bytes(data)
        for name in ("b.nii.gz", "c.nii"):
            with pytest.raises(AnnotriageError, match=name):
                read(tmp_path / name)


def test_a_file_that_goes_away_says_so_when_its_pixels_are_asked_for(tmp_path: Path) -> None:
    annotation = only(by_itk(tmp_path / "a.nii.gz", MASK))
    (tmp_path / "a.nii.gz").unlink()
    with pytest.raises(UnreadableImageError, match="damaged"):
        pixels(annotation)
