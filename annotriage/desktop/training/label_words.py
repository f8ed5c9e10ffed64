"""What the health of labels comes to, in words."""

from PySide6.QtCore import QCoreApplication

from annotriage.datasets.label_health import Doubt, LabelHealth, doubt_sentence
from annotriage.desktop.counting import images_text, number_text


def _tr(text: str) -> str:
    return QCoreApplication.translate("LabelHealth", text)


def headline(health: LabelHealth) -> str:
    """Return the one sentence: how many images have a label."""
    return _tr("{matched} of {images} have a label that can be used").format(
        matched=number_text(health.matched), images=images_text(health.images)
    )


def facts(health: LabelHealth) -> list[tuple[str, str]]:
    """Return what is known of the images with a label, each a caption and a sentence."""
    told = []
    if health.matched:
        told.append((_tr("To beat"), _baselines(health)))
    if health.annotators:
        told.append((_tr("People per image"), _people(health.annotators)))
    told.append((_tr("Patients, lesions"), _groups(health)))
    if health.masks or health.further_masks:
        told.append((_tr("Expert masks"), _masks(health)))
    if health.without_label:
        words = _tr("{images}; learned from only by recipes that use expert masks, like the bundled model’s")
        told.append((_tr("Without a label"), words.format(images=images_text(len(health.without_label)))))
    return told


def doubt_text(doubt: Doubt, health: LabelHealth) -> str:
    """Return what a doubt means for the person who trains, as the command line says it."""
    return doubt_sentence(doubt, health.dice, health.annotators, [health.largest_group])


def spread_text(health: LabelHealth) -> str:
    """Return what the histogram shows."""
    if not health.matched:
        return _tr("No image has a label.")
    return _tr("Mean Dice of {images}: from {low} to {high}, median {median}").format(
        images=images_text(health.matched),
        low=f"{health.dice.min():.2f}",
        high=f"{health.dice.max():.2f}",
        median=f"{health.median:.2f}",
    )


def _baselines(health: LabelHealth) -> str:
    return _tr(
        "Always predicting the median ({median}) is off by {mae} on average (MAE); always predicting the mean has an "
        "MSE of {mse}"
    ).format(median=f"{health.median:.2f}", mae=f"{health.median_mae:.3f}", mse=f"{health.mean_mse:.4f}")


def _people(annotators: dict[int, int]) -> str:
    parts = [_tr("{people} on {images}").format(people=people, images=images_text(count))
             for people, count in list(annotators.items())[:4]]  # fmt: skip
    rest = sum(list(annotators.values())[4:])
    if rest:
        parts.append(_tr("more on {images}").format(images=images_text(rest)))
    return ", ".join(parts)


def _groups(health: LabelHealth) -> str:
    if not health.grouped_by:
        return _tr("not known; each image counts as a patient of its own")
    words = _tr("{count} different ones, by {columns}; each stays on one side of the split. The largest has {images}")
    return words.format(
        count=number_text(health.groups),
        columns=_tr(" and ").join(health.grouped_by),
        images=images_text(health.largest_group),
    )


def _masks(health: LabelHealth) -> str:
    return _tr("of {labelled} with a label, and of {further} without one that can be learned from as well").format(
        labelled=images_text(health.masks), further=number_text(health.further_masks)
    )
