"""What the Model page is about to plan: one set of values, several backbones, and what comes of them."""

import re
from typing import TYPE_CHECKING

from annotriage.regressors.backbones.registry import BACKBONES
from annotriage.trainings.recipe_values import Values, check, value_at, values_of, with_value
from annotriage.wording import images_text, number_text

if TYPE_CHECKING:
    from annotriage.regressors.recipes.recipe import Recipe
    from annotriage.trainings.plan import TrainingPlan
    from annotriage.trainings.recipe_fields import FieldPath

_LONGEST_NAME = 64


class RecipeDraft:
    """One recipe's values, trained with each of several backbones.

    Attributes
    ----------
    values : Values
        The recipe as it is edited; may be wrong for a while. Its backbone is the first of `backbones`.
    backbones : list of str
        Those to train, in the order of the table of backbones; may be empty.
    weights : dict of str to str
        ``imagenet`` or ``none`` for single backbones, where it is another than the recipe's.
    """

    def __init__(self, recipe: "Recipe") -> None:
        self.values: Values = {}
        self.backbones: list[str] = []
        self.weights: dict[str, str] = {}
        self.take(recipe)

    def take(self, recipe: "Recipe") -> None:
        """Begin anew with a recipe and its backbone."""
        self.values = values_of(recipe)
        self.backbones = [recipe.backbone]
        self.weights = {}

    def set_values(self, values: Values) -> None:
        """Take values in that were edited; a backbone that was changed there is trained in place of the first one."""
        before, after = self.values.get("backbone"), values.get("backbone")
        weights = self.values.get("weights") != values.get("weights")
        self.values = values
        if after != before and isinstance(after, str):
            kept = [name for name in self.backbones if name not in (before, after)]
            self.backbones = [name for name in BACKBONES if name in {after, *kept}]
        if weights:
            self.weights = {}

    def set_value(self, path: "FieldPath", value: object) -> None:
        """Take one value in."""
        self.set_values(with_value(self.values, path, value))

    def use(self, backbone: str, wanted: bool) -> None:
        """Train with a backbone, or without it."""
        chosen = {*self.backbones, backbone} if wanted else set(self.backbones) - {backbone}
        self.backbones = [name for name in BACKBONES if name in chosen]
        if self.backbones and self.values.get("backbone") not in self.backbones:
            self.values = with_value(self.values, ("backbone",), self.backbones[0])

    def start_from_random(self, backbone: str) -> None:
        """Let a backbone start from random weights; where all do, the recipe itself says so."""
        self.weights[backbone] = "none"
        if all(self.weights.get(each) == "none" for each in self.backbones):
            self.set_value(("weights",), "none")

    def problems(self) -> "dict[FieldPath, str]":
        """Return what is wrong with the values: see `recipe_values.check`."""
        return check(self.values)[1]

    def why_not(self, backbone: str) -> str:
        """Return why a backbone does not go with these values; empty: it does, or the fault lies elsewhere."""
        if self.needs_masks() and not BACKBONES[backbone].pooled:
            return "cannot outline lesions, as this recipe asks"
        there = set(self.problems())
        _, problems = check(with_value(self.values, ("backbone",), backbone))
        own = [words for path, words in problems.items() if path not in there]
        if own:
            return own[0]
        whole = problems.get((), "")
        return whole if backbone in whole else ""

    def values_for(self, backbone: str) -> Values:
        """Return the values with a backbone, its weights and a name that no other one has."""
        values = with_value(self.values, ("backbone",), backbone)
        if backbone in self.weights:
            values = with_value(values, ("weights",), self.weights[backbone])
        return with_value(values, ("name",), self.name_for(backbone))

    def recipe_for(self, backbone: str) -> "Recipe | None":
        """Return the recipe of a backbone; None while something is wrong."""
        return check(self.values_for(backbone))[0]

    def recipes(self) -> "tuple[Recipe, ...]":
        """Return a recipe for each backbone; none at all while one of them is wrong."""
        made = [self.recipe_for(backbone) for backbone in self.backbones]
        return tuple(recipe for recipe in made if recipe is not None) if None not in made else ()

    def name_for(self, backbone: str) -> str:
        """Return the name that a backbone's recipe gets: the recipe's own, where it is the only one."""
        name = str(self.values.get("name", ""))
        named = next((each for each in BACKBONES if name.casefold().endswith(each)), "")
        if len(self.backbones) < 2 and named in ("", backbone):
            return name
        stem = re.sub(r"[-_. ]+$", "", name[: len(name) - len(named)]) if named else name
        return f"{stem[: _LONGEST_NAME - len(backbone) - 1]}-{backbone}" if stem else backbone

    def needs_masks(self) -> bool:
        """Tell whether a folder of expert masks is needed."""
        return bool(value_at(self.values, ("mask_head", "enabled")))

    def has_mask_stage(self) -> bool:
        """Tell whether it learns to outline before it sees a label, from images without one."""
        return self.values.get("mask_stage") is not None


def masks_lack(plan: "TrainingPlan") -> str:
    """Say in a few words what the masks lack for a recipe that learns to outline first; empty: nothing is known to."""
    if plan.masks is None:
        return "needs expert masks"
    if plan.further_masks is not None and plan.further_masks < _fewest():
        return "needs masks of more images without a label"
    return ""


def masks_missing(draft: RecipeDraft, plan: "TrainingPlan") -> str:
    """Say in one sentence why a recipe cannot learn from the masks there are; empty: it can, or does not want to."""
    if not draft.needs_masks():
        return ""
    if plan.masks is None:
        return "This recipe learns from expert masks: choose their folder on the page Labels, or another recipe."
    if draft.has_mask_stage() and masks_lack(plan):
        return (
            "This recipe learns from masks of images that have no label, and there are only "
            f"{images_text(plan.further_masks or 0)} of these; at least {number_text(_fewest())} are needed. Add masks "
            "and images, or choose another recipe."
        )
    return ""


def _fewest() -> int:
    from annotriage.regressors.data.run_data import FEWEST_LABELLED

    return FEWEST_LABELLED
