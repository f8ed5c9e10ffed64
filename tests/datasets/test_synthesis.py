"""The drawings: repeatable, ambiguous where they are meant to be, and like real images."""

import csv
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from annotriage.datasets.labels import read_labels
from annotriage.datasets.synthesis import TRUTH, Drawing, draw_lesion, write_demo_folder
from annotriage.datasets.synthesis.plan import TROUBLES
from annotriage.errors import AnnotriageError
from annotriage.images import find_images, read_rgb

SMALL = (96, 96)


@pytest.fixture(scope="module")
def drawings() -> tuple[list[Drawing], list[Drawing]]:
    """Ambiguous and clear ones."""
    ambiguous, clear = (
        [draw_lesion(seed, ambiguous=kind, size=(160, 160)) for seed in range(60)] for kind in (True, False)
    )
    return ambiguous, clear


@pytest.mark.slow
@settings(deadline=None, max_examples=25)
@given(st.integers(0, 2**63), st.booleans(), st.sampled_from([SMALL, (128, 200), (257, 129)]))
def test_a_seed_is_a_drawing(seed: int, ambiguous: bool, size: tuple[int, int]) -> None:
    drawing, again = (draw_lesion(seed, ambiguous=ambiguous, size=size) for _ in range(2))
    assert np.array_equal(drawing.rgb, again.rgb)
    assert np.array_equal(drawing.mask, again.mask)
    assert (drawing.ambiguity, drawing.features) == (again.ambiguity, again.features)
    assert drawing.rgb.shape == (*size, 3)
    assert drawing.rgb.dtype == np.uint8
    assert drawing.mask.shape == size
    assert drawing.mask.dtype == np.float32
    assert 0 <= drawing.mask.min() <= drawing.mask.max() <= 1
    assert 0 < drawing.ambiguity < 1
    assert drawing.features.ambiguous == ambiguous


def test_a_drawing_is_never_too_small_to_show_anything() -> None:
    with pytest.raises(ValueError, match="64 pixels"):
        draw_lesion(0, ambiguous=True, size=(63, 200))


@pytest.mark.slow
def test_every_ambiguous_image_is_more_ambiguous_than_every_clear_one(drawings) -> None:
    ambiguous, clear = ([drawing.ambiguity for drawing in kind] for kind in drawings)
    assert max(clear) < 0.15 < min(ambiguous)
    # The real labels' quartiles of 1 - Dice are 0.07 and 0.28, and one in ten is above 0.5.
    assert max(ambiguous) < 0.75
    assert {trouble for drawing in drawings[0] for trouble in drawing.features.troubles} == set(TROUBLES)


@pytest.mark.slow
def test_nuisances_are_in_clear_images_too_but_less_often(drawings) -> None:
    def shares(kind: list[Drawing]) -> list[float]:
        plans = [drawing.features for drawing in kind]
        return [
            float(np.mean([check(plan) for plan in plans]))
            for check in (lambda p: p.hairs > 0, lambda p: p.ruler, lambda p: p.ink > 0)
        ]

    for of_ambiguous, of_clear in zip(*map(shares, drawings), strict=True):
        assert 0 < of_clear < of_ambiguous < 1


@pytest.mark.slow
def test_clear_lesions_are_sizeable_dark_and_single_with_a_sharp_border(drawings) -> None:
    for drawing in drawings[1]:
        inside, outside = drawing.mask > 0.9, drawing.mask < 0.1
        assert 0.02 < inside.mean() < 0.6
        assert 1 - inside.mean() - outside.mean() < 0.25
        near = outside & (drawing.rgb.max(2) > 40)  # not the dark corners
        skin, lesion = (np.median(drawing.rgb[where], axis=0)[1] for where in (near, inside))
        assert lesion < 0.8 * skin
        assert drawing.features.lesions == 1


@pytest.mark.slow
def test_ambiguity_is_what_people_drawing_from_the_mask_would_disagree() -> None:
    # A person's border lies where the mask exceeds a number that is drawn evenly from 0..1.
    people = (np.arange(40) + 0.5) / 40
    compared = 0
    for seed in range(60):
        drawing = draw_lesion(seed, ambiguous=seed % 2 == 0, size=(128, 128))
        if drawing.features.lesions > 1 or drawing.mask.max() < 0.97:
            continue  # beside several lesions, or of a mere spot, people also choose what to draw at all
        drawn = np.array([(drawing.mask > each).ravel() for each in people], np.float32)
        common, areas = drawn @ drawn.T, drawn.sum(1)
        dice = (2 * common / np.maximum(areas[:, None] + areas, 1))[np.triu_indices(40, 1)]
        assert 1 - dice.mean() == pytest.approx(drawing.ambiguity, abs=0.03)
        compared += 1
    assert compared > 30


def test_drawings_have_the_colours_of_real_images(drawings, shared_data: Path) -> None:
    real = [read_rgb(path, (64, 64)) for path in sorted((shared_data / "isic" / "images").glob("*.jpg"))[::40]]
    drawn = [np.asarray(Image.fromarray(drawing.rgb).resize((64, 64))) for kind in drawings for drawing in kind]
    real_medians, drawn_medians = (
        np.array([np.median(rgb, axis=(0, 1)) for rgb in images]) for images in (real, drawn)
    )
    assert np.abs(np.median(real_medians, axis=0) - np.median(drawn_medians, axis=0)).max() < 30
    low, high = real_medians.min(axis=0) - 25, real_medians.max(axis=0) + 25
    assert ((drawn_medians >= low) & (drawn_medians <= high)).all()


def test_a_demo_folder(tmp_path: Path) -> None:
    images = write_demo_folder(tmp_path / "demo", 7, seed=3, size=SMALL)
    names = [f"lesion_{number:03}.jpg" for number in range(1, 8)]
    assert [image.name for image in images] == names
    assert sum(image.ambiguous for image in images) == 4
    assert sorted(path.name for path in (tmp_path / "demo").iterdir()) == [*names, TRUTH]
    assert [(image.name, image.problem) for image in find_images(tmp_path / "demo")] == [(name, None) for name in names]
    assert read_rgb(tmp_path / "demo" / names[0]).shape == (*SMALL, 3)
    with (tmp_path / "demo" / TRUTH).open(newline="") as stream:
        rows = list(csv.DictReader(stream))
    assert [row["image"] for row in rows] == names
    assert [row["ambiguous"] == "1" for row in rows] == [image.ambiguous for image in images]
    assert [bool(row["troubles"]) for row in rows] == [image.ambiguous for image in images]


def test_the_truth_is_a_metrics_table(tmp_path: Path) -> None:
    images = write_demo_folder(tmp_path, 5, size=SMALL)
    table = read_labels(tmp_path / TRUTH, ["ambiguity", "contrast"])
    assert [row.dice for row in table.rows] == pytest.approx([1 - image.ambiguity for image in images], abs=1e-4)


def test_an_earlier_demo_is_replaced_and_what_stays_the_same_is_not_touched(tmp_path: Path) -> None:
    write_demo_folder(tmp_path, 12, seed=0, size=SMALL)
    (tmp_path / "my own.jpg").write_bytes(b"mine")
    before = {path.name: path.stat().st_mtime_ns for path in tmp_path.glob("lesion_*.jpg")}
    write_demo_folder(tmp_path, 12, seed=0, size=SMALL)
    assert {path.name: path.stat().st_mtime_ns for path in tmp_path.glob("lesion_*.jpg")} == before
    write_demo_folder(tmp_path, 2, seed=1, size=SMALL)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["lesion_001.jpg", "lesion_002.jpg", "my own.jpg", TRUTH]
    assert (tmp_path / "my own.jpg").read_bytes() == b"mine"


@pytest.mark.parametrize("name", ["lesion_002.jpg", TRUTH])
def test_other_files_are_never_overwritten(name: str, tmp_path: Path) -> None:
    (tmp_path / name).write_bytes(b"mine")
    with pytest.raises(AnnotriageError, match="did not draw and would overwrite"):
        write_demo_folder(tmp_path, 3, size=SMALL)
    assert [path.name for path in tmp_path.iterdir()] == [name]
    assert (tmp_path / name).read_bytes() == b"mine"


def test_a_folder_that_cannot_be_made(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(AnnotriageError, match="name another folder"):
        write_demo_folder(tmp_path / "file" / "demo", 1, size=SMALL)
