"""Whether a model has met the images on which it is measured."""

from collections.abc import Sequence
from pathlib import Path

from annotriage.images.fingerprint import fingerprint, unpacked
from annotriage.model_file.card import ModelCard


def images_met(card: ModelCard, paths: Sequence[Path]) -> int | None:
    """Count the image files that a model learned from; None where its card does not tell.

    A file is known by its content: see `annotriage.images.fingerprint`. One that was saved anew is not found.
    """
    if card.data.learned is None:
        return None
    learned = unpacked(card.data.learned)
    return sum(fingerprint(path) in learned for path in paths)


def exposure_caution(card: ModelCard, paths: Sequence[Path], table_sha256: str) -> str | None:
    """Say what figures on these images are not: those of images that the model has not met.

    Parameters
    ----------
    card : ModelCard
        The model's.
    paths : sequence of Path
        The images on which it is measured.
    table_sha256 : str
        Of the table of labels.

    Returns
    -------
    str or None
        A sentence or two; None where the card says that it has met none of them.
    """
    met = images_met(card, paths)
    same_table = table_sha256 == card.data.table_sha256
    if met:
        return (
            f"The model learned from {met:,} of these {len(paths):,} images: the figures are better than on images "
            "that it has not met. Measure on others, or on the test part of its run (--split split.json)."
        )
    if met is None and same_table:
        return (
            f"The model learned from this very table ({card.data.train + card.data.validation:,} of its "
            f"{card.data.images:,} images; its card does not say which): unless these are its test images, the "
            "figures are better than on images that it has not met."
        )
    if met is None:
        return "Whether the model learned from some of these images is not known: its card does not name them."
    return None
