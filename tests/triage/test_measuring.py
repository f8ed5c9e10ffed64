"""What people drew of a folder's images is matched by name, measured once, and counted where it does not fit."""

import threading
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from annotriage.agreement.finding import find_masks
from annotriage.agreement.mask_set import MaskRow
from annotriage.agreement.measuring import ImageAgreement
from annotriage.annotations.annotation import Annotation
from annotriage.images import ImageFile, find_images
from annotriage.triage.annotator_masks import AnnotatorMasks
from annotriage.triage.measured import BESIDE, MaskSource, MeasuredImage, SourceKind
from annotriage.triage.measuring import (
    drawn_beside,
    drawn_images,
    masks_of,
    measure_drawn,
    measured_image,
    touched_only,
)


def write(path: Path, *, width: int = 10, grey: bool = True) -> None:
    """Write a mask whose first columns are marked, or a photograph."""
    path.parent.mkdir(parents=True, exist_ok=True)
    pixels = np.zeros((20, 20), np.uint8)
    pixels[:, :width] = 255
    if grey:
        Image.fromarray(pixels).save(path)
    else:
        noise = np.random.default_rng(len(path.name)).integers(0, 255, (20, 20, 3), np.uint8)
        Image.fromarray(noise).save(path)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "images"
    for name in ("a.jpg", "b.jpg", "below/a.jpg", "c.jpg"):
        write(folder / name, grey=False)
    return folder


def source(*paths: Path, pattern: str | None = None) -> MaskSource:
    return MaskSource(SourceKind.FILES, "two readers", paths, pattern)


def measured(folder: Path, of: MaskSource, known: dict[str, MeasuredImage] | None = None) -> dict[str, MeasuredImage]:
    drawn = drawn_images(masks_of(of), find_images(folder))
    return {one.name: one for one in measure_drawn(drawn.drawn, of, known=known)}


def test_images_are_found_by_name_and_what_is_not_is_counted(folder: Path, tmp_path: Path) -> None:
    for person in ("ann", "bob"):
        for name in ("a.png", "below/a.png", "B.png", "elsewhere.png"):
            write(tmp_path / person / name)
    found = drawn_images(find_masks([tmp_path / "ann", tmp_path / "bob"]), find_images(folder))
    assert {one.file.name for one in found.drawn} == {"a.jpg", "below/a.jpg", "b.jpg"}
    assert found.not_here == ["elsewhere"] and found.unclear == []
    assert found.words == "1 drawn image is not in the folder (elsewhere)."


def test_a_name_that_could_mean_two_images_is_used_for_none(folder: Path, tmp_path: Path) -> None:
    (folder / "a.jpg").rename(folder / "upper.jpg")
    write(folder / "other" / "a.jpg", grey=False)
    for person in ("ann", "bob"):
        write(tmp_path / person / "a.png")
    found = drawn_images(find_masks([tmp_path / "ann", tmp_path / "bob"]), find_images(folder))
    assert found.drawn == [] and found.unclear == ["a"]


def test_it_measures_people_and_no_consensus(folder: Path, tmp_path: Path) -> None:
    for person, width in (("A10", 10), ("A2", 5), ("ST", 20), ("MV", 20)):
        write(tmp_path / "masks" / f"a_{person}.png", width=width)
        write(tmp_path / "masks" / f"b_{person}.png", width=width)
    write(tmp_path / "masks" / "c_A2.png")
    write(tmp_path / "masks" / "c_ST.png")
    (folder / "below" / "a.jpg").unlink()
    by_name = measured(folder, source(tmp_path / "masks", pattern="{image}_{annotator}"))
    one = by_name["a.jpg"]
    assert one.annotators == ("A2", "A10") and one.pairs == ((0, 1, pytest.approx(2 * 5 / 15)),)
    assert (one.dice, one.dice_min) == (pytest.approx(2 / 3), pytest.approx(2 / 3))
    assert one.made_on is not None and one.made_on.fits(next(each for each in find_images(folder)))
    alone = by_name["c.jpg"]
    assert (alone.count, alone.is_measured, alone.problem) == (1, False, "")


def test_nothing_is_measured_twice(folder: Path, tmp_path: Path) -> None:
    for person in ("ann", "bob"):
        write(tmp_path / person / "b.png")
        write(tmp_path / person / "c.png")
    of = source(tmp_path / "ann", tmp_path / "bob")
    first = measured(folder, of)
    assert set(first) == {"b.jpg", "c.jpg"} and measured(folder, of, first) == {}
    write(tmp_path / "bob" / "c.png", width=9)
    again = measured(folder, of, first)
    assert list(again) == ["c.jpg"] and again["c.jpg"].dice == pytest.approx(18 / 19)


def test_masks_beside_the_images_are_found(folder: Path, tmp_path: Path) -> None:
    for person, width in (("annotator_1", 10), ("annotator_2", 20)):
        write(tmp_path / person / "b.png", width=width)
    images = find_images(folder)
    (one,) = measure_drawn(drawn_beside(images, AnnotatorMasks(folder)), BESIDE)
    assert (one.name, one.annotators, one.source) == ("b.jpg", ("annotator_1", "annotator_2"), BESIDE.words)
    assert one.dice == pytest.approx(2 / 3)


def test_masks_that_cannot_be_compared_say_why(folder: Path, tmp_path: Path) -> None:
    write(tmp_path / "ann" / "b.png")
    Image.new("L", (7, 7), 255).save(tmp_path / "ann" / "c.png")
    (tmp_path / "bob").mkdir()
    for name in ("b.png", "c.png"):
        Image.new("L", (9, 7), 255).save(tmp_path / "bob" / name)
    by_name = measured(folder, source(tmp_path / "ann", tmp_path / "bob"))
    assert (by_name["b.jpg"].count, by_name["b.jpg"].is_measured) == (2, False)
    assert "different sizes" in by_name["b.jpg"].problem


def test_it_stops(folder: Path, tmp_path: Path) -> None:
    for person in ("ann", "bob"):
        write(tmp_path / person / "b.png")
    of = source(tmp_path / "ann", tmp_path / "bob")
    stop = threading.Event()
    stop.set()
    assert list(measure_drawn(drawn_images(masks_of(of), find_images(folder)).drawn, of, stop=stop)) == []


def test_a_file_that_was_only_touched_is_the_same(folder: Path, tmp_path: Path) -> None:
    for person in ("ann", "bob"):
        write(tmp_path / person / "b.png")
        write(tmp_path / person / "c.png")
    known = measured(folder, source(tmp_path / "ann", tmp_path / "bob"))
    touched = folder / "b.jpg"
    touched.touch()
    replaced = folder / "c.jpg"
    replaced.write_bytes(replaced.read_bytes()[:-3] + b"xyz")
    now: dict[str, ImageFile] = {image.name: image for image in find_images(folder)}
    (one,) = touched_only(known, now.values())
    assert one.name == "b.jpg" and one.made_on is not None and one.made_on.fits(now["b.jpg"])
    made_on = known["c.jpg"].made_on
    assert made_on is not None and not made_on.fits(now["c.jpg"])


def test_how_long_people_took_is_what_their_annotations_say(folder: Path) -> None:
    def row(annotator: str, place: int, seconds: float | None) -> MaskRow:
        path = folder / "export.json"
        return MaskRow("b", annotator, path, annotation=Annotation("b", annotator, (20, 20), (), path, place, seconds))

    ann, again, bob, eve = row("ann", 0, 40.0), row("ann", 1, 20.0), row("bob", 2, None), row("eve", 3, 5.0)
    measured = ImageAgreement("b", (ann, bob, eve), None, united=((ann, again),))
    image = next(each for each in find_images(folder) if each.name == "b.jpg")
    one = measured_image(image, measured, source=source(folder))
    assert (one.annotators, one.seconds) == (("ann", "bob", "eve"), (60.0, None, 5.0))
    assert measured_image(image, measured, source=source(folder), seconds={"bob": 1.0}).seconds == (None, 1.0, None)
