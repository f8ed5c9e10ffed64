"""Groups of nearly the same picture: whatever the order, with copies, without chains; found among real images."""

import io
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from annotriage.images import ImageFile, read_rgb
from annotriage.images.likeness import NEAR, groups_of, near_among
from annotriage.images.looks import NUMBERS, PARTS, look_of
from annotriage.model_file import open_model_file
from annotriage.scoring.prediction import Prediction
from annotriage.triage.alone import ALONE, first_of_group
from annotriage.triage.catalogue import Catalogue
from annotriage.triage.decisions import Decision, Review
from annotriage.triage.ranking import rank, with_groups
from annotriage.triage.selection import most_contentious
from annotriage.triage.session import Session
from annotriage.triage.store import SessionStore
from tests.tiny_models import write_tiny_model

pytestmark = pytest.mark.copies


def some_looks(places: list[list[float]]) -> np.ndarray:
    """Return looks whose parts are all where the whole is."""
    looks = np.zeros((len(places), PARTS, NUMBERS), np.float32)
    if places:
        looks[:, :, :2] = np.array(places, np.float32)[:, None]
    return looks.reshape(len(places), PARTS * NUMBERS)


def partition(group: np.ndarray, names: list[int]) -> set[frozenset[int]]:
    return {
        frozenset(name for name, its in zip(names, group.tolist(), strict=True) if its == number)
        for number in set(group.tolist()) - {ALONE}
    }


PLACES = st.lists(st.lists(st.integers(0, 12).map(lambda value: value / 4), min_size=2, max_size=2), max_size=14)


@settings(deadline=None, max_examples=40)
@given(PLACES, st.randoms(use_true_random=False))
def test_the_order_of_images_changes_nothing(places: list[list[float]], random: object) -> None:
    order = list(range(len(places)))
    random.shuffle(order)  # type: ignore[attr-defined]
    looks = some_looks(places)
    straight = partition(groups_of(looks, 0.6), list(range(len(places))))
    assert partition(groups_of(looks[order], 0.6), order) == straight


@settings(deadline=None, max_examples=40)
@given(PLACES.filter(bool), st.data())
def test_a_copy_joins_the_group_of_its_image_and_moves_no_other(places: list[list[float]], data: st.DataObject) -> None:
    row = data.draw(st.integers(0, len(places) - 1))
    looks = some_looks(places)
    before, after = groups_of(looks, 0.6), groups_of(np.concatenate([looks, looks[row : row + 1]]), 0.6)
    assert after[-1] == after[row] != ALONE
    names = list(range(len(places)))
    ignoring = {group for group in partition(after[:-1], names) if len(group) > 1}
    assert ignoring == partition(before, names)


def test_a_chain_does_not_become_one_group() -> None:
    chain = some_looks([[0.5 * step, 0.0] for step in range(40)])
    group = groups_of(chain, 0.6)
    assert np.bincount(group[group != ALONE]).max() <= 4
    assert (groups_of(chain, 30.0) == 0).all()


def test_the_copies_of_one_picture_are_one_group_though_far_from_each_other() -> None:
    star = some_looks([[0.0, 0.0], [0.5, 0.0], [-0.3, 0.0], [5.0, 5.0]])
    assert groups_of(star, 0.6).tolist() == [0, 0, 0, ALONE]


def test_what_is_not_known_is_alone_and_many_equal_ones_are_one() -> None:
    looks = some_looks([[1.0, 1.0]] * 5_000 + [[9.0, 9.0]])
    looks[7] = np.nan
    group = groups_of(looks)
    assert group[7] == group[-1] == ALONE
    assert (np.delete(group, [7, 5_000]) == 0).all()
    assert groups_of(np.full((3, PARTS * NUMBERS), np.nan)).tolist() == [ALONE] * 3
    assert groups_of(looks[:0]).tolist() == []


def test_of_more_images_nearer_ones_are_asked_for() -> None:
    assert near_among(10) == NEAR == near_among(3_000)
    assert near_among(100_000) < near_among(10_000) < NEAR


def test_of_a_group_the_first_counts() -> None:
    group = np.array([ALONE, 1, 1, 0, ALONE, 0])
    assert first_of_group(group, np.array([5, 4, 3, 2, 1, 0])).tolist() == [True, True, False, True, False, True]


def test_one_of_a_group_is_sent_and_none_where_the_experts_have_one() -> None:
    names = [f"{number}.png" for number in range(5)]
    catalogue = Catalogue(Path("f"), [ImageFile(Path(name), name, 1, 1, None) for name in names])
    for row in range(5):
        catalogue.set_prediction(row, Prediction(Path(names[row]), 0.1 + 0.1 * row, 0.0, 1.0))
    catalogue.set_groups({"0.png": 3, "2.png": 3, "9.png": 3})
    assert catalogue.group_rows(2) == [0]
    assert catalogue.group_rows(1) == []
    assert most_contentious(catalogue, count=3).tolist() == [0, 1, 3]
    catalogue.set_reviews({"2.png": Review(decision=Decision.EXPERT)})
    assert most_contentious(catalogue, count=3).tolist() == [1, 3, 4]


def copies(image: Image.Image) -> dict[str, Image.Image]:
    """Return copies of an image, as people and programs make them."""
    width, height = image.size
    saved = io.BytesIO()
    image.save(saved, "JPEG", quality=40)
    return {
        "cropped": image.crop((width // 20, height // 20, width - width // 20, height - height // 20)),
        "turned": image.rotate(90, expand=True),
        "turned a little": image.rotate(3, Image.Resampling.BILINEAR),
        "mirrored": image.transpose(Image.Transpose.FLIP_LEFT_RIGHT),
        "saved again": Image.open(saved).convert("RGB"),
        "darker": Image.fromarray((np.asarray(image) * 0.8).astype(np.uint8)),
    }


@pytest.mark.slow
def test_copies_of_real_images_are_found_and_others_are_not(shared_data: Path) -> None:
    files = sorted((shared_data / "isic" / "images").iterdir())[::90]
    looks, of = [], []
    for number, file in enumerate(files):
        image = Image.fromarray(read_rgb(file))
        for each in (image, *copies(image).values()):
            looks.append(look_of(np.asarray(each.resize((192, 192), Image.Resampling.BOX))))
            of.append(number)
    group, owner = groups_of(np.stack(looks)).reshape(len(files), -1), np.array(of).reshape(len(files), -1)
    found = (group[:, 1:] == group[:, :1]) & (group[:, :1] != ALONE)
    assert found.mean() > 0.93
    mixed = [number for number in set(group.ravel().tolist()) - {ALONE} if len(set(owner[group == number])) > 1]
    assert len(mixed) <= 1


def test_groups_are_found_from_the_store_and_numbered_by_rank(tmp_path: Path) -> None:
    from annotriage.datasets.synthesis.drawing import draw_lesion

    folder = tmp_path / "images"
    folder.mkdir()
    for number in range(4):
        image = Image.fromarray(draw_lesion(number, ambiguous=False, size=(128, 128)).rgb)
        image.save(folder / f"{number}.png")
        if number == 2:
            image.transpose(Image.Transpose.FLIP_TOP_BOTTOM).save(folder / "2 again.png")
    model = open_model_file(write_tiny_model(tmp_path / "tiny.onnx"))
    with SessionStore(tmp_path / "store.sqlite") as store:
        session = Session(folder, model, store)
        assert session.groups(["0.png"]) == {}
        list(session.score())
        found = session.groups(session.predictions)
        assert found == {"2.png": 0, "2 again.png": 0}
        assert session.groups(["2.png", "0.png"]) == {}
        lines = with_groups(rank(session.results()), found)
        assert {line.image: line.group for line in lines if line.group} == {"2.png": 1, "2 again.png": 1}
