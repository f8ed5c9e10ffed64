"""Whatever happens to masks, images and sources, what is shown is what two people's masks agree on now.

Held against a few lines of numpy that read the mask files themselves.
"""

import shutil
import tempfile
from datetime import UTC, datetime
from itertools import combinations
from pathlib import Path

import numpy as np
import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule
from PIL import Image

from annotriage.images import find_images
from annotriage.triage import measuring
from annotriage.triage.catalogue import Catalogue, Filter
from annotriage.triage.decisions import Decision, Review
from annotriage.triage.file_stamps import stamps_of
from annotriage.triage.folder_measuring import FolderMeasuring
from annotriage.triage.folder_scoring import lesions_and_masks
from annotriage.triage.measured import MaskSource, MeasuredImage, SourceKind, files_words
from annotriage.triage.measured_images import MeasuredImages
from annotriage.triage.next_step import NEXT_STEPS, NextStep
from annotriage.triage.sort_keys import ColumnKey
from annotriage.triage.store import SessionStore

NAMES = ("a", "b", "below/c")
PEOPLE = ("annotator_1", "annotator_2", "annotator_3")
WIDTHS = (0, 4, 7, 10)


def put_image(path: Path, number: int) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    noise = np.random.default_rng(number).integers(0, 255, (20, 20, 3), np.uint8)
    Image.fromarray(noise).save(path)


def put_mask(path: Path, width: int) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    pixels = np.zeros((20, 20), np.uint8)
    pixels[2:18, :width] = 255
    Image.fromarray(pixels).save(path)


def dice_of(paths: list[Path]) -> float:
    """Mean Dice of all pairs, by its definition; NaN: there is no pair."""
    masks = [np.asarray(Image.open(path)) > 127 for path in paths]
    pairs = [
        1.0 if not (one | two).any() else 2 * int((one & two).sum()) / int(one.sum() + two.sum())
        for one, two in combinations(masks, 2)
    ]
    return float(np.mean(pairs)) if pairs else float("nan")


def listed(folder: Path) -> Catalogue:
    return Catalogue(folder, lesions_and_masks(find_images(folder))[0])


class Folder(RuleBasedStateMachine):
    """A folder of images, masks beside it by three people, and masks elsewhere by two others."""

    def __init__(self) -> None:
        super().__init__()
        self.top = Path(tempfile.mkdtemp())
        self.folder = self.top / "images"
        self.elsewhere = self.top / "archive" / "study"
        for number, name in enumerate(NAMES):
            put_image(self.folder / f"{name}.jpg", number)
        self.store = SessionStore(self.top / "sessions.sqlite")
        self.source = MaskSource(
            SourceKind.FILES, files_words([self.elsewhere]), (self.elsewhere / "x", self.elsewhere / "y")
        )
        # By place and image: which masks were measured, and which file of the image they were drawn on.
        self.measured: dict[tuple[str, str], tuple[object, int]] = {}
        self.version = dict.fromkeys(NAMES, 0)
        self.known = False
        self.catalogue = listed(self.folder)
        self.clean = True

    @rule(name=st.sampled_from(NAMES), person=st.sampled_from(PEOPLE), width=st.sampled_from(WIDTHS))
    def draw_beside(self, name: str, person: str, width: int) -> None:
        put_mask(self.top / person / f"{name}.png", width)
        self.clean = False

    @rule(name=st.sampled_from(NAMES), person=st.sampled_from("xy"), width=st.sampled_from(WIDTHS))
    def draw_elsewhere(self, name: str, person: str, width: int) -> None:
        put_mask(self.elsewhere / person / f"{name}.png", width)
        self.clean = False

    @rule(name=st.sampled_from(NAMES), person=st.sampled_from(PEOPLE))
    def take_away(self, name: str, person: str) -> None:
        (self.top / person / f"{name}.png").unlink(missing_ok=True)
        self.clean = False

    @rule(name=st.sampled_from(NAMES))
    def touch(self, name: str) -> None:
        (self.folder / f"{name}.jpg").touch()
        self.clean = False

    @rule(name=st.sampled_from(NAMES))
    def replace(self, name: str) -> None:
        self.version[name] += 1
        put_image(self.folder / f"{name}.jpg", 100 * self.version[name] + NAMES.index(name))
        self.clean = False

    @rule()
    def remember_the_source(self) -> None:
        for person in "xy":
            (self.elsewhere / person).mkdir(parents=True, exist_ok=True)
        MeasuredImages(self.store, self.folder).add(self.source, [])
        self.known, self.clean = True, False

    @rule()
    def forget_the_source(self) -> None:
        MeasuredImages(self.store, self.folder).forget(self.source)
        self.known, self.clean = False, False
        self.measured = {key: value for key, value in self.measured.items() if key[0] == "beside"}

    @rule(name=st.sampled_from(NAMES), said=st.sampled_from(list(Decision)))
    def decide(self, name: str, said: Decision) -> None:
        stamps, _ = stamps_of(self.catalogue.images)
        image = f"{name}.jpg"
        self.catalogue.set_reviews({image: Review(said, made_on=stamps.get(image))})

    @rule()
    def measure(self) -> None:
        catalogue = listed(self.folder)
        catalogue.set_reviews(self.catalogue.reviews)
        catalogue.measured.replace(self.catalogue.measured.by_name)
        shown = dict(catalogue.measured.by_name)
        FolderMeasuring(self.store, self.folder, catalogue.images).run(
            shown=shown, told=catalogue.measured.set, threads=1
        )
        self.note_measured()
        self.catalogue, self.clean = catalogue, True

    def masks(self, place: str, name: str) -> list[Path]:
        folders = (
            [self.top / person for person in PEOPLE] if place == "beside" else [self.elsewhere / each for each in "xy"]
        )
        return [path for folder in folders if (path := folder / f"{name}.png").exists()]

    def places(self) -> list[str]:
        return ["beside", "elsewhere"] if self.known else ["beside"]

    def note_measured(self) -> None:
        for place in self.places():
            for name in NAMES:
                paths = self.masks(place, name)
                state = [(path, path.stat().st_mtime_ns, path.stat().st_size) for path in paths]
                if not state:
                    self.measured.pop((place, name), None)
                elif self.measured.get((place, name), (None, 0))[0] != state:
                    self.measured[place, name] = state, self.version[name]

    @invariant()
    def what_is_shown_is_what_they_agree_on(self) -> None:
        if not self.clean:
            return
        shown = self.catalogue.measured
        for name in NAMES:
            row = self.catalogue.row_of(f"{name}.jpg")
            assert row is not None
            several = []
            for place in self.places():
                paths = self.masks(place, name)
                if paths:
                    fits = self.measured[place, name][1] == self.version[name]
                    several.append(((fits, len(paths) > 1, len(paths)), paths))
            if not several:
                assert shown.count[row] == 0 and np.isnan(shown.dice[row])
                continue
            best = max(place for place, _ in several)
            assert (not shown.on_another[row], shown.count[row]) == (best[0], best[2])
            # Of equals the one measured later stands.
            dice = [dice_of(paths) for place, paths in several if place == best]
            assert any(np.isclose(shown.dice[row], one, atol=1e-6, equal_nan=True) for one in dice)

    @invariant()
    def filters_and_orders_hold_all_of_it(self) -> None:
        dice = self.catalogue.measured.of_file()
        for key in (ColumnKey("measured_dice"), ColumnKey("next_step"), ColumnKey("readers")):
            for reverse in (False, True):
                rows = self.catalogue.order(key, reverse=reverse)
                assert sorted(rows.tolist()) == [0, 1, 2]
        rows = self.catalogue.order(ColumnKey("measured_dice"))
        values = dice[rows]
        assert not np.isnan(values[: int((~np.isnan(values)).sum())]).any()
        steps = self.catalogue.next_steps()
        by_step = [self.catalogue.order(shown=Filter(steps=frozenset({step}))) for step in NextStep if step.value]
        assert sum(map(len, by_step)) == int((steps > 0).sum())
        measured = [len(self.catalogue.order(shown=Filter(is_measured=each))) for each in (True, False)]
        assert measured == [int((~np.isnan(dice)).sum()), int(np.isnan(dice).sum())]
        assert sum(self.catalogue.summary().steps.values()) == len(NAMES) and len(steps) == len(NAMES)
        assert all(place < len(NEXT_STEPS) for place in steps)

    def teardown(self) -> None:
        self.store.close()
        shutil.rmtree(self.top)


TestFolder = pytest.mark.slow(Folder.TestCase)
TestFolder.settings = settings(max_examples=25, stateful_step_count=25, deadline=None)


@pytest.fixture
def study(tmp_path: Path) -> Path:
    """Return a folder of three images; two people drew two of them, one the third."""
    for number, name in enumerate(NAMES):
        put_image(tmp_path / "images" / f"{name}.jpg", number)
    for person, width in (("annotator_1", 10), ("annotator_2", 5)):
        for name in NAMES[: 2 if person == "annotator_2" else 3]:
            put_mask(tmp_path / person / f"{name}.png", width)
    return tmp_path / "images"


def run(store: SessionStore, folder: Path) -> dict[str, MeasuredImage | None]:
    told: dict[str, MeasuredImage | None] = {}
    FolderMeasuring(store, folder, listed(folder).images).run(told=told.update)
    return told


def test_a_second_opening_measures_nothing(store: SessionStore, study: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    first = run(store, study)
    assert {name: one.dice for name, one in first.items() if one and one.is_measured} == {
        "a.jpg": pytest.approx(2 / 3), "b.jpg": pytest.approx(2 / 3),
    }  # fmt: skip

    def refuse(*_: object, **__: object) -> None:
        raise AssertionError("it was measured again")

    monkeypatch.setattr(measuring, "measure_image", refuse)
    again = run(store, study)
    assert again.keys() == first.keys() and FolderMeasuring(store, study, listed(study).images).run().measured == 0


def test_what_was_drawn_of_an_image_that_was_replaced_is_marked(store: SessionStore, study: Path) -> None:
    run(store, study)
    put_image(study / "a.jpg", 99)
    run(store, study)
    catalogue = listed(study)
    catalogue.measured.replace(MeasuredImages(store, study).read({image.name: image for image in catalogue.images}))
    row = catalogue.row_of("a.jpg")
    assert row is not None and catalogue.measured.on_another[row] and np.isnan(catalogue.measured.of_file()[row])
    assert NEXT_STEPS[catalogue.next_steps()[row]] is NextStep.AGAIN


def test_a_source_that_is_away_keeps_what_it_said(store: SessionStore, study: Path, tmp_path: Path) -> None:
    for person, width in (("x", 10), ("y", 8)):
        put_mask(tmp_path / "drive" / person / "below" / "c.png", width)
    source = MaskSource(SourceKind.FILES, "masks of a drive", (tmp_path / "drive" / "x", tmp_path / "drive" / "y"))
    MeasuredImages(store, study).add(source, [])
    told = run(store, study)
    assert told["below/c.jpg"] is not None and told["below/c.jpg"].annotators == ("x", "y")
    (tmp_path / "drive").rename(tmp_path / "unplugged")
    report = FolderMeasuring(store, study, listed(study).images).run()
    assert "cannot be looked at now" in report.remarks[0]
    kept = MeasuredImages(store, study).read()["below/c.jpg"]
    assert kept.dice == told["below/c.jpg"].dice


def test_what_was_fetched_from_a_server_is_shown_and_left_as_it_is(
    store: SessionStore, study: Path, tmp_path: Path
) -> None:
    for person, width in (("x", 10), ("y", 8)):
        put_mask(tmp_path / "fetched" / person / "below" / "c.png", width)
    paths = (tmp_path / "fetched" / "x", tmp_path / "fetched" / "y")
    source = MaskSource(SourceKind.LABEL_STUDIO, "Label Studio, project 3", paths, address="http://x", project=3)
    fetched = MeasuredImage("b.jpg", 0.5, 0.5, ("u", "v", "w"), (60.0, 30.0, None), stamp="of the server")
    MeasuredImages(store, study).write(source, [fetched])
    run(store, study)
    assert MeasuredImages(store, study).read_of(source)["b.jpg"].seconds == (60.0, 30.0, None)
    masks = FolderMeasuring(store, study, listed(study).images).look()
    assert [row.annotator for row in masks["below/c.jpg"].rows] == ["x", "y"]


def test_contours_are_those_of_the_dice_that_is_shown(store: SessionStore, study: Path, tmp_path: Path) -> None:
    """Drawn in two projects, by as many people in each: what was measured later stands, and so do its outlines."""
    for number, hour in ((3, 9), (4, 12), (5, 10)):
        paths = (tmp_path / f"fetched{number}" / "x", tmp_path / f"fetched{number}" / "y")
        for path in paths:
            put_mask(path / "below" / "c.png", 2 * number)
        source = MaskSource(SourceKind.LABEL_STUDIO, f"project {number}", paths, address="http://x", project=number)
        at = datetime(2026, 1, 1, hour, tzinfo=UTC)
        one = MeasuredImage("below/c.jpg", number / 10, 0.5, ("x", "y"), measured_at=at, stamp=str(number))
        MeasuredImages(store, study).write(source, [one])
    measuring = FolderMeasuring(store, study, listed(study).images)
    masks = measuring.look()
    assert MeasuredImages(store, study).read()["below/c.jpg"].dice == 0.4
    assert {row.path.parts[-4] for row in masks["below/c.jpg"].rows} == {"fetched4"}


def test_several_labels_beside_the_images_are_not_compared_unasked(store: SessionStore, study: Path) -> None:
    for person in ("annotator_1", "annotator_2"):
        (study.parent / person / "below").mkdir(exist_ok=True)
        for name in NAMES:
            pixels = np.zeros((20, 20), np.uint8)
            pixels[:8], pixels[12:] = 1, 2
            Image.fromarray(pixels).save(study.parent / person / f"{name}.png")
    report = FolderMeasuring(store, study, listed(study).images).run()
    assert report.measured == 0 and "several labels" in report.remarks[0]
