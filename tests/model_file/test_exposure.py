"""A model that is measured on what it learned from says so."""

import json
import shutil
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image
from pydantic import ValidationError
from scipy.stats import binomtest
from typer.testing import CliRunner

from annotriage.commands.app import app
from annotriage.images.fingerprint import fingerprint, packed, unpacked
from annotriage.model_file import ModelCard, ModelLibrary
from annotriage.model_file.checksum import with_card
from annotriage.model_file.exposure import Exposure, Met, exposure_caution, exposure_of, images_met
from tests.tiny_models import tiny_card, write_tiny_model


@pytest.fixture
def images(tmp_path: Path) -> list[Path]:
    paths = []
    for k in range(20):
        paths.append(tmp_path / "images" / f"i{k:02}.png")
        paths[-1].parent.mkdir(exist_ok=True)
        Image.new("RGB", (40, 40), (12 * k, 5, 9)).save(paths[-1])
    return paths


def card_that_learned(paths: list[Path] | None) -> ModelCard:
    card = tiny_card()
    learned = None if paths is None else packed(paths)
    return card.model_copy(update={"data": card.data.model_copy(update={"learned": learned})})


def test_images_are_known_again_under_other_names_and_not_when_saved_anew(images: list[Path], tmp_path: Path) -> None:
    card = card_that_learned(images[:12])
    assert images_met(card, images) == 12
    copies = [shutil.copy(path, tmp_path / f"copy {path.name}") for path in images]
    assert images_met(card, copies) == 12
    Image.open(images[0]).save(tmp_path / "anew.png", compress_level=1)
    assert images_met(card, [tmp_path / "anew.png", tmp_path / "gone.png"]) == 0
    assert images_met(card_that_learned(None), images) is None


SPLIT = {
    "table_sha256": "0" * 64,
    "grouped_by": ["patient_id"],
    "train": list("abcdefg"),
    "validation": ["h"],
    "test": ["i", "j"],
}
RECIPE = {"seed": 3, "split": {"train": 0.7, "validation": 0.1, "test": 0.2}}


def card_of_split(paths: list[Path] | None) -> ModelCard:
    recipe = {"seed": 9, "split": {"train": 0.7, "validation": 0.1, "test": 0.2, "seed": 3}}
    return card_that_learned(paths).model_copy(update={"recipe": recipe})


def test_without_fingerprints_the_same_split_of_the_same_table_is_unseen(images: list[Path]) -> None:
    def found(table: str = "0" * 64, split: dict[str, object] = SPLIT, recipe: dict[str, object] = RECIPE) -> Exposure:
        return exposure_of(card_of_split(None), images[:2], table, split, recipe).exposure

    assert found() is Exposure.UNSEEN
    assert found(recipe=RECIPE | {"seed": 4}) is Exposure.MAYBE
    assert found(recipe=RECIPE | {"split": {"train": 0.6, "validation": 0.1, "test": 0.3}}) is Exposure.MAYBE
    assert found(recipe={"seed": 3}) is Exposure.MAYBE
    assert found(split=SPLIT | {"grouped_by": []}) is Exposure.MAYBE
    assert found(split=SPLIT | {"test": ["i"]}) is Exposure.MAYBE
    assert found("b" * 64) is Exposure.UNKNOWN


def test_fingerprints_say_what_no_table_can(images: list[Path], tmp_path: Path) -> None:
    card = card_of_split(images[:8])
    # A part of the model's own table is another table, and an image in two of its parts would be seen as well.
    assert exposure_of(card, images[5:9], "b" * 64, SPLIT, RECIPE) == Met(Exposure.SEEN, 3)
    assert exposure_of(card, images[7:9], "0" * 64, SPLIT, RECIPE) == Met(Exposure.SEEN, 1)
    assert exposure_of(card, images[8:], "b" * 64).exposure is Exposure.UNSEEN
    assert exposure_of(card, images[8:10], "0" * 64).exposure is Exposure.UNSEEN
    # More images of its table than it left for its test: they were saved anew.
    assert exposure_of(card, images[8:14], "0" * 64).exposure is Exposure.MAYBE
    assert "saved anew" in str(exposure_caution(card, images[8:14], "0" * 64))


def test_what_is_said_of_it(images: list[Path]) -> None:
    assert "learned from 12 of the 20 images" in str(exposure_caution(card_that_learned(images[:12]), images, "1" * 64))
    assert exposure_caution(card_that_learned(images[:12]), images[12:14], "0" * 64) is None
    assert "very table" in str(exposure_caution(card_that_learned(None), images, "0" * 64))
    assert "is not known" in str(exposure_caution(card_that_learned(None), images, "1" * 64))


@pytest.mark.slow
@given(st.lists(st.binary(max_size=9), max_size=20))
def test_packing_keeps_every_fingerprint(contents: list[bytes]) -> None:
    import tempfile

    with tempfile.TemporaryDirectory() as folder:
        paths = [Path(folder) / str(k) for k in range(len(contents))]
        for path, content in zip(paths, contents, strict=True):
            path.write_bytes(content)
        assert unpacked(packed(paths)) == {fingerprint(path) for path in paths}
        assert len(unpacked(packed(paths))) == len(set(contents))


@pytest.mark.parametrize("text", ["abc", "AAAA", "not base64!"])
def test_a_card_with_other_text_in_place_of_fingerprints_is_refused(text: str) -> None:
    card = tiny_card().model_dump()
    card["data"]["learned"] = text
    with pytest.raises(ValidationError):
        ModelCard.model_validate(card)


@pytest.mark.slow
def test_evaluate_says_so(images: list[Path], tmp_path: Path) -> None:
    model = write_tiny_model(tmp_path / "tiny.onnx")
    model.write_bytes(with_card(model.read_bytes(), card_that_learned(images[:12])))
    rows = [f"{path.name},2,{k / 20}" for k, path in enumerate(images)]
    labels = tmp_path / "metrics.csv"
    labels.write_text("\n".join(["image,count,dice_mean", *rows]))
    out = tmp_path / "found.json"
    arguments = ["evaluate", str(model), "--images", str(images[0].parent), "--labels", str(labels), "--json", str(out)]
    said = " ".join(CliRunner().invoke(app, arguments).output.split())
    assert "Caution: The model learned from 12 of the 20 images" in said
    found = json.loads(out.read_text())
    assert found["images_met_in_training"] == 12
    held = round(found["coverage"] * 20)
    ends = binomtest(held, 20).proportion_ci(method="wilson")
    assert found["intervals95"]["coverage"] == pytest.approx([ends.low, ends.high])


def test_no_interval_where_there_is_no_correlation() -> None:
    from annotriage.measures.evaluation import evaluate_predictions

    found = evaluate_predictions(np.array([0.2, 0.9]), np.array([0.3, 0.8]))
    assert found["spearman"] is None and found["intervals95"]["spearman"] is None
    found = evaluate_predictions(np.random.default_rng(0).random(30), np.full(30, 0.5))
    assert found["spearman"] is None and found["intervals95"]["spearman"] is None


def test_the_bundled_model_knows_the_images_that_it_learned_from(shared_data: Path) -> None:
    split = json.loads((Path(__file__).parents[2] / "training/runs/bundled/split.json").read_text())
    card = ModelLibrary().find("bundled").card
    for part, all_of_them in (("train", True), ("validation", True), ("test", False)):
        paths = [shared_data / "isic/images" / f"{stem}.jpg" for stem in split[part]]
        assert images_met(card, paths) == (len(paths) if all_of_them else 0)
