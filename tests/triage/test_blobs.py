"""Maps survive being packed."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from numpy.typing import NDArray

from annotriage.triage.blobs import pack_map, unpack_map

SHAPES = arrays.array_shapes(min_dims=2, max_dims=2, max_side=20)


@given(arrays.arrays(np.float32, SHAPES, elements=st.floats(-60000, 60000, width=32)))
def test_to_half_precision(values: NDArray[np.float32]) -> None:
    unpacked = unpack_map(pack_map(values))
    assert unpacked is not None
    assert unpacked.dtype == np.float32
    np.testing.assert_allclose(unpacked, values, rtol=1e-3, atol=1e-7)
    assert pack_map(unpacked) == pack_map(values), "packing again changes nothing more"


@given(arrays.arrays(np.float32, SHAPES, elements=st.floats(0, 1, width=32)))
def test_probabilities_to_three_digits(values: NDArray[np.float32]) -> None:
    unpacked = unpack_map(pack_map(values, decimals=3))
    np.testing.assert_allclose(unpacked, values, atol=0.0011)


def test_no_map_and_endless_values() -> None:
    assert pack_map(None) is None
    assert unpack_map(None) is None
    assert np.isfinite(unpack_map(pack_map(np.array([[1e9, -1e9]], dtype=np.float32)))).all()


def test_a_lesion_map_is_small() -> None:
    y, x = np.mgrid[:96, :96]
    lesion = 1 / (1 + np.exp((np.hypot(y - 50, x - 40) - 25) / 1.5))
    packed = pack_map(lesion.astype(np.float32), decimals=3)
    assert packed is not None
    assert len(packed) < 6000
