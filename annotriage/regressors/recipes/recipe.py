"""Recipes: everything that decides how a regressor is trained, in one TOML file that is checked before work starts."""

import tomllib
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Field, ValidationError, model_validator

from annotriage.errors import AnnotriageError
from annotriage.image_maps import LESION
from annotriage.measures.ways import WAYS
from annotriage.model_file.card import BY_WAY, FEATURES, REQUIRED_OUTPUTS
from annotriage.model_file.card_parts import Name, OutputName, Text
from annotriage.plain_files import read_plain_text
from annotriage.regressors.backbones.registry import BACKBONES
from annotriage.regressors.recipes.sections import (
    OUTLINE_TERMS,
    CardText,
    Distillation,
    Fit,
    MaskHead,
    MaskStage,
    Section,
    SplitFractions,
)
from annotriage.resources_folder import resources_folder

_TAKEN = {"dice_mean", *REQUIRED_OUTPUTS, LESION, BY_WAY, FEATURES, *(f"dice_{way}" for way in WAYS)}
"""What no further target may be called: outputs of the model's own, and columns of predictions.csv."""


def _known_backbone(name: str) -> str:
    if name not in BACKBONES:
        raise ValueError(f"choose one of {', '.join(BACKBONES)}")
    return name


BackboneName = Annotated[str, AfterValidator(_known_backbone)]


class Recipe(Section):
    """How a regressor is trained.

    Attributes
    ----------
    name : str
        Becomes the name of the model file.
    backbone : str
        A key of `annotriage.regressors.backbones.registry.BACKBONES`.
    weights : {"imagenet", "none"}
        What the backbone starts from.
    image_size : int
        Height and width of the network's input in pixels.
    further_targets : tuple of str
        Columns of the metrics table predicted beside the Dice by the same network.
    further_weight : float
        Weight of the further targets' loss (each target standardised) beside the Dice's.
    """

    name: Name = Field(description="becomes the name of the model file")
    description: Text = Field("", description="what this recipe is about, for whoever reads it later")
    backbone: BackboneName = Field("resnet18", description="the network that looks at the image")
    weights: Literal["imagenet", "none"] = Field(
        "imagenet", description="imagenet starts from what was learned on photographs, none from random weights"
    )
    image_size: int = Field(
        224, ge=32, le=1024, multiple_of=32, description="pixels a side; twice as many cost about four times the time"
    )
    seed: int = Field(0, ge=0, le=2**31 - 1, description="of all random choices; several runs count from 1")
    further_targets: tuple[OutputName, ...] = Field(
        (), max_length=28, description="further columns of the table that the same network learns to predict"
    )
    further_weight: float = Field(
        0.2, gt=0, le=100, description="weight of the further targets' loss beside the Dice's"
    )
    compact: bool = Field(False, description="store the model file's weights in 16 bits")
    split: SplitFractions = SplitFractions()
    fit: Fit = Fit()
    mask_head: MaskHead = MaskHead()
    card: CardText = CardText()
    mask_stage: MaskStage | None = None
    distillation: Distillation | None = None

    @property
    def split_seed(self) -> int:
        """Seed by which the labelled images are split."""
        return self.seed if self.split.seed is None else self.split.seed

    @property
    def first_fit(self) -> Fit:
        """The fit that comes first after the mask stage: the teachers', or the student's where they are no networks."""
        if self.distillation is not None and self.distillation.teachers == "outlines":
            return self.distillation.fit
        return self.fit

    @model_validator(mode="after")
    def _fits_together(self) -> "Recipe":
        if self.mask_stage is not None and not self.mask_head.enabled:
            raise ValueError("mask_stage needs mask_head.enabled = true")
        if self.mask_head.enabled and not BACKBONES[self.backbone].has_pyramid:
            raise ValueError(f"mask_head does not go with {self.backbone}, which has no feature pyramid")
        if len(set(self.further_targets)) < len(self.further_targets):
            raise ValueError("further_targets names a column twice")
        if self.distillation is not None and self.distillation.teachers == "outlines" and self.mask_stage is None:
            raise ValueError("distillation.teachers = 'outlines' needs a mask_stage, from which the outlines come")
        if self.distillation is not None and not self.distillation.student_share:
            if self.distillation.teachers != "outlines":
                raise ValueError("distillation.student_share = 0 needs teachers = 'outlines', which become the head")
            if self.mask_head.terms != OUTLINE_TERMS:
                raise ValueError(
                    "distillation.student_share = 0 needs mask_head.terms = "
                    f"[{', '.join(map(repr, OUTLINE_TERMS))}], on which the head rests"
                )
        if self.distillation is not None and self.further_targets:
            raise ValueError("distillation and further_targets do not go together; take one of them out")
        if _TAKEN & set(self.further_targets):
            raise ValueError("further_targets may not name the Dice itself or one of the model's own outputs")
        return self


def load_recipe(path: Path | str) -> Recipe:
    """Read and check a recipe.

    Parameters
    ----------
    path : Path or str
        A TOML file, or the name of a recipe that ships with the program (``"paper"``).

    Returns
    -------
    Recipe

    Raises
    ------
    AnnotriageError
        There is no such file, it is not TOML, or a value is not allowed; every bad value is named with its place.
    """
    file = Path(path)
    shipped = resources_folder() / "recipes" / f"{path}.toml"
    if not _is_file(file) and _is_file(shipped):
        file = shipped
    if not _is_file(file):
        names = ", ".join(sorted(each.stem for each in (resources_folder() / "recipes").glob("*.toml")))
        raise AnnotriageError(f"There is no recipe {path}. Give a TOML file, or one that ships: {names}.")
    try:
        return parse_recipe(tomllib.loads(read_plain_text(file)), str(file))
    except OSError as error:
        raise AnnotriageError(f"The recipe {file} cannot be read ({error.strerror}).") from None
    except (
        ValueError,
        RecursionError,
    ) as error:  # also not UTF-8, 5,000 digits, nested without end
        first = (str(error).splitlines() or ["too deep"])[0][:200]
        raise AnnotriageError(f"The recipe {file} is not valid TOML: {first}. Mend that place and try again.") from None


def _is_file(path: Path) -> bool:
    try:
        return path.is_file()
    except OSError:  # no name that a file can have
        return False


def parse_recipe(values: dict[str, Any], source: str) -> Recipe:
    """Check a recipe's values; `source` names their place in the error.

    Raises
    ------
    AnnotriageError
        A value is unknown or not allowed.
    """
    try:
        return Recipe.model_validate(values)
    except ValidationError as error:
        lines = [
            f"  {'.'.join(map(str, e['loc'])) or 'recipe'}: {e['msg']} (got {e['input']!r:.60})" for e in error.errors()
        ]
        raise AnnotriageError(f"The recipe {source} has values that are not allowed:\n" + "\n".join(lines)) from None


def is_recipe_of(text: str, recipe: Recipe) -> bool:
    """Tell whether a run's recipe, as TOML, trains as `recipe` does: what it says of itself may be another text."""
    if text == recipe_toml(recipe):
        return True
    try:
        known = Recipe.model_validate(tomllib.loads(text))
    except (ValueError, RecursionError):  # ValidationError and TOMLDecodeError are such
        return False
    return known.model_copy(update={"description": recipe.description}) == recipe


def recipe_toml(recipe: Recipe) -> str:
    """Write a recipe, every default spelled out, as TOML that `load_recipe` reads back to an equal recipe."""
    import tomli_w

    return tomli_w.dumps(recipe.model_dump(mode="json", exclude_none=True))
