"""Whether a model has met the images on which it is measured."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any

from annotriage.images.fingerprint import fingerprint, unpacked
from annotriage.model_file.card import ModelCard
from annotriage.names import counted


class Exposure(StrEnum):
    """Whether a model has learned from images that it is now measured on."""

    UNSEEN = "unseen"
    SEEN = "seen"
    MAYBE = "maybe"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Met:
    """What is known of a model and some images.

    Attributes
    ----------
    exposure : Exposure
    images : int
        How many it certainly learned from.
    """

    exposure: Exposure
    images: int = 0


def images_met(card: ModelCard, paths: Sequence[Path]) -> int | None:
    """Count the image files that a model learned from; None where its card does not tell.

    A file is known by its content: see `annotriage.images.fingerprint`. One that was saved anew is not found.
    """
    if card.data.learned is None:
        return None
    learned = unpacked(card.data.learned)
    return sum(fingerprint(path) in learned for path in paths)


def exposure_of(
    card: ModelCard,
    paths: Sequence[Path],
    table_sha256: str,
    split: Mapping[str, Any] | None = None,
    recipe: Mapping[str, Any] | None = None,
) -> Met:
    """Find out whether a model has learned from images: by the files themselves, else by its table and split.

    Parameters
    ----------
    card : ModelCard
        The model's.
    paths : sequence of Path
        The images on which it is measured.
    table_sha256 : str
        Of the table of labels.
    split, recipe : mapping, optional
        ``split.json`` and the recipe of the run whose test images these are.

    Returns
    -------
    Met
        SEEN: files among these were learned from. UNSEEN: the card names what was learned from and none of these files
        is it, or the same table was split in the same way. MAYBE: the same table, and nothing else is known, or more of
        its images than the model left for its test. UNKNOWN: another table, which may hold the same images.
    """
    met = images_met(card, paths)
    if met:
        return Met(Exposure.SEEN, met)
    if table_sha256 == card.data.table_sha256:
        unseen = _same_split(card, split, recipe) or (met == 0 and len(paths) <= card.data.test)
        return Met(Exposure.UNSEEN if unseen else Exposure.MAYBE)
    return Met(Exposure.UNKNOWN if met is None else Exposure.UNSEEN)


def _same_split(card: ModelCard, split: Mapping[str, Any] | None, recipe: Mapping[str, Any] | None) -> bool:
    """Tell whether a run split the card's table as the card's model did, so that their test images are the same."""
    if split is None or recipe is None:
        return False
    data = card.data
    sizes = (data.train, data.validation, data.test) == tuple(
        len(split.get(part, ())) for part in ("train", "validation", "test")
    )
    own = _split_recipe(recipe)
    together = sorted(data.grouped_by) == sorted(split.get("grouped_by", ()))
    return sizes and together and own is not None and own == _split_recipe(card.recipe)


def _split_recipe(recipe: Mapping[str, Any]) -> tuple[object, ...] | None:
    """Return all of a recipe that decides the split of a table; None: it does not say."""
    split = recipe.get("split")
    if not isinstance(split, Mapping):
        return None
    seed = split.get("seed")
    return (
        *(split.get(part) for part in ("train", "validation", "test", "folds", "fold")),
        recipe.get("seed") if seed is None else seed,
    )


def exposure_caution(card: ModelCard, paths: Sequence[Path], table_sha256: str) -> str | None:
    """Say what figures on these images are not: those of images that the model has not met.

    Parameters as of `exposure_of`.

    Returns
    -------
    str or None
        A sentence or two; None where nothing says that it has met any of them.
    """
    met = exposure_of(card, paths, table_sha256)
    better = "figures may be better than on images that it has not met."
    match met.exposure:
        case Exposure.SEEN:
            return (
                f"The model learned from {met.images:,} of the {counted(len(paths), 'images')}: the {better} "
                "Measure on others, or on the test part of its run (--split split.json)."
            )
        case Exposure.MAYBE if card.data.learned is None:
            return (
                f"The model learned from this very table ({card.data.train + card.data.validation:,} of its "
                f"{counted(card.data.images, 'images')}; its card does not say which): unless these are its test "
                f"images, "
                f"the {better}"
            )
        case Exposure.MAYBE:
            return (
                f"The model learned from this very table, all but {card.data.test:,} of its images; none of the "
                f"{counted(len(paths), 'files')} is one that it learned from, so they were saved anew since. "
                f"The {better}"
            )
        case Exposure.UNKNOWN:
            return "Whether the model learned from some of these images is not known: its card does not name them."
    return None
