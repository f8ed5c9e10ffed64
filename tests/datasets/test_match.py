from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from annotriage.datasets.labels import Label, LabelTable, Problem, read_labels
from annotriage.datasets.match import Matched, match_labels
from annotriage.errors import AnnotriageError
from annotriage.images import ImageFile, find_images
from annotriage.names import stem_of


def labels(dice: dict[str, float] | list[tuple[str, float]], problems: list[Problem] | None = None) -> LabelTable:
    pairs = list(dice.items()) if isinstance(dice, dict) else dice
    return LabelTable(
        [Label(name, stem_of(name), v) for name, v in pairs], problems or [], "0" * 64, Path("metrics.csv")
    )


def files(*names: str, problem: str | None = None) -> list[ImageFile]:
    return [ImageFile(Path("folder") / name, name, 1, 1, problem) for name in names]


def pairs(matched: Matched) -> dict[str, str]:
    return {label.image: image.name for label, image in zip(matched.labels, matched.images, strict=True)}


def left_out(matched: Matched) -> dict[str, list[str]]:
    return {problem.what: problem.names for problem in matched.problems}


@pytest.mark.parametrize(
    ("label", "image"),
    [
        ("ISIC_1.jpg", "ISIC_1.jpg"),
        ("ISIC_1.JPG", "ISIC_1.jpg"),
        ("ISIC_1", "sub/ISIC_1.png.jpg"),
        ("other/isic_1.jpeg", "sub/ISIC_1.TIF"),
    ],
)
def test_ways_to_name_an_image(label: str, image: str) -> None:
    matched = match_labels(labels({label: 0.5}), files(image, "another.jpg"))
    assert pairs(matched) == {label: image}
    assert matched.labels[0].stem == "ISIC_1"
    assert left_out(matched) == {"images without a label": ["another.jpg"]}


def test_the_full_name_goes_before_case_and_case_before_the_stem() -> None:
    matched = match_labels(
        labels({"a.png": 0.1, "a.jpg": 0.2, "B.JPG": 0.3}), files("a.jpg", "A.JPG", "a.png", "b.jpg", "b.png")
    )
    assert pairs(matched) == {"a.png": "a.png", "a.jpg": "a.jpg", "B.JPG": "b.jpg"}
    assert left_out(matched) == {"images without a label": ["A.JPG", "b.png"]}


def test_a_label_that_could_mean_two_images_means_none() -> None:
    matched = match_labels(labels({"a": 0.1, "b": 0.2}), files("x/a.jpg", "y/a.jpg", "b.jpg"))
    assert pairs(matched) == {"b": "b.jpg"}
    assert left_out(matched) == {
        "labels that could mean several images": ["a"],
        "images without a label": ["x/a.jpg", "y/a.jpg"],
    }


def test_a_folder_before_the_stem_tells_images_of_one_name_apart() -> None:
    matched = match_labels(labels({"bob/ISIC_1": 0.5, "eve/ISIC_1": 0.7}), files("bob/ISIC_1.jpg", "eve/ISIC_1.png"))
    assert pairs(matched) == {"bob/ISIC_1": "bob/ISIC_1.jpg", "eve/ISIC_1": "eve/ISIC_1.png"}


def test_another_kind_of_file_of_the_same_name_is_another_image() -> None:
    matched = match_labels(labels({"a.jpg": 0.1, "a.png": 0.9}), files("a.jpg"))
    assert pairs(matched) == {"a.jpg": "a.jpg"}
    assert left_out(matched) == {"labels without an image": ["a.png"]}


def test_labels_that_contradict_each_other_leave_their_image_out() -> None:
    matched = match_labels(labels({"a.jpg": 0.1, "a": 0.9, "b.jpg": 0.5, "b": 0.5}), files("a.jpg", "b.jpg"))
    assert pairs(matched) == {"b.jpg": "b.jpg"}
    assert left_out(matched) == {
        "labels that contradict another of the same image; none is used": ["a.jpg", "a"],
        "labels that repeat another; one of each is used": ["b"],
    }


def test_images_of_one_name_in_two_folders_get_different_keys() -> None:
    matched = match_labels(labels({"x/a.jpg": 0.1, "y/a.jpg": 0.2, "b.jpg": 0.3}), files("x/a.jpg", "y/a.jpg", "b.jpg"))
    assert [label.stem for label in matched.labels] == ["x/a", "y/a", "b"]
    matched = match_labels(labels({"a.jpg": 0.1, "a.png": 0.2}), files("a.jpg", "a.png"))
    assert [label.stem for label in matched.labels] == ["a.jpg", "a.png"]


def test_unreadable_images_are_left_out_by_name() -> None:
    images = files("a.jpg", problem="The file is empty.") + files("b.jpg")
    matched = match_labels(labels({"a.jpg": 0.1, "b.jpg": 0.2}, [Problem("rows without a Dice", ["c"])]), images)
    assert pairs(matched) == {"b.jpg": "b.jpg"}
    assert left_out(matched) == {"rows without a Dice": ["c"], "labelled images that cannot be read": ["a.jpg"]}


@pytest.mark.parametrize("images", [[], files("b.jpg"), files("a.jpg", problem="The file is empty.")])
def test_nothing_left_is_an_error(images: list[ImageFile]) -> None:
    with pytest.raises(AnnotriageError, match=r"No label of metrics\.csv has an image that can be read"):
        match_labels(labels({"a.jpg": 0.1}), images)


NAMES = st.builds(
    "{}{}{}".format,
    st.sampled_from(["", "x/", "y/"]),
    st.sampled_from("abAB"),
    st.sampled_from(["", ".jpg", ".JPG", ".png.jpg"]),
)


@pytest.mark.slow
@given(st.lists(st.tuples(NAMES, st.sampled_from([0.1, 0.9])), unique_by=lambda pair: pair[0]), st.sets(NAMES))
def test_no_image_is_used_twice_and_every_label_is_accounted_for(
    rows: list[tuple[str, float]], names: set[str]
) -> None:
    try:
        matched = match_labels(labels(rows), files(*sorted(names)))
    except AnnotriageError:
        return
    used = [image.name for image in matched.images]
    assert len(set(used)) == len(used) == len({label.stem for label in matched.labels})
    for label, name in pairs(matched).items():
        assert stem_of(label).casefold() == stem_of(name).casefold()
    named = [name for what, those in left_out(matched).items() if what != "images without a label" for name in those]
    assert sorted(named + list(pairs(matched))) == sorted(name for name, _ in rows)


@pytest.mark.slow
def test_real_labels_find_their_images(shared_data: Path) -> None:
    images = find_images(shared_data / "isic" / "images")
    ours = match_labels(read_labels(shared_data / "isic" / "metrics.csv"), images)
    theirs = match_labels(read_labels(shared_data / "ima" / "image_level_metrics.csv"), images)
    assert len(ours.labels) == 835
    assert ours.images == theirs.images
    assert {what: len(names) for what, names in left_out(theirs).items()} == {
        "labels without an image": 2194 - 835,
        "images without a label": len(images) - 835,
    }
