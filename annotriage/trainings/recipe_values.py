"""A recipe as plain values that may be wrong for a while, and what is wrong with them."""

import copy
from collections.abc import Mapping
from typing import Any

from pydantic import ValidationError

from annotriage.regressors.recipes.recipe import Recipe
from annotriage.trainings.recipe_fields import FieldPath

Values = dict[str, Any]
"""As in a recipe's TOML: sections are dictionaries, what is left out is not there."""


def values_of(recipe: Recipe) -> Values:
    """Return a recipe's values, every default spelled out."""
    return recipe.model_dump(mode="json", exclude_none=True)


def value_at(values: Mapping[str, Any], path: FieldPath) -> Any:
    """Return a value; None where it, or its section, is left out."""
    inside: Any = values
    for name in path:
        if not isinstance(inside, Mapping) or name not in inside:
            return None
        inside = inside[name]
    return inside


def with_value(values: Values, path: FieldPath, value: Any) -> Values:
    """Return a copy with another value; None leaves it out."""
    changed = copy.deepcopy(values)
    inside = changed
    for name in path[:-1]:
        inside = inside.setdefault(name, {})
    if value is None:
        inside.pop(path[-1], None)
    else:
        inside[path[-1]] = value
    return changed


def check(values: Values) -> tuple[Recipe | None, dict[FieldPath, str]]:
    """Make a recipe of values.

    Returns
    -------
    recipe : Recipe or None
        None: something is wrong.
    problems : dict of FieldPath to str
        Where, and what; the empty path is the recipe as a whole, and a section's path the section.
    """
    try:
        return Recipe.model_validate(values), {}
    except ValidationError as error:
        problems: dict[FieldPath, str] = {}
        for each in error.errors():
            path = tuple(str(part) for part in each["loc"] if not isinstance(part, int))
            problems.setdefault(path, _words(each["type"], each.get("ctx", {}), each["msg"]))
        return None, problems


def _words(kind: str, limits: Mapping[str, Any], message: str) -> str:
    said = {
        "greater_than": "must be above {gt}",
        "greater_than_equal": "must be {ge} or more",
        "less_than": "must be below {lt}",
        "less_than_equal": "must be at most {le}",
        "multiple_of": "must be a multiple of {multiple_of}",
        "int_parsing": "must be a whole number",
        "int_from_float": "must be a whole number",
        "int_type": "must be a whole number",
        "float_parsing": "must be a number",
        "float_type": "must be a number",
        "finite_number": "must be a number",
        "missing": "is missing",
        "string_too_long": "is longer than {max_length} characters",
        "too_short": "must have at least {min_length}",
        "too_long": "must have at most {max_length}",
        "string_pattern_mismatch": "has a character that is not allowed there",
        "extra_forbidden": "is not known",
    }.get(kind)
    if said is None:
        return message.removeprefix("Value error, ")
    return said.format(**limits)
