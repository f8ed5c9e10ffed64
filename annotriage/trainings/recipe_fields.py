"""What a recipe consists of, read off its pydantic model: sections, their fields, and what each field allows."""

import types
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Literal, Union, get_args, get_origin

from annotated_types import Ge, Gt, Le, Lt, MaxLen, MinLen, MultipleOf
from pydantic import BaseModel
from pydantic.fields import FieldInfo

from annotriage.regressors.recipes.recipe import Recipe
from annotriage.regressors.recipes.sections import MaskRound

FieldPath = tuple[str, ...]
"""Where a value lies in a recipe: ``("fit", "optimiser", "learning_rate")``."""
_LONG = ("data", "intended_use", "limitations", "description")
"""Texts of several lines."""


class Kind(StrEnum):
    """How a value is written."""

    SWITCH = "switch"
    CHOICE = "choice"
    WHOLE = "whole"
    NUMBER = "number"
    LINE = "line"
    TEXT = "text"
    CHOICES = "choices"
    NAMES = "names"
    ROUNDS = "rounds"


@dataclass(frozen=True, slots=True)
class RecipeField:
    """One value of a recipe.

    Attributes
    ----------
    path : FieldPath
    kind : Kind
    allowed : str
        Which values may stand there, in a few words; empty where the widget shows it.
    reason : str
        What it is for.
    options : tuple of str
        The values to choose from.
    optional : bool
        Whether it may be left empty.
    """

    path: FieldPath
    kind: Kind
    allowed: str
    reason: str
    options: tuple[str, ...] = ()
    optional: bool = False


@dataclass(frozen=True, slots=True)
class RecipeSection:
    """Values that belong together.

    Attributes
    ----------
    path : FieldPath
        Empty for the recipe's own.
    reason : str
        What the section is about.
    optional : bool
        Whether a recipe may do without it.
    fields : tuple of RecipeField
    """

    path: FieldPath
    reason: str
    optional: bool
    fields: tuple[RecipeField, ...]


def recipe_sections() -> list[RecipeSection]:
    """Return all sections of a recipe, each before those inside it."""
    return _sections(Recipe, (), optional=False)


def _sections(model: type[BaseModel], path: FieldPath, *, optional: bool, reason: str = "") -> list[RecipeSection]:
    fields: list[RecipeField] = []
    inner: list[RecipeSection] = []
    for name, info in model.model_fields.items():
        kind, may_be_none = _without_none(info.annotation)
        if isinstance(kind, type) and issubclass(kind, BaseModel):
            inner += _sections(kind, (*path, name), optional=may_be_none, reason=info.description or "")
        else:
            fields.append(_field((*path, name), kind, info, may_be_none))
    words = (reason or (model.__doc__ or "").strip().split("\n")[0]).rstrip(".")
    return [RecipeSection(path, "" if not path else words, optional, tuple(fields)), *inner]


def _without_none(annotation: Any) -> tuple[Any, bool]:
    if get_origin(annotation) in (Union, types.UnionType):
        others = [each for each in get_args(annotation) if each is not type(None)]
        return others[0], len(others) < len(get_args(annotation))
    return annotation, False


def _field(path: FieldPath, annotation: Any, info: FieldInfo, optional: bool) -> RecipeField:
    reason = (info.description or "").rstrip(".")
    options: tuple[str, ...] = ()
    if annotation is bool:
        kind = Kind.SWITCH
    elif annotation is int:
        kind = Kind.WHOLE
    elif annotation is float:
        kind = Kind.NUMBER
    elif get_origin(annotation) is Literal:
        kind, options = Kind.CHOICE, get_args(annotation)
    elif path == ("backbone",):
        from annotriage.regressors.backbones.registry import BACKBONES

        kind, options = Kind.CHOICE, tuple(BACKBONES)
    elif get_origin(annotation) is tuple:
        element = get_args(annotation)[0]
        if element is MaskRound:
            kind = Kind.ROUNDS
        elif get_origin(element) is Literal:
            kind, options = Kind.CHOICES, get_args(element)
        else:
            kind = Kind.NAMES
    else:
        kind = Kind.TEXT if path[-1] in _LONG else Kind.LINE
    return RecipeField(path, kind, _allowed(kind, info, optional), reason, options, optional)


def _allowed(kind: Kind, info: FieldInfo, optional: bool) -> str:
    """Say which values are allowed, from the model's own limits."""
    limits = {type(each): each for each in info.metadata}
    if kind in (Kind.WHOLE, Kind.NUMBER):
        words = _range(limits)
        if optional:
            words += ", or empty"
        return words
    if kind is Kind.ROUNDS:
        return "size: epochs, …; sizes are multiples of 32 from 32 to 1024"
    if kind is Kind.NAMES:
        most = limits.get(MaxLen)
        return "names with commas between, at most {most}".format(most=most.max_length if most else "∞")
    if kind is Kind.CHOICES and MinLen in limits:
        return "at least one"
    if info.annotation is str and any("pattern" in repr(each) for each in info.metadata):
        return "letters, digits, points, dashes and underscores"
    return ""


def _range(limits: dict[type, Any]) -> str:
    low = limits[Ge].ge if Ge in limits else limits[Gt].gt if Gt in limits else None
    high = limits[Le].le if Le in limits else limits[Lt].lt if Lt in limits else None
    parts = []
    if low is not None and high is not None and Ge in limits and Le in limits:
        parts.append(f"{_number(low)} to {_number(high)}")
    else:
        if low is not None:
            parts.append(("{value} or more" if Ge in limits else "above {value}").format(value=_number(low)))
        if high is not None:
            parts.append(("at most {value}" if Le in limits else "below {value}").format(value=_number(high)))
    if MultipleOf in limits:
        parts.append(f"a multiple of {_number(limits[MultipleOf].multiple_of)}")
    return ", ".join(parts)


def _number(value: float) -> str:
    return f"{value:,}" if isinstance(value, int) else f"{value:g}"
