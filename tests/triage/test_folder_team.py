"""For whom a folder's predictions hold: what the store keeps for it, and that turning back and forth loses nothing."""

import sqlite3
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from annotriage.errors import AnnotriageError
from annotriage.images import ImageFile, find_images
from annotriage.measures.calibration import Calibration
from annotriage.measures.intervals import ConformalFactors, interval
from annotriage.model_file import ModelFile, open_model_file
from annotriage.scoring.prediction import Prediction
from annotriage.scoring.scorer import Scorer
from annotriage.scoring.team import EVERYBODY, Team
from annotriage.triage.catalogue import Catalogue
from annotriage.triage.folder_scoring import FolderScoring
from annotriage.triage.salvage import salvage
from annotriage.triage.session import Session
from annotriage.triage.store import SessionStore
from annotriage.triage.team_choice import choose_way, chosen_way
from tests.pictures import write_pictures
from tests.tiny_models import HALF_WIDTH, TINY_FEATURES, TINY_WAYS, write_tiny_model

HAND, HALF = Team("hand"), Team("hand_fill")
_shares = st.floats(0, 1, width=32)
_spreads = st.floats(-8, 8, width=32)
_any = settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])


@pytest.fixture
def model(tmp_path: Path) -> ModelFile:
    return open_model_file(write_tiny_model(tmp_path / "tiny.onnx", ways=TINY_WAYS, features=TINY_FEATURES))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    write_pictures(tmp_path / "images", 5)
    return tmp_path / "images"


def _sql(store: SessionStore, statement: str, *values: object) -> None:
    with sqlite3.connect(store.path) as connection:
        connection.execute(statement, values)


@pytest.mark.slow
@_any
@given(data=st.data())
def test_what_a_model_says_for_each_way_comes_back_bit_for_bit(tmp_path_factory, data) -> None:
    folder = tmp_path_factory.mktemp("images")
    count, ways, size = data.draw(st.integers(1, 6)), data.draw(st.integers(1, 4)), data.draw(st.integers(2, 9))
    files = [ImageFile(folder / f"{n}.jpg", f"{n}.jpg", n, 1, None) for n in range(count)]
    scored = []
    for file in files:
        by_way = np.stack([data.draw(arrays(np.float32, ways, elements=each)) for each in (_shares, _spreads)], axis=1)
        features = data.draw(arrays(np.float32, size, elements=st.floats(-1e6, 1e6, width=32)))
        one = Prediction(file.path, 0.5, 0.25, 0.75, by_way=by_way, features=features)
        scored.append((file, data.draw(st.sampled_from([one, Prediction(file.path, error="The file is cut off.")]))))
    with SessionStore(folder / "sessions.sqlite") as store:
        store.keep(folder, "model", scored)
        known = store.known(folder, "model", files)
        mapped = list(store.with_maps(folder, "model", files))
        numbers = store.numbers(folder, "model", by_way=True, features=True)
    for row, (file, one) in enumerate(scored):
        for name in ("by_way", "features"):
            kept, column = getattr(one, name), getattr(numbers, name)
            np.testing.assert_array_equal(getattr(mapped[row], name), kept)
            if kept is None:
                assert column is None or np.isnan(column[row]).all()
            else:
                np.testing.assert_array_equal(column[row], kept)
        np.testing.assert_array_equal(known[file.name].by_way, one.by_way)
        np.testing.assert_array_equal(known[file.name].features, one.features)


def test_what_is_newer_takes_its_place(store: SessionStore, folder: Path) -> None:
    (file, *_) = find_images(folder)
    by_way, features = np.full((3, 2), 0.5, np.float32), np.ones(4, np.float32)
    store.keep(folder, "m", [(file, Prediction(file.path, 0.5, by_way=by_way, features=features))])
    store.keep(folder, "m", [(file, Prediction(file.path, 0.4))])
    (known,) = store.with_maps(folder, "m", [file])
    assert (known.predicted_dice, known.by_way, known.features) == (0.4, None, None)


def test_a_file_without_their_table_is_read_and_gets_none(store: SessionStore, folder: Path) -> None:
    files = find_images(folder)
    store.keep(folder, "m", [(file, Prediction(file.path, 0.5)) for file in files])
    assert store.numbers(folder, "m", by_way=True, features=True).by_way is None
    assert chosen_way(store, folder) is None
    with sqlite3.connect(store.path) as connection:
        tables = {name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
    assert not tables & {"prediction_vectors", "chosen_ways"}


@pytest.mark.parametrize(
    ("column", "damaged"),
    [
        ("by_way", b"\0" * 7),
        ("by_way", b"\0" * 12),
        ("by_way", "text"),
        ("by_way", np.array([2, 1], "<f4").tobytes() * 3),
        ("by_way", np.array([np.nan, 1], "<f4").tobytes() * 3),
        ("features", b""),
        ("features", np.array([np.inf], "<f4").tobytes() * 16),
    ],
    ids=["cut", "half", "text", "no Dice", "no number", "empty", "endless"],
)
def test_damage_is_told(store: SessionStore, folder: Path, model: ModelFile, column: str, damaged: object) -> None:
    list(Session(folder, model, store).score())
    _sql(store, f"UPDATE prediction_vectors SET {column} = ? WHERE prediction_id = 2", damaged)
    with pytest.raises(AnnotriageError, match="damaged"):
        store.numbers(folder, model.key, by_way=True, features=True)
    with pytest.raises(AnnotriageError, match="damaged"):
        list(store.with_maps(folder, model.key, find_images(folder)))
    assert len(store.numbers(folder, model.key)) == 5, "who does not ask for them is not troubled"


def test_whoever_looks_sees_the_team_s_numbers_and_the_store_keeps_the_model_s(
    store: SessionStore, folder: Path, model: ModelFile
) -> None:
    session = Session(folder, model, store, HAND)
    computed = {one.image: one for one in Scorer(model).score(file.path for file in session.images)}
    yielded = {one.image: one for one in session.score()}
    kept = store.known(folder, model.key, session.images)
    scoring = FolderScoring(folder, model, store, HAND)
    numbers = scoring.stored_numbers()
    ends = interval(np.array([1 - one.predicted_dice for one in computed.values()]), np.full(5, HALF_WIDTH),
                    ConformalFactors(2.0, 1.0, 0.9, 5))  # fmt: skip
    catalogue = Catalogue(folder, session.images)
    catalogue.set_numbers(numbers)
    for row, image in enumerate(session.images):
        raw = computed[image.path]
        stored = kept[image.name]
        assert (stored.predicted_dice, stored.lower, stored.upper) == (raw.predicted_dice, raw.lower, raw.upper)
        wanted = pytest.approx((1 - raw.predicted_dice, *ends[row]), abs=1e-6)
        everywhere = [
            yielded[image.path],
            session.predictions[image.name],
            Session(folder, model, store, HAND).predictions[image.name],
            scoring.maps_of(image),
            scoring.known_of([image])[image.name],
        ]
        for one in everywhere:
            assert (one.predicted_dice, one.lower, one.upper) == wanted
        assert (numbers.predicted_dice[row], numbers.lower[row], numbers.upper[row]) == wanted
        assert catalogue.disagreement[row] == pytest.approx(raw.predicted_dice, abs=1e-6)


_teams = st.sampled_from([EVERYBODY, HAND, HALF, "calibrated"])


def _columns(scoring: FolderScoring) -> list[list[float]]:
    numbers = scoring.stored_numbers()
    return [numbers.predicted_dice.tolist(), numbers.lower.tolist(), numbers.upper.tolist()]


@pytest.fixture
def scored(store: SessionStore, folder: Path, model: ModelFile) -> FolderScoring:
    list(Session(folder, model, store).score())
    return FolderScoring(folder, model, store)


@pytest.mark.slow
@_any
@given(teams=st.lists(_teams, min_size=1, max_size=6))
def test_turning_from_team_to_team_and_back_loses_nothing(scored: FolderScoring, teams: list[Team | str]) -> None:
    factors = ConformalFactors(1.0, 1.0, 0.9, 40)
    calibrated = Team("hand", Calibration(scored.model.key, "hand", 0.3, 0.8, factors, 40))
    scored.team = EVERYBODY
    images = find_images(scored.folder)
    before = _columns(scored)
    first = scored.known(images)
    turned = dict(first)
    for each in teams:
        scored.team = calibrated if isinstance(each, str) else each
        turned = {name: scored.for_team(one) for name, one in turned.items()}
        fresh = scored.known(images)
        of_numbers = _columns(scored)[0]
        assert [turned[image.name].predicted_dice for image in images] == of_numbers
        assert [fresh[image.name].predicted_dice for image in images] == of_numbers
        scored.store.keep(scored.folder, scored.model.key, [(image, turned[image.name]) for image in images])
    scored.team = EVERYBODY
    assert _columns(scored) == before, "bit for bit"
    back = {name: scored.for_team(one) for name, one in turned.items()}
    assert [back[image.name].lower for image in images] == [first[image.name].lower for image in images]


def test_a_prediction_without_what_each_way_needs_counts_as_never_made(scored: FolderScoring) -> None:
    _sql(scored.store, "DELETE FROM prediction_vectors WHERE prediction_id = 2")
    scored.team = HAND
    assert np.isnan(scored.stored_numbers().predicted_dice).sum() == 1
    session = Session(scored.folder, scored.model, scored.store, HAND)
    (left,) = session.left()
    list(session.score())
    assert left.name in Session(scored.folder, scored.model, scored.store, HAND).predictions


def test_the_way_is_chosen_once_for_a_folder(scored: FolderScoring, tmp_path: Path) -> None:
    choose_way(scored.store, scored.folder, "hand")
    assert FolderScoring(scored.folder, scored.model, scored.store).team == HAND
    assert FolderScoring(tmp_path, scored.model, scored.store).team == EVERYBODY, "of another folder nothing is known"
    choose_way(scored.store, scored.folder, "hand_fill")
    assert chosen_way(scored.store, scored.folder) == "hand_fill"
    choose_way(scored.store, scored.folder, None)
    assert chosen_way(scored.store, scored.folder) is None


def test_a_way_that_a_model_does_not_know_is_said_and_not_used(scored: FolderScoring, tmp_path: Path) -> None:
    other = open_model_file(write_tiny_model(tmp_path / "other.onnx", name="other"))
    choose_way(scored.store, scored.folder, "hand")
    scoring = FolderScoring(scored.folder, other, scored.store)
    assert scoring.team == EVERYBODY
    assert "other does not know the way of drawing hand" in scoring.team_note
    with pytest.raises(AnnotriageError, match="does not know"):
        scoring.team = HAND
    assert scoring.team == EVERYBODY


def test_the_way_is_taken_over_from_a_damaged_file(tmp_path: Path) -> None:
    with SessionStore(tmp_path / "before.sqlite") as before:
        choose_way(before, tmp_path, "hand")
    with SessionStore(tmp_path / "after.sqlite") as after:
        salvage(before.path, after)
        assert chosen_way(after, tmp_path) == "hand"


def test_a_renamed_image_keeps_what_was_said_for_each_way(scored: FolderScoring) -> None:
    scored.team = HAND
    (old, *_) = find_images(scored.folder)
    said = scored.maps_of(old)
    new = scored.folder / "renamed.png"
    old.path.rename(new)
    now = next(image for image in find_images(scored.folder) if image.path == new)
    carried = scored.known_of([now], {now.name: old})
    assert said is not None
    assert carried[now.name].predicted_dice == said.predicted_dice
    found = scored.maps_of(now)
    assert found is not None
    np.testing.assert_array_equal(found.by_way, said.by_way)
    np.testing.assert_array_equal(found.features, said.features)
    assert scored.store.known(scored.folder, scored.model.key, [now])[now.name].predicted_dice == said.as_computed[0]
