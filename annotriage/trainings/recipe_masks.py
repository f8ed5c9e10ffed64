"""Whether there are the expert masks that a recipe learns from, and what to say where there are not."""

from typing import TYPE_CHECKING

from annotriage.wording import images_text, number_text

if TYPE_CHECKING:
    from annotriage.trainings.plan import TrainingPlan
    from annotriage.trainings.recipe_draft import RecipeDraft


def masks_lack(plan: "TrainingPlan") -> str:
    """Say in a few words what the masks lack for a recipe that learns to outline first; empty: nothing is known to."""
    if plan.masks is None:
        return "needs expert masks"
    if plan.further_masks is not None and plan.further_masks < _fewest():
        return "needs masks of more images without a label"
    return ""


def masks_missing(draft: "RecipeDraft", plan: "TrainingPlan") -> str:
    """Say in one sentence why a recipe cannot learn from the masks there are; empty: it can, or does not want to."""
    if not draft.needs_masks():
        return ""
    if plan.masks is None:
        return "This recipe learns from expert masks: choose their folder on the page Labels, or another recipe."
    if draft.has_mask_stage() and masks_lack(plan):
        words = (
            "This recipe learns from masks of images that have no label, and there are only {count} of these; at least "
            "{fewest} are needed. Add masks and images, or choose another recipe."
        )
        return words.format(count=images_text(plan.further_masks or 0), fewest=number_text(_fewest()))
    return ""


def _fewest() -> int:
    from annotriage.regressors.data.run_data import FEWEST_LABELLED

    return FEWEST_LABELLED
