"""Many images, good ones and bad ones."""

import math
import os
import threading
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from annotriage.agreement.consensus import Consensus, disagreement_map
from annotriage.agreement.consensus_pictures import Pictures
from annotriage.agreement.finding import find_masks
from annotriage.agreement.mask_set import MaskSet
from annotriage.agreement.measuring import ImageAgreement, load_masks, measure
from annotriage.agreement.overlaps import dice
from annotriage.errors import AnnotriageError
from tests.agreement.masks import disc, write_mask

BOB, AL, CAROL = disc(), disc(column=44), disc(row=33)


def masks_of(tmp_path: Path) -> MaskSet:
    return find_masks([tmp_path], "{annotator}/{image}")


def measured(tmp_path: Path, **options: bool) -> dict[str, ImageAgreement]:
    return {each.image: each for each in measure(masks_of(tmp_path), threads=2, **options)}


def test_in_natural_order_and_equal_to_the_masks_themselves(tmp_path: Path) -> None:
    for number in range(12):
        write_mask(tmp_path / "bob" / f"a{number}.png", BOB)
        write_mask(tmp_path / "al" / f"a{number}.jpg", disc(column=40 + number))
    results = list(measure(masks_of(tmp_path), threads=3))
    assert [each.image for each in results] == [f"a{number}" for number in range(12)]
    for number, each in enumerate(results):
        assert each.agreement is not None
        assert each.agreement.size == (60, 80)
        assert each.agreement.dice_mean == pytest.approx(dice(BOB, disc(column=40 + number)), abs=0.01)
        assert [row.annotator for row in each.rows] == ["al", "bob"]
        assert each.graded == 1, "the JPEG"
    assert not any(each.problems for each in results[1:])


def test_each_problem_is_said_and_stops_nothing(tmp_path: Path) -> None:
    for image in ("cut", "one", "sizes", "linked", "copied", "good", "all_bad", "gone", "empty"):
        write_mask(tmp_path / "bob" / f"{image}.png", BOB)
        if image != "one":
            write_mask(tmp_path / "al" / f"{image}.png", AL)
        if image not in ("one", "all_bad"):
            write_mask(tmp_path / "carol" / f"{image}.png", CAROL)
    whole = (tmp_path / "al" / "cut.png").read_bytes()
    (tmp_path / "al" / "cut.png").write_bytes(whole[: len(whole) // 2])
    for person in ("bob", "al"):
        (tmp_path / person / "all_bad.png").write_bytes(b"no mask")
    write_mask(tmp_path / "al" / "sizes.png", disc(30, 40, row=15, column=20, radius=8))
    (tmp_path / "al" / "linked.png").unlink()
    os.link(tmp_path / "bob" / "linked.png", tmp_path / "al" / "linked.png")
    (tmp_path / "al" / "copied.png").write_bytes((tmp_path / "bob" / "copied.png").read_bytes())
    write_mask(tmp_path / "al" / "empty.png", np.zeros((60, 80), np.bool_))
    found = masks_of(tmp_path)
    (tmp_path / "carol" / "gone.png").unlink()
    results = {each.image: each for each in measure(found, threads=2)}

    words = {
        "cut": ("cut.png cannot be read", "cut off"),
        "one": ("Only bob drew it",),
        "sizes": ("different sizes", "40 × 30", "80 × 60"),
        "linked": ("the same file", "counts once"),
        "copied": ("al and bob are the same, pixel by pixel",),
        "all_bad": ("no mask that can be read",),
        "gone": ("no longer there",),
    }
    assert {image for image, each in results.items() if each.problems} == words.keys()
    for image, several in words.items():
        for word in several:
            assert word in results[image].error
    counts = {image: each.agreement.count for image, each in results.items() if each.agreement is not None}
    assert counts == {"cut": 2, "linked": 2, "copied": 3, "good": 3, "gone": 2, "empty": 3}
    empty = results["empty"].agreement
    assert empty is not None and empty.dice_min == 0
    assert empty.hausdorff_mean == pytest.approx(3), "of those who drew something"


def test_masks_that_lie_across_are_not_resampled_and_stretched_ones_are_told(tmp_path: Path) -> None:
    write_mask(tmp_path / "turned" / "bob" / "a.png", BOB)
    write_mask(tmp_path / "turned" / "al" / "a.png", np.rot90(BOB))
    turned = measured(tmp_path / "turned", resample=True)["a"]
    assert turned.agreement is None and "turn them by a quarter" in turned.error
    write_mask(tmp_path / "cut" / "bob" / "a.png", BOB)
    write_mask(tmp_path / "cut" / "al" / "a.png", BOB[10:50, 5:75])
    cut = measured(tmp_path / "cut", resample=True)["a"]
    assert cut.agreement is not None and "stretched" in cut.error


def test_masks_of_different_sizes_are_resampled_on_request(tmp_path: Path) -> None:
    write_mask(tmp_path / "bob" / "a.png", disc(120, 160, row=60, column=80, radius=30))
    write_mask(tmp_path / "al" / "a.png", disc())
    assert measured(tmp_path)["a"].agreement is None
    result = measured(tmp_path, resample=True)["a"]
    assert result.agreement is not None
    assert result.agreement.size == (120, 160)
    assert result.agreement.dice_mean > 0.95
    assert "brought to 160 × 120" in result.error


def test_all_empty_masks_agree(tmp_path: Path) -> None:
    for person in ("bob", "al"):
        write_mask(tmp_path / person / "a.png", np.zeros((60, 80), np.bool_))
    agreement = measured(tmp_path)["a"].agreement
    assert agreement is not None
    assert (agreement.dice_mean, agreement.hd95_mean) == (1, 0)
    assert math.isnan(agreement.fleiss_kappa)
    assert not measured(tmp_path)["a"].problems, "to mark nothing is no copy"


def test_stop(tmp_path: Path) -> None:
    for number in range(60):
        for person in ("bob", "al"):
            write_mask(tmp_path / person / f"a{number}.png", BOB if person == "bob" else AL)
    stop = threading.Event()
    seen = []
    for each in measure(masks_of(tmp_path), threads=2, stop=stop):
        seen.append(each.image)
        stop.set()
    assert 1 <= len(seen) < 20
    assert seen == [f"a{number}" for number in range(len(seen))]
    assert not [thread for thread in threading.enumerate() if thread.name.startswith("annotriage")]


def test_pictures(tmp_path: Path) -> None:
    masks = np.stack([AL, BOB, CAROL])
    for name, mask in zip(("al", "bob", "carol"), masks, strict=True):
        write_mask(tmp_path / "m" / name / "sub" / "a.png", mask)
        write_mask(tmp_path / "m" / name / "b.png", mask)
    pictures = Pictures(Consensus.MAJORITY, tmp_path / "agreed", tmp_path / "maps")
    results = list(measure(find_masks([tmp_path / "m"]), pictures=pictures, threads=2))
    assert [each.image for each in results] == ["b", "sub/a"]
    agreed = np.asarray(Image.open(tmp_path / "agreed" / "sub" / "a.png"))
    assert set(np.unique(agreed)) == {0, 255}
    assert ((agreed > 0) == (masks.sum(axis=0) > 1)).all()
    drawn = np.asarray(Image.open(tmp_path / "maps" / "b.png"))
    np.testing.assert_allclose(drawn / 255, disagreement_map(masks), atol=1 / 255)


def test_names_do_not_lead_out_of_the_folder(tmp_path: Path) -> None:
    Pictures(maps_folder=tmp_path / "maps").write("../../c:/x\\../evil", np.stack([AL, BOB]))
    assert [path.relative_to(tmp_path).as_posix() for path in tmp_path.rglob("*.png")] == ["maps/c_/x/evil.png"]


def test_a_picture_that_cannot_be_written_is_a_problem_of_its_image(tmp_path: Path) -> None:
    for name, mask in {"al": AL, "bob": BOB}.items():
        write_mask(tmp_path / "m" / name / "a.png", mask)
    (tmp_path / "maps").write_text("a file")
    (result,) = measure(find_masks([tmp_path / "m"]), pictures=Pictures(maps_folder=tmp_path / "maps"), threads=1)
    assert "cannot be made" in result.error
    assert result.agreement is not None


def test_staple_without_simpleitk_is_refused_at_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "SimpleITK", None)
    with pytest.raises(AnnotriageError, match="SimpleITK"):
        Pictures(Consensus.STAPLE, tmp_path)


def test_loaded_masks_for_showing(tmp_path: Path) -> None:
    write_mask(tmp_path / "al" / "a.png", AL)
    write_mask(tmp_path / "bob" / "a.png", BOB)
    loaded = load_masks(masks_of(tmp_path).images[0].rows)
    assert loaded.size == (60, 80)
    assert (loaded.whole() == np.stack([AL, BOB])).all()
    rows, columns = np.nonzero(AL | BOB)
    assert loaded.marked_part().shape[1:] == (np.ptp(rows) + 1, np.ptp(columns) + 1)
    assert loaded.marked_part().sum() == loaded.whole().sum()


def test_a_mask_of_every_pixel_is_named(tmp_path: Path) -> None:
    for image in ("white", "good"):
        write_mask(tmp_path / "bob" / f"{image}.png", BOB)
        write_mask(tmp_path / "al" / f"{image}.png", AL)
    write_mask(tmp_path / "al" / "white.png", np.ones_like(AL))
    results = measured(tmp_path)
    assert results["white"].problems == ("white.png of al marks every pixel: nobody may have drawn in it.",)
    assert results["white"].agreement is not None, "it is compared all the same"
    assert not results["good"].problems
