"""The card: what is let through, and what is refused with its place."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from annotriage.model_file import ModelCard
from tests.tiny_models import tiny_card


def test_a_card_survives_json() -> None:
    card = tiny_card(further_targets=["count"])
    assert ModelCard.model_validate_json(card.model_dump_json()) == card


def test_what_is_not_known_is_null_in_json() -> None:
    written = json.loads(tiny_card(metrics=None).model_dump_json())
    assert written["metrics"] is None
    assert written["interval"]["coverage"] is None


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("name", "two words"),
        ("name", ".hidden"),
        ("name", "../up"),
        ("name", "a" * 65),
        ("name", "nul"),
        ("name", "COM1.v2"),
        ("title", "t" * 201),
        ("title", "two\nlines"),
        ("title", "red \x1b[31m"),
        ("description", "d" * 8001),
        ("description", "reversed \u202e"),
        ("limitations", "bell \x07"),
        ("input_height", 31),
        ("input_width", 1025),
        ("std", (0.2, 0.0, 0.2)),
        ("mean", (0.2, float("nan"), 0.2)),
        ("outputs", ["predicted_dice", "interval"]),
        ("outputs", ["predicted_dice", "interval", "heatmap", "heatmap"]),
        ("outputs", ["predicted_dice", "interval", "heatmap", "surprise"]),
        ("recipe", {"note": "escape \x1b"}),
        ("recipe", {"rate": float("nan")}),
        ("format", 2),
        ("unknown", 1),
    ],
)
def test_what_a_card_refuses(field: str, value: object) -> None:
    with pytest.raises(ValidationError):
        tiny_card(**{field: value})


def test_a_deep_recipe_is_refused() -> None:
    recipe: dict[str, object] = {}
    for _ in range(50):
        recipe = {"inner": recipe}
    with pytest.raises(ValidationError, match="nested too deeply"):
        tiny_card(recipe=recipe)


@given(st.text(st.characters(exclude_categories=("C", "Zl", "Zp")), max_size=200))
def test_any_language_may_be_written(text: str) -> None:
    assert tiny_card(title=text, description=text).title == text
