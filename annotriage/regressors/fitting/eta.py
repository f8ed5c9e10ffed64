"""Remaining time of a run: its work, epoch by epoch, and the pace so far. No torch is needed here."""

from dataclasses import dataclass, field
from typing import Any

from annotriage.regressors.recipes.recipe import Recipe
from annotriage.runs.files import FIRST_MASK_STAGE, MASK_STAGE

VALIDATED = 0.4
"""Cost of an image for validation, relative to one for training."""

FEWEST_STEPS = 3


@dataclass(frozen=True, slots=True)
class ImageCounts:
    """Numbers of images by use.

    Attributes
    ----------
    train, validation : int
        With a label.
    masks : int
        With an expert mask that may be learned from.
    unlabelled : int
        Without a label, for the student.
    own_masks : int
        Of `masks`, those of images in the labelled ones' own folder.
    """

    train: int
    validation: int
    masks: int = 0
    unlabelled: int = 0
    own_masks: int = 0


def work_of(recipe: Recipe, images: ImageCounts, validated: float = VALIDATED) -> dict[str, list[float]]:
    """Return, stage by stage, the work of each epoch: images learned from, times the pixels of each.

    Parameters
    ----------
    recipe : Recipe
    images : ImageCounts
    validated : float
        Cost of an image for validation, relative to one for training.
    """
    area = float(recipe.image_size**2)
    beside = 1.0 + (1 / 3 if recipe.mask_head.enabled and images.masks else 0.0)
    work: dict[str, list[float]] = {}
    if recipe.mask_stage is not None:
        first = recipe.mask_stage.first
        if first is not None:
            work[FIRST_MASK_STAGE] = [images.masks * float(size**2) for size in first.image_sizes]
        own = images.masks if first is None else images.own_masks
        work[MASK_STAGE] = [own * float(size**2) for size in recipe.mask_stage.image_sizes]
    if recipe.distillation is None:
        work["fit"] = [(images.train * beside + images.validation * validated) * area] * recipe.fit.epochs
        return work
    how, learned = recipe.distillation, images.train + images.validation
    held_out = learned / how.folds
    for k in range(how.folds if how.teachers == "networks" else 0):  # the others take seconds
        work[f"teacher-{k + 1}"] = [
            ((learned - held_out) * beside + held_out * validated) * area
        ] * recipe.fit.epochs  # fmt: skip
    if not how.student_share:
        return work
    free = images.unlabelled if how.unlabelled else 0
    work["student"] = [(learned + free) * area] * how.fit.epochs
    return work


@dataclass(slots=True)
class TimeLeft:
    """Adds the remaining time to a run's events; at most, as any fit may end early.

    Attributes
    ----------
    work : dict of str to list of float
        See `work_of`.
    """

    work: dict[str, list[float]]
    _seconds: float = field(default=0.0, init=False)
    _done: float = field(default=0.0, init=False)

    def with_time(self, event: dict[str, Any]) -> dict[str, Any]:
        """Return the event, with ``seconds_left`` where that is known."""
        kind, epochs = event["event"], self.work.get(event.get("stage", ""))
        if kind not in ("epoch", "step") or epochs is None or not 1 <= event["epoch"] <= len(epochs):
            return event
        work = epochs[event["epoch"] - 1]
        share = 1.0 if kind == "epoch" else event["step"] / max(event["steps"], 1)
        seconds, done = self._seconds + event["seconds"], self._done + work * share
        if kind == "epoch":
            self._seconds, self._done = seconds, done
        elif not self._done and event["step"] < FEWEST_STEPS:
            return event  # the first steps of a process are slow, and say nothing of those that follow
        stages = list(self.work)
        left = work * (1 - share) + sum(epochs[event["epoch"] :])
        left += sum(sum(self.work[stage]) for stage in stages[stages.index(event["stage"]) + 1 :])
        return event | {"seconds_left": round(left * seconds / done, 1)}
