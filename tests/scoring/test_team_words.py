"""For whom predictions hold, in words."""

from annotriage.image_maps import HEATMAP, LESION
from annotriage.measures.calibration import Calibration
from annotriage.measures.intervals import ConformalFactors
from annotriage.scoring.team import EVERYBODY, Team
from annotriage.scoring.team_words import beside, figures_in_short, figures_text, map_note, team_text
from tests.tiny_models import TINY_WAYS, tiny_card, ways_with_metrics

CARD = tiny_card(ways=ways_with_metrics())
CALIBRATION = Calibration("tiny", "hand", 0.0, 1.0, ConformalFactors(1.0, 1.0, 0.9, 64), 64)


def test_a_team_is_named_by_how_it_draws_and_what_was_fitted_to_it() -> None:
    assert team_text(CARD, EVERYBODY) == "mixed or unknown"
    assert team_text(CARD, Team("hand")) == "by hand"
    assert team_text(CARD, Team("hand", CALIBRATION)) == "by hand, calibrated on 64 images of yours"


def test_where_a_model_knows_no_ways_nothing_is_said_of_them() -> None:
    assert team_text(None, Team("hand")) == team_text(tiny_card(), EVERYBODY) == ""
    assert team_text(tiny_card(), Team(calibration=CALIBRATION)) == "calibrated on 64 images of yours"
    assert beside("0.71", "") == "0.71" and beside("0.71", "by hand") == "0.71, by hand"


def test_a_way_of_the_models_own_is_called_as_its_card_calls_it() -> None:
    own = TINY_WAYS[1].model_copy(update={"key": "tablet", "words": "with a pen on a tablet"})
    assert team_text(tiny_card(ways=[TINY_WAYS[0], own]), Team("tablet")) == "with a pen on a tablet"


def test_the_figures_of_a_way_stand_beside_the_guess_that_looks_at_no_image() -> None:
    hand, both = CARD.ways[1:]
    assert figures_in_short(hand) == "error 0.054, rank correlation 0.50, 87 images"
    said = figures_text(hand)
    assert "On 87 images drawn so (by hand)" in said and "off by 0.054" in said and "by 0.063" in said
    assert "0.50 (a guess: 0" in said and "held 91 %" in said
    assert figures_in_short(both) == "its error is not measured"
    assert "was not measured" in figures_text(both) and figures_text(both).endswith("Rests on <few> pairs.")


def test_the_heatmap_is_said_to_be_of_another_prediction_where_it_is() -> None:
    assert map_note(CARD, EVERYBODY, HEATMAP) == map_note(CARD, Team("hand"), LESION) == ""
    note = map_note(CARD, Team("hand"), HEATMAP)
    assert note == "It explains the prediction for “mixed or unknown”, not the one for “by hand”."
    assert "for everybody" in map_note(tiny_card(), Team(calibration=CALIBRATION), HEATMAP)
