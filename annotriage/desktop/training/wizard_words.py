"""What the wizard's rail and its primary button say of a plan."""

from typing import TYPE_CHECKING

from annotriage.desktop.training.wizard_pages import IMAGES, LABELS
from annotriage.wording import runs_text

if TYPE_CHECKING:
    from annotriage.trainings.plan import TrainingPlan
    from annotriage.trainings.training import Training


def start_words(plan: "TrainingPlan", *, waits: bool) -> str:
    """Say what starting a plan does; `waits`: another training goes first."""
    runs = len(plan.recipes) * plan.runs
    text = "Start training" if runs <= 1 else f"Start {runs_text(runs)}"
    if waits:
        text = "Train after the one under way"
    return text


def planned_words(training: "Training", place: int) -> str:
    """Say what was chosen on one of the first three pages."""
    if place == IMAGES:
        return training.data.images.name
    if place == LABELS:
        return training.data.labels.name
    models = ", ".join(training.models)
    return models if training.runs == 1 else f"{models}, {runs_text(training.runs)}"
