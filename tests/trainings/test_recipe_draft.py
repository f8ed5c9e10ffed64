"""A recipe that is edited."""

import pytest

from annotriage.regressors.backbones.registry import BACKBONES
from annotriage.regressors.recipes.recipe import Recipe, load_recipe
from annotriage.trainings import recipe_draft
from annotriage.trainings.recipe_draft import RecipeDraft
from annotriage.trainings.recipe_values import Values, check


@pytest.mark.parametrize("name", ["paper", "bundled"])
def test_a_backbone_is_refused_where_its_recipe_would_be(name: str) -> None:
    draft = RecipeDraft(load_recipe(name))
    for backbone in BACKBONES:
        recipe, _ = check(draft.values_for(backbone))
        assert (recipe is None) == bool(draft.why_not(backbone)), backbone


@pytest.mark.parametrize("name", ["paper", "bundled"])
def test_the_recipe_of_each_backbone_is_as_if_checked_by_itself(name: str) -> None:
    draft = RecipeDraft(load_recipe(name))
    for backbone in BACKBONES:
        draft.use(backbone, not draft.why_not(backbone))
    draft.start_from_random(draft.backbones[-1])
    assert len(draft.recipes()) > 1
    assert draft.recipes() == tuple(Recipe.model_validate(draft.values_for(backbone)) for backbone in draft.backbones)


def test_each_change_is_checked_once_and_told_once(monkeypatch: pytest.MonkeyPatch) -> None:
    checked: list[Values] = []
    told: list[str] = []

    def counted(values: Values) -> tuple[Recipe | None, dict[tuple[str, ...], str]]:
        checked.append(values)
        return check(values)

    draft = RecipeDraft(load_recipe("paper"))
    draft.use("vit_b_32", True)
    monkeypatch.setattr(recipe_draft, "check", counted)
    draft.observers.append(lambda: told.append(f"{len(draft.recipes())} {draft.problems}"))
    draft.set_value(("fit", "epochs"), 20)
    draft.set_value(("fit", "epochs"), 0)
    assert len(checked) == 2
    assert told == ["2 {}", "0 {('fit', 'epochs'): 'must be 1 or more'}"]
    draft.use("resnet18", False)
    assert told[2].startswith("0 ")
