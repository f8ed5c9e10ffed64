"""`import annotriage`: what it gives, what it takes, what it refuses."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from PIL import Image, ImageCms

import annotriage
from annotriage.errors import AnnotriageError
from annotriage.images import UnreadableImageError, picture_of, read_picture
from annotriage.model_file import ModelFile, open_model_file
from annotriage.scoring.prediction import A_MASK
from annotriage.triage.session import Session
from annotriage.triage.store import SessionStore
from tests.agreement.masks import disc, write_mask
from tests.comparison.made_runs import printed, write_grid
from tests.pictures import picture, write_pictures
from tests.tiny_models import TINY_FEATURES, write_tiny_model

COLUMNS = ["image", "predicted_dice", "disagreement", "lower", "upper", "error", "note"]


@pytest.fixture
def model(tmp_path: Path) -> ModelFile:
    return open_model_file(write_tiny_model(tmp_path / "tiny.onnx"))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Five photographs, two of them in a folder below; a mask of one; a file that is damaged."""
    place = tmp_path / "photos"
    write_pictures(place, 3)
    write_pictures(place / "below", 2)
    write_mask(place / "1_segmentation.png", disc(48, 64, row=24, column=32, radius=9))
    (place / "9.jpg").write_bytes(b"\xff\xd8\xff\xe0 no more")
    return place


@pytest.mark.slow
def test_a_folder_is_scored_as_the_program_scores_it(model: ModelFile, folder: Path) -> None:
    table = annotriage.score(folder, model)
    assert list(table.columns) == COLUMNS
    assert list(table.image) == ["0.png", "1.png", "1_segmentation.png", "2.png", "9.jpg", "below/0.png", "below/1.png"]
    assert table.error[2] == A_MASK and "cut off" in table.error[4]
    assert table.error.drop([2, 4]).tolist() == [None] * 5
    with SessionStore() as store:
        session = Session(folder, model, store)
        list(session.score())
        known = dict(session.results())
    for row in table.drop(index=[2]).itertuples():
        expected = known[row.image]
        assert row.error == expected.error
        if row.error is None:
            shown = (row.predicted_dice, row.disagreement, row.lower, row.upper)
            assert shown == (expected.predicted_dice, expected.disagreement, expected.lower, expected.upper)
    assert table.attrs == {"model": "tiny", "level": model.card.interval.level}


@pytest.mark.slow
def test_files_and_images_in_memory_give_the_same_numbers(model: ModelFile, tmp_path: Path) -> None:
    paths = write_pictures(tmp_path, 3)
    by_path = annotriage.score(paths, model)
    assert list(by_path.image) == [str(path) for path in paths]
    arrays = [np.asarray(Image.open(path)) for path in paths]
    mixed = annotriage.score((each for each in [str(paths[0]), arrays[1], Image.open(paths[2])]), model)
    assert list(mixed.image) == [str(paths[0]), "1", "2"]
    stacked = annotriage.score(np.stack(arrays), model)
    for other in (mixed, stacked, pd.concat([annotriage.score(each, model) for each in arrays])):
        np.testing.assert_array_equal(other[COLUMNS[1:5]].to_numpy(), by_path[COLUMNS[1:5]].to_numpy())


@pytest.mark.slow
def test_maps_and_further_targets_come_on_request(tmp_path: Path) -> None:
    file = write_tiny_model(tmp_path / "tiny.onnx", further_targets=["count"])
    paths = [*write_pictures(tmp_path, 2), tmp_path / "gone.png"]
    table = annotriage.score(paths, str(file), heatmaps=True)
    assert list(table.columns) == [*COLUMNS[:5], "count", "error", "note", "heatmap", "lesion"]
    assert table.heatmap[0].shape == (4, 4) and table.lesion[1].dtype == np.float32
    assert table.heatmap[2] is None and np.isnan(table["count"][2]) and "no longer there" in table.error[2]
    assert table["count"][:2].notna().all()


@pytest.mark.slow
def test_images_unlike_what_the_model_knows_are_marked(tmp_path: Path) -> None:
    near = TINY_FEATURES.model_copy(update={"unlike_above": 1e-3})
    for space, unlike in ((TINY_FEATURES.model_copy(update={"unlike_above": 1e3}), False), (near, True)):
        file = write_tiny_model(tmp_path / "tiny.onnx", features=space)
        paths = [*write_pictures(tmp_path, 2), tmp_path / "gone.png"]
        table = annotriage.score(paths, str(file))
        assert list(table.columns) == [*COLUMNS, "unlike", "unlikeness"]
        assert table.unlike.tolist() == [unlike, unlike, False] and table.unlike.dtype == bool
        assert ((table.unlikeness > 1) == table.unlike).all() and table.unlikeness.isna().tolist() == [False] * 2 + [
            True
        ]
    empty = annotriage.score([], str(file))
    assert empty[~empty.unlike].empty and empty.unlikeness.dtype == float


def test_nothing_is_written(model: ModelFile, folder: Path, own_home: Path) -> None:
    annotriage.score(folder, model)  # notes, once, that the model was tried on this computer
    before = sorted(own_home.rglob("*")), sorted(folder.rglob("*"))
    annotriage.score(folder, model)
    assert (sorted(own_home.rglob("*")), sorted(folder.rglob("*"))) == before


def test_no_image_is_an_empty_table_with_its_columns(model: ModelFile) -> None:
    table = annotriage.score([], model)
    assert list(table.columns) == COLUMNS and table.empty and table.predicted_dice.dtype == float


@pytest.mark.parametrize(
    "given",
    [3, None, [3], ["a.jpg", None], np.zeros((4, 4, 3)), np.zeros((4, 4), np.uint8), [np.zeros((4, 4, 4), np.uint8)]],
)
def test_a_wrong_type_says_what_is_taken(model: ModelFile, given: Any) -> None:
    with pytest.raises(TypeError, match=r"NumPy array of uint8, \(H, W, 3\)"):
        annotriage.score(given, model)


def test_what_a_person_can_mend_is_a_sentence(model: ModelFile, tmp_path: Path) -> None:
    with pytest.raises(AnnotriageError, match="There is no file and no folder"):
        annotriage.score(tmp_path / "nowhere", model)
    with pytest.raises(AnnotriageError, match="no images in"):
        annotriage.score(tmp_path, model)
    with pytest.raises(AnnotriageError, match="bundled"):
        annotriage.score(tmp_path, "no-such-model")
    with pytest.raises(TypeError, match="model takes"):
        annotriage.score(tmp_path, 3)  # type: ignore[arg-type]
    for call in (annotriage.compare, annotriage.diagnosis, annotriage.agree, annotriage.people):
        with pytest.raises(TypeError, match="takes a path"):
            call(3)  # type: ignore[operator]


def _with_orientation(image: Image.Image) -> dict[str, Any]:
    exif = image.getexif()
    exif[0x0112] = 6
    return {"exif": exif}


def _other_profile() -> bytes:
    """Make a profile that is not sRGB's: its red and blue are exchanged."""
    profile = bytearray(ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes())
    for first, second in ((b"rXYZ", b"bXYZ"), (b"rTRC", b"bTRC")):
        one, two = profile.index(first), profile.index(second)
        profile[one : one + 4], profile[two : two + 4] = second, first
    return bytes(profile)


@pytest.mark.parametrize("mode", ["RGB", "L", "1", "P", "LA", "RGBA", "I;16", "CMYK", "turned", "profile", "I", "LAB"])
@pytest.mark.parametrize("size", [None, (20, 30)])
def test_an_image_in_memory_has_the_pixels_of_its_file(mode: str, size: tuple[int, int] | None, tmp_path: Path) -> None:
    plain = Image.fromarray(picture(0.7))
    further: dict[str, Any] = {}
    if mode == "I;16":
        image = Image.fromarray(np.asarray(plain.convert("L")).astype(np.uint16) * 200)
    elif mode == "I":
        image = plain.convert("L").convert("I")
    elif mode == "LAB":
        lab, rgb = ImageCms.createProfile("LAB"), ImageCms.createProfile("sRGB")
        image = ImageCms.profileToProfile(plain, rgb, lab, outputMode="LAB") or plain
    elif mode == "turned":
        image, further = plain, _with_orientation(plain)
    elif mode == "profile":
        image, further = plain, {"icc_profile": _other_profile()}
    else:
        image = plain.convert(mode)
    path = tmp_path / ("a.tif" if mode in ("CMYK", "I", "LAB") else "a.png")
    image.save(path, **further)
    try:
        expected = read_picture(path, size)
    except UnreadableImageError as error:
        with pytest.raises(UnreadableImageError) as said, Image.open(path) as opened:
            picture_of(opened, size)
        assert str(said.value) == str(error)
        return
    with Image.open(path) as opened:
        before = opened.size
        found = picture_of(opened, size)
        np.testing.assert_array_equal(found.pixels, expected.pixels)
        assert found.note == expected.note
        assert opened.size in (before, before[::-1]), "it is the caller's own"


def test_an_opened_jpeg_keeps_its_size(model: ModelFile, tmp_path: Path) -> None:
    (path,) = write_pictures(tmp_path, 1, ending=".jpg")
    with Image.open(path) as image:
        table = annotriage.score(image, model)
        assert image.size == (64, 48)
    assert table.predicted_dice[0] == pytest.approx(annotriage.score(path, model).predicted_dice[0], abs=0.01)


def test_an_image_that_pillow_cannot_decode_is_told_in_its_row(model: ModelFile, tmp_path: Path) -> None:
    (path,) = write_pictures(tmp_path, 1)
    path.write_bytes(path.read_bytes()[:-60])
    with Image.open(path) as cut_off:
        table = annotriage.score([cut_off, np.zeros((0, 4, 3), np.uint8)], model)
    assert "cannot decode" in table.error[0] and table.error[1] == "The image has no pixels."


def test_of_several_labels_one_must_be_chosen(tmp_path: Path) -> None:
    for who, shift in (("al", 0), ("bob", 3)):
        (tmp_path / who).mkdir()
        numbers = disc(column=40 + shift) * np.uint8(1) + disc(row=8, column=10, radius=5) * np.uint8(2)
        Image.fromarray(numbers).save(tmp_path / who / "a.png")
    with pytest.raises(AnnotriageError, match='--label "1": in 2 masks of 2'):
        annotriage.agree(tmp_path)
    assert len(annotriage.agree(tmp_path, label="1").pairs) == 1


def test_agreement_is_that_of_the_command(tmp_path: Path) -> None:
    for person, radius in (("ann", 15.0), ("ben", 12.0)):
        for name in ("lesion1", "lesion2"):
            write_mask(tmp_path / person / f"{name}.png", disc(radius=radius))
    (tmp_path / "ann" / "lesion3.png").write_bytes(b"no image")
    found = annotriage.agree([str(tmp_path / "ann"), tmp_path / "ben"], distances=False)
    first, second = disc(radius=15), disc(radius=12)
    dice = 2 * (first & second).sum() / (first.sum() + second.sum())
    assert found.images.image.tolist() == ["lesion1", "lesion2", "lesion3"]
    assert found.images.dice_mean[:2].tolist() == pytest.approx([dice, dice])
    assert found.images.error[2] and not found.images.error[0]
    assert found.pairs[["annotator1", "annotator2"]].to_numpy().tolist() == [["ann", "ben"]] * 2
    assert found.reading


def test_comparison_is_that_of_the_program(tmp_path: Path) -> None:
    from annotriage.comparison.comparing import compare

    grid = write_grid(tmp_path / "grid", {"a": 0.1, "b": 0.2})
    assert str(annotriage.compare(str(grid), "mae")) == printed(compare([grid], "mae"))


def test_the_library_is_a_table() -> None:
    table = annotriage.models()
    (line,) = table[table.name == "bundled"].to_dict("records")
    assert line["default"] and line["bundled"] and line["problem"] is None and 0 < line["mae"] < line["baseline_mae"]


def test_the_import_loads_nothing() -> None:
    code = (
        "import sys; before = set(sys.modules); import annotriage;"
        "print(sorted(set(sys.modules) - before)); print(dir(annotriage))"
    )
    said = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    loaded, names = said.splitlines()
    assert loaded == "['annotriage', 'annotriage._version']"
    assert all(repr(name) in names for name in annotriage.__all__)
    with pytest.raises(AttributeError, match="no attribute 'scores'"):
        _ = annotriage.scores  # type: ignore[attr-defined]


def test_agreement_of_an_export_whose_images_lie_elsewhere(tmp_path: Path) -> None:
    """Where an export does not say how large its images are, the images do."""
    for who, left in (("ann", 10), ("ben", 20)):
        shape = {
            "name": "polygon",
            "all_points_x": [left, left + 29, left + 29, left],
            "all_points_y": [10, 10, 39, 39],
        }
        regions = [{"shape_attributes": shape, "region_attributes": {}}]
        entry = {"filename": "a.jpg", "size": -1, "file_attributes": {}, "regions": regions}
        (tmp_path / f"{who}.json").write_text(json.dumps({"a.jpg-1": entry}))
    (tmp_path / "elsewhere" / "images").mkdir(parents=True)
    unknown = annotriage.agree([tmp_path / "ann.json", tmp_path / "ben.json"])
    assert unknown.images["fleiss_kappa"].isna().all() and "not known" in unknown.remarks[0]
    Image.new("RGB", (80, 60)).save(tmp_path / "elsewhere" / "a.jpg")
    known = annotriage.agree([tmp_path / "ann.json", tmp_path / "ben.json"], images=tmp_path / "elsewhere")
    assert known.remarks == () and known.images["hd95_normalized_mean"].item() == pytest.approx(0.1)
    assert known.images["dice_mean"].tolist() == unknown.images["dice_mean"].tolist() == pytest.approx([2 / 3])
