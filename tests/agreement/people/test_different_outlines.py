"""Which outlines of a person differ most, and in what."""

from pathlib import Path

import numpy as np
import pytest

from annotriage.agreement.finding import find_masks
from annotriage.agreement.people.different_outlines import OutlineKind, find_different, load_picture
from tests.agreement.masks import Mask, disc, write_mask

SIZE = (200, 260)


def round_one(row: float = 100, column: float = 130, radius: float = 40) -> Mask:
    return disc(*SIZE, row=row, column=column, radius=radius)


def ragged() -> Mask:
    y, x = np.mgrid[: SIZE[0], : SIZE[1]]
    angle = np.arctan2(y - 100, x - 130)
    return np.hypot(y - 100, x - 130) <= 40 * (1 + 0.12 * np.sin(14 * angle))


WITH_PIECE = round_one() | round_one(row=25, column=40, radius=14)


@pytest.mark.parametrize(
    ("mine", "theirs", "kind"),
    [
        (round_one(radius=50), round_one(), OutlineKind.LARGER),
        (round_one(radius=30), round_one(), OutlineKind.SMALLER),
        (round_one(column=150), round_one(), OutlineKind.PLACE),
        (round_one(column=30), round_one(column=200), OutlineKind.PLACE),
        (ragged(), round_one(), OutlineKind.RAGGED),
        (round_one(), WITH_PIECE, OutlineKind.MISSED),
        (WITH_PIECE, round_one(), OutlineKind.EXTRA),
        (np.zeros(SIZE, bool), round_one(), OutlineKind.MISSED),
    ],
)
def test_in_what_an_outline_differs(tmp_path: Path, mine: Mask, theirs: Mask, kind: OutlineKind) -> None:
    for who, mask in (("me", mine), ("bob", theirs), ("carol", theirs)):
        write_mask(tmp_path / who / "a.png", mask)
    (found,) = find_different(find_masks([tmp_path / who for who in ("me", "bob", "carol")]), "me", threads=1)
    assert (found.image, found.kind) == ("a", kind)
    picture = load_picture(found, "me")
    assert np.array_equal(picture.own, mine) and [name for name, _ in picture.others] == ["bob", "carol"]


def test_alike_outlines_are_not_shown(tmp_path: Path) -> None:
    for who, radius in (("me", 40.0), ("bob", 41.0)):
        write_mask(tmp_path / who / "a.png", round_one(radius=radius))
    assert find_different(find_masks([tmp_path / "me", tmp_path / "bob"]), "me", threads=1) == []


def test_the_most_different_come_first_and_only_a_few(tmp_path: Path) -> None:
    for number in range(8):
        write_mask(tmp_path / "me" / f"i{number}.png", round_one(radius=46 + 3 * number))
        write_mask(tmp_path / "bob" / f"i{number}.png", round_one())
    found = find_different(find_masks([tmp_path / "me", tmp_path / "bob"]), "ME", threads=1)
    assert [each.image for each in found] == ["i7", "i6", "i5"]
