from collections import Counter
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from annotriage.datasets.clinical import read_groups
from annotriage.datasets.labels import read_labels
from annotriage.datasets.splits import dice_bins, fold_split, k_folds, split_images
from annotriage.errors import AnnotriageError


@st.composite
def images(draw: st.DrawFn, least: int = 20, most: int = 150) -> tuple[list[str], list[float], dict[str, str]]:
    """Images with a Dice each; some of them in groups of up to six."""
    count = draw(st.integers(least, most))
    random = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    dice = np.round(random.beta(4, 1.3, count), draw(st.sampled_from([1, 2, 6])))
    stems = [f"image{k}" for k in random.permutation(1000)[:count]]
    groups: dict[str, str] = {}
    share = draw(st.sampled_from([0.0, 0.3, 1.0]))
    for start in range(0, count, 3):
        if random.random() < share:
            groups.update(dict.fromkeys(stems[start : start + random.integers(1, 7)], f"patient{start}"))
    return stems, dice.tolist(), groups


FRACTIONS = st.sampled_from(
    [(0.7, 0.15, 0.15), (0.8, 0.1, 0.1), (1 / 3, 1 / 3, 1 / 3), (0.5, 0.3, 0.2), (0.1, 0.2, 0.7)]
)


def check(parts: list[list[str]], fractions, stems: list[str], dice: list[float], groups: dict[str, str]) -> None:
    assert sorted(stem for part in parts for stem in part) == sorted(stems)
    assert all(parts)
    side = {stem: k for k, part in enumerate(parts) for stem in part}
    sides: dict[str, set[int]] = {}
    for stem, group in groups.items():
        sides.setdefault(group, set()).add(side[stem])
    assert all(len(each) == 1 for each in sides.values())
    largest = max(Counter(groups.values()).values(), default=1)
    in_bin = dice_bins(dice, 4)
    for part, fraction in zip(parts, fractions, strict=True):
        assert abs(len(part) - fraction * len(stems)) <= 1 + largest
        held = Counter(int(in_bin[stems.index(stem)]) for stem in part)
        for each in range(4):
            assert abs(held[each] - fraction * int((in_bin == each).sum())) <= 5 + largest


@pytest.mark.slow
@settings(deadline=None)
@given(images(), FRACTIONS, st.integers(0, 1000), st.randoms())
def test_the_laws_of_a_split(given_images, fractions, seed: int, random) -> None:
    stems, dice, groups = given_images
    split = split_images(stems, dice, groups, fractions, seed)
    check([split.train, split.validation, split.test], fractions, stems, dice, groups)
    order = list(range(len(stems)))
    random.shuffle(order)
    renamed = {stem: f"another name of {group}" for stem, group in groups.items()}
    assert split_images([stems[k] for k in order], [dice[k] for k in order], renamed, fractions, seed) == split


@pytest.mark.slow
@settings(deadline=None)
@given(images(), st.integers(2, 10), st.integers(0, 1000), st.randoms())
def test_the_laws_of_folds(given_images, k: int, seed: int, random) -> None:
    stems, dice, groups = given_images
    if len({groups.get(stem, stem) for stem in stems}) < k:
        with pytest.raises(AnnotriageError, match="more labelled images are needed"):
            k_folds(stems, dice, groups, k, seed)
        return
    folds = k_folds(stems, dice, groups, k, seed)
    assert len(folds) == k
    check(folds, [1 / k] * k, stems, dice, groups)
    order = list(range(len(stems)))
    random.shuffle(order)
    assert k_folds([stems[j] for j in order], [dice[j] for j in order], groups, k, seed) == folds


@pytest.mark.slow
@settings(deadline=None)
@given(images(), st.integers(2, 6), st.sampled_from([0.1, 0.125, 0.3]), st.integers(0, 1000))
def test_over_a_cross_validation_every_image_is_tested_once(given_images, k: int, share: float, seed: int) -> None:
    stems, dice, groups = given_images
    if len({groups.get(stem, stem) for stem in stems}) < k + 2:
        return
    splits = [fold_split(stems, dice, groups, k, fold, share, seed) for fold in range(1, k + 1)]
    assert [split.test for split in splits] == k_folds(stems, dice, groups, k, seed)
    for split in splits:
        learned = split.train + split.validation
        values = [dice[stems.index(stem)] for stem in learned]
        kept = {stem: group for stem, group in groups.items() if stem in set(learned)}
        check([split.train, split.validation], [1 - share, share], learned, values, kept)
        assert sorted(learned + split.test) == sorted(stems)
        tested = {groups.get(stem, stem) for stem in split.test}
        assert not tested & {groups.get(stem, stem) for stem in learned}


def test_a_fold_that_there_is_not() -> None:
    with pytest.raises(ValueError, match="fold 4 is not one of 3"):
        fold_split(["a", "b", "c", "d"], [0.1, 0.2, 0.3, 0.4], None, 3, 4, 0.2)


@settings(deadline=None)
@given(images(least=3, most=12), FRACTIONS, st.integers(0, 10))
def test_no_part_is_empty_even_of_a_handful(given_images, fractions, seed: int) -> None:
    stems, dice, groups = given_images
    try:
        split = split_images(stems, dice, groups, fractions, seed)
    except AnnotriageError as error:
        assert len({groups.get(stem, stem) for stem in stems}) < 3
        assert "more labelled images are needed" in str(error)
    else:
        assert split.train
        assert split.validation
        assert split.test


@pytest.mark.slow
def test_groups_of_every_size_are_tested_by_some_seed() -> None:
    """Those that are alone in their size, too: a result must be about patients of many images as well."""
    sizes = [22, 20, 17, 17, 15, 12, 9, 8, 7, 5, 5, 4, 3, 2, 2] + [1] * 120
    groups = {f"image{place}-{k}": f"patient{place}" for place, size in enumerate(sizes) for k in range(size)}
    stems, random = list(groups), np.random.default_rng(0)
    dice = random.beta(4, 1.3, len(stems))
    reached: list[Counter[str]] = [Counter(), Counter(), Counter()]
    seeds = 200
    for seed in range(seeds):
        split = split_images(stems, dice, groups, seed=seed)
        for part, names in zip(reached, (split.train, split.validation, split.test), strict=True):
            part.update({groups[name] for name in names})
            assert abs(len(names) - len(stems) * (0.7 if part is reached[0] else 0.15)) < 4
    for place in range(15):
        shares = [part[f"patient{place}"] / seeds for part in reached]
        assert shares[0] > 0.4 and min(shares) > 0.02, f"the one of {sizes[place]} images: {shares}"


def test_images_on_their_own_are_split_as_ever() -> None:
    """Splits of data without groups can be made again by any version."""
    stems = [f"image{k}" for k in range(20)]
    split = split_images(stems, np.linspace(0.1, 1, 20), seed=3)
    assert split.test == ["image12", "image19", "image3"]


def test_seeds_differ_and_repeat() -> None:
    stems = [f"image{k}" for k in range(100)]
    dice = np.linspace(0, 1, 100)
    first, again, other = (split_images(stems, dice, seed=seed) for seed in (1, 1, 2))
    assert first == again
    assert first != other


def test_bins_hold_equally_many_and_equal_values_share_one() -> None:
    assert Counter(dice_bins(np.random.default_rng(0).random(1000), 10).tolist()) == dict.fromkeys(range(10), 100)
    repeated = dice_bins([0.5, 0.5, 0.5, 0.9, 0.9, 0.1], 3)
    assert len(set(repeated[:3])) == len(set(repeated[3:5])) == 1


@pytest.mark.parametrize(
    "fractions", [(0.7, 0.3, 0.0), (0.7, 0.2, 0.2), (1.2, -0.1, -0.1), (0.5, 0.5), (float("nan"), 0.5, 0.5)]
)
def test_wrong_fractions(fractions) -> None:
    with pytest.raises(AnnotriageError, match="each must be above 0 and their sum 1"):
        split_images(["a", "b", "c"], [0.1, 0.2, 0.3], None, fractions)


def test_what_does_not_belong_together() -> None:
    with pytest.raises(ValueError, match="one stem of its own"):
        split_images(["a", "a", "b"], [0.1, 0.2, 0.3])
    with pytest.raises(ValueError, match="one finite Dice"):
        split_images(["a", "b", "c"], [0.1, 0.2, np.nan])
    with pytest.raises(ValueError, match="two folds"):
        k_folds(["a", "b"], [0.1, 0.2], None, 1)


def test_real_images_of_a_patient_stay_together(shared_data: Path) -> None:
    rows = read_labels(shared_data / "isic" / "metrics.csv").rows
    groups = read_groups(shared_data / "ima" / "image_metadata.csv")
    dice = {row.stem: row.dice for row in rows}
    split = split_images(list(dice), list(dice.values()), groups)
    parts = [split.train, split.validation, split.test]
    assert [len(part) for part in parts] == pytest.approx([585, 125, 125], abs=2)
    keys = [{groups[stem] for stem in part} for part in parts]
    assert sum(map(len, keys)) == len(set.union(*keys)) < len(rows)
    means = [np.mean([dice[stem] for stem in part]) for part in parts]
    assert max(means) - min(means) < 0.03
