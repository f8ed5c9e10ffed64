"""Label Studio's masks: what its own decoder makes of them, and a sentence where they are damaged."""

import base64
import io
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from PIL import Image

from annotriage.annotations.label_studio.brush import BrushMask, PngMask, unpacked_alpha
from annotriage.images import UnreadableImageError
from tests.annotations.studio_exports import disc, packed, rgba

SMALL = [0, 0, 0, 24, 57, 27, 252, 96, 19, 255, 219, 0, 0]
"""`label_studio_sdk.converter.brush.encode_rle` of 2 x 3 pixels: the second and the third of the first row are 255."""


def test_what_its_own_encoder_wrote_comes_back() -> None:
    assert unpacked_alpha(SMALL, (2, 3)).tolist() == [[0, 255, 255], [0, 0, 0]]


@st.composite
def alphas(draw: st.DrawFn) -> NDArray[np.uint8]:
    height, width = draw(st.integers(1, 24)), draw(st.integers(1, 24))
    values = draw(st.sampled_from([[0, 255], [0, 1], [0, 3, 128, 255], list(range(256))]))
    flat = draw(st.lists(st.sampled_from(values), min_size=height * width, max_size=height * width))
    return np.array(flat, np.uint8).reshape(height, width)


@pytest.mark.slow
@given(alpha=alphas(), lengths=st.tuples(*[st.integers(1, 16)] * 4), bits=st.sampled_from([8, 8, 9, 16, 32]))
@settings(max_examples=150, deadline=None)
def test_whatever_is_packed_comes_back(alpha: NDArray[np.uint8], lengths: tuple[int, ...], bits: int) -> None:
    lengths = tuple(sorted(lengths))
    assert (unpacked_alpha(packed(rgba(alpha), bits, lengths), alpha.shape) == alpha).all()


@given(alpha=alphas())
@settings(max_examples=50, deadline=None)
def test_its_own_decoder_agrees(alpha: NDArray[np.uint8]) -> None:
    brush = pytest.importorskip("label_studio_sdk.converter.brush")
    ours = packed(rgba(alpha))
    assert (brush.decode_rle(ours).reshape(*alpha.shape, 4)[..., 3] == alpha).all()
    theirs = brush.encode_rle(rgba(alpha).ravel())
    assert (unpacked_alpha(theirs, alpha.shape) == alpha).all()


def test_channels_that_differ_are_passed_over() -> None:
    pixels = np.zeros((5, 7, 4), np.uint8)
    pixels[..., 0], pixels[..., 1], pixels[1:3, 2:4, 3] = 17, 90, 200
    marked = BrushMask(packed(pixels)).marked((5, 7))
    assert (marked.top, marked.left, marked.inside.tolist()) == (1, 2, [[True, True], [True, True]])


@pytest.mark.parametrize("most", [1, 2, 100, 255])
def test_soft_edges_are_cut_at_half(most: int) -> None:
    alpha = np.array([[0, most // 2, most // 2 + 1, most, 0]], np.uint8)
    marked = BrushMask(packed(rgba(alpha))).marked((1, 5))
    assert marked.inside.sum() == (alpha > most / 2).sum()


def test_nothing_covered_is_nothing_marked() -> None:
    assert not BrushMask(packed(rgba(np.zeros((4, 4))))).marked((4, 4)).inside.size


@pytest.mark.parametrize(
    ("damaged", "words"),
    [
        ([], "breaks off in its first bytes"),
        (SMALL[:6], "breaks off in its first bytes"),
        (SMALL[:-4], "breaks off after"),
        ([0, 0, 0, 28, *SMALL[4:]], "of 7 pixels, its image of 3 × 2"),
        ([*SMALL[:6], 255, 255, 255, 255], "damaged"),
        ([*SMALL, 256], "other things than numbers of 0 to 255"),
        ([*SMALL[:-1], "a"], "other things than numbers of 0 to 255"),
        ("abc", "other things than numbers of 0 to 255"),
        (7.5, "other things than numbers of 0 to 255"),
        ([255] * 4 + SMALL[4:], "of 1,073,741,823 pixels"),
    ],
)
def test_damaged_masks_get_a_sentence(damaged: Any, words: str) -> None:
    with pytest.raises(UnreadableImageError, match=words):
        BrushMask(damaged).marked((2, 3))


@given(data=st.binary(max_size=60), height=st.integers(1, 40), width=st.integers(1, 40))
@settings(max_examples=200, deadline=None)
def test_no_bytes_break_it(data: bytes, height: int, width: int) -> None:
    number = (4 * height * width).to_bytes(4, "big")
    for each in (data, number + data):
        try:
            BrushMask(each).marked((height, width))
        except UnreadableImageError:
            pass


def png(image: Image.Image) -> str:
    file = io.BytesIO()
    image.save(file, "PNG")
    return "data:image/png;base64," + base64.b64encode(file.getvalue()).decode()


def test_a_bitmask_is_what_is_not_transparent() -> None:
    inside = disc(20, 15, 9, (40, 50))
    black_on_nothing = np.zeros((40, 50, 4), np.uint8)
    black_on_nothing[..., 3] = inside * 255
    marked = PngMask(png(Image.fromarray(black_on_nothing))).marked((40, 50))
    assert marked.inside.sum() == inside.sum()
    without_alpha = PngMask(png(Image.fromarray(inside.astype(np.uint8) * 255))).marked((40, 50))
    assert without_alpha.inside.sum() == inside.sum()


@pytest.mark.parametrize(
    ("address", "words"),
    [
        ("data:image/png;base64,AAAA", "damaged"),
        ("data:image/png;base64,@@@", "damaged"),
        ("", "damaged"),
        (png(Image.new("RGBA", (50, 40)))[:-40], "damaged"),
        (png(Image.new("RGBA", (51, 40))), "51 × 40 large, its image 50 × 40"),
    ],
)
def test_damaged_bitmasks_get_a_sentence(address: str, words: str) -> None:
    with pytest.raises(UnreadableImageError, match=words):
        PngMask(address).marked((40, 50))
