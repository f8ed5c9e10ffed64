"""A report says for whom its numbers are, and how far off they are for those."""

from pathlib import Path

import numpy as np
import pytest

from annotriage.images import ImageFile
from annotriage.model_file import ModelCard
from annotriage.scoring.team import EVERYBODY, Team
from annotriage.triage import report_words as words
from annotriage.triage.catalogue import Catalogue
from annotriage.triage.report_content import ReportContent, report_content
from tests.tiny_models import tiny_card, ways_with_metrics


@pytest.fixture
def card() -> ModelCard:
    return tiny_card(ways=ways_with_metrics())


def content(card: ModelCard, team: Team | None) -> ReportContent:
    catalogue = Catalogue(Path("photos"), [ImageFile(Path("photos/a.png"), "a.png", 1, 1, None)])
    catalogue.disagreement[:] = np.float32(0.4)
    catalogue.team = team
    return report_content(catalogue, card, cutoff=0.3)


def test_the_error_is_that_of_the_way(card: ModelCard) -> None:
    said = content(card, Team("hand"))
    rows = dict(words.origin_rows(said))
    assert rows["Predicted for"] == "by hand"
    assert rows["Model’s error"].startswith("By hand: 0.054") and "0.063" in rows["Model’s error"]
    assert "" not in rows, "no other error beside it"
    assert words.top_title(said) == "The most contentious images: 1 of 1, by hand"
    (heatmap,) = words.legend([spec for spec in card.all_maps if not spec.lines], said)
    assert heatmap.endswith("Explains the prediction for: mixed or unknown.")


def test_of_a_mixture_it_is_never_said_alone(card: ModelCard) -> None:
    said = content(card, EVERYBODY)
    rows = words.origin_rows(said)
    assert ("Predicted for", "mixed or unknown") in rows
    captions, errors = zip(*rows[-3:], strict=True)
    assert captions == ("Model’s error", "", "")
    assert errors[0].startswith("Mixed or unknown: 0.") and errors[1].startswith("By hand: 0.")
    assert errors[2] == "By hand and flood fill: not measured"
    (heatmap,) = words.legend([spec for spec in card.all_maps if not spec.lines], said)
    assert "Explains the prediction for" not in heatmap


def test_of_a_model_without_ways_it_is_as_before() -> None:
    said = content(tiny_card(), EVERYBODY)
    captions = [caption for caption, _ in words.origin_rows(said)]
    assert captions == ["Folder", "Date", "Model", "Model’s error"]
    assert words.top_title(said) == "The most contentious images: 1 of 1"


def test_images_unlike_what_the_model_knows_are_counted_apart_from_those_above(card: ModelCard) -> None:
    said = content(card, Team("hand"))
    assert words.histogram_sentence(said).startswith("1 of 1")
    assert "unlike" not in words.histogram_sentence(said)
    catalogue = Catalogue(Path("photos"), [ImageFile(Path("photos/a.png"), "a.png", 1, 1, None)])
    catalogue.disagreement[:] = np.float32(0.4)
    catalogue.unlikeness[:] = 2
    sentence = words.histogram_sentence(report_content(catalogue, card, cutoff=0.3))
    assert sentence.startswith("0 of 1") and "not counting 1 image unlike what the model knows" in sentence
