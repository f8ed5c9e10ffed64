"""What the health of labels comes to, in words."""

from annotriage.datasets.label_health import Doubt, LabelHealth, doubt_sentence
from annotriage.wording import images_text, number_text


def headline_text(health: LabelHealth) -> str:
    """Return the one sentence: how many images have a label."""
    return f"{number_text(health.matched)} of {images_text(health.images)} have a label that can be used"


def fact_rows(health: LabelHealth) -> list[tuple[str, str]]:
    """Return what is known of the images with a label, each a caption and a sentence."""
    told = []
    if health.matched:
        told.append(("To beat", _baselines(health)))
    if health.annotators:
        told.append(("People per image", _people(health.annotators)))
    told.append(("Patients, lesions", _groups(health)))
    if health.masks or health.further_masks:
        told.append(("Expert masks", _masks(health)))
    if health.without_label:
        words = "{images}; learned from only by recipes that use expert masks, like the bundled model’s"
        told.append(("Without a label", words.format(images=images_text(len(health.without_label)))))
    return told


def doubt_text(doubt: Doubt, health: LabelHealth) -> str:
    """Return what a doubt means for the person who trains, as the command line says it."""
    return doubt_sentence(doubt, health.dice, health.annotators, [health.largest_group])


def spread_text(health: LabelHealth) -> str:
    """Return what the histogram shows."""
    if not health.matched:
        return "No image has a label."
    return (
        f"Mean Dice of {images_text(health.matched)}: from {health.dice.min():.2f} to "
        f"{health.dice.max():.2f}, median {health.median:.2f}"
    )


def _baselines(health: LabelHealth) -> str:
    return (
        f"Always predicting the median ({health.median:.2f}) is off by {health.median_mae:.3f} on average "
        f"(MAE); always predicting the mean has an MSE of {health.mean_mse:.4f}"
    )


def _people(annotators: dict[int, int]) -> str:
    parts = [f"{people} on {images_text(count)}"
             for people, count in list(annotators.items())[:4]]  # fmt: skip
    rest = sum(list(annotators.values())[4:])
    if rest:
        parts.append(f"more on {images_text(rest)}")
    return ", ".join(parts)


def _groups(health: LabelHealth) -> str:
    if not health.grouped_by:
        return "not known; each image counts as a patient of its own"
    words = "{count} different ones, by {columns}; each stays on one side of the split. The largest has {images}"
    return words.format(
        count=number_text(health.groups),
        columns=" and ".join(health.grouped_by),
        images=images_text(health.largest_group),
    )


def _masks(health: LabelHealth) -> str:
    return (
        f"of {images_text(health.masks)} with a label, and of {number_text(health.further_masks)} without "
        "one that can be learned from as well"
    )
