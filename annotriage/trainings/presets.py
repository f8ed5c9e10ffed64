"""Recipes to begin with: those that ship, a quick trial, and those that the user saved."""

import functools
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from annotriage.errors import AnnotriageError
from annotriage.user_folder import user_folder
from annotriage.writing import write_whole

if TYPE_CHECKING:
    from collections.abc import Callable

    from annotriage.regressors.recipes.recipe import Recipe


@dataclass(frozen=True, slots=True)
class Preset:
    """A recipe to begin with.

    Attributes
    ----------
    key : str
        ``paper``, ``quick``, ``bundled``, or the path of the user's file.
    title, words : str
        What people read: a name, and in a sentence or two what it is for.
    load : callable
        Makes the recipe; may raise `AnnotriageError`.
    own : bool
        Whether the user saved it.
    """

    key: str
    title: str
    words: str
    load: "Callable[[], Recipe]"
    own: bool = False


def shipped_presets() -> list[Preset]:
    """Return what ships with the program; the first one is what a beginner should take."""
    return [
        Preset(
            "paper",
            "The paper’s",
            (
                "As Bravo Iriarte et al. (2025) trained theirs: a network that knows photographs already, fitted to "
                "your labels in at most 10 epochs. A good first choice."
            ),
            lambda: _shipped("paper"),
        ),
        Preset(
            "quick",
            "Quick trial",
            (
                "Small images, three epochs, from random weights: shows within minutes that everything works. Its "
                "model is not meant to be used."
            ),
            quick_recipe,
        ),
        Preset(
            "bundled",
            "The bundled model’s",
            (
                "As the model that ships was made: outlines lesions first, on expert masks, then learns from your "
                "labels and from regressions on its outlines. The best so far, and the longest."
            ),
            lambda: _shipped("bundled").model_copy(update={"name": "like-bundled"}),
        ),
    ]


def quick_recipe() -> "Recipe":
    """Return the recipe that shows within minutes that everything works."""
    from annotriage.regressors.recipes.recipe import Recipe
    from annotriage.regressors.recipes.sections import EarlyStopping, Fit, Optimiser, Schedule

    return Recipe(
        name="quick-trial",
        description="Shows within minutes that everything works; its model is not meant to be used.",
        backbone="mobilenet_v3_large",
        weights="none",
        image_size=96,
        fit=Fit(
            epochs=3,
            optimiser=Optimiser(learning_rate=1e-3),
            schedule=Schedule(name="one_cycle"),
            early_stopping=EarlyStopping(patience=0),
        ),
    )


def recipes_folder() -> Path:
    """Return the folder of the user's recipes; it need not exist yet."""
    return user_folder() / "recipes"


def own_presets(folder: Path | None = None) -> list[Preset]:
    """Return the recipes that the user saved, by name; what cannot be read says so when it is chosen."""
    from annotriage.regressors.recipes.recipe import load_recipe

    folder = recipes_folder() if folder is None else folder
    try:
        files = sorted(folder.glob("*.toml"), key=lambda file: file.name.casefold())
    except OSError:
        files = []
    words = "Saved in {path}"
    return [
        Preset(str(file), file.stem, words.format(path=file), functools.partial(load_recipe, file), own=True)
        for file in files
    ]


def save_own(recipe: "Recipe", name: str, folder: Path | None = None) -> Path:
    """Write a recipe among the user's own, in place of one of the same name.

    Raises
    ------
    AnnotriageError
        It cannot be written.
    """
    folder = recipes_folder() if folder is None else folder
    path = folder / f"{name}.toml"
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise AnnotriageError(
            f"The folder {folder} for your recipes cannot be made ({error.strerror}); check its permissions."
        ) from None
    write_recipe(recipe, path)
    return path


def write_recipe(recipe: "Recipe", path: Path) -> None:
    """Write a recipe as TOML.

    Raises
    ------
    AnnotriageError
        It cannot be written.
    """
    from annotriage.regressors.recipes.recipe import recipe_toml

    write_whole(path, recipe_toml(recipe).encode())


def _shipped(name: str) -> "Recipe":
    from annotriage.regressors.recipes.recipe import load_recipe

    return load_recipe(name)
