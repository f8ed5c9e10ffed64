"""What the Model page is about to plan: one set of values, several backbones, and what comes of them."""

import re
from typing import TYPE_CHECKING

from annotriage.regressors.backbones.registry import BACKBONES
from annotriage.trainings.recipe_values import Values, check, value_at, values_of, with_value
from annotriage.wording import images_text, number_text

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from annotriage.regressors.recipes.recipe import Recipe
    from annotriage.trainings.plan import TrainingPlan
    from annotriage.trainings.recipe_fields import FieldPath

_LONGEST_NAME = 64


class RecipeDraft:
    """One recipe's values, trained with each of several backbones: the one thing that form, text and page show.

    It is checked once a change, and tells its observers.

    Attributes
    ----------
    values : Values
        The recipe as it is edited; may be wrong for a while. Its backbone is the first of `backbones`.
    problems : dict of FieldPath to str
        What is wrong with the values: see `recipe_values.check`.
    backbones : list of str
        Those to train, in the order of the table of backbones; may be empty.
    weights : dict of str to str
        ``imagenet`` or ``none`` for single backbones, where it is another than the recipe's.
    preset : str
        Key of the recipe to begin with; empty: another one.
    observers : list of callable
        Called after each change.
    """

    def __init__(self, recipe: "Recipe", preset: str = "") -> None:
        self.observers: list[Callable[[], None]] = []
        self.take(recipe, preset)

    def take(self, recipe: "Recipe", preset: str = "") -> None:
        """Begin anew with a recipe and its backbone."""
        self.preset = preset
        self.backbones = [recipe.backbone]
        self.weights: dict[str, str] = {}
        self._original = values_of(recipe)
        self._set(self._original)

    def take_all(self, recipes: "Sequence[Recipe]") -> None:
        """Go on with recipes that differ in their backbones alone."""
        first = recipes[0]
        self.take(first)
        self.backbones = [recipe.backbone for recipe in recipes]
        self.weights = {recipe.backbone: recipe.weights for recipe in recipes}
        if len(recipes) > 1:
            shared = first.name.removesuffix(first.backbone).rstrip("-_. ")
            self.set_value(("name",), shared or first.name)

    def set_value(self, path: "FieldPath", value: object) -> None:
        """Take one value in; a backbone that was changed there is trained in place of the first one."""
        before, values = self.values.get("backbone"), with_value(self.values, path, value)
        after = values.get("backbone")
        if after != before and isinstance(after, str):
            kept = [name for name in self.backbones if name not in (before, after)]
            self.backbones = [name for name in BACKBONES if name in {after, *kept}]
        if self.values.get("weights") != values.get("weights"):
            self.weights = {}
        self._set(values)

    def use(self, backbone: str, wanted: bool) -> None:
        """Train with a backbone, or without it."""
        chosen = {*self.backbones, backbone} if wanted else set(self.backbones) - {backbone}
        self.backbones = [name for name in BACKBONES if name in chosen]
        if self.backbones and self.values.get("backbone") not in self.backbones:
            self._set(with_value(self.values, ("backbone",), self.backbones[0]))
        else:
            self._tell()

    def start_from_random(self, backbone: str) -> None:
        """Let a backbone start from random weights; where all do, the recipe itself says so."""
        self.weights[backbone] = "none"
        if all(self.weights.get(each) == "none" for each in self.backbones):
            self.set_value(("weights",), "none")
        else:
            self._tell()

    def _set(self, values: Values) -> None:
        self.values = values
        self._recipe, self.problems = check(values)
        self._tell()

    def _tell(self) -> None:
        for observer in self.observers:
            observer()

    def why_not(self, backbone: str) -> str:
        """Return why a backbone does not go with these values; empty: it does."""
        if self.needs_masks() and not BACKBONES[backbone].has_pyramid:
            return "cannot outline lesions, as this recipe asks"
        return ""

    def values_for(self, backbone: str) -> Values:
        """Return the values with a backbone, its weights and a name that no other one has."""
        return {**self.values, **self._own(backbone)}

    def recipes(self) -> "tuple[Recipe, ...]":
        """Return a recipe for each backbone; none at all while something is wrong."""
        recipe = self._recipe
        if recipe is None or any(map(self.why_not, self.backbones)):
            return ()
        return tuple(recipe.model_copy(update=self._own(backbone)) for backbone in self.backbones)

    def _own(self, backbone: str) -> dict[str, str]:
        weights = self.weights.get(backbone) or str(self.values.get("weights", ""))
        return {"backbone": backbone, "weights": weights, "name": self.name_for(backbone)}

    def changes(self) -> list[str]:
        """Name what is another than in the preset; its name and network are everybody's own."""
        if not self.preset:
            return []
        before, now = self._original, self.values
        names = [name for name in {**before, **now} if before.get(name) != now.get(name)]
        changed = [name.replace("_", " ") for name in names if name not in ("name", "backbone", "seed")]
        others = [name for name, weights in self.weights.items() if weights != now.get("weights")]
        return changed + [f"weights of {BACKBONES[name].title}" for name in others if name in self.backbones]

    def missing(self, plan: "TrainingPlan") -> str:
        """Say in one sentence why it cannot be trained on what is planned; empty: it can."""
        if not self.backbones:
            return "Choose at least one network."
        for backbone in self.backbones:
            if why := self.why_not(backbone):
                return f"{BACKBONES[backbone].title} {why}."
        if self.problems:
            return problem_words(self.problems)
        if not plan.folds and value_at(self.values, ("split", "fold")) is not None:
            return "This recipe names a fold to be tested on: choose cross-validation, or take it out."
        return masks_missing(self, plan) or _targets_missing(self, plan)

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


def _targets_missing(draft: RecipeDraft, plan: "TrainingPlan") -> str:
    """Say which further target the table does not have; a run would only find out when it begins."""
    mapping, targets = plan.mapping, draft.values.get("further_targets")
    if mapping is None or not isinstance(targets, list | tuple):
        return ""
    lacking = [str(target) for target in targets if mapping.further(str(target)) is None]
    if not lacking:
        return ""
    columns = [name for name in mapping.header if name and name != mapping.column("image")]
    return (
        f"The table of agreement has no column for the further target {lacking[0]}. Take it out, or name one of its "
        f"columns: {', '.join(columns[:12])}."
    )


def title_of(path: "FieldPath") -> str:
    """Return how people read a place in a recipe: 'Fit › early stopping'."""
    if not path:
        return "The recipe"
    words = " › ".join(name.replace("_", " ") for name in path)
    return words[0].upper() + words[1:]


def problem_words(problems: "Mapping[FieldPath, str]") -> str:
    """Return the first problem in one sentence, with its place."""
    path, words = next(iter(problems.items()))
    return f"{title_of(path)}: {words}." if path else f"{words[:1].upper()}{words[1:]}."


def weights_words(state: str) -> str:
    """Write where ImageNet weights stand."""
    return {
        "present": "ImageNet weights are here",
        "download": "ImageNet weights will be downloaded",
        "unreachable": "ImageNet weights are not here and cannot be downloaded",
        "none": "starts from random weights",
    }.get(state, "")


def runs_words(models: int, runs: int) -> str:
    """Write how many trainings there are."""
    if models * runs == 1:
        return "One run"
    if models == 1:
        return f"{runs} runs"
    return f"{models * runs} runs ({models} networks × {runs})"
